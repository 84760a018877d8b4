//! What is wrong with a catalogue: files that changed since they were written, days that are not there, holes.
//!
//! It refuses to believe a manifest where the file can be asked: every file is read and hashed.

use super::{Catalogue, Coverage, Entry, Kind, Period, Series, Span, sha256};
use crate::error::DataError;
use crate::{BarOptions, bars_from_bytes, funding_from_bytes, source};
use model::Time;
use std::fmt;
use std::path::PathBuf;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no file.
    Absent,
    /// The file that is there lacks rows.
    Hole,
    /// The file is not what was written, or not what its name says.
    Damaged(String),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// With what.
    pub series: Series,
    /// When; `None` for a file whose name says no day.
    pub span: Option<Span>,
    /// The file, where there is one.
    pub file: Option<PathBuf>,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.series)?;
        if let Some(span) = self.span {
            write!(f, " {span}")?;
        }
        match &self.fault {
            Fault::Absent => write!(f, ": not there")?,
            Fault::Hole => write!(f, ": the file lacks these rows")?,
            Fault::Damaged(why) => write!(f, ": damaged: {why}")?,
        }
        self.file.as_ref().map_or(Ok(()), |file| write!(f, " ({})", file.display()))
    }
}

impl Catalogue {
    /// Reads every file of a series; what is wrong, in the order of time. `wanted` widens what should be there beyond
    /// the first and the last file.
    pub fn check(&self, series: &Series, wanted: Option<Span>) -> Result<Vec<Finding>, DataError> {
        let listing = self.listing(series)?;
        let mut findings = Vec::new();
        let finding = |span: Option<Span>, file: Option<PathBuf>, fault: Fault| Finding {
            series: series.clone(),
            span,
            file,
            fault,
        };
        for stray in listing.strays {
            let span = stray.period.map(Span::from);
            findings.push(finding(span, Some(stray.file), Fault::Damaged(stray.why)));
        }
        let mut sound = Vec::new();
        for entry in listing.entries {
            match damage(series, &entry) {
                Some(why) => {
                    let span = Some(Span::from(entry.period));
                    findings.push(finding(span, Some(entry.file), Fault::Damaged(why)));
                }
                None => sound.push(entry),
            }
        }
        let damaged: Vec<Span> = findings.iter().filter_map(|finding| finding.span).collect();
        let spans = sound.iter().map(|entry| Span::from(entry.period)).chain(damaged.iter().copied());
        let Some(whole) =
            spans.chain(wanted).reduce(|a, b| Span { from: a.from.min(b.from), to: a.to.max(b.to) })
        else {
            return Ok(findings);
        };
        for missing in Coverage::of(series, &sound, whole).missing {
            findings.extend(explained(missing, &sound, &damaged).into_iter().map(|(span, file)| {
                let fault = if file.is_some() { Fault::Hole } else { Fault::Absent };
                finding(Some(span), file, fault)
            }));
        }
        findings.sort_by_key(|finding| finding.span);
        Ok(findings)
    }
}

/// A missing span in parts: holes with their file, absent days without one; what a damaged file explains is left out.
fn explained(missing: Span, sound: &[Entry], damaged: &[Span]) -> Vec<(Span, Option<PathBuf>)> {
    let mut parts = Vec::new();
    let mut from = missing.from;
    while from < missing.to {
        let holds = |span: &Span| span.from <= from && from < span.to;
        let entry = sound.iter().find(|entry| holds(&entry.period.into()));
        let broken = damaged.iter().find(|span| holds(span));
        let starts =
            sound.iter().map(|entry| entry.period.start()).chain(damaged.iter().map(|span| span.from));
        let next = starts.filter(|start| *start > from).min().unwrap_or(missing.to);
        let ends = entry.map(|entry| entry.period.end()).or(broken.map(|span| span.to)).unwrap_or(next);
        let span = Span { from, to: ends.min(missing.to) };
        if entry.is_some() || broken.is_none() {
            parts.push((span, entry.map(|entry| entry.file.clone())));
        }
        from = span.to;
    }
    parts
}

/// Why a file is not what was written.
pub(super) fn damage(series: &Series, entry: &Entry) -> Option<String> {
    let bytes = match source::read_file(&entry.file) {
        Ok(bytes) => bytes,
        Err(error) => return Some(error.to_string()),
    };
    if sha256(&bytes) != entry.manifest.sha256 {
        return Some("its sha256 is not the one it was written with".to_owned());
    }
    let times: Result<Vec<Time>, DataError> = if series.kind == Kind::Funding {
        let rates = funding_from_bytes(&entry.file, bytes);
        rates.map(|rates| rates.iter().map(|rate| rate.time).collect())
    } else {
        bars_from_bytes(&entry.file, bytes, &BarOptions::default()).map(|loaded| loaded.bars.open_time)
    };
    let times = match times {
        Ok(times) => times,
        Err(error) => return Some(error.to_string()),
    };
    let manifest = &entry.manifest;
    let holes = super::coverage::holes(series.kind, series.interval, entry.period, &times);
    let same =
        (times.len(), times[0], times[times.len() - 1]) == (manifest.rows, manifest.first, manifest.last);
    (!same || holes != manifest.holes).then(|| "its rows are not those of its manifest".to_owned())
}

impl Finding {
    /// The days it is about, widened to whole ones.
    pub fn days(&self) -> Vec<Time> {
        let Some(span) = self.span else { return Vec::new() };
        let (first, last) = (Period::day_of(span.from), Period::day_of(Time(span.to.0 - 1)));
        let count = (last.start() - first.start()).0 / model::Interval::DAY.0;
        (0..=count).map(|day| first.start() + model::Interval(day * model::Interval::DAY.0)).collect()
    }
}
