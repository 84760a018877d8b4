//! Who has guessed too often: a bounded table of failures, by peer and by identity.
//!
//! A peer that failed too often within the window is not looked at for a while. An identity whose token was got wrong too
//! often, from anywhere, is not closed (that would let a stranger lock its owner out) but watched: while it is, a peer that
//! gets its token wrong has had its last try. The table is in memory only. When it is full the entry that would
//! lapse first gives way, so a flood from many peers costs what has least to lose and never keeps an honest peer out.
//! Refuses to count tries while locked (a broken client must come free again) and to forget failures for a success (a
//! guesser with a token of his own would begin anew each time).

use crate::need::Rules;
use model::{Interval, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// How far a clock is set back in the ordinary course: nothing lapses by less.
pub(crate) const CLOCK_SET_BACK: Interval = Interval::MINUTE;

/// How many peers are remembered at once.
pub const PEERS_MAX: usize = 4_096;

/// Where somebody comes from, in a fixed size whatever he sends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Peer([u8; 16]);

impl Peer {
    pub(crate) fn of(peer: &str) -> Peer {
        let hash: [u8; 32] = Sha256::digest(peer.as_bytes()).into();
        Peer(hash[..16].try_into().expect("a SHA-256 has 32 bytes"))
    }
}

/// Failures of one peer, identity or authenticator.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failures {
    count: u32,
    #[serde(rename = "since_ms", with = "crate::stored::time")]
    since: Time,
    #[serde(rename = "until_ms", with = "crate::stored::time_option")]
    until: Option<Time>,
    /// Lock-outs in a row.
    locks: u32,
}

impl Failures {
    /// Until when it is locked, if it is. A clock that was set far back ends a lock-out rather than making it longer.
    pub(crate) fn locked_until(&self, now: Time, lock_out: Interval) -> Option<Time> {
        let longest = Interval(self.length(lock_out).0 + CLOCK_SET_BACK.0);
        self.until.filter(|until| now < *until && *until - now <= longest)
    }

    /// One more, of somebody who is not locked now; from the limit on he is.
    pub(crate) fn failed(&mut self, now: Time, limit: u32, rules: &Rules) {
        let lapsed = now - self.since >= rules.attempts_window || self.since - now > CLOCK_SET_BACK;
        if lapsed || self.until.is_some() {
            self.count = 0;
            self.since = now;
            self.until = None;
        }
        self.count = self.count.saturating_add(1);
        if self.count >= limit.max(1) {
            self.locks = self.locks.saturating_add(1);
            self.until = Some(now + self.length(rules.lock_out));
        }
    }

    /// Lock-outs in a row grow longer, to 32 times: six digits must not be found by patience.
    fn length(&self, lock_out: Interval) -> Interval {
        Interval(lock_out.0.max(0).saturating_mul(1 << self.locks.saturating_sub(1).min(5)))
    }

    fn lapses_at(&self, rules: &Rules) -> Time {
        self.until.unwrap_or(Time(i64::MIN)).max(self.since + rules.attempts_window)
    }
}

/// What is known of failures, by key; the entry that lapses first gives way.
struct Table<K> {
    /// With the instant it stands at in `by_lapse`: rules may change while it stands there.
    entries: BTreeMap<K, (Failures, Time)>,
    by_lapse: BTreeSet<(Time, K)>,
    entries_max: usize,
}

impl<K: Copy + Ord> Table<K> {
    fn new(entries_max: usize) -> Table<K> {
        Table { entries: BTreeMap::new(), by_lapse: BTreeSet::new(), entries_max }
    }

    fn locked_until(&self, now: Time, key: K, rules: &Rules) -> Option<Time> {
        self.entries.get(&key)?.0.locked_until(now, rules.lock_out)
    }

    fn failed(&mut self, now: Time, key: K, limit: u32, rules: &Rules) {
        let mut failures = match self.entries.remove(&key) {
            Some((failures, lapses_at)) => {
                self.by_lapse.remove(&(lapses_at, key));
                failures
            }
            None => Failures::default(),
        };
        // A peer's lock-outs do not grow: many honest people may stand behind one address.
        failures.locks = 0;
        failures.failed(now, limit, rules);
        if self.entries.len() >= self.entries_max
            && let Some((_, first)) = self.by_lapse.pop_first()
        {
            self.entries.remove(&first);
        }
        let lapses_at = failures.lapses_at(rules);
        self.entries.insert(key, (failures, lapses_at));
        self.by_lapse.insert((lapses_at, key));
        assert_eq!(self.entries.len(), self.by_lapse.len(), "each entry lapses once");
    }
}

/// Both tables.
pub(crate) struct LockOut {
    peers: Table<Peer>,
    watched: Table<u64>,
}

impl LockOut {
    pub(crate) fn new() -> LockOut {
        LockOut { peers: Table::new(PEERS_MAX), watched: Table::new(crate::IDENTITIES_MAX) }
    }

    pub(crate) fn locked_until(&self, now: Time, peer: Peer, rules: &Rules) -> Option<Time> {
        self.peers.locked_until(now, peer, rules)
    }

    /// Somebody got it wrong; `identity` is the one whose token he named, if there is such a token.
    pub(crate) fn failed(&mut self, now: Time, peer: Peer, identity: Option<u64>, rules: &Rules) {
        let mut limit = rules.attempts_max;
        if let Some(identity) = identity {
            if self.watched.locked_until(now, identity, rules).is_some() {
                limit = 1;
            } else {
                self.watched.failed(now, identity, rules.attempts_max, rules);
            }
        }
        self.peers.failed(now, peer, limit, rules);
    }

    pub(crate) fn peers_remembered(&self) -> usize {
        self.peers.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules { attempts_max: 3, ..Rules::default() }
    }

    #[test]
    fn lock_outs_in_a_row_grow_and_end() {
        let (mut failures, rules, mut now) = (Failures::default(), rules(), Time(0));
        let mut lengths = Vec::new();
        for _ in 0..8 {
            while failures.locked_until(now, rules.lock_out).is_none() {
                failures.failed(now, rules.attempts_max, &rules);
            }
            let until = failures.locked_until(now, rules.lock_out).expect("it was just locked");
            lengths.push((until - now).0 / rules.lock_out.0);
            now = until;
        }
        assert_eq!(lengths, [1, 2, 4, 8, 16, 32, 32, 32]);
    }

    #[test]
    fn a_clock_set_back_does_not_lock_for_ever() {
        let (mut failures, rules) = (Failures::default(), rules());
        let then = Time(Interval::DAY.0);
        for _ in 0..3 {
            failures.failed(then, rules.attempts_max, &rules);
        }
        for now in [then, then - CLOCK_SET_BACK] {
            assert_eq!(failures.locked_until(now, rules.lock_out), Some(then + rules.lock_out));
        }
        assert_eq!(failures.locked_until(Time(0), rules.lock_out), None);
        failures.failed(Time(0), rules.attempts_max, &rules);
        assert_eq!(failures.locked_until(Time(0), rules.lock_out), None, "he begins anew");
    }

    #[test]
    fn the_fullest_table_keeps_those_locked_longest() {
        let (mut table, rules) = (Table::new(2), rules());
        for _ in 0..3 {
            table.failed(Time(1), 1u64, 3, &rules);
        }
        for key in 2..100 {
            table.failed(Time(0), key, 3, &rules);
        }
        assert!(table.locked_until(Time(2), 1, &rules).is_some());
        assert_eq!(table.entries.len(), 2);
    }
}
