//! The files of a series as one: what a back-test reads.
//!
//! It refuses a directory in which a file does not count, and a file that is not what was written, down to the byte: a
//! back-test over half a catalogue, or over one that somebody edited, would pass for one over all of it. Days that were never fetched are gaps, and reported as such.

use super::{Entry, Span, listing_of_folder, sha256};
use crate::bars::{LoadedBars, Source, hash};
use crate::error::DataError;
use crate::validate::{self, Validation};
use crate::{BarOptions, Bytes, bars_from_bytes, funding_from_bytes, mark_from_bytes, source};
use model::{BarColumns, FundingRate, MarkColumns, Price, Time};
use std::path::Path;

/// Loads the bars of a directory that holds one series of them.
pub fn load_bars_of_folder(folder: &Path, options: &BarOptions) -> Result<LoadedBars, DataError> {
    let entries = entries(folder, options.from, options.to)?;
    let mut parts = Vec::with_capacity(entries.len());
    for entry in &entries {
        match bars_from_bytes(&entry.file, bytes_of(entry)?, options) {
            // A file may begin before the range and hold nothing in it.
            Err(DataError::NothingInRange { .. }) => {}
            part => parts.push(part?),
        }
    }
    joined_bars(folder, parts)
}

/// Parts in the order of time as one; `place` is what errors and the result call it.
pub fn joined_bars(place: &Path, parts: Vec<LoadedBars>) -> Result<LoadedBars, DataError> {
    let Some(first) = parts.first() else { return Err(DataError::Empty { file: place.into() }) };
    let interval = first.bars.interval;
    let decimals = parts.iter().map(|part| part.tick_decimals).max().expect("there is a part");
    let source = Source {
        path: place.into(),
        rows: parts.iter().map(|part| part.source.rows).sum(),
        price_decimals: parts.iter().map(|part| part.source.price_decimals).max().expect("there is a part"),
        ..first.source.clone()
    };
    let mut report = first.report.clone();
    report.zero_volume = parts.iter().map(|part| part.report.zero_volume).sum();
    report.opens_carried = parts.iter().map(|part| part.report.opens_carried).sum();
    report.rows_moved = parts.iter().map(|part| part.report.rows_moved).sum();
    report.duplicates_dropped = parts.iter().map(|part| part.report.duplicates_dropped).sum();
    let mut bars = BarColumns::new(interval);
    for part in parts {
        let problem = |problem: String| DataError::Catalogue { file: part.source.path.clone(), problem };
        if part.bars.interval != interval {
            return Err(problem(format!("holds {} bars among {interval} bars", part.bars.interval)));
        }
        if bars.open_time.last().is_some_and(|last| *last >= part.bars.open_time[0]) {
            return Err(problem("begins before the file before it ends".to_owned()));
        }
        let factor = 10_i64.pow(u32::from(decimals - part.tick_decimals));
        let too_fine = || problem(format!("has prices too high for {decimals} decimals"));
        append(&mut bars, part.bars, factor).ok_or_else(too_fine)?;
    }
    let gaps = validate::gaps(&bars.open_time, interval);
    let report = Validation {
        rows: bars.len(),
        first: bars.open_time[0],
        last: bars.open_time[bars.len() - 1],
        missing_total: gaps.iter().map(|gap| gap.missing_bars).sum(),
        gaps,
        ..report
    };
    let source = Source { data_hash: hash(&bars, decimals), ..source };
    Ok(LoadedBars { bars, tick_decimals: decimals, source, report })
}

/// Adds bars whose ticks are `factor` times as coarse; `None` where a price does not fit.
fn append(bars: &mut BarColumns, part: BarColumns, factor: i64) -> Option<()> {
    let finer = |into: &mut Vec<Price>, prices: Vec<Price>| {
        into.reserve(prices.len());
        prices.into_iter().try_for_each(|Price(ticks)| {
            into.push(Price(ticks.checked_mul(factor)?));
            Some(())
        })
    };
    finer(&mut bars.open, part.open)?;
    finer(&mut bars.high, part.high)?;
    finer(&mut bars.low, part.low)?;
    finer(&mut bars.close, part.close)?;
    bars.open_time.extend(part.open_time);
    bars.volume.extend(part.volume);
    Some(())
}

/// The mark prices of a directory, of the files that meet the range.
pub fn mark_of_folder(folder: &Path, from: Option<Time>, to: Option<Time>) -> Result<MarkColumns, DataError> {
    let mut whole: Option<MarkColumns> = None;
    for entry in entries(folder, from, to)? {
        let part = mark_from_bytes(&entry.file, bytes_of(&entry)?)?;
        let Some(marks) = &mut whole else {
            whole = Some(part);
            continue;
        };
        if part.interval != marks.interval {
            let problem = format!("holds {} bars among {} bars", part.interval, marks.interval);
            return Err(DataError::Catalogue { file: entry.file, problem });
        }
        marks.open_time.extend(part.open_time);
        marks.open.extend(part.open);
        marks.high.extend(part.high);
        marks.low.extend(part.low);
        marks.close.extend(part.close);
    }
    whole.ok_or_else(|| DataError::Empty { file: folder.into() })
}

/// The funding rates of a directory, of the files that meet the range.
pub fn funding_of_folder(
    folder: &Path,
    from: Option<Time>,
    to: Option<Time>,
) -> Result<Vec<FundingRate>, DataError> {
    let mut rates = Vec::new();
    for entry in entries(folder, from, to)? {
        rates.extend(funding_from_bytes(&entry.file, bytes_of(&entry)?)?);
    }
    if rates.is_empty() { Err(DataError::Empty { file: folder.into() }) } else { Ok(rates) }
}

/// The files that meet a range; one that does not count and would meet it is an error.
fn entries(folder: &Path, from: Option<Time>, to: Option<Time>) -> Result<Vec<Entry>, DataError> {
    let meets = |span: Span| from.is_none_or(|from| span.to > from) && to.is_none_or(|to| span.from < to);
    let listing = listing_of_folder(folder)?;
    let stray =
        listing.strays.into_iter().find(|stray| stray.period.is_some_and(|period| meets(period.into())));
    if let Some(stray) = stray {
        return Err(DataError::Catalogue { file: stray.file, problem: stray.why });
    }
    Ok(listing.entries.into_iter().filter(|entry| meets(entry.period.into())).collect())
}

/// The bytes of a file, which are those that were written.
fn bytes_of(entry: &Entry) -> Result<Bytes, DataError> {
    let bytes = source::read_file(&entry.file)?;
    if sha256(&bytes) == entry.manifest.sha256 {
        return Ok(bytes);
    }
    let problem = "damaged: its sha256 is not the one it was written with".to_owned();
    Err(DataError::Catalogue { file: entry.file.clone(), problem })
}
