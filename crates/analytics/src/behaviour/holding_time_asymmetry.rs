//! Median holding time of losers over that of winners: above 1, losses are held longer (Shefrin and Statman 1985, "The
//! disposition to sell winners too early and ride losers too long"). Medians, since one forgotten position is no habit. It
//! refuses fewer than [`HELD_TRADES_MIN`] of either, and winners that were held for no time.

use super::{Behaviour, LivedTrade, Observations, Source, require};
use crate::metrics::Unit;
use crate::{Undefined, statistics, trades};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "holding_time_asymmetry",
    title: "Losers held over winners held",
    unit: Unit::Ratio,
    source: Source::Trades,
    compute,
};

/// Winners and losers it takes, each.
pub const HELD_TRADES_MIN: usize = 5;

fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    let losers = held_ms(seen.trades, |trade| trades::is_loser(trade.net));
    let winners = held_ms(seen.trades, |trade| trades::is_winner(trade.net));
    require("losing trades", losers.len(), HELD_TRADES_MIN)?;
    require("winning trades", winners.len(), HELD_TRADES_MIN)?;
    let usual = statistics::median(&winners);
    if usual <= 0.0 {
        return Err(Undefined::WinnersHeldNoTime);
    }
    Ok(statistics::median(&losers) / usual)
}

fn held_ms(trades: &[LivedTrade], is_so: impl Fn(&LivedTrade) -> bool) -> Vec<f64> {
    let chosen = trades.iter().filter(|trade| is_so(trade));
    chosen.map(|trade| (trade.exited_at - trade.entered_at).0 as f64).collect()
}
