//! `omega data verify`: whether every file of the catalogue is what was written and nothing between them is missing;
//! with `--repair` what is not is fetched again.
//!
//! It refuses to touch anything without `--repair`, to remove what it cannot replace, and to call a catalogue sound that it could not make so.

use super::download::Door;
use super::network::NetworkFlags;
use crate::console::Console;
use crate::downloaded::CatalogueFlags;
use crate::error::Failure;
use crate::json::Json;
use crate::parse;
use clap::Args;
use data::catalogue::{Catalogue, Fault, Finding, Origin, Series, Span};

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
    /// Fetch again what is damaged or missing; a damaged file stays until a sound one replaces it
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

/// What was found, and what is left of it.
struct Checked {
    /// The series that were looked at.
    series: usize,
    found: usize,
    findings: Vec<Finding>,
    /// What a repair could not have, for programs, and how much that is.
    lacks: (Json, usize),
}

impl Checked {
    fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.lacks.1 == 0
    }
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let console = if arguments.json { console.quiet() } else { *console };
    let catalogue = arguments.catalogue.open()?;
    let all = series(arguments, &catalogue)?;
    let checked = if arguments.repair {
        repaired(arguments, &catalogue, &all, &console)?
    } else {
        let findings = check(&catalogue, &all, &vec![None; all.len()], &console)?;
        Checked { series: all.len(), found: findings.len(), findings, lacks: (Json::List(Vec::new()), 0) }
    };
    let root = catalogue.root().display();
    console.print(&text(arguments, &catalogue, &checked))?;
    if checked.is_sound() {
        return Ok(());
    }
    if !arguments.repair {
        let problem = format!("{} findings in {root}", checked.findings.len());
        return Err(Failure::input(problem, "`omega data verify --repair` fetches it again"));
    }
    let problem = format!("{} findings are left in {root}", checked.findings.len().max(checked.lacks.1));
    Err(Failure::input(problem, "what is left the source did not give; try again later, or another --via"))
}

/// The series that are meant; there is one.
fn series(arguments: &Arguments, catalogue: &Catalogue) -> Result<Vec<Series>, Failure> {
    let root = catalogue.root().display();
    let mut all = catalogue.series()?;
    if all.is_empty() {
        let what = if catalogue.root().is_dir() { "holds no downloaded history" } else { "is not there" };
        let hint = "name another directory with --dir; `omega data download` fills one";
        return Err(Failure::input(format!("{root} {what}"), hint));
    }
    all.retain(|series| arguments.source.is_none_or(|source| source == series.origin));
    all.retain(|series| arguments.symbol.as_ref().is_none_or(|symbol| *symbol == series.symbol));
    if all.is_empty() {
        let source = arguments.source.map(|source| format!(" of {}", source.name())).unwrap_or_default();
        let symbol = arguments.symbol.as_ref().map(|symbol| format!(" {symbol}")).unwrap_or_default();
        let hint = format!("`omega data list --dir {root}` says what it holds");
        return Err(Failure::input(format!("{root} holds no series{source}{symbol}"), hint));
    }
    Ok(all)
}

fn text(arguments: &Arguments, catalogue: &Catalogue, checked: &Checked) -> String {
    let Checked { series, found, findings, lacks } = checked;
    let repaired = found.saturating_sub(findings.len());
    if arguments.json {
        let document = Json::object([
            ("catalogue", Json::text(catalogue.root().display())),
            ("sound", Json::Truth(checked.is_sound())),
            ("found", Json::count(*found)),
            ("repaired", Json::count(repaired)),
            ("findings", Json::List(findings.iter().map(json).collect())),
            ("lacks", lacks.0.clone()),
        ]);
        return document.document();
    }
    let mut text: String = findings.iter().map(|finding| format!("  {finding}\n")).collect();
    if arguments.repair && *found > 0 {
        text.push_str(&format!("  {repaired} of {found} findings were repaired\n"));
    }
    if checked.is_sound() {
        text.push_str(&format!("  {} is sound: {series} series\n", catalogue.root().display()));
    }
    text
}

/// Checks every series, each over a span that is wanted of it besides what its files say.
fn check(
    catalogue: &Catalogue,
    all: &[Series],
    wanted: &[Option<Span>],
    console: &Console,
) -> Result<Vec<Finding>, Failure> {
    let progress = console.progress(all.len());
    let mut findings = Vec::new();
    for (series, wanted) in all.iter().zip(wanted) {
        progress.begin(format!("checking {series}"));
        findings.extend(catalogue.check(series, *wanted)?);
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
fn repaired(arguments: &Arguments, _: &Catalogue, _: &[Series], _: &Console) -> Result<Checked, Failure> {
    Err(arguments.network.refuse())
}

/// Fetches again what is damaged or missing; what is damaged goes when something sound has taken its place.
#[cfg(feature = "http")]
fn repaired(
    arguments: &Arguments,
    catalogue: &Catalogue,
    all: &[Series],
    console: &Console,
) -> Result<Checked, Failure> {
    use crate::download::plan::Plan;
    let doors = all.iter().map(|series| super::download::door(series.origin, arguments.via));
    let doors: Vec<_> = doors.collect::<Result<_, _>>()?;
    let lock = crate::download::Lock::take(catalogue.root())?;
    // The files that are lost in a repair are wanted still.
    let extents = all.iter().map(|series| Ok(catalogue.listing(series)?.extent()));
    let extents: Vec<Option<Span>> = extents.collect::<Result<_, Failure>>()?;
    let findings = check(catalogue, all, &extents, console)?;
    let (found, none) = (findings.len(), (Json::List(Vec::new()), 0));
    if found == 0 {
        return Ok(Checked { series: all.len(), found, findings, lacks: none });
    }
    let (today, bases) = (arguments.network.today(), arguments.network.bases());
    let mut whole = Plan::default();
    for (series, via) in all.iter().zip(doors) {
        let found: Vec<&Finding> = findings.iter().filter(|finding| finding.series == *series).collect();
        let entries = catalogue.listing(series)?.entries;
        let Plan { jobs, lacks } =
            crate::download::repair::plan(series, &entries, &found, via, today, &bases);
        whole.jobs.extend(jobs);
        whole.lacks.extend(lacks);
    }
    let outcome = super::network::fetch(catalogue, &lock, whole, &arguments.network, console)?;
    for series in all {
        catalogue.drop_replaced(series)?;
    }
    outcome.lacks.iter().for_each(|lack| {
        console.warn(&format!("{} {}: {}", lack.series, lack.period, lack.why));
    });
    let findings = check(catalogue, all, &extents, console)?;
    let lacks = (super::lacks_json(&outcome.lacks), outcome.lacks.len());
    Ok(Checked { series: all.len(), found, findings, lacks })
}
