//! `omega sim`: the whole farm under a seed, broken in every way there is, and held to what must never break.
//!
//! It refuses to call a run clean in which a kind of fault never struck.

use super::Command;
use crate::console::Console;
use crate::error::{self, Failure};
use crate::json::Json;
use crate::{figures, parallel};
use clap::Args;
use sim::{Fault, Outcome, Settings, Tally, run, run_traced};
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
    after_help = "Examples:\n  omega sim --seed 7\n  omega sim --seed 7 --trace trace.txt\n  omega sim --seeds 8 --jobs 2 --json\n\nExit codes: 0 clean, 127 the farm aborted, 128 somebody waits for ever, 129 something is wrong"
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
    /// Runs side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Write a line for each step here; of one seed
    #[arg(long, value_name = "FILE", requires = "seed")]
    trace: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let started = Instant::now();
    let first = arguments.seed.unwrap_or(arguments.from);
    let count = arguments.seed.map_or(arguments.seeds.unwrap_or(1), |_| 1);
    let settings = |seed| Settings { seed, days: arguments.days, weather: None, alone: None };
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
                "`omega sim --seed {seed} --days {} --trace FILE` shows what led to it",
                arguments.days
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
    naked_s: u64,
    faults: Tally,
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
            naked_s: outcomes.iter().map(|outcome| outcome.naked_s).max().unwrap_or(0),
            faults: outcomes.iter().fold(Tally::default(), |faults, outcome| faults.plus(&outcome.faults)),
            elapsed_s,
        }
    }

    fn text(&self) -> String {
        let count = |n: u64| figures::count(i128::from(n));
        let mut text = format!(
            "{} seeds, {} broken; {:.1} simulated days in {:.1} s\n  requests   {}, {} too late to be carried out\n  fills      {}\n  no stop    {} s at the longest\n  faults\n",
            count(self.seeds as u64),
            count(self.failed as u64),
            self.days,
            self.elapsed_s,
            count(self.orders),
            count(self.too_late),
            count(self.fills),
            self.naked_s
        );
        for fault in Fault::ALL {
            text.push_str(&format!(
                "    {:<14} {:>12}\n",
                fault.name().replace('_', " "),
                count(self.faults.of(fault))
            ));
        }
        text
    }

    fn json(&self) -> Json {
        let faults = Fault::ALL.map(|fault| (fault.name().to_owned(), Json::tally(self.faults.of(fault))));
        Json::object([
            ("seeds", Json::count(self.seeds)),
            ("failed", Json::count(self.failed)),
            ("simulated_days", Json::Number(self.days)),
            ("crashes", Json::tally(self.faults.of(Fault::Crash))),
            ("faults", Json::Object(faults.into())),
            ("orders", Json::tally(self.orders)),
            ("too_late", Json::tally(self.too_late)),
            ("fills", Json::tally(self.fills)),
            ("naked_s_max", Json::tally(self.naked_s)),
            ("elapsed_s", Json::Number(self.elapsed_s)),
        ])
    }
}
