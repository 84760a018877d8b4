//! How wild the market is: a sum of fading numbers from minutes to days and slow waves of weeks to a year, in logarithms.
//!
//! One number that fades would forget too fast or too slowly; real volatility remembers on all scales at once. The slowest scales are
//! waves with wandering phases and not fading numbers, because two years hold too few of their lives: each market would have another
//! level and another memory. Now and then something happens that the market talks about for an hour: an alarm, which comes at once
//! and fades. It refuses to feel returns.

use crate::noise::{Fading, normal};
use model::{Rng, math};

/// Deviation of the logarithm, and memory in minutes.
const FADING: [(f64, f64); 5] = [(0.30, 3.0), (0.30, 15.0), (0.18, 90.0), (0.20, 500.0), (0.36, 2_000.0)];
/// Amplitude in the logarithm, and period in days.
const WAVES: [(f64, f64); 6] =
    [(0.50, 365.0), (0.37, 183.0), (0.31, 111.0), (0.10, 62.0), (0.17, 34.0), (0.15, 23.0)];
/// A wave's phase wanders by this many radians in one of its periods.
const WANDER_RADIANS: f64 = 0.35;
/// Waves are so slow that they are moved once in so many minutes.
const WAVE_STEP_MINUTES: u32 = 60;
/// An alarm comes each so many minutes, raises the logarithm by at most this much, and fades in so many minutes.
const ALARM: Alarm = Alarm { minutes_between: 1_750.0, most: 2.4, memory_minutes: 90.0 };
/// Above this logarithm wildness is hard to come by: only this much of what is above it counts.
const CEILING: (f64, f64) = (2.5, 0.6);
const MINUTES_PER_DAY: f64 = 1_440.0;

struct Alarm {
    minutes_between: f64,
    most: f64,
    memory_minutes: f64,
}

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
    alarm: f64,
}

impl Volatility {
    pub(crate) fn new(rng: &mut Rng) -> Volatility {
        let fading = FADING.map(|(deviation, memory)| Fading::new(deviation, memory, rng));
        let waves = WAVES.map(|wave| Wave::new(wave, rng));
        Volatility { fading, waves, slow: 0.0, minutes_to_wave: 0, alarm: 0.0 }
    }

    /// The next minute's.
    pub(crate) fn step(&mut self, rng: &mut Rng) -> f64 {
        if self.minutes_to_wave == 0 {
            self.minutes_to_wave = WAVE_STEP_MINUTES;
            self.slow = self.waves.iter_mut().map(|wave| wave.step(rng)).sum();
        }
        self.minutes_to_wave -= 1;
        self.alarm *= 1.0 - 1.0 / ALARM.memory_minutes;
        let (chance, luck) = (rng.unit(), rng.unit());
        if chance * ALARM.minutes_between < 1.0 {
            self.alarm = (self.alarm + ALARM.most * luck * luck).min(ALARM.most);
        }
        let all = self.slow + self.alarm + self.fading.iter_mut().map(|fading| fading.step(rng)).sum::<f64>();
        if all > CEILING.0 { CEILING.0 + CEILING.1 * (all - CEILING.0) } else { all }
    }
}
