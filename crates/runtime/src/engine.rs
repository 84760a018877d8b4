//! One shard at work: a farm on paper with its market, or one that trades an exchange. The same farm, told and asked alike.
//!
//! It refuses to know who listens: what is said is handed up, commands are handed in.

use crate::feed::{BadLook, Bitget, Fed, Feed, Generator, Made, Past, Public, Recorded, Replay};
use edge::exchange::{BadStart, Clock, Urls, Waker};
use edge::journal::{Place, Stuck, Written};
use edge::paper::{BadPaper, Paper, PaperPlan, PaperTerms};
use edge::trader::{BadRise, Plan, Said, Trader};
use farm::lease::{Clocks, Lease};
use farm::{Farm, Right, Tally};
use model::event::Measured;
use model::{AccountId, AccountMode, Command, Interval, Price, Time, Usd};
use risk::{Rules, RulesError};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What a farm on paper may live through before others are heard again.
const TURN_MAX: Duration = Duration::from_millis(50);

/// Where a shard trades.
#[derive(Debug)]
pub enum Trading {
    /// On paper.
    Paper {
        /// Who, and what the venue takes away.
        plan: Box<PaperPlan>,
        /// Its market.
        market: Market,
    },
    /// On paper, on the market that an exchange tells everybody: the contract is the exchange's.
    Public {
        /// Who, and what the venue takes away.
        terms: Box<PaperTerms>,
        /// Which market.
        public: Box<Public>,
    },
    /// At an exchange.
    Exchange {
        /// Who, with which keys.
        plan: Box<Plan>,
        /// Where.
        urls: Urls,
        /// Whose time it is.
        clock: Clock,
    },
}

/// The market of a farm on paper.
#[derive(Clone, Debug)]
pub enum Market {
    /// Made from a seed.
    Made(Made),
    /// From a file; so many of its bars are shown to a new farm, and so many of its seconds pass in one of ours.
    Recorded(Box<Recorded>, usize, f64),
}

/// Why a shard cannot work.
#[derive(Debug, thiserror::Error)]
pub enum BadEngine {
    /// On paper.
    #[error(transparent)]
    Paper(#[from] BadPaper),
    /// At an exchange.
    #[error(transparent)]
    Exchange(#[from] BadRise),
    /// A market nobody tells anything about.
    #[error(transparent)]
    Look(#[from] BadLook),
    /// The sockets of a market.
    #[error(transparent)]
    Link(#[from] BadStart),
    /// A market without such bars.
    #[error(
        "Bitget has no bars of {0} ms: set market.interval to 1m, 3m, 5m, 15m, 30m, 1h, 4h, 6h, 12h or 1d"
    )]
    NoBars(i64),
    /// A market of other bars.
    #[error(
        "the file's bars are {found} ms long and the farm is fed with bars of {wanted} ms: name a file of such bars, or set market.interval"
    )]
    OtherBars {
        /// In the file.
        found: i64,
        /// In the plan.
        wanted: i64,
    },
}

/// A farm on paper and its market.
pub struct OnPaper {
    paper: Paper,
    feed: Box<dyn Feed>,
}

/// A shard at work.
pub enum Engine {
    /// On paper.
    Paper(Box<OnPaper>),
    /// At an exchange.
    Exchange(Box<Trader>),
}

impl Trading {
    /// Whether an order could be carried out after the right to speak has passed on: then it is bound to the lease.
    pub fn binds_orders(&self) -> bool {
        match self {
            Trading::Paper { .. } | Trading::Public { .. } => false,
            Trading::Exchange { plan, .. } => !plan.lock_step,
        }
    }

    /// How the margin of each of its accounts is set.
    pub fn margins(&self) -> BTreeMap<AccountId, AccountMode> {
        match self {
            Trading::Paper { plan, .. } => modes(&plan.accounts),
            Trading::Public { terms, .. } => modes(&terms.accounts),
            Trading::Exchange { plan, .. } => {
                plan.accounts.iter().map(|(id, (_, wanted))| (*id, wanted.mode)).collect()
            }
        }
    }

    /// Plans its next life under other rules.
    pub fn set_rules(&mut self, rules: Rules) {
        *match self {
            Trading::Paper { plan, .. } => &mut plan.rules,
            Trading::Public { terms, .. } => &mut terms.rules,
            Trading::Exchange { plan, .. } => &mut plan.rules,
        } = rules;
    }
}

fn modes(accounts: &BTreeMap<AccountId, (AccountMode, Usd)>) -> BTreeMap<AccountId, AccountMode> {
    accounts.iter().map(|(id, (mode, _))| (*id, *mode)).collect()
}

impl Market {
    fn open(&self, interval: Interval, seen: Option<Time>) -> Result<Box<dyn Feed>, BadEngine> {
        Ok(match self {
            Market::Made(made) => Box::new(Generator::begin(made, seen)),
            Market::Recorded(recorded, warm_up, speed) => {
                let replay = Replay::begin(Recorded::clone(recorded), *warm_up, *speed, seen);
                if replay.interval() != interval {
                    return Err(BadEngine::OtherBars { found: replay.interval().0, wanted: interval.0 });
                }
                Box::new(replay)
            }
        })
    }

    /// Its first instant.
    fn born(&self) -> Time {
        match self {
            Market::Made(made) => made.born.floor(made.interval),
            Market::Recorded(recorded, warm_up, _) => recorded
                .bars
                .open_time
                .get(*warm_up)
                .or(recorded.bars.open_time.last())
                .copied()
                .unwrap_or_default(),
        }
    }
}

impl Engine {
    /// Rises from a journal, or begins one.
    pub fn rise(journal: &Place, trading: &Trading, right: Right) -> Result<Engine, BadEngine> {
        match trading {
            Trading::Paper { plan, market } => {
                let paper = Paper::rise(journal, plan, market.born(), right)?;
                tell_aged(journal, paper.aged());
                let seen = Some(paper.seen_until()).filter(|seen| *seen != Time::default());
                let feed = market.open(plan.interval, seen)?;
                Ok(Engine::Paper(Box::new(OnPaper { paper, feed })))
            }
            Trading::Public { terms, public } => rise_on_public(journal, terms, public, right),
            Trading::Exchange { plan, urls, clock } => {
                let clock = clock_of(plan, urls, *clock)?;
                let trader = Trader::rise(journal, plan, urls, clock, right)?;
                tell_aged(journal, trader.aged());
                Ok(Engine::Exchange(Box::new(trader)))
            }
        }
    }

    /// How long there is nothing to be done on paper; sockets are waited for in its turn.
    pub fn idle(&mut self) -> Option<Duration> {
        match self {
            Engine::Paper(on) if on.feed.waker().is_some() => None,
            Engine::Paper(on) => {
                let stuck = on.paper.stuck().map(Stuck::again_in);
                Some(stuck.or_else(|| on.feed.due()).unwrap_or(Duration::MAX))
            }
            Engine::Exchange(_) => None,
        }
    }

    /// Ends a turn that waits, from another thread; without sockets no turn does.
    pub fn waker(&self) -> Option<Waker> {
        match self {
            Engine::Paper(on) => on.feed.waker(),
            Engine::Exchange(trader) => Some(trader.waker()),
        }
    }

    /// Hears what is there, thinks, acts. Sockets are waited for at most so long, a market without them is not.
    pub fn turn(&mut self, longest: Duration) -> Vec<Said> {
        match self {
            Engine::Exchange(trader) => trader.turn(longest),
            Engine::Paper(on) => on.turn(longest),
        }
    }

    /// Somebody wants something done.
    pub fn command(&mut self, command: Command) {
        match self {
            Engine::Exchange(trader) => trader.command(command),
            Engine::Paper(on) => on.paper.command(command),
        }
    }

    /// Somebody measured something outside.
    pub fn measured(&mut self, measured: Measured) {
        match self {
            Engine::Exchange(trader) => trader.measured(measured),
            Engine::Paper(on) => on.paper.measured(measured),
        }
    }

    /// Puts the farm under other rules: they are in its journal, then in force.
    pub fn set_rules(&mut self, rules: Rules) -> Result<(), RulesError> {
        match self {
            Engine::Exchange(trader) => trader.set_rules(rules),
            Engine::Paper(on) => on.paper.set_rules(rules),
        }
    }

    /// Takes back what would open something.
    pub fn withdraw(&mut self) {
        match self {
            Engine::Exchange(trader) => trader.withdraw(),
            Engine::Paper(on) => on.paper.withdraw(),
        }
    }

    /// The farm.
    pub fn farm(&self) -> &Farm {
        match self {
            Engine::Exchange(trader) => trader.seat().farm(),
            Engine::Paper(on) => on.paper.seat().farm(),
        }
    }

    /// Frames of its journal.
    pub fn frames(&self) -> u64 {
        match self {
            Engine::Exchange(trader) => trader.seat().frames(),
            Engine::Paper(on) => on.paper.seat().frames(),
        }
    }

    /// What left its seat, and how its disk took it, since somebody looked last.
    pub fn take_counts(&mut self) -> (Tally, Written) {
        match self {
            Engine::Exchange(trader) => trader.take_counts(),
            Engine::Paper(on) => on.paper.take_counts(),
        }
    }

    /// That the disk does not take its journal, if it does not.
    pub fn stuck(&self) -> Option<&Stuck> {
        match self {
            Engine::Exchange(trader) => trader.stuck(),
            Engine::Paper(on) => on.paper.stuck(),
        }
    }

    /// How often the sockets of its exchange were opened anew.
    pub fn reconnects(&self) -> u64 {
        match self {
            Engine::Exchange(trader) => trader.counters().reconnects,
            Engine::Paper(on) => on.feed.reconnects(),
        }
    }

    /// Requests that were not answered.
    pub fn open_requests(&self) -> usize {
        match self {
            Engine::Exchange(trader) => trader.seat().desk().open_requests(),
            Engine::Paper(on) => on.paper.seat().desk().open_requests(),
        }
    }

    /// The farm's clock: the exchange's, or that of the market on paper.
    pub fn now(&mut self) -> Time {
        match self {
            Engine::Exchange(trader) => trader.exchange_time(),
            Engine::Paper(on) => on.paper.now(),
        }
    }

    /// Both clocks by which a lease in its seat is counted.
    pub fn clocks(&self) -> Option<Clocks> {
        match self {
            Engine::Exchange(trader) => Some(trader.clocks()),
            Engine::Paper(_) => None,
        }
    }

    /// The lease that is in its seat; on paper it is its owner's to keep.
    pub fn lease_mut(&mut self) -> Option<&mut Lease> {
        match self {
            Engine::Exchange(trader) => trader.lease_mut(),
            Engine::Paper(_) => None,
        }
    }

    /// Leaves: everything decided is in the journal.
    pub fn stop(self) {
        if let Engine::Exchange(trader) = self {
            trader.stop();
        }
    }
}

/// A venue that waits for us is its own clock, and stands at a whole second until it steps.
fn clock_of(plan: &Plan, urls: &Urls, machine: Clock) -> Result<Clock, BadEngine> {
    if !plan.lock_step {
        return Ok(machine);
    }
    let public = Public {
        environment: plan.environment,
        urls: urls.clone(),
        symbol: plan.symbol.clone(),
        warm_up: 0,
        seed: plan.seed,
        clock: machine,
        lock_step: false,
    };
    Ok(Clock::steps(public.look()?.now.floor(Interval::SECOND)))
}

/// What a farm knows from its beginning and the market says otherwise by now is told, for nobody is refused for it.
fn tell_aged(journal: &Place, aged: &[&'static str]) {
    if !aged.is_empty() {
        tracing::warn!(
            journal = %journal.path().display(),
            "the farm goes on with what it knew of this when it began: {}; a new journal begins with what is so now",
            aged.join(", ")
        );
    }
}

/// The contract is looked at, then the farm rises, then its market is told from where it knows it.
fn rise_on_public(
    journal: &Place,
    terms: &PaperTerms,
    public: &Public,
    right: Right,
) -> Result<Engine, BadEngine> {
    if !Public::has_bars_of(terms.interval) {
        return Err(BadEngine::NoBars(terms.interval.0));
    }
    let listed = public.look()?;
    let in_step = Public { clock: Clock::steps(listed.now.floor(Interval::SECOND)), ..public.clone() };
    let public = if public.lock_step { &in_step } else { public };
    let paper = Paper::rise(journal, &terms.on(listed.instrument.clone()), listed.now, right)?;
    tell_aged(journal, paper.aged());
    let past = match paper.seen_until() {
        seen if seen == Time::default() => Past::New,
        seen_until => Past::Lived {
            seen_until,
            heard_until: paper.now(),
            price: paper.seat().farm().price().map_or(Price::ZERO, |(price, _)| price),
        },
    };
    let feed = Bitget::begin(public, &listed.instrument, terms.interval, past, listed.now)?;
    Ok(Engine::Paper(Box::new(OnPaper { paper, feed: Box::new(feed) })))
}

impl OnPaper {
    fn turn(&mut self, longest: Duration) -> Vec<Said> {
        let mut said = Vec::new();
        self.think(&mut said);
        let again_in = self.paper.stuck().map(Stuck::again_in);
        self.feed.wait(again_in.map_or(longest, |again_in| again_in.min(longest)));
        let begun = Instant::now();
        // What nobody may decide on is not lived through: the market waits for the disk.
        while begun.elapsed() < TURN_MAX
            && self.paper.stuck().is_none()
            && let Some(fed) = self.feed.next()
        {
            match fed {
                Fed::Opened(at, price) => self.paper.open(at, price),
                // What was traded before it died is not traded again: the bar it belongs to is only seen.
                Fed::Traded(stretch) if stretch.bar.open_time < self.paper.now() => {}
                Fed::Traded(stretch) => self.paper.trade(&stretch),
                Fed::Seen(bar) => self.paper.see(bar),
                Fed::Passed(at) => self.paper.pass(at),
                Fed::SightLost => self.paper.lose_sight(),
                Fed::SightRegained => self.paper.regain_sight(),
            }
            self.think(&mut said);
        }
        said.extend(self.feed.take_alerts().into_iter().map(Said::Alert));
        said
    }

    fn think(&mut self, said: &mut Vec<Said>) {
        said.extend(self.paper.turn().into_iter().map(|(at, word)| Said::Word(at, word)));
        said.extend(self.paper.take_replies().into_iter().map(|(id, reply)| Said::Reply(id, reply)));
    }
}
