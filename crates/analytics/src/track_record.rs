//! How long a record must be before its Sharpe ratio says anything, how wide the doubt about it is, and what luck alone
//! makes of the best of several. It refuses to call a short record proof.

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

/// The 97.5 % quantile of the standard normal distribution.
const NORMAL_QUANTILE_975: f64 = 1.959_963_984_540_054;

/// The moments of daily returns that the doubt about a Sharpe ratio depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Annual Sharpe ratio.
    pub sharpe: f64,
    /// Skew of daily returns.
    pub skew: f64,
    /// Excess kurtosis of daily returns.
    pub kurtosis_excess: f64,
    /// Daily returns there are.
    pub days: usize,
}

/// The 95 % interval of an annual Sharpe ratio, low and high, with the variance that the probabilistic Sharpe ratio
/// takes (Mertens 2002): fat tails and losses that come at once widen it.
pub fn sharpe_interval(moments: &Moments) -> Result<(f64, f64), Undefined> {
    let Moments { sharpe, skew, kurtosis_excess, days } = *moments;
    if days < 4 {
        return Err(Undefined::TooFewDays { have: days, needed: 4 });
    }
    let daily = sharpe / DAYS_PER_YEAR.sqrt();
    let variance = 1.0 - skew * daily + (kurtosis_excess + 2.0) / 4.0 * daily * daily;
    if !variance.is_finite() {
        return Err(Undefined::BeyondRange);
    }
    if variance <= 0.0 {
        return Err(Undefined::ExtremeMoments);
    }
    let half = NORMAL_QUANTILE_975 * (variance / (days as f64 - 1.0) * DAYS_PER_YEAR).sqrt();
    Ok((sharpe - half, sharpe + half))
}

/// The annual Sharpe ratio that the best of so many bots without any skill is expected to show (Bailey and López de
/// Prado 2014, "The deflated Sharpe ratio"), if they are independent: bots on one market are less so, and the bar lower.
pub fn best_of_luck(bots: usize, days: usize) -> Result<f64, Undefined> {
    if days < 2 {
        return Err(Undefined::TooFewDays { have: days, needed: 2 });
    }
    if bots < 2 {
        return Err(Undefined::TooFew { what: "bots", have: bots, needed: 2 });
    }
    let (euler_gamma, n) = (0.577_215_664_901_532_9, bots as f64);
    let upper = |share: f64| -statistics::normal_quantile(share);
    let highest = (1.0 - euler_gamma) * upper(1.0 / n) + euler_gamma * upper(1.0 / (n * std::f64::consts::E));
    Ok(highest * (DAYS_PER_YEAR / (days as f64 - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_probabilistic_sharpe_ratio() {
        // Where the interval's low end touches zero, the probability of a positive ratio is 97.5 %.
        let moments = |sharpe| Moments { sharpe, skew: -0.4, kurtosis_excess: 3.0, days: 500 };
        let (mut low, mut high) = (0.0, 10.0);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            let bound = sharpe_interval(&moments(middle)).expect("defined").0;
            if bound < 0.0 { low = middle } else { high = middle }
        }
        let daily = low / DAYS_PER_YEAR.sqrt();
        let variance: f64 = 1.0 + 0.4 * daily + (6.0 - 1.0) / 4.0 * daily * daily;
        let probability = statistics::normal_probability(daily * 499.0_f64.sqrt() / variance.sqrt());
        assert!((probability - 0.975).abs() < 1e-9, "{probability}");
    }

    #[test]
    fn an_interval_narrows_with_the_record_and_is_refused_without_one() {
        let at = |days| sharpe_interval(&Moments { sharpe: 1.0, skew: 0.0, kurtosis_excess: 0.0, days });
        let width = |days| at(days).map(|(low, high)| high - low).expect("defined");
        assert!((width(101) / width(401) - 2.0).abs() < 1e-9);
        assert_eq!(at(3), Err(Undefined::TooFewDays { have: 3, needed: 4 }));
        let steep = Moments { sharpe: 40.0, skew: 3.0, kurtosis_excess: 0.0, days: 100 };
        assert_eq!(sharpe_interval(&steep), Err(Undefined::ExtremeMoments));
    }

    #[test]
    fn the_best_of_several_is_lucky() {
        // The expected highest of 8 and of 100 standard normal variables is 1.424 and 2.508.
        for (bots, highest) in [(8, 1.424), (100, 2.508)] {
            let of_a_year = best_of_luck(bots, 366).expect("defined");
            assert!((of_a_year - highest).abs() < 0.04, "{bots}: {of_a_year}");
        }
        assert_eq!(best_of_luck(1, 366), Err(Undefined::TooFew { what: "bots", have: 1, needed: 2 }));
        assert_eq!(best_of_luck(8, 1), Err(Undefined::TooFewDays { have: 1, needed: 2 }));
    }

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
