//! What the exchange says of an account, told as numbered reports, each thing once.
//!
//! The same fill comes over two sockets and two lists, an order may end before its fills are heard, a stop comes to life
//! under an id nobody chose: here all of it becomes one sequence. An end is told only when every fill before it is. Refuses
//! to tell of an order that is over, and to tell of a fill before it is known whose it was.

use crate::meaning::{
    Ending, Execution, Forced, OrderState, PlanKind, PlanState, PlanStatus, Settled, Status,
};
use crate::order_id::Origin;
use crate::register::Register;
use crate::request::{Place, rungs};
use crate::stream::Once;
use crate::wire::Generation;
use model::{
    Bracket, CancelReason, Fill, Interval, Known, KnownOrder, Leg, Mark, OrderId, OrderKind, OrderRequest,
    PositionMode, PositionSide, Price, Progress, Qty, Rate, Report, TARGETS_MAX, Target, Time, TimeInForce,
    Usd,
};
use std::collections::{BTreeMap, VecDeque};

/// The most reports of one answer: who has missed more asks again.
const HISTORY_MAX: usize = 100;
/// Fills that are not told yet; nobody's are the oldest beyond it.
const WAITING_MAX: usize = 1_024;
/// Nobody asks whose an execution is for longer: it is not ours.
const CLAIMED_WITHIN: Interval = Interval(60_000);
/// Orders that a trigger made, before it is known which.
const CHILDREN_MAX: usize = 64;
/// A trigger that so many readings in a row did not find is gone.
const MISSING_MAX: u8 = 3;
/// Bitget takes what it will not have (a post-only order that would take) and ends it at once: such an order is called
/// accepted only after this.
const HESITATES: Interval = Interval(500);
/// A takeover whose bill has not come is told without after so long.
const SETTLED_WITHIN: Interval = Interval(5_000);

/// How large an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// As large as it was asked to be, or as the exchange says.
    Own,
    /// As the position it protects; its size comes with its fills.
    Position,
}

/// How far a trigger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trigger {
    Waits,
    /// It went off; which order it became is not known.
    WentOff,
    /// That is known too.
    Became,
}

/// One order of ours that may still say something.
#[derive(Clone, Debug)]
struct Life {
    request: OrderRequest,
    extent: Extent,
    progress: Progress,
    /// Told, or heard before this process.
    filled: Qty,
    /// What was told to be left.
    left: Option<Qty>,
    /// What has filled by the exchange's count, and when that was so.
    seen: Qty,
    seen_at: Time,
    trigger: Trigger,
    /// Since when it is known to be there, by the exchange's clock.
    taken_at: Time,
    /// Readings in a row that did not find it.
    missing: u8,
    /// When it may be called accepted, if nothing is heard of it before.
    ripe_at: Option<Time>,
    /// When it was last heard of on a socket: what was listed before that is older.
    heard_at: Time,
    /// We asked for its end.
    leaving: bool,
    /// How it ended; told when all its fills are.
    ending: Option<Told>,
}

/// How something of the exchange's came to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// On a socket, now.
    Pushed(Time),
    /// In a list that was asked for then: what was pushed since is newer.
    Listed { asked_at: Time },
}

/// How an order's end is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    at: Time,
    report: Report,
    /// It may be told before the next reading; what went away by itself waits for the fills that explain it.
    at_once: bool,
}

/// A takeover, until the bill that settles it is read.
#[derive(Clone, Debug)]
struct Takeover {
    at: Time,
    position_side: PositionSide,
    qty: Qty,
    price: Price,
    fee: Usd,
}

/// The record of one account.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) register: Register,
    mode: PositionMode,
    /// Number of the first report that is kept.
    first: u64,
    log: VecDeque<(Time, Report)>,
    lives: BTreeMap<OrderId, Life>,
    trades: Once,
    bills: Once,
    funded: (Time, usize),
    /// Fills that are not told yet, in the order they happened in.
    waiting: Vec<Execution>,
    /// Fills that were heard before this process, until what happened was read.
    heard: Vec<Fill>,
    /// Orders that a trigger made, and nobody knows which.
    children: Vec<OrderState>,
    /// Orders of the exchange's that are nobody's here.
    strange: Once,
    takeovers: Vec<Takeover>,
    /// What is held by side, as far as it was told: funding is told on it.
    held: [Qty; 2],
    /// Exits to be placed for an entry that is complete.
    pub(crate) due: Vec<OrderRequest>,
    /// Orders to be taken back, because what they belong to is over.
    pub(crate) stale: Vec<OrderId>,
}

impl Record {
    /// From what the farm knows.
    pub(crate) fn new(known: &Known, mode: PositionMode) -> Record {
        let mut record = Record {
            register: Register::new(),
            mode,
            first: known.heard + 1,
            log: VecDeque::new(),
            lives: BTreeMap::new(),
            trades: Once::default(),
            bills: Once::default(),
            funded: known.funded,
            waiting: Vec::new(),
            heard: known.fills.clone(),
            children: Vec::new(),
            strange: Once::default(),
            takeovers: Vec::new(),
            held: [Qty::ZERO; 2],
            due: Vec::new(),
            stale: Vec::new(),
        };
        for order in &known.orders {
            record.remember(order, &known.orders);
        }
        record
    }

    fn remember(&mut self, order: &KnownOrder, all: &[KnownOrder]) {
        let position_side = match (self.mode, order.reduce_only) {
            (PositionMode::OneWay, _) => PositionSide::Net,
            (PositionMode::Hedge, false) => self.mode.opened_by(order.side),
            (PositionMode::Hedge, true) => self.mode.opened_by(order.side.opposite()),
        };
        let kind = match (order.id.leg, order.price) {
            (Leg::Stop, Some(trigger)) => OrderKind::StopMarket { trigger },
            (_, Some(price)) => OrderKind::Limit { price, tif: TimeInForce::GoodTillCancelled },
            (_, None) => OrderKind::Market,
        };
        let request = OrderRequest {
            id: order.id,
            side: order.side,
            position_side,
            qty: order.qty,
            kind,
            reduce_only: order.reduce_only,
            bracket: bracket_of(order.id, all),
            one_cancels_other: None,
        };
        if let (Leg::Stop, Some(stop)) = (order.id.leg, order.price) {
            self.register.expect_stop(order.id.with_leg(Leg::Own), stop, position_side);
        }
        let life = Life { progress: order.progress, filled: order.filled, ..Life::new(request) };
        self.lives.insert(order.id, life);
    }

    // What is asked.

    /// A new order is on its way.
    pub(crate) fn sent(&mut self, order: &OrderRequest) {
        self.register.sent(order);
        self.lives.entry(order.id).or_insert_with(|| Life::new(*order)).progress = Progress::Sent;
        let Some(bracket) = order.bracket else { return };
        let leg = |leg, qty, kind| OrderRequest {
            id: order.id.with_leg(leg),
            side: order.side.opposite(),
            qty,
            kind,
            reduce_only: true,
            bracket: None,
            ..*order
        };
        let stop = leg(Leg::Stop, order.qty, OrderKind::StopMarket { trigger: bracket.stop });
        for leg in std::iter::once(stop).chain(rungs(order, order.qty)) {
            let life = Life { progress: Progress::Attached, ..Life::new(leg) };
            self.lives.entry(leg.id).or_insert(life);
        }
    }

    /// It was acknowledged, perhaps under an id.
    pub(crate) fn taken(&mut self, now: Time, id: OrderId, order_id: Option<&str>) {
        if let Some(order_id) = order_id {
            self.register.taken(id, order_id);
        }
        self.accepted(now, id);
    }

    /// It was refused.
    pub(crate) fn refused(&mut self, now: Time, id: OrderId, report: Report) {
        self.register.refused(id);
        if self.lives.remove(&id).is_some() {
            self.forget_legs(id);
            self.tell(now, report);
        }
    }

    /// An amendment was taken. What rests says itself where it stands now; the stop an entry will bring along does not.
    pub(crate) fn moved(&mut self, at: Time, id: OrderId, price: Price, generation: Generation) {
        let is_preset = self.register.resting(id).is_some_and(|resting| resting.place == Place::Preset);
        self.register.amended(id, generation);
        if let Some(life) = self.lives.get_mut(&id).filter(|_| is_preset) {
            life.request.kind = OrderKind::StopMarket { trigger: price };
            self.register.expect_stop(id.with_leg(Leg::Own), price, life.request.position_side);
            self.tell(at, Report::Amended { id, price });
        }
    }

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

    /// It was never accepted, and is not there.
    pub(crate) fn never_accepted(&mut self, id: OrderId) {
        self.register.refused(id);
        self.lives.remove(&id);
        self.forget_legs(id);
    }

    /// Whether it is known to have been taken, or to be over.
    pub(crate) fn is_answered(&self, id: OrderId) -> bool {
        self.lives.get(&id).is_none_or(|life| life.progress == Progress::Taken || life.ripe_at.is_some())
    }

    /// We ask for its end.
    pub(crate) fn leaving(&mut self, id: OrderId) {
        if let Some(life) = self.lives.get_mut(&id) {
            life.leaving = true;
        }
    }

    // What is heard.

    fn accepted(&mut self, at: Time, id: OrderId) {
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
        if state.from_trigger && self.register.whose(&state.order_id).is_none() {
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

    /// Which of these were heard before this process: the exchange gives fills no number, but whose they were, which way they
    /// went, where and for what fee is enough. The others are told.
    pub(crate) fn recognise(&mut self, executions: &[Execution]) {
        let mut heard = std::mem::take(&mut self.heard);
        for execution in executions.iter().filter(|execution| execution.way.forced.is_none()) {
            let id = self.whose(execution);
            let same = |fill: &&Fill| {
                let whose = id.map_or(fill.id.leg == Leg::Stop, |id| fill.id == id);
                let paid = (fill.price, fill.fee) == (execution.price, execution.fee);
                whose
                    && paid
                    && (fill.position_side, fill.qty) == (execution.way.position_side, execution.change())
            };
            if let Some(at) = heard.iter().position(|fill| same(&fill)) {
                let fill = heard.swap_remove(at);
                self.register.adopt(&execution.order_id, fill.id);
                self.trades.is_new(&execution.trade_id);
            }
        }
    }

    /// A fill, from wherever it was heard. They are told in the order they happened in, because what a position has gained
    /// depends on it: one whose order is not known holds up those behind it.
    pub(crate) fn executed(&mut self, executions: &[Execution]) {
        executions.iter().for_each(|execution| self.line_up(execution));
        self.claim();
    }

    fn line_up(&mut self, execution: &Execution) {
        let is_told = self.trades.knows(&execution.trade_id) || self.strange.knows(&execution.order_id);
        if is_told || self.waiting.iter().any(|waiting| waiting.trade_id == execution.trade_id) {
            return;
        }
        let key = |execution: &Execution| (execution.at, number(&execution.trade_id));
        let at = self.waiting.iter().position(|waiting| key(waiting) > key(execution));
        self.waiting.insert(at.unwrap_or(self.waiting.len()), execution.clone());
        if self.waiting.len() > WAITING_MAX {
            let oldest = self.waiting.remove(0);
            self.strange.is_new(&oldest.order_id);
        }
    }

    /// Tells the fills of which it is known whose they are, up to the first of which it is not.
    pub(crate) fn claim(&mut self) {
        while let Some(execution) = self.waiting.first() {
            if self.strange.knows(&execution.order_id) {
                self.waiting.remove(0);
                continue;
            }
            let forced = execution.way.forced;
            let id = if forced.is_some() { None } else { self.whose(execution) };
            let sized = |id: OrderId| self.lives.get(&id).is_none_or(|life| life.extent == Extent::Own);
            if forced.is_none() && !id.is_some_and(sized) {
                return;
            }
            let execution = self.waiting.remove(0);
            if !self.trades.is_new(&execution.trade_id) {
                continue;
            }
            match (forced, id) {
                (Some(Forced::Deleveraging), _) => {
                    self.hold(execution.way.position_side, execution.change());
                    let report = execution.deleveraged().expect("this is one");
                    self.tell(execution.at, report);
                }
                (Some(_), _) => self.taken_over(&execution),
                (None, Some(id)) => self.filled(id, &execution),
                (None, None) => unreachable!("whose it is was just found out"),
            }
        }
    }

    fn whose(&self, execution: &Execution) -> Option<OrderId> {
        match execution.origin {
            Origin::Ours(sent) => Some(sent.order),
            Origin::Foreign(_) => self.register.whose(&execution.order_id),
        }
    }

    fn taken_over(&mut self, execution: &Execution) {
        let Execution { at, price, fee, way, .. } = *execution;
        self.hold(way.position_side, execution.change());
        let (position_side, qty) = (way.position_side, execution.change());
        self.takeovers.push(Takeover { at, position_side, qty, price, fee });
    }

    fn filled(&mut self, id: OrderId, execution: &Execution) {
        // Of what is over everything was told.
        let Some(life) = self.lives.get_mut(&id) else { return };
        life.filled += execution.qty;
        life.progress = Progress::Taken;
        life.seen = life.seen.max(life.filled);
        let remaining = Qty((life.request.qty.0 - life.filled.0).max(0));
        life.left = Some(remaining);
        let (position_side, qty) = (execution.way.position_side, execution.change());
        let Execution { price, fee, liquidity, at, .. } = *execution;
        self.hold(position_side, qty);
        self.tell(at, Report::Filled(Fill { id, position_side, qty, price, fee, liquidity, remaining }));
        self.conclude(id, false);
    }

    fn hold(&mut self, side: PositionSide, qty: Qty) {
        self.held[usize::from(side == PositionSide::Short)] += qty;
    }

    /// The fill whose order is not known: the exchange's id to ask about.
    pub(crate) fn unclaimed(&self) -> Option<&str> {
        self.waiting.first().map(|execution| execution.order_id.as_str())
    }

    /// Fills that nobody claimed for so long are not ours.
    fn give_up_claims(&mut self, now: Time) {
        for execution in self.waiting.iter().filter(|execution| now - execution.at >= CLAIMED_WITHIN) {
            if execution.way.forced.is_none() && self.whose(execution).is_none() {
                self.strange.is_new(&execution.order_id);
            }
        }
        let strange = &self.strange;
        self.children.retain(|child| !strange.knows(&child.order_id));
    }

    /// An order that was looked up is not ours.
    pub(crate) fn is_strange(&mut self, order_id: &str) {
        self.strange.is_new(order_id);
    }

    /// A settled funding instant.
    pub(crate) fn funded(&mut self, settled: &Settled) {
        if settled.at < self.funded.0 || !self.bills.is_new(&settled.id) {
            return;
        }
        if settled.at == self.funded.0 && self.funded.1 > 0 {
            self.funded.1 -= 1;
            return;
        }
        let short = self.held[1].0 != 0 && (self.held[0].0 == 0 || settled.amount.0 > 0);
        let position_side = match (self.mode, short) {
            (PositionMode::OneWay, _) => PositionSide::Net,
            (PositionMode::Hedge, true) => PositionSide::Short,
            (PositionMode::Hedge, false) => PositionSide::Long,
        };
        let position = self.held[usize::from(short)];
        let (mark, rate, amount) = (Mark::ZERO, Rate::ZERO, settled.amount);
        self.tell(settled.at, Report::Funding { position_side, position, mark, rate, amount });
    }

    /// What takeovers came to beside their fills: told once the bill was read, or does not come.
    pub(crate) fn seized(&mut self, now: Time, mut settlements: Vec<Settled>) {
        if self.takeovers.is_empty() {
            return;
        }
        settlements.retain(|settled| self.bills.is_new(&settled.id));
        let takeovers = std::mem::take(&mut self.takeovers);
        for takeover in takeovers {
            let bill = settlements.iter().position(|settled| settled.at >= takeover.at);
            if bill.is_none() && now - takeover.at < SETTLED_WITHIN {
                self.takeovers.push(takeover);
                continue;
            }
            let settlement = bill.map_or(Usd::ZERO, |bill| settlements.remove(bill).amount);
            let Takeover { at, position_side, qty, price, fee } = takeover;
            self.tell(at, Report::Liquidated { position_side, qty, price, fee, settlement });
        }
    }

    /// Whether a takeover waits for its bill.
    pub(crate) fn has_takeovers(&self) -> bool {
        !self.takeovers.is_empty()
    }

    /// Whether a reading is needed soon: something is known to have happened that is not told.
    pub(crate) fn wants_reading(&self) -> bool {
        let waits = |life: &Life| life.ending.is_some() || life.filled < life.seen || life.missing > 0;
        !self.takeovers.is_empty() || !self.waiting.is_empty() || self.lives.values().any(waits)
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

    /// Everything that was listed is taken in: what waited for its fills is told.
    pub(crate) fn read(&mut self) {
        let ids: Vec<OrderId> = self.lives.keys().copied().collect();
        ids.into_iter().for_each(|id| self.conclude(id, true));
    }

    /// Tells an end if everything before it is told.
    fn conclude(&mut self, id: OrderId, was_read: bool) {
        let Some(life) = self.lives.get(&id) else { return };
        let complete = life.filled >= life.seen;
        let whole = life.extent == Extent::Own && life.filled >= life.request.qty;
        let told = life.ending.filter(|told| complete && (told.at_once || was_read));
        if !whole && told.is_none() {
            return;
        }
        let life = self.lives.remove(&id).expect("it was just looked at");
        if let Some(told) = told.filter(|_| !whole) {
            self.tell(told.at, told.report);
        } else if life.left.is_some_and(|left| left.0 > 0) {
            // It was cut to what could be closed after its fills were told.
            self.tell(life.seen_at, Report::Cancelled { id, reason: CancelReason::Unfilled });
        }
        match id.leg {
            Leg::Own if life.filled.0 == 0 => self.forget_legs(id),
            Leg::Own => self.due.extend(rungs(&life.request, life.filled)),
            Leg::Stop if life.filled.0 > 0 => {
                // A stop that filled leaves its entry and its ladder nothing to do.
                let same = |other: &&OrderId| other.with_leg(Leg::Stop) == id;
                self.stale.extend(self.lives.keys().filter(same).copied());
                self.due.retain(|rung| rung.id.with_leg(Leg::Stop) != id);
            }
            _ => {}
        }
    }

    fn forget_legs(&mut self, entry: OrderId) {
        self.lives.retain(|id, life| {
            id.with_leg(Leg::Own) != entry || life.progress != Progress::Attached || id.leg == Leg::Own
        });
    }

    /// Legs of complete entries that nobody has placed: after a restart between a fill and its ladder.
    pub(crate) fn rungs_missing(&self) -> Vec<OrderRequest> {
        let is_missing = |(id, life): &(&OrderId, &Life)| {
            matches!(id.leg, Leg::Target(_))
                && life.progress == Progress::Attached
                && !self.lives.contains_key(&id.with_leg(Leg::Own))
                && self
                    .lives
                    .get(&id.with_leg(Leg::Stop))
                    .is_some_and(|stop| stop.progress == Progress::Taken)
        };
        self.lives.iter().filter(is_missing).map(|(_, life)| life.request).collect()
    }

    // What is told.

    fn tell(&mut self, at: Time, report: Report) {
        self.log.push_back((at, report));
    }

    /// A request of the farm's about an order that rests, or does not, was refused.
    pub(crate) fn objected(&mut self, at: Time, report: Report) {
        self.tell(at, report);
    }

    /// The number of the last report.
    pub(crate) fn last(&self) -> u64 {
        self.first - 1 + self.log.len() as u64
    }

    /// The reports after a number, at most so many; what was asked after is not asked for again.
    pub(crate) fn history(&mut self, after: u64) -> Vec<(u64, Time, Report)> {
        while self.first <= after && self.log.pop_front().is_some() {
            self.first += 1;
        }
        let numbered = self.log.iter().zip(self.first..);
        numbered.take(HISTORY_MAX).map(|(&(at, report), number)| (number, at, report)).collect()
    }

    /// Those after a number, to be told as they came.
    pub(crate) fn news(&self, after: u64) -> impl Iterator<Item = (u64, Time, Report)> + '_ {
        let numbered = self.log.iter().zip(self.first..).filter(move |(_, number)| *number > after);
        numbered.map(|(&(at, report), number)| (number, at, report))
    }
}

impl Life {
    /// Whether it rests as a trigger.
    fn is_trigger(&self) -> bool {
        !matches!(self.request.kind, OrderKind::Market | OrderKind::Limit { .. })
    }

    /// Where it stands now, if that is news.
    fn moved(&mut self, seen: Seen, to: Option<Price>) -> Option<Price> {
        match seen {
            Seen::Pushed(now) => self.heard_at = now,
            Seen::Listed { asked_at } if self.heard_at >= asked_at => return None,
            Seen::Listed { .. } => {}
        }
        let price = match &mut self.request.kind {
            OrderKind::Limit { price, .. } | OrderKind::StopMarket { trigger: price } => price,
            _ => return None,
        };
        let to = to.filter(|to| to != price)?;
        *price = to;
        (self.progress == Progress::Taken).then_some(to)
    }

    fn new(request: OrderRequest) -> Life {
        Life {
            request,
            extent: if request.id.leg == Leg::Stop { Extent::Position } else { Extent::Own },
            progress: Progress::Sent,
            filled: Qty::ZERO,
            left: None,
            seen: Qty::ZERO,
            seen_at: Time(0),
            trigger: Trigger::Waits,
            taken_at: Time(i64::MIN),
            missing: 0,
            ripe_at: None,
            heard_at: Time(i64::MIN),
            leaving: false,
            ending: None,
        }
    }
}

/// Ids of trades ascend, where they are numbers.
fn number(id: &str) -> u64 {
    id.parse().unwrap_or(u64::MAX)
}

/// The bracket an entry was sent with, out of the legs that wait for it.
fn bracket_of(entry: OrderId, all: &[KnownOrder]) -> Option<Bracket> {
    let leg = |leg| all.iter().find(|order| entry.leg == Leg::Own && order.id == entry.with_leg(leg));
    let stop = leg(Leg::Stop)?.price?;
    let mut targets = [Target::default(); TARGETS_MAX];
    for (number, target) in (0_u8..).zip(&mut targets) {
        if let Some(KnownOrder { price: Some(price), qty, .. }) = leg(Leg::Target(number)).copied() {
            *target = Target { price, qty };
        }
    }
    Some(Bracket { stop, targets })
}
