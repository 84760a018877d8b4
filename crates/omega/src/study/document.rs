//! A study as JSON: every summary and every run.

use super::{Markets, Plan, Population, Row, Twins};
use crate::json::Json;
use analytics::BEHAVIOURS;

/// The document. `finished` runs were known before; `loop_s` is the time of the others.
pub fn document(plan: &Plan, populations: &[Population], rows: &[Row], recalled: usize, loop_s: f64) -> Json {
    let bot_years = plan.markets.days() * (plan.seeds.len() * plan.characters.len()) as f64 / 365.0;
    Json::object([
        ("runs", Json::count(rows.len())),
        ("recalled", Json::count(recalled)),
        ("loop_s", Json::Number(loop_s)),
        ("bot_years", Json::Number(bot_years)),
        ("seeds", Json::count(plan.seeds.len())),
        ("first_seed", Json::Exact(plan.seeds[0].to_string())),
        ("capital", Json::money(plan.capital)),
        ("twins", Json::Truth(plan.twins == Twins::Run)),
        ("market", market(&plan.markets)),
        ("personas", Json::List(populations.iter().map(population).collect())),
        ("every_run", Json::List(rows.iter().map(Row::json).collect())),
    ])
}

fn market(markets: &Markets) -> Json {
    match markets {
        Markets::Made { days, .. } => Json::object([("made_days", Json::count(*days))]),
        Markets::Periods(periods) => {
            let period = |period: &super::Period| {
                Json::object([
                    ("from", Json::text(period.from)),
                    ("to", Json::text(period.to)),
                    ("bars", Json::count(period.history.bars().len())),
                    ("data_hash", Json::text(&period.fingerprint)),
                ])
            };
            Json::object([("periods", Json::List(periods.iter().map(period).collect()))])
        }
    }
}

fn population(of: &Population) -> Json {
    let behaviour = BEHAVIOURS.iter().zip(&of.behaviour);
    Json::object([
        ("persona", Json::text(&of.persona)),
        ("runs", Json::count(of.runs)),
        ("different_outcomes", Json::count(of.distinct)),
        (
            "seeds_that_differ",
            Json::object([
                ("fewest", Json::count(of.seeds_that_differ.0)),
                ("most", Json::count(of.seeds_that_differ.1)),
            ]),
        ),
        ("return", of.returns.json()),
        ("max_drawdown", of.drawdown.json()),
        ("trades", of.trades.json()),
        ("ruined_share", Json::Number(of.ruined)),
        ("cost_of_emotion", of.cost.json()),
        ("behaviour", Json::Object(behaviour.map(|(m, spread)| (m.key.to_owned(), spread.json())).collect())),
        (
            "median_return_by_period",
            Json::List(of.by_period.iter().map(|median| Json::optional(*median, Json::Number)).collect()),
        ),
    ])
}
