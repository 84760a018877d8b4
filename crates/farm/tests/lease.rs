//! Never two that speak, whatever the network and the clocks do; and somebody soon, where they are kind.

#![allow(missing_docs, reason = "tests say what they hold")]

mod lease_world;

use lease_world::plan::{edge, kind, wild};
use lease_world::{Seen, live};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;

/// The same plans on every machine: a safeguard that is taken away is noticed always or never.
fn check<S: Strategy<Value = lease_world::plan::Plan>>(
    cases: u32,
    plans: &S,
    hold: impl Fn(&Seen) -> Result<(), String>,
) -> Vec<Seen> {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let lives = RefCell::new(Vec::new());
    let result = runner.run(plans, |plan| {
        let seen = live(plan).and_then(|seen| hold(&seen).map(|()| seen)).map_err(TestCaseError::fail)?;
        lives.borrow_mut().push(seen);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    lives.into_inner()
}

#[test]
fn never_two_that_speak() {
    let lives = check(600, &wild(), |_| Ok(()));
    let handovers: u32 = lives.iter().map(|seen| seen.handovers).sum();
    println!("{} lives, {handovers} handovers", lives.len());
    assert!(handovers > 600, "the plans are too kind to show anything: {handovers}");
}

/// The allowances are used up to the last tenth of a second, so one that is forgotten is seen.
#[test]
fn never_two_that_speak_where_all_allowances_are_used_up() {
    let lives = check(300, &edge(), |seen| {
        if seen.handovers == 0 {
            Err("the holder was silenced, and nobody followed".to_owned())
        } else {
            Ok(())
        }
    });
    let slack = lives.iter().filter_map(|seen| seen.slack_ms_min).min().expect("somebody followed somebody");
    println!("{} lives, the closest {slack} ms after what was said before", lives.len());
    assert!(slack < 100, "no plan came near the limit: {slack} ms");
}

#[test]
fn a_silent_death_is_followed_within_twenty_seconds() {
    let lives = check(150, &kind(), |seen| {
        let died_at = seen.died_at.ok_or("nobody held it, so nobody died")?;
        let spoke = |until: i64| seen.spoke.iter().filter(move |(at, _)| *at < until);
        // Somebody holds within two seconds, and does not fall silent before it dies.
        let holders: Vec<_> = spoke(died_at).collect();
        if !matches!(holders[..], [(..2_000, Some(_))]) {
            return Err(format!("not one holder before {died_at}: {holders:?}"));
        }
        let next = seen.spoke.iter().find(|(at, life)| *at > died_at && life.is_some());
        match next {
            Some((at, _)) if *at <= died_at + 20_000 => Ok(()),
            _ => Err(format!("died at {died_at}, followed by {next:?}")),
        }
    });
    assert_eq!(lives.len(), 150);
}
