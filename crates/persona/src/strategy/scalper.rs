//! Fades stretched moves back towards the day's volume-weighted average price, as a maker, for minutes.
//!
//! There is no order book to look at here, and its reason says so: it sees volume and the average only. The edge it
//! claims, and where it fails, are `edge` and `fails` of `personas/scalper.toml`.

use super::{Context, Held};
use crate::signal::{EntryStyle, Reason, Signal};
use market::{Frame, Indicator, Regime, Wants};
use model::{Interval, Side};

/// Distance from the average as a fraction of the price: nearer, the way back does not pay a round trip of maker and
/// taker fees (0.09 %) three times; further, it is a trend day.
const STRETCH: std::ops::RangeInclusive<f64> = 0.003..=0.02;
/// Average true range of five minutes as a fraction of the price: below, nothing moves far enough to pay the fees.
const RANGE_MIN: f64 = 0.001;
/// Volume of the last bar against its mean: above, somebody knows something.
const VOLUME_MAX: f64 = 1.0;
/// The day's average means little before this much of the day.
const DAY_SEEN: Interval = Interval(2 * Interval::HOUR.0);
/// How far below the price the order waits, in average true ranges of five minutes.
const OFFSET_ATR: f64 = 2.0;
/// How long it waits.
const PATIENCE: Interval = Interval::minutes(15);
/// A way back that takes longer is none. Looked at every five minutes, so no position lives longer than 15.
const HELD_MAX: Interval = Interval::minutes(10);
/// Stop distance as a fraction of the price; the only target lies as far on the other side.
const STOP: f64 = 0.003;

/// No memory: everything it needs is in the shared view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scalper;

impl Scalper {
    /// What it reads.
    pub const WANTS: Wants = Wants::NONE.with(
        Frame::M5,
        &[
            Indicator::VwapSession,
            Indicator::Atr14,
            Indicator::Sma20,
            Indicator::VolumeRatio20,
            Indicator::Regime,
        ],
    );

    /// Waits below (above) a price that is stretched below (above) the day's average in quiet trading.
    pub fn should_enter_trade(&mut self, context: &Context<'_>) -> Option<Signal> {
        if !context.closed.contains(Frame::M5) || context.now.time_of_day_ms() < DAY_SEEN.0 {
            return None;
        }
        let five = context.market.frame(Frame::M5);
        let close = five.last.close;
        let (vwap, atr) = (five.vwap_session().value()?, five.atr_14().value()?);
        let distance = (close - vwap).abs() / close;
        let direction = if close < vwap { 1 } else { -1 };
        // The last hour and a half must not have turned back already.
        let still_going = (five.sma_20().value()? - close) * direction as f64 >= 0.0;
        let volume_ratio = five.volume_ratio_20().value()?;
        if !STRETCH.contains(&distance)
            || !still_going
            || atr < close * RANGE_MIN
            || volume_ratio > VOLUME_MAX
            || *five.regime() == Regime::Volatile
        {
            return None;
        }
        let side = if direction > 0 { Side::Buy } else { Side::Sell };
        // 0.5 at the nearest stretch it takes, 1 at the furthest.
        let strength = 0.5 + (distance - STRETCH.start()) / (STRETCH.end() - STRETCH.start()) / 2.0;
        let style = EntryStyle::Make { offset: (atr * OFFSET_ATR) as i64 + 1, patience: PATIENCE };
        let reason = Reason::Stretched { direction, vwap, distance, volume_ratio };
        Some(Signal { side, strength, style, reason })
    }

    /// Leaves when the way back takes too long.
    pub fn should_exit_trade(&mut self, context: &Context<'_>, held: &Held) -> Option<Reason> {
        let time = context.now - held.since;
        (time >= HELD_MAX).then_some(Reason::TimeUp { held: time })
    }

    /// A fixed part of the price.
    pub fn stop_distance(&self, context: &Context<'_>) -> Option<f64> {
        Some(context.price.0 as f64 * STOP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_market::MadeMarket;

    const PRICE: i64 = 200_000;

    /// Ten hours of one price, then away from it in six bars.
    fn after(change: i64, volume: f64) -> MadeMarket {
        let mut made = MadeMarket::new(Scalper::WANTS, PRICE);
        made.wiggle(150, 150, 10.0);
        for _ in 0..6 {
            made.bar(made.close() + change / 6, 75, volume);
        }
        made
    }

    fn signal(made: &MadeMarket) -> Option<Signal> {
        Scalper.should_enter_trade(&made.context(0.0))
    }

    #[test]
    fn a_quiet_stretch_is_faded_by_a_resting_order() {
        for (change, side) in [(-1_500, Side::Buy), (1_500, Side::Sell)] {
            let made = after(change, 8.0);
            let signal = signal(&made).expect("stretched and quiet");
            assert_eq!(signal.side, side);
            let EntryStyle::Make { offset, patience } = signal.style else { panic!("a maker") };
            // Two ranges of about 330 ticks.
            assert!((600..=720).contains(&offset) && patience == PATIENCE, "{offset}");
            assert!((0.5..=1.0).contains(&signal.strength));
            let Reason::Stretched { vwap, distance, .. } = signal.reason else { panic!() };
            assert!((vwap - PRICE as f64).abs() < 200.0, "{vwap}");
            assert!((distance - 0.0075).abs() < 0.001, "{distance}");
            let text = signal.reason.describe(&model::Instrument::btcusdt());
            assert!(text.contains("no order book"), "{text}");
        }
    }

    #[test]
    fn neither_near_nor_far_nor_loud_nor_dead() {
        assert_eq!(signal(&after(-300, 8.0)), None, "too near to pay the fees");
        assert_eq!(signal(&after(-6_000, 8.0)), None, "a trend day");
        assert_eq!(signal(&after(-1_500, 30.0)), None, "somebody knows something");
        let mut dead = MadeMarket::new(Scalper::WANTS, PRICE);
        dead.wiggle(150, 10, 10.0);
        for _ in 0..40 {
            dead.bar(dead.close() - 30, 5, 8.0);
        }
        assert_eq!(signal(&dead), None, "nothing moves far enough");
        let mut back = after(-1_500, 8.0);
        back.wiggle(20, 150, 8.0);
        assert!(signal(&back).is_some());
        back.bar(back.close() + 500, 75, 8.0);
        assert_eq!(signal(&back), None, "on the way back already");
    }

    #[test]
    fn ten_minutes_are_enough() {
        let made = after(-1_500, 8.0);
        let exit = |minutes| {
            let held = made.held(Side::Buy, Interval::minutes(minutes));
            Scalper.should_exit_trade(&made.context(0.0), &held)
        };
        assert_eq!(exit(9), None);
        assert_eq!(exit(10), Some(Reason::TimeUp { held: HELD_MAX }));
        assert_eq!(Scalper.stop_distance(&made.context(0.0)), Some(made.close() as f64 * STOP));
    }
}
