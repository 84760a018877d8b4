//! What a restart has to repeat: who did what when, and how far the market had gone.
//!
//! The exchange is a fold of its first settings and of these entries, a line of JSON each: what a key did that was let
//! in, faults that leave something behind, and the instants by which the market had moved an account. Replies, limits,
//! lines and the faults that only disturb are not repeated. Whoever keeps the lines writes them down before he passes
//! an answer on. Refuses a line that does not follow from those before it.

use crate::exchange::Exchange;
use crate::faults::{self, Fault};
use crate::http::Params;
use crate::made::Pace;
use crate::tape::Audience;
use model::{Interval, Time};
use serde_json::{Value, json};

/// How far the market may go on without a word of it: a restart falls back by no more.
const UNTOLD_MAX: Interval = Interval::MINUTE;

/// Something to be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A key called an endpoint that changes something.
    Acted { at: Time, key: String, path: String, body: String },
    /// A fault struck.
    Struck { at: Time, fault: Fault },
    /// The market had gone so far.
    Reached { at: Time },
    /// From here it went by whole minutes where it could.
    Leapt { from: Time, at: Time },
    /// A step of a market in lock-step ended.
    Stepped { at: Time, number: u64 },
}

/// Entries that wait to be taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    /// When the market last moved an account, if that was not said yet.
    moved: Option<Time>,
    /// The last instant that was said.
    told: Time,
}

/// A line that cannot be repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}: start with an empty directory, or with the one of this exchange")]
pub struct BadEntry(pub(crate) String);

impl Entry {
    fn line(&self) -> String {
        let value = match self {
            Entry::Acted { at, key, path, body } => {
                json!({ "at": at.0, "key": key, "path": path, "body": body })
            }
            Entry::Struck { at, fault } => json!({ "at": at.0, "struck": faults::written(fault) }),
            Entry::Reached { at } => json!({ "at": at.0 }),
            Entry::Leapt { from, at } => json!({ "from": from.0, "at": at.0 }),
            Entry::Stepped { at, number } => json!({ "at": at.0, "step": number }),
        };
        value.to_string()
    }

    fn read(line: &str) -> Option<Entry> {
        let value: Value = serde_json::from_str(line).ok()?;
        let time = |key: &str| value.get(key).and_then(Value::as_i64).map(Time);
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let at = time("at")?;
        if let (Some(key), Some(path), Some(body)) = (text("key"), text("path"), text("body")) {
            return Some(Entry::Acted { at, key, path, body });
        }
        if let Some(struck) = value.get("struck") {
            let fault = faults::read(&Params::of_value(struck.clone()).ok()?).ok()?;
            return Some(Entry::Struck { at, fault });
        }
        if let Some(number) = value.get("step").and_then(Value::as_u64) {
            return Some(Entry::Stepped { at, number });
        }
        Some(time("from").map_or(Entry::Reached { at }, |from| Entry::Leapt { from, at }))
    }
}

impl Exchange {
    /// From here on what a restart has to repeat is written into lines.
    pub fn keep_journal(&mut self) {
        self.listings.iter_mut().for_each(|listing| listing.tape.find_book());
        self.journal = Some(Journal { told: self.now, ..Journal::default() });
    }

    /// The lines since they were last taken, oldest first.
    pub fn take_journal(&mut self) -> Vec<String> {
        let Some(journal) = &mut self.journal else { return Vec::new() };
        journal.entries.drain(..).map(|entry| entry.line()).collect()
    }

    /// Whether somebody may look at the market: not while an earlier life is repeated.
    pub(crate) fn audience(&self) -> Audience {
        if self.repeating { Audience::Gone } else { Audience::Present }
    }

    pub(crate) fn note(&mut self, entry: impl FnOnce(Time) -> Entry) {
        let at = self.now;
        if let Some(journal) = &mut self.journal {
            journal.entries.push(entry(at));
            (journal.moved, journal.told) = (None, at);
        }
    }

    /// A stretch of the market did something to an account.
    pub(crate) fn note_moved(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.moved = Some(self.now);
        }
    }

    /// Time has passed since an instant.
    pub(crate) fn note_passed(&mut self, from: Time, leapt: bool) {
        let at = self.now;
        let Some(journal) = &mut self.journal else { return };
        let entry = match journal.moved.take() {
            _ if leapt => Entry::Leapt { from, at },
            Some(at) => Entry::Reached { at },
            None if at - journal.told >= UNTOLD_MAX => Entry::Reached { at },
            None => return,
        };
        journal.entries.push(entry);
        journal.told = at;
    }

    /// Lives lines again, oldest first, that an exchange of the same beginning has written.
    pub fn repeat<'a>(&mut self, lines: impl Iterator<Item = &'a str>) -> Result<(), BadEntry> {
        assert!(self.journal.is_none(), "what is repeated is not written down again");
        self.repeating = true;
        for (number, line) in lines.enumerate() {
            let done = Entry::read(line).ok_or("it is no entry").and_then(|entry| self.repeat_entry(entry));
            done.map_err(|why| BadEntry(format!("entry {}: {why}", number + 1)))?;
        }
        self.repeating = false;
        self.listings.iter_mut().for_each(|listing| listing.tape.find_book());
        Ok(())
    }

    fn repeat_entry(&mut self, entry: Entry) -> Result<(), &'static str> {
        let at = match &entry {
            Entry::Acted { at, .. }
            | Entry::Struck { at, .. }
            | Entry::Reached { at }
            | Entry::Stepped { at, .. } => *at,
            Entry::Leapt { from, .. } => *from,
        };
        if at < self.now {
            return Err("it goes back in time");
        }
        self.run(at, Pace::TickByTick);
        match entry {
            Entry::Acted { key, path, body, .. } => self.act_again(&key, &path, &body)?,
            Entry::Struck { fault, .. } => self.inject(fault),
            Entry::Reached { .. } => {}
            Entry::Leapt { at, .. } => drop(self.run(at, Pace::MayLeap)),
            Entry::Stepped { number, .. } => self.stepped(number),
        }
        self.tell();
        Ok(())
    }
}
