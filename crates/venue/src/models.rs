//! The venue's imperfections: slippage, latency, and the share of a bar's volume one account may be.
//!
//! They only ever make a result worse, are the same on every run, and refuse to draw random numbers.

use model::{Interval, Price, Rate, Side};

/// How far the simulated venue is from an ideal one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Models {
    /// Worsens every taker price, as a fraction of it.
    pub slippage: Rate,
    /// From a request's departure to its arrival.
    pub latency: Interval,
    /// Largest share of a bar's volume that one account's fills may be; unlimited if `None`.
    pub participation: Option<Rate>,
}

impl Models {
    /// An ideal venue: no slippage, no latency, any volume.
    pub const NONE: Models = Models { slippage: Rate::ZERO, latency: Interval(0), participation: None };

    /// A taker price after slippage, rounded to a tick against the taker and never below one tick.
    pub(crate) fn slipped(&self, price: Price, side: Side) -> Price {
        if self.slippage.0 == 0 {
            return price;
        }
        let worse = i128::from(price.0) * i128::from(self.slippage.0);
        let ticks = (worse + i128::from(Rate::ONE.0) - 1) / i128::from(Rate::ONE.0);
        let ticks = i64::try_from(ticks).expect("slippage is a fraction of a price");
        Price((price.0 + side.sign() * ticks).max(1))
    }

    /// Lots that may fill in a bar of this volume; `None` is unlimited.
    pub(crate) fn budget_lots(&self, volume: f64, lots_per_coin: f64) -> Option<i64> {
        // The cast saturates, and makes a volume that is not a number no volume.
        self.participation.map(|share| ((volume * share.as_f64() * lots_per_coin).floor() as i64).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slippage_rounds_against_the_taker() {
        let models = Models { slippage: Rate::bps(1), ..Models::NONE };
        assert_eq!(models.slipped(Price(10_001), Side::Buy), Price(10_003));
        assert_eq!(models.slipped(Price(10_001), Side::Sell), Price(9_999));
        assert_eq!(models.slipped(Price(1), Side::Sell), Price(1));
        assert_eq!(Models::NONE.slipped(Price(7), Side::Buy), Price(7));
    }

    #[test]
    fn the_budget_is_whole_lots_of_the_share() {
        let models = Models { participation: Some(Rate::bps(1_000)), ..Models::NONE };
        assert_eq!(models.budget_lots(12.345, 1_000.0), Some(1_234));
        assert_eq!(models.budget_lots(0.0, 1_000.0), Some(0));
        assert_eq!(models.budget_lots(f64::NAN, 1_000.0), Some(0));
        assert_eq!(Models::NONE.budget_lots(0.0, 1_000.0), None);
    }
}
