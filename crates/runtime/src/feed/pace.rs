//! How fast a market that is not the world's goes by.

use model::{Interval, Time};
use std::time::{Duration, Instant};

/// The clock of such a market: so many of its seconds in one of ours.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    from: Time,
    since: Instant,
    /// Zero is as fast as it can be told.
    speed: f64,
}

impl Pace {
    /// A market that is at this instant now.
    pub fn begin(from: Time, speed: f64) -> Pace {
        assert!(speed.is_finite() && speed >= 0.0, "a market goes forward");
        Pace { from, since: Instant::now(), speed }
    }

    /// Whether an instant of the market has come.
    pub fn has_come(&self, at: Time) -> bool {
        self.until(at).is_zero()
    }

    /// How long it is until an instant of the market.
    pub fn until(&self, at: Time) -> Duration {
        if self.speed == 0.0 {
            return Duration::ZERO;
        }
        let ahead_s = (at - self.from).0.max(0) as f64 / Interval::SECOND.0 as f64 / self.speed;
        Duration::from_secs_f64(ahead_s).saturating_sub(self.since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_at_sixty_is_a_second() {
        let pace = Pace::begin(Time(0), 60.0);
        let wait = pace.until(Time(Interval::MINUTE.0));
        assert!(wait > Duration::from_millis(900) && wait <= Duration::from_secs(1), "{wait:?}");
        assert!(pace.has_come(Time(0)) && !pace.has_come(Time(Interval::MINUTE.0)));
        assert!(Pace::begin(Time(0), 0.0).has_come(Time(i64::MAX)));
    }
}
