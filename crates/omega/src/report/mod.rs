//! What a run leaves behind, for people and for programs.
//!
//! It refuses to judge by figures that flatter: the drawdown against the target is the one at the closes of bars.

// tidy: list-of .
pub mod battle;
pub mod behaviour;
pub mod equity_csv;
pub mod page;
pub mod psychology;
pub mod psychology_csv;
pub mod run_json;
pub mod sky;
pub mod tables;
pub mod trades_csv;

use analytics::significance::bootstrap::{Bootstrap, bootstrap};
use analytics::{Inputs, Judgement, Undefined, evaluate, judge, targets::RISK_PER_TRADE};
use backtest::{CostOfEmotion, RunResult};
use behaviour::Behaviour;
use model::{Concern, Instrument, Rng, Usd};
use venue::Models;

/// Resamples of the bootstrap.
const RESAMPLES: usize = 2_000;

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
    /// What it was without feelings; `None` for controls and where nobody asked.
    pub twin: Option<TwinComparison>,
}

/// The calm twin and what emotion cost.
#[derive(Clone, Debug)]
pub struct TwinComparison {
    /// What came of the twin.
    pub result: RunResult,
    /// The difference, by cause.
    pub cost: CostOfEmotion,
    /// The sum over the days with its interval, from a paired block bootstrap.
    pub interval: Result<Bootstrap, Undefined>,
}

impl Run {
    /// Measures a result.
    pub fn measure(result: RunResult, models: Models, capital: Usd, instrument: &Instrument) -> Run {
        let equity: Vec<f64> = result.samples.iter().map(|sample| sample.equity.as_f64()).collect();
        let profits: Vec<f64> = result.trades.iter().map(|closed| closed.trade.net().as_f64()).collect();
        let figures = figures(&Inputs { equity: &equity, profits: &profits });
        let behaviour = Behaviour::of(&result, capital, instrument);
        Run { result, models, figures, behaviour, twin: None }
    }

    /// Compares it with its calm twin.
    pub fn meet_twin(&mut self, twin: RunResult, seed: u64) {
        let cost = CostOfEmotion::of(&self.result, &twin);
        let mut rng = Rng::stream(seed, model::BotId(0), Concern::Statistics);
        let interval = bootstrap(&cost.daily, RESAMPLES, &mut rng);
        self.twin = Some(TwinComparison { result: twin, cost, interval });
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
