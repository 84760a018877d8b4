//! A segment that nobody reads without the key: a head that knows its key, and a record for each batch that was made safe.
//!
//! What is sealed says for which journal, which segment and which place in it, so no record can be moved, left out or written
//! twice. A record that was never whole is a torn tail, as in a plain segment; one that is whole and does not open is an
//! attack or another key, and refused. It refuses to say more than that about a tail: who takes whole records off the end of
//! the last segment is not noticed here, but by the venue, whose answers the farm then has not heard.

use super::BadSegment;
use secrets::{Key, OVERHEAD_BYTES, Seal, fill};
use std::fmt;
use std::io;
use std::sync::Arc;

/// What a sealed segment begins with.
pub(super) const MAGIC: &[u8; 8] = b"OMEGA-X\n";
const VERSION: u16 = 1;
/// Bytes of what names a journal.
const ID_BYTES: usize = 24;
/// Magic, version, segment, id, an empty text that was sealed; a checksum of these.
const HEAD_BYTES: usize = 8 + 2 + 4 + ID_BYTES + OVERHEAD_BYTES + 4;
/// Length of what was sealed, number of the record; a checksum of these.
const RECORD_HEAD_BYTES: usize = 4 + 8 + 4;
/// Records are kept shorter than this where whole frames allow; the longest frame is 16 MiB.
pub(super) const BATCH_BYTES: usize = 1 << 20;
const RECORD_BYTES_MAX: usize = 20 << 20;

/// What names a journal: drawn when its first sealed segment begins, the same in all that follow.
pub(super) type Id = [u8; ID_BYTES];

/// A key, ready to seal; shared by whoever reads and writes a journal.
#[derive(Clone)]
pub struct JournalKey(Arc<Seal>);

impl JournalKey {
    /// With that key.
    pub fn new(key: &Key) -> JournalKey {
        JournalKey(Arc::new(Seal::new(key)))
    }
}

impl fmt::Debug for JournalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The writing end of a sealed segment.
#[derive(Debug)]
pub(super) struct Sealer {
    key: JournalKey,
    pub(super) id: Id,
    segment: u32,
    records: u64,
}

/// For what a text was sealed.
fn place(id: &Id, segment: u32, record: u64) -> [u8; ID_BYTES + 12] {
    let mut place = [0; ID_BYTES + 12];
    place[..ID_BYTES].copy_from_slice(id);
    place[ID_BYTES..ID_BYTES + 4].copy_from_slice(&segment.to_le_bytes());
    place[ID_BYTES + 4..].copy_from_slice(&record.to_le_bytes());
    place
}

/// The head is at a place where no record is.
const HEAD: u64 = u64::MAX;

impl Sealer {
    /// Begins a segment, of a journal that has this name, or gets one: what the segment begins with.
    pub(super) fn begin(key: &JournalKey, id: Option<Id>, segment: u32) -> io::Result<(Sealer, Vec<u8>)> {
        let id = match id {
            Some(id) => id,
            None => {
                let mut id = [0; ID_BYTES];
                fill(&mut id).map_err(io::Error::other)?;
                id
            }
        };
        let proof = key.0.seal(&place(&id, segment, HEAD), &[]).map_err(io::Error::other)?;
        let mut head = MAGIC.to_vec();
        head.extend(VERSION.to_le_bytes());
        head.extend(segment.to_le_bytes());
        head.extend(id);
        head.extend(proof);
        head.extend(crc32fast::hash(&head).to_le_bytes());
        Ok((Sealer { key: key.clone(), id, segment, records: 0 }, head))
    }

    /// Goes on behind what was read.
    pub(super) fn behind(key: &JournalKey, read: &Read, segment: u32) -> Sealer {
        Sealer { key: key.clone(), id: read.id, segment, records: read.records }
    }

    /// Seals frames that end at these places: records, and how many. They count when the caller says that they are written.
    pub(super) fn seal(&self, frames: &[u8], ends: &[usize]) -> io::Result<(Vec<u8>, u64)> {
        let (mut out, mut records, mut from) = (Vec::with_capacity(frames.len() + 64), 0, 0);
        for (i, end) in ends.iter().enumerate() {
            let is_enough = ends.get(i + 1).is_none_or(|next| next - from > BATCH_BYTES);
            if !is_enough {
                continue;
            }
            let number = self.records + records;
            let sealed = self
                .key
                .0
                .seal(&place(&self.id, self.segment, number), &frames[from..*end])
                .map_err(io::Error::other)?;
            let at = out.len();
            out.extend(u32::try_from(sealed.len()).expect("frames are shorter").to_le_bytes());
            out.extend(number.to_le_bytes());
            out.extend(crc32fast::hash(&out[at..]).to_le_bytes());
            out.extend(crc32fast::hash(&sealed).to_le_bytes());
            out.extend(sealed);
            (records, from) = (records + 1, *end);
        }
        Ok((out, records))
    }

    /// So many records are written.
    pub(super) fn wrote(&mut self, records: u64) {
        self.records += records;
    }
}

/// What a sealed segment holds.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) id: Id,
    /// The frames.
    pub(super) plain: Vec<u8>,
    records: u64,
    /// Bytes of the file that count.
    pub(super) whole: u64,
}

/// Opens a segment.
pub(super) fn read(bytes: &[u8], segment: u32, key: Option<&JournalKey>) -> Result<Read, BadSegment> {
    let damaged = |at: usize, what| BadSegment::Damaged { at: at as u64, what };
    let head = bytes.get(..HEAD_BYTES).ok_or_else(|| damaged(0, "its head is not whole"))?;
    let (fields, check) = head.split_at(HEAD_BYTES - 4);
    if crc32fast::hash(fields).to_le_bytes() != check {
        return Err(damaged(0, "its head does not add up"));
    }
    if fields[8..10] != VERSION.to_le_bytes() {
        return Err(BadSegment::Version(u16::from_le_bytes([fields[8], fields[9]])));
    }
    let key = key.ok_or(BadSegment::NoKey)?;
    let id: Id = fields[14..14 + ID_BYTES].try_into().expect("the head is whole");
    key.0.open(&place(&id, segment, HEAD), &fields[14 + ID_BYTES..]).map_err(|_| {
        // The key is told apart from the place: a head that says another number was moved.
        if fields[10..14] == segment.to_le_bytes() { BadSegment::WrongKey } else { BadSegment::Moved }
    })?;
    let mut read = Read { id, plain: Vec::with_capacity(bytes.len()), records: 0, whole: HEAD_BYTES as u64 };
    let mut at = HEAD_BYTES;
    while let Some((sealed, length)) = next(bytes, at, read.records)? {
        let plain = key.0.open(&place(&id, segment, read.records), sealed);
        read.plain.extend(plain.map_err(|_| BadSegment::Moved)?);
        (at, read.records) = (at + length, read.records + 1);
    }
    read.whole = at as u64;
    Ok(read)
}

/// The record at this place and how many bytes it takes, if there is a whole one.
fn next(bytes: &[u8], at: usize, number: u64) -> Result<Option<(&[u8], usize)>, BadSegment> {
    let rest = &bytes[at..];
    let damaged = |what| Err(BadSegment::Damaged { at: at as u64, what });
    let written = || rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let Some((head, after)) = rest.split_at_checked(RECORD_HEAD_BYTES) else { return Ok(None) };
    let word = |from: usize| u32::from_le_bytes(head[from..from + 4].try_into().expect("four bytes"));
    if crc32fast::hash(&head[..12]) != word(12) {
        return if written() <= RECORD_HEAD_BYTES {
            Ok(None)
        } else {
            damaged("a record's head does not add up")
        };
    }
    if head[4..12] != number.to_le_bytes() {
        return damaged("a record is missing before it, or it was written twice");
    }
    let length = word(0) as usize;
    if length > RECORD_BYTES_MAX {
        return damaged("a record is longer than any");
    }
    let Some((check, sealed)) = after.get(..4 + length).map(|body| body.split_at(4)) else { return Ok(None) };
    let whole = RECORD_HEAD_BYTES + 4 + length;
    if crc32fast::hash(sealed).to_le_bytes() == check {
        return Ok(Some((sealed, whole)));
    }
    if written() <= whole { Ok(None) } else { damaged("a record does not add up") }
}
