//! The engine against a stranger: `ema_cross` through the command line must equal `tests/oracle/ema_cross.py`, an
//! independent program in exact decimals, trade by trade and to the micro-USDT.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

type Json = serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace root exists")
}

fn shared_data() -> PathBuf {
    std::env::var_os("OMEGA_TEST_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from)
}

/// The Python of the tests' set-up (`make test` makes it), else the system's.
fn python() -> Option<PathBuf> {
    let venv = root().join(".venv/bin/python");
    let candidates = [venv, PathBuf::from("python3")];
    candidates
        .into_iter()
        .find(|python| Command::new(python).arg("--version").output().is_ok_and(|o| o.status.success()))
}

/// The quick build where `make test` made one, else the one under test.
fn omega() -> PathBuf {
    let quick = std::env::var_os("OMEGA_BIN").map(PathBuf::from).filter(|path| path.exists());
    quick.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_omega")))
}

struct Case<'a> {
    bars: &'a Path,
    funding: Option<&'a Path>,
    mark: Option<&'a Path>,
    extra: Vec<&'a str>,
}

impl Case<'_> {
    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--bars".to_owned(), self.bars.display().to_string()];
        for (flag, path) in [("--funding", self.funding), ("--mark", self.mark)] {
            if let Some(path) = path {
                arguments.extend([flag.to_owned(), path.display().to_string()]);
            }
        }
        arguments.extend(["--capital", "1000000"].map(str::to_owned));
        arguments.extend(self.extra.iter().map(|&extra| extra.to_owned()));
        arguments
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("output is text")
}

/// Micro-USDT of a decimal text or JSON number.
fn micro(value: &str) -> i64 {
    let decimal = model::Decimal::parse(value.trim_matches('"')).expect("money is a decimal");
    decimal.scaled(6).expect("money has six decimals")
}

fn number(value: &Json) -> i64 {
    micro(&value.to_string())
}

fn compare(case: &Case<'_>, scratch: &Path) -> usize {
    let python = python().expect("checked by the caller");
    let oracle = run(Command::new(python)
        .arg("-B")
        .arg(root().join("tests/oracle/ema_cross.py"))
        .args(case.arguments()));
    let oracle: Json = serde_json::from_str(&oracle).expect("the oracle prints JSON");
    let trades_file = scratch.join("trades.csv");
    let engine = run(Command::new(omega())
        .args(["backtest", "--persona", "ema_cross", "--json", "--trades"])
        .arg(&trades_file)
        .args(case.arguments()));
    let engine: Json = serde_json::from_str(&engine).expect("the engine prints JSON");
    let ours = &engine["runs"][0];
    assert_eq!(ours["ledger_balanced"], Json::Bool(true));
    for key in ["gross_pnl", "fees", "funding", "net_pnl", "final_equity"] {
        assert_eq!(number(&ours[key]), number(&oracle[key]), "{key} of {:?}", case.arguments());
    }
    assert_eq!(ours["fills"], oracle["fills"], "fills of {:?}", case.arguments());
    let theirs = oracle["trades"].as_array().expect("a list of trades");
    assert_eq!(ours["trades"].as_u64(), Some(theirs.len() as u64), "trades of {:?}", case.arguments());
    let mut rows = csv::Reader::from_path(&trades_file).expect("the trades file is CSV");
    let header = rows.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|column| column == name).expect("a named column");
    let mut seen = 0;
    for (row, trade) in rows.records().zip(theirs) {
        let row = row.expect("a row of the trades file");
        let field = |name: &str| row.get(column(name)).expect("a full row").to_owned();
        let money = |name: &str| micro(&field(name));
        assert_eq!(field("side"), trade["side"].as_str().expect("a side"), "trade {seen}");
        for (ours, theirs) in
            [("fees", "fees"), ("funding", "funding"), ("gross_pnl", "gross"), ("pnl", "pnl")]
        {
            assert_eq!(money(ours), number(&trade[theirs]), "{ours} of trade {seen}: {row:?} {trade}");
        }
        for name in ["entry_price", "exit_price", "quantity"] {
            let exact = |text: &str| model::Decimal::parse(text.trim_matches('"')).expect("a decimal");
            assert_eq!(exact(&field(name)), exact(&trade[name].to_string()), "{name} of trade {seen}");
        }
        for name in ["entry_time", "exit_time"] {
            let at = model::Time(trade[name].as_i64().expect("milliseconds"));
            assert_eq!(field(name), at.to_string(), "{name} of trade {seen}");
        }
        seen += 1;
    }
    assert_eq!(seen, theirs.len());
    seen
}

fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&dir).expect("a scratch directory");
    dir
}

/// A made market with jumps, flat stretches and (every so often) missing minutes.
fn made_files(dir: &Path, bars: usize, seed: u64) -> [PathBuf; 3] {
    let mut rng = model::Rng::new(seed);
    let (mut csv, mut funding, mut mark) = (
        "open_time,open,high,low,close,volume\n".to_owned(),
        "funding_time,funding_rate\n".to_owned(),
        "open_time,open,high,low,close\n".to_owned(),
    );
    let start = 1_700_000_040_000_i64;
    let (mut time, mut price) = (start, 3_000_000_i64);
    let cents = |x: i64| format!("{}.{:02}", x / 100, x % 100);
    for i in 0..bars {
        let open = (price + rng.below(801) as i64 - 400).max(1_000);
        let close =
            if rng.below(5) == 0 { open } else { (open + rng.below(6_001) as i64 - 3_000).max(1_000) };
        let (high, low) =
            (open.max(close) + rng.below(500) as i64, (open.min(close) - rng.below(500) as i64).max(500));
        writeln!(
            csv,
            "{time},{},{},{},{},{}.5",
            cents(open),
            cents(high),
            cents(low),
            cents(close),
            rng.below(90)
        )
        .expect("to a string");
        if time % 3_600_000 == 0 {
            let at = cents(open + rng.below(900) as i64 - 450);
            writeln!(mark, "{time},{at}123456,{at}999999,{at}000001,{at}5").expect("to a string");
            let rate = rng.below(2_000_001) as i64 - 1_000_000;
            writeln!(funding, "{},{rate}e-9", time + rng.below(40) as i64).expect("to a string");
        }
        price = close;
        time += if i % 997 == 996 { 60_000 * (2 + rng.below(90) as i64) } else { 60_000 };
    }
    let write = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).expect("the scratch directory is writable");
        path
    };
    [write("bars.csv", &csv), write("funding.csv", &funding), write("mark.csv", &mark)]
}

#[test]
fn equals_the_oracle_on_made_markets_of_odd_lengths() {
    if python().is_none() {
        println!("SKIPPED: no python3, so ema_cross was not compared with the independent program");
        return;
    }
    let mut trades = 0;
    for (seed, length) in [(1, 130), (2, 181), (3, 777), (4, 5_003), (5, 20_011)] {
        let dir = scratch(&format!("oracle-{seed}"));
        let [bars, funding, mark] = made_files(&dir, length, seed);
        let case = |funding, mark, extra| Case { bars: &bars, funding, mark, extra };
        trades += compare(&case(None, None, vec![]), &dir);
        trades += compare(
            &case(Some(&funding), None, vec!["--fast", "3", "--slow", "9", "--quantity", "1.337"]),
            &dir,
        );
        trades += compare(
            &case(Some(&funding), Some(&mark), vec!["--fast", "5", "--slow", "6", "--fee-taker", "0.00035"]),
            &dir,
        );
    }
    assert!(trades > 1_000, "the made markets trade: {trades}");
}

#[test]
fn equals_the_oracle_over_two_real_years_and_odd_slices() {
    let data = shared_data();
    let bars = data.join("bars/BTCUSDT-perp-1m-2022-2023.parquet");
    if !bars.exists() || python().is_none() || !cfg!(feature = "parquet") {
        println!(
            "SKIPPED: {}, python3 or the feature `parquet` is missing, so two real years were not compared",
            bars.display()
        );
        return;
    }
    let funding = data.join("funding/BTCUSDT-funding-2019-2026.csv");
    let mark = data.join("funding/BTCUSDT-mark-1h-2022-2023.parquet");
    let dir = scratch("oracle-real");
    let case = |mark, extra| Case { bars: &bars, funding: Some(funding.as_path()), mark, extra };
    let all = compare(&case(None, vec![]), &dir);
    assert_eq!(compare(&case(Some(&mark), vec![]), &dir), all);
    assert!(all > 20_000, "{all}");
    compare(&case(None, vec!["--from", "2022-02-28", "--to", "2022-03-01"]), &dir);
    compare(
        &case(Some(&mark), vec!["--from", "2022-11-07", "--to", "2022-11-10", "--fast", "9", "--slow", "21"]),
        &dir,
    );
    compare(
        &case(Some(&mark), vec!["--from", "2023-08-17", "--to", "2023-08-17", "--quantity", "2.5"]),
        &dir,
    );
}
