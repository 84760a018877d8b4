//! What time it is for a protocol: this machine's, or that of a venue which waits for us.
//!
//! The machine's never goes back, whatever is done to the wall; it follows the wall forward, so that after a sleep all
//! that is old is known to be old. Refuses to let time pass by itself in lock-step.

use farm::lease::Clocks;
use model::{Interval, Time};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The wall is followed when it is ahead by more than this; less is how two clocks are read one after the other.
const AHEAD_MAX: Interval = Interval::SECOND;

/// A clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    kind: Kind,
    /// Counted by the monotonic clock alone, from here.
    born: Instant,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Machine { start: Time, since: Instant },
    Steps(Time),
}

fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Time(i64::try_from(since).unwrap_or(i64::MAX / 2))
}

impl Clock {
    /// This machine's.
    pub fn machine() -> Clock {
        Clock { kind: Kind::Machine { start: wall(), since: Instant::now() }, born: Instant::now() }
    }

    /// A venue's that says when time passes; until its first step it is `start`.
    pub fn steps(start: Time) -> Clock {
        Clock { kind: Kind::Steps(start), born: Instant::now() }
    }

    /// The clock on this machine's wall.
    pub fn wall() -> Time {
        wall()
    }

    /// What it shows.
    pub fn now(&mut self) -> Time {
        self.shown(wall())
    }

    /// Both clocks of the machine, as leases want them: one that never runs ahead, and the wall's. A venue's steps are both.
    pub fn clocks(&self) -> Clocks {
        match self.kind {
            Kind::Steps(at) => Clocks { mono: at, wall: at },
            Kind::Machine { .. } => {
                let passed = i64::try_from(self.born.elapsed().as_millis()).unwrap_or(i64::MAX / 2);
                Clocks { mono: Time(passed), wall: wall() }
            }
        }
    }

    fn shown(&mut self, wall: Time) -> Time {
        match &mut self.kind {
            Kind::Steps(at) => *at,
            Kind::Machine { start, since } => {
                let passed = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX / 2);
                let shown = *start + Interval(passed);
                if wall - shown > AHEAD_MAX {
                    (*start, *since) = (wall, Instant::now());
                    return wall;
                }
                shown
            }
        }
    }

    /// The venue has come this far; says nothing to a machine's clock.
    pub(super) fn stepped(&mut self, to: Time) {
        if let Kind::Steps(at) = &mut self.kind {
            *at = (*at).max(to);
        }
    }

    /// How many milliseconds it is until an instant; `None` if it does not come by itself.
    pub(super) fn until_ms(&mut self, at: Time) -> Option<u64> {
        let left = (at.0.saturating_sub(self.now().0)).max(0).unsigned_abs();
        match self.kind {
            Kind::Steps(_) if left > 0 => None,
            _ => Some(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machines_clock_follows_the_wall_forward_only() {
        let mut clock = Clock::machine();
        let first = clock.now();
        assert!(clock.shown(first - Interval::HOUR) >= first, "the wall was set back");
        let later = first + Interval::HOUR;
        assert_eq!(clock.shown(later), later, "the machine slept");
        assert!(clock.now() >= later, "and it stays there");
        assert_eq!(clock.until_ms(first), Some(0));
        assert!(clock.until_ms(later + Interval::HOUR).is_some_and(|ms| ms > 3_500_000));
    }

    #[test]
    fn in_lock_step_time_passes_as_steps_come() {
        let mut clock = Clock::steps(Time(5));
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert_eq!((clock.now(), clock.until_ms(Time(6)), clock.until_ms(Time(5))), (Time(5), None, Some(0)));
        clock.stepped(Time(60_000));
        clock.stepped(Time(7));
        assert_eq!(clock.now(), Time(60_000));
    }
}
