//! The arithmetic that the statistics share: means, deviations, correlations, tails.
//!
//! It refuses a figure that would divide by nothing: too few values, or values that are all the same, are undefined and say why.

use super::Undefined;
use model::math;

const TOO_FEW: Undefined = Undefined("too few values");
const ALL_THE_SAME: Undefined = Undefined("all values are the same");

pub(super) fn mean(values: &[f64]) -> Result<f64, Undefined> {
    if values.is_empty() { Err(TOO_FEW) } else { Ok(values.iter().sum::<f64>() / values.len() as f64) }
}

/// Mean of what a distance from the mean is to a moment.
fn central(values: &[f64], moment: impl Fn(f64) -> f64) -> Result<f64, Undefined> {
    let mean = mean(values)?;
    Ok(values.iter().map(|x| moment(x - mean)).sum::<f64>() / values.len() as f64)
}

/// Standard deviation, with the number of values below.
pub(super) fn deviation(values: &[f64]) -> Result<f64, Undefined> {
    if values.len() < 2 {
        return Err(TOO_FEW);
    }
    let variance = central(values, |x| x * x)?;
    if variance > 0.0 { Ok(variance.sqrt()) } else { Err(ALL_THE_SAME) }
}

/// Fourth moment over the squared second, less three.
pub(super) fn excess_kurtosis(values: &[f64]) -> Result<f64, Undefined> {
    let deviation = deviation(values)?;
    let variance = deviation * deviation;
    Ok(central(values, |x| x * x * x * x)? / (variance * variance) - 3.0)
}

/// Correlation of two columns.
pub(super) fn correlation(a: &[f64], b: &[f64]) -> Result<f64, Undefined> {
    assert_eq!(a.len(), b.len(), "a correlation is of pairs");
    let (mean_a, mean_b) = (mean(a)?, mean(b)?);
    let product: f64 = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum();
    Ok(product / a.len() as f64 / (deviation(a)? * deviation(b)?))
}

/// Autocorrelation: the correlation of all values but the last ones with all but the first.
pub(super) fn autocorrelation(values: &[f64], lag: usize) -> Result<f64, Undefined> {
    // Below twice the lag the pairs say more of two moments than of a memory.
    if values.len() < 2 * lag + 2 {
        return Err(TOO_FEW);
    }
    correlation(&values[..values.len() - lag], &values[lag..])
}

/// Hill's estimate of the tail index from the largest values, a share of all.
pub(super) fn hill(sizes: &[f64], share: f64) -> Result<f64, Undefined> {
    // Below this many the estimate's own error is a quarter of it.
    const LARGEST_MIN: usize = 16;
    let largest = (sizes.len() as f64 * share) as usize;
    if largest < LARGEST_MIN {
        return Err(TOO_FEW);
    }
    let mut sizes = sizes.to_vec();
    let (top, threshold, _) = sizes.select_nth_unstable_by(largest, |a, b| b.total_cmp(a));
    let threshold = *threshold;
    if threshold <= 0.0 {
        return Err(Undefined("the tail begins at nothing"));
    }
    let sum: f64 = top.iter().map(|size| math::ln(size / threshold)).sum();
    if sum > 0.0 { Ok(largest as f64 / sum) } else { Err(ALL_THE_SAME) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Rng;

    #[test]
    fn figures_that_are_known() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert!((deviation(&values).unwrap() - (35.0_f64 / 12.0).sqrt()).abs() < 1e-12);
        assert!((excess_kurtosis(&values).unwrap() + 1.268_571_428_571_428).abs() < 1e-12);
        assert!((correlation(&values, &values.map(|x| 7.0 - x)).unwrap() + 1.0).abs() < 1e-12);
        assert!((autocorrelation(&values, 1).unwrap() - 1.0).abs() < 1e-12);
        assert!((autocorrelation(&[1.0, -1.0, 1.0, -1.0], 1).unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(deviation(&[2.0, 2.0]), Err(ALL_THE_SAME));
        assert_eq!(autocorrelation(&values, 3), Err(TOO_FEW));
    }

    #[test]
    fn hill_finds_the_index_of_a_power_law() {
        let mut rng = Rng::new(4);
        let sizes: Vec<f64> = (0..200_000).map(|_| math::pow(1.0 - rng.unit(), -1.0 / 3.0)).collect();
        for share in [0.1, 0.01] {
            assert!((hill(&sizes, share).unwrap() - 3.0).abs() < 0.2, "{:?}", hill(&sizes, share));
        }
        assert_eq!(hill(&sizes[..1_000], 0.01), Err(TOO_FEW));
    }
}
