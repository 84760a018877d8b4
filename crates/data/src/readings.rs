//! Readings of an outside influence from a text table: geomagnetic indices, sentiment, resonance levels.
//!
//! It refuses to guess which column holds the values where several could, and every row that is not a reading; what is
//! known of a source that the file does not say (its unit, when a value became known) is the caller's to state.

use crate::error::{DataError, one_line};
use crate::timestamp::{TimeUnit, parse_time};
use bytes::Bytes;
use cosmos::{Factor, Series, Terms};
use model::{Interval, Time};
use std::path::Path;

/// What a user says about a file of readings; `None` is the usual of that factor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadingOptions {
    /// Which column.
    pub column: Option<String>,
    /// What the values count.
    pub unit: Option<String>,
    /// Who measured.
    pub source: Option<String>,
    /// What a value stands for, from its stamp on.
    pub interval: Option<Interval>,
    /// From the end of that to when it was known.
    pub lag: Option<Interval>,
    /// How long it counts after that.
    pub stale_after: Option<Interval>,
}

/// Names of columns that hold times.
const TIME_COLUMNS: &[&str] = &["time", "timestamp", "date", "datetime", "utc", "open_time"];

/// What is usual of a factor: names of its column, its interval, lag and staleness.
fn usual(factor: Factor) -> (&'static [&'static str], Interval, Interval, Interval) {
    let hours = |n: i64| Interval(n * Interval::HOUR.0);
    match factor {
        Factor::Kp => (&["kp", "kp_index"], hours(3), hours(1), Interval::DAY),
        Factor::Sentiment => {
            (&["fng", "fear_greed", "sentiment", "index"], Interval::DAY, hours(1), hours(72))
        }
        Factor::Schumann => (&["power", "level", "schumann"], hours(1), hours(1), hours(48)),
        _ => (&["liquidity", "ratio"], hours(1), Interval::MINUTE, hours(6)),
    }
}

/// Readings from the bytes of a CSV table; `file` is what errors and, unless stated, the source call it.
pub fn readings_from_bytes(
    file: &Path,
    bytes: Bytes,
    factor: Factor,
    options: &ReadingOptions,
) -> Result<Series, DataError> {
    let (columns, interval, lag, stale_after) = usual(factor);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_ref());
    let damaged = |error: csv::Error| DataError::Readings {
        file: file.into(),
        detail: one_line(&format!("it is no table of text: {error}")),
    };
    let heads: Vec<String> =
        reader.headers().map_err(damaged)?.iter().map(|head| head.trim().to_lowercase()).collect();
    let place = |names: &[&str]| heads.iter().position(|head| names.contains(&head.as_str()));
    let missing = |what: String| DataError::MissingColumns {
        file: file.into(),
        missing: what,
        found: one_line(&heads.join(", ")),
    };
    let time_at = place(TIME_COLUMNS).ok_or_else(|| missing(TIME_COLUMNS.join(" or ")))?;
    let wanted = options.column.as_ref().map(|column| column.trim().to_lowercase());
    let value_at = match &wanted {
        Some(column) => place(&[column]).ok_or_else(|| missing(column.clone()))?,
        None => match (place(columns), heads.len()) {
            (Some(at), _) => at,
            (None, 2) => 1 - time_at,
            (None, _) => return Err(missing(columns.join(" or "))),
        },
    };
    let rows = rows(file, &mut reader, (time_at, value_at), &heads)?;
    let terms = Terms {
        source: options.source.clone().unwrap_or_else(|| file.display().to_string()),
        unit: options.unit.clone().unwrap_or_else(|| heads[value_at].clone()),
        interval: options.interval.unwrap_or(interval),
        lag: options.lag.unwrap_or(lag),
        stale_after: options.stale_after.unwrap_or(stale_after),
    };
    Series::new(factor, terms, rows)
        .map_err(|error| DataError::Readings { file: file.into(), detail: error.to_string() })
}

fn rows(
    file: &Path,
    reader: &mut csv::Reader<&[u8]>,
    (time_at, value_at): (usize, usize),
    heads: &[String],
) -> Result<Vec<(Time, f64)>, DataError> {
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let row = index + 1;
        let record = record.map_err(|error| DataError::Readings {
            file: file.into(),
            detail: one_line(&format!("row {row}: {error}")),
        })?;
        let field = |at: usize| {
            let column = || heads[at].clone();
            match record.get(at).map(str::trim) {
                None | Some("") => Err(DataError::NoValue { file: file.into(), row, column: column() }),
                Some(text) => Ok(text),
            }
        };
        let (time, value) = (field(time_at)?, field(value_at)?);
        let instant = instant(time).ok_or_else(|| DataError::NotATime {
            file: file.into(),
            row,
            column: heads[time_at].clone(),
            value: one_line(time),
        })?;
        let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
        let number = number.ok_or_else(|| DataError::NotANumber {
            file: file.into(),
            row,
            column: heads[value_at].clone(),
            value: one_line(value),
        })?;
        rows.push((instant, number));
    }
    if rows.is_empty() { Err(DataError::Empty { file: file.into() }) } else { Ok(rows) }
}

/// Calendar text, or a whole number since 1970 in the unit that puts it into this century.
fn instant(text: &str) -> Option<Time> {
    match text.parse::<i64>() {
        Ok(number) => TimeUnit::of(number)?.to_ms(number).ok().map(Time),
        Err(_) => parse_time(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, factor: Factor, options: &ReadingOptions) -> Result<Series, DataError> {
        readings_from_bytes(Path::new("made.csv"), Bytes::from(text.to_owned()), factor, options)
    }

    #[test]
    fn the_shapes_that_sources_publish() {
        let none = ReadingOptions::default();
        let kp = read("timestamp,kp,ap\n2018-01-01 00:00:00+00:00,3.3,18.0\n", Factor::Kp, &none).unwrap();
        assert_eq!((kp.readings()[0].value, kp.terms().unit.as_str()), (3.3, "kp"));
        // An interval of three hours and an hour's lag after its stamp.
        assert_eq!(kp.readings()[0].available_at, Time(1_514_764_800_000 + 4 * Interval::HOUR.0));
        let fear = read("date,fng\n2018-02-01,30\n2018-02-02,15\n", Factor::Sentiment, &none).unwrap();
        assert_eq!(fear.readings().len(), 2);
        let seconds = read("time,anything\n1514764800,12\n", Factor::Schumann, &none).unwrap();
        assert_eq!(seconds.terms().unit, "anything");
        let stated = ReadingOptions {
            column: Some("b".to_owned()),
            unit: Some("nT".to_owned()),
            lag: Some(Interval(0)),
            ..none.clone()
        };
        let picked = read("time,a,b\n1514764800000,1,2\n", Factor::Schumann, &stated).unwrap();
        assert_eq!((picked.readings()[0].value, picked.terms().unit.as_str()), (2.0, "nT"));
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let none = ReadingOptions::default();
        let column = ReadingOptions { column: Some("x".to_owned()), ..none.clone() };
        let cases = [
            ("", "made.csv has no column for time or timestamp"),
            ("date,fng\n", "made.csv holds no rows"),
            ("day,fng\n1,2\n", "made.csv has no column for time or timestamp"),
            ("date,a,b\n2018-02-01,1,2\n", "made.csv has no column for fng or fear_greed"),
            ("date,fng\n2018-02-30,1\n", "made.csv: row 1, column `date`: 2018-02-30 is not a time"),
            ("date,fng\n2018-02-01,lots\n", "made.csv: row 1, column `fng`: lots is not a finite number"),
            ("date,fng\n2018-02-01\n", "made.csv: row 1, column `fng`: no value"),
            ("date,fng\n2018-02-01,101\n", "made.csv: row 1: 101 is no reading of sentiment"),
            ("date,fng\n2018-02-02,1\n2018-02-01,1\n", "made.csv: row 2: 2018-02-01T00:00:00Z comes after"),
        ];
        for (text, want) in cases {
            let said = read(text, Factor::Sentiment, &none).unwrap_err().to_string();
            assert!(said.starts_with(want), "{said}");
        }
        assert!(read("date,fng\n2018-02-01,1\n", Factor::Sentiment, &column).is_err());
    }
}
