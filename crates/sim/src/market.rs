//! The market of a run: made minutes, walked by the second so that messages can come in between.

use model::{Bar, FundingRate, Interval, Price, Time};
use synthetic::{Laid, Market, MarketSettings, Scenario};

/// 2025-01-01T00:00:00Z.
pub(crate) const START: Time = Time(1_735_689_600_000);
/// Steps of a minute.
const STEPS: i64 = 60;

/// The market.
#[derive(Debug)]
pub(crate) struct Made {
    market: Market,
    waypoints: [Price; 4],
    pub(crate) minute: Bar,
}

impl Made {
    /// A wild market: everything happens often.
    pub(crate) fn new(seed: u64, days: u32) -> Made {
        let day = |day: u32, hour: i64| {
            START + Interval(i64::from(day) * Interval::DAY.0 + hour * Interval::HOUR.0)
        };
        let mut scenarios = vec![Laid {
            scenario: Scenario::HighVolatility,
            at: START,
            lasts: Some(Interval(i64::from(days.max(1)) * Interval::DAY.0)),
        }];
        for at in 0..days {
            let kinds = [Scenario::FlashCrash, Scenario::Gap, Scenario::DeadMarket, Scenario::Crash];
            let scenario = kinds[((seed + u64::from(at)) % 4) as usize];
            scenarios.push(Laid { scenario, at: day(at, 7 + (seed % 9) as i64), lasts: None });
        }
        let market = Market::new(&MarketSettings { seed, start: START, price: 60_000.0, scenarios });
        let minute = Bar {
            open_time: START,
            open: Price(1),
            high: Price(1),
            low: Price(1),
            close: Price(1),
            volume: 0.0,
        };
        Made { market, waypoints: [Price(1); 4], minute }
    }

    /// The next minute begins: what is settled at its first instant.
    pub(crate) fn begin(&mut self) -> Option<FundingRate> {
        let minute = self.market.minute();
        let bar = minute.bar;
        self.minute = bar;
        let falls_first = bar.close >= bar.open;
        let (first, second) = if falls_first { (bar.low, bar.high) } else { (bar.high, bar.low) };
        self.waypoints = [bar.open, first, second, bar.close];
        minute.funding
    }

    /// The price after so many seconds of the minute.
    fn at(&self, second: i64) -> Price {
        let third = STEPS / 3;
        let leg = usize::try_from((second / third).min(2)).expect("a second of a minute");
        let (from, to) = (self.waypoints[leg].0, self.waypoints[leg + 1].0);
        Price(from + (to - from) * (second - leg as i64 * third) / third)
    }

    /// One second of the minute as a bar.
    pub(crate) fn second(&self, second: i64) -> Bar {
        let (open, close) = (self.at(second), self.at(second + 1));
        Bar {
            open_time: self.minute.open_time + Interval(second * Interval::SECOND.0),
            open,
            high: open.max(close),
            low: open.min(close),
            close,
            volume: self.minute.volume / STEPS as f64,
        }
    }
}
