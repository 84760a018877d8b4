//! Processes are killed, Redis too, at any moment and over and over, while the market goes on.

use crate::evidence::{naked, nothing_is_doubled, until_explained, until_kept};
use crate::scene::{Farm, PERSONAS, Pacer, SOON, START, in_step, until_joined};
use farm::lease::{COMPETE_EACH, COMPETE_SPREAD, TIME_TO_LIVE};
use mock_server::Server;
use model::{Interval, Rng, Time};
use rig::redis::Server as Redis;
use rig::{Process, is_there};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What the issue asks for: back within this after the fault has ended. Where others build on the machine it is counted
/// from what the process was given.
const BACK: Duration = Duration::from_secs(5);
const STEP: Interval = Interval(5_000);
/// A market in which several of them trade.
const SEED: u64 = 54;
/// So many of the market's seconds in one of ours.
const PACE: f64 = 600.0;
/// Up to here nothing happens in it: that is lived through fast.
const QUIET: Time = Time(START.0 + 150 * Interval::MINUTE.0);
/// Lines of all shards: one for the market and one an account each; and ours.
const LINES: usize = 2 * PERSONAS.len() + 1;
/// Where the journals are: one trader holds all shards.
const HOMES: [&str; 6] = ["trader"; 6];

/// The market goes on by itself while something else is done; it says who stood unprotected.
fn while_it_goes_on<T>(server: &Server, pacer: &mut Pacer, act: impl FnOnce() -> T) -> T {
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let market = scope.spawn(|| {
            let mut found = Vec::new();
            while !is_done.load(Ordering::Acquire) {
                pacer.go_on(server, STEP, PACE);
                found.extend(naked(server));
            }
            found
        });
        let value = act();
        is_done.store(true, Ordering::Release);
        let found = market.join().expect("the market goes on");
        assert!(found.is_empty(), "unprotected: {found:?}");
        value
    })
}

fn trader(farm: &Farm) -> Process {
    farm.run("trader", &["--roles", "trader"])
}

/// Waits until all shards are up, and how long that took.
fn until_up(process: &Process) -> Duration {
    let begun = Instant::now();
    process.until_said("(6 of 6)", SOON);
    begun.elapsed()
}

struct Scene {
    redis: Redis,
    server: Server,
    farm: Farm,
    pacer: Pacer,
    gateway: Process,
    trader: Process,
}

fn scene() -> Option<Scene> {
    if !is_there("redis-server") {
        return None;
    }
    let redis = Redis::start(&[]);
    let server = in_step(PERSONAS.len(), SEED, LINES, STEP);
    let farm = Farm::new(&server, true, &format!("[bus]\nhost = \"127.0.0.1\"\nport = {}\n", redis.port));
    let pacer = Pacer::join(&server);
    let (gateway, trader) = (farm.run("gateway", &["--roles", "gateway"]), trader(&farm));
    until_up(&trader);
    until_joined(&server, LINES);
    Some(Scene { redis, server, farm, pacer, gateway, trader })
}

/// How it ends, whatever happened: nothing doubled, nothing lost, nothing naked.
fn check_and_end(mut scene: Scene, wants_orders: usize) {
    let Scene { server, farm, pacer, .. } = &mut scene;
    until_explained(farm, server, &HOMES, SOON, || pacer.go_on(server, STEP, PACE));
    let orders = nothing_is_doubled(farm, server, &HOMES);
    until_kept(farm, "gateway", &HOMES, SOON);
    assert!(orders >= wants_orders, "faults of nothing: {orders} orders");
    assert!(scene.trader.interrupt(SOON).success(), "{}", scene.trader.said());
    assert!(scene.gateway.interrupt(SOON).success(), "{}", scene.gateway.said());
    assert!(naked(&scene.server).is_empty());
}

#[test]
#[cfg_attr(debug_assertions, ignore = "hours of a market are lived in optimised code")]
fn any_process_may_be_killed_at_any_moment() {
    let Some(mut scene) = scene() else { return };
    let mut rng = Rng::new(7);
    scene.pacer.until(QUIET, None);
    for kill in 0..6 {
        let Scene { server, farm, pacer, gateway, trader: held, .. } = &mut scene;
        let back = while_it_goes_on(server, pacer, || {
            std::thread::sleep(Duration::from_millis(500 + rng.below(3_000)));
            if kill % 3 == 2 {
                gateway.kill();
                *gateway = farm.run("gateway", &["--roles", "gateway"]);
                return Duration::ZERO;
            }
            held.kill();
            std::thread::sleep(Duration::from_millis(rng.below(1_000)));
            *held = trader(farm);
            until_up(held)
        });
        assert!(back < BACK, "kill {kill}: back after {back:?}\n{}", scene.trader.said());
        until_explained(&scene.farm, &scene.server, &HOMES, SOON, || {
            scene.pacer.go_on(&scene.server, STEP, PACE);
        });
    }
    check_and_end(scene, 1);
}

/// Redis is killed, and back after so long; how long it then takes until a command is acted on.
fn redis_is_away_for(away: Duration) -> Option<Duration> {
    let mut scene = scene()?;
    scene.pacer.until(QUIET, None);
    let Scene { server, farm, pacer, redis, .. } = &mut scene;
    let back = while_it_goes_on(server, pacer, || {
        redis.kill();
        std::thread::sleep(away);
        redis.start_again();
        let begun = Instant::now();
        loop {
            let answer = farm.ctl("gateway", &["pause", "strategic"]);
            if answer["state"] == "done" {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < SOON, "nobody acts: {answer}");
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    check_and_end(scene, 0);
    Some(back)
}

#[test]
#[cfg_attr(debug_assertions, ignore = "hours of a market are lived in optimised code")]
fn redis_may_be_killed_and_comes_back() {
    // Shorter than a lease: nobody has to give his up.
    let Some(back) = redis_is_away_for(Duration::from_secs(3)) else { return };
    assert!(back < BACK, "a command is acted on {back:?} after it came back");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "hours of a market are lived in optimised code")]
fn redis_may_be_away_for_longer_than_a_lease() {
    let Some(back) = redis_is_away_for(Duration::from_secs(20)) else { return };
    // A registry that was started again gives nothing out until what it gave before must be over; who waits asks it every few
    // seconds.
    let silent = TIME_TO_LIVE.0 + COMPETE_EACH.0 + COMPETE_SPREAD.0;
    let silent = Duration::from_millis(silent.unsigned_abs());
    assert!(back < BACK + silent, "a command is acted on {back:?} after it came back");
}
