//! Real servers, processes and networks for tests: started here, on this machine only, and ended by the number they were
//! started under.
//!
//! It refuses to reach beyond 127.0.0.1, to end anything it did not start, and to skip a test in silence.
#![allow(clippy::missing_panics_doc, reason = "a test that cannot set up its world fails")]

pub mod disk;
pub mod network;
pub mod process;
pub mod redis;
pub mod uses;
pub mod wall;

pub use process::Process;
pub use uses::Uses;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// A directory that is gone with it.
#[derive(Debug)]
pub struct Scratch(pub PathBuf);

impl Scratch {
    /// A new one on the disk of this machine.
    pub fn new() -> Scratch {
        Scratch::within(&std::env::temp_dir())
    }

    /// A new one in memory, where there is such a place: nobody waits for a disk that others write to.
    pub fn in_memory() -> Scratch {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Scratch::within(memory) } else { Scratch::new() }
    }

    fn within(place: &Path) -> Scratch {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = place.join(format!("omega-rig-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a scratch directory");
        Scratch(path)
    }
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Whether a program of that name is there; says loudly if not.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
pub fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_there = asked.is_ok();
    if !is_there {
        eprintln!("SKIPPED: no {program}");
    }
    is_there
}
