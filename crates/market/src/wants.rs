//! What of the view is kept: frames, and for each frame its indicators. A persona says what it reads, a farm keeps the
//! union, and nothing else is computed.
//!
//! What an indicator is made from is kept with it, so nobody lists inputs. Refused here: any say in what an indicator's
//! figures are. They depend on bars alone, so whoever else wants something changes nothing for the others.

use crate::frame::{Frame, FrameSet};

/// One indicator that a frame can keep; [`crate::FrameView`] has an accessor of the same name for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Indicator {
    /// Exponential average of 20 closes.
    Ema20,
    /// Exponential average of 50 closes.
    Ema50,
    /// Exponential average of 200 closes.
    Ema200,
    /// Plain average of 20 closes.
    Sma20,
    /// Relative strength of 14 closes.
    Rsi14,
    /// Average true range of 14 bars.
    Atr14,
    /// Average directional index of 14 bars.
    Adx14,
    /// Moving-average convergence/divergence 12, 26, 9.
    Macd,
    /// Bands two standard deviations around the average of 20 closes.
    Bollinger20,
    /// Channel of 20 bars.
    Donchian20,
    /// Volume-weighted average price since midnight UTC.
    VwapSession,
    /// The close against that price, in volume-weighted standard deviations.
    VwapZScore,
    /// Volume over the average of the 20 bars before.
    VolumeRatio20,
    /// Realised volatility from 20 log returns.
    Volatility,
    /// What the average true range usually is.
    AtrUsual,
    /// Zig-zag of 3 average true ranges.
    Swings,
    /// Support and resistance.
    Levels,
    /// Direction, with hysteresis.
    Trend,
    /// Kind of market, with hysteresis.
    Regime,
}

impl Indicator {
    /// Every indicator.
    pub const ALL: [Indicator; 19] = [
        Indicator::Ema20,
        Indicator::Ema50,
        Indicator::Ema200,
        Indicator::Sma20,
        Indicator::Rsi14,
        Indicator::Atr14,
        Indicator::Adx14,
        Indicator::Macd,
        Indicator::Bollinger20,
        Indicator::Donchian20,
        Indicator::VwapSession,
        Indicator::VwapZScore,
        Indicator::VolumeRatio20,
        Indicator::Volatility,
        Indicator::AtrUsual,
        Indicator::Swings,
        Indicator::Levels,
        Indicator::Trend,
        Indicator::Regime,
    ];

    /// What it is made from, all the way down.
    const fn inputs(self) -> &'static [Indicator] {
        match self {
            Indicator::AtrUsual | Indicator::Swings => &[Indicator::Atr14],
            Indicator::Levels => &[Indicator::Swings, Indicator::Atr14],
            Indicator::Trend => &[Indicator::Ema20, Indicator::Ema50, Indicator::Atr14],
            Indicator::Regime => &[Indicator::Adx14, Indicator::Atr14, Indicator::AtrUsual],
            Indicator::Ema20
            | Indicator::Ema50
            | Indicator::Ema200
            | Indicator::Sma20
            | Indicator::Rsi14
            | Indicator::Atr14
            | Indicator::Adx14
            | Indicator::Macd
            | Indicator::Bollinger20
            | Indicator::Donchian20
            | Indicator::VwapSession
            | Indicator::VwapZScore
            | Indicator::VolumeRatio20
            | Indicator::Volatility => &[],
        }
    }
}

/// Indicators of one frame; with each of them what it is made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IndicatorSet(u32);

impl IndicatorSet {
    /// None.
    pub const EMPTY: IndicatorSet = IndicatorSet(0);
    /// Every indicator.
    pub const ALL: IndicatorSet = IndicatorSet((1 << Indicator::ALL.len()) - 1);

    /// This set, `indicator` and what it is made from.
    #[must_use]
    pub const fn with(self, indicator: Indicator) -> IndicatorSet {
        let mut bits = self.0 | 1 << indicator as u8;
        let inputs = indicator.inputs();
        let mut i = 0;
        while i < inputs.len() {
            bits |= 1 << inputs[i] as u8;
            i += 1;
        }
        IndicatorSet(bits)
    }

    /// The indicators of either set.
    #[must_use]
    pub const fn union(self, other: IndicatorSet) -> IndicatorSet {
        IndicatorSet(self.0 | other.0)
    }

    /// Whether `indicator` is in it.
    #[inline]
    pub const fn contains(self, indicator: Indicator) -> bool {
        self.0 & (1 << indicator as u8) != 0
    }

    /// Whether it has none.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set as bits, for hashes.
    pub const fn bits(self) -> u32 {
        self.0
    }
}

/// Which frames are kept and what each of them keeps. A frame kept without an indicator still closes and shows its last
/// bar and the number of its bars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wants {
    frames: FrameSet,
    indicators: [IndicatorSet; Frame::ALL.len()],
}

impl Wants {
    /// Nothing.
    pub const NONE: Wants =
        Wants { frames: FrameSet::EMPTY, indicators: [IndicatorSet::EMPTY; Frame::ALL.len()] };

    /// Every indicator of these frames.
    pub const fn all(frames: FrameSet) -> Wants {
        let mut wants = Wants { frames, ..Wants::NONE };
        let mut i = 0;
        while i < Frame::ALL.len() {
            if frames.contains(Frame::ALL[i]) {
                wants.indicators[i] = IndicatorSet::ALL;
            }
            i += 1;
        }
        wants
    }

    /// These wants, and `frame` with these indicators and what they are made from.
    #[must_use]
    pub const fn with(mut self, frame: Frame, indicators: &[Indicator]) -> Wants {
        self.frames = self.frames.with(frame);
        let mut i = 0;
        while i < indicators.len() {
            self.indicators[frame.index()] = self.indicators[frame.index()].with(indicators[i]);
            i += 1;
        }
        self
    }

    /// What either wants.
    #[must_use]
    pub const fn union(mut self, other: Wants) -> Wants {
        self.frames = self.frames.union(other.frames);
        let mut i = 0;
        while i < Frame::ALL.len() {
            self.indicators[i] = self.indicators[i].union(other.indicators[i]);
            i += 1;
        }
        self
    }

    /// The frames.
    pub const fn frames(&self) -> FrameSet {
        self.frames
    }

    /// The indicators of `frame`.
    pub const fn of(&self, frame: Frame) -> IndicatorSet {
        self.indicators[frame.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_indicator_has_its_bit_and_brings_what_it_is_made_from() {
        for (i, indicator) in Indicator::ALL.into_iter().enumerate() {
            assert_eq!(indicator as usize, i);
            let set = IndicatorSet::EMPTY.with(indicator);
            assert!(set.contains(indicator));
            for input in indicator.inputs() {
                assert!(
                    set.contains(*input) && *input < indicator,
                    "{input:?} is listed before {indicator:?}"
                );
                assert_eq!(set.with(*input), set, "the inputs of {input:?} come with {indicator:?}");
            }
        }
        let all = Indicator::ALL.into_iter().fold(IndicatorSet::EMPTY, IndicatorSet::with);
        assert_eq!(all, IndicatorSet::ALL);
    }

    #[test]
    fn wants_are_known_at_compile_time_and_add_up() {
        const A: Wants =
            Wants::NONE.with(Frame::H1, &[Indicator::Ema20, Indicator::Atr14]).with(Frame::H4, &[]);
        const B: Wants =
            Wants::NONE.with(Frame::H1, &[Indicator::Levels]).with(Frame::M1, &[Indicator::Rsi14]);
        let both = const { A.union(B) };
        assert_eq!(both, B.union(A));
        assert_eq!(both.frames().iter().collect::<Vec<_>>(), [Frame::M1, Frame::H1, Frame::H4]);
        let held = |frame| Indicator::ALL.into_iter().filter(|&i| both.of(frame).contains(i)).collect();
        let hour: Vec<Indicator> = held(Frame::H1);
        assert_eq!(hour, [Indicator::Ema20, Indicator::Atr14, Indicator::Swings, Indicator::Levels]);
        assert_eq!(held(Frame::M1), [Indicator::Rsi14]);
        assert!(both.of(Frame::H4).is_empty() && both.of(Frame::D1).is_empty());
        assert_eq!(both.union(Wants::NONE), both);
        assert_eq!(Wants::all(both.frames()).union(both), Wants::all(both.frames()));
    }
}
