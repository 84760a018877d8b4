//! The bars as candles of a page: few enough to draw, as differences of ticks.
//!
//! It refuses to drop the edges of the data, and to draw finer than it says.

use crate::json::Json;
use model::{Bars, Instrument, Interval, Price, Time};

/// Candles a page carries at most; two years of quarter-hours are 70,080.
const CANDLES_MAX: usize = 75_000;

/// Lengths of a candle, in minutes, beside that of the bars themselves.
const MINUTES: [i64; 13] = [1, 3, 5, 15, 30, 60, 120, 240, 360, 720, 1_440, 4_320, 10_080];

/// One candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Candle {
    slot: i64,
    open: Price,
    high: Price,
    low: Price,
    close: Price,
}

/// The candles of the finest length of which there are few enough.
pub fn json(bars: &Bars<'_>, instrument: &Instrument) -> Json {
    let interval = interval(bars, CANDLES_MAX);
    let candles = merge(bars, interval);
    let first = candles.first().map_or(0, |candle| candle.slot);
    let mut skipped = Vec::new();
    for (i, pair) in candles.windows(2).enumerate() {
        let between = pair[1].slot - pair[0].slot - 1;
        if between > 0 {
            skipped.push(Json::List(vec![Json::count(i + 1), Json::Whole(between)]));
        }
    }
    Json::object([
        ("interval", Json::text(interval)),
        ("interval_ms", Json::Whole(interval.0)),
        ("is_coarser_than_bars", Json::Truth(interval > bars.interval)),
        ("first_ms", Json::Whole(first * interval.0)),
        ("decimals", Json::Whole(i64::from(instrument.tick.decimals))),
        ("tick_units", Json::Whole(instrument.tick.mantissa)),
        ("count", Json::count(candles.len())),
        // Candles after which so many slots are empty: [index of the next candle, slots].
        ("skipped", Json::List(skipped)),
        // Four ticks a candle: open less the close before, close less open, upper wick, lower wick.
        ("ticks", Json::List(differences(&candles))),
    ])
}

/// The finest length that leaves at most so many candles; weeks where nothing does, which takes 1,400 years.
fn interval(bars: &Bars<'_>, candles_max: usize) -> Interval {
    let longer = MINUTES.map(Interval::minutes).into_iter().filter(|longer| *longer > bars.interval);
    let mut lengths = std::iter::once(bars.interval).chain(longer);
    let fits = |length: &Interval| merge(bars, *length).len() <= candles_max;
    lengths.find(fits).unwrap_or(Interval::minutes(MINUTES[MINUTES.len() - 1]))
}

/// A candle holds the bars that open in its slot, whole or not.
fn merge(bars: &Bars<'_>, interval: Interval) -> Vec<Candle> {
    let slot = |time: Time| time.0.div_euclid(interval.0);
    let mut candles: Vec<Candle> = Vec::new();
    for i in 0..bars.len() {
        let (here, high, low) = (slot(bars.open_time[i]), bars.high[i], bars.low[i]);
        match candles.last_mut().filter(|candle| candle.slot == here) {
            Some(candle) => {
                candle.high = candle.high.max(high);
                candle.low = candle.low.min(low);
                candle.close = bars.close[i];
            }
            None => candles.push(Candle { slot: here, open: bars.open[i], high, low, close: bars.close[i] }),
        }
    }
    candles
}

fn differences(candles: &[Candle]) -> Vec<Json> {
    let mut ticks = Vec::with_capacity(4 * candles.len());
    let mut before = Price(0);
    for candle in candles {
        let (upper, lower) = (candle.open.max(candle.close), candle.open.min(candle.close));
        for difference in [
            candle.open.0 - before.0,
            candle.close.0 - candle.open.0,
            candle.high.0 - upper.0,
            lower.0 - candle.low.0,
        ] {
            ticks.push(Json::Whole(difference));
        }
        before = candle.close;
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Bar, BarColumns};

    fn minutes(starts: &[i64]) -> BarColumns {
        let mut bars = BarColumns::new(Interval::MINUTE);
        for &i in starts {
            let price = |offset: i64| Price(1_000 + i * 10 + offset);
            let (open, high, low, close) = (price(0), price(7), price(-5), price(3));
            bars.push(Bar { open_time: Time(i * 60_000), open, high, low, close, volume: 1.0 });
        }
        bars
    }

    #[test]
    fn the_edges_are_drawn_and_a_gap_stays_a_gap() {
        let bars = minutes(&[14, 15, 16, 61]);
        let candles = merge(&bars.as_bars(), Interval::minutes(15));
        let seen: Vec<_> = candles.iter().map(|c| (c.slot, c.open.0, c.high.0, c.low.0, c.close.0)).collect();
        assert_eq!(
            seen,
            [
                (0, 1_140, 1_147, 1_135, 1_143),
                (1, 1_150, 1_167, 1_145, 1_163),
                (4, 1_610, 1_617, 1_605, 1_613)
            ]
        );
        let ticks = Json::List(differences(&candles)).to_string();
        assert_eq!(ticks, "[1140,3,4,5,7,13,4,5,447,3,4,5]");
    }

    #[test]
    fn the_finest_length_that_fits_is_taken() {
        let bars = minutes(&(0..120).collect::<Vec<_>>());
        for (candles_max, length) in [(120, 1), (119, 3), (39, 5), (23, 15), (7, 30), (1, 120)] {
            assert_eq!(interval(&bars.as_bars(), candles_max), Interval::minutes(length), "{candles_max}");
        }
        let document = json(&minutes(&[3, 9]).as_bars(), &Instrument::btcusdt()).to_string();
        let whole =
            "\"interval\":\"1m\",\"interval_ms\":60000,\"is_coarser_than_bars\":false,\"first_ms\":180000";
        assert!(document.contains(whole) && document.contains("\"skipped\":[[1,5]]"), "{document}");
    }
}
