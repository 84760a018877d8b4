//! What a venue does to an account of its own accord: seizing it, deleveraging it. Faults that are made on demand.
//!
//! They happen between bars, at an instant without a trade, through the very code of fills and forced closes. They
//! refuse to leave anybody in debt, and to touch an account that holds nothing.

use crate::path::Walk;
use model::{PositionMode, Price, Qty, Report, Usd};

impl Walk<'_> {
    /// Liquidates whatever is held at the present mark, rounded to a tick against the position.
    pub(crate) fn seize(&mut self) {
        for line in self.account.lines() {
            // The first line of a cross account takes the second with it.
            let Some(adverse) = self.adverse(line) else { continue };
            let price = self.price_of(self.mark, adverse);
            self.liquidate(line, price.max(Price(1)));
        }
    }

    /// Closes up to `lots` of a line at `price` without a fee. Returns what it closed: nothing where that would leave
    /// a debt, for only who can pay is deleveraged.
    pub(crate) fn deleverage(&mut self, line: usize, lots: Qty, price: Price) -> Qty {
        let held = self.account.positions[line].qty;
        let closed = lots.min(held.abs());
        let qty = Qty(-held.0.signum() * closed.0);
        if closed.0 == 0 || self.leaves_debt(line, qty, price, Usd::ZERO) {
            return Qty::ZERO;
        }
        let realised = self.account.positions[line].fill(qty, price);
        assert!(
            realised.closed == closed && realised.opened.0 == 0,
            "a position is deleveraged towards nothing, never beyond"
        );
        self.account.post_fill(line, held, &realised, price, Usd::ZERO);
        let position_side = self.account.side_of(line);
        self.report(Report::Deleveraged { position_side, qty, price });
        self.account.refresh_levels(line, self.mark);
        self.end_exits_of(line);
        if self.account.settings.mode.position == PositionMode::OneWay {
            self.fit_brackets(line, None);
        }
        closed
    }
}
