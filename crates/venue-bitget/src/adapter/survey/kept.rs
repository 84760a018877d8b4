//! What is kept between readings: since when, how well an account is heard, and what a desk has asked.
//!
//! Refuses to call an account known that nobody has read.

use super::Survey;
use model::Time;

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

/// All that is kept of readings.
#[derive(Debug)]
pub(crate) struct Surveys {
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
    /// Since when something is known to have happened that is not told.
    pub(super) puzzled_at: Option<Time>,
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
            puzzled_at: None,
        }
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
