//! A history from outside: one contract for all stores, files and servers that die, and the thread that writes.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that fails should stop and say so"
)]

mod contract;
#[cfg(feature = "mongodb")]
mod mongod;
mod place;
mod sample;
mod sealing;
#[cfg(feature = "sqlite")]
mod sqlite;
mod writing;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A directory of one test, on a disk: it is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("omega-history-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
