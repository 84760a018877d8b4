//! What a run leaves behind, for people and for programs.
//!
//! It refuses to judge by figures that flatter: the drawdown against the target is the one at the closes of bars.

// tidy: list-of .
pub mod behaviour;
pub mod equity_csv;
pub mod run_json;
pub mod tables;
pub mod trades_csv;

use analytics::{Inputs, Judgement, Undefined, evaluate, judge, targets::RISK_PER_TRADE};
use backtest::RunResult;
use behaviour::Behaviour;
use model::{Instrument, Usd};
use venue::Models;

/// A figure or the reason why there is none.
pub type Outcome = Result<f64, Undefined>;

/// Every metric. A sum over nothing is minus zero in floats: nobody should read that sign.
pub fn figures(inputs: &Inputs<'_>) -> Vec<(&'static str, Outcome)> {
    evaluate(inputs).into_iter().map(|(key, outcome)| (key, outcome.map(|value| value + 0.0))).collect()
}

/// One finished run, measured.
#[derive(Clone, Debug)]
pub struct Run {
    /// What came of it.
    pub result: RunResult,
    /// The venue it ran against.
    pub models: Models,
    /// Every metric, in the list's order.
    pub figures: Vec<(&'static str, Outcome)>,
    /// How it behaved.
    pub behaviour: Behaviour,
}

impl Run {
    /// Measures a result.
    pub fn measure(result: RunResult, models: Models, capital: Usd, instrument: &Instrument) -> Run {
        let equity: Vec<f64> = result.samples.iter().map(|sample| sample.equity.as_f64()).collect();
        let profits: Vec<f64> = result.trades.iter().map(|closed| closed.trade.net().as_f64()).collect();
        let figures = figures(&Inputs { equity: &equity, profits: &profits });
        let behaviour = Behaviour::of(&result.trades, capital, instrument);
        Run { result, models, figures, behaviour }
    }

    /// One metric.
    pub fn figure(&self, key: &str) -> Outcome {
        let found = self.figures.iter().find(|(known, _)| *known == key);
        found.expect("a key of the list of metrics").1
    }

    /// The seed's targets: the drawdown is the deeper one of bar closes, the risk that of the run's own stops.
    pub fn judgements(&self) -> Vec<Judgement> {
        let mut figures = self.figures.clone();
        for (key, outcome) in &mut figures {
            if *key == "max_drawdown" {
                *outcome = outcome.map(|_| self.result.max_drawdown);
            }
        }
        figures.push((RISK_PER_TRADE, self.behaviour.risk_per_trade_max));
        judge(&figures)
    }

    /// Daily returns there are.
    pub fn days(&self) -> usize {
        self.result.samples.len().saturating_sub(1)
    }

    /// Daily returns it takes before the Sharpe ratio says anything.
    pub fn days_min(&self) -> Outcome {
        self.figure("sharpe").and_then(analytics::minimum_track_record_days)
    }
}
