//! `omega study`: how everybody's outcomes are distributed over seeds and periods.
//!
//! It refuses a study of more runs than anybody wants to wait for, and to write a chart before every run is finished.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::finished_runs::FinishedRuns;
use crate::market_flags::{MarketFlags, VenueFlags};
use crate::parse::{self, Period};
use crate::study::{self, Markets, Plan, Population, Twins};
use crate::{figures, lineup, whole_file};
use clap::Args;
use farm::Character;
use model::{Qty, Usd};
use persona::{ControlSettings, Gains};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub(super) const COMMAND: Command = Command {
    name: "study",
    about: "Run everybody over many seeds and periods: how outcomes and behaviour are distributed",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The controls as a back-test has them unless told otherwise.
const CONTROLS: ControlSettings = ControlSettings { fast: 20, slow: 50, quantity: Qty(100) };

/// The flags.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Bars: CSV, Parquet, Feather or a zipped kline archive
    #[arg(long, value_name = "FILE", required_unless_present = "made")]
    bars: Option<PathBuf>,
    /// Study made markets of so many days instead, another for each seed
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3_650), conflicts_with_all = ["bars", "period", "path", "funding", "mark", "from", "to"])]
    made: Option<u16>,
    #[command(flatten)]
    market: MarketFlags,
    /// Who runs: names, or all [default: the personas]
    #[arg(long, value_name = "NAME", num_args = 1..)]
    persona: Vec<String>,
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    seeds: u32,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Length of a period, such as 30d, or all; whole ones follow each other from the first bar on
    #[arg(long, value_name = "DAYS", default_value = "90d", value_parser = parse::period)]
    period: Period,
    /// USDT each starts with
    #[arg(long, value_name = "USDT", default_value = "10000", value_parser = parse::capital, allow_negative_numbers = true)]
    capital: Usd,
    #[command(flatten)]
    venue: VenueFlags,
    /// Do not run the calm twins
    #[arg(long)]
    no_twin: bool,
    /// Keep finished runs here, and do not run again what it holds
    #[arg(long, value_name = "FILE.jsonl")]
    resume: Option<PathBuf>,
    /// Write pictures (SVG) into this directory
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let characters = characters(arguments)?;
    let names: Vec<String> = characters.iter().map(|character| character.name().to_owned()).collect();
    check_names(&names)?;
    check_files(arguments)?;
    let seeds = seeds(arguments)?;
    let console = if arguments.json { console.quiet() } else { *console };
    let plan = Plan {
        markets: markets(arguments, &console)?,
        characters,
        venue: arguments.venue.clone(),
        seeds,
        capital: arguments.capital,
        twins: if arguments.no_twin { Twins::Skip } else { Twins::Run },
    };
    check_plan(arguments, &plan)?;
    let finished = FinishedRuns::open(arguments.resume.as_deref())?;
    let progress = console.progress(plan.steps());
    progress.begin(format!("{} runs", figures::count(plan.runs() as i128)));
    let started = Instant::now();
    let rows = plan.run(&finished, &progress)?;
    let loop_s = started.elapsed().as_secs_f64();
    drop(progress);
    let periods = plan.markets.periods();
    let populations: Vec<Population> =
        names.iter().map(|name| Population::of(name, &rows, periods)).collect();
    let heading = heading(arguments, &plan);
    if let Some(directory) = &arguments.charts {
        write_charts(directory, study::draw(&heading, &populations))?;
    }
    if arguments.json {
        let document = study::document(&plan, &populations, &rows, finished.recalled(), loop_s);
        return console.print(&document.document());
    }
    console.print(&study::report(&heading, &populations, &period_names(&plan), console.has_colour()))
}

fn characters(arguments: &Arguments) -> Result<Vec<Character>, Failure> {
    let dials = lineup::Dials { controls: CONTROLS, gains: Gains::FULL };
    if arguments.persona.is_empty() {
        let personas: Vec<String> = persona::PERSONAS.iter().map(|(name, _)| (*name).to_owned()).collect();
        return lineup::called(&personas, &dials);
    }
    lineup::called(&arguments.persona, &dials)
}

/// Rows are told apart by name: two profiles of one name would be one population.
fn check_names(names: &[String]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Failure::usage(
            format!("--persona: two of them are called \"{name}\""),
            "give each profile a `name` of its own",
        )),
    }
}

/// A file of finished runs must not be one that is read.
fn check_files(arguments: &Arguments) -> Result<(), Failure> {
    let Some(resume) = &arguments.resume else { return Ok(()) };
    let market = &arguments.market;
    let read = [
        ("--bars", &arguments.bars),
        ("--path", &market.path),
        ("--funding", &market.funding),
        ("--mark", &market.mark),
    ];
    for (flag, file) in read {
        if file.as_ref().is_some_and(|file| whole_file::place(file) == whole_file::place(resume)) {
            return Err(Failure::usage(
                format!("--resume and {flag} name the same file"),
                "give each its own file",
            ));
        }
    }
    Ok(())
}

fn seeds(arguments: &Arguments) -> Result<Vec<u64>, Failure> {
    let last = arguments.seed.checked_add(u64::from(arguments.seeds) - 1).ok_or_else(|| {
        Failure::usage("--seed: there are not so many seeds from there on", "give a smaller first seed")
    })?;
    Ok((arguments.seed..=last).collect())
}

fn markets(arguments: &Arguments, console: &Console) -> Result<Markets, Failure> {
    let instrument = arguments.market.instrument()?;
    if let Some(days) = arguments.made {
        return Ok(Markets::Made { days: usize::from(days), instrument });
    }
    let bars = arguments.bars.as_deref().expect("clap requires the bars where no market is made");
    let loading = console.progress(1);
    loading.begin(format!("loading {}", bars.display()));
    let market = arguments.market.files(bars, instrument)?.load(console)?;
    Ok(Markets::cut(&market.history, arguments.period.length()))
}

fn check_plan(arguments: &Arguments, plan: &Plan) -> Result<(), Failure> {
    if plan.markets.periods() == 0 {
        return Err(Failure::usage(
            format!("--period {}: the bars hold no whole period of that length", arguments.period),
            "give a shorter period, or --period all",
        ));
    }
    if plan.runs() > study::RUNS_MAX {
        let (runs, most) = (figures::count(plan.runs() as i128), figures::count(study::RUNS_MAX as i128));
        return Err(Failure::usage(
            format!("that is {runs} runs, at most {most} are made"),
            "give fewer --seeds or a longer --period",
        ));
    }
    Ok(())
}

fn heading(arguments: &Arguments, plan: &Plan) -> String {
    let seeds = match plan.seeds.len() {
        1 => "1 seed".to_owned(),
        n => format!("{n} seeds"),
    };
    match (&plan.markets, &arguments.bars) {
        (Markets::Periods(periods), Some(bars)) => {
            let name = bars.file_name().unwrap_or(bars.as_os_str()).to_string_lossy().into_owned();
            let (n, s) = (periods.len(), if periods.len() == 1 { "" } else { "s" });
            let length = (periods[0].to - periods[0].from).0 as f64 / 86_400_000.0;
            format!("{name}: {n} period{s} of {length:.0} d x {seeds}")
        }
        (Markets::Made { days, .. }, _) => format!("Made markets of {days} d, one for each of {seeds}"),
        (Markets::Periods(_), None) => unreachable!("periods are cut from a file of bars"),
    }
}

fn period_names(plan: &Plan) -> Vec<String> {
    match &plan.markets {
        Markets::Periods(periods) => {
            periods.iter().map(|period| period.from.to_string()[..10].to_owned()).collect()
        }
        Markets::Made { .. } => Vec::new(),
    }
}

/// All or none: the first is put in its place only when the last is written.
fn write_charts(directory: &Path, charts: Vec<(String, String)>) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(|source| Failure::Write { file: directory.into(), source })?;
    let attempts: Result<Vec<_>, _> =
        charts.iter().map(|(name, svg)| whole_file::prepare(&directory.join(name), svg.as_bytes())).collect();
    attempts?.into_iter().try_for_each(whole_file::Attempt::commit)
}
