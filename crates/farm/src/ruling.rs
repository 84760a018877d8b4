//! The rules of a farm while it lives, and what all its bots have and do together, by which the rules judge.
//!
//! Other rules are heard like anything else. They bind from the next entry on; it refuses to let looser ones undo what the old
//! ones have done: a drawdown that was reached keeps everybody until somebody resumes the farm, a day's loss until the day is
//! over or made good, a cool-down for as long as it was given, and a trade that waits for approval goes on waiting.

use crate::action::{Action, Actions, News};
use crate::conduct::EntryClock;
use crate::flock::Farm;
use model::{Interval, StateHash, Time, Usd};
use risk::{Crowd, Rules};

/// Marks of the whole farm's equity and its last entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Together {
    peak: Usd,
    midnight: (i64, Usd),
    entries: EntryClock,
    locked: bool,
    /// The day on which a limit of its loss was reached under rules that are not those of now, and that limit.
    reached: Option<(i64, u32)>,
}

model::state!(Together { peak, midnight, entries, locked, reached });

impl Together {
    pub(crate) fn hash(&self, hash: &mut StateHash) {
        hash.int(self.peak.0);
        hash.word(u64::from(self.locked));
        hash.int(self.midnight.1.0);
        self.entries.hash(hash);
        if let Some((day, bps)) = self.reached {
            hash.int(day);
            hash.word(u64::from(bps));
        }
    }

    /// The limit that was reached today under other rules.
    fn reached_today(&self, now: Time) -> Option<u32> {
        self.reached.filter(|(day, _)| *day == now.day()).map(|(_, bps)| bps)
    }
}

impl Farm {
    /// Puts it under rules.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Farm {
        self.put_under(rules);
        self
    }

    fn put_under(&mut self, rules: Rules) {
        assert_eq!(rules.check_bounds(), Ok(()), "whoever has rules for a farm has looked at their bounds");
        self.rules = rules;
        for bot in self.roster.bots_mut() {
            bot.set_rules(rules);
        }
    }

    /// Hears that other rules hold from now on.
    pub fn on_rules(&mut self, now: Time, rules: Rules, out: &mut Actions) {
        // What the old rules have reached by now is theirs.
        let crowd = self.crowd(now, out);
        let reached = self.rules.daily_loss_reached(&crowd).or(self.together.reached_today(now));
        self.together.reached = reached.map(|bps| (now.day(), bps));
        // What an account may hold unexplained is judged when it is looked at.
        if rules.unexplained_max != self.rules.unexplained_max {
            self.accounts.iter().for_each(|account| out.push(Action::Verify(account.id)));
        }
        self.put_under(rules);
        self.ruled_at = Some(now);
        out.push(Action::Announce(News::Ruled(now)));
    }

    /// Whether nothing asks what all of them have and do together.
    fn is_unruled(&self, now: Time) -> bool {
        self.rules == Rules::NONE && !self.together.locked && self.together.reached_today(now).is_none()
    }

    /// What all bots have and do together at the last price; nothing where no rule asks.
    pub(crate) fn crowd(&mut self, now: Time, out: &mut Actions) -> Crowd {
        if self.is_unruled(now) {
            return Crowd::NONE;
        }
        let mut crowd = self.together(now);
        let together = &mut self.together;
        together.peak = crowd.equity_peak;
        together.midnight = (now.day(), crowd.equity_at_midnight);
        if !together.locked && self.rules.locks(&crowd) {
            together.locked = true;
            out.push(Action::Announce(News::Locked(now)));
        }
        crowd.locked = together.locked;
        crowd
    }

    /// The same for whoever looks: nothing is marked by it.
    pub fn together(&self, now: Time) -> Crowd {
        let (price, _) = self.last;
        let (mut equity, mut notional) = (Usd::ZERO, Usd::ZERO);
        for bot in self.roster.bots() {
            equity += bot.ledger().equity(&self.instrument, price);
            notional += bot.notional(&self.instrument, price);
        }
        let Together { peak, midnight, entries, locked, .. } = &self.together;
        Crowd {
            equity,
            equity_peak: (*peak).max(equity),
            equity_at_midnight: if midnight.0 == now.day() { midnight.1 } else { equity },
            notional,
            entries_last_minute: entries.within(now, Interval::MINUTE),
            locked: *locked,
            daily_loss_reached_bps: self.together.reached_today(now),
        }
    }

    /// Money came to the bots, or left them: that is no profit and no loss.
    pub(crate) fn move_marks(&mut self, amount: Usd) {
        self.together.peak += amount;
        self.together.midnight.1 += amount;
    }

    /// Entries made since the crowd was looked at.
    pub(crate) fn count_entries(&mut self, now: Time, crowd: &Crowd) {
        if !self.is_unruled(now) {
            let before = self.together.entries.within(now, Interval::MINUTE);
            for _ in before..crowd.entries_last_minute {
                self.together.entries.push(now);
            }
        }
    }

    /// The farm's drawdown is counted from here.
    pub(crate) fn forget_drawdown(&mut self) {
        (self.together.peak, self.together.locked) = (Usd::ZERO, false);
    }
}
