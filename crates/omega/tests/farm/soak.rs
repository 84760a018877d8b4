//! Six bots over sockets at sixty times real time: nothing grows, nothing fails, and what they did is what their back-test does.
//!
//! Two minutes of it in CI; `make soak` lives through a whole day of the market in twenty-four minutes.

use crate::evidence::{naked, nothing_is_doubled, until_explained, until_kept};
use crate::scene::{Farm, PERSONAS, Pacer, SOON, START, in_step, until_joined};
use model::{Interval, Time};
use rig::Uses;
use std::time::{Duration, Instant};

const STEP: Interval = Interval(5_000);
/// So many of the market's seconds in one of ours.
const PACE: f64 = 60.0;
/// A market in which several of them trade.
const SEED: u64 = 54;
/// Up to here nothing happens in it: that is lived through fast.
const QUIET: Time = Time(START.0 + 150 * Interval::MINUTE.0);
const HOMES: [&str; 6] = ["whole"; 6];
/// What a process may have in memory, and by how much that may grow from halfway on: what it keeps of the newest is full soon.
const MEMORY_MAX_KIB: u64 = 150 << 10;
const GROWTH_MAX_KIB: u64 = 8 << 10;
/// Handles that come and go: connections of whoever asks.
const HANDLES_MORE: u64 = 4;

/// A counter of all shards together.
fn counted(page: &str, name: &str) -> f64 {
    let lines = page.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "hours of a market are lived in optimised code")]
fn a_farm_over_sockets_neither_grows_nor_fails_nor_drifts() {
    let seconds: u64 = std::env::var("SOAK_SECONDS").map_or(120, |text| text.parse().expect("seconds"));
    let lines = 2 * PERSONAS.len() + 1;
    let server = in_step(PERSONAS.len(), SEED, lines, STEP);
    let farm = Farm::new(&server, true, "");
    let mut pacer = Pacer::join(&server);
    let mut process = farm.run("whole", &[]);
    until_joined(&server, lines);
    pacer.until(QUIET, None);
    let end = QUIET + Interval((seconds * 1_000) as i64 * PACE as i64);
    let (begun, mut early, mut most) = (Instant::now(), None, Uses::default());
    std::thread::scope(|scope| {
        let market = scope.spawn(|| pacer.until(end, Some(PACE)));
        while !market.is_finished() {
            std::thread::sleep(Duration::from_secs(1));
            let now = Uses::of(process.id());
            most.memory_kib = most.memory_kib.max(now.memory_kib);
            most.handles = most.handles.max(now.handles);
            if begun.elapsed() > Duration::from_secs(seconds / 2) {
                early.get_or_insert(now);
            }
        }
    });
    let (late, early) = (Uses::of(process.id()), early.expect("it ran for longer than half of that"));
    let page = farm.metrics("whole");
    until_explained(&farm, &server, &HOMES, SOON, || pacer.go_on(&server, STEP, PACE));
    let orders = nothing_is_doubled(&farm, &server, &HOMES);
    until_kept(&farm, "whole", &HOMES, SOON);
    assert!(process.interrupt(SOON).success(), "{}", process.said());
    let drift = farm.command("whole").args(["drift", "--config", "omega.toml"]).output();
    let drift = drift.expect("the binary is there");
    eprintln!(
        "soak: {seconds} s at {PACE}x, {orders} orders; memory {} KiB halfway, {} at the end, {} at most; handles {} and {}; \
         took {:.0} s",
        early.memory_kib,
        late.memory_kib,
        most.memory_kib,
        early.handles,
        late.handles,
        begun.elapsed().as_secs_f64()
    );
    assert!(most.memory_kib < MEMORY_MAX_KIB, "{most:?}");
    assert!(late.memory_kib <= early.memory_kib + GROWTH_MAX_KIB, "it grows: {early:?}, then {late:?}");
    assert!(late.handles <= early.handles + HANDLES_MORE, "handles leak: {early:?}, then {late:?}");
    for never in ["omega_rejections_total", "omega_reconnects_total", "omega_history_failures_total"] {
        assert!(page.contains(never), "{never} is not counted");
        assert!(counted(&page, never) == 0.0, "{never}: {}", counted(&page, never));
    }
    assert!(naked(&server).is_empty());
    let (out, err) = (String::from_utf8_lossy(&drift.stdout), String::from_utf8_lossy(&drift.stderr));
    assert!(drift.status.success(), "drift:\n{out}\n{err}");
}
