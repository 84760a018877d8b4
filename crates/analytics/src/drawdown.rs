//! Falls from the highest equity so far, the starting point included. It refuses to measure from a capital
//! that is not above zero, where a fraction of the peak means nothing.

use crate::Undefined;

/// The running peak and the deepest fall from it: one equity at a time, for curves too long to keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawdown {
    peak: f64,
    worst: f64,
}

impl Drawdown {
    /// Starts at the starting capital, which is the first peak.
    pub fn new(capital: f64) -> Result<Drawdown, Undefined> {
        if !capital.is_finite() {
            return Err(Undefined::NotFinite);
        }
        if capital <= 0.0 {
            return Err(Undefined::NoCapital);
        }
        Ok(Drawdown { peak: capital, worst: 0.0 })
    }

    /// Takes the next equity and returns its distance from the peak: a fraction, zero or negative.
    pub fn observe(&mut self, equity: f64) -> f64 {
        assert!(equity.is_finite(), "equity is a finite number");
        self.peak = self.peak.max(equity);
        // -inf where a huge loss meets a tiny capital: `drawdowns` reports it as beyond range.
        let now = equity / self.peak - 1.0;
        assert!(now <= 0.0, "equity is never above its own peak");
        self.worst = self.worst.min(now);
        now
    }

    /// The deepest fall so far: a fraction, zero or negative.
    pub fn worst(&self) -> f64 {
        self.worst
    }
}

/// Distance of every equity from the peak so far, the first one (zero) included.
pub fn drawdowns(equity: &[f64]) -> Result<Vec<f64>, Undefined> {
    let (&capital, _) = equity.split_first().ok_or(Undefined::NoEquity)?;
    if equity.iter().any(|e| !e.is_finite()) {
        return Err(Undefined::NotFinite);
    }
    let mut running = Drawdown::new(capital)?;
    let all: Vec<f64> = equity.iter().map(|&e| running.observe(e)).collect();
    if all.iter().all(|d| d.is_finite()) { Ok(all) } else { Err(Undefined::BeyondRange) }
}

/// The deepest fall of an equity curve at any resolution: a fraction, zero or negative.
pub fn max_drawdown(equity: &[f64]) -> Result<f64, Undefined> {
    Ok(drawdowns(equity)?.into_iter().fold(0.0, f64::min))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starting_point_counts() {
        // -10 %, +2 %, +1 %: a curve that begins at its second point would show no fall at all.
        let equity = [100.0, 90.0, 91.8, 92.718];
        assert!((max_drawdown(&equity).expect("defined") + 0.1).abs() < 1e-15);
    }

    #[test]
    fn a_deeper_fall_after_a_higher_peak() {
        let equity = [100.0, 80.0, 160.0, 120.0, 200.0];
        assert_eq!(max_drawdown(&equity), Ok(-0.25));
        assert_eq!(drawdowns(&equity).expect("defined")[1], 80.0 / 100.0 - 1.0);
    }

    #[test]
    fn a_running_drawdown_falls_from_the_capital_it_was_given() {
        let mut running = Drawdown::new(100.0).expect("capital");
        assert_eq!(running.worst(), 0.0);
        assert_eq!(running.observe(75.0), -0.25);
        assert_eq!(running.observe(200.0), 0.0);
        assert_eq!((running.observe(150.0), running.worst()), (-0.25, -0.25));
    }

    #[test]
    fn a_lost_account_is_down_by_all_of_it_or_more() {
        assert_eq!(max_drawdown(&[100.0, 0.0]), Ok(-1.0));
        assert_eq!(max_drawdown(&[100.0, -50.0]), Ok(-1.5));
    }

    #[test]
    fn no_capital_no_drawdown() {
        assert_eq!(max_drawdown(&[]), Err(Undefined::NoEquity));
        assert_eq!(max_drawdown(&[0.0, 1.0]), Err(Undefined::NoCapital));
        assert_eq!(max_drawdown(&[1.0, f64::NAN]), Err(Undefined::NotFinite));
        assert_eq!(max_drawdown(&[1e-300, -1e300]), Err(Undefined::BeyondRange));
    }
}
