//! The door: who is let in, and what becomes of those who guess.
//!
//! Refuses to let a right token through from a peer that is locked out, and to lock out a peer that never failed.

use super::scene::{START, Scene};
use access::{Class, Denied, PEERS_MAX, Rules, TOKEN_PREFIX};
use model::command::Role;
use model::{Interval, Time};
use proptest::prelude::*;

const WRONG: &str = "omega_aaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#[derive(Clone, Debug)]
enum Try {
    Right { peer: usize },
    Wrong { peer: usize, text: String },
    Wait { seconds: i64 },
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = prop_oneof![
        3 => (0..3usize).prop_map(|peer| Try::Right { peer }),
        5 => (0..3usize, "\\PC{1,40}").prop_map(|(peer, text)| Try::Wrong { peer, text }),
        3 => (0..1_200i64).prop_map(|seconds| Try::Wait { seconds }),
    ];
    prop::collection::vec(one, 1..80)
}

/// A peer, as the test counts it.
#[derive(Clone, Copy, Default)]
struct Counted {
    failures: u32,
    since: i64,
    until: i64,
}

proptest! {
    #[test]
    fn a_peer_that_guesses_is_locked_out_and_learns_nothing(tries in tries()) {
        let mut scene = Scene::new(Rules { attempts_max: 3, ..Rules::default() });
        let ann = scene.person("ann", Role::Viewer);
        let token = scene.token(ann);
        let (window, lock) = (scene.rules.attempts_window.0, scene.rules.lock_out.0);
        let (mut now, mut peers) = (START, [Counted::default(); 3]);
        for one in tries {
            let (peer, text) = match one {
                Try::Wait { seconds } => {
                    now = now + Interval(seconds * 1_000);
                    continue;
                }
                Try::Right { peer } => (peer, token.clone()),
                Try::Wrong { peer, text } => (peer, text),
            };
            let got = scene.access.identify(now, &format!("192.0.2.{peer}"), &text);
            let counted = &mut peers[peer];
            if now.0 < counted.until {
                prop_assert_eq!(got, Err(Denied::LockedOut { until: Time(counted.until) }));
            } else if text == token {
                prop_assert_eq!(got.map(|who| who.identity()), Ok(ann));
            } else {
                prop_assert_eq!(got, Err(Denied::Unknown));
                if counted.failures == 0 || counted.until > 0 || now.0 - counted.since >= window {
                    *counted = Counted { failures: 0, since: now.0, until: 0 };
                }
                counted.failures += 1;
                if counted.failures == 3 {
                    counted.until = now.0 + lock;
                }
            }
        }
    }
}

#[test]
fn a_flood_from_many_peers_locks_nobody_else_out_and_takes_no_memory() {
    let mut scene = Scene::new(Rules::default());
    let ann = scene.person("ann", Role::Operator);
    let token = scene.token(ann);
    // They know the part of her token that is no secret.
    let near = format!("{}x", &token[..token.len() - 1]);
    for peer in 0..3 * PEERS_MAX {
        let peer = format!("2001:db8:{peer:x}::/64");
        for text in [near.as_str(), WRONG] {
            scene.access.identify(START, &peer, text).expect_err("it is wrong");
        }
    }
    assert_eq!(scene.access.peers_remembered(), PEERS_MAX);
    let who = scene.access.identify(START, "192.0.2.7", &token).expect("she never failed");
    assert_eq!(who.identity(), ann);
}

#[test]
fn who_attacks_a_token_that_is_under_attack_has_one_try() {
    let mut scene = Scene::new(Rules::default());
    let ann = scene.person("ann", Role::Operator);
    let token = scene.token(ann);
    let near = format!("{}x", &token[..token.len() - 1]);
    for peer in 0..scene.rules.attempts_max {
        scene.access.identify(START, &format!("198.51.100.{peer}"), &near).expect_err("it is wrong");
    }
    let until = START + scene.rules.lock_out;
    assert_eq!(scene.access.identify(START, "203.0.113.1", &near), Err(Denied::Unknown));
    assert_eq!(scene.access.identify(START, "203.0.113.1", &token), Err(Denied::LockedOut { until }));
    assert!(scene.access.identify(START, "203.0.113.2", &token).is_ok(), "her other address is not theirs");
    assert!(scene.access.identify(until, "203.0.113.1", &token).is_ok(), "it ends");
}

#[test]
fn unknown_wrong_expired_and_revoked_are_one_answer() {
    let mut scene = Scene::new(Rules { attempts_max: 1_000, ..Rules::default() });
    let ann = scene.person("ann", Role::Operator);
    let good = scene.token(ann);
    let entropy = scene.entropy();
    let ends = START + Interval::HOUR;
    let brief =
        scene.access.issue_token(START, None, ann, "brief", Some(ends), &entropy).expect("there is room");
    let brief = scene.keep(brief);
    let brief_text = brief.token.reveal().to_owned();
    let before = scene.access.identify(ends - Interval(1), "p", &brief_text).expect("it still counts");
    assert_eq!(scene.access.identify(ends, "p", &brief_text), Err(Denied::Unknown));
    assert!(!scene.access.sees(ends, &before, "any"), "who came with it is out too");

    let gone = scene.who(ann);
    let revoked = scene.access.revoke(gone.credential()).expect("it is there");
    scene.keep(revoked);
    assert!(!scene.access.sees(START, &gone, "any"));
    let long = format!("{good}{}", "a".repeat(100_000));
    for text in ["", " ", TOKEN_PREFIX, WRONG, &good[1..], &good.to_uppercase(), &format!("{good} "), &long] {
        let denied = scene.access.identify(START, "p", text).expect_err("it is none");
        assert_eq!((denied, denied.class()), (Denied::Unknown, Class::Unauthenticated), "{text}");
    }
    scene.restart();
    assert!(scene.access.identify(START, "p", &good).is_ok());
}

#[test]
fn an_empty_token_is_no_guess() {
    let mut scene = Scene::new(Rules::default());
    let ann = scene.person("ann", Role::Viewer);
    let token = scene.token(ann);
    for _ in 0..100 {
        assert_eq!(scene.access.identify(START, "p", ""), Err(Denied::Unknown));
    }
    assert!(scene.access.identify(START, "p", &token).is_ok());
}

#[test]
fn a_discord_account_is_a_person_once_it_is_linked() {
    let mut scene = Scene::new(Rules::default());
    let (ann, ben) = (scene.person("ann", Role::Operator), scene.person("ben", Role::Viewer));
    assert_eq!(scene.access.identify_discord(START, 42), Err(Denied::Unknown));
    let linked = scene.access.link_discord(START, None, ann, 42).expect("nobody has it");
    let link = scene.keep(linked);
    assert_eq!(scene.access.identify_discord(START, 42).map(|who| who.identity()), Ok(ann));
    assert!(scene.access.link_discord(START, None, ben, 42).is_err(), "one account is one person");
    let revoked = scene.access.revoke(link).expect("it is there");
    scene.keep(revoked);
    assert_eq!(scene.access.identify_discord(START, 42), Err(Denied::Unknown));
}

#[test]
fn when_a_token_was_last_used_is_kept_to_a_minute() {
    let mut scene = Scene::new(Rules::default());
    let ann = scene.person("ann", Role::Viewer);
    let token = scene.token(ann);
    let mut writes = 0;
    for second in 0..150 {
        scene.access.identify(START + Interval(second * 1_000), "p", &token).expect("it is hers");
        writes += u32::from(scene.access.unsaved().is_some());
    }
    assert_eq!(writes, 3);
    let last_used = scene.access.identities().next().expect("ann").credentials[0].last_used;
    assert_eq!(last_used, Some(START + Interval::minutes(2)));
}
