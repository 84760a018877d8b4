//! `omega data verify`: whether every file of the catalogue is what was written and nothing between them is missing;
//! with `--repair` what is not is fetched again.
//!
//! It refuses to touch anything without `--repair`, and to call a catalogue sound that it could not make so.

use super::download::Door;
use super::network::NetworkFlags;
use crate::console::Console;
use crate::downloaded::CatalogueFlags;
use crate::error::Failure;
use crate::json::Json;
use crate::parse;
use clap::Args;
use data::catalogue::{Catalogue, Fault, Finding, Origin, Series};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega data verify --dir catalogue  # needs a catalogue\n  omega data verify --repair  # needs the network"
)]
pub(super) struct Arguments {
    /// Only this source: binance or bitget
    #[arg(long, value_name = "NAME", value_parser = parse::origin)]
    source: Option<Origin>,
    /// Only this market
    #[arg(long)]
    symbol: Option<String>,
    /// Fetch again what is damaged or missing; damaged files are removed
    #[arg(long)]
    repair: bool,
    /// By which door it is fetched again [default: archive for binance, rest for bitget]
    #[arg(long, value_name = "DOOR")]
    via: Option<Door>,
    #[command(flatten)]
    catalogue: CatalogueFlags,
    #[command(flatten)]
    network: NetworkFlags,
    /// Print one JSON document instead of lines
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let console = if arguments.json { console.quiet() } else { *console };
    let catalogue = arguments.catalogue.open()?;
    let mut all = catalogue.series()?;
    all.retain(|series| arguments.source.is_none_or(|source| source == series.origin));
    all.retain(|series| arguments.symbol.as_ref().is_none_or(|symbol| *symbol == series.symbol));
    let mut findings = check(&catalogue, &all, &console)?;
    let found = findings.len();
    if arguments.repair && found > 0 {
        repair(arguments, &catalogue, &all, &findings, &console)?;
        findings = check(&catalogue, &all, &console)?;
    }
    if arguments.json {
        let document = Json::object([
            ("catalogue", Json::text(catalogue.root().display())),
            ("sound", Json::Truth(findings.is_empty())),
            ("found", Json::count(found)),
            ("findings", Json::List(findings.iter().map(json).collect())),
        ]);
        console.print(&document.document())?;
    } else {
        let mut text: String = findings.iter().map(|finding| format!("  {finding}\n")).collect();
        let mended = found.saturating_sub(findings.len());
        if mended > 0 {
            text.push_str(&format!("  {mended} of {found} findings were repaired\n"));
        }
        if findings.is_empty() {
            text.push_str(&format!("  {} is sound: {} series\n", catalogue.root().display(), all.len()));
        }
        console.print(&text)?;
    }
    if findings.is_empty() {
        return Ok(());
    }
    let hint = if arguments.repair {
        "what is left the source did not give; try again later, or another --via"
    } else {
        "`omega data verify --repair` fetches it again"
    };
    let problem = format!("{} findings in {}", findings.len(), catalogue.root().display());
    Err(Failure::input(problem, hint))
}

fn check(catalogue: &Catalogue, all: &[Series], console: &Console) -> Result<Vec<Finding>, Failure> {
    let progress = console.progress(all.len());
    let mut findings = Vec::new();
    for series in all {
        progress.begin(format!("checking {series}"));
        findings.extend(catalogue.check(series, None)?);
        progress.done();
    }
    Ok(findings)
}

fn json(finding: &Finding) -> Json {
    let fault = match &finding.fault {
        Fault::Absent => "absent",
        Fault::Hole => "hole",
        Fault::Damaged(_) => "damaged",
    };
    Json::object([
        ("series", Json::text(&finding.series)),
        ("fault", Json::text(fault)),
        ("from", Json::optional(finding.span, |span| Json::text(span.from))),
        ("to", Json::optional(finding.span, |span| Json::text(span.to))),
        ("file", Json::optional(finding.file.as_ref(), |file| Json::text(file.display()))),
        ("says", Json::text(finding)),
    ])
}

#[cfg(not(feature = "http"))]
fn repair(
    arguments: &Arguments,
    _: &Catalogue,
    _: &[Series],
    _: &[Finding],
    _: &Console,
) -> Result<(), Failure> {
    Err(arguments.network.refuse())
}

/// Removes what is damaged and fetches again what is not there.
#[cfg(feature = "http")]
fn repair(
    arguments: &Arguments,
    catalogue: &Catalogue,
    all: &[Series],
    findings: &[Finding],
    console: &Console,
) -> Result<(), Failure> {
    use crate::download::plan::Plan;
    let (today, bases) = (arguments.network.today(), arguments.network.bases());
    let mut whole = Plan::default();
    for series in all {
        let found: Vec<&Finding> = findings.iter().filter(|finding| finding.series == *series).collect();
        for finding in &found {
            if let (Fault::Damaged(_), Some(_), Some(file)) = (&finding.fault, finding.span, &finding.file) {
                catalogue.remove(file)?;
            }
        }
        let via = super::download::door(series.origin, arguments.via)?;
        let entries = catalogue.listing(series)?.entries;
        let Plan { jobs, lacks } =
            crate::download::repair::plan(series, &entries, &found, via, today, &bases);
        whole.jobs.extend(jobs);
        whole.lacks.extend(lacks);
    }
    let outcome = super::network::fetch(catalogue, whole, &arguments.network, console)?;
    outcome.lacks.iter().for_each(|lack| {
        console.warn(&format!("{} {}: {}", lack.series, lack.period, lack.why));
    });
    Ok(())
}
