//! Swing highs and lows: a zig-zag that turns when a *close* has come back `k` average true ranges from the extreme.
//!
//! An extreme is a high or low; the turn is judged on the close, because within a bar nobody knows which came first.
//! The way back is measured from the extreme on (from the confirming close on, once a turn is confirmed). Warm-up: one
//! confirmed turn. It refuses to name a pivot before its turn: `confirmed_at` is when it could first be known.

use crate::FrameBar;
use model::{StateHash, Time};

/// How many pivots are remembered.
pub const PIVOTS_MAX: usize = 8;

/// Whether a pivot is a peak or a trough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PivotKind {
    /// A peak.
    #[default]
    High,
    /// A trough.
    Low,
}

model::value!(enum PivotKind { 0 => High, 1 => Low });

/// A confirmed turn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pivot {
    /// Peak or trough.
    pub kind: PivotKind,
    /// Open time of the bar with the extreme.
    pub time: Time,
    /// The extreme, in ticks.
    pub price: f64,
    /// Close time of the bar that confirmed it: nothing may use it earlier.
    pub confirmed_at: Time,
}

model::value!(Pivot { kind, time, price, confirmed_at });

#[derive(Clone, Copy, Debug, Default)]
struct Extreme {
    time: Time,
    price: f64,
}

model::value!(Extreme { time, price });

/// A possible pivot and the furthest that the market has come back from it. Lows are kept negated, so that both kinds
/// share one rule.
#[derive(Clone, Copy, Debug, Default)]
struct Candidate {
    extreme: Extreme,
    back: Extreme,
}

model::value!(Candidate { extreme, back });

impl Candidate {
    #[inline]
    fn at(extreme: Extreme, back: Extreme) -> Candidate {
        Candidate { extreme, back }
    }

    /// `high` and `low` as this kind sees them (swapped and negated for a low).
    #[inline]
    fn update(&mut self, time: Time, high: f64, low: f64, close: f64) {
        if high > self.extreme.price {
            *self = Candidate::at(Extreme { time, price: high }, Extreme { time, price: close });
        } else if low < self.back.price {
            self.back = Extreme { time, price: low };
        }
    }
}

/// Which turn comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Awaiting {
    First,
    Either,
    High,
    Low,
}

model::value!(enum Awaiting { 0 => First, 1 => Either, 2 => High, 3 => Low });

/// The zig-zag.
#[derive(Clone, Debug)]
pub struct Swings {
    reversal_atr: f64,
    awaiting: Awaiting,
    high: Candidate,
    low: Candidate,
    pivots: [Pivot; PIVOTS_MAX],
    /// Pivots ever confirmed; the newest is at `(confirmed - 1) % PIVOTS_MAX`.
    confirmed: u64,
}

model::state!(Swings { awaiting, high, low, pivots, confirmed } origin { reversal_atr } if Swings::takes_turns);

impl Swings {
    /// Turns at `reversal_atr` average true ranges.
    pub fn new(reversal_atr: f64) -> Swings {
        assert!(reversal_atr > 0.0, "a turn has a size");
        let (high, low) = (Candidate::default(), Candidate::default());
        let pivots = [Pivot::default(); PIVOTS_MAX];
        Swings { reversal_atr, awaiting: Awaiting::First, high, low, pivots, confirmed: 0 }
    }

    /// Takes in a bar that closed at `close_time`, with the average true range known then; returns the pivot that it
    /// confirms.
    #[inline]
    pub fn update(&mut self, bar: &FrameBar, close_time: Time, atr: f64) -> Option<Pivot> {
        let (time, close) = (bar.open_time, bar.close);
        if self.awaiting == Awaiting::First {
            self.awaiting = Awaiting::Either;
            let extreme = |price| Extreme { time, price };
            self.high = Candidate::at(extreme(bar.high), extreme(close));
            self.low = Candidate::at(extreme(-bar.low), extreme(-close));
        } else {
            self.high.update(time, bar.high, bar.low, close);
            self.low.update(time, -bar.low, -bar.high, -close);
        }
        let distance = self.reversal_atr * atr;
        if distance <= 0.0 {
            return None;
        }
        if self.awaiting != Awaiting::Low && self.high.extreme.price - close >= distance {
            let Candidate { extreme, back } = self.high;
            let next = Extreme { time: back.time, price: -back.price };
            self.low = Candidate::at(next, Extreme { time, price: -close });
            self.awaiting = Awaiting::Low;
            return Some(self.confirm(PivotKind::High, extreme.time, extreme.price, close_time));
        }
        if self.awaiting != Awaiting::High && self.low.extreme.price + close >= distance {
            let Candidate { extreme, back } = self.low;
            let next = Extreme { time: back.time, price: -back.price };
            self.high = Candidate::at(next, Extreme { time, price: close });
            self.awaiting = Awaiting::High;
            return Some(self.confirm(PivotKind::Low, extreme.time, -extreme.price, close_time));
        }
        None
    }

    /// What is awaited is the other kind than the last one, and nothing in particular before there was one.
    fn takes_turns(&self) -> bool {
        match self.awaiting {
            Awaiting::First | Awaiting::Either => self.confirmed == 0,
            Awaiting::High => self.last().is_some_and(|last| last.kind == PivotKind::Low),
            Awaiting::Low => self.last().is_some_and(|last| last.kind == PivotKind::High),
        }
    }

    fn confirm(&mut self, kind: PivotKind, time: Time, price: f64, confirmed_at: Time) -> Pivot {
        assert!(time < confirmed_at, "a pivot lies before its confirmation");
        assert!(self.last().is_none_or(|last| last.kind != kind), "highs and lows take turns");
        let pivot = Pivot { kind, time, price, confirmed_at };
        self.pivots[(self.confirmed % PIVOTS_MAX as u64) as usize] = pivot;
        self.confirmed += 1;
        pivot
    }

    /// The confirmed pivots that are remembered, newest first.
    pub fn pivots(&self) -> impl Iterator<Item = Pivot> + '_ {
        let kept = self.confirmed.min(PIVOTS_MAX as u64);
        (1..=kept).map(|age| self.pivots[((self.confirmed - age) % PIVOTS_MAX as u64) as usize])
    }

    /// The newest confirmed pivot.
    pub fn last(&self) -> Option<Pivot> {
        self.pivots().next()
    }

    /// The newest confirmed peak.
    pub fn last_high(&self) -> Option<Pivot> {
        self.pivots().find(|pivot| pivot.kind == PivotKind::High)
    }

    /// The newest confirmed trough.
    pub fn last_low(&self) -> Option<Pivot> {
        self.pivots().find(|pivot| pivot.kind == PivotKind::Low)
    }

    /// Price of the newest confirmed pivot.
    pub fn value(&self) -> Option<f64> {
        self.last().map(|pivot| pivot.price)
    }

    /// Number of pivots ever confirmed.
    pub fn confirmed(&self) -> u64 {
        self.confirmed
    }

    /// Updates before which there cannot be a value; when there is one depends on the market.
    pub fn warm_up(&self) -> usize {
        1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(self.awaiting as u64);
        hash.word(self.confirmed);
        for at in [self.high.extreme, self.high.back, self.low.extreme, self.low.back] {
            hash.int(at.time.0);
            hash.float(at.price);
        }
        for pivot in &self.pivots {
            hash.word(pivot.kind as u64);
            hash.int(pivot.time.0);
            hash.float(pivot.price);
            hash.int(pivot.confirmed_at.0);
        }
    }
}
