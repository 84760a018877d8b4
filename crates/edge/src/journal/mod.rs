//! A journal in files: held by one process, safe on the disk before anything is done about what it says, sealed where there
//! is a key.
//!
//! It is cut into segments. One begins under another name and gets its own when its first frames are safe: so a crash leaves
//! all of a beginning or nothing of it. What the disk must have: the data of a file before anything in it is acted on, and
//! the directory's entry before anything in a new file is. A disk that is full or gone for a while stops the farm, not the
//! journal: what could not be written is tried again, and until then nothing is decided and nothing leaves this machine. It
//! refuses a journal that somebody else holds, to leave half a frame behind, and to write plain what began sealed. Old segments
//! stay: they are the record of the farm, and an operator's to move.

mod place;
mod sealed;

pub use place::{Place, SEGMENT_BYTES, Segments, journals_in};
pub use sealed::JournalKey;

use farm::journal::Keeper;
use sealed::Sealer;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Between two attempts to write.
const AGAIN: Duration = Duration::from_millis(200);
/// A segment is at least so many times as long as what it begins with, or a journal would be nothing but beginnings.
const OPENINGS_MIN: u64 = 4;
/// Waits for the disk that are remembered until somebody looks.
const WAITS_MAX: usize = 1_024;

/// Why a journal cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum BadJournal {
    /// The file.
    #[error("{path} cannot be opened ({error}): name a file in a directory this user may write to")]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Two processes would write it.
    #[error("{0} is held by another process: stop that one first, one journal is one farm")]
    Held(PathBuf),
    /// A hole between two segments.
    #[error("{0} is missing between the segments beside it: put it back where it was moved from")]
    Missing(PathBuf),
    /// A segment.
    #[error("{path} {why}")]
    Segment {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        why: BadSegment,
    },
}

/// What is wrong with a sealed segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSegment {
    /// There is no key.
    #[error("is encrypted, and no key was given: set journal.encryption_key, or for a replay --key")]
    NoKey,
    /// Another key.
    #[error("was encrypted with another key: name the one it was written with")]
    WrongKey,
    /// Another format.
    #[error("is of version {0} of the encrypted format: read it with the program that wrote it")]
    Version(u16),
    /// Bytes of another place.
    #[error(
        "holds what was encrypted for another journal or another place in it: put back the file that was written there"
    )]
    Moved,
    /// Plain behind sealed.
    #[error(
        "is plain, and the segment before it is encrypted: this program never wrote that; put back the file that was written there"
    )]
    Unsealed,
    /// Bytes that were changed after they were written.
    #[error("is damaged at byte {at}: {what}; take a copy from before the damage")]
    Damaged {
        /// Where.
        at: u64,
        /// What does not add up.
        what: &'static str,
    },
}

/// The segment that is written.
#[derive(Debug)]
struct Open {
    file: File,
    number: u32,
    /// Bytes that are safe.
    safe: u64,
    /// How it is sealed.
    sealer: Option<Sealer>,
    /// Something may lie behind what is safe.
    is_littered: bool,
}

/// Frames that are not safe yet.
#[derive(Debug, Default)]
struct Batch {
    frames: Vec<u8>,
    ends: Vec<usize>,
}

impl Batch {
    fn keep(&mut self, frame: &[u8]) {
        self.frames.extend(frame);
        self.ends.push(self.frames.len());
    }

    fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    fn clear(&mut self) {
        self.frames.clear();
        self.ends.clear();
    }
}

/// A journal's files, locked.
#[derive(Debug)]
pub struct JournalFile {
    place: Place,
    /// Held as long as this lives.
    _lock: File,
    open: Option<Open>,
    /// For the segment that is open.
    unsafe_yet: Batch,
    /// For the one that is to begin.
    next: Option<Batch>,
    /// Bytes that the open segment began with.
    opening_bytes: u64,
    /// Attempts that failed, in all.
    failures: u64,
    written: Written,
    stuck: Option<Stuck>,
}

/// A disk that does not take what is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Since when.
    pub since: Instant,
    /// What it says.
    pub why: String,
    /// When it is tried again.
    again_at: Instant,
}

impl Stuck {
    /// How long it is until it is tried again.
    pub fn again_in(&self) -> Duration {
        self.again_at.saturating_duration_since(Instant::now())
    }
}

/// How the disk took what was written, since somebody looked last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Bytes that are safe.
    pub bytes: u64,
    /// How long each batch took until it was safe. Where more came than are remembered the first are here.
    pub waits: Vec<Duration>,
}

/// A journal's lock, for who wants to know that nobody writes it while he has it.
#[derive(Debug)]
pub struct Unheld {
    _lock: File,
}

impl Unheld {
    /// Takes it; nothing while somebody holds the journal, or where it cannot be known.
    pub fn take(place: &Place) -> Option<Unheld> {
        lock(place).ok().map(|lock| Unheld { _lock: lock })
    }
}

impl JournalFile {
    /// Opens or begins a journal, and reads what is in its last segment.
    pub fn open(place: impl Into<Place>) -> Result<(JournalFile, Segments), BadJournal> {
        let place: Place = place.into();
        let lock = lock(&place)?;
        let segments = place.read()?;
        let open = match segments.last().filter(|_| !segments.is_empty()) {
            Some(number) => Some(Open::behind(&place, number, &segments)?),
            None => None,
        };
        let (unsafe_yet, next) = (Batch::default(), None);
        let (opening_bytes, failures, written, stuck) = (0, 0, Written::default(), None);
        let journal = JournalFile {
            place,
            _lock: lock,
            open,
            unsafe_yet,
            next,
            opening_bytes,
            failures,
            written,
            stuck,
        };
        Ok((journal, segments))
    }

    /// So many bytes of the last segment's frames count; what is behind them is half a frame that a crash left.
    pub fn cut(mut self, bytes: u64) -> JournalFile {
        if let Some(open) = &mut self.open
            && open.sealer.is_none()
        {
            // A sealed record holds whole frames: what was torn there is cut off already.
            assert!(bytes <= open.safe, "a journal is not longer than its file");
            open.safe = bytes;
        }
        self
    }

    /// Attempts to write that failed.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// That the disk takes nothing, if it does not.
    pub fn stuck(&self) -> Option<&Stuck> {
        self.stuck.as_ref()
    }

    /// How the disk took what was written since somebody looked last.
    pub fn take_written(&mut self) -> Written {
        std::mem::take(&mut self.written)
    }

    /// The segment that is written.
    pub fn segment(&self) -> u32 {
        self.open.as_ref().map_or(0, |open| open.number)
    }

    /// The segment that is written, and how much of it is safe.
    fn safe(&self) -> (Option<u32>, u64) {
        self.open.as_ref().map_or((None, 0), |open| (Some(open.number), open.safe))
    }

    fn write(&mut self) -> io::Result<()> {
        if self.open.is_none() {
            // The first segment begins like any other.
            self.next.get_or_insert_with(|| std::mem::take(&mut self.unsafe_yet));
        }
        if let Some(open) = &mut self.open
            && !self.unsafe_yet.is_empty()
        {
            open.write(&self.unsafe_yet)?;
        }
        self.unsafe_yet.clear();
        if let Some(batch) = &self.next {
            let open = Open::begin(&self.place, self.open.as_ref(), batch)?;
            (self.opening_bytes, self.open, self.next) = (open.safe, Some(open), None);
        }
        Ok(())
    }
}

/// A journal has one writer, whichever segment he writes.
fn lock(place: &Place) -> Result<File, BadJournal> {
    let path = place.beside("lock");
    let bad = |error| BadJournal::File { path: path.clone(), error };
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(bad)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BadJournal::Held(place.path.clone())),
        Err(TryLockError::Error(error)) => Err(bad(error)),
    }
}

impl Open {
    fn behind(place: &Place, number: u32, segments: &Segments) -> Result<Open, BadJournal> {
        let path = place.segment_path(number);
        let file = OpenOptions::new().read(true).write(true).open(&path);
        let file = file.map_err(|error| BadJournal::File { path, error })?;
        let sealed = segments.newest.sealed.as_ref().zip(place.key.as_ref());
        let sealer = sealed.map(|(read, key)| Sealer::behind(key, read, number));
        Ok(Open { file, number, safe: segments.newest.whole, sealer, is_littered: true })
    }

    /// Begins the next segment. It gets its name when it is safe, and counts when the directory says so.
    fn begin(place: &Place, before: Option<&Open>, batch: &Batch) -> io::Result<Open> {
        let number = before.map_or(0, |before| before.number + 1);
        let id = before.and_then(|before| before.sealer.as_ref()).map(|sealer| sealer.id);
        let mut bytes = Vec::new();
        let sealer = match &place.key {
            Some(key) => {
                let (mut sealer, head) = Sealer::begin(key, id, number)?;
                let (records, count) = sealer.seal(&batch.frames, &batch.ends)?;
                sealer.wrote(count);
                bytes.extend(head);
                bytes.extend(records);
                Some(sealer)
            }
            None => None,
        };
        let bytes = if sealer.is_some() { &bytes } else { &batch.frames };
        let new = place.beside("new");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, place.segment_path(number))?;
        File::open(place.directory())?.sync_all()?;
        Ok(Open { file, number, safe: bytes.len() as u64, sealer, is_littered: false })
    }

    fn write(&mut self, batch: &Batch) -> io::Result<()> {
        let sealed = match &self.sealer {
            Some(sealer) => Some(sealer.seal(&batch.frames, &batch.ends)?),
            None => None,
        };
        let (bytes, records) =
            sealed.as_ref().map_or((&batch.frames, 0), |(bytes, records)| (bytes, *records));
        if self.is_littered {
            // Whatever an attempt before, or a crash, left behind the safe part is overwritten.
            self.file.set_len(self.safe)?;
        }
        self.is_littered = true;
        self.file.seek(SeekFrom::Start(self.safe))?;
        self.file.write_all(bytes)?;
        self.file.sync_data()?;
        self.is_littered = false;
        self.safe += bytes.len() as u64;
        if let Some(sealer) = &mut self.sealer {
            sealer.wrote(records);
        }
        Ok(())
    }
}

impl Keeper for JournalFile {
    fn keep(&mut self, bytes: &[u8]) {
        self.next.as_mut().unwrap_or(&mut self.unsafe_yet).keep(bytes);
    }

    fn sync(&mut self) {
        while !self.try_sync() {
            std::thread::sleep(AGAIN);
        }
    }

    fn try_sync(&mut self) -> bool {
        if self.unsafe_yet.is_empty() && self.next.is_none() {
            return true;
        }
        let (begun, before) = (Instant::now(), self.safe());
        if self.stuck.as_ref().is_some_and(|stuck| begun < stuck.again_at) {
            return false;
        }
        if let Err(error) = self.write() {
            self.failures += 1;
            let since = self.stuck.as_ref().map_or(begun, |stuck| stuck.since);
            self.stuck = Some(Stuck { since, why: error.to_string(), again_at: Instant::now() + AGAIN });
            return false;
        }
        let since = self.stuck.take().map_or(begun, |stuck| stuck.since);
        let ((number, safe), written) = (self.safe(), &mut self.written);
        written.bytes += if number == before.0 { safe - before.1 } else { safe };
        if written.waits.len() < WAITS_MAX {
            written.waits.push(since.elapsed());
        }
        true
    }

    fn is_stuck(&self) -> bool {
        self.stuck.is_some()
    }

    fn is_full(&self) -> bool {
        let Some(open) = self.open.as_ref().filter(|_| self.next.is_none()) else { return false };
        let bytes = open.safe + self.unsafe_yet.frames.len() as u64;
        let is_long = bytes >= self.place.segment_bytes.max(self.opening_bytes * OPENINGS_MIN);
        is_long || (self.place.key.is_some() && open.sealer.is_none())
    }

    fn turn(&mut self) {
        self.next = Some(Batch::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("omega-journal-{}-{name}", std::process::id()));
        let _gone = std::fs::remove_file(&path);
        path
    }

    #[test]
    fn what_was_synced_is_there_and_a_torn_tail_is_cut() {
        let path = place("cut");
        let (mut journal, segments) = JournalFile::open(&path).expect("a new file");
        assert!(segments.is_empty());
        journal.keep(b"one");
        journal.keep(b"two");
        assert!(!path.exists(), "nothing is there that is not safe");
        journal.sync();
        journal.keep(b"lost");
        drop(journal);
        let (journal, segments) = JournalFile::open(&path).expect("an old file");
        assert_eq!(segments.newest.plain, b"onetwo");
        let mut journal = journal.cut(4);
        journal.keep(b"!");
        journal.sync();
        drop(journal);
        assert_eq!(std::fs::read(&path).expect("it is there"), b"onet!");
        std::fs::remove_file(&path).expect("it was there");
    }

    #[test]
    fn what_the_disk_does_not_take_is_kept_and_tried_again_after_a_while() {
        let folder = place("stuck");
        std::fs::create_dir(&folder).expect("a directory of its own");
        let path = folder.join("main.omega");
        let (mut journal, _) = JournalFile::open(&path).expect("a new file");
        assert!(Place::at(&path).check_disk().is_ok());
        std::fs::remove_dir_all(&folder).expect("it is there");
        assert!(Place::at(&path).check_disk().is_err());
        journal.keep(b"one");
        assert!(!journal.try_sync() && journal.is_stuck());
        let stuck = journal.stuck().expect("it just said so").clone();
        assert!(!stuck.why.is_empty() && stuck.again_in() <= AGAIN);
        std::fs::create_dir(&folder).expect("a place of its own again");
        if Instant::now() < stuck.again_at {
            assert!(!journal.try_sync(), "a disk is not asked all the time");
            assert_eq!(journal.failures(), 1);
        }
        journal.sync();
        assert!(!journal.is_stuck() && journal.try_sync());
        assert_eq!(std::fs::read(&path).expect("it is there"), b"one");
        std::fs::remove_dir_all(&folder).expect("it is there");
    }

    #[test]
    fn a_journal_has_one_writer() {
        let path = place("held");
        let (mut first, _) = JournalFile::open(&path).expect("a new file");
        first.keep(b"one");
        first.sync();
        let second = JournalFile::open(&path).expect_err("it is held");
        assert!(matches!(second, BadJournal::Held(_)), "{second}");
        drop(first);
        assert!(JournalFile::open(&path).is_ok());
        std::fs::remove_file(&path).expect("it was there");
    }
}
