//! What the perpetual costs beside its index: the mark, and the funding that pulls the one to the other.
//!
//! The premium fades within hours and leans with the price of the last days. The rate is made as exchanges make theirs: the mean
//! premium of eight hours, drawn to a hundredth of a per cent, and clamped. It refuses a mark outside its own high and low.

use crate::minute::MarkBar;
use crate::noise::Fading;
use model::{FundingRate, Interval, Mark, Price, Rate, Rng, Time};

/// Between two instants of funding.
pub(crate) const FUNDING_INTERVAL: Interval = Interval(8 * Interval::HOUR.0);
/// The premium's own: deviation, and memory in minutes: of minutes, of hours, of weeks.
const PREMIUM: [(f64, f64); 3] = [(0.000_12, 6.0), (0.000_25, 400.0), (0.000_35, 14_000.0)];
/// How much of what the price went in the last days becomes premium, and how long those are, in minutes.
const LEAN: (f64, f64) = (0.004, 4_000.0);
/// What of the premium is between trades and mark: the mark is smoothed, so only the fast part of it shows.
const MARK_HEARS: f64 = 0.6;
/// What of a wick reaches the mark: it is made from many venues.
const MARK_REACH: f64 = 0.6;
/// The rate that money costs in eight hours, and how far the premium may be before the rate moves.
const INTEREST: f64 = 0.0001;
const DEAD_BAND: f64 = 0.0005;
/// No rate is beyond this.
const RATE_MAX: f64 = 0.003;
/// Rates come in steps of 1e-8; `Rate` counts 1e-12.
const RATE_STEPS: f64 = 1e8;
const RATE_PER_STEP: i64 = 10_000;
const MARK_PER_TICK: f64 = 1e9;
/// Marks are published with eight decimals; `Mark` counts 1e-10.
const MARK_STEP: f64 = 100.0;

/// Premium, mark and the funding that is due.
#[derive(Clone, Debug)]
pub(crate) struct Premium {
    parts: [Fading; PREMIUM.len()],
    /// Where the price leans from: a slow mean of its logarithm.
    slow_log_price: f64,
    mark: Option<Mark>,
    sum: f64,
    minutes: u32,
}

impl Premium {
    pub(crate) fn new(log_price: f64, rng: &mut Rng) -> Premium {
        let parts = PREMIUM.map(|(deviation, memory)| Fading::new(deviation, memory, rng));
        Premium { parts, slow_log_price: log_price, mark: None, sum: 0.0, minutes: 0 }
    }

    /// The rate settled at this open, if one is due and some of its eight hours were seen.
    pub(crate) fn funding(&mut self, time: Time) -> Option<FundingRate> {
        if time.floor(FUNDING_INTERVAL) != time || self.minutes == 0 {
            return None;
        }
        let premium = self.sum / f64::from(self.minutes);
        (self.sum, self.minutes) = (0.0, 0);
        let rate = premium + (INTEREST - premium).clamp(-DEAD_BAND, DEAD_BAND);
        let steps = (rate.clamp(-RATE_MAX, RATE_MAX) * RATE_STEPS).round() as i64;
        Some(FundingRate { time, rate: Rate(steps * RATE_PER_STEP) })
    }

    /// The mark of a minute with these prices, whose close is at `log_price`.
    pub(crate) fn mark(&mut self, prices: [Price; 4], log_price: f64, rng: &mut Rng) -> MarkBar {
        let [_, high, low, close] = prices;
        let lean = LEAN.0 * (log_price - self.slow_log_price);
        self.slow_log_price += (log_price - self.slow_log_price) / LEAN.1;
        let fast = self.parts[0].step(rng);
        let slow = lean + self.parts[1].step(rng) + self.parts[2].step(rng);
        self.sum += fast + slow;
        self.minutes += 1;
        let factor = 1.0 - MARK_HEARS * fast;
        let exact =
            |ticks: f64| Mark((ticks * MARK_PER_TICK * factor / MARK_STEP).round() as i64 * MARK_STEP as i64);
        let close_mark = exact(close.0 as f64);
        let open_mark = self.mark.unwrap_or_else(|| exact(prices[0].0 as f64));
        self.mark = Some(close_mark);
        let body = (prices[0].max(close), prices[0].min(close));
        let reach = |end: Price, wick: Price| exact(end.0 as f64 + MARK_REACH * (wick - end).0 as f64);
        MarkBar {
            open: open_mark,
            high: reach(body.0, high).max(open_mark).max(close_mark),
            low: reach(body.1, low).min(open_mark).min(close_mark),
            close: close_mark,
        }
    }
}
