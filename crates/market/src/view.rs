//! What is known about one frame after its last closed bar: the bar and the indicators that somebody asked for.
//!
//! The view is shared, so a persona asks and never owns one. It refuses to be read ahead of time: an indicator that has
//! not seen its warm-up answers `None`; and to answer with one that nobody asked for: that is a broken invariant.

use crate::aggregate::FrameBar;
use crate::frame::Frame;
use crate::indicators::{
    Adx, Atr, Bollinger, Donchian, Ema, Levels, Macd, RealisedVolatility, Regime, Rsi, Sma, Swings, Trend,
    VolumeRatio, Vwap, VwapZScore,
};
use crate::wants::{Indicator, IndicatorSet};
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
    kept: IndicatorSet,
    ema_20: Ema,
    ema_50: Ema,
    ema_200: Ema,
    sma_20: Sma,
    rsi_14: Rsi,
    atr_14: Atr,
    adx_14: Adx,
    macd: Macd,
    bollinger_20: Bollinger,
    donchian_20: Donchian,
    vwap_session: Vwap,
    vwap_z_score: VwapZScore,
    volume_ratio_20: VolumeRatio,
    swings: Swings,
    levels: Levels,
    volatility: RealisedVolatility,
    trend: Trend,
    regime: Regime,
    atr_usual: Ema,
}

// What is not kept never moves: it is written as it was made, in a few bytes.
model::state!(FrameView {
    last,
    bars,
    ema_20,
    ema_50,
    ema_200,
    sma_20,
    rsi_14,
    atr_14,
    adx_14,
    macd,
    bollinger_20,
    donchian_20,
    vwap_session,
    vwap_z_score,
    volume_ratio_20,
    swings,
    levels,
    volatility,
    trend,
    regime,
    atr_usual,
} origin { frame, kept });

impl FrameView {
    /// A frame of which nothing has closed, that will keep these indicators.
    pub fn new(frame: Frame, kept: IndicatorSet) -> FrameView {
        FrameView {
            frame,
            last: FrameBar::default(),
            bars: 0,
            kept,
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
            vwap_z_score: VwapZScore::new(),
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
    #[inline]
    pub fn update(&mut self, bar: FrameBar) {
        assert!(self.bars == 0 || bar.open_time > self.last.open_time, "the bars of a frame ascend in time");
        self.last = bar;
        self.bars += 1;
        if !self.kept.is_empty() {
            self.update_kept();
        }
    }

    /// Each indicator is one predictable branch, so a frame costs what it keeps. The bar is read where it is kept: handed
    /// over by address it would be written field by field and read back in pairs, which a processor waits for.
    fn update_kept(&mut self) {
        let bar = &self.last;
        let kept = self.kept;
        let keeps = |indicator| kept.contains(indicator);
        if keeps(Indicator::Ema20) {
            self.ema_20.update(bar.close);
        }
        if keeps(Indicator::Ema50) {
            self.ema_50.update(bar.close);
        }
        if keeps(Indicator::Ema200) {
            self.ema_200.update(bar.close);
        }
        if keeps(Indicator::Sma20) {
            self.sma_20.update(bar.close);
        }
        if keeps(Indicator::Rsi14) {
            self.rsi_14.update(bar.close);
        }
        if keeps(Indicator::Adx14) {
            self.adx_14.update(bar.high, bar.low, bar.close);
        }
        if keeps(Indicator::Macd) {
            self.macd.update(bar.close);
        }
        if keeps(Indicator::Bollinger20) {
            self.bollinger_20.update(bar.close);
        }
        if keeps(Indicator::Donchian20) {
            self.donchian_20.update(bar.high, bar.low);
        }
        if keeps(Indicator::VwapSession) {
            self.vwap_session.update(bar);
        }
        if keeps(Indicator::VwapZScore) {
            self.vwap_z_score.update(bar);
        }
        if keeps(Indicator::VolumeRatio20) {
            self.volume_ratio_20.update(bar.volume);
        }
        if keeps(Indicator::Volatility) {
            self.volatility.update(bar.close);
        }
        if keeps(Indicator::Atr14) {
            self.atr_14.update(bar.high, bar.low, bar.close);
            self.update_made_from_range();
        }
    }

    /// What is made from the average true range of the bar just taken in.
    #[inline]
    fn update_made_from_range(&mut self) {
        let bar = &self.last;
        let kept = self.kept;
        let keeps = |indicator| kept.contains(indicator);
        if let Some(atr) = self.atr_14.value() {
            if keeps(Indicator::AtrUsual) {
                self.atr_usual.update(atr);
            }
            if keeps(Indicator::Swings)
                && let Some(pivot) = self.swings.update(bar, bar.open_time + self.frame.interval(), atr)
                && keeps(Indicator::Levels)
            {
                self.levels.update(&pivot, atr);
            }
        }
        if keeps(Indicator::Trend) {
            self.trend = self.trend.next(self.trend_strength());
        }
        if keeps(Indicator::Regime) {
            self.regime = self.regime.next(self.adx_14.value(), self.range_ratio());
        }
    }

    /// Distance of the 20 above the 50 exponential average, in average true ranges.
    pub fn trend_strength(&self) -> Option<f64> {
        let spread = self.ema_20().value()? - self.ema_50().value()?;
        let atr = self.atr_14().value()?;
        Some(if atr > 0.0 { spread / atr } else { 0.0 })
    }

    /// The average true range over what it usually is.
    pub fn range_ratio(&self) -> Option<f64> {
        let usual = self.atr_usual().value()?;
        Some(if usual > 0.0 { self.atr_14().value()? / usual } else { 1.0 })
    }

    /// The indicators it keeps.
    pub fn kept(&self) -> IndicatorSet {
        self.kept
    }

    /// Adds the frame to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(self.frame as u64);
        self.last.hash(hash);
        hash.word(self.bars);
        hash.word(u64::from(self.kept.bits()));
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
        self.vwap_z_score.hash(hash);
        self.volume_ratio_20.hash(hash);
        self.swings.hash(hash);
        self.levels.hash(hash);
        self.volatility.hash(hash);
        hash.word(self.trend as u64);
        hash.word(self.regime as u64);
    }

    /// Reading what is not kept would be reading figures that never move.
    #[inline]
    fn assert_kept(&self, indicator: Indicator) {
        if !self.kept.contains(indicator) {
            not_kept(self.frame, indicator);
        }
    }
}

#[cold]
fn not_kept(frame: Frame, indicator: Indicator) -> ! {
    panic!("an indicator is read only where the view was told to keep it: {frame} {indicator:?}")
}

/// One accessor per indicator, which asserts that the indicator was asked for.
macro_rules! accessors {
    ($($(#[$doc:meta])+ $name:ident: $indicator:ident -> $type:ty;)+) => {
        impl FrameView {
            $(
                $(#[$doc])+
                #[inline]
                pub fn $name(&self) -> &$type {
                    self.assert_kept(Indicator::$indicator);
                    &self.$name
                }
            )+
        }
    };
}

accessors! {
    /// Exponential average of 20 closes.
    ema_20: Ema20 -> Ema;
    /// Exponential average of 50 closes.
    ema_50: Ema50 -> Ema;
    /// Exponential average of 200 closes.
    ema_200: Ema200 -> Ema;
    /// Plain average of 20 closes.
    sma_20: Sma20 -> Sma;
    /// Relative strength of 14 closes, 0 to 100.
    rsi_14: Rsi14 -> Rsi;
    /// Average true range of 14 bars.
    atr_14: Atr14 -> Atr;
    /// Average directional index of 14 bars, with both directional indicators.
    adx_14: Adx14 -> Adx;
    /// Moving-average convergence/divergence 12, 26, 9.
    macd: Macd -> Macd;
    /// Bands two standard deviations around the average of 20 closes.
    bollinger_20: Bollinger20 -> Bollinger;
    /// Channel of the last 20 bars, and of the 20 before the last.
    donchian_20: Donchian20 -> Donchian;
    /// Volume-weighted average price since midnight UTC, from this frame's typical prices.
    vwap_session: VwapSession -> Vwap;
    /// The close against that price, in volume-weighted standard deviations of the typical prices since midnight UTC.
    vwap_z_score: VwapZScore -> VwapZScore;
    /// Volume over the average of the 20 bars before.
    volume_ratio_20: VolumeRatio20 -> VolumeRatio;
    /// Zig-zag of 3 average true ranges.
    swings: Swings -> Swings;
    /// Support and resistance, clustered from the swings.
    levels: Levels -> Levels;
    /// Realised volatility from 20 log returns of this frame's closes.
    volatility: Volatility -> RealisedVolatility;
    /// What the average true range usually is: its exponential average over 100 bars.
    atr_usual: AtrUsual -> Ema;
    /// Direction, with hysteresis.
    trend: Trend -> Trend;
    /// Kind of market, with hysteresis.
    regime: Regime -> Regime;
}
