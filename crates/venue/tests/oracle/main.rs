//! The oracle: a naive exchange, written a second time from the rules, takes the same commands as the fast one. After every
//! command both have said the same reports in the same order and hold the same money, positions and orders.
//!
//! A difference is a bug of one of them. Long runs: `make duel`. It refuses to pass when something a venue can say was not said.

mod duel;
mod market;
mod naive;
mod picture;

use duel::Tally;
use model::{CancelReason, RejectReason};

/// Duels of an ordinary test run: a debug build walks ticks slowly.
const SEEDS: u64 = if cfg!(debug_assertions) { 150 } else { 1_000 };

#[test]
fn the_fast_venue_says_and_holds_what_the_naive_one_does() {
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        market::duel(seed, &mut tally);
    }
    assert!(tally.bars_passed * 20 > tally.bars, "{} of {} bars passed", tally.bars_passed, tally.bars);
    for name in everything_there_is_to_say() {
        let times = tally.said.get(&name).copied().unwrap_or(0);
        assert!(times >= 5, "{name} was said {times} times: {:#?}", tally.said);
    }
}

/// Every report, every reason; but for what only a desk can know.
fn everything_there_is_to_say() -> Vec<String> {
    let plain = ["Accepted", "Amended", "Triggered", "Funding", "Liquidated", "Deleveraged"];
    let fills = ["Filled Maker", "Filled Taker"];
    let results =
        ["true", "false", "Ok(())", "Err(InUse)", "Err(LeverageTooHigh)", "Err(InsufficientMargin)"];
    let rejected = RejectReason::ALL.into_iter().filter(|reason| *reason != RejectReason::Expired);
    let cancelled = [
        CancelReason::Requested,
        CancelReason::Unfilled,
        CancelReason::PositionClosed,
        CancelReason::OtherFilled,
        CancelReason::Liquidated,
        CancelReason::InsufficientMargin,
    ];
    let plain = plain.into_iter().chain(fills).chain(results).map(str::to_owned);
    let rejected = rejected.map(|reason| format!("Rejected {reason:?}"));
    let cancelled = cancelled.into_iter().map(|reason| format!("Cancelled {reason:?}"));
    plain.chain(rejected).chain(cancelled).collect()
}
