//! Where the market of a symbol comes from: it is made, it is recorded, or whoever owns the exchange hands it in.
//!
//! Refuses to tell a stretch before it has ended.

use crate::made::{Made, Pace};
use crate::recorded::Recorded;
use crate::tape::Stretch;
use model::Time;

/// A market to come.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// By calls of [`advance`](crate::Exchange::advance).
    HandedIn,
    Made(Box<Made>),
    Recorded(Box<Recorded>),
}

impl Source {
    /// When the next stretch ends, if one is to come by itself.
    pub(crate) fn next_end(&self) -> Option<Time> {
        match self {
            Source::HandedIn => None,
            Source::Made(made) => Some(made.next_end()),
            Source::Recorded(recorded) => recorded.next_end(),
        }
    }

    /// The next stretch, if it has ended by `now`.
    pub(crate) fn next(&mut self, now: Time, pace: Pace) -> Option<Stretch> {
        match self {
            Source::HandedIn => None,
            Source::Made(made) => made.next(now, pace),
            Source::Recorded(recorded) => recorded.next(now),
        }
    }
}
