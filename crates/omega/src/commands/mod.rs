//! The commands. A new one is one file here, its `mod` line and its line in `COMMANDS`; its examples are in its
//! `after_help`, and `omega docs` makes its page in `docs/commands`.
//!
//! A command refuses to print anything on stdout but its result.

// tidy: list-of .
pub(crate) mod access;
pub(crate) mod audit;
mod backtest;
mod config;
mod cosmos;
pub(crate) mod ctl;
mod data_file;
mod demo;
mod docs;
pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod exchange;
pub(crate) mod history;
mod metrics;
mod mock_exchange;
mod personas;
mod pnl;
mod replay;
mod report;
#[cfg(feature = "run")]
pub(crate) mod run;
mod secrets;
mod sim;
mod study;
pub(crate) mod token;
pub(crate) mod top;

use crate::console::Console;
use crate::error::Failure;
use clap::ArgMatches;

/// Every command, in the order of the help.
// tidy: list-of .
const COMMANDS: &[Command] = &[
    demo::COMMAND,
    #[cfg(feature = "run")]
    run::COMMAND,
    backtest::COMMAND,
    report::COMMAND,
    replay::COMMAND,
    drift::COMMAND,
    history::COMMAND,
    metrics::COMMAND,
    data_file::COMMAND,
    personas::COMMAND,
    cosmos::COMMAND,
    study::COMMAND,
    sim::COMMAND,
    exchange::COMMAND,
    mock_exchange::COMMAND,
    pnl::COMMAND,
    top::COMMAND,
    ctl::COMMAND,
    access::COMMAND,
    token::COMMAND,
    audit::COMMAND,
    config::COMMAND,
    secrets::COMMAND,
    doctor::COMMAND,
    docs::COMMAND,
];

/// One command.
struct Command {
    /// As it is typed.
    name: &'static str,
    /// One sentence.
    about: &'static str,
    /// Its flags.
    arguments: fn(clap::Command) -> clap::Command,
    /// What it does.
    run: fn(&ArgMatches, &Console) -> Result<(), Failure>,
}

/// The command line as a whole.
pub fn cli() -> clap::Command {
    let cli = clap::Command::new("omega")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Omega Bot Farm: back-tests personas that trade Bitcoin futures, exactly and fast")
        .after_help(
            "Start with `omega demo`. Data go to stdout, talk to stderr; NO_COLOR switches colour off.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true);
    COMMANDS.iter().fold(cli, |cli, command| {
        let described = clap::Command::new(command.name).about(command.about);
        cli.subcommand((command.arguments)(described).about(command.about))
    })
}

/// Runs the command that was named.
pub fn run(matches: &ArgMatches, console: &Console) -> Result<(), Failure> {
    let (name, arguments) = matches.subcommand().expect("clap requires a command");
    let command =
        COMMANDS.iter().find(|command| command.name == name).expect("clap knows the listed ones only");
    (command.run)(arguments, console)
}

/// The flags of a command out of what clap matched.
fn arguments<A: clap::FromArgMatches>(matches: &ArgMatches) -> A {
    A::from_arg_matches(matches).expect("clap checked the flags when it matched them")
}

/// What a build without a gateway says.
#[cfg(not(feature = "gateway"))]
fn without_gateway(what: &str) -> Failure {
    Failure::input(format!("this build has no gateway, so {what}"), "build with `--features gateway`")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::cli().debug_assert();
    }
}
