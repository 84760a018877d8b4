//! Seeds that must hold: on a kind wire nothing differs, and after every fault both sides agree to the unit.

use model::RejectReason;
use risk::Refusal;
use sim::{Fault, Outcome, Settings, Tally, Tenancy, Topology, run};

/// As many as a debug build has time for, and the whole set of CI in optimised code.
const SEEDS: u64 = if cfg!(debug_assertions) { 8 } else { 200 };

#[test]
fn a_kind_world_has_no_differences() {
    for topology in [Topology::laptop(1, 5), Topology { nodes: 3, tenancy: Tenancy::Leased, ..Topology::laptop(2, 5) }] {
        let outcome = run(&Settings::kind(1, topology));
        assert_eq!(outcome.broken, None);
        assert!(outcome.fills > 50, "{outcome:?}");
        assert_eq!(outcome.seats, u64::from(topology.shards), "nobody lost a shard");
    }
}

/// What the farm can meet is met; what it cannot is written down, with a reason.
struct Marks {
    faults: Tally,
    refusals: [u64; Refusal::ALL.len()],
    rejections: [u64; RejectReason::ALL.len()],
}

impl Marks {
    fn add(&mut self, outcome: &Outcome) {
        self.faults = self.faults.plus(&outcome.faults);
        self.refusals.iter_mut().zip(outcome.refusals).for_each(|(sum, more)| *sum += more);
        self.rejections.iter_mut().zip(outcome.rejections).for_each(|(sum, more)| *sum += more);
    }

    fn check(&self) {
        for fault in Fault::ALL {
            assert!(self.faults.of(fault) > 0, "no seed drew {}", fault.name());
        }
        let gate = Refusal::ALL.iter().zip(self.refusals);
        for (refusal, count) in gate {
            assert_eq!(count > 0, unmet(*refusal).is_none(), "{}: {count}, {:?}", refusal.name(), unmet(*refusal));
        }
        for (reason, count) in RejectReason::ALL.iter().zip(self.rejections) {
            let why = unheard(*reason);
            assert_eq!(count > 0, why.is_none(), "{}: {count}, {why:?}", reason.name());
        }
    }
}

/// Why the gate of no seed's farm refuses for this.
fn unmet(refusal: Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::NeedsApproval => None,
        _ => Some("?"),
    }
}

/// Why no seed's farm hears this from its venue.
fn unheard(reason: RejectReason) -> Option<&'static str> {
    match reason {
        RejectReason::DuplicateId => None,
        _ => Some("?"),
    }
}

#[test]
fn seeds_hold_and_repeat() {
    let mut marks = Marks {
        faults: Tally::default(),
        refusals: [0; Refusal::ALL.len()],
        rejections: [0; RejectReason::ALL.len()],
    };
    for seed in 0..SEEDS {
        let settings = Settings::of(seed);
        let outcome = run(&settings);
        assert_eq!(outcome.broken, None, "seed {seed}: {outcome:?}");
        if seed % 16 == 0 {
            assert_eq!(run(&settings).trace, outcome.trace, "seed {seed}");
        }
        marks.add(&outcome);
    }
    // A debug build has no time for enough of them.
    if SEEDS >= 200 {
        marks.check();
    }
}

/// Nobody's luck, orders or books depend on who else is in the farm, or in the run.
#[test]
fn four_farms_of_one_are_one_farm_of_four() {
    for (seed, tenancy, nodes) in [(1, Tenancy::Sole, 1), (2, Tenancy::Leased, 1), (3, Tenancy::Leased, 3)] {
        let of = |shards| run(&Settings::kind(seed, Topology { nodes, tenancy, ..Topology::laptop(shards, 4) }));
        let (one, four) = (of(1), of(4));
        assert_eq!((one.broken.as_ref(), four.broken.as_ref(), one.bots.len()), (None, None, 4));
        assert!(one.fills > 50);
        assert_eq!(one.bots, four.bots, "seed {seed}");
    }
}

/// The same trace on every machine, in debug and in optimised code: this test runs in both.
#[test]
fn a_seed_is_a_trace() {
    let trace = |seed| run(&Settings::of(seed)).trace;
    let found: Vec<String> = (100..104).map(|seed| format!("{:016x}", trace(seed))).collect();
    assert_eq!(found, PINNED, "a change of behaviour is a change of these, on purpose");
}

const PINNED: [&str; 4] = ["1bdf5fc118f1493c", "764890b34e4e9428", "e136b8e953218058", "a4f90140e928357a"];
