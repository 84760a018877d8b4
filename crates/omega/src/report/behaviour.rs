//! How a run behaved: the behavioural metrics, and what its trades say of states, exits and holding times.
//!
//! It refuses to name a behaviour that is not measured.

use super::Outcome;
use analytics::behaviour::{BEHAVIOURS, LivedTrade, Observations, Occasions, Source};
use analytics::over_time::Row;
use analytics::{Period, Undefined, over_time};
use backtest::lived::at_risk;
use backtest::{ClosedTrade, RunResult};
use model::{Instrument, Time, Usd};
use persona::Label;
use std::collections::BTreeMap;

/// The behaviour of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// Every behavioural metric, in the list's order.
    pub figures: Vec<(&'static str, Outcome)>,
    /// The same, a calendar quarter.
    pub over_time: Vec<Row>,
    /// Trades by emotional state at the entry.
    pub states: BTreeMap<&'static str, usize>,
    /// Share of the time spent in each state; empty for those who feel nothing.
    pub time_in_state: Vec<(&'static str, f64)>,
    /// Trades by the reason of their exit.
    pub exits: BTreeMap<&'static str, usize>,
    /// Median holding time; `None` without trades.
    pub holding_s_median: Option<f64>,
    /// Largest share of equity that lay between an entry and its first stop.
    pub risk_per_trade_max: Outcome,
}

impl Behaviour {
    /// Measures a result.
    pub fn of(result: &RunResult, capital: Usd, instrument: &Instrument) -> Behaviour {
        let trades = &result.trades;
        let (states, exits) = tally(trades);
        let lived = result.lived_trades(instrument);
        let seen = Observations { occasions: result.lived_occasions(), trades: &lived };
        Behaviour {
            figures: BEHAVIOURS.iter().map(|metric| (metric.key, metric.evaluate(&seen))).collect(),
            over_time: by_quarter(result, &lived),
            states,
            time_in_state: time_in_state(result),
            exits,
            holding_s_median: median(trades.iter().map(held_ms).collect()),
            risk_per_trade_max: risk_per_trade_max(trades, capital, instrument),
        }
    }
}

type Tally = BTreeMap<&'static str, usize>;

/// Trades by state at the entry, and by reason of their exit.
fn tally(trades: &[ClosedTrade]) -> (Tally, Tally) {
    let (mut states, mut exits) = (Tally::new(), Tally::new());
    for ClosedTrade { trade, .. } in trades {
        *states.entry(trade.position.entry.mood).or_insert(0) += 1;
        *exits.entry(trade.reason.name()).or_insert(0) += 1;
    }
    (states, exits)
}

fn held_ms(closed: &ClosedTrade) -> i64 {
    (closed.trade.exited_at - closed.trade.position.entered_at).0
}

/// The metrics of each quarter; what is made of occasions comes from the counts at its first and last session's end.
fn by_quarter(result: &RunResult, lived: &[LivedTrade]) -> Vec<Row> {
    let counted = |by: Time| {
        let known = result.sessions.partition_point(|session| session.at <= by);
        known.checked_sub(1).map_or(farm::Occasions::default(), |at| result.sessions[at].occasions)
    };
    let mut rows = over_time(lived, Period::Quarter);
    for row in &mut rows {
        let (before, after) = (counted(row.start), counted(Period::Quarter.next_start(row.start)));
        let occasions = Occasions {
            in_gain: after.in_gain - before.in_gain,
            in_loss: after.in_loss - before.in_loss,
            exits_in_gain: after.exits_in_gain - before.exits_in_gain,
            exits_in_loss: after.exits_in_loss - before.exits_in_loss,
            stop_exits: after.stop_exits - before.stop_exits,
        };
        let seen = Observations { occasions, trades: &[] };
        let of_occasions = BEHAVIOURS.iter().filter(|metric| metric.source == Source::Occasions);
        row.figures.extend(of_occasions.map(|metric| (metric.key, metric.evaluate(&seen))));
    }
    rows
}

/// From the first sample to the last, by the changes of state in between.
fn time_in_state(result: &RunResult) -> Vec<(&'static str, f64)> {
    let feels = result.sessions.iter().any(|session| session.mood.is_some());
    let (Some(first), Some(last)) = (result.samples.first(), result.samples.last()) else {
        return Vec::new();
    };
    let whole = (last.time - first.time).0;
    if !feels || whole <= 0 {
        return Vec::new();
    }
    let mut spent: BTreeMap<Label, i64> = BTreeMap::new();
    let mut enter = |label: Label, from: Time, to: Time| *spent.entry(label).or_insert(0) += (to - from).0;
    let (mut label, mut since) = (result.felt_first, first.time);
    for &(at, next) in &result.felt {
        enter(label, since, at);
        (label, since) = (next, at);
    }
    enter(label, since, last.time);
    spent.into_iter().map(|(label, ms)| (label.name(), ms as f64 / whole as f64)).collect()
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
    for closed in trades {
        if let (Some(at_risk), true) = (at_risk(closed, instrument), equity > Usd::ZERO) {
            let share = at_risk.as_f64() / equity.as_f64();
            riskiest = Ok(riskiest.map_or(share, |most| most.max(share)));
        }
        equity += closed.trade.net();
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
        assert_eq!(risk_per_trade_max(&trades, capital, &instrument), Ok(0.008));
        assert_eq!(risk_per_trade_max(&[], capital, &instrument), Err(Undefined::NotMeasured));
        let held = |trades: &[ClosedTrade]| median(trades.iter().map(held_ms).collect());
        assert_eq!((held(&trades), held(&trades[..2]), held(&[])), (Some(90.0), Some(75.0), None));
        let (states, exits) = tally(&trades);
        assert_eq!((states["calm"], exits["stop"]), (3, 3));
    }
}
