//! The three who run by default over two years of real one-minute history, where it is at hand.

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
    let trades = sandbox.path("trades.csv");
    let said = run(
        &binary(),
        &[&"backtest", &"--bars", &bars, &"--funding", &funding, &"--trades", &trades, &"--json"],
    );
    assert_eq!(said.err, "");
    let document = said.json();
    assert_eq!(document["bars"], 1_051_200);
    let (whose, pnl) = (column(&trades, "persona"), column(&trades, "pnl"));
    for (run, name) in document["runs"].as_array().unwrap().iter().zip(["strategic", "ema_cross", "buy_hold"])
    {
        assert_eq!(run["persona"], name);
        assert!(run["trades"].as_u64().unwrap() > 0, "{name} trades");
        assert_eq!(run["ledger_balanced"], true, "{name}");
        let of_run = whose.iter().zip(&pnl).filter(|(who, _)| *who == name);
        let sum: i64 = of_run.map(|(_, pnl)| micro_text(pnl)).sum();
        assert_eq!(sum, micro(&run["net_pnl"]), "{name}");
    }
}
