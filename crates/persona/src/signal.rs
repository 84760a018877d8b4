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

model::value!(enum EntryStyle { 0 => Take, 1 => Make { offset, patience } });

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

model::value!(Signal { side, strength, style, reason });

/// What an entry came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// The method.
    Signal,
    /// Fear of missing out.
    Fomo,
    /// A loss to be won back.
    Revenge,
}

model::value!(enum EntryKind { 0 => Signal, 1 => Fomo, 2 => Revenge });

impl EntryKind {
    /// All of them.
    pub const ALL: [EntryKind; 3] = [EntryKind::Signal, EntryKind::Fomo, EntryKind::Revenge];

    /// The word in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            EntryKind::Signal => "signal",
            EntryKind::Fomo => "fomo",
            EntryKind::Revenge => "revenge",
        }
    }
}

/// A bounded slip of the hand: never a missing stop, never beyond the caps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mistake {
    /// One decision late, at whatever the price is then.
    Late,
    /// Up to half too small or too large.
    WrongSize,
    /// The first target is forgotten; its share goes to the next.
    SkippedTarget,
}

model::value!(enum Mistake { 0 => Late, 1 => WrongSize, 2 => SkippedTarget });

/// What the mood makes of a signal: the same direction, with its dials turned inside the persona's band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impulse {
    /// The signal behind it.
    pub signal: Signal,
    /// Where it came from.
    pub kind: EntryKind,
    /// What goes wrong with it.
    pub mistake: Option<Mistake>,
    /// Where in the band of risk per trade, 0..1.
    pub appetite: f64,
    /// Multiplies the size.
    pub size: f64,
    /// The part of that which is the sky's.
    pub sky: f64,
    /// Multiplies the leverage, before it is held under the persona's cap.
    pub leverage: f64,
    /// Multiplies the stop distance, before it is held inside the persona's band.
    pub stop_distance: f64,
    /// Multiplies the distance of the targets.
    pub target_distance: f64,
}

model::value!(Impulse {
    signal,
    kind,
    mistake,
    appetite,
    size,
    sky,
    leverage,
    stop_distance,
    target_distance,
});

impl Impulse {
    /// A signal taken as it is, by a mind that feels nothing.
    pub const fn calm(signal: Signal, appetite: f64) -> Impulse {
        Impulse {
            signal,
            kind: EntryKind::Signal,
            mistake: None,
            appetite,
            size: 1.0,
            sky: 1.0,
            leverage: 1.0,
            stop_distance: 1.0,
            target_distance: 1.0,
        }
    }
}
