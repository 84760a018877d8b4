//! What clap has to say about the arguments, as our one `error:` and one `hint:` line.
//!
//! It refuses to print a page of usage at somebody who made a typing error; `--help` prints that.

use crate::console::Console;
use crate::parse::Refused;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use model::nearest::edits;
use std::error::Error;
use std::process::ExitCode;

/// Reports a refused command line, or prints the help or version that was asked for.
pub fn report(error: &clap::Error, console: &Console) -> ExitCode {
    if !error.use_stderr() {
        // Help into a closed pipe is no failure.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let rendered = error.render().to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let command = command(&rendered).unwrap_or_else(|| "omega".to_owned());
        let hint = format!("`{command} --help` lists them; `omega demo` shows the main one");
        console.complain("no command was given", &hint);
        return ExitCode::from(2);
    }
    console.complain(&problem(&rendered), &hint(error, &rendered));
    exit_code()
}

/// A simulation's codes above 100 say what broke, so that scripts tell it from 1: the simulation was not run.
fn exit_code() -> ExitCode {
    let command = typed(&crate::commands::cli(), std::env::args().skip(1));
    ExitCode::from(if command == "omega sim" { 1 } else { 2 })
}

/// The first paragraph in one line: clap puts missing flags on lines of their own.
fn problem(rendered: &str) -> String {
    let paragraph = rendered.split("\n\n").next().unwrap_or(rendered);
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

fn hint(error: &clap::Error, rendered: &str) -> String {
    if let Some(refused) = error.source().and_then(|source| source.downcast_ref::<Refused>()) {
        return refused.hint.clone();
    }
    for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue] {
        match error.get(kind) {
            Some(ContextValue::String(meant)) => return format!("did you mean {meant}?"),
            Some(ContextValue::Strings(meant)) if !meant.is_empty() => {
                return format!("did you mean {}?", fewest_edits(error, meant).join(" or "));
            }
            _ => {}
        }
    }
    // A refused value comes without a line of usage: what was typed says which command it was.
    let typed = || typed(&crate::commands::cli(), std::env::args().skip(1));
    let command = command(rendered).unwrap_or_else(typed);
    format!("`{command} --help` shows what it takes")
}

/// Of what may be meant that which is nearest: who misspells `backtest` does not mean `access`.
fn fewest_edits<'a>(error: &clap::Error, meant: &'a [String]) -> Vec<&'a str> {
    let kinds = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg, ContextKind::InvalidValue];
    let written = kinds.into_iter().find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(written)) => Some(written.as_str()),
        _ => None,
    });
    let far = |word: &str| edits(written.unwrap_or_default(), word);
    let fewest = meant.iter().map(|word| far(word)).min().unwrap_or(0);
    meant.iter().map(String::as_str).filter(|word| far(word) == fewest).collect()
}

/// `omega data info` out of `Usage: omega data info [OPTIONS] <FILE>`.
fn command(rendered: &str) -> Option<String> {
    let usage = rendered.lines().find_map(|line| line.strip_prefix("Usage: "))?;
    let words = usage.split_whitespace().take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()));
    let command = words.collect::<Vec<_>>().join(" ");
    (!command.is_empty()).then_some(command)
}

/// The command that the words of a line lead to, as far as they name one.
fn typed(root: &clap::Command, words: impl Iterator<Item = String>) -> String {
    let (mut at, mut command) = (root, root.get_name().to_owned());
    for word in words.filter(|word| !word.starts_with('-')) {
        let Some(next) = at.find_subcommand(&word) else { break };
        at = next;
        command = format!("{command} {}", next.get_name());
    }
    command
}
