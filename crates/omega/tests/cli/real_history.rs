//! Everybody over two years of real one-minute history, where it is at hand.

use crate::{Sandbox, column, micro, micro_text, run};
use std::path::{Path, PathBuf};

/// The release binary that `make test` builds where it is there: two years are slow in a debug build.
fn binary() -> PathBuf {
    let built = std::env::var_os("OMEGA_BIN").map(PathBuf::from).filter(|binary| binary.is_file());
    built.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_omega")))
}

#[test]
fn two_real_years() {
    let named = std::env::var_os("OMEGA_TEST_DATA").map(PathBuf::from);
    let data = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let bars = data.join("bars/BTCUSDT-perp-1m-2022-2023.parquet");
    let funding = data.join("funding/BTCUSDT-funding-2019-2026.csv");
    if !bars.is_file() || !funding.is_file() || !cfg!(feature = "parquet") {
        println!("SKIPPED: two_real_years needs {} and a build with Parquet", bars.display());
        return;
    }
    let sandbox = Sandbox::new();
    let report = sandbox.path("report");
    let trades = report.join("trades.csv");
    let said = run(
        &binary(),
        &[
            &"backtest",
            &"--bars",
            &bars,
            &"--funding",
            &funding,
            &"--persona",
            &"all",
            &"--report",
            &report,
            &"--json",
        ],
    );
    let html = report.join("report.html");
    assert_eq!(said.err, format!("report: {}\n", html.display()));
    let size = std::fs::metadata(html).unwrap().len();
    assert!(size < 5_000_000, "a page of two years has {size} bytes");
    let document = said.json();
    assert_eq!(document["bars"], 1_051_200);
    let (whose, pnl) = (column(&trades, "persona"), column(&trades, "pnl"));
    if !cfg!(debug_assertions) {
        assert!(document["run_s"].as_f64().unwrap() < 2.0, "eight runs in {} s", document["run_s"]);
    }
    let names =
        ["strategic", "aggressive", "scalper", "newbie", "fibonacci", "cosmic", "ema_cross", "buy_hold"];
    let runs = document["runs"].as_array().unwrap();
    assert_eq!(runs.len(), names.len());
    for (run, name) in runs.iter().zip(names) {
        assert_eq!(run["persona"], name);
        assert!(run["trades"].as_u64().unwrap() > 0, "{name} trades");
        assert_eq!(run["ledger_balanced"], true, "{name}");
        let of_run = whose.iter().zip(&pnl).filter(|(who, _)| *who == name);
        let sum: i64 = of_run.map(|(_, pnl)| micro_text(pnl)).sum();
        assert_eq!(sum, micro(&run["net_pnl"]), "{name}");
    }
}
