//! An instrument with what follows from it worked out once: fee and value ratios, margin schedule, the limits of safe
//! arithmetic.
//!
//! The results are the instrument's own, to the unit; only the powers of ten are not multiplied out for every fill.

use crate::margin::{MARK_MAX, MarginSchedule};
use model::instrument::Ratio;
use model::{Instrument, Price, Qty, Rate, Usd, div_round_half_away};

/// What an account trades under; shared by all accounts of a venue.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) instrument: Instrument,
    pub(crate) margin: MarginSchedule,
    pub(crate) mark_per_tick: i64,
    pub(crate) lots_per_coin: f64,
    pub(crate) price_max: Price,
    pub(crate) qty_max: Qty,
    pub(crate) maker: FeeRatio,
    pub(crate) taker: FeeRatio,
    pub(crate) liquidation: FeeRatio,
    tick_lot: Ratio,
}

/// Fee in micro-USDT per tick-lot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FeeRatio(Ratio);

impl Terms {
    pub(crate) fn new(instrument: Instrument) -> Terms {
        let margin = MarginSchedule::new(&instrument);
        let mark_per_tick = instrument.mark_per_tick();
        let units = 10_i64.pow(u32::from(instrument.lot.decimals));
        let tick_lot = instrument.tick_lot_value();
        let fee = |rate: Rate| {
            let (numerator, denominator) = (i128::from(rate.0), i128::from(Rate::ONE.0));
            let common = greatest_common_divisor(numerator.abs(), denominator);
            FeeRatio(Ratio {
                numerator: tick_lot.numerator * (numerator / common),
                denominator: tick_lot.denominator * (denominator / common),
            })
        };
        Terms {
            mark_per_tick,
            lots_per_coin: units as f64 / instrument.lot.mantissa as f64,
            price_max: Price(MARK_MAX.0 / mark_per_tick),
            qty_max: Qty(margin.lots_max()),
            maker: fee(instrument.fees.maker),
            taker: fee(instrument.fees.taker),
            liquidation: fee(instrument.fees.liquidation),
            tick_lot,
            margin,
            instrument,
        }
    }

    /// Micro-USDT of an amount in tick-lots.
    #[inline]
    pub(crate) fn usd(&self, tick_lots: i128) -> Usd {
        money(div_round_half_away(tick_lots * self.tick_lot.numerator, self.tick_lot.denominator))
    }

    /// Notional in micro-USDT, wide: a stranger's order may be larger than money is.
    #[inline]
    pub(crate) fn notional_wide(&self, qty: Qty, price: Price) -> i128 {
        let tick_lots = i128::from(qty.0.abs()) * i128::from(price.0);
        div_round_half_away(tick_lots * self.tick_lot.numerator, self.tick_lot.denominator)
    }

    /// Fee of a fill, rounded once; positive is paid.
    #[inline]
    pub(crate) fn fee(&self, qty: Qty, price: Price, ratio: FeeRatio) -> Usd {
        let tick_lots = i128::from(qty.0.abs()) * i128::from(price.0);
        money(div_round_half_away(tick_lots * ratio.0.numerator, ratio.0.denominator))
    }
}

pub(crate) fn greatest_common_divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// An amount of money that is one.
#[inline]
pub(crate) fn money(micros: i128) -> Usd {
    Usd(i64::try_from(micros).expect("an amount of money fits 64 bits of micro-USDT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_the_instruments() {
        for decimals in [1, 2, 5, 8] {
            let terms = Terms::new(Instrument::btcusdt().with_price_decimals(decimals));
            let i = &terms.instrument;
            for seed in 1_i64..300 {
                let qty = Qty(seed * seed * 7_919 % 1_000_003 - 500_000);
                let price = Price(seed * seed * seed * 104_729 % 99_999_999_977 + 1);
                let tick_lots = i128::from(qty.0) * i128::from(price.0);
                assert_eq!(terms.usd(tick_lots), i.usd(tick_lots));
                assert_eq!(terms.notional_wide(qty, price), i128::from(i.notional(qty.abs(), price).0));
                assert_eq!(terms.fee(qty, price, terms.maker), i.fee(qty, price, i.fees.maker));
                assert_eq!(terms.fee(qty, price, terms.taker), i.fee(qty, price, i.fees.taker));
                assert_eq!(terms.fee(qty, price, terms.liquidation), i.fee(qty, price, i.fees.liquidation));
            }
        }
    }
}
