//! Redis holds the contract, over a line that breaks and on a server that dies.

use crate::proxy::Proxy;
use bus::redis::{End, Settings};
use control::bus::contract::{Host, Trouble, cases};
use control::bus::{MESSAGE_BYTES_MAX, WAITING_MAX};
use control::{Bus, Reader, Subscription, Topic, Unsent};
use model::{Interval, Time};
use rig::is_there;
use rig::redis::Server;
use std::thread;
use std::time::{Duration, Instant};

/// A server, and the line to it.
struct OverRedis {
    server: Server,
    line: Proxy,
    settings: Settings,
    began: Instant,
}

impl OverRedis {
    fn start() -> OverRedis {
        let server = Server::start(&[]);
        let line = Proxy::to(server.port);
        let settings = Settings {
            port: line.port,
            waiting_max: 1_000,
            give_up_after: Interval(1_000),
            ..Settings::default()
        };
        OverRedis { server, line, settings, began: Instant::now() }
    }
}

impl Host for OverRedis {
    fn open(&mut self, reads: &[Subscription]) -> Box<dyn Bus> {
        let mut end = End::new(self.settings.clone(), reads);
        end.reach().expect("the server is there");
        Box::new(end)
    }

    fn crash(&mut self, end: Box<dyn Bus>) {
        drop(end);
    }

    fn pass(&mut self, how_long: Interval) {
        thread::sleep(Duration::from_millis(how_long.0.unsigned_abs()));
    }

    fn now(&mut self) -> Time {
        Time(i64::try_from(self.began.elapsed().as_millis()).expect("a test is short"))
    }

    fn given_up_after(&self) -> Interval {
        self.settings.give_up_after
    }

    fn waiting_max(&self) -> usize {
        self.settings.waiting_max
    }

    fn laid_aside(&mut self, topic: &Topic) -> u64 {
        End::new(self.settings.clone(), &[]).laid_aside(topic).expect("the server answers")
    }

    fn may_repeat(&self) -> bool {
        false
    }

    fn late_max(&self) -> Interval {
        Interval(1_000)
    }

    fn trouble(&mut self, trouble: Trouble) -> bool {
        match trouble {
            Trouble::Restart => {
                self.server.kill();
                self.server.start_again();
            }
            Trouble::Cut => self.line.cut(Duration::from_millis(200)),
        }
        true
    }
}

#[test]
fn redis_holds_the_contract() {
    if !is_there("redis-server") {
        return;
    }
    let mut host = OverRedis::start();
    let failed: Vec<_> = cases().into_iter().filter_map(|case| case.play(&mut host).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn member(topic: &Topic, member: &str) -> [Subscription; 1] {
    let reader = Reader::Group { name: "group".to_owned(), member: member.to_owned() };
    [Subscription { topic: topic.clone(), reader }]
}

/// The server is killed again and again under full traffic: nothing that was taken is lost, whatever comes twice.
#[test]
fn a_server_killed_under_traffic_loses_nothing() {
    if !is_there("redis-server") {
        return;
    }
    let mut host = OverRedis::start();
    host.settings.waiting_max = 1_000_000;
    let topic = Topic::events();
    let mut reader = host.open(&member(&topic, "a"));
    let mut sender = host.open(&[]);
    let sending = thread::scope(|scope| {
        // The ends are this test's, one each to a thread.
        let mut ends = (SendEnd(&host.settings), SendEnd(&host.settings));
        let sending = scope.spawn(move || ends.0.send_for(Duration::from_secs(4), &Topic::events()));
        let also = scope.spawn(move || ends.1.send_for(Duration::from_secs(4), &Topic::answers()));
        for _ in 0..4 {
            thread::sleep(Duration::from_millis(700));
            host.server.kill();
            thread::sleep(Duration::from_millis(100));
            host.server.start_again();
        }
        let _ = also.join().expect("it sends");
        sending.join().expect("it sends")
    });
    sender.send(&topic, b"end").expect("the server is back");
    let (mut first_unheard, mut came) = (0, 0);
    while let Some(delivery) = reader.next(Interval(3_000)).expect("the server is back") {
        if delivery.message == b"end" {
            break;
        }
        came += 1;
        let n = u64::from_le_bytes(delivery.message.try_into().expect("eight bytes"));
        assert!(n <= first_unheard, "message {first_unheard} of {sending} is lost");
        first_unheard = first_unheard.max(n + 1);
    }
    assert_eq!(first_unheard, sending, "all that was taken came");
    println!("{sending} sent, {came} came");
}

struct SendEnd<'a>(&'a Settings);

impl SendEnd<'_> {
    /// Sends numbers until time is over, each until it is taken; how many.
    fn send_for(&mut self, how_long: Duration, topic: &Topic) -> u64 {
        let mut end = End::new(self.0.clone(), &[]);
        let began = Instant::now();
        let mut n = 0_u64;
        while began.elapsed() < how_long {
            match end.send(topic, &n.to_le_bytes()) {
                Ok(()) => n += 1,
                Err(Unsent::Away(_)) => {}
                Err(unsent) => panic!("{unsent}"),
            }
        }
        n
    }
}

/// A line on which nothing passes and nobody says so: everybody comes back in time, and goes on when it is well.
#[test]
fn a_frozen_line_holds_nobody_for_ever() {
    if !is_there("redis-server") {
        return;
    }
    let mut host = OverRedis::start();
    host.settings.answer_within = Interval(300);
    let topic = Topic::events();
    let (mut reader, mut sender) = (host.open(&member(&topic, "a")), host.open(&[]));
    sender.send(&topic, b"before").expect("it is well");
    host.line.freeze(true);
    let began = Instant::now();
    assert!(matches!(sender.send(&topic, b"lost"), Err(Unsent::Away(_))));
    reader.next(Interval(100)).expect_err("nothing passes");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    host.line.freeze(false);
    while sender.send(&topic, b"after").is_err() {
        assert!(began.elapsed() < Duration::from_secs(15), "it does not come back");
    }
    let mut heard = Vec::new();
    while heard.last().is_none_or(|last| last != b"after") {
        assert!(began.elapsed() < Duration::from_secs(15), "it does not come back");
        heard.extend(reader.next(Interval(200)).ok().flatten().map(|delivery| delivery.message));
    }
    assert_eq!(heard.first().map(Vec::as_slice), Some(b"before".as_slice()));
}

/// A server without memory says so, and takes again what fits once somebody reads.
#[test]
fn a_server_without_memory_loses_nothing() {
    if !is_there("redis-server") {
        return;
    }
    let server = Server::start(&["--maxmemory", "12mb"]);
    let settings = Settings { port: server.port, answer_within: Interval(500), ..Settings::default() };
    let topic = Topic::events();
    let mut reader = End::new(settings.clone(), &member(&topic, "a"));
    reader.reach().expect("the server is there");
    let mut sender = End::new(settings, &[]);
    let message = vec![7; MESSAGE_BYTES_MAX / 4];
    let mut sent = 0;
    let refused = loop {
        match sender.send(&topic, &message) {
            Ok(()) => sent += 1,
            Err(unsent) => break unsent,
        }
        assert!(sent < WAITING_MAX, "it never fills");
    };
    assert!(refused.to_string().contains("memory"), "{refused}");
    for _ in 0..sent {
        let came = reader.next(Interval(2_000)).expect("it answers").expect("it was taken");
        assert_eq!(came.message, message);
    }
    assert_eq!(reader.next(Interval(50)).expect("it answers"), None);
    sender.send(&topic, &message).expect("what is done with has made room");
}

/// A server that was started again with nothing on its disk: what it had is gone, and the bus goes on all the same.
#[test]
fn a_server_that_forgot_everything_is_one_to_begin_with() {
    if !is_there("redis-server") {
        return;
    }
    let mut host = OverRedis::start();
    let topic = Topic::events();
    let looks_on = [Subscription { topic: topic.clone(), reader: Reader::Everyone }];
    let (mut reader, mut looks_on) = (host.open(&member(&topic, "a")), host.open(&looks_on));
    let mut sender = host.open(&[]);
    sender.send(&topic, b"forgotten").expect("the server is there");
    for end in [&mut reader, &mut looks_on] {
        assert!(end.next(Interval(2_000)).expect("the server is there").is_some());
    }
    host.server.kill();
    host.server.forget();
    host.server.start_again();
    sender.send(&topic, b"new").expect("the server is back");
    for end in [&mut reader, &mut looks_on] {
        let came = end.next(Interval(5_000)).expect("the server is back").expect("it was sent");
        assert_eq!(came.message, b"new");
    }
}

/// What every group is done with makes room from its old end on: who looks on and is a little behind misses nothing.
#[test]
fn room_is_made_where_onlookers_are_no_more() {
    if !is_there("redis-server") {
        return;
    }
    let mut host = OverRedis::start();
    host.settings.waiting_max = 100;
    let topic = Topic::events();
    let looks_on = [Subscription { topic: topic.clone(), reader: Reader::Everyone }];
    let (mut reader, mut sender) = (host.open(&member(&topic, "a")), host.open(&[]));
    let mut pass_through = |numbers: std::ops::Range<u8>| {
        for n in numbers {
            sender.send(&topic, &[n]).expect("it makes room");
            assert!(reader.next(Interval(2_000)).expect("the server is there").is_some());
        }
    };
    pass_through(0..60);
    // Longer ago than anybody who looks on may be behind.
    thread::sleep(Duration::from_millis(10_200));
    let mut looks_on = host.open(&looks_on);
    pass_through(60..130);
    for n in 60..130 {
        let came = looks_on.next(Interval(2_000)).expect("the server is there").expect("it is kept");
        assert_eq!(came.message, [n]);
    }
}
