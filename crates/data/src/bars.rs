//! Bars from a file: the front door of the importer.
//!
//! It refuses to give a range that the file does not cover at all; gaps inside are reported, not filled.

use crate::error::DataError;
use crate::layout::BARS;
use crate::series::{self, Series};
use crate::source::{self, Source as Opened};
use crate::validate::{self, Validation};
use crate::{Format, TimeUnit};
use bytes::Bytes;
use model::{BarColumns, Interval, Price, StateHash, Time};
use std::path::{Path, PathBuf};

/// Where bars came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// Its format.
    pub format: Format,
    /// Its data rows.
    pub rows: usize,
    /// Its columns, read or not.
    pub columns: Vec<String>,
    /// How it writes times.
    pub time_unit: TimeUnit,
    /// The decimals that its prices really need.
    pub price_decimals: u8,
    /// Hash of the bars that were loaded: equal bars have equal hashes, whatever format they came in.
    pub data_hash: u64,
}

/// Bars, and what is to be known about them.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedBars {
    /// Prices are in ticks of `10^-tick_decimals`.
    pub bars: BarColumns,
    /// The finer of the file's own decimals and [`BarOptions::min_decimals`].
    pub tick_decimals: u8,
    /// Where they came from.
    pub source: Source,
    /// What is unusual about them.
    pub report: Validation,
}

/// What to do with rows that are not strictly ascending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repair {
    /// They are an error.
    #[default]
    Strict,
    /// Sort them, drop exact repeats, and report both; an instant with two different bars stays an error.
    Sort,
}

/// How to load bars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BarOptions {
    /// The instrument's tick decimals: never coarser. At most [`crate::limits::PRICE_DECIMALS_MAX`].
    pub min_decimals: u8,
    /// First instant wanted.
    pub from: Option<Time>,
    /// First instant no longer wanted.
    pub to: Option<Time>,
    /// What to do with disorder.
    pub repair: Repair,
}

/// Loads bars from a file of any format.
///
/// # Panics
///
/// If [`BarOptions::min_decimals`] is beyond its maximum.
pub fn load_bars(path: &Path, options: &BarOptions) -> Result<LoadedBars, DataError> {
    bars_from_bytes(path, source::read_file(path)?, options)
}

/// Bars from bytes of any format; `file` is only what errors and [`Source`] call it.
pub fn bars_from_bytes(file: &Path, bytes: Bytes, options: &BarOptions) -> Result<LoadedBars, DataError> {
    possible(options)?;
    let source = source::open(file, &bytes, BARS)?;
    bars_from(file, source.as_ref(), options)
}

/// Bars from delimited text.
pub fn bars_from_csv(file: &Path, bytes: &[u8], options: &BarOptions) -> Result<LoadedBars, DataError> {
    possible(options)?;
    bars_from(file, &crate::sheet::from_csv(file, bytes, BARS)?, options)
}

/// Bars from a Parquet file.
#[cfg(feature = "parquet")]
pub fn bars_from_parquet(file: &Path, bytes: Bytes, options: &BarOptions) -> Result<LoadedBars, DataError> {
    possible(options)?;
    bars_from(file, &crate::parquet_read::open(file, &bytes, BARS)?, options)
}

/// Bars from a Feather (Arrow IPC) file.
#[cfg(feature = "feather")]
pub fn bars_from_feather(file: &Path, bytes: Bytes, options: &BarOptions) -> Result<LoadedBars, DataError> {
    possible(options)?;
    bars_from(file, &crate::feather::open(file, &bytes, BARS)?, options)
}

/// Bars from a zip archive around one CSV file or Excel sheet.
#[cfg(feature = "archives")]
pub fn bars_from_zip(file: &Path, bytes: &[u8], options: &BarOptions) -> Result<LoadedBars, DataError> {
    possible(options)?;
    bars_from(file, &crate::archive::open(file, bytes, BARS)?, options)
}

/// Bars from an Excel sheet.
#[cfg(feature = "archives")]
pub fn bars_from_xlsx(file: &Path, bytes: &[u8], options: &BarOptions) -> Result<LoadedBars, DataError> {
    possible(options)?;
    bars_from(file, &crate::xlsx::open(file, bytes, BARS)?, options)
}

fn possible(options: &BarOptions) -> Result<(), DataError> {
    match (options.from, options.to) {
        (Some(from), Some(to)) if from >= to => Err(DataError::ImpossibleRange { from, to }),
        _ => Ok(()),
    }
}

fn bars_from(file: &Path, source: &dyn Opened, options: &BarOptions) -> Result<LoadedBars, DataError> {
    let mut series = series::read(file, source, BARS, options.min_decimals)?;
    let rows = series.len();
    series.put_in_order(file, options.repair)?;
    let interval = validate::interval(file, &series)?;
    let carried = validate::ranges(file, &mut series)?;
    let (first, last) = range(file, &series.time, options)?;
    let opens_carried = carried.iter().filter(|&&index| (first..last).contains(&index)).count();
    let (time_unit, price_decimals) = (series.unit, series.decimals_needed);
    let (tick_decimals, rows_moved) = (series.decimals, series.rows_moved);
    let duplicates_dropped = series.duplicates_dropped;
    let bars = into_bars(series, interval, first, last);
    let gaps = validate::gaps(&bars.open_time, interval);
    let report = Validation {
        rows: bars.len(),
        first: bars.open_time[0],
        last: bars.open_time[bars.len() - 1],
        interval,
        missing_total: gaps.iter().map(|gap| gap.missing_bars).sum(),
        gaps,
        zero_volume: bars.volume.iter().filter(|&&volume| volume == 0.0).count(),
        opens_carried,
        rows_moved,
        duplicates_dropped,
    };
    let (path, format, columns) = (file.to_path_buf(), source.format(), source.layout().names.clone());
    let data_hash = hash(&bars, tick_decimals);
    let source = Source { path, format, rows, columns, time_unit, price_decimals, data_hash };
    Ok(LoadedBars { bars, tick_decimals, source, report })
}

/// The indices of the range asked for.
fn range(file: &Path, time: &[i64], options: &BarOptions) -> Result<(usize, usize), DataError> {
    let at =
        |bound: Option<Time>, open: usize| bound.map_or(open, |bound| time.partition_point(|&t| t < bound.0));
    let (from, to) = (at(options.from, 0), at(options.to, time.len()));
    if from < to {
        return Ok((from, to));
    }
    let text = |bound: Option<Time>, open: &str| bound.map_or(open.to_owned(), |bound| bound.to_string());
    Err(DataError::NothingInRange {
        file: file.into(),
        from: text(options.from, "its start"),
        to: text(options.to, "its end"),
        first: Time(time[0]),
        last: Time(time[time.len() - 1]),
    })
}

fn into_bars(series: Series, interval: Interval, from: usize, to: usize) -> BarColumns {
    fn cut<A, B>(mut column: Vec<A>, from: usize, to: usize, make: fn(A) -> B) -> Vec<B> {
        column.truncate(to);
        column.drain(..from);
        column.into_iter().map(make).collect()
    }
    let [open, high, low, close] = series.prices.map(|column| cut(column, from, to, Price));
    let open_time = cut(series.time, from, to, Time);
    let volume = cut(series.volume, from, to, |volume| volume);
    BarColumns { interval, open_time, open, high, low, close, volume }
}

/// One hash a column, side by side, because a single one would wait for each multiplication.
pub(crate) fn hash(bars: &BarColumns, tick_decimals: u8) -> u64 {
    let mut columns = [StateHash::default(); 6];
    for i in 0..bars.len() {
        columns[0].int(bars.open_time[i].0);
        columns[1].int(bars.open[i].0);
        columns[2].int(bars.high[i].0);
        columns[3].int(bars.low[i].0);
        columns[4].int(bars.close[i].0);
        columns[5].float(bars.volume[i]);
    }
    let mut whole = StateHash::default();
    whole.int(bars.interval.0);
    whole.word(u64::from(tick_decimals));
    columns.iter().for_each(|column| whole.word(column.finish()));
    whole.finish()
}
