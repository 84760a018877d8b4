//! What is known about one frame after its last closed bar: the bar and every indicator over it.
//!
//! All indicators are kept for every kept frame: the view is shared, so a persona asks and never owns one. It refuses
//! to be read ahead of time: an indicator that has not seen its warm-up answers `None`.

use crate::aggregate::FrameBar;
use crate::frame::Frame;
use crate::indicators::{
    Adx, Atr, Bollinger, Donchian, Ema, Levels, Macd, RealisedVolatility, Regime, Rsi, Sma, Swings, Trend,
    VolumeRatio, Vwap,
};
use model::StateHash;

/// Closed bars after which every indicator with a numeric value has one (the longest is `ema_200`).
pub const WARM_UP: u64 = 200;

/// Bars over which the average true range is averaged once more to tell what is usual.
const USUAL_RANGE_PERIOD: usize = 100;

/// One frame: its last closed bar and the indicators over all closed ones. Values that are prices are in ticks.
#[derive(Clone, Debug)]
pub struct FrameView {
    /// Which frame.
    pub frame: Frame,
    /// The last closed bar; zeros while `bars` is zero.
    pub last: FrameBar,
    /// Number of closed bars.
    pub bars: u64,
    /// Exponential average of 20 closes.
    pub ema_20: Ema,
    /// Exponential average of 50 closes.
    pub ema_50: Ema,
    /// Exponential average of 200 closes.
    pub ema_200: Ema,
    /// Plain average of 20 closes.
    pub sma_20: Sma,
    /// Relative strength of 14 closes, 0 to 100.
    pub rsi_14: Rsi,
    /// Average true range of 14 bars.
    pub atr_14: Atr,
    /// Average directional index of 14 bars, with both directional indicators.
    pub adx_14: Adx,
    /// Moving-average convergence/divergence 12, 26, 9.
    pub macd: Macd,
    /// Bands two standard deviations around the average of 20 closes.
    pub bollinger_20: Bollinger,
    /// Channel of the last 20 bars, and of the 20 before the last.
    pub donchian_20: Donchian,
    /// Volume-weighted average price since midnight UTC, from this frame's typical prices.
    pub vwap_session: Vwap,
    /// Volume over the average of the 20 bars before.
    pub volume_ratio_20: VolumeRatio,
    /// Zig-zag of 3 average true ranges.
    pub swings: Swings,
    /// Support and resistance, clustered from the swings.
    pub levels: Levels,
    /// Realised volatility from 20 log returns of this frame's closes.
    pub volatility: RealisedVolatility,
    /// Direction, with hysteresis.
    pub trend: Trend,
    /// Kind of market, with hysteresis.
    pub regime: Regime,
    /// What the average true range usually is: its exponential average over 100 bars.
    pub atr_usual: Ema,
}

impl FrameView {
    /// A frame of which nothing has closed.
    pub fn new(frame: Frame) -> FrameView {
        FrameView {
            frame,
            last: FrameBar::default(),
            bars: 0,
            ema_20: Ema::new(20),
            ema_50: Ema::new(50),
            ema_200: Ema::new(200),
            sma_20: Sma::new(20),
            rsi_14: Rsi::new(14),
            atr_14: Atr::new(14),
            adx_14: Adx::new(14),
            macd: Macd::new(12, 26, 9),
            bollinger_20: Bollinger::new(20, 2.0),
            donchian_20: Donchian::new(20),
            vwap_session: Vwap::new(),
            volume_ratio_20: VolumeRatio::new(20),
            swings: Swings::new(3.0),
            levels: Levels::new(0.5),
            volatility: RealisedVolatility::new(20, frame),
            trend: Trend::Flat,
            regime: Regime::Ranging,
            atr_usual: Ema::new(USUAL_RANGE_PERIOD),
        }
    }

    /// Takes in a closed bar of this frame.
    pub fn update(&mut self, bar: &FrameBar) {
        assert!(self.bars == 0 || bar.open_time > self.last.open_time, "the bars of a frame ascend in time");
        self.last = *bar;
        self.bars += 1;
        self.ema_20.update(bar.close);
        self.ema_50.update(bar.close);
        self.ema_200.update(bar.close);
        self.sma_20.update(bar.close);
        self.rsi_14.update(bar.close);
        self.atr_14.update(bar.high, bar.low, bar.close);
        self.adx_14.update(bar.high, bar.low, bar.close);
        self.macd.update(bar.close);
        self.bollinger_20.update(bar.close);
        self.donchian_20.update(bar.high, bar.low);
        self.vwap_session.update(bar);
        self.volume_ratio_20.update(bar.volume);
        self.volatility.update(bar.close);
        if let Some(atr) = self.atr_14.value() {
            self.atr_usual.update(atr);
            if let Some(pivot) = self.swings.update(bar, bar.open_time + self.frame.interval(), atr) {
                self.levels.update(&pivot, atr);
            }
        }
        self.trend = self.trend.next(self.trend_strength());
        self.regime = self.regime.next(self.adx_14.value(), self.range_ratio());
    }

    /// Distance of the 20 above the 50 exponential average, in average true ranges.
    pub fn trend_strength(&self) -> Option<f64> {
        let spread = self.ema_20.value()? - self.ema_50.value()?;
        let atr = self.atr_14.value()?;
        Some(if atr > 0.0 { spread / atr } else { 0.0 })
    }

    /// The average true range over what it usually is.
    pub fn range_ratio(&self) -> Option<f64> {
        let usual = self.atr_usual.value()?;
        Some(if usual > 0.0 { self.atr_14.value()? / usual } else { 1.0 })
    }

    /// Adds the frame to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(self.frame as u64);
        self.last.hash(hash);
        hash.word(self.bars);
        for ema in [&self.ema_20, &self.ema_50, &self.ema_200, &self.atr_usual] {
            ema.hash(hash);
        }
        self.sma_20.hash(hash);
        self.rsi_14.hash(hash);
        self.atr_14.hash(hash);
        self.adx_14.hash(hash);
        self.macd.hash(hash);
        self.bollinger_20.hash(hash);
        self.donchian_20.hash(hash);
        self.vwap_session.hash(hash);
        self.volume_ratio_20.hash(hash);
        self.swings.hash(hash);
        self.levels.hash(hash);
        self.volatility.hash(hash);
        hash.word(self.trend as u64);
        hash.word(self.regime as u64);
    }
}
