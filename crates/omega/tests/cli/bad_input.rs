//! Whatever a user or a file does wrong: one clear line, one hint, an exit code below 100, nothing half-written.

use crate::{HEADER, Said, Sandbox, csv, omega, rows};
use std::path::Path;

/// Runs a back-test that should have written two files, and checks that it did not.
fn refused(sandbox: &Sandbox, bars: &Path, more: &[&str]) -> Said {
    let before = sandbox.names();
    let (trades, equity) = (sandbox.path("trades.csv"), sandbox.path("equity.csv"));
    let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
        vec![&"backtest", &"--json", &"--trades", &trades, &"--equity", &equity, &"--bars", &bars];
    for argument in more {
        arguments.push(argument);
    }
    let said = omega(&arguments);
    assert_eq!(said.out, "", "{said:?}");
    assert_eq!(sandbox.names(), before, "nothing is left behind: {said:?}");
    said
}

fn check(said: &Said, code: i32, problem: &str, hint: &str) {
    assert_eq!(said.err, format!("error: {problem}\nhint: {hint}\n"));
    assert_eq!(said.code, code, "{said:?}");
}

/// One row spoilt.
fn spoilt(at: usize, spoil: impl FnOnce(&mut Vec<&str>)) -> String {
    let mut rows = rows(200);
    let row = rows[at - 1].clone();
    let mut fields: Vec<&str> = row.split(',').collect();
    spoil(&mut fields);
    rows[at - 1] = fields.join(",");
    csv(&rows)
}

const EVERYBODY: &str =
    "there are strategic, aggressive, scalper, newbie, fibonacci, cosmic, ema_cross, buy_hold and all";

#[test]
fn spoilt_bars() {
    let good = rows(200);
    let swapped = {
        let mut rows = good.clone();
        rows.swap(9, 49);
        csv(&rows)
    };
    let repeated = {
        let mut rows = good.clone();
        rows.insert(10, rows[9].clone());
        csv(&rows)
    };
    let in_minutes: String = {
        let of = |row: &String| format!("{}{}", row[..13].parse::<i64>().unwrap() / 60_000, &row[13..]);
        csv(&good.iter().map(of).collect::<Vec<_>>())
    };
    let mend = "check that the columns are named rightly, then mend or remove the row (gaps are allowed)";
    let sort = "sort the rows and drop repeats, or import with --sort";
    for (name, text, problem, hint) in [
        ("shuffled", swapped, "row 11: 2022-01-01T00:10:00Z comes after 2022-01-01T00:49:00Z", sort),
        ("repeated", repeated, "row 11: 2022-01-01T00:09:00Z is there twice", sort),
        (
            "not a number",
            spoilt(5, |row| row[4] = "NaN"),
            "row 5, column `close`: `NaN` is not a finite number",
            "remove the row (gaps are allowed) or put the right number in",
        ),
        (
            "negative",
            spoilt(7, |row| row[3] = "-1.5"),
            "row 7, column `low`: the price -1.5 is not positive",
            mend,
        ),
        (
            "upside down",
            spoilt(8, |row| (row[2], row[3]) = ("100.0", "200.0")),
            "row 8: the high 100.0 is below the low 200.0",
            mend,
        ),
        (
            "time unit",
            in_minutes,
            "row 1, column `open_time`: 27349920 is no time between 2000 and 2100",
            "give seconds, milliseconds, microseconds or nanoseconds since 1970, in UTC",
        ),
    ] {
        let sandbox = Sandbox::new();
        let file = sandbox.write(&format!("{name}.csv"), text);
        let said = refused(&sandbox, &file, &[]);
        check(&said, 1, &format!("{}: {problem}", file.display()), hint);
    }
}

#[test]
fn too_little() {
    let good = rows(200);
    let no_low = csv(&good).replacen("low", "lower", 1);
    let columns = "name the columns in a first row, for bars: open_time,open,high,low,close,volume";
    let complete = "check that the export or download was complete";
    for (name, text, problem, hint) in [
        (
            "no-low",
            no_low.as_str(),
            "has no column for low; its columns are open_time, open, high, lower, close, volume",
            columns,
        ),
        ("empty", "", "holds no rows", complete),
        ("header-only", &format!("{HEADER}\n"), "holds no rows", complete),
        (
            "one-row",
            &csv(&good[..1]),
            "holds one row: the interval of its bars cannot be told",
            "give at least two rows",
        ),
    ] {
        let sandbox = Sandbox::new();
        let file = sandbox.write(&format!("{name}.csv"), text);
        check(&refused(&sandbox, &file, &[]), 1, &format!("{} {problem}", file.display()), hint);
    }
}

#[cfg(feature = "parquet")]
#[test]
fn truncated_parquet() {
    let sandbox = Sandbox::new();
    let (bars, whole) = (sandbox.write("bars.csv", csv(&rows(500))), sandbox.path("bars.parquet"));
    assert_eq!(omega(&[&"data", &"import", &bars, &"--out", &whole]).code, 0);
    let bytes = std::fs::read(&whole).unwrap();
    for keep in [5, bytes.len() / 2, bytes.len() - 1] {
        let cut = sandbox.write("cut.parquet", &bytes[..keep]);
        let said = refused(&sandbox, &cut, &[]);
        let begin = format!("error: {} is a damaged or unusual Parquet file: ", cut.display());
        assert!(said.err.starts_with(&begin), "{said:?}");
        let hint = "\nhint: fetch or export the file again; a transfer may have been cut off\n";
        assert!(said.err.ends_with(hint) && said.err.lines().count() == 2, "{said:?}");
        assert_eq!(said.code, 1);
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_so() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("bars.parquet", b"PAR1 and more");
    let said = refused(&sandbox, &file, &[]);
    let problem = format!("{} is a Parquet file, which this build does not read or write", file.display());
    check(&said, 1, &problem, "build with `--features parquet`, or convert the file to CSV");
}

#[test]
fn impossible_wishes() {
    let sandbox = Sandbox::new();
    let bars = sandbox.write("bars.csv", csv(&rows(300)));
    let lists = EVERYBODY;
    let capital = "give an amount of USDT above zero and at most 1000000000, such as 10000";
    let day = "give a UTC day as YYYY-MM-DD, such as 2022-01-31";
    for (more, problem, hint) in [
        (
            &["--from", "2022-01-02", "--to", "2022-01-01"][..],
            "--from 2022-01-02 lies after --to 2022-01-01",
            "give a first day that is not after the last; both are included",
        ),
        (
            &["--from", "2022-02-30"],
            "invalid value '2022-02-30' for '--from <DAY>': there is no such day",
            day,
        ),
        (
            &["--persona", "stratgic"],
            "--persona: nobody is called \"stratgic\"",
            &format!("did you mean strategic? {lists}"),
        ),
        (&["--persona", "buy_hold", "bob"], "--persona: nobody is called \"bob\"", lists),
        (&["--capital", "-5"], "invalid value '-5' for '--capital <USDT>': a capital is above zero", capital),
        (&["--capital", "0"], "invalid value '0' for '--capital <USDT>': a capital is above zero", capital),
        (
            &["--fast", "50"],
            "--fast 50 is not shorter than --slow 50",
            "give a fast average of fewer bars than the slow one, such as 20 and 50",
        ),
        (
            &["--quantity", "0.0001"],
            "--quantity 0.0001: it is not a whole number of lots of 0.001",
            "give 0.001, the smallest there is, or a multiple of it",
        ),
        (&["--symbol", "ETHUSDT"], "--symbol: no instrument is called \"ETHUSDT\"", "there is BTCUSDT"),
        (
            &["--fee-taker", "0.6"],
            "invalid value '0.6' for '--fee-taker <RATE>': a fee lies between 0 and 0.01",
            "give a fraction of notional: 0.06 % is 0.0006; at most 0.01",
        ),
        (&["--persone", "x"], "unexpected argument '--persone' found", "did you mean --persona?"),
    ] {
        check(&refused(&sandbox, &bars, more), 2, problem, hint);
    }
    let said = refused(&sandbox, &bars, &["--from", "2023-01-01"]);
    let problem = format!("{} has no rows from 2023-01-01T00:00:00Z to its end", bars.display());
    check(&said, 1, &problem, "the file covers 2022-01-01T00:00:00Z to 2022-01-01T04:59:00Z");
    let said = refused(&sandbox, &bars, &["--path", bars.to_str().unwrap()]);
    let problem = format!("{} holds 1m bars, which do not divide 1m", bars.display());
    check(&said, 2, &problem, "give --path a file with shorter bars than --bars");
}

#[test]
fn a_result_that_cannot_be_written_leaves_nothing() {
    let sandbox = Sandbox::new();
    let bars = sandbox.write("bars.csv", csv(&rows(300)));
    let (good, bad) = (sandbox.path("trades.csv"), sandbox.path("nowhere/equity.csv"));
    let said = omega(&[&"backtest", &"--bars", &bars, &"--trades", &good, &"--equity", &bad, &"--json"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(said.err.starts_with(&format!("error: cannot write {}: ", bad.display())), "{said:?}");
    assert_eq!(sandbox.names(), ["bars.csv"]);
}

#[test]
fn absurd_prices_and_intervals_are_refused_before_they_overflow() {
    let sandbox = Sandbox::new();
    let text = rows(200).iter().map(|row| row.replace(",3", ",9999999993")).collect::<Vec<_>>();
    let file = sandbox.write("high.csv", csv(&text));
    let said = refused(&sandbox, &file, &[]);
    assert!(said.err.contains("above 100000000 USDT\nhint: check the unit of its price columns"), "{said:?}");
    assert_eq!(said.code, 1);

    let weekly = |i: i64| format!("{},1,1,1,1,1", crate::START_MS + i * 7 * 86_400_000);
    let file = sandbox.write("weekly.csv", csv(&(0..5).map(weekly).collect::<Vec<_>>()));
    let said = refused(&sandbox, &file, &["--persona", "strategic"]);
    assert!(said.err.starts_with("error: strategic cannot run: bars of 7d cannot make a "), "{said:?}");
    assert!(said.err.ends_with("hint: give one-minute bars, or leave this persona out with --persona\n"));
    assert_eq!(said.code, 1);
}

#[test]
fn the_command_line_itself() {
    for (arguments, hint) in [
        (&[][..], "`omega --help` lists them; `omega demo` shows the main one"),
        (&["bactest"], "did you mean backtest?"),
        (
            &["backtest"],
            "`omega data download --source binance --symbol BTCUSDT --from 2024-01-01 --to 2024-01-31 --dir \
             /nonexistent/omega` fetches them, or name a file with --bars",
        ),
        (&["personas", "show", "nobody"], EVERYBODY),
        (
            &["metrics", "--equity", "missing.csv", "--capital", "1"],
            "check the path, and that it is a CSV file",
        ),
    ] {
        let words: Vec<&dyn AsRef<std::ffi::OsStr>> = arguments.iter().map(|word| word as _).collect();
        let said = omega(&words);
        assert!((1..=2).contains(&said.code) && said.out.is_empty(), "{said:?}");
        assert_eq!(said.err.lines().count(), 2, "{said:?}");
        assert!(
            said.err.starts_with("error: ") && said.err.ends_with(&format!("hint: {hint}\n")),
            "{said:?}"
        );
    }
}

#[test]
fn a_refused_value_leads_to_the_help_of_its_own_command() {
    let lines: [(&[&str], &str); 3] = [
        (&["pnl", "--leverage", "x"], "`omega pnl --help`"),
        (&["data", "generate", "--out", "x.csv", "--days", "x"], "`omega data generate --help`"),
        (&["replay"], "`omega replay --help`"),
    ];
    for (line, want) in lines {
        let words: Vec<&dyn AsRef<std::ffi::OsStr>> =
            line.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>).collect();
        let said = omega(&words);
        assert_eq!(said.code, 2);
        assert!(said.err.contains(want), "{}", said.err);
    }
}
