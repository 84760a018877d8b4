//! The pages of a Parquet column, each checked before the decoder sees it.
//!
//! The decoder takes a page's header at its word and panics where it lies; this stands between the two.

use crate::parquet_streams::{deltas_are_sound, levels_set, runs_are_sound};
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

/// Pages of one column chunk.
pub(crate) struct Pages {
    inner: Box<dyn PageReader>,
    has_levels: bool,
    value_bytes: usize,
    dictionary_values: Option<u32>,
    values_left: u64,
}

impl Pages {
    /// The pages of a chunk of this column that holds this many values.
    pub(crate) fn new(inner: Box<dyn PageReader>, values: usize, column: &ColumnDescriptor) -> Pages {
        let value_bytes = if column.physical_type() == Type::INT32 { 4 } else { 8 };
        let has_levels = column.max_def_level() > 0;
        Pages { inner, has_levels, value_bytes, dictionary_values: None, values_left: values as u64 }
    }

    fn check(&mut self, page: &Page) -> Result<()> {
        match *page {
            Page::DictionaryPage { ref buf, num_values, .. } => {
                self.dictionary_values = Some(num_values);
                // Every type that is read takes four bytes or more.
                lie_if(num_values as usize > buf.len() / 4, "a dictionary shorter than it says")
            }
            Page::DataPage { ref buf, encoding, num_values, def_level_encoding, .. } => {
                let (present, values) = match (self.has_levels, def_level_encoding) {
                    (false, _) => Some((u64::from(num_values), &buf[..])),
                    (true, Encoding::RLE) => after_levels(buf, num_values),
                    // Written by no one for fifteen years, and its decoder is another one.
                    (true, _) => None,
                }
                .ok_or_else(|| lie("damaged or outdated levels"))?;
                self.check_values(values, encoding, num_values, present)
            }
            Page::DataPageV2 { ref buf, encoding, num_values, num_nulls, num_rows, .. } => {
                lie_if(num_nulls > num_values || num_rows > num_values, "more nulls or rows than values")?;
                let (repetition, definition) = level_lengths(page);
                let levels = buf.get(repetition..repetition.saturating_add(definition));
                let levels = levels.ok_or_else(|| lie("levels longer than their page"))?;
                let all = u64::from(num_values);
                let present = if self.has_levels { levels_set(levels, all) } else { Some(all) };
                let present = present.ok_or_else(|| lie("damaged levels"))?;
                self.check_values(&buf[repetition + definition..], encoding, num_values, present)
            }
        }
    }

    /// `present` of the page's values are there; the others are missing.
    fn check_values(&mut self, bytes: &[u8], encoding: Encoding, values: u32, present: u64) -> Result<()> {
        lie_if(u64::from(values) > self.values_left, "pages with more values than rows")?;
        self.values_left -= u64::from(values);
        match encoding {
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
                lie_if(self.dictionary_values.is_none(), "a page whose dictionary is missing")?;
                let (&width, indices) = bytes.split_first().ok_or_else(|| lie("a page without values"))?;
                let sound = width <= 32 && runs_are_sound(indices, width, u64::from(values));
                lie_if(!sound, "damaged dictionary indices")
            }
            Encoding::DELTA_BINARY_PACKED => {
                lie_if(!deltas_are_sound(bytes, u64::from(values)), "damaged deltas")
            }
            Encoding::BYTE_STREAM_SPLIT => lie_if(
                (bytes.len() / self.value_bytes) as u64 != present,
                "streams of another length than their values",
            ),
            _ => Ok(()),
        }
    }
}

/// How many values are there, and their bytes, in a page of the first version, which states the length of its
/// levels.
fn after_levels(page: &[u8], values: u32) -> Option<(u64, &[u8])> {
    let (length, rest) = page.split_first_chunk::<4>()?;
    let (levels, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((levels_set(levels, u64::from(values))?, rest))
}

/// Lengths of the repetition and definition levels of a page of the second version.
fn level_lengths(page: &Page) -> (usize, usize) {
    match page {
        Page::DataPageV2 { rep_levels_byte_len, def_levels_byte_len, .. } => {
            (*rep_levels_byte_len as usize, *def_levels_byte_len as usize)
        }
        _ => (0, 0),
    }
}

fn lie(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

fn lie_if(is_lie: bool, what: &str) -> Result<()> {
    if is_lie { Err(lie(what)) } else { Ok(()) }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.inner.get_next_page()?;
        if let Some(page) = &page {
            self.check(page)?;
        }
        Ok(page)
    }
    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.inner.peek_next_page()
    }
    fn skip_next_page(&mut self) -> Result<()> {
        self.inner.skip_next_page()
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;
    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}
