//! `omega study`: many lives of each persona, over seeds and periods, and the distribution of what becomes of them.
//!
//! It refuses a period that is not whole: a life is as long as the others.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::finished::Finished;
use crate::json::Json;
use crate::market_flags::{MarketFlags, VenueFlags};
use crate::population::tables::Population;
use crate::population::{Life, Lived, Twins, figures, live, pictures, tables};
use crate::sky_flags::SkyFlags;
use crate::table::Tone;
use crate::{lineup, parse};
use backtest::{History, RunSettings};
use clap::Args;
use farm::Character;
use model::{BotId, FundingRate, Interval, Qty, Rate, Usd};
use persona::{ControlSettings, Gains, PERSONAS};
use std::path::PathBuf;
use std::time::Instant;

pub(super) const COMMAND: Command = Command {
    name: "study",
    about: "Many lives of each persona over seeds and periods: what becomes of them",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega study --made 30 --period 10 --seeds 3 --persona newbie
  omega study --bars bars.csv --period 14 --seeds 2 --charts pictures")]
struct Arguments {
    /// Bars: CSV, Parquet, Feather or a zipped kline archive [default: what `omega data download` fetched]
    #[arg(long, value_name = "FILE", conflicts_with = "made")]
    bars: Option<PathBuf>,
    /// A made market of so many days instead
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(2..=3_650), conflicts_with_all = ["path", "funding", "mark", "from", "to"])]
    made: Option<u32>,
    #[command(flatten)]
    market: MarketFlags,
    /// Who lives: names, or all [default: every persona]
    #[arg(long, value_name = "NAME", num_args = 1..)]
    persona: Vec<String>,
    /// Lives of each persona in each period
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    seeds: u32,
    /// Length of a life in days, or all: the whole market
    #[arg(long, value_name = "DAYS", default_value = "90", value_parser = parse::period)]
    period: parse::Period,
    /// USDT each starts with
    #[arg(long, value_name = "USDT", default_value = "10000", value_parser = parse::capital)]
    capital: Usd,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Do not live the calm twins' lives
    #[arg(long)]
    no_twin: bool,
    #[command(flatten)]
    venue: VenueFlags,
    #[command(flatten)]
    sky: SkyFlags,
    /// Keep finished lives here and go on from them
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Draw each figure into this directory, as SVG
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let personas = personas(arguments)?;
    let console = if arguments.json { console.quiet() } else { *console };
    let finished = Finished::open(arguments.resume.as_deref())?;
    let histories = histories(arguments, &console)?;
    let lives = lives(arguments, &personas, &histories)?;
    let progress = console.progress(lives.len());
    progress.begin(format!("{} lives, {} known", lives.len(), finished.len()));
    let started = Instant::now();
    let twins = if arguments.no_twin { Twins::Left } else { Twins::Beside };
    let lived = live(&histories, &lives, twins, &finished, || progress.done())?;
    let seconds = started.elapsed().as_secs_f64();
    drop(progress);
    let populations: Vec<Population<'_>> = personas
        .iter()
        .enumerate()
        .map(|(at, persona)| Population {
            persona: persona.name().to_owned(),
            lives: lives
                .iter()
                .zip(&lived)
                .filter(|(life, _)| life.persona == at)
                .map(|(_, lived)| lived)
                .collect(),
        })
        .collect();
    let figures = figures();
    if let Some(directory) = &arguments.charts {
        let drawn = pictures::write(directory, &populations, &figures)?;
        console.say(&format!("{drawn} charts in {}", directory.display()));
    }
    let years = bot_years(&lives, &histories);
    if arguments.json {
        return console.print(
            &document(&histories, &lives, &lived, years, seconds, tables::json(&populations, &figures))
                .document(),
        );
    }
    let mut text = heading(&histories, &personas, arguments, console.has_colour());
    text.push_str(&tables::text(&populations, &figures, console.paper()));
    text.push_str(&console.paper().wrap(
        &format!("{years:.1} bot-years in {seconds:.1} s on {} cores.", crate::parallel::cores()),
        "  ",
    ));
    console.print(&text)
}

fn personas(arguments: &Arguments) -> Result<Vec<Character>, Failure> {
    let dials = lineup::Dials {
        controls: ControlSettings { fast: 20, slow: 50, quantity: Qty(100) },
        gains: Gains::FULL,
    };
    if arguments.persona.is_empty() {
        let names: Vec<String> = PERSONAS.iter().map(|(name, _)| (*name).to_owned()).collect();
        return lineup::called(&names, &dials);
    }
    lineup::called(&arguments.persona, &dials)
}

/// Consecutive whole periods of the market; a made market is another one for each period.
fn histories(arguments: &Arguments, console: &Console) -> Result<Vec<History>, Failure> {
    if let Some(days) = arguments.made {
        return made(arguments, days);
    }
    let files = arguments.market.files(arguments.bars.as_deref(), arguments.market.instrument()?)?;
    let loading = console.progress(1);
    loading.begin(format!("loading {}", files.bars.display()));
    let whole = files.load(console)?.history;
    let parse::Period::Days(days) = arguments.period else { return Ok(vec![whole]) };
    let view = whole.bars();
    let (first, end) = (view.open_time[0], view.close_time(view.len() - 1));
    let length = Interval(i64::from(days) * Interval::DAY.0);
    let start = |i: i64| view.opening_before(first + Interval(i * length.0));
    let spans = (0..(end - first).0 / length.0).map(|i| (start(i), start(i + 1)));
    // A gap may swallow a period whole.
    let histories: Vec<History> =
        spans.filter(|(from, to)| from < to).map(|(from, to)| whole.part(from, to)).collect();
    if histories.is_empty() {
        return Err(Failure::usage(
            format!("--period {days} is longer than the market"),
            format!("the bars cover {first} to {end}; give fewer days, or all"),
        ));
    }
    Ok(histories)
}

fn made(arguments: &Arguments, days: u32) -> Result<Vec<History>, Failure> {
    let length = match arguments.period {
        parse::Period::Days(length) if length > days => {
            return Err(Failure::usage(
                format!("--period {length} is longer than the {days} days of --made"),
                "give fewer days, or all",
            ));
        }
        parse::Period::Days(length) => length,
        parse::Period::All => days,
    };
    let instrument = arguments.market.instrument()?;
    let history = |i: u32| {
        let bars =
            backtest::noise::bursty_market(length as usize * 1_440, arguments.seed ^ u64::from(i) << 32);
        let start = bars.open_time[0];
        let instant = |n: i64| start + Interval(n * 8 * Interval::HOUR.0);
        let funding: Vec<FundingRate> = (0..i64::from(length) * 3)
            .map(|n| FundingRate { time: instant(n), rate: Rate((n % 7 - 3) * 50_000_000) })
            .collect();
        History::new(instrument.clone(), bars, &funding, None)
    };
    Ok((0..days / length).map(history).collect())
}

fn lives(arguments: &Arguments, personas: &[Character], histories: &[History]) -> Result<Vec<Life>, Failure> {
    let mut lives = Vec::new();
    for (period, history) in histories.iter().enumerate() {
        let bars = history.bars();
        let sky = arguments.sky.sky(bars.open_time[0], bars.close_time(bars.len() - 1))?;
        for (persona, character) in personas.iter().enumerate() {
            let models = arguments.venue.models(character);
            lives.extend((0..arguments.seeds).map(|n| Life {
                persona,
                period,
                settings: RunSettings {
                    bot: BotId(0),
                    character: character.clone(),
                    capital: arguments.capital,
                    seed: arguments.seed.wrapping_add(u64::from(n)),
                    models,
                    stride: farm::STRIDE_MAX,
                    sky: sky.clone(),
                },
            }));
        }
    }
    Ok(lives)
}

fn bot_years(lives: &[Life], histories: &[History]) -> f64 {
    let year_ms = 365.0 * Interval::DAY.0 as f64;
    let length = |history: &History| history.bars().len() as f64 * history.interval().0 as f64 / year_ms;
    lives.iter().map(|life| length(&histories[life.period])).sum()
}

fn heading(histories: &[History], personas: &[Character], arguments: &Arguments, colour: bool) -> String {
    let bars = histories[0].bars();
    let last = histories[histories.len() - 1].bars();
    let text = format!(
        "{}\n  {} personas, {} periods of {:.0} days from {} to {}, {} seeds each\n\n",
        Tone::Strong.paint("A population study", colour),
        personas.len(),
        histories.len(),
        bars.len() as f64 * bars.interval.0 as f64 / Interval::DAY.0 as f64,
        bars.open_time[0],
        last.close_time(last.len() - 1),
        arguments.seeds
    );
    text
}

/// Everything about every life, and what they come to.
fn document(
    histories: &[History],
    lives: &[Life],
    lived: &[Lived],
    years: f64,
    seconds: f64,
    personas: Json,
) -> Json {
    let period = |history: &History| {
        let bars = history.bars();
        Json::object([
            ("first", Json::text(bars.open_time[0])),
            ("last", Json::text(bars.open_time[bars.len() - 1])),
            ("bars", Json::count(bars.len())),
        ])
    };
    Json::object([
        ("periods", Json::count(histories.len())),
        ("lives", Json::count(lived.len())),
        ("bot_years", Json::Number(years)),
        ("seconds", Json::Number(seconds)),
        ("personas", personas),
        ("every_period", Json::List(histories.iter().map(period).collect())),
        (
            "every_life",
            Json::List(lives.iter().zip(lived).map(|(life, lived)| tables::life(life, lived)).collect()),
        ),
    ])
}
