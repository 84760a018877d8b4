//! A journal looked through without living it: how far it is whole, and whether the last start survived it.
//!
//! An input that breaks the farm breaks it again at every start, for ever. So a start says that it begins; where the one
//! before never got further, the last input is left out, and said to be: the only one that nothing was written behind.

use super::frame::{self, Frame, Next};
use super::replay::Ending;
use super::wire::Reader;
use super::{JournalError, Kind, input};
use model::{AccountId, Event};

/// What a journal is, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Whole frames.
    pub frames: u64,
    /// Bytes they take.
    pub bytes: u64,
    /// How it ends.
    pub ending: Ending,
    /// The number of its last input, and the account it is about if it is about one.
    pub last_input: Option<(u64, Option<AccountId>)>,
    /// Starts behind its last other frame: none of them survived.
    pub attempts: u32,
    /// Inputs that are left out.
    pub skipped: Vec<u64>,
}

/// What a start has to leave out, beside what is left out already.
impl Survey {
    /// The input that broke the farm when it was heard, and again at the start after that.
    pub fn culprit(&self) -> Result<Option<(u64, Option<AccountId>)>, JournalError> {
        match self.last_input {
            Some(last) if self.attempts > 0 && !self.skipped.contains(&last.0) => Ok(Some(last)),
            _ if self.attempts > 1 => Err(JournalError::Hopeless),
            _ => Ok(None),
        }
    }
}

/// Looks through the frames from `at`, the first of which is number `frames`.
pub(super) fn survey(bytes: &[u8], mut at: usize, mut frames: u64) -> Result<Survey, JournalError> {
    let (mut last_input, mut attempts, mut skipped) = (None, 0, Vec::new());
    let ending = loop {
        let (Frame { number, kind, body }, length) = match frame::next(bytes, at, frames)? {
            Next::Frame(frame, length) => (frame, length),
            Next::End => break Ending::Whole,
            Next::Torn => break Ending::Torn { bytes: (bytes.len() - at) as u64 },
        };
        match kind {
            Kind::Attempt => attempts += 1,
            Kind::Skip => {
                let mut reader = Reader(body);
                skipped.push(reader.u64()?);
                reader.end()?;
            }
            _ => attempts = 0,
        }
        if matches!(kind, Kind::Event | Kind::Bars) {
            last_input = Some((number, kind, body));
        }
        (at, frames) = (at + length, frames + 1);
    };
    let last_input = match last_input {
        Some((number, Kind::Event, body)) => Some((number, account_of(body)?)),
        Some((number, ..)) => Some((number, None)),
        None => None,
    };
    Ok(Survey { frames, bytes: at as u64, ending, last_input, attempts, skipped })
}

fn account_of(body: &[u8]) -> Result<Option<AccountId>, JournalError> {
    let (_, event) = input::read_event(&mut Reader(body))?;
    Ok(match event {
        Event::Report(account, _) | Event::Audit(account, _) => Some(account),
        _ => None,
    })
}
