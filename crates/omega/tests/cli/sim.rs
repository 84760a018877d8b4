//! The simulation on the command line: what it counts, what it writes, what it refuses.

use crate::{Sandbox, omega};

#[test]
fn seeds_are_counted_and_clean() {
    let said = omega(&[&"sim", &"--seeds", &"4", &"--from", &"40", &"--jobs", &"2", &"--json"]);
    let document = said.json();
    assert_eq!((document["seeds"].as_i64(), document["failed"].as_i64()), (Some(4), Some(0)));
    assert!(document["simulated_days"].as_f64().unwrap() > 4.0);
    assert!(document["orders"].as_i64().unwrap() > 100);
    assert!(document["faults"].as_object().unwrap().len() == ::sim::Fault::ALL.len());
    assert_eq!(document["crashes"], document["faults"]["crash"]);
}

#[test]
fn a_trace_tells_every_step() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("trace.txt");
    let said = omega(&[&"sim", &"--seed", &"3", &"--trace", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
    let first = std::fs::read_to_string(&file).unwrap();
    assert!(first.lines().count() > 1_000);
    for word in ["venue hears Request", "farm hears Report", "farm hears History"] {
        assert!(first.contains(word), "{word} is missing");
    }
    omega(&[&"sim", &"--seed", &"3", &"--trace", &file]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), first, "the same seed, the same trace");
}

#[test]
fn what_makes_no_sense_is_refused() {
    for words in
        [&["sim", "--seed", "1", "--seeds", "2"][..], &["sim", "--trace", "x"], &["sim", "--seeds", "0"]]
    {
        let words: Vec<&dyn AsRef<std::ffi::OsStr>> = words.iter().map(|word| word as _).collect();
        let said = omega(&words);
        assert_eq!((said.code, said.out.as_str(), said.err.lines().count()), (2, "", 2), "{said:?}");
    }
}
