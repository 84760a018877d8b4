//! The population study on the command line: wrong input first, then that its parts are what they would be alone.

use crate::{Said, Sandbox, csv, funding_csv, omega, rows};
use std::ffi::OsStr;

type Word<'a> = &'a dyn AsRef<OsStr>;

fn study(arguments: &[Word<'_>]) -> Said {
    let mut words: Vec<Word<'_>> = vec![&"study"];
    words.extend(arguments);
    omega(&words)
}

fn document(arguments: &[Word<'_>]) -> serde_json::Value {
    let mut words = arguments.to_vec();
    words.push(&"--json");
    let mut document = study(&words).json();
    document["seconds"] = serde_json::Value::Null;
    document
}

#[test]
fn wrong_input_is_refused_before_anything_is_run() {
    let sandbox = Sandbox::new();
    let bars = sandbox.write("bars.csv", csv(&rows(1_440)));
    let diary = sandbox.write("diary.txt", "Dear diary, the end .\n");
    let before = sandbox.names();
    let cases: [(&[Word<'_>], i32, &str); 9] = [
        (&[&"--made", &"5", &"--bars", &bars], 2, "cannot be used with"),
        (&[&"--made", &"5", &"--funding", &bars], 2, "cannot be used with"),
        (&[&"--made", &"0"], 2, "--made"),
        (&[&"--bars", &bars, &"--seeds", &"0"], 2, "--seeds"),
        (&[&"--bars", &bars, &"--persona", &"nobdy"], 2, "nobody is called"),
        (&[&"--bars", &bars, &"--period", &"2"], 2, "longer than the market"),
        (&[&"--bars", &bars, &"--from", &"2022-02-01", &"--to", &"2022-01-01"], 2, "lies after --to"),
        (&[&"--bars", &bars, &"--period", &"1", &"--resume", &diary], 1, "holds no finished runs"),
        (&[&"--bars", &bars, &"--period", &"1", &"--resume", &bars], 1, "holds no finished runs"),
    ];
    for (arguments, code, message) in cases {
        let said = study(arguments);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{said:?}");
        assert!(said.err.starts_with("error: ") && said.err.contains(message), "{said:?}");
        assert!(said.err.contains("\nhint: "), "{said:?}");
    }
    assert_eq!(sandbox.names(), before);
    assert_eq!(std::fs::read_to_string(diary).unwrap(), "Dear diary, the end .\n");
    assert_eq!(std::fs::read_to_string(bars).unwrap(), csv(&rows(1_440)));
}

#[test]
fn a_period_is_what_a_study_of_its_days_alone_says() {
    let sandbox = Sandbox::new();
    let bars = sandbox.write("bars.csv", csv(&rows(21 * 1_440)));
    let funding = sandbox.write("funding.csv", funding_csv(21));
    let market: [Word<'_>; 8] =
        [&"--bars", &bars, &"--funding", &funding, &"--persona", &"newbie,scalper", &"--seeds", &"3"];
    let of = |more: &[Word<'_>]| {
        let mut words = market.to_vec();
        words.extend(more);
        document(&words)
    };
    let whole = of(&[&"--period", &"7d"]);
    let alone = of(&[&"--period", &"all", &"--from", &"2022-01-08", &"--to", &"2022-01-14"]);
    assert_eq!(whole["periods"], 3);
    let lives = |document: &serde_json::Value, period: u64| -> Vec<serde_json::Value> {
        let all = document["every_life"].as_array().unwrap().iter();
        let mut inside: Vec<_> = all.filter(|life| life["period"] == period).cloned().collect();
        inside.iter_mut().for_each(|life| life["period"] = serde_json::Value::Null);
        inside
    };
    assert_eq!(lives(&whole, 1).len(), 6);
    assert_eq!(lives(&whole, 1), lives(&alone, 0));
    assert_ne!(lives(&whole, 2), lives(&alone, 0));
    assert!(lives(&alone, 0).iter().any(|life| life["trades"].as_u64().unwrap() > 0));
    // What the venue charges is part of a life.
    let dearer = of(&[&"--period", &"7d", &"--fee-taker", &"0.001"]);
    assert_ne!(lives(&dearer, 1), lives(&whole, 1));
}

#[test]
fn torn_anywhere_a_study_goes_on_to_the_same_end() {
    let sandbox = Sandbox::new();
    let runs = sandbox.path("runs.txt");
    let of = || {
        document(&[
            &"--made",
            &"6",
            &"--period",
            &"3",
            &"--persona",
            &"newbie",
            &"--seeds",
            &"2",
            &"--resume",
            &runs,
        ])
    };
    let first = of();
    let kept = std::fs::read(&runs).unwrap();
    assert_eq!(kept.iter().filter(|&&byte| byte == b'\n').count(), 1 + 4);
    for length in [0, 3, 30, kept.len() / 2, kept.len() - 1] {
        std::fs::write(&runs, &kept[..length]).unwrap();
        assert_eq!(of(), first, "{length} bytes were left");
        assert_eq!(std::fs::read(&runs).unwrap().len(), kept.len(), "{length} bytes were left");
    }
}
