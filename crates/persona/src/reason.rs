//! Why something was decided, with the figures that a person can check against the chart.
//!
//! It refuses a reason without a figure where there is one to give.

use model::{Instrument, Interval};

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
    /// A quarter of an hour closed outside its channel with volume behind it.
    Momentum {
        /// 1: up, -1: down.
        direction: i64,
        /// Channel edge that was left.
        level: f64,
        /// Volume against its mean.
        volume_ratio: f64,
        /// Average true range against what it usually is.
        range_ratio: f64,
    },
    /// The price is stretched away from the day's volume-weighted average.
    Stretched {
        /// 1: it should rise back, -1: it should fall back.
        direction: i64,
        /// The average since midnight UTC.
        vwap: f64,
        /// How far away, as a fraction of the price.
        distance: f64,
        /// Bar's volume against its mean.
        volume_ratio: f64,
    },
    /// It has been held for as long as it may be.
    TimeUp {
        /// How long that was.
        held: Interval,
    },
    /// A big bar: surely it goes on.
    BigBar {
        /// 1: up, -1: down.
        direction: i64,
        /// Move of the bar as a fraction of its open.
        change: f64,
        /// Its range in average true ranges.
        ranges: f64,
    },
    /// Somebody told how well yesterday went.
    Tipped {
        /// 1: up, -1: down.
        direction: i64,
        /// Change of the last whole UTC day, as a fraction.
        change: f64,
    },
    /// Nothing happened but nerves.
    LostNerve,
    /// A swing was partly given back, and the way back was tested twice.
    Retraced {
        /// 1: the swing went up, -1: down.
        direction: i64,
        /// Where the swing began.
        from: f64,
        /// Where it ended.
        to: f64,
        /// Part of it that was given back at the turn.
        ratio: f64,
        /// The turn that held when it was tested again.
        turn: f64,
    },
    /// Trend and reversion, weighed, point the same way.
    Blended {
        /// 1: up, -1: down.
        direction: i64,
        /// -1..1: distance of the averages of four hours.
        trend: f64,
        /// -1..1: distance of the hour from its average, turned around.
        reversion: f64,
        /// Weight of the trend, 0..1.
        weight: f64,
    },
    /// The higher frame's trend turned against the position.
    TrendTurned {
        /// New direction: 1 up, -1 down, 0 none.
        direction: i64,
    },
}

model::value!(enum Reason {
    0 => PullBack { direction, ema_20, adx },
    1 => Breakout { direction, level, volume_ratio },
    2 => Crossed { direction, fast, slow },
    3 => Chased { direction, move_atr },
    4 => WonBack { direction, lost_r },
    5 => Opened,
    6 => Momentum { direction, level, volume_ratio, range_ratio },
    7 => Stretched { direction, vwap, distance, volume_ratio },
    8 => TimeUp { held },
    9 => BigBar { direction, change, ranges },
    10 => Tipped { direction, change },
    11 => LostNerve,
    12 => Retraced { direction, from, to, ratio, turn },
    13 => Blended { direction, trend, reversion, weight },
    14 => TrendTurned { direction },
});

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
            Reason::Momentum { direction, level, volume_ratio, range_ratio } => format!(
                "15 m close beyond its 20-bar channel at {}, {}, volume {volume_ratio:.1}x, ATR {range_ratio:.1}x",
                price(level),
                way(direction)
            ),
            Reason::Stretched { direction, vwap, distance, volume_ratio } => format!(
                "{:.2} % {} the day's VWAP at {}, volume {volume_ratio:.1}x, fading it as a maker; \
                 no order book: VWAP and volume only",
                distance * 100.0,
                if direction > 0 { "below" } else { "above" },
                price(vwap)
            ),
            Reason::TimeUp { held } => {
                format!("held {} min, that is long enough", held.0 / Interval::MINUTE.0)
            }
            Reason::BigBar { direction, change, ranges } => format!(
                "15 m bar moved {:+.2} % ({ranges:.1} ATR), jumping on the way {}",
                change * 100.0,
                way(direction)
            ),
            Reason::Tipped { direction, change } => {
                format!("a tip: yesterday made {:+.2} %, so it goes {}", change * 100.0, way(direction))
            }
            Reason::LostNerve => "could not watch it any longer".to_owned(),
            Reason::Retraced { from, to, ratio, turn, .. } => format!(
                "1 h swing {} to {}, given back {ratio:.3} to {}, which held on the retest",
                price(from),
                price(to),
                price(turn)
            ),
            Reason::Blended { trend, reversion, weight, .. } => format!(
                "4 h trend {trend:+.2} weighed {:.0} %, 1 h reversion {reversion:+.2} weighed {:.0} %",
                weight * 100.0,
                (1.0 - weight) * 100.0
            ),
            Reason::TrendTurned { direction: 0 } => "4 h trend is gone".to_owned(),
            Reason::TrendTurned { direction } => format!("4 h trend turned {}", way(direction)),
        }
    }
}
