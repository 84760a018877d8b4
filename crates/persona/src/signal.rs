//! What a strategy sees and what the mood makes of it.

use model::{Instrument, Interval, Side};

/// A reason with the figures that a person can check against the chart. Prices are in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// The higher frame trends, price came back to the fast average and turned.
    PullBack {
        /// 1: up, -1: down.
        direction: i64,
        /// Average that was touched.
        ema_20: f64,
        /// Trend strength.
        adx: f64,
    },
    /// The close left the channel of the last 20 bars with volume behind it.
    Breakout {
        /// 1: up, -1: down.
        direction: i64,
        /// Channel edge that was left.
        level: f64,
        /// Volume against its mean.
        volume_ratio: f64,
    },
    /// Two averages crossed.
    Crossed {
        /// 1: up, -1: down.
        direction: i64,
        /// Fast average.
        fast: f64,
        /// Slow average.
        slow: f64,
    },
    /// No signal: the market ran, and it hurt to watch.
    Chased {
        /// 1: up, -1: down.
        direction: i64,
        /// The move of the last quarter of an hour in its average true ranges.
        move_atr: f64,
    },
    /// No signal: the last trade was lost and has to be won back, against the side that lost it.
    WonBack {
        /// 1: up, -1: down.
        direction: i64,
        /// What the last trade lost, in multiples of its risk.
        lost_r: f64,
    },
    /// The market opened.
    Opened,
    /// The higher frame's trend turned against the position.
    TrendTurned {
        /// New direction: 1 up, -1 down, 0 none.
        direction: i64,
    },
}

impl Reason {
    /// The sentence a person reads.
    pub fn describe(&self, instrument: &Instrument) -> String {
        let price = |ticks: f64| format!("{:.1}", ticks * instrument.tick.as_f64());
        let way = |direction: i64| if direction > 0 { "up" } else { "down" };
        match *self {
            Reason::PullBack { direction, ema_20, adx } => format!(
                "4 h trend {}, 1 h pulled back to EMA 20 at {} and turned, ADX {adx:.0}",
                way(direction),
                price(ema_20)
            ),
            Reason::Breakout { direction, level, volume_ratio } => format!(
                "4 h trend {}, 1 h close beyond the 20-bar channel at {}, volume {volume_ratio:.1}x",
                way(direction),
                price(level)
            ),
            Reason::Crossed { direction, fast, slow } => {
                format!("fast EMA {} crossed {} slow EMA {}", price(fast), way(direction), price(slow))
            }
            Reason::Chased { direction, move_atr } => {
                format!("no signal: chased a 15 min move {} of {move_atr:.1} ATR", way(direction))
            }
            Reason::WonBack { direction, lost_r } => {
                format!("no signal: wants {lost_r:.1} R back, now {}", way(direction))
            }
            Reason::Opened => "bought at the open and held".to_owned(),
            Reason::TrendTurned { direction: 0 } => "4 h trend is gone".to_owned(),
            Reason::TrendTurned { direction } => format!("4 h trend turned {}", way(direction)),
        }
    }
}

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

impl EntryKind {
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
    /// Multiplies the leverage, before it is held under the persona's cap.
    pub leverage: f64,
    /// Multiplies the stop distance, before it is held inside the persona's band.
    pub stop_distance: f64,
    /// Multiplies the distance of the targets.
    pub target_distance: f64,
}

impl Impulse {
    /// A signal taken as it is, by a mind that feels nothing.
    pub const fn calm(signal: Signal, appetite: f64) -> Impulse {
        Impulse {
            signal,
            kind: EntryKind::Signal,
            mistake: None,
            appetite,
            size: 1.0,
            leverage: 1.0,
            stop_distance: 1.0,
            target_distance: 1.0,
        }
    }
}
