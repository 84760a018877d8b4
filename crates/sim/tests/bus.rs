//! The bus of the simulation holds the contract: calm, over a bad wire without a message too many, and on a server that dies.

use control::bus::contract::cases;
use sim::bus::{Carrier, Hardship, Struck};

fn hold(seeds: std::ops::Range<u64>, hardship: Hardship) -> Struck {
    let (mut failed, mut all) = (Vec::new(), Struck::default());
    for seed in seeds {
        for case in cases() {
            let mut carrier = Carrier::new(seed << 8 | u64::from(case.number), hardship);
            failed.extend(case.play(&mut carrier).err().map(|words| format!("seed {seed} {words}")));
            let struck = carrier.struck();
            all.lost += struck.lost;
            all.repeated += struck.repeated;
            all.delayed += struck.delayed;
            all.deaths += struck.deaths;
        }
    }
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed[..failed.len().min(12)].join("\n"));
    all
}

#[test]
fn a_calm_one_holds_the_contract() {
    let struck = hold(0..1, Hardship::None);
    assert_eq!(struck, Struck { deaths: 2, ..Struck::default() }, "only the deaths that cases ask for");
}

#[test]
fn a_bad_wire_costs_nothing_and_repeats_nothing() {
    let struck = hold(0..100, Hardship::Wire);
    assert!(struck.lost.min(struck.repeated).min(struck.delayed) > 10_000, "{struck:?}");
}

#[test]
fn a_server_that_dies_repeats_and_loses_nothing() {
    let struck = hold(100..200, Hardship::Server);
    assert!(struck.lost.min(struck.repeated).min(struck.delayed) > 10_000, "{struck:?}");
    assert!(struck.deaths > 1_000, "{struck:?}");
}
