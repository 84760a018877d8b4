//! A journal looked through without living it: how far it is whole, and whether its last input was survived.
//!
//! An input that breaks the farm breaks it again at every start, for ever. So a start says when it comes to an input that
//! nothing was written behind; where that is all the one before ever said, the input is left out, and said to be.

use super::frame::{self, Frame, Next};
use super::replay::Ending;
use super::told::Told;
use super::wire::Reader;
use super::{JournalError, Kind, input};
use model::event::Audit;
use model::{AccountId, Event};
use std::collections::BTreeMap;

/// What a journal is, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Whole frames.
    pub frames: u64,
    /// Bytes they take.
    pub bytes: u64,
    /// How it ends.
    pub ending: Ending,
    /// The input that nothing was written behind, so that nobody knows whether it was survived.
    pub unproven: Option<Unproven>,
    /// Inputs that are left out.
    pub skipped: Vec<u64>,
    /// What was heard of each account.
    pub told: BTreeMap<AccountId, Told>,
    /// The highest epoch of a lease under which something was decided.
    pub epoch: u16,
}

/// An input that may have broken the farm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unproven {
    /// Its number.
    pub number: u64,
    /// The account it is about, if it is about one.
    pub account: Option<AccountId>,
    /// A start came to it, and no further.
    pub was_tried: bool,
}

/// Looks through the frames from `at`, the first of which is number `frames`.
pub(super) fn survey(bytes: &[u8], mut at: usize, mut frames: u64) -> Result<Survey, JournalError> {
    let (mut last, mut was_tried, mut skipped, mut told) = (None, false, Vec::new(), BTreeMap::new());
    let mut epoch = 0;
    let ending = loop {
        let (Frame { number, kind, body }, length) = match frame::next(bytes, at, frames)? {
            Next::Frame(frame, length) => (frame, length),
            Next::End => break Ending::Whole,
            Next::Torn => break Ending::Torn { bytes: (bytes.len() - at) as u64 },
        };
        if kind == Kind::Event {
            hear(body, &mut told, &mut epoch);
        }
        match kind {
            Kind::Event | Kind::Bars => (last, was_tried) = (Some((number, kind, body)), false),
            Kind::Attempt => was_tried = true,
            Kind::Skip => {
                let mut reader = Reader(body);
                skipped.push(reader.u64()?);
                reader.end()?;
                last = None;
            }
            // Nobody writes down a farm that was broken.
            Kind::State | Kind::Snapshot | Kind::Origin => last = None,
        }
        (at, frames) = (at + length, frames + 1);
    };
    let unproven = last.map(|(number, kind, body)| Unproven {
        number,
        account: if kind == Kind::Event { account_of(body) } else { None },
        was_tried,
    });
    Ok(Survey { frames, bytes: at as u64, ending, unproven, skipped, told, epoch })
}

fn hear(body: &[u8], told: &mut BTreeMap<AccountId, Told>, epoch: &mut u16) {
    match input::read_event(&mut Reader(body)) {
        Ok((at, Event::Report(account, report))) => told.entry(account).or_default().hear(at, &report),
        Ok((at, Event::Audit(account, Audit::End))) => told.entry(account).or_default().audit(at),
        Ok((_, Event::Tenure(under))) => *epoch = under.max(*epoch),
        _ => {}
    }
}

fn account_of(body: &[u8]) -> Option<AccountId> {
    match input::read_event(&mut Reader(body)) {
        Ok((_, Event::Report(account, _) | Event::Audit(account, _))) => Some(account),
        _ => None,
    }
}
