//! Seeds that must hold: on a kind wire nothing differs, and after every fault both sides agree to the unit.

use farm::Objection;
use model::RejectReason;
use risk::Refusal;
use sim::{Fault, Muted, Outcome, Settings, Tally, Tenancy, Topology, run};
use std::collections::BTreeMap;

/// As many as a debug build has time for, and the whole set of CI in optimised code.
const SEEDS: u64 = if cfg!(debug_assertions) { 8 } else { 200 };

#[test]
fn a_kind_world_has_no_differences() {
    for topology in
        [Topology::laptop(1, 5), Topology { nodes: 3, tenancy: Tenancy::Leased, ..Topology::laptop(2, 5) }]
    {
        let outcome = run(&Settings::kind(1, topology));
        assert_eq!(outcome.broken, None);
        assert!(outcome.fills > 50, "{outcome:?}");
        assert_eq!(outcome.seats, u64::from(topology.shards), "nobody lost a shard");
    }
}

/// What can be met is met; what cannot is written down, with a reason.
#[derive(Default)]
struct Marks {
    faults: Tally,
    refused: BTreeMap<&'static str, u64>,
}

impl Marks {
    fn add(mut self, outcome: &Outcome) -> Marks {
        self.faults = self.faults.plus(&outcome.faults);
        outcome.refused().for_each(|(name, count)| *self.refused.entry(name).or_default() += count);
        self
    }

    fn plus(mut self, other: &Marks) -> Marks {
        self.faults = self.faults.plus(&other.faults);
        other.refused.iter().for_each(|(name, count)| *self.refused.entry(name).or_default() += count);
        self
    }

    fn check(&self) {
        for fault in Fault::ALL.into_iter().filter(|fault| !fault.is_of_bytes()) {
            assert!(self.faults.of(fault) > 0, "no seed drew {}", fault.name());
        }
        let gates = Refusal::ALL.map(|refusal| (refusal.name(), met(refusal)));
        // Strangers ask for everything that a venue can refuse, and operators for everything that a farm can.
        let venue = RejectReason::ALL.map(|reason| (reason.name(), Met::Always));
        let farms = Objection::ALL.map(|objection| (objection.name(), answered(objection)));
        for (name, met) in gates.into_iter().chain(venue).chain(farms) {
            let count = self.refused[name];
            match met {
                Met::Always => assert!(count > 0, "no seed met {name}"),
                Met::Rarely(why) => assert!(count < 20, "{name} is not rare any more, though {why}"),
                Met::Never(why) => assert_eq!(count, 0, "{name} was met, though {why}"),
            }
        }
    }
}

/// Whether a refusal is met by two hundred seeds.
enum Met {
    /// It must be.
    Always,
    /// By one in hundreds, for this reason.
    Rarely(&'static str),
    /// It cannot be, for this reason.
    Never(&'static str),
}

/// Whether the gate of a farm refuses for this.
fn met(refusal: Refusal) -> Met {
    use Met::{Always, Never, Rarely};
    match refusal {
        Refusal::NotTrading
        | Refusal::BelowMinimum
        | Refusal::NeedsApproval
        | Refusal::ApprovalExpired
        | Refusal::Declined
        | Refusal::CoolDown
        | Refusal::FarmDailyLoss
        | Refusal::FarmDrawdown
        | Refusal::FarmExposure
        | Refusal::FarmOrderRate => Always,
        Refusal::Drawdown | Refusal::DailyLoss => Rarely("a day seldom takes a tenth of somebody's equity"),
        Refusal::StopLoosened => Rarely("it takes a trailing stop and a price that turns within a second"),
        Refusal::NoEquity => Rarely("somebody has to move all of an idle bot's money away"),
        Refusal::StalePrice => Never("who decides at a bar's close knows that close"),
        Refusal::PositionNotFlat => Never("who holds something is not asked for an entry"),
        Refusal::OrderPending => Never("who has an order is not asked for an entry"),
        Refusal::BadStop => Never("a distance is put inside its band before it is looked at"),
        Refusal::OrderRate => Never("who decides each quarter of an hour does not enter thirty times in one"),
        Refusal::TooLarge => Never("a size is cut to what the instrument allows before it is looked at"),
    }
}

/// Whether a farm answers this to whoever tells it something.
fn answered(objection: Objection) -> Met {
    match objection {
        Objection::Refused => {
            Met::Rarely("the gate has to refuse what it had found right two minutes before")
        }
        _ => Met::Always,
    }
}

/// Every `step`th seed from `from` on.
fn hold(from: u64, step: u64) -> Marks {
    (from..SEEDS).step_by(usize::try_from(step).expect("few threads")).fold(
        Marks::default(),
        |marks, seed| {
            let settings = Settings::of(seed);
            let outcome = run(&settings);
            assert_eq!(outcome.broken, None, "seed {seed}: {outcome:?}");
            if seed % 16 == 0 {
                assert_eq!(run(&settings).trace, outcome.trace, "seed {seed}");
            }
            marks.add(&outcome)
        },
    )
}

#[test]
#[allow(clippy::disallowed_methods, reason = "seeds know nothing of each other")]
fn seeds_hold_and_repeat() {
    let marks = std::thread::scope(|scope| {
        let other = scope.spawn(|| hold(1, 2));
        let marks = hold(0, 2);
        marks.plus(&other.join().expect("the other half holds too"))
    });
    // A debug build has no time for enough of them.
    if SEEDS >= 200 {
        marks.check();
    }
}

/// Nobody's luck, orders or books depend on who else is in the farm, or in the run.
#[test]
fn four_farms_of_one_are_one_farm_of_four() {
    for (seed, tenancy, nodes) in [(1, Tenancy::Sole, 1), (2, Tenancy::Leased, 1), (3, Tenancy::Leased, 3)] {
        let of =
            |shards| run(&Settings::kind(seed, Topology { nodes, tenancy, ..Topology::laptop(shards, 4) }));
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

/// What came last is drawn from streams of its own: where nobody changes rules and somebody is always there, nothing else is
/// another.
#[test]
fn a_change_of_rules_changes_nothing_before_it() {
    let of = |muted: Muted| run(&Settings { muted, ..Settings::of(101) });
    let without =
        of(Muted { kinds: [Fault::Ruled, Fault::Unattended].into_iter().collect(), ..Muted::default() });
    assert_eq!(format!("{:016x}", without.trace), "9b8c21dfa24d5cb1", "as it was before rules could change");
    let with = of(Muted::default());
    assert!(with.steering.rules > 0 && with.faults.of(Fault::Ruled) == with.steering.rules);
}

const PINNED: [&str; 4] = ["1cf2e842ce3b4f4a", "abdca89aa4e38889", "d1ac7b12bfc06cec", "4a4a22ace4202b8a"];
