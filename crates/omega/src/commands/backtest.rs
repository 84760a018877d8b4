//! `omega backtest`: personas and controls over real history, and beside each persona its calm twin.
//!
//! It refuses to write a result file before every run is finished, and to print anything but one document with
//! `--json`.

use super::{Command, report};
use crate::console::Console;
use crate::error::Failure;
use crate::market_files::LoadedMarket;
use crate::market_flags::{MarketFlags, VenueFlags};
use crate::parse;
use crate::report::{Run, equity_csv, page, psychology_csv, run_json, run_json::Session, tables, trades_csv};
use crate::sky_flags::SkyFlags;
use crate::{lineup, parallel, whole_file};
use backtest::{RunError, RunResult, RunSettings, run};
use clap::Args;
use cosmos::Sky;
use farm::Character;
use model::event::Shock;
use model::{BotId, Instrument, Time, Usd};
use persona::{ControlSettings, Gains};
use std::path::PathBuf;
use std::time::Instant;

pub(super) const COMMAND: Command = Command {
    name: "backtest",
    about: "Back-test personas and controls on real history",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega backtest --bars bars.csv --funding funding.csv
  omega backtest --bars bars.csv --persona newbie scalper --trades trades.csv --equity equity.csv --psychology moods.csv
  omega backtest --bars bars.csv --persona all --emotion 0 --json")]
pub struct Arguments {
    /// Bars: CSV, Parquet, Feather or a zipped kline archive [default: what `omega data download` fetched]
    #[arg(long, value_name = "FILE")]
    bars: Option<PathBuf>,
    #[command(flatten)]
    market: MarketFlags,
    /// Who runs: names, or all [default: strategic ema_cross buy_hold]
    #[arg(long, value_name = "NAME", num_args = 1..)]
    persona: Vec<String>,
    /// USDT each starts with
    #[arg(long, value_name = "USDT", default_value = "10000", value_parser = parse::capital, allow_negative_numbers = true)]
    capital: Usd,
    /// Seed of all randomness
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number the bots in their order, as one farm does: each has luck of its own, not the same
    #[arg(long)]
    numbered: bool,
    #[command(flatten)]
    venue: VenueFlags,
    /// Fast average of ema_cross, in bars
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=i64::from(parse::PERIOD_MAX)))]
    fast: u32,
    /// Slow average of ema_cross, in bars
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=i64::from(parse::PERIOD_MAX)))]
    slow: u32,
    /// Quantity of ema_cross, in coins
    #[arg(long, value_name = "COINS", default_value = "0.1", allow_negative_numbers = true)]
    quantity: String,
    /// Gain of emotion: 1 is the persona, 0 its calm twin
    #[arg(long, value_name = "GAIN", default_value_t = 1.0, value_parser = parse::gain, allow_negative_numbers = true)]
    emotion: f64,
    /// Gain of the sky and of readings: 0 feels none
    #[arg(long, value_name = "GAIN", default_value_t = 1.0, value_parser = parse::gain, allow_negative_numbers = true)]
    cosmic: f64,
    #[command(flatten)]
    sky: SkyFlags,
    /// News at an instant, such as black_swan@2022-05-12; may be repeated
    #[arg(long, value_name = "KIND@TIME", value_parser = parse::shock)]
    shock: Vec<(Time, Shock)>,
    /// The bars are of a made market of this seed: every result then says that they are not history
    #[arg(long, value_name = "SEED")]
    made_seed: Option<u64>,
    /// Do not run the calm twins
    #[arg(long)]
    no_twin: bool,
    /// Write the trades here, as CSV
    #[arg(long, value_name = "FILE")]
    trades: Option<PathBuf>,
    /// Write the equity a day here, as CSV
    #[arg(long, value_name = "FILE")]
    equity: Option<PathBuf>,
    /// Write what everybody felt at each session's end here, as CSV
    #[arg(long, value_name = "FILE")]
    psychology: Option<PathBuf>,
    /// Write a page that opens offline into this directory, with its JSON and CSV files
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let instrument = arguments.market.instrument()?;
    let personas = personas(arguments, &instrument)?;
    let files = arguments.market.files(arguments.bars.as_deref(), instrument)?;
    check_results(arguments)?;
    let console = if arguments.json { console.quiet() } else { *console };
    let named = arguments.sky.named()?;
    let progress = console.progress(1 + 2 * personas.len());
    progress.begin(format!("loading {}", files.bars.display()));
    let mut market = files.load(&console)?;
    let news = news(arguments, &market, &console);
    market.history = market.history.with_shocks(&news);
    let bars = market.history.bars();
    let sky = if named.is_empty() {
        Sky::none()
    } else {
        arguments.sky.sky(bars.open_time[0], bars.close_time(bars.len() - 1))?
    };
    let places = places(arguments, personas, &sky);
    progress.done();
    progress.begin("back-testing");
    let finished = parallel::map(places.len(), |i| {
        let timed = timed_run(&market, &places[i]);
        progress.done();
        timed
    });
    drop(progress);
    let (runs, run_s, twin_s) = pair(arguments, &market, &places, finished)?;
    let session = Session {
        capital: arguments.capital,
        seed: arguments.seed,
        run_s,
        twin_s,
        sky,
        made_seed: arguments.made_seed,
        news,
        gains: arguments.gains(),
        numbered: arguments.numbered,
    };
    write_files(arguments, &market, &session, &runs)?;
    if let Some(directory) = &arguments.report {
        console.say(&format!("report: {}", directory.join(report::PAGE).display()));
    }
    tables::warn(&console, &runs);
    if arguments.json {
        return console.print(&run_json::document(&market, &session, &runs).document());
    }
    console.print(&tables::report(&market, &session, &runs, console.paper()))
}

impl Arguments {
    fn gains(&self) -> Gains {
        Gains { emotion: self.emotion, cosmic: self.cosmic }
    }
}

/// News by hand that somebody will hear, in the order of time; of the others it is said that nobody does.
fn news(arguments: &Arguments, market: &LoadedMarket, console: &Console) -> Vec<(Time, Shock)> {
    let bars = market.history.bars();
    let (first, last) = (bars.open_time[0], bars.open_time[bars.len() - 1]);
    let (mut heard, unheard): (Vec<_>, Vec<_>) =
        arguments.shock.iter().copied().partition(|(at, _)| (first..=last).contains(at));
    for (at, shock) in unheard {
        let name = shock.name();
        console.warn(&format!(
            "--shock {name}@{at} lies outside the bars, {first} to {last}: nobody hears of it"
        ));
    }
    heard.sort_by_key(|(at, _)| *at);
    heard
}

/// Everybody who runs: each persona is followed by its twin.
fn places(arguments: &Arguments, personas: Vec<Character>, sky: &Sky) -> Vec<RunSettings> {
    let mut places = Vec::with_capacity(2 * personas.len());
    for (number, character) in personas.into_iter().enumerate() {
        let number = if arguments.numbered { number } else { 0 };
        let models = arguments.venue.models(&character);
        let settings = RunSettings {
            bot: BotId(u16::try_from(number).expect("a command line names few bots")),
            character,
            capital: arguments.capital,
            seed: arguments.seed,
            models,
            stride: farm::STRIDE_MAX,
            sky: sky.clone(),
        };
        let twin = settings.twin().filter(|_| !arguments.no_twin);
        places.push(settings);
        places.extend(twin);
    }
    places
}

/// A result and the seconds it took.
type Timed = Result<(RunResult, f64), RunError>;

fn timed_run(market: &LoadedMarket, settings: &RunSettings) -> Timed {
    let started = Instant::now();
    let result = run(&market.history, settings)?;
    Ok((result, started.elapsed().as_secs_f64()))
}

/// Puts each persona and its twin together; the seconds of those asked for, and of the twins.
fn pair(
    arguments: &Arguments,
    market: &LoadedMarket,
    places: &[RunSettings],
    finished: Vec<Timed>,
) -> Result<(Vec<Run>, f64, f64), Failure> {
    let (mut runs, mut run_s, mut twin_s): (Vec<Run>, f64, f64) = (Vec::new(), 0.0, 0.0);
    for (settings, timed) in places.iter().zip(finished) {
        let persona = settings.character.name().to_owned();
        let (result, seconds) = timed.map_err(|source| Failure::Run { persona, source })?;
        if let Character::Twin(_) = settings.character {
            twin_s += seconds;
            runs.last_mut().expect("a twin follows its persona").meet_twin(result, arguments.seed);
        } else {
            run_s += seconds;
            let instrument = market.history.instrument();
            runs.push(Run::measure(result, settings.models, arguments.capital, instrument));
        }
    }
    Ok((runs, run_s, twin_s))
}

fn personas(arguments: &Arguments, instrument: &Instrument) -> Result<Vec<Character>, Failure> {
    let (fast, slow) = (arguments.fast, arguments.slow);
    if fast >= slow {
        let problem = format!("--fast {fast} is not shorter than --slow {slow}");
        return Err(Failure::usage(
            problem,
            "give a fast average of fewer bars than the slow one, such as 20 and 50",
        ));
    }
    let quantity = parse::quantity(&arguments.quantity, instrument).map_err(|refused| {
        Failure::usage(format!("--quantity {}: {refused}", arguments.quantity), refused.hint.clone())
    })?;
    let controls = ControlSettings { fast, slow, quantity };
    let settings = lineup::Dials { controls, gains: arguments.gains() };
    if arguments.persona.is_empty() {
        let default: Vec<String> = lineup::DEFAULT.iter().map(|name| (*name).to_owned()).collect();
        return lineup::called(&default, &settings);
    }
    lineup::called(&arguments.persona, &settings)
}

/// Results must not replace each other or what they were made from.
fn check_results(arguments: &Arguments) -> Result<(), Failure> {
    let mut results: Vec<(&str, PathBuf)> = [
        ("--trades", &arguments.trades),
        ("--equity", &arguments.equity),
        ("--psychology", &arguments.psychology),
    ]
    .into_iter()
    .filter_map(|(flag, file)| Some((flag, file.clone()?)))
    .collect();
    if let Some(directory) = &arguments.report {
        if directory.exists() && !directory.is_dir() {
            let problem = format!("--report {} is not a directory", directory.display());
            return Err(Failure::usage(problem, "name a directory, which need not exist yet"));
        }
        results.extend(report::FILES.iter().map(|name| ("--report", directory.join(name))));
    }
    let inputs = [
        ("--bars", arguments.bars.as_ref()),
        ("--path", arguments.market.path.as_ref()),
        ("--funding", arguments.market.funding.as_ref()),
        ("--mark", arguments.market.mark.as_ref()),
    ];
    let inputs = inputs.into_iter().filter_map(|(flag, file)| Some((flag, whole_file::place(file?))));
    let places: Vec<(&str, PathBuf)> =
        results.iter().map(|(flag, file)| (*flag, whole_file::place(file))).chain(inputs).collect();
    for (i, (flag, place)) in places.iter().enumerate().take(results.len()) {
        if let Some((other, _)) = places[i + 1..].iter().find(|(_, against)| against == place) {
            return Err(Failure::usage(
                format!("{flag} and {other} name the same file"),
                "give each its own file",
            ));
        }
    }
    Ok(())
}

/// All files or none: the first is put in its place only when the last is written.
fn write_files(
    arguments: &Arguments,
    market: &LoadedMarket,
    session: &Session,
    runs: &[Run],
) -> Result<(), Failure> {
    let mut attempts = Vec::new();
    let trades = || trades_csv::text(runs, market.history.instrument());
    if let Some(file) = &arguments.trades {
        attempts.push(whole_file::prepare(file, &trades())?);
    }
    if let Some(file) = &arguments.equity {
        attempts.push(whole_file::prepare(file, &equity_csv::text(runs))?);
    }
    if let Some(file) = &arguments.psychology {
        attempts.push(whole_file::prepare(file, &psychology_csv::text(runs))?);
    }
    if let Some(directory) = &arguments.report {
        let document = page::document(market, session, runs).document();
        let html = page::of_document(&document).expect("this build reads what it has just written");
        let texts = [
            html.into_bytes(),
            document.into_bytes(),
            trades(),
            equity_csv::text(runs),
            psychology_csv::text(runs),
        ];
        std::fs::create_dir_all(directory)
            .map_err(|source| Failure::Write { file: directory.clone(), source })?;
        for (name, text) in report::FILES.iter().zip(texts) {
            attempts.push(whole_file::prepare(&directory.join(name), &text)?);
        }
    }
    attempts.into_iter().try_for_each(whole_file::Attempt::commit)
}
