//! `omega sim`: the whole farm under a seed, broken in every way there is, and held to what must never break.
//!
//! It refuses to stop at the first failure it sees of many, and to shrink more than one.

use super::Command;
use crate::console::Console;
use crate::error::{self, Failure};
use crate::json::Json;
use crate::{figures, parallel};
use clap::Args;
use sim::{Bytes, DAY_MINUTES, Fault, Outcome, Settings, Shrunk, Tally, run, run_traced, shrink};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

pub(super) const COMMAND: Command = Command {
    name: "sim",
    about: "Break the farm in every way under a seed, and check what must never break",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega sim --seed 7\n  omega sim --seed 7 --trace trace.txt\n  omega sim --seeds 8 --jobs 2 --json\n  omega sim --seed 7 --shrink\n  omega sim --seed 7 --wired\n\nExit codes: 0 clean, 1 called wrongly, 127 the farm aborted, 128 somebody waits for ever, 129 something is wrong"
)]
struct Arguments {
    /// Run this seed
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// Run so many seeds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    seeds: Option<u64>,
    /// The first of them
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    from: u64,
    /// Days of each run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
    /// Put Bitget's bytes between farm and venue: the adapter on one side, the mock exchange on the other
    #[arg(long)]
    wired: bool,
    /// Runs side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Write a line for each step here; of one seed
    #[arg(long, value_name = "FILE", requires = "seed")]
    trace: Option<PathBuf>,
    /// Make a failing seed small: the fewest faults that still break it, a line each
    #[arg(long, requires = "seed", conflicts_with = "json")]
    shrink: bool,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let started = Instant::now();
    let first = arguments.seed.unwrap_or(arguments.from);
    let count = arguments.seed.map_or(arguments.seeds.unwrap_or(1), |_| 1);
    let of = if arguments.wired { Settings::wired } else { Settings::of };
    let settings = |seed| Settings { minutes: arguments.days * DAY_MINUTES, ..of(seed) };
    if arguments.shrink {
        return shrunk(&settings(first), arguments, console);
    }
    let outcomes = match &arguments.trace {
        Some(file) => vec![traced(&settings(first), file)?],
        None => {
            let console = if arguments.json { console.quiet() } else { *console };
            let total = usize::try_from(count).expect("clap bounds it");
            let progress = console.progress(total);
            progress.begin("simulating");
            let jobs = arguments.jobs.map_or_else(parallel::cores, usize::from);
            parallel::map_on(jobs, total, |i| {
                let seed = first + i as u64;
                let outcome = error::simulating(seed, || run(&settings(seed)));
                progress.done();
                outcome
            })
        }
    };
    let whole = Whole::of(&outcomes, started.elapsed().as_secs_f64());
    console.print(&if arguments.json { whole.json().document() } else { whole.text() })?;
    verdict(&outcomes, arguments)
}

/// Runs that a shrinking may take.
const SHRINKING_RUNS_MAX: u32 = 600;

fn shrunk(settings: &Settings, arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let seed = settings.seed;
    let Some(shrunk) = error::simulating(seed, || shrink(settings, SHRINKING_RUNS_MAX)) else {
        return console.print(&format!("seed {seed} is clean: there is nothing to make small\n"));
    };
    let Shrunk { settings, strikes, broken, runs } = shrunk;
    let mut text: String = strikes.iter().map(|strike| format!("{strike}\n")).collect();
    let left = figures::count(i128::from(strikes.len() as u64));
    text.push_str(&format!("{left} faults in {} minutes are left after {runs} runs\n", settings.minutes));
    console.print(&text)?;
    if let Some(file) = &arguments.trace {
        traced(&settings, file)?;
    }
    let hint = "`--trace FILE` beside `--shrink` writes every step of what is left".to_owned();
    Err(Failure::Broken { problem: format!("seed {seed}: {broken}"), hint, code: broken.exit_code() })
}

fn traced(settings: &Settings, file: &Path) -> Result<Outcome, Failure> {
    let wrong = |source| Failure::Write { file: file.to_owned(), source };
    let mut out = BufWriter::new(File::create(file).map_err(wrong)?);
    let mut failed = None;
    let outcome = error::simulating(settings.seed, || {
        run_traced(settings, &mut |line| {
            // What led to an abort must be on the disk when it comes.
            if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
                failed.get_or_insert(error);
            }
        })
    });
    failed.map_or(Ok(outcome), |error| Err(wrong(error)))
}

/// The first that broke speaks for all.
fn verdict(outcomes: &[Outcome], arguments: &Arguments) -> Result<(), Failure> {
    let broken = outcomes.iter().find_map(|outcome| Some((outcome.seed, outcome.broken.as_ref()?)));
    match broken {
        Some((seed, broken)) => Err(Failure::Broken {
            problem: format!("seed {seed}: {broken}"),
            hint: format!(
                "`omega sim --seed {seed} --days {}{} --shrink` finds what led to it",
                arguments.days,
                if arguments.wired { " --wired" } else { "" }
            ),
            code: broken.exit_code(),
        }),
        None => Ok(()),
    }
}

/// All runs together.
struct Whole {
    seeds: usize,
    failed: usize,
    days: f64,
    orders: u64,
    fills: u64,
    too_late: u64,
    seats: u64,
    naked_s: u64,
    bytes: Bytes,
    faults: Tally,
    /// By name, those of the farm's gate first, then those of the venue.
    refusals: Vec<(&'static str, u64)>,
    elapsed_s: f64,
}

impl Whole {
    fn of(outcomes: &[Outcome], elapsed_s: f64) -> Whole {
        let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum();
        Whole {
            seeds: outcomes.len(),
            failed: outcomes.iter().filter(|outcome| outcome.broken.is_some()).count(),
            days: outcomes.iter().map(|outcome| outcome.minutes as f64).sum::<f64>() / 1_440.0,
            orders: sum(|outcome| outcome.orders),
            fills: sum(|outcome| outcome.fills),
            too_late: sum(|outcome| outcome.too_late),
            seats: sum(|outcome| outcome.seats),
            refusals: refusals(outcomes),
            naked_s: outcomes.iter().map(|outcome| outcome.naked_s).max().unwrap_or(0),
            bytes: outcomes.iter().fold(Bytes::default(), |bytes, outcome| bytes.plus(outcome.bytes)),
            faults: outcomes.iter().fold(Tally::default(), |faults, outcome| faults.plus(&outcome.faults)),
            elapsed_s,
        }
    }

    fn text(&self) -> String {
        let count = |n: u64| figures::count(i128::from(n));
        let mut text = format!(
            "{} seeds, {} broken; {:.1} simulated days in {:.1} s\n  requests   {}, {} too late to be carried out\n  fills      {}\n  seats      {}\n  no stop    {} s at the longest\n  faults\n",
            count(self.seeds as u64),
            count(self.failed as u64),
            self.days,
            self.elapsed_s,
            count(self.orders),
            count(self.too_late),
            count(self.fills),
            count(self.seats),
            self.naked_s
        );
        if self.bytes != Bytes::default() {
            let Bytes { calls, frames, unacknowledged, rungs, broken, adapters, .. } = self.bytes;
            let (calls, frames) = (count(calls), count(frames));
            let (unacknowledged, broken) = (count(unacknowledged), count(broken));
            let (rungs, adapters) = (count(rungs), count(adapters));
            text.truncate(text.len() - "  faults\n".len());
            text.push_str(&format!(
                "  bytes      {calls} calls, {frames} frames, {broken} broken sockets, {adapters} adapters\n  orders     {unacknowledged} taken without a word, {rungs} rungs\n  faults\n"
            ));
        }
        let line = |name: &str, n| format!("    {:<24} {:>12}\n", name.replace('_', " "), count(n));
        text.extend(Fault::ALL.map(|fault| line(fault.name(), self.faults.of(fault))));
        text.push_str("  refusals\n");
        text.extend(self.refusals.iter().filter(|(_, n)| *n > 0).map(|(name, n)| line(name, *n)));
        text
    }

    fn json(&self) -> Json {
        let faults = Fault::ALL.map(|fault| (fault.name().to_owned(), Json::tally(self.faults.of(fault))));
        let refusals = self.refusals.iter().map(|(name, n)| ((*name).to_owned(), Json::tally(*n)));
        Json::object([
            ("seeds", Json::count(self.seeds)),
            ("failed", Json::count(self.failed)),
            ("simulated_days", Json::Number(self.days)),
            ("crashes", Json::tally(self.faults.of(Fault::Crash))),
            ("faults", Json::Object(faults.into())),
            ("refusals", Json::Object(refusals.collect())),
            ("orders", Json::tally(self.orders)),
            ("elapsed_s", Json::Number(self.elapsed_s)),
            ("too_late", Json::tally(self.too_late)),
            ("fills", Json::tally(self.fills)),
            ("seats", Json::tally(self.seats)),
            ("naked_s_max", Json::tally(self.naked_s)),
            ("http_calls", Json::tally(self.bytes.calls)),
            ("frames", Json::tally(self.bytes.frames)),
        ])
    }
}

/// Of all runs, by name.
fn refusals(outcomes: &[Outcome]) -> Vec<(&'static str, u64)> {
    let mut sums: Vec<(&'static str, u64)> = Vec::new();
    for outcome in outcomes {
        sums.resize(outcome.refused().count(), ("", 0));
        for (sum, (name, count)) in sums.iter_mut().zip(outcome.refused()) {
            *sum = (name, sum.1 + count);
        }
    }
    sums
}
