//! The other commands: importing and inspecting files, personas, doctor, and a reader that hangs up.

use crate::{HEADER, START_MS, Sandbox, csv, omega, rows};
use std::io::Read;
use std::process::{Command, Stdio};

#[test]
fn files_are_joined_repaired_and_resampled() {
    let sandbox = Sandbox::new();
    let all = rows(600);
    let late = sandbox.write("late.csv", csv(&all[300..]));
    let early = sandbox.write("early.csv", csv(&all[..300]));
    let out = sandbox.path("out.csv");
    let report = omega(&[&"data", &"import", &late, &early, &"--out", &out, &"--json"]).json();
    assert_eq!((&report["rows"], &report["gaps_total"]), (&600.into(), &0.into()));
    assert_eq!(report["first"], "2022-01-01T00:00:00Z");
    let whole = sandbox.write("whole.csv", csv(&all));
    let info = omega(&[&"data", &"info", &whole, &"--json"]).json();
    assert_eq!(info["data_hash"], report["data_hash"]);
    assert_eq!((&info["interval"], &info["time_unit"]), (&"1m".into(), &"milliseconds".into()));

    let overlapping = sandbox.write("overlapping.csv", csv(&all[250..]));
    let said = omega(&[&"data", &"import", &early, &overlapping, &"--out", &sandbox.path("no.csv")]);
    assert!(said.code == 1 && said.err.contains("import with --repair"), "{said:?}");
    assert!(!sandbox.path("no.csv").exists());
    let mended =
        omega(&[&"data", &"import", &early, &overlapping, &"--out", &out, &"--repair", &"--json"]).json();
    assert_eq!((&mended["data_hash"], &mended["duplicates_dropped"]), (&info["data_hash"], &50.into()));

    let mut shuffled = all.clone();
    shuffled.swap(5, 400);
    let shuffled = sandbox.write("shuffled.csv", csv(&shuffled));
    assert_eq!(omega(&[&"data", &"import", &shuffled, &"--out", &out]).code, 1);
    let sorted = omega(&[&"data", &"import", &shuffled, &"--out", &out, &"--sort", &"--json"]).json();
    assert_eq!(sorted["data_hash"], info["data_hash"]);

    let hours = omega(&[&"data", &"import", &whole, &"--out", &out, &"--interval", &"1h", &"--json"]).json();
    assert_eq!((&hours["rows"], &hours["interval"]), (&10.into(), &"1h".into()));
    let said = omega(&[&"data", &"import", &whole, &"--out", &out, &"--interval", &"7m"]);
    assert_eq!(said.err.lines().next(), Some("error: 1m bars cannot be resampled to 7m"));
    assert_eq!(sandbox.names().iter().filter(|name| name.contains(".part")).count(), 0);
}

#[cfg(feature = "parquet")]
#[test]
fn csv_and_parquet_hold_the_same_bars() {
    let sandbox = Sandbox::new();
    let bars = sandbox.write("bars.csv", csv(&rows(400)));
    let out = sandbox.path("bars.parquet");
    let report = omega(&[&"data", &"import", &bars, &"--out", &out, &"--json"]).json();
    let info = omega(&[&"data", &"info", &bars, &"--json"]).json();
    assert_eq!(report["data_hash"], info["data_hash"]);
    let shown = omega(&[&"data", &"info", &out]);
    assert!(shown.code == 0 && shown.out.contains("Parquet"), "{shown:?}");
}

#[test]
fn gaps_are_reported_and_not_filled() {
    let sandbox = Sandbox::new();
    let mut some = rows(300);
    some.drain(100..103);
    let bars = sandbox.write("bars.csv", csv(&some));
    let info = omega(&[&"data", &"info", &bars]);
    assert!(info.out.contains("after 2022-01-01T01:39:00Z: 3 bars"), "{info:?}");
    let said = omega(&[&"backtest", &"--bars", &bars, &"--persona", &"buy_hold", &"--json"]);
    assert!(
        said.err.contains("1 gaps, 3 bars missing, the first after 2022-01-01T01:39:00Z (3)"),
        "{said:?}"
    );
    let document = said.json();
    assert_eq!((&document["bars"], &document["missing_bars"]), (&297.into(), &3.into()));
}

#[test]
fn finer_bars_walk_the_path_and_finer_ticks_refine_the_bars() {
    let sandbox = Sandbox::new();
    let minutes = sandbox.write("minutes.csv", csv(&rows(3 * 1_440)));
    let hours = sandbox.path("hours.csv");
    assert_eq!(omega(&[&"data", &"import", &minutes, &"--out", &hours, &"--interval", &"1h"]).code, 0);
    let finer: Vec<String> = rows(3 * 1_440).iter().map(|row| row.replacen(".0,", ".01,", 1)).collect();
    let finer = sandbox.write("finer.csv", csv(&finer));
    for path in [&minutes, &finer] {
        let said = omega(&[
            &"backtest",
            &"--bars",
            &hours,
            &"--path",
            path,
            &"--json",
            // Personas read frames of minutes, which hours cannot make.
            &"--persona",
            &"ema_cross,buy_hold",
            &"--fast",
            &"2",
            &"--slow",
            &"5",
        ]);
        let document = said.json();
        assert!(document["runs"].as_array().unwrap().iter().all(|run| run["ledger_balanced"] == true));
        assert_eq!(document["tick"], if path == &minutes { 0.1 } else { 0.01 });
    }
}

#[test]
fn personas_and_doctor_speak_both_ways() {
    let listed = omega(&[&"personas", &"--json"]).json();
    assert_eq!(listed["personas"][0]["name"], "strategic");
    assert_eq!(listed["controls"].as_array().unwrap().len(), 2);
    let shown = omega(&[&"personas", &"show", &"strategic", &"--json"]).json();
    assert_eq!(shown, listed["personas"][0]);
    for arguments in [
        &["personas"][..],
        &["personas", "show", "strategic"],
        &["personas", "show", "buy_hold"],
        &["doctor"],
    ] {
        let words: Vec<&dyn AsRef<std::ffi::OsStr>> = arguments.iter().map(|word| word as _).collect();
        let said = omega(&words);
        assert!(said.code == 0 && said.err.is_empty() && !said.out.is_empty(), "{said:?}");
        assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
    }
    let checks = omega(&[&"doctor", &"--json"]).json();
    for check in checks["checks"].as_array().unwrap() {
        assert_eq!(check["ok"] == true, check["advice"].is_null(), "{check}");
    }
}

#[test]
fn a_reader_that_hangs_up_is_no_failure() {
    let sandbox = Sandbox::new();
    // Far more gaps than a pipe holds.
    let row = |i: i64| format!("{},40000.5,40001.0,40000.0,40000.5,1", START_MS + (i * 2 - i % 2) * 60_000);
    let text = format!("{HEADER}\n{}\n", (0..9_000).map(row).collect::<Vec<_>>().join("\n"));
    let bars = sandbox.write("bars.csv", text);
    let mut child = Command::new(env!("CARGO_BIN_EXE_omega"))
        .args(["data", "info", "--json"])
        .arg(&bars)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}
