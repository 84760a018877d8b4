//! A wall clock that is set while a process runs: libfaketime between that process and the system.
//!
//! The monotonic clock stays what it is, as it does on a machine whose clock somebody sets. It refuses to set the clock of
//! anybody else.

use crate::Scratch;
use std::path::PathBuf;
use std::process::Command;

/// Where Debian and its like put the library for programs with threads.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// The clock on the wall of those who were shown it.
#[derive(Debug)]
pub struct Wall {
    library: PathBuf,
    place: Scratch,
}

fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    folders.chain([PathBuf::from("/usr/lib")]).map(|folder| folder.join(LIBRARY)).find(|path| path.is_file())
}

impl Wall {
    /// One that is right; nothing where there is no library, and that is said.
    #[allow(clippy::print_stderr, reason = "a skipped test says so")]
    pub fn new() -> Option<Wall> {
        let Some(library) = library() else {
            eprintln!("SKIPPED: no {LIBRARY} below /usr/lib (Debian's package faketime)");
            return None;
        };
        let wall = Wall { library, place: Scratch::in_memory() };
        wall.set(0);
        Some(wall)
    }

    fn file(&self) -> PathBuf {
        self.place.0.join("wall")
    }

    /// Shows it to a program that is about to be started.
    pub fn dress(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", self.file());
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("FAKETIME_NO_CACHE", "1");
    }

    /// Sets it so many seconds ahead of what is right.
    pub fn set(&self, ahead_s: i64) {
        // Whoever looks meanwhile sees one or the other.
        let new = self.place.0.join("new");
        std::fs::write(&new, format!("{ahead_s:+}\n")).expect("a file of its own");
        std::fs::rename(&new, self.file()).expect("in the same place");
    }
}
