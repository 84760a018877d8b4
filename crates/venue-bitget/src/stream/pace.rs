//! How fast a client may speak: the exchange closes the line of one that says too much, and blocks who repeats it.
//!
//! One frame of at most ten subjects a second, so many subscriptions an hour, and a pause that grows before each new
//! line. Refuses to draw luck from anywhere but its seed.

use model::{Interval, Rng, Time};

/// Subjects of one frame: V3 closes the line at 25.
pub const SUBJECTS_MAX: usize = 10;
/// Between two frames that begin or end subscriptions.
pub const BETWEEN_FRAMES: Interval = Interval(1_000);
/// Subjects an hour on one line; the exchange closes it at 240.
pub const SUBJECTS_AN_HOUR_MAX: u32 = 200;

const PAUSE_FIRST_MS: i64 = 1_000;
const PAUSE_MAX_MS: i64 = 30_000;
/// After the exchange said that we ask too much.
const PAUSE_THROTTLED_MS: i64 = 120_000;

/// When the next frame of subscriptions may go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    last_frame: Option<Time>,
    hour: Time,
    subjects: u32,
}

impl Pace {
    /// When the next frame may go, if not now.
    pub fn wait_until(&self, now: Time) -> Option<Time> {
        let next = self.last_frame.map(|last| last + BETWEEN_FRAMES)?;
        (next > now).then_some(next)
    }

    /// A frame goes; false if it is one too many for this line, which is better closed by us than by the exchange.
    pub fn went(&mut self, now: Time, subjects: usize) -> bool {
        let hour = now.floor(Interval::HOUR);
        if hour != self.hour {
            (self.hour, self.subjects) = (hour, 0);
        }
        self.last_frame = Some(now);
        self.subjects += u32::try_from(subjects).expect("a frame is short");
        self.subjects <= SUBJECTS_AN_HOUR_MAX
    }
}

/// The pause before each new line: 1, 2, 4 ... 30 s, half of it by chance so that many bots do not come back at once.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    attempt: u32,
    luck: Rng,
}

impl Pause {
    /// The first pause is short.
    pub fn new(seed: u64) -> Pause {
        Pause { attempt: 0, luck: Rng::new(seed) }
    }

    /// The pause before the next attempt.
    pub fn next(&mut self) -> Interval {
        let whole = PAUSE_FIRST_MS
            .checked_shl(self.attempt)
            .unwrap_or(PAUSE_MAX_MS)
            .clamp(PAUSE_FIRST_MS, PAUSE_MAX_MS);
        self.attempt = (self.attempt + 1).min(16);
        self.jittered(whole)
    }

    /// The pause after the exchange said that we ask too much.
    pub fn throttled(&mut self) -> Interval {
        self.jittered(PAUSE_THROTTLED_MS)
    }

    /// The line held: the next pause is short again.
    pub fn reset(&mut self) {
        self.attempt = 0;
    }

    fn jittered(&mut self, whole: i64) -> Interval {
        let half = u64::try_from(whole / 2).expect("a pause is positive");
        let chance = i64::try_from(self.luck.below(half + 1)).expect("below half a pause");
        Interval(whole - chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_bounds() {
        let mut pause = Pause::new(7);
        let wholes = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
        for whole in wholes {
            let next = pause.next().0;
            assert!((whole / 2..=whole).contains(&next), "{next} of {whole}");
        }
        for _ in 0..100 {
            assert!(pause.next().0 <= PAUSE_MAX_MS);
        }
        pause.reset();
        assert!(pause.next().0 <= 1_000);
        assert!(pause.throttled().0 >= PAUSE_THROTTLED_MS / 2);
        let twice = |seed| (Pause::new(seed).next(), Pause::new(seed).next());
        assert_eq!(twice(3).0, twice(3).1);
    }

    #[test]
    fn frames_keep_their_distance_and_an_hour_has_a_limit() {
        let mut pace = Pace::default();
        assert_eq!(pace.wait_until(Time(5)), None);
        assert!(pace.went(Time(5), 10));
        assert_eq!(pace.wait_until(Time(6)), Some(Time(1_005)));
        assert_eq!(pace.wait_until(Time(1_005)), None);
        for n in 1..20 {
            assert!(pace.went(Time(n * 1_000), 10));
        }
        assert!(!pace.went(Time(30_000), 1), "the two hundred and first subject of the hour");
        assert!(pace.went(Time(3_600_000), 10), "a new hour");
    }
}
