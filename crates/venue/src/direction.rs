//! Which way a price moves. Kept apart because margin, orders and the walk all need it; it knows none of them.

use model::Qty;

/// The way a price moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Falling.
    Down,
    /// Rising.
    Up,
}

impl Direction {
    /// +1 up, -1 down.
    #[inline]
    pub const fn sign(self) -> i64 {
        match self {
            Direction::Down => -1,
            Direction::Up => 1,
        }
    }

    /// The other way.
    #[inline]
    pub const fn opposite(self) -> Direction {
        match self {
            Direction::Down => Direction::Up,
            Direction::Up => Direction::Down,
        }
    }

    /// The way that costs a position of this sign money; a flat one has none.
    #[inline]
    pub const fn adverse_to(position: Qty) -> Option<Direction> {
        match position.0 {
            0 => None,
            1.. => Some(Direction::Down),
            _ => Some(Direction::Up),
        }
    }
}
