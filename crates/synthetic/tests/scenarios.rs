//! What is seen of each scenario, for several seeds: in the market with it beside the market of the same luck without it.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]

use model::{Interval, Time, math};
use synthetic::{Laid, Market, MarketSettings, Minute, Scenario};

const SEEDS: std::ops::Range<u64> = 0..20;
/// The scenario begins after a day.
const BEFORE: usize = 1_440;

/// The minutes of a market with a scenario, from its first one on, and those of the market without it; both after a minute before.
fn beside(seed: u64, scenario: Scenario, minutes: usize) -> (Vec<Minute>, Vec<Minute>) {
    let start = Time::from_date(2024, 3, 4).unwrap();
    let laid = Laid { scenario, at: start + Interval::minutes(BEFORE as i64), lasts: None };
    let run = |scenarios: Vec<Laid>| {
        let mut market = Market::new(&MarketSettings { seed, start, price: 50_000.0, scenarios });
        (0..BEFORE + minutes).map(|_| market.minute()).skip(BEFORE - 1).collect::<Vec<_>>()
    };
    (run(vec![laid]), run(Vec::new()))
}

fn length(scenario: Scenario) -> usize {
    usize::try_from(scenario.usual_length().0 / Interval::MINUTE.0).unwrap()
}

fn close(minute: &Minute) -> f64 {
    minute.bar.close.0 as f64
}

fn volume(minutes: &[Minute]) -> f64 {
    minutes.iter().map(|minute| minute.bar.volume).sum()
}

/// Root mean square of one-minute returns.
fn deviation(minutes: &[Minute]) -> f64 {
    let squares = minutes.windows(2).map(|pair| close(&pair[1]) / close(&pair[0]) - 1.0).map(|r| r * r);
    (squares.sum::<f64>() / (minutes.len() - 1) as f64).sqrt()
}

/// Mean of high over low, less one.
fn range(minutes: &[Minute]) -> f64 {
    let of = |minute: &Minute| minute.bar.high.0 as f64 / minute.bar.low.0 as f64 - 1.0;
    minutes.iter().map(of).sum::<f64>() / minutes.len() as f64
}

/// Highest high over lowest low, less one.
fn span(minutes: &[Minute]) -> f64 {
    let high = minutes.iter().map(|minute| minute.bar.high.0).max().unwrap();
    let low = minutes.iter().map(|minute| minute.bar.low.0).min().unwrap();
    high as f64 / low as f64 - 1.0
}

#[test]
fn a_crash_takes_a_fifth_within_hours_in_heavy_trade() {
    for seed in SEEDS {
        let (with, without) = beside(seed, Scenario::Crash, length(Scenario::Crash));
        let lowest = with.iter().map(close).fold(f64::INFINITY, f64::min);
        assert!(lowest < 0.8 * close(&with[0]), "seed {seed}: {}", lowest / close(&with[0]));
        let end = close(with.last().unwrap()) / close(&with[0]);
        assert!((0.55..0.85).contains(&end), "seed {seed}: it is a crash, not the end: {end}");
        assert!(volume(&with[1..]) > 2.0 * volume(&without[1..]), "seed {seed}");
    }
}

#[test]
fn a_flash_crash_falls_in_minutes_and_is_nearly_back_within_the_hour() {
    for seed in SEEDS {
        let (with, _) = beside(seed, Scenario::FlashCrash, 60);
        let before = close(&with[0]);
        let lowest = with[..12].iter().map(|minute| minute.bar.low.0 as f64).fold(f64::INFINITY, f64::min);
        assert!(lowest < 0.9 * before, "seed {seed}: it fell to {}", lowest / before);
        let recovered = (close(&with[60]) - lowest) / (before - lowest);
        assert!(recovered > 0.6, "seed {seed}: {recovered} of the fall came back");
    }
}

#[test]
fn high_volatility_is_four_times_the_usual_one() {
    for seed in SEEDS {
        let (with, without) = beside(seed, Scenario::HighVolatility, length(Scenario::HighVolatility));
        let ratio = deviation(&with[1..]) / deviation(&without[1..]);
        assert!((3.9..4.1).contains(&ratio), "seed {seed}: {ratio}");
    }
}

#[test]
fn a_liquidity_crisis_dries_volume_up_and_widens_ranges() {
    for seed in SEEDS {
        let (with, without) = beside(seed, Scenario::LiquidityCrisis, length(Scenario::LiquidityCrisis));
        assert!(volume(&with[1..]) < 0.1 * volume(&without[1..]), "seed {seed}");
        let ratio = range(&with[1..]) / range(&without[1..]);
        assert!(ratio > 2.0, "seed {seed}: ranges are {ratio} times as wide");
        let moved = deviation(&with[1..]) / deviation(&without[1..]);
        assert!(ratio > 1.5 * moved, "seed {seed}: wicks, not trends: {ratio} {moved}");
    }
}

#[test]
fn a_dead_market_hardly_moves_or_trades() {
    for seed in SEEDS {
        let (with, without) = beside(seed, Scenario::DeadMarket, length(Scenario::DeadMarket));
        assert!(volume(&with[1..]) < 0.02 * volume(&without[1..]), "seed {seed}");
        assert!(span(&with[1..]) < 0.01, "seed {seed}: a day's span of {}", span(&with[1..]));
        assert!(range(&with[1..]) < 0.1 * range(&without[1..]), "seed {seed}");
    }
}

#[test]
fn a_gap_opens_away_from_the_close_before_once_and_either_way() {
    let mut ups = 0;
    for seed in SEEDS {
        let (with, _) = beside(seed, Scenario::Gap, 60);
        let jumps: Vec<f64> =
            with.windows(2).map(|pair| pair[1].bar.open.0 as f64 / close(&pair[0]) - 1.0).collect();
        assert!((0.05..0.07).contains(&jumps[0].abs()), "seed {seed}: {}", jumps[0]);
        assert!(jumps[1..].iter().all(|jump| *jump == 0.0), "seed {seed}: one gap is one gap");
        ups += usize::from(jumps[0] > 0.0);
    }
    assert!((3..=17).contains(&ups), "{ups} of {} gaps went up", SEEDS.count());
}

#[test]
fn a_trend_gets_where_it_goes_with_days_against_it_being_rare() {
    for up in [true, false] {
        let scenario = Scenario::Trend { up };
        for seed in SEEDS {
            let (with, _) = beside(seed, scenario, length(scenario));
            let way = math::ln(close(with.last().unwrap()) / close(&with[0])) * if up { 1.0 } else { -1.0 };
            assert!((0.08..0.22).contains(&way), "seed {seed}, up {up}: {way} in three days");
            let against = (1..=3).filter(|day| {
                let moved = close(&with[day * 1_440]) - close(&with[(day - 1) * 1_440]);
                (moved > 0.0) != up
            });
            assert!(against.count() <= 1, "seed {seed}, up {up}");
        }
    }
}

#[test]
fn a_range_holds_and_is_used() {
    let mut used = 0;
    for seed in SEEDS {
        let (with, _) = beside(seed, Scenario::Range, length(Scenario::Range));
        let from = close(&with[0]);
        assert!(with.iter().all(|minute| math::ln(close(minute) / from).abs() < 0.0151), "seed {seed}");
        // Quiet weeks use it less.
        let span = span(&with[1..]);
        used += usize::from(span > 0.015);
        assert!(span > 0.004, "seed {seed}: a range, not a dead market: {span}");
    }
    assert!(used > 10, "{used} of {} ranges were used by half and more", SEEDS.count());
}

#[test]
fn life_goes_on_as_it_was_after_a_scenario() {
    for scenario in Scenario::ALL {
        let minutes = length(scenario);
        let (with, without) = beside(1, scenario, minutes + 300);
        let (with, without) = (&with[minutes + 1..], &without[minutes + 1..]);
        assert!(with.iter().zip(without).all(|(a, b)| a.bar.volume == b.bar.volume), "{}", scenario.name());
        let ratio = deviation(with) / deviation(without);
        assert!((0.95..1.05).contains(&ratio), "{}: {ratio}", scenario.name());
    }
}

#[test]
fn two_at_once_are_both_seen_and_a_length_is_kept() {
    let start = Time::from_date(2024, 3, 4).unwrap();
    let at = start + Interval::minutes(100);
    let scenarios = vec![
        Laid { scenario: Scenario::DeadMarket, at: start, lasts: Some(Interval::minutes(50)) },
        Laid { scenario: Scenario::HighVolatility, at, lasts: Some(Interval::minutes(200)) },
        Laid { scenario: Scenario::LiquidityCrisis, at, lasts: Some(Interval::minutes(100)) },
    ];
    let run = |scenarios: Vec<Laid>| {
        let mut market = Market::new(&MarketSettings { seed: 2, start, price: 50_000.0, scenarios });
        (0..400).map(|_| market.minute()).collect::<Vec<_>>()
    };
    let (with, without) = (run(scenarios), run(Vec::new()));
    let ratio = |from: usize, to: usize| deviation(&with[from..to]) / deviation(&without[from..to]);
    for (from, to, want) in [(0, 49, 0.04), (51, 99, 1.0), (101, 199, 6.0), (201, 299, 4.0), (301, 399, 1.0)]
    {
        assert!((ratio(from, to) / want - 1.0).abs() < 0.1, "{from}..{to}: {} for {want}", ratio(from, to));
    }
}
