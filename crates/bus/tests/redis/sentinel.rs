//! The master dies, a sentinel makes another: whoever was on the bus is there again, and what had a copy is there.

use crate::server::{SentinelServer, Server, is_there};
use bus::Failed;
use bus::redis::{End, Login, Sentinel, Settings};
use bus::registry::{Life, Registry};
use control::{Bus, Reader, Subscription, Topic, Unsent};
use farm::lease::{Clocks, LeaseRequest, ShardId};
use model::{Interval, Time};
use std::thread;
use std::time::{Duration, Instant};

fn members(topic: &Topic) -> [Subscription; 1] {
    let reader = Reader::Group { name: "group".to_owned(), member: "a".to_owned() };
    [Subscription { topic: topic.clone(), reader }]
}

#[test]
fn a_failover_is_followed_and_loses_nothing_that_has_a_copy() {
    if !is_there("redis-server") || !is_there("redis-sentinel") {
        return;
    }
    let began = Instant::now();
    let mut master = Server::start(&[]);
    let _replica = Server::follow(master.port);
    let sentinel = SentinelServer::start("farm", master.port, 1_000);
    let settings = Settings {
        host: "nowhere.invalid".to_owned(),
        sentinel: Some(Sentinel {
            // The first of them is dead.
            nodes: vec![("127.0.0.1".to_owned(), 1), ("127.0.0.1".to_owned(), sentinel.port)],
            master: "farm".to_owned(),
            login: Login::default(),
        }),
        copies_min: 1,
        answer_within: Interval(1_000),
        ..Settings::default()
    };
    let topic = Topic::events();
    let mut reader = End::new(settings.clone(), &members(&topic));
    while let Err(failed) = reader.reach() {
        assert!(began.elapsed() < Duration::from_secs(10), "{failed}");
    }
    let mut sender = End::new(settings.clone(), &[]);
    let mut send = |n: u32| {
        let until = Instant::now() + Duration::from_secs(25);
        while let Err(unsent) = sender.send(&topic, &n.to_le_bytes()) {
            assert!(matches!(unsent, Unsent::Away(_)) && Instant::now() < until, "{n}: {unsent}");
        }
    };
    // The sentinel must have seen the replica before it can make it the master: it looks every ten seconds.
    (0..50).for_each(&mut send);
    let waits = Duration::from_secs(12).saturating_sub(began.elapsed());
    thread::sleep(waits);
    let mut registry = Registry::new(settings.clone());
    let life = Life::begin();
    let ask = |mono| LeaseRequest::Acquire {
        shard: ShardId(1),
        node: life.node,
        asked_at: Clocks { mono: Time(mono), wall: Time(mono) },
    };
    registry.connect(Instant::now() + Duration::from_secs(2)).expect("the master is there");
    registry.hear(life, &ask(1), 9).expect("it answers");
    master.kill();
    let died = Instant::now();
    // With one server left nobody makes copies any more.
    let mut alone = End::new(Settings { copies_min: 0, ..settings.clone() }, &[]);
    for n in 50..60_u32 {
        let until = Instant::now() + Duration::from_secs(25);
        while let Err(unsent) = alone.send(&topic, &n.to_le_bytes()) {
            assert!(Instant::now() < until, "{n}: {unsent}");
        }
    }
    println!("the bus went on {} ms after its master's death", died.elapsed().as_millis());
    let mut next = 0;
    while next < 60 {
        let Ok(Some(came)) = reader.next(Interval(5_000)) else { panic!("message {next} is lost") };
        let n = u32::from_le_bytes(came.message.try_into().expect("four bytes"));
        assert!(n <= next, "message {next} is lost, {n} came");
        next = next.max(n + 1);
    }
    // Another master is another life: it is silent, whatever the first one would have said by now.
    while registry.connect(Instant::now() + Duration::from_secs(1)).is_err()
        || registry.hear(life, &ask(2), 9).is_err()
    {}
    let answer = registry.hear(life, &ask(3), 9).expect("it answers").expect("it is answered");
    assert_eq!(answer.granted, None);
    let stranger = Sentinel { master: "nobody".to_owned(), ..settings.sentinel.clone().expect("set above") };
    let failed = End::new(Settings { sentinel: Some(stranger), ..settings }, &[]).reach();
    assert!(matches!(failed, Err(Failed::NoMaster { asked: 2, .. })), "{failed:?}");
}
