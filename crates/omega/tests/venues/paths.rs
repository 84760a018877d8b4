//! What lies at each path of the exchanges.

use super::hex;
use super::market::{FUNDING_MS, MINUTE_MS, compact_day, rate, row, rows};
use data::catalogue::Period;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write};

/// The body of a path; `None` where there is nothing.
pub fn body(path: &str, inclusive: bool) -> Option<Vec<u8>> {
    if let Some(file) = path.strip_suffix(".CHECKSUM") {
        let name = file.rsplit('/').next()?;
        return Some(format!("{}  {name}\n", hex(&Sha256::digest(body(file, inclusive)?))).into_bytes());
    }
    if let Some(rest) = path.strip_prefix("/data/futures/um/") {
        return binance(rest);
    }
    if let Some(rest) = path.strip_prefix("/kline/") {
        return bitget_day(rest);
    }
    let (door, query) = path.strip_prefix("/api/v2/mix/market/")?.split_once('?')?;
    let text = match door {
        "history-fund-rate" => funding_page(query)?,
        door => candle_page(door, query, inclusive)?,
    };
    Some(text.into_bytes())
}

fn interval(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at(text.len() - 1);
    let unit = match unit {
        "m" => MINUTE_MS,
        "h" | "H" => 60 * MINUTE_MS,
        _ => return None,
    };
    Some(number.parse::<i64>().ok()? * unit)
}

/// `daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-05.zip` and its like.
fn binance(path: &str) -> Option<Vec<u8>> {
    let parts: Vec<&str> = path.split('/').collect();
    let name = parts.last()?.strip_suffix(".zip")?;
    let period = |prefix: String| Period::from_name(name.strip_prefix(&prefix)?);
    let text = match parts[..] {
        ["monthly", "fundingRate", symbol, _] => {
            let period = period(format!("{symbol}-fundingRate-"))?;
            let instants = (period.start().0..period.end().0).step_by(FUNDING_MS as usize);
            let rates = instants.map(|time| format!("{},8,{}\n", time + 3, rate(time)));
            format!("calc_time,funding_interval_hours,last_funding_rate\n{}", rates.collect::<String>())
        }
        [_, kind, symbol, length, _] => {
            let period = period(format!("{symbol}-{length}-"))?;
            let is_mark = kind != "klines";
            let rows = rows(period.start().0, period.end().0, interval(length)?, is_mark);
            // Older files have no header.
            let rows = rows.iter().map(|row| format!("{},0,1,1,1,1,0\n", row.join(",")));
            rows.collect()
        }
        _ => return None,
    };
    Some(zip(&format!("{name}.csv"), text.as_bytes()))
}

/// A day that begins at midnight in UTC+8.
fn bitget_day(path: &str) -> Option<Vec<u8>> {
    let name = path.strip_suffix(".zip")?;
    let midnight = compact_day(name.get(name.len() - 8..)?)?;
    let is_new = midnight >= compact_day("20240419")?;
    if is_new != name.contains("/UMCBL/") {
        return None;
    }
    let from = midnight - 8 * 60 * MINUTE_MS;
    let rows = rows(from, from + 1_440 * MINUTE_MS, MINUTE_MS, false);
    let header = ["timestamp", "open", "high", "low", "close", "basevolume", "usdtvolume"];
    let mut sheet = String::from("<worksheet><sheetData><row>");
    let text = |cell: &str| format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>");
    sheet.extend(header.iter().map(|cell| text(cell)));
    sheet.push_str("</row>");
    for [time, open, high, low, close, volume] in rows {
        let seconds = &time[..time.len() - 3];
        let cells = [seconds, &open, &high, &low, &close, &volume, "1"];
        sheet.push_str("<row>");
        sheet.extend(cells.iter().map(|cell| format!("<c><v>{cell}</v></c>")));
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    let workbook = zip_of(&[
        ("xl/workbook.xml", b"<workbook/>".as_slice()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    Some(zip("kline.xlsx", &workbook))
}

fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    zip_of(&[(name, bytes)])
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn number(query: &str, key: &str) -> Option<i64> {
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{key}="))?.parse().ok())
}

/// Newest first, at most 200, counted back from the end.
fn candle_page(door: &str, query: &str, inclusive: bool) -> Option<String> {
    let is_mark = match door {
        "history-candles" => false,
        "history-mark-candles" | "history-index-candles" => true,
        _ => return None,
    };
    let step = interval(query.split('&').find_map(|pair| pair.strip_prefix("granularity="))?)?;
    let (from, to) = (number(query, "startTime")?, number(query, "endTime")?);
    let limit = number(query, "limit")?.min(200) as usize;
    let first = from + (step - from.rem_euclid(step)) % step;
    let times: Vec<i64> = (first..=to)
        .step_by(step as usize)
        .filter(|time| inclusive || (*time != from && *time != to))
        .collect();
    let rows = times.iter().rev().take(limit).map(|&time| {
        let row = row(time, step, is_mark).map(|cell| format!("\"{cell}\""));
        format!("[{},\"1\"]", row.join(","))
    });
    let rows: Vec<String> = rows.collect();
    Some(format!(r#"{{"code":"00000","msg":"success","requestTime":1,"data":[{}]}}"#, rows.join(",")))
}

/// Newest first; the newest is of 2024-06-30.
fn funding_page(query: &str) -> Option<String> {
    let (size, page) = (number(query, "pageSize")?, number(query, "pageNo")?);
    let newest = compact_day("20240630")?;
    let rows = (0..size).map(|i| newest - ((page - 1) * size + i) * FUNDING_MS).map(|time| {
        format!(r#"{{"symbol":"BTCUSDT","fundingRate":"{}","fundingTime":"{time}"}}"#, rate(time))
    });
    let rows: Vec<String> = rows.collect();
    Some(format!(r#"{{"code":"00000","msg":"success","requestTime":1,"data":[{}]}}"#, rows.join(",")))
}
