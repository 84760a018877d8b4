//! Result files, whole or not at all: written beside their place and renamed when done.
//!
//! It refuses to touch the place before everything is written, and to leave its attempt behind.

use crate::error::Failure;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A written file that is not in its place yet; dropped, it is gone.
#[derive(Debug)]
pub struct Attempt {
    file: PathBuf,
    beside: PathBuf,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // After the rename there is nothing to remove; before it, a failed removal must not hide the first error.
        let _ = fs::remove_file(&self.beside);
    }
}

/// Where a name leads, links followed: two names of one place are equal.
pub fn place(file: &Path) -> PathBuf {
    let folder =
        |parent: &Path| if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.into() };
    let beside = || Some(folder(file.parent()?).canonicalize().ok()?.join(file.file_name()?));
    file.canonicalize().ok().or_else(beside).unwrap_or_else(|| file.into())
}

/// Writes the text beside `file`. It refuses a place that holds anything but a file: a device must not be replaced.
pub fn prepare(file: &Path, text: &[u8]) -> Result<Attempt, Failure> {
    let failed = |source: io::Error| Failure::Write { file: file.into(), source };
    if file.is_dir() {
        return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if file.exists() && !file.is_file() {
        return Err(failed(io::Error::other("it is a device or a pipe, not a file")));
    }
    let (mut out, attempt) = create_beside(&place(file)).map_err(failed)?;
    out.write_all(text).and_then(|()| out.sync_all()).map_err(failed)?;
    Ok(attempt)
}

impl Attempt {
    /// Puts it in its place.
    pub fn commit(self) -> Result<(), Failure> {
        let failed = |source: io::Error| Failure::Write { file: self.file.clone(), source };
        fs::rename(&self.beside, &self.file).map_err(failed)
    }
}

/// Writes a file that was not there before, or nothing: what is there already is never touched.
pub fn create_new(file: &Path, text: &[u8]) -> Result<(), Failure> {
    let failed = |source: io::Error| Failure::Write { file: file.into(), source };
    let mut out = OpenOptions::new().write(true).create_new(true).open(file).map_err(failed)?;
    let written = out.write_all(text).and_then(|()| out.sync_all());
    if written.is_err() {
        // Half a file is none; the failure that matters is the first.
        let _ = fs::remove_file(file);
    }
    written.map_err(failed)
}

fn create_beside(file: &Path) -> io::Result<(File, Attempt)> {
    const NAMES_MAX: u32 = 64;
    let name = file.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    for n in 0..NAMES_MAX {
        let mut beside = std::ffi::OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}-{n}.part", std::process::id()));
        let beside = file.with_file_name(beside);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(out) => return Ok((out, Attempt { file: file.into(), beside })),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}
