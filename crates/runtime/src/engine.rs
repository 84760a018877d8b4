//! One shard at work: a farm on paper with its market, or one that trades an exchange. The same farm, told and asked alike.
//!
//! It refuses to know who listens: what is said is handed up, commands are handed in.

use crate::feed::{Fed, Feed, Generator, Made, Recorded, Replay};
use edge::exchange::{Clock, Urls, Waker};
use edge::paper::{BadPaper, Paper, PaperPlan};
use edge::trader::{BadRise, Plan, Said, Trader};
use farm::lease::{Clocks, Lease};
use farm::{Farm, Right};
use model::event::Measured;
use model::{Command, Interval, Time};
use std::path::Path;
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
            Trading::Paper { .. } => false,
            Trading::Exchange { plan, .. } => !plan.lock_step,
        }
    }
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
    pub fn rise(journal: &Path, trading: &Trading, right: Right) -> Result<Engine, BadEngine> {
        match trading {
            Trading::Paper { plan, market } => {
                let paper = Paper::rise(journal, plan, market.born(), right)?;
                let seen = Some(paper.seen_until()).filter(|seen| *seen != Time::default());
                let feed = market.open(plan.interval, seen)?;
                Ok(Engine::Paper(Box::new(OnPaper { paper, feed })))
            }
            Trading::Exchange { plan, urls, clock } => {
                Ok(Engine::Exchange(Box::new(Trader::rise(journal, plan, urls, *clock, right)?)))
            }
        }
    }

    /// How long there is nothing to be done on paper; an exchange's sockets are waited for in its turn.
    pub fn idle(&mut self) -> Option<Duration> {
        match self {
            Engine::Paper(on) => Some(on.feed.due().unwrap_or(Duration::MAX)),
            Engine::Exchange(_) => None,
        }
    }

    /// Ends a turn that waits, from another thread; on paper no turn does.
    pub fn waker(&self) -> Option<Waker> {
        match self {
            Engine::Paper(_) => None,
            Engine::Exchange(trader) => Some(trader.waker()),
        }
    }

    /// Hears what is there, thinks, acts. An exchange is waited for at most so long, a market on paper is not.
    pub fn turn(&mut self, longest: Duration) -> Vec<Said> {
        match self {
            Engine::Exchange(trader) => trader.turn(longest),
            Engine::Paper(on) => on.turn(),
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

impl OnPaper {
    fn turn(&mut self) -> Vec<Said> {
        let (begun, mut said) = (Instant::now(), Vec::new());
        self.think(&mut said);
        while begun.elapsed() < TURN_MAX
            && let Some(fed) = self.feed.next()
        {
            match fed {
                Fed::Opened(at, price) => self.paper.open(at, price),
                Fed::Traded(stretch) => self.paper.trade(&stretch),
                Fed::Seen(bar) => self.paper.see(bar),
            }
            self.think(&mut said);
        }
        said
    }

    fn think(&mut self, said: &mut Vec<Said>) {
        said.extend(self.paper.turn().into_iter().map(|(at, word)| Said::Word(at, word)));
        said.extend(self.paper.take_replies().into_iter().map(|(id, reply)| Said::Reply(id, reply)));
    }
}
