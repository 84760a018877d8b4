//! The venue: one instrument, accounts of one bot or of several, one queue of reports.
//!
//! Accounts do not meet each other: what is done on one never moves another's price, so four venues of one account
//! and one venue of four say the same.

use crate::account::{Account, AccountSettings, IN_FLIGHT_MAX, line_of};
use crate::books::Entry;
use crate::marks::{MarkBar, MarkPath};
use crate::mode::ModeRefusal;
use crate::path::Walk;
use crate::quiet::Bounds;
use crate::reports::Reports;
use crate::terms::Terms;
use model::{
    AccountId, AccountMode, Bar, Bars, Instrument, Interval, MarginMode, Mark, OrderId, PositionSide, Price,
    Qty, Rate, Report, Request, StateHash, Time, Usd,
};
use std::sync::Arc;

const NEVER: Time = Time(i64::MAX);

/// The simulated venue.
#[derive(Clone, Debug)]
pub struct Venue {
    terms: Arc<Terms>,
    pub(crate) accounts: Vec<Account>,
    reports: Reports,
    bounds: Bounds,
    /// When the first request on its way arrives.
    arrival_next: Time,
    pub(crate) last: Price,
    pub(crate) mark: Mark,
    pub(crate) now: Time,
}

impl Venue {
    /// A venue for one instrument, without accounts.
    pub fn new(instrument: Instrument) -> Venue {
        Venue {
            terms: Arc::new(Terms::new(instrument)),
            accounts: Vec::new(),
            reports: Reports::default(),
            bounds: Bounds::NONE,
            arrival_next: NEVER,
            last: Price::ZERO,
            mark: Mark::ZERO,
            now: Time(i64::MIN),
        }
    }

    /// What is traded here.
    pub fn instrument(&self) -> &Instrument {
        &self.terms.instrument
    }

    /// Opens an account.
    pub fn open_account(&mut self, settings: AccountSettings) {
        assert!(self.accounts.iter().all(|account| account.id() != settings.id), "an account is opened once");
        self.accounts.push(Account::open(Arc::clone(&self.terms), settings));
        self.reports.reserve_account();
    }

    /// One of the accounts.
    pub fn account(&self, id: AccountId) -> &Account {
        let index = self.index_of(id);
        &self.accounts[index]
    }

    /// All accounts in the order they were opened.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The last mark this venue was told.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    fn index_of(&self, id: AccountId) -> usize {
        self.accounts.iter().position(|account| account.id() == id).expect("who trades has an account")
    }

    /// A request leaves the bot at `now`; it arrives after the account's latency and is handled in that order.
    pub fn submit(&mut self, now: Time, account: AccountId, request: Request) {
        let index = self.index_of(account);
        let account = &mut self.accounts[index];
        assert!(account.in_flight.len() < IN_FLIGHT_MAX, "requests on their way are bounded");
        let arrival = now + account.settings.models.latency;
        // Requests of one account never overtake each other.
        let arrival = account.in_flight.back().map_or(arrival, |&(last, _)| arrival.max(last));
        account.in_flight.push_back((arrival, request));
        self.arrival_next = self.arrival_next.min(arrival);
    }

    /// Handles a request at once, between bars and at the last price: a venue that answers before anybody waits.
    pub fn execute(&mut self, at: Time, account: AccountId, request: &Request) {
        self.intervene(at, account, |walk| walk.handle(request));
    }

    /// Changes the settings of an account: all of them while nothing is held or rests, the leverage at any time that
    /// margin and tier allow it. What rests keeps the margin that was held back for it.
    pub fn set_mode(&mut self, account: AccountId, mode: AccountMode) -> Result<(), ModeRefusal> {
        let (index, mark) = (self.index_of(account), self.mark);
        self.accounts[index].set_mode(mode, mark)?;
        self.refresh();
        Ok(())
    }

    /// Until when bars were walked: nothing happens here before it.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The last traded price; zero before the first bar.
    pub fn last(&self) -> Price {
        self.last
    }

    /// The next report to deliver, oldest first, with its time.
    #[inline]
    pub fn poll(&mut self) -> Option<(Time, AccountId, Report)> {
        self.reports.pop()
    }

    /// How many leading bars cannot change anything here.
    #[inline]
    pub fn quiet(&self, bars: Bars<'_>, mark: MarkPath<'_>) -> usize {
        if self.arrival_next == NEVER {
            if self.bounds.are_none() {
                return bars.len();
            }
            return self.bounds.untouched(bars, mark, self.terms.mark_per_tick);
        }
        if bars.is_empty() || self.arrival_next < bars.close_time(0) {
            return 0;
        }
        let n = bars.open_time.partition_point(|&open| open + bars.interval <= self.arrival_next);
        let mark = match mark {
            MarkPath::Basis(basis) => MarkPath::Basis(basis),
            MarkPath::Bars { high, low } => MarkPath::Bars { high: &high[..n], low: &low[..n] },
        };
        self.bounds.untouched(bars.slice(0, n), mark, self.terms.mark_per_tick)
    }

    /// Walks one bar: arrivals, fills, triggers, liquidations. Everything said goes to the report queue.
    pub fn step(&mut self, bar: &Bar, interval: Interval, mark: MarkBar) {
        assert!(interval.0 > 0 && bar.open_time >= self.now, "bars come one after the other");
        assert!(
            bar.low.0 > 0 && bar.low <= bar.open.min(bar.close) && bar.open.max(bar.close) <= bar.high,
            "a bar's open and close lie between its low and high"
        );
        assert!(bar.high <= self.terms.price_max, "a price is small enough for exact arithmetic");
        assert!(
            mark.low <= mark.open.min(mark.close) && mark.open.max(mark.close) <= mark.high,
            "a mark's open and close lie between its low and high"
        );
        let close_time = bar.open_time + interval;
        let first = self.reports.len();
        let mut spoke = 0;
        let arrives = self.arrival_next < close_time;
        for account in &mut self.accounts {
            let due = arrives && account.in_flight.front().is_some_and(|&(arrival, _)| arrival < close_time);
            if due || account.bounds.touched(bar.low, bar.high, mark.low, mark.high) {
                let before = self.reports.len();
                Walk::new(&self.terms, account, &mut self.reports, bar, interval, mark).run();
                spoke += usize::from(self.reports.len() > before);
            }
        }
        if spoke > 1 {
            self.reports.merge_from(first);
        }
        self.refresh();
        (self.last, self.mark, self.now) = (bar.close, mark.close, close_time);
    }

    /// After quiet bars were passed over: remembers the last price and mark.
    #[inline]
    pub fn pass(&mut self, last: Price, mark: Mark, now: Time) {
        (self.last, self.mark, self.now) = (last, mark, now);
    }

    /// Settles one funding instant for every account on the position then held, valued at `mark`.
    pub fn settle_funding(&mut self, at: Time, mark: Mark, rate: Rate) {
        for account in &mut self.accounts {
            if account.is_flat() {
                continue;
            }
            for line in account.lines() {
                let position = account.positions[line].qty;
                if position.0 == 0 {
                    continue;
                }
                let amount = self.terms.instrument.funding(position, mark, rate);
                let purse = match account.settings.mode.margin {
                    MarginMode::Cross => Entry::Wallet,
                    MarginMode::Isolated => Entry::Pool(line),
                };
                account.books.post(Entry::Funding, purse, amount);
                let position_side = account.side_of(line);
                let report = Report::Funding { position_side, position, mark, rate, amount };
                self.reports.push(at, account.id(), report);
            }
            for line in account.lines() {
                account.refresh_levels(line, mark);
            }
            account.refresh_bounds();
        }
        self.mark = mark;
        self.refresh();
    }

    /// Liquidates an account now, at the last mark and whatever its margin: a venue's fault. It says and books what a
    /// forced close on the walk does. A flat account is left as it is.
    pub fn seize(&mut self, at: Time, account: AccountId) {
        self.intervene(at, account, |walk| walk.seize());
    }

    /// Auto-deleveraging: closes up to `lots` of a position at `price` without a fee. Returns what it closed: nothing
    /// if nothing is held, or if closing there would leave a debt.
    pub fn deleverage(
        &mut self,
        at: Time,
        account: AccountId,
        side: PositionSide,
        lots: Qty,
        price: Price,
    ) -> Qty {
        assert!(lots.0 >= 0, "lots to close are counted without a sign");
        assert!(price.0 > 0 && price <= self.terms.price_max, "a position is closed at a price");
        let line = line_of(side);
        assert!(
            self.account(account).side_of(line) == side,
            "a position is called as its account's mode does"
        );
        self.intervene(at, account, |walk| walk.deleverage(line, lots, price))
    }

    /// Money comes from outside, or (negative) leaves, without a report. What is not there, or backs something, stays:
    /// returns whether it was moved.
    pub fn transfer(&mut self, account: AccountId, amount: Usd) -> bool {
        let (index, mark) = (self.index_of(account), self.mark);
        let account = &mut self.accounts[index];
        if amount.0 < 0 && account.free_margin(mark) + amount < Usd::ZERO {
            return false;
        }
        account.books.post(Entry::Transfer, Entry::Wallet, amount);
        if account.settings.mode.margin == MarginMode::Cross {
            account.refresh_levels(0, mark);
        }
        account.refresh_bounds();
        self.refresh();
        true
    }

    /// Loses an order at rest without a word: a venue's fault. Returns whether it was there.
    pub fn lose(&mut self, account: AccountId, id: OrderId) -> bool {
        let index = self.index_of(account);
        let account = &mut self.accounts[index];
        let Some(order) = account.index_of(id).map(|at| account.orders.remove(at)) else { return false };
        account.frozen -= order.frozen;
        account.refresh_bounds();
        self.refresh();
        true
    }

    /// Lets the venue act on an account between bars, at an instant at which nothing trades.
    fn intervene<T>(&mut self, at: Time, account: AccountId, act: impl FnOnce(&mut Walk<'_>) -> T) -> T {
        assert!(at >= self.now, "nothing happens before the bars that were walked");
        let index = self.index_of(account);
        let (last, mark) = (self.last, self.mark);
        let bar = Bar { open_time: at, open: last, high: last, low: last, close: last, volume: 0.0 };
        let mark = MarkBar { open: mark, high: mark, low: mark, close: mark };
        let account = &mut self.accounts[index];
        let done = act(&mut Walk::new(&self.terms, account, &mut self.reports, &bar, Interval(1), mark));
        account.refresh_bounds();
        self.refresh();
        done
    }

    /// Whether the books of every account balance to the unit.
    pub fn balanced(&self) -> bool {
        self.accounts.iter().all(|account| account.books.balanced())
    }

    /// Adds balances, positions, orders, requests on their way and waiting reports to a state hash.
    pub fn state_hash(&self, hash: &mut StateHash) {
        for account in &self.accounts {
            account.hash(hash);
        }
        for (at, account, _) in self.reports.iter() {
            hash.int(at.0);
            hash.word(u64::from(account.0));
        }
        hash.int(self.last.0);
        hash.int(self.mark.0);
    }

    pub(crate) fn refresh(&mut self) {
        self.bounds = Bounds::NONE;
        self.arrival_next = NEVER;
        for account in &self.accounts {
            self.bounds.merge(&account.bounds);
            if let Some(&(arrival, _)) = account.in_flight.front() {
                self.arrival_next = self.arrival_next.min(arrival);
            }
        }
    }
}
