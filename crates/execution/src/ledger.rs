//! A bot's own books: its virtual sub-account. The venue keeps its own; the two must agree to the unit.

use crate::books::{Books, Posting};
use crate::trade::{EntryContext, ExitReason, OpenTrade, Trade};
use model::{Fill, Instrument, Liquidity, Position, Price, Qty, Side, StateHash, Time, Usd};

/// Money, position and the round trip in progress.
#[derive(Clone, Debug)]
pub struct Ledger {
    books: Books,
    position: Position,
    open: Option<OpenTrade>,
    trades: u32,
    fills: u64,
}

model::state!(Ledger { books, position, open, trades, fills } if |ledger| {
    ledger.open.is_none() == ledger.position.is_flat() && (!ledger.position.is_flat() || ledger.position.cost == 0)
});

impl Ledger {
    /// Books opened with a transfer of `capital`.
    pub fn new(capital: Usd) -> Ledger {
        let mut books = Books::default();
        books.post(Posting::Transfer, capital);
        Ledger { books, position: Position::FLAT, open: None, trades: 0, fills: 0 }
    }

    /// The double-entry books.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// What is held.
    #[inline]
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// The round trip in progress.
    pub fn open_trade(&self) -> Option<&OpenTrade> {
        self.open.as_ref()
    }

    /// Finished round trips.
    pub fn trades(&self) -> u32 {
        self.trades
    }

    /// Fills heard.
    pub fn fills(&self) -> u64 {
        self.fills
    }

    /// Wallet plus unrealised profit at a traded price.
    pub fn equity(&self, instrument: &Instrument, price: Price) -> Usd {
        if self.position.is_flat() {
            return self.books.wallet();
        }
        self.books.wallet() + instrument.usd(self.position.unrealised(price))
    }

    /// Books a fill. `entry` describes the decision behind it, `reason` why a position it closes is left.
    /// Returns the round trip it finishes.
    pub fn on_fill(
        &mut self,
        now: Time,
        instrument: &Instrument,
        fill: &Fill,
        entry: EntryContext,
        reason: ExitReason,
    ) -> Option<Trade> {
        self.fills += 1;
        let realised = self.position.fill(fill.qty, fill.price);
        let profit = instrument.usd(realised.profit);
        self.books.post(Posting::Trade, profit);
        self.books.post(Posting::Fee, -fill.fee);
        let close_fee = closing_share(instrument, fill, realised.closed, realised.opened);
        let mut finished = None;
        if realised.closed.0 > 0 {
            let trade = self.open.as_mut().expect("a position that shrinks has a round trip");
            trade.closed += realised.closed;
            trade.exit_cost += i128::from(realised.closed.0) * i128::from(fill.price.0);
            trade.gross += profit;
            trade.fees += close_fee;
            if trade.closed == trade.opened {
                let reason = if realised.opened.0 > 0 { ExitReason::TurnAround } else { reason };
                finished = self.finish(now, reason);
            }
        }
        if realised.opened.0 > 0 {
            self.add(now, fill, realised.opened, fill.fee - close_fee, entry);
        }
        assert_eq!(
            self.open.is_none(),
            self.position.is_flat(),
            "a round trip lasts as long as its position"
        );
        finished
    }

    fn add(&mut self, now: Time, fill: &Fill, opened: Qty, fee: Usd, entry: EntryContext) {
        let side = Side::of(fill.qty).expect("a fill has a quantity");
        let trade = self.open.get_or_insert(OpenTrade {
            entry,
            side,
            entered_at: now,
            opened: Qty::ZERO,
            entry_cost: 0,
            closed: Qty::ZERO,
            exit_cost: 0,
            gross: Usd::ZERO,
            fees: Usd::ZERO,
            funding: Usd::ZERO,
        });
        trade.opened += opened;
        trade.entry_cost += i128::from(opened.0) * i128::from(fill.price.0);
        trade.fees += fee;
    }

    fn finish(&mut self, now: Time, reason: ExitReason) -> Option<Trade> {
        let position = self.open.take()?;
        self.trades += 1;
        Some(Trade { position, exited_at: now, reason })
    }

    /// Books what a close that nobody reported brought more or less than was thought.
    pub fn on_adjusted(&mut self, amount: Usd) {
        self.books.post(Posting::Trade, amount);
    }

    /// Books money moved inside the account: received +, given -.
    pub fn on_transfer(&mut self, amount: Usd) {
        self.books.post(Posting::Transfer, amount);
    }

    /// Books a funding payment on the position held.
    pub fn on_funding(&mut self, amount: Usd) {
        self.books.post(Posting::Funding, amount);
        if let Some(trade) = &mut self.open {
            trade.funding += amount;
        }
    }

    /// Books money that the venue took where it took nothing over that is held here: somebody else's position was backed by it.
    pub fn on_seized(&mut self, settlement: Usd) {
        self.books.post(Posting::Liquidation, settlement);
    }

    /// Books the venue's takeover of (part of) the position.
    pub fn on_liquidated(
        &mut self,
        now: Time,
        instrument: &Instrument,
        fill: &Fill,
        settlement: Usd,
        entry: EntryContext,
    ) -> Option<Trade> {
        // What the venue seizes or covers belongs to this round trip, so it is booked before the trip ends.
        self.books.post(Posting::Liquidation, settlement);
        if let Some(trade) = &mut self.open {
            trade.gross += settlement;
        }
        self.on_fill(now, instrument, fill, entry, ExitReason::Liquidation)
    }

    /// The position in progress as a trade marked at `price`: what a report prints when the data ends. Posts nothing.
    pub fn marked_trade(&self, now: Time, instrument: &Instrument, price: Price) -> Option<Trade> {
        let mut position = self.open?;
        let left = self.position.qty.abs();
        position.gross += instrument.usd(self.position.unrealised(price));
        position.exit_cost += i128::from(left.0) * i128::from(price.0);
        position.closed += left;
        Some(Trade { position, exited_at: now, reason: ExitReason::EndOfData })
    }

    /// Adds the ledger to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        self.books.hash(hash);
        hash.int(self.position.qty.0);
        hash.word(self.position.cost as u64);
        hash.word(u64::from(self.trades));
        hash.word(self.fills);
    }
}

/// The part of a fill's fee that its closing part bears: what that part alone would have cost, so that a
/// turn-around is split the way its two halves would be; the opening part bears the rest of the one posting.
fn closing_share(instrument: &Instrument, fill: &Fill, closed: Qty, opened: Qty) -> Usd {
    if opened.0 == 0 {
        return fill.fee;
    }
    if closed.0 == 0 {
        return Usd::ZERO;
    }
    let rate = match fill.liquidity {
        Liquidity::Maker => instrument.fees.maker,
        Liquidity::Taker => instrument.fees.taker,
    };
    let alone = instrument.fee(closed, fill.price, rate);
    // A turn-around of equal halves is the common one: its whole fee need not be worked out again to be known.
    if (closed == opened && (alone.0 * 2 - fill.fee.0).abs() <= 1)
        || instrument.fee(fill.qty, fill.price, rate) == fill.fee
    {
        return alone;
    }
    let whole = i128::from((closed + opened).0);
    let share = model::div_round_half_away(i128::from(fill.fee.0) * i128::from(closed.0), whole);
    Usd(i64::try_from(share).expect("a share of a fee fits where the fee fits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BotId, Leg, OrderId, PositionSide};

    const ENTRY: EntryContext =
        EntryContext::plain(OrderId { bot: BotId(0), epoch: 0, decision: 1, leg: Leg::Own });

    fn fill(instrument: &Instrument, qty: i64, price: i64) -> Fill {
        Fill {
            id: ENTRY.id,
            position_side: PositionSide::Net,
            qty: Qty(qty),
            price: Price(price),
            fee: instrument.fee(Qty(qty), Price(price), instrument.fees.taker),
            liquidity: Liquidity::Taker,
            remaining: Qty::ZERO,
        }
    }

    #[test]
    fn a_turn_around_is_one_fill_and_ends_one_trade() {
        let instrument = Instrument::btcusdt();
        let mut ledger = Ledger::new(Usd(10_000 * Usd::ONE.0));
        let turn = ExitReason::Signal;
        assert!(
            ledger.on_fill(Time(0), &instrument, &fill(&instrument, 100, 400_000), ENTRY, turn).is_none()
        );
        let trade = ledger.on_fill(Time(1), &instrument, &fill(&instrument, -200, 410_000), ENTRY, turn);
        let trade = trade.expect("the long is closed");
        assert_eq!(trade.reason, ExitReason::TurnAround);
        assert_eq!(trade.position.gross, Usd(100 * Usd::ONE.0));
        // 0.1 x 40 000 x 0.0006 in, 0.1 x 41 000 x 0.0006 out.
        assert_eq!(trade.position.fees, Usd(2_400_000 + 2_460_000));
        assert_eq!(ledger.fills(), 2);
        let short = ledger.open_trade().expect("turned around");
        assert_eq!((short.side, short.fees), (Side::Sell, Usd(2_460_000)));
        // Equity identity at any price.
        let marked = ledger.marked_trade(Time(2), &instrument, Price(405_000)).expect("still open");
        let equity = ledger.equity(&instrument, Price(405_000));
        assert_eq!(equity, Usd(10_000 * Usd::ONE.0) + trade.net() + marked.net());
    }
}
