//! Where a journal lies: a file, and beside it the segments that follow, numbered; by which key, and how long each grows.
//!
//! It refuses segments with a hole between them, plain ones behind sealed ones, and to take anything else in the directory
//! for one.

use super::sealed::{self, Id, JournalKey};
use super::{BadJournal, BadSegment};
use farm::journal::{self, JournalError, Shelf};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A segment grows to so many bytes.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// What a disk must take for anybody to rise on it: any frame but a snapshot.
const ROOM_BYTES: usize = 1 << 16;
/// Digits of a segment's number.
const DIGITS: usize = 6;

/// Where a journal lies, and how.
#[derive(Clone, Debug)]
pub struct Place {
    pub(super) path: PathBuf,
    pub(super) key: Option<JournalKey>,
    pub(super) segment_bytes: u64,
}

impl Place {
    /// Its first segment is this file; plain, and in segments of 64 MiB.
    pub fn at(path: impl Into<PathBuf>) -> Place {
        Place { path: path.into(), key: None, segment_bytes: SEGMENT_BYTES }
    }

    /// Sealed with this key. A journal that was plain until now is sealed from its next segment on, and that begins at once.
    pub fn sealed(self, key: Option<JournalKey>) -> Place {
        Place { key, ..self }
    }

    /// In segments of so many bytes.
    pub fn in_segments_of(self, bytes: u64) -> Place {
        Place { segment_bytes: bytes.max(1), ..self }
    }

    /// The file of its first segment, by which it is named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of a segment.
    pub fn segment_path(&self, segment: u32) -> PathBuf {
        if segment == 0 { self.path.clone() } else { self.beside(&format!("{segment:0DIGITS$}")) }
    }

    /// A file beside the first segment: its name with a dot and a word behind it.
    pub(super) fn beside(&self, word: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(word);
        self.path.with_file_name(name)
    }

    pub(super) fn directory(&self) -> &Path {
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.unwrap_or(Path::new("."))
    }

    pub(super) fn bad(&self, segment: u32, why: BadSegment) -> BadJournal {
        BadJournal::Segment { path: self.segment_path(segment), why }
    }

    /// The segments that are there: the first and the last; `None` where there is none.
    fn range(&self) -> Result<Option<(u32, u32)>, BadJournal> {
        let bad = |error| BadJournal::File { path: self.path.clone(), error };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut numbers = Vec::new();
        let entries = match std::fs::read_dir(self.directory()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            entries => entries.map_err(bad)?,
        };
        for entry in entries {
            let file = entry.map_err(bad)?.file_name().to_string_lossy().into_owned();
            let number = match file.strip_prefix(&name) {
                Some("") => Some(0),
                Some(rest) => rest.strip_prefix('.').and_then(number_of),
                None => None,
            };
            numbers.extend(number);
        }
        numbers.sort_unstable();
        let hole = numbers.windows(2).find(|pair| pair[1] != pair[0] + 1);
        match hole {
            Some(pair) => Err(BadJournal::Missing(self.segment_path(pair[0] + 1))),
            None => Ok(numbers.first().copied().zip(numbers.last().copied())),
        }
    }

    /// Whether its disk takes something and has it safe; what it says if not.
    pub fn check_disk(&self) -> io::Result<()> {
        let path = self.beside("room");
        let taken = File::create(&path).and_then(|mut file| {
            file.write_all(&[0; ROOM_BYTES])?;
            file.sync_all()
        });
        // It is there where it was not taken, too.
        let _gone = std::fs::remove_file(&path);
        taken
    }

    /// What is in it; somebody else may hold and write it.
    pub fn read(&self) -> Result<Segments, BadJournal> {
        let range = self.range()?;
        let Some((first, last)) = range else {
            return Ok(Segments { place: self.clone(), range, newest: Newest::default() });
        };
        let newest = self.newest(last)?;
        if last > first && newest.sealed.is_none() && self.is_sealed(last - 1)? {
            return Err(self.bad(last, BadSegment::Unsealed));
        }
        Ok(Segments { place: self.clone(), range, newest })
    }

    fn newest(&self, segment: u32) -> Result<Newest, BadJournal> {
        let bytes = self.bytes(segment)?;
        if !bytes.starts_with(sealed::MAGIC) {
            let whole = bytes.len() as u64;
            return Ok(Newest { plain: bytes, whole, sealed: None });
        }
        let read = sealed::read(&bytes, segment, self.key.as_ref()).map_err(|why| self.bad(segment, why))?;
        let (plain, whole) = (Vec::new(), read.whole);
        let mut newest = Newest { plain, whole, sealed: Some(read) };
        std::mem::swap(&mut newest.plain, &mut newest.sealed.as_mut().expect("it was just set").plain);
        Ok(newest)
    }

    fn bytes(&self, segment: u32) -> Result<Vec<u8>, BadJournal> {
        let path = self.segment_path(segment);
        std::fs::read(&path).map_err(|error| BadJournal::File { path, error })
    }

    fn is_sealed(&self, segment: u32) -> Result<bool, BadJournal> {
        let path = self.segment_path(segment);
        let mut head = Vec::new();
        let read = File::open(&path).and_then(|file| {
            file.take(sealed::MAGIC.len() as u64).read_to_end(&mut head)?;
            Ok(head == sealed::MAGIC)
        });
        read.map_err(|error| BadJournal::File { path, error })
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Place {
        place.clone()
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Place {
        Place::at(path)
    }
}

impl From<&PathBuf> for Place {
    fn from(path: &PathBuf) -> Place {
        Place::at(path)
    }
}

/// The journals whose segments lie in a directory, each by the file of its first segment, whether that is there or not.
pub fn journals_in(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let mut head = Vec::new();
        if !path.is_file() || File::open(&path)?.take(8).read_to_end(&mut head).is_err() {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let later = name.rsplit_once('.').filter(|(_, number)| number_of(number).is_some());
        let is_first = head == journal::MAGIC || head == sealed::MAGIC;
        match later {
            Some((first, _)) if is_first || head == journal::SEGMENT_MAGIC => {
                found.insert(path.with_file_name(first));
            }
            None if is_first && !name.ends_with(".new") => {
                found.insert(path);
            }
            _ => {}
        }
    }
    Ok(found.into_iter().collect())
}

fn number_of(text: &str) -> Option<u32> {
    let is_number = text.len() >= DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten().filter(|number| *number > 0)
}

/// The last segment, read.
#[derive(Debug, Default)]
pub(super) struct Newest {
    pub(super) plain: Vec<u8>,
    /// Bytes of the file that count.
    pub(super) whole: u64,
    /// How it was sealed; its frames are in `plain`.
    pub(super) sealed: Option<sealed::Read>,
}

/// The segments of a journal: the last in memory, the others when they are asked for.
#[derive(Debug)]
pub struct Segments {
    place: Place,
    range: Option<(u32, u32)>,
    pub(super) newest: Newest,
}

impl Segments {
    /// Whether nothing was ever written.
    pub fn is_empty(&self) -> bool {
        self.last().is_none() || (self.last() == Some(0) && self.newest.plain.is_empty())
    }

    /// Whether there is no file of it at all.
    pub fn is_nowhere(&self) -> bool {
        self.range.is_none()
    }

    pub(super) fn last(&self) -> Option<u32> {
        self.range.map(|(_, last)| last)
    }

    fn id(&self) -> Option<Id> {
        self.newest.sealed.as_ref().map(|sealed| sealed.id)
    }
}

impl Shelf for Segments {
    fn range(&self) -> (u32, u32) {
        self.range.unwrap_or_default()
    }

    fn segment(&self, number: u32) -> Result<Cow<'_, [u8]>, JournalError> {
        if Some(number) == self.last() || self.range.is_none() {
            return Ok(Cow::Borrowed(&self.newest.plain));
        }
        let unread = |error: BadJournal| JournalError::Unread(error.to_string());
        let read = self.place.newest(number).map_err(unread)?;
        if let Some(sealed) = &read.sealed
            && self.id() != Some(sealed.id)
        {
            return Err(unread(self.place.bad(number, BadSegment::Moved)));
        }
        Ok(Cow::Owned(read.plain))
    }
}
