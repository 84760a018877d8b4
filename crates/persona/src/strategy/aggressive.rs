//! Momentum on the quarter hour: a whole-hearted close outside the channel, with volume, while ranges grow.
//!
//! It stays out of most quiet markets. The edge it claims, and where it fails, are `edge` and `fails` of
//! `personas/aggressive.toml`.

use super::{Context, Held};
use crate::signal::{EntryStyle, Reason, Signal};
use market::{Frame, Indicator, Wants};
use model::{Interval, Side};

/// Volume behind a break, against its mean of 20 bars.
const BREAK_VOLUME: f64 = 2.0;
/// Average true range against what it usually is: below, a break leads nowhere.
const RANGE_RATIO_MIN: f64 = 1.1;
/// The breaking bar's body as a part of its range: below, the break was already answered.
const BODY_MIN: f64 = 0.5;
/// Stop distance in average true ranges of the quarter hour.
const STOP_ATR: f64 = 1.0;
/// Momentum that has not paid by then is gone.
const HELD_MAX: Interval = Interval(12 * Interval::HOUR.0);

/// No memory: everything it needs is in the shared view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aggressive;

impl Aggressive {
    /// What it reads.
    pub const WANTS: Wants = Wants::NONE.with(
        Frame::M15,
        &[Indicator::Atr14, Indicator::Donchian20, Indicator::VolumeRatio20, Indicator::AtrUsual],
    );

    /// Enters with a break of the 20-bar channel.
    pub fn should_enter_trade(&mut self, context: &Context<'_>) -> Option<Signal> {
        if !context.closed.contains(Frame::M15) {
            return None;
        }
        let quarter = context.market.frame(Frame::M15);
        let (bar, channel) = (&quarter.last, &quarter.donchian_20());
        let (upper, lower) = (channel.previous_upper()?, channel.previous_lower()?);
        let (direction, level) = if bar.close > upper {
            (1, upper)
        } else if bar.close < lower {
            (-1, lower)
        } else {
            return None;
        };
        let (volume_ratio, range_ratio) = (quarter.volume_ratio_20().value()?, quarter.range_ratio()?);
        let body = (bar.close - bar.open) * direction as f64;
        if volume_ratio < BREAK_VOLUME
            || range_ratio < RANGE_RATIO_MIN
            || body < (bar.high - bar.low) * BODY_MIN
        {
            return None;
        }
        let side = if direction > 0 { Side::Buy } else { Side::Sell };
        // 0.5 at the least volume it takes, 1 at six times the usual.
        let strength = (0.5 + (volume_ratio - BREAK_VOLUME) / 8.0).min(1.0);
        let reason = Reason::Momentum { direction, level, volume_ratio, range_ratio };
        Some(Signal { side, strength, style: EntryStyle::Take, reason })
    }

    /// Leaves after half a day.
    pub fn should_exit_trade(&mut self, context: &Context<'_>, held: &Held) -> Option<Reason> {
        let time = context.now - held.since;
        (time >= HELD_MAX).then_some(Reason::TimeUp { held: time })
    }

    /// One average true range of the quarter hour.
    pub fn stop_distance(&self, context: &Context<'_>) -> Option<f64> {
        Some(context.market.frame(Frame::M15).atr_14().value()? * STOP_ATR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_market::MadeMarket;

    const PRICE: i64 = 200_000;

    /// A day and a half of nothing, then one bar.
    fn after(change: i64, wick: i64, volume: f64) -> MadeMarket {
        let mut made = MadeMarket::new(Aggressive::WANTS, PRICE);
        made.wiggle(150, 100, 10.0);
        made.bar(made.close() + change, wick, volume);
        made
    }

    fn signal(made: &MadeMarket) -> Option<Signal> {
        Aggressive.should_enter_trade(&made.context(0.0))
    }

    #[test]
    fn a_burst_out_of_the_range_is_joined_either_way() {
        for (change, side) in [(700, Side::Buy), (-700, Side::Sell)] {
            let signal = signal(&after(change, 20, 30.0)).expect("a break with volume");
            assert_eq!((signal.side, signal.style), (side, EntryStyle::Take));
            assert!((signal.strength - 0.625).abs() < 1e-9, "{}", signal.strength);
            let Reason::Momentum { direction, level, volume_ratio, range_ratio } = signal.reason else {
                panic!("{:?}", signal.reason)
            };
            assert_eq!((direction, volume_ratio), (side.sign(), 3.0));
            let edge = if change > 0 { PRICE + 150 } else { PRICE - 50 };
            assert!((level - edge as f64).abs() < 1e-9 && range_ratio > 1.1, "{level} {range_ratio}");
        }
    }

    #[test]
    fn no_break_no_volume_no_body_no_trade() {
        assert_eq!(signal(&after(100, 20, 30.0)), None, "inside the channel");
        assert_eq!(signal(&after(700, 20, 19.0)), None, "without volume");
        assert_eq!(signal(&after(700, 400, 30.0)), None, "answered within the bar");
        let mut shrinking = MadeMarket::new(Aggressive::WANTS, PRICE);
        shrinking.wiggle(150, 400, 10.0);
        shrinking.wiggle(40, 20, 10.0);
        shrinking.bar(shrinking.close() + 100, 0, 30.0);
        assert_eq!(signal(&shrinking), None, "while ranges shrink");
    }

    #[test]
    fn half_a_day_is_enough_and_the_stop_is_one_range_away() {
        let made = after(700, 20, 30.0);
        let exit = |ago| Aggressive.should_exit_trade(&made.context(0.0), &made.held(Side::Buy, ago));
        assert_eq!(exit(Interval(HELD_MAX.0 - 1)), None);
        assert_eq!(exit(HELD_MAX), Some(Reason::TimeUp { held: HELD_MAX }));
        // Wilder: thirteen parts of the usual 200 ticks and one of the breaking bar's 740.
        let stop = Aggressive.stop_distance(&made.context(0.0)).expect("warm");
        assert!((stop - (200.0 * 13.0 + 740.0) / 14.0).abs() < 0.1, "{stop}");
    }
}
