//! A market that is made while one looks: the minutes of `synthetic`, cut into quarters of a second.
//!
//! The past is made whole when the market begins, so that every candle has its history; from then on each minute's path
//! goes from its open by its two extremes to its close, the adverse one first, and is told tick by tick. Refuses to be
//! another market for another listener: the seed says everything.

use crate::tape::Stretch;
use model::{Bar, Instrument, Interval, Mark, Price, Rng, Time};
use synthetic::{Market, MarketSettings, Minute};
use venue::MarkBar;

/// Ticks of a minute.
const TICKS: i64 = 240;
/// How long a tick of a made market is.
pub const TICK: Interval = Interval(Interval::MINUTE.0 / TICKS);
const BTC_USDT: f64 = 60_000.0;
const ETH_USDT: f64 = 3_000.0;
/// How many days lie behind a market when it begins.
pub(crate) const DAYS_BEHIND: i64 = 91;
/// From here on whole minutes are told: nobody was there to see the ticks.
const BEHIND_MAX: Interval = Interval(2 * Interval::MINUTE.0);

/// How a market that is behind its time gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// By whole minutes where it is far behind.
    MayLeap,
    /// Tick by tick, as it went when somebody was there.
    TickByTick,
}

/// A made market.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    market: Market,
    /// Ticks of the instrument in one of the market's, which is 0.1 USDT.
    scale: i64,
    mark_per_tick: i64,
    wobble: Rng,
    minute: Minute,
    /// The next tick to be told.
    tick: i64,
    last: Price,
}

impl Made {
    /// The market of a seed for an instrument, with its past up to the minute before `now`.
    pub(crate) fn begin(
        instrument: &Instrument,
        seed: u64,
        now: Time,
        price_usdt: f64,
        mut past: impl FnMut(&Stretch),
    ) -> Made {
        let decimals = instrument.tick.decimals;
        assert!(
            decimals >= 1 && instrument.tick.mantissa == 1,
            "a made market has ticks of 0.1 USDT or finer"
        );
        let start = now.floor(Interval::MINUTE) - Interval(DAYS_BEHIND * Interval::DAY.0);
        let settings = MarketSettings { seed, start, price: price_usdt, scenarios: Vec::new() };
        let mut market = Market::new(&settings);
        let minute = market.minute();
        let mut made = Made {
            market,
            scale: 10_i64.pow(u32::from(decimals) - 1),
            mark_per_tick: instrument.mark_per_tick(),
            wobble: Rng::new(seed),
            last: Price(minute.bar.open.0),
            minute,
            tick: 0,
        };
        made.last = made.price(made.minute.bar.open);
        while made.minute.bar.open_time + Interval::MINUTE <= now {
            past(&made.whole());
            made.next_minute();
        }
        made
    }

    /// When the next tick ends.
    pub(crate) fn next_end(&self) -> Time {
        self.minute.bar.open_time + Interval((self.tick + 1) * TICK.0)
    }

    /// The next stretch that has ended by `now`.
    pub(crate) fn next(&mut self, now: Time, pace: Pace) -> Option<Stretch> {
        let from = self.minute.bar.open_time + Interval(self.tick * TICK.0);
        if self.tick == 0 && now - from >= BEHIND_MAX && pace == Pace::MayLeap {
            let stretch = self.whole();
            self.next_minute();
            return Some(stretch);
        }
        (from + TICK <= now).then(|| self.tell(from))
    }

    fn price(&self, price: Price) -> Price {
        Price(price.0 * self.scale)
    }

    fn next_minute(&mut self) {
        self.last = self.price(self.minute.bar.close);
        self.minute = self.market.minute();
        self.tick = 0;
    }

    fn whole(&self) -> Stretch {
        let Minute { bar, mark, funding, .. } = self.minute;
        let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(|p| self.price(p));
        let mark = MarkBar { open: mark.open, high: mark.high, low: mark.low, close: mark.close };
        Stretch {
            bar: Bar { open, high, low, close, ..bar },
            interval: Interval::MINUTE,
            mark,
            funding: funding.map(|funding| funding.rate),
        }
    }

    fn tell(&mut self, from: Time) -> Stretch {
        let whole = self.whole();
        self.tick += 1;
        let open = if self.tick == 1 { whole.bar.open } else { self.last };
        let close = self.way(&whole.bar);
        let (high, low) = (open.max(close), open.min(close));
        let bar = Bar { open_time: from, open, high, low, close, volume: whole.bar.volume / TICKS as f64 };
        let start = whole.mark.open - Mark(whole.bar.open.0 * self.mark_per_tick);
        let end = whole.mark.close - Mark(whole.bar.close.0 * self.mark_per_tick);
        let basis = Mark(start.0 + (end.0 - start.0) * self.tick / TICKS);
        let mark = MarkBar::from_basis(self.mark_per_tick, &bar, basis);
        let funding = whole.funding.filter(|_| self.tick == 1);
        self.last = close;
        if self.tick == TICKS {
            self.next_minute();
        }
        Stretch { bar, interval: TICK, mark, funding }
    }

    /// Where the path is after the present tick: on the straight way between its knots, give or take.
    fn way(&mut self, bar: &Bar) -> Price {
        let (first, second) = if bar.close >= bar.open { (bar.low, bar.high) } else { (bar.high, bar.low) };
        let leg = TICKS / 3;
        let done = self.tick % leg;
        let knots = [bar.open, first, second, bar.close];
        let at = usize::try_from(self.tick / leg).expect("ticks are counted from zero");
        if done == 0 {
            return knots[at];
        }
        let straight = knots[at].0 + (knots[at + 1].0 - knots[at].0) * done / leg;
        let room = ((bar.high - bar.low).0 / 20).max(0);
        let wide = u64::try_from(2 * room + 1).expect("room is not negative");
        let off = self.wobble.below(wide) as i64 - room;
        Price((straight + off).clamp(bar.low.0, bar.high.0))
    }
}

/// The market that an exchange of a seed makes of its first symbol, for whoever wants the same one without the exchange.
#[derive(Clone, Debug)]
pub struct MadeMarket {
    past: Vec<Stretch>,
    made: Made,
}

impl MadeMarket {
    /// What lies behind `now`, and what is to come.
    pub fn begin(instrument: &Instrument, seed: u64, now: Time) -> MadeMarket {
        let mut past = Vec::new();
        let price = first_price_usdt(instrument);
        let made = Made::begin(instrument, seed, now, price, |stretch| past.push(*stretch));
        MadeMarket { past, made }
    }

    /// The minutes before it began.
    pub fn past(&self) -> &[Stretch] {
        &self.past
    }

    /// The same, handed over: nothing of it is kept.
    pub fn take_past(&mut self) -> Vec<Stretch> {
        std::mem::take(&mut self.past)
    }

    /// The next tick.
    pub fn tick(&mut self) -> Stretch {
        let end = self.made.next_end();
        self.made.next(end, Pace::TickByTick).expect("a tick that is over is told")
    }
}

/// What a made market begins at, in USDT.
pub(crate) fn first_price_usdt(instrument: &Instrument) -> f64 {
    if instrument.symbol.starts_with("ETH") { ETH_USDT } else { BTC_USDT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_add_up_to_their_minute_and_the_past_is_long() {
        let now = Time::from_date(2025, 10, 9).unwrap() + Interval(3_600_500);
        let mut past = Vec::new();
        let i = crate::symbols::ethusdt();
        let mut made = Made::begin(&i, 7, now, 3_000.0, |stretch| past.push(*stretch));
        assert_eq!(past.len(), 91 * 1_440);
        assert!(
            past.windows(2).all(|pair| pair[0].bar.open_time + Interval::MINUTE == pair[1].bar.open_time)
        );
        let whole = made.whole().bar;
        let mut ticks = Vec::new();
        let mut at = now;
        while ticks.len() < 240 {
            at = at + TICK;
            ticks.extend(std::iter::from_fn(|| made.next(at, Pace::TickByTick)));
        }
        let part = &ticks[..240];
        assert_eq!((part[0].bar.open, part[239].bar.close), (whole.open, whole.close));
        assert_eq!(part.iter().map(|tick| tick.bar.high).max(), Some(whole.high));
        assert_eq!(part.iter().map(|tick| tick.bar.low).min(), Some(whole.low));
        assert!(part.windows(2).all(|pair| pair[0].bar.close == pair[1].bar.open));
        let later = at + Interval(10 * 60_000);
        let caught_up: Vec<Stretch> = std::iter::from_fn(|| made.next(later, Pace::MayLeap)).collect();
        assert!(caught_up.len() < 900, "what nobody saw is told by the minute: {}", caught_up.len());
    }
}
