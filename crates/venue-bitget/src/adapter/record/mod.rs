//! What the exchange says of an account, told as numbered reports, each thing once.
//!
//! The same fill comes over two sockets and two lists, an order may end before its fills are heard, a stop comes to life
//! under an id nobody chose: here all of it becomes one sequence. An end is told only when every fill before it is. Refuses
//! to tell of an order that is over, and to tell of a fill before it is known whose it was.

mod fills;
mod life;
mod seen;

pub(crate) use life::Seen;

use crate::meaning::{Execution, OrderState};
use crate::register::Register;
use crate::request::{Place, rungs};
use crate::stream::Once;
use crate::wire::Generation;
use fills::Takeover;
use life::{Extent, Life, bracket_of};
use model::{
    CancelReason, Fill, Known, KnownOrder, Leg, OrderId, OrderKind, OrderRequest, PositionMode, PositionSide,
    Price, Progress, Qty, Report, Time, TimeInForce,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The most reports of one answer: who has missed more asks again.
const HISTORY_MAX: usize = 100;
/// Orders that are remembered to be over.
const OVER_MAX: usize = 1_024;
/// Trades that are remembered: more than one reading can list, else what is listed again would be told again.
const TRADES_MAX: usize = 10_000;

/// Something that is known to have happened and is not told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Puzzle {
    /// Fills of this order are missing, or it is itself.
    Order(OrderId),
    /// A fill, by its trade's id: nobody knows yet whose it is.
    Fill(String),
    /// The first takeover whose bill is not there.
    Takeover(Time),
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
    /// Fills that were heard before this process, and when they happened, until what happened was read.
    heard: Vec<(Time, Fill)>,
    /// The same of takeovers and deleveragings.
    forced: Vec<Report>,
    /// Orders that a trigger made, and nobody knows which.
    children: Vec<OrderState>,
    /// Orders of the exchange's that are nobody's here.
    strange: Once,
    /// Since when a reading finds fills of an order, and nobody whose it is; the exchange's clock.
    claims: BTreeMap<String, Time>,
    takeovers: Vec<Takeover>,
    /// What is held by side, as far as it was told: funding is told on it.
    held: [Qty; 2],
    /// Orders whose end was told: a list that was written before it says nothing about them.
    over: BTreeSet<OrderId>,
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
            trades: Once::keeping(TRADES_MAX),
            bills: Once::default(),
            funded: known.funded,
            waiting: Vec::new(),
            heard: known.fills.clone(),
            forced: known.forced.clone(),
            children: Vec::new(),
            strange: Once::default(),
            claims: BTreeMap::new(),
            takeovers: Vec::new(),
            held: [Qty::ZERO; 2],
            over: BTreeSet::new(),
            due: Vec::new(),
            stale: Vec::new(),
        };
        for qty in &known.positions {
            record.held[usize::from(mode == PositionMode::Hedge && qty.0 < 0)] += *qty;
        }
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
        for leg in order.legs() {
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

    /// Whether an order of this id was taken already: it rests, or it is over.
    pub(crate) fn was_taken(&self, id: OrderId) -> bool {
        let rests = self.lives.get(&id).is_some_and(|life| life.progress == Progress::Taken);
        rests || self.over.contains(&id)
    }

    /// We ask for its end.
    pub(crate) fn leaving(&mut self, id: OrderId) {
        if let Some(life) = self.lives.get_mut(&id) {
            life.leaving = true;
        }
    }

    /// What is known to have happened and is not told: a reading is needed soon where there is something.
    pub(crate) fn puzzles(&self) -> BTreeSet<Puzzle> {
        let waits = |life: &Life| life.ending.is_some() || life.filled < life.seen || life.missing > 0;
        let lives = self.lives.iter().filter(|(_, life)| waits(life)).map(|(id, _)| Puzzle::Order(*id));
        let fills = self.waiting.iter().map(|execution| Puzzle::Fill(execution.trade_id.clone()));
        let takeovers = self.unsettled_since().map(Puzzle::Takeover);
        lives.chain(fills).chain(takeovers).collect()
    }

    /// Whether nothing was ever heard or asked for.
    pub(crate) fn is_blank(&self) -> bool {
        self.last() == 0 && self.lives.is_empty() && self.heard.is_empty()
    }

    /// What is held by side, as far as it was told.
    pub(crate) fn held(&self) -> [Qty; 2] {
        self.held
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
        self.over.insert(id);
        if self.over.len() > OVER_MAX {
            self.over.pop_first();
        }
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
