//! `omega metrics`: the reference fixture to 1e-9, and the files that `omega backtest` writes.

use crate::{Sandbox, csv, funding_csv, omega, rows};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../analytics/tests/fixture").join(name)
}

#[test]
fn the_fixture_equals_the_reference() {
    let (equity, trades) = (fixture("equity.csv"), fixture("trades.csv"));
    let said =
        omega(&[&"metrics", &"--equity", &equity, &"--trades", &trades, &"--capital", &"10000", &"--json"]);
    assert_eq!(said.err, "");
    let got = said.json();
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(fixture("expected.json")).unwrap()).unwrap();
    let reference = expected["reference"].as_object().unwrap();
    for (key, want) in reference {
        let (value, want) = (got[key].as_f64().expect("defined"), want.as_f64().unwrap());
        assert!((value - want).abs() <= 1e-9 * want.abs().max(1.0), "{key}: {value} is not {want}");
    }
    assert_eq!(got.as_object().unwrap().len(), reference.len() + 1, "the reference's keys and reasons");
    assert_eq!(got["reasons"], serde_json::json!({}));
}

#[test]
fn the_files_of_a_back_test_give_its_own_metrics() {
    let sandbox = Sandbox::new();
    let bars = sandbox.write("bars.csv", csv(&rows(10 * 1_440)));
    let funding = sandbox.write("funding.csv", funding_csv(10));
    let (trades, equity) = (sandbox.path("trades.csv"), sandbox.path("equity.csv"));
    let back_test = |personas: &str| {
        omega(&[
            &"backtest",
            &"--bars",
            &bars,
            &"--funding",
            &funding,
            &"--persona",
            &personas,
            &"--trades",
            &trades,
            &"--equity",
            &equity,
            &"--json",
        ])
        .json()
    };
    let run = back_test("ema_cross")["runs"][0].clone();
    let text = std::fs::read_to_string(&equity).unwrap();
    assert!(
        text.starts_with("day,time,equity\n0,2022-01-01T00:00:00Z,10000.000000\n1,2022-01-02T00:00:00Z,"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 12, "a header, the capital and ten days");
    let of_files =
        omega(&[&"metrics", &"--equity", &equity, &"--trades", &trades, &"--capital", &"10000", &"--json"])
            .json();
    assert_eq!(of_files, run["metrics"], "to the last bit");

    let both = back_test("ema_cross buy_hold");
    let of_one = omega(&[
        &"metrics",
        &"--equity",
        &equity,
        &"--trades",
        &trades,
        &"--capital",
        &"10000",
        &"--json",
        &"--persona",
        &"buy_hold",
    ]);
    assert_eq!(of_one.json(), both["runs"][1]["metrics"]);
    let unsaid = omega(&[&"metrics", &"--equity", &equity, &"--capital", &"10000", &"--json"]);
    assert_eq!(unsaid.code, 2);
    assert!(unsaid.err.contains("holds rows of several personas: buy_hold, ema_cross\n"), "{unsaid:?}");
}

#[test]
fn what_is_not_there_is_said() {
    let sandbox = Sandbox::new();
    let equity = sandbox.write("equity.csv", "day,equity\n1,101\n2,102\n3,101.5\n4,103\n5,102\n");
    let said = omega(&[&"metrics", &"--equity", &equity, &"--capital", &"100", &"--json"]);
    assert_eq!(
        said.err,
        "note: the first equity is not the capital: the capital was put before it as the starting point\n\
         note: no --trades file was given: the metrics of trades are not measured\n"
    );
    let got = said.json();
    assert!((got["total_return"].as_f64().unwrap() - 0.02).abs() < 1e-12);
    assert_eq!((&got["win_rate"], &got["reasons"]["win_rate"]), (&Value::Null, &Value::from("not measured")));

    let spoilt = sandbox.write("spoilt.csv", "day,equity\n0,100\n1,nan\n");
    let said = omega(&[&"metrics", &"--equity", &spoilt, &"--capital", &"100", &"--json"]);
    let problem =
        format!("error: {}: row 2, column `equity`: \"nan\" is not a finite number\n", spoilt.display());
    assert!(said.code == 1 && said.err.starts_with(&problem) && said.out.is_empty(), "{said:?}");
    let other = sandbox.write("other.csv", "day,balance\n0,100\n");
    let said = omega(&[&"metrics", &"--equity", &other, &"--capital", &"100"]);
    assert!(said.err.contains("has no column equity; its columns are day, balance\n"), "{said:?}");
}
