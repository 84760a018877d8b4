//! How often somebody may ask: so many of each endpoint a second.
//!
//! Public endpoints count for everybody together, private ones for the user; what an address may ask in all is the
//! shell's, which knows addresses. Refuses with HTTP 429, and a refused request counts too, as at the edge.

use crate::refusal::Refusal;
use model::{Interval, Time};
use std::collections::BTreeMap;

/// How many endpoints of how many users are remembered; those of past seconds go first.
const COUNTS_MAX: usize = 4_096;

/// Who asks what: an endpoint, and a user or everybody.
type Asked = (&'static str, Option<usize>);

/// The counters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    counts: BTreeMap<Asked, (i64, u16)>,
}

impl Limits {
    /// Counts a request; what is left in its second, or the refusal.
    pub(crate) fn take(&mut self, now: Time, asked: Asked, per_second: u16) -> Result<u16, Refusal> {
        let second = now.floor(Interval::SECOND).0;
        if self.counts.len() >= COUNTS_MAX {
            self.counts.retain(|_, count| count.0 == second);
        }
        let count = self.counts.entry(asked).or_insert((second, 0));
        if count.0 != second {
            *count = (second, 0);
        }
        count.1 = count.1.saturating_add(1);
        if count.1 > per_second {
            return Err(Refusal::new("429", "Too Many Requests").with_status(429));
        }
        Ok(per_second - count.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_room_for_so_many_and_the_next_again() {
        let mut limits = Limits::default();
        let take = |limits: &mut Limits, at, user| limits.take(Time(at), ("/x", user), 2).is_ok();
        assert!(take(&mut limits, 100, Some(1)) && take(&mut limits, 999, Some(1)));
        assert!(!take(&mut limits, 999, Some(1)));
        assert!(take(&mut limits, 999, Some(2)), "another user has his own");
        assert!(take(&mut limits, 1_000, Some(1)));
    }
}
