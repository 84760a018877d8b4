//! Bars as Parquet: whole numbers delta-encoded, so that prices stay exact and reading is fast.
//!
//! It refuses prices that do not fit the 18 digits of a 64-bit `DECIMAL`.

use crate::write::Flow;
use model::{Bars, Price, Step, Time};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use std::io::{self, Write};
use std::sync::Arc;

const PRECISION: u32 = 18;
const GROUP_ROWS: usize = 1 << 20;

/// Writes all bars; the caller makes the file appear whole or not at all.
pub(crate) fn write<W: Write + Send>(
    out: W,
    bars: Bars<'_>,
    flow: Option<Flow<'_>>,
    tick: Step,
) -> io::Result<()> {
    if u32::from(tick.decimals) > PRECISION {
        return Err(io::Error::other("the tick has more decimals than a 64-bit DECIMAL"));
    }
    let schema = schema(tick.decimals, flow.is_some()).map_err(io::Error::other)?;
    let mut writer =
        SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties())).map_err(io::Error::other)?;
    for from in (0..bars.len()).step_by(GROUP_ROWS) {
        let to = bars.len().min(from + GROUP_ROWS);
        let bars = bars.slice(from, to);
        let mut group = writer.next_row_group().map_err(io::Error::other)?;
        let time: Vec<i64> = bars.open_time.iter().map(|&Time(ms)| ms).collect();
        column::<Int64Type, W>(&mut group, &time).map_err(io::Error::other)?;
        for prices in [bars.open, bars.high, bars.low, bars.close] {
            let mantissas = mantissas(prices, tick)?;
            column::<Int64Type, W>(&mut group, &mantissas).map_err(io::Error::other)?;
        }
        column::<DoubleType, W>(&mut group, bars.volume).map_err(io::Error::other)?;
        if let Some(flow) = flow {
            let trades: Vec<i64> = flow.trades[from..to].iter().map(|&trades| i64::from(trades)).collect();
            column::<Int64Type, W>(&mut group, &trades).map_err(io::Error::other)?;
            column::<DoubleType, W>(&mut group, &flow.taker_buy_volume[from..to])
                .map_err(io::Error::other)?;
        }
        group.close().map_err(io::Error::other)?;
    }
    writer.close().map_err(io::Error::other)?;
    Ok(())
}

fn schema(decimals: u8, with_flow: bool) -> Result<parquet::schema::types::Type, ParquetError> {
    let price = |name: &str| format!("required int64 {name} (DECIMAL({PRECISION},{decimals}));");
    let prices: String = ["open", "high", "low", "close"].map(price).concat();
    let flow = if with_flow { "required int64 trades; required double taker_buy_volume;" } else { "" };
    parse_message_type(&format!(
        "message bars {{ required int64 open_time (TIMESTAMP(MILLIS,true)); {prices} required double volume; {flow} }}"
    ))
}

fn properties() -> WriterProperties {
    let volumes = ["volume", "taker_buy_volume"].map(ColumnPath::from);
    let builder = WriterProperties::builder()
        .set_created_by("omega".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).expect("3 is a zstd level")))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_encoding(Encoding::DELTA_BINARY_PACKED);
    let split = |builder: WriterPropertiesBuilder, volume| {
        builder.set_column_encoding(volume, Encoding::BYTE_STREAM_SPLIT)
    };
    volumes.into_iter().fold(builder, split).build()
}

fn mantissas(prices: &[Price], tick: Step) -> io::Result<Vec<i64>> {
    let limit = 10_u64.pow(PRECISION);
    let scale = |&Price(ticks): &Price| ticks.checked_mul(tick.mantissa).filter(|m| m.unsigned_abs() < limit);
    prices
        .iter()
        .map(|price| scale(price).ok_or_else(|| io::Error::other("a price of more than 18 digits")))
        .collect()
}

fn column<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.expect("the schema has a column for each call");
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}
