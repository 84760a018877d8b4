//! The venue's clock, as far as a machine can know it: from what the venue says, and its own monotonic clock between.
//!
//! It never shows more than the venue's own clock does. A clock that is ahead gives orders up before their time and lets them be
//! carried out after the right to speak has passed to somebody else; one that is behind only waits longer, and the venue
//! itself judges what is too late. It refuses the wall's clock, which may be set to anything.

use crate::lease::DRIFT_PERCENT;
use model::{Interval, Time};

/// What the venue's clock shows at least.
///
/// Something said at `at` was heard later, so at `heard` the venue's clock showed `at` or more; since then it went on by
/// what our monotonic clock counted, less its drift. Of all that was heard, what says the most is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VenueClock {
    at: Time,
    heard: Time,
}

impl VenueClock {
    /// A clock that knows of one instant of the past, when the monotonic clock shows `mono`.
    pub fn new(mono: Time, past: Time) -> VenueClock {
        VenueClock { at: past, heard: mono }
    }

    /// The venue said something of its instant `at`; it was heard when the monotonic clock showed `mono`.
    pub fn hear(&mut self, mono: Time, at: Time) {
        if at >= self.at_least(mono) {
            *self = VenueClock { at, heard: mono };
        }
    }

    /// What it shows at least when the monotonic clock shows `mono`, now or later.
    pub fn at_least(&self, mono: Time) -> Time {
        let passed = (mono - self.heard).0.max(0);
        self.at + Interval(passed * (100 - DRIFT_PERCENT) / 100)
    }

    /// When the monotonic clock will show that it has come to `at`.
    pub fn when(&self, at: Time) -> Time {
        let slow = 100 - DRIFT_PERCENT;
        let left = (at - self.at).0.clamp(0, LEAP_MAX.0);
        self.heard + Interval((left * 100 + slow - 1) / slow)
    }
}

/// The farthest it looks ahead: a deadline beyond it is looked at again then.
const LEAP_MAX: Interval = Interval(1_000 * Interval::DAY.0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_late_teaches_nothing() {
        let mut clock = VenueClock::new(Time(0), Time(1_000));
        clock.hear(Time(10_000), Time(50_000));
        assert_eq!(clock.at_least(Time(10_000)), Time(50_000));
        clock.hear(Time(20_000), Time(55_000));
        assert_eq!(clock.at_least(Time(20_000)), Time(59_900), "10 s passed since, less one in a hundred");
        clock.hear(Time(20_000), Time(60_000));
        assert_eq!(clock.at_least(Time(20_000)), Time(60_000));
        assert_eq!(clock.at_least(Time(19_000)), Time(60_000), "it does not run backwards");
    }

    /// True time runs on; a monotonic clock drifts either way and may miss a pause; messages take any time to arrive.
    #[test]
    fn it_is_never_ahead_of_the_venue_and_not_far_behind() {
        for drift in [-10, -3, 0, 3, 10] {
            let mono = |at: i64| Time(at * (1_000 + drift) / 1_000 + 77);
            let mut rng = model::Rng::new(5);
            let mut clock = VenueClock::new(mono(0), Time(0));
            let (mut at, mut missed) = (0, 0);
            for _ in 0..2_000 {
                at += 1 + rng.below(30_000) as i64;
                missed += if rng.below(50) == 0 { rng.below(10_000) as i64 } else { 0 };
                let seen = mono(at - missed);
                assert!(clock.at_least(seen) <= Time(at), "ahead at {at} with {drift} per mille");
                let sent = Time(at - rng.below(300) as i64);
                clock.hear(seen, sent);
                assert!(
                    Time(at) - clock.at_least(seen) <= Interval(300),
                    "nothing older than the last is believed"
                );
            }
        }
    }

    #[test]
    fn a_deadline_has_come_when_it_says_so() {
        let mut clock = VenueClock::new(Time(3), Time(0));
        clock.hear(Time(500), Time(123_456));
        for at in [0, 123_456, 123_457, 123_500, 200_001, i64::MAX / 200] {
            let when = clock.when(Time(at));
            assert!(clock.at_least(when) >= Time(at.min(LEAP_MAX.0)));
            assert!(at <= 123_456 || clock.at_least(Time(when.0 - 1)) < Time(at));
        }
    }
}
