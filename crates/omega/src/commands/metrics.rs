//! `omega metrics`: every metric of an equity curve and of closed trades, from files of whatever made them.
//!
//! It refuses to guess which of several personas is meant, to skip a row it cannot read, and to give trade metrics
//! without a file of trades.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::parse;
use crate::report::{self, Outcome, run_json};
use crate::table::{Align, Cell, Grid};
use analytics::{Inputs, METRICS, Undefined};
use clap::Args;
use model::Usd;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(super) const COMMAND: Command = Command {
    name: "metrics",
    about: "Compute every metric of an equity curve and its trades",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega metrics --equity equity.csv --trades trades.csv --persona newbie --capital 10000"
)]
struct Arguments {
    /// Equity a day: a CSV file with a column `equity`
    #[arg(long, value_name = "FILE")]
    equity: PathBuf,
    /// Closed trades: a CSV file with a column `pnl` or `profit_abs`, net
    #[arg(long, value_name = "FILE")]
    trades: Option<PathBuf>,
    /// USDT it started with
    #[arg(long, value_name = "USDT", value_parser = parse::capital, allow_negative_numbers = true)]
    capital: Usd,
    /// Whose rows, where the files hold those of several
    #[arg(long, value_name = "NAME")]
    persona: Option<String>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let persona = arguments.persona.as_deref();
    let mut equity = read_column(&arguments.equity, &["equity"], persona)?;
    start_at_capital(&mut equity, arguments.capital, console);
    let profits = match &arguments.trades {
        Some(file) => Some(read_column(file, &["pnl", "profit_abs"], persona)?),
        None => None,
    };
    if profits.is_none() {
        console.say("note: no --trades file was given: the metrics of trades are not measured");
    }
    let figures = figures(&equity, profits.as_deref());
    if arguments.json {
        return console.print(&Json::Object(run_json::metrics(&figures)).document());
    }
    let mut grid = Grid::new(&[("metric", Align::Left), ("value", Align::Right), ("key", Align::Left)]);
    for (metric, (key, outcome)) in METRICS.iter().zip(&figures) {
        grid.row(vec![Cell::plain(metric.title), Cell::plain(metric.format(*outcome)), Cell::plain(*key)]);
    }
    console.print(&grid.render(console.has_colour()))
}

/// Every metric; those of trades, which the list has from `trades` on, only where there is a file of them.
fn figures(equity: &[f64], profits: Option<&[f64]>) -> Vec<(&'static str, Outcome)> {
    let mut figures = report::figures(&Inputs { equity, profits: profits.unwrap_or_default() });
    if profits.is_none() {
        let first = figures.iter().position(|(key, _)| *key == "trades").expect("trades are counted");
        figures[first..].iter_mut().for_each(|(_, outcome)| *outcome = Err(Undefined::NotMeasured));
    }
    figures
}

/// The first return needs a value to be on: the file's first row where that is the capital, else the capital itself.
fn start_at_capital(equity: &mut Vec<f64>, capital: Usd, console: &Console) {
    let capital = capital.as_f64();
    if equity.first() == Some(&capital) {
        return;
    }
    equity.insert(0, capital);
    console.say(
        "note: the first equity is not the capital: the capital was put before it as the starting point",
    );
}

/// The numbers of the first of these columns that the file has.
fn read_column(file: &Path, names: &[&str], persona: Option<&str>) -> Result<Vec<f64>, Failure> {
    let shown = file.display();
    let damaged = |error: csv::Error| {
        let text = error.to_string().replace(['\n', '\r'], " ");
        Failure::input(format!("cannot read {shown}: {text}"), "check the path, and that it is a CSV file")
    };
    let mut reader = csv::Reader::from_path(file).map_err(damaged)?;
    let header = reader.headers().map_err(damaged)?.clone();
    let find = |name: &str| header.iter().position(|head| head.trim_start_matches('\u{feff}').trim() == name);
    let Some((at, column)) = names.iter().find_map(|name| Some((find(name)?, *name))) else {
        let found = header.iter().collect::<Vec<_>>().join(", ");
        let problem = format!("{shown} has no column {}; its columns are {found}", names.join(" or "));
        return Err(Failure::input(problem, format!("name the column in the first row: {}", names[0])));
    };
    let whose = find("persona");
    let mut personas = BTreeSet::new();
    let mut values = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(damaged)?;
        if let Some(name) = whose.and_then(|whose| record.get(whose)) {
            personas.insert(name.to_owned());
            if persona.is_some_and(|persona| persona != name) {
                continue;
            }
        }
        let text = record.get(at).unwrap_or_default().trim();
        let value = text.parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| {
            let problem =
                format!("{shown}: row {}, column `{column}`: \"{text}\" is not a finite number", index + 1);
            Failure::input(problem, "put the right number in; a day or a trade cannot be left out")
        })?;
        values.push(value);
    }
    one_persona(file, &personas, persona)?;
    Ok(values)
}

fn one_persona(file: &Path, found: &BTreeSet<String>, wanted: Option<&str>) -> Result<(), Failure> {
    let names = found.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    match wanted {
        None if found.len() > 1 => {
            let problem = format!("{} holds rows of several personas: {names}", file.display());
            Err(Failure::usage(problem, "say whose are meant with --persona NAME"))
        }
        Some(name) if !found.is_empty() && !found.contains(name) => {
            let problem = format!("{} holds no row of \"{name}\"", file.display());
            Err(Failure::usage(problem, format!("it holds rows of {names}")))
        }
        Some(name) if found.is_empty() => {
            let problem = format!("{} does not say whose rows it holds, so not \"{name}\"'s", file.display());
            Err(Failure::usage(problem, "leave --persona out"))
        }
        _ => Ok(()),
    }
}
