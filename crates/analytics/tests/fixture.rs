//! The reference run: every metric equals the independently computed value, in the same order.

use analytics::{Inputs, Verdict, evaluate, judge, minimum_track_record_days};

const EXPECTED: &str = include_str!("fixture/expected.json");
const TOLERANCE: f64 = 1e-9;

/// The last column of a CSV file with a header.
fn last_column(csv: &str) -> Vec<f64> {
    csv.lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().and_then(|cell| cell.parse().ok()).expect("a number"))
        .collect()
}

/// The flat object under `reference`, in the file's order.
fn expected() -> Vec<(&'static str, f64)> {
    let (_, rest) = EXPECTED.split_once("\"reference\": {").expect("the reference object");
    let (object, _) = rest.split_once('}').expect("its end");
    object
        .split(',')
        .map(|pair| {
            let (key, value) = pair.split_once(':').expect("a pair");
            (key.trim().trim_matches('"'), value.trim().parse().expect("a number"))
        })
        .collect()
}

#[test]
fn every_metric_equals_the_reference() {
    let equity = last_column(include_str!("fixture/equity.csv"));
    let profits = last_column(include_str!("fixture/trades.csv"));
    assert_eq!((equity.len(), profits.len()), (401, 362));

    let got = evaluate(&Inputs { equity: &equity, profits: &profits });
    let want = expected();
    let keys = |pairs: &[(&'static str, f64)]| pairs.iter().map(|p| p.0).collect::<Vec<_>>();
    assert_eq!(got.iter().map(|g| g.0).collect::<Vec<_>>(), keys(&want));

    for ((key, value), (_, reference)) in got.iter().zip(&want) {
        let value = value.unwrap_or_else(|reason| panic!("{key} is defined, not {reason}"));
        let off = (value - reference).abs();
        assert!(off <= TOLERANCE * reference.abs().min(1.0), "{key}: {value} is not {reference}");
    }
}

#[test]
fn the_reference_run_against_the_targets() {
    let equity = last_column(include_str!("fixture/equity.csv"));
    let profits = last_column(include_str!("fixture/trades.csv"));
    let figures = evaluate(&Inputs { equity: &equity, profits: &profits });
    let passed: Vec<&str> = judge(&figures)
        .into_iter()
        .filter(|judgement| matches!(judgement.verdict, Verdict::Pass(_)))
        .map(|judgement| judgement.target.key)
        .collect();
    assert_eq!(passed, ["max_drawdown", "sharpe", "calmar"]);

    let (_, sharpe) = figures.iter().find(|(key, _)| *key == "sharpe").expect("a metric");
    let days = minimum_track_record_days(sharpe.expect("defined")).expect("positive");
    assert!(days < 400.0, "the run is long enough for its Sharpe ratio, which takes {days} days");
}
