//! A 95 % interval for the mean and the sum of paired daily differences (a persona minus its calm twin, day by day): the
//! cost of emotion. Days depend on each other, so whole blocks of them are drawn.
//!
//! Circular block bootstrap (Politis and Romano 1992, "A circular block-resampling procedure for stationary data") with the
//! automatic block length of Politis and White (2004, Econometric Reviews 23) as corrected by Patton, Politis and White
//! (2009, Econometric Reviews 28). Circular rather than stationary blocks: at its own best length the circular one has the
//! smaller mean squared error (Lahiri 1999). Pairing is the caller's: a difference is taken on one and the same day.
//!
//! It refuses fewer than [`OBSERVATIONS_MIN`] days, and to say whether the difference is significant: an interval that
//! excludes zero is not a test against placebos. In short samples a percentile interval is somewhat too narrow; the
//! coverage that the tests ask for is 90 to 98 %.

use model::{Rng, math};

use crate::{Undefined, statistics};

/// Days below which an interval would be a guess.
pub const OBSERVATIONS_MIN: usize = 20;

/// Resamples that a 95 % percentile interval is commonly made from.
pub const RESAMPLES_DEFAULT: usize = 2_000;

/// Resamples beyond which nothing but time is gained.
pub const RESAMPLES_MAX: usize = 1_000_000;

/// A figure with its 95 % interval, in the unit of the differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure of the sample itself.
    pub point: f64,
    /// The 2.5 % quantile of the resamples.
    pub low: f64,
    /// The 97.5 % quantile of the resamples.
    pub high: f64,
}

/// What the bootstrap says of a series of differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Mean difference per day.
    pub mean: Estimate,
    /// Sum of the differences over all days.
    pub sum: Estimate,
    /// Days per block.
    pub block_length: usize,
    /// Resamples the interval was read from.
    pub resamples: usize,
}

/// Bootstraps the mean and the sum of `differences` (one per day, in order, without gaps) with so many resamples.
///
/// Differences that are all equal, as those of twins that never part, give an interval of no width.
pub fn bootstrap(differences: &[f64], resamples: usize, rng: &mut Rng) -> Result<Bootstrap, Undefined> {
    assert!((1..=RESAMPLES_MAX).contains(&resamples), "1 to {RESAMPLES_MAX} resamples");
    let days = differences.len();
    let block_length = optimal_block_length(differences)?;
    let center = statistics::mean(differences);
    if !center.is_finite() {
        return Err(Undefined::BeyondRange);
    }
    let around = CircularSums::new(differences, center);
    let means: Vec<f64> =
        (0..resamples).map(|_| center + around.resample(block_length, rng) / days as f64).collect();
    if means.iter().any(|mean| !mean.is_finite()) {
        return Err(Undefined::BeyondRange);
    }
    let means = statistics::ascending(&means);
    let mean = Estimate {
        point: center,
        low: statistics::quantile(&means, 0.025),
        high: statistics::quantile(&means, 0.975),
    };
    let total = |mean: f64| mean * days as f64;
    let sum = Estimate { point: total(mean.point), low: total(mean.low), high: total(mean.high) };
    if ![sum.point, sum.low, sum.high].iter().all(|x| x.is_finite()) {
        return Err(Undefined::BeyondRange);
    }
    Ok(Bootstrap { mean, sum, block_length, resamples })
}

/// Running sums of a centred series written twice in a row, so that a block may run over the end: the sum of any block
/// is one subtraction.
struct CircularSums {
    days: usize,
    sums: Vec<f64>,
}

impl CircularSums {
    fn new(series: &[f64], center: f64) -> CircularSums {
        let mut total = 0.0;
        let mut sums = vec![0.0];
        for value in series.iter().chain(series) {
            total += value - center;
            sums.push(total);
        }
        CircularSums { days: series.len(), sums }
    }

    /// The sum of as many days as the series has, drawn in blocks; the last block is cut to fit.
    fn resample(&self, block_length: usize, rng: &mut Rng) -> f64 {
        let mut missing = self.days;
        let mut total = 0.0;
        while missing > 0 {
            let length = block_length.min(missing);
            let start = rng.below(self.days as u64) as usize;
            total += self.sums[start + length] - self.sums[start];
            missing -= length;
        }
        total
    }
}

/// The block length of the circular bootstrap that makes the error of the variance of the mean smallest, in whole days,
/// within 1 and a third of the series.
///
/// b = (2 G² n / D)^(1/3) with G = sum of w(k/M) |k| R(k), D = 4/3 (sum of w(k/M) R(k))², R the autocovariance, w the
/// flat-top window of Politis and Romano (1995), and M twice the lag from which the autocorrelations stay within
/// 2 sqrt(log10(n) / n) (Politis and White 2004, section 3; D as corrected in 2009). Rounded up, as they advise.
pub fn optimal_block_length(series: &[f64]) -> Result<usize, Undefined> {
    let n = series.len();
    if n < OBSERVATIONS_MIN {
        return Err(Undefined::TooFew { what: "observations", have: n, needed: OBSERVATIONS_MIN });
    }
    if series.iter().any(|x| !x.is_finite()) {
        return Err(Undefined::NotFinite);
    }
    if series.iter().all(|&x| x == series[0]) {
        return Ok(1);
    }
    let covariance = autocovariances(series);
    if covariance.iter().any(|x| !x.is_finite()) {
        return Err(Undefined::BeyondRange);
    }
    // A variance too small for a float leaves nothing to correlate.
    if covariance[0] <= 0.0 {
        return Ok(1);
    }
    let window = (2 * first_quiet_lag(&covariance, n)).min(covariance.len() - 1);
    let (mut g, mut spectrum) = (0.0, covariance[0]);
    for (lag, value) in covariance.iter().enumerate().take(window + 1).skip(1) {
        let weighted = 2.0 * flat_top(lag as f64 / window as f64) * value;
        g += weighted * lag as f64;
        spectrum += weighted;
    }
    let bound = (n / 3) as f64;
    // The estimated spectrum may vanish; then nothing short of the bound is long enough.
    let ratio = 2.0 * g * g / (4.0 / 3.0 * spectrum * spectrum);
    let length = if ratio.is_finite() { math::pow(ratio * n as f64, 1.0 / 3.0) } else { bound };
    Ok(length.ceil().clamp(1.0, bound) as usize)
}

/// Lags that a run of small autocorrelations must hold for: max(5, sqrt(log10 n)), which is 5 below n = 10^25.
const QUIET_LAGS: usize = 5;

/// Autocovariances (divisor n) at lags 0 to ceil(sqrt n) + 5, all below n since n is at least 20.
fn autocovariances(series: &[f64]) -> Vec<f64> {
    let n = series.len();
    let center = statistics::mean(series);
    let lag_max = (n as f64).sqrt().ceil() as usize + QUIET_LAGS;
    (0..=lag_max)
        .map(|lag| {
            let products = series[lag..].iter().zip(series).map(|(a, b)| (a - center) * (b - center));
            products.sum::<f64>() / n as f64
        })
        .collect()
}

/// The first lag of a run of [`QUIET_LAGS`] small autocorrelations, as in Patton's own programme and its translations;
/// the last large one where no such run is in sight.
fn first_quiet_lag(covariance: &[f64], n: usize) -> usize {
    let limit = 2.0 * (math::ln(n as f64) / std::f64::consts::LN_10 / n as f64).sqrt();
    let is_small = |lag: usize| (covariance[lag] / covariance[0]).abs() < limit;
    let last = covariance.len() - 1;
    (1..=last + 1 - QUIET_LAGS)
        .find(|&lag| (lag..lag + QUIET_LAGS).all(is_small))
        .or_else(|| (1..=last).rfind(|&lag| !is_small(lag)))
        .expect("where no lag is large, the first begins a quiet run")
}

/// 1 up to one half, then falling to 0 at 1.
fn flat_top(at: f64) -> f64 {
    if at <= 0.5 { 1.0 } else { 2.0 * (1.0 - at).max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The series of the reference values: x(t) = phi x(t-1) + e(t), e from a small linear congruence.
    fn reference_series(n: usize, phi: f64) -> Vec<f64> {
        let (mut state, mut value) = (12_345_u64, 0.0);
        (0..n)
            .map(|_| {
                state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
                value = phi * value + state as f64 / 2_147_483_648.0 - 0.5;
                value
            })
            .collect()
    }

    #[test]
    fn too_short_a_series_has_no_interval() {
        let mut rng = Rng::new(1);
        let reason = Undefined::TooFew { what: "observations", have: 19, needed: 20 };
        assert_eq!(bootstrap(&[1.0; 19], 100, &mut rng), Err(reason));
        assert_eq!(bootstrap(&[f64::NAN; 30], 100, &mut rng), Err(Undefined::NotFinite));
        let mut huge = [f64::MAX; 30];
        huge[3] = -f64::MAX;
        assert_eq!(bootstrap(&huge, 100, &mut rng), Err(Undefined::BeyondRange));
    }

    #[test]
    fn twins_that_never_part_have_no_cost() {
        let found = bootstrap(&[0.0; 365], 200, &mut Rng::new(1)).expect("enough days");
        assert_eq!(found.mean, Estimate { point: 0.0, low: 0.0, high: 0.0 });
        assert_eq!((found.block_length, found.resamples), (1, 200));
    }

    #[test]
    fn the_sum_is_the_mean_over_all_days_and_the_seed_decides() {
        let series = reference_series(365, 0.3);
        let found = bootstrap(&series, 500, &mut Rng::new(7)).expect("enough days");
        assert!((found.sum.point - series.iter().sum::<f64>()).abs() < 1e-9);
        assert!((found.sum.high - 365.0 * found.mean.high).abs() < 1e-9);
        assert!(found.mean.low < found.mean.point && found.mean.point < found.mean.high);
        assert_eq!(bootstrap(&series, 500, &mut Rng::new(7)), Ok(found));
        assert_ne!(bootstrap(&series, 500, &mut Rng::new(8)), Ok(found));
    }

    #[test]
    fn a_block_runs_over_the_end() {
        let sums = CircularSums::new(&[1.0, 2.0, 4.0], 0.0);
        // Whole-series blocks start anywhere and hold every day once.
        for seed in 0..20 {
            assert_eq!(sums.resample(3, &mut Rng::new(seed)), 7.0);
        }
    }

    #[test]
    fn every_day_is_drawn_as_often_as_any_other() {
        for day in 0..5 {
            let mut one_day = [0.0; 5];
            one_day[day] = 1.0;
            let (sums, mut rng) = (CircularSums::new(&one_day, 0.0), Rng::new(9));
            let drawn = (0..20_000).map(|_| sums.resample(2, &mut rng)).sum::<f64>() / 20_000.0;
            assert!((drawn - 1.0).abs() < 0.03, "day {day} is drawn {drawn} times per resample");
        }
    }

    #[test]
    fn block_lengths_are_those_of_python_arch() {
        // arch 8.0.0, `arch.bootstrap.optimal_block_length(x)["circular"]`, rounded up: 1.064, 4.480, 1.785, 4.879,
        // 13.007, 7.519, 40.246, 14.322.
        for (n, phi, length) in [
            (50, 0.0, 2),
            (100, 0.5, 5),
            (365, 0.0, 2),
            (365, 0.3, 5),
            (365, 0.6, 14),
            (1_461, 0.3, 8),
            (1_461, 0.9, 41),
            (1_000, -0.5, 15),
        ] {
            assert_eq!(optimal_block_length(&reference_series(n, phi)), Ok(length), "n {n}, phi {phi}");
        }
    }
}
