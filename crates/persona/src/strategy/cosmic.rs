//! Weighs a trend against a reversion by how the outside factors stand together.
//!
//! Without any factor both weigh the same, and only a pull-back that turns inside a trend is strong enough. The
//! edge it claims, and where it fails, are `edge` and `fails` of `personas/cosmic.toml`.

use super::{Context, Held};
use crate::signal::{EntryStyle, Reason, Signal};
use market::{Frame, Indicator, Wants};
use model::Side;

/// Distance of the four-hour averages, in average true ranges, that counts as a whole trend.
const TREND_FULL: f64 = 2.0;
/// Distance of the hour from its average, in standard deviations, that counts as a whole stretch.
const STRETCH_FULL: f64 = 2.5;
/// How much of the weight the alignment moves, to either side of one half.
const WEIGHT_REACH: f64 = 0.4;
/// The blend it enters at when nothing is felt, and how much of that the alignment takes or adds.
const ENTER: f64 = 0.6;
const ENTER_REACH: f64 = 0.3;
/// The blend against a position at which it leaves.
const LEAVE: f64 = 0.3;
/// Stop distance in hourly average true ranges.
const STOP_ATR: f64 = 1.5;
/// More than a blend can be rounded by.
const ROUNDING: f64 = 1e-9;

/// No memory: everything it needs is in the shared view and the alignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cosmic;

/// Both readings, -1..1.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Readings {
    trend: f64,
    reversion: f64,
}

/// The weight of the trend under an alignment; the reversion has the rest.
fn weight(alignment: f64) -> f64 {
    0.5 + alignment * WEIGHT_REACH
}

/// The blend it enters at.
fn entry_threshold(alignment: f64) -> f64 {
    ENTER * (1.0 - ENTER_REACH * alignment)
}

fn alignment(context: &Context<'_>) -> f64 {
    context.alignment().clamp(-1.0, 1.0)
}

impl Readings {
    fn of(context: &Context<'_>) -> Option<Readings> {
        let (hour, four) = (context.market.frame(Frame::H1), context.market.frame(Frame::H4));
        let (mean, deviation) = (hour.bollinger_20().value()?, hour.bollinger_20().deviation()?);
        let stretch = if deviation > 0.0 { (hour.last.close - mean) / deviation } else { 0.0 };
        Some(Readings {
            trend: (four.trend_strength()? / TREND_FULL).clamp(-1.0, 1.0),
            reversion: (-stretch / STRETCH_FULL).clamp(-1.0, 1.0),
        })
    }

    fn blend(&self, weight: f64) -> f64 {
        weight * self.trend + (1.0 - weight) * self.reversion
    }

    /// The blend in this direction at the best of alignments: what rules most hours out before the sky is asked.
    fn best(&self, direction: i64) -> f64 {
        let blend = |alignment| self.blend(weight(alignment)) * direction as f64;
        blend(-1.0).max(blend(1.0)) + ROUNDING
    }

    fn reason(&self, direction: i64, weight: f64) -> Reason {
        let Readings { trend, reversion } = *self;
        Reason::Blended { direction, trend, reversion, weight }
    }
}

impl Cosmic {
    /// What it reads.
    pub const WANTS: Wants = Wants::NONE
        .with(Frame::H1, &[Indicator::Atr14, Indicator::Bollinger20])
        .with(Frame::H4, &[Indicator::Trend]);

    /// Enters where the blend is strong and the hour has turned its way.
    pub fn should_enter_trade(&mut self, context: &Context<'_>) -> Option<Signal> {
        if !context.closed.contains(Frame::H1) {
            return None;
        }
        let readings = Readings::of(context)?;
        let bar = &context.market.frame(Frame::H1).last;
        let direction = if bar.close > bar.open { 1 } else { -1 };
        if bar.close == bar.open || readings.best(direction) < entry_threshold(1.0) {
            return None;
        }
        let alignment = alignment(context);
        let (weight, threshold) = (weight(alignment), entry_threshold(alignment));
        let strong = readings.blend(weight) * direction as f64;
        if strong < threshold {
            return None;
        }
        let side = if direction > 0 { Side::Buy } else { Side::Sell };
        // 0.5 at the threshold, 1 where both readings are whole.
        let strength = (0.5 + (strong - threshold) / (1.0 - threshold) / 2.0).min(1.0);
        let reason = readings.reason(direction, weight);
        Some(Signal { side, strength, style: EntryStyle::Take, reason })
    }

    /// Leaves where the blend has turned against the position.
    pub fn should_exit_trade(&mut self, context: &Context<'_>, held: &Held) -> Option<Reason> {
        if !context.closed.contains(Frame::H1) {
            return None;
        }
        let readings = Readings::of(context)?;
        let against = -held.side.sign();
        if readings.best(against) < LEAVE {
            return None;
        }
        let weight = weight(alignment(context));
        (readings.blend(weight) * against as f64 >= LEAVE).then(|| readings.reason(against, weight))
    }

    /// One and a half hourly average true ranges.
    pub fn stop_distance(&self, context: &Context<'_>) -> Option<f64> {
        Some(context.market.frame(Frame::H1).atr_14().value()? * STOP_ATR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_market::MadeMarket;

    /// Twenty days of a trend of `step` ticks an hour, then these bars.
    fn after(step: i64, bars: &[i64]) -> MadeMarket {
        let mut made = MadeMarket::new(Cosmic::WANTS, 200_000);
        for i in 0..480 {
            // A little back and forth, so that there is something to deviate from.
            made.bar(made.close() + step + if i % 2 == 0 { 60 } else { -60 }, 30, 10.0);
        }
        for change in bars {
            made.bar(made.close() + change, 30, 10.0);
        }
        made
    }

    fn signal(made: &MadeMarket, alignment: f64) -> Option<Signal> {
        Cosmic.should_enter_trade(&made.context(alignment))
    }

    #[test]
    fn a_pull_back_that_turns_inside_a_trend_is_joined_either_way() {
        for (sign, side) in [(1, Side::Buy), (-1, Side::Sell)] {
            let made = after(40 * sign, &[-900 * sign, -300 * sign, 40 * sign]);
            let signal = signal(&made, 0.0).expect("both readings agree");
            assert_eq!(signal.side, side);
            assert!((0.5..=1.0).contains(&signal.strength));
            let Reason::Blended { direction, trend, reversion, weight } = signal.reason else { panic!() };
            assert_eq!((direction, weight), (sign, 0.5));
            assert!(trend * sign as f64 > 0.4 && reversion * sign as f64 > 0.6, "{trend} {reversion}");
        }
    }

    #[test]
    fn without_a_factor_neither_reading_is_enough_alone() {
        assert_eq!(signal(&after(40, &[]), 0.0), None, "a trend without a pull-back");
        assert_eq!(signal(&after(0, &[-300, -300, 40]), 0.0), None, "a stretch without a trend");
        assert_eq!(signal(&after(40, &[-900, -300]), 0.0), None, "not turned yet");
    }

    #[test]
    fn the_alignment_decides_which_reading_counts() {
        let made = after(40, &[500, 300, 40]);
        assert_eq!(signal(&made, 0.0), None);
        assert_eq!(signal(&made, 1.0).map(|signal| signal.side), Some(Side::Buy));
        let falling = after(40, &[500, 300, -10]);
        assert_eq!(signal(&falling, 1.0), None);
        let long = falling.held(Side::Buy, model::Interval::HOUR);
        let exit = |alignment: f64| Cosmic.should_exit_trade(&falling.context(alignment), &long);
        assert_eq!(exit(1.0), None, "the trend is trusted");
        assert!(matches!(exit(-1.0), Some(Reason::Blended { direction: -1, .. })), "the way back is");
    }
}
