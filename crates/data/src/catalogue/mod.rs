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

pub use check::{Fault, Finding};
pub use coverage::{Coverage, Span};
pub use key::{FUNDING_SLOT, INTERVALS, Kind, Origin, Period, Series};
pub use load::{funding_of_folder, joined_bars, load_bars_of_folder, mark_of_folder};
pub use manifest::{Manifest, Provenance};

use crate::error::DataError;
use crate::write::{whole_or_not, write_bars, write_funding};
use crate::{BarOptions, bars, source};
use model::{BarColumns, FundingRate, Step, Time};
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
        let file = self.place(series, period, TABLE)?;
        write_bars(&file, columns.as_bars(), Step::decimal(decimals))?;
        let bytes = source::read_file(&file)?;
        let options = BarOptions { min_decimals: decimals, ..BarOptions::default() };
        let read = bars::bars_from_bytes(&file, bytes.clone(), &options)?;
        if read.bars != *columns || columns.interval != series.interval {
            let (problem, want) = (format!("holds {} bars", read.bars.interval), series.interval);
            let problem = format!("{problem} that do not read back as {want} bars");
            // What cannot be read back must not stay; a failed removal must not hide why.
            let _ = fs::remove_file(&file);
            return Err(DataError::Catalogue { file, problem });
        }
        self.finish(series, period, file, &bytes, &columns.open_time, provenance)
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
        let file = self.place(series, period, "csv")?;
        write_funding(&file, rates)?;
        let bytes = source::read_file(&file)?;
        let times: Vec<Time> = rates.iter().map(|rate| rate.time).collect();
        self.finish(series, period, file, &bytes, &times, provenance)
    }

    /// Removes a file and its manifest.
    pub fn remove(&self, file: &Path) -> Result<(), DataError> {
        for file in [manifest_of(file), file.to_path_buf()] {
            match fs::remove_file(&file) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(DataError::Write { file, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes what a killed writer left beside the files of a series.
    pub fn sweep(&self, series: &Series) -> Result<(), DataError> {
        let folder = self.folder(series);
        for name in names(&folder)?.iter().filter(|name| name.starts_with('.') && name.ends_with(".part")) {
            let file = folder.join(name);
            fs::remove_file(&file).map_err(|source| DataError::Write { file, source })?;
        }
        Ok(())
    }

    /// The place of a file; what was there no longer counts.
    fn place(&self, series: &Series, period: Period, extension: &str) -> Result<PathBuf, DataError> {
        let folder = self.folder(series);
        fs::create_dir_all(&folder).map_err(|source| DataError::Write { file: folder.clone(), source })?;
        for extension in ["csv", "parquet"] {
            self.remove(&folder.join(format!("{period}.{extension}")))?;
        }
        Ok(folder.join(format!("{period}.{extension}")))
    }

    /// The manifest makes it count.
    fn finish(
        &self,
        series: &Series,
        period: Period,
        file: PathBuf,
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
        let text = manifest.text();
        whole_or_not(&manifest_of(&file), |out| out.write_all(text.as_bytes()))?;
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
    let tables = names.iter().filter(|name| !name.starts_with('.') && !name.ends_with(MANIFEST));
    let orphans = names.iter().filter_map(|name| name.strip_suffix(".manifest"));
    let orphans = orphans.filter(|name| !names.iter().any(|other| other == name));
    for name in tables.map(String::as_str).chain(orphans) {
        let file = folder.join(name);
        let period = name.rsplit_once('.').and_then(|(stem, _)| Period::from_name(stem));
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
