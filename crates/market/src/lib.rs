//! The rolling market view that all personas share: frames built from base bars, and indicators over closed frames.
//!
//! One view serves every bot: it keeps what some bot wants, and computes it once per closed frame whoever reads it. The crate streams:
//! it refuses to look at a bar before it is complete, to allocate after construction, to hold a window whose sums
//! drift, and to use any transcendental function but `model::math` (and that only when a frame closes).

#![allow(
    clippy::should_implement_trait,
    reason = "`hash` feeds the farm's `StateHash`: unlike `std::hash::Hash` it has the same result everywhere"
)]

pub mod aggregate;
pub mod frame;
pub mod indicators;
pub mod market;
pub mod view;
pub mod wants;
pub mod window;

pub use aggregate::FrameBar;
pub use frame::{Frame, FrameSet};
pub use indicators::{
    Adx, Atr, Bollinger, Donchian, Ema, EmaFromFirst, LEVELS_MAX, Level, Levels, Macd, PIVOTS_MAX, Pivot,
    PivotKind, RealisedVolatility, Regime, Rsi, Sma, Swings, Trend, VolumeRatio, Vwap, VwapZScore,
};
pub use market::{Market, MarketError};
pub use view::FrameView;
pub use wants::{Indicator, IndicatorSet, Wants};
pub use window::{PERIOD_MAX, Window};
