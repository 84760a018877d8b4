//! Small sound files of every format, made on the spot: what the damage starts from.
//!
//! Made without the importer's own writers, so that a mistake shared by writer and reader cannot hide. Refuses to be
//! realistic: a dozen rows reach the same code as a million.

use std::io::{Cursor, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType as ArrowType, Field, Schema};
use parquet::basic::Compression;
use parquet::data_type::{DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Rows of every bar file.
pub const ROWS: usize = 12;

const START_MS: i64 = 1_640_995_200_000;
const MINUTE_MS: i64 = 60_000;
const COLUMNS: [&str; 6] = ["open_time", "open", "high", "low", "close", "volume"];

/// One made bar: open, high, low, close, volume.
fn row(index: usize) -> [f64; 5] {
    let open = 46_000.5 + ((index * 37) % 11) as f64;
    [open, open + 2.5, open - 3.0, open + 1.0, ((index * 7) % 5) as f64 * 0.25]
}

fn time_ms(index: usize) -> i64 {
    START_MS + index as i64 * MINUTE_MS
}

/// Rows of text: each starts with what `time` writes.
fn text(header: &str, time: impl Fn(usize) -> String, more: &str) -> Vec<u8> {
    let mut text = header.to_owned();
    for index in 0..ROWS {
        let [open, high, low, close, volume] = row(index);
        text.push_str(&format!("{},{open},{high},{low},{close},{volume}{more}\n", time(index)));
    }
    text.into_bytes()
}

/// Delimited text in the habits of several venues.
pub fn bars_csv() -> Vec<Vec<u8>> {
    let ms = |index| time_ms(index).to_string();
    let us = |index| (time_ms(index) * 1_000).to_string();
    let seconds = |index| (time_ms(index) / 1_000).to_string();
    let words = |index| format!("2020-03-11 00:{index:02}:00+00:00");
    let quoted = |index| format!("\"2020-03-11T00:{index:02}:00Z\"");
    let binance = ",1640995259999,1.5,3,0.5,0.25,0";
    vec![
        text("open_time,open,high,low,close,volume\n", ms, ""),
        text("", us, binance),
        text("timestamp,open,high,low,close,basevolume,usdtvolume\n", seconds, ",12.5"),
        text("open_time,open,high,low,close,volume,homeNotional\n", words, ",0.5"),
        text("\u{feff}Date,Open,High,Low,Close,Volume\r\n", quoted, "\r"),
    ]
}

/// One file of each format.
pub fn bars_any() -> Vec<Vec<u8>> {
    let all = [bars_csv(), bars_feather(), bars_parquet(), bars_xlsx(), bars_zip()];
    all.into_iter().filter_map(|seeds| seeds.into_iter().next()).collect()
}

/// Feather version 2, uncompressed, in one batch and in two.
pub fn bars_feather() -> Vec<Vec<u8>> {
    let mut fields = vec![Field::new(COLUMNS[0], ArrowType::Int64, false)];
    fields.extend(COLUMNS[1..].iter().map(|name| Field::new(*name, ArrowType::Float64, true)));
    let schema = Arc::new(Schema::new(fields));
    let times = Int64Array::from_iter_values((0..ROWS).map(time_ms));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(times)];
    for column in 0..5 {
        columns.push(Arc::new(Float64Array::from_iter_values((0..ROWS).map(|index| row(index)[column]))));
    }
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).expect("columns of one length");
    let write = |batches: &[RecordBatch]| {
        let mut writer = FileWriter::try_new(Vec::new(), &schema).expect("a vector can be written");
        batches.iter().for_each(|batch| writer.write(batch).expect("a vector can be written"));
        writer.into_inner().expect("a vector can be written")
    };
    let half = ROWS / 2;
    vec![write(std::slice::from_ref(&batch)), write(&[batch.slice(0, half), batch.slice(half, ROWS - half)])]
}

/// Parquet: plain and compressed, required and optional columns.
pub fn bars_parquet() -> Vec<Vec<u8>> {
    vec![
        parquet("REQUIRED", Compression::UNCOMPRESSED),
        parquet("OPTIONAL", Compression::UNCOMPRESSED),
        parquet("OPTIONAL", Compression::SNAPPY),
    ]
}

fn parquet(repetition: &str, compression: Compression) -> Vec<u8> {
    let columns: String = COLUMNS[1..].iter().map(|name| format!("{repetition} DOUBLE {name};")).collect();
    let message = format!("message bars {{ {repetition} INT64 open_time; {columns} }}");
    let schema = Arc::new(parse_message_type(&message).expect("a sound schema"));
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut file =
        SerializedFileWriter::new(Vec::new(), schema, properties).expect("a vector can be written");
    let mut group = file.next_row_group().expect("a first row group");
    let levels = [1_i16; ROWS];
    let levels = (repetition == "OPTIONAL").then_some(&levels[..]);
    let mut index = 0;
    while let Some(mut column) = group.next_column().expect("a vector can be written") {
        if index == 0 {
            let times: Vec<i64> = (0..ROWS).map(time_ms).collect();
            column.typed::<Int64Type>().write_batch(&times, levels, None).expect("times fit their column");
        } else {
            let values: Vec<f64> = (0..ROWS).map(|row| self::row(row)[index - 1]).collect();
            column.typed::<DoubleType>().write_batch(&values, levels, None).expect("values fit their column");
        }
        column.close().expect("a vector can be written");
        index += 1;
    }
    group.close().expect("a vector can be written");
    file.into_inner().expect("a vector can be written")
}

/// Sheets, as XML: numbers, texts inside the cell, and a formula's text.
pub fn bars_sheet() -> Vec<Vec<u8>> {
    ["n", "str"].map(sheet).to_vec()
}

fn sheet(kind: &str) -> Vec<u8> {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\">",
    );
    let names = ["timestamp", "open", "high", "low", "close", "basevolume", "usdtvolume"];
    for (column, name) in names.iter().enumerate() {
        let letter = letter(column);
        xml.push_str(&format!("<c r=\"{letter}1\" t=\"inlineStr\"><is><t>{name}</t></is></c>"));
    }
    for index in 0..ROWS {
        xml.push_str(&format!("</row><row r=\"{}\">", index + 2));
        let [open, high, low, close, volume] = row(index);
        let time = (time_ms(index) / 1_000) as f64;
        for (column, value) in [time, open, high, low, close, volume, 1.5].iter().enumerate() {
            let letter = letter(column);
            xml.push_str(&format!("<c r=\"{letter}{}\" t=\"{kind}\"><v>{value}</v></c>", index + 2));
        }
    }
    xml.push_str("</row></sheetData></worksheet>");
    xml.into_bytes()
}

fn letter(column: usize) -> char {
    char::from(b'A' + column as u8)
}

/// A workbook around a sheet.
pub fn workbook(sheet: &[u8]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let types = format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
    );
    let root = format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/>\
         </sheets></workbook>"
    );
    let sheets = format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/worksheet\" \
         Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    archive(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", sheets.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

/// Workbooks.
pub fn bars_xlsx() -> Vec<Vec<u8>> {
    bars_sheet().iter().map(|sheet| workbook(sheet)).collect()
}

/// Archives around a CSV file, and around a workbook as Bitget's are.
pub fn bars_zip() -> Vec<Vec<u8>> {
    let csv = &bars_csv()[1];
    vec![archive(&[("BTCUSDT-1m-2022-01-01.csv", csv)]), archive(&[("20220101.xlsx", &bars_xlsx()[0])])]
}

/// Stored, not deflated: damage then reaches the content, whose checksum the importer must not trust either.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in entries {
        writer.start_file(*name, options).expect("a vector can be written");
        writer.write_all(bytes).expect("a vector can be written");
    }
    writer.finish().expect("a vector can be written").into_inner()
}

/// Funding rates in the habits of Binance and of this farm.
pub fn funding() -> Vec<Vec<u8>> {
    let mut binance = String::from("calc_time,funding_interval_hours,last_funding_rate\n");
    let mut own = String::from("funding_time,funding_rate\n");
    for index in 0..ROWS {
        let time = START_MS + index as i64 * 8 * 60 * MINUTE_MS;
        binance.push_str(&format!("{},8,0.000{index:02}000\n", time + 3));
        own.push_str(&format!("{time},-0.000{index:02}\n"));
    }
    vec![binance.into_bytes(), own.into_bytes()]
}

/// Readings as their sources publish them.
pub fn readings() -> Vec<Vec<u8>> {
    let (mut kp, mut fear, mut power) =
        (String::from("timestamp,kp,ap\n"), String::from("date,fng\n"), String::from("utc,power\n"));
    for index in 0..ROWS {
        let (hour, day) = (index % 24, 1 + index % 28);
        kp.push_str(&format!("2018-01-{day:02} {:02}:00:00+00:00,3.3,18.0\n", hour / 3 * 3));
        fear.push_str(&format!("2018-02-{day:02},{}\n", index % 101));
        power.push_str(&format!("{},{}\n", START_MS + index as i64 * 60 * MINUTE_MS, 50 + index));
    }
    vec![kp.into_bytes(), fear.into_bytes(), power.into_bytes()]
}

/// Mark prices: text, Parquet.
pub fn mark() -> Vec<Vec<u8>> {
    vec![
        text("open_time,open,high,low,close,ignore\n", |index| time_ms(index).to_string(), ""),
        parquet("OPTIONAL", Compression::UNCOMPRESSED),
    ]
}
