//! Files to columns and back: CSV, Parquet, Feather and zipped kline archives of Binance and Bitget.
//!
//! Whatever a file looks like, what leaves this crate is the same: ascending bars of one interval with prices in
//! whole ticks, or one error that names the file, the row and the column and says what to do next. It reads
//! files and bytes that others wrote, so nothing in them is believed before it is checked.
//!
//! It refuses to round a price, to guess a unit that the values contradict, to fill a gap, to reorder rows unless
//! asked, to leave a half-written file behind, and to read a clock, the environment or the network.

mod bars;
mod column;
mod error;
mod format;
mod funding;
mod layout;
mod mark;
mod panics;
mod readings;
mod resample;
mod scale;
mod series;
mod sheet;
mod source;
mod table;
mod takers;
mod timestamp;
mod validate;
mod write;

#[cfg(feature = "archives")]
mod archive;
#[cfg(feature = "feather")]
mod feather;
#[cfg(feature = "feather")]
mod feather_batches;
#[cfg(feature = "parquet")]
mod parquet_headers;
#[cfg(feature = "parquet")]
mod parquet_pages;
#[cfg(feature = "parquet")]
mod parquet_read;
#[cfg(feature = "parquet")]
mod parquet_streams;
#[cfg(feature = "parquet")]
mod parquet_table;
#[cfg(feature = "parquet")]
mod parquet_write;
#[cfg(feature = "archives")]
mod xlsx;

pub mod catalogue;
pub mod limits;

#[cfg(feature = "feather")]
pub use bars::bars_from_feather;
#[cfg(feature = "parquet")]
pub use bars::bars_from_parquet;
pub use bars::{BarOptions, LoadedBars, Repair, Source, bars_from_bytes, bars_from_csv, load_bars};
#[cfg(feature = "archives")]
pub use bars::{bars_from_xlsx, bars_from_zip};
pub use bytes::Bytes;
pub use error::DataError;
pub use format::Format;
pub use funding::{funding_from_bytes, load_funding};
pub use mark::{load_mark, mark_from_bytes};
pub use panics::decoding;
pub use readings::{ReadingOptions, load_readings, readings_from_bytes};
pub use resample::resample;
pub use table::{Field, Holds, Rows, TableFormat, Value, write_table};
pub use takers::{load_takers, takers_from_bytes};
pub use timestamp::{TimeUnit, parse_time};
pub use validate::{Gap, Validation};
pub use write::{Flow, whole_or_not, write_bars, write_bars_with, write_funding};
