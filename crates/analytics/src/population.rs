//! What many runs of one kind came to: the distribution of a figure over a population.
//!
//! It refuses to describe a population by its mean alone, to guess the bins of a histogram, and to drop a figure silently:
//! what lies outside the bins is counted. Runs whose figure is undefined are the caller's to count and to leave out.

use crate::{Undefined, statistics};

/// The probabilities of [`Summary::quantiles`].
pub const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Bins beyond which a histogram is a list.
pub const BINS_MAX: usize = 1_000;

/// A figure over a population, in the figure's own unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Members with a figure.
    pub count: usize,
    /// The 5, 25, 50, 75 and 95 % quantiles, interpolated linearly between order statistics.
    pub quantiles: [f64; 5],
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation (divisor n - 1); undefined for a population of one.
    pub deviation: Result<f64, Undefined>,
    /// Share of members whose figure is above zero.
    pub share_positive: f64,
}

/// Summarises the figures of a population, in any order.
pub fn summarise(figures: &[f64]) -> Result<Summary, Undefined> {
    let count = figures.len();
    if count == 0 {
        return Err(Undefined::TooFew { what: "members", have: 0, needed: 1 });
    }
    all_finite(figures)?;
    let sorted = statistics::ascending(figures);
    let mean = statistics::mean(&sorted);
    let quantiles = QUANTILES.map(|probability| statistics::quantile(&sorted, probability));
    if !mean.is_finite() || quantiles.iter().any(|x| !x.is_finite()) {
        return Err(Undefined::BeyondRange);
    }
    let deviation = match count {
        1 => Err(Undefined::TooFew { what: "members", have: 1, needed: 2 }),
        _ => Ok(statistics::sample_deviation(&sorted, mean)),
    };
    let deviation =
        deviation.and_then(|value| if value.is_finite() { Ok(value) } else { Err(Undefined::BeyondRange) });
    let positive = figures.iter().filter(|&&figure| figure > 0.0).count();
    Ok(Summary { count, quantiles, mean, deviation, share_positive: positive as f64 / count as f64 })
}

/// Counts of a figure in equal bins from `low` to `high`.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Lower edge of the first bin.
    pub low: f64,
    /// Upper edge of the last bin.
    pub high: f64,
    /// Members per bin; a bin holds its lower edge, the last one its upper edge too.
    pub counts: Vec<u64>,
    /// Members below `low`.
    pub below: u64,
    /// Members above `high`.
    pub above: u64,
}

/// Counts `figures` in so many equal bins. The bins are fixed beforehand so that two populations can be laid side by side.
pub fn histogram(figures: &[f64], low: f64, high: f64, bins: usize) -> Result<Histogram, Undefined> {
    assert!((1..=BINS_MAX).contains(&bins), "1 to {BINS_MAX} bins");
    assert!(low < high && (high - low).is_finite(), "the bins span something finite");
    all_finite(figures)?;
    let mut histogram = Histogram { low, high, counts: vec![0; bins], below: 0, above: 0 };
    for &figure in figures {
        if figure < low {
            histogram.below += 1;
        } else if figure > high {
            histogram.above += 1;
        } else {
            let bin = ((figure - low) / (high - low) * bins as f64) as usize;
            histogram.counts[bin.min(bins - 1)] += 1;
        }
    }
    let counted = histogram.counts.iter().sum::<u64>() + histogram.below + histogram.above;
    assert_eq!(counted, figures.len() as u64, "each member is counted once");
    Ok(histogram)
}

fn all_finite(figures: &[f64]) -> Result<(), Undefined> {
    if figures.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(Undefined::NotFinite) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // 0, 1, ..., 20 less 5, in a scrambled order.
        let figures: Vec<f64> = (0..21).map(|i| f64::from(i * 8 % 21) - 5.0).collect();
        let summary = summarise(&figures).expect("members");
        assert_eq!(summary.quantiles, [-4.0, 0.0, 5.0, 10.0, 14.0]);
        assert_eq!((summary.count, summary.mean), (21, 5.0));
        assert_eq!(summary.share_positive, 15.0 / 21.0);
        // Variance of 0..=20: (21² - 1) / 12 over n, 38.5 over n - 1.
        assert!((summary.deviation.expect("several") - 38.5_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn one_member_has_no_spread_and_none_has_nothing() {
        let one = summarise(&[0.0]).expect("a member");
        assert_eq!((one.quantiles, one.share_positive), ([0.0; 5], 0.0));
        assert_eq!(one.deviation, Err(Undefined::TooFew { what: "members", have: 1, needed: 2 }));
        assert_eq!(summarise(&[]), Err(Undefined::TooFew { what: "members", have: 0, needed: 1 }));
        assert_eq!(summarise(&[1.0, f64::NAN]), Err(Undefined::NotFinite));
        assert_eq!(summarise(&[f64::MAX; 3]), Err(Undefined::BeyondRange));
    }

    #[test]
    fn every_member_is_in_one_bin_or_outside() {
        let figures = [-1.5, -1.0, -0.51, -0.5, 0.0, 0.49, 0.5, 1.0, 1.01];
        let found = histogram(&figures, -1.0, 1.0, 4).expect("finite");
        assert_eq!((found.counts, found.below, found.above), (vec![2, 1, 2, 2], 1, 1));
        assert_eq!(histogram(&[f64::INFINITY], 0.0, 1.0, 2), Err(Undefined::NotFinite));
        assert_eq!(histogram(&[], 0.0, 1.0, 2).expect("finite").counts, [0, 0]);
    }
}
