//! One bot's part of the page: curves, months, verdicts, moods and trades, as short rows.
//!
//! It refuses to work out a figure that the document has already.

use super::super::{Outcome, Run, tables};
use crate::json::Json;
use analytics::{Period, Unit, Verdict, sharpe_interval, targets::RISK_PER_TRADE};
use backtest::equity::Sample;
use backtest::{ClosedTrade, RunResult, lived::at_risk};
use model::{Instrument, Side, Time};

/// Everything the page shows of one run beside its figures.
pub fn json(run: &Run, instrument: &Instrument) -> Json {
    Json::object([
        ("persona", Json::text(&run.result.persona)),
        ("record", Json::Text(tables::track_record(run))),
        ("sharpe", sharpe(run)),
        ("targets", Json::List(run.judgements().iter().map(judgement).collect())),
        ("months", Json::List(months(&run.result.samples))),
        ("equity", equity(&run.result)),
        ("twin_equity", Json::optional(run.twin.as_ref(), |twin| equity(&twin.result))),
        ("moods", moods(&run.result)),
        ("trades", Json::List(run.result.trades.iter().map(|closed| trade(closed, instrument)).collect())),
    ])
}

fn seconds(time: Time) -> Json {
    Json::Whole(time.0.div_euclid(1_000))
}

/// The 95 % interval of the Sharpe ratio.
fn sharpe(run: &Run) -> Json {
    let interval = interval(run);
    let bound = |value: Option<f64>| Json::optional(value, Json::Number);
    Json::object([
        ("low_95", bound(interval.ok().map(|(low, _)| low))),
        ("high_95", bound(interval.ok().map(|(_, high)| high))),
        ("reason", Json::optional(interval.err(), |reason| Json::Text(reason.reason()))),
    ])
}

fn interval(run: &Run) -> Result<(f64, f64), analytics::Undefined> {
    sharpe_interval(&analytics::Moments {
        sharpe: run.figure("sharpe")?,
        skew: run.figure("skew")?,
        kurtosis_excess: run.figure("kurtosis_excess")?,
        days: run.days(),
    })
}

fn judgement(judgement: &analytics::Judgement) -> Json {
    let key = judgement.target.key;
    let listed = analytics::METRICS.iter().find(|metric| metric.key == key).map(|metric| metric.unit);
    let unit = listed.unwrap_or(if key == RISK_PER_TRADE { Unit::Fraction } else { Unit::Ratio });
    let (verdict, figure): (Json, Outcome) = match judgement.verdict {
        Verdict::Pass(value) => (Json::text("pass"), Ok(value)),
        Verdict::Fail(value) => (Json::text("fail"), Ok(value)),
        Verdict::Undefined(reason) => (Json::Null, Err(reason)),
    };
    Json::object([
        ("key", Json::text(key)),
        ("title", Json::text(judgement.target.title)),
        ("unit", super::facts::unit(unit)),
        ("verdict", verdict),
        ("value", Json::optional(figure.ok(), Json::Number)),
        ("reason", Json::optional(figure.err(), |reason| Json::Text(reason.reason()))),
    ])
}

/// Return of each calendar month in UTC: `[month, return]`; null once there is no money to return anything on.
fn months(samples: &[Sample]) -> Vec<Json> {
    let mut months: Vec<(Time, f64, f64)> = Vec::new();
    for pair in samples.windows(2) {
        // A sample at midnight of the first belongs to the day that ends there.
        let month = Period::Month.start(Time(pair[1].time.0 - 1));
        let (before, after) = (pair[0].equity.as_f64(), pair[1].equity.as_f64());
        match months.last_mut().filter(|(start, ..)| *start == month) {
            Some((_, _, end)) => *end = after,
            None => months.push((month, before, after)),
        }
    }
    let row = |(start, before, after): (Time, f64, f64)| {
        let change = (before > 0.0).then(|| after / before - 1.0);
        Json::List(vec![Json::text(Period::Month.name(start)), Json::optional(change, Json::Number)])
    };
    months.into_iter().map(row).collect()
}

/// Two columns of one length: seconds since 1970, and USDT.
fn equity(result: &RunResult) -> Json {
    Json::object([
        ("time_s", Json::List(result.samples.iter().map(|sample| seconds(sample.time)).collect())),
        ("usdt", Json::List(result.samples.iter().map(|sample| Json::money(sample.equity)).collect())),
    ])
}

/// What was felt at each session's end: `[seconds, state, confidence, stress, fatigue, urge, energy]`, the last five in
/// thousandths; null for those who feel nothing.
fn moods(result: &RunResult) -> Json {
    let thousandths = |value: f64| Json::Whole((value * 1_000.0).round() as i64);
    let rows: Vec<Json> = result
        .sessions
        .iter()
        .filter_map(|summary| {
            let ((label, mood), energy) = (summary.mood?, summary.energy?);
            let mut row = vec![seconds(summary.at), Json::text(label.name())];
            row.extend([mood.confidence, mood.stress, mood.fatigue, mood.urge, energy].map(thousandths));
            Some(Json::List(row))
        })
        .collect();
    if rows.is_empty() { Json::Null } else { Json::List(rows) }
}

/// A round trip as a row of [`TRADE_COLUMNS`].
fn trade(closed: &ClosedTrade, instrument: &Instrument) -> Json {
    let ClosedTrade { trade, entry_reason } = closed;
    let position = &trade.position;
    let average = |cost: i128, lots: i64| Json::Exact(instrument.format_average(cost, lots).to_string());
    let price = |price| Json::Exact(instrument.format_price(price).to_string());
    let risk = at_risk(closed, instrument).map(|usd| usd.as_f64()).filter(|risk| *risk > 0.0);
    let cells = [
        seconds(position.entered_at),
        seconds(trade.exited_at),
        Json::Whole(if position.side == Side::Buy { 1 } else { -1 }),
        average(position.entry_cost, position.opened.0),
        average(position.exit_cost, position.closed.0),
        Json::Exact(instrument.format_qty(position.opened).to_string()),
        Json::optional(position.entry.stop, price),
        Json::money(position.fees),
        Json::money(position.funding),
        Json::money(trade.net()),
        Json::optional(risk, |risk| Json::Exact(format!("{:.3}", trade.net().as_f64() / risk))),
        Json::text(trade.reason.name()),
        Json::text(position.entry.mood),
        Json::text(position.entry.kind),
        Json::Whole(i64::from(position.entry.mistake)),
        Json::Text(entry_reason.map(|reason| reason.describe(instrument)).unwrap_or_default()),
    ];
    assert_eq!(cells.len(), TRADE_COLUMNS.len(), "a row has a cell a column");
    Json::List(cells.into())
}

/// What the cells of a trade are, in order.
pub const TRADE_COLUMNS: [&str; 16] = [
    "entry_s",
    "exit_s",
    "side",
    "entry_price",
    "exit_price",
    "quantity",
    "stop",
    "fees",
    "funding",
    "net",
    "r_multiple",
    "reason",
    "state",
    "kind",
    "mistake",
    "entry_reason",
];

#[cfg(test)]
mod tests {
    use super::*;
    use model::Usd;

    #[test]
    fn a_month_ends_at_the_midnight_after_its_last_day() {
        let sample = |month, day, usdt: i64| Sample {
            time: Time::from_date(2022, month, day).expect("a date"),
            equity: Usd(usdt * Usd::ONE.0),
        };
        let samples =
            [sample(1, 30, 100), sample(1, 31, 90), sample(2, 1, 110), sample(2, 2, 121), sample(3, 1, 0)];
        let rows = |samples: &[Sample]| Json::List(months(samples)).to_string();
        assert_eq!(rows(&samples), "[[\"2022-01\",0.10000000000000009],[\"2022-02\",-1.0]]");
        let broke = [sample(1, 31, 50), sample(2, 1, 0), sample(2, 2, 0)];
        assert_eq!(rows(&broke), "[[\"2022-01\",-1.0],[\"2022-02\",null]]");
        assert_eq!(rows(&broke[..1]), "[]");
    }
}
