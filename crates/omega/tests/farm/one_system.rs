//! One process or six over Redis: the same farm, a journal for each account, trades the same to the last unit. (One journal for
//! all is another farm: when its accounts are read, and what waits for that, is its own.)

use crate::scene::{Farm, PERSONAS, Pacer, SOON, START, books, in_step, until_joined};
use model::Interval;
use rig::is_there;
use rig::redis::Server as Redis;
use serde_json::Value;

/// How much of the market is lived through.
const LENGTH: Interval = Interval(24 * Interval::HOUR.0);
const STEP: Interval = Interval(15_000);
/// A market in which several of them trade.
const SEED: u64 = 54;

/// What a farm came to: each account's books at the exchange, and its round trips.
#[derive(Debug, PartialEq)]
struct CameTo {
    books: Vec<(i64, i64)>,
    trips: Vec<Vec<String>>,
}

/// A round trip without what says which process told of it.
fn plain(row: &Value) -> Vec<String> {
    const OF_ITS_PROCESS: [&str; 3] = ["key", "shard", "node"];
    let row = row.as_object().expect("a row is an object");
    let cells = row.iter().filter(|(name, _)| !OF_ITS_PROCESS.contains(&name.as_str()));
    // Under which epoch an order was decided is its process's too.
    let number = |value: &Value| value.as_str().and_then(|id| Some(id.rsplit_once('-')?.1.to_owned()));
    let said = |(name, value): (&String, &Value)| match number(value).filter(|_| name == "entry_order") {
        Some(decision) => format!("{name}={decision}"),
        None => format!("{name}={value}"),
    };
    cells.map(said).collect()
}

fn trips(farm: &Farm, name: &str) -> Vec<Vec<String>> {
    let mut trips: Vec<_> = farm.rows(name, "trades").iter().map(plain).collect();
    trips.sort();
    trips
}

/// One process; its lines are one for the market of each shard, one an account, and ours.
fn in_one_process() -> CameTo {
    let lines = 2 * PERSONAS.len() + 1;
    let server = in_step(PERSONAS.len(), SEED, lines, STEP);
    let farm = Farm::new(&server, true, "");
    let mut pacer = Pacer::join(&server);
    let mut process = farm.run("whole", &[]);
    until_joined(&server, lines);
    pacer.until(START + LENGTH, None);
    assert!(process.interrupt(SOON).success(), "{}", process.said());
    let trips = trips(&farm, "whole");
    CameTo { books: books(&server, PERSONAS.len()), trips }
}

fn in_six_processes() -> CameTo {
    let lines = 2 * PERSONAS.len() + 1;
    let redis = Redis::start(&[]);
    let server = in_step(PERSONAS.len(), SEED, lines, STEP);
    let farm = Farm::new(&server, true, &format!("[bus]\nhost = \"127.0.0.1\"\nport = {}\n", redis.port));
    let mut pacer = Pacer::join(&server);
    let mut gateway = farm.run("gateway", &["--roles", "gateway"]);
    let mut traders: Vec<_> =
        PERSONAS.iter().map(|persona| farm.run(persona, &["--roles", "trader", "--bots", persona])).collect();
    until_joined(&server, lines);
    pacer.until(START + LENGTH, None);
    for trader in &mut traders {
        assert!(trader.interrupt(SOON).success(), "{}", trader.said());
    }
    assert!(gateway.interrupt(SOON).success(), "{}", gateway.said());
    CameTo { books: books(&server, PERSONAS.len()), trips: trips(&farm, "gateway") }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "a day of a market is lived in optimised code")]
fn a_farm_in_one_process_and_in_six_over_redis_trades_the_same() {
    let whole = in_one_process();
    assert!(whole.trips.len() >= 5, "the market is too quiet to tell anything: {} trips", whole.trips.len());
    if is_there("redis-server") {
        assert_eq!(whole, in_six_processes(), "one process, and six over Redis");
    }
}
