//! Made markets as files, and two files of bars side by side.

use crate::{Sandbox, csv, omega, rows};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn generate(sandbox: &Sandbox, name: &str, more: &[&str]) -> (PathBuf, Value) {
    let out = sandbox.path(name);
    let mut words: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"data", &"generate", &"--out", &out, &"--json"];
    words.extend(more.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>));
    let said = omega(&words);
    assert_eq!(said.err, "");
    (out.clone(), said.json())
}

/// One statistic of a comparison.
fn row<'a>(document: &'a Value, name: &str) -> &'a Value {
    let rows = document["statistics"].as_array().unwrap();
    rows.iter().find(|row| row["name"] == name).expect("it is listed")
}

#[test]
fn a_made_market_is_a_back_test_away() {
    let sandbox = Sandbox::new();
    let (funding, mark) = (sandbox.path("funding.csv"), sandbox.path("mark.csv"));
    let more = ["--days", "3", "--seed", "9", "--start", "2023-05-01", "--price", "30000.5", "--funding"];
    let more = [&more[..], &[funding.to_str().unwrap(), "--mark", mark.to_str().unwrap()]].concat();
    let (bars, document) = generate(&sandbox, "bars.csv", &more);
    assert_eq!((&document["rows"], &document["funding_rows"]), (&4_320.into(), &8.into()));
    assert_eq!((&document["first"], &document["made"]), (&"2023-05-01T00:00:00Z".into(), &true.into()));
    assert!(document["bars_per_second"].as_f64().unwrap() > 0.0);
    let text = std::fs::read_to_string(&bars).unwrap();
    let (head, first) = text.split_once('\n').unwrap();
    assert_eq!(head, "open_time,open,high,low,close,volume,trades,taker_buy_volume");
    assert!(first.starts_with("1682899200000,30000.5,"), "{}", &first[..80]);
    let said = omega(&[
        &"backtest",
        &"--bars",
        &bars,
        &"--funding",
        &funding,
        &"--mark",
        &mark,
        &"--persona",
        &"buy_hold,strategic",
        &"--json",
    ]);
    let run = said.json();
    assert_eq!((&run["bars"], &run["missing_bars"]), (&4_320.into(), &0.into()));
    assert!(run["runs"].as_array().unwrap().iter().all(|run| run["ledger_balanced"] == true));

    let (_, again) = generate(&sandbox, "again.csv", &more[..8]);
    assert_eq!(
        again["data_hash"], document["data_hash"],
        "a seed is a market, whatever is written beside it"
    );
    let (_, other) = generate(&sandbox, "other.csv", &["--days", "3", "--seed", "10"]);
    assert_ne!(other["data_hash"], document["data_hash"]);
}

#[test]
fn scenarios_are_laid_where_they_are_told() {
    let sandbox = Sandbox::new();
    let laid = ["--minutes", "900", "--scenario", "gap@2024-01-01T02:00Z", "--scenario"];
    let laid = [&laid[..], &["dead_market@2024-01-01T04:00Z+2h"]].concat();
    let (bars, document) = generate(&sandbox, "bars.csv", &laid);
    assert_eq!(document["scenarios"][1]["lasts"], "2h");
    let text = std::fs::read_to_string(&bars).unwrap();
    let fields = |i: usize| -> Vec<f64> {
        text.lines().nth(1 + i).unwrap().split(',').map(|field| field.parse().unwrap()).collect()
    };
    assert!((fields(120)[1] / fields(119)[4] - 1.0).abs() > 0.05, "minute 120 opens after a gap");
    let volume = |from: usize| (from..from + 60).map(|i| fields(i)[5]).sum::<f64>();
    assert!(volume(270) < 0.05 * volume(400), "{} {}", volume(270), volume(400));

    let shown = omega(&[&"data", &"generate", &"--out", &bars, &"--minutes", &"900"]);
    assert!(shown.code == 0 && shown.out.contains("not history"), "{shown:?}");
    assert!(shown.err.starts_with("made ") && shown.err.contains("bars a second"), "{shown:?}");
    assert_eq!(sandbox.names(), ["bars.csv"]);
}

#[test]
fn what_cannot_be_made_is_refused_before_anything_is_written() {
    let sandbox = Sandbox::new();
    let out = sandbox.path("out.csv");
    let out = out.to_str().unwrap();
    for (words, code, want) in [
        (&["--minutes", "1"][..], 2, "fewer than two bars"),
        (&["--days", "99999999999"], 2, "fewer than two bars"),
        (&["--mark", out], 2, "is to hold two results"),
        (&["--scenario", "crash@2025-01-01"], 2, "would never be seen"),
        (&["--scenario", "crush@2024-01-01"], 2, "no scenario is called"),
        (&["--price", "100"], 2, "no made market starts at such a price"),
        (&["--minutes", "400", "--funding", "never.csv"], 2, "no funding falls due"),
        (&["--days", "2", "--minutes", "5"], 2, "--minutes"),
    ] {
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"data", &"generate", &"--out", &out];
        all.extend(words.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>));
        let said = omega(&all);
        assert!(
            said.code == code && said.err.contains(want) && said.err.contains("hint: "),
            "{words:?} {said:?}"
        );
    }
    let said = omega(&[&"data", &"generate", &"--out", &sandbox.path("out.txt"), &"--minutes", &"5"]);
    assert!(said.code == 1 && said.err.contains("hint: "), "{said:?}");
    assert!(sandbox.names().is_empty(), "{:?}", sandbox.names());
}

#[test]
fn two_files_side_by_side() {
    let sandbox = Sandbox::new();
    let (made, _) = generate(&sandbox, "made.csv", &["--days", "20"]);
    let (other, _) = generate(&sandbox, "other.csv", &["--days", "20", "--seed", "2"]);
    let document = omega(&[&"data", &"compare", &made, &other, &"--json"]).json();
    assert_eq!(document["statistics"].as_array().unwrap().len(), 38);
    for name in ["volatility_1m", "absolute_10", "log_volume_60", "takers_with_return", "hours_of_volume"] {
        let row = row(&document, name);
        let (a, b) = (row["a"].as_f64().unwrap(), row["b"].as_f64().unwrap());
        assert!((row["ratio"].as_f64().unwrap() - b / a).abs() < 1e-12 && a != b, "{name}");
    }
    assert!(row(&document, "daily_30")["a"].is_null());
    assert_eq!(row(&document, "daily_30")["undefined"], "too few values");

    let walk = sandbox.write("walk.csv", csv(&rows(3_000)));
    let said = omega(&[&"data", &"compare", &made, &walk]);
    assert!(said.code == 0 && said.err.is_empty(), "{said:?}");
    let takers = said.out.lines().find(|line| line.contains("taker imbalance, sd")).unwrap();
    assert!(takers.contains("n/a   B: no column of taker buy volume"), "{takers}");
    assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);

    let hours = sandbox.path("hours.csv");
    assert_eq!(omega(&[&"data", &"import", &made, &"--out", &hours, &"--interval", &"1h"]).code, 0);
    let said = omega(&[&"data", &"compare", &made, &hours]);
    assert!(said.code == 1 && said.err.contains("hours.csv: the statistics are those of one-minute bars"));
    for words in
        [&["data", "compare"][..], &["data", "compare", "a.csv"], &["data", "compare", "--days", "9"]]
    {
        let words: Vec<&dyn AsRef<std::ffi::OsStr>> = words.iter().map(|word| word as _).collect();
        assert_eq!(omega(&words).code, 2);
    }
}

#[test]
fn made_markets_beside_the_published_figures() {
    let words: [&dyn AsRef<std::ffi::OsStr>; 6] = [&"data", &"compare", &"--seeds", &"3", &"--days", &"16"];
    let said = omega(&words);
    assert!(said.code == 0 && said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
    assert!(said.out.contains("3/3") && said.out.contains("0.568"), "{}", said.out);
    let document = omega(&[&words[..], &[&"--json"]].concat()).json();
    let five = row(&document, "autocorrelation_5m");
    assert_eq!((&five["real_2022_2023"], &five["from"]), (&Value::from(-0.037), &Value::from(-0.046_25)));
    let of = |figure: &str| five[figure].as_f64().unwrap();
    assert!(of("least") <= of("middle") && of("middle") <= of("most"));
    assert!(row(&document, "daily_30")["middle"].is_null());
}

/// The statistics' own test: on the bars that the published figures are of they give the published figures.
#[cfg(feature = "parquet")]
#[test]
fn definitions_reproduce_the_published_figures() {
    let named = std::env::var_os("OMEGA_TEST_DATA").map(PathBuf::from);
    let data = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let bars = data.join("bars/BTCUSDT-perp-1m-2022-2023.parquet");
    if !bars.is_file() {
        println!("SKIPPED: definitions_reproduce_the_published_figures needs {}", bars.display());
        return;
    }
    let document = omega(&[&"data", &"compare", &bars, &bars, &"--json"]).json();
    let mut missed = Vec::new();
    for row in document["statistics"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let got = row["a"].as_f64().unwrap_or_else(|| panic!("{name}: {}", row["undefined"]));
        let published = synthetic::statistics::ALL.iter().find(|statistic| statistic.name == name).unwrap();
        let near = match (name, published.real[0]) {
            // Published as a range, and as profiles.
            ("weekend", _) => (0.72..=0.75).contains(&got),
            (_, None) => got > 0.999,
            // Published in whole numbers.
            (_, Some(want)) if name.starts_with("kurtosis") => (got - want).abs() <= 0.5,
            // Published with two or three digits.
            (_, Some(want)) => (got - want).abs() <= 0.03 * want.abs() + 0.001,
        };
        if !near {
            missed.push(format!("{name}: {got}, published {:?}", published.real[0]));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn a_market_that_reaches_the_end_of_all_prices_says_so() {
    let sandbox = Sandbox::new();
    let out = sandbox.path("made.csv");
    let mut words: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"data", &"generate", &"--out", &out];
    words.extend::<[&dyn AsRef<std::ffi::OsStr>; 4]>([&"--days", &"62", &"--price", &"1000"]);
    let calm = omega(&words);
    assert!(calm.code == 0 && !calm.err.contains("warning"), "{calm:?}");
    let falls: Vec<String> = [1, 2]
        .into_iter()
        .flat_map(|month| (1..=28).step_by(3).map(move |day| format!("trend_down@2024-{month:02}-{day:02}")))
        .collect();
    for fall in &falls {
        words.extend::<[&dyn AsRef<std::ffi::OsStr>; 2]>([&"--scenario", fall]);
    }
    let floored = omega(&words);
    assert_eq!(floored.code, 0);
    assert!(floored.err.contains("warning: the price reached 100 USDT"), "{}", floored.err);
}

#[test]
fn nothing_is_made_that_could_not_be_read() {
    let sandbox = Sandbox::new();
    let out = sandbox.path("bars.csv");
    std::fs::write(&out, "a good file").unwrap();
    for start in ["1970-01-01", "2500-01-01", "0001-01-01", "1999-12-31", "2099-12-31"] {
        let said = omega(&[&"data", &"generate", &"--out", &out, &"--days", &"3", &"--start", &start]);
        assert_eq!(said.code, 2, "{start}: {}", said.err);
        assert!(said.err.contains("hint: give a day from 2000-01-01 to 2099-12-29"), "{}", said.err);
    }
    let funding = sandbox.path("funding.parquet");
    let said = omega(&[&"data", &"generate", &"--out", &out, &"--days", &"3", &"--funding", &funding]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains(".csv"), "{}", said.err);
    assert!(!funding.exists());
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "a good file");
    let (_, last) = generate(&sandbox, "last.csv", &["--days", "3", "--start", "2099-12-29"]);
    assert_eq!(last["last"], "2099-12-31T23:59:00Z");
}
