//! The indicators, one file each: pure state machines fed with closed bars.
//!
//! Each has `new`, `update`, `value` (which is `None` until the stated warm-up), `warm_up` (the number of updates
//! after which there is a value) and `hash`. They refuse to allocate after `new`.

// tidy: list-of src/indicators/
mod adx;
mod atr;
mod bollinger;
mod donchian;
mod ema;
mod ema_from_first;
mod levels;
mod macd;
mod realised_volatility;
mod regime;
mod rsi;
mod sma;
mod swings;
mod trend;
mod volume_ratio;
mod vwap;
mod vwap_z_score;

pub use adx::Adx;
pub use atr::Atr;
pub use bollinger::Bollinger;
pub use donchian::Donchian;
pub use ema::Ema;
pub use ema_from_first::EmaFromFirst;
pub use levels::{LEVELS_MAX, Level, Levels};
pub use macd::Macd;
pub use realised_volatility::RealisedVolatility;
pub use regime::Regime;
pub use rsi::Rsi;
pub use sma::Sma;
pub use swings::{PIVOTS_MAX, Pivot, PivotKind, Swings};
pub use trend::Trend;
pub use volume_ratio::VolumeRatio;
pub use vwap::Vwap;
pub use vwap_z_score::VwapZScore;

/// Below this a sum of movements counts as none, as in TA-Lib.
const NEGLIGIBLE: f64 = 1e-14;
