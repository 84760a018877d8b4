//! Changing the settings of an account that is open: position mode, margin mode, leverage.
//!
//! The modes change only while nothing is held, rests or is on its way; the leverage whenever the margin it asks for is
//! there. Refuses to leave a position less backed than its leverage says.

use crate::account::Account;
use crate::books::Entry;
use crate::margin::initial_margin;
use model::{AccountMode, MarginMode, Mark, Usd};

/// Why the settings of an account stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeRefusal {
    /// A position, an order at rest or a request on its way depends on the mode.
    InUse,
    /// The instrument, or the tier of a position, allows less leverage.
    LeverageTooHigh,
    /// The free margin does not cover what the lower leverage asks for.
    InsufficientMargin,
}

impl Account {
    /// Changes the settings, or says why not; a refusal changes nothing.
    pub(crate) fn set_mode(&mut self, mode: AccountMode, mark: Mark) -> Result<(), ModeRefusal> {
        let old = self.settings.mode;
        let in_use = !self.is_flat() || !self.orders.is_empty() || !self.in_flight.is_empty();
        if in_use && (old.position, old.margin) != (mode.position, mode.margin) {
            return Err(ModeRefusal::InUse);
        }
        let instrument = &self.terms.instrument;
        if !(1..=instrument.leverage_max).contains(&mode.leverage) {
            return Err(ModeRefusal::LeverageTooHigh);
        }
        let costs = self.positions.map(|position| self.terms.usd(position.cost).abs());
        if costs.iter().any(|cost| cost.0 > 0 && instrument.tier(*cost).leverage_max < mode.leverage) {
            return Err(ModeRefusal::LeverageTooHigh);
        }
        let more = costs.map(|cost| initial_margin(cost, mode.leverage) - initial_margin(cost, old.leverage));
        let needed = more.iter().fold(Usd::ZERO, |sum, more| sum + (*more).max(Usd::ZERO));
        if self.free_margin(mark) < needed {
            return Err(ModeRefusal::InsufficientMargin);
        }
        self.settings.mode = mode;
        if mode.margin == MarginMode::Isolated {
            for (line, more) in more.into_iter().enumerate().filter(|(_, more)| more.0 > 0) {
                self.books.post(Entry::Wallet, Entry::Pool(line), more);
            }
        }
        self.refresh_levels(mark);
        self.refresh_bounds();
        Ok(())
    }
}
