//! Farm and venue with Bitget's bytes between them: what holds without holds with them, whatever the wire does.

use model::PositionMode;
use sim::{Bytes, Counter, Dialect, Fault, Generation, Settings, Tally, Topology, run};

/// As many hours of as many seeds as a debug build has time for, and what CI runs in optimised code.
const SEEDS: u64 = if cfg!(debug_assertions) { 2 } else { 16 };
const MINUTES: u32 = if cfg!(debug_assertions) { 60 } else { 300 };

/// Generation and position mode.
const DIALECTS: [Dialect; 4] = [
    Dialect { generation: Generation::V2, position: PositionMode::OneWay },
    Dialect { generation: Generation::V2, position: PositionMode::Hedge },
    Dialect { generation: Generation::V3, position: PositionMode::OneWay },
    Dialect { generation: Generation::V3, position: PositionMode::Hedge },
];

#[test]
fn a_kind_wire_changes_nothing() {
    for (dialect, seed) in DIALECTS.into_iter().zip(1..) {
        let kind = Settings { minutes: MINUTES, ..Settings::kind(seed, Topology::laptop(1, 5)) };
        let outcome = run(&Settings { counter: Counter::Bitget(Some(dialect)), ..kind });
        assert_eq!(outcome.broken, None, "{dialect:?}");
        assert!(outcome.bytes.calls > 1_000 && outcome.bytes.frames > 100, "{:?}", outcome.bytes);
        assert_eq!(
            (outcome.bytes.adapters, outcome.bytes.broken, outcome.too_late),
            (1, 0, 0),
            "{dialect:?}"
        );
        assert!(outcome.fills > u64::from(MINUTES) / 20, "{dialect:?}: {} fills", outcome.fills);
    }
}

/// Every `step`th seed from `from` on.
fn hold(from: u64, step: usize) -> (Tally, Bytes) {
    (from..SEEDS).step_by(step).fold((Tally::default(), Bytes::default()), |(faults, bytes), seed| {
        let settings = Settings { minutes: MINUTES, ..Settings::wired(seed) };
        let outcome = run(&settings);
        assert_eq!(outcome.broken, None, "seed {seed}: {outcome:?}");
        if seed % 16 == 0 {
            assert_eq!(run(&settings).trace, outcome.trace, "seed {seed}");
        }
        (faults.plus(&outcome.faults), bytes.plus(outcome.bytes))
    })
}

#[test]
#[allow(clippy::disallowed_methods, reason = "seeds know nothing of each other")]
fn seeds_hold_over_bytes_and_repeat() {
    let (faults, bytes) = std::thread::scope(|scope| {
        let other = scope.spawn(|| hold(1, 2));
        let (faults, bytes) = hold(0, 2);
        let (more, others) = other.join().expect("the other half holds too");
        (faults.plus(&more), bytes.plus(others))
    });
    if SEEDS < 16 {
        return;
    }
    for fault in [
        Fault::Lost,
        Fault::Delayed,
        Fault::Partition,
        Fault::Crash,
        Fault::Maintenance,
        Fault::Throttled,
        Fault::GhostAcceptance,
        Fault::Unacknowledged,
        Fault::Disconnected,
        Fault::Unattended,
    ] {
        assert!(faults.of(fault) > 0, "no seed drew {}", fault.name());
    }
    let Bytes { unacknowledged, rungs, stops, broken, adapters, .. } = bytes;
    assert!(unacknowledged > 0, "no acknowledgement was lost: {bytes:?}");
    assert!(rungs > 0 && stops > 0, "no ladder was placed, or no stop went off: {bytes:?}");
    assert!(broken > 0 && adapters > SEEDS, "no socket broke, or no seat rose again: {bytes:?}");
}

/// The same trace on every machine, in debug and in optimised code: this test runs in both.
#[test]
fn a_seed_over_bytes_is_a_trace() {
    let trace = |seed| run(&Settings { minutes: 20, ..Settings::wired(seed) }).trace;
    let found: Vec<String> = (100..102).map(|seed| format!("{:016x}", trace(seed))).collect();
    assert_eq!(found, PINNED, "a change of behaviour is a change of these, on purpose");
}

const PINNED: [&str; 2] = ["ea6b858fc8ea0cbb", "3614307867a54bf8"];

/// Seeds that broke once, of so many minutes, and what it was.
const CAUGHT: [(u64, u32, &str); 4] = [
    (163, 120, "a takeover heard of late was told without what it cost: its bill had not been asked for"),
    (
        4,
        240,
        "after a restart a late fill of a classic account was told again: its row names no order of ours",
    ),
    (
        162,
        632,
        "after a restart the newest of an order's equal fills was taken for the one that was heard: the oldest was told again",
    ),
    (
        195,
        1_132,
        "a takeover found after minutes without a seat was told without what it cost: only younger bills were asked for",
    ),
];

/// The same on accounts of one kind.
const CAUGHT_UNIFIED: [(u64, u32, &str); 2] = [
    (4, 360, "an order given up as never accepted was done all the same, and its fill was not told"),
    (5, 240, "after each restart a takeover was told again"),
];

/// And on accounts of the older kind.
const CAUGHT_CLASSIC: [(u64, u32, &str); 1] = [(
    117,
    720,
    "a target that had rested for hours filled while nobody had the seat, and its fill was called nobody's unasked",
)];

#[test]
fn what_was_caught_once_stays_caught_over_bytes() {
    let any = CAUGHT.map(|(seed, minutes, bug)| (Settings { minutes, ..Settings::wired(seed) }, bug));
    let of_one_kind = |generation| {
        let counter = Counter::Bitget(Some(Dialect { generation, position: PositionMode::OneWay }));
        move |(seed, minutes, bug)| (Settings { minutes, counter, ..Settings::of(seed) }, bug)
    };
    let unified = CAUGHT_UNIFIED.map(of_one_kind(Generation::V3));
    let classic = CAUGHT_CLASSIC.map(of_one_kind(Generation::V2));
    let all: Vec<(Settings, &str)> = any.into_iter().chain(unified).chain(classic).collect();
    // Hours take minutes in debug; optimised code runs them all.
    let few = if cfg!(debug_assertions) { 0 } else { all.len() };
    for (settings, bug) in &all[..few] {
        assert_eq!(run(settings).broken, None, "seed {}: {bug}", settings.seed);
    }
}

/// On a wire slower than a desk is patient every question was answered too late to count, and an order that had expired was
/// cancelled for hours.
#[test]
#[cfg_attr(debug_assertions, ignore = "ten hours take minutes in debug")]
fn a_slow_wire_does_not_starve_a_desk() {
    let outcome = run(&Settings { minutes: 420, ..Settings::wired(10) });
    assert_eq!(outcome.broken, None);
    assert!(outcome.orders < 300 && outcome.fills > 10, "{outcome:?}");
}
