//! Rows of text fields to columns: what CSV files and Excel sheets have in common, and CSV itself.
//!
//! Prices go from text to whole steps without a double in between. It refuses ragged rows.

use crate::Format;
use crate::column::{Column, Misfit, Why};
use crate::error::DataError;
use crate::layout::{Layout, Role};
use crate::limits::PRICE_DECIMALS_MAX;
use crate::scale::Ticks;
use crate::source::{Held, blame, few_enough_rows};
use crate::timestamp::{TimeUnit, parse_time};
use model::{Decimal, DecimalError, Rate};
use std::path::Path;

/// Columns that grow by a row at a time.
pub(crate) struct Sheet<'a> {
    file: &'a Path,
    layout: Layout,
    columns: Vec<Growing>,
    rows: usize,
}

/// How columns are found by the names of a header.
pub(crate) type ByName<'n> = &'n dyn Fn(&Path, Vec<String>, &[Role]) -> Result<Layout, DataError>;

enum Growing {
    Times { values: Vec<i64>, calendar: Option<bool> },
    Numbers { ticks: Ticks, max: u8 },
    Floats(Vec<f64>),
}

impl<'a> Sheet<'a> {
    /// Starts a sheet with its first row, which is a header unless it starts with a number or a time.
    #[cfg(feature = "archives")]
    pub(crate) fn new<'r>(
        file: &'a Path,
        width: usize,
        field: impl Fn(usize) -> &'r str,
        wanted: &[Role],
    ) -> Result<Sheet<'a>, DataError> {
        Sheet::with_names(file, width, field, wanted, &Layout::by_name)
    }

    /// The same, with another way to find the columns by their names.
    fn with_names<'r>(
        file: &'a Path,
        width: usize,
        field: impl Fn(usize) -> &'r str,
        wanted: &[Role],
        by_name: ByName,
    ) -> Result<Sheet<'a>, DataError> {
        let start = if width == 0 { "" } else { field(0).trim() };
        let has_header = start.parse::<f64>().is_err() && parse_time(start).is_none();
        let layout = if has_header {
            by_name(file, (0..width).map(|i| field(i).trim().to_owned()).collect(), wanted)?
        } else {
            Layout::by_position(file, width, wanted)?
        };
        let columns = layout.picks.iter().map(|&(role, _)| Growing::new(role)).collect();
        let mut sheet = Sheet { file, layout, columns, rows: 0 };
        if !has_header {
            sheet.push(width, field)?;
        }
        Ok(sheet)
    }

    /// Adds a row.
    pub(crate) fn push<'r>(
        &mut self,
        width: usize,
        field: impl Fn(usize) -> &'r str,
    ) -> Result<(), DataError> {
        let (expected, row) = (self.layout.names.len(), self.rows + 1);
        if width != expected {
            return Err(DataError::Ragged { file: self.file.into(), row, found: width, expected });
        }
        for (column, &(role, index)) in self.columns.iter_mut().zip(&self.layout.picks) {
            let text = field(index).trim();
            column.push(text).map_err(|fault| {
                let misfit = match fault {
                    Fault::Here(why) => Misfit { index: row - 1, value: format!("`{text}`"), why },
                    Fault::At(misfit) => misfit,
                };
                blame(self.file, &self.layout, role, misfit)
            })?;
        }
        self.rows = row;
        if row.is_multiple_of(1 << 16) {
            few_enough_rows(self.file, row as u64)?;
        }
        Ok(())
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// All rows are in.
    pub(crate) fn finish(self, format: Format) -> Result<Held, DataError> {
        few_enough_rows(self.file, self.rows as u64)?;
        let roles: Vec<Role> = self.layout.picks.iter().map(|&(role, _)| role).collect();
        let columns = self.columns.into_iter().map(Growing::finish);
        Ok(Held::new(format, self.layout, roles.into_iter().zip(columns).collect()))
    }
}

/// What is wrong with a field, or with an earlier one now that this one is known.
enum Fault {
    Here(Why),
    At(Misfit),
}

impl Growing {
    fn new(role: Role) -> Growing {
        match role {
            Role::Time => Growing::Times { values: Vec::new(), calendar: None },
            Role::Volume | Role::TakerBuyVolume | Role::Reading => Growing::Floats(Vec::new()),
            Role::Rate => Growing::Numbers { ticks: Ticks::default(), max: Rate::DECIMALS },
            _ => Growing::Numbers { ticks: Ticks::default(), max: PRICE_DECIMALS_MAX },
        }
    }

    fn push(&mut self, text: &str) -> Result<(), Fault> {
        if text.is_empty() {
            return Err(Fault::Here(Why::Missing));
        }
        match self {
            Growing::Times { values, calendar } => {
                let number = Decimal::parse(text).ok().and_then(|decimal| decimal.scaled(0).ok());
                let time = number.or_else(|| parse_time(text).map(|time| time.0));
                let value = time.ok_or(Fault::Here(Why::NotATime))?;
                if *calendar.get_or_insert(number.is_none()) != number.is_none() {
                    return Err(Fault::Here(Why::NotATime));
                }
                values.push(value);
            }
            Growing::Numbers { ticks, max } => {
                let decimal = Decimal::parse(text).map_err(|error| Fault::Here(unread(text, error, *max)))?;
                ticks.push(decimal, *max).map_err(Fault::At)?;
            }
            Growing::Floats(values) => {
                values.push(text.parse().map_err(|_| Fault::Here(Why::NotANumber))?);
            }
        }
        Ok(())
    }

    fn finish(self) -> Column {
        match self {
            Growing::Times { values, calendar: Some(true) } => Column::Times(values, TimeUnit::Calendar),
            Growing::Times { values, .. } => Column::Integers(values),
            Growing::Numbers { ticks, .. } => Column::Decimals(ticks),
            Growing::Floats(values) => Column::Floats(values),
        }
    }
}

/// Why a text is no decimal of 64 bits: a whole part within them has too many decimals behind it.
fn unread(text: &str, error: DecimalError, max: u8) -> Why {
    let whole = text.split('.').next().unwrap_or_default();
    match error {
        DecimalError::NotANumber => Why::NotANumber,
        DecimalError::TooLarge if whole.len() > 18 || text.contains(['e', 'E']) => Why::TooBig(0),
        DecimalError::TooLarge | DecimalError::TooFine => Why::TooFine(max),
    }
}

/// Reads delimited text.
pub(crate) fn from_csv(file: &Path, bytes: &[u8], wanted: &[Role]) -> Result<Held, DataError> {
    from_csv_by_name(file, bytes, wanted, &Layout::by_name)
}

/// The same, with another way to find the columns by their names.
pub(crate) fn from_csv_by_name(
    file: &Path,
    bytes: &[u8],
    wanted: &[Role],
    by_name: ByName,
) -> Result<Held, DataError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(bytes))
        .from_reader(bytes);
    let mut record = csv::StringRecord::new();
    let mut sheet: Option<Sheet> = None;
    loop {
        let more = reader.read_record(&mut record).map_err(|error| {
            let row = sheet.as_ref().map_or(1, |sheet| sheet.rows() + 1);
            let detail = match error.kind() {
                csv::ErrorKind::Utf8 { .. } => format!("row {row} is not UTF-8 text"),
                _ => crate::error::one_line(&error.to_string()),
            };
            DataError::Damaged { file: file.into(), format: Format::Csv, detail }
        })?;
        if !more {
            break;
        }
        let (width, field) = (record.len(), |i| &record[i]);
        match &mut sheet {
            Some(sheet) => sheet.push(width, field)?,
            None => sheet = Some(Sheet::with_names(file, width, field, wanted, by_name)?),
        }
    }
    match sheet {
        Some(sheet) => sheet.finish(Format::Csv),
        None => Err(DataError::Empty { file: file.into() }),
    }
}

/// The separator that the first line uses most.
fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| line.iter().filter(|&&byte| byte == separator).count();
    [b';', b'\t'].into_iter().filter(|&s| count(s) > count(b',')).max_by_key(|&s| count(s)).unwrap_or(b',')
}
