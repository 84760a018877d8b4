//! A back-test as JSON, with the keys of the command line's contract.
//!
//! It refuses to leave an undefined metric without its reason, and money without its last micro-USDT.

use super::{Outcome, Run, battle, sky};
use crate::figures;
use crate::json::Json;
use crate::market_files::LoadedMarket;
use analytics::{METRICS, Period, Unit, Verdict};
use backtest::Cause;
use cosmos::Sky;
use farm::News;
use model::event::Shock;
use model::{Time, Usd};
use persona::Gains;
use std::collections::BTreeMap;

/// What was asked for and how long it took.
#[derive(Clone, Debug)]
pub struct Session {
    /// Money each started with.
    pub capital: Usd,
    /// Seed of all randomness.
    pub seed: u64,
    /// Seconds of all loops together, the twins' apart.
    pub run_s: f64,
    /// Seconds of the calm twins' loops.
    pub twin_s: f64,
    /// The sky they stood under.
    pub sky: Sky,
    /// The seed of a made market; nothing is known of other bars.
    pub made_seed: Option<u64>,
    /// News by hand, those within the bars; a black swan that the market itself was is not among them.
    pub news: Vec<(Time, Shock)>,
    /// What the personas felt of mood and sky.
    pub gains: Gains,
    /// Whether the bots were numbered, as one farm does.
    pub numbered: bool,
}

impl Session {
    /// What the bars are, where it is known that they are not history.
    pub fn made_market(&self) -> Option<String> {
        self.made_seed.map(|seed| format!("made market, seed {seed}, not history"))
    }
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
        ("made_market", Json::optional(session.made_market(), Json::Text)),
        ("news_by_hand", Json::List(session.news.iter().map(by_hand).collect())),
        ("emotion", Json::Number(session.gains.emotion)),
        ("cosmic", Json::Number(session.gains.cosmic)),
        ("numbered", Json::Truth(session.numbered)),
        (
            "sky",
            Json::List(
                sky::lines(&session.sky, bars.close_time(bars.len() - 1)).iter().map(Json::text).collect(),
            ),
        ),
        ("runs", Json::List(runs.iter().map(run_object).collect())),
        ("battle", Json::optional(battle::fight(runs), |battle| battle.json(runs))),
    ])
}

/// As `--shock` wants it: a run is repeated from what it states.
fn by_hand((at, shock): &(Time, Shock)) -> Json {
    Json::Text(format!("{}@{at}", shock.name()))
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
        ("cost_of_emotion", cost_of_emotion(run)),
        ("news", Json::List(result.news.iter().map(news).collect())),
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
    with_reasons(figures, value)
}

/// Behavioural metrics are all plain numbers.
fn figures_with_reasons(figures: &[(&'static str, Outcome)]) -> Vec<(String, Json)> {
    with_reasons(figures, |_, value| Json::Number(value))
}

fn with_reasons(
    figures: &[(&'static str, Outcome)],
    value: impl Fn(&str, f64) -> Json,
) -> Vec<(String, Json)> {
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
    let mut pairs = figures_with_reasons(&run.behaviour.figures);
    let quarters = run.behaviour.over_time.iter().map(|row| {
        let mut pairs = vec![
            ("quarter".to_owned(), Json::text(Period::Quarter.name(row.start))),
            ("trades".to_owned(), Json::count(row.trades)),
        ];
        pairs.extend(figures_with_reasons(&row.figures));
        Json::Object(pairs)
    });
    let in_state = run.behaviour.time_in_state.iter();
    let occasions = &run.result.occasions;
    let rest = Json::object([
        ("over_time", Json::List(quarters.collect())),
        (
            "occasions",
            Json::object([
                ("in_gain", Json::tally(occasions.in_gain)),
                ("in_loss", Json::tally(occasions.in_loss)),
                ("exits_in_gain", Json::tally(occasions.exits_in_gain)),
                ("exits_in_loss", Json::tally(occasions.exits_in_loss)),
                ("stop_exits", Json::tally(occasions.stop_exits)),
            ]),
        ),
        (
            "time_in_state",
            Json::Object(in_state.map(|(name, share)| ((*name).to_owned(), Json::Number(*share))).collect()),
        ),
        ("trades_by_emotional_state", counts(&run.behaviour.states)),
        ("holding_s_median", Json::optional(run.behaviour.holding_s_median, Json::Number)),
        ("exit_share_by_reason", Json::Object(run.behaviour.exits.iter().map(share).collect())),
        ("risk_per_trade_max", Json::optional(run.behaviour.risk_per_trade_max.ok(), Json::Number)),
    ]);
    let Json::Object(rest) = rest else { panic!("an object was just made") };
    pairs.extend(rest);
    Json::Object(pairs)
}

/// What was announced to the whole farm. A run is a farm of one, so nobody takes the lead in it.
fn news(news: &News) -> Json {
    let (time, kind) = match news {
        News::Checkpoint(session) => (session.end(), format!("checkpoint {}", session.number)),
        News::Shock(at, shock) => (*at, shock.name().to_owned()),
        other => panic!("a back-test of one has no lead, no operator and no venue that differs: {other:?}"),
    };
    Json::object([("time", Json::text(time)), ("kind", Json::Text(kind))])
}

/// What emotion cost: null where no twin ran.
fn cost_of_emotion(run: &Run) -> Json {
    let Some(twin) = &run.twin else { return Json::Null };
    let interval = twin.interval.as_ref().ok();
    let bound = |value: Option<f64>| Json::optional(value, Json::Number);
    let causes =
        Cause::ALL.iter().map(|&cause| (cause.name().to_owned(), Json::money(twin.cost.of_cause(cause))));
    Json::object([
        ("total", Json::money(twin.cost.total)),
        ("low_95", bound(interval.map(|interval| interval.sum.low))),
        ("high_95", bound(interval.map(|interval| interval.sum.high))),
        ("block_days", Json::optional(interval, |interval| Json::count(interval.block_length))),
        ("resamples", Json::optional(interval, |interval| Json::count(interval.resamples))),
        ("reason", Json::optional(twin.interval.as_ref().err(), |reason| Json::Text(reason.reason()))),
        ("by_cause", Json::Object(causes.collect())),
        (
            "twin",
            Json::object([
                ("trades", Json::count(twin.result.trades.len())),
                ("net_pnl", Json::money(twin.result.net)),
                ("final_equity", Json::money(twin.result.final_equity)),
                ("max_drawdown", Json::Number(twin.result.max_drawdown)),
                ("ledger_balanced", Json::Truth(twin.result.ledger_balanced)),
                ("state_hash", Json::Text(format!("{:016x}", twin.result.state_hash))),
            ]),
        ),
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
