//! Control: buys once, at the open of the market, with all its capital at 1x, and holds.
//!
//! It claims no edge; it is the market itself, after one fee and all its funding.

use model::{Instrument, Price, Qty, Usd};

/// Capital divided by the open, rounded down to the lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuyHold;

impl BuyHold {
    /// The quantity it buys at the market's opening price.
    pub fn quantity(&self, instrument: &Instrument, capital: Usd, open: Price) -> Qty {
        let value = instrument.tick_lot_value();
        let per_lot = i128::from(open.0) * value.numerator;
        assert!(per_lot > 0, "a market opens at a positive price");
        let lots = i128::from(capital.0) * value.denominator / per_lot;
        Qty(i64::try_from(lots.max(0)).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_capital_rounded_down_to_the_lot() {
        let instrument = Instrument::btcusdt();
        let quantity = BuyHold.quantity(&instrument, Usd(10_000 * Usd::ONE.0), Price(462_106));
        assert_eq!(quantity, Qty(216)); // 0.21639... BTC
    }
}
