//! Tables of any columns as Parquet: whole numbers delta-encoded, words by dictionary, doubles byte by byte.
//!
//! It refuses decimals that do not fit the 18 digits of a 64-bit `DECIMAL`.

use crate::table::{Field, Holds, Pages, Rows, Value};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use std::io::{self, Write};
use std::sync::Arc;

const PRECISION: u32 = 18;
/// Pages are gathered into groups of about so many rows.
const GROUP_ROWS: usize = 1 << 16;

pub(crate) fn write<W: Write + Send, E, N: FnMut() -> Result<Option<Rows>, E>>(
    out: W,
    pages: &mut Pages<'_, E, N>,
) -> io::Result<()> {
    let fields = pages.fields;
    let schema = parse_message_type(&schema(fields)).map_err(io::Error::other)?;
    let mut writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties(fields)))
        .map_err(io::Error::other)?;
    let mut group: Rows = Vec::new();
    loop {
        let page = pages.next()?;
        let is_last = page.is_none();
        group.extend(page.unwrap_or_default());
        if group.len() >= GROUP_ROWS || is_last && !group.is_empty() {
            let mut columns = writer.next_row_group().map_err(io::Error::other)?;
            for (at, field) in fields.iter().enumerate() {
                let values: Vec<&Value> = group.iter().map(|row| &row[at]).collect();
                column(&mut columns, field, &values)?;
            }
            columns.close().map_err(io::Error::other)?;
            group.clear();
        }
        if is_last {
            return writer.close().map(drop).map_err(io::Error::other);
        }
    }
}

fn schema(fields: &[Field]) -> String {
    let column = |field: &Field| {
        let how = if field.optional { "optional" } else { "required" };
        let (is, means) = match field.holds {
            Holds::Text => ("binary", "(STRING)".to_owned()),
            Holds::Whole => ("int64", String::new()),
            Holds::Decimal(decimals) => ("int64", format!("(DECIMAL({PRECISION},{decimals}))")),
            Holds::Time => ("int64", "(TIMESTAMP(MILLIS,true))".to_owned()),
            Holds::Real => ("double", String::new()),
            Holds::Truth => ("boolean", String::new()),
        };
        format!("{how} {is} {} {means};", field.name)
    };
    format!("message rows {{ {} }}", fields.iter().map(column).collect::<String>())
}

fn properties(fields: &[Field]) -> WriterProperties {
    let builder = WriterProperties::builder()
        .set_created_by("omega".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).expect("3 is a zstd level")))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    let with = |builder: parquet::file::properties::WriterPropertiesBuilder, field: &Field| {
        let path = ColumnPath::from(field.name);
        match field.holds {
            Holds::Text => builder.set_column_dictionary_enabled(path, true),
            Holds::Whole | Holds::Decimal(_) | Holds::Time => {
                builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
            }
            Holds::Real => builder.set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT),
            Holds::Truth => builder.set_column_encoding(path, Encoding::PLAIN),
        }
    };
    fields.iter().fold(builder, with).build()
}

fn column<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    field: &Field,
    values: &[&Value],
) -> io::Result<()> {
    match field.holds {
        Holds::Text => put::<ByteArrayType, W>(group, field, values, |value| match value {
            Value::Text(text) => Some(ByteArray::from(text.as_str())),
            _ => None,
        }),
        Holds::Decimal(_) => {
            let limit = 10_u64.pow(PRECISION);
            let is_wide =
                |value: &&Value| matches!(value, Value::Whole(number) if number.unsigned_abs() >= limit);
            if values.iter().any(is_wide) {
                return Err(io::Error::other(format!(
                    "{} has a number of more than 18 digits: export it as CSV",
                    field.name
                )));
            }
            put::<Int64Type, W>(group, field, values, whole)
        }
        Holds::Whole | Holds::Time => put::<Int64Type, W>(group, field, values, whole),
        Holds::Real => put::<DoubleType, W>(group, field, values, |value| match value {
            Value::Real(real) => Some(*real),
            _ => None,
        }),
        Holds::Truth => put::<BoolType, W>(group, field, values, |value| match value {
            Value::Truth(truth) => Some(*truth),
            _ => None,
        }),
    }
}

fn whole(value: &Value) -> Option<i64> {
    if let Value::Whole(number) = value { Some(*number) } else { None }
}

fn put<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    field: &Field,
    values: &[&Value],
    of: impl Fn(&Value) -> Option<T::T>,
) -> io::Result<()> {
    let there: Vec<T::T> = values.iter().filter_map(|value| of(value)).collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(**value != Value::Nothing)).collect();
    let mut write = || -> Result<(), ParquetError> {
        let mut column = group.next_column()?.expect("the schema has a column for each field");
        column.typed::<T>().write_batch(&there, field.optional.then_some(levels.as_slice()), None)?;
        column.close()
    };
    write().map_err(io::Error::other)
}
