//! Everything that can go wrong at the command line, and what to do next about it.
//!
//! It refuses a failure without a hint. 1: the input or the machine; 2: the way omega was called; 70: omega itself is
//! wrong. A simulation has codes of its own: 127: the farm aborted; 128: somebody waits for ever; 129: something is wrong.

use backtest::RunError;
use data::DataError;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use thiserror::Error;

/// Why a command did not do what it was asked.
#[derive(Debug, Error)]
pub enum Failure {
    /// Values that do not fit together, or that nothing is called.
    #[error("{problem}")]
    Usage {
        /// What is wrong, naming the flag.
        problem: String,
        /// What to do next.
        hint: String,
    },
    /// A file of market history.
    #[error(transparent)]
    MarketFile(#[from] DataError),
    /// Any other input that cannot be used.
    #[error("{problem}")]
    Input {
        /// What is wrong, naming the file.
        problem: String,
        /// What to do next.
        hint: String,
    },
    /// A persona that cannot run on this history.
    #[error("{persona} cannot run: {source}")]
    Run {
        /// Who.
        persona: String,
        /// Why.
        source: RunError,
    },
    /// A result that could not be written.
    #[error("cannot write {}: {source}", file.display())]
    Write {
        /// Where.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A simulation in which something broke.
    #[error("{problem}")]
    Broken {
        /// What.
        problem: String,
        /// How to see it again.
        hint: String,
        /// 128: somebody waits for ever; 129: something is wrong.
        code: u8,
    },
    /// Standard output.
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
}

impl Failure {
    /// A value or a combination of values that is not possible.
    pub fn usage(problem: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::Usage { problem: problem.into(), hint: hint.into() }
    }

    /// Input that cannot be used.
    pub fn input(problem: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::Input { problem: problem.into(), hint: hint.into() }
    }

    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Failure::Usage { hint, .. } | Failure::Input { hint, .. } | Failure::Broken { hint, .. } => {
                hint.clone()
            }
            Failure::MarketFile(error) => error.hint(),
            Failure::Run { source: RunError::Frames(_), .. } => {
                "give one-minute bars, or leave this persona out with --persona".to_owned()
            }
            Failure::Run { source: RunError::Roster(_), .. } => {
                "name a strategy of this build in the profile: `omega personas` lists them".to_owned()
            }
            Failure::Write { .. } => "check that the directory exists, is writable and has room".to_owned(),
            Failure::Output(_) => "check where the output is redirected to and that there is room".to_owned(),
        }
    }

    /// The code the process ends with.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Usage { .. } => ExitCode::from(2),
            Failure::Broken { code, .. } => ExitCode::from(*code),
            _ => ExitCode::from(1),
        }
    }

    /// Whether the reader of our output has simply heard enough.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

const EXIT_BROKEN_INVARIANT: i32 = 70;
const EXIT_SIMULATION_ABORTED: i32 = 127;

std::thread_local! {
    /// The seed this thread simulates: an abort is then a finding, not a fault of the command.
    static SIMULATED: std::cell::Cell<Option<u64>> = const { std::cell::Cell::new(None) };
}

/// Says that whatever breaks in `work` is to be told with its seed.
pub fn simulating<R>(seed: u64, work: impl FnOnce() -> R) -> R {
    SIMULATED.set(Some(seed));
    let result = work();
    SIMULATED.set(None);
    result
}
const EXIT_DAMAGED_FILE: i32 = 1;

/// A broken invariant ends the process with two lines instead of a trace and a core file.
pub fn report_broken_invariants() {
    std::panic::set_hook(Box::new(|info| {
        if data::decoding() {
            // Where panics unwind, the importer turns this one into its own error.
            if cfg!(panic = "abort") {
                eprint_pair(
                    "a market file is damaged: its decoder gave up",
                    "fetch or export the file again; a transfer may have been cut off",
                );
                std::process::exit(EXIT_DAMAGED_FILE);
            }
            return;
        }
        let aborted = SIMULATED.get();
        let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        let message = info.payload_as_str().unwrap_or("an assertion failed").replace(['\n', '\r'], " ");
        if let Some(seed) = aborted {
            let problem = format!("seed {seed}: the farm aborted{place}: {message}");
            eprint_pair(&problem, &format!("`omega sim --seed {seed} --trace FILE` shows what led to it"));
            std::process::exit(EXIT_SIMULATION_ABORTED);
        }
        eprint_pair(
            &format!("omega broke one of its own rules{place}: {message}"),
            "this is a fault of omega, not of your input: please report this line with the command that led to it",
        );
        std::process::exit(EXIT_BROKEN_INVARIANT);
    }));
}

fn eprint_pair(problem: &str, hint: &str) {
    use io::Write;
    // Nobody is left to tell when stderr is closed as well.
    let _ = writeln!(io::stderr(), "error: {problem}\nhint: {hint}");
}
