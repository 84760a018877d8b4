//! Where the market of a symbol comes from: it is made, it is recorded, or whoever owns the exchange hands it in.
//!
//! Refuses to tell a stretch before it has ended.

use crate::capture::BookChange;
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

    /// What the stretch that was told last did to the book, if that was captured.
    pub(crate) fn book_change(&self) -> Option<&BookChange> {
        match self {
            Source::Recorded(recorded) => recorded.book_change(),
            Source::HandedIn | Source::Made(_) => None,
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
