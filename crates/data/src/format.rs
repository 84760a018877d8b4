//! Which format a file has. Its first bytes decide, not its name: exchanges and users rename freely.

use std::fmt;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Delimited text: comma, semicolon or tab.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// Feather version 2, which is an Arrow IPC file.
    Feather,
    /// An Excel sheet.
    Xlsx,
    /// A zip archive around one CSV file or Excel sheet.
    Zip,
}

impl Format {
    /// The format these bytes claim to have; `None` for something that is none of them.
    pub fn detect(bytes: &[u8]) -> Option<Format> {
        let is_zip = bytes.starts_with(b"PK\x03\x04");
        match bytes {
            _ if bytes.starts_with(b"PAR1") => Some(Format::Parquet),
            _ if bytes.starts_with(b"ARROW1") => Some(Format::Feather),
            _ if is_zip && names_a_workbook(bytes) => Some(Format::Xlsx),
            _ if is_zip => Some(Format::Zip),
            _ if bytes.iter().take(1_024).all(|&byte| is_text(byte)) => Some(Format::Csv),
            _ => None,
        }
    }

    /// The cargo feature that reads it, where it is not always built.
    pub const fn feature(self) -> Option<&'static str> {
        match self {
            Format::Csv => None,
            Format::Parquet => Some("parquet"),
            Format::Feather => Some("feather"),
            Format::Xlsx | Format::Zip => Some("archives"),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Csv => "CSV",
            Format::Parquet => "Parquet",
            Format::Feather => "Feather",
            Format::Xlsx => "xlsx",
            Format::Zip => "zip",
        })
    }
}

fn is_text(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7F || matches!(byte, b'\n' | b'\r' | b'\t')
}

/// An xlsx file is a zip whose own directory lists the workbook. The directory is walked, not searched: an archive may
/// hold a whole xlsx file uncompressed, with all its names.
fn names_a_workbook(bytes: &[u8]) -> bool {
    let mut rest = directory(bytes).unwrap_or_default();
    while let Some((name, behind)) = first_name(rest) {
        if name == b"xl/workbook.xml" {
            return true;
        }
        rest = behind;
    }
    false
}

/// The central directory, found by the record at the end (APPNOTE 4.3.16), which a comment of 64 KiB may follow.
fn directory(bytes: &[u8]) -> Option<&[u8]> {
    const RECORD: usize = 22;
    let tail = bytes.len().saturating_sub(RECORD + usize::from(u16::MAX));
    let at = tail + bytes[tail..].windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let size = number(bytes.get(at + 12..at + 16)?);
    let start = number(bytes.get(at + 16..at + 20)?);
    bytes.get(start..start.checked_add(size)?)
}

/// The name in the first entry of a directory, and what lies behind that entry (APPNOTE 4.3.12).
fn first_name(directory: &[u8]) -> Option<(&[u8], &[u8])> {
    const HEADER: usize = 46;
    if !directory.starts_with(b"PK\x01\x02") {
        return None;
    }
    let length = |at: usize| Some(number(directory.get(at..at + 2)?));
    let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
    let behind = directory.get(HEADER + name + extra + comment..)?;
    Some((&directory[HEADER..HEADER + name], behind))
}

/// A little-endian number of two or four bytes.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        for (bytes, want) in [
            (&b"PAR1\x00"[..], Some(Format::Parquet)),
            (b"ARROW1\0\0", Some(Format::Feather)),
            (b"PK\x03\x04....kline.csv", Some(Format::Zip)),
            // Names without a directory are content.
            (b"PK\x03\x04....xl/workbook.xml", Some(Format::Zip)),
            (b"open_time,open\r\n1,2", Some(Format::Csv)),
            (b"\xEF\xBB\xBFopen_time", Some(Format::Csv)),
            (b"\x1F\x8B\x08\x00", None),
            (b"a\0b", None),
        ] {
            assert_eq!(Format::detect(bytes), want, "{bytes:?}");
        }
    }

    /// A zip that lists these names and holds `content`.
    fn zip(names: &[&str], content: &[u8]) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend_from_slice(content);
        let start = bytes.len() as u32;
        for name in names {
            let mut header = [0; 46];
            header[..4].copy_from_slice(b"PK\x01\x02");
            header[28..30].copy_from_slice(&(name.len() as u16).to_le_bytes());
            bytes.extend_from_slice(&header);
            bytes.extend_from_slice(name.as_bytes());
        }
        let size = bytes.len() as u32 - start;
        bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        bytes.extend_from_slice(&size.to_le_bytes());
        bytes.extend_from_slice(&start.to_le_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes
    }

    #[test]
    fn a_workbook_is_known_by_the_archives_own_directory() {
        let workbook = zip(&["[Content_Types].xml", "xl/workbook.xml"], b"sheet");
        assert_eq!(Format::detect(&workbook), Some(Format::Xlsx));
        assert_eq!(
            Format::detect(&zip(&["kline.xlsx"], &workbook)),
            Some(Format::Zip),
            "an xlsx stored inside"
        );
        for cut in 0..workbook.len() - 2 {
            assert_ne!(Format::detect(&workbook[..cut]), Some(Format::Xlsx), "cut at {cut}");
        }
    }
}
