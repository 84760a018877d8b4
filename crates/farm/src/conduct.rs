//! What a bot does with its positions, counted where it is decided: occasions to leave and what it made of them, its
//! last results, its entries within the hour.

use model::{Interval, StateHash, Time};

/// Looks at positions and discretionary exits, by the sign of the unrealised profit. The disposition effect is
/// PGR - PLR = exits in gain / occasions in gain - exits in loss / occasions in loss; stops are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occasions {
    /// Looks at a position in gain.
    pub in_gain: u64,
    /// Looks at a position in loss.
    pub in_loss: u64,
    /// Exits decided, not triggered, in gain.
    pub exits_in_gain: u64,
    /// Exits decided, not triggered, in loss.
    pub exits_in_loss: u64,
    /// Positions that a stop ended.
    pub stop_exits: u64,
}

model::state!(Occasions { in_gain, in_loss, exits_in_gain, exits_in_loss, stop_exits } if |occasions| {
    occasions.exits_in_gain <= occasions.in_gain && occasions.exits_in_loss <= occasions.in_loss
});

/// Whether a look was one of the quarter-hourly ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It was.
    Regular,
    /// Between two of them.
    Between,
}

impl Occasions {
    /// A look at a position; the sign of its unrealised profit decides where it counts, zero nowhere.
    pub fn look(&mut self, profit: i64) {
        self.in_gain += u64::from(profit > 0);
        self.in_loss += u64::from(profit < 0);
    }

    /// An exit decided at a look. Between two regular looks it is an occasion of its own.
    pub fn exit(&mut self, profit: i64, look: Look) {
        if look == Look::Between {
            self.look(profit);
        }
        self.exits_in_gain += u64::from(profit > 0);
        self.exits_in_loss += u64::from(profit < 0);
        assert!(
            self.exits_in_gain <= self.in_gain && self.exits_in_loss <= self.in_loss,
            "an exit has an occasion: {self:?}"
        );
    }

    /// Adds it to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        for count in [self.in_gain, self.in_loss, self.exits_in_gain, self.exits_in_loss, self.stop_exits] {
            hash.word(count);
        }
    }
}

/// The last results: wins and losses of at most twenty trades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Results {
    wins: u32,
    known: u32,
}

model::state!(Results { wins, known } if |results| {
    results.known <= Results::TRADES_MAX && results.wins >> results.known == 0
});

impl Results {
    /// As far as it remembers.
    pub const TRADES_MAX: u32 = 20;

    /// Remembers a result.
    pub fn push(&mut self, won: bool) {
        self.wins = (self.wins << 1 | u32::from(won)) & ((1 << Self::TRADES_MAX) - 1);
        self.known = (self.known + 1).min(Self::TRADES_MAX);
    }

    /// Share of wins; a half while nothing is known.
    pub fn win_rate(&self) -> f64 {
        if self.known == 0 { 0.5 } else { f64::from(self.wins.count_ones()) / f64::from(self.known) }
    }

    /// Adds them to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(u64::from(self.wins) << 32 | u64::from(self.known));
    }
}

/// How long a position stands without a stop known to rest, by the instants of what was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Naked {
    since: Option<Time>,
    /// The longest so far, in milliseconds.
    pub ms_max: i64,
}

model::state!(Naked { since, ms_max });

impl Naked {
    /// A look at it.
    pub fn look(&mut self, now: Time, is_naked: bool) {
        let since = *self.since.get_or_insert(now);
        self.ms_max = self.ms_max.max((now - since).0);
        if !is_naked {
            self.since = None;
        }
    }

    /// For how long it has been so, in milliseconds; zero where it is not.
    pub fn ms(&self, now: Time) -> i64 {
        self.since.map_or(0, |since| (now - since).0.max(0))
    }
}

/// When the last entries were made: a ring just long enough for the limit per hour.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryClock {
    times: [Time; EntryClock::ENTRIES_MAX as usize],
    next: usize,
    made: u64,
}

model::state!(EntryClock { times, next, made } if |clock| clock.next < clock.times.len());

impl EntryClock {
    /// As far as it can count.
    pub const ENTRIES_MAX: u32 = 32;

    /// An entry was made.
    pub fn push(&mut self, now: Time) {
        self.times[self.next] = now;
        self.next = (self.next + 1) % self.times.len();
        self.made += 1;
    }

    /// Adds it to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(self.made);
        hash.int(self.times[(self.next + self.times.len() - 1) % self.times.len()].0);
    }

    /// Entries within the last `window`.
    pub fn within(&self, now: Time, window: Interval) -> u32 {
        let known = self.made.min(self.times.len() as u64) as usize;
        self.times[..known].iter().filter(|&&at| now - at < window).count() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exits_are_counted_on_their_occasion() {
        let mut occasions = Occasions::default();
        for profit in [5, 0, -3, 7] {
            occasions.look(profit);
        }
        occasions.exit(7, Look::Regular);
        occasions.exit(-1, Look::Between);
        let want = Occasions { in_gain: 2, in_loss: 2, exits_in_gain: 1, exits_in_loss: 1, stop_exits: 0 };
        assert_eq!(occasions, want);
    }

    #[test]
    fn the_last_twenty_results_count() {
        let mut results = Results::default();
        assert_eq!(results.win_rate(), 0.5);
        for _ in 0..20 {
            results.push(true);
        }
        for _ in 0..5 {
            results.push(false);
        }
        assert_eq!(results.win_rate(), 0.75);
    }

    #[test]
    fn the_clock_forgets_after_its_window() {
        let mut clock = EntryClock::default();
        for i in 0..40 {
            clock.push(Time(i * 60_000));
        }
        assert_eq!(clock.within(Time(40 * 60_000), Interval::minutes(11)), 10);
    }
}
