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
                self.refresh_levels(line, mark);
            }
        }
        self.refresh_bounds();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::ModeRefusal::{InUse, InsufficientMargin, LeverageTooHigh};
    use crate::{AccountSettings, MarkBar, Models, Venue};
    use model::*;

    const ID: AccountId = AccountId(0);

    fn mode(position: PositionMode, margin: MarginMode, leverage: u16) -> AccountMode {
        AccountMode { position, margin, leverage }
    }

    /// An account that holds 0.1 bitcoin at 60 000, or nothing.
    fn venue(margin: MarginMode, lots: i64) -> Venue {
        let mut venue = Venue::new(Instrument::btcusdt());
        let mode = mode(PositionMode::OneWay, margin, 20);
        let balance = Usd(1_000 * Usd::ONE.0);
        venue.open_account(AccountSettings { id: ID, mode, balance, models: Models::NONE });
        let p = Price(600_000);
        let bar = Bar { open_time: Time(0), open: p, high: p, low: p, close: p, volume: 1.0 };
        let mark = MarkBar::from_basis(venue.instrument().mark_per_tick(), &bar, Mark::ZERO);
        venue.step(&bar, Interval::SECOND, mark);
        if lots > 0 {
            let id = OrderId { bot: BotId(0), epoch: 0, decision: 1, leg: Leg::Own };
            let order = OrderRequest {
                id,
                side: Side::Buy,
                position_side: PositionSide::Net,
                qty: Qty(lots),
                kind: OrderKind::Market,
                reduce_only: false,
                bracket: None,
                one_cancels_other: None,
            };
            venue.execute(venue.now(), ID, &Request::Place(order));
            assert!(matches!(venue.poll(), Some((Time(1_000), ID, Report::Filled(_)))), "answered at once");
            assert_eq!(venue.account(ID).position(PositionSide::Net).qty, Qty(lots));
        }
        venue
    }

    #[test]
    fn a_flat_account_takes_any_mode() {
        let mut venue = venue(MarginMode::Cross, 0);
        let wanted = mode(PositionMode::Hedge, MarginMode::Isolated, 125);
        assert_eq!(venue.set_mode(ID, wanted), Ok(()));
        assert_eq!(venue.account(ID).mode(), wanted);
        for leverage in [0, 126] {
            let none = mode(PositionMode::Hedge, MarginMode::Isolated, leverage);
            assert_eq!(venue.set_mode(ID, none), Err(LeverageTooHigh));
        }
    }

    #[test]
    fn a_position_holds_its_modes_and_may_change_its_leverage() {
        for (margin, other) in
            [(MarginMode::Cross, MarginMode::Isolated), (MarginMode::Isolated, MarginMode::Cross)]
        {
            let mut venue = venue(margin, 100);
            let mark = venue.mark();
            assert_eq!(venue.set_mode(ID, mode(PositionMode::Hedge, margin, 20)), Err(InUse));
            assert_eq!(venue.set_mode(ID, mode(PositionMode::OneWay, other, 20)), Err(InUse));
            // 6 000 of notional on 996.4 of money.
            assert_eq!(venue.set_mode(ID, mode(PositionMode::OneWay, margin, 6)), Err(InsufficientMargin));
            let before = venue.account(ID).free_margin(mark);
            assert_eq!(venue.set_mode(ID, mode(PositionMode::OneWay, margin, 10)), Ok(()));
            let freed = venue.account(ID).free_margin(mark) - before;
            assert_eq!(freed, Usd(-300 * Usd::ONE.0), "{margin:?}: twice the margin is set aside");
            assert!(venue.balanced());
        }
    }
}
