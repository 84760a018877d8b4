//! `omega demo`: the main job on a market made on the spot: files, back-test, tables.
//!
//! It refuses to take a short cut: what runs is `omega backtest` on files that it wrote, nothing else.

use super::{Command, backtest};
use crate::console::Console;
use crate::demo::{DemoMarket, generate};
use crate::error::Failure;
use crate::{figures, whole_file};
use clap::Args;
use model::Step;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub(super) const COMMAND: Command = Command {
    name: "demo",
    about: "Make a small market and back-test on it: no file, network, key or server needed",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

const MINUTES_DEFAULT: u32 = 90 * 1_440;
const MINUTES_MAX: i64 = 2_000_000;

/// The flags.
#[derive(Args, Debug)]
struct Arguments {
    /// Minutes of market to make
    #[arg(long, value_name = "N", default_value_t = MINUTES_DEFAULT, value_parser = clap::value_parser!(u32).range(2..=MINUTES_MAX))]
    minutes: u32,
    /// Seed of the market and of the bots
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep the files here
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Write a page that opens offline into this directory
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
}

/// A directory that goes when the demo is over, unless the user asked to keep it.
struct Place {
    directory: PathBuf,
    kept: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.kept {
            // A left-over in the temporary directory is no reason to fail a demo.
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let place = place(arguments)?;
    let (bars, funding) = (place.directory.join("bars.csv"), place.directory.join("funding.csv"));
    let market = generate(arguments.seed, arguments.minutes);
    data::write_bars(&bars, market.bars.as_bars(), Step::decimal(1))?;
    whole_file::prepare(&funding, funding_csv(&market).as_bytes())?.commit()?;
    if !arguments.json {
        console.print(&introduction(arguments))?;
    }
    backtest::execute(&settings(arguments, &market, &bars, &funding), console)?;
    if arguments.json {
        return Ok(());
    }
    console.print(&next_steps(&place))
}

fn place(arguments: &Arguments) -> Result<Place, Failure> {
    let place = match &arguments.dir {
        Some(directory) => Place { directory: directory.clone(), kept: true },
        None => {
            let name = format!("omega-demo-{}", std::process::id());
            Place { directory: std::env::temp_dir().join(name), kept: false }
        }
    };
    std::fs::create_dir_all(&place.directory)
        .map_err(|source| Failure::Write { file: place.directory.clone(), source })?;
    Ok(place)
}

fn funding_csv(market: &DemoMarket) -> String {
    let mut text = String::from("funding_time,funding_rate\n");
    for funding in &market.funding {
        text.push_str(&format!("{},{}\n", funding.time.0, figures::rate(funding.rate)));
    }
    text
}

/// The flags of the back-test, parsed as a user's would be.
fn settings(arguments: &Arguments, market: &DemoMarket, bars: &Path, funding: &Path) -> backtest::Arguments {
    let mut words: Vec<OsString> = vec!["backtest".into(), "--bars".into(), bars.into()];
    if !market.funding.is_empty() {
        words.extend(["--funding".into(), funding.into()]);
    }
    words.extend(["--persona".into(), "all".into()]);
    words.extend(["--seed".into(), arguments.seed.to_string().into()]);
    if let Some(directory) = &arguments.report {
        words.extend(["--report".into(), directory.into()]);
    }
    if arguments.json {
        words.push("--json".into());
    }
    let command = backtest::Arguments::augment_args(clap::Command::new("backtest"));
    let matches = command.try_get_matches_from(words).expect("the demo's flags are a back-test's");
    super::arguments(&matches)
}

fn introduction(arguments: &Arguments) -> String {
    format!(
        "A made market (seed {}), not history: {} one-minute bars, {:.0} days of a random walk with trends.\n\n",
        arguments.seed,
        figures::count(arguments.minutes),
        f64::from(arguments.minutes) / 1_440.0
    )
}

fn next_steps(place: &Place) -> String {
    let kept = if place.kept {
        format!("The files are in {}.", place.directory.display())
    } else {
        "The files are gone again; `omega demo --dir DIR` keeps them.".to_owned()
    };
    format!(
        "\n{kept}\nAnother market: `omega demo --seed 2`. A page to look at: `omega demo --report DIR`.\nYour own bars: `omega backtest --bars FILE`.\n"
    )
}
