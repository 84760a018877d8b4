//! A node's side, message by message: what it asks, when it may speak, and what it refuses to believe.

use super::*;
use crate::lease::{DRIFT_PERCENT, TIME_TO_LIVE};

const SHARD: ShardId = ShardId(1);
const NODE: NodeId = NodeId(0);

fn at(ms: i64) -> Clocks {
    clocks(ms, ms)
}

/// The wall's zero is another one than the monotonic clock's, as it is everywhere.
fn clocks(mono: i64, wall: i64) -> Clocks {
    Clocks { mono: Time(1_000 + mono), wall: Time(1_700_000_000_000 + wall) }
}

fn answer(asked_at: Clocks, granted: Option<u16>) -> LeaseAnswer {
    LeaseAnswer { shard: SHARD, node: NODE, asked_at, granted }
}

fn acquire(asked_at: Clocks) -> Option<LeaseRequest> {
    Some(LeaseRequest::Acquire { shard: SHARD, node: NODE, asked_at })
}

fn renew(epoch: u16, asked_at: Clocks) -> Option<LeaseRequest> {
    Some(LeaseRequest::Renew { shard: SHARD, node: NODE, epoch, asked_at })
}

fn release(epoch: u16) -> Option<LeaseRequest> {
    Some(LeaseRequest::Release { shard: SHARD, node: NODE, epoch })
}

/// Asked at 0, heard 100 ms later: holds epoch 7.
fn holder() -> Lease {
    let mut lease = Lease::new(SHARD, NODE);
    assert_eq!(lease.next_wake(), Some(Time(0)));
    assert_eq!(lease.wake(at(0)), acquire(at(0)));
    assert_eq!(lease.hear(at(100), &answer(at(0), Some(7))), Some(LeaseNews::Gained(7)));
    lease
}

/// Wakes it each tenth of a second up to this instant, and says what it asked for and when.
fn run(lease: &mut Lease, from: i64, to: i64) -> Vec<(i64, LeaseRequest)> {
    (from..=to).step_by(100).filter_map(|ms| lease.wake(at(ms)).map(|request| (ms, request))).collect()
}

#[test]
fn it_counts_from_when_it_asked() {
    let mut lease = Lease::new(SHARD, NODE);
    lease.wake(at(0));
    assert_eq!(lease.hear(at(4_000), &answer(at(0), Some(7))), Some(LeaseNews::Gained(7)));
    assert_eq!(lease.says_until(), Some(at(HOLD.0).mono));
    assert_eq!(lease.epoch(at(BEGIN.0 - 1)), Some(7));
    assert_eq!(lease.epoch(at(BEGIN.0)), None);
}

#[test]
fn an_answer_that_comes_too_late_to_speak_is_renewed_at_once_and_one_later_than_that_is_nothing() {
    let mut lease = Lease::new(SHARD, NODE);
    lease.wake(at(0));
    assert_eq!(lease.hear(at(9_000), &answer(at(0), Some(7))), Some(LeaseNews::Gained(7)));
    assert_eq!(lease.epoch(at(9_000)), None);
    assert_eq!(lease.wake(at(9_001)), renew(7, at(9_001)));
    lease.hear(at(9_100), &answer(at(9_001), Some(7)));
    assert_eq!(lease.epoch(at(9_100)), Some(7));

    let mut lease = Lease::new(SHARD, NODE);
    lease.wake(at(0));
    assert_eq!(lease.hear(at(HOLD.0), &answer(at(0), Some(7))), None);
    assert_eq!((lease.epoch(at(HOLD.0)), lease.says_until()), (None, None));
}

#[test]
fn it_renews_each_third_and_asks_again_each_second() {
    let mut lease = holder();
    let asked = run(&mut lease, 200, 8_000);
    let instants: Vec<i64> = asked.iter().map(|(ms, _)| *ms).collect();
    assert_eq!(instants, [5_000, 6_000, 7_000, 8_000]);
    assert!(asked.iter().all(|&(ms, request)| Some(request) == renew(7, at(ms))));
    // The answer to the second is heard before the answer to the first, and is not taken back by it.
    assert_eq!(lease.hear(at(8_050), &answer(at(6_000), Some(7))), None);
    assert_eq!(lease.hear(at(8_060), &answer(at(5_000), Some(7))), None);
    assert_eq!(lease.says_until(), Some(at(6_000 + HOLD.0).mono));
    assert_eq!(lease.next_wake(), Some(at(9_060).mono), "a look, before the renewal that is due at 11 s");
    assert_eq!(run(&mut lease, 8_100, 11_000), [(11_000, renew(7, at(11_000)).expect("a request"))]);
}

#[test]
fn silence_is_lost_for_good_and_competed_for_after_a_while() {
    let mut lease = holder();
    let last = run(&mut lease, 200, HOLD.0 - 1).last().expect("it asked").0;
    assert_eq!(lease.take_news(), None);
    assert_eq!(lease.wake(at(HOLD.0)), None);
    assert_eq!(lease.take_news(), Some(LeaseNews::Lost));
    assert_eq!(lease.says_until(), None);
    // Granted, but it has let go.
    assert_eq!(lease.hear(at(HOLD.0 + 10), &answer(at(last), Some(7))), None);
    assert_eq!(lease.epoch(at(HOLD.0 + 10)), None);
    let after = run(&mut lease, HOLD.0 + 10, HOLD.0 + 6_900);
    let farewell = after.first().expect("a farewell");
    assert_eq!(Some(farewell.1), release(7));
    assert!(farewell.0 >= HOLD.0 + MARGIN.0);
    assert!(matches!(after[1..], [(ms, LeaseRequest::Acquire { .. })] if ms >= HOLD.0 + STAND_BACK.0));
}

#[test]
fn a_refused_renewal_is_lost_at_once_but_an_old_refusal_is_not() {
    let mut lease = holder();
    assert_eq!(lease.hear(at(200), &answer(at(0), None)), None, "the question was answered before");
    assert_eq!(lease.wake(at(5_000)), renew(7, at(5_000)));
    let stranger = LeaseAnswer { node: NodeId(9), ..answer(at(5_000), None) };
    assert_eq!(lease.hear(at(5_010), &stranger), None);
    let elsewhere = LeaseAnswer { shard: ShardId(9), ..answer(at(5_000), None) };
    assert_eq!(lease.hear(at(5_010), &elsewhere), None);
    assert_eq!(lease.hear(at(5_020), &answer(at(5_000), None)), Some(LeaseNews::Lost));
    assert_eq!(lease.epoch(at(5_020)), None);
    assert_eq!(
        lease.says_until(),
        Some(at(5_020 + REQUEST_VALIDITY.0).mono),
        "what it said may be on its way"
    );
}

#[test]
fn an_unanswered_question_is_repeated_and_a_refused_one_waits() {
    let mut lease = Lease::new(SHARD, NODE);
    let asked = run(&mut lease, 0, 2_500);
    let question = acquire(at(0)).expect("a request");
    assert_eq!(asked, [(0, question), (1_000, question), (2_000, question)]);
    assert_eq!(lease.hear(at(2_600), &answer(at(0), None)), None);
    let asked = run(&mut lease, 2_600, 6_000);
    assert!(matches!(asked[0], (4_600..=5_600, LeaseRequest::Acquire { asked_at, .. }) if asked_at != at(0)));
    // The refusal's copy does not concern the new question; a grant of the old one does: the shard would be nobody's.
    assert_eq!(lease.hear(at(6_010), &answer(at(0), None)), None);
    assert_eq!(lease.hear(at(6_020), &answer(at(0), Some(3))), Some(LeaseNews::Gained(3)));
    assert_eq!(lease.says_until(), Some(at(HOLD.0).mono));
    // And the refusal of the new one is what a holder hears.
    assert_eq!(lease.hear(at(6_030), &answer(at(asked[0].0), None)), None);
    assert_eq!(lease.epoch(at(6_030)), Some(3));
}

#[test]
fn a_question_whose_answer_is_worth_nothing_is_put_anew() {
    let mut lease = Lease::new(SHARD, NODE);
    let asked = run(&mut lease, 0, 20_500);
    let (repeated, anew) = asked.split_at(13);
    assert!(repeated.iter().all(|(_, request)| Some(*request) == acquire(at(0))));
    let Some(&(ms, request)) = anew.first() else { panic!("it asks anew: {asked:?}") };
    assert!(ms >= HOLD.0 + STAND_BACK.0, "after those who compete");
    assert_eq!(Some(request), acquire(at(ms)));
}

#[test]
fn an_epoch_that_was_held_before_is_not_gained_again() {
    let mut lease = holder();
    run(&mut lease, 200, 20_000);
    assert_eq!(lease.take_news(), Some(LeaseNews::Lost));
    let asked = run(&mut lease, 20_000, 21_000);
    let Some((_, LeaseRequest::Acquire { asked_at, .. })) = asked.last() else { panic!("it competes") };
    let mut again = lease.clone();
    assert_eq!(again.hear(at(21_000), &answer(*asked_at, Some(7))), None);
    assert_eq!(lease.hear(at(21_000), &answer(*asked_at, Some(8))), Some(LeaseNews::Gained(8)));
}

#[test]
fn either_clock_is_enough_to_fall_silent() {
    let cases = [
        (clocks(BEGIN.0, 100), None, "the wall stands"),
        (clocks(BEGIN.0, -3_600_000), None, "the wall was set back"),
        (clocks(200, BEGIN.0), None, "the machine slept, and the monotonic clock with it"),
        (clocks(200, 3_600_000), None, "the wall was set ahead, or is it the truth?"),
        (clocks(200, -3_600_000), Some(7), "set back, and nothing passed"),
    ];
    for (now, epoch, why) in cases {
        assert_eq!(holder().epoch(now), epoch, "{why}");
    }
}

#[test]
fn a_wall_that_was_set_back_does_not_hide_a_later_sleep() {
    let mut lease = holder();
    lease.wake(clocks(1_000, -60_000));
    assert_eq!(lease.epoch(clocks(1_000, -60_000)), Some(7));
    // Slept for 20 s: the monotonic clock counted one, and the wall is still behind where it was when it asked.
    assert_eq!(lease.epoch(clocks(2_000, -40_000)), None);
    lease.wake(clocks(2_000, -40_000));
    assert_eq!(lease.take_news(), Some(LeaseNews::Lost));
}

#[test]
fn a_wall_that_was_set_ahead_silences_but_does_not_hurry_the_release() {
    let mut lease = holder();
    lease.wake(at(2_900));
    lease.wake(clocks(3_000, 3_600_000));
    assert_eq!(lease.take_news(), Some(LeaseNews::Lost));
    // What was said just before is as young as it is, whatever the wall says.
    assert_eq!(lease.says_until(), Some(at(3_000 + REQUEST_VALIDITY.0).mono));
    let due = 3_000 + REQUEST_VALIDITY.0 + MARGIN.0;
    let said = |lease: &mut Lease, from, to| {
        let wake = |ms| lease.wake(clocks(ms, 3_600_000 + ms)).filter(|said| Some(*said) == release(7));
        (from..to).step_by(100).filter_map(wake).count()
    };
    assert_eq!(said(&mut lease, 3_100, due), 0);
    assert_eq!(said(&mut lease, due, due + 100), 1);
}

#[test]
fn walls_of_any_hour_do_no_harm() {
    let mut lease = holder();
    for (i, wall) in [i64::MAX, i64::MIN, 0, i64::MAX].into_iter().enumerate() {
        let now = Clocks { mono: at(200 + 10 * i64::try_from(i).expect("few")).mono, wall: Time(wall) };
        lease.wake(now);
        assert_eq!(lease.epoch(now), None);
    }
    assert!(lease.next_wake().is_some());
}

#[test]
fn a_release_is_said_only_when_nothing_said_can_be_carried_out() {
    let mut lease = holder();
    assert_eq!(lease.release(), None);
    assert_eq!(lease.epoch(at(100)), None, "nothing is begun any more");
    assert_eq!(lease.next_wake(), Some(at(100).mono));
    assert_eq!(lease.wake(at(150)), None);
    assert_eq!(lease.says_until(), Some(at(150 + REQUEST_VALIDITY.0).mono));
    let due = 150 + REQUEST_VALIDITY.0 + MARGIN.0;
    assert_eq!(run(&mut lease, 200, due - 1), []);
    assert_eq!(lease.wake(at(due)), release(7));
    assert_eq!((lease.wake(at(due + 1)), lease.next_wake()), (None, None), "said once");
    assert_eq!(lease.release(), release(7), "and again to whom asks");
    assert!(due * (100 - DRIFT_PERCENT) / 100 < TIME_TO_LIVE.0, "which is sooner than it runs out");
}

#[test]
fn one_that_left_while_asking_gives_back_what_it_is_granted() {
    let mut lease = Lease::new(SHARD, NODE);
    lease.wake(at(0));
    assert_eq!(lease.release(), None);
    assert_eq!(lease.next_wake(), None);
    assert_eq!(lease.hear(at(3_000), &answer(at(0), Some(7))), None);
    assert_eq!(lease.epoch(at(3_000)), None);
    assert_eq!(lease.next_wake(), Some(at(3_000).mono), "what it never spoke under is given back soon");
    assert_eq!(lease.wake(at(3_000)), release(7));
}
