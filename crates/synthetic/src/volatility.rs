//! How wild the market is: a sum of fading numbers from minutes to days and slow waves of weeks to a year, in logarithms.
//!
//! One number that fades would forget too fast or too slowly; real volatility remembers on all scales at once. The slowest scales are
//! waves with wandering phases and not fading numbers, because two years hold too few of their lives: each market would have another
//! level and another memory. It refuses to feel returns: a great one raises no volatility after it.

use crate::noise::{Fading, normal};
use model::{Rng, math};

/// Deviation of the logarithm, and memory in minutes.
const FADING: [(f64, f64); 5] = [(0.30, 3.0), (0.34, 15.0), (0.28, 90.0), (0.26, 500.0), (0.24, 2_200.0)];
/// Amplitude in the logarithm, and period in days.
const WAVES: [(f64, f64); 6] =
    [(0.34, 330.0), (0.34, 190.0), (0.24, 110.0), (0.16, 62.0), (0.14, 37.0), (0.14, 21.0)];
/// A wave's phase wanders by this many radians in one of its periods.
const WANDER_RADIANS: f64 = 0.8;
/// Waves are so slow that they are moved once in so many minutes.
const WAVE_STEP_MINUTES: u32 = 60;
const MINUTES_PER_DAY: f64 = 1_440.0;

#[derive(Clone, Copy, Debug)]
struct Wave {
    amplitude: f64,
    /// Radians a step.
    speed: f64,
    /// Standard deviation of a step's wandering, in radians.
    wander: f64,
    phase: f64,
}

impl Wave {
    fn new((amplitude, period_days): (f64, f64), rng: &mut Rng) -> Wave {
        let steps = period_days * MINUTES_PER_DAY / f64::from(WAVE_STEP_MINUTES);
        let turn = 2.0 * std::f64::consts::PI;
        Wave {
            amplitude,
            speed: turn / steps,
            wander: WANDER_RADIANS / steps.sqrt(),
            phase: turn * rng.unit(),
        }
    }

    fn step(&mut self, rng: &mut Rng) -> f64 {
        let turn = 2.0 * std::f64::consts::PI;
        self.phase = (self.phase + self.speed + self.wander * normal(rng)) % turn;
        self.amplitude * math::cos(self.phase)
    }
}

/// The logarithm of volatility, relative to its own middle.
#[derive(Clone, Debug)]
pub(crate) struct Volatility {
    fading: [Fading; FADING.len()],
    waves: [Wave; WAVES.len()],
    slow: f64,
    minutes_to_wave: u32,
}

impl Volatility {
    pub(crate) fn new(rng: &mut Rng) -> Volatility {
        let fading = FADING.map(|(deviation, memory)| Fading::new(deviation, memory, rng));
        let waves = WAVES.map(|wave| Wave::new(wave, rng));
        Volatility { fading, waves, slow: 0.0, minutes_to_wave: 0 }
    }

    /// The next minute's.
    pub(crate) fn step(&mut self, rng: &mut Rng) -> f64 {
        if self.minutes_to_wave == 0 {
            self.minutes_to_wave = WAVE_STEP_MINUTES;
            self.slow = self.waves.iter_mut().map(|wave| wave.step(rng)).sum();
        }
        self.minutes_to_wave -= 1;
        self.slow + self.fading.iter_mut().map(|fading| fading.step(rng)).sum::<f64>()
    }
}
