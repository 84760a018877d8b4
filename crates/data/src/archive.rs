//! Zipped kline archives: Binance packs a CSV file, Bitget an Excel sheet.
//!
//! It refuses archives with more than one table, entries that unpack beyond their maximum whatever they claim, and
//! archives inside archives.

use crate::error::{DataError, one_line};
use crate::layout::Role;
use crate::limits::{ENTRIES_MAX, ENTRY_BYTES_MAX};
use crate::panics::fenced;
use crate::source::Held;
use crate::{Format, sheet, xlsx};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// Opens the one table of an archive.
pub(crate) fn open(file: &Path, bytes: &[u8], wanted: &[Role]) -> Result<Held, DataError> {
    let mut archive = directory(file, bytes, Format::Zip)?;
    let names = names(&archive);
    let (index, name) =
        the_table(&names).map_err(|found| DataError::ArchiveContents { file: file.into(), found })?;
    let inner = PathBuf::from(format!("{}/{}", file.display(), one_line(name)));
    let table = unpack(&inner, &mut archive, index, Format::Zip)?;
    if table.is_empty() {
        return Err(DataError::Empty { file: inner });
    }
    match Format::detect(&table) {
        Some(Format::Csv) => Ok(sheet::from_csv(&inner, &table, wanted)?.inside(Format::Zip)),
        Some(Format::Xlsx) => Ok(xlsx::open(&inner, &table, wanted)?.inside(Format::Zip)),
        _ => Err(DataError::UnknownFormat { file: inner }),
    }
}

/// Reads the directory of a zip or xlsx file.
pub(crate) fn directory<'b>(
    file: &Path,
    bytes: &'b [u8],
    format: Format,
) -> Result<ZipArchive<Cursor<&'b [u8]>>, DataError> {
    // Counted before the directory is parsed, because parsing takes memory for each entry.
    let entries = bytes.windows(4).filter(|window| window == b"PK\x01\x02").count();
    if entries > ENTRIES_MAX {
        let (count, max) = (entries as u64, ENTRIES_MAX as u64);
        return Err(DataError::TooLarge { file: file.into(), what: "entries", count, max });
    }
    fenced(|| ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string()))
        .map_err(|detail| DataError::Damaged { file: file.into(), format, detail: one_line(&detail) })
}

/// Names of all entries; one that cannot be read is empty and so is never chosen.
pub(crate) fn names(archive: &ZipArchive<Cursor<&[u8]>>) -> Vec<String> {
    let name = |index| archive.name_for_index(index).and_then(Result::ok).unwrap_or_default().into_owned();
    (0..archive.len()).map(name).collect()
}

/// Unpacks an entry, within its maximum.
pub(crate) fn unpack(
    file: &Path,
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    format: Format,
) -> Result<Vec<u8>, DataError> {
    let unpacked = fenced(|| {
        let entry = archive.by_index(index).map_err(|error| error.to_string())?;
        let mut unpacked = Vec::new();
        entry.take(ENTRY_BYTES_MAX + 1).read_to_end(&mut unpacked).map_err(|error| error.to_string())?;
        Ok(unpacked)
    })
    .map_err(|detail| DataError::Damaged { file: file.into(), format, detail: one_line(&detail) })?;
    if unpacked.len() as u64 > ENTRY_BYTES_MAX {
        let (count, max) = (unpacked.len() as u64, ENTRY_BYTES_MAX);
        return Err(DataError::TooLarge { file: file.into(), what: "unpacked bytes", count, max });
    }
    Ok(unpacked)
}

/// The one entry that is a table: by its extension where any has one, else the only file there is.
fn the_table(names: &[String]) -> Result<(usize, &str), usize> {
    let is_file = |name: &str| {
        let last = name.rsplit('/').next().unwrap_or_default();
        !last.is_empty() && !last.starts_with('.') && !name.starts_with("__MACOSX/")
    };
    let is_table = |name: &str| {
        let name = name.to_ascii_lowercase();
        [".csv", ".txt", ".xlsx"].iter().any(|extension| name.ends_with(extension))
    };
    let files: Vec<(usize, &str)> =
        names.iter().map(String::as_str).enumerate().filter(|(_, name)| is_file(name)).collect();
    let tables: Vec<(usize, &str)> = files.iter().copied().filter(|(_, name)| is_table(name)).collect();
    match (tables.as_slice(), files.as_slice()) {
        ([table], _) | ([], [table]) => Ok(*table),
        ([], _) => Err(0),
        _ => Err(tables.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_table_among_the_entries() {
        let table = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            the_table(&names).map(|(index, _)| index)
        };
        assert_eq!(table(&["BTCUSDT-1m-2022-01.csv"]), Ok(0));
        assert_eq!(table(&["a/", "__MACOSX/._a.csv", "a/README", "a/k.XLSX"]), Ok(3));
        assert_eq!(table(&["kline"]), Ok(0));
        assert_eq!(table(&["a.csv", "b.csv"]), Err(2));
        assert_eq!(table(&["a", "b"]), Err(0));
        assert_eq!(table(&[]), Err(0));
    }
}
