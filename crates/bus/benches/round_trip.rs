//! How long a question and its answer take over each bus, as a multiple of the barest way over the same channel in the same
//! run: two threads and two channels, a PING to the same server, and a push and a blocking pop for each way.
//!
//! It refuses to state a figure of another machine, or of another run: it prints what it measured.
#![allow(clippy::print_stdout, missing_docs, reason = "a bench prints")]

use bus::local::Queues;
use bus::redis::{End, Settings};
use control::{Bus, Reader, Subscription, Topic};
use model::Interval;
use rig::is_there;
use rig::redis::Server;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

const ROUNDS: usize = 4_000;
const WARM_UP: usize = 400;
const MESSAGE: &[u8] = &[b'x'; 200];

/// The middle one and the hundredth worst.
struct Measured {
    p50: Duration,
    p99: Duration,
}

fn measure(mut round: impl FnMut()) -> Measured {
    (0..WARM_UP).for_each(|_| round());
    let mut taken: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            round();
            began.elapsed()
        })
        .collect();
    taken.sort_unstable();
    Measured { p50: taken[ROUNDS / 2], p99: taken[ROUNDS * 99 / 100] }
}

fn show(name: &str, measured: &Measured, bare: &Measured) {
    let times = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64();
    println!(
        "{name:<44} p50 {:>9.1?} ({:>5.2}x)   p99 {:>9.1?} ({:>5.2}x)",
        measured.p50,
        times(measured.p50, bare.p50),
        measured.p99,
        times(measured.p99, bare.p99)
    );
}

fn member(topic: &Topic) -> [Subscription; 1] {
    let reader = Reader::Group { name: "group".to_owned(), member: "a".to_owned() };
    [Subscription { topic: topic.clone(), reader }]
}

fn bare_channels() -> Measured {
    let (ask, asked) = channel::<Vec<u8>>();
    let (answer, answers) = channel::<Vec<u8>>();
    thread::spawn(move || {
        while let Ok(message) = asked.recv() {
            let _ = answer.send(message);
        }
    });
    measure(|| {
        ask.send(MESSAGE.to_vec()).expect("somebody hears");
        answers.recv().expect("somebody answers");
    })
}

/// One asks on `commands`, another answers on `answers`.
fn over(mut open: impl FnMut(&[Subscription]) -> Box<dyn Bus + Send>) -> Measured {
    let (commands, answers) = (Topic::commands("main").expect("a topic"), Topic::answers());
    let mut near = open(&member(&answers));
    let mut far = open(&member(&commands));
    let to = answers.clone();
    let answering = thread::spawn(move || {
        loop {
            match far.next(Interval(5_000)).expect("the bus is there") {
                Some(delivery) if delivery.message.is_empty() => return,
                Some(delivery) => far.send(&to, &delivery.message).expect("room"),
                None => {}
            }
        }
    });
    let measured = measure(|| {
        near.send(&commands, MESSAGE).expect("room");
        near.next(Interval(5_000)).expect("the bus is there").expect("an answer");
    });
    near.send(&commands, b"").expect("room");
    answering.join().expect("it answers to the end");
    measured
}

fn redis_of(server: &Server) -> redis::Connection {
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", server.port)).expect("an address");
    client.get_connection().expect("the server is there")
}

fn bare_ping(server: &Server) -> Measured {
    let mut connection = redis_of(server);
    measure(|| redis::cmd("PING").exec(&mut connection).expect("it answers"))
}

fn bare_lists(server: &Server) -> Measured {
    let (mut near, mut far) = (redis_of(server), redis_of(server));
    let take = |connection: &mut redis::Connection, list: &str| -> (String, Vec<u8>) {
        redis::cmd("BLPOP").arg(list).arg(5).query(connection).expect("it answers")
    };
    let give = |connection: &mut redis::Connection, list: &str, message: &[u8]| {
        redis::cmd("RPUSH").arg(list).arg(message).exec(connection).expect("it answers");
    };
    thread::spawn(move || {
        loop {
            let (_, message) = take(&mut far, "asked");
            if message.is_empty() {
                return;
            }
            give(&mut far, "answered", &message);
        }
    });
    let measured = measure(|| {
        give(&mut near, "asked", MESSAGE);
        take(&mut near, "answered");
    });
    give(&mut near, "asked", b"");
    measured
}

fn main() {
    let channels = bare_channels();
    let queues = Queues::default();
    let local = over(|reads| Box::new(queues.open(reads)));
    show("two threads and two channels", &channels, &channels);
    show("the queues of one process", &local, &channels);
    if !is_there("redis-server") {
        return;
    }
    for (name, fsync) in
        [("written down before each answer", "always"), ("written down once a second", "everysec")]
    {
        let server = Server::start(&["--appendfsync", fsync]);
        let (ping, lists) = (bare_ping(&server), bare_lists(&server));
        let redis = over(|reads| {
            let mut end = End::new(Settings { port: server.port, ..Settings::default() }, reads);
            end.reach().expect("the server is there");
            Box::new(end)
        });
        println!("redis, {name}:");
        show("  PING", &ping, &ping);
        show("  RPUSH and BLPOP, there and back", &lists, &ping);
        show("  the bus, there and back", &redis, &ping);
        show("  the same, of RPUSH and BLPOP", &redis, &lists);
    }
}
