//! The venue's counter: numbers what it says to each account, remembers all of it, and refuses what comes too late.
//!
//! It knows which seat of a shard asks, and remembers when it served one after a later one had been taken.

use crate::company::NOBODY;
use crate::wire::Seated;
use crate::wired::Bitget;
use farm::{FromVenue, Holding, ToVenue};
use model::{
    AccountId, Bar, Interval, Mark, OrderId, PositionSide, Price, Qty, Rate, RejectReason, Report, Request,
    Time, Usd,
};
use std::collections::{BTreeMap, BTreeSet};
use venue::{AccountSettings, MarkBar, Venue};

/// The most reports of one answer: who has missed more asks again.
const HISTORY_MAX: usize = 100;

/// Whether a request that came after its time is carried out all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lateness {
    /// It is not: the rule.
    Refused,
    /// It is: the venue breaks its word.
    Overlooked,
}

/// What stands between a farm and the engine.
#[derive(Debug)]
pub(crate) enum House {
    /// Nothing: who asks, asks the engine.
    Direct(Box<Venue>),
    /// A Bitget: who asks, sends bytes.
    Bitget(Box<Bitget>),
}

/// The counter.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) house: House,
    said: BTreeMap<AccountId, Vec<(Time, Report)>>,
    /// What it said about orders that no farm placed: no farm is told.
    foreign: BTreeMap<AccountId, Vec<(Time, Report)>>,
    /// What was paid into each account, the first deposit included.
    paid: BTreeMap<AccountId, Usd>,
    /// Said, and not yet sent.
    unsaid: Vec<FromVenue>,
    closed_until: Option<Time>,
    /// Refuses every placement, for this reason, until then.
    storm: Option<(RejectReason, Time)>,
    /// Does not look at what an account asks.
    throttled: BTreeMap<AccountId, Time>,
    /// Ids it has refused by itself: a copy of such an order is not taken either.
    refused: BTreeSet<OrderId>,
    /// Orders that it carried out after their time, or may have.
    pub(crate) overlooked: BTreeSet<OrderId>,
    /// The latest seat of each shard, as the simulation knows: the venue itself does not.
    seats: BTreeMap<u8, u32>,
    /// It did something for a seat (the second) after a later one had been taken (the first).
    pub(crate) served_two: Option<(u32, Seated)>,
    /// Requests that came after their time.
    pub(crate) too_late: u64,
}

/// What it refuses for when it refuses everything.
const STORMS: [RejectReason; 3] =
    [RejectReason::TooManyOrders, RejectReason::LeverageTooHigh, RejectReason::PositionTooLarge];

/// Whether no farm can have given an order this id.
pub(crate) fn is_foreign(id: OrderId) -> bool {
    id.bot.0 >= NOBODY
}

impl Front {
    pub(crate) fn new(house: House) -> Front {
        Front {
            house,
            said: BTreeMap::new(),
            foreign: BTreeMap::new(),
            paid: BTreeMap::new(),
            unsaid: Vec::new(),
            closed_until: None,
            storm: None,
            throttled: BTreeMap::new(),
            refused: BTreeSet::new(),
            overlooked: BTreeSet::new(),
            seats: BTreeMap::new(),
            served_two: None,
            too_late: 0,
        }
    }

    /// A seat of a shard was taken.
    pub(crate) fn seat_taken(&mut self, shard: u8, number: u32) {
        self.seats.insert(shard, number);
    }

    /// Opens an account.
    pub(crate) fn open(&mut self, settings: AccountSettings) {
        self.said.insert(settings.id, Vec::new());
        self.paid.insert(settings.id, settings.balance);
        match &mut self.house {
            House::Direct(venue) => venue.open_account(settings),
            House::Bitget(bitget) => bitget.open(settings),
        }
    }

    /// The engine.
    pub(crate) fn venue(&self) -> &Venue {
        match &self.house {
            House::Direct(venue) => venue,
            House::Bitget(bitget) => bitget.exchange.engine(),
        }
    }

    /// The Bitget before it, if there is one.
    pub(crate) fn bitget(&mut self) -> Option<&mut Bitget> {
        match &mut self.house {
            House::Direct(_) => None,
            House::Bitget(bitget) => Some(bitget),
        }
    }

    /// Whether what is said between a farm and the venue is bytes.
    pub(crate) fn is_wired(&self) -> bool {
        matches!(self.house, House::Bitget(_))
    }

    fn intervene<T>(&mut self, act: impl FnOnce(&mut Venue) -> T) -> T {
        match &mut self.house {
            House::Direct(venue) => act(venue),
            House::Bitget(bitget) => bitget.exchange.intervene(act),
        }
    }

    /// A second of the market.
    pub(crate) fn step(&mut self, bar: &Bar, interval: Interval, mark: MarkBar) {
        match &mut self.house {
            House::Direct(venue) => venue.step(bar, interval, mark),
            House::Bitget(bitget) => bitget.step(bar, interval, mark),
        }
    }

    /// Funding is due.
    pub(crate) fn settle_funding(&mut self, at: Time, mark: Mark, rate: Rate) {
        self.intervene(|venue| venue.settle_funding(at, mark, rate));
    }

    /// The venue takes an account's positions over.
    pub(crate) fn seize(&mut self, at: Time, account: AccountId) {
        self.intervene(|venue| venue.seize(at, account));
    }

    /// The venue closes a part of a position.
    pub(crate) fn deleverage(
        &mut self,
        at: Time,
        account: AccountId,
        side: PositionSide,
        lots: Qty,
        price: Price,
    ) {
        self.intervene(|venue| venue.deleverage(at, account, side, lots, price));
    }

    /// The venue loses an order.
    pub(crate) fn lose(&mut self, account: AccountId, id: OrderId) {
        match &mut self.house {
            House::Direct(venue) => venue.lose(account, id),
            House::Bitget(bitget) => bitget.exchange.lose(account, id),
        };
    }

    /// Somebody asks who is no farm.
    pub(crate) fn submit(&mut self, at: Time, account: AccountId, request: Request) {
        match &mut self.house {
            House::Direct(venue) => venue.submit(at, account, request),
            House::Bitget(bitget) => bitget.trade(at, account, request),
        }
    }

    /// Somebody pays in, or (negative) out. Returns whether it could be.
    pub(crate) fn pay(&mut self, account: AccountId, amount: Usd) -> bool {
        let moved = match &mut self.house {
            House::Direct(venue) => venue.transfer(account, amount),
            House::Bitget(bitget) => bitget.exchange.pay(account, amount),
        };
        if moved {
            *self.paid.get_mut(&account).expect("every account was opened") += amount;
        }
        moved
    }

    /// What was paid into an account.
    pub(crate) fn paid(&self, account: AccountId) -> Usd {
        self.paid[&account]
    }

    /// What it has said to an account about orders that no farm placed.
    pub(crate) fn foreign(&self, account: AccountId) -> &[(Time, Report)] {
        self.foreign.get(&account).map_or(&[], Vec::as_slice)
    }

    /// Whether lots were traded on an account that no farm asked for.
    pub(crate) fn is_mixed(&self, account: AccountId) -> bool {
        self.foreign(account).iter().any(|(_, report)| matches!(report, Report::Filled(_)))
    }

    /// Closes for a while.
    pub(crate) fn close(&mut self, until: Time) {
        self.closed_until = Some(until);
    }

    /// Refuses every placement for a while.
    pub(crate) fn refuse_all(&mut self, which: u64, until: Time) {
        let reason = STORMS[(which % STORMS.len() as u64) as usize];
        self.storm = Some((reason, until));
        if let Some(bitget) = self.bitget() {
            bitget.exchange.refuse_all(reason, until);
        }
    }

    /// Looks at nothing an account asks for a while.
    pub(crate) fn throttle(&mut self, account: AccountId, until: Time) {
        self.throttled.insert(account, until);
    }

    pub(crate) fn is_closed(&self, now: Time) -> bool {
        self.closed_until.is_some_and(|until| now < until)
    }

    pub(crate) fn is_throttled(&self, now: Time, account: AccountId) -> bool {
        self.throttled.get(&account).is_some_and(|until| now < *until)
    }

    /// Whether it does what an account asks.
    pub(crate) fn answers(&self, now: Time, account: AccountId) -> bool {
        let storm = self.storm.is_some_and(|(_, until)| now < until);
        !self.is_closed(now) && !storm && !self.is_throttled(now, account)
    }

    /// Takes a request, or does not.
    fn take(&mut self, now: Time, from: Seated, account: AccountId, request: Request, is_late: bool) {
        if let Request::Place(order) = &request {
            let known = self.refused.contains(&order.id);
            let storm = self.storm.filter(|(_, until)| now < *until).map(|(reason, _)| reason);
            if let Some(reason) = if known { Some(RejectReason::DuplicateId) } else { storm } {
                self.refused.insert(order.id);
                return self.note(now, account, Report::Rejected { id: order.id, reason });
            }
        }
        if let (Request::Place(order), true) = (&request, is_late) {
            self.overlooked.insert(order.id);
        }
        if !is_late {
            self.served(from);
        }
        self.submit(now, account, request);
    }

    /// It did something for a seat.
    pub(crate) fn served(&mut self, from: Seated) {
        let latest = self.seats.get(&from.shard).copied().unwrap_or(0);
        if from.number < latest {
            self.served_two.get_or_insert((latest, from));
        }
    }

    fn note(&mut self, at: Time, account: AccountId, report: Report) {
        if report.order().is_some_and(is_foreign) {
            return self.foreign.entry(account).or_default().push((at, report));
        }
        let said = self.said.get_mut(&account).expect("every account has a record");
        said.push((at, report));
        self.unsaid.push(FromVenue::Report { account, number: said.len() as u64, at, report });
    }

    /// Hears a message; answers questions at once.
    pub(crate) fn hear(
        &mut self,
        now: Time,
        from: Seated,
        message: ToVenue,
        lateness: Lateness,
    ) -> Option<FromVenue> {
        if self.is_closed(now) {
            return None;
        }
        match message {
            ToVenue::Request { account, request, valid_until } => {
                let is_late = now > valid_until;
                if is_late && lateness == Lateness::Refused {
                    self.too_late += 1;
                } else {
                    self.take(now, from, account, request, is_late);
                }
                None
            }
            ToVenue::AskHistory { account, after, asked_at } => {
                let said = self.said.get(&account)?;
                let from = usize::try_from(after).expect("a number fits").min(said.len());
                let reports = said[from..].iter().zip(after + 1..).take(HISTORY_MAX);
                let reports = reports.map(|(&(at, report), number)| (number, at, report)).collect();
                Some(FromVenue::History { account, asked_at, at: now, reports, last: said.len() as u64 })
            }
            ToVenue::AskHolding { account, asked_at } => {
                let held = self.venue().account(account);
                let holding = Holding {
                    last: self.said[&account].len() as u64,
                    wallet: held.wallet(),
                    positions: [PositionSide::Long, PositionSide::Short].map(|side| held.position(side).qty),
                    orders: held
                        .open_orders()
                        .map(|order| (!is_foreign(order.id)).then_some(order.id))
                        .collect(),
                };
                Some(FromVenue::Holding { account, asked_at, holding })
            }
        }
    }

    /// Everything said since it was last asked, numbered.
    pub(crate) fn said(&mut self) -> Vec<FromVenue> {
        match &mut self.house {
            House::Direct(venue) => {
                let said: Vec<_> = std::iter::from_fn(|| venue.poll()).collect();
                said.into_iter().for_each(|(at, account, report)| self.note(at, account, report));
            }
            House::Bitget(bitget) => {
                let said = bitget.said();
                said.into_iter().for_each(|(at, account, report)| self.note(at, account, report));
            }
        }
        std::mem::take(&mut self.unsaid)
    }

    /// How much it has said to an account.
    pub(crate) fn count(&self, account: AccountId) -> u64 {
        self.said[&account].len() as u64
    }

    /// What it has said to an account.
    pub(crate) fn record(&self, account: AccountId) -> &[(Time, Report)] {
        &self.said[&account]
    }
}
