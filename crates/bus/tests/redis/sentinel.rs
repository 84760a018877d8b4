//! The master dies, a sentinel makes another: whoever was on the bus is there again, and what had a copy is there.

use bus::Failed;
use bus::redis::{End, Login, Sentinel, Settings};
use bus::registry::{Life, Registry};
use control::{Bus, Reader, Subscription, Topic, Unsent};
use farm::lease::{Clocks, LeaseRequest, ShardId};
use model::{Interval, Time};
use rig::is_there;
use rig::redis::{SentinelServer, Server};
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

fn members(topic: &Topic) -> [Subscription; 1] {
    let reader = Reader::Group { name: "group".to_owned(), member: "a".to_owned() };
    [Subscription { topic: topic.clone(), reader }]
}

/// Settings by which the master is asked of a sentinel, the first of the list being dead.
fn through(sentinel: &SentinelServer) -> Settings {
    Settings {
        host: "nowhere.invalid".to_owned(),
        sentinel: Some(Sentinel {
            nodes: vec![("127.0.0.1".to_owned(), 1), ("127.0.0.1".to_owned(), sentinel.port)],
            master: "farm".to_owned(),
            login: Login::default(),
        }),
        copies_min: 1,
        answer_within: Interval(1_000),
        ..Settings::default()
    }
}

/// Sends these numbers, each until it is taken.
fn send_all(end: &mut End, topic: &Topic, numbers: Range<u32>) {
    for n in numbers {
        let until = Instant::now() + Duration::from_secs(25);
        while let Err(unsent) = end.send(topic, &n.to_le_bytes()) {
            assert!(matches!(unsent, Unsent::Away(_)) && Instant::now() < until, "{n}: {unsent}");
        }
    }
}

/// Hears them all, each first after the one before it.
fn hear_all(end: &mut End, count: u32) {
    let mut next = 0;
    while next < count {
        let Ok(Some(came)) = end.next(Interval(5_000)) else { panic!("message {next} is lost") };
        let n = u32::from_le_bytes(came.message.try_into().expect("four bytes"));
        assert!(n <= next, "message {next} is lost, {n} came");
        next = next.max(n + 1);
    }
}

fn ask(registry: &mut Registry, life: Life, mono: i64) -> Option<u16> {
    let asked_at = Clocks { mono: Time(mono), wall: Time(mono) };
    let request = LeaseRequest::Acquire { shard: ShardId(1), node: life.node, asked_at };
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let connected = registry.connect(Instant::now() + Duration::from_secs(1));
        match connected.and_then(|()| registry.hear(life, &request, 9)) {
            Ok(answer) => return answer.expect("an answer to a question").granted,
            Err(failed) => assert!(Instant::now() < until, "{failed}"),
        }
    }
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
    let settings = through(&sentinel);
    let topic = Topic::events();
    let mut reader = End::new(settings.clone(), &members(&topic));
    while let Err(failed) = reader.reach() {
        assert!(began.elapsed() < Duration::from_secs(10), "{failed}");
    }
    send_all(&mut End::new(settings.clone(), &[]), &topic, 0..50);
    let (mut registry, life) = (Registry::new(settings.clone()), Life::begin());
    ask(&mut registry, life, 1);
    // The sentinel must have seen the replica before it can make it the master: it looks every ten seconds. By then the first
    // master's silence is nearly over, and the second one's begins.
    thread::sleep(Duration::from_secs(12).saturating_sub(began.elapsed()));
    master.kill();
    let died = Instant::now();
    // With one server left nobody makes copies any more.
    send_all(&mut End::new(Settings { copies_min: 0, ..settings.clone() }, &[]), &topic, 50..60);
    println!("the bus went on {} ms after its master's death", died.elapsed().as_millis());
    hear_all(&mut reader, 60);
    thread::sleep(Duration::from_millis(15_500).saturating_sub(began.elapsed()));
    assert_eq!(ask(&mut registry, life, 2), None, "another master is another life, and silent");
    let stranger = Sentinel { master: "nobody".to_owned(), ..settings.sentinel.clone().expect("set above") };
    let failed = End::new(Settings { sentinel: Some(stranger), ..settings }, &[]).reach();
    assert!(matches!(failed, Err(Failed::NoMaster { asked: 2, .. })), "{failed:?}");
}
