//! Orders of the book: placed, taken back, changed, closed at market. The same for both generations.
//!
//! What a dialect has read is checked here as the exchange checks it and given to the engine. Refuses with the reason;
//! a refused request has changed nothing.

use crate::exchange::{Exchange, Matching};
use crate::inside::Overheard;
use crate::records::{Kind, Order, Preset, Status};
use crate::refusal::Refusal;
use crate::reports::NewOrder;
use crate::setup::Generation;
use crate::text::{self, NotSteps};
use crate::user::{Subject, line};
use model::{
    Bracket, Instrument, Mark, OrderId, OrderKind, OrderRequest, PositionMode, PositionSide, Price, Qty,
    RejectReason, Request, Side, TARGETS_MAX, Target, TimeInForce, Usd,
};

/// Orders one call may carry.
pub(crate) const BATCH_V2_MAX: usize = 50;
pub(crate) const BATCH_V3_MAX: usize = 20;
/// The longest client id of V2.
const CLIENT_V2_MAX: usize = 50;
const CLIENT_V3_MAX: usize = 32;
/// A limit order may be this much worse than the mark, in hundredths.
pub(crate) const BAND_PERCENT: i64 = 5;
/// Largest order, and largest market order.
pub(crate) const LIMIT_QTY_MAX: Qty = Qty(1_200_000);
pub(crate) const MARKET_QTY_MAX: Qty = Qty(220_000);
/// The highest price anybody may name: a hundred million USDT at a tick of 0.1, so that sums of it fit.
const PRICE_TICKS_MAX: i64 = 1_000_000_000;
/// Requests on their way to an engine that waits for the market.
const ON_THEIR_WAY_MAX: usize = 200;

/// An order that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) id: u64,
    /// Older reduce-only orders went for it, and the reply does not know its id.
    pub(crate) replaced: bool,
}

/// What is to be changed of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) price: Option<Price>,
    pub(crate) qty: Option<Qty>,
    pub(crate) preset: Option<Preset>,
}

pub(crate) fn price_of(generation: Generation, i: &Instrument, text: &str) -> Result<Price, Refusal> {
    match text::steps(text, i.tick) {
        Ok(ticks) if (1..=PRICE_TICKS_MAX).contains(&ticks) => Ok(Price(ticks)),
        Ok(_) | Err(NotSteps::NotANumber) => Err(Refusal::of(generation, RejectReason::PriceNotPositive)),
        Err(NotSteps::OffGrid) => Err(match generation {
            Generation::V2 => {
                Refusal::new("45115", "The price you enter should be a multiple of the price step")
            }
            Generation::V3 => Refusal::new("25244", "The price is no multiple of the price step"),
        }),
    }
}

pub(crate) fn qty_of(generation: Generation, i: &Instrument, text: &str) -> Result<Qty, Refusal> {
    match text::steps(text, i.lot) {
        Ok(lots) if lots > LIMIT_QTY_MAX.0 => Err(Refusal::of(generation, RejectReason::PositionTooLarge)),
        Ok(lots) if lots > 0 => Ok(Qty(lots)),
        Ok(_) => Err(Refusal::of(generation, RejectReason::QuantityTooSmall)),
        Err(NotSteps::NotANumber) => Err(Refusal::parameter("size")),
        Err(NotSteps::OffGrid) => Err(match generation {
            Generation::V2 => Refusal::new("22038", "The quantity is no multiple of the size step"),
            Generation::V3 => Refusal::new("25606", "The quantity is no multiple of the size step"),
        }),
    }
}

pub(crate) fn check_client(generation: Generation, client: &str) -> Result<(), Refusal> {
    let (most, others, code) = match generation {
        Generation::V2 => (CLIENT_V2_MAX, &b"_#+-"[..], "40304"),
        Generation::V3 => (CLIENT_V3_MAX, &b".:/_-"[..], "25200"),
    };
    let fits = client.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte));
    if client.len() <= most && fits {
        Ok(())
    } else {
        Err(Refusal::new(code, "clientOid or clientOrderId length or character error"))
    }
}

/// What an amount of money opens at a price, before fees.
pub(crate) fn openable(i: &Instrument, amount: Usd, price: Price, leverage: u16) -> Qty {
    let lot = i.notional(Qty(1), price).0.max(1);
    Qty(amount.0.max(0).saturating_mul(i64::from(leverage)) / lot)
}

fn bracket(preset: Preset) -> Option<Bracket> {
    preset.stop.map(|stop| Bracket { stop, targets: [Target::default(); TARGETS_MAX] })
}

/// What the engine is asked for an order.
fn request(engine: OrderId, new: &NewOrder, qty: Qty) -> OrderRequest {
    let kind = match new.kind {
        Kind::Market => OrderKind::Market,
        Kind::Limit { price, tif } => OrderKind::Limit { price, tif },
    };
    OrderRequest {
        id: engine,
        side: new.side,
        position_side: new.position_side,
        qty,
        kind,
        reduce_only: new.reduce_only,
        bracket: bracket(new.preset),
        one_cancels_other: None,
    }
}

impl Exchange {
    pub(crate) fn generation(&self, user: usize) -> Generation {
        self.users[user].setup.generation
    }

    /// Asks the engine of a symbol; why it refused, if it did and said so already.
    pub(crate) fn ask(&mut self, user: usize, symbol: usize, request: Request) -> Result<(), RejectReason> {
        if self.listings[symbol].venue.last().0 == 0 {
            return Err(RejectReason::Expired);
        }
        self.gather(user, symbol);
        let (account, at) = (self.users[user].account, self.instant(symbol));
        self.refused = None;
        self.overhear(Overheard::Asked(account, request));
        match self.matching {
            Matching::AtOnce => self.listings[symbol].venue.execute(at, account, &request),
            Matching::WithNextStretch => {
                if self.users[user].on_their_way >= ON_THEIR_WAY_MAX {
                    return Err(RejectReason::TooManyOrders);
                }
                self.users[user].on_their_way += 1;
                self.listings[symbol].venue.submit(at, account, request);
            }
        }
        self.drain(symbol);
        self.refused.take().map_or(Ok(()), Err)
    }

    /// Places an order of the book.
    pub(crate) fn place(&mut self, user: usize, new: NewOrder) -> Result<Placed, Refusal> {
        let generation = self.generation(user);
        check_client(generation, &new.client)?;
        if self.users[user].is_taken(&new.client) {
            return Err(Refusal::duplicate(generation));
        }
        if new.kind == Kind::Market && !new.reduce_only && new.qty > MARKET_QTY_MAX {
            return Err(Refusal::of(generation, RejectReason::PositionTooLarge));
        }
        self.check_band(user, &new)?;
        if let Some(reason) = self.storm() {
            return Err(Refusal::of(generation, reason));
        }
        let replaced = self.make_room_for_reduction(user, &new);
        let id = self.next_id(user);
        let engine = self.engine_id(user, &new.client);
        let (symbol, wanted) = (new.symbol, request(engine, &new, new.qty));
        let order = self.order_of(user, id, new, engine, self.now);
        self.users[user].add_order(order.clone());
        self.happened.push(crate::exchange::Happening::Order(user, Box::new(order), None));
        let told = self.happened.len();
        match self.ask(user, symbol, Request::Place(wanted)) {
            // Taken, and gone at once: the reply is the same.
            Ok(()) | Err(RejectReason::WouldTake | RejectReason::CannotFillAll) => {
                Ok(Placed { id, replaced })
            }
            Err(reason) => {
                self.users[user].forget_order(id);
                self.happened.truncate(told - 1);
                Err(Refusal::of(generation, reason))
            }
        }
    }

    fn check_band(&self, user: usize, new: &NewOrder) -> Result<(), Refusal> {
        let Kind::Limit { price, .. } = new.kind else { return Ok(()) };
        let listing = &self.listings[new.symbol];
        let (mark, wanted) = (listing.venue.mark(), listing.instrument().mark_of(price));
        let worst = Mark(mark.0 + new.side.sign() * (mark.0 / 100 * BAND_PERCENT));
        if (wanted.0 - worst.0) * new.side.sign() <= 0 {
            return Ok(());
        }
        Err(match (self.generation(user), new.side) {
            (Generation::V2, Side::Buy) => {
                Refusal::new("40815", "The order price is higher than the highest limit price")
            }
            (Generation::V2, Side::Sell) => {
                Refusal::new("40816", "The order price is lower than the lowest limit price")
            }
            (Generation::V3, _) => Refusal::new("25205", "The order price is outside of the price limit"),
        })
    }

    /// One-way V2: reduce-only orders never add up to more than is held; older ones go for a new one.
    fn make_room_for_reduction(&mut self, user: usize, new: &NewOrder) -> bool {
        let one_way = self.users[user].modes[new.symbol].position == PositionMode::OneWay;
        if !new.reduce_only || !one_way || self.generation(user) == Generation::V3 {
            return false;
        }
        let held = self.held(user, new.symbol, new.position_side).abs();
        let resting: Vec<(u64, Qty)> = self.users[user]
            .orders
            .values()
            .filter(|order| {
                order.symbol == new.symbol && order.is_open() && order.reduce_only && order.side == new.side
            })
            .map(|order| (order.id, order.left()))
            .collect();
        let mut offered = resting.iter().fold(new.qty, |sum, (_, left)| sum + *left);
        let mut replaced = false;
        for (id, left) in resting {
            if offered <= held || held.0 == 0 {
                break;
            }
            replaced |= self.cancel(user, id).is_ok();
            offered -= left;
        }
        replaced
    }

    /// What is held on a side, signed.
    pub(crate) fn held(&self, user: usize, symbol: usize, side: PositionSide) -> Qty {
        self.users[user].holdings[symbol][line(side)].position.qty
    }

    /// An order that is open, or why there is none.
    pub(crate) fn open_order(&self, user: usize, id: Option<u64>) -> Result<&Order, Refusal> {
        let found = id.and_then(|id| self.users[user].orders.get(&id)).filter(|order| order.is_open());
        found.ok_or_else(|| Refusal::not_found(self.generation(user)))
    }

    /// Takes an order back.
    pub(crate) fn cancel(&mut self, user: usize, id: u64) -> Result<(), Refusal> {
        let generation = self.generation(user);
        let order = self.open_order(user, Some(id))?;
        let (symbol, engine) = (order.symbol, order.engine);
        self.ask(user, symbol, Request::Cancel(engine)).map_err(|reason| Refusal::of(generation, reason))
    }

    /// Changes an order that keeps its id.
    pub(crate) fn amend(&mut self, user: usize, id: u64, change: Change) -> Result<(), Refusal> {
        let generation = self.generation(user);
        let order = self.open_order(user, Some(id))?.clone();
        let mut new = new_of(&order, change);
        let left = Qty(new.qty.0 - order.filled.0);
        if left.0 <= 0 {
            return Err(Refusal::of(generation, RejectReason::QuantityTooSmall));
        }
        self.check_band(user, &new)?;
        self.amending = Some(id);
        let mut done = self.ask(user, order.symbol, Request::Cancel(order.engine));
        if done.is_ok() {
            done = self.under_new_engine_id(user, id, &new, left);
            new = new_of(&order, Change::default());
            if done.is_err() && self.under_new_engine_id(user, id, &new, order.left()).is_err() {
                self.end_order(user, id, self.now, Status::Cancelled("normal_cancel"));
            }
        }
        self.amending = None;
        done.map_err(|reason| Refusal::of(generation, reason))
    }

    fn under_new_engine_id(
        &mut self,
        user: usize,
        id: u64,
        new: &NewOrder,
        left: Qty,
    ) -> Result<(), RejectReason> {
        let (owner, now) = (&mut self.users[user], self.now);
        let engine = owner.next_engine_id();
        let order = owner.orders.get_mut(&id).expect("what is amended is on record");
        let (symbol, old) = (order.symbol, order.engine);
        (order.engine, order.kind, order.qty, order.preset) = (engine, new.kind, new.qty, new.preset);
        order.updated = now;
        let order = order.clone();
        owner.end_subject(symbol, old);
        owner.set_subject(symbol, engine, Subject::Order(id));
        self.happened.push(crate::exchange::Happening::Order(user, Box::new(order), None));
        self.ask(user, symbol, Request::Place(request(engine, new, left)))
    }

    /// Replaces an order by one with a new id, as V2 does: the old one goes, then the new one comes.
    pub(crate) fn replace(
        &mut self,
        user: usize,
        id: u64,
        client: &str,
        change: Change,
    ) -> Result<Placed, Refusal> {
        let generation = self.generation(user);
        let order = self.open_order(user, Some(id))?.clone();
        let Kind::Limit { price, .. } = order.kind else {
            return Err(Refusal::new("40922", "Only limit orders can be modified"));
        };
        if order.status != Status::Live {
            return Err(Refusal::new("40922", "Only unfilled orders can be modified"));
        }
        if change.price.is_none_or(|new| new == price) && change.qty.is_none_or(|new| new == order.qty) {
            return Err(Refusal::new("40923", "Order size and price have not changed"));
        }
        check_client(generation, client)?;
        if self.users[user].is_taken(client) {
            return Err(Refusal::duplicate(generation));
        }
        let new = NewOrder { client: client.to_owned(), ..new_of(&order, change) };
        self.check_band(user, &new)?;
        self.cancel(user, id)?;
        if let Some(old) = self.users[user].orders.get_mut(&id).filter(|old| !old.is_open()) {
            old.status = Status::Cancelled("modify_limit_order");
        }
        self.place(user, new)
    }

    /// Closes what is held at market: the id of the order, or why not.
    pub(crate) fn close_position(
        &mut self,
        user: usize,
        symbol: usize,
        side: PositionSide,
    ) -> Result<u64, Refusal> {
        let held = self.held(user, symbol, side);
        let Some(closing) = Side::of(-held) else {
            return Err(Refusal::of(self.generation(user), RejectReason::NothingToReduce));
        };
        let new = NewOrder {
            symbol,
            client: String::new(),
            side: closing,
            position_side: side,
            reduce_only: true,
            kind: Kind::Market,
            qty: held.abs(),
            preset: Preset::default(),
        };
        self.place(user, new).map(|placed| placed.id)
    }

    /// Closes what is held at market and opens as much of the other side: the id of the opening order.
    pub(crate) fn reverse(
        &mut self,
        user: usize,
        symbol: usize,
        side: PositionSide,
        client: &str,
    ) -> Result<Placed, Refusal> {
        let generation = self.generation(user);
        check_client(generation, client)?;
        if self.users[user].is_taken(client) {
            return Err(Refusal::duplicate(generation));
        }
        let held = self.held(user, symbol, side);
        self.close_position(user, symbol, side)?;
        let opening = Side::of(-held).expect("what was closed was held");
        let new = NewOrder {
            symbol,
            client: client.to_owned(),
            side: opening,
            position_side: self.users[user].modes[symbol].position.opened_by(opening),
            reduce_only: false,
            kind: Kind::Market,
            qty: held.abs(),
            preset: Preset::default(),
        };
        self.place(user, new)
    }

    /// The positions of an account that are open, by symbol and side.
    pub(crate) fn open_positions(&self, user: usize) -> Vec<(usize, PositionSide)> {
        let owner = &self.users[user];
        let mut open = Vec::new();
        for (symbol, lines) in owner.holdings.iter().enumerate() {
            for (at, holding) in lines.iter().enumerate().filter(|(_, one)| !one.position.is_flat()) {
                let side = match (owner.modes[symbol].position, at) {
                    (PositionMode::OneWay, _) => PositionSide::Net,
                    (PositionMode::Hedge, 0) => PositionSide::Long,
                    (PositionMode::Hedge, _) => PositionSide::Short,
                };
                debug_assert!(holding.position.qty.0 != 0, "an open position holds something");
                open.push((symbol, side));
            }
        }
        open
    }
}

fn new_of(order: &Order, change: Change) -> NewOrder {
    let kind = match (order.kind, change.price) {
        (Kind::Limit { tif, .. }, Some(price)) => Kind::Limit { price, tif },
        // An amended order waits: what would have taken at once has not.
        (Kind::Limit { price, .. }, None) => Kind::Limit { price, tif: TimeInForce::GoodTillCancelled },
        (kind, _) => kind,
    };
    NewOrder {
        symbol: order.symbol,
        client: order.client.clone(),
        side: order.side,
        position_side: order.position_side,
        reduce_only: order.reduce_only,
        kind,
        qty: change.qty.unwrap_or(order.qty),
        preset: change.preset.unwrap_or(order.preset),
    }
}
