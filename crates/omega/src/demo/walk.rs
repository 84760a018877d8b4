//! A seeded random walk with trends of hours to days, in one-minute bars with volume, and funding to go with it.
//!
//! It refuses randomness of its own: the same seed gives the same market on every machine.

use model::{Bar, BarColumns, BotId, Concern, FundingRate, Interval, Price, Rate, Rng, Time, math};

/// A made market.
#[derive(Clone, Debug)]
pub struct DemoMarket {
    /// One-minute bars in ticks of 0.1 USDT.
    pub bars: BarColumns,
    /// A rate each eight hours.
    pub funding: Vec<FundingRate>,
}

/// 2025-01-01T00:00:00Z.
const START: Time = Time(1_735_689_600_000);
const PRICE_START: f64 = 60_000.0;
const TICKS_PER_USDT: f64 = 10.0;
const MINUTES_PER_YEAR: f64 = 525_600.0;
/// Standard deviation of a calm year's return.
const VOLATILITY_CALM: f64 = 0.40;
/// Drift of a trend, as a fraction a day.
const TREND_PER_DAY: f64 = 0.035;
const MINUTES_PER_DAY: f64 = 1_440.0;
/// A mood of the market lasts six hours to two and a half days.
const MOOD_MINUTES: (u64, u64) = (360, 3_600);
/// Base coins of a calm minute.
const VOLUME_CALM: f64 = 40.0;
const FUNDING_INTERVAL: Interval = Interval(8 * Interval::HOUR.0);

/// What the market is up to for a while.
struct Mood {
    drift: f64,
    volatility: f64,
    minutes_left: u64,
}

impl Mood {
    fn draw(rng: &mut Rng) -> Mood {
        let way = match rng.below(5) {
            0 | 1 => 1.0,
            2 | 3 => -1.0,
            _ => 0.0,
        };
        let wildness = 0.7 + 1.3 * rng.unit();
        Mood {
            drift: way * (0.4 + 0.6 * rng.unit()) * TREND_PER_DAY / MINUTES_PER_DAY,
            volatility: VOLATILITY_CALM * wildness / MINUTES_PER_YEAR.sqrt(),
            minutes_left: MOOD_MINUTES.0 + rng.below(MOOD_MINUTES.1 - MOOD_MINUTES.0),
        }
    }
}

/// A standard normal number (Box and Muller 1958).
fn normal(rng: &mut Rng) -> f64 {
    let radius = (-2.0 * math::ln(1.0 - rng.unit())).sqrt();
    radius * math::cos(2.0 * std::f64::consts::PI * rng.unit())
}

/// The market of a seed: so many minutes of it.
pub fn generate(seed: u64, minutes: u32) -> DemoMarket {
    let mut rng = Rng::stream(seed, BotId(0), Concern::Market);
    let mut market = DemoMarket { bars: BarColumns::new(Interval::MINUTE), funding: Vec::new() };
    let mut mood = Mood::draw(&mut rng);
    let mut close = PRICE_START;
    for minute in 0..i64::from(minutes) {
        if mood.minutes_left == 0 {
            mood = Mood::draw(&mut rng);
        }
        mood.minutes_left -= 1;
        let open_time = START + Interval::minutes(minute);
        if open_time.floor(FUNDING_INTERVAL) == open_time && minute > 0 {
            market.funding.push(FundingRate { time: open_time, rate: funding_rate(&mood, &mut rng) });
        }
        let (open, step) = (close, normal(&mut rng));
        close = stay_near(open * math::exp(mood.drift + mood.volatility * step));
        let bar = bar(open_time, open, close, &mood, step, &mut rng);
        market.bars.push(bar);
    }
    backtest::noise::add_bursts(&mut market.bars, seed);
    market
}

/// A walk of years must not leave the range of believable prices.
fn stay_near(price: f64) -> f64 {
    price.clamp(PRICE_START / 20.0, PRICE_START * 20.0)
}

fn bar(open_time: Time, open: f64, close: f64, mood: &Mood, step: f64, rng: &mut Rng) -> Bar {
    let ticks = |price: f64| Price((price * TICKS_PER_USDT).round() as i64);
    let mut reach = || open * mood.volatility * 0.6 * normal(rng).abs();
    let (up, down) = (reach(), reach());
    // Volume comes in whole thousandths, more of it when the price moves.
    let lots = (VOLUME_CALM * 1_000.0 * math::exp(0.6 * normal(rng)) * (0.5 + step.abs())).round();
    let bar = Bar {
        open_time,
        open: ticks(open),
        high: ticks(open.max(close) + up),
        low: ticks(open.min(close) - down),
        close: ticks(close),
        volume: lots / 1_000.0,
    };
    assert!(bar.low.0 > 0 && bar.low <= bar.open.min(bar.close), "a bar holds its own open and close");
    assert!(bar.high >= bar.open.max(bar.close), "a bar holds its own open and close");
    bar
}

/// Longs pay more in a rise: a hundredth of a per cent, give or take, in steps of 1e-8.
fn funding_rate(mood: &Mood, rng: &mut Rng) -> Rate {
    let rate = 0.0001 + mood.drift * 4.0 + 0.00005 * normal(rng);
    Rate((rate * 1e8).round() as i64 * 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_market() {
        let market = generate(7, 3_000);
        assert_eq!(market.bars, generate(7, 3_000).bars);
        assert_ne!(market.bars.close, generate(8, 3_000).bars.close);
        assert_eq!(market.bars.len(), 3_000);
        let times: Vec<i64> = market.funding.iter().map(|funding| (funding.time - START).0).collect();
        assert_eq!(times, [1, 2, 3, 4, 5, 6].map(|n| n * FUNDING_INTERVAL.0));
        assert!(market.funding.iter().all(|funding| funding.rate.0.abs() < Rate::bps(20).0));
        // Each bar opens at the close before it, so there is nothing to gap over.
        assert!((1..3_000).all(|i| market.bars.open[i] == market.bars.close[i - 1]));
    }

    #[test]
    fn years_of_it_stay_believable() {
        let market = generate(3, 2_000_000);
        let lowest = market.bars.low.iter().min().expect("bars");
        let highest = market.bars.high.iter().max().expect("bars");
        assert!(lowest.0 > 20_000 && highest.0 < 15_000_000, "{lowest:?} {highest:?}");
        assert!(market.bars.volume.iter().all(|volume| *volume >= 0.0 && volume.is_finite()));
    }
}
