//! What time it is for a protocol: this machine's, or that of a venue which waits for us.
//!
//! The machine's begins as the wall shows and then counts by itself, also while the machine sleeps: after a sleep all that
//! is old is known to be old, and a wall that is set, by an hour or by a second, either way, changes nothing. What the
//! exchange's clock shows is measured against this one, so a leap of it would be an error of all that is signed, ordered by
//! age or read from then on. Refuses to let time pass by itself in lock-step.

use farm::lease::Clocks;
use model::{Interval, Time};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    kind: Kind,
    /// Counted by the monotonic clock alone, from here.
    born: Instant,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Machine { start: Time, since: Duration },
    Steps(Time),
}

fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Time(i64::try_from(since).unwrap_or(i64::MAX / 2))
}

/// Counted since the machine was started, asleep or awake; nobody sets it.
#[cfg(target_os = "linux")]
fn counted() -> Duration {
    let counted = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(counted).expect("a machine does not run for less than nothing")
}

/// Counted since this was first asked. Where a sleep is not counted the exchange says that what was signed is old, and its
/// clock is measured again.
#[cfg(not(target_os = "linux"))]
fn counted() -> Duration {
    static FIRST: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}

impl Clock {
    /// This machine's.
    pub fn machine() -> Clock {
        Clock { kind: Kind::Machine { start: wall(), since: counted() }, born: Instant::now() }
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
    pub fn now(&self) -> Time {
        match self.kind {
            Kind::Steps(at) => at,
            Kind::Machine { start, since } => {
                let passed = counted().saturating_sub(since);
                start + Interval(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX / 2))
            }
        }
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

    /// The venue has come this far; says nothing to a machine's clock.
    pub(super) fn stepped(&mut self, to: Time) {
        if let Kind::Steps(at) = &mut self.kind {
            *at = (*at).max(to);
        }
    }

    /// How many milliseconds it is until an instant; `None` if it does not come by itself.
    pub(super) fn until_ms(&self, at: Time) -> Option<u64> {
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
    fn a_machines_clock_counts_by_itself() {
        let clock = Clock::machine();
        let (first, began) = (clock.now(), Instant::now());
        assert!(Interval((Clock::wall() - first).0.abs()) < Interval::SECOND, "it begins as the wall shows");
        std::thread::sleep(Duration::from_millis(20));
        let passed = (clock.now() - first).0;
        let longest = i64::try_from(began.elapsed().as_millis()).expect("a moment") + 1;
        assert!((19..=longest).contains(&passed), "{passed} ms");
        assert_eq!(clock.until_ms(first), Some(0));
        assert!(clock.until_ms(first + Interval::HOUR).is_some_and(|ms| ms > 3_500_000));
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
