//! A position opened and closed again, worked out without a market: what this venue would book for it, to the unit.
//!
//! It refuses what the venue refuses, and to guess what the market did between: every funding payment is valued at the
//! entry price, and the way from entry to exit is straight.

use crate::Direction;
use crate::margin::{LiquidationLevels, MARK_MAX, MarginSchedule, initial_margin};
use model::{Instrument, Liquidity, MarginMode, Mark, Position, Price, Qty, Rate, RejectReason, Usd};

/// Most funding payments of one round trip: nine years of three a day.
pub const FUNDING_PAYMENTS_MAX: u32 = 10_000;
/// Largest notional at an exit: a trillion USDT, so that no sum of money leaves 64 bits.
pub const EXIT_NOTIONAL_MAX: Usd = Usd(1_000_000_000_000 * Usd::ONE.0);

/// What is opened, and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundTrip {
    /// Signed: a long is positive.
    pub qty: Qty,
    /// Where it is opened.
    pub entry: Price,
    /// Where it is closed.
    pub exit: Price,
    /// Which fee the entry pays.
    pub entry_as: Liquidity,
    /// Which fee the exit pays.
    pub exit_as: Liquidity,
    /// Leverage of the account.
    pub leverage: u16,
    /// What stands behind the position.
    pub margin: MarginMode,
    /// Money in the account before; a cross position cannot do without.
    pub balance: Option<Usd>,
    /// Rate of each funding payment.
    pub funding: Rate,
    /// Funding instants while it was held.
    pub funding_payments: u32,
}

/// Everything that is booked for a round trip, and the prices that follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Value at the entry, unsigned.
    pub notional: Usd,
    /// Margin set aside for it.
    pub initial_margin: Usd,
    /// Profit of the prices alone.
    pub gross: Usd,
    /// Fee of the entry; a rebate is negative.
    pub fee_entry: Usd,
    /// Fee of the exit; a rebate is negative.
    pub fee_exit: Usd,
    /// Funding received (+) or paid (-).
    pub funding: Usd,
    /// `gross - fees + funding`.
    pub net: Usd,
    /// Marks at which it is liquidated once open.
    pub levels: LiquidationLevels,
    /// The same after the funding.
    pub levels_after_funding: LiquidationLevels,
    /// Whether such a mark lies on the way to the exit.
    pub liquidated_first: bool,
    /// The first exit price at which `net` is not below zero; `None` where no price is.
    pub break_even: Option<Price>,
}

/// Why the venue would not book it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unbookable {
    /// A quantity below the instrument's minimum.
    QuantityTooSmall,
    /// A price of zero or below.
    PriceNotPositive,
    /// A price above the largest that arithmetic is safe for.
    PriceTooHigh(Price),
    /// More than the last margin tier holds, or than arithmetic is safe for.
    PositionTooLarge(Usd),
    /// An opening notional below the instrument's minimum.
    NotionalTooSmall(Usd),
    /// Leverage outside what a position of this notional may use.
    LeverageTooHigh {
        /// The position's notional.
        notional: Usd,
        /// The most it may use.
        leverage_max: u16,
    },
    /// A cross position without a balance behind it.
    NoBalance,
    /// A balance that does not carry initial margin and a taker's fee.
    BalanceTooSmall(Usd),
}

impl Unbookable {
    /// As the venue would say it; it is never asked about an account without a balance.
    pub fn reason(self) -> Option<RejectReason> {
        match self {
            Unbookable::QuantityTooSmall => Some(RejectReason::QuantityTooSmall),
            Unbookable::PriceNotPositive => Some(RejectReason::PriceNotPositive),
            Unbookable::PriceTooHigh(_) | Unbookable::PositionTooLarge(_) => {
                Some(RejectReason::PositionTooLarge)
            }
            Unbookable::NotionalTooSmall(_) => Some(RejectReason::NotionalTooSmall),
            Unbookable::LeverageTooHigh { .. } => Some(RejectReason::LeverageTooHigh),
            Unbookable::NoBalance => None,
            Unbookable::BalanceTooSmall(_) => Some(RejectReason::InsufficientMargin),
        }
    }
}

/// What both ends of the search for a break-even know.
struct Books<'a> {
    instrument: &'a Instrument,
    trip: &'a RoundTrip,
    fee_entry: Usd,
    funding: Usd,
}

impl RoundTrip {
    /// Works it out.
    pub fn settle(&self, instrument: &Instrument) -> Result<Settled, Unbookable> {
        assert!(self.funding_payments <= FUNDING_PAYMENTS_MAX, "payments are bounded");
        assert!(self.funding.abs() <= Rate::ONE, "a funding rate is a fraction");
        let schedule = MarginSchedule::new(instrument);
        let (notional, initial_margin) = self.admit(instrument, &schedule)?;
        let fee_entry = instrument.fee(self.qty, self.entry, rate(instrument, self.entry_as));
        let mark = instrument.mark_of(self.entry);
        let payment = instrument.funding(self.qty, mark, self.funding);
        let funding = payment.0.checked_mul(i64::from(self.funding_payments));
        let funding = Usd(funding.expect("funding of a bounded notional fits 64 bits"));
        let books = Books { instrument, trip: self, fee_entry, funding };
        let (gross, fee_exit) = books.exit_at(self.exit);
        let pool = match (self.margin, self.balance) {
            (MarginMode::Isolated, _) => initial_margin,
            (MarginMode::Cross, balance) => balance.expect("admitted with a balance") - fee_entry,
        };
        let levels = self.levels(&schedule, pool, mark);
        let levels_after_funding = self.levels(&schedule, pool + funding, mark);
        let exit_mark = instrument.mark_of(self.exit);
        Ok(Settled {
            notional,
            initial_margin,
            gross,
            fee_entry,
            fee_exit,
            funding,
            net: books.net_at(self.exit),
            levels,
            levels_after_funding,
            liquidated_first: is_lost(levels, mark)
                || is_lost(levels_after_funding, mark)
                || is_lost(levels_after_funding, exit_mark),
            break_even: books.break_even(price_max(instrument, self.qty)),
        })
    }

    /// Notional and initial margin, or why the venue would refuse it: its own checks, in its own order.
    fn admit(&self, instrument: &Instrument, schedule: &MarginSchedule) -> Result<(Usd, Usd), Unbookable> {
        if self.qty.abs() < instrument.qty_min.max(Qty(1)) {
            return Err(Unbookable::QuantityTooSmall);
        }
        let last = instrument.tiers.last().expect("an instrument has a tier");
        let too_large = Unbookable::PositionTooLarge(last.notional_max);
        if self.qty.abs() > Qty(schedule.lots_max()) {
            return Err(too_large);
        }
        let highest = price_max(instrument, self.qty);
        for price in [self.entry, self.exit] {
            match price.0 {
                ..=0 => return Err(Unbookable::PriceNotPositive),
                _ if price > highest => return Err(Unbookable::PriceTooHigh(highest)),
                _ => {}
            }
        }
        let notional = instrument.notional(self.qty.abs(), self.entry);
        if notional < instrument.notional_min {
            return Err(Unbookable::NotionalTooSmall(notional));
        }
        if notional > last.notional_max {
            return Err(too_large);
        }
        let leverage_max = instrument.tier(notional).leverage_max.min(instrument.leverage_max);
        if !(1..=leverage_max).contains(&self.leverage) {
            return Err(Unbookable::LeverageTooHigh { notional, leverage_max });
        }
        let margin = initial_margin(notional, self.leverage);
        let needed = margin + instrument.fee(self.qty, self.entry, instrument.fees.taker);
        match self.balance {
            None if self.margin == MarginMode::Cross => Err(Unbookable::NoBalance),
            Some(balance) if balance < needed => Err(Unbookable::BalanceTooSmall(needed)),
            _ => Ok((notional, margin)),
        }
    }

    fn levels(&self, schedule: &MarginSchedule, backing: Usd, from: Mark) -> LiquidationLevels {
        let mut position = Position::FLAT;
        position.fill(self.qty, self.entry);
        schedule.liquidation_levels(backing, &[position], from)
    }
}

impl Books<'_> {
    /// Gross profit and fee of leaving at `price`.
    fn exit_at(&self, price: Price) -> (Usd, Usd) {
        let mut position = Position::FLAT;
        position.fill(self.trip.qty, self.trip.entry);
        let gross = self.instrument.usd(position.fill(-self.trip.qty, price).profit);
        let fee = self.instrument.fee(self.trip.qty, price, rate(self.instrument, self.trip.exit_as));
        (gross, fee)
    }

    fn net_at(&self, price: Price) -> Usd {
        let (gross, fee_exit) = self.exit_at(price);
        gross - self.fee_entry - fee_exit + self.funding
    }

    /// The price next to which a tick against the position makes `net` negative. Between a price that earns the
    /// costs back and one that does not, halving ends at two neighbours.
    fn break_even(&self, highest: Price) -> Option<Price> {
        let (mut bad, mut good) = match Direction::adverse_to(self.trip.qty) {
            Some(Direction::Down) => (1, highest.0),
            _ => (highest.0, 1),
        };
        let earns = |price: i64| self.net_at(Price(price)) >= Usd::ZERO;
        if !earns(good) || earns(bad) {
            return None;
        }
        while (good - bad).abs() > 1 {
            let middle = bad + (good - bad) / 2;
            if earns(middle) { good = middle } else { bad = middle }
        }
        Some(Price(good))
    }
}

fn rate(instrument: &Instrument, liquidity: Liquidity) -> Rate {
    match liquidity {
        Liquidity::Maker => instrument.fees.maker,
        Liquidity::Taker => instrument.fees.taker,
    }
}

/// The highest price that this quantity's money is safe for.
fn price_max(instrument: &Instrument, qty: Qty) -> Price {
    let value = instrument.tick_lot_value();
    let tick_lots = i128::from(EXIT_NOTIONAL_MAX.0) * value.denominator / value.numerator;
    let by_money = tick_lots / i128::from(qty.0.abs().max(1));
    let by_mark = i128::from(MARK_MAX.0 / instrument.mark_per_tick());
    Price(i64::try_from(by_money.min(by_mark)).expect("a mark is 64 bits"))
}

fn is_lost(levels: LiquidationLevels, mark: Mark) -> bool {
    levels.below.is_some_and(|below| mark <= below) || levels.above.is_some_and(|above| mark >= above)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trip(qty: i64, entry: i64, exit: i64) -> RoundTrip {
        RoundTrip {
            qty: Qty(qty),
            entry: Price(entry),
            exit: Price(exit),
            entry_as: Liquidity::Taker,
            exit_as: Liquidity::Taker,
            leverage: 20,
            margin: MarginMode::Isolated,
            balance: None,
            funding: Rate::ZERO,
            funding_payments: 0,
        }
    }

    #[test]
    fn figures_that_bitget_recorded() {
        let instrument = Instrument::btcusdt();
        // 0.002 x 37355.5 / 20.
        let settled = trip(2, 373_555, 373_555).settle(&instrument).expect("bookable");
        assert_eq!(settled.initial_margin, Usd(3_735_550));
        // netProfit -0.0454261 = -0.0007 - 0.02236326 - 0.02236284, each rounded to a micro-USDT here.
        let settled = trip(1, 372_721, 372_714).settle(&instrument).expect("bookable");
        assert_eq!((settled.gross, settled.fee_entry), (Usd(-700), Usd(22_363)));
        assert_eq!(settled.net, Usd(-45_426));
        // breakEvenPrice 107539.2, which is cut to the tick: at the next one nothing is lost.
        let settled = trip(1_000, 1_074_103, 1_074_103).settle(&instrument).expect("bookable");
        assert_eq!(settled.break_even, Some(Price(1_075_393)));
    }

    #[test]
    fn prices_that_do_not_exist_are_none() {
        let instrument = Instrument::btcusdt();
        let unlevered = RoundTrip { leverage: 1, ..trip(100, 400_000, 410_000) };
        let settled = unlevered.settle(&instrument).expect("bookable");
        assert_eq!(settled.levels.above, None);
        let cross =
            RoundTrip { margin: MarginMode::Cross, balance: Some(Usd(5_000 * Usd::ONE.0)), ..unlevered };
        assert_eq!(cross.settle(&instrument).expect("bookable").levels, LiquidationLevels::default());
        // A short that paid more funding than it is worth cannot be won at any price.
        let drained = RoundTrip { funding: Rate::bps(-500), funding_payments: 30, ..trip(-100, 400_000, 1) };
        let settled = drained.settle(&instrument).expect("bookable");
        assert!(settled.net < Usd::ZERO && settled.break_even.is_none(), "{settled:?}");
    }
}
