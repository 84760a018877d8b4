//! What a strategy sees and what the mood makes of it.

pub use crate::reason::Reason;
use model::{Interval, Side};

/// How an entry reaches the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryStyle {
    /// Takes what is there at once, up to a collar.
    Take,
    /// Rests post-only this many ticks on the better side of the last price (at least one), and is taken back if it
    /// has not filled within the time.
    Make {
        /// Ticks better than the last price.
        offset: i64,
        /// How long it may wait.
        patience: Interval,
    },
}

/// What a strategy sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signal {
    /// Which way.
    pub side: Side,
    /// How sure, 0..1; compared with the persona's entry threshold.
    pub strength: f64,
    /// How to enter.
    pub style: EntryStyle,
    /// Why.
    pub reason: Reason,
}

/// What the mood makes of a signal: the same direction, with its dials turned inside the persona's band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impulse {
    /// The signal behind it.
    pub signal: Signal,
    /// Where in the band of risk per trade, 0..1.
    pub appetite: f64,
    /// Multiplies the size.
    pub size: f64,
    /// Multiplies the stop distance, before it is held inside the persona's band.
    pub stop_distance: f64,
    /// Multiplies the distance of the targets.
    pub target_distance: f64,
}
