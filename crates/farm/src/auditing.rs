//! What an account holds against what its books say: orphans are swept, what vanished is replaced, what nobody can explain
//! stops everybody on it.
//!
//! It refuses to take what it does not know for nothing: a difference is an alarm, never "flat". An order that may
//! protect a position nobody knows is left where it is.

use crate::accounts::{Account, Difference};
use crate::action::{Action, Actions, News};
use crate::bot::Unusual;
use crate::flock::Farm;
use execution::OrderStatus;
use model::event::Audit;
use model::{AccountId, Leg, OrderId, PositionMode, Qty, Time, Usd};

impl Farm {
    /// Hears a piece of an answer; at its end, judges.
    pub(crate) fn hear_audit(&mut self, now: Time, id: AccountId, audit: &Audit, out: &mut Actions) {
        let Some(at) = self.accounts.iter().position(|account| account.id == id) else { return };
        if !self.accounts[at].audit.hear(audit) {
            return;
        }
        self.judge_difference(now, at, out);
        self.sweep(at, out);
        self.find_vanished(now, at, out);
        self.verify(now, at, out);
    }

    /// What the account should hold by its books: money and lots.
    fn expected(&self, account: &Account) -> (Usd, [Qty; 2]) {
        let bots = || self.roster.bots().iter().filter(|bot| bot.account() == account.id);
        if let Some(mirror) = &account.mirror {
            return (mirror.wallet, mirror.lines.map(|line| line.qty));
        }
        let wallet = bots().fold(account.treasury(), |sum, bot| sum + bot.ledger().books().wallet());
        let net = bots().fold(Qty::ZERO, |sum, bot| sum + bot.ledger().position().qty);
        match account.mode {
            PositionMode::OneWay => (wallet, [net, Qty::ZERO]),
            PositionMode::Hedge => (wallet, [Qty(net.0.max(0)), Qty(net.0.min(0))]),
        }
    }

    fn judge_difference(&mut self, now: Time, at: usize, out: &mut Actions) {
        let account = &self.accounts[at];
        let (wallet, positions) = self.expected(account);
        let answer = &account.audit;
        let found = Difference {
            wallet: answer.wallet - wallet,
            positions: [answer.positions[0] - positions[0], answer.positions[1] - positions[1]],
            orders: answer.foreign,
        };
        let money = found.wallet.0.abs() > self.rules.unexplained_max.0;
        let strays = account.mirror.is_some_and(|mirror| mirror.strays.iter().any(|line| !line.is_flat()));
        let is_one = money || strays || found.orders > 0 || found.positions.iter().any(|lots| lots.0 != 0);
        let known = account.unexplained;
        let account = &mut self.accounts[at];
        account.unexplained = is_one.then_some(found);
        let id = account.id;
        if account.unexplained == known {
            return;
        }
        out.push(Action::Announce(News::Unexplained(id, account.unexplained)));
        // An order somebody placed by hand is worth a word; money and lots are worth a stop.
        let grave = money || strays || found.positions.iter().any(|lots| lots.0 != 0);
        if grave {
            for bot in self.roster.bots_mut().iter_mut().filter(|bot| bot.account() == id) {
                bot.alarm(now, Unusual::Unexplained, out);
            }
        }
    }

    /// Orders of ours that nobody here knows are taken back.
    fn sweep(&mut self, at: usize, out: &mut Actions) {
        let Farm { accounts, roster, .. } = self;
        let account = &accounts[at];
        let explained =
            account.unexplained.is_none_or(|found| found.positions.iter().all(|lots| lots.0 == 0));
        let is_orphan = |id: &OrderId| {
            let bot = roster.bots().iter().find(|bot| bot.id() == id.bot && bot.account() == account.id);
            let known = bot.is_some_and(|bot| bot.orders().get(*id).is_some());
            !known && (explained || id.leg == Leg::Own)
        };
        for id in account.audit.orders.iter().copied().filter(is_orphan) {
            out.push(Action::Submit(account.id, risk::approve_cancel(id)));
            out.push(Action::Announce(News::Orphan(account.id, id)));
        }
    }

    /// Orders that should rest and do not.
    fn find_vanished(&mut self, now: Time, at: usize, out: &mut Actions) {
        let Farm { accounts, roster, instrument, .. } = self;
        let account = &accounts[at];
        let rests = |status| matches!(status, OrderStatus::Resting | OrderStatus::PartiallyFilled);
        for bot in roster.bots_mut().iter_mut().filter(|bot| bot.account() == account.id) {
            let gone = bot
                .orders()
                .iter()
                .find(|order| rests(order.status) && !account.audit.orders.contains(&order.id));
            // One at a time: what follows from it may take the others along.
            if let Some(id) = gone.map(|order| order.id) {
                out.push(Action::Announce(News::Vanished(account.id, id)));
                bot.on_vanished(now, instrument, id, out);
            }
        }
    }

    /// After the kill switch: the book is flat once every account was seen so.
    fn verify(&mut self, now: Time, at: usize, out: &mut Actions) {
        if self.halted_at.is_none() || self.flat_at.is_some() {
            return;
        }
        let account = &mut self.accounts[at];
        let answer = &account.audit;
        // What somebody else placed can fill as well.
        let rests = !answer.orders.is_empty() || answer.foreign > 0;
        account.verified = !rests && answer.positions.iter().all(|lots| lots.0 == 0);
        if self.accounts.iter().all(|account| account.verified) {
            self.flat_at = Some(now);
            out.push(Action::Announce(News::Flat(now)));
        }
    }
}
