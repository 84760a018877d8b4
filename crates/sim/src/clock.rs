//! The clocks of a machine: they drift, the wall's is set, and the other may not count while the machine stands still.

use crate::market::START;
use farm::Clocks;
use model::{Interval, Rng, Time};

/// The farthest that a clock drifts, in parts of a million.
const DRIFT_MAX_PPM: u64 = 10_000;

/// Both clocks, as functions of true time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Machine {
    mono_ppm: i64,
    wall_ppm: i64,
    /// What the monotonic clock did not count.
    missed: Interval,
    /// How far the wall's was set.
    set: Interval,
}

fn ppm(rng: &mut Rng) -> i64 {
    i64::try_from(rng.below(2 * DRIFT_MAX_PPM + 1)).expect("small") - DRIFT_MAX_PPM.cast_signed()
}

impl Machine {
    /// Runs fast or slow from now on, which is the first instant.
    pub(crate) fn drift(&mut self, rng: &mut Rng) {
        (self.mono_ppm, self.wall_ppm) = (ppm(rng), ppm(rng));
    }

    /// The wall's clock is set.
    pub(crate) fn set(&mut self, by: Interval) {
        self.set = Interval(self.set.0 + by.0);
    }

    /// It stood still, and the monotonic clock did not count it.
    pub(crate) fn miss(&mut self, pause: Interval) {
        self.missed = Interval(self.missed.0 + pause.0);
    }

    /// What both show at a true instant.
    pub(crate) fn at(&self, now: Time) -> Clocks {
        let (lived, counted) = ((now - START).0, (now - START).0 - self.missed.0);
        let mono = counted + counted * self.mono_ppm / 1_000_000;
        let wall = lived + lived * self.wall_ppm / 1_000_000 + self.set.0;
        Clocks { mono: Time(mono), wall: START + Interval(wall) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_off_by_what_it_is_told() {
        let mut machine = Machine::default();
        let at = |machine: &Machine, s: i64| {
            let clocks = machine.at(START + Interval(s * 1_000));
            (clocks.mono.0, (clocks.wall - START).0)
        };
        assert_eq!(at(&machine, 100), (100_000, 100_000));
        machine.set(Interval(-7_000));
        machine.miss(Interval(40_000));
        assert_eq!(at(&machine, 100), (60_000, 93_000));
        (machine.mono_ppm, machine.wall_ppm) = (10_000, -10_000);
        assert_eq!(at(&machine, 1_000), (969_600, 983_000));
        let mut rng = Rng::new(1);
        for _ in 0..1_000 {
            machine.drift(&mut rng);
            assert!(machine.mono_ppm.abs() <= 10_000 && machine.wall_ppm.abs() <= 10_000);
        }
    }
}
