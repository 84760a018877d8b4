//! The pages of a Parquet column, each checked before the decoder sees it.
//!
//! The decoder takes a page's header at its word and panics where it lies; this stands between the two.

use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

/// Pages of one column chunk.
pub(crate) struct Pages {
    inner: Box<dyn PageReader>,
    has_dictionary: bool,
    values_left: u64,
}

impl Pages {
    /// The pages of a chunk that holds this many values.
    pub(crate) fn new(inner: Box<dyn PageReader>, values: usize) -> Pages {
        Pages { inner, has_dictionary: false, values_left: values as u64 }
    }

    fn check(&mut self, page: &Page) -> Result<()> {
        let (encoding, values) = match *page {
            Page::DictionaryPage { ref buf, num_values, .. } => {
                self.has_dictionary = true;
                // Every type that is read takes four bytes or more.
                return lie_if(num_values as usize > buf.len() / 4, "a dictionary shorter than it says");
            }
            Page::DataPage { encoding, num_values, .. } => (encoding, num_values),
            Page::DataPageV2 {
                ref buf,
                encoding,
                num_values,
                num_nulls,
                num_rows,
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => {
                let levels = u64::from(def_levels_byte_len) + u64::from(rep_levels_byte_len);
                lie_if(levels > buf.len() as u64, "levels longer than their page")?;
                lie_if(num_nulls > num_values || num_rows > num_values, "more nulls or rows than values")?;
                (encoding, num_values)
            }
        };
        let wants_dictionary = matches!(encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
        lie_if(wants_dictionary && !self.has_dictionary, "a page whose dictionary is missing")?;
        lie_if(u64::from(values) > self.values_left, "pages with more values than rows")?;
        self.values_left -= u64::from(values);
        Ok(())
    }
}

fn lie_if(is_lie: bool, what: &str) -> Result<()> {
    if is_lie { Err(ParquetError::General(what.to_owned())) } else { Ok(()) }
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
