//! Made markets have the statistics of real ones: the calibration cannot rot unseen.
//!
//! The bounds are those of `docs/market.md`. A debug build measures three short markets, within wider bounds because two hundred days say
//! less; an optimised one measures ten of two years as well.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where it breaks and says what it skipped"
)]

use model::{BarColumns, Interval, Time};
use synthetic::statistics::{ALL, Sample, Statistic};
use synthetic::{Market, MarketSettings};

fn sample(seed: u64, days: usize) -> Sample {
    let start = Time::from_date(2022, 1, 1).unwrap();
    let mut market = Market::new(&MarketSettings { seed, start, price: 40_000.0, scenarios: Vec::new() });
    let (mut bars, mut bought) = (BarColumns::new(Interval::MINUTE), Vec::new());
    for _ in 0..days * 1_440 {
        let minute = market.minute();
        bars.push(minute.bar);
        bought.push(minute.taker_buy_volume);
    }
    Sample::new(bars.as_bars(), Some(&bought)).unwrap()
}

fn values(statistic: &Statistic, samples: &[Sample]) -> Vec<f64> {
    let mut values: Vec<f64> = samples.iter().map(|sample| (statistic.of)(sample).unwrap()).collect();
    values.sort_by(f64::total_cmp);
    values
}

#[test]
fn three_markets_of_two_hundred_days_are_near() {
    let samples: Vec<Sample> = (1..=3).map(|seed| sample(seed, 200)).collect();
    for statistic in ALL {
        // A month is not seen often enough in two hundred days.
        let Some((low, high)) = statistic.range().filter(|_| statistic.name != "daily_30") else { continue };
        let room = 0.5 * (high - low);
        // One short market may be anywhere; the middle one of three is not.
        let middle = values(statistic, &samples)[1];
        assert!(
            (low - room..=high + room).contains(&middle),
            "{}: {middle} in {low}..{high}",
            statistic.name
        );
    }
}

#[test]
fn ten_markets_of_two_years_are_within_the_bounds() {
    if cfg!(debug_assertions) {
        println!("SKIPPED: ten_markets_of_two_years_are_within_the_bounds is for an optimised build");
        return;
    }
    let samples: Vec<Sample> = (1..=10).map(|seed| sample(seed, 730)).collect();
    let mut outside = Vec::new();
    for statistic in ALL {
        let Some((low, high)) = statistic.range() else { continue };
        let values = values(statistic, &samples);
        let middle = (values[4] + values[5]) / 2.0;
        assert!((low..=high).contains(&middle), "{}: middle {middle} in {low}..{high}", statistic.name);
        let missed = values.iter().filter(|value| !(low..=high).contains(*value));
        outside.extend(missed.map(|value| format!("{}: {value} in {low}..{high}", statistic.name)));
    }
    assert!(outside.is_empty(), "{outside:#?}");
}
