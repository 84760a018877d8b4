//! Those beside the bots: who shares an account, who steers, who trades by hand, who measures, and strangers.

use farm::{Objection, Unusual};
use model::{RejectReason, Rng};
use risk::Rules;
use sim::{Attended, Company, Fault, Ghosts, Outcome, Settings, Steering, Topology, Weather, run};

/// As many as a debug build has time for, and the whole set of CI in optimised code.
const SEEDS: u64 = if cfg!(debug_assertions) { 4 } else { 200 };

/// Everybody is there and nothing else is broken than this.
fn with(seed: u64, faults: &[(Fault, f64)]) -> Outcome {
    let company = Company {
        sharers: 4,
        believers: 1,
        rules: Some(Rules::NONE),
        attended: Attended::ByOperator,
        ghosts: Ghosts::Apart,
    };
    let weather = faults.iter().fold(Weather::KIND, |weather, (fault, chance)| weather.with(*fault, *chance));
    let (weather, company) = (Some(weather), Some(company));
    run(&Settings { weather, company, ..Settings::kind(seed, Topology::laptop(1, 5)) })
}

#[test]
fn those_who_share_an_account_differ_from_the_venue_by_nothing() {
    let outcome = with(3, &[]);
    assert_eq!(outcome.broken, None);
    assert_eq!(outcome.bots.len(), 10);
    assert_eq!(outcome.steering, Steering { waited: outcome.steering.waited, ..Steering::default() });
}

/// What is no measurement has no effect: everybody is who he was without it, and each is counted.
#[test]
fn absurd_measurements_change_nothing() {
    let (calm, absurd) = (with(5, &[]), with(5, &[(Fault::ReadingAbsurd, 1.0)]));
    assert_eq!((calm.broken, absurd.broken.clone()), (None, None));
    assert_eq!(calm.bots, absurd.bots);
    assert_eq!(absurd.steering.no_readings, absurd.faults.of(Fault::ReadingAbsurd));
    assert!(absurd.steering.no_readings >= 24);
    let late =
        with(5, &[(Fault::ReadingLate, 1.0), (Fault::ReadingTwice, 0.5), (Fault::ReadingMissing, 0.2)]);
    assert_eq!((late.broken, late.steering.no_readings), (None, 0));
}

#[test]
fn what_is_done_by_hand_is_seen_and_stops_who_trades_there() {
    let alarms = |outcome: &Outcome| outcome.steering.alarms[Unusual::Unexplained as usize];
    for (fault, chance) in [(Fault::HandTrade, 0.001), (Fault::HandMoney, 0.001)] {
        let outcome = with(8, &[(fault, chance)]);
        assert_eq!(outcome.broken, None, "{}", fault.name());
        let struck = outcome.faults.of(fault);
        // Money that was paid in and out again before anybody looked is nobody's matter.
        assert!(struck >= 3 && alarms(&outcome) >= struck / 2, "{} of {struck}", alarms(&outcome));
    }
    let order = with(8, &[(Fault::HandOrder, 0.001)]);
    assert_eq!(order.broken, None);
    assert!(order.steering.unexplained >= order.faults.of(Fault::HandOrder) / 2);
}

/// The next audit finds it, a minute later at most; there is nothing else for anybody to see.
#[test]
fn a_stop_that_vanished_is_missed_within_a_minute() {
    let outcome = with(9, &[(Fault::Vanished, 0.2)]);
    assert_eq!(outcome.broken, None);
    assert!(outcome.faults.of(Fault::Vanished) > 0);
    assert_eq!(outcome.steering.vanished, outcome.faults.of(Fault::Vanished));
    assert!((1..=70).contains(&outcome.lost_s), "{} s", outcome.lost_s);
}

#[test]
fn every_objection_and_every_reason_is_met() {
    let (mut answers, mut strange, mut flat) =
        ([0; Objection::ALL.len() + 1], [0; RejectReason::ALL.len()], 0);
    let mut rng = Rng::new(1);
    for seed in 0..SEEDS.min(40) {
        let faults = [
            Fault::Instructed,
            Fault::Duplicated,
            Fault::HeldBack,
            Fault::Contradicted,
            Fault::Unauthorised,
            Fault::Flooded,
            Fault::Nonsense,
        ];
        let mut faults: Vec<(Fault, f64)> =
            faults.into_iter().map(|fault| (fault, 0.02 + 0.01 * rng.unit())).collect();
        faults.extend([(Fault::HandTrade, 0.002), (Fault::HandMoney, 0.01)]);
        let outcome = with(seed, &faults);
        assert_eq!(outcome.broken, None, "seed {seed}");
        answers.iter_mut().zip(outcome.steering.answers).for_each(|(sum, more)| *sum += more);
        strange.iter_mut().zip(outcome.strange).for_each(|(sum, more)| *sum += more);
        flat += outcome.steering.flat;
    }
    if SEEDS < 200 {
        return;
    }
    assert!(flat > 0 && answers[0] > 0);
    // The gate seldom refuses within minutes what it had only wanted approved.
    let met =
        Objection::ALL.iter().zip(&answers[1..]).filter(|(objection, _)| **objection != Objection::Refused);
    for (objection, count) in met {
        assert!(*count > 0, "nobody was told {}", objection.name());
    }
    for (reason, count) in RejectReason::ALL.iter().zip(strange) {
        // That is said by a desk, in the venue's stead.
        assert_eq!(count > 0, *reason != RejectReason::Expired, "{}", reason.name());
    }
}
