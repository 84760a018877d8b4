//! What the bots of a shard see of the market: of each frame they share, what its indicators say.
//!
//! It refuses to work out what no bot asked for: that is absent, like what has not seen its warm-up.

use super::shown;
use farm::Farm;
use market::indicators::{Level, PivotKind, Regime, Trend};
use market::{FrameView, Indicator};
use model::{Instrument, Price};
use serde::{Deserialize, Serialize};

/// Levels that are shown on each side of the price.
const LEVELS_MAX: usize = 3;

/// A frame after its last closed bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameLook {
    /// `1h`.
    pub frame: String,
    /// When its last bar closed.
    pub closed_at: i64,
    /// Where.
    pub close: String,
    /// `up`, `down` or `flat`.
    pub trend: Option<String>,
    /// Distance of the fast from the slow average, in average true ranges.
    pub strength: Option<f64>,
    /// `volatile`, `trending`, `quiet` or `ranging`.
    pub regime: Option<String>,
    /// The average true range over what it usually is.
    pub range_ratio: Option<f64>,
    /// Realised, over a year, a fraction.
    pub volatility: Option<f64>,
    /// Average true range, a price.
    pub range: Option<String>,
    /// Relative strength, 0 to 100.
    pub rsi: Option<f64>,
    /// Average directional index, 0 to 100.
    pub adx: Option<f64>,
    /// Where the market has turned below the price, the nearest first.
    pub support: Vec<LevelLook>,
    /// Where it has turned above, the nearest first.
    pub resistance: Vec<LevelLook>,
    /// The last confirmed peak.
    pub high: Option<String>,
    /// The last confirmed trough.
    pub low: Option<String>,
}

/// A price at which the market has turned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelLook {
    /// Where.
    pub price: String,
    /// How often.
    pub touches: u32,
}

const fn trend(trend: Trend) -> &'static str {
    match trend {
        Trend::Up => "up",
        Trend::Down => "down",
        Trend::Flat => "flat",
    }
}

pub(crate) const fn regime(regime: Regime) -> &'static str {
    match regime {
        Regime::Volatile => "volatile",
        Regime::Trending => "trending",
        Regime::Quiet => "quiet",
        Regime::Ranging => "ranging",
    }
}

impl FrameLook {
    /// Every frame that somebody shares and of which a bar has closed.
    pub(super) fn all(farm: &Farm) -> Vec<FrameLook> {
        let market = farm.market();
        let views = market.frames().iter().map(|frame| market.frame(frame)).filter(|view| view.bars > 0);
        views.map(|view| FrameLook::of(view, farm.instrument())).collect()
    }

    fn of(view: &FrameView, instrument: &Instrument) -> FrameLook {
        let keeps = |indicator| view.kept().contains(indicator);
        let price = |ticks: f64| instrument.format_price(Price(ticks.round() as i64)).to_string();
        let figure = |indicator, value: &dyn Fn() -> Option<f64>| {
            if keeps(indicator) { value().map(shown) } else { None }
        };
        let range = if keeps(Indicator::Atr14) { view.atr_14().value() } else { None };
        let (support, resistance) =
            if keeps(Indicator::Levels) { levels(view, &price) } else { Default::default() };
        let pivot = |kind| {
            let swings = keeps(Indicator::Swings).then(|| view.swings())?;
            let pivot = if kind == PivotKind::High { swings.last_high() } else { swings.last_low() };
            pivot.map(|pivot| price(pivot.price))
        };
        FrameLook {
            frame: view.frame.name().to_owned(),
            closed_at: (view.last.open_time + view.frame.interval()).0,
            close: price(view.last.close),
            trend: keeps(Indicator::Trend).then(|| trend(*view.trend()).to_owned()),
            strength: figure(Indicator::Trend, &|| view.trend_strength()),
            regime: keeps(Indicator::Regime).then(|| regime(*view.regime()).to_owned()),
            range_ratio: figure(Indicator::AtrUsual, &|| view.range_ratio()),
            volatility: figure(Indicator::Volatility, &|| view.volatility().annualised()),
            range: range.map(price),
            rsi: figure(Indicator::Rsi14, &|| view.rsi_14().value()),
            adx: figure(Indicator::Adx14, &|| view.adx_14().value()),
            support,
            resistance,
            high: pivot(PivotKind::High),
            low: pivot(PivotKind::Low),
        }
    }
}

fn levels(view: &FrameView, price: &dyn Fn(f64) -> String) -> (Vec<LevelLook>, Vec<LevelLook>) {
    let close = view.last.close;
    let mut all: Vec<Level> = view.levels().all().to_vec();
    all.sort_by(|a, b| (a.price - close).abs().total_cmp(&(b.price - close).abs()));
    let look = |level: &Level| LevelLook { price: price(level.price), touches: level.touches };
    let below = all.iter().filter(|level| level.price < close).take(LEVELS_MAX).map(look).collect();
    let above = all.iter().filter(|level| level.price > close).take(LEVELS_MAX).map(look).collect();
    (below, above)
}
