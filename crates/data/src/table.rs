//! Tables of any columns to a file: exact text or Parquet, page by page, so that a table may be longer than memory.
//!
//! It refuses to leave a half-written file, to round a number, and to write rows that do not fit their columns.

use crate::error::DataError;
use crate::write::whole_or_not;
use model::Decimal;
use std::io::{self, Write};
use std::path::Path;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Words.
    Text,
    /// Whole numbers.
    Whole,
    /// Whole numbers of so many decimals: exact text, and `DECIMAL(18, n)` in Parquet.
    Decimal(u8),
    /// Milliseconds since 1970, UTC.
    Time,
    /// Doubles.
    Real,
    /// Yes or no.
    Truth,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// As it is called.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether it may hold nothing.
    pub optional: bool,
}

/// What stands in a row; decimals and times are whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Nothing,
    /// Words.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A double.
    Real(f64),
    /// Yes or no.
    Truth(bool),
}

/// In which format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// Text with commas.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// Some rows of a table.
pub type Rows = Vec<Vec<Value>>;

/// Writes a table whose rows come by the page, until there are none; how many there were. An existing file is replaced.
///
/// # Panics
///
/// If a row does not fit its columns.
pub fn write_table<E: From<DataError>>(
    path: &Path,
    format: TableFormat,
    fields: &[Field],
    next: impl FnMut() -> Result<Option<Rows>, E>,
) -> Result<u64, E> {
    let mut pages = Pages { next, fields, rows: 0, failed: None };
    let written = match format {
        TableFormat::Csv => whole_or_not(path, |out| write_csv(out, &mut pages)),
        #[cfg(feature = "parquet")]
        TableFormat::Parquet => whole_or_not(path, |out| crate::parquet_table::write(out, &mut pages)),
        #[cfg(not(feature = "parquet"))]
        TableFormat::Parquet => {
            Err(DataError::NotBuilt { file: path.into(), format: crate::Format::Parquet })
        }
    };
    match (pages.failed, written) {
        (Some(failed), _) => Err(failed),
        (None, Err(error)) => Err(error.into()),
        (None, Ok(())) => Ok(pages.rows),
    }
}

/// Where rows come from; why there were no more is kept aside, for a writer knows errors of its own only.
pub(crate) struct Pages<'a, E, N: FnMut() -> Result<Option<Rows>, E>> {
    next: N,
    pub(crate) fields: &'a [Field],
    rows: u64,
    failed: Option<E>,
}

impl<E, N: FnMut() -> Result<Option<Rows>, E>> Pages<'_, E, N> {
    /// The next rows, checked against the columns.
    pub(crate) fn next(&mut self) -> io::Result<Option<Rows>> {
        match (self.next)() {
            Ok(Some(rows)) => {
                self.rows += rows.len() as u64;
                assert!(
                    rows.iter().all(|row| fits(self.fields, row)),
                    "a row has a fitting value for each column"
                );
                Ok(Some(rows))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                self.failed = Some(error);
                Err(io::Error::other("its rows could not be read"))
            }
        }
    }
}

fn fits(fields: &[Field], row: &[Value]) -> bool {
    let fit = |field: &Field, value: &Value| match value {
        Value::Nothing => field.optional,
        Value::Text(_) => field.holds == Holds::Text,
        Value::Whole(_) => matches!(field.holds, Holds::Whole | Holds::Decimal(_) | Holds::Time),
        Value::Real(_) => field.holds == Holds::Real,
        Value::Truth(_) => field.holds == Holds::Truth,
    };
    fields.len() == row.len() && fields.iter().zip(row).all(|(field, value)| fit(field, value))
}

fn write_csv<E, N: FnMut() -> Result<Option<Rows>, E>>(
    out: &mut impl Write,
    pages: &mut Pages<'_, E, N>,
) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(pages.fields.iter().map(|field| field.name)).map_err(io::Error::from)?;
    while let Some(rows) = pages.next()? {
        for row in rows {
            let text = pages.fields.iter().zip(&row).map(|(field, value)| text(field.holds, value));
            csv.write_record(text).map_err(io::Error::from)?;
        }
    }
    csv.flush()
}

/// A value as exact text: nothing is empty, a double the shortest that is read back as the same.
fn text(holds: Holds, value: &Value) -> String {
    match (value, holds) {
        (Value::Nothing, _) => String::new(),
        (Value::Text(text), _) => text.clone(),
        (Value::Whole(mantissa), Holds::Decimal(decimals)) => {
            Decimal { mantissa: *mantissa, decimals }.to_string()
        }
        (Value::Whole(number), _) => number.to_string(),
        (Value::Real(real), _) => real.to_string(),
        (Value::Truth(truth), _) => truth.to_string(),
    }
}
