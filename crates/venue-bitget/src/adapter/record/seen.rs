//! Orders and triggers as the exchange shows them: which are ours, where they stand, what is missing.
//!
//! A trigger that went off is a new order under a name of its own, a stop that an entry brought along has a name nobody
//! chose. Refuses to take an order for ours that more than one of ours could be.

use super::Record;
use super::life::{Extent, Life, Seen, Told, Trigger};
use crate::meaning::{Ending, OrderState, PlanKind, PlanState, PlanStatus, Status};
use crate::order_id::Origin;
use model::{
    CancelReason, Interval, Leg, OrderId, OrderKind, OrderRequest, PositionSide, Progress, Report, Time,
    TimeInForce,
};

/// Orders that a trigger made, before it is known which.
const CHILDREN_MAX: usize = 64;
/// A trigger that so many readings in a row did not find is gone.
const MISSING_MAX: u8 = 3;
/// Bitget takes what it will not have (a post-only order that would take) and ends it at once: such an order is called
/// accepted only after this.
const HESITATES: Interval = Interval(500);

impl Record {
    /// After a restart: the one stop that is nobody's on a side is the one stop of ours that was not found there. It may have
    /// been moved by words whose answer was never heard.
    pub(crate) fn adopt_stops(&mut self, plans: &[PlanState]) {
        for side in [PositionSide::Net, PositionSide::Long, PositionSide::Short] {
            let is_nobodys = |plan: &&PlanState| {
                plan.position_side == side
                    && matches!(plan.kind, PlanKind::Exit { stop: Some(_), .. })
                    && matches!(plan.origin, Origin::Foreign(_))
                    && self.register.whose(&plan.order_id).is_none()
            };
            let is_missing = |(id, life): &(&OrderId, &Life)| {
                id.leg == Leg::Stop
                    && life.progress == Progress::Taken
                    && life.request.position_side == side
                    && self.register.resting(**id).is_none()
            };
            let mut plans = plans.iter().filter(is_nobodys);
            let mut stops = self.lives.iter().filter(is_missing).map(|(id, _)| *id);
            if let (Some(plan), None, Some(id), None) =
                (plans.next(), plans.next(), stops.next(), stops.next())
            {
                self.register.adopt(&plan.order_id, id);
            }
        }
    }
    pub(super) fn accepted(&mut self, at: Time, id: OrderId) {
        let Some(life) = self.lives.get_mut(&id) else { return };
        let is_fickle = matches!(
            life.request.kind,
            OrderKind::Limit { tif: TimeInForce::PostOnly | TimeInForce::FillOrKill, .. }
        );
        if is_fickle && life.filled.0 == 0 && life.progress == Progress::Sent {
            let ripe_at = *life.ripe_at.get_or_insert(at + HESITATES);
            if at < ripe_at {
                return;
            }
        }
        if life.progress != Progress::Taken {
            let silent = life.filled.0 > 0 || life.trigger != Trigger::Waits;
            (life.progress, life.taken_at) = (Progress::Taken, at);
            if !silent {
                self.tell(at, Report::Accepted { id });
            }
        }
    }

    /// What was taken and is still there may be called accepted by now.
    pub(crate) fn ripen(&mut self, now: Time) {
        let is_ripe = |life: &Life| {
            life.progress == Progress::Sent
                && life.ending.is_none()
                && life.ripe_at.is_some_and(|at| at <= now)
        };
        let ripe: Vec<OrderId> =
            self.lives.iter().filter(|(_, life)| is_ripe(life)).map(|(id, _)| *id).collect();
        ripe.into_iter().for_each(|id| self.accepted(now, id));
    }

    /// When that is the case next.
    pub(crate) fn next_ripe(&self) -> Option<Time> {
        let waits = |life: &&Life| life.progress == Progress::Sent && life.ending.is_none();
        self.lives.values().filter(waits).filter_map(|life| life.ripe_at).min()
    }

    /// An order of the book as it stood then; its fill, if it tells of one, is for `executed`.
    pub(crate) fn saw_order(&mut self, seen: Seen, state: &OrderState) {
        let is_open = self.register.whose(&state.order_id).is_none() && !self.strange.knows(&state.order_id);
        if state.from_trigger && is_open {
            self.keep_child(state);
        }
        let Some(id) = self.register.saw_order(state) else {
            if state.way.forced.is_none() && !state.from_trigger {
                self.strange.is_new(&state.order_id);
            }
            return;
        };
        // The form of an order that another took the place of says nothing about it.
        let sent = match state.origin {
            Origin::Ours(sent) => sent.revision,
            Origin::Foreign(_) => u16::MAX,
        };
        let is_current = self.register.resting(id).is_none_or(|resting| sent >= resting.revision);
        if is_current {
            self.revive(id, state);
        }
        let Some(life) = self.lives.get_mut(&id).filter(|_| is_current) else { return };
        life.seen = life.seen.max(state.filled);
        (life.request.qty, life.extent, life.seen_at) = (state.qty, Extent::Own, state.updated_at);
        let moved = life.moved(seen, state.price);
        match &state.status {
            Status::Live | Status::PartlyFilled => self.accepted(state.updated_at, id),
            Status::Filled => life.seen = state.qty,
            Status::Ended(ending) => {
                let report = match *ending {
                    Ending::Refused(reason) if life.progress != Progress::Taken => {
                        Report::Rejected { id, reason }
                    }
                    Ending::Refused(_) => Report::Cancelled { id, reason: CancelReason::Unfilled },
                    Ending::Cancelled(reason) => Report::Cancelled { id, reason },
                };
                life.ending.get_or_insert(Told { at: state.updated_at, report, at_once: true });
            }
            Status::Unknown(_) => {}
        }
        if let (Some(price), Status::Live | Status::PartlyFilled) = (moved, &state.status) {
            self.tell(state.updated_at, Report::Amended { id, price });
        }
        self.conclude(id, false);
    }

    /// An order of ours that rests, and that was given up as never accepted: it was late, and has to be told of.
    fn revive(&mut self, id: OrderId, state: &OrderState) {
        let rests = matches!(state.status, Status::Live | Status::PartlyFilled);
        if !rests || state.from_trigger || self.lives.contains_key(&id) || self.over.contains(&id) {
            return;
        }
        let tif = TimeInForce::GoodTillCancelled;
        let request = OrderRequest {
            id,
            side: state.way.side,
            position_side: state.way.position_side,
            qty: state.qty,
            kind: state.price.map_or(OrderKind::Market, |price| OrderKind::Limit { price, tif }),
            reduce_only: id.leg != Leg::Own,
            bracket: None,
            one_cancels_other: None,
        };
        self.lives.insert(id, Life::new(request));
    }

    /// The order that a trigger became has a name of its own, and on unified accounts nothing says of which it is.
    fn keep_child(&mut self, state: &OrderState) {
        if let Some(id) = self.parent_of(state) {
            self.register.adopt(&state.order_id, id);
            self.lives.get_mut(&id).expect("a parent lives").trigger = Trigger::Became;
        } else if let Some(known) = self.children.iter_mut().find(|known| known.order_id == state.order_id) {
            *known = state.clone();
        } else {
            if self.children.len() >= CHILDREN_MAX {
                self.children.remove(0);
            }
            self.children.push(state.clone());
        }
    }

    /// The trigger that went off, or is not found any more, and goes this way; of several the one of this size.
    fn parent_of(&self, child: &OrderState) -> Option<OrderId> {
        let fits = |life: &Life| {
            let lost = life.trigger == Trigger::Waits && life.missing > 0;
            (life.trigger == Trigger::WentOff || lost)
                && life.is_trigger()
                && life.request.side == child.way.side
                && life.request.position_side == child.way.position_side
        };
        let fitting: Vec<(&OrderId, &Life)> = self.lives.iter().filter(|(_, life)| fits(life)).collect();
        match fitting[..] {
            [] => None,
            [(id, _)] => Some(*id),
            _ => {
                let mut of_size = fitting.iter().filter(|(_, life)| life.request.qty == child.qty);
                of_size.next().filter(|_| of_size.next().is_none()).map(|(id, _)| **id)
            }
        }
    }

    /// A trigger went off, or is gone: one of the orders that nobody knows may be what it became.
    fn find_child(&mut self, seen: Seen) {
        for child in std::mem::take(&mut self.children) {
            self.saw_order(seen, &child);
        }
    }

    /// A trigger as it stood then.
    pub(crate) fn saw_plan(&mut self, seen: Seen, now: Time, state: &PlanState) {
        let Some(id) = self.register.saw_plan(state) else { return };
        let Some(life) = self.lives.get_mut(&id) else { return };
        match &state.status {
            PlanStatus::Resting => {
                let price = match state.kind {
                    PlanKind::Exit { stop: Some(price), .. } | PlanKind::Free { trigger: price } => {
                        Some(price)
                    }
                    _ => None,
                };
                let moved = life.moved(seen, price);
                self.accepted(now, id);
                if let Some(price) = moved {
                    self.tell(now, Report::Amended { id, price });
                }
            }
            PlanStatus::Triggered { child } => {
                let was = life.trigger;
                life.trigger = match (was, child) {
                    (Trigger::Became, _) | (_, Some(_)) => Trigger::Became,
                    _ => Trigger::WentOff,
                };
                if was == Trigger::Waits {
                    self.tell(now, Report::Triggered { id });
                }
                self.find_child(seen);
            }
            PlanStatus::Failed | PlanStatus::Cancelled => {
                let reason = match (&state.status, life.leaving) {
                    (PlanStatus::Failed, _) => CancelReason::Vanished,
                    (_, true) => CancelReason::Requested,
                    (_, false) => CancelReason::PositionClosed,
                };
                let report = Report::Cancelled { id, reason };
                let at_once = life.leaving || state.status == PlanStatus::Failed;
                life.ending.get_or_insert(Told { at: now, report, at_once });
                self.conclude(id, false);
            }
            PlanStatus::Unknown(_) => {}
        }
    }
    /// Everything was read that began to be read then, and these of our orders rest: what is missing is counted, and told
    /// once nothing else can have become of it. The exchange's ids, or ours, of orders to be looked up.
    pub(crate) fn missing(&mut self, began: Time, now: Time, rests: &[OrderId]) -> Vec<OrderId> {
        self.give_up_claims(now);
        let mut wanted = Vec::new();
        for (id, life) in &mut self.lives {
            let was_there = life.progress == Progress::Taken && life.taken_at < began;
            if !was_there || rests.contains(id) || life.ending.is_some() || life.trigger != Trigger::Waits {
                life.missing = 0;
                continue;
            }
            life.missing = life.missing.saturating_add(1);
            if !life.is_trigger() {
                wanted.push(*id);
            }
        }
        self.find_child(Seen::Listed { asked_at: Time(i64::MIN) });
        self.claim();
        let unclaimed = !self.waiting.is_empty();
        let gone = |life: &Life| {
            life.missing >= MISSING_MAX && life.is_trigger() && life.trigger == Trigger::Waits && !unclaimed
        };
        let gone: Vec<OrderId> =
            self.lives.iter().filter(|(_, life)| gone(life)).map(|(id, _)| *id).collect();
        for id in gone {
            let report = Report::Cancelled { id, reason: CancelReason::Vanished };
            let told = Told { at: now, report, at_once: true };
            self.lives.get_mut(&id).expect("it was just found").ending = Some(told);
            self.conclude(id, true);
        }
        wanted
    }
}
