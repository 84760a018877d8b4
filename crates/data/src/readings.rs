//! Readings of outside influences from a CSV file: what it does not say about itself, a factor's habits say.
//!
//! It refuses to choose a column that is not known to hold the factor, to sort rows, and to take a hole for a value.

use crate::column::{Column, Misfit, Why};
use crate::error::{DataError, one_line};
use crate::format::Format;
use crate::layout::{Layout, READINGS, Role, plain_name};
use crate::sheet;
use crate::source::{Source, blame, read_file};
use bytes::Bytes;
use cosmos::{Factor, Series, SeriesError, Terms};
use model::{Interval, Time};
use std::path::Path;

/// What a user says about a file of readings; where nothing is said, the factor's habits hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadingOptions {
    /// The column of the values.
    pub column: Option<String>,
    /// What the values count.
    pub unit: Option<String>,
    /// Who measured.
    pub source: Option<String>,
    /// What a value stands for, from its stamp on.
    pub interval: Option<Interval>,
    /// From the end of that to when the value was known.
    pub lag: Option<Interval>,
    /// How long it counts if nothing newer is known.
    pub stale_after: Option<Interval>,
}

/// How readings of a factor usually come.
struct Habits {
    /// Names of the column, in order of preference, lower case, letters and digits only.
    columns: &'static [&'static str],
    /// `None`: as the column is named.
    unit: Option<&'static str>,
    interval: Interval,
    lag: Interval,
    stale_after: Interval,
}

const fn hours(count: i64) -> Interval {
    Interval(count * Interval::HOUR.0)
}

/// The habits of a factor that is read at all. Stamps are starts of intervals: so are those of GFZ's Kp, and the Fear &
/// Greed index of a day is only taken to be known an hour after the day.
const fn habits(factor: Factor) -> Option<Habits> {
    Some(match factor {
        Factor::Kp => Habits {
            columns: &["kp", "kpindex", "estimatedkp", "value", "reading", "level"],
            unit: Some("Kp"),
            interval: hours(3),
            lag: hours(1),
            stale_after: hours(24),
        },
        Factor::Schumann => Habits {
            columns: &[
                "power",
                "schumann",
                "schumannpower",
                "frequency",
                "amplitude",
                "value",
                "reading",
                "level",
            ],
            unit: None,
            interval: hours(1),
            lag: hours(1),
            stale_after: hours(48),
        },
        Factor::Sentiment => Habits {
            columns: &["fng", "sentiment", "fearandgreed", "feargreed", "index", "value", "reading", "level"],
            unit: Some("index 0-100"),
            interval: hours(24),
            lag: hours(1),
            stale_after: hours(72),
        },
        Factor::Liquidity => Habits {
            columns: &["liquidity", "depthoverspread", "depthspread", "value", "reading", "level"],
            unit: None,
            interval: hours(1),
            lag: hours(0),
            stale_after: hours(3),
        },
        Factor::Moon | Factor::Mercury | Factor::Season | Factor::Circadian => return None,
    })
}

/// Loads readings of a factor from a CSV file.
pub fn load_readings(path: &Path, factor: Factor, options: &ReadingOptions) -> Result<Series, DataError> {
    readings_from_bytes(path, read_file(path)?, factor, options)
}

/// Readings from bytes of CSV text; `file` is what errors and the source are called.
pub fn readings_from_bytes(
    file: &Path,
    bytes: Bytes,
    factor: Factor,
    options: &ReadingOptions,
) -> Result<Series, DataError> {
    let told = |source: SeriesError| DataError::Readings { file: file.into(), source };
    let habits = habits(factor).ok_or_else(|| told(SeriesError::NotRead { factor }))?;
    if bytes.is_empty() {
        return Err(DataError::Empty { file: file.into() });
    }
    match Format::detect(&bytes) {
        Some(Format::Csv) => {}
        Some(format) => return Err(DataError::ReadingsFormat { file: file.into(), format }),
        None => return Err(DataError::UnknownFormat { file: file.into() }),
    }
    let named = options.column.as_deref().map(plain_name);
    let of_user = named.as_deref().map(|name| [name]);
    let values: &[&str] = of_user.as_ref().map_or(habits.columns, |name| name.as_slice());
    let by_name = |file: &Path, names: Vec<String>, wanted: &[Role]| {
        let aliases = |role| if role == Role::Reading { values } else { Role::aliases(role) };
        Layout::by_names_of(file, names, wanted, aliases)
            .map_err(|error| missing(error, factor, options.column.as_deref()))
    };
    let table = sheet::from_csv_by_name(file, &bytes, READINGS, &by_name)?;
    if table.rows() == 0 {
        return Err(DataError::Empty { file: file.into() });
    }
    let column = table.layout().name_of(Role::Reading).to_owned();
    if let Some(wanted) = &options.column
        && plain_name(&column) != plain_name(wanted)
    {
        // The file has no header, so its columns were taken by their places.
        let (missing, found) = (format!("`{}`", one_line(wanted)), "without names".to_owned());
        return Err(DataError::ReadingsColumns { file: file.into(), factor, missing, found });
    }
    let rows = rows(file, &table)?;
    let text = |said: &Option<String>, usual: String| said.clone().unwrap_or(usual);
    let terms = Terms {
        source: text(&options.source, format!("file {}", file.display())),
        unit: text(&options.unit, habits.unit.map_or(column, str::to_owned)),
        interval: options.interval.unwrap_or(habits.interval),
        lag: options.lag.unwrap_or(habits.lag),
        stale_after: options.stale_after.unwrap_or(habits.stale_after),
    };
    Series::new(factor, terms, rows).map_err(told)
}

/// The importer of bars names its own columns; a reader of readings wants to hear of these.
fn missing(error: DataError, factor: Factor, column: Option<&str>) -> DataError {
    let DataError::MissingColumns { file, missing, found } = error else { return error };
    let word = |name: &str| match (name == Role::Reading.name(), column) {
        (true, Some(column)) => format!("`{}`", one_line(column)),
        (true, None) => "the values".to_owned(),
        (false, _) => "the times".to_owned(),
    };
    let missing = missing.split(", ").map(word).collect::<Vec<_>>().join(" and ");
    DataError::ReadingsColumns { file, factor, missing, found }
}

/// Stamps and values, row by row of the file.
fn rows(file: &Path, table: &dyn Source) -> Result<Vec<(Time, f64)>, DataError> {
    let told = |role: Role| move |misfit: Misfit| blame(file, table.layout(), role, misfit);
    let (times, _) = table.take(Role::Time)?.into_times().map_err(told(Role::Time))?;
    let Column::Floats(values) = table.take(Role::Reading)? else {
        unreachable!("a sheet reads readings as doubles");
    };
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        let misfit = Misfit { index, value: values[index].to_string(), why: Why::NotANumber };
        return Err(blame(file, table.layout(), Role::Reading, misfit));
    }
    Ok(times.into_iter().map(Time).zip(values).collect())
}
