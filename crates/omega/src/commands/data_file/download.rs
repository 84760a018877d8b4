//! `omega data download`: history from an exchange's archive or interface into the catalogue.
//!
//! It refuses a day that is not over, to fetch what is there, and to end well while anything that was asked for is
//! missing.

use super::network::NetworkFlags;
use crate::console::Console;
use crate::downloaded::CatalogueFlags;
use crate::error::Failure;
use crate::parse;
use clap::{Args, ValueEnum};
use data::catalogue::{Kind, Origin};
use model::{Interval, Time};

/// By which door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Door {
    /// Files of whole days or months
    Archive,
    /// Pages of the public interface
    Rest,
}

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega data download --source binance --from 2024-01-01 --to 2024-03-31  # needs the network\n  omega data download --source bitget --from 2024-06-01 --to 2024-06-07 --kind bars,funding  # needs the network"
)]
pub(super) struct Arguments {
    /// Whose history: binance or bitget
    #[arg(long, value_name = "NAME", value_parser = parse::origin)]
    source: Origin,
    /// By which door [default: archive for binance, rest for bitget]
    #[arg(long, value_name = "DOOR")]
    via: Option<Door>,
    /// Which market
    #[arg(long, default_value = "BTCUSDT")]
    symbol: String,
    /// First UTC day, included
    #[arg(long, value_name = "DAY", value_parser = parse::day)]
    from: Time,
    /// Last UTC day, included; it must be over
    #[arg(long, value_name = "DAY", value_parser = parse::day)]
    to: Time,
    /// What: bars, funding, mark, index
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = "bars,funding,mark", value_parser = parse::kind)]
    kind: Vec<Kind>,
    /// Length of a bar, of marks and of index prices too
    #[arg(long, value_name = "LENGTH", default_value = "1m", value_parser = parse::kept_interval)]
    interval: Interval,
    #[command(flatten)]
    catalogue: CatalogueFlags,
    #[command(flatten)]
    network: NetworkFlags,
    /// Print one JSON document instead of lines
    #[arg(long)]
    json: bool,
}

#[cfg(not(feature = "http"))]
pub(super) fn execute(arguments: &Arguments, _: &Console) -> Result<(), Failure> {
    Err(arguments.network.refuse())
}

#[cfg(feature = "http")]
pub(super) use with_http::{door, execute};

#[cfg(feature = "http")]
mod with_http {
    use super::*;
    use crate::commands::data_file::{coverage_json, coverage_lines, lacks_json, lines_text, network};
    use crate::download::Lock;
    use crate::download::plan::{Plan, Via, Wish, plan};
    use crate::figures;
    use crate::json::Json;
    use data::catalogue::{Catalogue, Coverage, Period, Series, Span, Stray};

    pub(in crate::commands) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
        let console = if arguments.json { console.quiet() } else { *console };
        let catalogue = arguments.catalogue.open()?;
        let today = arguments.network.today();
        let span = span(arguments, today)?;
        let wishes = wishes(arguments, span)?;
        let bases = arguments.network.bases();
        let lock = Lock::take(catalogue.root())?;
        let mut whole = Plan::default();
        for wish in &wishes {
            let have: Vec<Period> =
                catalogue.listing(&wish.series)?.entries.iter().map(|entry| entry.period).collect();
            let Plan { jobs, lacks } = plan(wish, &have, today, &bases);
            whole.jobs.extend(jobs);
            whole.lacks.extend(lacks);
        }
        let outcome = network::fetch(&catalogue, &lock, whole, &arguments.network, &console)?;
        let (mut covered, mut strays) = (Vec::new(), Vec::new());
        for Wish { series, .. } in &wishes {
            strays.extend(self::strays(&catalogue, series, span)?);
            covered.push((series, catalogue.coverage(series, span)?));
        }
        let is_complete = strays.is_empty() && covered.iter().all(|(_, coverage)| coverage.is_complete());
        let text = if arguments.json {
            let series = covered.iter().map(|(series, coverage)| coverage_json(series, span, coverage));
            Json::object([
                ("catalogue", Json::text(catalogue.root().display())),
                ("complete", Json::Truth(is_complete)),
                ("files", Json::count(outcome.written)),
                ("requests", Json::count(outcome.requests)),
                ("bytes", Json::tally(outcome.bytes)),
                ("series", Json::List(series.collect())),
                ("lacks", lacks_json(&outcome.lacks)),
                (
                    "damaged",
                    Json::List(strays.iter().map(|stray| Json::text(stray.file.display())).collect()),
                ),
            ])
            .document()
        } else {
            let n = |count: usize| figures::count(count as i128);
            let fetched = format!(
                "{} files in {} requests, {} bytes",
                n(outcome.written),
                n(outcome.requests),
                figures::count(i128::from(outcome.bytes))
            );
            let mut lines = vec![("catalogue", catalogue.root().display().to_string()), ("fetched", fetched)];
            covered
                .iter()
                .for_each(|(series, coverage)| lines.extend(coverage_lines(series, span, coverage)));
            let why = |lack: &crate::download::plan::Lack| {
                ("could not", format!("{} {}: {}", lack.series, lack.period, lack.why))
            };
            lines.extend(outcome.lacks.iter().map(why));
            let damaged = |stray: &Stray| ("damaged", format!("{}: {}", stray.file.display(), stray.why));
            lines.extend(strays.iter().map(damaged));
            lines_text(&lines)
        };
        console.print(&text)?;
        match (is_complete, strays.first()) {
            (true, _) => Ok(()),
            (false, None) => Err(incomplete(&catalogue, &covered)),
            (false, Some(stray)) => Err(Failure::input(
                format!("{} is damaged: {}", stray.file.display(), stray.why),
                format!("`omega data verify --repair --dir {}` fetches it again", catalogue.root().display()),
            )),
        }
    }

    /// Files that meet a span and do not count: over them a back-test refuses to run.
    fn strays(catalogue: &Catalogue, series: &Series, span: Span) -> Result<Vec<Stray>, Failure> {
        let meets = |stray: &Stray| {
            stray.period.is_some_and(|period| period.start() < span.to && span.from < period.end())
        };
        if !catalogue.listing(series)?.strays.iter().any(meets) {
            return Ok(Vec::new());
        }
        // Their days may all have come in other files.
        catalogue.drop_replaced(series)?;
        let mut strays = catalogue.listing(series)?.strays;
        strays.retain(meets);
        Ok(strays)
    }

    fn incomplete(catalogue: &Catalogue, covered: &[(&Series, Coverage)]) -> Failure {
        let lacking = covered.iter().filter(|(_, coverage)| !coverage.is_complete());
        let names: Vec<String> = lacking.map(|(series, _)| series.to_string()).collect();
        Failure::input(
            format!("{} is not complete: {}", catalogue.root().display(), names.join("; ")),
            "run the same line again for what failed; `omega data verify --repair` asks again for rows that a file lacks",
        )
    }

    fn span(arguments: &Arguments, today: Time) -> Result<Span, Failure> {
        if arguments.from > arguments.to {
            let (from, to) = (Period::day_of(arguments.from), Period::day_of(arguments.to));
            return Err(Failure::usage(
                format!("--from {from} lies after --to {to}"),
                "give a first day that is not after the last; both are included",
            ));
        }
        let to = arguments.to + Interval::DAY;
        if to > today {
            let last = Period::day_of(Time(today.0 - 1));
            return Err(Failure::usage(
                format!("--to {} is not over yet", Period::day_of(arguments.to)),
                format!("the last whole UTC day is {last}"),
            ));
        }
        Ok(Span { from: arguments.from, to })
    }

    fn wishes(arguments: &Arguments, span: Span) -> Result<Vec<Wish>, Failure> {
        let via = door(arguments.source, arguments.via)?;
        if via == Via::Archive && arguments.source == Origin::Bitget && arguments.interval != Interval::MINUTE
        {
            return Err(Failure::usage(
                format!("--interval {}: bitget's archive has bars of a minute only", arguments.interval),
                "use --via rest, or download minutes and resample with `omega data import`",
            ));
        }
        let mut wishes: Vec<Wish> = Vec::new();
        for &kind in &arguments.kind {
            let series = Series::new(arguments.source, &arguments.symbol, kind, arguments.interval);
            let series = series.ok_or_else(|| {
                Failure::usage(
                    format!("--symbol {}: it is no symbol of a futures market", arguments.symbol),
                    "give capital letters and digits, such as BTCUSDT",
                )
            })?;
            if !wishes.iter().any(|wish| wish.series == series) {
                wishes.push(Wish { series, via, span });
            }
        }
        Ok(wishes)
    }

    /// The door of a source; only Bitget has two, and its archive holds bars only: the rest comes by the other.
    pub(in crate::commands) fn door(source: Origin, asked: Option<Door>) -> Result<Via, Failure> {
        match (source, asked) {
            (Origin::Binance, None | Some(Door::Archive)) | (Origin::Bitget, Some(Door::Archive)) => {
                Ok(Via::Archive)
            }
            (Origin::Bitget, None | Some(Door::Rest)) => Ok(Via::Rest),
            (Origin::Binance, Some(Door::Rest)) => {
                Err(Failure::usage("--via rest: binance is read from its archive", "leave --via out"))
            }
        }
    }
}
