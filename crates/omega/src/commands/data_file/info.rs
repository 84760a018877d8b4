//! `omega data info`: what a file of bars holds.
//!
//! It refuses to mend: a file that a back-test would not take is an error here too.

use super::{lines_text, report_json, report_lines};
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use clap::Args;
use data::{BarOptions, LoadedBars, load_bars};
use model::{Price, Step};
use std::path::PathBuf;

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega data info bars.csv")]
pub(super) struct Arguments {
    /// The file
    file: PathBuf,
    /// Print one JSON document instead of lines
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let loaded = load_bars(&arguments.file, &BarOptions::default())?;
    let text = if arguments.json { json(&loaded).document() } else { lines_text(&lines(&loaded)) };
    console.print(&text)
}

/// Lowest and highest price, exactly.
fn range(loaded: &LoadedBars) -> (String, String) {
    let tick = Step::decimal(loaded.tick_decimals);
    let text =
        |price: Option<&Price>| tick.format(price.expect("a file without bars is an error").0).to_string();
    (text(loaded.bars.low.iter().min()), text(loaded.bars.high.iter().max()))
}

fn lines(loaded: &LoadedBars) -> Vec<(&'static str, String)> {
    let source = &loaded.source;
    let (low, high) = range(loaded);
    let mut lines = vec![
        ("file", source.path.display().to_string()),
        ("format", source.format.to_string()),
        ("columns", source.columns.join(", ")),
        ("times in", source.time_unit.to_string()),
        ("decimals", format!("{} in prices", source.price_decimals)),
    ];
    lines.extend(report_lines(&loaded.report));
    lines.push(("prices", format!("{low} to {high}")));
    lines.push(("hash", format!("{:016x}", source.data_hash)));
    lines
}

fn json(loaded: &LoadedBars) -> Json {
    let source = &loaded.source;
    let (low, high) = range(loaded);
    let mut pairs = vec![
        ("file".to_owned(), Json::text(source.path.display())),
        ("format".to_owned(), Json::text(source.format)),
        ("columns".to_owned(), Json::List(source.columns.iter().map(Json::text).collect())),
        ("time_unit".to_owned(), Json::text(source.time_unit)),
        ("price_decimals".to_owned(), Json::count(usize::from(source.price_decimals))),
    ];
    pairs.extend(report_json(&loaded.report));
    pairs.push(("price_min".to_owned(), Json::Exact(low)));
    pairs.push(("price_max".to_owned(), Json::Exact(high)));
    pairs.push(("data_hash".to_owned(), Json::Text(format!("{:016x}", source.data_hash))));
    Json::Object(pairs)
}
