//! Where downloaded history lies, and which of it a back-test reads by itself.
//!
//! It refuses to choose between two sources: their prices differ, so a result would depend on what else was fetched.

use crate::error::Failure;
use clap::Args;
use data::catalogue::{Catalogue, INTERVALS, Kind, Origin, Series, Span};
use model::{Interval, Time};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// Which catalogue.
#[derive(Args, Clone, Debug)]
pub struct CatalogueFlags {
    /// Directory of downloaded history [default: $OMEGA_DATA, else $XDG_DATA_HOME/omega, else ~/.local/share/omega]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl CatalogueFlags {
    /// The catalogue.
    pub fn open(&self) -> Result<Catalogue, Failure> {
        let set =
            |name: &str| env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from);
        let root = self
            .dir
            .clone()
            .or_else(|| set("OMEGA_DATA"))
            .or_else(|| set("XDG_DATA_HOME").map(|home| home.join("omega")))
            .or_else(|| set("HOME").map(|home| home.join(".local/share/omega")));
        let root = root.ok_or_else(|| {
            Failure::usage("there is no place for downloaded history", "name one with --dir or OMEGA_DATA")
        })?;
        if root.exists() && !root.is_dir() {
            let problem = format!("{} is a file, not a directory of downloaded history", root.display());
            return Err(Failure::input(problem, "name a directory with --dir or OMEGA_DATA"));
        }
        Ok(Catalogue::at(root))
    }
}

/// What a back-test wants of the catalogue.
pub struct Wanted<'w> {
    /// Which market.
    pub symbol: &'w str,
    /// Whose.
    pub source: Option<Origin>,
    /// First instant.
    pub from: Option<Time>,
    /// First instant no longer wanted.
    pub to: Option<Time>,
}

/// Directories of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// Bars.
    pub bars: PathBuf,
    /// Funding rates, where some were fetched.
    pub funding: Option<PathBuf>,
    /// Mark prices, where some were fetched.
    pub mark: Option<PathBuf>,
}

impl Wanted<'_> {
    /// Finds it.
    pub fn find(&self, catalogue: &Catalogue) -> Result<Downloaded, Failure> {
        let mut found = Vec::new();
        for origin in
            Origin::ALL.into_iter().filter(|origin| self.source.is_none_or(|source| source == *origin))
        {
            if let Some(bars) = self.finest(catalogue, origin, Kind::Bars, None)? {
                found.push(bars);
            }
        }
        let bars = match found.as_slice() {
            [] => return Err(self.nothing(catalogue)),
            [bars] => bars,
            _ => {
                let problem = format!("both {} and {} are there", found[0], found[1]);
                return Err(Failure::usage(problem, "say which with --source binance or --source bitget"));
            }
        };
        let folder = |series: Option<Series>| series.map(|series| catalogue.folder(&series));
        Ok(Downloaded {
            bars: catalogue.folder(bars),
            funding: folder(self.finest(catalogue, bars.origin, Kind::Funding, None)?),
            mark: folder(self.finest(catalogue, bars.origin, Kind::Mark, Some(bars.interval))?),
        })
    }

    /// The series that has something in the range: of the preferred length, else the finest.
    fn finest(
        &self,
        catalogue: &Catalogue,
        origin: Origin,
        kind: Kind,
        preferred: Option<Interval>,
    ) -> Result<Option<Series>, Failure> {
        for interval in preferred.into_iter().chain(INTERVALS) {
            let Some(series) = Series::new(origin, self.symbol, kind, interval) else { return Ok(None) };
            let meets = |span: Span| {
                self.from.is_none_or(|from| span.to > from) && self.to.is_none_or(|to| span.from < to)
            };
            let listing = catalogue.listing(&series)?;
            // A damaged file counts here, so that it is complained of and not passed over.
            let strays = listing.strays.iter().filter_map(|stray| stray.period);
            let periods = listing.entries.iter().map(|entry| entry.period).chain(strays);
            if periods.map(Span::from).any(meets) {
                return Ok(Some(series));
            }
        }
        Ok(None)
    }

    /// There is nothing, and this is the line that changes it.
    fn nothing(&self, catalogue: &Catalogue) -> Failure {
        let day = |time: Time| time.to_string()[..10].to_owned();
        let from = self.from.map_or_else(|| "2024-01-01".to_owned(), day);
        let last = self.to.map(|to| Time(to.0 - Interval::DAY.0));
        let to = last.map_or_else(|| "2024-01-31".to_owned(), day);
        let (symbol, source) = (self.symbol, self.source.unwrap_or(Origin::Binance).name());
        let root = catalogue.root().display();
        let range = if self.from.is_some() || self.to.is_some() { " in that range" } else { "" };
        Failure::input(
            format!("no bars of {symbol}{range} were downloaded to {root}"),
            format!(
                "`omega data download --source {source} --symbol {symbol} --from {from} --to {to} --dir {root}` fetches them, or name a file with --bars"
            ),
        )
    }
}
