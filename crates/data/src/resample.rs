//! Longer bars from shorter ones, aligned to UTC midnight.
//!
//! It refuses intervals that do not divide a day, and bars at the edges that are not whole.

use crate::error::DataError;
use model::{Bar, BarColumns, Bars, Interval};

/// Bars of the longer interval `to`, each opening on a whole multiple of it since UTC midnight.
///
/// A bar at either edge of the data is dropped unless the data reach from its first instant to its last: a day that
/// was downloaded half is not a day. A bar with a gap inside is kept and made of what was traded around it; a bar
/// of which nothing is there is left out, so a gap stays a gap.
pub fn resample(bars: Bars<'_>, to: Interval) -> Result<BarColumns, DataError> {
    let from = bars.interval;
    assert!(from.0 > 0, "the interval of bars is positive");
    if to.0 < from.0 || to.0 % from.0 != 0 || Interval::DAY.0 % to.0 != 0 {
        return Err(DataError::Resample { from, to });
    }
    let mut longer = BarColumns::new(to);
    let mut start = 0;
    while start < bars.len() {
        let open_time = bars.open_time[start].floor(to);
        let close_time = open_time + to;
        let end = start + bars.open_time[start..].partition_point(|&time| time < close_time);
        let misses_start = start == 0 && bars.open_time[0] != open_time;
        let misses_end = end == bars.len() && bars.close_time(end - 1) < close_time;
        if !misses_start && !misses_end {
            longer.push(Bar { open_time, ..merge(bars.slice(start, end)) });
        }
        start = end;
    }
    Ok(longer)
}

fn merge(bars: Bars<'_>) -> Bar {
    let last = bars.len() - 1;
    Bar {
        high: *bars.high.iter().max().expect("a bucket holds a bar"),
        low: *bars.low.iter().min().expect("a bucket holds a bar"),
        close: bars.close[last],
        volume: bars.volume.iter().sum(),
        ..bars.get(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Price, Time};

    const MIDNIGHT: i64 = 1_640_995_200_000;

    fn minutes(range: impl Iterator<Item = i64>) -> BarColumns {
        let mut bars = BarColumns::new(Interval::MINUTE);
        for i in range {
            let price = |offset: i64| Price(1_000 + i * 10 + offset);
            let (open_time, volume) = (Time(MIDNIGHT + i * 60_000), i as f64);
            let (open, high, low, close) = (price(0), price(5), price(-5), price(3));
            bars.push(Bar { open_time, open, high, low, close, volume });
        }
        bars
    }

    #[test]
    fn whole_buckets_only_at_the_edges() {
        let bars = minutes((2..9).chain(11..23));
        let fives = resample(bars.as_bars(), Interval::minutes(5)).unwrap();
        let starts: Vec<i64> = fives.open_time.iter().map(|time| (time.0 - MIDNIGHT) / 60_000).collect();
        assert_eq!(starts, [5, 10, 15]);
        assert_eq!(
            fives.as_bars().get(0),
            Bar {
                open_time: Time(MIDNIGHT + 300_000),
                open: Price(1_050),
                high: Price(1_085),
                low: Price(1_045),
                close: Price(1_083),
                volume: 5.0 + 6.0 + 7.0 + 8.0,
            }
        );
        assert_eq!(
            fives.open[1],
            Price(1_110),
            "the minute at 10 is missing: the bar opens with the one at 11"
        );
    }

    #[test]
    fn odd_intervals_are_refused() {
        let bars = minutes(0..10);
        for to in [
            Interval::minutes(7),
            Interval::SECOND,
            Interval(90_000),
            Interval(2 * Interval::DAY.0),
            Interval(0),
        ] {
            let error = resample(bars.as_bars(), to).unwrap_err();
            assert_eq!(error.to_string(), format!("1m bars cannot be resampled to {to}"));
        }
        assert_eq!(resample(bars.as_bars(), Interval::MINUTE).unwrap(), bars);
    }
}
