//! The few statistics that the metrics share. It refuses empty samples: the callers know why theirs is empty.

use model::math;

/// The 5 % quantile of the standard normal distribution.
pub const NORMAL_QUANTILE_05: f64 = -1.644_853_626_951_472_2;

/// Arithmetic mean.
pub fn mean(sample: &[f64]) -> f64 {
    assert!(!sample.is_empty(), "a mean is taken of something");
    sample.iter().sum::<f64>() / sample.len() as f64
}

/// Mean of `(x - center)^power`, for `power` 2, 3 or 4.
pub fn central_moment(sample: &[f64], center: f64, power: u8) -> f64 {
    assert!((2..=4).contains(&power), "only the second to fourth moments are used");
    let total: f64 = sample
        .iter()
        .map(|x| {
            let d = x - center;
            (1..power).fold(d, |product, _| product * d)
        })
        .sum();
    total / sample.len() as f64
}

/// Sample standard deviation (divisor n - 1).
pub fn sample_deviation(sample: &[f64], mean: f64) -> f64 {
    assert!(sample.len() >= 2, "a deviation takes two values");
    let n = sample.len() as f64;
    (central_moment(sample, mean, 2) * n / (n - 1.0)).sqrt()
}

/// Quantile of an ascending sample, interpolated linearly between its order statistics.
pub fn quantile(ascending: &[f64], probability: f64) -> f64 {
    assert!((0.0..=1.0).contains(&probability), "a probability lies in [0, 1]");
    let last = ascending.len().checked_sub(1).expect("a quantile is taken of something");
    let position = last as f64 * probability;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    ascending[below] + (position - below as f64) * (ascending[above] - ascending[below])
}

/// The sample in ascending order; every value must be a number.
pub fn ascending(sample: &[f64]) -> Vec<f64> {
    assert!(sample.iter().all(|x| !x.is_nan()), "only numbers have an order");
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Middle value, or the mean of the two middle ones.
pub fn median(sample: &[f64]) -> f64 {
    quantile(&ascending(sample), 0.5)
}

/// Probability that a standard normal variable is at most `z`.
pub fn normal_probability(z: f64) -> f64 {
    0.5 * math::erfc(-z / std::f64::consts::SQRT_2)
}

/// The value that a standard normal variable stays below with this probability: [`normal_probability`] inverted by
/// bisection, so that the two agree to the last digits.
pub fn normal_quantile(probability: f64) -> f64 {
    assert!(
        probability > 0.0 && probability < 1.0,
        "only probabilities inside (0, 1) have a finite quantile"
    );
    // The upper half would lose its digits to 1 - p.
    if probability > 0.5 {
        return -normal_quantile(1.0 - probability);
    }
    let (mut low, mut high) = (-40.0_f64, 0.0_f64);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if normal_probability(middle) < probability { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_sample() {
        assert_eq!(median(&[5.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[5.0, 1.0, 2.0, 4.0]), 3.0);
        assert_eq!(ascending(&[2.0, -1.0, 0.0]), [-1.0, 0.0, 2.0]);
    }

    #[test]
    fn known_normal_quantiles() {
        for (probability, z) in [
            (0.05, NORMAL_QUANTILE_05),
            (0.975, 1.959_963_984_540_054),
            (0.8, 0.841_621_233_572_914_3),
            (0.5, 0.0),
            (1e-10, -6.361_340_902_404_056),
        ] {
            assert!((normal_quantile(probability) - z).abs() < 1e-12, "{probability}");
        }
    }

    #[test]
    fn by_hand() {
        let sample = [1.0, 2.0, 3.0, 6.0];
        assert_eq!(mean(&sample), 3.0);
        assert_eq!(central_moment(&sample, 3.0, 2), 3.5);
        assert_eq!(central_moment(&sample, 3.0, 3), 4.5);
        assert_eq!(central_moment(&sample, 3.0, 4), 24.5);
        assert_eq!(sample_deviation(&sample, 3.0), (14.0_f64 / 3.0).sqrt());
        assert_eq!(quantile(&sample, 0.5), 2.5);
        assert_eq!(quantile(&sample, 0.75), 3.75);
        assert_eq!((quantile(&sample, 0.0), quantile(&sample, 1.0)), (1.0, 6.0));
        assert_eq!(quantile(&[7.0], 0.05), 7.0);
    }

    #[test]
    fn the_normal_quantile_and_probability_agree() {
        assert!((normal_probability(NORMAL_QUANTILE_05) - 0.05).abs() < 1e-15);
        assert_eq!(normal_probability(0.0), 0.5);
    }
}
