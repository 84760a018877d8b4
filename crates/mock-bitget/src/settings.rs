//! What an owner may change of his account: position mode, margin mode, leverage; and money between accounts.
//!
//! Modes change only while nothing depends on them, for that is what keeps adapters honest. Refuses with the codes of
//! the reference.

use crate::exchange::{Exchange, Happening};
use crate::records::BillKind;
use crate::refusal::Refusal;
use crate::setup::Generation;
use model::{AccountMode, MarginMode, PositionMode, Usd};
use venue::ModeRefusal;

impl Exchange {
    fn set_mode(&mut self, user: usize, symbol: usize, mode: AccountMode) -> Result<(), Refusal> {
        let generation = self.generation(user);
        let account = self.users[user].account;
        self.gather(user, symbol);
        self.listings[symbol].venue.set_mode(account, mode).map_err(|refusal| {
            match (refusal, generation) {
                (ModeRefusal::InUse, _) => in_use(),
                (ModeRefusal::LeverageTooHigh, Generation::V2) => {
                    Refusal::new("40797", "Exceeded the maximum settable leverage")
                }
                (ModeRefusal::LeverageTooHigh, Generation::V3) => {
                    Refusal::new("25223", "Exceeded the maximum settable leverage")
                }
                (ModeRefusal::InsufficientMargin, Generation::V2) => {
                    Refusal::new("45044", "The margin does not suffice for that leverage")
                }
                (ModeRefusal::InsufficientMargin, Generation::V3) => {
                    Refusal::new("25228", "The margin does not suffice for that leverage")
                }
            }
        })?;
        self.users[user].modes[symbol] = mode;
        self.happened.push(Happening::Money(user));
        Ok(())
    }

    pub(crate) fn set_leverage(&mut self, user: usize, symbol: usize, leverage: u16) -> Result<(), Refusal> {
        let mode = AccountMode { leverage, ..self.users[user].modes[symbol] };
        self.set_mode(user, symbol, mode)
    }

    pub(crate) fn set_margin_mode(
        &mut self,
        user: usize,
        symbol: usize,
        margin: MarginMode,
    ) -> Result<(), Refusal> {
        let old = self.users[user].modes[symbol];
        if old.margin != margin && self.users[user].is_in_use(Some(symbol)) {
            return Err(in_use());
        }
        self.set_mode(user, symbol, AccountMode { margin, ..old })
    }

    /// Position mode is one for all symbols.
    pub(crate) fn set_position_mode(&mut self, user: usize, position: PositionMode) -> Result<(), Refusal> {
        let same = self.users[user].modes.iter().all(|mode| mode.position == position);
        if !same && self.users[user].is_in_use(None) {
            return Err(Refusal::new(
                "40920",
                "Position mode cannot be changed while positions or orders exist",
            ));
        }
        for symbol in 0..self.listings.len() {
            let mode = AccountMode { position, ..self.users[user].modes[symbol] };
            self.set_mode(user, symbol, mode)?;
        }
        Ok(())
    }

    /// Money into (or, negative, out of) an account's futures.
    pub(crate) fn fund(&mut self, user: usize, amount: Usd) -> Result<(), Refusal> {
        self.gather(user, 0);
        let account = self.users[user].account;
        if !self.listings[0].venue.transfer(account, amount) {
            return Err(Refusal::new("43012", "Insufficient balance"));
        }
        let kind = if amount.0 >= 0 { BillKind::In } else { BillKind::Out };
        self.bill(user, None, kind, amount, Usd::ZERO, self.now);
        Ok(())
    }
}

fn in_use() -> Refusal {
    Refusal::new("45117", "Currently holding positions or orders, the margin mode cannot be adjusted")
}
