//! Somebody sets the clock of the farm's machine, by an hour and either way, while the exchange goes on in its own time.

use crate::evidence::{
    epochs_only_grow, instants_only_grow, nothing_is_doubled, until_explained, until_kept,
};
use crate::scene::{Farm, HERE, SOON, in_real_time, pass, until_held};
use rig::redis::Server as Redis;
use rig::wall::Wall;
use rig::{Process, is_there};
use std::time::{Duration, Instant};

/// What the issue asks for: back within this after the fault.
const BACK: Duration = Duration::from_secs(5);
/// Shortly before somebody wants in.
const FIRST: Duration = Duration::from_secs(50);
/// Between two settings: some of what follows from one would only be seen then.
const APART: Duration = Duration::from_secs(8);
const HOMES: [&str; 6] = ["trader"; 6];
const HOUR_S: i64 = 3_600;

#[test]
#[cfg_attr(debug_assertions, ignore = "a minute of a real market, in optimised code")]
fn the_clock_of_the_machine_may_be_set_by_an_hour_either_way() {
    if !is_there("redis-server") {
        return;
    }
    let Some(wall) = Wall::new() else { return };
    let redis = Redis::start(&[]);
    let (server, begun) = (in_real_time(HERE), Instant::now());
    let farm = Farm::busy(&server, (HERE, redis.port));
    let run = |name: &str| {
        let mut command = farm.command(name);
        wall.dress(&mut command);
        Process::start(command.args(["run", "--roles", name]))
    };
    let (mut gateway, mut trader) = (run("gateway"), run("trader"));
    trader.until_said("(6 of 6)", SOON);
    let set = |ahead_s: i64| {
        wall.set(ahead_s);
        let back = farm.until_acted("gateway", &["resume", "fibonacci"]);
        assert!(back < BACK, "set {ahead_s:+} s off: back after {back:?}\n{}", trader.said());
        eprintln!("set {ahead_s:+} s off: acted after {back:?}");
    };
    pass(&server, begun + FIRST, || false);
    set(HOUR_S);
    // An hour back, with what was just bought and is being covered; then before what is right, and to it again.
    until_held(&server);
    for ahead_s in [0, -HOUR_S, 0] {
        set(ahead_s);
        pass(&server, Instant::now() + APART, || false);
    }
    until_explained(&farm, &server, &HOMES, SOON, || {});
    let orders = nothing_is_doubled(&farm, &server, &HOMES);
    assert!(orders > 0, "a fault of nothing");
    epochs_only_grow(&server);
    instants_only_grow(&farm, &HOMES);
    until_kept(&farm, "gateway", &HOMES, SOON);
    assert!(trader.interrupt(SOON).success(), "{}", trader.said());
    assert!(gateway.interrupt(SOON).success(), "{}", gateway.said());
}
