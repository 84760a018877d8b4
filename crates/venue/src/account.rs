//! An account, of one bot or of several: positions, books, orders at rest, requests on their way.
//!
//! Keeps the figures and the margin arithmetic on them. It refuses to know bars: the walk moves it through time.

use crate::books::{Books, Entry};
use crate::margin::{LiquidationLevels, initial_margin};
use crate::models::Models;
use crate::quiet::{Bounds, Motion};
use crate::resting::{Met, RestingKind, RestingOrder};
use crate::seen::SeenIds;
use crate::terms::{Terms, money};
use crate::{Direction, Rejection};
use model::{
    AccountId, AccountMode, MarginMode, Mark, OrderId, Position, PositionMode, PositionSide, Price, Qty,
    Realised, RejectReason, Request, StateHash, Time, Usd, div_round_half_away,
};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Most orders that rest in one account, legs to come included.
pub const ORDERS_MAX: usize = 64;
/// Most requests that may be on their way to one account.
pub const IN_FLIGHT_MAX: usize = 256;

/// What an account is opened with.
#[derive(Clone, Copy, Debug)]
pub struct AccountSettings {
    /// Its number.
    pub id: AccountId,
    /// Position mode, margin mode, leverage.
    pub mode: AccountMode,
    /// The first deposit.
    pub balance: Usd,
    /// Slippage, latency, participation.
    pub models: Models,
}

/// An account at the venue.
#[derive(Clone, Debug)]
pub struct Account {
    pub(crate) terms: Arc<Terms>,
    pub(crate) settings: AccountSettings,
    pub(crate) books: Books,
    pub(crate) positions: [Position; 2],
    /// Marks inside which no line is lost: exact levels, or a range that is safe for sure, which spares the search
    /// for them. By line if isolated; all in the first if cross.
    pub(crate) guards: [Guard; 2],
    pub(crate) orders: Vec<RestingOrder>,
    pub(crate) in_flight: VecDeque<(Time, Request)>,
    pub(crate) frozen: Usd,
    pub(crate) seen: SeenIds,
    pub(crate) bounds: Bounds,
}

/// What is known of a line's liquidation levels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    pub(crate) levels: LiquidationLevels,
    /// The mark when money or positions last changed.
    from: Mark,
    kind: GuardKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GuardKind {
    Exact,
    SafeRange,
}

impl Guard {
    const NONE: Guard = Guard {
        levels: LiquidationLevels { below: None, above: None },
        from: Mark::ZERO,
        kind: GuardKind::Exact,
    };
}

/// Index of the position a side means.
pub(crate) const fn line_of(side: PositionSide) -> usize {
    match side {
        PositionSide::Net | PositionSide::Long => 0,
        PositionSide::Short => 1,
    }
}

impl Account {
    pub(crate) fn open(terms: Arc<Terms>, settings: AccountSettings) -> Account {
        let leverage = settings.mode.leverage;
        assert!(
            (1..=terms.instrument.leverage_max).contains(&leverage),
            "an account's leverage lies within its instrument's"
        );
        assert!(settings.balance.0 >= 0, "an account opens with money or none");
        assert!((0..=model::Rate::ONE.0).contains(&settings.models.slippage.0), "slippage is a fraction");
        assert!(settings.models.latency.0 >= 0, "nothing arrives before it is sent");
        let mut books = Books::default();
        books.post(Entry::Transfer, Entry::Wallet, settings.balance);
        Account {
            terms,
            settings,
            books,
            positions: [Position::FLAT; 2],
            guards: [Guard::NONE; 2],
            orders: Vec::with_capacity(ORDERS_MAX),
            in_flight: VecDeque::with_capacity(IN_FLIGHT_MAX),
            frozen: Usd::ZERO,
            seen: SeenIds::new(),
            bounds: Bounds::NONE,
        }
    }

    /// Its number.
    pub fn id(&self) -> AccountId {
        self.settings.id
    }

    /// Position mode, margin mode, leverage.
    pub fn mode(&self) -> AccountMode {
        self.settings.mode
    }

    /// All realised money: the free wallet and isolated pools.
    pub fn wallet(&self) -> Usd {
        self.books.owned()
    }

    /// The position of a side; `Net` and `Long` are the same one.
    pub fn position(&self, side: PositionSide) -> &Position {
        &self.positions[line_of(side)]
    }

    /// Wallet and what the positions would bring at `mark`.
    pub fn equity(&self, mark: Mark) -> Usd {
        self.positions
            .iter()
            .filter(|position| !position.is_flat())
            .fold(self.wallet(), |sum, position| sum + self.terms.margin.unrealised(position, mark))
    }

    /// The double-entry books.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// Orders at rest, oldest first.
    pub fn open_orders(&self) -> impl ExactSizeIterator<Item = &RestingOrder> {
        self.orders.iter()
    }

    /// Fees paid, forced closes included.
    pub fn fees_paid(&self) -> Usd {
        self.books.balance(Entry::Fee)
    }

    /// Funding received (+) or paid (-).
    pub fn funding_received(&self) -> Usd {
        -self.books.balance(Entry::Funding)
    }

    /// Maintenance margin of all positions at `mark`.
    pub fn maintenance_margin(&self, mark: Mark) -> Usd {
        self.positions
            .iter()
            .fold(Usd::ZERO, |sum, position| sum + self.terms.margin.maintenance_margin(position, mark))
    }

    /// Marks at which the position of a side is liquidated; under cross margin those of the whole account.
    pub fn liquidation_levels(&self, side: PositionSide) -> LiquidationLevels {
        self.exact_levels(self.purse_line(line_of(side)))
    }

    /// Money held back for resting orders.
    pub fn frozen(&self) -> Usd {
        self.frozen
    }

    /// Money that can margin new orders at `mark`: losses count, unrealised profits do not.
    pub fn free_margin(&self, mark: Mark) -> Usd {
        self.free_margin_with(&self.positions, mark)
    }

    fn free_margin_with(&self, positions: &[Position; 2], mark: Mark) -> Usd {
        let free = self.books.balance(Entry::Wallet) - self.frozen;
        if self.settings.mode.margin == MarginMode::Isolated {
            return free;
        }
        let (mut unrealised, mut margins) = (Usd::ZERO, Usd::ZERO);
        for position in positions.iter().filter(|position| !position.is_flat()) {
            unrealised += self.terms.margin.unrealised(position, mark);
            margins += initial_margin(self.terms.usd(position.cost), self.settings.mode.leverage);
        }
        free + unrealised.min(Usd::ZERO) - margins
    }

    /// The lines this account has.
    pub(crate) fn lines(&self) -> Range<usize> {
        match self.settings.mode.position {
            PositionMode::OneWay => 0..1,
            PositionMode::Hedge => 0..2,
        }
    }

    /// What a line is called in this account's mode.
    pub(crate) fn side_of(&self, line: usize) -> PositionSide {
        match (self.settings.mode.position, line) {
            (PositionMode::OneWay, _) => PositionSide::Net,
            (PositionMode::Hedge, 0) => PositionSide::Long,
            (PositionMode::Hedge, _) => PositionSide::Short,
        }
    }

    /// Where the levels of a line are kept.
    pub(crate) fn purse_line(&self, line: usize) -> usize {
        match self.settings.mode.margin {
            MarginMode::Cross => 0,
            MarginMode::Isolated => line,
        }
    }

    pub(crate) fn is_flat(&self) -> bool {
        self.positions.iter().all(Position::is_flat)
    }

    pub(crate) fn index_of(&self, id: OrderId) -> Option<usize> {
        self.orders.iter().position(|order| order.id == id)
    }

    /// Lots a signed fill would close.
    pub(crate) fn closing_lots(&self, line: usize, qty: Qty) -> i64 {
        let held = self.positions[line].qty.0;
        if held.signum() * qty.0.signum() < 0 { held.abs().min(qty.0.abs()) } else { 0 }
    }

    /// Money that a fill of a signed quantity needs for the part it opens: initial margin and taker fee; or why it
    /// cannot be had. `released` is what the order itself holds back already.
    pub(crate) fn opening_margin(
        &self,
        line: usize,
        qty: Qty,
        price: Price,
        mark: Mark,
        released: Usd,
    ) -> Result<Usd, Rejection> {
        let terms = &*self.terms;
        let closing = self.closing_lots(line, qty);
        let opening = Qty(qty.0.abs() - closing);
        if opening.0 == 0 {
            return Ok(Usd::ZERO);
        }
        let held = self.positions[line];
        let resulting = if closing > 0 { opening } else { held.qty.abs() + opening };
        let notional = terms.notional_wide(resulting, price);
        let tiers = &terms.instrument.tiers;
        let last = tiers.last().expect("an instrument has a tier");
        if resulting > terms.qty_max || notional > i128::from(last.notional_max.0) {
            return Err(RejectReason::PositionTooLarge);
        }
        let notional = money(notional);
        if terms.instrument.tier(notional).leverage_max < self.settings.mode.leverage {
            return Err(RejectReason::LeverageTooHigh);
        }
        let margin = initial_margin(money(terms.notional_wide(opening, price)), self.settings.mode.leverage);
        let needed = margin + terms.fee(qty, price, terms.taker);
        let mut kept = self.positions;
        let mut freed = released;
        if closing > 0 {
            kept[line] = Position::FLAT;
            freed += terms.usd(held.unrealised(price)) + self.books.balance(Entry::Pool(line));
        }
        if self.free_margin_with(&kept, mark) + freed < needed {
            return Err(RejectReason::InsufficientMargin);
        }
        Ok(needed)
    }

    /// The share of an isolated pool that leaves with `closed` of the lots held.
    pub(crate) fn pool_share(&self, line: usize, held: Qty, closed: i64) -> Usd {
        let pool = self.books.balance(Entry::Pool(line));
        if closed == held.0.abs() {
            return pool;
        }
        money(div_round_half_away(i128::from(pool.0) * i128::from(closed), i128::from(held.0.abs())))
    }

    /// Posts a fill that was just applied to a line which held `held` before.
    pub(crate) fn post_fill(&mut self, line: usize, held: Qty, realised: &Realised, price: Price, fee: Usd) {
        if realised.closed.0 > 0 {
            let share = self.pool_share(line, held, realised.closed.0);
            self.books.post(Entry::Pool(line), Entry::Wallet, share);
            self.books.post(Entry::Trade, Entry::Wallet, self.terms.usd(realised.profit));
        }
        if realised.opened.0 > 0 && self.settings.mode.margin == MarginMode::Isolated {
            let notional = money(self.terms.notional_wide(realised.opened, price));
            let margin = initial_margin(notional, self.settings.mode.leverage);
            self.books.post(Entry::Wallet, Entry::Pool(line), margin);
        }
        self.books.post(Entry::Wallet, Entry::Fee, fee);
    }

    /// What stands behind the levels kept at `line`.
    fn backing(&self, line: usize) -> (Usd, &[Position]) {
        match self.settings.mode.margin {
            MarginMode::Cross => (self.books.balance(Entry::Wallet), &self.positions),
            MarginMode::Isolated => (self.books.balance(Entry::Pool(line)), &self.positions[line..=line]),
        }
    }

    /// Guards a line anew after a change of its money or positions, seen from `mark`. Isolated, the other line is still
    /// seen from where it changed itself: this mark may lie beyond its level, on a way it has not gone yet.
    pub(crate) fn refresh_levels(&mut self, line: usize, mark: Mark) {
        let line = self.purse_line(line);
        let (backing, positions) = self.backing(line);
        self.guards[line] = if positions.iter().all(Position::is_flat) {
            Guard::NONE
        } else if let Some(levels) = self.terms.margin.safe_range(backing, positions, mark) {
            Guard { levels, from: mark, kind: GuardKind::SafeRange }
        } else {
            let levels = self.terms.margin.liquidation_levels(backing, positions, mark);
            Guard { levels, from: mark, kind: GuardKind::Exact }
        };
    }

    /// The exact levels of a line, seen from where money or positions last changed.
    pub(crate) fn exact_levels(&self, line: usize) -> LiquidationLevels {
        let guard = &self.guards[line];
        match guard.kind {
            GuardKind::Exact => guard.levels,
            GuardKind::SafeRange => {
                let (backing, positions) = self.backing(line);
                self.terms.margin.liquidation_levels(backing, positions, guard.from)
            }
        }
    }

    /// Whether a trade at `price` lies in a range in which equity covers the dearest requirement, closing fee included:
    /// the price itself, whatever the mark says, and of all that stands behind the line.
    pub(crate) fn is_safe_to_close_at(&self, line: usize, price: Price) -> bool {
        let guard = &self.guards[self.purse_line(line)];
        let traded = Mark(price.0 * self.terms.mark_per_tick);
        let fees = &self.terms.instrument.fees;
        guard.kind == GuardKind::SafeRange
            && guard.levels.below.is_none_or(|below| traded > below)
            && guard.levels.above.is_none_or(|above| traded < above)
            && fees.taker.max(fees.maker) <= fees.liquidation
            && (self.settings.mode.margin == MarginMode::Isolated || self.positions[1 - line].is_flat())
    }

    /// A bar left a safe range without losing the position: guards it from there.
    pub(crate) fn follow_guards(&mut self, mark: Mark) {
        let left = |guard: &Guard| {
            guard.kind == GuardKind::SafeRange
                && (guard.levels.below.is_some_and(|below| mark <= below)
                    || guard.levels.above.is_some_and(|above| mark >= above))
        };
        for line in 0..self.guards.len() {
            if left(&self.guards[line]) {
                self.refresh_levels(line, mark);
            }
        }
    }

    /// Works out again which prices touch something here.
    pub(crate) fn refresh_bounds(&mut self) {
        let mut bounds = Bounds::NONE;
        for order in &self.orders {
            match (order.kind, order.level()) {
                (RestingKind::Market, _) | (RestingKind::Trailing { watermark: Some(_), .. }, _) => {
                    bounds.motion = Motion::Moving;
                }
                (RestingKind::Trailing { activation, .. }, _) => match order.side {
                    model::Side::Buy => bounds.below = bounds.below.max(activation.0),
                    model::Side::Sell => bounds.above = bounds.above.min(activation.0),
                },
                (_, level) => {
                    let (way, price, met) = level.expect("only a market order waits without a level");
                    let beyond = if met == Met::Through { way.sign() } else { 0 };
                    match way {
                        Direction::Down => bounds.below = bounds.below.max(price.0 + beyond),
                        Direction::Up => bounds.above = bounds.above.min(price.0 + beyond),
                    }
                }
            }
        }
        for Guard { levels, .. } in &self.guards {
            bounds.mark_below = levels.below.map_or(bounds.mark_below, |mark| bounds.mark_below.max(mark.0));
            bounds.mark_above = levels.above.map_or(bounds.mark_above, |mark| bounds.mark_above.min(mark.0));
        }
        self.bounds = bounds;
    }

    /// Adds the account to a state hash.
    pub(crate) fn hash(&self, hash: &mut StateHash) {
        hash.word(u64::from(self.settings.id.0));
        for entry in [Entry::Wallet, Entry::Pool(0), Entry::Pool(1), Entry::Trade, Entry::Fee, Entry::Funding]
        {
            hash.int(self.books.balance(entry).0);
        }
        for position in &self.positions {
            hash.int(position.qty.0);
            hash.int(position.cost as i64);
        }
        self.seen.hash(hash);
        for order in &self.orders {
            order.hash(hash);
        }
        for (arrival, request) in &self.in_flight {
            hash.int(arrival.0);
            match request {
                Request::Place(order) => hash.word(order.id.word()),
                Request::Cancel(id) => hash.word(id.word()),
                Request::Amend { id, price } => {
                    hash.word(id.word());
                    hash.int(price.0);
                }
            }
        }
    }
}
