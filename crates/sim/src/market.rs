//! The market of a run: made minutes, walked by the second so that messages can come in between.

use crate::fault::Fault;
use crate::strike::{Fates, Key, Target};
use model::{Bar, FundingRate, Interval, Price, Rate, Time};
use synthetic::{Laid, Market, MarketSettings, Scenario};

/// 2025-01-01T00:00:00Z.
pub(crate) const START: Time = Time(1_735_689_600_000);

/// Which minute of the run an instant lies in.
pub(crate) fn minute_of(at: Time) -> u32 {
    u32::try_from((at - START).0 / Interval::MINUTE.0).expect("a run is short and begins at the start")
}

/// Steps of a minute.
pub(crate) const STEPS: i64 = 60;
/// What a price is multiplied by is this many parts.
const PARTS: i64 = 1_000_000;
/// The furthest that the price jumps between two seconds, and that all jumps together take it.
const GAP_MAX: i64 = PARTS * 8 / 100;
const SHIFT_MAX: i64 = PARTS * 3 / 2;
/// How many times the usual funding a spike is.
const SPIKE: i64 = 50;

/// A price jumps before this second to these parts of what it would be.
#[derive(Clone, Copy, Debug)]
struct Jump {
    second: i64,
    parts: i64,
}

/// The market.
#[derive(Debug)]
pub(crate) struct Made {
    market: Market,
    waypoints: [Price; 4],
    volume: f64,
    opens: Time,
    parts: i64,
    jump: Option<Jump>,
    /// What was seen of the minute.
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
        let none = Price(1);
        let minute = Bar { open_time: START, open: none, high: none, low: none, close: none, volume: 0.0 };
        let waypoints = [none; 4];
        Made { market, waypoints, volume: 0.0, opens: START, parts: PARTS, jump: None, minute }
    }

    /// The next minute begins: what is settled at its first instant.
    pub(crate) fn begin(&mut self, number: u32, fates: &mut Fates<'_>) -> Option<FundingRate> {
        let minute = self.market.minute();
        let bar = minute.bar;
        let falls_first = bar.close >= bar.open;
        let (first, second) = if falls_first { (bar.low, bar.high) } else { (bar.high, bar.low) };
        self.waypoints = [bar.open, first, second, bar.close];
        (self.volume, self.opens) = (bar.volume / STEPS as f64, bar.open_time);
        let key = Key::Minute(Target::Market, number);
        self.jump = fates.strike(self.opens, Fault::BookGap, key).map(|mut rng| {
            let size = i64::try_from(rng.below(GAP_MAX.unsigned_abs())).expect("small");
            let second = i64::try_from(rng.below(STEPS.unsigned_abs())).expect("small");
            let up = self.parts * (PARTS + size) / PARTS;
            let down = self.parts * (PARTS - size) / PARTS;
            let rises = (rng.below(2) == 0 && up < SHIFT_MAX) || down < PARTS * PARTS / SHIFT_MAX;
            Jump { second, parts: if rises { up } else { down } }
        });
        let mut funding = minute.funding;
        if let Some(due) = &mut funding
            && let Some(mut rng) = fates.strike(self.opens, Fault::FundingSpike, key)
        {
            let sign = if rng.below(2) == 0 { 1 } else { -1 };
            due.rate = Rate(due.rate.0 * SPIKE * sign);
        }
        funding
    }

    /// The price after so many seconds of the minute, before anything jumps.
    fn at(&self, second: i64) -> i64 {
        let third = STEPS / 3;
        let leg = usize::try_from((second / third).min(2)).expect("a second of a minute");
        let (from, to) = (self.waypoints[leg].0, self.waypoints[leg + 1].0);
        from + (to - from) * (second - leg as i64 * third) / third
    }

    /// The price at the minute's first instant.
    pub(crate) fn opening(&self) -> Price {
        Price(self.at(0) * self.parts / PARTS)
    }

    /// One second of the minute as a bar.
    pub(crate) fn second(&mut self, second: i64) -> Bar {
        if let Some(jump) = self.jump.filter(|jump| jump.second == second) {
            self.parts = jump.parts;
        }
        let price = |second| Price(self.at(second) * self.parts / PARTS);
        let (open, close) = (price(second), price(second + 1));
        let open_time = self.opens + Interval(second * Interval::SECOND.0);
        let (high, low) = (open.max(close), open.min(close));
        let bar = Bar { open_time, open, high, low, close, volume: self.volume };
        if second == 0 {
            self.minute = bar;
        } else {
            let minute = &mut self.minute;
            (minute.high, minute.low) = (minute.high.max(high), minute.low.min(low));
            (minute.close, minute.volume) = (close, minute.volume + bar.volume);
        }
        bar
    }
}
