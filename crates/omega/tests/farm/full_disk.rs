//! The disks of a farm are full for a while: nothing is done that is not written first, what protects stays where it is, and
//! when there is room again the farm goes on by itself.

use crate::evidence::{naked_among, nothing_is_doubled, orders_of_all, until_explained, until_kept};
use crate::scene::{Farm, HERE, SOON, in_real_time};
use rig::disk::Disk;
use rig::redis::Server as Redis;
use rig::{Process, is_there};
use std::time::{Duration, Instant};

/// What the issue asks for: back within this after the fault has ended.
const BACK: Duration = Duration::from_secs(5);
/// Longer than a lease lives without being renewed.
const FULL: Duration = Duration::from_secs(20);
const BOTS: [&str; 2] = ["scalper", "aggressive"];
const HOMES: [&str; 2] = ["trader"; 2];
const STUCK: &str = "the journal cannot be written";

#[test]
fn a_full_disk_stops_the_farm_until_there_is_room() {
    if !is_there("redis-server") {
        return;
    }
    let (Some(of_trader), Some(of_gateway)) = (Disk::new(16), Disk::new(16)) else { return };
    let redis = Redis::start(&[]);
    let server = in_real_time(BOTS.len(), HERE);
    let begun = Instant::now();
    let bus = format!("[bus]\nhost = \"127.0.0.1\"\nport = {}\n", redis.port);
    let farm = Farm::of(&server, &BOTS, "warm_up_bars = 3000\n[market.bitget]\n", &bus);
    for (name, disk) in [("trader", &of_trader), ("gateway", &of_gateway)] {
        std::os::unix::fs::symlink(disk.path(), farm.data(name)).expect("a place of its own");
    }
    let (mut gateway, mut trader) =
        (farm.run("gateway", &["--roles", "gateway"]), farm.run("trader", &["--roles", "trader"]));
    trader.until_said("(2 of 2)", SOON);
    while begun.elapsed() < Duration::from_secs(50) {
        std::thread::sleep(Duration::from_millis(100));
    }
    of_trader.fill();
    // What is left of a last page is written full first.
    for bot in BOTS {
        let said = format!("shard=\"{}\"", if bot == "scalper" { "a0" } else { "a1" });
        let mut commands = 0;
        while !trader.said().lines().any(|line| line.contains(STUCK) && line.contains(&said)) {
            farm.ctl("gateway", &["resume", bot]);
            commands += 1;
            assert!(begun.elapsed() < 2 * SOON, "the disk takes everything:\n{}", trader.said());
        }
        eprintln!("{:?}: {bot} is stuck after {commands} commands", begun.elapsed());
    }
    of_gateway.fill();
    let (full_at, orders) = (Instant::now(), orders_of_all(&server, BOTS.len()));
    while full_at.elapsed() < FULL {
        assert!(naked_among(&server, BOTS.len()).is_empty());
        assert_eq!(orders_of_all(&server, BOTS.len()), orders, "something is ordered and not written");
        std::thread::sleep(Duration::from_millis(100));
    }
    of_gateway.empty();
    of_trader.empty();
    let emptied = Instant::now();
    let back = farm.until_acted("gateway", &["resume", "scalper"]);
    eprintln!("back after {back:?} {:?}", emptied.elapsed());
    assert!(back < BACK, "back after {back:?}\n{}", trader.said());
    until_explained(&farm, &server, &HOMES, SOON, || {});
    nothing_is_doubled(&farm, &server, &HOMES);
    until_kept(&farm, "gateway", &HOMES, SOON);
    assert!(trader.interrupt(SOON).success(), "{}", trader.said());
    assert!(gateway.interrupt(SOON).success(), "{}", gateway.said());
    eprintln!("{}\n{}", trader.said(), gateway.said());
}
