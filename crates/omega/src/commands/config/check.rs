//! `omega config check`: what a file is understood as, or everything that is wrong with it, with its profiles and, where
//! asked, its secrets.
//!
//! It refuses to show a secret, and to write or start anything.

use crate::configured::{self, USUAL_FILE, Written};
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::{lineup, prompt};
use clap::Args;
use config::kinds::PersonaName;
use config::{BadConfig, Config, Environment, Place};
use secrets::{Fetcher, Source};
use std::path::{Path, PathBuf};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega config check\n  omega config check omega.toml --secrets  # needs a file and its secrets"
)]
pub(super) struct Arguments {
    /// The file [default: omega.toml, if it is there]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Fetch every secret as well, and say whether it is there
    #[arg(long)]
    secrets: bool,
    /// Print one JSON document instead
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let written = configured::written(arguments.file.as_deref())?;
    let environment = configured::environment();
    let read = configured::read(&written, &environment);
    if arguments.json {
        console.print(&report_json(&written, &read).document())?;
    } else {
        console.print(&match &read {
            Ok(config) => understood(&written, config),
            Err(faults) => told(&written.file, faults),
        })?;
    }
    let config = read.map_err(|faults| things_wrong(&written, faults.len()))?;
    for bot in &config.bot {
        if let PersonaName::File(profile) = &bot.persona {
            lineup::read_profile(Path::new(profile))?;
        }
    }
    if arguments.secrets { check_secrets(&config, &environment, console) } else { Ok(()) }
}

fn understood(written: &Written, config: &Config) -> String {
    let from = match written.is_there {
        true => format!("{} is right", written.file.display()),
        false => format!("there is no {USUAL_FILE}: what stands where nothing is written"),
    };
    format!("{from}\n\n{}", config.summary())
}

fn told(file: &Path, faults: &[BadConfig]) -> String {
    let name = file.display().to_string();
    faults.iter().map(|fault| fault.shown(&name)).collect::<Vec<_>>().join("\n")
}

fn things_wrong(written: &Written, count: usize) -> Failure {
    let things = if count == 1 { "one thing is".to_owned() } else { format!("{count} things are") };
    Failure::input(
        format!("{things} wrong in {} and its variables", written.file.display()),
        "mend what is named above; `omega config schema` says what each key takes",
    )
}

fn report_json(written: &Written, read: &Result<Config, Vec<BadConfig>>) -> Json {
    let fault = |fault: &BadConfig| {
        let (line, column, variable) = match &fault.place {
            Place::Text { line, column, .. } => (Some(*line), Some(*column), None),
            Place::Variable(name) => (None, None, Some(name)),
            Place::Missing => (None, None, None),
        };
        Json::object([
            ("line", Json::optional(line, Json::count)),
            ("column", Json::optional(column, Json::count)),
            ("variable", Json::optional(variable, Json::text)),
            ("key", Json::optional(fault.key.as_ref(), Json::text)),
            ("problem", Json::text(&fault.problem)),
            ("mend", Json::text(&fault.mend)),
        ])
    };
    let values = |config: &Config| {
        let entries = config.entries().into_iter();
        Json::Object(entries.map(|entry| (entry.path, Json::optional(entry.value, Json::text))).collect())
    };
    let faults = read.as_ref().err().map_or(&[][..], Vec::as_slice);
    Json::object([
        ("file", Json::text(written.file.display())),
        ("right", Json::Truth(faults.is_empty())),
        ("faults", Json::List(faults.iter().map(fault).collect())),
        ("values", Json::optional(read.as_ref().ok(), values)),
    ])
}

fn check_secrets(config: &Config, environment: &Environment, console: &Console) -> Result<(), Failure> {
    let ask = |_: Source| prompt::ask("passphrase of the encrypted file").ok().flatten();
    let mut fetcher = Fetcher::new(environment, Path::new(&config.secrets.file), Box::new(ask));
    let mut missing = 0_usize;
    for (key, reference) in configured::references(config) {
        match fetcher.fetch(&reference) {
            Ok(_) => console.say(&format!("{key}: {reference} is there")),
            Err(error) => {
                missing += 1;
                console.say(&format!("{key}: {error}"));
            }
        }
    }
    for warning in fetcher.warnings() {
        console.warn(warning);
    }
    match missing {
        0 => Ok(()),
        count => Err(Failure::input(
            format!("{count} secrets are not to be had"),
            "mend what is named above, one line each",
        )),
    }
}
