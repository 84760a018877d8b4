//! Binance's archive: a zip for each day and month, and beside each its SHA-256.
//!
//! Pure. It refuses rows of other days than the file's name says.

use super::plan::{Body, Check};
use super::rows::Rows;
use data::catalogue::{Kind, Period, Series};
use data::{BarOptions, Bytes, DataError, Repair};
use std::path::Path;

/// Where it is.
pub const BASE: &str = "https://data.binance.vision";

/// The zip of a period.
pub fn body(base: &str, series: &Series, period: Period) -> Body {
    let symbol = &series.symbol;
    let length = match period {
        Period::Day(_) => "daily",
        Period::Month(_) => "monthly",
    };
    let path = match series.kind {
        Kind::Funding => format!("fundingRate/{symbol}/{symbol}-fundingRate-{period}"),
        kind => {
            let folder = match kind {
                Kind::Mark => "markPriceKlines",
                Kind::Index => "indexPriceKlines",
                _ => "klines",
            };
            let interval = series.interval;
            format!("{folder}/{symbol}/{interval}/{symbol}-{interval}-{period}")
        }
    };
    Body { url: format!("{base}/data/futures/um/{length}/{path}.zip"), check: Check::Sidecar }
}

/// The rows of a zip.
pub fn rows(series: &Series, period: Period, place: &Path, bytes: Bytes) -> Result<Rows, DataError> {
    if series.kind == Kind::Funding {
        let mut rates = data::funding_from_bytes(place, bytes)?;
        rates.retain(|rate| period.start() <= rate.time && rate.time < period.end());
        return Ok(Rows::Funding(rates));
    }
    let (from, to) = (Some(period.start()), Some(period.end()));
    let options = BarOptions { from, to, repair: Repair::Strict, ..BarOptions::default() };
    Ok(Rows::Bars(Box::new(data::bars_from_bytes(place, bytes, &options)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::catalogue::Origin;
    use model::Interval;

    #[test]
    fn addresses_are_those_of_the_archive() {
        for (kind, interval, period, want) in [
            (Kind::Bars, Interval::MINUTE, "2024-01", "monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip"),
            (Kind::Bars, Interval::MINUTE, "2024-01-05", "daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-05.zip"),
            (
                Kind::Mark,
                Interval::HOUR,
                "2024-01",
                "monthly/markPriceKlines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip",
            ),
            (
                Kind::Index,
                Interval::HOUR,
                "2024-01",
                "monthly/indexPriceKlines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip",
            ),
            (
                Kind::Funding,
                Interval::HOUR,
                "2024-01",
                "monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2024-01.zip",
            ),
        ] {
            let series = Series::new(Origin::Binance, "BTCUSDT", kind, interval).unwrap();
            let url = body(BASE, &series, Period::from_name(period).unwrap()).url;
            assert_eq!(url, format!("https://data.binance.vision/data/futures/um/{want}"));
        }
    }
}
