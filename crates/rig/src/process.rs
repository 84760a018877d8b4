//! A program that runs: what it says is kept, and it is gone when it is dropped.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A program that was started here.
#[derive(Debug)]
pub struct Process {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Process {
    /// Starts it; what it says on both streams is kept.
    pub fn start(command: &mut Command) -> Process {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the program is there");
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().expect("it is piped"), Arc::clone(&said));
        listen(child.stderr.take().expect("it is piped"), Arc::clone(&said));
        Process { child, said }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until it has said that.
    ///
    /// # Panics
    /// It does not within so long.
    pub fn until_said(&self, what: &str, longest: Duration) {
        let begun = Instant::now();
        while !self.said().contains(what) {
            assert!(begun.elapsed() < longest, "it does not say {what:?}, but:\n{}", self.said());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether it is still there.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        let _gone_already = self.child.kill();
        let _status = self.child.wait();
    }

    /// Asks it to end, as Ctrl-C does, and waits.
    ///
    /// # Panics
    /// It does not end within so long.
    pub fn interrupt(&mut self, longest: Duration) -> ExitStatus {
        let asked = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(asked.expect("kill is there").success(), "it is gone already:\n{}", self.said());
        self.wait(longest)
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// It does not end within so long.
    pub fn wait(&mut self, longest: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                return status;
            }
            assert!(begun.elapsed() < longest, "it does not end:\n{}", self.said());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            // What the test was about is in what it said last.
            let said = self.said();
            let from = said.len().saturating_sub(40_000);
            let from = (from..said.len()).find(|at| said.is_char_boundary(*at)).unwrap_or(said.len());
            show(&format!("process {} said last:\n{}", self.child.id(), &said[from..]));
        }
    }
}

#[allow(clippy::print_stderr, reason = "a test that failed is told about")]
fn show(text: &str) {
    eprintln!("{text}");
}

fn listen(stream: impl Read + Send + 'static, said: Arc<Mutex<String>>) {
    thread::spawn(move || {
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        while lines.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            said.lock().unwrap_or_else(PoisonError::into_inner).push_str(&line);
            line.clear();
        }
    });
}
