//! What is traded: steps, minima, fees, margin tiers; and every conversion from ticks and lots to money.

use crate::money::{Mark, Price, Qty, Rate, Usd, div_round_half_away};
use std::fmt;

/// The size of one tick or lot: `mantissa x 10^-decimals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Whole units; positive.
    pub mantissa: i64,
    /// Digits after the point.
    pub decimals: u8,
}

impl Step {
    /// `10^-decimals`.
    pub const fn decimal(decimals: u8) -> Step {
        Step { mantissa: 1, decimals }
    }

    /// The size as a float: for display, statistics and importers only.
    pub fn as_f64(self) -> f64 {
        self.mantissa as f64 / 10_i64.pow(u32::from(self.decimals)) as f64
    }

    /// `units` steps as exact decimal text.
    pub fn format(self, units: i64) -> impl fmt::Display {
        let wide = i128::from(units) * i128::from(self.mantissa);
        let mantissa = i64::try_from(wide).expect("a price or quantity fits 64 bits in its own decimals");
        let fixed = crate::Decimal { mantissa, decimals: self.decimals };
        fixed.to_string()
    }
}

/// Decimals of an average that has more than its tick.
const AVERAGE_DECIMALS_MAX: u8 = 8;

/// What trading costs; fractions of notional.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FeeSchedule {
    /// Fee of a fill that rested in the book.
    pub maker: Rate,
    /// Fee of a fill that took from the book.
    pub taker: Rate,
    /// Fee of a forced close.
    pub liquidation: Rate,
}

/// A step of the maintenance-margin schedule; the position's notional picks the tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MarginTier {
    /// Upper bound of notional, inclusive.
    pub notional_max: Usd,
    /// Maintenance margin as a fraction of the whole notional.
    pub maintenance: Rate,
    /// Taken off the maintenance margin; zero on Bitget, where the requirement jumps at a tier's edge.
    pub deduction: Usd,
    /// Highest leverage an order into this tier may use.
    pub leverage_max: u16,
}

/// A linear perpetual: quantities in the base coin, money in USDT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// Venue symbol, such as `BTCUSDT`.
    pub symbol: String,
    /// Price of one tick.
    pub tick: Step,
    /// Quantity of one lot.
    pub lot: Step,
    /// Smallest order.
    pub qty_min: Qty,
    /// Smallest opening notional.
    pub notional_min: Usd,
    /// Fees.
    pub fees: FeeSchedule,
    /// Maintenance tiers, ascending, at least one; the last one's bound is the largest position.
    pub tiers: Vec<MarginTier>,
    /// Hours between funding instants, in milliseconds.
    pub funding_interval: crate::Interval,
    /// Highest leverage of the lowest tier.
    pub leverage_max: u16,
}

const MICRO_DECIMALS: u32 = 6;

/// A fraction with the powers of ten already cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Multiplies.
    pub numerator: i128,
    /// Divides; positive.
    pub denominator: i128,
}

/// 10^0 to 10^38.
const POWERS_OF_TEN: [i128; 39] = {
    let mut powers = [1_i128; 39];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

impl Ratio {
    #[inline]
    fn new(mantissa: i128, up: u32, down: u32) -> Ratio {
        let common = up.min(down);
        let power = |exponent: u32| POWERS_OF_TEN[exponent as usize];
        Ratio { numerator: mantissa * power(up - common), denominator: power(down - common) }
    }
}

impl Instrument {
    /// Micro-USDT of one lot moving by one tick.
    #[inline]
    pub fn tick_lot_value(&self) -> Ratio {
        let mantissa = i128::from(self.tick.mantissa) * i128::from(self.lot.mantissa);
        Ratio::new(mantissa, MICRO_DECIMALS, u32::from(self.tick.decimals) + u32::from(self.lot.decimals))
    }

    /// Micro-USDT of an amount in tick-lots (price ticks x lots), rounded half away from zero.
    #[inline]
    pub fn usd(&self, tick_lots: i128) -> Usd {
        let value = self.tick_lot_value();
        narrow(div_round_half_away(tick_lots * value.numerator, value.denominator))
    }

    /// Value of `qty` at `price`, signed like `qty`.
    #[inline]
    pub fn notional(&self, qty: Qty, price: Price) -> Usd {
        self.usd(i128::from(qty.0) * i128::from(price.0))
    }

    /// Fee of a fill, rounded once; positive is paid.
    #[inline]
    pub fn fee(&self, qty: Qty, price: Price, rate: Rate) -> Usd {
        let value = self.tick_lot_value();
        let (rate, one) = reduced(rate);
        let exact = i128::from(qty.0.abs()) * i128::from(price.0) * value.numerator * rate;
        narrow(div_round_half_away(exact, value.denominator * one))
    }

    /// Value of `qty` at a mark price, signed like `qty`.
    #[inline]
    pub fn notional_at_mark(&self, qty: Qty, mark: Mark) -> Usd {
        let value = self.mark_lot_value();
        let exact = i128::from(qty.0) * i128::from(mark.0) * value.numerator;
        narrow(div_round_half_away(exact, value.denominator))
    }

    /// Cash effect of one funding instant on a signed position, rounded once: a long pays a positive rate.
    #[inline]
    pub fn funding(&self, position: Qty, mark: Mark, rate: Rate) -> Usd {
        let value = self.mark_lot_value();
        let (rate, one) = reduced(rate);
        let exact = i128::from(position.0) * i128::from(mark.0) * value.numerator * rate;
        narrow(-div_round_half_away(exact, value.denominator * one))
    }

    /// The rate at which funding on a position at that mark comes to an amount; none where there is nothing it was settled on.
    pub fn funding_rate(&self, position: Qty, mark: Mark, amount: Usd) -> Option<Rate> {
        let value = self.mark_lot_value();
        let notional = i128::from(position.0) * i128::from(mark.0) * value.numerator;
        let paid = -i128::from(amount.0) * value.denominator * i128::from(Rate::ONE.0);
        let rate = (notional != 0).then(|| div_round_half_away(paid * notional.signum(), notional.abs()))?;
        i64::try_from(rate).ok().map(Rate)
    }

    /// Micro-USDT of one lot at a mark of one unit.
    #[inline]
    pub fn mark_lot_value(&self) -> Ratio {
        Ratio::new(
            i128::from(self.lot.mantissa),
            MICRO_DECIMALS,
            u32::from(self.lot.decimals) + u32::from(Mark::DECIMALS),
        )
    }

    /// Mark units of one tick.
    pub fn mark_per_tick(&self) -> i64 {
        let up = u32::from(
            Mark::DECIMALS.checked_sub(self.tick.decimals).expect("a tick is no finer than a mark"),
        );
        self.tick.mantissa * 10_i64.pow(up)
    }

    /// A traded price as a mark price, exactly.
    pub fn mark_of(&self, price: Price) -> Mark {
        Mark(price.0 * self.mark_per_tick())
    }

    /// Price text in USDT.
    pub fn format_price(&self, price: Price) -> impl fmt::Display {
        self.tick.format(price.0)
    }

    /// Quantity text in the base coin.
    pub fn format_qty(&self, qty: Qty) -> impl fmt::Display {
        self.lot.format(qty.0)
    }

    /// The average price of `lots` that cost `tick_lots` together: exact where eight decimals can hold it, else rounded once.
    pub fn format_average(&self, tick_lots: i128, lots: i64) -> impl fmt::Display {
        assert!(lots > 0, "an average is of something");
        let tick = self.tick;
        let numerator = tick_lots * i128::from(tick.mantissa);
        let mut decimals = tick.decimals;
        let scaled = |decimals: u8| numerator * 10_i128.pow(u32::from(decimals - tick.decimals));
        while decimals < AVERAGE_DECIMALS_MAX && scaled(decimals) % i128::from(lots) != 0 {
            decimals += 1;
        }
        let mantissa = div_round_half_away(scaled(decimals), i128::from(lots));
        let mantissa = i64::try_from(mantissa).expect("an average lies between prices that fit");
        crate::Decimal { mantissa, decimals }
    }

    /// Price as a float, for display and statistics only.
    pub fn price_f64(&self, price: Price) -> f64 {
        price.0 as f64 * self.tick.as_f64()
    }

    /// The tier of a notional; the last one above all bounds (an order that large is refused elsewhere).
    pub fn tier(&self, notional: Usd) -> &MarginTier {
        self.tiers
            .iter()
            .find(|tier| notional <= tier.notional_max)
            .unwrap_or_else(|| self.tiers.last().expect("an instrument has a tier"))
    }

    /// Takes the finer of this instrument's tick and `10^-decimals`, so that no price of a file is rounded.
    pub fn with_price_decimals(mut self, decimals: u8) -> Instrument {
        if decimals > self.tick.decimals || (decimals == self.tick.decimals && self.tick.mantissa != 1) {
            self.tick = Step::decimal(decimals);
        }
        self
    }
}

/// A rate as a fraction, in tenths of a basis point where it is whole ones: the same value in smaller numbers.
#[inline]
fn reduced(rate: Rate) -> (i128, i128) {
    const TENTH: i64 = Rate::BASIS_POINT.0 / 10;
    if rate.0 % TENTH == 0 {
        (i128::from(rate.0 / TENTH), i128::from(Rate::ONE.0 / TENTH))
    } else {
        (i128::from(rate.0), i128::from(Rate::ONE.0))
    }
}

#[inline]
fn narrow(micros: i128) -> Usd {
    Usd(i64::try_from(micros).expect("an amount of money fits 64 bits of micro-USDT"))
}

impl Instrument {
    /// Bitget's BTCUSDT perpetual: fees and steps as recorded from its contract list; the first tier as recorded,
    /// the higher ones a schedule of the same shape, to be replaced by the account's own where there is one.
    pub fn btcusdt() -> Instrument {
        let tier = |usdt: i64, bps_tenths: i64, leverage_max: u16| MarginTier {
            notional_max: Usd(usdt * Usd::ONE.0),
            maintenance: Rate(bps_tenths * Rate::BASIS_POINT.0 / 10),
            deduction: Usd::ZERO,
            leverage_max,
        };
        Instrument {
            symbol: "BTCUSDT".to_owned(),
            tick: Step::decimal(1),
            lot: Step::decimal(3),
            qty_min: Qty(1),
            notional_min: Usd(5 * Usd::ONE.0),
            fees: FeeSchedule { maker: Rate::bps(2), taker: Rate::bps(6), liquidation: Rate::bps(6) },
            tiers: vec![
                tier(150_000, 400, 125),
                tier(1_000_000, 500, 100),
                tier(5_000_000, 1_000, 50),
                tier(10_000_000, 2_000, 25),
                tier(30_000_000, 4_000, 12),
                tier(80_000_000, 8_000, 6),
                tier(200_000_000, 15_000, 3),
            ],
            funding_interval: crate::Interval(8 * crate::Interval::HOUR.0),
            leverage_max: 125,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_exact_where_they_can_be() {
        let instrument = Instrument::btcusdt();
        for (cost, lots, text) in [
            (400_000 * 7, 7, "40000.0"),
            (400_000 + 400_001, 2, "40000.05"),
            (400_000 + 400_000 + 400_001, 3, "40000.03333333"),
            (400_000 + 400_001 + 400_001, 3, "40000.06666667"),
        ] {
            assert_eq!(instrument.format_average(cost, lots).to_string(), text);
        }
        let fine = instrument.with_price_decimals(10);
        assert_eq!(fine.format_average(10, 3).to_string(), "0.0000000003");
    }

    #[test]
    fn money_of_a_bitcoin_position_by_hand() {
        let i = Instrument::btcusdt();
        // 0.1 BTC at 46 210.5 USDT.
        let (qty, price) = (Qty(100), Price(462_105));
        assert_eq!(i.notional(qty, price), Usd(4_621_050_000));
        assert_eq!(i.fee(qty, price, i.fees.taker), Usd(2_772_630));
        assert_eq!(i.funding(qty, i.mark_of(price), Rate(100_000_000)), Usd(-462_105));
        assert_eq!(i.funding(-qty, i.mark_of(price), Rate(100_000_000)), Usd(462_105));
        for (held, paid) in [(qty, 462_105), (-qty, -1), (qty, -7_000_003)] {
            let rate = i.funding_rate(held, i.mark_of(price), Usd(-paid)).expect("something is held");
            assert_eq!(i.funding(held, i.mark_of(price), rate), Usd(-paid), "{rate:?}");
        }
        assert_eq!(i.funding_rate(Qty(0), i.mark_of(price), Usd(1)), None);
        assert_eq!(i.format_price(price).to_string(), "46210.5");
        assert_eq!(i.format_qty(qty).to_string(), "0.100");
    }

    #[test]
    fn a_finer_file_refines_the_tick_and_keeps_the_money() {
        let coarse = Instrument::btcusdt();
        let fine = coarse.clone().with_price_decimals(2);
        assert_eq!(fine.tick, Step::decimal(2));
        assert_eq!(coarse.notional(Qty(7), Price(300_001)), fine.notional(Qty(7), Price(3_000_010)));
        assert_eq!(coarse.clone().with_price_decimals(0).tick, Step::decimal(1));
        // Eight decimals: one tick-lot is far below a micro-USDT, and is rounded once.
        let finest = coarse.with_price_decimals(8);
        assert_eq!(finest.usd(4_999), Usd(0));
        assert_eq!(finest.usd(50_000), Usd(1));
    }
}
