//! Realised volatility: sample standard deviation of the last `n` log returns of one frame's closes. The interval is
//! part of the name, because a volatility without its interval is not a number. Warm-up: `n + 1` closes.
//! Refuses closes that are not positive: they have no log return, so the window begins anew after one.

use crate::{Frame, Window};
use model::{Interval, StateHash, math};

/// Volatility of the closes of one frame.
#[derive(Clone, Debug)]
pub struct RealisedVolatility {
    frame: Frame,
    window: Window,
    degrees_of_freedom: f64,
    previous_close: f64,
    /// Standard deviation of one frame's log return, from log returns of this frame's closes.
    per_frame: Option<f64>,
}

model::state!(RealisedVolatility { window, previous_close, per_frame } origin { frame, degrees_of_freedom });

impl RealisedVolatility {
    /// Of `period` log returns, at least two, of the closes of `frame`.
    pub fn new(period: usize, frame: Frame) -> RealisedVolatility {
        assert!(period >= 2, "a spread needs two returns");
        let (window, degrees_of_freedom) = (Window::new(period), (period - 1) as f64);
        RealisedVolatility { frame, window, degrees_of_freedom, previous_close: 0.0, per_frame: None }
    }

    /// Takes in a close.
    #[inline]
    pub fn update(&mut self, close: f64) {
        let previous = std::mem::replace(&mut self.previous_close, close);
        if close <= 0.0 || previous <= 0.0 {
            self.window.clear();
            self.per_frame = None;
            return;
        }
        self.window.push(math::ln(close / previous));
        if self.window.is_full() {
            let (_, squares) = self.window.mean_and_squares();
            self.per_frame = Some((squares / self.degrees_of_freedom).sqrt());
        }
    }

    /// Standard deviation of the log return over one bar of the frame; for a year's, [`Self::annualised`].
    #[inline]
    pub fn value(&self) -> Option<f64> {
        self.per_frame
    }

    /// The same over a year of 365 days of trading without a break, by the square root of time.
    pub fn annualised(&self) -> Option<f64> {
        let frames_per_year = (365 * Interval::DAY.0 / self.frame.interval().0) as f64;
        self.per_frame.map(|per_frame| per_frame * frames_per_year.sqrt())
    }

    /// What `value` is, with its interval.
    pub fn name(&self) -> &'static str {
        match self.frame {
            Frame::M1 => "realised_volatility_1m",
            Frame::M5 => "realised_volatility_5m",
            Frame::M15 => "realised_volatility_15m",
            Frame::H1 => "realised_volatility_1h",
            Frame::H4 => "realised_volatility_4h",
            Frame::D1 => "realised_volatility_1d",
        }
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        self.window.period() + 1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        self.window.hash(hash);
        hash.float(self.previous_close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_carries_the_interval() {
        for frame in Frame::ALL {
            let name = RealisedVolatility::new(20, frame).name();
            assert_eq!(name, format!("realised_volatility_{frame}"));
        }
    }

    #[test]
    fn a_close_without_a_logarithm_begins_anew() {
        let mut volatility = RealisedVolatility::new(2, Frame::H1);
        let after = |v: &mut RealisedVolatility, close| {
            v.update(close);
            v.value().is_some()
        };
        let warm = [1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0].map(|close| after(&mut volatility, close));
        assert_eq!(warm, [false, false, true, false, false, false, true]);
    }
}
