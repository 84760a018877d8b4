//! `omega demo`: the six personas in a market made while they trade: a show on the terminal, then its report.
//!
//! It refuses to take a short cut: the report is that of `omega backtest` over the tape of what was shown.

use super::Command;
use crate::console::Console;
use crate::demo::{Files, MadeMarket, Playing, START, Stage, minutes_of, play};
use crate::error::Failure;
use crate::market_flags::PERSONA_MODELS;
use crate::screen::stop_on_signals;
use crate::sky_flags::SkyFlags;
use crate::table::Paper;
use crate::{figures, lineup, whole_file};
use ::backtest::{RunSettings, Tape};
use clap::Args;
use farm::Character;
use model::{BotId, Instrument, Interval, Usd};
use persona::Gains;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) const COMMAND: Command = Command {
    name: "demo",
    about: "Watch the personas trade a market made on the spot: no file, network, key or server needed",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

const DAYS_DEFAULT: u32 = 60;
const DAYS_MAX: i64 = 1_500;
/// Lived before the curtain opens, so that everybody knows its averages and some hold something: a third of the days,
/// at most this many.
const DAYS_BEFORE_MAX: u32 = 20;
/// Where the report lies unless told otherwise.
const DIRECTORY: &str = "omega-demo";
/// What each persona begins with.
const CAPITAL: Usd = Usd(10_000 * Usd::ONE.0);

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega demo\n  omega demo --headless --days 10 --seed 2\n  omega demo --headless --dir market"
)]
struct Arguments {
    /// Days of market to make
    #[arg(long, value_name = "N", default_value_t = DAYS_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=DAYS_MAX))]
    days: u32,
    /// Seed of the market and of the bots
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the market and the report here [default: omega-demo after a show; nowhere when headless]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// No show: the summary alone
    #[arg(long)]
    headless: bool,
    /// Print one JSON document instead of tables; no show
    #[arg(long)]
    json: bool,
}

/// A directory that goes when the demo is over, unless it is to stay.
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
    let watched = is_watched(arguments);
    let place = place(arguments, watched)?;
    let stopped = stop_on_signals()?;
    let mut stage = stage(arguments)?;
    if watched {
        let before = (arguments.days / 3).min(DAYS_BEFORE_MAX);
        live(&mut stage, minutes_of(before), &stopped);
        let minutes = minutes_of(arguments.days - before);
        let colour = console.has_colour();
        play(&mut stage, &Playing { seed: arguments.seed, days: arguments.days, minutes, colour }, &stopped)?;
    } else {
        live(&mut stage, minutes_of(arguments.days), &stopped);
    }
    if place.kept {
        let journal = place.directory.join("journal.omega");
        whole_file::prepare(&journal, stage.journal())?.commit()?;
    }
    let tape = stage.tape();
    if tape.bars.is_empty() {
        return Err(Failure::input("stopped before the first minute was over", "run it again"));
    }
    let files = Files::write(tape, &place.directory)?;
    // Where nobody can be told any more, the report is written all the same.
    let told = if arguments.json { Ok(()) } else { console.print(&introduction(arguments, tape)) };
    super::backtest::execute(&settings(arguments, tape, &files, &place), console)?;
    told?;
    if arguments.json {
        return Ok(());
    }
    console.print(&next_steps(&place, console.paper()))
}

/// A show needs somebody who looks and a keyboard.
fn is_watched(arguments: &Arguments) -> bool {
    let terminal = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    terminal && !dumb && !arguments.headless && !arguments.json
}

/// Lives so many minutes, or until somebody ends it.
fn live(stage: &mut Stage, minutes: u32, stopped: &AtomicBool) {
    for _ in 0..minutes {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        stage.minute();
    }
}

fn stage(arguments: &Arguments) -> Result<Stage, Failure> {
    let instrument = Instrument::btcusdt();
    let end = START + Interval(i64::from(arguments.days) * Interval::DAY.0);
    let sky = SkyFlags::default().sky(START, end)?;
    let settings = persona::PERSONAS.iter().enumerate().map(|(number, (name, _))| {
        let profile = lineup::profile(name).expect("a listed persona has a profile");
        let character = Character::Persona(Box::new(profile), Gains::FULL);
        let bot = BotId(u16::try_from(number).expect("there are few personas"));
        let (seed, sky) = (arguments.seed, sky.clone());
        let (capital, models, stride) = (CAPITAL, PERSONA_MODELS, farm::STRIDE_MAX);
        RunSettings { bot, character, capital, seed, models, stride, sky }
    });
    Stage::new(instrument, MadeMarket::new(arguments.seed), settings.collect())
}

fn place(arguments: &Arguments, watched: bool) -> Result<Place, Failure> {
    let place = match &arguments.dir {
        Some(directory) => Place { directory: directory.clone(), kept: true },
        None if watched => Place { directory: DIRECTORY.into(), kept: true },
        None => {
            let name = format!("omega-demo-{}", std::process::id());
            Place { directory: std::env::temp_dir().join(name), kept: false }
        }
    };
    std::fs::create_dir_all(&place.directory)
        .map_err(|source| Failure::Write { file: place.directory.clone(), source })?;
    Ok(place)
}

/// The flags of the back-test, parsed as a user's would be.
fn settings(arguments: &Arguments, tape: &Tape, files: &Files, place: &Place) -> super::backtest::Arguments {
    let mut words: Vec<OsString> = vec!["backtest".into()];
    let mut flag = |name: &str, value: &Path| words.extend([name.into(), value.into()]);
    flag("--bars", &files.bars);
    flag("--mark", &files.mark);
    if let Some(funding) = &files.funding {
        flag("--funding", funding);
    }
    if place.kept {
        flag("--report", &place.directory);
    }
    for (at, shock) in &tape.shocks {
        words.extend(["--shock".into(), format!("{}@{at}", shock.name()).into()]);
    }
    words.extend(["--persona".into(), "all".into(), "--numbered".into()]);
    for flag in ["--seed", "--made-seed"] {
        words.extend([flag.into(), arguments.seed.to_string().into()]);
    }
    if arguments.json {
        words.push("--json".into());
    }
    let command = super::backtest::Arguments::augment_args(clap::Command::new("backtest"));
    let matches = command.try_get_matches_from(words).expect("the demo's flags are a back-test's");
    super::arguments(&matches)
}

fn introduction(arguments: &Arguments, tape: &Tape) -> String {
    format!(
        "A made market (seed {}), not history: {} one-minute bars, {:.1} days.\n\n",
        arguments.seed,
        figures::count(tape.bars.len() as i64),
        tape.bars.len() as f64 / 1_440.0
    )
}

fn next_steps(place: &Place, paper: Paper) -> String {
    let kept = if place.kept {
        format!(
            "The report is {}; the market and every figure lie beside it.\n\
             `omega replay {}` lives it all again; `--why ORDER_ID` explains a decision.",
            place.directory.join("report.html").display(),
            place.directory.join("journal.omega").display()
        )
    } else {
        "Nothing was kept; `omega demo --headless --dir DIR` writes the market and the report.".to_owned()
    };
    let next = "Another market: `omega demo --seed 2`. Your own bars: `omega backtest --bars FILE`.";
    format!("\n{kept}\n{}", paper.wrap(next, ""))
}
