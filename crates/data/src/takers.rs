//! What takers bought in each bar, where a file of bars has a column of it.
//!
//! It refuses to find that column without a name, and to take a file that lacks it for a broken one.

use crate::error::DataError;
use crate::layout::{Role, TAKERS};
use crate::source::{self, blame, few_enough_rows};
use bytes::Bytes;
use std::path::Path;

/// The taker buy volume of each row of a file of bars, in the file's order; nothing where it has no such column.
pub fn load_takers(path: &Path) -> Result<Option<Vec<f64>>, DataError> {
    takers_from_bytes(path, source::read_file(path)?)
}

/// The same from bytes of any format; `file` is only what errors call it.
pub fn takers_from_bytes(file: &Path, bytes: Bytes) -> Result<Option<Vec<f64>>, DataError> {
    let source = match source::open(file, &bytes, TAKERS) {
        Err(DataError::MissingColumns { .. }) => return Ok(None),
        source => source?,
    };
    few_enough_rows(file, source.rows() as u64)?;
    let volumes = source.take(Role::TakerBuyVolume)?.into_volumes();
    Ok(Some(volumes.map_err(|misfit| blame(file, source.layout(), Role::TakerBuyVolume, misfit))?))
}
