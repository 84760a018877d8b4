//! Bitget's public interface: pages of candles around each other's edges, and pages of funding rates, newest first.
//!
//! Pure. Sources disagree whether the bounds of a page are included, so a page asks for a bar more on both sides than
//! it is for, and what lies outside its day is dropped. It refuses rows that contradict each other.

use super::plan::{Body, Check};
use super::rows::Rows;
use data::catalogue::{Kind, Period, Series};
use data::{BarOptions, Bytes, DataError, Repair};
use model::{Decimal, FundingRate, Interval, Rate, Time};
use serde_json::Value;
use std::path::Path;

/// Where it is.
pub const BASE: &str = "https://api.bitget.com";

/// Most rows of a page of candles.
const ROWS_MAX: i64 = 200;
/// Rows that a page is for: both bounds may be left out of the answer, and both may be in it.
const ROWS_OF_PAGE: i64 = ROWS_MAX - 2;
/// Most rows of a page of funding rates.
const FUNDING_ROWS_MAX: usize = 100;
/// Most pages of funding rates: 91 years of them.
pub const FUNDING_PAGES_MAX: u32 = 1_000;
/// Said where all is well.
const CODE_SUCCESS: &str = "00000";
/// Codes after which the same question may be answered.
const CODES_AGAIN: [&str; 18] = [
    "429", "25000", "25001", "25003", "25004", "25572", "30006", "30007", "40010", "40015", "40200", "40725",
    "40910", "43059", "45001", "45023", "45024", "70228",
];

/// What an envelope says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// What was asked for.
    Success,
    /// To ask again later.
    Again(String),
    /// No.
    No(String),
}

/// Reads the envelope of an answer.
pub fn envelope(text: &[u8]) -> Said {
    let Ok(value) = serde_json::from_slice::<Value>(text) else {
        return Said::Again("an answer that is not JSON".to_owned());
    };
    let code = match &value["code"] {
        Value::String(code) => code.clone(),
        Value::Number(code) => code.to_string(),
        _ => return Said::Again("an answer without a code".to_owned()),
    };
    let message = value["msg"].as_str().unwrap_or("no message");
    let said: String =
        format!("code {code}, {message}").chars().filter(|c| !c.is_control()).take(160).collect();
    match code.as_str() {
        CODE_SUCCESS if value["data"].is_array() || value["data"].is_null() => Said::Success,
        CODE_SUCCESS => Said::Again("an answer without rows".to_owned()),
        code if CODES_AGAIN.contains(&code) => Said::Again(said),
        _ => Said::No(said),
    }
}

/// The pages that hold a period's candles.
pub fn candle_pages(base: &str, series: &Series, period: Period) -> Vec<Body> {
    let (door, step) = (door(series.kind), series.interval.0);
    let (symbol, granularity) = (&series.symbol, granularity(series.interval));
    let mut pages = Vec::new();
    let mut from = period.start().0;
    while from < period.end().0 {
        let (first, last) = (from - step, period.end().0.min(from + ROWS_OF_PAGE * step));
        let url = format!(
            "{base}/api/v2/mix/market/{door}?productType=USDT-FUTURES&symbol={symbol}&granularity={granularity}&startTime={first}&endTime={last}&limit={ROWS_MAX}"
        );
        pages.push(Body { url, check: Check::Envelope });
        from = last;
    }
    pages
}

fn door(kind: Kind) -> &'static str {
    match kind {
        Kind::Mark => "history-mark-candles",
        Kind::Index => "history-index-candles",
        Kind::Bars => "history-candles",
        Kind::Funding => unreachable!("funding has a door of its own"),
    }
}

fn granularity(interval: Interval) -> String {
    assert!(interval < Interval(6 * Interval::HOUR.0), "from six hours on candles come in two flavours");
    interval.to_string().replace('h', "H")
}

/// The candles of a period's pages.
pub fn candles(period: Period, place: &Path, pages: &[Bytes]) -> Result<Rows, DataError> {
    let mut text = "open_time,open,high,low,close,volume\n".to_owned();
    for page in pages {
        for row in rows_of(page) {
            let fields: Option<Vec<&str>> =
                row.as_array().and_then(|row| row.iter().take(6).map(Value::as_str).collect());
            let fields = fields.filter(|fields| fields.iter().all(|field| is_plain(field)));
            let Some(fields) = fields.filter(|fields| fields.len() == 6) else {
                return Err(strange(place));
            };
            text.push_str(&fields.join(","));
            text.push('\n');
        }
    }
    let (from, to) = (Some(period.start()), Some(period.end()));
    let options = BarOptions { from, to, repair: Repair::Sort, ..BarOptions::default() };
    Ok(Rows::Bars(Box::new(data::bars_from_bytes(place, Bytes::from(text), &options)?)))
}

/// The page of funding rates of that number, from 1.
pub fn funding_page(base: &str, series: &Series, number: u32) -> Body {
    let symbol = &series.symbol;
    let url = format!(
        "{base}/api/v2/mix/market/history-fund-rate?productType=USDT-FUTURES&symbol={symbol}&pageSize={FUNDING_ROWS_MAX}&pageNo={number}"
    );
    Body { url, check: Check::Envelope }
}

/// The rates of a page, and whether there is nothing behind it.
pub fn funding(place: &Path, page: &Bytes) -> Result<(Vec<FundingRate>, bool), DataError> {
    let mut rates = Vec::new();
    for row in rows_of(page) {
        let time = row["fundingTime"].as_str().and_then(|text| text.parse().ok()).map(Time);
        let rate = row["fundingRate"].as_str().and_then(|text| Decimal::parse(text).ok());
        let rate = rate.and_then(|rate| rate.scaled(Rate::DECIMALS).ok()).map(Rate);
        let pair = time.zip(rate).filter(|(time, rate)| time.0 > 0 && rate.0.abs() < Rate::ONE.0 / 10);
        let (time, rate) = pair.ok_or_else(|| strange(place))?;
        rates.push(FundingRate { time: time.floor(Interval::SECOND), rate });
    }
    let is_last = rates.len() < FUNDING_ROWS_MAX;
    Ok((rates, is_last))
}

/// Rates of pages that may overlap, ascending and each once.
pub fn in_order(place: &Path, mut rates: Vec<FundingRate>) -> Result<Vec<FundingRate>, DataError> {
    rates.sort_by_key(|rate| rate.time);
    rates.dedup();
    match rates.windows(2).position(|pair| pair[0].time == pair[1].time) {
        Some(at) => Err(DataError::Conflict { file: place.into(), row: at + 2, time: rates[at].time }),
        None => Ok(rates),
    }
}

fn rows_of(page: &Bytes) -> Vec<Value> {
    match serde_json::from_slice::<Value>(page) {
        Ok(mut value) => match value["data"].take() {
            Value::Array(rows) => rows,
            _ => Vec::new(),
        },
        Err(_) => Vec::new(),
    }
}

fn is_plain(field: &str) -> bool {
    !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit() || b".-+eE".contains(&byte))
}

fn strange(place: &Path) -> DataError {
    let problem = "a row that is not what the interface's description says".to_owned();
    DataError::Catalogue { file: place.into(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::catalogue::Origin;

    fn series(kind: Kind) -> Series {
        Series::new(Origin::Bitget, "BTCUSDT", kind, Interval::MINUTE).unwrap()
    }

    fn number(url: &str, key: &str) -> i64 {
        let value = url.split(&['?', '&'][..]).find_map(|pair| pair.strip_prefix(&format!("{key}=")));
        value.unwrap().parse().unwrap()
    }

    #[test]
    fn pages_cover_a_day_however_their_bounds_are_meant() {
        let period = Period::from_name("2024-01-05").unwrap();
        let pages = candle_pages("b", &series(Kind::Bars), period);
        assert_eq!(pages.len(), 8);
        for inclusive in [false, true] {
            let mut seen = std::collections::BTreeSet::new();
            for page in &pages {
                let (from, to) = (number(&page.url, "startTime"), number(&page.url, "endTime"));
                let all = (from..=to).step_by(60_000);
                let rows: Vec<i64> = all.filter(|time| inclusive || (*time != from && *time != to)).collect();
                assert!(rows.len() as i64 <= ROWS_MAX, "none is cut off by the limit");
                seen.extend(rows);
            }
            assert!((period.start().0..period.end().0).step_by(60_000).all(|minute| seen.contains(&minute)));
        }
    }

    #[test]
    fn candles_newest_first_with_repeats_become_a_day() {
        let period = Period::from_name("2024-01-05").unwrap();
        let row = |minute: i64| {
            format!(r#"["{}","1.5","2","1","1.5","3","4"]"#, period.start().0 + minute * 60_000)
        };
        let page = |rows: Vec<String>| {
            Bytes::from(format!(r#"{{"code":"00000","msg":"success","data":[{}]}}"#, rows.join(",")))
        };
        let pages = [page((-1..5).rev().map(row).collect()), page((4..9).rev().map(row).collect())];
        let Rows::Bars(loaded) = candles(period, Path::new("x"), &pages).unwrap() else { panic!("bars") };
        assert_eq!((loaded.bars.len(), loaded.report.first), (9, period.start()));
        let odd = page(vec![r#"["1","2;","3","4","5","6"]"#.to_owned()]);
        assert!(candles(period, Path::new("x"), &[odd]).is_err());
    }

    #[test]
    fn envelopes_say_yes_no_or_later() {
        assert_eq!(envelope(br#"{"code":"00000","data":[]}"#), Said::Success);
        assert!(matches!(envelope(br#"{"code":"40034","msg":"no such symbol","data":null}"#), Said::No(_)));
        assert!(matches!(envelope(br#"{"code":429,"msg":"slow down"}"#), Said::Again(_)));
        assert!(matches!(envelope(br#"{"code":"00000","da"#), Said::Again(_)));
        assert!(matches!(envelope(b"<html>"), Said::Again(_)));
    }

    #[test]
    fn funding_is_exact_in_order_and_each_once() {
        let page = Bytes::from_static(
            br#"{"code":"00000","data":[{"symbol":"BTCUSDT","fundingRate":"0.0005","fundingTime":"1695776400000"},
            {"symbol":"BTCUSDT","fundingRate":"0.000013","fundingTime":"1695747600000"}]}"#,
        );
        let (rates, is_last) = funding(Path::new("x"), &page).unwrap();
        assert!(is_last);
        let twice = [rates.clone(), rates].concat();
        let rates = in_order(Path::new("x"), twice).unwrap();
        assert_eq!((rates.len(), rates[0].rate), (2, Rate(13_000_000)));
        let other = FundingRate { rate: Rate(1), ..rates[0] };
        assert!(in_order(Path::new("x"), vec![rates[0], other]).is_err());
    }
}
