//! The simulated venue behind the words of `model::talk`: what paper trading stands in front of.
//!
//! It numbers what it says to each account, answers questions at once, and takes a request while it is valid. It has no
//! faults: what is said is heard, once and in order. It refuses what comes after its time without a word, as every venue
//! of that protocol does, and to tell a farm of orders that none of its bots placed.

use crate::account::{AccountSettings, IN_FLIGHT_MAX};
use crate::carried::Carried;
use crate::marks::MarkBar;
use crate::venue::Venue;
use model::{
    AccountId, Bar, BotId, FromVenue, Holding, Interval, Leg, Mark, OrderId, OrderKind, OrderRequest,
    PositionSide, Price, Qty, Rate, RejectReason, Report, Request, TARGETS_MAX, Target, Time, TimeInForce,
    ToVenue,
};
use std::collections::{BTreeMap, VecDeque};

/// Orders of this bot were placed beside the farm, by hand or by a stranger.
pub const STRANGER: BotId = BotId(u16::MAX);
/// Rungs that the counter places itself are this bot's at the venue.
const LADDERS: BotId = BotId(u16::MAX - 1);
/// The most reports of one answer: who has missed more asks again.
pub const HISTORY_MAX: usize = 100;

/// When the ladder of an entry rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ladder {
    /// With the fills of its entry.
    AtOnce,
    /// When its entry is complete and that was heard: a stretch of the market later, as where whoever speaks for a venue has to
    /// place it. The stop rests at once all the same.
    Afterwards,
}

/// The counter.
#[derive(Clone, Debug)]
pub struct Counter {
    venue: Venue,
    ladder: Ladder,
    desks: BTreeMap<AccountId, Desk>,
    unsaid: VecDeque<FromVenue>,
}

/// What is kept of an account.
#[derive(Clone, Debug)]
struct Desk {
    /// Number of the first report that is kept.
    first: u64,
    log: VecDeque<(Time, Report)>,
    /// Entries whose ladder is still to be placed, and what of them has filled.
    entries: Vec<(OrderRequest, Qty)>,
    /// What rungs are called at the venue, and what the farm calls them.
    rungs: BTreeMap<OrderId, OrderId>,
    rung_last: u32,
}

impl Desk {
    /// One whose next report has this number.
    fn new(first: u64) -> Desk {
        Desk { first, log: VecDeque::new(), entries: Vec::new(), rungs: BTreeMap::new(), rung_last: 0 }
    }

    fn last(&self) -> u64 {
        self.first - 1 + self.log.len() as u64
    }

    fn in_venue(&self, id: OrderId) -> OrderId {
        let rung = self.rungs.iter().find(|(_, ours)| **ours == id);
        rung.map_or(id, |(theirs, _)| *theirs)
    }

    fn in_farm(&self, id: OrderId) -> OrderId {
        self.rungs.get(&id).copied().unwrap_or(id)
    }

    /// An entry whose ladder comes later goes to the venue without it.
    fn hold_back(&mut self, order: &mut OrderRequest) {
        if let Some(bracket) = &mut order.bracket
            && bracket.targets().next().is_some()
            && self.entries.iter().all(|(entry, _)| entry.id != order.id)
        {
            self.entries.push((*order, Qty::ZERO));
        }
        if let Some(bracket) = &mut order.bracket {
            bracket.targets = [Target::default(); TARGETS_MAX];
        }
    }

    /// What an entry's report does to its ladder: whether it is due now, for so many lots.
    fn follow(&mut self, report: &Report) -> Option<(OrderRequest, Qty)> {
        let id = report.order()?;
        // An id that comes twice is refused and changes nothing about the first.
        if matches!(report, Report::Rejected { reason: RejectReason::DuplicateId, .. }) {
            return None;
        }
        let at = self.entries.iter().position(|(entry, _)| entry.id == id)?;
        let is_over = match report {
            Report::Filled(fill) => {
                self.entries[at].1 += fill.qty.abs();
                fill.remaining.0 == 0
            }
            Report::Cancelled { .. } => true,
            Report::Rejected { .. } => self.entries[at].1.0 == 0,
            _ => false,
        };
        let entry = is_over.then(|| self.entries.remove(at))?;
        (entry.1.0 > 0).then_some(entry)
    }
}

/// The ladder of an entry of which so much has opened.
fn rungs(entry: &OrderRequest, opened: Qty) -> Vec<OrderRequest> {
    let (mut left, mut ladder) = (opened.0, Vec::new());
    for (rung, target) in entry.bracket.iter().flat_map(|bracket| bracket.targets()) {
        let qty = Qty(target.qty.0.min(left));
        left -= qty.0;
        let tif = TimeInForce::GoodTillCancelled;
        ladder.push(OrderRequest {
            id: entry.id.with_leg(Leg::Target(rung)),
            side: entry.side.opposite(),
            qty,
            kind: OrderKind::Limit { price: target.price, tif },
            reduce_only: true,
            bracket: None,
            ..*entry
        });
    }
    ladder.retain(|rung| rung.qty.0 > 0);
    ladder
}

impl Counter {
    /// A counter of a venue that nobody trades at yet.
    pub fn new(venue: Venue, ladder: Ladder) -> Counter {
        assert!(venue.accounts().is_empty(), "a counter knows its venue's accounts from their first day");
        Counter { venue, ladder, desks: BTreeMap::new(), unsaid: VecDeque::new() }
    }

    /// Opens an account.
    pub fn open_account(&mut self, settings: AccountSettings) {
        self.desks.insert(settings.id, Desk::new(1));
        self.venue.open_account(settings);
    }

    /// Opens an account as it was at this instant, when another counter went away, at these prices.
    pub fn carry_account(
        &mut self,
        at: Time,
        settings: AccountSettings,
        carried: &Carried,
        prices: (Price, Mark),
    ) {
        let mode = settings.mode.position;
        let mut desk = Desk::new(carried.known.heard + 1);
        let (id, mut bare) = (settings.id, carried.clone());
        if self.ladder == Ladder::Afterwards {
            bare = carried.without_ladders();
            desk.entries = carried.waiting(mode);
        }
        self.desks.insert(id, desk);
        self.venue.carry_account(at, settings, &bare, prices);
        if self.ladder == Ladder::Afterwards {
            for rung in carried.rungs(mode) {
                let request = Request::Place(self.named(id, rung));
                self.venue.execute(at, id, &request);
            }
            self.drain(at);
        }
    }

    /// The venue itself.
    pub fn venue(&self) -> &Venue {
        &self.venue
    }

    /// Hears a farm, at this instant of the venue's clock. An account that is not there is not answered.
    pub fn say(&mut self, now: Time, said: ToVenue) {
        match said {
            ToVenue::Request { account, request, valid_until } => {
                if now <= valid_until && self.desks.contains_key(&account) {
                    self.take(now, account, request);
                }
            }
            ToVenue::AskHistory { account, after, asked_at } => {
                let Some(desk) = self.desks.get_mut(&account) else { return };
                // What was asked after was heard, and is not asked for again.
                while desk.first <= after && desk.log.pop_front().is_some() {
                    desk.first += 1;
                }
                let numbered = desk.log.iter().zip(desk.first..).take(HISTORY_MAX);
                let reports = numbered.map(|(&(at, report), number)| (number, at, report)).collect();
                let last = desk.last();
                self.unsaid.push_back(FromVenue::History { account, asked_at, at: now, reports, last });
            }
            ToVenue::AskHolding { account, asked_at } => {
                let Some(desk) = self.desks.get(&account) else { return };
                let held = self.venue.account(account);
                let name = |id: OrderId| (id.bot != STRANGER).then(|| desk.in_farm(id));
                // A rung that it is about to place itself is as good as there: nobody else could miss it.
                let placing = held.in_flight.iter().filter_map(|(_, request)| match request {
                    Request::Place(order) if order.id.bot == LADDERS => Some(order.id),
                    _ => None,
                });
                let holding = Holding {
                    last: desk.last(),
                    wallet: held.wallet(),
                    positions: [PositionSide::Long, PositionSide::Short].map(|side| held.position(side).qty),
                    orders: held.open_orders().map(|order| order.id).chain(placing).map(name).collect(),
                };
                self.unsaid.push_back(FromVenue::Holding { account, asked_at, holding });
            }
        }
    }

    fn take(&mut self, now: Time, account: AccountId, mut request: Request) {
        let is_full = self.venue.account(account).in_flight.len() >= IN_FLIGHT_MAX;
        let desk = self.desks.get_mut(&account).expect("who is taken from has an account");
        match &mut request {
            Request::Place(order) if is_full => {
                let report = Report::Rejected { id: order.id, reason: RejectReason::TooManyOrders };
                return self.note(now, account, report);
            }
            // What is not taken is asked about and said again.
            _ if is_full => return,
            Request::Place(order) if self.ladder == Ladder::Afterwards => desk.hold_back(order),
            Request::Place(_) => {}
            Request::Cancel(id) | Request::Amend { id, .. } => *id = desk.in_venue(*id),
        }
        self.venue.submit(now, account, request);
    }

    /// Money for positions changes hands.
    pub fn settle_funding(&mut self, at: Time, mark: Mark, rate: Rate) {
        self.venue.settle_funding(at, mark, rate);
        self.drain(at);
    }

    /// The market goes on: what was taken meets it, and what comes of that is told.
    pub fn step(&mut self, bar: &Bar, interval: Interval, mark: MarkBar) {
        self.venue.step(bar, interval, mark);
        self.drain(bar.open_time + interval);
    }

    /// The market went on where nobody traded.
    pub fn pass(&mut self, last: Price, mark: Mark, now: Time) {
        self.venue.pass(last, mark, now);
    }

    /// What it says next.
    pub fn poll(&mut self) -> Option<FromVenue> {
        self.unsaid.pop_front()
    }

    fn drain(&mut self, now: Time) {
        let mut due = Vec::new();
        while let Some((at, account, report)) = self.venue.poll() {
            let desk = self.desks.get_mut(&account).expect("every account has a desk");
            let report = renamed(report, |id| desk.in_farm(id));
            due.extend(desk.follow(&report).map(|(entry, filled)| (account, entry, filled)));
            self.note(at, account, report);
        }
        for (account, entry, filled) in due {
            for rung in rungs(&entry, filled) {
                self.place_rung(now, account, rung);
            }
        }
        self.forget_rungs();
    }

    fn place_rung(&mut self, now: Time, account: AccountId, rung: OrderRequest) {
        if self.venue.account(account).in_flight.len() >= IN_FLIGHT_MAX {
            let report = Report::Rejected { id: rung.id, reason: RejectReason::TooManyOrders };
            return self.note(now, account, report);
        }
        let rung = self.named(account, rung);
        self.venue.submit(now, account, Request::Place(rung));
    }

    /// A rung under the name it has at the venue.
    fn named(&mut self, account: AccountId, rung: OrderRequest) -> OrderRequest {
        let desk = self.desks.get_mut(&account).expect("every account has a desk");
        desk.rung_last += 1;
        let id = OrderId { bot: LADDERS, epoch: 0, decision: desk.rung_last, leg: Leg::Own };
        desk.rungs.insert(id, rung.id);
        OrderRequest { id, ..rung }
    }

    /// Rungs that are over need no name at the venue.
    fn forget_rungs(&mut self) {
        for (account, desk) in &mut self.desks {
            let held = self.venue.account(*account);
            let is_there = |id: OrderId| {
                let comes = |request: &Request| matches!(request, Request::Place(order) if order.id == id);
                held.open_orders().any(|order| order.id == id)
                    || held.in_flight.iter().any(|(_, request)| comes(request))
            };
            desk.rungs.retain(|theirs, _| is_there(*theirs));
        }
    }

    fn note(&mut self, at: Time, account: AccountId, report: Report) {
        if report.order().is_some_and(|id| id.bot == STRANGER) {
            return;
        }
        let desk = self.desks.get_mut(&account).expect("every account has a desk");
        desk.log.push_back((at, report));
        let number = desk.last();
        self.unsaid.push_back(FromVenue::Report { account, number, at, report });
    }
}

fn renamed(report: Report, name: impl Fn(OrderId) -> OrderId) -> Report {
    match report {
        Report::Accepted { id } => Report::Accepted { id: name(id) },
        Report::Rejected { id, reason } => Report::Rejected { id: name(id), reason },
        Report::Triggered { id } => Report::Triggered { id: name(id) },
        Report::Filled(fill) => Report::Filled(model::Fill { id: name(fill.id), ..fill }),
        Report::Cancelled { id, reason } => Report::Cancelled { id: name(id), reason },
        Report::Amended { id, price } => Report::Amended { id: name(id), price },
        Report::Funding { .. } | Report::Liquidated { .. } | Report::Deleveraged { .. } => report,
    }
}
