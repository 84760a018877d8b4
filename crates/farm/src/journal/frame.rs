//! Frames of a journal: a head that vouches for itself, a body that the head's length and a checksum vouch for.
//!
//! A crash may leave the last frame half written, with or without zeros behind: that is a torn tail, and it is dropped.
//! Anything else that does not add up is damage, and is refused: to drop it would be to forget what happened. Damage inside
//! the very last frame cannot be told from a torn tail; who replays is told how much was dropped.

use super::JournalError;
use model::StateHash;

/// Length of the body, number of the frame, kind; then a checksum of these.
const HEAD_BYTES: usize = 4 + 8 + 1 + 4;
/// Checksum of the body.
const TAIL_BYTES: usize = 4;
/// The longest body.
pub(super) const BODY_BYTES_MAX: usize = 16 << 20;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What the farm was made from: the first frame, and no other.
    Origin,
    /// An event.
    Event,
    /// A run of bars.
    Bars,
    /// The farm's state hash when everything before had been taken in.
    State,
    /// The farm, and what lives beside it, when everything before had been taken in.
    Snapshot,
    /// A start begins to live through everything again: one that never ended is followed by the next.
    Attempt,
    /// An input that is left out from now on: it broke the farm twice.
    Skip,
    /// A segment begins: behind what, and what was heard before it.
    Segment,
    /// Other rules hold from here on.
    Rules,
}

impl Kind {
    const ALL: [Kind; 9] = [
        Kind::Origin,
        Kind::Event,
        Kind::Bars,
        Kind::State,
        Kind::Snapshot,
        Kind::Attempt,
        Kind::Skip,
        Kind::Segment,
        Kind::Rules,
    ];

    fn byte(self) -> u8 {
        self as u8 + 1
    }

    /// Whether a farm hears what it holds.
    pub(super) const fn is_input(self) -> bool {
        matches!(self, Kind::Event | Kind::Bars | Kind::Rules)
    }
}

/// Appends a frame to `out`; `chain` is what all frames before it come to, and the answer what they come to with it.
pub(super) fn write(out: &mut Vec<u8>, number: u64, kind: Kind, body: &[u8], chain: u64) -> u64 {
    assert!(body.len() <= BODY_BYTES_MAX, "a frame holds at most {BODY_BYTES_MAX} bytes");
    let at = out.len();
    out.extend(u32::try_from(body.len()).expect("the longest body fits").to_le_bytes());
    out.extend(number.to_le_bytes());
    out.push(kind.byte());
    let head = crc32fast::hash(&out[at..]);
    out.extend(head.to_le_bytes());
    out.extend(body);
    let check = crc32fast::hash(body);
    out.extend(check.to_le_bytes());
    Frame { number, kind, body, check }.chained(chain)
}

/// A frame that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) number: u64,
    pub(super) kind: Kind,
    pub(super) body: &'a [u8],
    /// Checksum of the body.
    check: u32,
}

impl Frame<'_> {
    /// What all frames come to, where those before this one come to `chain`: by it an exchanged segment is found. It guards
    /// against accidents; against people there is the seal.
    pub(super) fn chained(&self, chain: u64) -> u64 {
        let mut hash = StateHash::default();
        [chain, self.number, u64::from(self.kind.byte()), self.body.len() as u64, u64::from(self.check)]
            .into_iter()
            .for_each(|word| hash.word(word));
        hash.finish()
    }
}

/// The number that a frame's head says, if there is a head; nothing vouches for it yet.
pub(super) fn number_at(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at + 4..at + 12)?;
    Some(u64::from_le_bytes(word.try_into().expect("eight bytes")))
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    /// A frame, and how many bytes it takes.
    Frame(Frame<'a>, usize),
    /// The end.
    End,
    /// A frame that was never whole: the end.
    Torn,
}

/// Reads the frame that begins at `at`; it must be the `number`th.
pub(super) fn next(bytes: &[u8], at: usize, number: u64) -> Result<Next<'_>, JournalError> {
    let rest = &bytes[at..];
    if rest.is_empty() {
        return Ok(Next::End);
    }
    let Some((head, after)) = rest.split_at_checked(HEAD_BYTES) else { return Ok(Next::Torn) };
    // Space behind it may have been reserved and never written to.
    let written = || rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let (fields, check) = head.split_at(HEAD_BYTES - 4);
    let damaged = |what| JournalError::Damaged { at: at as u64, what };
    if crc32fast::hash(fields).to_le_bytes() != check {
        if written() <= HEAD_BYTES {
            return Ok(Next::Torn);
        }
        return Err(damaged("the head of a frame does not add up"));
    }
    let word = |from: usize, to: usize| &fields[from..to];
    let length = u32::from_le_bytes(word(0, 4).try_into().expect("four bytes")) as usize;
    let found = u64::from_le_bytes(word(4, 12).try_into().expect("eight bytes"));
    let kind = Kind::ALL.into_iter().find(|kind| kind.byte() == fields[12]);
    let kind = kind.ok_or_else(|| damaged("a frame is of a kind that this version does not know"))?;
    if length > BODY_BYTES_MAX {
        return Err(damaged("a frame is longer than any"));
    }
    if found != number {
        return Err(damaged("a frame is missing before it, or it was written twice"));
    }
    if after.len() < length + TAIL_BYTES {
        return Ok(Next::Torn);
    }
    let (body, check) = (&after[..length], &after[length..length + TAIL_BYTES]);
    let found = crc32fast::hash(body);
    if found.to_le_bytes() == check {
        return Ok(Next::Frame(Frame { number, kind, body, check: found }, HEAD_BYTES + length + TAIL_BYTES));
    }
    // The last frame's body may have reached the disk in part.
    let last = written() <= HEAD_BYTES + length + TAIL_BYTES;
    if last { Ok(Next::Torn) } else { Err(damaged("the body of a frame does not add up")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for (number, body) in [(0, &b"first"[..]), (1, &[]), (2, &b"the third one"[..])] {
            write(&mut bytes, number, Kind::ALL[number as usize], body, 0);
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    /// Whole frames and how the reading ended.
    fn read(bytes: &[u8]) -> (usize, Result<&'static str, JournalError>) {
        let (mut at, mut number) = (0, 0);
        loop {
            match next(bytes, at, number) {
                Ok(Next::Frame(_, length)) => (at, number) = (at + length, number + 1),
                Ok(Next::End) => return (number as usize, Ok("end")),
                Ok(Next::Torn) => return (number as usize, Ok("torn")),
                Err(error) => return (number as usize, Err(error)),
            }
        }
    }

    #[test]
    fn wherever_it_is_cut_the_whole_frames_before_are_read() {
        let (bytes, ends) = three();
        assert_eq!(read(&bytes), (3, Ok("end")));
        for cut in 0..bytes.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count();
            let ending = if cut == 0 || ends.contains(&cut) { "end" } else { "torn" };
            assert_eq!(read(&bytes[..cut]), (whole, Ok(ending)), "cut at {cut}");
        }
    }

    #[test]
    fn no_flipped_bit_passes_and_none_before_the_last_frame_is_taken_for_a_torn_tail() {
        let (bytes, ends) = three();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let (whole, ending) = read(&flipped);
            let broken = ends.iter().filter(|end| **end <= bit / 8).count();
            assert_eq!(whole, broken, "bit {bit}: nothing at or after the damage is read");
            if broken < 2 {
                assert!(ending.is_err(), "bit {bit}");
            } else {
                assert_ne!(ending, Ok("end"), "bit {bit}");
            }
        }
    }

    #[test]
    fn zeros_at_the_end_are_torn_and_a_repeated_frame_is_damage() {
        let (bytes, ends) = three();
        for cut in ends[1]..=bytes.len() {
            let zeros: Vec<u8> = bytes[..cut].iter().copied().chain([0; 100]).collect();
            let whole = if cut == bytes.len() { 3 } else { 2 };
            assert_eq!(read(&zeros), (whole, Ok("torn")), "cut at {cut}, zeros behind");
        }
        let (bytes, _) = three();
        let twice: Vec<u8> = [&bytes[..ends[0]], &bytes[..]].concat();
        let (whole, ending) = read(&twice);
        assert_eq!(whole, 1);
        assert!(ending.is_err_and(|error| error.to_string().contains("twice")));
    }
}
