//! Over-trading: share of the trades that were entered within [`HASTE_WINDOW`] after the exit of the one before; the first trade
//! has none before it and is left out. Trading for its own sake costs those who do it most (Barber and Odean 2000, "Trading is
//! hazardous to your wealth"); how soon one is back in needs no outside measure of how much is too much. It refuses a
//! verdict on styles: a scalper is back soon by trade, so compare a persona with its calm twin or with itself.

use model::Interval;

use super::{Behaviour, Observations, Source, require};
use crate::Undefined;
use crate::metrics::Unit;

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "over_trading",
    title: "Back in within 30 minutes",
    unit: Unit::Fraction,
    source: Source::Trades,
    compute,
};

/// How soon after an exit an entry is hasty.
pub const HASTE_WINDOW: Interval = Interval::minutes(30);

fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    require("trades", seen.trades.len(), 2)?;
    let pairs = seen.trades.windows(2);
    let hasty = pairs.filter(|pair| pair[1].entered_at - pair[0].exited_at <= HASTE_WINDOW).count();
    Ok(hasty as f64 / (seen.trades.len() - 1) as f64)
}
