//! What of a desk outlives its process: which reports the farm has heard, and which requests may have been sent.
//!
//! It refuses to be written down while something heard has not reached the farm: that would be neither in the snapshot nor
//! in the journal behind it.

use super::{Desk, Line, Open};
use crate::journal::{Beside, Heard};
use model::AccountId;
use model::snapshot::{Restore, Save, State, Unreadable, Value};

model::value!(Open { request, valid_until, sent_at });

// What was heard early, missed or asked for is of one life only: the next one asks.
model::state!(Line { heard, open }
    origin { account, early, gap_since, asked_at, answered_at, checked_at, audit_at, audited_at, shown }
);

impl Desk {
    /// Whether the farm has heard everything that it was to hear: only then can the desk be written down.
    pub fn has_told_all(&self) -> bool {
        self.ready.is_empty() && !self.lent
    }
}

/// What a desk knows between two drives: which reports the farm has heard, and what may have been sent.
impl State for Desk {
    fn save(&self, to: &mut Save) {
        let Desk {
            lines,
            now,
            shown_until,
            ready: _,
            lent: _,
            outbox: _,
            replies: _,
            words: _,
            wall: _,
            bar: _,
            bound: _,
        } = self;
        assert!(self.has_told_all(), "a desk is written down when the farm has heard what it has");
        to.length(lines.len());
        for line in lines {
            line.account.save(to);
            line.save(to);
        }
        now.save(to);
        shown_until.save(to);
    }

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        if from.length()? != self.lines.len() {
            return Err(Unreadable("a desk of other accounts"));
        }
        for line in &mut self.lines {
            if AccountId::read(from)? != line.account {
                return Err(Unreadable("a desk of other accounts"));
            }
            line.restore(from)?;
        }
        self.now.restore(from)?;
        self.shown_until.restore(from)
    }
}

impl Beside for Desk {
    fn remember(&mut self, heard: &Heard<'_>) {
        Desk::remember(self, heard);
    }
}
