//! Everything that can be wrong with a file, one line each, and what to do next about it.
//!
//! Rows are data rows counted from 1; a header is not counted. Nothing here is about a program's own mistakes:
//! those are assertions.

use crate::Format;
use crate::limits::PRICE_DECIMALS_MAX;
use cosmos::{Factor, SeriesError};
use model::{Interval, Time};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a file could not be read, believed or written.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are what the message prints")]
pub enum DataError {
    /// The operating system refused.
    #[error("cannot read {}: {source}", file.display())]
    Read { file: PathBuf, source: io::Error },
    /// The operating system refused.
    #[error("cannot write {}: {source}", file.display())]
    Write { file: PathBuf, source: io::Error },
    /// The name has no extension that can be written.
    #[error("cannot tell from its name in which format to write {}", file.display())]
    UnknownOutput { file: PathBuf },
    /// Beyond one of the maxima in [`crate::limits`].
    #[error("{} has {count} {what}, more than the {max} that are read", file.display())]
    TooLarge { file: PathBuf, what: &'static str, count: u64, max: u64 },
    /// None of the formats.
    #[error("{} is neither text nor Parquet, Feather, zip or xlsx", file.display())]
    UnknownFormat { file: PathBuf },
    /// Known, but left out of this build.
    #[error("{} is a {format} file, which this build does not read or write", file.display())]
    NotBuilt { file: PathBuf, format: Format },
    /// The container itself is damaged.
    #[error("{} is a damaged or unusual {format} file: {detail}", file.display())]
    Damaged { file: PathBuf, format: Format, detail: String },
    /// An archive must hold exactly one table.
    #[error("{} holds {found} CSV files or sheets, not one", file.display())]
    ArchiveContents { file: PathBuf, found: usize },
    /// No data rows.
    #[error("{} holds no rows", file.display())]
    Empty { file: PathBuf },
    /// A single row has no interval.
    #[error("{} holds one row: the interval of its bars cannot be told", file.display())]
    OneRow { file: PathBuf },
    /// Not all the columns that are needed.
    #[error("{} has no column for {missing}; its columns are {found}", file.display())]
    MissingColumns { file: PathBuf, missing: String, found: String },
    /// Two columns of one name.
    #[error("{} has more than one column `{column}`", file.display())]
    DuplicateColumn { file: PathBuf, column: String },
    /// A column of a type that holds no numbers or times.
    #[error("{}: column `{column}` is of type {kind}, which is not read", file.display())]
    ColumnType { file: PathBuf, column: String, kind: String },
    /// Too few or too many fields.
    #[error("{}: row {row} has {found} fields, not {expected}", file.display())]
    Ragged { file: PathBuf, row: usize, found: usize, expected: usize },
    /// A field without a value.
    #[error("{}: row {row}, column `{column}`: no value", file.display())]
    NoValue { file: PathBuf, row: usize, column: String },
    /// Not a number, or not a finite one.
    #[error("{}: row {row}, column `{column}`: {value} is not a finite number", file.display())]
    NotANumber { file: PathBuf, row: usize, column: String, value: String },
    /// Would have to be rounded.
    #[error("{}: row {row}, column `{column}`: {value} has more than {decimals_max} decimals", file.display())]
    TooFine { file: PathBuf, row: usize, column: String, value: String, decimals_max: u8 },
    /// Does not fit its integer.
    #[error("{}: row {row}, column `{column}`: {value} is too large at {decimals} decimals", file.display())]
    TooBig { file: PathBuf, row: usize, column: String, value: String, decimals: u8 },
    /// A price of zero or less.
    #[error("{}: row {row}, column `{column}`: the price {value} is not positive", file.display())]
    NotPositive { file: PathBuf, row: usize, column: &'static str, value: String },
    /// The range is upside down.
    #[error("{}: row {row}: the high {high} is below the low {low}", file.display())]
    HighBelowLow { file: PathBuf, row: usize, high: String, low: String },
    /// Open or close outside the range.
    #[error("{}: row {row}, column `{column}`: {value} lies outside the bar's range {range}", file.display())]
    OutsideRange { file: PathBuf, row: usize, column: &'static str, value: String, range: String },
    /// Less than nothing was traded.
    #[error("{}: row {row}, column `{column}`: the volume {value} is negative", file.display())]
    NegativeVolume { file: PathBuf, row: usize, column: String, value: String },
    /// A funding rate nobody pays.
    #[error("{}: row {row}, column `{column}`: {value} is no funding rate", file.display())]
    AbsurdRate { file: PathBuf, row: usize, column: String, value: String },
    /// Neither a number nor a calendar time.
    #[error("{}: row {row}, column `{column}`: {value} is not a time", file.display())]
    NotATime { file: PathBuf, row: usize, column: String, value: String },
    /// No unit puts it between 2000 and 2100.
    #[error("{}: row {row}, column `{column}`: {value} is no time between 2000 and 2100", file.display())]
    TimeUnit { file: PathBuf, row: usize, column: String, value: String },
    /// Two units of time in one column.
    #[error("{}: row {row}, column `{column}`: {value} is not in {unit} as the first row is", file.display())]
    MixedTimeUnits { file: PathBuf, row: usize, column: String, value: String, unit: crate::TimeUnit },
    /// A first instant that is not one.
    #[error("{}: row {row}: {time} is not on a whole second, so it is not the open of a bar", file.display())]
    NotOnSecond { file: PathBuf, row: usize, time: Time },
    /// Goes back in time.
    #[error("{}: row {row}: {time} comes after {previous}", file.display())]
    Unordered { file: PathBuf, row: usize, time: Time, previous: Time },
    /// An instant twice.
    #[error("{}: row {row}: {time} is there twice", file.display())]
    Duplicate { file: PathBuf, row: usize, time: Time },
    /// An instant twice, with different values, so that sorting cannot help.
    #[error("{}: row {row}: {time} is there twice with different values", file.display())]
    Conflict { file: PathBuf, row: usize, time: Time },
    /// Not a whole number of seconds.
    #[error("{}: its rows are {step_ms} ms apart, which is not a whole number of seconds", file.display())]
    BadInterval { file: PathBuf, step_ms: i64 },
    /// Not a whole multiple of the interval.
    #[error("{}: row {row}: {time} is not a whole number of {interval} bars after {previous}", file.display())]
    OffGrid { file: PathBuf, row: usize, time: Time, previous: Time, interval: Interval },
    /// An end that is not after its start.
    #[error("the range from {from} to {to} is empty")]
    ImpossibleRange { from: Time, to: Time },
    /// Nothing of the file in the range.
    #[error("{} has no rows from {from} to {to}", file.display())]
    NothingInRange { file: PathBuf, from: String, to: String, first: Time, last: Time },
    /// Readings that the farm cannot take for what they are said to be.
    #[error("{}: {source}", file.display())]
    Readings { file: PathBuf, source: SeriesError },
    /// Readings come as text.
    #[error("{} is a {format} file, and readings are read from CSV", file.display())]
    ReadingsFormat { file: PathBuf, format: Format },
    /// No column that holds the readings.
    #[error("{} has no column for {missing} of {}; its columns are {found}", file.display(), factor.name())]
    ReadingsColumns { file: PathBuf, factor: Factor, missing: String, found: String },
    /// A file of the catalogue that does not count.
    #[error("{}: {problem}", file.display())]
    Catalogue { file: PathBuf, problem: String },
    /// Bars can only be made longer, and whole days must come out.
    #[error("{from} bars cannot be resampled to {to}")]
    Resample { from: Interval, to: Interval },
}

impl DataError {
    /// What to do next.
    pub fn hint(&self) -> String {
        use DataError as E;
        let fixed = match self {
            E::Read { .. } => "check the path and its permissions",
            E::Write { .. } => "check that the directory exists, is writable and has room",
            E::UnknownOutput { .. } => "end the name in .csv or .parquet",
            E::TooLarge { .. } => "split the file and import the parts",
            E::UnknownFormat { .. } => "unpack it if it is compressed (gzip, 7z), or export it as CSV",
            E::NotBuilt { format, .. } => return not_built(*format),
            E::Damaged { .. } => "fetch or export the file again; a transfer may have been cut off",
            E::ArchiveContents { .. } => "unpack the archive and name one of its files",
            E::Empty { .. } => "check that the export or download was complete",
            E::OneRow { .. } => "give at least two rows",
            E::MissingColumns { .. } => {
                "name the columns in a first row, for bars: open_time,open,high,low,close,volume"
            }
            E::DuplicateColumn { .. } => "remove or rename one of them",
            E::ColumnType { .. } => "export the column as 64-bit integers, decimals or doubles",
            E::Ragged { .. } => "look at that row: the file may be cut off there or joined from two",
            E::NoValue { .. } | E::NotANumber { .. } => {
                "remove the row (gaps are allowed) or put the right number in"
            }
            E::TooFine { decimals_max, .. } => return too_fine(*decimals_max),
            E::TooBig { .. } => "check the unit of that column: prices are in USDT per coin",
            E::NotPositive { .. } | E::HighBelowLow { .. } | E::OutsideRange { .. } => {
                "check that the columns are named rightly, then mend or remove the row (gaps are allowed)"
            }
            E::NegativeVolume { .. } => "check which column holds the volume, then mend or remove the row",
            E::AbsurdRate { .. } => "give rates as fractions: 0.01 % is 0.0001",
            E::NotATime { .. } => "write times as 2022-01-01T00:00:00Z or as a whole number since 1970",
            E::TimeUnit { .. } => {
                "give seconds, milliseconds, microseconds or nanoseconds since 1970, in UTC"
            }
            E::MixedTimeUnits { .. } => "give all rows in one unit; Binance changed its unit in 2025",
            E::NotOnSecond { .. } => "give the time at which each bar opens, not the one at which it closes",
            E::Unordered { .. } | E::Duplicate { .. } => {
                "sort the rows and drop repeats, or import with --sort"
            }
            E::Conflict { .. } => "decide which of the two rows is right and remove the other",
            E::BadInterval { .. } => "check the unit of the time column; bars of a second or longer are read",
            E::OffGrid { .. } => "give bars of one interval in a file",
            E::Readings { source, .. } => return readings(source).to_owned(),
            E::ReadingsFormat { .. } => "export it as CSV: a column of times and one of values",
            E::ReadingsColumns { .. } => {
                "name the column of times `time`, and say where the values are with column=NAME"
            }
            E::ImpossibleRange { .. } => "give a start that lies before the end",
            E::NothingInRange { first, last, .. } => return format!("the file covers {first} to {last}"),
            E::Catalogue { .. } => "`omega data verify --repair` fetches it again",
            E::Resample { .. } => "choose a whole multiple that divides a day, such as 5m, 15m, 1h, 4h or 1d",
        };
        fixed.to_owned()
    }
}

fn readings(error: &SeriesError) -> &'static str {
    match error {
        SeriesError::NotRead { .. } => "give readings of schumann, kp, liquidity or sentiment",
        SeriesError::Unnamed { .. } => "name it with source=TEXT or unit=TEXT",
        SeriesError::Length { .. } => "give lengths such as 30m, 3h or 2d; at most 366d",
        SeriesError::Empty { .. } => "check that the file holds more than outages",
        SeriesError::Unordered { .. } => "sort the rows by time, oldest first",
        SeriesError::Early { .. } => "give a reading once what it stands for is over",
        SeriesError::Absent { .. } => "begin with a file of readings of it",
        SeriesError::OutOfRange { .. } => {
            "check which column holds the values (column=NAME), then mend or remove the row"
        }
    }
}

fn not_built(format: Format) -> String {
    match format.feature() {
        Some(feature) => format!("build with `--features {feature}`, or convert the file to CSV"),
        None => "convert the file to CSV".to_owned(),
    }
}

fn too_fine(decimals_max: u8) -> String {
    if decimals_max > PRICE_DECIMALS_MAX {
        return format!("give rates with at most {decimals_max} decimals");
    }
    "export the prices as decimals as traded: computed ones (averages, ratios, 32-bit floats) are not exact"
        .to_owned()
}

/// One line of at most 160 characters: what a library says may be long, and may quote the file.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect()
}
