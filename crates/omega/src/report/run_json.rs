//! A back-test as JSON, with the keys of the command line's contract.
//!
//! It refuses to leave an undefined metric without its reason, and money without its last micro-USDT.

use super::{Outcome, Run};
use crate::figures;
use crate::json::Json;
use crate::market_files::LoadedMarket;
use analytics::{METRICS, Unit, Verdict};
use model::Usd;
use std::collections::BTreeMap;

/// What was asked for and how long it took.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Money each started with.
    pub capital: Usd,
    /// Seed of all randomness.
    pub seed: u64,
    /// Seconds of all loops together, the twins' apart.
    pub run_s: f64,
    /// Seconds of the calm twins' loops.
    pub twin_s: f64,
}

/// The document.
pub fn document(market: &LoadedMarket, session: &Session, runs: &[Run]) -> Json {
    let instrument = market.history.instrument();
    let bars = market.history.bars();
    let per_second = (bars.len() * runs.len()) as f64 / session.run_s.max(1e-9);
    Json::object([
        ("bars", Json::count(bars.len())),
        ("load_s", Json::Number(market.load_s)),
        ("run_s", Json::Number(session.run_s)),
        ("twin_s", Json::Number(session.twin_s)),
        ("bars_per_s", Json::Number(per_second)),
        ("symbol", Json::text(&instrument.symbol)),
        ("interval", Json::text(bars.interval)),
        ("first", Json::text(bars.open_time[0])),
        ("last", Json::text(bars.open_time[bars.len() - 1])),
        ("missing_bars", Json::count(market.report.missing_total)),
        ("tick", Json::Exact(instrument.tick.format(1).to_string())),
        ("fee_taker", Json::Exact(figures::rate(instrument.fees.taker))),
        ("fee_maker", Json::Exact(figures::rate(instrument.fees.maker))),
        ("funding_instants", Json::optional(market.funding, Json::count)),
        ("capital", Json::money(session.capital)),
        ("seed", Json::Exact(session.seed.to_string())),
        ("runs", Json::List(runs.iter().map(run_object).collect())),
    ])
}

fn run_object(run: &Run) -> Json {
    let result = &run.result;
    let refusals =
        result.refusals.iter().map(|(refusal, count)| (refusal.name().to_owned(), Json::tally(*count)));
    Json::object([
        ("persona", Json::text(&result.persona)),
        ("trades", Json::count(result.trades.len())),
        ("fills", Json::tally(result.fills)),
        ("gross_pnl", Json::money(result.gross)),
        ("fees", Json::money(result.fees)),
        ("funding", Json::money(result.funding)),
        ("net_pnl", Json::money(result.net)),
        ("final_equity", Json::money(result.final_equity)),
        ("max_drawdown", Json::Number(result.max_drawdown)),
        ("ruined_at", Json::optional(result.ruined_at, Json::text)),
        ("metrics", Json::Object(metrics(&run.figures))),
        ("behaviour", behaviour(run)),
        ("state_hash", Json::Text(format!("{:016x}", result.state_hash))),
        ("ledger_balanced", Json::Truth(result.ledger_balanced)),
        ("refusals", Json::Object(refusals.collect())),
        ("rejections", Json::tally(result.rejections)),
        ("models", models(run)),
        ("targets", targets(run)),
        ("track_record", track_record(run)),
    ])
}

/// Every metric under its key, null where there is none, and the reasons of those.
pub fn metrics(figures: &[(&'static str, Outcome)]) -> Vec<(String, Json)> {
    let value = |key: &str, value: f64| {
        let unit = METRICS.iter().find(|metric| metric.key == key).map(|metric| metric.unit);
        match unit {
            Some(Unit::Count | Unit::Days) => Json::Whole(value as i64),
            _ => Json::Number(value),
        }
    };
    let mut pairs: Vec<(String, Json)> = figures
        .iter()
        .map(|(key, outcome)| (key.to_string(), Json::optional(outcome.ok(), |figure| value(key, figure))))
        .collect();
    let reasons = figures
        .iter()
        .filter_map(|(key, outcome)| Some((key.to_string(), Json::Text(outcome.err()?.reason()))))
        .collect();
    pairs.push(("reasons".to_owned(), Json::Object(reasons)));
    pairs
}

fn behaviour(run: &Run) -> Json {
    let trades = run.result.trades.len();
    let counts = |map: &BTreeMap<&'static str, usize>| {
        Json::Object(map.iter().map(|(name, count)| (name.to_string(), Json::count(*count))).collect())
    };
    let share = |(name, count): (&&'static str, &usize)| {
        (name.to_string(), Json::Number(*count as f64 / trades as f64))
    };
    Json::object([
        ("trades_by_emotional_state", counts(&run.behaviour.states)),
        ("holding_s_median", Json::optional(run.behaviour.holding_s_median, Json::Number)),
        ("exit_share_by_reason", Json::Object(run.behaviour.exits.iter().map(share).collect())),
        ("risk_per_trade_max", Json::optional(run.behaviour.risk_per_trade_max.ok(), Json::Number)),
    ])
}

fn models(run: &Run) -> Json {
    Json::object([
        ("slippage_bps", Json::Exact(figures::basis_points(run.models.slippage))),
        ("latency_ms", Json::Whole(run.models.latency.0)),
        (
            "participation",
            Json::optional(run.models.participation, |share| Json::Exact(figures::rate(share))),
        ),
    ])
}

fn targets(run: &Run) -> Json {
    let verdict = |verdict: Verdict| match verdict {
        Verdict::Pass(_) => Json::text("pass"),
        Verdict::Fail(_) => Json::text("fail"),
        Verdict::Undefined(_) => Json::Null,
    };
    let judged = run.judgements().into_iter();
    Json::Object(judged.map(|j| (j.target.key.to_owned(), verdict(j.verdict))).collect())
}

fn track_record(run: &Run) -> Json {
    Json::object([
        ("days", Json::count(run.days())),
        ("days_min", Json::optional(run.days_min().ok(), |days| Json::Number(days.ceil()))),
    ])
}
