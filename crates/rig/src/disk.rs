//! A small disk of its own for a process, which can be filled: a file system in memory, mounted and taken away again.
//!
//! It refuses to fill a disk that it did not make.

use crate::Scratch;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A disk.
#[derive(Debug)]
pub struct Disk {
    place: Scratch,
}

fn done(program: &str, arguments: &[&str], at: &Path) -> Result<(), String> {
    match Command::new(program).args(arguments).arg(at).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl Disk {
    /// One of so many MiB; nothing where this user may not mount any, and that is said.
    #[allow(clippy::print_stderr, reason = "a skipped test says so")]
    pub fn new(size_mib: u32) -> Option<Disk> {
        let place = Scratch::new();
        let size = format!("size={size_mib}m");
        if let Err(why) = done("mount", &["-t", "tmpfs", "-o", &size, "omega-rig"], &place.0) {
            eprintln!("SKIPPED: no disk of its own here, that needs root ({why})");
            return None;
        }
        Some(Disk { place })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.place.0
    }

    fn ballast(&self) -> PathBuf {
        self.place.0.join("ballast")
    }

    /// Fills it to the last byte.
    ///
    /// # Panics
    /// It takes more than it has.
    pub fn fill(&self) {
        use std::io::Write as _;
        let mut ballast = std::fs::File::create(self.ballast()).expect("a file of its own");
        for length in [1 << 16, 4_096, 1] {
            let block = vec![b'x'; length];
            let written = (0..1 << 20).take_while(|_| ballast.write_all(&block).is_ok()).count();
            assert!(written < 1 << 20, "it takes more than a small disk has");
        }
    }

    /// Makes room again.
    pub fn empty(&self) {
        std::fs::remove_file(self.ballast()).expect("it was filled");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Whoever still has a file open on it keeps it until then.
        let _is_gone = done("umount", &["-l"], &self.place.0);
    }
}
