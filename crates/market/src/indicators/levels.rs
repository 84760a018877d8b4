//! Support and resistance: pivots that lie close together make one level, the more of them the stronger.
//!
//! A new pivot joins the nearest level within `reach` average true ranges of its confirmation and moves it to the mean
//! of its touches; otherwise it makes a level, in place of the one touched longest ago once all are taken. Warm-up: one
//! pivot. Refuses to call a level support or resistance by itself: that depends on where the price is.

use super::Pivot;
use model::{StateHash, Time};

/// How many levels are remembered.
pub const LEVELS_MAX: usize = 16;

/// A price at which the market has turned.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Level {
    /// Mean of the pivots, in ticks.
    pub price: f64,
    /// Number of pivots.
    pub touches: u32,
    /// Open time of the bar of the last pivot.
    pub touched_at: Time,
}

model::value!(Level { price, touches, touched_at });

/// The levels of a frame.
#[derive(Clone, Debug)]
pub struct Levels {
    reach_atr: f64,
    levels: [Level; LEVELS_MAX],
    len: usize,
}

model::state!(Levels { levels, len } origin { reach_atr } if |levels| levels.len <= LEVELS_MAX);

impl Levels {
    /// Pivots within `reach_atr` average true ranges make one level.
    pub fn new(reach_atr: f64) -> Levels {
        assert!(reach_atr > 0.0, "a level has a reach");
        Levels { reach_atr, levels: [Level::default(); LEVELS_MAX], len: 0 }
    }

    /// Takes in a newly confirmed pivot, with the average true range of that moment.
    pub fn update(&mut self, pivot: &Pivot, atr: f64) {
        let distance = |level: &Level| (level.price - pivot.price).abs();
        let near = self.levels[..self.len].iter_mut().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        if let Some(level) = near.filter(|level| distance(level) <= self.reach_atr * atr) {
            level.touches += 1;
            level.price += (pivot.price - level.price) / f64::from(level.touches);
            level.touched_at = pivot.time;
            return;
        }
        let level = Level { price: pivot.price, touches: 1, touched_at: pivot.time };
        if self.len < LEVELS_MAX {
            self.levels[self.len] = level;
            self.len += 1;
        } else if let Some(oldest) = self.levels.iter_mut().min_by_key(|level| level.touched_at) {
            *oldest = level;
        }
    }

    /// Every level, in no particular order.
    pub fn all(&self) -> &[Level] {
        &self.levels[..self.len]
    }

    /// The highest level below `price`: support.
    pub fn nearest_below(&self, price: f64) -> Option<Level> {
        let below = self.all().iter().filter(|level| level.price < price);
        below.max_by(|a, b| a.price.total_cmp(&b.price)).copied()
    }

    /// The lowest level above `price`: resistance.
    pub fn nearest_above(&self, price: f64) -> Option<Level> {
        let above = self.all().iter().filter(|level| level.price > price);
        above.min_by(|a, b| a.price.total_cmp(&b.price)).copied()
    }

    /// Price of the level touched last.
    pub fn value(&self) -> Option<f64> {
        self.all().iter().max_by_key(|level| level.touched_at).map(|level| level.price)
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(self.len as u64);
        for level in self.all() {
            hash.float(level.price);
            hash.word(u64::from(level.touches));
            hash.int(level.touched_at.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PivotKind;

    fn pivot(minute: i64, price: f64) -> Pivot {
        let time = Time(minute * 60_000);
        Pivot { kind: PivotKind::High, time, price, confirmed_at: Time(time.0 + 1) }
    }

    #[test]
    fn pivots_within_reach_make_one_level() {
        let mut levels = Levels::new(0.5);
        for (minute, price) in [(1, 100.0), (2, 200.0), (3, 104.0), (4, 107.5)] {
            levels.update(&pivot(minute, price), 10.0);
        }
        assert_eq!(levels.all().len(), 3);
        let touched_at = Time(180_000);
        assert_eq!(levels.nearest_below(103.0), Some(Level { price: 102.0, touches: 2, touched_at }));
        assert_eq!(levels.nearest_above(102.0).map(|level| level.price), Some(107.5));
        assert_eq!(levels.nearest_below(102.0), None);
        assert_eq!(levels.nearest_above(200.0), None);
        assert_eq!(levels.value(), Some(107.5));
    }

    #[test]
    fn the_level_touched_longest_ago_gives_way() {
        let mut levels = Levels::new(0.5);
        for minute in 0..LEVELS_MAX as i64 {
            levels.update(&pivot(minute, 1_000.0 * minute as f64), 10.0);
        }
        levels.update(&pivot(100, 0.0), 10.0);
        levels.update(&pivot(101, 99_000.0), 10.0);
        assert_eq!(levels.all().len(), LEVELS_MAX);
        assert_eq!(levels.nearest_below(1.0).map(|level| level.touches), Some(2));
        assert!(levels.all().iter().all(|level| level.price != 1_000.0));
    }
}
