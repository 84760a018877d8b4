//! What is told and asked before a farm begins.
//!
//! It refuses real money that was asked for once only.

use super::is_at_exchange;
use crate::commands::run::Role;
use crate::console::Console;
use crate::error::Failure;
use config::{Config, Feed, Mode};
use runtime::host::Wiring;
use runtime::shard::ShardPlan;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Real money is asked for in the file and on the command line.
pub(super) fn check_money(config: &Config, live: bool) -> Result<(), Failure> {
    match (config.farm.mode, live) {
        (Mode::Live, false) => Err(Failure::usage(
            "the configuration asks for real money, and the command line does not",
            "add --live to trade it, or set farm.mode = \"paper\"",
        )),
        (Mode::Paper | Mode::Demo, true) => Err(Failure::usage(
            "--live asks for real money, and the configuration does not",
            "set farm.mode = \"live\" to trade it, or leave --live away",
        )),
        _ => Ok(()),
    }
}

/// A part of a farm needs a bus that others hear.
pub(super) fn check_roles(roles: &[Role], wiring: &Wiring) -> Result<(), Failure> {
    let is_whole = roles.is_empty() || (roles.contains(&Role::Trader) && roles.contains(&Role::Gateway));
    if is_whole || matches!(wiring, Wiring::Redis(_)) {
        return Ok(());
    }
    Err(Failure::usage(
        "one role of a farm alone hears nobody",
        "name a Redis (bus.host, or REDIS_HOST), or leave --roles away",
    ))
}

pub(super) fn no_directory(directory: &Path, error: &io::Error) -> Failure {
    Failure::input(
        format!("{} cannot be made ({error})", directory.display()),
        "name a directory this user may write to in farm.data_dir",
    )
}

/// What is about to run, in a few lines.
pub(super) fn tell(config: &Config, plans: &[&ShardPlan], console: &Console) {
    let market = &config.market;
    let source = match (is_at_exchange(config.farm.mode), market.feed) {
        (true, _) | (false, Feed::Bitget) => "Bitget".to_owned(),
        (false, Feed::Generator) => {
            format!(
                "a made market (seed {}, {} times real time)",
                market.generator.seed, market.generator.speed
            )
        }
        (false, Feed::Replay) => {
            format!(
                "{} ({} times real time)",
                market.replay.file.as_deref().unwrap_or("a file"),
                market.replay.speed
            )
        }
    };
    let money = match config.farm.mode {
        Mode::Paper => "on paper: no order leaves this machine",
        Mode::Demo => "with Bitget's demo money",
        Mode::Live => "WITH REAL MONEY",
    };
    console.say(&format!("{} trades {} {money}, from {source}", config.farm.name, market.symbol));
    for plan in plans {
        let bots: Vec<&str> = plan.names.bots.values().map(|(name, _)| name.as_str()).collect();
        let (shard, journal) = (&plan.names.shard, plan.journal.path().display());
        console.say(&format!("  {shard}: {} ({journal})", bots.join(", ")));
    }
}

/// Before the first order with real money, somebody may still say no.
pub(super) fn count_down(config: &Config, ends: &AtomicBool, console: &Console) -> Result<(), Failure> {
    if config.farm.mode != Mode::Live {
        return Ok(());
    }
    let risk = &config.risk;
    let share = |bps: Option<u32>| {
        bps.map_or_else(|| "none".to_owned(), |bps| format!("{:.2} %", f64::from(bps) / 100.0))
    };
    console.say(&format!(
        "  limits of the farm: daily loss {}, drawdown {}, exposure {}",
        share(risk.daily_loss_max_bps),
        share(risk.drawdown_max_bps),
        share(risk.exposure_max_bps)
    ));
    let until = Instant::now() + Duration::from_secs(u64::from(config.farm.live_confirm_s));
    console.say(&format!("real orders in {} s; Ctrl-C says no", config.farm.live_confirm_s));
    while Instant::now() < until {
        if ends.load(Ordering::Acquire) {
            return Err(Failure::input(
                "nothing was traded: somebody said no",
                "start it again when you are sure",
            ));
        }
        std::thread::sleep(super::LOOK);
    }
    Ok(())
}
