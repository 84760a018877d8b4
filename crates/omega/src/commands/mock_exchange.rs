//! `omega mock-exchange`: a Bitget on this machine, for our adapter and for anybody's.
//!
//! It refuses an account that cannot be read before it listens, and to print anything but where it listens.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::market_files::MarketFiles;
use crate::parse;
use clap::{Args, ValueEnum};
use mock_bitget::{
    AccountSetup, BadSetup, Capture, Environment, Exchange, Generation, LockStep, SESSIONS_MAX, Scheduled,
    Setup, TICK,
};
use mock_server::{BadSpeed, BadState, Clock, Server, State};
use model::{BarColumns, Instrument, Interval, PositionMode, StateHash, Time};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub(super) const COMMAND: Command = Command {
    name: "mock-exchange",
    about: "Serve a Bitget that is not Bitget: REST and WebSocket, both API generations, a made or recorded market",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// When a made market in lock-step begins unless something else is asked for, so that a run repeats: 2026-01-01.
const START_IN_STEP: Time = Time(1_767_225_600_000);

/// What is traded unless something else is asked for.
const USUAL: [&str; 2] = ["BTCUSDT", "ETHUSDT"];

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega mock-exchange --account key:secret:passphrase:10000  # needs Ctrl-C to end\n  omega mock-exchange --listen 127.0.0.1:8080 --accounts accounts.toml --speed 10  # needs a file of accounts\n  omega mock-exchange --account k:s:p:1000 --generation v3 --position-mode hedge --generate seed=7  # needs Ctrl-C to end\n  omega mock-exchange --account k:s:p:1000 --bars bars.csv --lock-step  # needs Ctrl-C to end\n\nWith --bars or --capture the time is the file's, and the 91 days before it are made. In lock-step a client says {\"op\":\"lockstep\"} on its socket, hears {\"event\":\"step\",\"step\":N,\"at\":MS} behind the pushes of each step and says {\"op\":\"acknowledge\",\"step\":N} when the market may go on.\n\nOne JSON line says where it listens; it serves until it is interrupted."
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
    /// The market of a file of bars, in its own time
    #[arg(long, value_name = "FILE", conflicts_with = "generate")]
    bars: Option<PathBuf>,
    /// The market of a capture: lines of JSON, the pushes of `books` and `trade` of a V2 socket as they came
    #[arg(long, value_name = "FILE", conflicts_with_all = ["generate", "bars"])]
    capture: Option<PathBuf>,
    /// When a made market begins [default: now; in lock-step 2026-01-01]
    #[arg(long, value_name = "INSTANT", value_parser = parse::instant, conflicts_with_all = ["bars", "capture"])]
    start: Option<Time>,
    /// So many times as fast as time
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    speed: f64,
    /// Let the market wait until all sessions that joined have acknowledged, from so many on [default: 1]
    #[arg(long, value_name = "SESSIONS", num_args = 0..=1, default_missing_value = "1", conflicts_with = "speed", value_parser = clap::value_parser!(u16).range(1..=SESSIONS_MAX as i64))]
    lock_step: Option<u16>,
    /// How much of the market a step is, such as 1s or 1m [default: a bar of the file, or 250 ms]
    #[arg(long, value_name = "LENGTH", value_parser = parse::interval, requires = "lock_step")]
    step: Option<Interval>,
    /// Symbols that are traded [default: BTCUSDT,ETHUSDT; of a file BTCUSDT]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    symbols: Vec<String>,
    /// Keep what happens in this directory, and go on from what it holds
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Let go wrong what this TOML file says: tables of faults, each with `after_ms`, `fault` and what it takes
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
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
    let kept = arguments.state.as_deref().map(State::open).transpose().map_err(bad_state)?;
    let (mut state, lines) = kept.map_or((None, Vec::new()), |(state, lines)| (Some(state), lines));
    let origin = lines.first().map(|line| Origin::read(line)).transpose()?;
    let start = match &origin {
        Some(origin) => origin.start,
        None => first_clock(arguments)?.now(),
    };
    let setup = setup(arguments)?;
    let (mut exchange, market) = exchange(arguments, setup.clone(), start, console)?;
    exchange.set_limited(!arguments.unlimited);
    if let Some(sessions) = arguments.lock_step {
        exchange.set_lock_step(LockStep { sessions: usize::from(sessions), length: arguments.step });
    }
    let start = exchange.now();
    let asked = Origin::new(arguments, &exchange, &setup, start, market);
    match (origin, &mut state) {
        (Some(origin), _) => {
            origin.must_be(&asked)?;
            console.say(&format!("living {} entries again", lines.len() - 1));
            let repeated = exchange.repeat(lines[1..].iter().map(String::as_str));
            repeated.map_err(|bad| Failure::input(bad.to_string(), "name another directory with --state"))?;
        }
        (None, Some(state)) => state.append(&[asked.line()]).map_err(bad_state)?,
        (None, None) => {}
    }
    let reached = exchange.now();
    for scheduled in scheduled(arguments, start)?.into_iter().filter(|fault| fault.at >= reached) {
        exchange.schedule(scheduled);
    }
    let clock = clock_from(arguments, &exchange)?;
    let symbols = exchange.symbols();
    let server =
        Server::start_kept(arguments.listen, exchange, clock, state).map_err(|error| Failure::Input {
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
        "symbols": symbols,
    });
    console.print(&format!("{line}\n"))?;
    server.join().map_err(bad_state)
}

/// The faults of the file, counted from the exchange's beginning.
fn scheduled(arguments: &Arguments, start: Time) -> Result<Vec<Scheduled>, Failure> {
    let Some(file) = &arguments.faults else { return Ok(Vec::new()) };
    let text = fs::read_to_string(file).map_err(|error| {
        Failure::input(format!("cannot read {}: {error}", file.display()), "name a TOML file of faults")
    })?;
    Scheduled::from_toml(&text, start).map_err(|bad| {
        Failure::input(format!("{}: {bad}", file.display()), "the words are those of POST /mock/faults")
    })
}

fn bad_state(bad: BadState) -> Failure {
    Failure::input(bad.to_string(), "--state names the directory of one mock exchange")
}

fn bad_speed(bad: BadSpeed) -> Failure {
    Failure::usage(bad.to_string(), "--speed 1 is real time, --speed 60 a minute a second")
}

/// The clock of an exchange that has not begun.
fn first_clock(arguments: &Arguments) -> Result<Clock, Failure> {
    match (arguments.start, arguments.lock_step) {
        (Some(start), _) => Clock::starting_at(start, arguments.speed),
        (None, Some(_)) => Clock::starting_at(START_IN_STEP, arguments.speed),
        (None, None) => Clock::new(arguments.speed),
    }
    .map_err(bad_speed)
}

/// The clock of an exchange that has its market, and perhaps a life behind it: it never goes back.
fn clock_from(arguments: &Arguments, exchange: &Exchange) -> Result<Clock, Failure> {
    let reached = exchange.now();
    let file = arguments.bars.is_some() || arguments.capture.is_some();
    let of_its_own = file || arguments.start.is_some() || arguments.lock_step.is_some();
    let now = if of_its_own { reached } else { first_clock(arguments)?.now().max(reached) };
    Clock::starting_at(now, arguments.speed).map_err(bad_speed)
}

/// What tells a text from any other.
fn fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What an exchange began as: only the same beginning and the same entries make the same exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    start: Time,
    /// What else it follows from, by the flag that says so.
    flags: [(&'static str, String); 4],
}

impl Origin {
    fn new(arguments: &Arguments, exchange: &Exchange, setup: &Setup, start: Time, market: String) -> Origin {
        let accounts = fingerprint(&format!("{setup:?}"));
        let step = match (arguments.lock_step, arguments.step) {
            (None, _) => "none".to_owned(),
            (Some(_), None) => "a stretch".to_owned(),
            (Some(_), Some(step)) => step.to_string(),
        };
        let flags = [
            ("--accounts and --account", accounts),
            ("--bars, --capture or --generate", market),
            ("--lock-step and --step", step),
            ("--symbols", exchange.symbols().join(",")),
        ];
        Origin { start, flags }
    }

    fn line(&self) -> String {
        let flags: Vec<&str> = self.flags.iter().map(|flag| flag.1.as_str()).collect();
        json!({ "origin": LAYOUT, "start": self.start.0, "flags": flags }).to_string()
    }

    fn read(line: &str) -> Result<Origin, Failure> {
        let strange = || {
            let problem = "--state names a directory that this version has not written";
            Failure::input(
                problem,
                "name another directory, or end what was begun with the version that began it",
            )
        };
        let value: serde_json::Value = serde_json::from_str(line).map_err(|_| strange())?;
        let start = value["start"].as_i64().filter(|_| value["origin"] == LAYOUT).ok_or_else(strange)?;
        let text = |at: usize| value["flags"][at].as_str().map(str::to_owned).ok_or_else(strange);
        let names = [
            "--accounts and --account",
            "--bars, --capture or --generate",
            "--lock-step and --step",
            "--symbols",
        ];
        let [a, b, c, d] = names;
        Ok(Origin { start: Time(start), flags: [(a, text(0)?), (b, text(1)?), (c, text(2)?), (d, text(3)?)] })
    }

    fn must_be(&self, asked: &Origin) -> Result<(), Failure> {
        match self.flags.iter().zip(&asked.flags).find(|(kept, asked)| kept != asked) {
            None => Ok(()),
            Some(((flag, _), _)) => Err(Failure::usage(
                format!("the exchange in the directory of --state was begun with another {flag}"),
                format!("give the {flag} it was begun with, or name another directory with --state"),
            )),
        }
    }
}

/// Raised when an older log would not be lived again the same.
const LAYOUT: u32 = 1;

/// The exchange with the market that was asked for, and what makes that market another than others.
fn exchange(
    arguments: &Arguments,
    setup: Setup,
    now: Time,
    console: &Console,
) -> Result<(Exchange, String), Failure> {
    let seed = arguments.generate;
    let file = arguments.bars.as_deref().or(arguments.capture.as_deref());
    let Some(file) = file else {
        if arguments.step.is_some_and(|step| step.0 % TICK.0 != 0) {
            return Err(Failure::usage("--step: a made market has ticks of 250 ms", "give whole seconds"));
        }
        let names = if arguments.symbols.is_empty() {
            USUAL.map(str::to_owned).to_vec()
        } else {
            arguments.symbols.clone()
        };
        let instruments = names.iter().map(|name| instrument(name)).collect::<Result<Vec<_>, _>>()?;
        console.say("making 91 days of market");
        return Ok((Exchange::generated(instruments, setup, now, seed), format!("seed={seed}")));
    };
    let name = match &arguments.symbols[..] {
        [] => USUAL[0],
        [name] => name,
        names => {
            return Err(Failure::usage(
                format!("--symbols names {}, and a file is the market of one", names.join(", ")),
                "name the symbol of the file: --symbols BTCUSDT",
            ));
        }
    };
    let unusable =
        |bad: &dyn std::fmt::Display, hint: &str| Failure::input(format!("{}: {bad}", file.display()), hint);
    console.say("making the 91 days before the file: they are synthetic");
    if arguments.capture.is_some() {
        let instrument = instrument(name)?;
        let text =
            fs::read_to_string(file).map_err(|error| unusable(&error, "name a file of lines of JSON"))?;
        let capture = Capture::read(&text, &instrument).map_err(|bad| {
            unusable(&bad, "a capture is the pushes of `books` and `trade` of a V2 socket, a line each")
        })?;
        must_span(arguments.step, Interval::SECOND, file)?;
        let market = format!("capture {}", fingerprint(&text));
        let exchange = Exchange::captured(instrument, setup, capture, seed)
            .map_err(|bad| unusable(&bad, "capture for longer"))?;
        return Ok((exchange, market));
    }
    let (instrument, bars) = bars_of(file, instrument(name)?, console)?;
    must_span(arguments.step, bars.interval, file)?;
    let mut hash = StateHash::default();
    [&bars.open, &bars.high, &bars.low, &bars.close].iter().for_each(|column| {
        column.iter().for_each(|price| hash.int(price.0));
    });
    let market = format!("{} bars from {}, {:016x}", bars.len(), bars.open_time[0], hash.finish());
    let exchange = Exchange::recorded(instrument, setup, bars, seed)
        .map_err(|bad| unusable(&bad, "see `omega data info` for what it holds"))?;
    Ok((exchange, market))
}

/// A step is at least a stretch of the market.
fn must_span(step: Option<Interval>, stretch: Interval, file: &Path) -> Result<(), Failure> {
    match step {
        Some(step) if step < stretch => Err(Failure::usage(
            format!("--step is shorter than what {} is told by, which is {stretch}", file.display()),
            "leave --step out for one of these a step, or give a longer one",
        )),
        _ => Ok(()),
    }
}

/// The bars of a file, and the instrument with a tick as fine as theirs.
fn bars_of(
    file: &Path,
    instrument: Instrument,
    console: &Console,
) -> Result<(Instrument, BarColumns), Failure> {
    let (bars, path, funding, mark, from, to) = (file.to_owned(), None, None, None, None, None);
    let history = MarketFiles { instrument, bars, path, funding, mark, from, to }.load(console)?.history;
    let lent = history.bars();
    let mut bars = BarColumns::new(lent.interval);
    (0..lent.len()).for_each(|index| bars.push(lent.get(index)));
    Ok((history.instrument().clone(), bars))
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
