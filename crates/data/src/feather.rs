//! Feather version 2, which is an Arrow IPC file: read batch by batch.
//!
//! It refuses 32-bit floats (whose prices are not exact) and types that hold no numbers or times.

use crate::column::{Column, Misfit, Why};
use crate::error::{DataError, one_line};
use crate::feather_batches::Batches;
use crate::layout::{Layout, Role};
use crate::panics::fenced;
use crate::source::{Held, blame, few_enough_rows};
use crate::{Format, TimeUnit};
use arrow_array::types::{
    ArrowPrimitiveType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt32Type,
};
use arrow_array::{Array, PrimitiveArray, RecordBatch};
use arrow_schema::{DataType, TimeUnit as Stored};
use bytes::Bytes;
use std::path::Path;

/// Reads the wanted columns of all batches.
pub(crate) fn open(file: &Path, bytes: &Bytes, wanted: &[Role]) -> Result<Held, DataError> {
    let damaged = |detail: String| DataError::Damaged {
        file: file.into(),
        format: Format::Feather,
        detail: one_line(&detail),
    };
    let batches = fenced(|| Batches::new(bytes)).map_err(damaged)?;
    let schema = &batches.schema;
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let layout = Layout::by_name(file, names, wanted)?;
    let mut columns = Vec::with_capacity(layout.picks.len());
    for &(role, index) in &layout.picks {
        let kind = schema.field(index).data_type();
        let column = empty(kind).ok_or_else(|| {
            let (column, kind) = (layout.names[index].clone(), one_line(&kind.to_string()));
            DataError::ColumnType { file: file.into(), column, kind }
        })?;
        columns.push((role, column));
    }
    let projection = layout.picks.iter().map(|&(_, index)| index).collect();
    let mut decoded = batches.decode(projection);
    while let Some(batch) = fenced(|| decoded.next().transpose()).map_err(damaged)? {
        let rows = columns.first().map_or(0, |(_, column)| column.len());
        few_enough_rows(file, (rows + batch.num_rows()) as u64)?;
        append(file, &layout, &batch, &mut columns, &damaged)?;
    }
    Ok(Held::new(Format::Feather, layout, columns))
}

fn append(
    file: &Path,
    layout: &Layout,
    batch: &RecordBatch,
    columns: &mut [(Role, Column)],
    damaged: &dyn Fn(String) -> DataError,
) -> Result<(), DataError> {
    for (role, column) in columns {
        let name = layout.name_of(*role);
        let array = batch.column_by_name(name).ok_or_else(|| damaged(format!("a batch without `{name}`")))?;
        let before = column.len();
        if let Some(at) = (0..array.len()).find(|&row| array.is_null(row)) {
            let misfit = Misfit { index: before + at, value: String::new(), why: Why::Missing };
            return Err(blame(file, layout, *role, misfit));
        }
        fenced(|| extend(column, array.as_ref())).map_err(damaged)?;
    }
    Ok(())
}

/// A column of this type without rows.
fn empty(kind: &DataType) -> Option<Column> {
    let unit = match kind {
        DataType::Float64 => return Some(Column::Floats(Vec::new())),
        DataType::Int64 | DataType::Int32 | DataType::UInt32 => return Some(Column::Integers(Vec::new())),
        DataType::Timestamp(Stored::Second, _) => TimeUnit::Seconds,
        DataType::Timestamp(Stored::Millisecond, _) => TimeUnit::Milliseconds,
        DataType::Timestamp(Stored::Microsecond, _) => TimeUnit::Microseconds,
        DataType::Timestamp(Stored::Nanosecond, _) => TimeUnit::Nanoseconds,
        _ => return None,
    };
    Some(Column::Times(Vec::new(), unit))
}

fn extend(column: &mut Column, array: &dyn Array) -> Result<(), String> {
    match column {
        Column::Floats(values) => values.extend_from_slice(primitive::<Float64Type>(array)?.values()),
        Column::Integers(values) => match array.data_type() {
            DataType::Int32 => {
                values.extend(primitive::<Int32Type>(array)?.values().iter().map(|&v| i64::from(v)))
            }
            DataType::UInt32 => {
                values.extend(primitive::<UInt32Type>(array)?.values().iter().map(|&v| i64::from(v)))
            }
            _ => values.extend_from_slice(primitive::<Int64Type>(array)?.values()),
        },
        Column::Times(values, unit) => values.extend_from_slice(match unit {
            TimeUnit::Seconds => primitive::<TimestampSecondType>(array)?.values(),
            TimeUnit::Microseconds => primitive::<TimestampMicrosecondType>(array)?.values(),
            TimeUnit::Nanoseconds => primitive::<TimestampNanosecondType>(array)?.values(),
            TimeUnit::Milliseconds | TimeUnit::Calendar => {
                primitive::<TimestampMillisecondType>(array)?.values()
            }
        }),
        Column::Decimals(_) => unreachable!("no Arrow type starts a column of decimals"),
    }
    Ok(())
}

fn primitive<T: ArrowPrimitiveType>(array: &dyn Array) -> Result<&PrimitiveArray<T>, String> {
    array.as_any().downcast_ref().ok_or_else(|| "a batch whose types are not those of the schema".to_owned())
}
