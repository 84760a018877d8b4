//! Funding rates from a file: Binance's archives, Bitget's history, and our own.
//!
//! It refuses a rate in percent, and instants that repeat or go back.

use crate::column::{Misfit, Why};
use crate::error::DataError;
use crate::layout::{FUNDING, Role};
use crate::limits::FUNDING_RATE_PERCENT_MAX;
use crate::source::{self, blame, few_enough_rows};
use crate::validate::out_of_order;
use bytes::Bytes;
use model::{FundingRate, Interval, Rate, Time};
use std::path::Path;

/// Loads funding rates, ascending, from a file of any format.
pub fn load_funding(path: &Path) -> Result<Vec<FundingRate>, DataError> {
    funding_from_bytes(path, source::read_file(path)?)
}

/// Funding rates from bytes of any format; `file` is only what errors call it.
///
/// Binance stamps an instant some milliseconds late; the instant itself is on a whole second, so it is cut to that.
pub fn funding_from_bytes(file: &Path, bytes: Bytes) -> Result<Vec<FundingRate>, DataError> {
    let source = source::open(file, &bytes, FUNDING)?;
    few_enough_rows(file, source.rows() as u64)?;
    if source.rows() == 0 {
        return Err(DataError::Empty { file: file.into() });
    }
    let layout = source.layout();
    let told = |role: Role| move |misfit: Misfit| blame(file, layout, role, misfit);
    let (times, _) = source.take(Role::Time)?.into_times().map_err(told(Role::Time))?;
    let mut ticks = source.take(Role::Rate)?.into_ticks(0, Rate::DECIMALS).map_err(told(Role::Rate))?;
    ticks.raise(Rate::DECIMALS).map_err(told(Role::Rate))?;
    let rate_max = FUNDING_RATE_PERCENT_MAX * Rate::ONE.0 / 100;
    if let Some(index) = ticks.values.iter().position(|rate| rate.abs() > rate_max) {
        let Misfit { value, .. } = ticks.misfit(index, Why::NotANumber);
        let (row, column) = (index + 1, layout.name_of(Role::Rate).to_owned());
        return Err(DataError::AbsurdRate { file: file.into(), row, column, value });
    }
    let times: Vec<i64> = times.iter().map(|&ms| Time(ms).floor(Interval::SECOND).0).collect();
    if let Some(at) = times.windows(2).position(|pair| pair[0] >= pair[1]) {
        return Err(out_of_order(file, at + 2, times[at], times[at + 1]));
    }
    let pair = |(time, rate)| FundingRate { time: Time(time), rate: Rate(rate) };
    Ok(times.into_iter().zip(ticks.values).map(pair).collect())
}
