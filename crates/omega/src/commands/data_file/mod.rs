//! `omega data`: look at files of bars, turn them into clean ones, fetch history, make some, and compare two.
//!
//! It refuses to mend anything that it was not told to mend.

// tidy: list-of .
mod compare;
mod download;
mod generate;
mod import;
mod info;
mod list;
mod network;
mod verify;

use super::Command;
use crate::figures;
use crate::json::Json;
use clap::{Args, Subcommand};
use data::Validation;
use data::catalogue::{Coverage, Kind, Series, Span};

pub(super) const COMMAND: Command = Command {
    name: "data",
    about: "Fetch, inspect, import, make and compare history",
    arguments: |command| {
        Arguments::augment_args(command).subcommand_required(true).arg_required_else_help(true)
    },
    run: |matches, console| match super::arguments::<Arguments>(matches).verb {
        Verb::Download(arguments) => download::execute(&arguments, console),
        Verb::List(arguments) => list::execute(&arguments, console),
        Verb::Verify(arguments) => verify::execute(&arguments, console),
        Verb::Info(arguments) => info::execute(&arguments, console),
        Verb::Import(arguments) => import::execute(&arguments, console),
        Verb::Generate(arguments) => generate::execute(&arguments, console),
        Verb::Compare(arguments) => compare::execute(&arguments, console),
    },
};

/// The flags.
#[derive(Args, Debug)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Fetch an exchange's history into the catalogue
    Download(Box<download::Arguments>),
    /// Say what the catalogue holds
    List(list::Arguments),
    /// Check the catalogue, and mend it with --repair
    Verify(Box<verify::Arguments>),
    /// Say what a file of bars holds and what is unusual about it
    Info(info::Arguments),
    /// Read files of bars in any format, check them, and write one clean file
    Import(import::Arguments),
    /// Make a market that never was, with the statistics of a real one
    Generate(generate::Arguments),
    /// Put two files of one-minute bars side by side, by every statistic
    Compare(compare::Arguments),
}

/// Gaps that are listed one by one for a person.
const GAPS_SHOWN: usize = 10;

/// What is unusual about bars, a line each.
fn report_lines(report: &Validation) -> Vec<(&'static str, String)> {
    let n = |count: usize| figures::count(count as i128);
    let mut lines = vec![
        ("rows", n(report.rows)),
        ("first", report.first.to_string()),
        ("last", report.last.to_string()),
        ("interval", report.interval.to_string()),
        ("gaps", format!("{}, {} bars missing", n(report.gaps.len()), n(report.missing_total))),
    ];
    for gap in report.gaps.iter().take(GAPS_SHOWN) {
        lines.push(("", format!("after {}: {} bars", gap.after, n(gap.missing_bars))));
    }
    if report.gaps.len() > GAPS_SHOWN {
        lines.push(("", format!("and {} more", n(report.gaps.len() - GAPS_SHOWN))));
    }
    lines.push(("zero volume", format!("{} bars", n(report.zero_volume))));
    if report.opens_carried > 0 {
        let count = n(report.opens_carried);
        lines.push((
            "opens carried",
            format!("{count} bars open at the previous close; their range was widened"),
        ));
    }
    if report.rows_moved + report.duplicates_dropped > 0 {
        let (moved, dropped) = (n(report.rows_moved), n(report.duplicates_dropped));
        lines.push(("repaired", format!("{moved} rows moved, {dropped} repeats dropped")));
    }
    lines
}

/// The same for programs; every gap.
fn report_json(report: &Validation) -> Vec<(String, Json)> {
    let gap = |gap: &data::Gap| {
        Json::object([("after", Json::text(gap.after)), ("missing_bars", Json::count(gap.missing_bars))])
    };
    let Json::Object(pairs) = Json::object([
        ("rows", Json::count(report.rows)),
        ("first", Json::text(report.first)),
        ("last", Json::text(report.last)),
        ("interval", Json::text(report.interval)),
        ("gaps_total", Json::count(report.gaps.len())),
        ("missing_total", Json::count(report.missing_total)),
        ("gaps", Json::List(report.gaps.iter().map(gap).collect())),
        ("zero_volume", Json::count(report.zero_volume)),
        ("opens_carried", Json::count(report.opens_carried)),
        ("rows_moved", Json::count(report.rows_moved)),
        ("duplicates_dropped", Json::count(report.duplicates_dropped)),
    ]) else {
        unreachable!("an object was made")
    };
    pairs
}

/// Labels and values, aligned.
fn lines_text(lines: &[(&str, String)]) -> String {
    lines.iter().map(|(label, value)| format!("  {label:<14} {value}").trim_end().to_owned() + "\n").collect()
}

/// Spans, as many as a person reads.
fn shown(spans: &[Span]) -> Vec<String> {
    let mut lines: Vec<String> = spans.iter().take(GAPS_SHOWN).map(Span::to_string).collect();
    if spans.len() > GAPS_SHOWN {
        lines.push(format!("and {} more", figures::count((spans.len() - GAPS_SHOWN) as i128)));
    }
    lines
}

/// How much of a series is there, and exactly what is not.
#[cfg(feature = "http")]
fn coverage_lines(series: &Series, span: Span, coverage: &Coverage) -> Vec<(&'static str, String)> {
    let whole = format!("{series} {span}: {:.2} % complete", coverage.percent());
    let missing = shown(&coverage.missing).into_iter().map(|span| ("", format!("missing {span}")));
    [("series", whole)].into_iter().chain(missing).collect()
}

/// The same for programs; every gap.
fn coverage_json(series: &Series, span: Span, coverage: &Coverage) -> Json {
    let interval = (series.kind != Kind::Funding).then_some(series.interval);
    let gap = |gap: &Span| Json::object([("from", Json::text(gap.from)), ("to", Json::text(gap.to))]);
    Json::object([
        ("source", Json::text(series.origin.name())),
        ("symbol", Json::text(&series.symbol)),
        ("kind", Json::text(series.kind.name())),
        ("interval", Json::optional(interval, Json::text)),
        ("from", Json::text(span.from)),
        ("to", Json::text(span.to)),
        ("percent", Json::Number(coverage.percent())),
        ("gaps", Json::List(coverage.missing.iter().map(gap).collect())),
    ])
}

/// What could not be had, for programs.
#[cfg(feature = "http")]
fn lacks_json(lacks: &[crate::download::plan::Lack]) -> Json {
    let lack = |lack: &crate::download::plan::Lack| {
        Json::object([
            ("series", Json::text(&lack.series)),
            ("period", Json::text(lack.period)),
            ("why", Json::text(&lack.why)),
        ])
    };
    Json::List(lacks.iter().map(lack).collect())
}
