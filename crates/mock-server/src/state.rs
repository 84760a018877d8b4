//! What survives the process: a log in a directory, of which the exchange is the fold.
//!
//! Every line is written before the answer it belongs to is sent, so a killed process has lost nothing that anybody was
//! told; it is forced onto the disk at most a second later, so a lost machine may lose that second. A line carries its
//! checksum: a torn last line is a shorter life, damage before it is refused. Refuses a log that another process holds,
//! and to grow beyond its maximum.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest log: some million orders.
pub const LOG_BYTES_MAX: u64 = 256 << 20;
/// How long a line may be only in the machine's memory.
const SYNC_EACH: Duration = Duration::from_secs(1);
const LOG: &str = "exchange.log";

/// Why nothing can be kept.
#[derive(Debug, thiserror::Error)]
pub enum BadState {
    /// The machine refuses.
    #[error(
        "cannot keep the state in {file}: {source}; name a directory that can be written, with room on its disk"
    )]
    Io {
        /// Which file.
        file: PathBuf,
        /// What the machine said.
        source: io::Error,
    },
    /// Two exchanges, one state.
    #[error("{0} is held by another mock exchange: end that one, or name another directory")]
    Held(PathBuf),
    /// A line that is not what was written.
    #[error("{file} is damaged at line {line}: put back a copy of it, or start with an empty directory")]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// Counted from one.
        line: usize,
    },
    /// It has a maximum.
    #[error("{0} has reached {max} MiB, which is its maximum: start with an empty directory", max = LOG_BYTES_MAX >> 20)]
    Full(PathBuf),
}

/// A log that is being written.
#[derive(Debug)]
pub struct State {
    file: File,
    path: PathBuf,
    bytes: u64,
    synced: Instant,
    /// Whether anything was written since.
    behind: bool,
}

fn framed(line: &str) -> String {
    format!("{:08x} {line}\n", crc32fast::hash(line.as_bytes()))
}

/// The text of a line with its checksum, if that is right.
fn unframed(line: &str) -> Option<&str> {
    let (sum, text) = line.split_once(' ')?;
    (u32::from_str_radix(sum, 16).ok()? == crc32fast::hash(text.as_bytes())).then_some(text)
}

impl State {
    /// Opens the log of a directory, which is made if it is not there, and reads what it holds, oldest first.
    pub fn open(directory: &Path) -> Result<(State, Vec<String>), BadState> {
        let path = directory.join(LOG);
        let bad = |source| BadState::Io { file: path.clone(), source };
        fs::create_dir_all(directory).map_err(bad)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(bad)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BadState::Held(path)),
            Err(TryLockError::Error(source)) => return Err(bad(source)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(bad)?;
        let mut lines = Vec::new();
        let mut whole = 0;
        for (number, raw) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let text = std::str::from_utf8(raw).ok().and_then(|text| text.strip_suffix('\n'));
            match text.and_then(unframed) {
                Some(line) => lines.push(line.to_owned()),
                None if whole + raw.len() == bytes.len() => break,
                None => return Err(BadState::Damaged { file: path, line: number + 1 }),
            }
            whole += raw.len();
        }
        let whole = whole as u64;
        file.set_len(whole).map_err(bad)?;
        file.seek(SeekFrom::Start(whole)).map_err(bad)?;
        Ok((State { file, path, bytes: whole, synced: Instant::now(), behind: false }, lines))
    }

    /// Writes lines behind those there are.
    pub fn append(&mut self, lines: &[String]) -> Result<(), BadState> {
        if lines.is_empty() {
            return Ok(());
        }
        let text: String = lines.iter().map(|line| framed(line)).collect();
        if self.bytes + text.len() as u64 > LOG_BYTES_MAX {
            return Err(BadState::Full(self.path.clone()));
        }
        self.file.write_all(text.as_bytes()).map_err(|source| self.bad(source))?;
        self.bytes += text.len() as u64;
        self.behind = true;
        Ok(())
    }

    /// The file, if something in it has waited for a second to be forced onto the disk: the caller does that without
    /// keeping others from writing.
    pub(crate) fn due(&mut self) -> Option<io::Result<File>> {
        let due = self.behind && self.synced.elapsed() >= SYNC_EACH;
        due.then(|| {
            (self.synced, self.behind) = (Instant::now(), false);
            self.file.try_clone()
        })
    }

    pub(crate) fn bad(&self, source: io::Error) -> BadState {
        BadState::Io { file: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Directory {
            let path = std::env::temp_dir().join(format!("mock-state-{}-{name}", std::process::id()));
            Directory(path)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _gone = fs::remove_dir_all(&self.0);
        }
    }

    fn written(name: &str) -> Directory {
        let directory = Directory::new(name);
        let (mut state, lines) = State::open(&directory.0).unwrap();
        assert!(lines.is_empty());
        state.append(&["one".to_owned(), "two words".to_owned()]).unwrap();
        state.append(&["three".to_owned()]).unwrap();
        directory
    }

    #[test]
    fn lines_come_back_and_a_torn_one_is_a_shorter_life() {
        let directory = written("torn");
        let log = directory.0.join(LOG);
        assert_eq!(State::open(&directory.0).unwrap().1, ["one", "two words", "three"]);
        let whole = fs::read(&log).unwrap();
        for torn in 1..13 {
            fs::write(&log, &whole[..whole.len() - torn]).unwrap();
            let (mut state, lines) = State::open(&directory.0).unwrap();
            assert_eq!(lines, ["one", "two words"], "{torn} bytes torn off");
            state.append(&["four".to_owned()]).unwrap();
            drop(state);
            assert_eq!(State::open(&directory.0).unwrap().1, ["one", "two words", "four"]);
        }
    }

    #[test]
    fn damage_another_holder_and_fullness_are_refused() {
        let directory = written("damaged");
        let log = directory.0.join(LOG);
        let (mut state, _) = State::open(&directory.0).unwrap();
        assert!(matches!(State::open(&directory.0), Err(BadState::Held(_))));
        state.bytes = LOG_BYTES_MAX;
        assert!(matches!(state.append(&["x".to_owned()]), Err(BadState::Full(_))));
        drop(state);
        let mut bytes = fs::read(&log).unwrap();
        bytes[10] ^= 1;
        fs::write(&log, &bytes).unwrap();
        assert!(matches!(State::open(&directory.0), Err(BadState::Damaged { line: 1, .. })));
    }
}
