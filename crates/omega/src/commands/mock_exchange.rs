//! `omega mock-exchange`: a Bitget on this machine, for our adapter and for anybody's.
//!
//! It refuses an account that cannot be read before it listens, and to print anything but where it listens.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use clap::{Args, ValueEnum};
use mock_bitget::{AccountSetup, BadSetup, Environment, Exchange, Generation, Setup};
use mock_server::{Clock, Server};
use model::{Instrument, PositionMode};
use serde_json::json;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "mock-exchange",
    about: "Serve a Bitget that is not Bitget: REST and WebSocket, both API generations, a made market",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega mock-exchange --account key:secret:passphrase:10000  # needs Ctrl-C to end\n  omega mock-exchange --listen 127.0.0.1:8080 --accounts accounts.toml --speed 10  # needs a file of accounts\n  omega mock-exchange --account k:s:p:1000 --generation v3 --position-mode hedge --generate seed=7  # needs Ctrl-C to end\n\nOne JSON line says where it listens; it serves until it is interrupted."
)]
struct Arguments {
    /// Listen here; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Read the accounts from this TOML file
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// Open an account; may be given more than once
    #[arg(long, value_name = "KEY:SECRET:PASSPHRASE:BALANCE_USDT")]
    account: Vec<String>,
    /// API generation of the accounts given by --account
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = Family::V2)]
    generation: Family,
    /// Position mode of the accounts given by --account
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Mode::OneWay)]
    position_mode: Mode,
    /// Make the accounts given by --account demo accounts: requests carry `paptrading: 1`
    #[arg(long)]
    demo: bool,
    /// The made market
    #[arg(long, value_name = "seed=N", default_value = "seed=7", value_parser = seed)]
    generate: u64,
    /// So many times as fast as time
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    speed: f64,
    /// Symbols that are traded
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "BTCUSDT,ETHUSDT")]
    symbols: Vec<String>,
    /// Do not count requests against their limits
    #[arg(long)]
    unlimited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Family {
    V2,
    V3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Mode {
    OneWay,
    Hedge,
}

fn seed(text: &str) -> Result<u64, String> {
    let number = text.strip_prefix("seed=").ok_or("write seed= and a number, as in seed=7")?;
    number.parse().map_err(|_| format!("`{number}` is no whole number"))
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let instruments = arguments.symbols.iter().map(|name| instrument(name)).collect::<Result<Vec<_>, _>>()?;
    let setup = setup(arguments)?;
    let clock = Clock::new(arguments.speed).map_err(|bad| Failure::Usage {
        problem: bad.to_string(),
        hint: "--speed 1 is real time, --speed 60 a minute a second".to_owned(),
    })?;
    console.say("making 91 days of market");
    let mut exchange = Exchange::generated(instruments, setup, clock.now(), arguments.generate);
    exchange.set_limited(!arguments.unlimited);
    let server = Server::start(arguments.listen, exchange, clock).map_err(|error| Failure::Input {
        problem: format!("cannot listen at {}: {error}", arguments.listen),
        hint: "choose another port, or port 0 for any free one".to_owned(),
    })?;
    let urls = server.urls();
    let [v2_public, v2_private] = &urls.v2;
    let [v3_public, v3_private] = &urls.v3;
    let line = json!({
        "rest": urls.rest,
        "v2": { "public": v2_public, "private": v2_private },
        "v3": { "public": v3_public, "private": v3_private },
        "symbols": arguments.symbols,
    });
    console.print(&format!("{line}\n"))?;
    server.join();
    Ok(())
}

fn instrument(name: &str) -> Result<Instrument, Failure> {
    match name {
        "BTCUSDT" => Ok(mock_bitget::btcusdt()),
        "ETHUSDT" => Ok(mock_bitget::ethusdt()),
        other => Err(Failure::Usage {
            problem: format!("no symbol is called `{other}`"),
            hint: "there are BTCUSDT and ETHUSDT: --symbols BTCUSDT,ETHUSDT".to_owned(),
        }),
    }
}

fn setup(arguments: &Arguments) -> Result<Setup, Failure> {
    let bad = |error: BadSetup| Failure::Usage {
        problem: error.to_string(),
        hint: "see `omega mock-exchange --help` for an account of each kind".to_owned(),
    };
    let mut accounts = match &arguments.accounts {
        None => Vec::new(),
        Some(file) => {
            let text = fs::read_to_string(file).map_err(|error| Failure::Input {
                problem: format!("cannot read {}: {error}", file.display()),
                hint: "name a TOML file with an [[account]] table for each account".to_owned(),
            })?;
            Setup::from_toml(&text).map_err(bad)?.accounts
        }
    };
    for text in &arguments.account {
        let account = AccountSetup::short(accounts.len(), text).map_err(bad)?;
        accounts.push(AccountSetup {
            generation: match arguments.generation {
                Family::V2 => Generation::V2,
                Family::V3 => Generation::V3,
            },
            position: match arguments.position_mode {
                Mode::OneWay => PositionMode::OneWay,
                Mode::Hedge => PositionMode::Hedge,
            },
            environment: if arguments.demo { Environment::Demo } else { Environment::Live },
            ..account
        });
    }
    Setup { accounts }.checked().map_err(bad)
}
