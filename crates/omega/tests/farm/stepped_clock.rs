//! Somebody sets the clock of the farm's machine, by an hour and either way, while the exchange goes on in its own time.

use crate::evidence::{epochs_only_grow, instants_only_grow, naked_among, nothing_is_doubled, until_explained, until_kept};
use crate::scene::{Farm, HERE, SOON, in_real_time};
use rig::redis::Server as Redis;
use rig::wall::Wall;
use rig::{Process, is_there};
use std::time::{Duration, Instant};

/// What the issue asks for: back within this after the fault.
const BACK: Duration = Duration::from_secs(5);
const BOTS: [&str; 2] = ["scalper", "aggressive"];
const HOMES: [&str; 2] = ["trader"; 2];
const HOUR_S: i64 = 3_600;

#[test]
fn the_clock_of_the_machine_may_be_set() {
    if !is_there("redis-server") {
        return;
    }
    let Some(wall) = Wall::new() else { return };
    let redis = Redis::start(&[]);
    let server = in_real_time(BOTS.len(), HERE);
    let begun = Instant::now();
    let bus = format!("[bus]\nhost = \"127.0.0.1\"\nport = {}\n", redis.port);
    let farm = Farm::of(&server, &BOTS, "warm_up_bars = 3000\n[market.bitget]\n", &bus);
    let run = |name: &str| {
        let mut command = farm.command(name);
        wall.dress(&mut command);
        Process::start(command.args(["run", "--roles", name]))
    };
    let (mut gateway, mut trader) = (run("gateway"), run("trader"));
    trader.until_said("(2 of 2)", SOON);
    // Before the scalper wants in, while its order works, and behind that.
    for (at_s, ahead_s) in [(50, HOUR_S), (63, 0), (75, -HOUR_S), (87, 0)] {
        while begun.elapsed() < Duration::from_secs(at_s) {
            assert!(naked_among(&server, BOTS.len()).is_empty());
            std::thread::sleep(Duration::from_millis(100));
        }
        wall.set(ahead_s);
        let back = farm.until_acted("gateway", &["resume", "scalper"]);
        eprintln!("{at_s} s, set {ahead_s} s ahead: back after {back:?}");
        assert!(back < BACK, "set {ahead_s} s ahead at {at_s} s: back after {back:?}\n{}", trader.said());
    }
    until_explained(&farm, &server, &HOMES, SOON, || {});
    let orders = nothing_is_doubled(&farm, &server, &HOMES);
    eprintln!("{orders} orders, epoch {}", epochs_only_grow(&server, BOTS.len()));
    instants_only_grow(&farm, &HOMES);
    until_kept(&farm, "gateway", &HOMES, SOON);
    assert!(orders > 0, "a fault of nothing");
    assert!(trader.interrupt(SOON).success(), "{}", trader.said());
    assert!(gateway.interrupt(SOON).success(), "{}", gateway.said());
    eprintln!("{}", trader.said());
}
