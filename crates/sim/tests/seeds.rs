//! Seeds that must hold: on a kind wire nothing differs, and after every fault both sides agree to the unit.

use sim::{Fault, Settings, Tally, Weather, run};

/// As many as a debug build has time for, and the whole set of CI in optimised code.
const SEEDS: u64 = if cfg!(debug_assertions) { 16 } else { 200 };

#[test]
fn a_kind_world_has_no_differences() {
    let outcome = run(&Settings { seed: 1, days: 1, weather: Some(Weather::KIND) });
    assert_eq!(outcome.broken, None);
    assert!(outcome.fills > 50, "{outcome:?}");
}

#[test]
fn seeds_hold_and_repeat() {
    let mut faults = Tally::default();
    for seed in 0..SEEDS {
        let settings = Settings { seed, days: 1, weather: None };
        let outcome = run(&settings);
        assert_eq!(outcome.broken, None, "seed {seed}: {outcome:?}");
        if seed % 8 == 0 {
            assert_eq!(run(&settings).trace, outcome.trace, "seed {seed}");
        }
        faults = faults.plus(&outcome.faults);
    }
    for fault in Fault::ALL {
        assert!(faults.of(fault) > 0, "no seed drew {}", fault.name());
    }
}
