//! Where the segments of a journal lie, for whoever reads one: bytes in memory, or files that are opened when they are needed.
//!
//! It refuses to hold a journal as a whole: a start needs its last segment, and a replay one after the other.

use super::JournalError;
use super::opening;
use std::borrow::Cow;

/// The segments of a journal.
pub trait Shelf {
    /// The number of the first that is there, and of the last; none is missing between them.
    fn range(&self) -> (u32, u32);

    /// The frames of one of them, as they were written.
    fn segment(&self, number: u32) -> Result<Cow<'_, [u8]>, JournalError>;
}

/// One segment in memory, whichever it is.
impl Shelf for [u8] {
    fn range(&self) -> (u32, u32) {
        let number = opening::open(self).map_or(0, |opening| opening.place.segment);
        (number, number)
    }

    fn segment(&self, _: u32) -> Result<Cow<'_, [u8]>, JournalError> {
        Ok(Cow::Borrowed(self))
    }
}

impl<const N: usize> Shelf for [u8; N] {
    fn range(&self) -> (u32, u32) {
        self.as_slice().range()
    }

    fn segment(&self, number: u32) -> Result<Cow<'_, [u8]>, JournalError> {
        self.as_slice().segment(number)
    }
}

impl Shelf for Vec<u8> {
    fn range(&self) -> (u32, u32) {
        self.as_slice().range()
    }

    fn segment(&self, number: u32) -> Result<Cow<'_, [u8]>, JournalError> {
        self.as_slice().segment(number)
    }
}

/// Segments in memory, the first of which has this number.
#[derive(Clone, Debug)]
pub struct Bound {
    first: u32,
    segments: Vec<Vec<u8>>,
}

impl Bound {
    /// These, in order.
    pub fn new(first: u32, segments: Vec<Vec<u8>>) -> Bound {
        assert!(!segments.is_empty(), "a journal has a segment");
        Bound { first, segments }
    }
}

impl Shelf for Bound {
    fn range(&self) -> (u32, u32) {
        let more = u32::try_from(self.segments.len() - 1).expect("segments that fit in memory");
        (self.first, self.first + more)
    }

    fn segment(&self, number: u32) -> Result<Cow<'_, [u8]>, JournalError> {
        let at = usize::try_from(number - self.first).expect("32 bits fit");
        self.segments
            .get(at)
            .map(|bytes| Cow::Borrowed(bytes.as_slice()))
            .ok_or(JournalError::Content("a segment is missing"))
    }
}
