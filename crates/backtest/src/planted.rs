//! Made markets with or without a planted effect of a factor, for the test of the test: where nothing is planted it must
//! find nothing more often than chance, where something is planted it must find it as often as it says.

use cosmos::{Factor, Sky};
use model::{Bar, BarColumns, Interval, Price, Rng, Time};

/// Length of a regime: a trend, or a way back.
const REGIME_MINUTES: usize = 720;
/// Deviation of one minute, as a fraction of the price.
const NOISE: f64 = 0.0005;
/// Drift of a whole regime at full strength, as a fraction of the price.
const DRIFT: f64 = 0.02;

/// How the factor's reading (before weights) is brought to -1..1.
fn standing(factor: Factor, effect: f64) -> f64 {
    let full = match factor {
        Factor::Moon | Factor::Schumann => 0.3,
        Factor::Mercury => return 1.0 - 2.0 * effect,
        Factor::Kp | Factor::Circadian => 0.1,
        Factor::Liquidity => 0.2,
        Factor::Sentiment => 0.5,
        Factor::Season => 0.05,
    };
    (effect / full).clamp(-1.0, 1.0)
}

/// What is planted: while the factor stands high regimes go on in the direction of the one before, while it stands low
/// they turn around; `strength` 0 plants nothing, 1 makes it certain at the factor's extremes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planted {
    /// Which factor.
    pub factor: Factor,
    /// How strongly, 0..1.
    pub strength: f64,
}

/// One-minute bars from `from` on: half-day regimes of a drift under noise.
pub fn market(from: Time, minutes: usize, seed: u64, sky: &Sky, planted: Planted) -> BarColumns {
    assert!((0.0..=1.0).contains(&planted.strength), "a strength lies in 0..1");
    let mut rng = Rng::new(seed);
    let mut bars = BarColumns::new(Interval::MINUTE);
    let (mut price, mut way) = (400_000.0_f64, 1.0);
    for minute in 0..minutes {
        let open_time = from + Interval(minute as i64 * Interval::MINUTE.0);
        if minute % REGIME_MINUTES == 0 {
            let effect = sky.effect(planted.factor, open_time).unwrap_or(0.0);
            let goes_on = 0.5 + 0.5 * planted.strength * standing(planted.factor, effect);
            // One draw a regime, whatever is planted: markets of one seed differ by the effect alone.
            way = if rng.unit() < goes_on { way } else { -way };
        }
        let open = price;
        // Three uniform draws make a bell good enough for a minute.
        let bell = (rng.unit() + rng.unit() + rng.unit()) * 2.0 - 3.0;
        price = (price * (1.0 + NOISE * bell + way * DRIFT / REGIME_MINUTES as f64)).clamp(10_000.0, 1e8);
        let reach = price * NOISE * rng.unit();
        let (open, close) = (open as i64, price as i64);
        bars.push(Bar {
            open_time,
            open: Price(open),
            high: Price(open.max(close) + reach as i64),
            low: Price(open.min(close) - reach as i64),
            close: Price(close),
            volume: 20.0 + rng.unit() * 200.0,
        });
    }
    bars
}
