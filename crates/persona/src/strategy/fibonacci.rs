//! Retracements of the hourly swing: between 0.382 and 0.618 given back, a turn, a retest that holds.
//!
//! It trades little and waits for far targets. The edge it claims, and where it fails, are `edge` and `fails` of
//! `personas/fibonacci.toml`.

use super::{Context, Held};
use crate::signal::{EntryStyle, Reason, Signal};
use market::{Frame, Indicator, Pivot, PivotKind, Wants};
use model::{Interval, Side};

/// Part of the swing that may have been given back at the turn.
const ZONE: std::ops::RangeInclusive<f64> = 0.382..=0.618;
/// The stop lies where this part of the swing is given back; the band of risk keeps it at least one percent away.
const STOP_RATIO: f64 = 0.786;
/// A retest comes this close to the turn, or this far beyond it, in average true ranges of five minutes.
const TOUCH_ATR: f64 = 2.0;
const BREAK_ATR: f64 = 0.5;
/// The confirming bar closes this far from its open, in average true ranges of five minutes.
const CONFIRM_ATR: f64 = 0.25;
/// A retracement that has not gone on by then will not.
const HELD_MAX: Interval = Interval(24 * Interval::HOUR.0);

/// No memory: everything it needs is in the shared view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fibonacci;

/// The last whole swing of the hour.
struct Impulse {
    from: Pivot,
    to: Pivot,
}

impl Impulse {
    fn last(context: &Context<'_>) -> Option<Impulse> {
        let mut pivots = context.market.frame(Frame::H1).swings().pivots();
        let (to, from) = (pivots.next()?, pivots.next()?);
        Some(Impulse { from, to })
    }

    fn direction(&self) -> i64 {
        match self.to.kind {
            PivotKind::High => 1,
            PivotKind::Low => -1,
        }
    }

    /// Part of the swing that is given back at a price.
    fn given_back(&self, price: f64) -> f64 {
        (self.to.price - price) / (self.to.price - self.from.price)
    }

    /// The price at which a part of the swing is given back.
    fn level(&self, ratio: f64) -> f64 {
        self.to.price - (self.to.price - self.from.price) * ratio
    }
}

impl Fibonacci {
    /// What it reads.
    pub const WANTS: Wants = Wants::NONE
        .with(Frame::M5, &[Indicator::Atr14, Indicator::Swings])
        .with(Frame::H1, &[Indicator::Swings]);

    /// Enters on a retest, with a confirming close, of a turn inside the zone.
    pub fn should_enter_trade(&mut self, context: &Context<'_>) -> Option<Signal> {
        if !context.closed.contains(Frame::M5) {
            return None;
        }
        let impulse = Impulse::last(context)?;
        let (direction, sign) = (impulse.direction(), impulse.direction() as f64);
        let five = context.market.frame(Frame::M5);
        let turn = if direction > 0 { five.swings().last_low()? } else { five.swings().last_high()? };
        let ratio = impulse.given_back(turn.price);
        if turn.time <= impulse.to.time || !ZONE.contains(&ratio) {
            return None;
        }
        let (bar, atr) = (&five.last, five.atr_14().value()?);
        let extreme = if direction > 0 { bar.low } else { bar.high };
        let tested = (-BREAK_ATR * atr..=TOUCH_ATR * atr).contains(&((extreme - turn.price) * sign));
        let confirmed =
            (bar.close - bar.open) * sign > CONFIRM_ATR * atr && (bar.close - turn.price) * sign > 0.0;
        if !(tested && confirmed) {
            return None;
        }
        let side = if direction > 0 { Side::Buy } else { Side::Sell };
        // 1 at the middle of the zone, about 0.5 at its edges.
        let strength = (1.0 - (ratio - 0.5).abs() * 4.0).clamp(0.5, 1.0);
        let (from, to) = (impulse.from.price, impulse.to.price);
        let reason = Reason::Retraced { direction, from, to, ratio, turn: turn.price };
        Some(Signal { side, strength, style: EntryStyle::Take, reason })
    }

    /// Leaves after a day.
    pub fn should_exit_trade(&mut self, context: &Context<'_>, held: &Held) -> Option<Reason> {
        let time = context.now - held.since;
        (time >= HELD_MAX).then_some(Reason::TimeUp { held: time })
    }

    /// As far as where 0.786 of the swing is given back.
    pub fn stop_distance(&self, context: &Context<'_>) -> Option<f64> {
        let impulse = Impulse::last(context)?;
        let far = (context.price.0 as f64 - impulse.level(STOP_RATIO)) * impulse.direction() as f64;
        Some(far.max(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_market::MadeMarket;

    const PRICE: i64 = 200_000;

    /// Two quiet days, an impulse of 4800 ticks in eight hours, then the legs: changes and their lengths in bars.
    /// `sign` turns the market upside down.
    fn signals(sign: i64, legs: &[(i64, i64)]) -> (MadeMarket, Vec<Signal>) {
        let mut made = MadeMarket::new(Fibonacci::WANTS, PRICE);
        let mut seen = Vec::new();
        made.wiggle(576, 20, 10.0);
        // Away and back, so that the impulse begins at a turn that is known.
        for &(change, bars) in [(-1_200, 48), (4_800, 96)].iter().chain(legs) {
            for _ in 0..bars {
                made.bar(made.close() + sign * change / bars, 10, 10.0);
                seen.extend(Fibonacci.should_enter_trade(&made.context(0.0)));
            }
        }
        (made, seen)
    }

    /// Half is given back, a bounce, the retest, and up.
    const HELD: [(i64, i64); 4] = [(-2_400, 48), (400, 6), (-350, 6), (600, 6)];

    #[test]
    fn a_turn_in_the_zone_that_holds_is_joined_either_way() {
        for (sign, side) in [(1, Side::Buy), (-1, Side::Sell)] {
            let (made, seen) = signals(sign, &HELD);
            let signal = seen.first().expect("a retest that held");
            assert!(seen.iter().all(|signal| signal.side == side), "{seen:?}");
            assert!((0.5..=1.0).contains(&signal.strength));
            let Reason::Retraced { direction, from, to, ratio, turn } = signal.reason else { panic!() };
            assert_eq!(direction, sign);
            assert!(((to - from) * sign as f64 - 4_800.0).abs() < 50.0, "{from} {to}");
            assert!((ratio - 0.5).abs() < 0.02 && (turn - (to + from) / 2.0).abs() < 50.0, "{ratio} {turn}");
            let stop = Fibonacci.stop_distance(&made.context(0.0)).expect("a swing is known");
            let level = to - (to - from) * STOP_RATIO;
            assert!((stop - (made.close() as f64 - level).abs()).abs() < 1e-6, "{stop}");
        }
    }

    #[test]
    fn no_turn_too_shallow_or_too_deep_is_left_alone() {
        for legs in [
            // Straight through.
            &[(-4_400, 96)][..],
            // A turn where 0.8 is given back, retested.
            &[(-3_840, 72), (400, 6), (-350, 6), (600, 6)],
            // The turn breaks when it is tested.
            &[(-2_400, 48), (400, 6), (-900, 6)],
        ] {
            let (_, seen) = signals(1, legs);
            assert_eq!(seen, [], "{legs:?}");
        }
    }

    #[test]
    fn a_day_is_enough() {
        let (made, _) = signals(1, &HELD);
        let exit = |ago| Fibonacci.should_exit_trade(&made.context(0.0), &made.held(Side::Buy, ago));
        assert_eq!(exit(Interval(HELD_MAX.0 - 1)), None);
        assert_eq!(exit(HELD_MAX), Some(Reason::TimeUp { held: HELD_MAX }));
    }
}
