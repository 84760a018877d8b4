//! Runs that are finished, in a file, so that a long piece of work goes on where it was interrupted: one line a run.
//!
//! What another build of this program finished is not known to this one: it might have ended otherwise. It refuses to
//! believe a line that is not whole (a torn last one is cut off and run again), a file that somebody else wrote, and two
//! programs that write at once.

use crate::error::Failure;
use crate::fingerprint;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Lines by key, and where new ones go; without a file nothing is kept.
#[derive(Debug, Default)]
pub struct Finished {
    known: BTreeMap<String, String>,
    file: Option<(PathBuf, Mutex<File>)>,
}

/// The first line.
const HEAD: &str = "omega finished runs 1\n";
/// The end of a whole line.
const WHOLE: &str = " .";

/// A run's key and the program that runs it.
fn of_this_build(key: &str) -> String {
    fingerprint::of_text(&format!("{} {key}", fingerprint::of_program()))
}

impl Finished {
    /// What a file knows; it is made if it is not there.
    pub fn open(path: Option<&Path>) -> Result<Finished, Failure> {
        let Some(path) = path else { return Ok(Finished::default()) };
        let unusable = |error: std::io::Error| {
            Failure::input(
                format!("cannot use {}: {error}", path.display()),
                "give --resume a file that can be read and written, or a new name",
            )
        };
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(path).map_err(unusable)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Failure::input(
                format!("another omega writes to {}", path.display()),
                "wait until it is done, or give --resume a new name",
            ),
            TryLockError::Error(error) => unusable(error),
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unusable)?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        let ours =
            if whole == 0 { HEAD.as_bytes().starts_with(&bytes) } else { bytes.starts_with(HEAD.as_bytes()) };
        if !ours {
            return Err(Failure::input(
                format!("{} holds no finished runs", path.display()),
                "give --resume a file that this command wrote, or a new name",
            ));
        }
        // What was torn off is cut, so that the next line begins one.
        file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(unusable)?;
        if whole == 0 {
            file.write_all(HEAD.as_bytes()).map_err(unusable)?;
        }
        let line = |line: &str| {
            let (key, value) = line.strip_suffix(WHOLE)?.split_once(' ')?;
            Some((key.to_owned(), value.to_owned()))
        };
        let known = String::from_utf8_lossy(&bytes[..whole]).lines().skip(1).filter_map(line).collect();
        Ok(Finished { known, file: Some((path.to_owned(), Mutex::new(file))) })
    }

    /// How many it knows, those of other builds included.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// What is known of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        if self.known.is_empty() {
            return None;
        }
        self.known.get(&of_this_build(key)).map(String::as_str)
    }

    /// Keeps a finished run.
    pub fn keep(&self, key: &str, value: &str) -> Result<(), Failure> {
        let Some((path, file)) = &self.file else { return Ok(()) };
        assert!(!value.contains('\n'), "a run is one line");
        let line = format!("{} {value}{WHOLE}\n", of_this_build(key));
        let mut file = file.lock().expect("no writer panics while it holds the file");
        file.write_all(line.as_bytes()).map_err(|source| Failure::Write { file: path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of one test, gone with it.
    struct Place(PathBuf);
    impl Place {
        fn new(name: &str) -> Place {
            Place(std::env::temp_dir().join(format!("omega-finished-{}-{name}", std::process::id())))
        }
    }
    impl Drop for Place {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[test]
    fn torn_anywhere_the_whole_lines_are_known_and_it_goes_on() {
        let place = Place::new("torn");
        let written = Finished::open(Some(&place.0)).unwrap();
        written.keep("a", "1 2").unwrap();
        written.keep("b", "3 4").unwrap();
        drop(written);
        let text = std::fs::read(&place.0).unwrap();
        for length in 0..=text.len() {
            std::fs::write(&place.0, &text[..length]).unwrap();
            let lines = text[..length].iter().filter(|&&byte| byte == b'\n').count();
            let finished = Finished::open(Some(&place.0)).unwrap();
            assert_eq!(finished.len(), lines.saturating_sub(1), "{length} bytes");
            assert_eq!(finished.get("a"), (lines > 1).then_some("1 2"));
            assert_eq!(finished.get("b"), (lines > 2).then_some("3 4"));
            finished.keep("c", "5 6").unwrap();
            drop(finished);
            assert_eq!(Finished::open(Some(&place.0)).unwrap().get("c"), Some("5 6"), "{length} bytes");
        }
    }

    #[test]
    fn a_strangers_file_is_left_as_it_is() {
        let place = Place::new("stranger");
        for text in
            ["Dear diary, the end .\n", "open_time,open\n1,2\n", "x", "omega finished runs 2\na 1 .\n"]
        {
            std::fs::write(&place.0, text).unwrap();
            assert!(Finished::open(Some(&place.0)).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&place.0).unwrap(), text);
        }
    }

    #[test]
    fn two_writers_are_one_too_many() {
        let place = Place::new("two");
        let first = Finished::open(Some(&place.0)).unwrap();
        let second = Finished::open(Some(&place.0)).expect_err("it is in use");
        assert!(second.to_string().contains("another omega"), "{second}");
        drop(first);
        assert!(Finished::open(Some(&place.0)).is_ok());
    }

    #[test]
    fn what_another_build_finished_is_not_known() {
        let place = Place::new("build");
        std::fs::write(&place.0, format!("{HEAD}{} 1 2 .\n", fingerprint::of_text("another a"))).unwrap();
        let finished = Finished::open(Some(&place.0)).unwrap();
        assert_eq!((finished.len(), finished.get("a")), (1, None));
        assert_eq!(Finished::open(None).unwrap().get("a"), None);
    }
}
