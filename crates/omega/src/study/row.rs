//! One run of a study in a few figures, as it is kept in a file of finished runs.
//!
//! It refuses a kept row that lacks a figure: such a run is run again.

use crate::json::Json;
use analytics::BEHAVIOURS;
use analytics::behaviour::Observations;
use backtest::{RunResult, RunSettings};
use model::{Instrument, Time, Usd};
use serde_json::Value;

/// What came of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Who.
    pub persona: String,
    /// With which luck.
    pub seed: u64,
    /// In which period, by its number.
    pub period: usize,
    /// Capital at the start.
    pub capital: Usd,
    /// Net result.
    pub net: Usd,
    /// Deepest fall of equity at the closes of bars, negative.
    pub max_drawdown: f64,
    /// Round trips.
    pub trades: usize,
    /// When it was ruined.
    pub ruined_at: Option<Time>,
    /// Everything, in one word.
    pub state_hash: u64,
    /// What emotion cost, where the twin ran too.
    pub cost: Option<Usd>,
    /// The behavioural metrics in the order of their list; `None` where one has no meaning.
    pub behaviour: Vec<Option<f64>>,
}

impl Row {
    /// Of a finished run.
    pub fn of(
        result: &RunResult,
        settings: &RunSettings,
        period: usize,
        cost: Option<Usd>,
        instrument: &Instrument,
    ) -> Row {
        let trades = result.lived_trades(instrument);
        let seen = Observations { occasions: result.lived_occasions(), trades: &trades };
        Row {
            persona: result.persona.clone(),
            seed: settings.seed,
            period,
            capital: settings.capital,
            net: result.net,
            max_drawdown: result.max_drawdown,
            trades: result.trades.len(),
            ruined_at: result.ruined_at,
            state_hash: result.state_hash,
            cost,
            behaviour: BEHAVIOURS.iter().map(|metric| metric.evaluate(&seen).ok()).collect(),
        }
    }

    /// Net result as a fraction of the capital.
    pub fn total_return(&self) -> f64 {
        self.net.as_f64() / self.capital.as_f64()
    }

    /// The cost of emotion as a fraction of the capital.
    pub fn cost_share(&self) -> Option<f64> {
        Some(self.cost?.as_f64() / self.capital.as_f64())
    }

    /// As it is kept and printed.
    pub fn json(&self) -> Json {
        let figures = BEHAVIOURS.iter().zip(&self.behaviour);
        let figures =
            figures.map(|(metric, value)| (metric.key.to_owned(), Json::optional(*value, Json::Number)));
        Json::object([
            ("persona", Json::text(&self.persona)),
            ("seed", Json::Exact(self.seed.to_string())),
            ("period", Json::count(self.period)),
            ("net_pnl", Json::money(self.net)),
            ("net_pnl_micro", Json::Whole(self.net.0)),
            ("max_drawdown", Json::Number(self.max_drawdown)),
            ("trades", Json::count(self.trades)),
            ("ruined_at", Json::optional(self.ruined_at, Json::text)),
            ("ruined_at_ms", Json::optional(self.ruined_at, |at| Json::Whole(at.0))),
            ("state_hash", Json::Text(format!("{:016x}", self.state_hash))),
            ("cost_of_emotion", Json::optional(self.cost, Json::money)),
            ("cost_of_emotion_micro", Json::optional(self.cost, |cost| Json::Whole(cost.0))),
            ("behaviour", Json::Object(figures.collect())),
        ])
    }

    /// As it was kept. Who, with which luck and when is the caller's, whose key says so.
    pub fn read(kept: &Value, settings: &RunSettings, period: usize) -> Option<Row> {
        let optional = |key: &str| match kept.get(key)? {
            Value::Null => Some(None),
            value => value.as_i64().map(Some),
        };
        let figure = |value: &Value| match value {
            Value::Null => Some(None),
            value => value.as_f64().map(Some),
        };
        let behaviour = kept.get("behaviour")?;
        Some(Row {
            persona: settings.character.name().to_owned(),
            seed: settings.seed,
            period,
            capital: settings.capital,
            net: Usd(kept.get("net_pnl_micro")?.as_i64()?),
            max_drawdown: kept.get("max_drawdown")?.as_f64()?,
            trades: usize::try_from(kept.get("trades")?.as_u64()?).ok()?,
            ruined_at: optional("ruined_at_ms")?.map(Time),
            state_hash: u64::from_str_radix(kept.get("state_hash")?.as_str()?, 16).ok()?,
            cost: optional("cost_of_emotion_micro")?.map(Usd),
            behaviour: BEHAVIOURS
                .iter()
                .map(|metric| figure(behaviour.get(metric.key)?))
                .collect::<Option<Vec<_>>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backtest::History;
    use backtest::noise::bursty_market;

    #[test]
    fn a_kept_row_comes_back_whole() {
        let profile = crate::lineup::profile("newbie").expect("built in");
        let settings = RunSettings {
            bot: model::BotId(0),
            character: farm::Character::Persona(Box::new(profile), persona::Gains::FULL),
            capital: Usd(10_000 * Usd::ONE.0),
            seed: u64::MAX,
            models: crate::market_flags::PERSONA_MODELS,
            stride: farm::STRIDE_MAX,
            sky: cosmos::Sky::none(),
        };
        let history = History::new(Instrument::btcusdt(), bursty_market(20_000, 3), &[], None);
        let result = backtest::run(&history, &settings).expect("one-minute bars");
        let mut row = Row::of(&result, &settings, 4, Some(Usd(-1)), history.instrument());
        assert!(row.trades > 0 && row.behaviour.iter().any(Option::is_some));
        for ruined_at in [None, Some(Time(1_600_000_000_000))] {
            row.ruined_at = ruined_at;
            let mut kept: Value = serde_json::from_str(&row.json().document()).expect("JSON");
            assert_eq!(Row::read(&kept, &settings, 4), Some(row.clone()));
            kept["behaviour"].as_object_mut().expect("an object").remove("pgr");
            assert_eq!(
                Row::read(&kept, &settings, 4),
                None,
                "a figure that is missing is no figure that is null"
            );
        }
    }
}
