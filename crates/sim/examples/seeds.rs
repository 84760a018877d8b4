//! `cargo run -p sim --example seeds -- N [FROM] [all|trace|shrink]`: N seeds; what broke first is the exit code. `all` goes on behind it
//! and says how often each fault struck, `trace` tells every step,
//! `shrink` makes what broke small.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool at the edge, not the crate")]

use model::PositionMode;
use sim::{Bytes, Counter, Dialect, Fault, Generation, Settings, Tally, Topology, run, run_traced, shrink};
use std::collections::BTreeMap;

/// `wired`, `minutes=90`, `kind=2` (a laptop with two bots, nothing breaks), `account=v3-hedge`.
fn settings(seed: u64, words: &[String]) -> Settings {
    let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key));
    let mut settings =
        if words.iter().any(|word| word == "wired") { Settings::wired(seed) } else { Settings::of(seed) };
    if let Some(bots) = value("kind=") {
        let topology = Topology::laptop(1, bots.parse().expect("a number of bots"));
        settings = Settings { counter: settings.counter, ..Settings::kind(seed, topology) };
    }
    if let Some(minutes) = value("minutes=") {
        settings.minutes = minutes.parse().expect("a number of minutes");
    }
    if let Some(account) = value("account=") {
        let generation = if account.starts_with("v2") { Generation::V2 } else { Generation::V3 };
        let position = if account.ends_with("hedge") { PositionMode::Hedge } else { PositionMode::OneWay };
        settings.counter = Counter::Bitget(Some(Dialect { generation, position }));
    }
    for fault in Fault::ALL {
        if words.iter().any(|word| word.strip_prefix("no-") == Some(fault.name())) {
            settings.muted.kinds.insert(fault);
        }
    }
    settings
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, usual| words.get(at).and_then(|word| word.parse::<u64>().ok()).unwrap_or(usual);
    let (seeds, from, says) =
        (number(0, 200), number(1, 0), |word: &str| words.iter().any(|said| said == word));
    let (mut code, mut faults, mut whole) = (0, Tally::default(), Bytes::default());
    let mut refused: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in from..from + seeds {
        let settings = settings(seed, &words);
        let outcome = if says("trace") && !says("shrink") {
            run_traced(&settings, &mut |line| println!("{line}"))
        } else {
            run(&settings)
        };
        if says("wired") {
            let sim::Outcome { minutes, orders, bytes, fills, .. } = outcome;
            println!("seed {seed}: {minutes} minutes, {orders} orders, {fills} fills, {bytes:?}");
            whole = whole.plus(bytes);
        }
        faults = faults.plus(&outcome.faults);
        outcome.refused().for_each(|(name, count)| *refused.entry(name).or_default() += count);
        if says("shrink")
            && let Some(shrunk) = shrink(&settings, 400)
        {
            shrunk.strikes.iter().for_each(|strike| println!("{strike}"));
            println!("{} runs, {} minutes: {}", shrunk.runs, shrunk.settings.minutes, shrunk.broken);
            if says("trace") {
                run_traced(&shrunk.settings, &mut |line| println!("{line}"));
            }
        }
        if let Some(broken) = outcome.broken {
            println!("seed {seed}: {broken}");
            code = if code == 0 { i32::from(broken.exit_code()) } else { code };
            if !says("all") {
                break;
            }
        }
    }
    if says("all") {
        println!("{whole:?}");
        Fault::ALL.iter().for_each(|fault| println!("{:<20}{:>10}", fault.name(), faults.of(*fault)));
        refused.iter().for_each(|(name, count)| println!("{name:<24}{count:>10}"));
    }
    if code == 0 {
        println!("{seeds} seeds are clean");
    }
    std::process::exit(code);
}
