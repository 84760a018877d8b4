//! What a reader must know beside the figures: what ran against what, what was left out, and what luck alone would do.
//!
//! It refuses to name folders of the machine that it ran on: a report is passed on, file names are enough.

use super::super::{Run, run_json::Session, tables};
use super::bots::TRADE_COLUMNS;
use crate::json::Json;
use crate::market_files::LoadedMarket;
use analytics::{BEHAVIOURS, METRICS, TARGETS_NOTE, Unit, best_of_luck};
use std::path::Path;

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What ran against what: `[label, text]`.
pub fn run(market: &LoadedMarket, session: &Session, runs: &[Run]) -> Json {
    let fact = |label: &str, text: String| Json::List(vec![Json::text(label), Json::Text(text)]);
    let mut facts = vec![fact("bars", file_name(&market.source.path))];
    for (label, text) in tables::facts(market, session, runs) {
        let text = match label {
            "path" => {
                market.path.as_deref().map_or(text, |file| format!("{} inside each bar", file_name(file)))
            }
            "mark" => market.mark.as_deref().map_or(text, file_name),
            _ => text,
        };
        facts.push(fact(label, text));
    }
    Json::List(facts)
}

/// What is too good to be true.
pub fn warnings(runs: &[Run]) -> Json {
    Json::List(tables::warnings(runs).into_iter().map(Json::Text).collect())
}

/// What this run leaves out of the world.
pub fn not_modelled(market: &LoadedMarket) -> Json {
    let mut left_out = vec![
        "An order's effect on the prices after it: the market does not notice the bots.",
        "The order book and the queue in it: a limit order fills only when the price trades through it.",
        "Outages, rejected connections and rate limits of an exchange.",
        "Partial liquidation by tier, auto-deleveraging and a default of the exchange.",
        "Taxes, and what moving money in and out costs.",
    ];
    if market.path.is_none() {
        left_out.push("The path inside a bar: where a stop and a target lie in one bar, the stop is taken.");
    }
    if market.funding.is_none() {
        left_out.push("Funding: no file was given, so holding a position was free.");
    }
    if market.mark.is_none() {
        left_out.push("Mark prices: none were given, so liquidation looks at traded prices.");
    }
    Json::List(left_out.into_iter().map(Json::text).collect())
}

/// How many were looked at, and the Sharpe ratio that the best of so many without any skill would show.
pub fn luck(runs: &[Run]) -> Json {
    let days = runs.iter().map(Run::days).min().unwrap_or(0);
    let best = best_of_luck(runs.len(), days);
    Json::object([
        ("bots", Json::count(runs.len())),
        ("twins", Json::count(runs.iter().filter(|run| run.twin.is_some()).count())),
        ("sharpe_of_the_luckiest", Json::optional(best.ok(), Json::Number)),
        ("reason", Json::optional(best.err(), |reason| Json::Text(reason.reason()))),
    ])
}

/// A unit's word.
pub fn unit(unit: Unit) -> Json {
    Json::text(match unit {
        Unit::Fraction => "fraction",
        Unit::Ratio => "ratio",
        Unit::Money => "money",
        Unit::Count => "count",
        Unit::Days => "days",
    })
}

/// What keys are called and measured in, so that the page has no list of its own.
pub fn dictionary() -> Json {
    let entry = |key: &str, title: &str, of: Unit| {
        Json::object([("key", Json::text(key)), ("title", Json::text(title)), ("unit", unit(of))])
    };
    let metrics = METRICS.iter().map(|metric| entry(metric.key, metric.title, metric.unit));
    let behaviours = BEHAVIOURS.iter().map(|metric| entry(metric.key, metric.title, metric.unit));
    Json::object([
        ("metrics", Json::List(metrics.collect())),
        ("behaviours", Json::List(behaviours.collect())),
        ("states", Json::List(persona::Label::ALL.iter().map(|label| Json::text(label.name())).collect())),
        ("trade_columns", Json::List(TRADE_COLUMNS.iter().map(Json::text).collect())),
        ("targets_note", Json::text(TARGETS_NOTE)),
    ])
}
