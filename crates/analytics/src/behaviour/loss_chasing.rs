//! Loss chasing: how much more is risked soon after a loss. Mean risk fraction of the trades entered within [`CHASE_WINDOW`]
//! after the exit of a losing trade, over that of all others, minus 1: 0.5 means half as much again.
//!
//! Chasing is betting more to get even (Lesieur 1984, "The Chase"); on an exchange floor those who lost in the morning took
//! above-average risk in the afternoon (Coval and Shumway 2005, "Do behavioral biases affect prices?"). The window is of that
//! length, and it is the shortest time any persona's mood takes to fade. It refuses money (a fraction of equity is compared,
//! so a shrinking account does not hide it) and fewer than [`CHASING_TRADES_MIN`] trades on either side.

use model::Interval;

use super::{Behaviour, Observations, Source, require};
use crate::metrics::Unit;
use crate::{Undefined, statistics, trades};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "loss_chasing",
    title: "More risked after a loss",
    unit: Unit::Fraction,
    source: Source::Trades,
    compute,
};

/// How long after a loss an entry still counts as after it.
pub const CHASE_WINDOW: Interval = Interval(4 * Interval::HOUR.0);

/// Trades it takes on each side.
pub const CHASING_TRADES_MIN: usize = 5;

fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    let (mut after_loss, mut others) = (Vec::new(), Vec::new());
    let mut last_loss = None;
    for trade in seen.trades {
        let is_after_loss = last_loss.is_some_and(|at| trade.entered_at - at <= CHASE_WINDOW);
        let side = if is_after_loss { &mut after_loss } else { &mut others };
        side.push(trade.risk_fraction);
        if trades::is_loser(trade.net) {
            last_loss = Some(trade.exited_at);
        }
    }
    require("trades within 4 h after a loss", after_loss.len(), CHASING_TRADES_MIN)?;
    require("trades without a loss in the 4 h before", others.len(), CHASING_TRADES_MIN)?;
    let usual = statistics::mean(&others);
    if usual <= 0.0 {
        return Err(Undefined::NothingAtRisk);
    }
    Ok(statistics::mean(&after_loss) / usual - 1.0)
}
