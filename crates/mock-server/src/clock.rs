//! The exchange's time: this machine's, or so many times as fast from the start on.
//!
//! Runs on the monotonic clock, so that a wall that is set back stops nothing. Refuses a speed that is no speed.

use model::{Interval, Time};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Fastest and slowest.
const SPEED: (f64, f64) = (0.001, 100_000.0);

/// A clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Time,
    since: Instant,
    speed: f64,
}

/// No speed.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the speed {0} is not between {min} and {max}: 1 is real time", min = SPEED.0, max = SPEED.1)]
pub struct BadSpeed(pub f64);

impl Clock {
    /// A clock that shows this machine's time now, and goes on at a speed.
    pub fn new(speed: f64) -> Result<Clock, BadSpeed> {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Clock::starting_at(Time(i64::try_from(wall).unwrap_or(i64::MAX / 2)), speed)
    }

    /// A clock that shows a time of its own now, such as that of a recording, and goes on at a speed.
    pub fn starting_at(start: Time, speed: f64) -> Result<Clock, BadSpeed> {
        if !(SPEED.0..=SPEED.1).contains(&speed) {
            return Err(BadSpeed(speed));
        }
        Ok(Clock { start, since: Instant::now(), speed })
    }

    /// What it shows.
    pub fn now(&self) -> Time {
        self.start + Interval((self.since.elapsed().as_secs_f64() * self.speed * 1_000.0) as i64)
    }

    /// How long it really is until an instant.
    pub(crate) fn until(&self, at: Time) -> Duration {
        self.really(at - self.now())
    }

    /// How long something really takes; nothing if it is negative.
    pub(crate) fn really(&self, lasts: Interval) -> Duration {
        Duration::from_secs_f64(lasts.0.max(0) as f64 / self.speed / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_at_its_speed() {
        let clock = Clock::new(1_000.0).unwrap();
        let before = clock.now();
        std::thread::sleep(Duration::from_millis(5));
        let passed = clock.now() - before;
        assert!(passed.0 >= 5_000, "{passed:?}");
        assert!(clock.until(clock.now() + Interval::HOUR) <= Duration::from_millis(3_600));
        assert_eq!(clock.until(Time(0)), Duration::ZERO);
        let of_its_own = Clock::starting_at(Time(5_000), 1.0).unwrap();
        assert!((5_000..65_000).contains(&of_its_own.now().0), "{:?}", of_its_own.now());
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Clock::new(speed).is_err(), "{speed}");
        }
    }
}
