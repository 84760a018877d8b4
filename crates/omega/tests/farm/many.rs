//! A thousand bots on paper in one process: what that takes of a machine.
//!
//! A bar a second for each, and 240 ticks a second for each shard: the made market at sixty times real time has four ticks a
//! second of its own.

use crate::scene::{Farm, OF_A_SHARD, SOON};
use rig::Uses;
use serde_json::Value;
use std::time::{Duration, Instant};

const BOTS: usize = 1_000;
const SPEED: f64 = 60.0;
/// How long it is measured.
const LENGTH: Duration = Duration::from_secs(20);
const CORE_MAX: f64 = 0.5;
const MEMORY_MAX_KIB: u64 = 1 << 20;
/// How far a market may be behind its time, in seconds of ours: a view is a second old, and its price a bar.
const LATE_MAX: f64 = 3.0;

/// Where the markets of all shards are, in milliseconds.
fn instants(farm: &Farm) -> Vec<i64> {
    let page = farm.get("whole", "/api/v1/views");
    let body = page.split_once("\r\n\r\n").expect("a head and a body").1;
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {page}"));
    let shards = body["shards"].as_array().unwrap_or_else(|| panic!("no shards: {page}"));
    shards
        .iter()
        .map(|shard| shard["view"]["price"]["at"].as_i64().expect("a price has its instant"))
        .collect()
}

#[cfg_attr(debug_assertions, ignore = "only optimised code is measured")]
#[test]
fn a_thousand_bots_take_less_than_half_a_core_and_a_gigabyte() {
    let farm = Farm::on_paper(BOTS, SPEED);
    let process = farm.run("whole", &[]);
    let shards = BOTS.div_ceil(OF_A_SHARD);
    process.until_said(&format!("the shard is up ({shards} of {shards})"), SOON);
    // What is new at the start is not what it takes.
    std::thread::sleep(Duration::from_secs(5));
    let (begun, first, before) = (Instant::now(), instants(&farm), Uses::of(process.id()));
    assert_eq!(first.len(), shards);
    std::thread::sleep(LENGTH);
    let (last, after, took) = (instants(&farm), Uses::of(process.id()), begun.elapsed().as_secs_f64());
    let cores = (after.core - before.core).as_secs_f64() / took;
    let behind = |(first, last): (&i64, &i64)| took - (last - first) as f64 / 1_000.0 / SPEED;
    let late = first.iter().zip(&last).map(behind).fold(0.0, f64::max);
    eprintln!(
        "many: {BOTS} bots in {shards} shards for {took:.0} s: {cores:.3} of a core, {} KiB in memory, at most {late:.2} s late",
        after.memory_kib
    );
    assert!(cores < CORE_MAX && after.memory_kib < MEMORY_MAX_KIB, "{cores:.3} of a core, {after:?}");
    assert!(late < LATE_MAX, "a bar a second is not kept: {late:.2} s behind");
}
