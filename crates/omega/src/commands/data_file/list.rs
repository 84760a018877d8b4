//! `omega data list`: what the catalogue holds, from when to when, and how complete that is.
//!
//! It refuses to open the files themselves: it says what their manifests say, and `omega data verify` whether that is
//! so.

use super::{coverage_json, shown};
use crate::console::Console;
use crate::downloaded::CatalogueFlags;
use crate::error::Failure;
use crate::figures;
use crate::json::Json;
use crate::table::{Align, Cell, Grid, Tone};
use clap::Args;
use data::catalogue::{Coverage, Kind, Series, Span};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega data list  # needs a catalogue")]
pub(super) struct Arguments {
    #[command(flatten)]
    catalogue: CatalogueFlags,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

/// One line.
struct Held {
    series: Series,
    span: Span,
    coverage: Coverage,
    files: usize,
    bytes: u64,
    damaged: usize,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let catalogue = arguments.catalogue.open()?;
    let mut held = Vec::new();
    for series in catalogue.series()? {
        let listing = catalogue.listing(&series)?;
        let (Some(first), Some(last)) = (listing.entries.first(), listing.entries.last()) else {
            if !listing.strays.is_empty() {
                console.warn(&format!("{series}: no file of it is whole; `omega data verify` says why"));
            }
            continue;
        };
        let span = Span { from: first.period.start(), to: last.period.end() };
        let coverage = Coverage::of(&series, &listing.entries, span);
        let (files, damaged) = (listing.entries.len(), listing.strays.len());
        let bytes = listing.entries.iter().map(|entry| entry.manifest.bytes).sum();
        held.push(Held { series, span, coverage, files, bytes, damaged });
    }
    if arguments.json {
        let root = ("catalogue", Json::text(catalogue.root().display()));
        let series = ("series", Json::List(held.iter().map(json).collect()));
        return console.print(&Json::object([root, series]).document());
    }
    if held.is_empty() {
        console.say(&format!("nothing was downloaded to {} yet", catalogue.root().display()));
        console.say("hint: `omega data download --source binance --from 2024-01-01 --to 2024-01-31` begins");
        return Ok(());
    }
    console.print(&table(&held, console.has_colour()))
}

fn json(held: &Held) -> Json {
    let Json::Object(mut pairs) = coverage_json(&held.series, held.span, &held.coverage) else {
        unreachable!("a coverage is an object")
    };
    pairs.push(("files".to_owned(), Json::count(held.files)));
    pairs.push(("bytes".to_owned(), Json::tally(held.bytes)));
    pairs.push(("damaged".to_owned(), Json::count(held.damaged)));
    Json::Object(pairs)
}

fn table(held: &[Held], colour: bool) -> String {
    let columns = [
        ("source", Align::Left),
        ("symbol", Align::Left),
        ("kind", Align::Left),
        ("days", Align::Left),
        ("complete %", Align::Right),
        ("gaps", Align::Right),
        ("files", Align::Right),
        ("bytes", Align::Right),
    ];
    let mut grid = Grid::new(&columns);
    let n = |count: i128| Cell::plain(figures::count(count));
    for Held { series, span, coverage, files, bytes, damaged } in held {
        let kind = match series.kind {
            Kind::Funding => series.kind.name().to_owned(),
            kind => format!("{} {}", kind.name(), series.interval),
        };
        let tone = if coverage.is_complete() { Tone::Good } else { Tone::Bad };
        grid.row(vec![
            Cell::plain(series.origin.name()),
            Cell::plain(&series.symbol),
            Cell::plain(kind),
            Cell::plain(span.to_string()),
            Cell::new(format!("{:.2}", coverage.percent()), tone),
            n(coverage.missing.len() as i128),
            n(*files as i128),
            n(i128::from(*bytes)),
        ]);
        let mut remark = |text: String| {
            let mut row = vec![Cell::plain(""); columns.len()];
            row[3] = Cell::plain(text);
            grid.row(row);
        };
        shown(&coverage.missing).into_iter().for_each(|gap| remark(format!("gap {gap}")));
        if *damaged > 0 {
            remark(format!("{damaged} damaged: omega data verify"));
        }
    }
    grid.render(colour)
}
