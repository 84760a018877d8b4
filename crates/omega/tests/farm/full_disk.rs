//! The disks of a farm are full for a while: nothing is done that is not written first, what protects stays where it is, and
//! when there is room again the farm goes on by itself.

use crate::evidence::{nothing_is_doubled, ordered, trips, until_explained, until_kept};
use crate::scene::{Farm, HERE, PERSONAS, SOON, books, in_real_time, pass, until_held};
use mock_server::Server;
use rig::disk::Disk;
use rig::redis::Server as Redis;
use rig::{Process, is_there};
use std::time::{Duration, Instant};

/// What the issue asks for: back within this after the fault has ended.
const BACK: Duration = Duration::from_secs(5);
/// Longer than a lease lives without being renewed.
const FULL: Duration = Duration::from_secs(17);
const SIZE_MIB: u32 = 32;
const HOMES: [&str; 6] = ["trader"; 6];
/// Who wants in a minute after the market begins.
const BUSY: [&str; 2] = ["scalper", "fibonacci"];

struct Scene {
    // Dropped in this order: processes, then what they use.
    trader: Process,
    gateway: Process,
    farm: Farm,
    server: Server,
    begun: Instant,
    _redis: Redis,
    of_trader: Disk,
    of_gateway: Disk,
}

fn scene() -> Option<Scene> {
    if !is_there("redis-server") {
        return None;
    }
    let (of_trader, of_gateway) = (Disk::new(SIZE_MIB)?, Disk::new(SIZE_MIB)?);
    let redis = Redis::start(&[]);
    let (server, begun) = (in_real_time(HERE), Instant::now());
    let farm = Farm::busy(&server, (HERE, redis.port));
    for (name, disk) in [("trader", &of_trader), ("gateway", &of_gateway)] {
        std::os::unix::fs::symlink(disk.path(), farm.data(name)).expect("a place of its own");
    }
    let (gateway, trader) =
        (farm.run("gateway", &["--roles", "gateway"]), farm.run("trader", &["--roles", "trader"]));
    trader.until_said("(6 of 6)", SOON);
    Some(Scene { trader, gateway, farm, server, begun, _redis: redis, of_trader, of_gateway })
}

impl Scene {
    fn is_stuck(&self, persona: &str) -> bool {
        let number = PERSONAS.iter().position(|known| *known == persona).expect("one of the six");
        let shard = format!("shard=\"a{number}\"");
        let said = self.trader.said();
        said.lines().any(|line| line.contains("the journal cannot be written") && line.contains(&shard))
    }

    /// Fills the trader's disk. What is left of a file's last page is taken all the same: commands are given until it is full.
    fn fill(&self) {
        self.of_trader.fill();
        std::thread::scope(|scope| {
            for persona in BUSY {
                scope.spawn(move || {
                    let begun = Instant::now();
                    while !self.is_stuck(persona) {
                        self.farm.ctl("gateway", &["resume", persona]);
                        assert!(begun.elapsed() < SOON, "it takes everything:\n{}", self.trader.said());
                    }
                });
            }
        });
    }

    /// The disks stay full for a while, and nobody who cannot write orders anything.
    fn stay_full_until(&self, until: Instant) {
        let before = BUSY.map(|persona| ordered(&self.server, persona));
        let has_ordered = || BUSY.map(|persona| ordered(&self.server, persona)) != before;
        assert!(!pass(&self.server, until, has_ordered), "ordered and not written:\n{}", self.trader.said());
    }

    /// The trader is back: whoever was stuck acts on a command, and none of them lost his lease over it.
    fn check_trader(&self, emptied: Instant) {
        for persona in BUSY {
            self.farm.until_acted("gateway", &["resume", persona]);
        }
        let back = emptied.elapsed();
        assert!(back < BACK, "back after {back:?}\n{}", self.trader.said());
        eprintln!("acted {back:?} after there was room");
        let gained = self.trader.said().matches("the lease is gained").count();
        assert_eq!(gained, PERSONAS.len(), "a lease was lost:\n{}", self.trader.said());
    }

    /// How it ends: nothing doubled, nothing lost, nothing naked.
    fn check_and_end(mut self) {
        let Scene { farm, server, trader, gateway, .. } = &mut self;
        until_explained(farm, server, &HOMES, SOON, || {});
        nothing_is_doubled(farm, server, &HOMES);
        until_kept(farm, "gateway", &HOMES, SOON);
        pass(server, Instant::now(), || false);
        assert!(trader.interrupt(SOON).success(), "{}", trader.said());
        assert!(gateway.interrupt(SOON).success(), "{}", gateway.said());
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "minutes of a real market, in optimised code")]
fn while_the_disk_is_full_nothing_is_ordered() {
    let Some(mut scene) = scene() else { return };
    pass(&scene.server, scene.begun + Duration::from_secs(30), || false);
    scene.fill();
    // The bar behind which both would order is over by then; what they decide on it afterwards comes too late.
    scene.stay_full_until(scene.begun + Duration::from_secs(75));
    assert_eq!(BUSY.map(|persona| ordered(&scene.server, persona)), [0, 0]);
    scene.of_trader.empty();
    scene.check_trader(Instant::now());
    // Whoever is started while it is full says so, and rises when there is room.
    assert!(scene.trader.interrupt(SOON).success(), "{}", scene.trader.said());
    scene.of_trader.fill();
    scene.trader = scene.farm.run("trader", &["--roles", "trader"]);
    scene.trader.until_said("the journal's disk is full", SOON);
    scene.of_trader.empty();
    scene.trader.until_said("(6 of 6)", BACK);
    scene.check_and_end();
}

/// The trader's disk is full with a position on it; then that of whoever keeps the history, when that is closed.
#[test]
#[cfg_attr(debug_assertions, ignore = "minutes of a real market, in optimised code")]
fn what_is_held_while_the_disks_are_full_is_protected_and_what_is_told_is_kept() {
    let Some(scene) = scene() else { return };
    until_held(&scene.server);
    // Until it is covered as it should be.
    pass(&scene.server, Instant::now() + Duration::from_secs(2), || false);
    scene.fill();
    let asked = scene.farm.ctl("gateway", &["close", "fibonacci"]);
    assert_eq!(asked["state"], "sent", "who cannot write closes nothing: {asked}");
    scene.of_gateway.fill();
    scene.stay_full_until(Instant::now() + FULL);
    scene.of_trader.empty();
    let is_flat = || books(&scene.server, PERSONAS.len()).iter().all(|(_, lots)| *lots == 0);
    let is_closed = pass(&scene.server, Instant::now() + BACK, is_flat);
    assert!(is_closed, "the trader is not back:\n{}", scene.trader.said());
    scene.gateway.until_said("the history does not answer", SOON);
    scene.of_gateway.empty();
    let emptied = Instant::now();
    until_kept(&scene.farm, "gateway", &HOMES, BACK);
    assert_eq!(trips(&scene.farm, &HOMES), 1, "a fault of nothing");
    eprintln!("kept {:?} after there was room", emptied.elapsed());
    scene.check_trader(emptied);
    scene.check_and_end();
}
