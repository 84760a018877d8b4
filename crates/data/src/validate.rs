//! What makes rows bars: ascending times on a grid, and ranges that hold their own open and close.
//!
//! Everything here is an error but two things that real files have: gaps, and BitMEX's habit of opening a bar at
//! the previous close. Both are counted and reported, never silently passed over.

use crate::error::DataError;
use crate::series::Series;
use model::{Decimal, Interval, Time};
use std::collections::BTreeMap;
use std::path::Path;

/// Bars that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last bar before the gap.
    pub after: Time,
    /// How many bars are missing.
    pub missing_bars: usize,
}

/// What is to be said about loaded bars. All of it is about the rows in the range that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// Bars loaded.
    pub rows: usize,
    /// The first bar.
    pub first: Time,
    /// The last bar.
    pub last: Time,
    /// The most common step from bar to bar.
    pub interval: Interval,
    /// Where bars are missing.
    pub gaps: Vec<Gap>,
    /// How many bars are missing.
    pub missing_total: usize,
    /// Bars in which nothing was traded.
    pub zero_volume: usize,
    /// Bars whose open was carried from the previous close and lay outside their range: the range was widened to it.
    pub opens_carried: usize,
    /// Rows of the file that stood after a later one and were moved ([`crate::Repair::Sort`]).
    pub rows_moved: usize,
    /// Exact repeats in the file that were dropped ([`crate::Repair::Sort`]).
    pub duplicates_dropped: usize,
}

/// The error of two neighbours that do not ascend.
pub(crate) fn out_of_order(file: &Path, row: usize, previous: i64, time: i64) -> DataError {
    let (file, time, previous) = (file.into(), Time(time), Time(previous));
    if time == previous {
        return DataError::Duplicate { file, row, time };
    }
    DataError::Unordered { file, row, time, previous }
}

/// The most common step of ascending times; of equally common ones the shortest. Every other step must be a whole
/// multiple of it.
pub(crate) fn interval(file: &Path, series: &Series) -> Result<Interval, DataError> {
    let time = &series.time;
    assert!(time.is_sorted_by(|a, b| a < b), "intervals are taken of times in order");
    if time.len() < 2 {
        return Err(DataError::OneRow { file: file.into() });
    }
    let step_ms = common_step(time);
    if step_ms % Interval::SECOND.0 != 0 {
        return Err(DataError::BadInterval { file: file.into(), step_ms });
    }
    let interval = Interval(step_ms);
    if time[0] % Interval::SECOND.0 != 0 {
        return Err(DataError::NotOnSecond { file: file.into(), row: series.row(0), time: Time(time[0]) });
    }
    let off_grid = |pair: &[i64]| pair[1] - pair[0] != step_ms && (pair[1] - pair[0]) % step_ms != 0;
    match time.windows(2).position(off_grid) {
        Some(at) => {
            let (time, previous) = (Time(time[at + 1]), Time(time[at]));
            Err(DataError::OffGrid { file: file.into(), row: series.row(at + 1), time, previous, interval })
        }
        None => Ok(interval),
    }
}

fn common_step(time: &[i64]) -> i64 {
    let steps = || time.windows(2).map(|pair| pair[1] - pair[0]);
    let first = time[1] - time[0];
    if steps().filter(|&step| step == first).count() > time.len() / 2 {
        return first;
    }
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for step in steps() {
        *counts.entry(step).or_default() += 1;
    }
    let most = counts.values().max().expect("two rows have a step");
    *counts.iter().find(|(_, count)| *count == most).expect("the maximum is one of them").0
}

/// Checks every range. Returns the indices of the bars whose open had to be taken into their range.
pub(crate) fn ranges(file: &Path, series: &mut Series) -> Result<Vec<usize>, DataError> {
    let mut carried = Vec::new();
    let mut from = 0;
    while let Some(index) = first_bad(series, from) {
        let [open, high, low, close] = series.prices.each_ref().map(|column| column[index]);
        let is_carried = index > 0 && open == series.prices[3][index - 1] && open > 0;
        if !(is_carried && 0 < low && low <= close && close <= high) {
            return Err(bad_range(file, series, index));
        }
        series.prices[1][index] = high.max(open);
        series.prices[2][index] = low.min(open);
        carried.push(index);
        from = index + 1;
    }
    Ok(carried)
}

fn first_bad(series: &Series, from: usize) -> Option<usize> {
    const STRIDE: usize = 1_024;
    let [open, high, low, close] = series.prices.each_ref().map(Vec::as_slice);
    let good = |i: usize| {
        (low[i] > 0)
            & (low[i] <= open[i])
            & (low[i] <= close[i])
            & (high[i] >= open[i])
            & (high[i] >= close[i])
    };
    let rows = series.len();
    (from..rows).step_by(STRIDE).find_map(|start| {
        let end = rows.min(start + STRIDE);
        if (start..end).fold(true, |all, i| all & good(i)) {
            return None;
        }
        (start..end).find(|&i| !good(i))
    })
}

fn bad_range(file: &Path, series: &Series, index: usize) -> DataError {
    let (file, row) = (file.to_path_buf(), series.row(index));
    let text = |ticks: i64| Decimal { mantissa: ticks, decimals: series.decimals }.to_string();
    let prices = series.prices.each_ref().map(|column| column[index]);
    let [open, high, low, close] = prices;
    let names = ["open", "high", "low", "close"];
    if let Some(at) = prices.iter().position(|&price| price <= 0) {
        let (column, value) = (names[at], text(prices[at]));
        return DataError::NotPositive { file, row, column, value };
    }
    if high < low {
        return DataError::HighBelowLow { file, row, high: text(high), low: text(low) };
    }
    let (column, value) = if (low..=high).contains(&open) { ("close", close) } else { ("open", open) };
    let range = format!("{} to {}", text(low), text(high));
    DataError::OutsideRange { file, row, column, value: text(value), range }
}

/// Where bars of ascending times are missing.
pub(crate) fn gaps(time: &[Time], interval: Interval) -> Vec<Gap> {
    let wide = |pair: &&[Time]| pair[1] - pair[0] != interval;
    let gap = |pair: &[Time]| {
        let bars = (pair[1] - pair[0]).0 / interval.0 - 1;
        Gap { after: pair[0], missing_bars: usize::try_from(bars).expect("times ascend") }
    };
    time.windows(2).filter(wide).map(gap).collect()
}
