//! What `backtest --json` says: its keys, its identities to the micro-USDT, and that a seed is a result.

use crate::{Sandbox, column, csv, micro, micro_text, omega, rows};
use serde_json::Value;
use std::path::PathBuf;

const DAYS: i64 = 40;

/// A market in which everybody trades: the demo's.
fn market() -> (Sandbox, PathBuf, PathBuf) {
    let sandbox = Sandbox::new();
    assert_eq!(omega(&[&"demo", &"--days", &DAYS.to_string(), &"--dir", &sandbox.0, &"--json"]).code, 0);
    let (bars, funding) = (sandbox.path("bars.csv"), sandbox.path("funding.csv"));
    (sandbox, bars, funding)
}

#[test]
fn every_figure_is_a_sum_of_the_trades() {
    let (sandbox, bars, funding) = market();
    let (trades, equity) = (sandbox.path("trades.csv"), sandbox.path("equity.csv"));
    let said = omega(&[
        &"backtest",
        &"--bars",
        &bars,
        &"--funding",
        &funding,
        &"--trades",
        &trades,
        &"--equity",
        &equity,
        &"--persona",
        &"all",
        &"--capital",
        &"25000",
        &"--json",
    ]);
    assert_eq!(said.err, "");
    let document = said.json();
    assert_eq!(document["bars"], DAYS * 1_440);
    for key in ["load_s", "run_s", "bars_per_s"] {
        assert!(document[key].as_f64().is_some_and(|value| value > 0.0), "{key}");
    }
    let runs = document["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 8);
    let whose = column(&trades, "persona");
    for run in runs {
        let name = run["persona"].as_str().unwrap();
        let sum = |key: &str| -> i64 {
            let values = column(&trades, key);
            whose
                .iter()
                .zip(&values)
                .filter(|(who, _)| *who == name)
                .map(|(_, value)| micro_text(value))
                .sum()
        };
        assert_eq!(micro(&run["net_pnl"]), sum("pnl"), "{name}");
        assert_eq!(micro(&run["gross_pnl"]), sum("gross_pnl"), "{name}");
        assert_eq!(micro(&run["fees"]), sum("fees"), "{name}");
        assert_eq!(micro(&run["funding"]), sum("funding"), "{name}");
        check_run(run, whose.iter().filter(|who| *who == name).count());
    }
    let bought = &runs[7];
    assert_eq!((bought["persona"].as_str(), &bought["fills"]), (Some("buy_hold"), &Value::from(1)));
    assert_ne!(micro(&bought["funding"]), 0);
    let left_open = column(&trades, "reason").iter().filter(|reason| *reason == "end_of_data").count();
    assert!(left_open >= 2, "the controls never leave: {left_open}");
}

fn check_run(run: &Value, rows: usize) {
    let name = run["persona"].as_str().unwrap();
    let net = micro(&run["gross_pnl"]) - micro(&run["fees"]) + micro(&run["funding"]);
    assert_eq!(micro(&run["net_pnl"]), net, "{name}");
    assert_eq!(micro(&run["final_equity"]), 25_000_000_000 + net, "{name}");
    assert_eq!(run["trades"], rows, "{name}");
    assert_eq!(run["metrics"]["trades"], rows, "{name}");
    assert!(run["fees"].as_f64().unwrap() >= 0.0);
    assert!((-1.0..=0.0).contains(&run["max_drawdown"].as_f64().unwrap()), "{name}");
    assert_eq!(run["ledger_balanced"], true, "{name}");
    assert_eq!(run["ruined_at"], Value::Null, "{name}");
    assert!(run["state_hash"].as_str().is_some_and(|hash| hash.len() == 16), "{name}");
    let states: u64 = run["behaviour"]["trades_by_emotional_state"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(states as usize, rows, "{name}");
    let (slippage, latency) = if matches!(name, "ema_cross" | "buy_hold") { (0, 0) } else { (1, 250) };
    assert_eq!(run["models"]["slippage_bps"], slippage);
    assert_eq!(run["models"]["latency_ms"], latency);
    check_reasons(&run["metrics"]);
}

/// Undefined is null with a reason; defined has none.
fn check_reasons(metrics: &Value) {
    let reasons = metrics["reasons"].as_object().unwrap();
    for (key, value) in metrics.as_object().unwrap().iter().filter(|(key, _)| *key != "reasons") {
        assert_eq!(value.is_null(), reasons.contains_key(key), "{key}");
    }
}

#[test]
fn money_is_written_to_its_last_digit() {
    let (_sandbox, bars, funding) = market();
    let said =
        omega(&[&"backtest", &"--bars", &bars, &"--funding", &funding, &"--persona", &"buy_hold", &"--json"]);
    for key in ["capital", "gross_pnl", "fees", "funding", "net_pnl", "final_equity"] {
        let (_, rest) = said.out.split_once(&format!("\"{key}\":")).unwrap();
        let digits = rest.split([',', '}']).next().unwrap();
        micro_text(digits);
    }
    assert_eq!(said.out.lines().count(), 1);
}

#[test]
fn a_seed_is_a_result_and_flags_hold_for_everybody() {
    let (_sandbox, bars, _) = market();
    let hashes = |more: &[&str]| -> Vec<String> {
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"backtest", &"--json", &"--bars", &bars];
        more.iter().for_each(|word| arguments.push(word));
        let document = omega(&arguments).json();
        document["runs"].as_array().unwrap().iter().map(|run| run["state_hash"].to_string()).collect()
    };
    let once = hashes(&[]);
    assert_eq!(once, hashes(&[]));
    let alone = hashes(&["--persona", "ema_cross"]);
    assert_eq!(once[1], alone[0], "who else runs changes nothing");
    let slipped = hashes(&["--slippage-bps", "3"]);
    assert!((0..3).all(|i| once[i] != slipped[i]), "{once:?} {slipped:?}");
    let plain = hashes(&["--persona", "ema_cross", "--slippage-bps", "0", "--latency-ms", "0"]);
    assert_eq!(alone, plain, "controls are off by default");
    assert_ne!(alone, hashes(&["--persona", "ema_cross", "--fee-taker", "0.0005"]));
    assert_ne!(alone, hashes(&["--persona", "ema_cross", "--fast", "19"]));
}

#[test]
fn days_are_utc_and_both_included() {
    let (_sandbox, bars, _) = market();
    let document = omega(&[
        &"backtest",
        &"--bars",
        &bars,
        &"--persona",
        &"buy_hold",
        &"--from",
        &"2025-01-03",
        &"--to",
        &"2025-01-04",
        &"--json",
    ])
    .json();
    assert_eq!(document["bars"], 2_880);
    assert_eq!(document["first"], "2025-01-03T00:00:00Z");
    assert_eq!(document["last"], "2025-01-04T23:59:00Z");
    assert_eq!(document["runs"][0]["track_record"]["days"], 2);
}

#[test]
fn tables_fit_and_hold_no_colour_away_from_a_terminal() {
    let (_sandbox, bars, funding) = market();
    let said = omega(&[&"backtest", &"--bars", &bars, &"--funding", &funding]);
    let all = omega(&[&"backtest", &"--bars", &bars, &"--funding", &funding, &"--persona", &"all"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(!said.out.contains('\x1b'));
    let lines = said.out.lines().chain(all.out.lines());
    let wide = lines.filter(|line| !line.contains("bars.csv")).find(|line| line.chars().count() > 100);
    assert_eq!(wide, None);
    for text in [
        "strategic: slippage 1 bp, latency 250 ms, at most 10 % of a bar's volume",
        "balanced",
        "pass",
        "fail",
    ] {
        assert!(said.out.contains(text), "{text} is not in:\n{}", said.out);
    }
}

#[test]
fn what_is_too_good_to_be_true_is_said_so() {
    let sandbox = Sandbox::new();
    // A triangle wave: an average that follows it cannot lose.
    let bars = sandbox.write("bars.csv", csv(&rows(10 * 1_440)));
    let said = omega(&[&"backtest", &"--bars", &bars, &"--persona", &"ema_cross", &"--json"]);
    assert!(said.err.starts_with("warning: ema_cross: a Sharpe ratio of "), "{said:?}");
    assert!(
        said.err.lines().all(|line| line.ends_with("is too good to be true; look for the mistake")),
        "{said:?}"
    );
    assert_eq!(said.json()["runs"][0]["ledger_balanced"], true);
}

#[test]
fn the_demo_is_a_back_test_of_its_own_files() {
    let sandbox = Sandbox::new();
    let demo =
        |seed: &str| omega(&[&"demo", &"--json", &"--days", &"14", &"--seed", &seed, &"--dir", &sandbox.0]);
    let first = demo("3").json();
    for name in ["bars.csv", "funding.csv", "mark.csv", "report.html", "report.json"] {
        assert!(sandbox.path(name).is_file(), "{name} is missing");
    }
    let (bars, funding) = (sandbox.path("bars.csv"), sandbox.path("funding.csv"));
    let mark = sandbox.path("mark.csv");
    let again = {
        let given: [&dyn AsRef<std::ffi::OsStr>; 13] = [
            &"backtest",
            &"--numbered",
            &"--bars",
            &bars,
            &"--funding",
            &funding,
            &"--mark",
            &mark,
            &"--persona",
            &"all",
            &"--seed",
            &"3",
            &"--json",
        ];
        omega(&given).json()
    };
    assert_eq!(first["runs"], again["runs"]);
    let made = "made market, seed 3, not history";
    assert_eq!((&first["made_market"], &again["made_market"]), (&made.into(), &Value::Null));
    assert_eq!(
        (&first["numbered"], &first["emotion"], &first["news_by_hand"]),
        (&true.into(), &1.0.into(), &Vec::<Value>::new().into())
    );
    // The last session of data that end with it is not over for the farm: the battle says as of when it is.
    assert_eq!(first["battle"]["as_of"], "2025-01-14T18:00:00Z");
    let page = std::fs::read_to_string(sandbox.path("report.html")).unwrap();
    assert!(page.contains(&format!("<title>Back-test of BTCUSDT, {made}</title>")));
    assert!(
        page.contains(&format!("This is a simulation in a {made}"))
            && !page.contains("simulation of history")
    );
    assert_ne!(first["runs"], demo("4").json()["runs"]);
    assert!(first["runs"].as_array().unwrap().iter().all(|run| run["ledger_balanced"] == true));
    let shown = omega(&[&"demo", &"--days", &"2"]);
    assert!(
        shown.code == 0
            && shown.out.matches("made market, seed 1, not history").count() > 1
            && shown.out.contains("--seed 2"),
        "{shown:?}"
    );
}

#[test]
fn news_by_hand_are_stated_as_they_are_asked_for_and_those_nobody_hears_are_warned_of() {
    let sandbox = Sandbox::new();
    let bars = sandbox.path("bars.csv");
    assert_eq!(omega(&[&"data", &"generate", &"--out", &bars, &"--days", &"9"]).code, 0);
    let run = |more: &[&str]| {
        let mut words: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"backtest", &"--bars", &bars, &"--no-twin"];
        words.extend::<[&dyn AsRef<std::ffi::OsStr>; 3]>([&"--persona", &"newbie", &"scalper"]);
        words.extend(more.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>));
        omega(&words)
    };
    let news = [
        "--shock",
        "regulation@2024-01-03T10:00:00Z",
        "--shock",
        "exchange_hack@2024-01-02",
        "--emotion",
        "0.5",
    ];
    let shown = run(&news);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""));
    for line in [
        "news      by hand: exchange_hack at 2024-01-02T00:00:00Z",
        "          by hand: regulation at 2024-01-03T10:00:00Z",
        "bots      emotion 0.5, cosmic 1; all with the same luck",
        "as of the last session's end, 2024-01-09T18:00:00Z",
    ] {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&shown.out).contains(&words(line)), "{line}: {}", shown.out);
    }
    let document = run(&[
        &news[..],
        &["--json", "--shock", "black_swan@1999-01-01", "--shock", "black_swan@2024-01-10"],
    ]
    .concat());
    let warned: Vec<&str> = document.err.lines().collect();
    assert_eq!(warned.len(), 2, "{warned:?}");
    assert!(
        warned[0].starts_with("warning: --shock black_swan@1999-01-01T00:00:00Z lies outside the bars"),
        "{warned:?}"
    );
    let stated = &document.json()["news_by_hand"];
    assert_eq!(stated[0], "exchange_hack@2024-01-02T00:00:00Z");
    let again: Vec<&str> =
        stated.as_array().unwrap().iter().flat_map(|one| ["--shock", one.as_str().unwrap()]).collect();
    let again = run(&[&again[..], &["--emotion", "0.5", "--json"]].concat()).json();
    assert_eq!(again["runs"], document.json()["runs"], "a run is repeated from what it states");
}
