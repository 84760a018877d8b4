//! One column as a file stores it, and the three things it can become: instants, ticks, volumes.
//!
//! It refuses to round: a number that is no decimal, or needs more decimals than are allowed, is an error with
//! its row.

use crate::limits::TICKS_MAX;
use crate::scale::{self, Ticks};
use crate::timestamp::TimeUnit;

/// Values as stored, one for each row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    /// Whole numbers of unknown meaning.
    Integers(Vec<i64>),
    /// Instants whose unit the file states.
    Times(Vec<i64>, TimeUnit),
    /// Exact decimals.
    Decimals(Ticks),
    /// Doubles.
    Floats(Vec<f64>),
}

/// What is wrong with a value; the importer adds file and column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Misfit {
    /// Index of the row, from 0.
    pub index: usize,
    /// The value as text.
    pub value: String,
    /// Why.
    pub why: Why,
}

/// Why a value does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// No value at all.
    Missing,
    /// Not a finite number.
    NotANumber,
    /// More decimals than this.
    TooFine(u8),
    /// Too large in steps of this many decimals.
    TooBig(u8),
    /// Less than nothing.
    Negative,
    /// Neither a number nor calendar text.
    NotATime,
    /// No unit makes it a time of this century.
    NoUnit,
    /// In another unit than the first row.
    OtherUnit(TimeUnit),
}

impl Column {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        match self {
            Column::Integers(values) | Column::Times(values, _) => values.len(),
            Column::Decimals(ticks) => ticks.values.len(),
            Column::Floats(values) => values.len(),
        }
    }

    /// Instants in milliseconds, and the unit they were written in.
    pub(crate) fn into_times(self) -> Result<(Vec<i64>, TimeUnit), Misfit> {
        let (mut values, unit) = match self {
            Column::Times(values, unit) => (values, Some(unit)),
            Column::Integers(values) => (values, None),
            // A spreadsheet or a careless tool stores whole numbers as doubles or decimals: believed if whole.
            Column::Decimals(ticks) => (whole_decimals(ticks)?, None),
            Column::Floats(values) => (whole_floats(&values)?, None),
        };
        let Some(&first) = values.first() else {
            return Ok((values, unit.unwrap_or(TimeUnit::Milliseconds)));
        };
        let misfit = |index: usize, value: i64, why| Misfit { index, value: value.to_string(), why };
        let unit = unit.or_else(|| TimeUnit::of(first)).ok_or_else(|| misfit(0, first, Why::NoUnit))?;
        for (index, value) in values.iter_mut().enumerate() {
            *value = unit.to_ms(*value).map_err(|_| match TimeUnit::of(*value) {
                Some(other) if other != unit => misfit(index, *value, Why::OtherUnit(unit)),
                Some(_) => misfit(index, *value, Why::NotATime),
                None => misfit(index, *value, Why::NoUnit),
            })?;
        }
        Ok((values, unit))
    }

    /// Whole steps of `10^-decimals`, at least `start` of them and at most `max`, the same for every row.
    pub(crate) fn into_ticks(self, start: u8, max: u8) -> Result<Ticks, Misfit> {
        let mut ticks = match self {
            Column::Floats(values) => return scale::floats(&values, start, max),
            Column::Decimals(ticks) => ticks,
            Column::Integers(values) | Column::Times(values, _) => Ticks { values, decimals: 0 },
        };
        if ticks.decimals > max {
            ticks.drop_zeros(max)?;
        }
        ticks.raise(start.max(ticks.decimals))?;
        match ticks.values.iter().position(|&value| value.unsigned_abs() > TICKS_MAX.unsigned_abs()) {
            Some(index) => Err(ticks.misfit(index, Why::TooBig(ticks.decimals))),
            None => Ok(ticks),
        }
    }

    /// Traded quantities: finite and not negative.
    pub(crate) fn into_volumes(self) -> Result<Vec<f64>, Misfit> {
        let mut values = match self {
            Column::Floats(values) => values,
            Column::Integers(values) | Column::Times(values, _) => values.iter().map(|&v| v as f64).collect(),
            Column::Decimals(ticks) => {
                let one = 10_f64.powi(i32::from(ticks.decimals));
                ticks.values.iter().map(|&v| v as f64 / one).collect()
            }
        };
        for (index, value) in values.iter_mut().enumerate() {
            if !value.is_finite() || *value < 0.0 {
                let why = if value.is_finite() { Why::Negative } else { Why::NotANumber };
                return Err(Misfit { index, value: value.to_string(), why });
            }
            // Turns -0.0 into 0.0, so that equal volumes have equal bits.
            *value += 0.0;
        }
        Ok(values)
    }
}

fn whole_decimals(ticks: Ticks) -> Result<Vec<i64>, Misfit> {
    let one = 10_i64.checked_pow(u32::from(ticks.decimals));
    let whole = |value: i64| one.filter(|one| value % one == 0).map(|one| value / one);
    let read =
        |(index, &value): (usize, &i64)| whole(value).ok_or_else(|| ticks.misfit(index, Why::NotATime));
    ticks.values.iter().enumerate().map(read).collect()
}

fn whole_floats(values: &[f64]) -> Result<Vec<i64>, Misfit> {
    let exact = (1_i64 << 53) as f64;
    let read = |(index, &value): (usize, &f64)| {
        if value.trunc() == value && value.abs() <= exact {
            return Ok(value as i64);
        }
        Err(Misfit { index, value: value.to_string(), why: Why::NotATime })
    };
    values.iter().enumerate().map(read).collect()
}
