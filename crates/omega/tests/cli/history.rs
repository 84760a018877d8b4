//! `omega history`: what is exported is what was kept, to the micro-USDT, whichever way it went in.

use crate::{Said, Sandbox, column, micro_text, omega};
use control::Record;
use history::{Seal, Sqlite, Store};
use serde_json::{Value, json};
use std::path::Path;

/// 2026-01-31T12:00:00Z.
const START_MS: i64 = 1_769_860_800_000;

fn trade(n: i64) -> Record {
    let micro = |micro: i64| model::Usd(micro).to_string();
    let (gross, fees, funding) = ((n * 7_919_333) % 9_000_001 - 4_000_000, n * 1_001, 17 - n * 3);
    let row = json!({
        "row": "trade",
        "shard": "main",
        "bot": if n % 2 == 0 { "newbie" } else { "scalper" },
        "persona": "newbie",
        "account": "main",
        "mode": if n % 5 == 0 { "live" } else { "paper" },
        "symbol": "BTCUSDT",
        "side": "long",
        "entry_order": format!("b0-0-{n}"),
        "entered_at": START_MS + n * 3_600_000 - 1_000,
        "exited_at": START_MS + n * 3_600_000,
        "entry_price": "40000.1",
        "exit_price": "40010.25",
        "quantity": "0.015",
        "stop": if n % 3 == 0 { Value::Null } else { json!("39000.0") },
        "leverage": 5,
        "gross": micro(gross),
        "fees": micro(fees),
        "funding": micro(funding),
        "net": micro(gross - fees + funding),
        "equity_at_entry": "10000.000001",
        "exit_reason": "stop",
        "entry_kind": "signal",
        "entry_reason": if n % 4 == 0 { json!("it, \"crossed\"\nüber 1 %") } else { Value::Null },
        "mood": "calm\u{1b}[31m",
        "mistake": n % 7 == 0,
    });
    serde_json::from_value(row).unwrap()
}

fn session(n: i64) -> Record {
    let row = json!({
        "row": "session", "shard": "main", "bot": "newbie", "mode": "paper", "session": n, "at": START_MS + n,
        "equity": "10000.000001", "total_return": 0.1 + 0.2 * n as f64, "drawdown": 0.25, "trades": 3, "mood": null,
        "energy": 1.1,
    });
    serde_json::from_value(row).unwrap()
}

fn kept(sandbox: &Sandbox, name: &str, batches: &[Vec<Record>]) -> std::path::PathBuf {
    let file = sandbox.path(name);
    let mut store = Sqlite::open(&file, None).unwrap();
    batches.iter().for_each(|batch| {
        store.keep(batch).unwrap();
    });
    file
}

fn ask(db: &Path, words: &[&str]) -> Said {
    let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"history"];
    all.extend(words.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>));
    all.extend::<[&dyn AsRef<std::ffi::OsStr>; 2]>([&"--db", &db]);
    omega(&all)
}

fn export(sandbox: &Sandbox, db: &Path, format: &str, more: &[&str]) -> std::path::PathBuf {
    let out = sandbox.path(&format!("out.{format}"));
    let words = ["export", "--format", format, "--out", out.to_str().unwrap()];
    let said = ask(db, &[&words[..], more].concat());
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    out
}

/// The formats of this build.
fn formats() -> Vec<&'static str> {
    if cfg!(feature = "parquet") { vec!["csv", "json", "parquet"] } else { vec!["csv", "json"] }
}

#[test]
fn repeats_and_order_change_no_byte_of_an_export() {
    let sandbox = Sandbox::new();
    let rows: Vec<Record> = (0..90).map(trade).chain((0..20).map(session)).collect();
    let tidy = kept(&sandbox, "tidy.db", std::slice::from_ref(&rows));
    let mut messy = rows.clone();
    messy.reverse();
    messy.extend_from_slice(&rows[30..80]);
    let batches: Vec<Vec<Record>> = messy.chunks(13).map(<[Record]>::to_vec).collect();
    let messy = kept(&sandbox, "messy.db", &batches);
    for format in formats() {
        for kind in ["trades", "sessions"] {
            let of = |db| std::fs::read(export(&sandbox, db, format, &["--kind", kind])).unwrap();
            assert_eq!(of(&tidy), of(&messy), "{format} {kind}");
        }
    }
}

#[test]
fn what_was_exported_as_text_comes_in_again_with_equal_sums() {
    let sandbox = Sandbox::new();
    let db = kept(&sandbox, "history.db", &[(0..120).map(trade).collect()]);
    let csv = export(&sandbox, &db, "csv", &[]);
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let heads = reader.headers().unwrap().clone();
    let record = |row: csv::StringRecord| {
        let mut object = json!({ "row": "trade" });
        for (head, text) in heads.iter().zip(&row) {
            object[head] = match head {
                "entered_at" | "exited_at" | "leverage" => json!(text.parse::<i64>().unwrap()),
                "mistake" => json!(text.parse::<bool>().unwrap()),
                "stop" | "entry_reason" if text.is_empty() => Value::Null,
                _ => json!(text),
            };
        }
        serde_json::from_value::<Record>(object).unwrap()
    };
    let rows: Vec<Record> = reader.records().map(|row| record(row.unwrap())).collect();
    let again = kept(&sandbox, "again.db", &[rows]);
    for period in ["day", "week", "month"] {
        let [one, other] = [&db, &again].map(|db| ask(db, &["pnl", period, "--json"]));
        assert_eq!((one.code, &one.out), (0, &other.out), "{period}");
        // And they are the sums of the file.
        let sum: i64 = column(&csv, "net").iter().map(|net| micro_text(net)).sum();
        let told = one.json();
        let told = told["periods"].as_array().unwrap();
        assert!(told.len() >= 4, "two bots, two modes: {period}");
        assert_eq!(told.iter().map(|total| crate::micro(&total["net_pnl"])).sum::<i64>(), sum, "{period}");
    }
    // JSON is what travels between processes: it comes in as it is.
    let json = std::fs::read_to_string(export(&sandbox, &db, "json", &[])).unwrap();
    let rows: Vec<Record> = serde_json::from_str(&json).unwrap();
    assert_eq!(rows, (0..120).map(trade).collect::<Vec<_>>());
}

#[test]
fn rows_are_chosen_and_paged() {
    let sandbox = Sandbox::new();
    let db = kept(&sandbox, "history.db", &[(0..60).map(trade).collect()]);
    let page = ask(&db, &["list", "--count", "25", "--json"]).json();
    let rows = page["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["entry_order"]), (25, &json!("b0-0-59")));
    assert!(rows[0]["net"].is_string(), "money is text");
    let next = page["next"].as_str().unwrap();
    let rest = ask(&db, &["list", "--count", "100", "--json", "--after", next]).json();
    assert_eq!((rest["rows"].as_array().unwrap().len(), &rest["next"]), (35, &Value::Null));
    let bad = ask(&db, &["list", "--after", "yesterday"]);
    assert!(bad.code == 2 && bad.err.contains("hint: give --after the `next` of an earlier page"), "{bad:?}");
    // The 31st is a day of 12 trades, its last hour included; a mode is a mode.
    let csv = export(&sandbox, &db, "csv", &["--from", "2026-01-31", "--to", "2026-01-31"]);
    assert_eq!(column(&csv, "entry_order").len(), 12);
    let csv =
        export(&sandbox, &db, "csv", &["--to", "2026-01-31T13:00Z", "--bot", "newbie", "--mode", "live"]);
    assert_eq!(column(&csv, "entry_order"), ["b0-0-0"]);
    let empty = export(&sandbox, &db, "csv", &["--bot", "nobody"]);
    assert_eq!(std::fs::read_to_string(&empty).unwrap().lines().count(), 1);
    let shown = ask(&db, &["list"]);
    assert!(shown.code == 0 && shown.out.lines().count() == 22 && !shown.out.contains('\x1b'), "{shown:?}");
    assert!(shown.out.lines().all(|line| line.chars().count() <= 110), "{}", shown.out);
    let sums = ask(&db, &["pnl", "month"]);
    let ends: Vec<&str> = sums.out.lines().filter(|line| line.trim_start().starts_with("all ")).collect();
    assert!(ends.len() == 2 && ends[0].contains(" live ") && ends[1].contains(" paper "), "{}", sums.out);
}

/// A seal that only hides: what is said of sealed rows is the same for a real one.
struct Hidden;

impl Seal for Hidden {
    fn seal(&self, _: &[u8], plain: &[u8]) -> Vec<u8> {
        plain.iter().map(|byte| !byte).collect()
    }

    fn open(&self, _: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        Some(sealed.iter().map(|byte| !byte).collect())
    }
}

#[test]
fn what_cannot_be_read_is_said_with_the_mend() {
    let sandbox = Sandbox::new();
    let refused = |db: &Path, hint: &str| {
        for words in [&["list"][..], &["pnl", "day"]] {
            let said = ask(db, words);
            let lines: Vec<&str> = said.err.lines().collect();
            assert_eq!((said.code, said.out.as_str(), lines.len()), (1, "", 2), "{said:?}");
            assert!(lines[0].starts_with("error: ") && lines[1].contains(hint), "{said:?}");
        }
        let out = sandbox.path("never.csv");
        let said = ask(db, &["export", "--format", "csv", "--out", out.to_str().unwrap()]);
        assert!(said.code == 1 && !out.exists(), "{said:?}");
    };
    refused(&sandbox.path("nowhere.db"), "name the file that `omega run` writes");
    refused(
        &sandbox.write("text.db", "open_time,open\n".repeat(100)),
        "name the file that `omega run` writes",
    );
    let sealed = sandbox.path("sealed.db");
    Sqlite::open(&sealed, Some(Box::new(Hidden))).unwrap().keep(&[trade(1)]).unwrap();
    refused(&sealed, "configure the key that it was sealed with");
}

#[test]
fn an_old_file_is_brought_up_when_it_is_asked_for() {
    let sandbox = Sandbox::new();
    let db = sandbox.path("history.db");
    let dump = Path::new(env!("CARGO_MANIFEST_DIR")).join("../history/tests/version-1.sql");
    let made =
        std::process::Command::new("sqlite3").arg(&db).stdin(std::fs::File::open(dump).unwrap()).status();
    if made.is_err() {
        println!("SKIPPED an_old_file_is_brought_up_when_it_is_asked_for: sqlite3 is not installed");
        return;
    }
    let old = ask(&db, &["list"]);
    assert!(old.code == 1 && old.err.contains("`omega history migrate` brings it up"), "{old:?}");
    assert_eq!(ask(&db, &["migrate", "--json"]).json(), json!({ "from": 1, "to": 2 }));
    assert_eq!(ask(&db, &["list", "--json"]).json()["rows"].as_array().unwrap().len(), 3);
    let again = ask(&db, &["migrate"]);
    assert!(again.code == 0 && again.out.contains("is of version 2 already"), "{again:?}");
}
