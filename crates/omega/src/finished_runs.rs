//! Finished runs in a file, a line each, so that work that was cut off goes on where it stopped.
//!
//! A line is JSON: a key (the fingerprint of all that determines the run: program, history, settings) and what came of it.
//! A last line that was torn off is forgotten. It refuses a file that is something else, a line in the middle that cannot
//! be read, and two programs writing at once.

use crate::error::Failure;
use crate::fingerprint::{self, Fingerprint};
use crate::json::Json;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The first line of such a file.
const HEAD: &str = "{\"omega\":\"finished runs\",\"version\":1}\n";

/// What is known already, and where the rest goes.
#[derive(Debug, Default)]
pub struct FinishedRuns {
    known: BTreeMap<String, Value>,
    out: Option<(PathBuf, Mutex<File>)>,
    recalled: AtomicUsize,
}

/// The key of a run: everything that determines it, in words.
pub fn key(determined_by: &[&str]) -> String {
    let text = format!("{}\n{}", fingerprint::of_program(), determined_by.join("\n"));
    // Half of it: 128 bits tell any number of runs apart.
    Fingerprint::of(text.as_bytes()).as_str()[..32].to_owned()
}

impl FinishedRuns {
    /// Reads and keeps `file`, which is made where it is missing; without one nothing is known and nothing kept.
    pub fn open(file: Option<&Path>) -> Result<FinishedRuns, Failure> {
        let Some(path) = file else { return Ok(FinishedRuns::default()) };
        let failed = |source: io::Error| Failure::Write { file: path.into(), source };
        let mut out = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        match out.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::input(
                    format!("another omega writes to {}", path.display()),
                    "wait for it, or name another file",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).map_err(failed)?;
        let (known, whole) = read(path, &bytes)?;
        // What was torn off is cut, so that the next line begins a line.
        out.set_len(whole as u64).and_then(|()| out.seek(SeekFrom::End(0)).map(|_| ())).map_err(failed)?;
        if whole == 0 {
            out.write_all(HEAD.as_bytes()).map_err(failed)?;
        }
        Ok(FinishedRuns { known, out: Some((path.into(), Mutex::new(out))), recalled: AtomicUsize::new(0) })
    }

    /// What came of a run, if it is known.
    pub fn recall<T>(&self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let outcome = self.known.get(key).and_then(read)?;
        self.recalled.fetch_add(1, Ordering::Relaxed);
        Some(outcome)
    }

    /// How many runs did not have to be made.
    pub fn recalled(&self) -> usize {
        self.recalled.load(Ordering::Relaxed)
    }

    /// Keeps what came of a run.
    pub fn keep(&self, key: &str, outcome: Json) -> Result<(), Failure> {
        let Some((path, file)) = &self.out else { return Ok(()) };
        let line = Json::object([("key", Json::text(key)), ("outcome", outcome)]).document();
        let mut file = file.lock().expect("nobody panics while writing a line");
        file.write_all(line.as_bytes()).map_err(|source| Failure::Write { file: path.clone(), source })
    }
}

/// The runs of a file, and how many bytes of it are whole lines.
fn read(path: &Path, bytes: &[u8]) -> Result<(BTreeMap<String, Value>, usize), Failure> {
    let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let head_is_ours =
        if whole == 0 { HEAD.as_bytes().starts_with(bytes) } else { bytes.starts_with(HEAD.as_bytes()) };
    if !head_is_ours {
        return Err(Failure::input(
            format!("{} is no file of finished runs", path.display()),
            "name a file that --resume made, or one that does not exist yet",
        ));
    }
    let mut known = BTreeMap::new();
    for (index, line) in bytes[..whole].split(|&byte| byte == b'\n').enumerate().skip(1) {
        if line.is_empty() {
            continue;
        }
        let entry = serde_json::from_slice::<Value>(line).ok().and_then(|mut line| {
            let key = line.get("key")?.as_str()?.to_owned();
            Some((key, line.get_mut("outcome")?.take()))
        });
        let (key, outcome) = entry.ok_or_else(|| {
            Failure::input(
                format!("{}, line {}: it is no finished run", path.display(), index + 1),
                "remove that line, or name another file",
            )
        })?;
        known.insert(key, outcome);
    }
    Ok((known, whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: &Value) -> Option<f64> {
        value.as_f64()
    }

    struct Place(PathBuf);
    impl Place {
        fn new(name: &str) -> Place {
            let file = format!("omega-finished-{}-{name}", std::process::id());
            Place(std::env::temp_dir().join(file))
        }
    }
    impl Drop for Place {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[test]
    fn what_was_kept_is_known_to_the_last_bit() {
        let place = Place::new("kept");
        let values = [0.1 + 0.2, -1.0 / 3.0, 5e-324, 1.797e308];
        let runs = FinishedRuns::open(Some(&place.0)).expect("a new file");
        for (i, value) in values.iter().enumerate() {
            runs.keep(&i.to_string(), Json::Number(*value)).expect("room");
        }
        drop(runs);
        let runs = FinishedRuns::open(Some(&place.0)).expect("its own file");
        assert_eq!(runs.known.len(), values.len());
        for (i, value) in values.iter().enumerate() {
            assert_eq!(runs.recall(&i.to_string(), number).map(f64::to_bits), Some(value.to_bits()));
        }
        assert_eq!(runs.recall("9", number), None);
    }

    #[test]
    fn a_file_torn_anywhere_goes_on() {
        let place = Place::new("torn");
        let whole = format!("{HEAD}{{\"key\":\"a\",\"outcome\":1}}\n{{\"key\":\"b\",\"outcome\":2}}\n");
        for length in 0..=whole.len() {
            std::fs::write(&place.0, &whole[..length]).expect("room");
            let runs = FinishedRuns::open(Some(&place.0)).expect("torn files are tolerated");
            let lines = whole[..length].matches('\n').count();
            assert_eq!(runs.known.len(), lines.saturating_sub(1), "{length} bytes");
            runs.keep("c", Json::Whole(3)).expect("room");
            drop(runs);
            let again = FinishedRuns::open(Some(&place.0)).expect("what was appended is whole");
            assert_eq!(again.recall("c", number), Some(3.0), "{length} bytes");
        }
    }

    #[test]
    fn a_strangers_file_is_not_touched() {
        let place = Place::new("stranger");
        for text in ["open_time,open\n1,2\n", "x", &format!("{HEAD}oops\n{{\"key\":\"a\",\"outcome\":1}}\n")]
        {
            std::fs::write(&place.0, text).expect("room");
            assert!(FinishedRuns::open(Some(&place.0)).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&place.0).expect("there"), text);
        }
        std::fs::write(&place.0, "").expect("room");
        let first = FinishedRuns::open(Some(&place.0)).expect("an empty file is a new one");
        assert!(FinishedRuns::open(Some(&place.0)).is_err(), "two writers would tear each other's lines");
        drop(first);
    }

    #[test]
    fn without_a_file_nothing_is_kept() {
        let runs = FinishedRuns::open(None).expect("nothing to open");
        runs.keep("a", Json::Null).expect("nothing to write");
        assert_eq!(runs.recall("a", number), None);
        assert_ne!(key(&["a", "b"]), key(&["a", "c"]));
        assert_ne!(key(&["ab"]), key(&["a", "b"]));
    }
}
