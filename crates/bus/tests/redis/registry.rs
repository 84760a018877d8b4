//! The registry in Redis is the one the proof is about, survives its server, and does not trust one that may have forgotten.

use crate::proxy::Proxy;
use bus::redis::Settings;
use bus::registry::{Clock, Keeper, Life, Registry};
use farm::lease::{Clocks, LeaseAnswer, LeaseRequest, NodeId, ShardId, TIME_TO_LIVE};
use farm::{Lease, LeaseNews};
use model::{Interval, Rng, Time};
use rig::is_there;
use rig::redis::Server;
use std::thread;
use std::time::{Duration, Instant};

const SHARD: ShardId = ShardId(3);

fn settings(port: u16) -> Settings {
    Settings { port, ..Settings::default() }
}

/// A registry of this server with a clock of ours, connected.
fn told(server: &Server) -> Registry {
    let mut registry = Registry::new(settings(server.port));
    registry.connect(Instant::now() + Duration::from_secs(5)).expect("the server is there");
    set_clock(&mut registry, 0, "one");
    registry
}

fn set_clock(registry: &mut Registry, now: i64, server: &str) {
    registry.clock = Clock::Told { now: Time(now), server: server.to_owned() };
}

fn stamp(mono: i64) -> Clocks {
    Clocks { mono: Time(mono), wall: Time(mono) }
}

fn life(node: NodeId) -> Life {
    Life { node, nonce: 7 }
}

fn acquire(node: u32, asked: i64) -> LeaseRequest {
    LeaseRequest::Acquire { shard: SHARD, node: NodeId(node), asked_at: stamp(asked) }
}

fn renew(node: u32, epoch: u16) -> LeaseRequest {
    LeaseRequest::Renew { shard: SHARD, node: NodeId(node), epoch, asked_at: stamp(0) }
}

fn release(node: u32, epoch: u16) -> LeaseRequest {
    LeaseRequest::Release { shard: SHARD, node: NodeId(node), epoch }
}

fn node_of(request: &LeaseRequest) -> NodeId {
    match *request {
        LeaseRequest::Acquire { node, .. }
        | LeaseRequest::Renew { node, .. }
        | LeaseRequest::Release { node, .. } => node,
    }
}

/// Says it at this hour, and what is granted.
fn say(registry: &mut Registry, now: i64, request: LeaseRequest, known: u16) -> Option<u16> {
    let Clock::Told { server, .. } = registry.clock.clone() else { panic!("the clock is ours here") };
    set_clock(registry, now, &server);
    let answer = registry.hear(life(node_of(&request)), &request, known).expect("the server answers");
    answer.and_then(|answer| answer.granted)
}

/// The tables of `farm::lease::registry`, line by line.
#[test]
fn the_tables_of_the_pure_registry_hold() {
    if !is_there("redis-server") {
        return;
    }
    let server = Server::start(&[]);
    let tables: [&[(i64, LeaseRequest, Option<u16>)]; 6] = [
        &[
            (0, acquire(1, 7), Some(1)),
            (1, acquire(2, 8), None),
            (10_000, renew(1, 1), Some(1)),
            (10_000, renew(2, 1), None),
            (24_999, acquire(2, 9), None),
            (25_000, renew(1, 1), None),
            (25_000, acquire(2, 10), Some(2)),
            (25_001, renew(1, 1), None),
            (25_002, acquire(1, 11), None),
            (40_000, acquire(1, 12), Some(3)),
        ],
        &[(0, acquire(1, 7), Some(1)), (15_000, renew(1, 1), None), (15_000, acquire(1, 8), Some(2))],
        &[
            (0, acquire(1, 7), Some(1)),
            (9_000, acquire(1, 7), Some(1)),
            (15_000, acquire(1, 7), None),
            (15_000, acquire(2, 7), Some(2)),
        ],
        &[(0, acquire(1, 7), Some(1)), (100, acquire(1, 8), None), (15_000, acquire(1, 9), Some(2))],
        &[
            (0, acquire(1, 7), Some(1)),
            (1, release(2, 1), None),
            (1, release(1, 2), None),
            (1, acquire(2, 8), None),
            (2, release(1, 1), None),
            (3, renew(1, 1), None),
            (3, acquire(2, 9), Some(2)),
            (4, release(1, 1), None),
            (5, acquire(3, 10), None),
            (6, release(2, 2), None),
            (7, acquire(2, 9), None),
        ],
        &[
            (100_000, acquire(1, 7), Some(1)),
            (50_000, acquire(2, 8), None),
            (50_000, renew(1, 1), Some(1)),
            (114_999, acquire(2, 9), None),
            (115_000, acquire(2, 10), Some(2)),
        ],
    ];
    for (n, lines) in tables.into_iter().enumerate() {
        let settings = Settings { prefix: format!("table{n}"), ..settings(server.port) };
        let mut registry = Registry::new(settings);
        registry.connect(Instant::now() + Duration::from_secs(5)).expect("the server is there");
        // The first life of a server is a stranger too: its silence is over before the table begins.
        set_clock(&mut registry, -TIME_TO_LIVE.0, "one");
        assert_eq!(say(&mut registry, -TIME_TO_LIVE.0, acquire(9, 1), 0), None);
        for (i, (now, request, granted)) in lines.iter().enumerate() {
            assert_eq!(say(&mut registry, *now, *request, 0), *granted, "table {n} line {i}: {request:?}");
        }
    }
}

/// Whatever is said, in whatever order, at whatever hour of a clock that may be set back: both say the same.
#[test]
fn it_answers_as_the_pure_registry_does() {
    if !is_there("redis-server") {
        return;
    }
    let server = Server::start(&[]);
    for seed in 0..60 {
        let mut rng = Rng::new(seed);
        let settings = Settings { prefix: format!("seed{seed}"), ..settings(server.port) };
        let mut registry = Registry::new(settings);
        registry.connect(Instant::now() + Duration::from_secs(5)).expect("the server is there");
        set_clock(&mut registry, 0, "one");
        assert_eq!(say(&mut registry, 0, acquire(9, 1), 0), None);
        // Both have seen the end of the silence, before which no clock can be set back.
        let (mut pure, mut now) = (farm::Registry::default(), TIME_TO_LIVE.0);
        assert_eq!(say(&mut registry, now, renew(9, 1), 0), None);
        pure.hear(Time(now), &renew(9, 1));
        for step in 0..80 {
            now += match rng.below(12) {
                0 => -i64::try_from(rng.below(20_000)).expect("small"),
                1 => i64::try_from(rng.below(20_000)).expect("small"),
                _ => i64::try_from(rng.below(3_000)).expect("small"),
            };
            let shard = ShardId(u16::try_from(rng.below(2)).expect("two"));
            let node = NodeId(u32::try_from(rng.below(3)).expect("three"));
            let epoch = u16::try_from(1 + rng.below(4)).expect("four");
            let asked_at = stamp(i64::try_from(rng.below(6)).expect("six"));
            let request = match rng.below(5) {
                0..2 => LeaseRequest::Acquire { shard, node, asked_at },
                2..4 => LeaseRequest::Renew { shard, node, epoch, asked_at },
                _ => LeaseRequest::Release { shard, node, epoch },
            };
            set_clock(&mut registry, now, "one");
            let answer = registry.hear(life(node), &request, 0).expect("the server answers");
            assert_eq!(
                answer,
                pure.hear(Time(now), &request),
                "seed {seed} step {step} at {now}: {request:?}"
            );
        }
    }
}

#[test]
fn epochs_go_above_what_any_journal_knows_and_end() {
    if !is_there("redis-server") {
        return;
    }
    let server = Server::start(&[]);
    let mut registry = told(&server);
    // While it is silent it hears who knows what, also from those whom it then does not choose.
    assert_eq!(say(&mut registry, 0, acquire(1, 1), 41), None);
    assert_eq!(say(&mut registry, 15_000, acquire(2, 2), 7), Some(42));
    assert_eq!(say(&mut registry, 15_001, release(2, 42), 0), None);
    assert_eq!(say(&mut registry, 15_002, acquire(1, 3), 65_534), Some(65_535));
    assert_eq!(say(&mut registry, 15_003, release(1, 65_535), 0), None);
    for n in 0..3 {
        assert_eq!(say(&mut registry, 100_000 + n, acquire(2, 100 + n), 0), None, "used up for ever");
    }
}

#[test]
fn a_server_in_another_life_grants_nothing_new_for_a_while() {
    if !is_there("redis-server") {
        return;
    }
    let server = Server::start(&[]);
    let mut registry = told(&server);
    assert_eq!(say(&mut registry, 0, acquire(9, 1), 0), None, "its first life is a stranger's too");
    assert_eq!(say(&mut registry, 15_000, acquire(1, 2), 0), Some(1));
    set_clock(&mut registry, 16_000, "two");
    assert_eq!(say(&mut registry, 16_000, renew(1, 1), 0), Some(1), "what it remembers goes on");
    assert_eq!(say(&mut registry, 16_001, release(1, 1), 0), None);
    assert_eq!(say(&mut registry, 30_999, acquire(2, 3), 0), None, "silent");
    assert_eq!(say(&mut registry, 31_000, acquire(2, 4), 0), Some(2));
}

#[test]
fn two_lives_with_one_number_are_two() {
    if !is_there("redis-server") {
        return;
    }
    let server = Server::start(&[]);
    let mut registry = told(&server);
    let (one, other) = (Life { node: NodeId(5), nonce: 1 }, Life { node: NodeId(5), nonce: 2 });
    say(&mut registry, 0, acquire(9, 1), 0);
    set_clock(&mut registry, 15_000, "one");
    let mut hear = |life, request| {
        let answer: Option<LeaseAnswer> = registry.hear(life, &request, 0).expect("the server answers");
        answer.and_then(|answer| answer.granted)
    };
    assert_eq!(hear(one, acquire(5, 1)), Some(1));
    assert_eq!(hear(other, acquire(5, 1)), None, "the same question of somebody else");
    assert_eq!(hear(other, renew(5, 1)), None);
    hear(other, release(5, 1));
    assert_eq!(hear(one, renew(5, 1)), Some(1));
}

/// With the server's own clock and life: killed and back with what it wrote down, it lets the holder renew at once; with
/// nothing, it is silent, and then begins above what the journal knows.
#[test]
fn a_real_server_that_is_killed_keeps_its_leases() {
    if !is_there("redis-server") {
        return;
    }
    let mut server = Server::start(&[]);
    let mut registry = Registry::new(settings(server.port));
    let mut hear = |request: LeaseRequest, known: u16| {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let connected = registry.connect(Instant::now() + Duration::from_secs(5));
            let heard = connected.and_then(|()| registry.hear(life(node_of(&request)), &request, known));
            match heard {
                Ok(answer) => return answer.and_then(|answer| answer.granted),
                Err(failed) => assert!(Instant::now() < until, "{failed}"),
            }
        }
    };
    assert_eq!(hear(acquire(1, 0), 5), None, "the first life of a server is silent");
    let silent = Duration::from_millis(TIME_TO_LIVE.0.unsigned_abs() + 100);
    thread::sleep(silent);
    assert_eq!(hear(acquire(1, 1), 5), Some(6));
    server.kill();
    server.start_again();
    assert_eq!(hear(renew(1, 6), 6), Some(6), "back in no time");
    assert_eq!(hear(acquire(2, 2), 0), None);
    server.kill();
    server.forget();
    server.start_again();
    assert_eq!(hear(renew(1, 6), 6), None, "it has forgotten");
    assert_eq!(hear(acquire(2, 3), 6), None, "and is silent");
    thread::sleep(silent);
    assert_eq!(hear(acquire(2, 4), 6), Some(7), "and begins above what a journal knows");
}

/// Two traders with real clocks compete through keepers; one's line is cut: the other takes over, never both at once, and
/// nobody who asks is ever held up.
#[test]
fn keepers_hand_a_shard_over_and_hold_nobody_up() {
    if !is_there("redis-server") {
        return;
    }
    let server = Server::start(&[]);
    let lines = [Proxy::to(server.port), Proxy::to(server.port)];
    let began = Instant::now();
    let clocks = || {
        let ms = i64::try_from(began.elapsed().as_millis()).expect("a test is short");
        Clocks { mono: Time(ms), wall: Time(ms) }
    };
    let keepers = lines.each_ref().map(|line| Keeper::start(settings(line.port), || {}));
    assert_ne!(keepers[0].node(), keepers[1].node());
    let mut leases = keepers.each_ref().map(|keeper| Lease::new(SHARD, keeper.node()));
    let (mut gained, mut slowest) = (Vec::new(), Duration::ZERO);
    let mut frozen = None;
    while began.elapsed() < Duration::from_secs(60) && gained.len() < 2 {
        for (i, (lease, keeper)) in leases.iter_mut().zip(&keepers).enumerate() {
            let before = Instant::now();
            if lease.next_wake().is_some_and(|due| due <= clocks().mono)
                && let Some(request) = lease.wake(clocks())
            {
                keeper.ask(request, 0);
            }
            while let Some(answer) = keeper.answer() {
                if let Some(LeaseNews::Gained(epoch)) = lease.hear(clocks(), &answer) {
                    gained.push((i, epoch));
                }
            }
            slowest = slowest.max(before.elapsed());
        }
        let holders = leases.iter_mut().filter_map(|lease| lease.epoch(clocks())).count();
        assert!(holders <= 1, "two speak at once");
        if frozen.is_none() && gained.len() == 1 {
            let holder = gained[0].0;
            lines[holder].freeze(true);
            frozen = Some(holder);
        }
        thread::sleep(Duration::from_millis(5));
    }
    let [(first, 1), (second, 2)] = gained[..] else { panic!("gained: {gained:?}") };
    assert_ne!(first, second);
    assert!(slowest < Duration::from_millis(200), "a trader was held up for {slowest:?}");
    let before = Instant::now();
    for keeper in keepers {
        keeper.stop();
    }
    assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
}

/// What is asked while there is no server is not asked later.
#[test]
fn a_question_never_waits_for_a_connection() {
    if !is_there("redis-server") {
        return;
    }
    let mut server = Server::start(&[]);
    let keeper = Keeper::start(settings(server.port), || {});
    let answered_in = |keeper: &Keeper, wait: Interval| {
        let until = Instant::now() + Duration::from_millis(wait.0.unsigned_abs());
        while Instant::now() < until {
            if let Some(answer) = keeper.answer() {
                return Some(answer);
            }
            thread::sleep(Duration::from_millis(5));
        }
        None
    };
    while !keeper.is_reached() {
        thread::sleep(Duration::from_millis(5));
    }
    let ask = |asked| LeaseRequest::Acquire { shard: SHARD, node: keeper.node(), asked_at: stamp(asked) };
    keeper.ask(ask(1), 0);
    assert_eq!(answered_in(&keeper, Interval(2_000)).map(|answer| answer.asked_at), Some(stamp(1)));
    server.kill();
    for asked in 2..5 {
        keeper.ask(ask(asked), 0);
        thread::sleep(Duration::from_millis(150));
    }
    server.start_again();
    assert_eq!(answered_in(&keeper, Interval(2_500)), None, "an old question was asked of a new server");
    keeper.ask(ask(9), 0);
    assert_eq!(answered_in(&keeper, Interval(2_000)).map(|answer| answer.asked_at), Some(stamp(9)));
}
