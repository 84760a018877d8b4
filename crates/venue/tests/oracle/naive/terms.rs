//! What an instrument's numbers come to, as plain fractions of 128 bits: nothing is cancelled, cached or bounded ahead.
//!
//! Written from the units alone (a tick, a lot, a mark of 1e-10, a rate of 1e-12, a micro-USDT). It refuses to use the
//! venue's or the model's own conversions, which it is there to doubt.

use model::{Instrument, Price, Qty, Rate, RejectReason, Side};
use venue::margin::{MARK_MAX, MarginSchedule};

const RATE_ONE: i128 = 1_000_000_000_000;

/// A position: signed lots and what they cost in tick-lots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub qty: i128,
    pub cost: i128,
}

/// What a fill did.
pub struct Done {
    pub closed: i128,
    pub opened: i128,
    /// In tick-lots.
    pub profit: i128,
}

impl Held {
    /// Closes first, at a share of the cost that is rounded to a tick-lot; what is left of the fill opens.
    pub fn fill(&mut self, qty: i128, price: i128) -> Done {
        let closed = self.closable(qty);
        let mut done = Done { closed, opened: qty.abs() - closed, profit: 0 };
        if closed > 0 {
            let share = round_half_away(self.cost * closed, self.qty.abs());
            let signed = self.qty.signum() * closed;
            done.profit = signed * price - share;
            self.qty -= signed;
            self.cost -= share;
        }
        let opening = qty.signum() * done.opened;
        self.qty += opening;
        self.cost += opening * price;
        done
    }

    /// Lots that a signed fill would close.
    pub fn closable(&self, qty: i128) -> i128 {
        if self.qty.signum() == -qty.signum() { qty.abs().min(self.qty.abs()) } else { 0 }
    }
}

/// The nearest whole number, ties away from zero.
pub fn round_half_away(numerator: i128, denominator: i128) -> i128 {
    let below = numerator.abs() / denominator;
    let rest = numerator.abs() - below * denominator;
    (if 2 * rest >= denominator { below + 1 } else { below }) * numerator.signum()
}

/// The least whole number that is not less.
pub fn round_up(numerator: i128, denominator: i128) -> i128 {
    let whole = numerator.div_euclid(denominator);
    if whole * denominator == numerator { whole } else { whole + 1 }
}

/// An instrument and its conversions.
pub struct Terms {
    pub instrument: Instrument,
    pub mark_per_tick: i128,
    pub price_max: i128,
    pub qty_max: i128,
}

fn power(decimals: u32) -> i128 {
    10_i128.pow(decimals)
}

impl Terms {
    pub fn new(instrument: Instrument) -> Terms {
        let mark_per_tick =
            i128::from(instrument.tick.mantissa) * power(10 - u32::from(instrument.tick.decimals));
        Terms {
            mark_per_tick,
            // How far its arithmetic is safe is the venue's own to say.
            price_max: i128::from(MARK_MAX.0) / mark_per_tick,
            qty_max: i128::from(MarginSchedule::new(&instrument).lots_max()),
            instrument,
        }
    }

    /// Tick-lots times a rate as micro-USDT: numerator and denominator.
    fn fraction(&self, tick_lots: i128, rate: i128) -> (i128, i128) {
        let i = &self.instrument;
        let steps = i128::from(i.tick.mantissa) * i128::from(i.lot.mantissa);
        let decimals = u32::from(i.tick.decimals) + u32::from(i.lot.decimals);
        // Micro-USDT: six more decimals.
        (tick_lots * steps * rate * power(6), power(decimals) * RATE_ONE)
    }

    /// Micro-USDT of tick-lots, rounded once.
    pub fn micros(&self, tick_lots: i128) -> i128 {
        let (numerator, denominator) = self.fraction(tick_lots, 1);
        round_half_away(numerator, denominator / RATE_ONE)
    }

    pub fn notional(&self, lots: i128, price: i128) -> i128 {
        self.micros(lots.abs() * price)
    }

    pub fn fee(&self, lots: i128, price: i128, rate: Rate) -> i128 {
        let (numerator, denominator) = self.fraction(lots.abs() * price, i128::from(rate.0));
        round_half_away(numerator, denominator)
    }

    /// What one lot is worth at a mark of one unit, in micro-USDT: `lot / scale`.
    fn mark_lot(&self) -> (i128, i128) {
        (i128::from(self.instrument.lot.mantissa), power(u32::from(self.instrument.lot.decimals) + 4))
    }

    pub fn unrealised(&self, held: &Held, mark: i128) -> i128 {
        let (lot, scale) = self.mark_lot();
        round_half_away((held.qty * mark - held.cost * self.mark_per_tick) * lot, scale)
    }

    pub fn funding(&self, qty: i128, mark: i128, rate: Rate) -> i128 {
        let (lot, scale) = self.mark_lot();
        -round_half_away(qty * mark * lot * i128::from(rate.0), scale * RATE_ONE)
    }

    /// Rate and deduction of the tier in which a position lies at a mark, its notional not rounded.
    fn tier(&self, qty: i128, mark: i128) -> (i128, i128) {
        let (lot, scale) = self.mark_lot();
        let tiers = &self.instrument.tiers;
        let within = tiers.iter().find(|t| qty.abs() * mark * lot <= i128::from(t.notional_max.0) * scale);
        let tier = within.unwrap_or_else(|| tiers.last().expect("an instrument has a tier"));
        (i128::from(tier.maintenance.0), i128::from(tier.deduction.0))
    }

    pub fn maintenance(&self, held: &Held, mark: i128) -> i128 {
        if held.qty == 0 {
            return 0;
        }
        let (lot, scale) = self.mark_lot();
        let (rate, deduction) = self.tier(held.qty, mark);
        let exact = held.qty.abs() * mark * lot * rate - deduction * scale * RATE_ONE;
        round_up(exact, scale * RATE_ONE).max(0)
    }

    /// Whether a purse with these positions is lost at a mark: what it is worth does not exceed what is required and
    /// the fee of the forced close.
    pub fn is_lost(&self, purse: i128, held: &[Held], mark: i128) -> bool {
        let (lot, scale) = self.mark_lot();
        let liquidation = i128::from(self.instrument.fees.liquidation.0);
        let mut excess = purse * scale * RATE_ONE;
        for position in held.iter().filter(|position| position.qty != 0) {
            let (rate, deduction) = self.tier(position.qty, mark);
            excess += (position.qty * mark - position.cost * self.mark_per_tick) * lot * RATE_ONE;
            excess -= position.qty.abs() * mark * lot * (rate + liquidation) - deduction * scale * RATE_ONE;
        }
        held.iter().any(|position| position.qty != 0) && excess <= 0
    }

    /// Whether it is lost at any mark of a range. Between two edges of tiers the excess is a straight line, which is
    /// lowest at one of its ends.
    pub fn is_lost_within(&self, purse: i128, held: &[Held], low: i128, high: i128) -> bool {
        let (lot, scale) = self.mark_lot();
        let ends = held.iter().filter(|position| position.qty != 0).flat_map(|position| {
            let size = position.qty.abs() * lot;
            self.instrument.tiers.iter().map(move |tier| i128::from(tier.notional_max.0) * scale / size)
        });
        let edges = ends.flat_map(|edge| [edge, edge + 1]).filter(|mark| (low..=high).contains(mark));
        edges.chain([low, high]).any(|mark| self.is_lost(purse, held, mark))
    }

    pub fn initial_margin(&self, notional: i128, leverage: u16) -> i128 {
        round_up(notional.abs(), i128::from(leverage))
    }

    /// Slippage is a fraction of the price, in whole ticks, against who takes.
    pub fn slipped(&self, price: i128, side: Side, slippage: Rate) -> i128 {
        let ticks = round_up(price * i128::from(slippage.0), RATE_ONE);
        (price + i128::from(side.sign()) * ticks).max(1)
    }

    pub fn leverage_max_at(&self, notional: i128) -> u16 {
        let tiers = &self.instrument.tiers;
        let within = tiers.iter().find(|tier| notional <= i128::from(tier.notional_max.0));
        within.unwrap_or_else(|| tiers.last().expect("an instrument has a tier")).leverage_max
    }

    pub fn check_price(&self, price: Price) -> Result<(), RejectReason> {
        if price.0 <= 0 {
            Err(RejectReason::PriceNotPositive)
        } else if i128::from(price.0) > self.price_max {
            Err(RejectReason::PositionTooLarge)
        } else {
            Ok(())
        }
    }

    /// Lots a bar's volume leaves to one account.
    pub fn budget(&self, volume: f64, share: Rate) -> i128 {
        let lots_per_coin =
            power(u32::from(self.instrument.lot.decimals)) as f64 / self.instrument.lot.mantissa as f64;
        ((volume * (share.0 as f64 / 1e12) * lots_per_coin).floor() as i128).max(0)
    }
}

/// Signed lots of an order.
pub fn signed(side: Side, lots: Qty) -> i128 {
    i128::from(side.sign()) * i128::from(lots.0)
}
