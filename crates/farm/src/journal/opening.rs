//! How a segment begins: the first with what the farm was made from; every later one with where the one before ended, what was
//! heard until then, what the farm was made from, and the farm itself.
//!
//! So a start reads the last segment alone, and whoever reads several notices one that is missing, exchanged or cut short. It
//! refuses to be trusted about the farm: a snapshot vouches for itself, and where it does not hold the segments before are
//! lived through.

use super::frame::{self, Frame, Next};
use super::memory::Memory;
use super::origin::Origin;
use super::wire::{Reader, Writer};
use super::{JournalError, Kind, MAGIC, SEGMENT_MAGIC, VERSION};

/// How far a journal was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// In which segment.
    pub(super) segment: u32,
    /// Bytes of it.
    pub(super) at: usize,
    /// Frames from the start of the journal.
    pub(super) frames: u64,
    /// Inputs among them.
    pub(super) inputs: u64,
    /// What all these frames come to.
    pub(super) chain: u64,
}

impl Place {
    /// Goes on behind a frame.
    pub(super) fn pass(&mut self, frame: Frame<'_>, length: usize) {
        self.at += length;
        self.frames += 1;
        self.inputs += u64::from(frame.kind.is_input());
        self.chain = frame.chained(self.chain);
    }
}

/// How a segment begins.
#[derive(Debug)]
pub(super) struct Opening<'a> {
    /// The number of its first frame.
    pub(super) first: u64,
    /// Inputs in the segments before, and what their frames come to.
    pub(super) before: (u64, u64),
    /// What was heard in the segments before.
    pub(super) memory: Memory,
    /// What the farm was made from.
    pub(super) origin: &'a [u8],
    /// Behind all this.
    pub(super) place: Place,
}

/// Reads how a segment begins.
pub(super) fn open(bytes: &[u8]) -> Result<Opening<'_>, JournalError> {
    if bytes.starts_with(MAGIC) {
        let mut place = Place { segment: 0, at: MAGIC.len(), frames: 0, inputs: 0, chain: 0 };
        let origin = take(bytes, &mut place, Kind::Origin)?;
        return Ok(Opening { first: 0, before: (0, 0), memory: Memory::default(), origin, place });
    }
    if !bytes.starts_with(SEGMENT_MAGIC) {
        return Err(JournalError::NoOrigin);
    }
    let at = SEGMENT_MAGIC.len();
    let first = frame::number_at(bytes, at).ok_or(CUT)?;
    let mut place = Place { segment: 0, at, frames: first, inputs: 0, chain: 0 };
    let mut reader = Reader(take(bytes, &mut place, Kind::Segment)?);
    check_version(&mut reader)?;
    let (segment, inputs, chain) = (reader.u32()?, reader.u64()?, reader.u64()?);
    let memory = Memory::read(&mut reader)?;
    reader.end()?;
    // Now that it is known behind what, the same frame again.
    place = Place { segment, at, frames: first, inputs, chain };
    take(bytes, &mut place, Kind::Segment)?;
    let origin = take(bytes, &mut place, Kind::Origin)?;
    Ok(Opening { first, before: (inputs, chain), memory, origin, place })
}

const CUT: JournalError = JournalError::Content("it was cut off before its farm was written down");

fn take<'a>(bytes: &'a [u8], place: &mut Place, kind: Kind) -> Result<&'a [u8], JournalError> {
    match frame::next(bytes, place.at, place.frames)? {
        Next::Frame(frame, length) if frame.kind == kind => {
            place.pass(frame, length);
            Ok(frame.body)
        }
        Next::Frame(..) => Err(JournalError::Content("it does not say what the farm was made from")),
        Next::End | Next::Torn => Err(CUT),
    }
}

/// Writes the body of the frame that a segment begins with, behind what came before.
pub(super) fn write(w: &mut Writer, segment: u32, before: (u64, u64), memory: &Memory) {
    w.u16(VERSION);
    w.u32(segment);
    w.u64(before.0);
    w.u64(before.1);
    memory.write(w);
}

fn check_version(reader: &mut Reader<'_>) -> Result<(), JournalError> {
    match reader.u16()? {
        VERSION => Ok(()),
        other => Err(JournalError::Version(other)),
    }
}

impl Opening<'_> {
    /// The farm's terms.
    pub(super) fn origin(&self) -> Result<Origin, JournalError> {
        let mut reader = Reader(self.origin);
        check_version(&mut reader)?;
        let origin = Origin::read(&mut reader)?;
        reader.end()?;
        Ok(origin)
    }

    /// Refuses to be read behind anything but what it was written behind.
    pub(super) fn check_follows(&self, before: &Place, origin: &[u8]) -> Result<(), JournalError> {
        let segment = before.segment + 1;
        let odd = |what| Err(JournalError::Exchanged { segment, what });
        if (self.first, self.before) != (before.frames, (before.inputs, before.chain)) {
            return odd("it was written behind other frames than those before it");
        }
        if self.origin != origin {
            return odd("it is of a farm that was made from something else");
        }
        Ok(())
    }
}
