//! Runs that are finished, in a file, so that a long piece of work goes on where it was interrupted: one line a run.
//!
//! It refuses to believe a line that is not whole: a torn last one is run again.

use crate::error::Failure;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Lines by key, and where new ones go; without a file nothing is kept.
#[derive(Debug, Default)]
pub struct Finished {
    known: BTreeMap<String, String>,
    file: Option<(PathBuf, Mutex<File>)>,
}

/// The end of a whole line.
const WHOLE: &str = " .";

impl Finished {
    /// What a file knows; it is made if it is not there.
    pub fn open(path: Option<&Path>) -> Result<Finished, Failure> {
        let Some(path) = path else { return Ok(Finished::default()) };
        let unreadable = |error: std::io::Error| {
            Failure::input(
                format!("cannot use {}: {error}", path.display()),
                "give --resume a file that can be read and written, or a new name",
            )
        };
        let text = match std::fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(unreadable(error)),
        };
        let whole = |line: &str| {
            let (key, value) = line.strip_suffix(WHOLE)?.split_once(' ')?;
            Some((key.to_owned(), value.to_owned()))
        };
        let known: BTreeMap<_, _> = text.lines().filter_map(whole).collect();
        if known.is_empty() && !text.trim().is_empty() {
            return Err(Failure::input(
                format!("{} holds no finished runs", path.display()),
                "give --resume a file that this command wrote, or a new name",
            ));
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(unreadable)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n").map_err(unreadable)?;
        }
        Ok(Finished { known, file: Some((path.to_owned(), Mutex::new(file))) })
    }

    /// How many it knows.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// What is known of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.known.get(key).map(String::as_str)
    }

    /// Keeps a finished run.
    pub fn keep(&self, key: &str, value: &str) -> Result<(), Failure> {
        let Some((path, file)) = &self.file else { return Ok(()) };
        let mut file = file.lock().expect("no writer panics while it holds the file");
        let line = format!("{key} {value}{WHOLE}\n");
        file.write_all(line.as_bytes()).map_err(|source| Failure::Write { file: path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_forgotten_and_the_rest_is_known() {
        let path = std::env::temp_dir().join(format!("omega-finished-{}", std::process::id()));
        std::fs::write(&path, "a 1 2 .\nb 3 4 .\nc 5").unwrap();
        let finished = Finished::open(Some(&path)).unwrap();
        assert_eq!((finished.len(), finished.get("b"), finished.get("c")), (2, Some("3 4"), None));
        finished.keep("c", "5 6").unwrap();
        let again = Finished::open(Some(&path)).unwrap();
        assert_eq!((again.len(), again.get("c")), (3, Some("5 6")));
        std::fs::write(&path, "something else\n").unwrap();
        assert!(Finished::open(Some(&path)).is_err());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(Finished::open(None).unwrap().len(), 0);
    }
}
