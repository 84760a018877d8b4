//! Daily returns and what several metrics want of them. It refuses curves without a meaning: empty, not
//! finite, without capital, or continued after ruin.

use crate::{Undefined, statistics};

/// Days per year: Bitcoin trades on all of them.
pub const DAYS_PER_YEAR: f64 = 365.0;

/// The daily returns of an equity curve; at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Returns {
    /// In order of time.
    pub daily: Vec<f64>,
    /// Ascending.
    pub sorted: Vec<f64>,
    /// Arithmetic mean.
    pub mean: f64,
    deviation: Option<f64>,
}

impl Returns {
    /// Returns from one day's equity to the next.
    pub fn of(equity: &[f64]) -> Result<Returns, Undefined> {
        let (&capital, _) = equity.split_first().ok_or(Undefined::NoEquity)?;
        if equity.iter().any(|e| !e.is_finite()) {
            return Err(Undefined::NotFinite);
        }
        if capital <= 0.0 {
            return Err(Undefined::NoCapital);
        }
        let (_, bases) = equity.split_last().expect("a curve with a first point has a last one");
        if bases.is_empty() {
            return Err(Undefined::TooFewDays { have: 0, needed: 1 });
        }
        if bases.iter().any(|&e| e <= 0.0) {
            return Err(Undefined::Ruined);
        }
        let daily: Vec<f64> = equity.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
        if daily.iter().any(|r| !r.is_finite()) {
            return Err(Undefined::BeyondRange);
        }
        let mut sorted = daily.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let mean = statistics::mean(&daily);
        let deviation = (daily.len() >= 2).then(|| deviation(&daily, &sorted, mean));
        Ok(Returns { daily, sorted, mean, deviation })
    }

    /// Number of daily returns.
    pub fn len(&self) -> usize {
        self.daily.len()
    }

    /// Never: a curve without a return is refused.
    pub fn is_empty(&self) -> bool {
        self.daily.is_empty()
    }

    /// Refuses a series shorter than a statistic takes.
    pub fn at_least(&self, needed: usize) -> Result<&Returns, Undefined> {
        let have = self.len();
        if have < needed { Err(Undefined::TooFewDays { have, needed }) } else { Ok(self) }
    }

    /// Sample standard deviation of daily returns; zero if they do not vary.
    pub fn deviation(&self) -> Result<f64, Undefined> {
        self.deviation.ok_or(Undefined::TooFewDays { have: self.len(), needed: 2 })
    }

    /// The same as something to divide by.
    pub fn risk(&self) -> Result<f64, Undefined> {
        let deviation = self.deviation()?;
        if deviation == 0.0 { Err(Undefined::ReturnsDoNotVary) } else { Ok(deviation) }
    }

    /// Mean over standard deviation, per day.
    pub fn sharpe_daily(&self) -> Result<f64, Undefined> {
        Ok(self.mean / self.risk()?)
    }

    /// Bias-corrected skew.
    pub fn skew(&self) -> Result<f64, Undefined> {
        self.at_least(3)?.risk()?;
        let n = self.len() as f64;
        let second = statistics::central_moment(&self.daily, self.mean, 2);
        let third = statistics::central_moment(&self.daily, self.mean, 3);
        Ok(third / (second * second.sqrt()) * (n * (n - 1.0)).sqrt() / (n - 2.0))
    }

    /// Bias-corrected excess kurtosis: zero for a normal distribution.
    pub fn kurtosis_excess(&self) -> Result<f64, Undefined> {
        self.at_least(4)?.risk()?;
        let n = self.len() as f64;
        let second = statistics::central_moment(&self.daily, self.mean, 2);
        let fourth = statistics::central_moment(&self.daily, self.mean, 4);
        let biased = fourth / (second * second) - 3.0;
        Ok((n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * biased + 6.0))
    }
}

/// Rounding makes the returns of a curve that grows by the same fraction every day differ in their last bits;
/// a ratio over that noise would be a huge number without a meaning.
fn deviation(daily: &[f64], sorted: &[f64], mean: f64) -> f64 {
    let (lowest, highest) = (sorted[0], sorted[sorted.len() - 1]);
    let noise = 16.0 * f64::EPSILON * (1.0 + highest.abs().max(lowest.abs()));
    if highest - lowest <= noise { 0.0 } else { statistics::sample_deviation(daily, mean) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_growth_has_no_risk() {
        let equity: Vec<f64> =
            (0..300).map(|day| 10_000.0 * model::math::pow(1.003, f64::from(day))).collect();
        let returns = Returns::of(&equity).expect("a good curve");
        assert_ne!(returns.sorted.first(), returns.sorted.last(), "the rounding noise is there");
        assert_eq!(returns.deviation(), Ok(0.0));
        assert_eq!(returns.sharpe_daily(), Err(Undefined::ReturnsDoNotVary));
        assert_eq!(returns.skew(), Err(Undefined::ReturnsDoNotVary));
    }

    #[test]
    fn nothing_is_returned_on_nothing() {
        assert_eq!(Returns::of(&[1.0, 0.0, 0.0]), Err(Undefined::Ruined));
        assert_eq!(Returns::of(&[1.0, 0.0]).expect("the fall itself is a return").daily, [-1.0]);
        assert_eq!(Returns::of(&[1.0]), Err(Undefined::TooFewDays { have: 0, needed: 1 }));
        assert_eq!(Returns::of(&[0.0, 1.0]), Err(Undefined::NoCapital));
        assert_eq!(Returns::of(&[1e-300, 1e300]), Err(Undefined::BeyondRange));
    }

    #[test]
    fn moments_by_hand() {
        // Returns 0, 0, 0, 1: mean 1/4, m2 = 3/16, m3 = 3/32, m4 = 21/256.
        let returns = Returns::of(&[1.0, 1.0, 1.0, 1.0, 2.0]).expect("a good curve");
        assert!((returns.skew().expect("defined") - 2.0).abs() < 1e-12);
        assert!((returns.kurtosis_excess().expect("defined") - 4.0).abs() < 1e-12);
        assert_eq!(returns.deviation(), Ok(0.5));
        assert_eq!(returns.at_least(5).err(), Some(Undefined::TooFewDays { have: 4, needed: 5 }));
    }
}
