//! A farm that trades an exchange: its journal, its seat, its adapter, its sockets, in one thread.
//!
//! It begins by looking: at the contract, and at what each account holds. A new farm begins with what is there, an old one
//! rises from its journal, and what happened meanwhile is read before anything is decided. It refuses accounts that hold
//! something nobody here opened, a contract that is not the journal's any more, and to act on what is not yet on the disk.

use crate::exchange::{BadStart, Clock, Counters, Link, Told, Urls, Waker};
use crate::journal::{BadJournal, JournalFile, Place, Stuck, Written};
use crate::shares::{TooLittle, share_out};
use cosmos::Sky;
use farm::journal::{self, JournalError, Origin, Otherwise};
use farm::lease::{Clocks, Lease};
use farm::{AccountPlan, Recruit, Reply, Right, Seat, Tally, Word};
use model::event::Measured;
use model::{
    AccountId, Bar, Command, CommandId, FromVenue, Holding, Instrument, Interval, Known, PositionMode, Price,
    Qty, Time, ToVenue,
};
use risk::{Rules, RulesError};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use venue_bitget::account::{Obstacle, Wanted};
use venue_bitget::adapter::{Account, Adapter, Alert, Market, Settings};
use venue_bitget::order_id::Prefix;
use venue_bitget::request::TriggerBy;
use venue_bitget::sign::{Credentials, Environment};

/// How long a look at contract and accounts may take.
const LOOK_MAX: Duration = Duration::from_secs(60);
/// What is told between two thoughts, at most.
const TOLD_MAX: usize = 256;

/// Who trades what, where, with which keys.
#[derive(Debug)]
pub struct Plan {
    /// Real money or Bitget's demo.
    pub environment: Environment,
    /// What our order ids begin with.
    pub prefix: Prefix,
    /// What is traded.
    pub symbol: String,
    /// Length of the bars.
    pub interval: Interval,
    /// Bars that are looked at before the first decision.
    pub warm_up: usize,
    /// The bots; without a capital of their own they share what their account has.
    pub recruits: Vec<Recruit>,
    /// The key of each account, and how it is to be set.
    pub accounts: BTreeMap<AccountId, (Credentials, Wanted)>,
    /// What the whole farm may do.
    pub rules: Rules,
    /// What is outside.
    pub sky: Sky,
    /// Pauses between attempts are drawn from this.
    pub seed: u64,
    /// The venue waits for us.
    pub lock_step: bool,
}

/// Why a farm cannot trade.
#[derive(Debug, thiserror::Error)]
pub enum BadRise {
    /// Its journal's file.
    #[error(transparent)]
    Journal(#[from] BadJournal),
    /// What is in it.
    #[error(transparent)]
    Content(#[from] JournalError),
    /// Its sockets.
    #[error(transparent)]
    Link(#[from] BadStart),
    /// An account is not what the farm is set up for.
    #[error("account {0} may not be traded: {1}")]
    Barred(AccountId, String),
    /// Nobody answers, or not what was asked.
    #[error("the exchange did not tell what is needed to begin within a minute; the last it said: {0}")]
    Silent(String),
    /// An account of a new farm must be empty.
    #[error(
        "account {0} holds {1} lots and {2} orders, and no journal explains them: close them, then begin"
    )]
    NotFlat(AccountId, i64, usize),
    /// Its bots want more than it has.
    #[error(transparent)]
    TooLittle(#[from] TooLittle),
    /// A bot has no account, or an account no key.
    #[error("account {0} has no key: name one for each account of a bot")]
    NoKey(AccountId),
    /// The exchange changed the contract.
    #[error(
        "{0} has another tick or lot size than in the journal: let the old farm close what it holds, then begin a new journal"
    )]
    OtherContract(String),
    /// The journal is another farm's, or of one that was planned otherwise.
    #[error(transparent)]
    Otherwise(#[from] Otherwise),
    /// Rules that cannot bind.
    #[error(transparent)]
    Rules(#[from] RulesError),
}

/// Something a farm in the world says.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// The adapter.
    Alert(Alert),
    /// A bot, or the farm, at this instant of what it heard.
    Word(Time, Word),
    /// To whoever gave a command.
    Reply(CommandId, Reply),
}

/// A farm in the world.
pub struct Trader {
    seat: Seat<JournalFile>,
    link: Link<Adapter>,
    /// The step of a venue that waits for us, not yet acknowledged.
    step: Option<u64>,
    said: Vec<Said>,
    age: Age,
    interval: Interval,
    /// Bars that are not shown yet, the opening of the one behind them, and the market's first price.
    unseen: Vec<Bar>,
    next_bar: Time,
    opened: Option<(Time, Price)>,
    /// Accounts of which it is not known whether they may be traded.
    unsettled: BTreeSet<AccountId>,
    /// Whether the venue waits for us.
    lock_step: bool,
    aged: Vec<&'static str>,
}

/// Whether a farm has a past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    New,
    Old,
}

/// What was seen at the start.
struct Seen {
    /// By the exchange's clock: this machine's may be anything.
    at: Time,
    instrument: Instrument,
    holdings: BTreeMap<AccountId, Holding>,
}

impl Plan {
    fn settings(
        &self,
        known: impl Fn(AccountId) -> Known,
        market: Option<Market>,
    ) -> Result<Settings, BadRise> {
        let mut ids: Vec<AccountId> = self.recruits.iter().map(|recruit| recruit.account).collect();
        ids.sort_unstable();
        ids.dedup();
        let account = |id: AccountId| {
            let (credentials, wanted) = self.accounts.get(&id).ok_or(BadRise::NoKey(id))?;
            Ok(Account { credentials: credentials.clone(), wanted: wanted.clone(), known: known(id) })
        };
        Ok(Settings {
            environment: self.environment,
            prefix: self.prefix,
            symbol: self.symbol.clone(),
            trigger_by: TriggerBy::LastPrice,
            market,
            accounts: ids.into_iter().map(account).collect::<Result<_, BadRise>>()?,
            seed: self.seed,
            lock_step: self.lock_step,
        })
    }

    /// Looks at the contract, and for a new farm at what each account holds.
    fn look(&self, urls: &Urls, clock: Clock, age: Age) -> Result<Seen, BadRise> {
        let now = clock.now();
        let mut settings = self.settings(|id| Known::nothing(id, Time(i64::MIN)), None)?;
        // A market that waits for its lines does not begin because somebody looked.
        settings.lock_step = false;
        if age == Age::Old {
            settings.accounts.clear();
        }
        let ids: Vec<AccountId> = settings.accounts.iter().map(|account| account.known.account).collect();
        let mut link = Link::start(Adapter::new(settings, now), urls.clone(), clock)?;
        let (begun, mut asked, mut last) = (Instant::now(), None, "nothing".to_owned());
        let mut holdings = BTreeMap::new();
        while begun.elapsed() < LOOK_MAX {
            if let (Some(listing), true) = (link.protocol().listing(), holdings.len() == ids.len()) {
                let instrument = listing.instrument.clone();
                let at = link.now();
                let at = link.protocol().exchange_time(at);
                link.stop();
                return Ok(Seen { at, instrument, holdings });
            }
            if asked.is_none_or(|at: Instant| at.elapsed() > Duration::from_secs(2)) {
                asked = Some(Instant::now());
                for id in ids.iter().filter(|id| !holdings.contains_key(*id)) {
                    let asked_at = link.now();
                    let _asked_again_if_full = link.send(ToVenue::AskHolding { account: *id, asked_at });
                }
            }
            match link.recv_timeout(Duration::from_millis(200)) {
                Some(Told::Tell(FromVenue::Holding { account, holding, .. })) => {
                    holdings.insert(account, holding);
                }
                Some(Told::Alert(Alert::Barred(id, _, obstacles))) => {
                    return Err(BadRise::Barred(id, words(&obstacles)));
                }
                Some(Told::Alert(Alert::LockedOut(id, fatal))) => {
                    return Err(BadRise::Barred(id, fatal.remedy().to_owned()));
                }
                Some(Told::Alert(Alert::Unlisted(words) | Alert::Odd(words))) => last = words,
                _ => {}
            }
        }
        Err(BadRise::Silent(last))
    }

    fn origin(&self, seen: &Seen) -> Result<Origin, BadRise> {
        let mut accounts = Vec::new();
        let mut recruits = self.recruits.clone();
        for (id, holding) in &seen.holdings {
            let lots: i64 = holding.positions.iter().map(|qty| qty.0.abs()).sum();
            if lots != 0 || !holding.orders.is_empty() {
                return Err(BadRise::NotFlat(*id, lots, holding.orders.len()));
            }
            let treasury = share_out(&mut recruits, *id, holding.wallet)?;
            let mode = self.accounts.get(id).map_or(PositionMode::OneWay, |(_, wanted)| wanted.mode.position);
            accounts.push(AccountPlan { id: *id, mode, treasury });
        }
        Ok(Origin {
            instrument: seen.instrument.clone(),
            interval: self.interval,
            sky: self.sky.clone(),
            recruits,
            accounts,
            rules: self.rules,
        })
    }

    /// Whether a journal is that of a farm that was planned so, on this contract.
    fn check(&self, origin: &Origin, seen: &Instrument) -> Result<(), BadRise> {
        // What each account began with was its own then; how it is set is looked at by the adapter as well.
        let mode = |kept: &AccountPlan| {
            let wanted = self.accounts.get(&kept.id).map(|(_, wanted)| wanted.mode.position);
            AccountPlan { mode: wanted.unwrap_or(kept.mode), ..*kept }
        };
        let planned = Origin {
            recruits: self.recruits.clone(),
            accounts: origin.accounts.iter().map(mode).collect(),
            interval: self.interval,
            sky: self.sky.clone(),
            ..origin.clone()
        };
        origin.check_plan(&planned)?;
        if origin.trades(seen) { Ok(()) } else { Err(BadRise::OtherContract(self.symbol.clone())) }
    }
}

fn words(obstacles: &[Obstacle]) -> String {
    obstacles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Trader {
    /// Rises from a journal, or begins one.
    pub fn rise(
        journal: impl Into<Place>,
        plan: &Plan,
        urls: &Urls,
        clock: Clock,
        right: Right,
    ) -> Result<Trader, BadRise> {
        let (file, segments) = JournalFile::open(journal)?;
        let age = if segments.is_empty() { Age::New } else { Age::Old };
        let seen = plan.look(urls, clock, age)?;
        let at = clock.now();
        let now = clock.clocks();
        let mut aged = Vec::new();
        let seat = if age == Age::New {
            Seat::begin(file, &plan.origin(&seen)?, now, right)?
        } else {
            let origin = journal::origin(&segments)?;
            plan.check(&origin, &seen.instrument)?;
            aged = origin.aged(&seen.instrument);
            let mut seat = Seat::rise(&segments, now, right, |whole| file.cut(whole))?;
            seat.set_rules(now, plan.rules)?;
            seat
        };
        let behind = Interval(plan.interval.0 * i64::try_from(plan.warm_up).unwrap_or(0));
        let past = seat.desk().past();
        let from = if past > Time(0) { past } else { seen.at - behind };
        let next_bar = from.floor(plan.interval);
        let market = Market { base: plan.interval, from: next_bar, beside: Vec::new() };
        let known: BTreeMap<AccountId, Known> =
            seat.known().iter().map(|known| (known.account, known.clone())).collect();
        let settings = plan.settings(|id| known[&id].clone(), Some(market))?;
        let link = Link::start(Adapter::new(settings, at), urls.clone(), clock)?;
        let (step, said, unseen, interval) = (None, Vec::new(), Vec::new(), plan.interval);
        let unsettled: BTreeSet<AccountId> = known.into_keys().collect();
        let (opened, lock_step) = (None, plan.lock_step);
        let mut trader = Trader {
            seat,
            link,
            step,
            said,
            age,
            interval,
            unseen,
            next_bar,
            opened,
            unsettled,
            lock_step,
            aged,
        };
        trader.think();
        Ok(trader)
    }

    /// Hears what comes within a while, thinks, acts. What is worth a word is in the answer.
    pub fn turn(&mut self, longest: Duration) -> Vec<Said> {
        let now = self.clocks();
        let due = self.seat.next_wake();
        let due = due.map(|at| Duration::from_millis((at - now.mono).0.max(0).unsigned_abs()));
        // What is due while the disk takes nothing is thought about when it does.
        let stuck = self.stuck().map(Stuck::again_in);
        let mut wait = stuck.or(due).map_or(longest, |due| due.min(longest));
        let mut heard = 0;
        while let Some(told) = self.link.recv_timeout(wait) {
            self.hear(told);
            (heard, wait) = (heard + 1, Duration::ZERO);
            if heard == TOLD_MAX {
                break;
            }
        }
        self.see();
        self.think();
        // What was told and not heard yet belongs to the step.
        if heard < TOLD_MAX
            && self.is_quiet()
            && self.stuck().is_none()
            && let Some(step) = self.step.take()
        {
            self.link.acknowledge(step);
        }
        std::mem::take(&mut self.said)
    }

    /// Whether nothing is under way, and nothing is due.
    pub fn is_quiet(&mut self) -> bool {
        let (clocks, now) = (self.clocks(), self.link.now());
        let is_later = |at: Option<Time>, now| at.is_none_or(|at| at > now);
        let adapter = self.link.protocol();
        adapter.is_idle()
            && is_later(adapter.next_wake(), now)
            && is_later(self.seat.next_wake(), clocks.mono)
    }

    /// Somebody wants something done.
    pub fn command(&mut self, command: Command) {
        let now = self.clocks();
        self.seat.command(now, command);
        self.think();
    }

    /// Somebody measured something outside.
    pub fn measured(&mut self, measured: Measured) {
        let now = self.clocks();
        self.seat.measured(now, measured);
    }

    /// Puts its farm under other rules: when this returns they are in force, and safe in its journal, if it may speak; else
    /// as soon as it may.
    pub fn set_rules(&mut self, rules: Rules) -> Result<(), RulesError> {
        let now = self.clocks();
        self.seat.set_rules(now, rules)?;
        self.think();
        Ok(())
    }

    /// Takes back what would open something.
    pub fn withdraw(&mut self) {
        self.seat.withdraw().into_iter().for_each(|said| self.say(said));
    }

    /// Its lease, to be woken and to hear the registry; none where nobody else could speak.
    pub fn lease_mut(&mut self) -> Option<&mut Lease> {
        self.seat.lease_mut()
    }

    /// Both clocks of this machine.
    pub fn clocks(&self) -> Clocks {
        self.link.clocks()
    }

    /// The exchange's clock, as far as it is known.
    pub fn exchange_time(&mut self) -> Time {
        let now = self.link.now();
        self.link.protocol().exchange_time(now)
    }

    /// Ends a turn that waits, from another thread.
    pub fn waker(&self) -> Waker {
        self.link.waker()
    }

    /// What the sockets came to.
    pub fn counters(&self) -> Counters {
        self.link.counters()
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

    /// What the exchange says of its contract by now, and did not when its farm began.
    pub fn aged(&self) -> &[&'static str] {
        &self.aged
    }

    /// What a bot holds.
    pub fn held(&self) -> Vec<Qty> {
        self.seat.farm().bots().iter().map(|bot| bot.ledger().position().qty).collect()
    }

    /// Leaves: sockets are closed, everything decided is in the journal.
    pub fn stop(self) {
        self.link.stop();
    }

    fn hear(&mut self, told: Told) {
        let now = self.clocks();
        match told {
            Told::Tell(said) => self.seat.hear(now, said),
            Told::Bar(bar) => {
                self.next_bar = bar.open_time + self.interval;
                self.unseen.push(bar);
                self.see();
            }
            Told::Opened(at, price) if self.age == Age::New => {
                self.opened = Some((at, price));
                self.see();
            }
            // A farm decides on bars, and its market has opened once.
            Told::Opened(..) | Told::Price(..) | Told::News(_) => {}
            Told::Alert(alert) => {
                if let Alert::Ready(id, _) | Alert::Barred(id, ..) | Alert::LockedOut(id, _) = &alert
                    && self.unsettled.remove(id)
                {
                    self.see();
                }
                self.said.push(Said::Alert(alert));
            }
            Told::Step(step, _) => self.step = Some(step),
        }
    }

    /// Whether all was told that a bar is to be decided with: in lock-step who decides before he has heard what became of his
    /// orders decides otherwise than who is answered in another order.
    fn is_told_whole(&self) -> bool {
        !self.lock_step || self.link.protocol().is_idle()
    }

    /// Shows what was told of the market once its past was read and orders could be sent: whoever decides in the middle of a
    /// past decides what is too late, whoever knows today's price before it takes yesterday for today, and who decides before
    /// an account is known asks nobody.
    fn see(&mut self) {
        let (clocks, now) = (self.clocks(), self.link.now());
        let is_read = self.next_bar + self.interval > self.link.protocol().exchange_time(now);
        if self.unsettled.is_empty() && is_read && self.is_told_whole() {
            std::mem::take(&mut self.unseen).into_iter().for_each(|bar| self.seat.see(clocks, bar));
            if let Some((at, price)) = self.opened.take() {
                self.seat.open(clocks, at, price);
            }
        }
    }

    fn think(&mut self) {
        let now = self.clocks();
        self.seat.think(now);
        self.seat.act(now).into_iter().for_each(|said| self.say(said));
        self.said.extend(self.seat.take_words().into_iter().map(|(at, word)| Said::Word(at, word)));
        self.said.extend(self.seat.take_replies().into_iter().map(|(id, reply)| Said::Reply(id, reply)));
    }

    fn say(&mut self, said: ToVenue) {
        while self.link.send(said.clone()).is_err() {
            // More was told than was taken: it is taken first.
            while let Some(told) = self.link.recv_timeout(Duration::ZERO) {
                self.hear(told);
            }
        }
    }
}
