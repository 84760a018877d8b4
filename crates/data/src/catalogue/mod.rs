//! Downloaded history on disk: one file for each source, market, kind and UTC day or month, and beside it a manifest.
//!
//! A file counts only with its manifest, which is written last, so that whoever is killed leaves nothing that looks
//! whole. It refuses two files about one day, a file of another length than its manifest says, and to mend: what is
//! damaged is named, and fetched again by whoever can.

mod check;
mod coverage;
mod key;
mod load;
mod manifest;
mod replace;

pub use check::{Fault, Finding};
pub use coverage::{Coverage, Span, holes};
pub use key::{FUNDING_SLOT, INTERVALS, Kind, Origin, Period, Series};
pub use load::{funding_of_folder, joined_bars, load_bars_of_folder, mark_of_folder};
pub use manifest::{Manifest, Provenance};

use crate::error::DataError;
use crate::write::{whole_or_not, write_bars, write_funding};
use crate::{BarOptions, bars, source};
use model::{BarColumns, FundingRate, Step, Time};
use replace::Staged;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A directory of downloaded history.
#[derive(Clone, Debug)]
pub struct Catalogue {
    root: PathBuf,
}

/// A whole file of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day or month it is about.
    pub period: Period,
    /// Where it is.
    pub file: PathBuf,
    /// What is known of it.
    pub manifest: Manifest,
}

/// The files of a series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The whole ones, in the order of time; no two are about one day.
    pub entries: Vec<Entry>,
    /// What does not count, and why.
    pub strays: Vec<Stray>,
}

impl Listing {
    /// From the first to the last day that a file is about, whether it counts or not.
    pub fn extent(&self) -> Option<Span> {
        let strays = self.strays.iter().filter_map(|stray| stray.period);
        let spans = self.entries.iter().map(|entry| entry.period).chain(strays).map(Span::from);
        spans.reduce(|a, b| Span { from: a.from.min(b.from), to: a.to.max(b.to) })
    }
}

/// A file that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Where it is.
    pub file: PathBuf,
    /// What it would be about, where its name says that.
    pub period: Option<Period>,
    /// Why it does not count.
    pub why: String,
}

const MANIFEST: &str = "manifest";
/// How tables end: whatever ends otherwise is somebody else's, and neither read nor removed.
const TABLES: [&str; 2] = ["csv", "parquet"];
const TABLE: &str = if cfg!(feature = "parquet") { "parquet" } else { "csv" };

impl Catalogue {
    /// The catalogue of a directory, which need not be there yet.
    pub fn at(root: impl Into<PathBuf>) -> Catalogue {
        Catalogue { root: root.into() }
    }

    /// Its directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory of a series.
    pub fn folder(&self, series: &Series) -> PathBuf {
        self.root.join(series.folder())
    }

    /// Every series there is a directory of, in order.
    pub fn series(&self) -> Result<Vec<Series>, DataError> {
        let mut found = Vec::new();
        for origin in Origin::ALL {
            for symbol in names(&self.root.join(origin.name()))? {
                for folder in names(&self.root.join(origin.name()).join(&symbol))? {
                    let kind = Series::kind_of_folder(&folder);
                    found.extend(
                        kind.and_then(|(kind, interval)| Series::new(origin, &symbol, kind, interval)),
                    );
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// The files of a series.
    pub fn listing(&self, series: &Series) -> Result<Listing, DataError> {
        listing_of_folder(&self.folder(series))
    }

    /// How much of a span of a series is there.
    pub fn coverage(&self, series: &Series, wanted: Span) -> Result<Coverage, DataError> {
        Ok(Coverage::of(series, &self.listing(series)?.entries, wanted))
    }

    /// Keeps bars (or marks, which are bars without a volume) as the file of a period.
    pub fn store_bars(
        &self,
        series: &Series,
        period: Period,
        columns: &BarColumns,
        decimals: u8,
        provenance: Provenance,
    ) -> Result<Entry, DataError> {
        let staged = self.stage(series, period, TABLE)?;
        write_bars(&staged.beside, columns.as_bars(), Step::decimal(decimals))?;
        let bytes = source::read_file(&staged.beside)?;
        let options = BarOptions { min_decimals: decimals, ..BarOptions::default() };
        let read = bars::bars_from_bytes(&staged.file, bytes.clone(), &options)?;
        if read.bars != *columns || columns.interval != series.interval {
            let (problem, want) = (format!("holds {} bars", read.bars.interval), series.interval);
            let problem = format!("{problem} that do not read back as {want} bars");
            return Err(DataError::Catalogue { file: staged.file.clone(), problem });
        }
        self.finish(series, period, &staged, &bytes, &columns.open_time, provenance)
    }

    /// Keeps funding rates as the file of a period.
    pub fn store_funding(
        &self,
        series: &Series,
        period: Period,
        rates: &[FundingRate],
        provenance: Provenance,
    ) -> Result<Entry, DataError> {
        assert_eq!(series.kind, Kind::Funding, "funding rates are kept as such");
        let staged = self.stage(series, period, "csv")?;
        write_funding(&staged.beside, rates)?;
        let bytes = source::read_file(&staged.beside)?;
        let times: Vec<Time> = rates.iter().map(|rate| rate.time).collect();
        self.finish(series, period, &staged, &bytes, &times, provenance)
    }

    /// Removes what a killed writer left beside the files of a series.
    pub fn sweep(&self, series: &Series) -> Result<(), DataError> {
        let folder = self.folder(series);
        let is_left = |name: &&String| {
            name.strip_prefix('.').is_some_and(|rest| rest.ends_with(".part") || period_of(rest).is_some())
        };
        for name in names(&folder)?.iter().filter(is_left) {
            let file = folder.join(name);
            fs::remove_file(&file).map_err(|source| DataError::Write { file, source })?;
        }
        Ok(())
    }

    /// Puts a file in its place, where the manifest makes it count; what it replaces goes last.
    fn finish(
        &self,
        series: &Series,
        period: Period,
        staged: &Staged,
        bytes: &[u8],
        times: &[Time],
        provenance: Provenance,
    ) -> Result<Entry, DataError> {
        let (first, last) = (times[0], times[times.len() - 1]);
        assert!(
            period.start() <= first && last < period.end(),
            "{period} is stored with rows of {first} to {last}"
        );
        let manifest = Manifest {
            rows: times.len(),
            first,
            last,
            holes: coverage::holes(series.kind, series.interval, period, times),
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
            provenance,
        };
        let (text, file) = (manifest.text(), staged.file.clone());
        // The manifest of what was there must not speak for what comes.
        replace::remove_file(&manifest_of(&file))?;
        staged.commit()?;
        whole_or_not(&manifest_of(&file), |out| out.write_all(text.as_bytes()))?;
        self.clear(series, period, &file)?;
        Ok(Entry { period, file, manifest })
    }
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn manifest_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(MANIFEST);
    PathBuf::from(name)
}

/// What the name of a table says, where it is one of ours.
fn period_of(name: &str) -> Option<Period> {
    let (stem, ending) = name.rsplit_once('.')?;
    TABLES.contains(&ending).then(|| Period::from_name(stem))?
}

/// The names in a directory, in order; none where there is no such directory.
fn names(folder: &Path) -> Result<Vec<String>, DataError> {
    let failed = |source: io::Error| DataError::Read { file: folder.into(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        // A name that is no text is none of ours.
        names.extend(entry.map_err(failed)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// The files of a directory that holds one series.
fn listing_of_folder(folder: &Path) -> Result<Listing, DataError> {
    let mut listing = Listing::default();
    let names = names(folder)?;
    let is_table = |name: &&str| name.rsplit_once('.').is_some_and(|(_, ending)| TABLES.contains(&ending));
    let orphans = names.iter().filter_map(|name| name.strip_suffix(".manifest"));
    let orphans = orphans.filter(|name| !names.iter().any(|other| other == name));
    let tables = names.iter().map(String::as_str).chain(orphans);
    for name in tables.filter(|name| !name.starts_with('.')).filter(is_table) {
        let file = folder.join(name);
        let period = period_of(name);
        match entry(&file, period) {
            Ok(entry) => listing.entries.push(entry),
            Err(why) => listing.strays.push(Stray { file, period, why }),
        }
    }
    listing.entries.sort_by_key(|entry| (entry.period.start(), entry.period.end()));
    let mut known_to = Time(i64::MIN);
    for entry in std::mem::take(&mut listing.entries) {
        if entry.period.start() < known_to {
            let why = "another file is about the same days".to_owned();
            listing.strays.push(Stray { file: entry.file, period: Some(entry.period), why });
            continue;
        }
        known_to = entry.period.end();
        listing.entries.push(entry);
    }
    Ok(listing)
}

fn entry(file: &Path, period: Option<Period>) -> Result<Entry, String> {
    let period = period.ok_or("its name is no day or month")?;
    let text = fs::read_to_string(manifest_of(file)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "it has no manifest".to_owned(),
        _ => format!("its manifest cannot be read: {error}"),
    })?;
    let manifest = Manifest::read(&text).ok_or("its manifest is damaged")?;
    let is_inside = period.start() <= manifest.first && manifest.last < period.end();
    if !is_inside || manifest.rows == 0 {
        return Err("its manifest is about other days".to_owned());
    }
    match fs::metadata(file) {
        Ok(found) if found.len() == manifest.bytes => Ok(Entry { period, file: file.into(), manifest }),
        Ok(found) => Err(format!("it has {} bytes, not {}", found.len(), manifest.bytes)),
        Err(error) => Err(format!("it cannot be read: {error}")),
    }
}
