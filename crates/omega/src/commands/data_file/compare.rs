//! `omega data compare`: two files of one-minute bars side by side, by every statistic; or made markets beside real ones.
//!
//! It refuses bars of another length, and a figure where there is none: what is undefined says why.

use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::market_files::warn_of_gaps;
use crate::table::{Align, Cell, Grid};
use crate::{made_market, parallel, parse};
use clap::Args;
use data::{BarOptions, load_bars, load_takers};
use model::Time;
use std::path::{Path, PathBuf};
use synthetic::MarketSettings;
use synthetic::statistics::{ALL, Sample, Statistic, Undefined};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega data compare bars.csv made.csv\n  omega data compare --seeds 2 --days 60"
)]
pub(super) struct Arguments {
    /// Two files of one-minute bars
    #[arg(num_args = 2, value_names = ["A", "B"], required_unless_present = "seeds", conflicts_with = "seeds")]
    files: Vec<PathBuf>,
    /// Instead of files: so many made markets (seeds 1, 2 ...) beside the published figures of real Bitcoin
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_000))]
    seeds: Option<u16>,
    /// How long each made market is, in days
    #[arg(long, value_name = "N", default_value_t = 730, requires = "seeds",
          value_parser = clap::value_parser!(u16).range(2..=7_300))]
    days: u16,
    /// Where made markets start, in USDT
    #[arg(long, value_name = "USDT", default_value = "40000", requires = "seeds", value_parser = parse::market_price)]
    price: f64,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

type Figures = Vec<Result<f64, Undefined>>;

/// Where the compared markets start: two whole years of the published figures.
fn start() -> Time {
    Time::from_date(2022, 1, 1).expect("there was such a day")
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let console = if arguments.json { console.quiet() } else { *console };
    if let Some(seeds) = arguments.seeds {
        let all = of_seeds(usize::from(seeds), usize::from(arguments.days), arguments.price, &console);
        let text = if arguments.json {
            seeds_json(arguments, &all).document()
        } else {
            seeds_table(&all).render(console.has_colour())
        };
        return console.print(&text);
    }
    let [a, b] = arguments.files.as_slice() else { unreachable!("clap requires two files") };
    let progress = console.progress(2);
    let mut figures = Vec::with_capacity(2);
    for file in [a, b] {
        progress.begin(format!("reading {}", file.display()));
        figures.push(of_file(file, &console)?);
        progress.done();
    }
    drop(progress);
    let text = if arguments.json {
        files_json(a, b, &figures).document()
    } else {
        files_text(a, b, &figures, console.has_colour())
    };
    console.print(&text)
}

fn measure(sample: &Sample) -> Figures {
    ALL.iter().map(|statistic| (statistic.of)(sample)).collect()
}

fn of_file(file: &Path, console: &Console) -> Result<Figures, Failure> {
    let loaded = load_bars(file, &BarOptions::default())?;
    let takers = load_takers(file)?;
    warn_of_gaps(console, file, &loaded.report);
    if takers.as_ref().is_some_and(|takers| takers.len() != loaded.bars.len()) {
        let problem = format!("{} changed while it was read", file.display());
        return Err(Failure::input(problem, "run the comparison again when nobody writes to it"));
    }
    let sample = Sample::new(loaded.bars.as_bars(), takers.as_deref()).map_err(|undefined| {
        let problem = format!("{}: {}", file.display(), undefined.0);
        Failure::input(problem, "give files of one-minute bars with positive prices")
    })?;
    Ok(measure(&sample))
}

fn of_seeds(seeds: usize, days: usize, price: f64, console: &Console) -> Vec<Figures> {
    let progress = console.progress(seeds);
    progress.begin("making and measuring markets");
    parallel::map(seeds, |i| {
        let settings = MarketSettings { seed: 1 + i as u64, start: start(), price, scenarios: Vec::new() };
        let made = made_market::make(&settings, days * 1_440, false, || {});
        let sample = Sample::new(made.bars.as_bars(), Some(&made.taker_buy_volume));
        let figures = measure(&sample.expect("made bars are those of minutes, and positive"));
        progress.done();
        figures
    })
}

/// Three digits that matter, more or less: a column is narrow.
fn text(figure: f64) -> String {
    match figure.abs() {
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        size if size < 0.01 => format!("{figure:.4}"),
        _ => format!("{figure:.3}"),
    }
}

fn cell(figure: Result<f64, Undefined>) -> Cell {
    Cell::plain(figure.map_or_else(|_| "n/a".to_owned(), text))
}

/// Why a figure of either is not there.
fn why(a: Result<f64, Undefined>, b: Result<f64, Undefined>) -> String {
    match (a.err(), b.err()) {
        (Some(a), Some(b)) if a == b => a.0.to_owned(),
        (Some(a), _) => format!("A: {}", a.0),
        (None, Some(b)) => format!("B: {}", b.0),
        (None, None) => String::new(),
    }
}

fn ratio(a: Result<f64, Undefined>, b: Result<f64, Undefined>) -> Option<f64> {
    let (a, b) = (a.ok()?, b.ok()?);
    Some(b / a).filter(|ratio| ratio.is_finite())
}

fn files_text(a: &Path, b: &Path, figures: &[Figures], colour: bool) -> String {
    let heads = ["A", "B", "B / A"].map(|head| (head, Align::Right));
    let mut grid = Grid::new(&[&[("", Align::Left)], &heads[..], &[("", Align::Left)]].concat());
    for (i, statistic) in ALL.iter().enumerate() {
        let (of_a, of_b) = (figures[0][i], figures[1][i]);
        let ratio = ratio(of_a, of_b).map_or_else(|| "n/a".to_owned(), |ratio| format!("{ratio:.2}"));
        grid.row(vec![
            Cell::plain(statistic.label),
            cell(of_a),
            cell(of_b),
            Cell::plain(ratio),
            Cell::plain(why(of_a, of_b)),
        ]);
    }
    format!("  A  {}\n  B  {}\n\n{}", a.display(), b.display(), grid.render(colour))
}

fn figure_json(figure: Result<f64, Undefined>) -> Json {
    figure.map_or(Json::Null, Json::Number)
}

fn files_json(a: &Path, b: &Path, figures: &[Figures]) -> Json {
    let row = |(i, statistic): (usize, &Statistic)| {
        let (of_a, of_b) = (figures[0][i], figures[1][i]);
        let reason = of_a.err().or(of_b.err());
        Json::object([
            ("name", Json::text(statistic.name)),
            ("label", Json::text(statistic.label)),
            ("a", figure_json(of_a)),
            ("b", figure_json(of_b)),
            ("ratio", Json::optional(ratio(of_a, of_b), Json::Number)),
            ("undefined", Json::optional(reason, |undefined| Json::text(undefined.0))),
        ])
    };
    Json::object([
        ("a", Json::text(a.display())),
        ("b", Json::text(b.display())),
        ("statistics", Json::List(ALL.iter().enumerate().map(row).collect())),
    ])
}

/// Least, middle and largest value over the markets, and how many lie within the bounds.
struct Spread {
    least: f64,
    middle: f64,
    most: f64,
    inside: Option<usize>,
}

/// Nothing where some market was too short for the statistic.
fn spread(all: &[Figures], i: usize) -> Result<Spread, Undefined> {
    let mut values = all.iter().map(|figures| figures[i]).collect::<Result<Vec<f64>, Undefined>>()?;
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let middle = (values[(n - 1) / 2] + values[n / 2]) / 2.0;
    let within =
        |(low, high): (f64, f64)| values.iter().filter(|value| (low..=high).contains(*value)).count();
    Ok(Spread { least: values[0], middle, most: values[n - 1], inside: ALL[i].range().map(within) })
}

fn seeds_table(all: &[Figures]) -> Grid {
    let heads = ["2022-23", "2018-21", "bounds", "least", "middle", "most", "in"];
    let mut columns = vec![("", Align::Left)];
    columns.extend(heads.map(|head| (head, Align::Right)));
    let mut grid = Grid::new(&columns);
    for (i, statistic) in ALL.iter().enumerate() {
        let known = |figure: Option<f64>| Cell::plain(figure.map_or_else(|| "-".to_owned(), text));
        let mut row = vec![Cell::plain(statistic.label), known(statistic.real[0]), known(statistic.real[1])];
        let bounds = statistic.range().map(|(low, high)| format!("{}..{}", text(low), text(high)));
        row.push(Cell::plain(bounds.unwrap_or_else(|| "-".to_owned())));
        match spread(all, i) {
            Ok(spread) => {
                row.extend(
                    [spread.least, spread.middle, spread.most].map(|figure| Cell::plain(text(figure))),
                );
                let inside = spread.inside.map_or_else(|| "-".to_owned(), |n| format!("{n}/{}", all.len()));
                row.push(Cell::plain(inside));
            }
            Err(_) => row.extend(["n/a", "n/a", "n/a", "n/a"].map(Cell::plain)),
        }
        grid.row(row);
    }
    grid
}

fn seeds_json(arguments: &Arguments, all: &[Figures]) -> Json {
    let row = |(i, statistic): (usize, &Statistic)| {
        let spread = spread(all, i);
        let of =
            |figure: fn(&Spread) -> f64| figure_json(spread.as_ref().map(figure).map_err(|reason| *reason));
        let range = statistic.range();
        Json::object([
            ("name", Json::text(statistic.name)),
            ("label", Json::text(statistic.label)),
            ("real_2022_2023", Json::optional(statistic.real[0], Json::Number)),
            ("real_2018_2021", Json::optional(statistic.real[1], Json::Number)),
            ("from", Json::optional(range, |range| Json::Number(range.0))),
            ("to", Json::optional(range, |range| Json::Number(range.1))),
            ("least", of(|spread| spread.least)),
            ("middle", of(|spread| spread.middle)),
            ("most", of(|spread| spread.most)),
            ("inside", Json::optional(spread.as_ref().ok().and_then(|spread| spread.inside), Json::count)),
            ("undefined", Json::optional(spread.as_ref().err(), |undefined| Json::text(undefined.0))),
        ])
    };
    Json::object([
        ("seeds", Json::count(all.len())),
        ("days", Json::count(usize::from(arguments.days))),
        ("statistics", Json::List(ALL.iter().enumerate().map(row).collect())),
    ])
}
