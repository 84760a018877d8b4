//! Bars to a file: exact text or Parquet, whole or not at all.
//!
//! It refuses to leave a half-written file: everything goes to a neighbour first, which is renamed when it is done.

use crate::error::DataError;
use crate::layout::{BARS, Role};
use model::{Bars, Decimal, FundingRate, Rate, Step};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What traded in each bar besides its volume, where that is known.
#[derive(Clone, Copy, Debug)]
pub struct Flow<'a> {
    /// Trades in each bar.
    pub trades: &'a [u32],
    /// What of the volume takers bought.
    pub taker_buy_volume: &'a [f64],
}

/// Writes bars as `.csv` or `.parquet`, which the extension decides; an existing file is replaced.
///
/// Prices are written as exact decimals: in Parquet as 64-bit `DECIMAL`, times as UTC milliseconds.
pub fn write_bars(path: &Path, bars: Bars<'_>, tick: Step) -> Result<(), DataError> {
    write_bars_with(path, bars, None, tick)
}

/// The same, with columns of trades and of what takers bought.
///
/// # Panics
///
/// If those columns are not as long as the bars.
pub fn write_bars_with(
    path: &Path,
    bars: Bars<'_>,
    flow: Option<Flow<'_>>,
    tick: Step,
) -> Result<(), DataError> {
    if let Some(flow) = flow {
        let lengths = [flow.trades.len(), flow.taker_buy_volume.len()];
        assert_eq!(lengths, [bars.len(); 2], "the columns of a set of bars have one length");
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "csv" => whole_or_not(path, |out| write_csv(out, bars, flow, tick)),
        #[cfg(feature = "parquet")]
        "parquet" => whole_or_not(path, |out| crate::parquet_write::write(out, bars, flow, tick)),
        #[cfg(not(feature = "parquet"))]
        "parquet" => Err(DataError::NotBuilt { file: path.into(), format: crate::Format::Parquet }),
        _ => Err(DataError::UnknownOutput { file: path.into() }),
    }
}

/// Writes funding rates as CSV, exactly; an existing file is replaced.
pub fn write_funding(path: &Path, rates: &[FundingRate]) -> Result<(), DataError> {
    whole_or_not(path, |out| {
        writeln!(out, "funding_time,funding_rate")?;
        rates.iter().try_for_each(|FundingRate { time, rate: Rate(mantissa) }| {
            writeln!(out, "{},{}", time.0, Decimal { mantissa: *mantissa, decimals: Rate::DECIMALS })
        })
    })
}

/// Removes what it names when dropped: an attempt that did not become the file.
struct Attempt(PathBuf);

impl Drop for Attempt {
    fn drop(&mut self) {
        // After the rename there is nothing to remove; before it, a failed removal must not hide the first error.
        let _ = fs::remove_file(&self.0);
    }
}

/// Writes a file whole or not at all: beside its place, flushed to the disk, and then renamed.
pub fn whole_or_not(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), DataError> {
    let failed = |source: io::Error| DataError::Write { file: path.into(), source };
    let (file, attempt) = create_beside(path).map_err(failed)?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    let written = write(&mut out)
        .and_then(|()| out.flush())
        .and_then(|()| out.get_ref().sync_all())
        .and_then(|()| fs::rename(&attempt.0, path));
    written.map_err(failed)
}

/// A new file with a free name in the same directory, so that the rename cannot cross file systems.
fn create_beside(path: &Path) -> io::Result<(File, Attempt)> {
    const NAMES_MAX: u32 = 64;
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    for n in 0..NAMES_MAX {
        let mut beside = std::ffi::OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}-{n}.part", std::process::id()));
        let beside = path.with_file_name(beside);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((file, Attempt(beside))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

fn write_csv(out: &mut impl Write, bars: Bars<'_>, flow: Option<Flow<'_>>, tick: Step) -> io::Result<()> {
    let mut names: Vec<&str> = BARS.iter().map(|role| role.name()).collect();
    if flow.is_some() {
        names.extend(["trades", Role::TakerBuyVolume.name()]);
    }
    writeln!(out, "{}", names.join(","))?;
    for i in 0..bars.len() {
        let bar = bars.get(i);
        write!(out, "{}", bar.open_time.0)?;
        for price in [bar.open, bar.high, bar.low, bar.close] {
            write!(out, ",{}", tick.format(price.0))?;
        }
        write!(out, ",{}", bar.volume)?;
        if let Some(flow) = flow {
            write!(out, ",{},{}", flow.trades[i], flow.taker_buy_volume[i])?;
        }
        writeln!(out)?;
    }
    Ok(())
}
