//! `omega personas check`: whether a profile's file is right, and everywhere it is wrong.
//!
//! It refuses to mend anything.

use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::lineup;
use clap::Args;
use persona::Profile;
use persona::profile::Fault;
use std::path::{Path, PathBuf};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega personas check patient.toml")]
pub(super) struct Arguments {
    /// The profile
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print one JSON document instead of lines
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let file = &arguments.file;
    let read = Profile::parse(&lineup::profile_text(file)?);
    let faults = read.as_ref().err().map_or(&[][..], |error| error.faults());
    if arguments.json {
        console.print(&report_json(file, faults).document())?;
    } else if let Ok(profile) = &read {
        console.print(&format!("{} is right: {} ({})\n", file.display(), profile.title, profile.name))?;
    } else {
        console.print(&faults.iter().map(|fault| line(file, fault)).collect::<String>())?;
    }
    match faults.len() {
        0 => Ok(()),
        count => {
            let things = if count == 1 { "one thing is" } else { &format!("{count} things are") };
            Err(Failure::input(
                format!("{things} wrong in {}", file.display()),
                "mend the lines named above; `omega personas show strategic` shows a profile that is right",
            ))
        }
    }
}

/// `mine.toml:10:12: risk.leverage is 9, above ...`: a form that editors know how to follow.
fn line(file: &Path, fault: &Fault) -> String {
    let key = fault.key.as_ref().map_or_else(String::new, |key| format!("{key} "));
    format!("{}:{}:{}: {key}{}\n", file.display(), fault.line, fault.column, fault.problem)
}

fn report_json(file: &Path, faults: &[Fault]) -> Json {
    let fault = |fault: &Fault| {
        Json::object([
            ("line", Json::count(fault.line)),
            ("column", Json::count(fault.column)),
            ("key", Json::optional(fault.key.as_ref(), Json::text)),
            ("problem", Json::text(&fault.problem)),
        ])
    };
    Json::object([
        ("file", Json::text(file.display())),
        ("right", Json::Truth(faults.is_empty())),
        ("faults", Json::List(faults.iter().map(fault).collect())),
    ])
}
