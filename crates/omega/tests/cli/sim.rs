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
    let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["seeds", "failed", "simulated_days", "crashes", "faults", "refusals", "orders", "elapsed_s"] {
        assert!(keys.contains(&key), "{key} is missing");
    }
    assert!(document["refusals"]["expired"].as_i64().unwrap() > 0);
    assert_eq!(
        document["refusals"].as_object().unwrap().len(),
        ::risk::Refusal::ALL.len() + ::model::RejectReason::ALL.len() + ::farm::Objection::ALL.len()
    );
}

#[test]
fn a_trace_tells_every_step() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("trace.txt");
    let said = omega(&[&"sim", &"--seed", &"3", &"--trace", &file]);
    assert_eq!(said.code, 0, "{}", said.err);
    let first = std::fs::read_to_string(&file).unwrap();
    assert!(first.lines().count() > 1_000);
    for word in ["venue hears s0 Request {", "farm hears Report {", "farm hears History {"] {
        assert!(first.contains(word), "{word} is missing");
    }
    omega(&[&"sim", &"--seed", &"3", &"--trace", &file]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), first, "the same seed, the same trace");
}

#[test]
fn a_clean_seed_is_not_made_small() {
    let said = omega(&[&"sim", &"--seed", &"3", &"--shrink"]);
    assert_eq!((said.code, said.out.as_str()), (0, "seed 3 is clean: there is nothing to make small\n"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for words in [
        &["sim", "--seed", "1", "--seeds", "2"][..],
        &["sim", "--trace", "x"],
        &["sim", "--seeds", "0"],
        &["sim", "--shrink"],
        &["sim", "--seed", "1", "--shrink", "--json"],
    ] {
        let words: Vec<&dyn AsRef<std::ffi::OsStr>> = words.iter().map(|word| word as _).collect();
        let said = omega(&words);
        assert_eq!((said.code, said.out.as_str(), said.err.lines().count()), (1, "", 2), "{said:?}");
    }
}
