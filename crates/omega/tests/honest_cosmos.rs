//! The test of the cosmic test, small enough for every run: where nothing is planted it cries wolf no more often than
//! chance allows, where something is planted it finds it about as often as it states.
//!
//! The whole of it (1 000 markets, 99 placebos) is `omega cosmos selftest`. It refuses to judge by a debug build's few.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that fails should stop and say so"
)]

use std::process::Command;

fn selftest(arguments: &[&str]) -> serde_json::Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
    let output = command.args(["cosmos", "selftest", "--json"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn count(document: &serde_json::Value, key: &str) -> u64 {
    document[key].as_u64().unwrap_or_else(|| panic!("{key} in {document}"))
}

#[test]
fn nothing_is_found_where_nothing_is() {
    let runs = if cfg!(debug_assertions) { "12" } else { "150" };
    let document = selftest(&["--runs", runs, "--placebos", "39"]);
    let (found, most) = (count(&document, "significant"), count(&document, "significant_max"));
    assert!(count(&document, "judged") * 10 >= 9 * runs.parse::<u64>().unwrap(), "{document}");
    assert!(found <= most, "{found} found where chance allows {most}");
}

#[test]
fn what_is_planted_is_found_as_often_as_stated() {
    if cfg!(debug_assertions) {
        println!(
            "SKIPPED in debug code: 120 lunar seasons are slow there; `make test` runs it in release code"
        );
        return;
    }
    let document =
        selftest(&["--runs", "60", "--days", "120", "--placebos", "59", "--planted", "1", "--seed", "7"]);
    let stated = document["stated_power"].as_f64().unwrap();
    let (low, high) =
        (document["share_low_95"].as_f64().unwrap(), document["share_high_95"].as_f64().unwrap());
    assert!(document["mean_effect_percent"].as_f64().unwrap() > 5.0, "{document}");
    assert!(stated > 0.1 && (low..=high).contains(&stated), "{stated} stated, {low} to {high} measured");
}
