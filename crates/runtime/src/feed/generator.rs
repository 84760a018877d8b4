//! A made market, tick by tick: the same that the mock exchange makes of the same seed.
//!
//! It stands still while nobody runs it, and goes on where its farm has seen it last. Refuses to be fed faster than its
//! pace.

use super::{Fed, Feed, Pace};
use edge::paper::Stretch;
use mock_bitget::MadeMarket;
use model::{Bar, Instrument, Interval, Time};
use std::collections::VecDeque;
use std::time::Duration;

/// A made market.
#[derive(Debug)]
pub struct Generator {
    market: MadeMarket,
    pace: Pace,
    interval: Interval,
    /// The bar that is being made.
    bar: Option<Bar>,
    /// What has happened and was not told.
    due: VecDeque<Fed>,
    next: Option<mock_bitget::Stretch>,
}

/// Which market, and from when.
#[derive(Clone, Debug)]
pub struct Made {
    /// Of what.
    pub instrument: Instrument,
    /// Length of its bars.
    pub interval: Interval,
    /// The seed.
    pub seed: u64,
    /// When the market began: its past lies before. The same for every run of a farm.
    pub born: Time,
    /// Bars of its past that a new farm is shown.
    pub warm_up: usize,
    /// So many of its seconds in one of ours; zero is as fast as can be.
    pub speed: f64,
}

impl Generator {
    /// From its first instant, or from what a farm has seen of it.
    pub fn begin(made: &Made, seen_until: Option<Time>) -> Generator {
        let born = made.born.floor(made.interval);
        let mut market = MadeMarket::begin(&made.instrument, made.seed, born);
        let past = market.take_past();
        let from = seen_until.unwrap_or(born).max(born);
        let mut generator = Generator {
            market,
            pace: Pace::begin(from, made.speed),
            interval: made.interval,
            bar: None,
            due: VecDeque::new(),
            next: None,
        };
        // What a farm has seen is not traded again.
        while generator.peek().bar.open_time < from {
            generator.next = None;
        }
        if seen_until.is_none() {
            generator.show_past(&past, made.warm_up);
            let first = generator.peek().bar;
            generator.due.push_back(Fed::Opened(first.open_time, first.open));
        }
        generator
    }

    fn show_past(&mut self, past: &[mock_bitget::Stretch], warm_up: usize) {
        let per_bar = usize::try_from(self.interval.0 / Interval::MINUTE.0).expect("bars are whole minutes");
        let from = past.len().saturating_sub(warm_up * per_bar);
        let aligned =
            past[from..].iter().position(|one| one.bar.open_time.floor(self.interval) == one.bar.open_time);
        for minute in &past[from + aligned.unwrap_or(0)..] {
            self.grow(&minute.bar, minute.interval);
        }
    }

    fn peek(&mut self) -> &mock_bitget::Stretch {
        let market = &mut self.market;
        self.next.get_or_insert_with(|| market.tick())
    }

    /// Adds what was traded to the bar that is being made; it is told once it is whole.
    fn grow(&mut self, part: &Bar, length: Interval) {
        let opens = part.open_time.floor(self.interval);
        let bar = self.bar.get_or_insert(Bar { open_time: opens, volume: 0.0, ..*part });
        bar.high = bar.high.max(part.high);
        bar.low = bar.low.min(part.low);
        bar.close = part.close;
        bar.volume += part.volume;
        if part.open_time + length == opens + self.interval {
            self.due.extend(self.bar.take().map(Fed::Seen));
        }
    }
}

impl Feed for Generator {
    fn next(&mut self) -> Option<Fed> {
        if let Some(fed) = self.due.pop_front() {
            return Some(fed);
        }
        let ends = self.peek().bar.open_time + self.peek().interval;
        if !self.pace.has_come(ends) {
            return None;
        }
        let mock_bitget::Stretch { bar, interval, mark, funding } =
            self.next.take().expect("it was looked at");
        self.grow(&bar, interval);
        Some(Fed::Traded(Stretch { bar, interval, mark, funding }))
    }

    fn due(&mut self) -> Option<Duration> {
        if !self.due.is_empty() {
            return Some(Duration::ZERO);
        }
        let ends = self.peek().bar.open_time + self.peek().interval;
        Some(self.pace.until(ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> Made {
        Made {
            instrument: mock_bitget::btcusdt(),
            interval: Interval::MINUTE,
            seed: 7,
            born: Time(1_760_000_040_000),
            warm_up: 10,
            speed: 0.0,
        }
    }

    fn told(generator: &mut Generator, count: usize) -> Vec<Fed> {
        std::iter::from_fn(|| generator.next()).take(count).collect()
    }

    #[test]
    fn the_past_is_shown_then_the_market_opens_then_minutes_end_behind_their_ticks() {
        let told = told(&mut Generator::begin(&made(), None), 10 + 1 + 2 * 241);
        assert!(told[..10].iter().all(|fed| matches!(fed, Fed::Seen(_))));
        assert!(matches!(told[10], Fed::Opened(at, _) if at == made().born));
        let seen: Vec<usize> = (11..told.len()).filter(|at| matches!(told[*at], Fed::Seen(_))).collect();
        assert_eq!(seen, [11 + 240, 11 + 481]);
        let Fed::Seen(bar) = told[seen[0]] else { panic!("a bar") };
        assert_eq!(bar.open_time, made().born);
    }

    #[test]
    fn who_rises_goes_on_in_the_same_market() {
        let whole = told(&mut Generator::begin(&made(), None), 11 + 4 * 241);
        let seen = made().born + Interval(2 * Interval::MINUTE.0);
        let again = told(&mut Generator::begin(&made(), Some(seen)), 2 * 241);
        assert_eq!(again, whole[11 + 2 * 241..]);
    }

    #[test]
    fn longer_bars_are_whole() {
        let made = Made { interval: Interval::minutes(5), ..made() };
        let told = told(&mut Generator::begin(&made, None), 10 + 1 + 5 * 240 + 1);
        let bars: Vec<Bar> =
            told.iter().filter_map(|fed| if let Fed::Seen(bar) = fed { Some(*bar) } else { None }).collect();
        assert_eq!(bars.len(), 11);
        assert!(bars.windows(2).all(|pair| pair[1].open_time - pair[0].open_time == made.interval));
    }
}
