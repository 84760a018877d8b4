//! The forced close: the venue takes a position over when its margin no longer carries it.
//!
//! Where it happens was decided on the walk. What is left of the pool behind it is seized, and a deficit is
//! covered, so that the pool always ends at exactly zero.

use crate::account::line_of;
use crate::books::Entry;
use crate::path::Walk;
use model::{CancelReason, MarginMode, Price, Report, Usd};

impl Walk<'_> {
    /// Closes what hangs on the margin of `line` at `price`: that position if isolated, all of them if cross.
    pub(crate) fn liquidate(&mut self, line: usize, price: Price) {
        match self.account.settings.mode.margin {
            MarginMode::Isolated => {
                self.cancel_where(CancelReason::Liquidated, |order| line_of(order.position_side) == line);
                self.take_over(line, price, Some(Entry::Pool(line)));
            }
            MarginMode::Cross => {
                self.cancel_where(CancelReason::Liquidated, |_| true);
                let held = self.account.positions.map(|position| !position.is_flat());
                // The last leg to go settles the wallet both of them lived on.
                let last = if held[1] { 1 } else { 0 };
                for (line, _) in held.iter().enumerate().filter(|(_, held)| **held) {
                    self.take_over(line, price, (line == last).then_some(Entry::Wallet));
                }
            }
        }
        self.account.refresh_levels(line, self.mark);
    }

    fn take_over(&mut self, line: usize, price: Price, settled: Option<Entry>) {
        let terms = self.terms;
        let account = &mut *self.account;
        let backing = match account.settings.mode.margin {
            MarginMode::Isolated => Entry::Pool(line),
            MarginMode::Cross => Entry::Wallet,
        };
        let qty = -account.positions[line].qty;
        assert!(qty.0 != 0, "only a position can be taken over");
        let profit = account.positions[line].fill(qty, price).profit;
        let fee = terms.fee(qty, price, terms.liquidation);
        account.books.post(Entry::Trade, backing, terms.usd(profit));
        account.books.post(backing, Entry::Fee, fee);
        let settlement = settled.map_or(Usd::ZERO, |entry| -account.books.balance(entry));
        account.books.post(Entry::Liquidation, backing, settlement);
        if let Some(entry) = settled {
            assert!(
                account.books.balance(entry) == Usd::ZERO,
                "what backed a lost position is gone, to the unit"
            );
        }
        let position_side = account.side_of(line);
        self.report(Report::Liquidated { position_side, qty, price, fee, settlement });
    }
}
