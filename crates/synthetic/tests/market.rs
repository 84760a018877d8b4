//! What holds of every minute of every made market, whatever lies in it.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]

use model::{Interval, Price, Rate, Time};
use synthetic::{
    Laid, Market, MarketSettings, Minute, PRICE_MAX, PRICE_MIN, PRICE_START, SCENARIOS_MAX, Scenario,
};

fn settings(seed: u64) -> MarketSettings {
    let start = Time::from_date(2024, 1, 1).unwrap();
    MarketSettings { seed, start, price: 40_000.0, scenarios: Vec::new() }
}

fn minutes(settings: &MarketSettings, count: usize) -> Vec<Minute> {
    let mut market = Market::new(settings);
    (0..count).map(|_| market.minute()).collect()
}

fn whole_thousandths(coins: f64) -> bool {
    (coins * 1_000.0 - (coins * 1_000.0).round()).abs() < 1e-6
}

fn check(minutes: &[Minute], start: Time) {
    for (i, minute) in minutes.iter().enumerate() {
        let (bar, mark) = (minute.bar, minute.mark);
        assert_eq!(bar.open_time, start + Interval::minutes(i as i64));
        assert!(bar.low.0 > 0 && bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
        assert!(mark.low.0 > 0 && mark.low <= mark.open.min(mark.close));
        assert!(mark.high >= mark.open.max(mark.close));
        let basis = mark.close.0 as f64 / (bar.close.0 as f64 * 1e9) - 1.0;
        assert!(basis.abs() < 0.001, "minute {i}: the mark is {basis} from the price");
        assert!(bar.volume > 0.0 && whole_thousandths(bar.volume) && minute.trades > 0);
        assert!((0.0..=bar.volume).contains(&minute.taker_buy_volume));
        assert!(whole_thousandths(minute.taker_buy_volume));
        assert!(
            f64::from(minute.trades) <= bar.volume * 1_000.0 + 0.5,
            "a trade moves at least a thousandth"
        );
        if let Some(funding) = minute.funding {
            assert_eq!(funding.time, bar.open_time);
            assert_eq!(funding.time.0 % (8 * Interval::HOUR.0), 0);
            assert_eq!(funding.rate.0 % 10_000, 0, "rates come in steps of 1e-8");
            assert!(funding.rate.abs() <= Rate::bps(30));
        }
    }
    let open_before = |pair: &[Minute]| pair[1].mark.open == pair[0].mark.close;
    assert!(minutes.windows(2).all(open_before), "a mark opens where the one before closed");
}

#[test]
fn every_minute_is_possible_and_opens_where_the_last_one_closed() {
    let settings = settings(1);
    let minutes = minutes(&settings, 100_000);
    check(&minutes, settings.start);
    assert!(minutes.windows(2).all(|pair| pair[1].bar.open == pair[0].bar.close));
    assert_eq!(minutes[0].bar.open, Price(400_000));
    let due = minutes.iter().filter(|minute| minute.funding.is_some()).count();
    assert_eq!(due, 99_999 / 480, "one each eight hours, none before the first are over");
    let rates: Vec<i64> = minutes.iter().filter_map(|m| m.funding).map(|funding| funding.rate.0).collect();
    let usual = rates.iter().filter(|rate| **rate == Rate::BASIS_POINT.0).count();
    assert!(
        usual * 4 > rates.len() && usual < rates.len(),
        "{usual} of {} rates are the usual one",
        rates.len()
    );
}

#[test]
fn a_seed_is_a_market_and_another_seed_another() {
    let first = minutes(&settings(7), 5_000);
    assert_eq!(first, minutes(&settings(7), 5_000));
    assert_ne!(first[10], minutes(&settings(8), 11)[10]);
}

#[test]
fn the_bits_of_a_seed_are_the_same_everywhere() {
    let mut hash = model::StateHash::default();
    for minute in minutes(&settings(42), 20_000) {
        hash.int(minute.bar.close.0);
        hash.int(minute.bar.high.0);
        hash.float(minute.bar.volume);
        hash.float(minute.taker_buy_volume);
        hash.int(minute.mark.low.0);
        hash.int(minute.funding.map_or(0, |funding| funding.rate.0));
    }
    assert_eq!(
        format!("{:016x}", hash.finish()),
        FINGERPRINT,
        "every made market is another now: say so in the commit"
    );
}

const FINGERPRINT: &str = "a2d01c9daa90c1f3";

#[test]
fn what_is_laid_beforehand_and_what_is_laid_live_are_one() {
    let mut before = settings(3);
    let at = before.start + Interval::minutes(500);
    before.scenarios.push(Laid { scenario: Scenario::Crash, at, lasts: None });
    let whole = minutes(&before, 2_000);
    let mut live = Market::new(&settings(3));
    for (i, minute) in whole.iter().enumerate() {
        if i == 500 {
            assert!(live.lay(Scenario::Crash, None));
        }
        assert_eq!(live.minute(), *minute, "minute {i}");
    }
}

#[test]
fn prices_stay_possible_at_both_ends_and_under_every_scenario() {
    for price in [PRICE_START.0, PRICE_START.1] {
        let mut settings = MarketSettings { price, ..settings(5) };
        for (i, scenario) in Scenario::ALL.into_iter().cycle().take(90).enumerate() {
            let at = settings.start + Interval::minutes(i as i64 * 300);
            settings.scenarios.push(Laid {
                scenario,
                at,
                lasts: Some(Interval::minutes(1 + i as i64 * 11 % 700)),
            });
        }
        check(&minutes(&settings, 30_000), settings.start);
    }
}

#[test]
#[should_panic(expected = "a market starts where it has room to fall and to rise")]
fn a_price_without_room_is_refused() {
    Market::new(&MarketSettings { price: PRICE_START.0 / 2.0, ..settings(1) });
}

#[test]
fn a_full_market_takes_no_more_and_goes_on() {
    let mut market = Market::new(&settings(1));
    assert!((0..SCENARIOS_MAX).all(|_| market.lay(Scenario::Crash, None)));
    assert!(!market.lay(Scenario::Crash, None) && market.holds(Scenario::Crash));
    (0..600).for_each(|_| assert!(market.minute().bar.low.0 > 0));
    assert!(!market.holds(Scenario::Crash), "they are over");
    assert!(market.lay(Scenario::Gap, None) && market.holds(Scenario::Gap));
}

#[test]
fn stacked_scenarios_are_wild_and_not_absurd() {
    for (scenario, stacked) in
        [(Scenario::Crash, 12), (Scenario::FlashCrash, 30), (Scenario::HighVolatility, 9)]
    {
        let start = settings(4);
        let laid = Laid { scenario, at: start.start, lasts: None };
        let made = minutes(&MarketSettings { scenarios: vec![laid; stacked], ..start.clone() }, 1_500);
        check(&made, start.start);
        let highest = made.iter().map(|minute| minute.bar.high.0).max().expect("minutes");
        let opened = made[0].bar.open.0;
        assert!(highest < 10 * opened, "{}: {highest} from {opened}", scenario.name());
    }
    const { assert!(PRICE_MIN * 10.0 <= PRICE_START.0 && PRICE_START.1 * 10.0 <= PRICE_MAX) };
}
