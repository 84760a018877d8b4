//! A journal looked through without living it: how far it is whole, and whether its last input was survived.
//!
//! An input that breaks the farm breaks it again at every start, for ever. So a start says when it comes to an input that
//! nothing was written behind; where that is all the one before ever said, the input is left out, and said to be.

use super::frame::{self, Frame, Next};
use super::memory::Memory;
use super::opening::{Opening, Place};
use super::replay::Ending;
use super::told::Told;
use super::wire::Reader;
use super::{JournalError, Kind, input};
use model::{AccountId, Event};
use std::collections::BTreeMap;

/// What a journal is, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Whole frames, from the start of the journal.
    pub frames: u64,
    /// Bytes that those of the last segment take.
    pub bytes: u64,
    /// How it ends.
    pub ending: Ending,
    /// The input that nothing was written behind, so that nobody knows whether it was survived.
    pub unproven: Option<Unproven>,
    /// Inputs that are left out.
    pub skipped: Vec<u64>,
    /// The frame of the last segment that says last how the farm was: what is behind it is lived again.
    pub snapshot: Option<u64>,
    /// What was heard of each account.
    pub told: BTreeMap<AccountId, Told>,
    /// The highest epoch of a lease under which something was decided.
    pub epoch: u16,
    /// Behind the last whole frame, and what the farm was made from: what the next frame is written behind.
    pub(super) place: Place,
    pub(super) origin: Vec<u8>,
}

impl Survey {
    /// What the next segment has to say of those before.
    pub(super) fn memory(&self) -> Memory {
        Memory { told: self.told.clone(), epoch: self.epoch, skipped: self.skipped.clone() }
    }
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

/// Looks through the frames behind the opening of the last segment.
pub(super) fn survey(bytes: &[u8], opening: Opening<'_>) -> Result<Survey, JournalError> {
    let Opening { mut memory, mut place, origin, .. } = opening;
    let (mut last, mut was_tried) = (None, false);
    let mut snapshot = None;
    let ending = loop {
        let (frame, length) = match frame::next(bytes, place.at, place.frames)? {
            Next::Frame(frame, length) => (frame, length),
            Next::End => break Ending::Whole,
            Next::Torn => break Ending::Torn { bytes: (bytes.len() - place.at) as u64 },
        };
        let Frame { number, kind, body, .. } = frame;
        match kind {
            Kind::Event | Kind::Bars | Kind::Rules => {
                if kind == Kind::Event
                    && let Ok((at, event)) = input::read_event(&mut Reader(body))
                {
                    memory.hear(at, &event);
                }
                (last, was_tried) = (Some((number, kind, body)), false);
            }
            Kind::Attempt => was_tried = true,
            Kind::Skip => {
                let mut reader = Reader(body);
                memory.skipped.push(reader.u64()?);
                reader.end()?;
                last = None;
            }
            // Nobody writes down a farm that was broken.
            Kind::Snapshot => (last, snapshot) = (None, Some(number)),
            Kind::State | Kind::Origin | Kind::Segment => last = None,
        }
        place.pass(frame, length);
    };
    let unproven = last.map(|(number, kind, body)| Unproven {
        number,
        account: if kind == Kind::Event { account_of(body) } else { None },
        was_tried,
    });
    let (Memory { told, epoch, skipped }, origin) = (memory, origin.to_vec());
    let (frames, bytes) = (place.frames, place.at as u64);
    Ok(Survey { frames, bytes, ending, unproven, skipped, snapshot, told, epoch, place, origin })
}

fn account_of(body: &[u8]) -> Option<AccountId> {
    match input::read_event(&mut Reader(body)) {
        Ok((_, Event::Report(account, _) | Event::Audit(account, _))) => Some(account),
        _ => None,
    }
}
