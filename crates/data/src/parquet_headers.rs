//! The page headers of a Parquet column chunk, walked before a page is unpacked.
//!
//! Some codecs fill as much memory as a header claims before they look at the page. Only the two sizes are read
//! here; everything else of a header (Thrift, compact protocol) is skipped over. It refuses what it cannot skip.

/// Fields of a page header: sizes with and without compression.
const UNPACKED_FIELD: i64 = 2;
const PACKED_FIELD: i64 = 3;
/// Structs in structs; a page header has two levels, and statistics in them.
const DEPTH_MAX: u32 = 8;

/// Whether every page of a chunk lies in it and unpacks to no more than `unpacked_max` bytes.
pub(crate) fn check(chunk: &[u8], unpacked_max: usize) -> Result<(), String> {
    let mut rest = Cursor { bytes: chunk };
    while !rest.bytes.is_empty() {
        let (packed, unpacked) = rest.page_sizes().ok_or("a damaged page header")?;
        if unpacked > unpacked_max {
            return Err(format!("a page that unpacks to {unpacked} bytes"));
        }
        rest.skip(packed).ok_or("a page that is cut off")?;
    }
    Ok(())
}

struct Cursor<'b> {
    bytes: &'b [u8],
}

impl Cursor<'_> {
    fn skip(&mut self, count: usize) -> Option<()> {
        self.bytes = self.bytes.get(count..)?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let zigzag = self.unsigned()?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// The next field's type and number after the field `previous`; `None` inside for the end of the struct.
    fn field(&mut self, previous: i64) -> Option<Option<(u8, i64)>> {
        let head = self.byte()?;
        let (step, kind) = (i64::from(head >> 4), head & 0x0F);
        if kind == 0 {
            return Some(None);
        }
        let number = if step == 0 { self.signed()? } else { previous.checked_add(step)? };
        Some(Some((kind, number)))
    }

    fn page_sizes(&mut self) -> Option<(usize, usize)> {
        let (mut packed, mut unpacked, mut number) = (None, None, 0);
        while let Some((kind, next)) = self.field(number)? {
            number = next;
            let slot = match number {
                PACKED_FIELD => &mut packed,
                UNPACKED_FIELD => &mut unpacked,
                _ => {
                    self.skip_value(kind, DEPTH_MAX)?;
                    continue;
                }
            };
            // Twice the same field, or not a 32-bit number: no writer does that.
            if slot.is_some() || kind != 5 {
                return None;
            }
            *slot = Some(usize::try_from(self.signed()?).ok()?);
        }
        packed.zip(unpacked)
    }

    fn skip_value(&mut self, kind: u8, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            1 | 2 => Some(()),
            3 => self.skip(1),
            4..=6 => self.unsigned().map(drop),
            7 => self.skip(8),
            8 => {
                let length = usize::try_from(self.unsigned()?).ok()?;
                self.skip(length)
            }
            9 | 10 => self.skip_list(depth),
            12 => {
                let mut number = 0;
                while let Some((kind, next)) = self.field(number)? {
                    number = next;
                    self.skip_value(kind, depth)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn skip_list(&mut self, depth: u32) -> Option<()> {
        let head = self.byte()?;
        let length = if head >> 4 == 15 { self.unsigned()? } else { u64::from(head >> 4) };
        for _ in 0..length {
            match head & 0x0F {
                // In a list, unlike in a field, a truth value takes a byte.
                1 | 2 => self.skip(1)?,
                kind => self.skip_value(kind, depth)?,
            }
            if self.bytes.is_empty() {
                return None;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header: type 0, unpacked 100, packed 3, a struct with one field; then the three bytes of the page.
    const PAGE: [u8; 13] = [0x15, 0x00, 0x15, 0xC8, 0x01, 0x15, 0x06, 0x2C, 0x15, 0x02, 0x00, 0x00, 9];

    #[test]
    fn sizes_are_found_and_held_against_the_maximum() {
        let page = [&PAGE[..], &[9, 9]].concat();
        assert_eq!(check(&page, 100), Ok(()));
        assert_eq!(check(&[&page[..], &page].concat(), 100), Ok(()));
        assert_eq!(check(&page, 99), Err("a page that unpacks to 100 bytes".to_owned()));
        assert_eq!(check(&page[..14], 100), Err("a page that is cut off".to_owned()));
        assert_eq!(check(&page[..6], 100), Err("a damaged page header".to_owned()));
        assert_eq!(check(&[0x1F; 40], 100), Err("a damaged page header".to_owned()));
    }
}
