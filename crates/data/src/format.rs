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

/// An xlsx file is a zip whose directory, at its end, lists the workbook; names are never compressed.
fn names_a_workbook(bytes: &[u8]) -> bool {
    let needle = b"xl/workbook.xml";
    let tail = &bytes[bytes.len().saturating_sub(1 << 16)..];
    tail.windows(needle.len()).any(|window| window == needle)
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
            (b"PK\x03\x04....xl/workbook.xml", Some(Format::Xlsx)),
            (b"open_time,open\r\n1,2", Some(Format::Csv)),
            (b"\xEF\xBB\xBFopen_time", Some(Format::Csv)),
            (b"\x1F\x8B\x08\x00", None),
            (b"a\0b", None),
        ] {
            assert_eq!(Format::detect(bytes), want, "{bytes:?}");
        }
    }
}
