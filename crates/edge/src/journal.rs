//! A journal in a file: held by one process, safe on the disk before anything is done about what it says.
//!
//! A disk that is full or gone for a while stops the farm, not the journal: what could not be written is tried again, and
//! until then nothing leaves this machine. Refuses a file that somebody else holds, and to leave half a frame behind.

use farm::journal::Keeper;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Between two attempts to write.
const AGAIN: Duration = Duration::from_millis(200);

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
}

/// A journal's file, locked.
#[derive(Debug)]
pub struct JournalFile {
    file: File,
    path: PathBuf,
    /// Bytes that are safe.
    safe: u64,
    unsafe_yet: Vec<u8>,
    /// Attempts that failed, in all.
    failures: u64,
}

impl JournalFile {
    /// Opens or begins a journal, and reads what is in it.
    pub fn open(path: &Path) -> Result<(JournalFile, Vec<u8>), BadJournal> {
        let bad = |error| BadJournal::File { path: path.to_owned(), error };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(bad)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BadJournal::Held(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(bad(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(bad)?;
        let safe = bytes.len() as u64;
        let journal = JournalFile { file, path: path.to_owned(), safe, unsafe_yet: Vec::new(), failures: 0 };
        if bytes.is_empty() {
            journal.keep_name().map_err(bad)?;
        }
        Ok((journal, bytes))
    }

    /// What is in a journal that somebody else may hold; nothing where there is none.
    pub fn read(path: &Path) -> io::Result<Vec<u8>> {
        match std::fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    /// A new file is there after a crash only if its directory was written too.
    fn keep_name(&self) -> io::Result<()> {
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    }

    /// So many bytes count; what is behind them is half a frame that a crash left.
    pub fn cut(mut self, bytes: u64) -> JournalFile {
        assert!(bytes <= self.safe, "a journal is not longer than its file");
        self.safe = bytes;
        self
    }

    /// Attempts to write that failed.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    fn write(&mut self) -> io::Result<()> {
        // Whatever an attempt before left behind the safe part is overwritten.
        self.file.set_len(self.safe)?;
        self.file.seek(SeekFrom::Start(self.safe))?;
        self.file.write_all(&self.unsafe_yet)?;
        self.file.sync_data()
    }
}

impl Keeper for JournalFile {
    fn keep(&mut self, bytes: &[u8]) {
        self.unsafe_yet.extend(bytes);
    }

    fn sync(&mut self) {
        if self.unsafe_yet.is_empty() {
            return;
        }
        while self.write().is_err() {
            self.failures += 1;
            std::thread::sleep(AGAIN);
        }
        self.safe += self.unsafe_yet.len() as u64;
        self.unsafe_yet.clear();
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
        let (mut journal, bytes) = JournalFile::open(&path).expect("a new file");
        assert!(bytes.is_empty());
        journal.keep(b"one");
        journal.keep(b"two");
        assert_eq!(std::fs::read(&path).expect("it is there"), b"", "not yet safe");
        journal.sync();
        journal.keep(b"lost");
        drop(journal);
        let (journal, bytes) = JournalFile::open(&path).expect("an old file");
        assert_eq!(bytes, b"onetwo");
        let mut journal = journal.cut(4);
        journal.keep(b"!");
        journal.sync();
        drop(journal);
        assert_eq!(std::fs::read(&path).expect("it is there"), b"onet!");
        std::fs::remove_file(&path).expect("it was there");
    }

    #[test]
    fn a_journal_has_one_writer() {
        let path = place("held");
        let first = JournalFile::open(&path).expect("a new file");
        let second = JournalFile::open(&path).expect_err("it is held");
        assert!(matches!(second, BadJournal::Held(_)), "{second}");
        drop(first);
        assert!(JournalFile::open(&path).is_ok());
        std::fs::remove_file(&path).expect("it was there");
    }
}
