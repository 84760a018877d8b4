//! An opened file of any format: named columns that are handed out one at a time, by role.

use crate::column::{Column, Misfit, Why};
use crate::error::{DataError, one_line};
use crate::limits::{FILE_BYTES_MAX, ROWS_MAX};
use crate::{Format, layout::Layout, layout::Role};
use bytes::Bytes;
use std::path::Path;
use std::sync::Mutex;

/// What every format offers; columns are asked for by two threads at once.
pub(crate) trait Source: Sync {
    /// Its format.
    fn format(&self) -> Format;
    /// Its columns.
    fn layout(&self) -> &Layout;
    /// Its rows.
    fn rows(&self) -> usize;
    /// Reads a column; each role at most once.
    fn take(&self, role: Role) -> Result<Column, DataError>;
}

/// A source whose columns were all read at once.
pub(crate) struct Held {
    format: Format,
    layout: Layout,
    rows: usize,
    columns: Mutex<Vec<(Role, Column)>>,
}

impl Held {
    /// Columns that are in memory already.
    pub(crate) fn new(format: Format, layout: Layout, columns: Vec<(Role, Column)>) -> Held {
        let rows = columns.first().map_or(0, |(_, column)| column.len());
        assert!(
            columns.iter().all(|(_, column)| column.len() == rows),
            "columns of one table have one length"
        );
        Held { format, layout, rows, columns: Mutex::new(columns) }
    }

    /// The same table, as found inside an archive.
    #[cfg(feature = "archives")]
    pub(crate) fn inside(self, format: Format) -> Held {
        Held { format, ..self }
    }
}

impl Source for Held {
    fn format(&self) -> Format {
        self.format
    }
    fn layout(&self) -> &Layout {
        &self.layout
    }
    fn rows(&self) -> usize {
        self.rows
    }
    fn take(&self, role: Role) -> Result<Column, DataError> {
        let mut columns = self.columns.lock().expect("no holder of this lock panics");
        let at = columns.iter().position(|(held, _)| *held == role).expect("each role is taken once");
        Ok(columns.swap_remove(at).1)
    }
}

/// Reads a whole file, within its maximum.
pub(crate) fn read_file(file: &Path) -> Result<Bytes, DataError> {
    let failed = |source| DataError::Read { file: file.into(), source };
    let count = std::fs::metadata(file).map_err(failed)?.len();
    if count > FILE_BYTES_MAX {
        return Err(DataError::TooLarge { file: file.into(), what: "bytes", count, max: FILE_BYTES_MAX });
    }
    Ok(Bytes::from(std::fs::read(file).map_err(failed)?))
}

/// Opens bytes of whatever format they are.
pub(crate) fn open(file: &Path, bytes: &Bytes, wanted: &[Role]) -> Result<Box<dyn Source>, DataError> {
    if bytes.is_empty() {
        return Err(DataError::Empty { file: file.into() });
    }
    let format = Format::detect(bytes).ok_or_else(|| DataError::UnknownFormat { file: file.into() })?;
    match format {
        Format::Csv => Ok(Box::new(crate::sheet::from_csv(file, bytes, wanted)?)),
        #[cfg(feature = "parquet")]
        Format::Parquet => Ok(Box::new(crate::parquet_read::open(file, bytes, wanted)?)),
        #[cfg(feature = "feather")]
        Format::Feather => Ok(Box::new(crate::feather::open(file, bytes, wanted)?)),
        #[cfg(feature = "archives")]
        Format::Xlsx => Ok(Box::new(crate::xlsx::open(file, bytes, wanted)?)),
        #[cfg(feature = "archives")]
        Format::Zip => Ok(Box::new(crate::archive::open(file, bytes, wanted)?)),
        #[allow(unreachable_patterns, reason = "reachable where a feature is off")]
        format => Err(DataError::NotBuilt { file: file.into(), format }),
    }
}

/// Refuses more rows than the maximum, before they are read where a file states them.
pub(crate) fn few_enough_rows(file: &Path, rows: u64) -> Result<(), DataError> {
    if rows <= ROWS_MAX as u64 {
        return Ok(());
    }
    Err(DataError::TooLarge { file: file.into(), what: "rows", count: rows, max: ROWS_MAX as u64 })
}

/// Adds file and column to what is wrong with a value.
pub(crate) fn blame(file: &Path, layout: &Layout, role: Role, misfit: Misfit) -> DataError {
    let (file, row, column) = (file.to_path_buf(), misfit.index + 1, layout.name_of(role).to_owned());
    let value = one_line(&misfit.value);
    match misfit.why {
        Why::Missing => DataError::NoValue { file, row, column },
        Why::NotANumber => DataError::NotANumber { file, row, column, value },
        Why::TooFine(decimals_max) => DataError::TooFine { file, row, column, value, decimals_max },
        Why::TooBig(decimals) => DataError::TooBig { file, row, column, value, decimals },
        Why::Negative => DataError::NegativeVolume { file, row, column, value },
        Why::NotATime => DataError::NotATime { file, row, column, value },
        Why::NoUnit => DataError::TimeUnit { file, row, column, value },
        Why::OtherUnit(unit) => DataError::MixedTimeUnits { file, row, column, value, unit },
    }
}
