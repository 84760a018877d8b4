//! What is kept between readings: since when, how well an account is heard, what a desk has asked, what is not explained.
//!
//! Refuses to call an account known that nobody has read.

use super::{EXPLAINED_WITHIN, Survey};
use crate::adapter::record::Puzzle;
use model::{Interval, Qty, Time};
use std::collections::BTreeSet;

/// A question of the desk's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) after: u64,
    pub(super) asked_at: Time,
    /// On this machine's clock.
    pub(super) came_at: Time,
}

/// How far an account is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ears {
    /// Nothing is pushed.
    Deaf,
    /// It is pushed again; what was missed is being read, and the desk is to be told then.
    Open,
    /// Everything missed was read.
    Caught,
}

/// What is known of what happened before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// The farm is new: there is none.
    None,
    /// This process has not read it.
    Unread,
    /// It has.
    Read,
}

/// How far back a reading goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// A little behind what was explained last.
    Near,
    /// An hour more.
    Far,
}

/// An account holds what nothing told explains.
#[derive(Clone, Copy, Debug)]
pub(super) struct Off {
    /// On this machine's clock.
    pub(super) since: Time,
    /// Readings that went far back and did not explain it.
    pub(super) read: u8,
}

/// All that is kept of readings.
#[derive(Debug)]
pub(crate) struct Surveys {
    /// What happened before it is told: an answer about what the account holds was explained then.
    pub(super) since: Time,
    pub(super) past: Past,
    pub(super) ears: Ears,
    /// Since when nothing is pushed.
    pub(super) deaf_at: Time,
    pub(super) begin_at: Option<Time>,
    pub(super) question: Option<Question>,
    /// One that came later: a desk asks again while a slow wire still reads for what it asked first.
    pub(super) newer: Option<Question>,
    pub(super) holding: Option<Question>,
    pub(super) current: Option<Survey>,
    pub(super) number: u32,
    /// Since when the present reading reads all bills, where it does not read those of funding alone.
    pub(super) bills_since: Option<Time>,
    /// What is known to have happened and is not told, since when there is more of it than before, and how many readings
    /// went far back meanwhile and have not found it.
    pub(super) puzzles: BTreeSet<Puzzle>,
    pub(super) puzzled_at: Option<Time>,
    pub(super) fruitless: u8,
    /// What an account holds is not explained, and may be yet.
    pub(super) off: Option<Off>,
    /// Lots that no fill of ours explains, as they were shown last; none before anything was shown.
    pub(super) foreign: Option<[Qty; 2]>,
}

impl Surveys {
    pub(crate) fn new(since: Time, is_new: bool) -> Surveys {
        Surveys {
            since,
            past: if is_new { Past::None } else { Past::Unread },
            ears: Ears::Deaf,
            deaf_at: Time(i64::MIN),
            begin_at: None,
            question: None,
            newer: None,
            holding: None,
            current: None,
            number: 0,
            bills_since: None,
            puzzles: BTreeSet::new(),
            puzzled_at: None,
            fruitless: 0,
            off: None,
            foreign: None,
        }
    }

    /// What is not told by now.
    pub(super) fn puzzled(&mut self, puzzles: BTreeSet<Puzzle>, now: Time) {
        if puzzles.is_empty() {
            self.puzzled_at = None;
        } else if self.puzzled_at.is_none() || !puzzles.is_subset(&self.puzzles) {
            (self.puzzled_at, self.fruitless) = (Some(now), 0);
        }
        self.puzzles = puzzles;
    }

    /// How far back the next reading goes: this process has read nothing, or what it read last left something open.
    pub(super) fn reach(&self, now: Time) -> Reach {
        let is_puzzling =
            self.puzzled_at.is_some_and(|since| now - since >= Interval(EXPLAINED_WITHIN.0 / 2));
        if self.past == Past::Unread || self.off.is_some() || is_puzzling { Reach::Far } else { Reach::Near }
    }

    /// Whether what is pushed can be taken in: everything before it is known.
    pub(crate) fn has_caught_up(&self) -> bool {
        self.ears == Ears::Caught
    }

    /// Whether what happened was read, so that something can be told.
    pub(crate) fn was_read(&self) -> bool {
        self.past == Past::Read && self.ears != Ears::Open
    }

    /// The socket fell: what is pushed when it is back may be younger than what was not heard.
    pub(crate) fn deafen(&mut self, now: Time) {
        if self.ears != Ears::Deaf || self.deaf_at == Time(i64::MIN) {
            (self.ears, self.deaf_at) = (Ears::Deaf, now);
        }
    }

    /// The socket hears again.
    pub(crate) fn resync(&mut self) {
        self.ears = Ears::Open;
        self.begin_at = Some(Time(i64::MIN));
        self.current = None;
    }

    pub(crate) fn stop(&mut self, now: Time) {
        self.deafen(now);
        (self.begin_at, self.current) = (None, None);
    }
}
