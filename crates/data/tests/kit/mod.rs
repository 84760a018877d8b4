//! What the importer's tests share: small files made on the spot, and the way to the real ones.

#![allow(dead_code, reason = "each test file uses its part")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// 2022-01-01T00:00:00Z.
pub const START_MS: i64 = 1_640_995_200_000;

/// Fields of a well-formed minute: time, open, high, low, close, volume.
pub fn minute(i: i64) -> [String; 6] {
    let price =
        |cents: i64| format!("{}.{:02}", 46_000 + (i * 37 + 40 + cents) / 100, (i * 37 + 40 + cents) % 100);
    let time = (START_MS + i * 60_000).to_string();
    [time, price(0), price(50), price(-1), price(25), format!("{}.125", i % 7)]
}

/// A well-formed CSV file of `rows` minutes.
pub fn csv(rows: i64) -> String {
    let mut text = "open_time,open,high,low,close,volume\n".to_owned();
    for i in 0..rows {
        writeln!(text, "{}", minute(i).join(",")).unwrap();
    }
    text
}

/// The rows of Binance's archives, which have no header in older files.
pub fn binance(rows: i64, header: bool) -> String {
    let mut text = String::new();
    if header {
        text.push_str("open_time,open,high,low,close,volume,close_time,quote_volume,count,");
        text.push_str("taker_buy_volume,taker_buy_quote_volume,ignore\n");
    }
    for i in 0..rows {
        let close_time = START_MS + i * 60_000 + 59_999;
        writeln!(text, "{},{close_time},1234.5,17,0.5,600.25,0", minute(i).join(",")).unwrap();
    }
    text
}

/// A directory of its own that goes away with the value.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("omega-data-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A file of the shared real data; says loudly when a test has to do without.
pub fn real(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("OMEGA_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let file = root.join(name);
    if file.exists() {
        return Some(file);
    }
    eprintln!("SKIPPED: {} is not there (set OMEGA_TEST_DATA)", file.display());
    None
}

/// A zip of these entries.
#[cfg(feature = "archives")]
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An Excel workbook with one sheet: the header as shared texts, numbers as a spreadsheet prints doubles.
#[cfg(feature = "archives")]
pub fn xlsx(header: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut strings = r#"<?xml version="1.0" encoding="UTF-8"?><sst>"#.to_owned();
    let mut sheet = r#"<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData><row r="1">"#.to_owned();
    for (i, name) in header.iter().enumerate() {
        write!(strings, "<si><t>{name}</t></si>").unwrap();
        write!(sheet, r#"<c r="{}1" t="s"><v>{i}</v></c>"#, (b'A' + i as u8) as char).unwrap();
    }
    strings.push_str("</sst>");
    sheet.push_str("</row>");
    for (i, row) in rows.iter().enumerate() {
        write!(sheet, r#"<row r="{}">"#, i + 2).unwrap();
        for value in row {
            match value.parse::<f64>() {
                Ok(_) => write!(sheet, "<c><v>{value}</v></c>").unwrap(),
                Err(_) => write!(sheet, r#"<c t="inlineStr"><is><t>{value}</t></is></c>"#).unwrap(),
            }
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// How other people's writers differ: codecs, page versions, dictionaries.
#[cfg(feature = "parquet")]
pub fn parquet_dialects() -> Vec<(&'static str, parquet::file::properties::WriterProperties)> {
    use parquet::basic::{Compression, Encoding, GzipLevel, ZstdLevel};
    use parquet::file::properties::{WriterProperties, WriterVersion};
    let zstd = Compression::ZSTD(ZstdLevel::try_new(1).unwrap());
    let with = |compression, version, dictionary: bool, encoding| {
        WriterProperties::builder()
            .set_compression(compression)
            .set_writer_version(version)
            .set_dictionary_enabled(dictionary)
            .set_encoding(encoding)
            .build()
    };
    let (old, new) = (WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0);
    vec![
        ("snappy.parquet", with(Compression::SNAPPY, old, true, Encoding::PLAIN)),
        ("gzip.parquet", with(Compression::GZIP(GzipLevel::default()), old, false, Encoding::PLAIN)),
        ("lz4.parquet", with(Compression::LZ4_RAW, new, true, Encoding::PLAIN)),
        ("zstd.parquet", with(zstd, new, false, Encoding::BYTE_STREAM_SPLIT)),
        ("plain.parquet", with(Compression::UNCOMPRESSED, new, true, Encoding::PLAIN)),
    ]
}

/// A file of other people: optional columns, prices as `double` or `float`, one `low` missing where asked.
#[cfg(feature = "parquet")]
pub fn foreign_parquet(
    bars: &model::BarColumns,
    price: &str,
    null_at: Option<usize>,
    properties: parquet::file::properties::WriterProperties,
) -> Vec<u8> {
    use parquet::data_type::{DoubleType, FloatType, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    let prices =
        |column: &[model::Price]| column.iter().map(|price| price.0 as f64 / 100.0).collect::<Vec<f64>>();
    let columns = [
        ("open", prices(&bars.open)),
        ("high", prices(&bars.high)),
        ("low", prices(&bars.low)),
        ("close", prices(&bars.close)),
        ("volume", bars.volume.clone()),
    ];
    let fields: String = columns.iter().map(|(name, _)| format!("optional {price} {name};")).collect();
    let schema = format!("message m {{ optional int64 timestamp; {fields} }}");
    let schema = parquet::schema::parser::parse_message_type(&schema).unwrap();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema.into(), properties.into()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let time: Vec<i64> = bars.open_time.iter().map(|time| time.0 * 1_000).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&time, Some(&vec![1; time.len()]), None).unwrap();
    column.close().unwrap();
    for (name, mut values) in columns {
        let mut levels = vec![1_i16; values.len()];
        if let ("low", Some(row)) = (name, null_at) {
            levels[row] = 0;
            values.remove(row);
        }
        let mut column = group.next_column().unwrap().unwrap();
        if price == "double" {
            column.typed::<DoubleType>().write_batch(&values, Some(&levels), None).unwrap();
        } else {
            let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            column.typed::<FloatType>().write_batch(&values, Some(&levels), None).unwrap();
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}
