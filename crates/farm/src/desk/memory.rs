//! What of a desk outlives its process: which reports the farm has heard, and which requests may have been sent.
//!
//! It refuses to be written down while something heard has not reached the farm: that would be neither in the snapshot nor
//! in the journal behind it.

use super::{Desk, Line, Open, is_made_up, valid_until};
use crate::action::Action;
use crate::journal::{Beside, Heard, Input};
use model::snapshot::{Restore, Save, State, Unreadable, Value};
use model::{AccountId, Event};

model::value!(Open { request, valid_until, sent_at });

// What was heard early, missed or asked for is of one life only: the next one asks.
model::state!(Line { heard, open }
    origin { account, early, gap_since, asked_at, answered_at, checked_at, audit_at, audited_at, shown }
);

impl Desk {
    /// Lives through one input of a journal again: what was heard, and what may have been sent.
    pub fn remember(&mut self, heard: &Heard<'_>) {
        let told_at = match heard.input {
            Input::Event(now, event) => {
                if let Event::Unsayable(account) = event
                    && let Some(line) = self.line(account)
                {
                    line.heard += 1;
                }
                if let Event::Report(account, report) = event
                    && let Some(line) = self.line(account)
                {
                    line.settle(&report);
                    // What the desk itself made up has no number.
                    line.heard += u64::from(!is_made_up(&report));
                }
                now
            }
            Input::Rules(now, _) => now,
            Input::Bars(bars, taken) => {
                self.shown_until = bars.close_time(bars.len() - 1);
                if taken == 0 { bars.open_time[0] } else { bars.close_time(taken - 1) }
            }
        };
        // As in the life itself: time does not go back for a bar that came late, and what was decided on it is as old as it.
        let at = self.now.max(told_at);
        let decided_on = if matches!(heard.input, Input::Bars(_, 1..)) { told_at } else { at };
        for action in heard.actions {
            if let Action::Submit(account, approved) = action {
                let request = *approved.request();
                let valid_until = valid_until(&request, decided_on);
                self.line(*account).expect("an account that is asked has a line").open.push(Open {
                    request,
                    valid_until,
                    sent_at: at,
                });
            }
        }
        self.now = at;
    }

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
            decided_on: _,
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
