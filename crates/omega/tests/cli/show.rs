//! The show on a terminal, as somebody who started it sees it end: by a key, by Ctrl-C, by a signal, by a terminal that
//! goes away. `script` (util-linux) plays the terminal.

use crate::Sandbox;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
const CURTAIN_UP: &str = "\x1b[?1049h";
const CURTAIN_DOWN: &str = "\x1b[?1049l";

/// A show that runs on a terminal of 80x24.
pub struct OnTerminal {
    child: Child,
    keys: Option<ChildStdin>,
    heard: Receiver<Vec<u8>>,
    text: String,
}

impl OnTerminal {
    /// A show, somehow started, and what comes after it.
    fn start(sandbox: &Sandbox, how: &str, then: &str) -> Option<OnTerminal> {
        let line = format!(
            "stty rows 24 cols 80; echo $$ > pid; {how} {} demo --days 400 --dir {} {then}",
            env!("CARGO_BIN_EXE_omega"),
            sandbox.path("kept").display(),
        );
        OnTerminal::of(sandbox, &line)
    }

    /// A line of a shell on a terminal; nothing, loudly, where there is no `script`.
    pub fn of(sandbox: &Sandbox, line: &str) -> Option<OnTerminal> {
        if Command::new("script").arg("--version").stdout(Stdio::null()).status().is_err() {
            println!("SKIPPED: no `script` (util-linux) to play the terminal");
            return None;
        }
        let mut child = Command::new("script")
            .args(["-qfec", line, "/dev/null"])
            .current_dir(&sandbox.0)
            .env("TERM", "xterm-256color")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, heard) = channel();
        let mut out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            let mut bytes = [0; 65_536];
            while let Ok(n @ 1..) = out.read(&mut bytes) {
                if sender.send(bytes[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keys = child.stdin.take();
        Some(OnTerminal { child, keys, heard, text: String::new() })
    }

    /// Everything it has said so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Hears what is there.
    pub fn listen(&mut self) {
        while let Ok(bytes) = self.heard.try_recv() {
            self.text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    pub fn wait_for(&mut self, what: &str) {
        self.wait_for_after(0, what);
    }

    pub fn wait_for_after(&mut self, from: usize, what: &str) {
        let started = Instant::now();
        while !self.text[from..].contains(what) {
            assert!(started.elapsed() < PATIENCE, "never saw {what:?} in {:?}", tail(&self.text));
            if let Ok(bytes) = self.heard.recv_timeout(Duration::from_millis(200)) {
                self.text.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
    }

    pub fn end(&mut self) -> i32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                while let Ok(bytes) = self.heard.recv_timeout(Duration::from_millis(500)) {
                    self.text.push_str(&String::from_utf8_lossy(&bytes));
                }
                return status.code().unwrap_or(-1);
            }
            assert!(started.elapsed() < PATIENCE, "it does not end: {:?}", tail(&self.text));
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for OnTerminal {
    fn drop(&mut self) {
        // A test that fails leaves nobody behind on a terminal; whoever has ended is not there to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            println!("the terminal showed last: {:?}", tail(&self.text));
        }
    }
}

fn tail(text: &str) -> &str {
    &text[text.floor_char_boundary(text.len().saturating_sub(1_500))..]
}

/// Columns that a line takes, without what colours it.
fn width(line: &str) -> usize {
    let mut parts = line.trim_end().split('\x1b');
    let first = parts.next().unwrap_or_default().chars().count();
    first + parts.map(|part| part.split_once('m').map_or(0, |(_, text)| text.chars().count())).sum::<usize>()
}

fn pid(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path("pid")).unwrap().trim().to_owned()
}

/// What every end of a show has left behind.
fn assert_kept(sandbox: &Sandbox) {
    for name in ["bars.csv", "mark.csv", "report.html", "report.json"] {
        assert!(sandbox.path("kept").join(name).is_file(), "{name} was not written");
    }
}

#[test]
fn a_key_and_ctrl_c_end_it_with_a_sane_terminal_and_the_report() {
    for keys in ["q", "\x03", "\t\t s+c?\x1b?\x03"] {
        let sandbox = Sandbox::new();
        let Some(mut show) = OnTerminal::start(&sandbox, "", "; echo CODE=$?; stty -a") else { return };
        show.wait_for("scalper");
        show.press(keys);
        assert_eq!(show.end(), 0);
        let shown = &show.text;
        let (up, down) = (shown.find(CURTAIN_UP), shown.rfind(CURTAIN_DOWN));
        assert!(up.is_some() && up < down, "the screen before the show is back");
        let after = &shown[down.unwrap()..];
        assert!(after.contains("\x1b[?25h"), "the cursor is back: {:?}", tail(shown));
        assert!(after.contains("CODE=0") && after.contains("report.html"), "{:?}", tail(shown));
        let tables = &after[after.find("Back-test of").expect("the summary is there")..];
        let wide: Vec<&str> =
            tables.lines().filter(|line| width(line) > 80 && !line.contains("omega-cli")).collect();
        assert!(wide.is_empty(), "an 80-column terminal breaks {wide:?}");
        let modes = after.split("CODE=0").nth(1).unwrap();
        for mode in ["icanon", "echo", "isig"] {
            let mut words = modes.split_whitespace();
            assert!(words.any(|word| word == mode), "{mode}: {modes:?}");
        }
        assert_kept(&sandbox);
    }
}

#[test]
fn a_signal_ends_it_with_the_report() {
    let sandbox = Sandbox::new();
    let Some(mut show) = OnTerminal::start(&sandbox, "exec", "") else { return };
    show.wait_for("scalper");
    assert!(Command::new("kill").args(["-TERM", &pid(&sandbox)]).status().unwrap().success());
    assert_eq!(show.end(), 0);
    assert!(show.text.contains(CURTAIN_DOWN), "{:?}", tail(&show.text));
    assert_kept(&sandbox);
}

#[test]
fn a_terminal_that_goes_away_ends_it_with_the_report() {
    let sandbox = Sandbox::new();
    let Some(mut show) = OnTerminal::start(&sandbox, "exec", "") else { return };
    show.wait_for("scalper");
    show.child.kill().unwrap();
    show.child.wait().unwrap();
    let process = Path::new("/proc").join(pid(&sandbox));
    let started = Instant::now();
    while process.exists() {
        assert!(started.elapsed() < PATIENCE, "it goes on without a terminal");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_kept(&sandbox);
}

#[test]
fn impatience_while_the_report_is_written_does_not_cost_it() {
    let sandbox = Sandbox::new();
    let Some(mut show) = OnTerminal::start(&sandbox, "exec", "") else { return };
    show.wait_for("scalper");
    show.press("q");
    show.wait_for(CURTAIN_DOWN);
    for _ in 0..3 {
        show.press("\x03");
        std::thread::sleep(Duration::from_millis(60));
    }
    assert_eq!(show.end(), 0, "{:?}", tail(&show.text));
    assert_kept(&sandbox);
    let names = std::fs::read_dir(sandbox.path("kept")).unwrap().map(|entry| entry.unwrap().file_name());
    let parts: Vec<_> = names.filter(|name| name.to_string_lossy().ends_with(".part")).collect();
    assert!(parts.is_empty(), "{parts:?}");
}

#[test]
fn a_show_that_is_stopped_leaves_the_screen_and_comes_back() {
    let sandbox = Sandbox::new();
    let Some(mut show) = OnTerminal::start(&sandbox, "exec", "") else { return };
    show.wait_for("scalper");
    let (process, script) = (pid(&sandbox), show.child.id().to_string());
    let kill = |words: &[&str]| assert!(Command::new("kill").args(words).status().unwrap().success());
    kill(&["-TSTP", &process]);
    let started = Instant::now();
    let state = || std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    while !state().contains(") T ") {
        assert!(started.elapsed() < PATIENCE, "it does not stop: {}", state());
        std::thread::sleep(Duration::from_millis(20));
    }
    // `script` stops with what it plays for.
    kill(&["-CONT", &script, &process]);
    show.wait_for(CURTAIN_DOWN);
    let stopped = show.text.find(CURTAIN_DOWN).unwrap();
    show.wait_for_after(stopped, CURTAIN_UP);
    show.wait_for_after(stopped, "scalper");
    show.press("q");
    assert_eq!(show.end(), 0, "{:?}", tail(&show.text));
    assert_kept(&sandbox);
}
