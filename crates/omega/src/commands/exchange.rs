//! `omega exchange check`: what an account at the exchange is, and whether the farm may trade it.
//!
//! It asks what a farm asks when it starts, and nothing else. It refuses to switch or send anything, to print a secret,
//! and to call an account fit of which it knows too little.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use clap::{Args, Subcommand};

pub(super) const COMMAND: Command = Command {
    name: "exchange",
    about: "An account at the exchange: what it is, and whether the farm may trade it",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Say what an account is and whether the farm may trade it
    Check(CheckArguments),
}

/// The flags of `check`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega exchange check  # needs a key in the environment
  omega exchange check --demo --symbol ETHUSDT --leverage 5  # needs a demo key
  omega exchange check --url http://127.0.0.1:8080 --key-file key.env --json  # needs `omega mock-exchange`

The key comes from EXCHANGE_API_KEY, EXCHANGE_API_SECRET and EXCHANGE_API_PASSPHRASE, or from a file with these three
as NAME=VALUE lines. Ends with 0 if the farm may trade the account, else with 1 after saying what to change.")]
pub(crate) struct CheckArguments {
    /// Everything at one address, as `omega mock-exchange` has it [default: Bitget's own]
    #[arg(long, value_name = "URL", conflicts_with_all = ["rest", "public", "private"])]
    pub url: Option<String>,
    /// REST at this address
    #[arg(long, value_name = "URL")]
    pub rest: Option<String>,
    /// Public sockets at this address
    #[arg(long, value_name = "URL")]
    pub public: Option<String>,
    /// Private sockets at this address
    #[arg(long, value_name = "URL")]
    pub private: Option<String>,
    /// Read the key from this file instead of the environment
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<std::path::PathBuf>,
    /// The exchange's demo: demo keys, no real money
    #[arg(long)]
    pub demo: bool,
    /// The contract the farm would trade
    #[arg(long, value_name = "SYMBOL", default_value = "BTCUSDT")]
    pub symbol: String,
    /// The position mode the farm is set up for [default: what the account has]
    #[arg(long, value_name = "MODE", value_parser = ["one_way", "hedge"])]
    pub position_mode: Option<String>,
    /// The margin mode the farm is set up for [default: what the symbol has]
    #[arg(long, value_name = "MODE", value_parser = ["cross", "isolated"])]
    pub margin_mode: Option<String>,
    /// The leverage the farm is set up for [default: what the symbol has]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=125))]
    pub leverage: Option<u16>,
    /// A permission of the key that is not known here and does no harm
    #[arg(long, value_name = "WORD")]
    pub harmless: Vec<String>,
    /// Accept a key that works from any address
    #[arg(long)]
    pub unbound: bool,
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub patience: u64,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[cfg(feature = "exchange")]
fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let Verb::Check(check) = &arguments.verb;
    crate::account_check::execute(check, console)
}

#[cfg(not(feature = "exchange"))]
fn execute(arguments: &Arguments, _: &Console) -> Result<(), Failure> {
    let Verb::Check(check) = &arguments.verb;
    let problem = format!("this build speaks to no exchange, so {} cannot be asked about", check.symbol);
    Err(Failure::input(problem, "build with `--features exchange`"))
}
