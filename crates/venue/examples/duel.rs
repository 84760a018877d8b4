//! The naive exchange against the fast one for as long as asked: `make duel`, or `duel SECONDS [FIRST_SEED]`.
//!
//! What an ordinary test run does with a few thousand seeds (`tests/oracle/`), without an end; it says how much was compared.
//! Refuses to go on after the first difference.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a long run reads how long it may take, and prints"
)]

#[path = "../tests/oracle/duel.rs"]
mod duel;
#[path = "../tests/oracle/market.rs"]
mod market;
#[path = "../tests/oracle/naive/mod.rs"]
mod naive;
#[path = "../tests/oracle/picture.rs"]
mod picture;

use duel::Tally;
use std::time::{Duration, Instant};

/// Seeds below are those of the ordinary test run.
const FIRST_SEED: u64 = 1_000_000;

fn main() {
    let mut asked = std::env::args().skip(1).map(|word| word.parse::<u64>().expect("SECONDS [FIRST_SEED]"));
    let seconds = Duration::from_secs(asked.next().unwrap_or(60));
    let first = asked.next().unwrap_or(FIRST_SEED);
    let (started, mut tally, mut seed) = (Instant::now(), Tally::default(), first);
    while started.elapsed() < seconds {
        market::duel(seed, &mut tally);
        seed += 1;
    }
    let Tally { commands, reports, bars, bars_passed, said } = tally;
    println!("duels {first}..{seed}: {commands} commands and {reports} reports alike");
    println!("{bars_passed} of {bars} bars were passed over by the fast one");
    said.iter().for_each(|(what, times)| println!("{times:>10} {what}"));
}
