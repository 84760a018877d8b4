//! Trend following on the hour, with the four-hour trend.
//!
//! It trades little and risks little, so a bad year costs little. The edge it claims, and where it fails, are
//! `edge` and `fails` of `personas/strategic.toml`.

use super::{Context, Held};
use crate::signal::{EntryStyle, Reason, Signal};
use market::{Frame, FrameView, Indicator, Trend, Wants};
use model::{Price, Side};

/// Stop distance in hourly average true ranges.
const STOP_ATR: f64 = 2.0;
/// A pull-back comes this close to the average, in average true ranges.
const TOUCH_ATR: f64 = 0.25;
/// Weaker trends are ranges.
const ADX_MIN: f64 = 20.0;
/// Volume behind a break, against its mean of 20 bars.
const BREAK_VOLUME: f64 = 1.5;
/// The stop goes to the entry once this many R were reached, and trails from `TRAIL_AT_R`.
const BREAK_EVEN_AT_R: f64 = 2.0;
const TRAIL_AT_R: f64 = 3.0;
/// Distance of the trailing stop in hourly average true ranges.
const TRAIL_ATR: f64 = 3.0;

/// No memory: everything it needs is in the shared view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strategic;

fn direction(trend: Trend) -> i64 {
    match trend {
        Trend::Up => 1,
        Trend::Down => -1,
        Trend::Flat => 0,
    }
}

impl Strategic {
    /// What it reads.
    pub const WANTS: Wants = Wants::NONE
        .with(
            Frame::H1,
            &[
                Indicator::Ema20,
                Indicator::Ema50,
                Indicator::Atr14,
                Indicator::Donchian20,
                Indicator::VolumeRatio20,
            ],
        )
        .with(Frame::H4, &[Indicator::Trend, Indicator::Adx14]);

    /// Enters with the four-hour trend on a pull-back that turned, or on a break with volume.
    pub fn should_enter_trade(&mut self, context: &Context<'_>) -> Option<Signal> {
        if !context.closed.contains(Frame::H1) {
            return None;
        }
        let (hour, four) = (context.market.frame(Frame::H1), context.market.frame(Frame::H4));
        let way = direction(*four.trend());
        let adx = four.adx_14().value()?;
        let hour_agrees = (hour.ema_20().value()? - hour.ema_50().value()?) * way as f64 > 0.0;
        if way == 0 || adx < ADX_MIN || !hour_agrees {
            return None;
        }
        let reason = pull_back(hour, way, adx).or_else(|| breakout(hour, way))?;
        let side = if way > 0 { Side::Buy } else { Side::Sell };
        // 0.5 at the weakest trend it takes, 1 at ADX 60.
        let strength = (0.5 + (adx - ADX_MIN) / 80.0).min(1.0);
        Some(Signal { side, strength, style: EntryStyle::Take, reason })
    }

    /// Leaves when the four-hour trend has turned against the position.
    pub fn should_exit_trade(&mut self, context: &Context<'_>, held: &Held) -> Option<Reason> {
        if !context.closed.contains(Frame::H4) {
            return None;
        }
        let way = direction(*context.market.frame(Frame::H4).trend());
        (way == -held.side.sign()).then_some(Reason::TrendTurned { direction: way })
    }

    /// Two hourly average true ranges.
    pub fn stop_distance(&self, context: &Context<'_>) -> Option<f64> {
        Some(context.market.frame(Frame::H1).atr_14().value()? * STOP_ATR)
    }

    /// To the entry at 2 R, then behind the close at three hourly ranges.
    pub fn trail_stop(&mut self, context: &Context<'_>, held: &Held) -> Option<Price> {
        if !context.closed.contains(Frame::H1) {
            return None;
        }
        let hour = context.market.frame(Frame::H1);
        let sign = held.side.sign();
        let gain = (context.price.0 - held.entry.0) * sign;
        let reached_r = gain as f64 / held.risk_distance().max(1) as f64;
        let level = if reached_r >= TRAIL_AT_R {
            let behind = (hour.atr_14().value()? * TRAIL_ATR) as i64;
            (context.price.0 - sign * behind) * sign
        } else if reached_r >= BREAK_EVEN_AT_R {
            held.entry.0 * sign
        } else {
            return None;
        };
        (level > held.stop.0 * sign).then_some(Price(level * sign))
    }
}

/// The last hour reached back to the fast average and closed beyond it again, with the trend.
fn pull_back(hour: &FrameView, way: i64, adx: f64) -> Option<Reason> {
    let (bar, sign) = (&hour.last, way as f64);
    let ema_20 = hour.ema_20().value()?;
    let reach = hour.atr_14().value()? * TOUCH_ATR;
    let extreme = if way > 0 { bar.low } else { bar.high };
    let touched = (extreme - ema_20) * sign <= reach;
    let turned = (bar.close - ema_20) * sign > 0.0 && (bar.close - bar.open) * sign > 0.0;
    (touched && turned).then_some(Reason::PullBack { direction: way, ema_20, adx })
}

/// The last hour closed outside the channel of the 20 hours before it, with volume.
fn breakout(hour: &FrameView, way: i64) -> Option<Reason> {
    let channel = hour.donchian_20();
    let level = if way > 0 { channel.previous_upper()? } else { channel.previous_lower()? };
    let volume_ratio = hour.volume_ratio_20().value()?;
    let broken = (hour.last.close - level) * way as f64 > 0.0;
    (broken && volume_ratio >= BREAK_VOLUME).then_some(Reason::Breakout {
        direction: way,
        level,
        volume_ratio,
    })
}
