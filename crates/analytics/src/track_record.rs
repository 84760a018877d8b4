//! How long a record must be before its Sharpe ratio says anything. It refuses to call a short record proof.

use crate::returns::DAYS_PER_YEAR;
use crate::{Undefined, statistics};

/// Days of record after which an annual Sharpe ratio is above zero with 95 % confidence: the probabilistic
/// Sharpe ratio solved for the length, with normal returns. Print it rounded: 1.5 takes 441 days.
pub fn minimum_track_record_days(sharpe: f64) -> Result<f64, Undefined> {
    if !sharpe.is_finite() {
        return Err(Undefined::NotFinite);
    }
    if sharpe <= 0.0 {
        return Err(Undefined::SharpeNotPositive);
    }
    let daily_squared = sharpe * sharpe / DAYS_PER_YEAR;
    let z = statistics::NORMAL_QUANTILE_05;
    let days = 1.0 + (1.0 + 0.5 * daily_squared) * z * z / daily_squared;
    if days.is_finite() { Ok(days) } else { Err(Undefined::BeyondRange) }
}

/// Whether a record of so many daily returns carries its Sharpe ratio.
pub fn track_record_is_long_enough(sharpe: f64, days: usize) -> Result<bool, Undefined> {
    Ok(days as f64 >= minimum_track_record_days(sharpe)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_lengths() {
        for (sharpe, days) in [(1.0, 990.0), (1.5, 441.0), (2.0, 249.0), (3.0, 112.0)] {
            assert_eq!(minimum_track_record_days(sharpe).map(f64::round), Ok(days), "Sharpe {sharpe}");
        }
    }

    #[test]
    fn the_length_is_where_the_probability_reaches_95_percent() {
        for sharpe in [0.3, 1.0, 2.7] {
            let days = minimum_track_record_days(sharpe).expect("positive");
            let daily = sharpe / DAYS_PER_YEAR.sqrt();
            let z = daily * (days - 1.0).sqrt() / (1.0 + 0.5 * daily * daily).sqrt();
            assert!((statistics::normal_probability(z) - 0.95).abs() < 1e-12);
        }
    }

    #[test]
    fn no_record_proves_a_loss() {
        assert_eq!(minimum_track_record_days(0.0), Err(Undefined::SharpeNotPositive));
        assert_eq!(minimum_track_record_days(-2.0), Err(Undefined::SharpeNotPositive));
        assert_eq!(minimum_track_record_days(f64::NAN), Err(Undefined::NotFinite));
        assert_eq!(minimum_track_record_days(1e-200), Err(Undefined::BeyondRange));
        assert_eq!(track_record_is_long_enough(1.5, 441), Ok(false));
        assert_eq!(track_record_is_long_enough(1.5, 442), Ok(true));
    }
}
