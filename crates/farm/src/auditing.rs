//! What an account holds against what its books say: orphans are swept, what vanished is replaced, what nobody can explain
//! stops everybody on it.
//!
//! It refuses to take what it does not know for nothing: a difference is an alarm, never "flat". An order that may
//! protect a position nobody knows is left where it is.

use crate::accounts::{Account, Difference};
use crate::action::{Action, Actions, News};
use crate::bot::{Bot, Unusual};
use crate::flock::Farm;
use crate::obedience::{Objection, Reply};
use execution::{OrderStatus, Working};
use model::event::Audit;
use model::{AccountId, Leg, OrderId, Qty, Time, Usd};

/// Orphans that are taken back after one answer; the next one shows the others.
const SWEPT_MAX: usize = 32;

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
        self.leave_strays(now, at, out);
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
        (wallet, [net, Qty::ZERO])
    }

    /// Everybody on an account opens nothing more.
    pub(crate) fn alarm_account(&mut self, now: Time, id: AccountId, out: &mut Actions) {
        for bot in self.roster.bots_mut().iter_mut().filter(|bot| bot.account() == id) {
            bot.alarm(now, Unusual::Unexplained, out);
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
        let grave = money || strays || found.positions.iter().any(|lots| lots.0 != 0);
        let is_one = grave || found.orders > 0;
        let known = account.unexplained;
        let account = &mut self.accounts[at];
        account.unexplained = is_one.then_some(found);
        let id = account.id;
        if account.unexplained == known {
            return;
        }
        out.push(Action::Announce(News::Unexplained(id, account.unexplained)));
        // An order somebody placed by hand is worth a word; money and lots are worth a stop.
        if grave {
            self.alarm_account(now, id, out);
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
            // A leg may be all that protects what is held.
            let bare =
                |bot: &Bot| !bot.ledger().position().is_flat() && bot.orders().protective_stop().is_none();
            let protects = id.leg != Leg::Own && (!explained || bot.is_some_and(bare));
            !known && !protects
        };
        for id in account.audit.orders.iter().copied().filter(is_orphan).take(SWEPT_MAX) {
            out.push(Action::Submit(account.id, risk::approve_cancel(id)));
            out.push(Action::Announce(News::Orphan(account.id, id)));
        }
    }

    /// Orders that should rest and do not: the stop first, and one at a time, because the others may go with it.
    fn find_vanished(&mut self, now: Time, at: usize, out: &mut Actions) {
        let Farm { accounts, roster, instrument, .. } = self;
        let account = &accounts[at];
        for bot in roster.bots_mut().iter_mut().filter(|bot| bot.account() == account.id) {
            let should_rest = |order: &&Working| match order.status {
                OrderStatus::Resting | OrderStatus::PartiallyFilled => true,
                // Its entry is over, and it was never heard of.
                OrderStatus::Attached => bot.orders().get(order.id.with_leg(Leg::Own)).is_none(),
                _ => false,
            };
            let gone = bot.orders().iter().filter(should_rest);
            let gone = gone.filter(|order| !account.audit.orders.contains(&order.id));
            let gone = gone.min_by_key(|order| order.id.leg != Leg::Stop).map(|order| order.id);
            if let Some(id) = gone {
                out.push(Action::Announce(News::Vanished(account.id, id)));
                out.push(Action::Verify(account.id));
                bot.on_vanished(now, instrument, id, out);
            }
        }
    }

    /// Lots that are nobody's are left at market.
    fn leave_strays(&mut self, now: Time, at: usize, out: &mut Actions) {
        let Farm { accounts, roster, .. } = self;
        let account = &mut accounts[at];
        if account.stray_order.is_some() {
            return;
        }
        let Some(stray) = account.first_stray() else { return };
        let mut bots = roster.bots_mut().iter_mut();
        if let Some(bot) = bots.find(|bot| bot.account() == account.id && bot.orders().has_room(1)) {
            account.stray_order = Some(bot.leave_stray(now, stray, out));
        }
    }

    /// Whether no bot holds anything or has an order out, and every account was seen so.
    pub(crate) fn is_flat(&self) -> bool {
        let idle = |bot: &Bot| bot.ledger().position().is_flat() && bot.orders().is_empty();
        self.accounts.iter().all(|account| account.verified) && self.roster.bots().iter().all(idle)
    }

    /// After the kill switch: the book is flat once every account was seen so, and nothing was heard of it since.
    fn verify(&mut self, now: Time, at: usize, out: &mut Actions) {
        if self.halted_at.is_none() {
            return;
        }
        let account = &mut self.accounts[at];
        let answer = &account.audit;
        // What somebody else placed can fill as well.
        let rests = !answer.orders.is_empty() || answer.foreign > 0;
        account.verified = !rests && answer.positions.iter().all(|lots| lots.0 == 0);
        if !self.is_flat() {
            self.flat_at = None;
        } else if self.flat_at.is_none() {
            self.flat_at = Some(now);
            out.push(Action::Announce(News::Flat(now)));
        }
    }

    /// Takes a difference into the books as it was last seen: lots that the venue does not have leave their bot's books at the
    /// last price, and money goes into the treasury. Lots that the venue has and nobody knows cannot be explained by a word:
    /// whoever opened them closes them.
    pub(crate) fn reconcile(&mut self, now: Time, id: AccountId, out: &mut Actions) -> Reply {
        let (price, _) = self.last_price();
        let Farm { roster, instrument, accounts, .. } = self;
        let account = accounts.iter_mut().find(|account| account.id == id).ok_or(Objection::Unknown)?;
        let Difference { wallet, positions, .. } = account.unexplained.ok_or(Objection::Pointless)?;
        let is_shared = account.mirror.is_some();
        let bot = roster.bots_mut().iter_mut().find(|bot| bot.account() == id).ok_or(Objection::Unknown)?;
        let held = bot.ledger().position().qty;
        let left = held + positions[0];
        let is_lack = !is_shared && left.0.abs() <= held.0.abs() && left.0 * held.0 >= 0;
        if positions.iter().any(|lots| lots.0 != 0) && !is_lack {
            return Err(Objection::Unexplained);
        }
        // Money that is gone is the treasury's to bear; a bot's is moved there first.
        if left == held && (account.treasury() + wallet).0 < 0 {
            return Err(Objection::Unaffordable);
        }
        if left == held {
            account.take_in(wallet);
        } else {
            bot.forget_lots(now, instrument, left, price, wallet, out);
        }
        account.unexplained = None;
        out.push(Action::Verify(id));
        Ok(())
    }
}
