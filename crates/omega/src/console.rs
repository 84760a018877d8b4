//! The terminal: data to stdout, talk to stderr, progress and colour only where a person is looking.
//!
//! It refuses colour when NO_COLOR is set, when stdout is not a terminal, and on a dumb terminal; and anything on
//! stdout that is not the command's result.

use crate::error::Failure;
use crate::table::Paper;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// Where this process speaks.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    colour: bool,
    progress: bool,
}

impl Console {
    /// As the process was started.
    pub fn of_process() -> Console {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        Console {
            colour: io::stdout().is_terminal() && set("NO_COLOR").is_none() && !dumb,
            progress: io::stderr().is_terminal() && !dumb,
        }
    }

    /// The same without progress bars: for programs.
    pub fn quiet(self) -> Console {
        Console { progress: false, ..self }
    }

    /// Whether tables may be coloured.
    pub fn has_colour(&self) -> bool {
        self.colour
    }

    /// Columns and rows of the terminal, where stdout is one.
    pub fn size(&self) -> Option<(u16, u16)> {
        if io::stdout().is_terminal() { ratatui::crossterm::terminal::size().ok() } else { None }
    }

    /// What tables are written on: a terminal's width is theirs.
    pub fn paper(&self) -> Paper {
        Paper::new(self.colour, self.size().map(|(columns, _)| columns))
    }

    /// Prints the command's result.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::Output)
    }

    /// Says something that is not the result.
    pub fn say(&self, text: &str) {
        // Talk that nobody can hear is not an error.
        let _ = writeln!(io::stderr(), "{}", one_line(text));
    }

    /// Says something that a reader of the result must know.
    pub fn warn(&self, text: &str) {
        self.say(&format!("warning: {text}"));
    }

    /// Says why there is no result.
    pub fn complain(&self, problem: &str, hint: &str) {
        self.say(&format!("error: {problem}"));
        self.say(&format!("hint: {hint}"));
    }

    /// A bar of so many steps.
    pub fn progress(&self, steps: usize) -> Progress {
        if !self.progress {
            return Progress(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len} {msg}, {elapsed}")
            .expect("the template is well-formed")
            .progress_chars("=> ");
        let bar = ProgressBar::new(steps as u64).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress(bar)
    }
}

/// A progress bar, or nothing where nobody looks.
pub struct Progress(ProgressBar);

impl Progress {
    /// The next step has begun.
    pub fn begin(&self, step: impl Into<String>) {
        let step: String = step.into();
        self.0.set_message(step);
    }

    /// The step is done.
    pub fn done(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A file's name may hold a line break or worse; a message is one line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
