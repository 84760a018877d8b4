//! A trader is cut off from Redis while the exchange still hears it, and from the exchange while Redis does.

use crate::evidence::{epochs_only_grow, nothing_is_doubled, ordered, until_explained, until_kept};
use crate::scene::{Farm, PERSONAS, SOON, in_real_time, pass, until_held};
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
/// Replicas have their disk in common, as they must; one of them holds the journals on it.
const HOMES: [&str; 6] = ["disk"; 6];
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
    let (server, begun) = (in_real_time(IpAddr::V4(to_exchange)), Instant::now());
    let farm = Farm::busy(&server, (IpAddr::V4(to_redis), redis.port));
    let gateway = farm.run("gateway", &["--roles", "gateway"]);
    let mut command = network.command(env!("CARGO_BIN_EXE_omega"));
    farm.dress(&mut command, "disk");
    let inside = Process::start(command.args(["run", "--roles", "trader"]));
    inside.until_said("(6 of 6)", SOON);
    Some(Scene { inside, gateway, farm, server, _redis: redis, network, begun })
}

impl Scene {
    /// The cable is out for its time, and in again.
    fn cut(&self, cable: Cable) {
        self.network.pull(cable);
        pass(&self.server, Instant::now() + CUT, || false);
        self.network.plug(cable);
    }

    /// A command is acted on; how long that takes.
    fn until_acted(&self) -> Duration {
        self.farm.until_acted("gateway", &["resume", "fibonacci"])
    }

    /// How it ends, whatever happened: nothing doubled, nothing lost, nobody heard behind his successor.
    fn check(&self) {
        until_explained(&self.farm, &self.server, &HOMES, SOON, || {});
        nothing_is_doubled(&self.farm, &self.server, &HOMES);
        epochs_only_grow(&self.server);
        until_kept(&self.farm, "gateway", &HOMES, SOON);
        pass(&self.server, Instant::now(), || false);
    }
}

/// Somebody who waits for the lease takes over, and the one who was cut off stands by behind him.
#[test]
#[cfg_attr(debug_assertions, ignore = "minutes of a real market, in optimised code")]
fn cut_off_from_redis_a_trader_falls_silent_and_another_takes_over() {
    let Some(mut scene) = scene() else { return };
    let mut outside = scene.farm.run("disk", &["--roles", "trader"]);
    // Somebody has just bought, and what covers it is on its way.
    until_held(&scene.server);
    assert!(!outside.said().contains("the lease is gained"), "two hold a lease:\n{}", outside.said());
    scene.cut(TO_REDIS);
    outside.until_said("(6 of 6)", SOON);
    let lost = scene.inside.said().matches("the lease is lost").count();
    assert_eq!(lost, PERSONAS.len(), "who is cut off knows it:\n{}", scene.inside.said());
    let back = scene.until_acted();
    eprintln!("acted {back:?} after the plug");
    assert!(back < BACK, "back after {back:?}\n{}", outside.said());
    scene.check();
    // And the other way round: who was cut off is there when he is needed.
    outside.kill();
    let back = scene.until_acted();
    eprintln!("acted {back:?} after the kill");
    assert!(back < BACK, "back after {back:?}\n{}", scene.inside.said());
    scene.check();
    assert!(scene.inside.interrupt(SOON).success(), "{}", scene.inside.said());
    assert!(scene.gateway.interrupt(SOON).success(), "{}", scene.gateway.said());
}

/// Nobody else is there: what it holds stays protected by its stops, and it goes on when it is heard again.
#[test]
#[cfg_attr(debug_assertions, ignore = "minutes of a real market, in optimised code")]
fn cut_off_from_redis_a_trader_alone_is_back_when_it_is_heard_again() {
    let Some(mut scene) = scene() else { return };
    // So that nobody may say anything any more when two want in.
    pass(&scene.server, scene.begun + Duration::from_secs(50), || false);
    scene.cut(TO_REDIS);
    for persona in ["scalper", "fibonacci"] {
        assert_eq!(ordered(&scene.server, persona), 0, "ordered without a lease:\n{}", scene.inside.said());
    }
    let back = scene.until_acted();
    eprintln!("acted {back:?} after the plug");
    assert!(back < BACK, "back after {back:?}\n{}", scene.inside.said());
    scene.check();
    assert!(scene.inside.interrupt(SOON).success(), "{}", scene.inside.said());
    assert!(scene.gateway.interrupt(SOON).success(), "{}", scene.gateway.said());
}

/// The lease is kept, for it is not Redis that is away; what happened meanwhile is read afterwards.
#[test]
#[cfg_attr(debug_assertions, ignore = "minutes of a real market, in optimised code")]
fn cut_off_from_the_exchange_a_trader_keeps_its_lease_and_reads_what_it_missed() {
    let Some(mut scene) = scene() else { return };
    until_held(&scene.server);
    scene.cut(TO_EXCHANGE);
    let back = scene.until_acted();
    eprintln!("acted {back:?} after the plug");
    assert!(back < BACK, "back after {back:?}\n{}", scene.inside.said());
    scene.check();
    let gained = scene.inside.said().matches("the lease is gained").count();
    assert_eq!(gained, PERSONAS.len(), "a lease was lost for nothing:\n{}", scene.inside.said());
    assert!(scene.inside.interrupt(SOON).success(), "{}", scene.inside.said());
    assert!(scene.gateway.interrupt(SOON).success(), "{}", scene.gateway.said());
}
