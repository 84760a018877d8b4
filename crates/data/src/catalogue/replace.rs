//! Putting a file in the place of another: the new one is whole before the old one goes.
//!
//! It refuses to remove what nothing sound has replaced, and anything that is not called as our files are.

use super::{Catalogue, Coverage, Entry, Period, Series, Span, check, entry, manifest_of, names, period_of};
use crate::error::DataError;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A table beside its place; dropped before it was put there, it is gone.
pub(super) struct Staged {
    /// Its place.
    pub file: PathBuf,
    /// Where it is written.
    pub beside: PathBuf,
}

impl Staged {
    /// Puts it in its place.
    pub fn commit(&self) -> Result<(), DataError> {
        let failed = |source| DataError::Write { file: self.file.clone(), source };
        fs::rename(&self.beside, &self.file).map_err(failed)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After the rename there is nothing to remove; before it, a failed removal must not hide the first error.
        let _ = fs::remove_file(&self.beside);
    }
}

/// Removes a file that may be gone already.
pub(super) fn remove_file(file: &Path) -> Result<(), DataError> {
    match fs::remove_file(file) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(DataError::Write { file: file.into(), source })
        }
        _ => Ok(()),
    }
}

/// Removes a table and its manifest.
fn remove(file: &Path) -> Result<(), DataError> {
    remove_file(&manifest_of(file))?;
    remove_file(file)
}

impl Catalogue {
    /// Where the table of a period is written, with the ending that decides its format.
    pub(super) fn stage(
        &self,
        series: &Series,
        period: Period,
        extension: &str,
    ) -> Result<Staged, DataError> {
        let folder = self.folder(series);
        fs::create_dir_all(&folder).map_err(|source| DataError::Write { file: folder.clone(), source })?;
        let name = format!("{period}.{extension}");
        Ok(Staged { beside: folder.join(format!(".{name}")), file: folder.join(name) })
    }

    /// Removes what the file of a period replaces: the same period with another ending, and what lies within it and is
    /// damaged.
    pub(super) fn clear(&self, series: &Series, period: Period, stored: &Path) -> Result<(), DataError> {
        for (file, other) in self.tables(series)? {
            let is_within = period.start() <= other.start() && other.end() <= period.end();
            if file != stored && is_within && (other == period || sound(series, &file, other).is_none()) {
                remove(&file)?;
            }
        }
        Ok(())
    }

    /// Removes files that do not count and whose days are all in others that do.
    pub fn drop_replaced(&self, series: &Series) -> Result<(), DataError> {
        let (mut kept, mut others): (Vec<Entry>, Vec<(PathBuf, Period)>) = (Vec::new(), Vec::new());
        let mut tables = self.tables(series)?;
        tables.sort_by_key(|(_, period)| (period.start(), period.end()));
        for (file, period) in tables {
            let is_free = kept.last().is_none_or(|last| last.period.end() <= period.start());
            match sound(series, &file, period).filter(|_| is_free) {
                Some(entry) => kept.push(entry),
                None => others.push((file, period)),
            }
        }
        // Of these the days count here: a hole is the source's, and a damaged file is no better.
        kept.iter_mut().for_each(|entry| entry.manifest.holes.clear());
        for (file, period) in others {
            if Coverage::of(series, &kept, Span::from(period)).is_complete() {
                remove(&file)?;
            }
        }
        Ok(())
    }

    /// Every table of a series by its name, or what is left of one: its manifest.
    fn tables(&self, series: &Series) -> Result<Vec<(PathBuf, Period)>, DataError> {
        let folder = self.folder(series);
        let names = names(&folder)?;
        let stems: BTreeSet<&str> =
            names.iter().map(|name| name.strip_suffix(".manifest").unwrap_or(name)).collect();
        let table = |name: &str| Some((folder.join(name), period_of(name)?));
        Ok(stems.into_iter().filter_map(table).collect())
    }
}

/// The file of a period, where it is what was written.
fn sound(series: &Series, file: &Path, period: Period) -> Option<Entry> {
    entry(file, Some(period)).ok().filter(|entry| check::damage(series, entry).is_none())
}
