//! How a server is set up, as whoever looks before a farm needs it is told; nothing is changed by looking.

use crate::access::ALLOWED;
use bus::Failed;
use bus::redis::{Condition, Login, Password, Settings};
use rig::redis::Server;
use rig::{Scratch, is_there};

fn settings(server: &Server, user: Option<&str>) -> Settings {
    let password = user.map(|_| Password("hunter2".to_owned()));
    Settings {
        port: server.port,
        login: Login { user: user.map(str::to_owned), password },
        ..Settings::default()
    }
}

#[test]
fn a_server_as_it_must_be_and_one_as_it_must_not() {
    if !is_there("redis-server") {
        return;
    }
    let good = Server::start(&[]);
    let found = Condition::of(&settings(&good, None)).expect("it answers");
    assert!(found.is_at_least(6, 2) && found.round_trip.as_secs() < 1, "{found:?}");
    assert_eq!((found.policy.as_deref(), found.keeps_log), (Some("noeviction"), Some(true)));
    assert!(found.ahead.0.abs() < 1_000, "it is this machine's clock: {found:?}");
    let bad = Server::start(&["--maxmemory-policy", "allkeys-lru", "--appendonly", "no"]);
    let found = Condition::of(&settings(&bad, None)).expect("it answers");
    assert_eq!((found.policy.as_deref(), found.keeps_log), (Some("allkeys-lru"), Some(false)));
    drop(bad);
    let gone = Settings { port: rig::free_port(), ..Settings::default() };
    assert!(matches!(Condition::of(&gone), Err(Failed::NotReached { .. })));
}

#[test]
fn the_least_user_may_all_that_is_needed_and_whoever_may_less_is_told_what() {
    if !is_there("redis-server") {
        return;
    }
    let dir = Scratch::new();
    let list = dir.0.join("users.acl");
    for (users, refused) in [
        (ALLOWED.to_owned(), vec![]),
        (ALLOWED.replace("+xclaim", "").replace("+hset", ""), vec!["HSET", "XCLAIM"]),
        (ALLOWED.replace("~omega:*", "~other:*").replace("+wait", ""), vec!["WAIT"]),
    ] {
        std::fs::write(&list, &users).expect("an access list");
        let server = Server::start(&["--aclfile", list.to_str().expect("plain")]);
        let about = Condition::of(&settings(&server, Some("bus")));
        if users.contains("~other") {
            assert!(
                matches!(about, Err(Failed::NotLetIn { .. })),
                "whose keys are others' is not let in: {about:?}"
            );
            continue;
        }
        let found = about.expect("it is let in").refused.expect("it is new enough to say");
        assert_eq!(found, refused, "{users}");
    }
}
