//! A farm that runs until somebody stops it: the wiring of shards, bus and history by role.
//!
//! It refuses to begin half of what was asked for: whatever cannot be had is told before anything trades.

mod alerts;
#[cfg(feature = "gateway")]
mod archive;
#[cfg(feature = "gateway")]
pub(crate) mod door;
mod drifted;
mod keeping;
pub(crate) mod keys;
mod logs;
mod opening;
mod reload;

use crate::commands::run::{Arguments, Role};
use crate::configured;
use crate::console::Console;
use crate::error::Failure;
use crate::market_files::MarketFiles;
use crate::prompt;
use crate::sky_flags::SkyFlags;
use config::{Config, Feed, Mode};
use control::Telemetry;
use cosmos::Sky;
use edge::exchange::Clock;
use keeping::Keeping;
use model::BarColumns;
use reload::{Reload, Takers};
use runtime::feed::Recorded;
use runtime::host::{Host, Wiring};
use runtime::shard::{Ended, Leaving, ShardPlan};
use runtime::wiring::MADE_FROM;
use runtime::{Historian, Wirer};
use secrets::{Fetcher, Source};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often it is looked whether it is to end.
const LOOK: Duration = Duration::from_millis(50);

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let environment = configured::environment();
    let written = configured::written(arguments.config.as_deref())?;
    let config = configured::read(&written, &environment).map_err(|faults| {
        let name = written.file.display().to_string();
        faults.iter().for_each(|fault| console.say(&fault.shown(&name)));
        Failure::input(format!("{} cannot be run", written.file.display()), "mend what is named above")
    })?;
    opening::check_money(&config, arguments.live)?;
    let ends = signals()?;
    let volume = logs::begin(&config);
    let file = (arguments.config.clone(), written.is_there);
    let mut reload = Reload::begin(file, environment.clone(), config.clone(), &ends, volume)?;
    let plays = |role| arguments.roles.is_empty() || arguments.roles.contains(&role);
    let ask = |_: Source| prompt::ask("passphrase of the encrypted file").ok().flatten();
    let mut fetcher = Fetcher::new(&environment, Path::new(&config.secrets.file), Box::new(ask));
    let read_bars = |config: &Config| bars_of_file(config, console).map_err(|failure| failure.to_string());
    let node = format!("{}-{}", hostname(), std::process::id());
    let (wiring, plans) = {
        let mut wirer = Wirer {
            config: &config,
            fetcher: &mut fetcher,
            read_bars: &read_bars,
            node: node.clone(),
            sky: sky_of(&config)?,
        };
        let plans = if plays(Role::Trader) { wirer.shards(&arguments.bots) } else { Ok(Vec::new()) };
        let mend = |error: runtime::BadWiring| {
            Failure::input(error.to_string(), "`omega config check` shows what is understood")
        };
        (wirer.wiring().map_err(mend)?, plans.map_err(mend)?)
    };
    fetcher.warnings().iter().for_each(|warning| console.warn(warning));
    opening::check_roles(&arguments.roles, &wiring)?;
    let directory = PathBuf::from(&config.farm.data_dir);
    std::fs::create_dir_all(&directory).map_err(|error| opening::no_directory(&directory, &error))?;
    let names: Vec<&ShardPlan> = plans.iter().map(|(_, plan)| plan).collect();
    opening::tell(&config, &names, console);
    opening::count_down(&config, &ends, console)?;
    let telemetry = Arc::new(Telemetry::default());
    let gateway = match plays(Role::Gateway) {
        true => Some(Office::open(&config, &mut fetcher, (&wiring, &node), &telemetry, console)?),
        false => None,
    };
    let (parts, longest) = ((&wiring, &telemetry), arguments.seconds.map(Duration::from_secs));
    let ended = live((&mut reload, gateway.as_ref()), plans, parts, &ends, longest, console);
    gateway.into_iter().for_each(Office::close);
    ended
}

/// What a gateway is: who keeps the history, and the door.
struct Office {
    historian: Historian,
    #[cfg(feature = "gateway")]
    door: gateway::Gateway,
}

impl Office {
    fn open(
        config: &Config,
        fetcher: &mut Fetcher<'_>,
        (wiring, node): (&Wiring, &str),
        telemetry: &Arc<Telemetry>,
        console: &Console,
    ) -> Result<Office, Failure> {
        let keeping = Keeping::of(config, fetcher)?;
        // What cannot be opened is told now, not by a thread later.
        keeping.open().map_err(|error| Failure::input(error.to_string(), "look at history in the file"))?;
        #[cfg(feature = "gateway")]
        let door = {
            let door = door::open(config, fetcher, wiring, node, (&keeping, telemetry))?;
            let scheme = if config.gateway.tls_cert_file.is_some() { "https" } else { "http" };
            console.say(&format!("  API at {scheme}://{} (`omega top`, `omega ctl help`)", door.address()));
            door
        };
        let open = Box::new(move || keeping.open());
        let historian = Historian::start(wiring, node, open, Arc::clone(telemetry));
        Ok(Office {
            historian,
            #[cfg(feature = "gateway")]
            door,
        })
    }

    /// Other rules of access from now on.
    fn set_rules(&self, config: &Config) {
        #[cfg(feature = "gateway")]
        self.door.set_rules(door::rules(config));
        #[cfg(not(feature = "gateway"))]
        let _nobody_comes_in = config;
    }

    fn close(self) {
        #[cfg(feature = "gateway")]
        self.door.leave();
        self.historian.stop();
    }
}

/// Set when somebody wants it to end.
fn signals() -> Result<Arc<AtomicBool>, Failure> {
    let ends = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // A second one ends it at once.
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&ends))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&ends)))
            .map_err(|error| Failure::input(error.to_string(), "let this user receive signals"))?;
    }
    Ok(ends)
}

fn hostname() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let name: String = name.trim().chars().filter(fits).take(40).collect();
    if name.is_empty() { "farm".to_owned() } else { name.to_lowercase() }
}

/// Lives until it is told to end.
fn live(
    (reload, office): (&mut Reload, Option<&Office>),
    plans: Vec<(farm::lease::ShardId, ShardPlan)>,
    (wiring, telemetry): (&Wiring, &Arc<Telemetry>),
    ends: &AtomicBool,
    longest: Option<Duration>,
    console: &Console,
) -> Result<(), Failure> {
    let shards = plans.len();
    let (ended, ends_of_sessions) = std::sync::mpsc::channel();
    let watch = drifted::Watch::begin(
        reload.file(),
        plans.iter().map(|(_, plan)| plan),
        (wiring, telemetry),
        ends_of_sessions,
    );
    let teller = logs::Teller::begin(wiring, logs::manners(&reload.config().notify));
    let accounts = plans.iter().flat_map(|(_, plan)| plan.names.accounts.clone()).collect();
    let witness = Arc::new(alerts::Logged { accounts, ended: Mutex::new(ended) });
    let host =
        Host::start(plans, wiring, witness, Arc::clone(telemetry)).map_err(|error| cannot_run(&error))?;
    let begun = Instant::now();
    let mut up = BTreeSet::new();
    while !ends.load(Ordering::Acquire)
        && longest.is_none_or(|longest| begun.elapsed() < longest)
        && !(shards > 0 && host.has_failed())
    {
        reload.tend(&Takers { host: &host, teller: &teller, office });
        match host.wait_up(LOOK) {
            Some(shard) if !host.has_failed() => {
                up.insert(shard.clone());
                tracing::info!(shard, "the shard is up ({} of {shards})", up.len());
            }
            _ => std::thread::sleep(LOOK),
        }
    }
    console.say("stopping");
    watch.stop();
    let ended = host.leave(Leaving::from(reload.config().farm.stop));
    teller.stop();
    for (shard, ended) in ended {
        match ended {
            Ok(Ended::AsTold | Ended::LostLease) => {
                tracing::info!(shard, "the shard has left");
                console.print(&format!("{shard}: left as told\n"))?;
            }
            Ok(Ended::Unfinished(what)) => {
                return Err(Failure::input(
                    format!("shard {shard} left before all was done: {what}"),
                    "look at the account, or start the farm again: it knows what it holds",
                ));
            }
            Err(error) => return Err(cannot_run(&error)),
        }
    }
    Ok(())
}

fn cannot_run(error: &runtime::BadHost) -> Failure {
    Failure::input(
        error.to_string(),
        "mend what is named, then start the farm again: it goes on where it was",
    )
}

fn bars_of_file(config: &Config, console: &Console) -> Result<Recorded, Failure> {
    let replay = &config.market.replay;
    let file = replay.file.as_ref().expect("checks refuse a replay without a file");
    let instrument = mock_bitget::instrument(&config.market.symbol).ok_or_else(|| {
        Failure::input(
            format!("{} is not known here", config.market.symbol),
            "set market.symbol to BTCUSDT or ETHUSDT",
        )
    })?;
    let files = MarketFiles {
        instrument,
        bars: PathBuf::from(file),
        path: None,
        funding: None,
        mark: None,
        from: replay.from,
        to: replay.to,
    };
    let history = files.load(console)?.history;
    let told = history.bars();
    let mut bars = BarColumns::new(told.interval);
    (0..told.len()).for_each(|at| bars.push(told.get(at)));
    Ok(Recorded { instrument: history.instrument().clone(), bars, marks: None, funding: Vec::new() })
}

/// The sky that a farm begins under: a year and more round its first instant.
fn sky_of(config: &Config) -> Result<Sky, Failure> {
    let first = match (is_at_exchange(config.farm.mode), config.market.feed) {
        (false, Feed::Generator) => MADE_FROM,
        (false, Feed::Replay) => config.market.replay.from.unwrap_or_else(Clock::wall),
        _ => Clock::wall(),
    };
    SkyFlags::default().sky(first, first)
}

/// Whether a mode trades at an exchange.
pub(crate) const fn is_at_exchange(mode: Mode) -> bool {
    matches!(mode, Mode::Demo | Mode::Live)
}
