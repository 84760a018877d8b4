//! Control: two exponential averages of closes; long while the fast one is above, short while below.
//!
//! It claims no edge: it is here because anybody can check it by hand. Flat until its first counted cross, then
//! always in the market. To the letter: alpha 2/(n+1), seeded with the first close; a cross counts from bar index
//! `slow` on; equality keeps the old side.

use super::{ControlSettings, Turn};
use crate::signal::Reason;
use market::EmaFromFirst;
use model::{Price, Qty, StateHash};

/// The averages and the side they are on.
#[derive(Clone, Debug)]
pub struct EmaCross {
    fast: EmaFromFirst,
    slow: EmaFromFirst,
    quantity: Qty,
    count_from: u64,
    bars: u64,
    /// Sign of the last difference that was not zero; 0 before there was one.
    side: i64,
}

model::state!(EmaCross { fast, slow, bars, side } origin { quantity, count_from } if |cross| {
    (-1..=1).contains(&cross.side)
});

impl EmaCross {
    /// The control with the user's periods and quantity.
    pub fn new(settings: ControlSettings) -> EmaCross {
        EmaCross {
            fast: EmaFromFirst::new(settings.fast as usize),
            slow: EmaFromFirst::new(settings.slow as usize),
            quantity: settings.quantity,
            count_from: u64::from(settings.slow),
            bars: 0,
            side: 0,
        }
    }

    /// Reads closes until a cross counts; returns how many it took.
    #[inline]
    pub fn scan(&mut self, closes: &[Price]) -> (usize, Option<Turn>) {
        let mut taken = 0;
        while taken < closes.len() {
            taken += self.run(&closes[taken..]);
            if let Some(turn) = self.settle() {
                return (taken, Some(turn));
            }
        }
        (taken, None)
    }

    /// Updates the averages until the side changes; the tight loop.
    #[inline]
    fn run(&mut self, closes: &[Price]) -> usize {
        // Before there is a side every bar is looked at by itself.
        if self.side == 0 {
            self.fast.update(closes[0].0 as f64);
            self.slow.update(closes[0].0 as f64);
            self.bars += 1;
            return 1;
        }
        let (mut fast, mut slow) = (self.fast, self.slow);
        let side = self.side as f64;
        let turned = closes.iter().position(|close| {
            let close = close.0 as f64;
            (fast.follow(close) - slow.follow(close)) * side < 0.0
        });
        (self.fast, self.slow) = (fast, slow);
        let taken = turned.map_or(closes.len(), |at| at + 1);
        self.bars += taken as u64;
        taken
    }

    /// Takes note of a changed side; a counted cross is a turn.
    fn settle(&mut self) -> Option<Turn> {
        let (fast, slow) = (self.fast.value()?, self.slow.value()?);
        let side = if fast > slow {
            1
        } else if fast < slow {
            -1
        } else {
            self.side
        };
        let crossed = self.side != 0 && side != self.side;
        self.side = side;
        let index = self.bars - 1;
        (crossed && index >= self.count_from).then_some(Turn {
            target: Qty(side * self.quantity.0),
            reason: Reason::Crossed { direction: side, fast, slow },
        })
    }

    /// Adds the strategy to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.float(self.fast.value().unwrap_or(0.0));
        hash.float(self.slow.value().unwrap_or(0.0));
        hash.word(self.bars);
        hash.int(self.side);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control() -> EmaCross {
        EmaCross::new(ControlSettings { fast: 2, slow: 4, quantity: Qty(5) })
    }

    #[test]
    fn counts_from_bar_slow_and_keeps_the_side_on_equality() {
        // Up from the start, so long without a cross; then down: the first counted cross.
        let closes: Vec<Price> = [100, 110, 120, 130, 140, 150, 100, 90, 80, 80, 80].map(Price).to_vec();
        let mut strategy = control();
        let (taken, turn) = strategy.scan(&closes);
        assert_eq!(turn.map(|turn| turn.target), Some(Qty(-5)));
        assert_eq!(taken, 7);
        let mut flat = control();
        assert_eq!(flat.scan(&[Price(100); 50]), (50, None));
        // The first side after equality is no cross.
        assert_eq!(flat.scan(&[Price(101)]), (1, None));
        assert!(flat.scan(&[Price(90)]).1.is_some());
    }

    #[test]
    fn strides_agree() {
        let closes: Vec<Price> = (0..2_000_i64).map(|i| Price(1_000 + (i * i * 7919) % 613)).collect();
        let turns = |stride: usize| {
            let (mut strategy, mut found, mut at) = (control(), Vec::new(), 0);
            while at < closes.len() {
                let end = closes.len().min(at + stride);
                let (taken, turn) = strategy.scan(&closes[at..end]);
                at += taken;
                found.extend(turn.map(|turn| (at, turn.target)));
            }
            found
        };
        assert!(turns(1).len() > 50);
        assert_eq!(turns(1), turns(7));
        assert_eq!(turns(1), turns(256));
    }
}
