//! What a farm did in a session, as both lives are told: decisions, fills, round trips, money.
//!
//! An order is known by the decision behind it (whose, at which bar, which way), not by its number: one decision more in one
//! of the lives must not make all later orders strangers. It refuses to judge.

use execution::{Posting, Trade};
use farm::{Action, Farm, Notice};
use model::{BotId, Event, Fill, Interval, Leg, OrderId, Price, Report, Request, Side, Time, Usd};
use std::collections::{BTreeMap, BTreeSet};

/// A decision to place an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignalKey {
    /// The close of the bar it was taken in.
    pub bar: Time,
    /// +1 buys, -1 sells.
    pub sign: i64,
    /// Whether it may open something.
    pub opens: bool,
    /// Of several alike, which one.
    pub nth: u32,
}

/// An order, in both lives the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderKey {
    /// Decided in the session; the leg is 0 for the order itself, 1 for its stop, from 2 on for rungs.
    Decided(SignalKey, u8),
    /// Carried into it: epoch, decision and leg of its id.
    Carried(u16, u32, u8),
}

/// A round trip, in both lives the same: the order that began it, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TripKey {
    /// The order that began it.
    pub entry: OrderKey,
    /// +1 long, -1 short.
    pub sign: i64,
    /// Why it was left; nothing while it is held.
    pub left: Option<&'static str>,
}

/// What of an order has filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Lots, signed.
    pub lots: i64,
    /// Lots times price, unsigned.
    pub cost: i128,
}

/// What a bot did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deeds {
    /// Its decisions.
    pub signals: BTreeSet<SignalKey>,
    /// Its fills, by order.
    pub fills: BTreeMap<OrderKey, Filled>,
    /// Its round trips, the one that is held at the end among them.
    pub trips: BTreeSet<TripKey>,
    /// Paid is positive.
    pub fees: Usd,
    /// Received is positive.
    pub funding: Usd,
    /// Change of its equity, at the last price that the farm saw.
    pub result: Usd,
    /// Equity when the session began.
    pub equity_before: Usd,
    /// Fundings that were due while something was held, and of which nobody was told.
    pub fundings_unknown: u32,
}

/// What all of them did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// By bot.
    pub bots: BTreeMap<BotId, Deeds>,
}

/// Money of a bot at an instant.
#[derive(Clone, Copy, Debug)]
struct Money {
    fees: Usd,
    funding: Usd,
    equity: Usd,
}

fn money(farm: &Farm) -> BTreeMap<BotId, Money> {
    let price = farm.price().map_or(Price::ZERO, |(price, _)| price);
    let of = |bot: &farm::Bot| {
        let (ledger, books) = (bot.ledger(), bot.ledger().books());
        let (fees, funding) = (-books.total(Posting::Fee), books.total(Posting::Funding));
        (bot.id(), Money { fees, funding, equity: ledger.equity(farm.instrument(), price) })
    };
    farm.bots().iter().map(of).collect()
}

/// Takes notes of a life.
#[derive(Clone, Debug)]
pub(crate) struct Notes {
    base: Interval,
    before: BTreeMap<BotId, Money>,
    orders: BTreeMap<(u16, u16, u32), SignalKey>,
    life: Life,
}

fn leg_of(leg: Leg) -> u8 {
    match leg {
        Leg::Own => 0,
        Leg::Stop => 1,
        Leg::Target(rung) => 2 + rung,
    }
}

impl Notes {
    /// Of a farm that stands there.
    pub(crate) fn begin(farm: &Farm) -> Notes {
        let before = money(farm);
        let bots = before
            .iter()
            .map(|(bot, money)| (*bot, Deeds { equity_before: money.equity, ..Deeds::default() }));
        let life = Life { bots: bots.collect() };
        Notes { base: farm.base(), before, orders: BTreeMap::new(), life }
    }

    fn deeds(&mut self, bot: BotId) -> Option<&mut Deeds> {
        self.life.bots.get_mut(&bot)
    }

    fn key(&self, id: OrderId) -> OrderKey {
        let leg = leg_of(id.leg);
        match self.orders.get(&(id.bot.0, id.epoch, id.decision)) {
            Some(signal) => OrderKey::Decided(*signal, leg),
            None => OrderKey::Carried(id.epoch, id.decision, leg),
        }
    }

    /// Something was heard.
    pub(crate) fn event(&mut self, event: &Event) {
        if let Event::Report(_, Report::Filled(fill)) = event {
            self.fill(fill);
        }
    }

    fn fill(&mut self, fill: &Fill) {
        let key = self.key(fill.id);
        // An order that is no bot's own is the account's: its money is, too.
        let Some(deeds) = self.deeds(fill.id.bot) else { return };
        let filled = deeds.fills.entry(key).or_default();
        filled.lots += fill.qty.0;
        filled.cost += i128::from(fill.qty.0.abs()) * i128::from(fill.price.0);
    }

    /// Something was asked for at this instant.
    pub(crate) fn action(&mut self, at: Time, action: &Action) {
        match action {
            Action::Submit(_, approved) => {
                if let Request::Place(order) = approved.request()
                    && order.id.leg == Leg::Own
                {
                    self.signal(at, order.id, order.side, !order.reduce_only);
                }
            }
            Action::Notify(bot, Notice::Closed(trade)) => self.closed(*bot, trade),
            _ => {}
        }
    }

    fn signal(&mut self, at: Time, id: OrderId, side: Side, opens: bool) {
        let floor = at.floor(self.base);
        let bar = if floor == at { at } else { floor + self.base };
        let mut key = SignalKey { bar, sign: side.sign(), opens, nth: 0 };
        let Some(deeds) = self.deeds(id.bot) else { return };
        while !deeds.signals.insert(key) {
            key.nth += 1;
        }
        self.orders.insert((id.bot.0, id.epoch, id.decision), key);
    }

    fn closed(&mut self, bot: BotId, trade: &Trade) {
        let position = &trade.position;
        let (entry, sign) = (self.key(position.entry.id), position.side.sign());
        if let Some(deeds) = self.deeds(bot) {
            deeds.trips.insert(TripKey { entry, sign, left: Some(trade.reason.name()) });
        }
    }

    /// A funding was due while these held something, and nobody knows its rate.
    pub(crate) fn funding_unknown(&mut self, holders: impl Iterator<Item = BotId>) {
        for bot in holders {
            if let Some(deeds) = self.deeds(bot) {
                deeds.fundings_unknown += 1;
            }
        }
    }

    /// What it came to, as the farm stands now.
    pub(crate) fn end(mut self, farm: &Farm) -> Life {
        for bot in farm.bots() {
            let Some(open) = bot.ledger().open_trade() else { continue };
            let (entry, sign) = (self.key(open.entry.id), open.side.sign());
            if let Some(deeds) = self.deeds(bot.id()) {
                deeds.trips.insert(TripKey { entry, sign, left: None });
            }
        }
        for (bot, after) in money(farm) {
            let Some(before) = self.before.get(&bot).copied() else { continue };
            if let Some(deeds) = self.deeds(bot) {
                deeds.fees = after.fees - before.fees;
                deeds.funding = after.funding - before.funding;
                deeds.result = after.equity - before.equity;
            }
        }
        self.life
    }
}

/// Who holds something.
pub(crate) fn holders(farm: &Farm) -> impl Iterator<Item = BotId> + '_ {
    farm.bots().iter().filter(|bot| !bot.ledger().position().is_flat()).map(farm::Bot::id)
}
