//! A position and its cost, exactly: opening, adding, reducing and flipping conserve every tick-lot.

use crate::{Price, Qty};

/// A signed quantity and what it cost, in tick-lots (ticks x lots, signed like the quantity).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    /// Signed quantity.
    pub qty: Qty,
    /// Sum of price x quantity of what is held; cost shares of closed parts are rounded to a tick-lot.
    pub cost: i128,
}

/// What a fill did to a position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Realised {
    /// Lots closed, unsigned.
    pub closed: Qty,
    /// Lots opened, unsigned.
    pub opened: Qty,
    /// Profit of the closed part in tick-lots.
    pub profit: i128,
}

impl Position {
    /// No position.
    pub const FLAT: Position = Position { qty: Qty::ZERO, cost: 0 };

    /// Whether nothing is held.
    #[inline]
    pub const fn is_flat(&self) -> bool {
        self.qty.0 == 0
    }

    /// Profit in tick-lots if it were closed at `price`.
    #[inline]
    pub fn unrealised(&self, price: Price) -> i128 {
        i128::from(self.qty.0) * i128::from(price.0) - self.cost
    }

    /// Average entry price in ticks, for display and statistics; zero when flat.
    pub fn entry_price_f64(&self) -> f64 {
        if self.is_flat() { 0.0 } else { self.cost as f64 / self.qty.0 as f64 }
    }

    /// Average entry price rounded to a tick; `None` when flat.
    pub fn entry_price(&self) -> Option<Price> {
        if self.is_flat() {
            return None;
        }
        let (cost, qty) = if self.qty.0 < 0 { (-self.cost, -self.qty.0) } else { (self.cost, self.qty.0) };
        let ticks = crate::div_round_half_away(cost, i128::from(qty));
        Some(Price(i64::try_from(ticks).expect("an average of prices is a price")))
    }

    /// Applies a signed fill.
    pub fn fill(&mut self, qty: Qty, price: Price) -> Realised {
        let before = self.unrealised(price);
        let mut realised = Realised::default();
        let reducing = self.qty.0.signum() * qty.0.signum() < 0;
        let closing = if reducing { qty.0.abs().min(self.qty.0.abs()) } else { 0 };
        if closing > 0 {
            let sign = self.qty.0.signum();
            let share = if closing == self.qty.0.abs() {
                self.cost
            } else {
                crate::div_round_half_away(self.cost * i128::from(closing), i128::from(self.qty.0.abs()))
            };
            let closed = i128::from(sign * closing);
            realised.profit = closed * i128::from(price.0) - share;
            realised.closed = Qty(closing);
            self.qty.0 -= sign * closing;
            self.cost -= share;
        }
        let opening = qty.0 - qty.0.signum() * closing;
        if opening != 0 {
            self.qty.0 += opening;
            self.cost += i128::from(opening) * i128::from(price.0);
            realised.opened = Qty(opening.abs());
        }
        assert!(!self.is_flat() || self.cost == 0, "a flat position costs nothing");
        assert_eq!(
            before,
            realised.profit + self.unrealised(price),
            "a fill conserves value at its own price"
        );
        realised
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn add_reduce_and_flip() {
        let mut p = Position::FLAT;
        assert_eq!(p.fill(Qty(2), Price(100)), Realised { opened: Qty(2), ..Realised::default() });
        p.fill(Qty(1), Price(103));
        assert_eq!(p.cost, 303);
        let r = p.fill(Qty(-1), Price(110));
        assert_eq!((r.closed, r.profit), (Qty(1), 9));
        let r = p.fill(Qty(-5), Price(90));
        assert_eq!((r.closed, r.opened, r.profit), (Qty(2), Qty(3), -22));
        assert_eq!(p, Position { qty: Qty(-3), cost: -270 });
        assert_eq!(p.entry_price(), Some(Price(90)));
    }
}
