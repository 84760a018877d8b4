//! Who traded: how much, in how many trades, and how much of it takers bought.
//!
//! Volume follows volatility, the clock, the minute's own movement and moods of its own; takers push the price the way they trade. It
//! refuses an empty minute: somebody always trades a thousandth.

use crate::noise::{Fading, normal};
use model::{Rng, math};

/// Coins of a middling minute on a weekday.
const VOLUME_MIDDLING: f64 = 105.0;
/// How much of volatility's logarithm is in volume's.
const VOLUME_ON_VOLATILITY: f64 = 0.75;
/// How much a minute's own movement, in deviations, adds to the logarithm of its volume, and the movement that adds nothing.
const VOLUME_ON_MOVE: (f64, f64) = (0.40, 0.80);
/// Deviation of what one movement can add: beyond this many deviations volume hears no more.
const MOVE_HEARD_MAX: f64 = 6.0;
/// Volume's own moods: deviation of the logarithm, and memory in minutes.
const MOODS: [(f64, f64); 3] = [(0.25, 10.0), (0.30, 300.0), (0.20, 8_000.0)];
/// Deviation of a single minute's logarithm.
const VOLUME_NOISE: f64 = 0.48;
/// Takers: share of the movement in their imbalance, deviation and memory in minutes of their moods, a single minute's.
const TAKERS_ON_MOVE: f64 = 0.34;
const TAKER_MOOD: (f64, f64) = (0.19, 4.0);
const TAKER_NOISE: f64 = 0.20;
/// Coins of a middling trade at a middling volume, and how trades grow with volume.
const TRADES_MIDDLING: f64 = 1_500.0;
const TRADES_ON_VOLUME: f64 = 0.85;
const TRADES_NOISE: f64 = 0.15;
const THOUSANDTHS: f64 = 1_000.0;
/// Most thousandths that one minute trades: far beyond every real one, exact in a double and in its count of trades.
const THOUSANDTHS_MAX: f64 = 1e10;

/// What the minute is to those who trade.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mood {
    /// Logarithm of volatility, relative to its middle, without the clock and without scenarios.
    pub volatility: f64,
    /// The minute's movement in its own deviations.
    pub movement: f64,
    /// The clock's and the scenarios' factor of volume.
    pub volume: f64,
}

/// What they did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Traded {
    pub volume: f64,
    pub taker_buy_volume: f64,
    pub trades: u32,
}

/// Those who trade.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    moods: [Fading; MOODS.len()],
    takers: Fading,
}

impl Flow {
    pub(crate) fn new(rng: &mut Rng) -> Flow {
        let moods = MOODS.map(|(deviation, memory)| Fading::new(deviation, memory, rng));
        Flow { moods, takers: Fading::new(TAKER_MOOD.0, TAKER_MOOD.1, rng) }
    }

    /// The next minute's.
    pub(crate) fn step(&mut self, mood: Mood, rng: &mut Rng) -> Traded {
        let own: f64 = self.moods.iter_mut().map(|fading| fading.step(rng)).sum();
        let (slope, middle) = VOLUME_ON_MOVE;
        let heard = slope * (mood.movement.abs().min(MOVE_HEARD_MAX) - middle);
        let log = VOLUME_ON_VOLATILITY * mood.volatility + heard + own + VOLUME_NOISE * normal(rng);
        let relative = math::exp(log) * mood.volume;
        let thousandths = (VOLUME_MIDDLING * relative * THOUSANDTHS).round().clamp(1.0, THOUSANDTHS_MAX);
        let takers = TAKERS_ON_MOVE * mood.movement + self.takers.step(rng) + TAKER_NOISE * normal(rng);
        let bought = (thousandths * 0.5 * (1.0 + bounded(takers))).round();
        let log_trades = TRADES_ON_VOLUME * math::ln(thousandths / (VOLUME_MIDDLING * THOUSANDTHS))
            + TRADES_NOISE * normal(rng);
        let trades = (TRADES_MIDDLING * math::exp(log_trades)).round().clamp(1.0, thousandths);
        assert!((0.0..=thousandths).contains(&bought), "takers buy no more than is traded");
        Traded {
            volume: thousandths / THOUSANDTHS,
            taker_buy_volume: bought / THOUSANDTHS,
            // `THOUSANDTHS_MAX` would not fit, and the exponent keeps it far below.
            trades: trades as u32,
        }
    }
}

/// Into -1..1, nearly unchanged near zero.
fn bounded(x: f64) -> f64 {
    x / (1.0 + x * x).sqrt()
}
