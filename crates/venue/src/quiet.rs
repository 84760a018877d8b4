//! Finding the first bar that matters. The hot path: two columns are compared with two numbers, blocks at a time.
//!
//! Decides nothing: a bar it stops at may turn out to change nothing, a bar it passes over never would.

use crate::marks::MarkPath;
use model::{Bars, Mark, Price};

const NEVER_BELOW: i64 = -(1 << 61);
const NEVER_ABOVE: i64 = 1 << 61;
const BLOCK_BARS: usize = 32;

/// Whether something moves with every bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    /// Only the levels matter.
    Still,
    /// A live trailing stop or an order waiting for volume: every bar matters.
    Moving,
}

/// The prices that touch something: traded ones in ticks, marks in mark units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) below: i64,
    pub(crate) above: i64,
    pub(crate) mark_below: i64,
    pub(crate) mark_above: i64,
    pub(crate) motion: Motion,
}

impl Bounds {
    pub(crate) const NONE: Bounds = Bounds {
        below: NEVER_BELOW,
        above: NEVER_ABOVE,
        mark_below: NEVER_BELOW,
        mark_above: NEVER_ABOVE,
        motion: Motion::Still,
    };

    /// Whether nothing can touch anything: compared word by word, because this is asked of every run of bars.
    pub(crate) fn are_none(&self) -> bool {
        let below = (self.below ^ NEVER_BELOW) | (self.mark_below ^ NEVER_BELOW);
        let above = (self.above ^ NEVER_ABOVE) | (self.mark_above ^ NEVER_ABOVE);
        below | above == 0 && self.motion == Motion::Still
    }

    /// What touches either.
    pub(crate) fn merge(&mut self, other: &Bounds) {
        self.below = self.below.max(other.below);
        self.above = self.above.min(other.above);
        self.mark_below = self.mark_below.max(other.mark_below);
        self.mark_above = self.mark_above.min(other.mark_above);
        if other.motion == Motion::Moving {
            self.motion = Motion::Moving;
        }
    }

    /// Whether a bar of these extremes touches something.
    pub(crate) fn touched(&self, low: Price, high: Price, mark_low: Mark, mark_high: Mark) -> bool {
        self.motion == Motion::Moving
            || low.0 <= self.below
            || high.0 >= self.above
            || mark_low.0 <= self.mark_below
            || mark_high.0 >= self.mark_above
    }

    /// How many leading bars touch nothing.
    pub(crate) fn untouched(&self, bars: Bars<'_>, mark: MarkPath<'_>, mark_per_tick: i64) -> usize {
        if self.motion == Motion::Moving {
            return 0;
        }
        let (mut below, mut above) = (self.below, self.above);
        let mut n = bars.len();
        match mark {
            MarkPath::Basis(basis) => {
                if self.mark_below != NEVER_BELOW {
                    below = below.max((self.mark_below - basis.0).div_euclid(mark_per_tick));
                }
                if self.mark_above != NEVER_ABOVE {
                    above = above.min(-(basis.0 - self.mark_above).div_euclid(mark_per_tick));
                }
            }
            MarkPath::Bars { high, low } => {
                assert!(high.len() == n && low.len() == n, "mark bars are as many as bars");
                n = first_below(&low[..n], |mark| mark.0, self.mark_below);
                n = first_above(&high[..n], |mark| mark.0, self.mark_above);
            }
        }
        n = first_below(&bars.low[..n], |price| price.0, below);
        first_above(&bars.high[..n], |price| price.0, above)
    }
}

/// Index of the first value at or below `bound`. The sign bits of the differences are collected, because that is
/// what the plainest vector unit can do with 64-bit integers.
#[inline]
fn first_below<T: Copy>(column: &[T], word: impl Fn(T) -> i64, bound: i64) -> usize {
    if bound == NEVER_BELOW {
        return column.len();
    }
    first_negative(column, |value| word(value).wrapping_sub(bound + 1))
}

/// Index of the first value at or above `bound`.
#[inline]
fn first_above<T: Copy>(column: &[T], word: impl Fn(T) -> i64, bound: i64) -> usize {
    if bound == NEVER_ABOVE {
        return column.len();
    }
    first_negative(column, |value| (bound - 1).wrapping_sub(word(value)))
}

#[inline]
fn first_negative<T: Copy>(column: &[T], difference: impl Fn(T) -> i64) -> usize {
    let mut start = 0;
    for block in column.chunks_exact(BLOCK_BARS) {
        if block.iter().fold(0, |signs, &value| signs | difference(value)) < 0 {
            break;
        }
        start += BLOCK_BARS;
    }
    let rest = &column[start..];
    start + rest.iter().position(|&value| difference(value) < 0).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_of_many() {
        for len in [0, 1, 31, 32, 33, 100] {
            for at in 0..len {
                let mut column = vec![Price(50); len];
                column[at] = Price(40);
                if at + 3 < len {
                    column[at + 3] = Price(30);
                }
                assert_eq!(first_below(&column, |p| p.0, 40), at);
                assert_eq!(first_below(&column, |p| p.0, 29), len);
                column[at] = Price(60);
                assert_eq!(first_above(&column, |p| p.0, 60), at);
                assert_eq!(first_above(&column, |p| p.0, 61), len);
            }
        }
    }

    #[test]
    fn a_mark_level_becomes_a_price_level_exactly() {
        let (low, high) = ([Price(99), Price(98)], [Price(101), Price(103)]);
        let columns = Bars {
            interval: model::Interval::MINUTE,
            even_from: None,
            open_time: &[model::Time(0), model::Time(60_000)],
            open: &[Price(100); 2],
            high: &high,
            low: &low,
            close: &[Price(100); 2],
            volume: &[1.0; 2],
        };
        for (mark_below, mark_above, basis, want) in [
            (985, NEVER_ABOVE, 0, 1),
            (985, NEVER_ABOVE, 5, 1),
            (985, NEVER_ABOVE, 6, 2),
            (984, NEVER_ABOVE, -6, 0),
            (NEVER_BELOW, 1_025, 0, 1),
            (NEVER_BELOW, 1_025, -5, 1),
            (NEVER_BELOW, 1_025, -6, 2),
        ] {
            let bounds = Bounds { mark_below, mark_above, ..Bounds::NONE };
            assert_eq!(
                bounds.untouched(columns, MarkPath::Basis(Mark(basis)), 10),
                want,
                "{bounds:?} {basis}"
            );
        }
    }
}
