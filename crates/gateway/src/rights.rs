//! The book of identities and the audit under one lock: whatever is decided is written down before it is acted on.
//!
//! It refuses to let anything be done whose line in the audit is not on the disk, and to let a flood of strangers fill it.

use crate::audit_file::AuditFile;
use crate::book::BookFile;
use crate::error::BadGateway;
use crate::refused::Refused;
use access::{Access, Attempt, Changed, Decision, Entry, Saved, Who};
use model::{Interval, Time};
use std::collections::VecDeque;

/// Lines that strangers get in a minute; what comes beyond is counted and told with the next.
const STRANGERS_PER_MINUTE_MAX: u32 = 60;
/// Lines that wait for the bus.
const UNPUBLISHED_MAX: usize = 10_000;

/// All of it.
#[derive(Debug)]
pub(crate) struct Rights {
    pub(crate) access: Access,
    book: BookFile,
    pub(crate) audit: AuditFile,
    /// Entries that the bus has not got yet, for the history.
    unpublished: VecDeque<Entry>,
    strangers_since: Option<Time>,
    strangers: u32,
    strangers_left_out: u64,
}

/// Who calls, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    /// Transport and peer, for the audit.
    pub(crate) from: String,
}

/// What is written down of an attempt; the rest is the caller's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tried<'a> {
    pub(crate) command: &'a str,
    pub(crate) arguments: &'a [(&'a str, &'a str)],
    pub(crate) scope: &'a str,
    pub(crate) decision: Decision,
    pub(crate) outcome: &'a str,
    pub(crate) command_id: Option<u64>,
}

impl Rights {
    pub(crate) fn new(access: Access, book: BookFile, audit: AuditFile) -> Rights {
        Rights {
            access,
            book,
            audit,
            unpublished: VecDeque::new(),
            strangers_since: None,
            strangers: 0,
            strangers_left_out: 0,
        }
    }

    pub(crate) fn into_book(self) -> BookFile {
        self.book
    }

    /// Keeps a change; nobody has what came of it before.
    pub(crate) fn keep<T>(&self, changed: Changed<T>) -> Result<T, Refused> {
        changed.keep(|saved| self.book.write(saved)).map_err(|error| Refused::unwritable(&error))
    }

    pub(crate) fn write_book(&self, saved: &Saved) -> Result<(), BadGateway> {
        self.book.write(saved)
    }

    /// What changes without anybody waiting for it.
    pub(crate) fn keep_at_leisure(&mut self) -> Result<(), BadGateway> {
        match self.access.unsaved() {
            Some(saved) => self.book.write(&saved),
            None => Ok(()),
        }
    }

    /// Writes an attempt down.
    pub(crate) fn write(&mut self, now: Time, caller: &Caller, tried: &Tried) -> Result<(), Refused> {
        let who = caller.who.to_string();
        self.append(now, &who, &caller.from, tried).map_err(|error| Refused::unwritable(&error))
    }

    /// Writes down what came of a command, or what the gateway did by itself.
    pub(crate) fn write_own(&mut self, now: Time, who: &str, tried: &Tried) -> Result<(), BadGateway> {
        self.append(now, who, "gateway", tried)
    }

    /// A stranger tried something. Nothing of his is done, so a line that cannot be written stops nobody.
    pub(crate) fn write_stranger(&mut self, now: Time, from: &str, outcome: &str) -> Result<(), BadGateway> {
        let is_same_minute = |since: Time| now >= since && now - since < Interval::MINUTE;
        if !self.strangers_since.is_some_and(is_same_minute) {
            (self.strangers_since, self.strangers) = (Some(now), 0);
        }
        self.strangers += 1;
        if self.strangers > STRANGERS_PER_MINUTE_MAX {
            self.strangers_left_out += 1;
            return Ok(());
        }
        let left_out = std::mem::take(&mut self.strangers_left_out).to_string();
        let arguments = [("left_out_before", left_out.as_str())];
        let arguments = if left_out == "0" { &[][..] } else { &arguments[..] };
        let decision = Decision::Denied;
        let tried = Tried { command: "identify", arguments, scope: "", decision, outcome, command_id: None };
        self.append(now, "stranger", from, &tried)
    }

    fn append(&mut self, now: Time, who: &str, from: &str, tried: &Tried) -> Result<(), BadGateway> {
        let Tried { command, arguments, scope, decision, outcome, command_id } = *tried;
        let attempt = Attempt { who, from, command, arguments, scope, decision, outcome, command_id };
        let entry = self.audit.write(now, &attempt)?;
        // The file is the record; the history has a copy of as much as a bus that is away lets wait.
        if self.unpublished.len() == UNPUBLISHED_MAX {
            self.unpublished.pop_front();
        }
        self.unpublished.push_back(entry);
        Ok(())
    }

    /// How many entries the bus has not got.
    pub(crate) fn unpublished(&self) -> usize {
        self.unpublished.len()
    }

    /// The first entry that the bus has not got.
    pub(crate) fn to_publish(&self) -> Option<Entry> {
        self.unpublished.front().cloned()
    }

    /// It has it.
    pub(crate) fn published(&mut self, seq: u64) {
        if self.unpublished.front().is_some_and(|entry| entry.seq == seq) {
            self.unpublished.pop_front();
        }
    }
}
