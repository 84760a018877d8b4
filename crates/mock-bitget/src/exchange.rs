//! The exchange: symbols with their engines, accounts, sockets, faults, and the time they are told.
//!
//! One engine a symbol; an account has its money in one of them and it follows the account's orders, since a unified
//! wallet is one wallet. Refuses to go back in time, and to be asked anything without being told when.

use crate::capture::Capture;
use crate::counters::Counters;
use crate::faults::Faults;
use crate::inside::Inside;
use crate::journal::Journal;
use crate::limits::Limits;
use crate::lockstep::Steps;
use crate::made::{Made, Pace, first_price_usdt};
use crate::recorded::{BadBars, Recorded};
use crate::records::{Bill, BillKind, Ended, Fill, Order, Plan};
use crate::session::Session;
use crate::setup::{AccountSetup, Setup};
use crate::source::Source;
use crate::tape::{Stretch, Tape};
use crate::user::User;
use model::{AccountId, AccountMode, BarColumns, Instrument, Mark, Price, Rate, RejectReason, Time, Usd};
use std::collections::BTreeMap;
use venue::{AccountSettings, Models, Venue};

/// When an order that was sent meets the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// At once, at the last price: a reply knows what became of it.
    AtOnce,
    /// With the next stretch of the market, as on the simulated venue: a run over the wire equals one without it.
    WithNextStretch,
}

/// A symbol.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub(crate) venue: Venue,
    pub(crate) tape: Tape,
    pub(crate) source: Source,
}

impl Listing {
    pub(crate) fn instrument(&self) -> &Instrument {
        self.venue.instrument()
    }
}

/// Something that sockets may tell of.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A symbol's market moved.
    Market(usize),
    /// An order changed, with the fill if one did it.
    Order(usize, Box<Order>, Option<Box<Fill>>),
    Plan(usize, Box<Plan>),
    Fill(usize, Box<Fill>),
    /// Money or positions of an account changed.
    Money(usize),
    Ended(usize, Box<Ended>),
    /// Auto-deleveraging.
    Deleveraged(usize, Box<Fill>),
}

/// A Bitget that is not Bitget.
#[derive(Debug)]
pub struct Exchange {
    pub(crate) listings: Vec<Listing>,
    pub(crate) users: Vec<User>,
    pub(crate) sessions: BTreeMap<u64, Session>,
    pub(crate) faults: Faults,
    pub(crate) limits: Option<Limits>,
    pub(crate) counters: Counters,
    pub(crate) matching: Matching,
    /// Whether the market waits for whoever listens.
    pub(crate) steps: Option<Steps>,
    /// What a restart has to repeat, if there is to be one.
    pub(crate) journal: Option<Journal>,
    /// Whether an earlier life is repeated.
    pub(crate) repeating: bool,
    pub(crate) now: Time,
    pub(crate) happened: Vec<Happening>,
    pub(crate) session_last: u64,
    /// Why the engine refused the request in hand.
    pub(crate) refused: Option<RejectReason>,
    /// The order that is being replaced under its own id.
    pub(crate) amending: Option<u64>,
    /// Targets to rest for entries that have filled.
    pub(crate) targets_due: Vec<(usize, Box<Order>, Price)>,
    pub(crate) inside: Inside,
}

/// Where ids of orders begin: nineteen digits.
const ID_FIRST: u64 = 1_360_000_000_000_000_000;
/// Ids of an account. Each has its own, so that whose request came first is seen in nobody's.
const IDS_PER_ACCOUNT: u64 = 10_000_000_000_000;

impl Exchange {
    /// An exchange with these symbols and accounts, whose market is handed in.
    pub fn new(instruments: Vec<Instrument>, setup: Setup, now: Time) -> Exchange {
        assert!(!instruments.is_empty(), "an exchange trades something");
        let listings = instruments.into_iter().map(|instrument| {
            let tape = Tape::new(instrument.clone());
            Listing { venue: Venue::new(instrument), tape, source: Source::HandedIn }
        });
        let mut exchange = Exchange {
            listings: listings.collect(),
            users: Vec::new(),
            sessions: BTreeMap::new(),
            faults: Faults::default(),
            limits: Some(Limits::default()),
            counters: Counters::default(),
            matching: Matching::AtOnce,
            steps: None,
            journal: None,
            repeating: false,
            now,
            happened: Vec::new(),
            session_last: 0,
            refused: None,
            amending: None,
            targets_due: Vec::new(),
            inside: Inside::default(),
        };
        setup.accounts.into_iter().for_each(|account| exchange.open_account(account));
        exchange.happened.clear();
        exchange
    }

    /// The same, with a market made from a seed and at least 90 days of it behind.
    pub fn generated(instruments: Vec<Instrument>, setup: Setup, now: Time, seed: u64) -> Exchange {
        let mut exchange = Exchange::new(instruments, setup, now);
        for (index, listing) in exchange.listings.iter_mut().enumerate() {
            let Listing { venue, tape, .. } = listing;
            let price = first_price_usdt(venue.instrument());
            // Each symbol has a market of its own.
            let seed = seed.wrapping_add(index as u64);
            let made = Made::begin(venue.instrument(), seed, now, price, |stretch| tape.remember(stretch));
            venue.pass(tape.last(), tape.mark(), tape.now());
            listing.source = Source::Made(Box::new(made));
        }
        exchange.pass(now);
        exchange.happened.clear();
        exchange
    }

    /// One symbol whose market is the bars of a file, behind a made past of at least 90 days; its time begins with them.
    pub fn recorded(
        instrument: Instrument,
        setup: Setup,
        bars: BarColumns,
        seed: u64,
    ) -> Result<Exchange, BadBars> {
        let recorded = Recorded::new(&instrument, bars)?;
        Ok(Exchange::of_recorded(instrument, setup, recorded, seed))
    }

    /// The same of a capture, whose books are shown as they were.
    pub fn captured(
        instrument: Instrument,
        setup: Setup,
        capture: Capture,
        seed: u64,
    ) -> Result<Exchange, BadBars> {
        let recorded = Recorded::captured(&instrument, capture)?;
        Ok(Exchange::of_recorded(instrument, setup, recorded, seed))
    }

    fn of_recorded(instrument: Instrument, setup: Setup, recorded: Recorded, seed: u64) -> Exchange {
        let mut exchange = Exchange::new(vec![instrument.clone()], setup, recorded.start());
        let Listing { venue, tape, source } = &mut exchange.listings[0];
        recorded.past(&instrument, seed, |stretch| tape.remember(stretch));
        // What a file says nothing of is nothing.
        tape.funding.push_back((tape.now(), Rate::ZERO));
        venue.pass(tape.last(), tape.mark(), tape.now());
        *source = Source::Recorded(Box::new(recorded));
        exchange
    }

    /// Whether requests are counted against their limits; they are unless somebody says otherwise.
    pub fn set_limited(&mut self, limited: bool) {
        self.limits = limited.then(Limits::default);
    }

    /// Whether they are.
    pub fn is_limited(&self) -> bool {
        self.limits.is_some()
    }

    /// When orders meet the market.
    pub fn set_matching(&mut self, matching: Matching) {
        self.matching = matching;
    }

    pub(crate) fn open_account(&mut self, setup: AccountSetup) {
        let number = u16::try_from(self.users.len()).expect("an exchange of fewer than 65 536 accounts");
        let (user, account) = (self.users.len(), AccountId(number));
        let mut modes = Vec::new();
        for (index, listing) in self.listings.iter_mut().enumerate() {
            let leverage = setup.leverage.min(listing.instrument().leverage_max);
            let mode = AccountMode { position: setup.position, margin: setup.margin, leverage };
            let balance = if index == 0 { setup.balance } else { Usd::ZERO };
            let models = Models { slippage: setup.slippage, ..Models::NONE };
            listing.venue.open_account(AccountSettings { id: account, mode, balance, models });
            modes.push(mode);
        }
        let balance = setup.balance;
        let mut owner = User::new(setup, account, modes);
        owner.opened = self.now;
        self.users.push(owner);
        if balance.0 > 0 {
            self.bill(user, None, BillKind::In, balance, Usd::ZERO, self.now);
        }
    }

    /// The exchange's clock, which a fault may have moved.
    pub(crate) fn clock(&self) -> Time {
        self.now + self.faults.clock_ahead
    }

    /// The next id of an order, a fill or a bill of an account.
    pub(crate) fn next_id(&mut self, user: usize) -> u64 {
        let owner = &mut self.users[user];
        owner.ids += 1;
        assert!(owner.ids < IDS_PER_ACCOUNT, "an account has fewer than ten million million ids");
        ID_FIRST + user as u64 * IDS_PER_ACCOUNT + owner.ids
    }

    pub(crate) fn setups(&self) -> impl Iterator<Item = &AccountSetup> {
        self.users.iter().map(|user| &user.setup)
    }

    /// What is traded.
    pub fn symbols(&self) -> Vec<String> {
        self.listings.iter().map(|listing| listing.instrument().symbol.clone()).collect()
    }

    pub(crate) fn symbol_of(&self, name: &str) -> Option<usize> {
        self.listings.iter().position(|listing| listing.instrument().symbol.eq_ignore_ascii_case(name))
    }

    /// Time passes: markets go on, what is due happens, sockets are told. In lock-step it is told what the time is, and
    /// does not believe it.
    pub fn pass(&mut self, now: Time) {
        if self.steps.is_some() {
            self.tell();
            return self.step_when_all_are_ready();
        }
        self.run_until(now, Pace::MayLeap);
        self.tell();
    }

    /// Lets everything happen that happens by an instant, in the order of time, however seldom it is asked.
    pub(crate) fn run_until(&mut self, now: Time, pace: Pace) {
        loop {
            let from = self.now;
            let fault = self.faults.next_wake().filter(|at| *at <= now);
            let leapt = self.run(fault.unwrap_or(now), pace);
            self.note_passed(from, leapt);
            if fault.is_none() {
                return;
            }
            self.apply_due_faults();
        }
    }

    /// Lets markets go on, the one whose stretch ends first; whether one leapt.
    pub(crate) fn run(&mut self, until: Time, pace: Pace) -> bool {
        let mut leapt = false;
        while let Some((end, index)) = self.next_stretch_end().filter(|(end, _)| *end <= until) {
            let source = &mut self.listings[index].source;
            let stretch = source.next(until, pace).expect("a stretch that has ended is told");
            let told = stretch.bar.open_time + stretch.interval;
            leapt |= told > end;
            self.now = self.now.max(told);
            self.walk(index, &stretch);
            self.tell();
        }
        self.now = self.now.max(until);
        leapt
    }

    /// Which market's next stretch ends first, and when.
    pub(crate) fn next_stretch_end(&self) -> Option<(Time, usize)> {
        let ends = self.listings.iter().enumerate();
        ends.filter_map(|(index, listing)| Some((listing.source.next_end()?, index))).min()
    }

    /// A stretch of a market that is handed in; it ends now.
    pub fn advance(&mut self, symbol: &str, stretch: &Stretch) {
        let index = self.symbol_of(symbol).expect("a market is handed in for a symbol there is");
        let handed_in = matches!(self.listings[index].source, Source::HandedIn);
        assert!(handed_in, "a market that is made or recorded goes on by itself");
        self.now = self.now.max(stretch.bar.open_time + stretch.interval);
        self.walk(index, stretch);
        self.apply_due_faults();
        self.tell();
    }

    /// The past of a market that is handed in: nobody trades in it.
    pub fn remember(&mut self, symbol: &str, stretch: &Stretch) {
        let index = self.symbol_of(symbol).expect("a market is handed in for a symbol there is");
        let Listing { venue, tape, .. } = &mut self.listings[index];
        tape.remember(stretch);
        venue.pass(tape.last(), tape.mark(), tape.now());
    }

    fn walk(&mut self, index: usize, stretch: &Stretch) {
        if self.listings.len() > 1 {
            for user in 0..self.users.len() {
                if self.users[user].holdings[index].iter().any(|holding| !holding.position.is_flat()) {
                    self.gather(user, index);
                }
            }
        }
        let (told, audience) = (self.happened.len(), self.audience());
        let Listing { venue, tape, source } = &mut self.listings[index];
        let Stretch { bar, interval, mark, funding } = stretch;
        if let Some(rate) = funding {
            venue.settle_funding(bar.open_time, mark.open, *rate);
        }
        venue.step(bar, *interval, *mark);
        self.users.iter_mut().for_each(|user| user.on_their_way = 0);
        tape.take(stretch, audience, source.book_change());
        self.drain(index);
        if self.happened.len() > told {
            self.note_moved();
        }
        self.happened.push(Happening::Market(index));
    }

    /// Moves the free money of an account to where it is about to be needed.
    pub(crate) fn gather(&mut self, user: usize, to: usize) {
        let account = self.users[user].account;
        for from in (0..self.listings.len()).filter(|from| *from != to) {
            let venue = &mut self.listings[from].venue;
            let free = venue.account(account).free_margin(venue.mark());
            if free.0 > 0 && venue.transfer(account, -free) {
                let moved = self.listings[to].venue.transfer(account, free);
                assert!(moved, "money is always taken");
            }
        }
    }

    /// All realised money of an account's futures.
    pub(crate) fn wallet(&self, user: usize) -> Usd {
        let account = self.users[user].account;
        self.sum(|listing| listing.venue.account(account).wallet())
    }

    pub(crate) fn equity(&self, user: usize) -> Usd {
        let account = self.users[user].account;
        self.sum(|listing| listing.venue.account(account).equity(listing.venue.mark()))
    }

    pub(crate) fn free(&self, user: usize) -> Usd {
        let account = self.users[user].account;
        self.sum(|listing| listing.venue.account(account).free_margin(listing.venue.mark()))
    }

    pub(crate) fn frozen(&self, user: usize) -> Usd {
        let account = self.users[user].account;
        self.sum(|listing| listing.venue.account(account).frozen())
    }

    pub(crate) fn maintenance(&self, user: usize) -> Usd {
        let account = self.users[user].account;
        self.sum(|listing| listing.venue.account(account).maintenance_margin(listing.venue.mark()))
    }

    /// Margin set aside at entry for what is held.
    pub(crate) fn initial(&self, user: usize) -> Usd {
        let user = &self.users[user];
        let of = |symbol: usize, listing: &Listing| {
            user.holdings[symbol].iter().fold(Usd::ZERO, |sum, holding| {
                let notional = listing.instrument().usd(holding.position.cost);
                sum + venue::margin::initial_margin(notional, user.modes[symbol].leverage)
            })
        };
        self.listings.iter().enumerate().fold(Usd::ZERO, |sum, (symbol, listing)| sum + of(symbol, listing))
    }

    fn sum(&self, of: impl Fn(&Listing) -> Usd) -> Usd {
        self.listings.iter().fold(Usd::ZERO, |sum, listing| sum + of(listing))
    }

    /// Writes a bill.
    pub(crate) fn bill(
        &mut self,
        user: usize,
        symbol: Option<usize>,
        kind: BillKind,
        amount: Usd,
        fee: Usd,
        at: Time,
    ) {
        let (id, balance) = (self.next_id(user), self.wallet(user));
        self.users[user].keep_bill(Bill { id, symbol, kind, amount, fee, balance, at });
        self.happened.push(Happening::Money(user));
    }

    /// When something happens in an engine: never before what it has seen.
    pub(crate) fn instant(&self, symbol: usize) -> Time {
        self.listings[symbol].venue.now().max(self.now)
    }

    /// The price sockets and rows call the present one.
    pub(crate) fn mark(&self, symbol: usize) -> Mark {
        self.listings[symbol].venue.mark()
    }

    /// Whether the books of every engine balance.
    pub fn is_balanced(&self) -> bool {
        self.listings.iter().all(|listing| listing.venue.balanced())
    }

    pub(crate) fn user_of(&self, uid: &str) -> Option<usize> {
        self.users.iter().position(|user| user.setup.uid == uid)
    }

    /// When the exchange should next be told the time, if nothing else happens.
    pub fn next_wake(&self) -> Option<Time> {
        if self.steps.is_some() {
            return None;
        }
        let stretch = self.next_stretch_end().map(|(end, _)| end);
        let session = self.sessions.values().map(Session::next_wake).min();
        [stretch, session, self.faults.next_wake()].into_iter().flatten().min()
    }
}
