//! Mark prices from a file, in the finer units in which venues publish them.
//!
//! It refuses marks with more than ten decimals, and rows out of order.

use crate::error::DataError;
use crate::layout::{MARKS, Role};
use crate::scale::Ticks;
use crate::source::{self, blame};
use crate::{Repair, series, validate};
use bytes::Bytes;
use model::{Mark, MarkColumns, Time};
use std::path::Path;

/// Loads mark prices from a file of any format.
pub fn load_mark(path: &Path) -> Result<MarkColumns, DataError> {
    mark_from_bytes(path, source::read_file(path)?)
}

/// Mark prices from bytes of any format; `file` is only what errors call it.
pub fn mark_from_bytes(file: &Path, bytes: Bytes) -> Result<MarkColumns, DataError> {
    let source = source::open(file, &bytes, MARKS)?;
    let mut series = series::read(file, source.as_ref(), MARKS, 0)?;
    series.put_in_order(file, Repair::Strict)?;
    let interval = validate::interval(file, &series)?;
    validate::ranges(file, &mut series)?;
    let decimals = series.decimals;
    let marks = |values: Vec<i64>, role: Role| {
        let mut ticks = Ticks { values, decimals };
        ticks.raise(Mark::DECIMALS).map_err(|misfit| blame(file, source.layout(), role, misfit))?;
        Ok(ticks.values.into_iter().map(Mark).collect())
    };
    let [open, high, low, close] = series.prices;
    Ok(MarkColumns {
        interval,
        open_time: series.time.into_iter().map(Time).collect(),
        open: marks(open, Role::Open)?,
        high: marks(high, Role::High)?,
        low: marks(low, Role::Low)?,
        close: marks(close, Role::Close)?,
    })
}
