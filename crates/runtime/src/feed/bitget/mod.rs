//! The market of a farm on paper as an exchange tells it to everybody: bars, prices, marks and settlements, without a key.
//!
//! What happened while nobody listened is told first, in whole bars; resting orders meet those, and nobody decides in the
//! middle of them: until prices are heard again whoever speaks is not heard. It refuses to take a doubted price for a price,
//! and to let orders be carried out while none is known.

mod course;
mod look;

pub use look::{BadLook, Listed};

use super::{Fed, Feed};
use course::Course;
use edge::exchange::{BadStart, Clock, Link, Told, Urls, Waker};
use model::{Bar, Instrument, Interval, Price, Time};
use std::collections::VecDeque;
use std::time::Duration;
use venue_bitget::adapter::{Adapter, Alert, Market, News, Settings};
use venue_bitget::order_id::Prefix;
use venue_bitget::request::TriggerBy;
use venue_bitget::request::reads::granularity;
use venue_bitget::sign::Environment;

/// What is taken from the sockets before the farm thinks about it.
const TOLD_MAX: usize = 256;

/// Which market, and where it is told.
#[derive(Clone, Debug)]
pub struct Public {
    /// Real money's market or that of Bitget's demo.
    pub environment: Environment,
    /// Where.
    pub urls: Urls,
    /// What is traded.
    pub symbol: String,
    /// Bars of its past that a new farm is shown.
    pub warm_up: usize,
    /// Pauses between attempts are drawn from this.
    pub seed: u64,
    /// Whose time it is.
    pub clock: Clock,
    /// The venue waits for us.
    pub lock_step: bool,
}

/// What a farm knows of the market already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// Nothing.
    New,
    /// It lived.
    Lived {
        /// The close of the last bar that it saw.
        seen_until: Time,
        /// The instant of what it heard last.
        heard_until: Time,
        /// The last price that it knew.
        price: Price,
    },
}

/// Whether the market can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// Not before its past is read.
    Reading,
    /// Prices are not to be believed.
    Lost,
    /// They are.
    Clear,
}

/// Whether the stream is whole; it may be before the past was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Doubted,
    Whole,
}

/// The public stream.
pub struct Bitget {
    link: Link<Adapter>,
    interval: Interval,
    course: Course,
    sight: Sight,
    stream: Stream,
    /// Whether what was settled in the past is known.
    is_settled: bool,
    /// The newest price, where it could not be traded at yet.
    newest: Option<(Time, Price)>,
    /// Bars that are not told yet, and the opening of the one behind them.
    held: Vec<Bar>,
    next_bar: Time,
    due: VecDeque<Fed>,
    alerts: Vec<Alert>,
    /// The step of a venue that waits for us, not yet acknowledged.
    step: Option<u64>,
}

impl Public {
    fn settings(&self, market: Option<Market>) -> Settings {
        Settings {
            environment: self.environment,
            // Nobody orders anything.
            prefix: Prefix::new("obf").expect("it is one"),
            symbol: self.symbol.clone(),
            trigger_by: TriggerBy::LastPrice,
            market,
            accounts: Vec::new(),
            seed: self.seed,
            lock_step: self.lock_step,
        }
    }

    /// Whether the exchange has bars of this length.
    pub fn has_bars_of(interval: Interval) -> bool {
        granularity(interval).is_some()
    }
}

impl Bitget {
    /// From a while before now, or from what a farm knows. `now` is the exchange's.
    pub fn begin(
        public: &Public,
        instrument: &Instrument,
        interval: Interval,
        past: Past,
        now: Time,
    ) -> Result<Bitget, BadStart> {
        let behind = Interval(interval.0 * i64::try_from(public.warm_up).expect("a count of bars"));
        let next_bar = match past {
            Past::New => (now - behind).floor(interval),
            Past::Lived { seen_until, .. } => seen_until,
        };
        let market = Market { base: interval, from: next_bar, beside: Vec::new() };
        let clock = public.clock;
        let adapter = Adapter::new(public.settings(Some(market)), clock.now());
        Ok(Bitget {
            link: Link::start(adapter, public.urls.clone(), clock)?,
            interval,
            course: Course::begin(instrument.mark_per_tick(), interval, past),
            sight: Sight::Reading,
            stream: Stream::Doubted,
            is_settled: false,
            newest: None,
            held: Vec::new(),
            next_bar,
            due: VecDeque::from([Fed::SightLost]),
            alerts: Vec::new(),
            step: None,
        })
    }

    /// The exchange's clock.
    fn exchange_time(&mut self) -> Time {
        let now = self.link.now();
        self.link.protocol().exchange_time(now)
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Bar(bar) => {
                self.next_bar = bar.open_time + self.interval;
                self.held.push(bar);
            }
            Told::Opened(at, price) | Told::Price(at, price) => match self.sight {
                Sight::Clear => self.course.price(at, price, &mut self.due),
                Sight::Reading | Sight::Lost => self.newest = Some((at, price)),
            },
            Told::News(News::Marked(mark, next)) => self.course.mark(mark, next),
            Told::News(News::Settled(rates)) => {
                self.is_settled = true;
                self.course.settled(&rates);
            }
            Told::News(News::Believed) => self.stream = Stream::Whole,
            Told::Alert(alert) => {
                if let Alert::Doubted(None, _) = alert {
                    self.doubt();
                }
                self.alerts.push(alert);
            }
            Told::Step(step, _) => self.step = Some(step),
            // There is no account.
            Told::Tell(_) => {}
        }
        self.look();
    }

    /// Prices are not to be believed from here on.
    fn doubt(&mut self) {
        (self.stream, self.newest) = (Stream::Doubted, None);
        if self.sight == Sight::Clear {
            self.sight = Sight::Lost;
            self.course.tear(&mut self.due);
            self.due.push_back(Fed::SightLost);
        }
    }

    /// Tells what can be told by now.
    fn look(&mut self) {
        if self.sight == Sight::Reading {
            // Who knows today's price before it has seen yesterday takes yesterday for today.
            let is_read = self.next_bar + self.interval > self.exchange_time();
            if !is_read || !self.is_settled {
                return;
            }
            self.sight = Sight::Lost;
        }
        if !self.held.is_empty() {
            let now = self.exchange_time();
            for bar in std::mem::take(&mut self.held) {
                self.course.bar(bar, now, &mut self.due);
            }
        }
        if self.sight == Sight::Lost
            && self.stream == Stream::Whole
            && let Some((at, price)) = self.newest.take()
        {
            self.sight = Sight::Clear;
            self.course.mend(at, price, &mut self.due);
            self.due.push_back(Fed::SightRegained);
        }
    }

    /// Takes what the sockets tell, and waits for it at most so long: how much it was.
    fn listen(&mut self, longest: Duration) -> usize {
        let mut wait = longest;
        for heard in 0..TOLD_MAX {
            let Some(told) = self.link.recv_timeout(wait) else { return heard };
            self.hear(told);
            wait = Duration::ZERO;
        }
        TOLD_MAX
    }

    /// Whether a venue that waits for us has nothing more to tell of this step.
    fn is_quiet(&mut self) -> bool {
        let now = self.link.now();
        let adapter = self.link.protocol();
        adapter.is_idle() && adapter.next_wake().is_none_or(|at| at > now)
    }
}

impl Feed for Bitget {
    fn next(&mut self) -> Option<Fed> {
        self.due.pop_front()
    }

    fn due(&mut self) -> Option<Duration> {
        if self.due.is_empty() { None } else { Some(Duration::ZERO) }
    }

    fn waker(&self) -> Option<Waker> {
        Some(self.link.waker())
    }

    fn wait(&mut self, longest: Duration) {
        if !self.due.is_empty() {
            return;
        }
        // What a step brought was thought about before anybody waits again.
        if self.step.is_some()
            && self.listen(Duration::ZERO) == 0
            && self.is_quiet()
            && let Some(step) = self.step.take()
        {
            self.link.acknowledge(step);
        }
        if self.due.is_empty() {
            self.listen(longest);
        }
        self.course.flush(&mut self.due);
        if self.sight != Sight::Reading {
            let now = self.exchange_time();
            self.due.push_back(Fed::Passed(now));
        }
    }

    fn reconnects(&self) -> u64 {
        self.link.counters().reconnects
    }

    fn take_alerts(&mut self) -> Vec<Alert> {
        std::mem::take(&mut self.alerts)
    }
}
