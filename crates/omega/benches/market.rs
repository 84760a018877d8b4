//! How fast markets are made: as a ratio to a bare loop of uniform numbers in the same run, and without allocating.
//!
//! `cargo bench -p omega --bench market [-- seconds-per-row]`. Absolute figures wobble on a shared machine, the ratio does not.

#![allow(clippy::print_stdout)]

use model::{BotId, Concern, Rng, Time};
use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use synthetic::{Laid, Market, MarketSettings, Scenario};

struct Counting;
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is handed to the system allocator unchanged; only a counter is added.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}
#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MINUTES: usize = 500_000;

/// Best of several rounds, in millions a second, printed beside the bare loop's.
fn measure(name: &str, seconds: f64, bare: Option<f64>, mut work: impl FnMut() -> u64) -> f64 {
    black_box(work());
    let (mut best, mut allocations, started) = (f64::MAX, 0, Instant::now());
    while started.elapsed().as_secs_f64() < seconds {
        let (before, at) = (ALLOCATIONS.load(Ordering::Relaxed), Instant::now());
        black_box(work());
        best = best.min(at.elapsed().as_secs_f64());
        allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    }
    let rate = MINUTES as f64 / best / 1e6;
    let ratio = bare.map_or_else(String::new, |bare| format!("  {:6.1} bare draws a bar", bare / rate));
    println!("{name:24} {rate:8.2} M/s  {:7.1} ns  {allocations:3} allocations{ratio}", 1e3 / rate);
    rate
}

fn market(scenarios: Vec<Laid>) -> Market {
    let start = Time::from_date(2024, 1, 1).expect("a day");
    Market::new(&MarketSettings { seed: 1, start, price: 60_000.0, scenarios })
}

fn run(market: &mut Market) -> u64 {
    (0..MINUTES).fold(0, |sum, _| {
        let minute = market.minute();
        sum ^ minute.bar.close.0 as u64 ^ minute.bar.volume.to_bits()
    })
}

fn main() {
    let seconds = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(3.0);
    let mut rng = Rng::stream(1, BotId(0), Concern::Market);
    let bare = measure("a bare loop of draws", seconds, None, || {
        (0..MINUTES).map(|_| rng.unit()).sum::<f64>().to_bits()
    });
    let mut calm = market(Vec::new());
    measure("a market", seconds, Some(bare), || run(&mut calm));
    let start = Time::from_date(2024, 1, 1).expect("a day");
    let waiting: Vec<Laid> =
        Scenario::ALL.iter().map(|&scenario| Laid { scenario, at: start, lasts: None }).collect();
    let mut busy = market(waiting);
    measure("a market with scenarios", seconds, Some(bare), || run(&mut busy));
}
