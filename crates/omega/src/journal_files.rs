//! A recorded session where it lies: a file, the segments beside it, or the directory of both, sealed or not.
//!
//! It refuses to guess which of several journals is meant, and to read what is no journal.

use crate::configured;
use crate::error::Failure;
use crate::prompt;
use config::Reference;
use farm::journal::Shelf;
use secrets::{Fetcher, Key, Source};
use std::path::{Path, PathBuf};

/// The longest file that is read: years of minutes.
const BYTES_MAX: u64 = 2 << 30;
const HINT: &str = "give a journal, such as the journal.omega of `omega demo --headless --dir DIR`";

/// Opens a journal, with its key where it has one.
pub fn open(path: &Path, key: Option<&Reference>) -> Result<Box<dyn Shelf>, Failure> {
    let file = if path.is_dir() { only_one(path)? } else { path.to_owned() };
    check(&file)?;
    let key = key.map(fetched).transpose()?;
    segments(&file, key)
}

/// The journals that are meant: a file, or all that lie in a directory.
pub fn within(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if path.is_dir() { all(path) } else { Ok(vec![path.to_owned()]) }
}

fn cannot(path: &Path, why: &str) -> Failure {
    Failure::input(format!("cannot read {}: {why}", path.display()), HINT)
}

/// What is no file, or longer than any, is not waited for. The first file of a journal may have been moved away.
fn check(file: &Path) -> Result<(), Failure> {
    let about = match std::fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        about => about.map_err(|error| cannot(file, &error.to_string()))?,
    };
    if !about.is_file() {
        return Err(cannot(file, "it is not a file"));
    }
    if about.len() > BYTES_MAX {
        return Err(cannot(file, &format!("it is longer than {} GiB", BYTES_MAX >> 30)));
    }
    Ok(())
}

fn fetched(reference: &Reference) -> Result<Key, Failure> {
    let environment = configured::environment();
    let file = match reference {
        Reference::Secret(_) => configured::secrets_file(None)?,
        Reference::Environment(_) | Reference::File(_) => PathBuf::new(),
    };
    let ask = |_: Source| prompt::ask("passphrase of the encrypted file").ok().flatten();
    let mut fetcher = Fetcher::new(&environment, &file, Box::new(ask));
    let key = fetcher.fetch(reference).and_then(|text| Key::parse("--key", &text));
    key.map_err(|error| {
        let (problem, hint) = error.told();
        Failure::input(problem, hint)
    })
}

#[cfg(feature = "exchange")]
fn segments(file: &Path, key: Option<Key>) -> Result<Box<dyn Shelf>, Failure> {
    use edge::journal::{JournalKey, Place};
    let place = Place::at(file).sealed(key.map(|key| JournalKey::new(&key)));
    let segments = place.read().map_err(|error| Failure::input(error.to_string(), HINT))?;
    if segments.is_nowhere() { Err(cannot(file, "there is no such file")) } else { Ok(Box::new(segments)) }
}

#[cfg(feature = "exchange")]
fn all(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    use edge::journal::journals_in;
    let found = journals_in(directory).map_err(|error| cannot(directory, &error.to_string()))?;
    if found.is_empty() { Err(cannot(directory, "no journal lies in this directory")) } else { Ok(found) }
}

#[cfg(feature = "exchange")]
fn only_one(directory: &Path) -> Result<PathBuf, Failure> {
    let mut found = all(directory)?;
    match (found.pop(), found.as_slice()) {
        (Some(one), []) => Ok(one),
        (None, _) => unreachable!("an empty directory is refused"),
        (Some(last), others) => {
            let names: Vec<String> =
                others.iter().chain([&last]).map(|path| path.display().to_string()).collect();
            Err(Failure::usage(
                format!("several journals lie in {}", directory.display()),
                format!("name one: {}", names.join(", ")),
            ))
        }
    }
}

#[cfg(not(feature = "exchange"))]
fn segments(file: &Path, key: Option<Key>) -> Result<Box<dyn Shelf>, Failure> {
    if key.is_some() {
        return Err(cannot(file, "this program was built without the feature `exchange`"));
    }
    let bytes = std::fs::read(file).map_err(|error| cannot(file, &error.to_string()))?;
    Ok(Box::new(bytes))
}

#[cfg(not(feature = "exchange"))]
fn only_one(directory: &Path) -> Result<PathBuf, Failure> {
    Err(cannot(directory, "it is not a file"))
}

#[cfg(not(feature = "exchange"))]
fn all(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    Err(cannot(directory, "it is not a file"))
}
