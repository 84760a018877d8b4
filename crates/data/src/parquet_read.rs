//! Parquet, read by column: only the columns that are wanted, each in batches into one vector.
//!
//! What the footer claims is checked against the maxima and the file's length before a page is touched. It refuses
//! nested columns, 96-bit times and 32-bit floats (whose prices are not exact).

use crate::column::{Column, Misfit, Why};
use crate::error::{DataError, one_line};
use crate::layout::{Layout, Role};
use crate::limits::GROUPS_MAX;
use crate::panics::fenced;
use crate::parquet_pages::Pages;
use crate::scale::Ticks;
use crate::source::{Source, blame, few_enough_rows};
use crate::{Format, TimeUnit, parquet_headers};
use bytes::Bytes;
use parquet::basic::{LogicalType, TimeUnit as Stored, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::DataType;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use std::path::{Path, PathBuf};

/// Rows decoded at a time: their definition levels stay in the cache.
const BATCH_ROWS: usize = 1 << 16;

/// An opened Parquet file.
pub(crate) struct Opened {
    file: PathBuf,
    layout: Layout,
    rows: usize,
    bytes: Bytes,
    reader: SerializedFileReader<Bytes>,
}

/// Reads and checks the footer.
pub(crate) fn open(file: &Path, bytes: &Bytes, wanted: &[Role]) -> Result<Opened, DataError> {
    if bytes.len() < 12 || !bytes.ends_with(b"PAR1") {
        return Err(damaged(file, "it does not end as Parquet does, so it was cut off"));
    }
    let reader = fenced(|| SerializedFileReader::new(bytes.clone()).map_err(|error| error.to_string()))
        .map_err(|detail| damaged(file, &detail))?;
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let names = schema.columns().iter().map(|column| column.path().string()).collect();
    let layout = Layout::by_name(file, names, wanted)?;
    let rows = metadata.file_metadata().num_rows();
    let rows = u64::try_from(rows).map_err(|_| damaged(file, "a negative number of rows"))?;
    few_enough_rows(file, rows)?;
    plausible(metadata, &layout, rows, bytes.len()).map_err(|detail| damaged(file, detail))?;
    let rows = usize::try_from(rows).expect("ROWS_MAX fits a usize");
    Ok(Opened { file: file.into(), layout, rows, bytes: bytes.clone(), reader })
}

/// Whether the footer's row groups add up and its column chunks lie inside the file.
fn plausible(
    metadata: &ParquetMetaData,
    layout: &Layout,
    rows: u64,
    length: usize,
) -> Result<(), &'static str> {
    let groups = metadata.row_groups();
    if groups.len() > GROUPS_MAX {
        return Err("too many row groups");
    }
    let mut total: i64 = 0;
    for group in groups {
        total = total.checked_add(group.num_rows().max(0)).ok_or("the row groups do not add up")?;
        for &(_, index) in &layout.picks {
            let chunk = group.columns().get(index).ok_or("a row group without all of its columns")?;
            if chunk.num_values() != group.num_rows() {
                return Err("a column with more or fewer values than rows");
            }
            if !lies_inside(chunk, length) {
                return Err("a column that lies outside the file");
            }
        }
    }
    if u64::try_from(total) == Ok(rows) { Ok(()) } else { Err("the row groups do not add up") }
}

fn lies_inside(chunk: &ColumnChunkMetaData, length: usize) -> bool {
    let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
    let end = start.checked_add(chunk.compressed_size());
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    start >= 0 && chunk.compressed_size() >= 0 && end.is_some_and(|end| end <= length)
}

fn damaged(file: &Path, detail: &str) -> DataError {
    DataError::Damaged { file: file.into(), format: Format::Parquet, detail: one_line(detail) }
}

/// What the values of a column are, beside their physical type.
enum Meaning {
    Plain,
    Instant(TimeUnit),
    Decimal(u8),
}

impl Source for Opened {
    fn format(&self) -> Format {
        Format::Parquet
    }
    fn layout(&self) -> &Layout {
        &self.layout
    }
    fn rows(&self) -> usize {
        self.rows
    }
    fn take(&self, role: Role) -> Result<Column, DataError> {
        let index = self.layout.picks.iter().find(|(picked, _)| *picked == role).expect("a wanted role").1;
        let column = self.reader.metadata().file_metadata().schema_descr().column(index);
        let unread = |kind: String| {
            let (file, column) = (self.file.clone(), self.layout.names[index].clone());
            DataError::ColumnType { file, column, kind }
        };
        if column.max_rep_level() > 0 || column.max_def_level() > 1 {
            return Err(unread("a list or a group".to_owned()));
        }
        let meaning = meaning(&column).map_err(unread)?;
        let physical = column.physical_type();
        let values = fenced(|| match physical {
            Type::INT64 => self.read(index, i64_reader, |v: i64| v).map(Values::Whole),
            Type::INT32 => self.read(index, i32_reader, i64::from).map(Values::Whole),
            _ => self.read(index, f64_reader, |v: f64| v).map(Values::Floats),
        })
        .map_err(|detail| damaged(&self.file, &format!("column `{}`: {detail}", self.layout.names[index])))?;
        let misfit = |misfit| blame(&self.file, &self.layout, role, misfit);
        Ok(match (values, meaning) {
            (Values::Floats(column), _) => Column::Floats(column.complete().map_err(misfit)?),
            (Values::Whole(column), meaning) => {
                let values = column.complete().map_err(misfit)?;
                match meaning {
                    Meaning::Plain => Column::Integers(values),
                    Meaning::Instant(unit) => Column::Times(values, unit),
                    Meaning::Decimal(decimals) => Column::Decimals(Ticks { values, decimals }),
                }
            }
        })
    }
}

fn meaning(column: &ColumnDescriptor) -> Result<Meaning, String> {
    use parquet::basic::ConvertedType as Old;
    let physical = column.physical_type();
    if !matches!(physical, Type::INT32 | Type::INT64 | Type::DOUBLE) {
        return Err(physical.to_string());
    }
    let unit = match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Timestamp(stored)), _) => match stored.unit {
            Stored::MILLIS => TimeUnit::Milliseconds,
            Stored::MICROS => TimeUnit::Microseconds,
            Stored::NANOS => TimeUnit::Nanoseconds,
        },
        (_, Old::TIMESTAMP_MILLIS) => TimeUnit::Milliseconds,
        (_, Old::TIMESTAMP_MICROS) => TimeUnit::Microseconds,
        (Some(LogicalType::Decimal(_)), _) | (_, Old::DECIMAL) => {
            let scale = column.type_scale();
            return u8::try_from(scale)
                .map(Meaning::Decimal)
                .map_err(|_| format!("DECIMAL of scale {scale}"));
        }
        (_, Old::DATE | Old::TIME_MILLIS | Old::TIME_MICROS) => {
            return Err("a date or time of day".to_owned());
        }
        _ => return Ok(Meaning::Plain),
    };
    Ok(Meaning::Instant(unit))
}

enum Values {
    Whole(Read<i64>),
    Floats(Read<f64>),
}

/// A column as far as its first missing value.
struct Read<V> {
    values: Vec<V>,
    null_at: Option<usize>,
}

impl<V> Read<V> {
    fn complete(self) -> Result<Vec<V>, Misfit> {
        match self.null_at {
            Some(index) => Err(Misfit { index, value: String::new(), why: Why::Missing }),
            None => Ok(self.values),
        }
    }
}

fn i64_reader(reader: ColumnReader) -> Option<ColumnReaderImpl<parquet::data_type::Int64Type>> {
    if let ColumnReader::Int64ColumnReader(reader) = reader { Some(reader) } else { None }
}
fn i32_reader(reader: ColumnReader) -> Option<ColumnReaderImpl<parquet::data_type::Int32Type>> {
    if let ColumnReader::Int32ColumnReader(reader) = reader { Some(reader) } else { None }
}
fn f64_reader(reader: ColumnReader) -> Option<ColumnReaderImpl<parquet::data_type::DoubleType>> {
    if let ColumnReader::DoubleColumnReader(reader) = reader { Some(reader) } else { None }
}

/// The most bytes that a page may unpack to beyond those of its values: levels, and a small page's fixed parts.
const PAGE_BYTES_SPARE: usize = 1 << 16;

impl Opened {
    /// Whether the pages of a chunk of this many rows are as large as their values can be: eight bytes each, twice
    /// that for encodings that need more than they save.
    fn check_pages(&self, chunk: &ColumnChunkMetaData, rows: usize) -> Result<(), String> {
        let (start, length) = chunk.byte_range();
        let range = usize::try_from(start).ok().zip(usize::try_from(start + length).ok());
        let bytes = range.and_then(|(start, end)| self.bytes.get(start..end));
        let bytes = bytes.expect("the chunk was found to lie inside the file");
        parquet_headers::check(bytes, 16 * rows + PAGE_BYTES_SPARE)
    }

    fn read<T: DataType, V>(
        &self,
        index: usize,
        typed: fn(ColumnReader) -> Option<ColumnReaderImpl<T>>,
        widen: fn(T::T) -> V,
    ) -> Result<Read<V>, String> {
        let column = self.reader.metadata().file_metadata().schema_descr().column(index);
        let mut values: Vec<T::T> = Vec::with_capacity(self.rows);
        let mut levels: Vec<i16> = Vec::with_capacity(BATCH_ROWS.min(self.rows));
        let mut null_at = None;
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group).map_err(|error| error.to_string())?;
            let rows = usize::try_from(group.metadata().num_rows()).map_err(|error| error.to_string())?;
            self.check_pages(group.metadata().column(index), rows)?;
            let pages = group.get_column_page_reader(index).map_err(|error| error.to_string())?;
            let reader = get_column_reader(column.clone(), Box::new(Pages::new(pages, rows, &column)));
            let mut reader = typed(reader).ok_or("its type changes from row group to row group")?;
            let mut left = rows;
            while left > 0 && null_at.is_none() {
                levels.clear();
                let before = values.len();
                let batch = left.min(BATCH_ROWS);
                let (records, _, _) = reader
                    .read_records(batch, Some(&mut levels), None, &mut values)
                    .map_err(|error| error.to_string())?;
                if records == 0 || records > left {
                    return Err("it ends before its rows do".to_owned());
                }
                left -= records;
                null_at = levels.iter().position(|&level| level == 0).map(|at| before + at);
                if values.len() - before != records && null_at.is_none() {
                    // A column without definition levels has a value for each row.
                    return Err("it has more or fewer values than rows".to_owned());
                }
            }
        }
        let values: Vec<V> = values.into_iter().map(widen).collect();
        if null_at.is_none() && values.len() != self.rows {
            return Err("it has more or fewer values than rows".to_owned());
        }
        Ok(Read { values, null_at })
    }
}
