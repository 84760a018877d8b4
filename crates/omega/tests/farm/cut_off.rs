//! A trader is cut off from Redis while the exchange still hears it, and from the exchange while Redis does.

use crate::evidence::{epochs_only_grow, naked_among, nothing_is_doubled, until_explained, until_kept};
use crate::scene::{Farm, SOON, in_real_time};
use mock_server::Server;
use rig::network::{Cable, Network};
use rig::redis::Server as Redis;
use rig::{Process, is_there};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// What the issue asks for: back within this after the fault has ended.
const BACK: Duration = Duration::from_secs(5);
/// How long the cable is out.
const CUT: Duration = Duration::from_secs(30);
/// Shortly before the scalper wants in: whoever still has the lease by what he knows may say so.
const CUT_AT: Duration = Duration::from_secs(57);
const BOTS: [&str; 2] = ["scalper", "aggressive"];
/// Replicas have their disk in common, as they must; one of them holds the journals on it.
const HOMES: [&str; 2] = ["disk"; 2];
const TO_REDIS: Cable = Cable::First;
const TO_EXCHANGE: Cable = Cable::Second;

/// A farm whose trader is in a network of its own, and everybody else is not.
struct Scene {
    // Dropped in this order: processes, then what they use.
    inside: Process,
    gateway: Process,
    farm: Farm,
    server: Server,
    _redis: Redis,
    network: Network,
    begun: Instant,
}

fn scene() -> Option<Scene> {
    if !is_there("redis-server") {
        return None;
    }
    let network = Network::new()?;
    let (to_redis, to_exchange) = (network.address(TO_REDIS), network.address(TO_EXCHANGE));
    let redis = Redis::start(&["--bind", "127.0.0.1", &to_redis.to_string(), "--protected-mode", "no"]);
    let server = in_real_time(BOTS.len(), IpAddr::V4(to_exchange));
    let begun = Instant::now();
    let bus = format!("[bus]\nhost = \"{to_redis}\"\nport = {}\n", redis.port);
    let farm = Farm::of(&server, &BOTS, "warm_up_bars = 3000\n[market.bitget]\n", &bus);
    let gateway = farm.run("gateway", &["--roles", "gateway"]);
    let mut command = network.command(env!("CARGO_BIN_EXE_omega"));
    farm.dress(&mut command, "disk");
    let inside = Process::start(command.args(["run", "--roles", "trader"]));
    inside.until_said("(2 of 2)", SOON);
    Some(Scene { inside, gateway, farm, server, _redis: redis, network, begun })
}

impl Scene {
    /// Time passes, and nobody stands unprotected.
    fn until(&self, at: Instant) {
        while Instant::now() < at {
            let found = naked_among(&self.server, BOTS.len());
            assert!(found.is_empty(), "unprotected: {found:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The cable is out for its time, and in again.
    fn cut(&self, cable: Cable) {
        self.until(self.begun + CUT_AT);
        self.network.pull(cable);
        self.until(Instant::now() + CUT);
        self.network.plug(cable);
    }

    /// A command is acted on; how long that takes.
    fn until_acted(&self) -> Duration {
        self.farm.until_acted("gateway", &["resume", "scalper"])
    }

    /// How it ends, whatever happened: nothing doubled, nothing lost, nobody heard behind his successor.
    fn check(&self) {
        until_explained(&self.farm, &self.server, &HOMES, SOON, || {});
        let orders = nothing_is_doubled(&self.farm, &self.server, &HOMES);
        assert!(orders > 0, "a fault of nothing");
        epochs_only_grow(&self.server, BOTS.len());
        until_kept(&self.farm, "gateway", &HOMES, SOON);
        self.until(Instant::now());
    }
}

/// Somebody who waits for the lease takes over, and the one who was cut off stands by behind him.
#[test]
fn cut_off_from_redis_a_trader_falls_silent_and_another_takes_over() {
    let Some(mut scene) = scene() else { return };
    let mut outside = scene.farm.run("disk", &["--roles", "trader"]);
    scene.until(scene.begun + CUT_AT);
    assert!(!outside.said().contains("the lease is gained"), "two hold a lease:\n{}", outside.said());
    scene.cut(TO_REDIS);
    let plugged = Instant::now();
    outside.until_said("(2 of 2)", SOON);
    let lost = scene.inside.said().matches("the lease is lost").count();
    assert_eq!(lost, BOTS.len(), "who is cut off knows it:\n{}", scene.inside.said());
    let back = scene.until_acted();
    eprintln!("acted {back:?} after the plug, {:?}", plugged.elapsed());
    assert!(back < BACK, "back after {back:?}\n{}", outside.said());
    scene.check();
    // And the other way round: who was cut off is there when he is needed.
    outside.kill();
    let back = scene.until_acted();
    eprintln!("acted {back:?} after the kill");
    assert!(back < BACK, "back after {back:?}\n{}", scene.inside.said());
    scene.check();
    eprintln!("{}\n---\n{}", scene.inside.said(), outside.said());
    assert!(scene.inside.interrupt(SOON).success(), "{}", scene.inside.said());
    assert!(scene.gateway.interrupt(SOON).success(), "{}", scene.gateway.said());
}

/// Nobody else is there: what it holds stays protected by its stops, and it goes on when it is heard again.
#[test]
fn cut_off_from_redis_a_trader_alone_is_back_when_it_is_heard_again() {
    let Some(mut scene) = scene() else { return };
    scene.cut(TO_REDIS);
    let back = scene.until_acted();
    eprintln!("acted {back:?} after the plug");
    assert!(back < BACK, "back after {back:?}\n{}", scene.inside.said());
    scene.check();
    eprintln!("{}", scene.inside.said());
    assert!(scene.inside.interrupt(SOON).success(), "{}", scene.inside.said());
    assert!(scene.gateway.interrupt(SOON).success(), "{}", scene.gateway.said());
}

/// The lease is kept, for it is not Redis that is away; what happened meanwhile is read afterwards.
#[test]
fn cut_off_from_the_exchange_a_trader_keeps_its_lease_and_reads_what_it_missed() {
    let Some(mut scene) = scene() else { return };
    scene.cut(TO_EXCHANGE);
    let back = scene.until_acted();
    eprintln!("acted {back:?} after the plug");
    assert!(back < BACK, "back after {back:?}\n{}", scene.inside.said());
    scene.check();
    let gained = scene.inside.said().matches("the lease is gained").count();
    assert_eq!(gained, BOTS.len(), "a lease was lost for nothing:\n{}", scene.inside.said());
    eprintln!("{}", scene.inside.said());
    assert!(scene.inside.interrupt(SOON).success(), "{}", scene.inside.said());
    assert!(scene.gateway.interrupt(SOON).success(), "{}", scene.gateway.said());
}
