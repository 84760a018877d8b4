//! From a command on the bus to the shard's acknowledgement, which it gives when the command is in its journal on the disk:
//! in one process and over a Redis, each as a multiple of a bare round trip over the same channel in the same run. Bare is
//! somebody who answers at once; a second one has written a line to the same disk before he answers, as who acknowledges must.
//!
//! It refuses to state a figure of another machine, or of another run: it prints what it measured.
#![allow(clippy::print_stdout, missing_docs, reason = "a bench prints")]

#[path = "../tests/scene/mod.rs"]
mod scene;

use bus::local::Queues;
use bus::redis::Settings;
use control::message::Errand;
use control::{Message, Reader, Subscription, Topic};
use edge::exchange::Clock;
use farm::lease::ShardId;
use model::{BotId, Command, CommandId, Instruction, Interval, Role, Scope};
use rig::redis::Server;
use rig::{Scratch, is_there};
use runtime::host::{Host, NoWitness, Wiring};
use runtime::shard::Leaving;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// A farm takes some hundred commands a minute; more are a flood.
const ROUNDS: usize = 100;
const WARM_UP: usize = 15;
const PATIENCE: Interval = Interval(10_000);

/// The middle one and the hundredth worst.
#[derive(Clone, Copy)]
struct Measured {
    p50: Duration,
    p99: Duration,
}

fn measure(mut round: impl FnMut(usize)) -> Measured {
    (0..WARM_UP).for_each(&mut round);
    let timed = |number| {
        let begun = Instant::now();
        round(WARM_UP + number);
        begun.elapsed()
    };
    let mut taken: Vec<Duration> = (0..ROUNDS).map(timed).collect();
    taken.sort_unstable();
    Measured { p50: taken[ROUNDS / 2], p99: taken[ROUNDS * 99 / 100] }
}

fn show(name: &str, measured: Measured, bare: Measured, durable: Measured) {
    let times = |other: Duration| measured.p50.as_secs_f64() / other.as_secs_f64();
    println!(
        "{name:<34} p50 {:>9.1?}  p99 {:>9.1?}   {:>5.2}x bare, {:>5.2}x bare with a line on the disk (p50)",
        measured.p50,
        measured.p99,
        times(bare.p50),
        times(durable.p50)
    );
}

fn group(topic: Topic) -> [Subscription; 1] {
    [Subscription { topic, reader: Reader::Group { name: "bench".to_owned(), member: "a".to_owned() } }]
}

/// Somebody asks on a topic, somebody else answers on another.
fn bare(wiring: &Wiring, mut disk: Option<File>) -> Measured {
    let (asked, answered) = (Topic::commands("bare").expect("a topic"), Topic::answers());
    let mut near = wiring.open(&group(answered.clone()));
    let mut far = wiring.open(&group(asked.clone()));
    let answering = thread::spawn(move || {
        while let Some(delivery) = far.next(PATIENCE).expect("the bus is there") {
            if delivery.message.len() == 1 {
                // Done with, or whoever comes next would be told to end.
                let _nothing_more = far.next(Interval(1));
                return;
            }
            if let Some(disk) = &mut disk {
                disk.write_all(&delivery.message).and_then(|()| disk.sync_data()).expect("there is room");
            }
            far.send(&answered, &delivery.message).expect("room");
        }
    });
    let message = errand(0);
    // Until both read, what is said may be heard by nobody.
    loop {
        near.send(&asked, &message).expect("room");
        if near.next(Interval(500)).expect("the bus is there").is_some() {
            break;
        }
    }
    while near.next(Interval(100)).expect("the bus is there").is_some() {}
    let measured = measure(|_| {
        near.send(&asked, &message).expect("room");
        near.next(PATIENCE).expect("the bus is there").expect("an answer");
    });
    near.send(&asked, b".").expect("room");
    // It reads on until it is told to end.
    let _last = near.next(Interval(10));
    answering.join().expect("it answers to the end");
    measured
}

/// A bot is paused and resumed: as light as a command is.
fn errand(number: usize) -> Vec<u8> {
    let scope = Scope::Bot(BotId(1));
    let instruction =
        if number.is_multiple_of(2) { Instruction::Pause(scope) } else { Instruction::Resume(scope) };
    let id = CommandId(number as u64 + 1);
    let command = Command { id, role: Role::Operator, given_at: Clock::wall(), instruction };
    Message::Errand(Errand::of("main", &command)).encode()
}

fn commands(wiring: &Wiring, home: &Scratch) -> Measured {
    let plans = vec![(ShardId(0), scene::plan(&home.0, 1.0))];
    let host = Host::start(plans, wiring, Arc::new(NoWitness), Arc::default()).expect("it is hosted");
    host.wait_up(Duration::from_secs(60)).expect("it comes up");
    let topic = Topic::commands("main").expect("a topic");
    let mut end = wiring.open(&group(Topic::answers()));
    let _nothing_yet = end.next(Interval(200)).expect("the bus is there");
    let measured = measure(|number| {
        end.send(&topic, &errand(number)).expect("room");
        loop {
            let delivery = end.next(PATIENCE).expect("the bus is there").expect("an answer");
            let Ok(Message::Done(done)) = Message::decode(&delivery.message) else { continue };
            if done.id == number as u64 + 1 {
                assert!(done.objection.is_none(), "{done:?}");
                return;
            }
        }
    });
    host.leave(Leaving::Keep);
    measured
}

fn line_file(home: &Scratch) -> File {
    File::create(home.0.join("lines")).expect("a file of its own")
}

fn over(name: &str, wiring: &Wiring) {
    let home = Scratch::new();
    let (plain, durable) = (bare(wiring, None), bare(wiring, Some(line_file(&home))));
    let acknowledged = commands(wiring, &home);
    println!("{name}");
    show("  bare", plain, plain, durable);
    show("  bare, with a line on the disk", durable, plain, durable);
    show("  command to acknowledgement", acknowledged, plain, durable);
}

fn main() {
    over("in one process", &Wiring::Local(Queues::default()));
    if !is_there("redis-server") {
        return;
    }
    for fsync in ["everysec", "always"] {
        let server = Server::start(&["--appendfsync", fsync]);
        let settings = Settings { port: server.port, ..Settings::default() };
        over(&format!("over Redis, appendfsync {fsync}"), &Wiring::Redis(Box::new(settings)));
    }
}
