//! How a run behaved, as far as its trades can say: in which state it entered, how long it held, why it left.
//!
//! It refuses to name a behaviour that is not measured.

use super::Outcome;
use analytics::Undefined;
use backtest::ClosedTrade;
use model::{Instrument, Usd};
use std::collections::BTreeMap;

/// The behaviour of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// Trades by emotional state at the entry.
    pub states: BTreeMap<&'static str, usize>,
    /// Trades by the reason of their exit.
    pub exits: BTreeMap<&'static str, usize>,
    /// Median holding time; `None` without trades.
    pub holding_s_median: Option<f64>,
    /// Largest share of equity that lay between an entry and its first stop.
    pub risk_per_trade_max: Outcome,
}

impl Behaviour {
    /// Measures trades in the order in which they were closed.
    pub fn of(trades: &[ClosedTrade], capital: Usd, instrument: &Instrument) -> Behaviour {
        let (mut states, mut exits) = (BTreeMap::new(), BTreeMap::new());
        for ClosedTrade { trade, .. } in trades {
            *states.entry(trade.position.entry.mood).or_insert(0) += 1;
            *exits.entry(trade.reason.name()).or_insert(0) += 1;
        }
        let held = trades.iter().map(|closed| (closed.trade.exited_at - closed.trade.position.entered_at).0);
        Behaviour {
            states,
            exits,
            holding_s_median: median(held.collect()),
            risk_per_trade_max: risk_per_trade_max(trades, capital, instrument),
        }
    }
}

fn median(mut ms: Vec<i64>) -> Option<f64> {
    ms.sort_unstable();
    let upper = *ms.get(ms.len() / 2)?;
    let lower = ms[(ms.len() - 1) / 2];
    Some((lower + upper) as f64 / 2_000.0)
}

/// One position is held at a time, so the equity at an entry is the capital and all that was closed before it.
fn risk_per_trade_max(trades: &[ClosedTrade], capital: Usd, instrument: &Instrument) -> Outcome {
    let mut equity = capital;
    let mut riskiest: Outcome = Err(Undefined::NotMeasured);
    for ClosedTrade { trade, .. } in trades {
        if let (Some(stop), true) = (trade.position.entry.stop, equity > Usd::ZERO) {
            let at_stop = i128::from(trade.position.opened.0) * i128::from(stop.0);
            let at_risk = instrument.usd((trade.position.entry_cost - at_stop).abs());
            let share = at_risk.as_f64() / equity.as_f64();
            riskiest = Ok(riskiest.map_or(share, |most| most.max(share)));
        }
        equity += trade.net();
    }
    riskiest
}

#[cfg(test)]
mod tests {
    use super::*;
    use execution::trade::{EntryContext, ExitReason, OpenTrade, Trade};
    use model::{BotId, Leg, OrderId, Price, Qty, Side, Time};

    fn trade(stop: Option<i64>, held_s: i64, gross: i64) -> ClosedTrade {
        let id = OrderId { bot: BotId(0), epoch: 0, decision: 1, leg: Leg::Own };
        let entry =
            EntryContext { stop: stop.map(Price), mood: "calm", leverage: 2, ..EntryContext::plain(id) };
        let position = OpenTrade {
            entry,
            side: Side::Buy,
            entered_at: Time(0),
            opened: Qty(100),
            entry_cost: 100 * 400_000,
            closed: Qty(100),
            exit_cost: 100 * 400_000,
            gross: Usd(gross * Usd::ONE.0),
            fees: Usd::ZERO,
            funding: Usd::ZERO,
        };
        let trade = Trade { position, exited_at: Time(held_s * 1_000), reason: ExitReason::Stop };
        ClosedTrade { trade, entry_reason: None }
    }

    #[test]
    fn figures_by_hand() {
        let instrument = Instrument::btcusdt();
        let capital = Usd(10_000 * Usd::ONE.0);
        // 0.1 BTC at 40 000 with the stop 400 below: 40 USDT of 10 000, then of 5 000.
        let trades = [trade(Some(396_000), 60, -5_000), trade(Some(396_000), 90, 0), trade(None, 400, 0)];
        let behaviour = Behaviour::of(&trades, capital, &instrument);
        assert_eq!(behaviour.risk_per_trade_max, Ok(0.008));
        assert_eq!(behaviour.holding_s_median, Some(90.0));
        assert_eq!((behaviour.states["calm"], behaviour.exits["stop"]), (3, 3));
        assert_eq!(Behaviour::of(&trades[..2], capital, &instrument).holding_s_median, Some(75.0));
        let none = Behaviour::of(&[], capital, &instrument);
        assert_eq!(none.risk_per_trade_max, Err(Undefined::NotMeasured));
        assert_eq!(none.holding_s_median, None);
    }
}
