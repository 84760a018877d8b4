//! `omega data generate`: a market that never was, as files like those of a real one.
//!
//! It refuses two results in one place, a scenario that nobody would see, and to call what it made history.

use super::lines_text;
use crate::console::Console;
use crate::error::Failure;
use crate::figures;
use crate::json::Json;
use crate::made_market::{self, MARK_DECIMALS, MINUTES_MAX, MINUTES_PER_STEP, MadeMarket};
use crate::{parse, whole_file};
use clap::Args;
use data::limits::{TIME_MS_MAX, TIME_MS_MIN};
use data::{BarOptions, Flow, load_bars, write_bars, write_bars_with, write_funding};
use model::{Interval, Price, Step, Time};
use std::path::{Path, PathBuf};
use std::time::Instant;
use synthetic::{Laid, MarketSettings, PRICE_MAX, PRICE_MIN, SCENARIOS_MAX};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega data generate --out made.csv --days 30 --seed 7\n  omega data generate --out crash.csv --funding crash-funding.csv --days 3 --scenario crash@2024-01-02T12:00Z"
)]
pub(super) struct Arguments {
    /// The file of bars to write: .csv or .parquet; it also holds trades and what takers bought
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write the funding rates too, as CSV
    #[arg(long, value_name = "FILE")]
    funding: Option<PathBuf>,
    /// Write the mark prices too, in one-minute bars: .csv or .parquet
    #[arg(long, value_name = "FILE")]
    mark: Option<PathBuf>,
    /// How many minutes
    #[arg(long, value_name = "N", conflicts_with = "days")]
    minutes: Option<usize>,
    /// How many days [default: 90]
    #[arg(long, value_name = "N")]
    days: Option<usize>,
    /// Which market
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The UTC day it starts with
    #[arg(long, value_name = "DAY", default_value = "2024-01-01", value_parser = parse::day)]
    start: Time,
    /// Where its price starts, in USDT
    #[arg(long, value_name = "USDT", default_value = "60000", value_parser = parse::market_price)]
    price: f64,
    /// Something that happens, such as crash@2024-01-03T14:00Z or range@2024-01-05+12h; may be repeated
    #[arg(long, value_name = "NAME@TIME[+LENGTH]", value_parser = parse::scenario)]
    scenario: Vec<Laid>,
    /// Print one JSON document instead of lines
    #[arg(long)]
    json: bool,
}

const DAYS_USUAL: usize = 90;
const MINUTES_PER_DAY: usize = 1_440;
/// A tick is 0.1 USDT.
const TICKS_PER_USDT: i64 = 10;

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let console = if arguments.json { console.quiet() } else { *console };
    let minutes = minutes(arguments)?;
    check_places(arguments)?;
    check_times(arguments, minutes)?;
    check_scenarios(arguments, minutes)?;
    let settings = MarketSettings {
        seed: arguments.seed,
        start: arguments.start,
        price: arguments.price,
        scenarios: arguments.scenario.clone(),
    };
    let progress = console.progress(minutes / MINUTES_PER_STEP + 1);
    progress.begin("making the market");
    let started = Instant::now();
    let made = made_market::make(&settings, minutes, arguments.mark.is_some(), || progress.done());
    let bars_per_second = minutes as f64 / started.elapsed().as_secs_f64().max(1e-9);
    progress.begin(format!("writing {}", arguments.out.display()));
    let hash = write(arguments, &made)?;
    drop(progress);
    if let Some(end) = end_reached(&made) {
        console.warn(&format!(
            "the price reached {end} USDT, which no made market leaves: it is no market there; lay fewer scenarios or \
             start it elsewhere"
        ));
    }
    if arguments.json {
        return console.print(&document(arguments, &made, hash, bars_per_second).document());
    }
    console.say(&format!("made {} bars a second", figures::count(bars_per_second as i64)));
    console.print(&lines_text(&lines(arguments, &made, hash)))
}

fn minutes(arguments: &Arguments) -> Result<usize, Failure> {
    let days = arguments.days.unwrap_or(DAYS_USUAL);
    let minutes = arguments.minutes.or_else(|| days.checked_mul(MINUTES_PER_DAY));
    minutes.filter(|minutes| (2..=MINUTES_MAX).contains(minutes)).ok_or_else(|| {
        let most = MINUTES_MAX / MINUTES_PER_DAY;
        let hint = format!("give --minutes from 2 to {MINUTES_MAX}, or --days from 1 to {most}");
        Failure::usage("a file holds neither fewer than two bars nor so many", hint)
    })
}

/// Every result has a place of its own, and there is something to write into it.
fn check_places(arguments: &Arguments) -> Result<(), Failure> {
    let named = [Some(&arguments.out), arguments.funding.as_ref(), arguments.mark.as_ref()];
    let places: Vec<PathBuf> = named.into_iter().flatten().map(|file| whole_file::place(file)).collect();
    for (i, place) in places.iter().enumerate() {
        if places[..i].contains(place) {
            let problem = format!("{} is to hold two results", place.display());
            return Err(Failure::usage(problem, "give --out, --funding and --mark a file each"));
        }
    }
    let is_csv = |file: &PathBuf| file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    match arguments.funding.as_ref().filter(|file| !is_csv(file)) {
        None => Ok(()),
        Some(file) => {
            let problem = format!("--funding {}: funding rates are written as CSV", file.display());
            Err(Failure::usage(problem, "end its name in .csv"))
        }
    }
}

/// Nothing is written that our own readers would refuse.
fn check_times(arguments: &Arguments, minutes: usize) -> Result<(), Failure> {
    let length = Interval::minutes(i64::try_from(minutes).expect("it was just bounded"));
    let (first, end) = (Time(TIME_MS_MIN), Time(TIME_MS_MAX));
    if first <= arguments.start && arguments.start <= end - length {
        return Ok(());
    }
    let day = |time: Time| time.to_string()[..10].to_owned();
    let problem = format!("--start {}: files hold times from 2000 to 2099", day(arguments.start));
    // The last day from which the whole market fits.
    let last = (end - length).floor(Interval::DAY);
    Err(Failure::usage(problem, format!("give a day from {} to {}", day(first), day(last))))
}

fn check_scenarios(arguments: &Arguments, minutes: usize) -> Result<(), Failure> {
    if arguments.scenario.len() > SCENARIOS_MAX {
        let problem = format!("{} scenarios", arguments.scenario.len());
        return Err(Failure::usage(problem, format!("give at most {SCENARIOS_MAX}")));
    }
    let end = arguments.start + Interval::minutes(i64::try_from(minutes).expect("it was just bounded"));
    match arguments.scenario.iter().find(|laid| laid.at < arguments.start || laid.at >= end) {
        None => Ok(()),
        Some(laid) => {
            let problem = format!("{} at {} would never be seen", laid.scenario.name(), laid.at);
            Err(Failure::usage(problem, format!("lay it from {} to before {end}", arguments.start)))
        }
    }
}

/// Writes everything; the hash of the bars as they read back.
fn write(arguments: &Arguments, made: &MadeMarket) -> Result<u64, Failure> {
    if let Some(file) = &arguments.funding {
        if made.funding.is_empty() {
            let problem = format!("{}: no funding falls due in so short a market", file.display());
            return Err(Failure::usage(problem, "make more than eight hours, or leave --funding out"));
        }
        write_funding(file, &made.funding)?;
    }
    if let Some(file) = &arguments.mark {
        write_bars(file, made.mark.as_bars(), Step::decimal(MARK_DECIMALS))?;
    }
    let flow = Flow { trades: &made.trades, taker_buy_volume: &made.taker_buy_volume };
    write_bars_with(&arguments.out, made.bars.as_bars(), Some(flow), Step::decimal(1))?;
    let loaded = load_bars(&arguments.out, &BarOptions { min_decimals: 1, ..BarOptions::default() })?;
    assert!(loaded.bars == made.bars, "what was written reads back");
    Ok(loaded.source.data_hash)
}

/// The least or the largest price there is, where the market came to it.
fn end_reached(made: &MadeMarket) -> Option<f64> {
    let is_end = |end: f64, prices: &[Price]| prices.contains(&Price(end as i64 * TICKS_PER_USDT));
    let bars = &made.bars;
    [(PRICE_MIN, &bars.low), (PRICE_MAX, &bars.high)]
        .into_iter()
        .find_map(|(end, prices)| is_end(end, prices).then_some(end))
}

fn range(made: &MadeMarket) -> (String, String) {
    let text = |price: Option<&model::Price>| {
        Step::decimal(1).format(price.expect("a market has two bars and more").0).to_string()
    };
    (text(made.bars.low.iter().min()), text(made.bars.high.iter().max()))
}

fn files(arguments: &Arguments) -> Vec<(&'static str, &Path)> {
    let mut files = vec![("bars", arguments.out.as_path())];
    files.extend(arguments.funding.as_deref().map(|file| ("funding", file)));
    files.extend(arguments.mark.as_deref().map(|file| ("mark", file)));
    files
}

fn lines(arguments: &Arguments, made: &MadeMarket, hash: u64) -> Vec<(&'static str, String)> {
    let (low, high) = range(made);
    let mut lines = vec![("made", format!("a market of seed {}, not history", arguments.seed))];
    lines.extend(files(arguments).into_iter().map(|(what, file)| (what, file.display().to_string())));
    lines.push(("rows", figures::count(made.bars.len() as i128)));
    lines.push(("first", made.bars.open_time[0].to_string()));
    lines.push(("last", made.bars.open_time[made.bars.len() - 1].to_string()));
    lines.push(("prices", format!("{low} to {high}")));
    for laid in &arguments.scenario {
        let length = laid.lasts.unwrap_or(laid.scenario.usual_length());
        lines.push(("scenario", format!("{} at {} for {length}", laid.scenario.name(), laid.at)));
    }
    lines.push(("hash", format!("{hash:016x}")));
    lines
}

fn document(arguments: &Arguments, made: &MadeMarket, hash: u64, bars_per_second: f64) -> Json {
    let (low, high) = range(made);
    let scenario = |laid: &Laid| {
        let length = laid.lasts.unwrap_or(laid.scenario.usual_length());
        Json::object([
            ("name", Json::text(laid.scenario.name())),
            ("at", Json::text(laid.at)),
            ("lasts", Json::text(length)),
        ])
    };
    let mut pairs: Vec<(String, Json)> = files(arguments)
        .into_iter()
        .map(|(what, file)| (format!("{what}_file"), Json::text(file.display())))
        .collect();
    let Json::Object(rest) = Json::object([
        ("made", Json::Truth(true)),
        ("seed", Json::Exact(arguments.seed.to_string())),
        ("rows", Json::count(made.bars.len())),
        ("funding_rows", Json::count(made.funding.len())),
        ("first", Json::text(made.bars.open_time[0])),
        ("last", Json::text(made.bars.open_time[made.bars.len() - 1])),
        ("price_min", Json::Exact(low)),
        ("price_max", Json::Exact(high)),
        ("scenarios", Json::List(arguments.scenario.iter().map(scenario).collect())),
        ("data_hash", Json::Text(format!("{hash:016x}"))),
        ("bars_per_second", Json::Number(bars_per_second.round())),
    ]) else {
        unreachable!("an object was made")
    };
    pairs.extend(rest);
    Json::Object(pairs)
}
