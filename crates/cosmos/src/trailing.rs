//! A reading against its own past: the z-score of 30 days, the ratio to the median of 24 hours.
//!
//! It refuses to look ahead: what stands at an index follows from the rows up to it.

use model::{Interval, Time};

/// The window of the z-score, and the values it needs.
const SCORE_WINDOW: Interval = Interval(30 * Interval::DAY.0);
const SCORE_NEEDS: Interval = Interval(10 * Interval::DAY.0);
/// The window of the median, and the values it needs.
const MEDIAN_WINDOW: Interval = Interval::DAY;
const MEDIAN_NEEDS: Interval = Interval(Interval::DAY.0 / 2);
/// Below this share of the mean square the spread of a window is rounding, not spread.
const SPREAD_MIN: f64 = 1e-12;

/// So many values of this interval make up `needed`.
fn values_of(needed: Interval, interval: Interval) -> usize {
    usize::try_from((needed.0 + interval.0 - 1) / interval.0).expect("an interval is positive").max(1)
}

/// Standard deviations from the mean of the trailing 30 days, the row itself included (population deviation); `None`
/// until ten days of values lie in them, 0 where all are equal.
pub(crate) fn z_scores(rows: &[(Time, f64)], interval: Interval) -> Vec<Option<f64>> {
    let needed = values_of(SCORE_NEEDS, interval);
    let (mut first, mut sum, mut sum_of_squares) = (0, 0.0, 0.0);
    // Sums about some value of the series lose less to rounding than sums about zero.
    let origin = rows.first().map_or(0.0, |(_, value)| *value);
    let score = |(index, &(time, value)): (usize, &(Time, f64))| {
        let off = value - origin;
        sum += off;
        sum_of_squares += off * off;
        while rows[first].0 <= time - SCORE_WINDOW {
            let gone = rows[first].1 - origin;
            sum -= gone;
            sum_of_squares -= gone * gone;
            first += 1;
        }
        let count = index + 1 - first;
        let mean = sum / count as f64;
        let mean_square = sum_of_squares / count as f64;
        let variance = mean_square - mean * mean;
        let score = if variance > SPREAD_MIN * (mean_square + origin * origin) {
            (off - mean) / variance.sqrt()
        } else {
            0.0
        };
        (count >= needed).then_some(score)
    };
    rows.iter().enumerate().map(score).collect()
}

/// The ratio to the median of the trailing 24 hours, the row itself included; `None` until half a day of values lies in
/// them.
pub(crate) fn ratios_to_median(rows: &[(Time, f64)], interval: Interval) -> Vec<Option<f64>> {
    let needed = values_of(MEDIAN_NEEDS, interval);
    let mut window: Vec<f64> = Vec::new();
    let mut first = 0;
    let ratio = |&(time, value): &(Time, f64)| {
        let place = window.partition_point(|other| *other < value);
        window.insert(place, value);
        while rows[first].0 <= time - MEDIAN_WINDOW {
            let gone = rows[first].1;
            window.remove(window.partition_point(|other| *other < gone));
            first += 1;
        }
        let (low, high) = (window[(window.len() - 1) / 2], window[window.len() / 2]);
        (window.len() >= needed).then(|| value / ((low + high) / 2.0))
    };
    rows.iter().map(ratio).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hourly(values: impl IntoIterator<Item = f64>) -> Vec<(Time, f64)> {
        values.into_iter().zip(0..).map(|(value, hour)| (Time(hour * Interval::HOUR.0), value)).collect()
    }

    /// Directly, from the definition.
    fn score(window: &[(Time, f64)]) -> f64 {
        let n = window.len() as f64;
        let mean = window.iter().map(|(_, v)| v).sum::<f64>() / n;
        let variance = window.iter().map(|(_, v)| (v - mean) * (v - mean)).sum::<f64>() / n;
        (window.last().unwrap().1 - mean) / variance.sqrt()
    }

    #[test]
    fn scores_are_those_of_the_definition() {
        let rows = hourly((0..2_000).map(|i| 50.0 + f64::from(i * 7_919 % 997) / 10.0));
        let scores = z_scores(&rows, Interval::HOUR);
        assert!(scores[..239].iter().all(Option::is_none));
        for at in [239, 500, 719, 720, 1_999] {
            let want = score(&rows[(at + 1_usize).saturating_sub(720)..=at]);
            assert!((scores[at].unwrap() - want).abs() < 1e-9, "{at}: {scores:?}[at] {want}");
        }
    }

    #[test]
    fn equal_values_have_no_spread() {
        let rows = hourly((0..1_500).map(|i| if i < 100 { 80.0 + f64::from(i) * 0.37 } else { 52.3 }));
        assert_eq!(z_scores(&rows, Interval::HOUR)[1_400], Some(0.0));
    }

    #[test]
    fn the_median_is_that_of_a_day() {
        let rows = hourly((0..100).map(|i| f64::from(1 + i * 37 % 101)));
        let ratios = ratios_to_median(&rows, Interval::HOUR);
        assert!(ratios[..11].iter().all(Option::is_none));
        for at in [11, 23, 24, 60, 99] {
            let mut window: Vec<f64> =
                rows[(at + 1_usize).saturating_sub(24)..=at].iter().map(|row| row.1).collect();
            window.sort_by(f64::total_cmp);
            let median = (window[(window.len() - 1) / 2] + window[window.len() / 2]) / 2.0;
            assert_eq!(ratios[at], Some(rows[at].1 / median), "{at}");
        }
    }
}
