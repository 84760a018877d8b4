//! Who is let in, and over what: users of the access list, encryption by one's own authority, several farms on one server.

use bus::Failed;
use bus::redis::{End, Login, Password, Settings, Tls};
use bus::registry::{Life, Registry};
use control::{Bus, Reader, Subscription, Topic};
use farm::lease::{Clocks, LeaseRequest, ShardId};
use model::Interval;
use rig::redis::Server;
use rig::{Scratch, free_port, is_there};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What `docs/bus.md` says a user must be allowed, and no more.
const ALLOWED: &str = "user bus on >hunter2 resetchannels ~omega:* -@all +auth +select +ping +eval +evalsha +script|load \
    +xadd +xread +xreadgroup +xack +xclaim +xpending +xinfo +xtrim +xrange +xlen +xgroup|create +exists \
    +hget +hmget +hset +time +info +role +wait\nuser default off\n";

fn member(topic: &Topic) -> [Subscription; 1] {
    let reader = Reader::Group { name: "group".to_owned(), member: "a".to_owned() };
    [Subscription { topic: topic.clone(), reader }]
}

/// Sends and hears, to the end of what an end does: also what is laid aside.
fn goes_through(settings: &Settings) {
    let topic = Topic::events();
    let mut reader = End::new(settings.clone(), &member(&topic));
    reader.reach().expect("it is let in");
    let mut sender = End::new(settings.clone(), &[]);
    sender.send(&topic, b"poison").expect("it may send");
    for _ in 0..control::bus::DELIVERIES_MAX {
        reader = End::new(settings.clone(), &member(&topic));
        let came = reader.next(Interval(2_000)).expect("it may read").expect("it was sent");
        assert_eq!(came.message, b"poison");
    }
    reader = End::new(settings.clone(), &member(&topic));
    assert_eq!(reader.next(Interval(50)).expect("it may read"), None);
    assert_eq!(reader.laid_aside(&topic), Ok(1));
    sender.send(&topic, b"good").expect("it may send");
    let came = reader.next(Interval(2_000)).expect("it may read").expect("it was sent");
    assert_eq!(came.message, b"good");
}

#[test]
fn a_user_of_the_access_list_may_what_the_bus_needs_and_nobody_else_may_anything() {
    if !is_there("redis-server") {
        return;
    }
    let dir = Scratch::new();
    let list = dir.0.join("users.acl");
    std::fs::write(&list, ALLOWED).expect("an access list");
    let server = Server::start(&["--aclfile", list.to_str().expect("plain")]);
    let login = |user: Option<&str>, password: &str| Login {
        user: user.map(str::to_owned),
        password: Some(Password(password.to_owned())),
    };
    let good = Settings {
        port: server.port,
        login: login(Some("bus"), "hunter2"),
        answer_within: Interval(500),
        ..Settings::default()
    };
    goes_through(&good);
    let mut registry = Registry::new(good.clone());
    registry.connect(Instant::now() + Duration::from_secs(2)).expect("it is let in");
    let life = Life::begin();
    let asked_at = Clocks::default();
    let request = LeaseRequest::Acquire { shard: ShardId(1), node: life.node, asked_at };
    let answer = registry.hear(life, &request, 0).expect("it may ask").expect("it is answered");
    assert_eq!(answer.granted, None, "a new server is silent");

    let wrong = [
        Settings { login: login(Some("bus"), "wrong-canary"), ..good.clone() },
        Settings { login: login(None, "hunter2"), ..good.clone() },
        Settings { login: Login::default(), ..good.clone() },
        Settings { prefix: "another".to_owned(), ..good.clone() },
    ];
    for settings in wrong {
        let mut end = End::new(settings.clone(), &member(&Topic::events()));
        let failed = end.reach().expect_err("it must not be let in");
        assert!(matches!(failed, Failed::NotLetIn { .. }), "{failed:?}");
        let unsent = end.send(&Topic::events(), b"x").expect_err("it must not send");
        let shown = format!("{failed} {failed:?} {unsent} {unsent:?} {settings:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("canary"), "{shown}");
    }
}

/// An authority and a server's certificate for this machine, by the system's own tool.
fn certify(dir: &Path) {
    let run = |arguments: &str| {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut command = Command::new("openssl");
        command.current_dir(dir).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().expect("openssl is there").success());
    };
    std::fs::write(dir.join("leaf.ext"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        .expect("a file");
    for name in ["root", "other"] {
        run(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={name} \
             -keyout {name}.key -out {name}.pem"
        ));
    }
    run(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=redis -keyout leaf.key -out leaf.csr",
    );
    run(
        "x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2 -extfile leaf.ext -out leaf.pem",
    );
}

#[test]
fn an_encrypted_line_is_trusted_by_ones_own_authority_only() {
    if !is_there("redis-server") || !is_there("openssl") {
        return;
    }
    let dir = Scratch::new();
    certify(&dir.0);
    let path = |name: &str| dir.0.join(name).to_str().expect("plain").to_owned();
    let (port, plain) = (free_port(), free_port());
    let server = Server::start_on(
        plain,
        &[
            "--tls-port",
            &port.to_string(),
            "--tls-cert-file",
            &path("leaf.pem"),
            "--tls-key-file",
            &path("leaf.key"),
            "--tls-ca-cert-file",
            &path("root.pem"),
            "--tls-auth-clients",
            "no",
        ],
    );
    let pem = |name: &str| Some(std::fs::read(dir.0.join(name)).expect("a certificate"));
    let good = Settings {
        port,
        tls: Some(Tls { authority_pem: pem("root.pem") }),
        answer_within: Interval(1_000),
        ..Settings::default()
    };
    goes_through(&good);
    let wrong = [
        Settings { tls: Some(Tls { authority_pem: pem("other.pem") }), ..good.clone() },
        Settings { tls: Some(Tls { authority_pem: None }), ..good.clone() },
        // The certificate is for the address, not for the name.
        Settings { host: "localhost".to_owned(), ..good.clone() },
    ];
    for settings in wrong {
        let failed = End::new(settings, &[]).reach().expect_err("it must not be trusted");
        assert!(matches!(failed, Failed::NotEncrypted { .. }), "{failed:?}");
    }
    let unencrypted = Settings { tls: None, ..good };
    End::new(unencrypted, &[]).reach().expect_err("it speaks to nobody in the clear");
    drop(server);
}

#[test]
fn farms_on_one_server_do_not_hear_each_other() {
    if !is_there("redis-server") {
        return;
    }
    let server = Server::start(&[]);
    let farm = |prefix: &str, db| Settings {
        port: server.port,
        prefix: prefix.to_owned(),
        db,
        ..Settings::default()
    };
    let all = [farm("one", 0), farm("two", 0), farm("one", 3)];
    let topic = Topic::events();
    let mut ends = all.clone().map(|settings| End::new(settings, &member(&topic)));
    ends.iter_mut().for_each(|end| end.reach().expect("the server is there"));
    End::new(all[0].clone(), &[]).send(&topic, b"for one").expect("the server is there");
    for (i, end) in ends.iter_mut().enumerate() {
        let came = end.next(Interval(100)).expect("it answers");
        assert_eq!(came.is_some(), i == 0, "farm {i}");
    }
}
