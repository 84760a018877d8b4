//! Drift for programs: every session and bot with every figure, exactly.
//!
//! It refuses to leave out what is unknown: that is a verdict of its own.

use super::Compared;
use crate::json::Json;
use drift::{Budget, Comparison, Pair, Report, Tally};

/// All journals.
pub(super) fn document(all: &[Compared]) -> Json {
    let shards = all.iter().map(|compared| {
        let Compared { shard, symbol, market, budget, reports, .. } = compared;
        let sessions = reports.iter().map(|report| session(report, compared)).collect();
        Json::object([
            ("shard", Json::text(shard)),
            ("symbol", Json::text(symbol)),
            ("market", Json::text(market)),
            ("verdict", Json::text(compared.verdict().name())),
            ("budget", allowed(budget)),
            ("sessions", Json::List(sessions)),
        ])
    });
    Json::object([("shards", Json::List(shards.collect()))])
}

fn allowed(budget: &Budget) -> Json {
    let whole = |bps: u32| Json::Whole(i64::from(bps));
    Json::object([
        ("signals_max_bps", whole(budget.signals_max_bps)),
        ("trades_max_bps", whole(budget.trades_max_bps)),
        ("fill_gap_mean_max_bps", whole(budget.fill_gap_mean_max_bps)),
        ("fill_gap_p95_max_bps", whole(budget.fill_gap_p95_max_bps)),
        ("fill_gap_worst_max_bps", whole(budget.fill_gap_worst_max_bps)),
        ("fees_max_bps", whole(budget.fees_max_bps)),
        ("funding_max_bps", whole(budget.funding_max_bps)),
        ("result_max_bps", whole(budget.result_max_bps)),
    ])
}

fn session(report: &Report, compared: &Compared) -> Json {
    let Compared { names, budget, .. } = compared;
    let bots = report.bots.iter().map(|(bot, one)| {
        let name = names.get(bot).map_or("", String::as_str);
        Json::object([("bot", Json::text(name)), ("drift", figures(one, budget))])
    });
    let broken = |part: fn(drift::Break) -> Json| report.broken.map_or(Json::Null, part);
    Json::object([
        ("session", Json::Whole(i64::from(report.span.number))),
        ("from", Json::text(report.span.from)),
        ("to", Json::text(report.span.to)),
        ("is_over", Json::Truth(report.span.is_over)),
        ("verdict", Json::text(report.verdict(budget).name())),
        ("comparable_until", broken(|broken| Json::text(broken.at))),
        ("not_comparable_because", broken(|broken| Json::text(broken.why.words()))),
        ("together", figures(&report.together(), budget)),
        ("bots", Json::List(bots.collect())),
    ])
}

fn tally(tally: &Tally) -> Json {
    let whole = |count: u32| Json::Whole(i64::from(count));
    Json::object([
        ("matched", whole(tally.matched)),
        ("missing", whole(tally.missing)),
        ("extra", whole(tally.extra)),
    ])
}

fn pair(pair: &Pair) -> Json {
    Json::object([
        ("farm", Json::money(pair.lived)),
        ("back_test", Json::money(pair.again)),
        ("difference", Json::money(pair.difference())),
    ])
}

fn figures(one: &Comparison, budget: &Budget) -> Json {
    let milli = |milli: i64| Json::Exact(crate::figures::decimal(milli, 3));
    let gap = one.gap().map_or(Json::Null, |gap| {
        Json::object([
            ("mean_bps", milli(gap.mean_milli_bps)),
            ("p95_bps", milli(gap.p95_milli_bps)),
            ("worst_bps", milli(gap.worst_milli_bps)),
        ])
    });
    let verdict =
        |line: &drift::Line| (line.subject.name().replace(' ', "_"), Json::text(line.verdict.name()));
    Json::object([
        ("signals", tally(&one.signals)),
        ("trades", tally(&one.trades)),
        ("fills", tally(&one.fills)),
        ("fill_gap", gap),
        ("fees_usdt", pair(&one.fees)),
        ("funding_usdt", pair(&one.funding)),
        ("fundings_unknown", Json::Whole(i64::from(one.fundings_unknown))),
        ("result_usdt", pair(&one.result)),
        ("verdicts", Json::Object(one.lines(budget).iter().map(verdict).collect())),
    ])
}
