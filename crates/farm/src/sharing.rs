//! One account, several bots: what the venue says of the whole lands in the right bot's ledger, and the sub-ledgers sum to
//! the account, to the unit, after every report.
//!
//! A line of a shared account is one position to the venue. A bot that closes more than it has (its stop and its own close
//! both filled) has taken somebody else's lots: those are settled between the two at the price of that fill, and who
//! lost lots leaves the rest. Lots that no bot can have asked for are nobody's, and stop everybody. It refuses to let a report of one bot's order reach another's books unsaid.

use crate::accounts::{Mirror, Shares};
use crate::action::{Action, Actions};
use crate::bot::Bot;
use crate::flock::Farm;
use execution::Posting;
use model::{
    AccountId, BotId, Fill, Instrument, Leg, Liquidity, OrderId, Position, PositionSide, Price, Qty, Report,
    Time, Usd,
};

/// Lots a bot holds on a line, unsigned.
fn lots(bot: &Bot, side: PositionSide) -> i64 {
    let held = bot.ledger().position().qty.0;
    match side {
        PositionSide::Net => held.abs(),
        PositionSide::Long => held.max(0),
        PositionSide::Short => (-held).max(0),
    }
}

/// Whether a bot holds the other side: its books are net, and cannot hold both.
fn against(bot: &Bot, side: PositionSide) -> bool {
    !bot.ledger().position().is_flat() && lots(bot, side) == 0
}

/// Whether a report cannot be about a line of a hedged account.
fn names_no_line(report: &Report) -> bool {
    match report {
        Report::Filled(fill) => fill.position_side == PositionSide::Net || fill.qty.0 == 0,
        Report::Funding { position_side, .. }
        | Report::Liquidated { position_side, .. }
        | Report::Deleveraged { position_side, .. } => *position_side == PositionSide::Net,
        _ => false,
    }
}

/// Whether a fill shrinks its line.
fn closes(fill: &Fill) -> bool {
    match fill.position_side {
        PositionSide::Net | PositionSide::Long => fill.qty.0 < 0,
        PositionSide::Short => fill.qty.0 > 0,
    }
}

impl Farm {
    /// Hears what the venue says of an account.
    pub(crate) fn hear_account(&mut self, now: Time, id: AccountId, report: &Report, out: &mut Actions) {
        // A report for an account that is not here is another process's; it changes nothing.
        let Some(at) = self.accounts.iter().position(|account| account.id == id) else { return };
        if self.halted_at.is_some() && matches!(report, Report::Filled(_)) {
            (self.accounts[at].verified, self.flat_at) = (false, None);
        }
        if let Report::Filled(fill) = report
            && let Some(bot) = self.roster.bot_mut(fill.id.bot).filter(|bot| bot.account() == id)
        {
            bot.watch_fill(now, fill, self.last, out);
        }
        if self.accounts[at].mirror.is_none() {
            let Farm { instrument, roster, .. } = self;
            if let Some(bot) = roster.bots_mut().iter_mut().find(|bot| bot.account() == id) {
                bot.on_report(now, instrument, report, out);
            }
            return;
        }
        if names_no_line(report) {
            return self.alarm_account(now, id, out);
        }
        match *report {
            Report::Filled(ref fill) => self.share_fill(now, at, fill, out),
            Report::Funding { .. } => self.share_funding(now, at, report, out),
            Report::Liquidated { .. } | Report::Deleveraged { .. } => {
                self.share_takeover(now, at, report, out);
            }
            Report::Accepted { id: of }
            | Report::Rejected { id: of, .. }
            | Report::Triggered { id: of }
            | Report::Cancelled { id: of, .. }
            | Report::Amended { id: of, .. } => {
                let is_over = matches!(report, Report::Rejected { .. } | Report::Cancelled { .. });
                let account = &mut self.accounts[at];
                if is_over && account.stray_order == Some(of) {
                    account.stray_order = None;
                }
                let Farm { instrument, roster, .. } = self;
                if let Some(bot) = roster.bot_mut(of.bot).filter(|bot| bot.account() == id) {
                    bot.on_report(now, instrument, report, out);
                }
            }
        }
        self.assert_sums(at);
    }

    fn on_account(&mut self, at: usize) -> (&Instrument, impl Iterator<Item = &mut Bot>) {
        let Farm { instrument, roster, accounts, .. } = self;
        let id = accounts[at].id;
        (instrument, roster.bots_mut().iter_mut().filter(move |bot| bot.account() == id))
    }

    fn mirror(&mut self, at: usize) -> (&Instrument, &mut Mirror) {
        let mirror = self.accounts[at].mirror.as_mut().expect("a shared account has a mirror");
        (&self.instrument, mirror)
    }

    fn share_fill(&mut self, now: Time, at: usize, fill: &Fill, out: &mut Actions) {
        let (instrument, mirror) = self.mirror(at);
        mirror.fill(instrument, fill);
        let side = fill.position_side;
        if self.fills_stray(now, at, fill, out) {
            return;
        }
        let (instrument, bots) = self.on_account(at);
        let mut bots: Vec<&mut Bot> = bots.collect();
        let (asked, sign) = (fill.qty.0.abs(), fill.qty.0.signum());
        let own = bots.iter().position(|bot| bot.id() == fill.id.bot);
        let own_lots = own.map_or(0, |own| match closes(fill) {
            true => asked.min(lots(bots[own], side)),
            false if against(bots[own], side) => 0,
            false => asked,
        });
        if let (Some(own), true) = (own, own_lots == asked) {
            return bots[own].on_report(now, instrument, &Report::Filled(*fill), out);
        }
        let mut fees = Shares::of(fill.fee.0, asked);
        let mut part = |lots: i64| Fill { qty: Qty(lots * sign), fee: Usd(fees.next(lots)), ..*fill };
        if let Some(own) = own {
            bots[own].on_overshoot(now, instrument, &part(own_lots), out);
        }
        let mut left = asked - own_lots;
        // What was closed too much was somebody else's: of who has most, and the first of those.
        while closes(fill) && left > 0 {
            let most = bots.iter_mut().max_by_key(|bot| (lots(bot, side), std::cmp::Reverse(bot.id())));
            let Some(other) = most.filter(|bot| lots(bot, side) > 0) else { break };
            let taken = left.min(lots(other, side));
            other.on_crossed(now, instrument, &part(taken), out);
            left -= taken;
        }
        if left > 0 {
            let stray = part(left);
            self.on_stray(now, at, side, &stray, out);
        }
    }

    /// What closes lots that are nobody's: the account's own order, or one that its bot does not know.
    fn fills_stray(&mut self, now: Time, at: usize, fill: &Fill, out: &mut Actions) -> bool {
        let account = &mut self.accounts[at];
        let is_ours = account.stray_order == Some(fill.id);
        if is_ours && fill.remaining.0 == 0 {
            account.stray_order = None;
        }
        let strays = account.stray_lots(fill.position_side);
        let bot = self.roster.bots().iter().find(|bot| bot.id() == fill.id.bot);
        let unknown = bot.is_none_or(|bot| bot.orders().get(fill.id).is_none());
        if !closes(fill) || !(is_ours || unknown) || strays < fill.qty.0.abs() {
            return false;
        }
        let Farm { instrument, accounts, roster, .. } = self;
        accounts[at].stray(instrument, fill.position_side, fill);
        if let Some(bot) = roster.bot_mut(fill.id.bot) {
            bot.on_overshoot(now, instrument, &Fill { qty: Qty::ZERO, fee: Usd::ZERO, ..*fill }, out);
        }
        true
    }

    /// Lots that no bot asked for: nobody opens any more until somebody has looked.
    fn on_stray(&mut self, now: Time, at: usize, side: PositionSide, part: &Fill, out: &mut Actions) {
        let Farm { instrument, accounts, .. } = self;
        accounts[at].stray(instrument, side, part);
        let id = accounts[at].id;
        self.alarm_account(now, id, out);
        out.push(Action::Verify(id));
    }

    fn share_funding(&mut self, now: Time, at: usize, report: &Report, out: &mut Actions) {
        let Report::Funding { position_side: side, mark, rate, amount, .. } = *report else { return };
        self.mirror(at).1.wallet += amount;
        let strays = self.accounts[at].stray_lots(side);
        let (instrument, bots) = self.on_account(at);
        let mut bots: Vec<&mut Bot> = bots.filter(|bot| lots(bot, side) > 0).collect();
        let held: i64 = bots.iter().map(|bot| lots(bot, side)).sum::<i64>() + strays;
        if held == 0 {
            return self.accounts[at].post(Posting::Funding, amount);
        }
        let mut shares = Shares::of(amount.0, held);
        for bot in &mut bots {
            let amount = Usd(shares.next(lots(bot, side)));
            let position = bot.ledger().position().qty;
            let report = Report::Funding { position_side: side, position, mark, rate, amount };
            bot.on_report(now, instrument, &report, out);
        }
        self.accounts[at].post(Posting::Funding, Usd(shares.next(strays)));
    }

    /// The venue took a line over, or a part of it: everybody loses the same part.
    fn share_takeover(&mut self, now: Time, at: usize, report: &Report, out: &mut Actions) {
        let (side, qty, price, fee, settlement) = match *report {
            Report::Liquidated { position_side, qty, price, fee, settlement } => {
                (position_side, qty, price, fee, settlement)
            }
            Report::Deleveraged { position_side, qty, price } => {
                (position_side, qty, price, Usd::ZERO, Usd::ZERO)
            }
            _ => return,
        };
        let (instrument, mirror) = self.mirror(at);
        let line = &mut mirror.lines[Mirror::line(side)];
        // What a hand had opened beside is not in these books, and the next audit says so.
        let qty =
            if line.qty.0 > 0 { Qty(qty.0.clamp(-line.qty.0, 0)) } else { Qty(qty.0.clamp(0, -line.qty.0)) };
        let realised = line.fill(qty, price);
        mirror.wallet += instrument.usd(realised.profit) - fee + settlement;
        // A cross account that was lost is lost by all who had money on it, whoever held the lots.
        let is_emptied =
            settlement.0 != 0 && mirror.wallet.0 == 0 && mirror.lines.iter().all(Position::is_flat);
        let settlement = if is_emptied { Usd::ZERO } else { settlement };
        let strays = self.accounts[at].stray_lots(side);
        let (instrument, bots) = self.on_account(at);
        let mut bots: Vec<&mut Bot> = bots.filter(|bot| lots(bot, side) > 0).collect();
        let held: i64 = bots.iter().map(|bot| lots(bot, side)).sum::<i64>() + strays;
        if held == 0 {
            self.accounts[at].post(Posting::Fee, -fee);
            self.accounts[at].post(Posting::Liquidation, settlement);
            return if is_emptied {
                self.empty(now, at, out)
            };
        }
        let [mut parts, mut fees, mut settlements] =
            [qty.0, fee.0, settlement.0].map(|whole| Shares::of(whole, held));
        let mut part = |weight| {
            let (qty, fee) = (Qty(parts.next(weight)), Usd(fees.next(weight)));
            let settlement = Usd(settlements.next(weight));
            match report {
                Report::Deleveraged { .. } => (Report::Deleveraged { position_side: side, qty, price }, qty),
                _ => (Report::Liquidated { position_side: side, qty, price, fee, settlement }, qty),
            }
        };
        for bot in &mut bots {
            let (part, qty) = part(lots(bot, side));
            bot.on_report(now, instrument, &part, out);
            if qty.0 != 0 {
                // Its legs are as large as before: they would close somebody else's lots.
                bot.leave_soon(now, out);
            }
        }
        let (fee, settlement, qty) = match part(if held == 0 { 1 } else { strays }) {
            (Report::Liquidated { fee, settlement, .. }, qty) => (fee, settlement, qty),
            (_, qty) => (Usd::ZERO, Usd::ZERO, qty),
        };
        let id = OrderId { bot: BotId(u16::MAX), epoch: 0, decision: 0, leg: Leg::Own };
        let (liquidity, remaining) = (Liquidity::Taker, Qty::ZERO);
        let stray = Fill { id, position_side: side, qty, price, fee, liquidity, remaining };
        let Farm { instrument, accounts, .. } = self;
        accounts[at].post(Posting::Liquidation, settlement);
        accounts[at].stray(instrument, side, &stray);
        if is_emptied {
            self.empty(now, at, out);
        }
    }

    /// Nothing is left on the account: nobody's money is.
    fn empty(&mut self, now: Time, at: usize, out: &mut Actions) {
        let treasury = self.accounts[at].treasury();
        self.accounts[at].post(Posting::Liquidation, -treasury);
        let (instrument, bots) = self.on_account(at);
        for bot in bots {
            bot.lose_all(now, instrument, out);
        }
    }

    /// Money and lots of the bots, the strays and the treasury are those of the account, whatever the price.
    fn assert_sums(&self, at: usize) {
        let account = &self.accounts[at];
        let Some(mirror) = &account.mirror else { return };
        let bots = || self.roster.bots().iter().filter(|bot| bot.account() == account.id);
        let wallets = bots().fold(account.treasury(), |sum, bot| sum + bot.ledger().books().wallet());
        let strays: i128 = mirror.strays.iter().map(|line| line.cost).sum();
        let costs: i128 = bots().map(|bot| bot.ledger().position().cost).sum::<i128>() + strays;
        let cost: i128 = mirror.lines.iter().map(|line| line.cost).sum();
        assert_eq!(
            mirror.wallet - self.instrument.usd(cost),
            wallets - self.instrument.usd(costs),
            "the sub-ledgers of {} sum to it",
            account.id
        );
        for (line, side) in mirror.lines.iter().zip([PositionSide::Long, PositionSide::Short]) {
            let sign = if side == PositionSide::Short { -1 } else { 1 };
            let held: i64 = bots().map(|bot| sign * lots(bot, side)).sum();
            let strays = mirror.strays[Mirror::line(side)].qty.0;
            assert_eq!(line.qty.0, held + strays, "the lots of {} are its bots'", account.id);
        }
    }

    /// A bot's account and what is free of its money, where nothing it holds needs any of it.
    pub(crate) fn free_of(&self, bot: BotId) -> Option<(AccountId, Option<Usd>)> {
        let bot = self.roster.bots().iter().find(|other| other.id() == bot)?;
        let idle = bot.ledger().position().is_flat() && bot.orders().is_empty();
        Some((bot.account(), idle.then(|| bot.ledger().books().wallet())))
    }

    /// The last price and when it was known.
    pub(crate) fn last_price(&self) -> (Price, Time) {
        self.last
    }
}
