//! A farm on paper: its journal, its seat, and a venue in the same process that fills its orders from the market it is fed.
//!
//! The same seat as live trading, the same words, another venue: what differs between both is the venue's and the wire's, and a
//! test holds it against a stated budget. The venue's side of paper lives as long as its process: a farm that rises from its
//! journal opens it again with what the farm had heard of. It refuses a journal of other bots.

use crate::journal::{BadJournal, JournalFile, Place, Stuck, Written};
use crate::shares::{TooLittle, share_out};
use cosmos::Sky;
use farm::journal::{self, JournalError, Origin, Otherwise};
use farm::lease::Clocks;
use farm::{AccountPlan, Recruit, Reply, Right, Seat, Tally, Word};
use model::event::Measured;
use model::{
    AccountId, AccountMode, Bar, Command, CommandId, FromVenue, Instrument, Interval, Price, Rate, Time,
    ToVenue, Usd,
};
use risk::{Rules, RulesError};
use std::collections::BTreeMap;
use std::path::PathBuf;
use venue::{AccountSettings, Carried, Counter, Ladder, MarkBar, Models, Venue};

/// Rounds of talk at one instant: a farm asks, is answered and is quiet; more is a loop.
const ROUNDS_MAX: usize = 64;

/// Who trades on paper, whatever is traded.
#[derive(Debug)]
pub struct PaperTerms {
    /// Length of the bars.
    pub interval: Interval,
    /// The bots; without a capital of their own they share what their account has.
    pub recruits: Vec<Recruit>,
    /// How each account is set, and what it opens with.
    pub accounts: BTreeMap<AccountId, (AccountMode, Usd)>,
    /// What the venue takes away from every fill.
    pub models: Models,
    /// When ladders rest: afterwards is how an adapter has to place them.
    pub ladder: Ladder,
    /// What the whole farm may do.
    pub rules: Rules,
    /// What is outside.
    pub sky: Sky,
}

/// Who trades what on paper.
#[derive(Debug)]
pub struct PaperPlan {
    /// What is traded.
    pub instrument: Instrument,
    /// Length of the bars.
    pub interval: Interval,
    /// The bots; without a capital of their own they share what their account has.
    pub recruits: Vec<Recruit>,
    /// How each account is set, and what it opens with.
    pub accounts: BTreeMap<AccountId, (AccountMode, Usd)>,
    /// What the venue takes away from every fill.
    pub models: Models,
    /// When ladders rest: afterwards is how an adapter has to place them.
    pub ladder: Ladder,
    /// What the whole farm may do.
    pub rules: Rules,
    /// What is outside.
    pub sky: Sky,
}

/// Why a farm cannot trade on paper.
#[derive(Debug, thiserror::Error)]
pub enum BadPaper {
    /// Its journal's file.
    #[error(transparent)]
    Journal(#[from] BadJournal),
    /// What it is made of.
    #[error(transparent)]
    Content(#[from] JournalError),
    /// The journal is another farm's, or of one that was planned otherwise.
    #[error("{0}: {1}")]
    Otherwise(PathBuf, Box<Otherwise>),
    /// Or of another market.
    #[error("{0} is the journal of {1} in other steps: name its own market, or another file")]
    OtherMarket(PathBuf, String),
    /// Its bots want more than it has.
    #[error(transparent)]
    TooLittle(#[from] TooLittle),
    /// Rules that cannot bind.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// A bot has no account.
    #[error("account {0} is not opened on paper: name one for each account of a bot")]
    NoAccount(AccountId),
}

/// A stretch of the market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// What was traded.
    pub bar: Bar,
    /// How long it is.
    pub interval: Interval,
    /// The mark over it.
    pub mark: MarkBar,
    /// What is settled at its first instant.
    pub funding: Option<Rate>,
}

/// Whether the venue's side could be reached if it were an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Here,
    /// What is said is lost; what rests there still meets the market.
    Away,
}

/// A farm on paper.
#[derive(Debug)]
pub struct Paper {
    seat: Seat<JournalFile>,
    counter: Counter,
    now: Time,
    /// Its monotonic clock counts from here: when it rose, nothing had happened since it died.
    born: Time,
    words: Vec<(Time, Word)>,
    replies: Vec<(CommandId, Reply)>,
    reach: Reach,
    aged: Vec<&'static str>,
}

impl PaperTerms {
    /// The plan of those who trade this.
    pub fn on(&self, instrument: Instrument) -> PaperPlan {
        PaperPlan {
            instrument,
            interval: self.interval,
            recruits: self.recruits.clone(),
            accounts: self.accounts.clone(),
            models: self.models,
            ladder: self.ladder,
            rules: self.rules,
            sky: self.sky.clone(),
        }
    }
}

impl PaperPlan {
    fn origin(&self) -> Result<Origin, BadPaper> {
        let mut recruits = self.recruits.clone();
        if let Some(lost) = recruits.iter().find(|recruit| !self.accounts.contains_key(&recruit.account)) {
            return Err(BadPaper::NoAccount(lost.account));
        }
        let mut accounts = Vec::new();
        for (id, (mode, balance)) in &self.accounts {
            let treasury = share_out(&mut recruits, *id, *balance)?;
            accounts.push(AccountPlan { id: *id, mode: mode.position, treasury });
        }
        Ok(Origin {
            instrument: self.instrument.clone(),
            interval: self.interval,
            sky: self.sky.clone(),
            recruits,
            accounts,
            rules: self.rules,
        })
    }
}

impl Paper {
    /// Begins a journal at this instant of the market, or rises from it at the instant that it knows last.
    pub fn rise(
        journal: impl Into<Place>,
        plan: &PaperPlan,
        start: Time,
        right: Right,
    ) -> Result<Paper, BadPaper> {
        let place: Place = journal.into();
        let (file, segments) = JournalFile::open(&place)?;
        let mut counter = Counter::new(Venue::new(plan.instrument.clone()), plan.ladder);
        let settings = |id: &AccountId, (mode, balance): &(AccountMode, Usd)| AccountSettings {
            id: *id,
            mode: *mode,
            balance: *balance,
            models: plan.models,
        };
        let planned = plan.origin()?;
        if segments.is_empty() {
            plan.accounts.iter().for_each(|(id, account)| counter.open_account(settings(id, account)));
            let now = Clocks { mono: start, wall: start };
            let seat = Seat::begin(file, &planned, now, right)?;
            return Ok(Paper::seated(seat, counter, start, Time(0)));
        }
        let origin = journal::origin(&segments)?;
        let otherwise = |what| BadPaper::Otherwise(place.path().to_owned(), Box::new(what));
        origin.check_plan(&planned).map_err(otherwise)?;
        if !origin.trades(&plan.instrument) {
            return Err(BadPaper::OtherMarket(place.path().to_owned(), origin.instrument.symbol));
        }
        let mut seat = Seat::rise(&segments, Clocks::default(), right, |whole| file.cut(whole))?;
        seat.set_rules(Clocks::default(), plan.rules)?;
        let (farm, at) = (seat.farm(), seat.desk().past());
        let last = farm.price().map_or(Price::ZERO, |(price, _)| price);
        for known in seat.known() {
            let id = known.account;
            let account = plan.accounts.get(&id).ok_or(BadPaper::NoAccount(id))?;
            let (wallet, positions) = farm.held(id).expect("a farm knows its accounts");
            let on_it = farm.bots().iter().filter(|bot| bot.account() == id);
            let held = on_it.map(|bot| (bot.id(), bot.ledger().position().qty)).collect();
            let carried = Carried { positions, held, known: known.clone() };
            let settings = AccountSettings { balance: wallet, ..settings(&id, account) };
            counter.carry_account(at, settings, &carried, (last, plan.instrument.mark_of(last)));
        }
        Ok(Paper { aged: origin.aged(&plan.instrument), ..Paper::seated(seat, counter, at, at) })
    }

    fn seated(seat: Seat<JournalFile>, counter: Counter, now: Time, born: Time) -> Paper {
        let (words, replies, reach, aged) = (Vec::new(), Vec::new(), Reach::Here, Vec::new());
        let mut paper = Paper { seat, counter, now, born, words, replies, reach, aged };
        paper.talk();
        paper
    }

    /// The close of the last bar it saw: what comes next begins there.
    pub fn seen_until(&self) -> Time {
        self.seat.farm().market().now()
    }

    /// The market's first price that anybody saw.
    pub fn open(&mut self, at: Time, price: Price) {
        let now = self.clocks();
        self.seat.open(now, at, price);
    }

    /// The market went on: orders meet it, and what came of them is told.
    pub fn trade(&mut self, stretch: &Stretch) {
        let Stretch { bar, interval, mark, funding } = stretch;
        if let Some(rate) = funding {
            self.counter.settle_funding(bar.open_time, mark.open, *rate);
        }
        self.counter.step(bar, *interval, *mark);
        // A market that is told late does not turn its clock back.
        self.now = self.now.max(bar.open_time + *interval);
        self.hear();
    }

    /// The market's clock has come this far, whether anything was traded or not.
    pub fn pass(&mut self, at: Time) {
        self.now = self.now.max(at);
    }

    /// Nobody knows what the market is: what is said from here on is lost, as at an exchange that cannot be reached. The farm
    /// finds that out as it does there.
    pub fn lose_sight(&mut self) {
        self.reach = Reach::Away;
    }

    /// The market is known again: the farm asks what it has missed.
    pub fn regain_sight(&mut self) {
        if self.reach == Reach::Away {
            self.reach = Reach::Here;
            let now = self.clocks();
            self.seat.hear(now, FromVenue::Linked);
        }
    }

    /// A complete bar, whether of the past or of what was just traded.
    pub fn see(&mut self, bar: Bar) {
        let now = self.clocks();
        self.seat.see(now, bar);
    }

    /// Thinks about everything, and says what follows from it. What is worth a word is in the answer.
    pub fn turn(&mut self) -> Vec<(Time, Word)> {
        self.talk();
        std::mem::take(&mut self.words)
    }

    /// Somebody wants something done.
    pub fn command(&mut self, command: Command) {
        let now = self.clocks();
        self.seat.command(now, command);
        self.talk();
    }

    /// Somebody measured something outside.
    pub fn measured(&mut self, measured: Measured) {
        let now = self.clocks();
        self.seat.measured(now, measured);
    }

    /// Puts its farm under other rules: when this returns they are in force, and safe in its journal.
    pub fn set_rules(&mut self, rules: Rules) -> Result<(), RulesError> {
        let now = self.clocks();
        self.seat.set_rules(now, rules)?;
        self.talk();
        Ok(())
    }

    /// Takes back what would open something.
    pub fn withdraw(&mut self) {
        self.seat.withdraw().into_iter().for_each(|said| self.say(said));
    }

    /// The market's instant.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// What is to be answered to those who gave commands.
    pub fn take_replies(&mut self) -> Vec<(CommandId, Reply)> {
        std::mem::take(&mut self.replies)
    }

    /// Its seat.
    pub fn seat(&self) -> &Seat<JournalFile> {
        &self.seat
    }

    /// That its disk takes nothing, if it does not: until it does nothing is decided, and nothing said.
    pub fn stuck(&self) -> Option<&Stuck> {
        self.seat.keeper().stuck()
    }

    /// What left it, and how its disk took it, since somebody looked last.
    pub fn take_counts(&mut self) -> (Tally, Written) {
        (self.seat.take_tally(), self.seat.keeper_mut().take_written())
    }

    /// What its market is said to be by now, and was not when its farm began.
    pub fn aged(&self) -> &[&'static str] {
        &self.aged
    }

    /// Its venue's counter.
    pub fn counter(&self) -> &Counter {
        &self.counter
    }

    const fn clocks(&self) -> Clocks {
        Clocks { mono: Time(self.now.0 - self.born.0), wall: self.now }
    }

    fn say(&mut self, said: ToVenue) {
        if self.reach == Reach::Here {
            self.counter.say(self.now, said);
        }
    }

    fn hear(&mut self) {
        let now = self.clocks();
        while let Some(said) = self.counter.poll() {
            self.seat.hear(now, said);
        }
    }

    fn talk(&mut self) {
        let now = self.clocks();
        for _ in 0..ROUNDS_MAX {
            self.seat.think(now);
            let said = self.seat.act(now);
            self.words.extend(self.seat.take_words());
            self.replies.extend(self.seat.take_replies());
            if said.is_empty() {
                return;
            }
            said.into_iter().for_each(|said| self.say(said));
            self.hear();
        }
        unreachable!("a farm that is answered at once is quiet at last");
    }
}
