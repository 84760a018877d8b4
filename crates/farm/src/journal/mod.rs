//! The journal: everything a farm heard, in order, so that its state is the fold of it (invariant 5).
//!
//! It holds inputs, and beside them only what can be made from them: state hashes that say whether a replay is the same
//! life, decision by decision, or where not; and snapshots, so that a start lives through no more than what came after the
//! last one. It is cut into segments that each stand for themselves, so that nobody reads a year to start. It refuses to
//! guess: a torn tail is dropped, any other damage is an error, and a snapshot that is not the farm it says is left aside.

mod command;
mod frame;
mod input;
mod memory;
mod opening;
mod origin;
mod otherwise;
mod recorded;
mod replay;
mod shelf;
mod snapshot;
mod standing;
mod survey;
mod terms;
mod told;
mod wire;

#[cfg(test)]
mod segments;
#[cfg(test)]
mod tests;

use frame::Kind;
pub(crate) use input::{can_be_lent, can_be_said};
pub use origin::Origin;
pub use otherwise::Otherwise;
pub use recorded::{Keeper, Pen, Recorded};
pub(crate) use replay::check_last_follows;
pub use replay::{
    Ending, Heard, Input, Replayed, origin, replay, replay_from, replay_with, rise, rise_with, survey,
};
pub use shelf::{Bound, Shelf};
pub use snapshot::{Beside, LeftAside, Snapshots, Unfit};
pub use standing::{Next as Coming, Reader, Standing, read_since};
pub use survey::Survey;
pub use told::Told;

/// Of the format: a journal of another version is not read.
pub const VERSION: u16 = 3;
/// What a journal begins with.
pub const MAGIC: &[u8; 8] = b"OMEGA-J\n";
/// What every segment of it but the first begins with.
pub const SEGMENT_MAGIC: &[u8; 8] = b"OMEGA-S\n";

/// Why a journal cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Not a journal.
    #[error("this is no journal")]
    NoOrigin,
    /// A journal of another program.
    #[error(
        "this journal is of version {0}, this program reads version {VERSION}; replay it with the program that wrote it"
    )]
    Version(u16),
    /// Bytes that were changed after they were written.
    #[error(
        "damaged at byte {at}: {what}; take a copy from before the damage, nothing after it can be trusted"
    )]
    Damaged {
        /// Where the frame begins.
        at: u64,
        /// What does not add up.
        what: &'static str,
    },
    /// Damage in a later segment than the first.
    #[error("segment {segment}: {error}")]
    Segment {
        /// Which.
        segment: u32,
        /// What.
        error: Box<JournalError>,
    },
    /// A segment that does not belong behind the one before it.
    #[error("segment {segment} does not belong there: {what}; put back the one that was written there")]
    Exchanged {
        /// Which.
        segment: u32,
        /// What does not fit.
        what: &'static str,
    },
    /// A segment that ends inside a frame, and is not the last.
    #[error("segment {0} was cut off, and another follows it: put it back as it was written")]
    CutOff(u32),
    /// The segments that are there do not say enough.
    #[error(
        "the first segment that is there, number {segment}, is of no use by itself ({why}): put back those before it"
    )]
    NeedsEarlier {
        /// Which.
        segment: u32,
        /// Why its farm cannot be made from it.
        why: Unfit,
    },
    /// A segment cannot be read.
    #[error("{0}")]
    Unread(String),
    /// A frame that adds up and does not make sense.
    #[error("a frame cannot be read: {0}")]
    Content(&'static str),
    /// The farm cannot be made again.
    #[error("its farm cannot be made again: {0}")]
    Origin(String),
    /// The replay went another way.
    #[error(
        "after input {input} the farm's state is {found:016x}, the journal says {written:016x}: it was written by another program"
    )]
    Diverged {
        /// Number of the last input before.
        input: u64,
        /// What the journal says.
        written: u64,
        /// What it came to.
        found: u64,
    },
}
