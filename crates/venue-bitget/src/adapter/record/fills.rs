//! Fills, each told once and in the order they happened in, and money that moves without one.
//!
//! Refuses to tell of a fill before it is known whose it was: those behind it wait.

use super::Record;
use super::life::Extent;
use crate::meaning::{Execution, Forced, OrderState, Settled};
use crate::order_id::Origin;
use model::{
    Fill, Interval, Leg, Mark, OrderId, PositionMode, PositionSide, Price, Progress, Qty, Rate, Report, Time,
    Usd,
};
use std::collections::BTreeSet;

/// Fills that are not told yet; nobody's are the oldest beyond it.
const WAITING_MAX: usize = 1_024;
/// Readings ask for so long whose a fill is that they have found; where the exchange does not know either, it is not ours.
const CLAIMED_WITHIN: Interval = Interval(60_000);
/// A farm hears of a fill when it happened or later; the instants of a socket and of a list may differ by so much.
const HEARD_BEFORE_MAX: Interval = Interval(1_000);
/// A takeover whose bill has not come is told without after so long.
const SETTLED_WITHIN: Interval = Interval(5_000);

/// A takeover, until the bill that settles it is read.
#[derive(Clone, Debug)]
pub(super) struct Takeover {
    at: Time,
    position_side: PositionSide,
    qty: Qty,
    price: Price,
    fee: Usd,
}

impl Record {
    /// Which of these were heard before this process: the exchange gives fills no number, but whose they were, which way they
    /// went, where and for what fee is enough. The others are told.
    pub(crate) fn recognise(&mut self, executions: &[Execution], ended: &[OrderState]) {
        // A fill of a classic account names the exchange's id only; the order's row says whose that is.
        for state in ended {
            if let Origin::Ours(sent) = state.origin {
                self.register.adopt(&state.order_id, sent.order);
            }
        }
        let mut forced = std::mem::take(&mut self.forced);
        for execution in executions.iter().filter(|execution| execution.way.forced.is_some()) {
            if let Some(at) = forced.iter().position(|report| is_of(report, execution)) {
                forced.swap_remove(at);
                self.trades.is_new(&execution.trade_id);
            }
        }
        let heard = std::mem::take(&mut self.heard);
        let others = self.recognise_fills(executions, heard, Interval(0));
        // Lists lag: one that is not listed yet is recognised when it is.
        self.heard = self.recognise_fills(executions, others, Interval(i64::MAX));
    }

    /// Lays fills that were heard over those listed, each over the nearest that fits. An order that fills in parts has many that
    /// differ in their instant alone: the wrong one would be told again in the place of the right one, and what a position
    /// has gained would be another sum. Returns those without one.
    fn recognise_fills(
        &mut self,
        executions: &[Execution],
        heard: Vec<(Time, Fill)>,
        off_max: Interval,
    ) -> Vec<(Time, Fill)> {
        let off = |execution: &Execution, at: Time| Interval((execution.at - at).0.abs());
        let mut unknown = Vec::new();
        for (at, fill) in heard {
            let fits = executions.iter().filter(|execution| {
                off(execution, at) <= off_max
                    // One of long ago may be like one that nobody has heard of.
                    && execution.at <= at + HEARD_BEFORE_MAX
                    && self.is_fill(&fill, execution)
                    && !self.trades.knows(&execution.trade_id)
            });
            match fits.min_by_key(|execution| (off(execution, at), number(&execution.trade_id))) {
                Some(execution) => {
                    self.register.adopt(&execution.order_id, fill.id);
                    self.trades.is_new(&execution.trade_id);
                }
                None => unknown.push((at, fill)),
            }
        }
        unknown
    }

    /// Whether a fill that was heard can be this one.
    fn is_fill(&self, fill: &Fill, execution: &Execution) -> bool {
        let went = (fill.position_side, fill.qty) == (execution.way.position_side, execution.change());
        let paid = (fill.price, fill.fee) == (execution.price, execution.fee);
        let whose = || self.whose(execution).map_or(fill.id.leg == Leg::Stop, |id| fill.id == id);
        execution.way.forced.is_none() && went && paid && whose()
    }

    /// A fill, from wherever it was heard. They are told in the order they happened in, because what a position has gained
    /// depends on it: one whose order is not known holds up those behind it.
    pub(crate) fn executed(&mut self, executions: &[Execution]) {
        executions.iter().for_each(|execution| self.line_up(execution));
        self.claim();
    }

    fn line_up(&mut self, execution: &Execution) {
        let is_told = self.trades.knows(&execution.trade_id) || self.is_nobodys(execution);
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
            if self.is_nobodys(execution) {
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

    /// Whether it was found to be nobody's here, and nothing was found out since.
    fn is_nobodys(&self, execution: &Execution) -> bool {
        self.strange.knows(&execution.order_id) && self.whose(execution).is_none()
    }

    fn taken_over(&mut self, execution: &Execution) {
        let Execution { at, price, fee, way, .. } = *execution;
        self.hold(way.position_side, execution.change());
        let (position_side, qty) = (way.position_side, execution.change());
        self.takeovers.push(Takeover { at, position_side, qty, price, fee });
    }

    fn filled(&mut self, id: OrderId, execution: &Execution) {
        let Some(life) = self.lives.get_mut(&id) else {
            // Given up as never accepted, by us or by the farm before this process, and done all the same: money is money.
            let (position_side, qty) = (execution.way.position_side, execution.change());
            let Execution { price, fee, liquidity, at, .. } = *execution;
            self.hold(position_side, qty);
            let fill = Fill { id, position_side, qty, price, fee, liquidity, remaining: Qty::ZERO };
            return self.tell(at, Report::Filled(fill));
        };
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

    /// Orders that fills wait for: the exchange's ids, to ask about.
    pub(crate) fn unclaimed(&self) -> BTreeSet<&str> {
        self.waiting.iter().map(|execution| execution.order_id.as_str()).collect()
    }

    /// Orders that fills name, here or in this list, and of which nobody knows whose they are.
    pub(crate) fn unnamed<'a>(&'a self, listed: &'a [Execution]) -> impl Iterator<Item = &'a str> {
        let is_unnamed = |execution: &&'a Execution| {
            execution.way.forced.is_none()
                && self.whose(execution).is_none()
                && !self.trades.knows(&execution.trade_id)
                && !self.strange.knows(&execution.order_id)
        };
        self.waiting.iter().chain(listed).filter(is_unnamed).map(|execution| execution.order_id.as_str())
    }

    /// A reading is whole, and asked about every order that a fill names: fills that nobody claims for so long are not ours,
    /// however old they are themselves.
    pub(super) fn give_up_claims(&mut self, now: Time) {
        let open = self.waiting.iter().filter(|execution| execution.way.forced.is_none());
        let open: BTreeSet<&str> =
            open.filter(|one| self.whose(one).is_none()).map(|one| one.order_id.as_str()).collect();
        self.claims.retain(|order, _| open.contains(order.as_str()));
        let open: Vec<String> = open.into_iter().map(str::to_owned).collect();
        for order in open {
            if now - *self.claims.entry(order.clone()).or_insert(now) >= CLAIMED_WITHIN {
                self.strange.is_new(&order);
            }
        }
        let strange = &self.strange;
        self.children.retain(|child| !strange.knows(&child.order_id));
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

    /// What takeovers came to beside their fills, after all bills were read from the first of them on: told once the bill is
    /// there, or does not come.
    pub(crate) fn seized(&mut self, began: Time, mut settlements: Vec<Settled>) {
        if self.takeovers.is_empty() {
            return;
        }
        settlements.retain(|settled| self.bills.is_new(&settled.id));
        settlements.sort_by_key(|settled| settled.at);
        let takeovers = std::mem::take(&mut self.takeovers);
        for takeover in takeovers {
            let bill = settlements.iter().position(|settled| settled.at >= takeover.at);
            if bill.is_none() && began - takeover.at < SETTLED_WITHIN {
                self.takeovers.push(takeover);
                continue;
            }
            let settlement = bill.map_or(Usd::ZERO, |bill| settlements.remove(bill).amount);
            let Takeover { at, position_side, qty, price, fee } = takeover;
            self.tell(at, Report::Liquidated { position_side, qty, price, fee, settlement });
        }
    }

    /// When the first of the takeovers happened that wait for their bills.
    pub(crate) fn unsettled_since(&self) -> Option<Time> {
        self.takeovers.iter().map(|takeover| takeover.at).min()
    }
}

/// Whether a takeover or deleveraging that was heard is this one.
fn is_of(report: &Report, execution: &Execution) -> bool {
    match *report {
        Report::Liquidated { position_side, qty, price, .. }
        | Report::Deleveraged { position_side, qty, price } => {
            (position_side, qty, price) == (execution.way.position_side, execution.change(), execution.price)
        }
        _ => false,
    }
}

/// Ids of trades ascend, where they are numbers.
fn number(id: &str) -> u64 {
    id.parse().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::Way;
    use model::{AccountId, BotId, Known, Liquidity, Side};

    const ID: OrderId = OrderId { bot: BotId(3), epoch: 1, decision: 60, leg: Leg::Own };

    /// One lot of an order that sells, sold then.
    fn sold(second: i64, price: i64) -> Execution {
        Execution {
            trade_id: format!("{}", 100 + second),
            order_id: "7".to_owned(),
            origin: Origin::Ours(crate::order_id::Sent { order: ID, revision: 0 }),
            way: Way { side: Side::Sell, position_side: PositionSide::Net, forced: None },
            qty: Qty(1),
            price: Price(price),
            fee: Usd(34_081),
            other_fees: Vec::new(),
            liquidity: Liquidity::Taker,
            at: Time(1_000 * second),
        }
    }

    fn heard(execution: &Execution) -> (Time, Fill) {
        let Execution { price, fee, liquidity, at, .. } = *execution;
        let (qty, remaining) = (execution.change(), Qty(10));
        (at, Fill { id: ID, position_side: PositionSide::Net, qty, price, fee, liquidity, remaining })
    }

    fn told_after(heard: Vec<(Time, Fill)>, listed: &[Execution]) -> Vec<Time> {
        let known = Known { heard: 1, fills: heard, ..Known::nothing(AccountId(3), Time(0)) };
        let mut record = Record::new(&known, PositionMode::OneWay);
        record.recognise(listed, &[]);
        record.executed(listed);
        record.news(1).map(|(_, at, _)| at).collect()
    }

    #[test]
    fn of_fills_that_differ_in_their_instant_alone_the_heard_one_is_recognised() {
        // The newest comes first, as the exchange lists them.
        let listed = [sold(4, 500), sold(3, 501), sold(2, 500), sold(1, 500)];
        assert_eq!(told_after(vec![heard(&listed[2])], &listed), [1_000, 3_000, 4_000].map(Time));
        assert_eq!(told_after(vec![heard(&listed[3]), heard(&listed[0])], &listed), [2_000, 3_000].map(Time));
        // A journal whose clock was behind has another instant; the nearest is it.
        let late = (Time(3_900), heard(&listed[0]).1);
        assert_eq!(told_after(vec![late, heard(&listed[3])], &listed), [2_000, 3_000].map(Time));
    }
}
