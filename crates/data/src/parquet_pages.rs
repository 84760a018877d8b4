//! The pages of a Parquet column, each checked before the decoder sees it.
//!
//! The decoder takes a page's header at its word and panics where it lies; this stands between the two.

use crate::parquet_streams::{deltas_are_sound, runs_are_sound};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

/// Pages of one column chunk.
pub(crate) struct Pages {
    inner: Box<dyn PageReader>,
    has_levels: bool,
    dictionary_values: Option<u32>,
    values_left: u64,
}

impl Pages {
    /// The pages of a chunk that holds this many values, with definition levels if some may be missing.
    pub(crate) fn new(inner: Box<dyn PageReader>, values: usize, has_levels: bool) -> Pages {
        Pages { inner, has_levels, dictionary_values: None, values_left: values as u64 }
    }

    fn check(&mut self, page: &Page) -> Result<()> {
        match *page {
            Page::DictionaryPage { ref buf, num_values, .. } => {
                self.dictionary_values = Some(num_values);
                // Every type that is read takes four bytes or more.
                lie_if(num_values as usize > buf.len() / 4, "a dictionary shorter than it says")
            }
            Page::DataPage { ref buf, encoding, num_values, def_level_encoding, .. } => {
                let values = match (self.has_levels, def_level_encoding) {
                    (false, _) => Some(&buf[..]),
                    (true, Encoding::RLE) => self.after_levels(buf, num_values),
                    (true, _) => buf.get((num_values as usize).div_ceil(8)..),
                };
                let values = values.ok_or_else(|| lie("levels that break off"))?;
                self.check_values(values, encoding, num_values)
            }
            Page::DataPageV2 { ref buf, encoding, num_values, num_nulls, num_rows, .. } => {
                lie_if(num_nulls > num_values || num_rows > num_values, "more nulls or rows than values")?;
                let (repetition, definition) = level_lengths(page);
                let levels = buf.get(repetition..repetition.saturating_add(definition));
                let levels = levels.ok_or_else(|| lie("levels longer than their page"))?;
                let sound = !self.has_levels || runs_are_sound(levels, 1, u64::from(num_values));
                lie_if(!sound, "damaged levels")?;
                self.check_values(&buf[repetition + definition..], encoding, num_values)
            }
        }
    }

    /// What follows the levels of a page of the first version, which state their length.
    fn after_levels<'b>(&self, page: &'b [u8], values: u32) -> Option<&'b [u8]> {
        let (length, rest) = page.split_first_chunk::<4>()?;
        let (levels, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        runs_are_sound(levels, 1, u64::from(values)).then_some(rest)
    }

    fn check_values(&mut self, bytes: &[u8], encoding: Encoding, values: u32) -> Result<()> {
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
            _ => Ok(()),
        }
    }
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
