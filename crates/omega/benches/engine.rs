//! How fast the engine is: as a ratio to a bare loop (two averages, position, equity) over the same bars in the same run.
//!
//! `cargo bench -p omega --bench engine [-- seconds-per-row] [names]`. Absolute figures wobble on a shared machine, the ratio
//! does not. A counting allocator proves that nothing is allocated per bar.

#![allow(clippy::print_stdout)]

use backtest::{History, RunSettings, run};
use farm::Character;
use model::{BarColumns, FundingRate, Instrument, Price, Qty, Usd};
use persona::{ControlSettings, Gains};
use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use venue::Models;

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

/// What the ratio is to: the least that an `ema_cross` back-test can do, in floats, without venue, risk or ledger.
fn bare_loop(bars: &BarColumns) -> f64 {
    let (fast_alpha, slow_alpha) = (2.0 / 21.0, 2.0 / 51.0);
    let first = bars.close[0].0 as f64;
    let (mut fast, mut slow, mut position, mut cash, mut side) = (first, first, 0.0, 1e6, 0.0);
    let (mut peak, mut drawdown) = (0.0_f64, 0.0_f64);
    for (i, close) in bars.close.iter().enumerate() {
        let price = close.0 as f64;
        fast += (price - fast) * fast_alpha;
        slow += (price - slow) * slow_alpha;
        let now = if fast > slow { 1.0 } else { -1.0 };
        if now != side && i >= 50 {
            let wanted = now * 0.1;
            cash -= (wanted - position) * price + (wanted - position).abs() * price * 0.0006;
            position = wanted;
        }
        side = now;
        let equity = cash + position * price;
        peak = peak.max(equity);
        drawdown = drawdown.max(peak - equity);
    }
    cash + drawdown
}

fn measure(
    name: &str,
    bars: usize,
    seconds: f64,
    baseline: Option<f64>,
    mut work: impl FnMut() -> u64,
) -> f64 {
    black_box(work());
    let (mut best, started) = (f64::MAX, Instant::now());
    let (mut allocations, mut checksum) = (0, 0);
    while started.elapsed().as_secs_f64() < seconds {
        let (before, at) = (ALLOCATIONS.load(Ordering::Relaxed), Instant::now());
        checksum = black_box(work());
        best = best.min(at.elapsed().as_secs_f64());
        allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    }
    let rate = bars as f64 / best / 1e6;
    let ratio = baseline.map_or_else(String::new, |baseline| format!("  {:5.3} of bare", rate / baseline));
    println!(
        "{name:34} {rate:8.1} M bars/s  {:6.2} ns/bar  {allocations:5} allocations{ratio}  {checksum:016x}",
        1e3 / rate
    );
    rate
}

fn settings(name: &'static str) -> RunSettings {
    let controls = ControlSettings { fast: 20, slow: 50, quantity: Qty(100) };
    let (persona, models) = match persona::catalogue::profile(name) {
        Some(profile) => {
            (Character::Persona(Box::new(profile.expect("built in")), Gains::FULL), omega_models())
        }
        None => (Character::Control(name, controls), Models::NONE),
    };
    RunSettings {
        bot: model::BotId(0),
        character: persona,
        capital: Usd(1_000_000 * Usd::ONE.0),
        seed: 1,
        models,
        stride: 256,
        sky: cosmos::Sky::none(),
    }
}

fn omega_models() -> Models {
    Models {
        slippage: model::Rate::bps(1),
        latency: model::Interval(250),
        participation: Some(model::Rate(100_000_000_000)),
    }
}

/// Two real years where they are, else as many made bars.
fn market() -> (BarColumns, Vec<FundingRate>, u8) {
    let data = std::env::var_os("OMEGA_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), Into::into);
    let file = data.join("bars/BTCUSDT-perp-1m-2022-2023.parquet");
    let options = data::BarOptions { min_decimals: 1, ..data::BarOptions::default() };
    let at = Instant::now();
    match data::load_bars(&file, &options) {
        Ok(loaded) => {
            println!("{} loaded in {:.3} s", file.display(), at.elapsed().as_secs_f64());
            let funding =
                data::load_funding(&data.join("funding/BTCUSDT-funding-2019-2026.csv")).unwrap_or_default();
            (loaded.bars, funding, loaded.tick_decimals)
        }
        Err(error) => {
            println!("SKIPPED real data ({error}); a made market instead");
            (backtest::noise::random_market(1_051_200, 7), Vec::new(), 1)
        }
    }
}

fn main() {
    let seconds = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(2.0);
    let (bars, funding, decimals) = market();
    let n = bars.len();
    let instrument = Instrument::btcusdt().with_price_decimals(decimals);
    let history = History::new(instrument, bars, &funding, None);
    let floor: Vec<Price> = history.bars().close.to_vec();
    let columns = {
        let view = history.bars();
        let mut copy = BarColumns::new(view.interval);
        for i in 0..view.len() {
            copy.push(view.get(i));
        }
        copy
    };
    measure("memory floor: sum of closes", n, seconds, None, || {
        floor.iter().fold(0, |sum, close| sum + close.0 as u64)
    });
    let bare = measure("bare loop: two EMAs and equity", n, seconds, None, || bare_loop(&columns).to_bits());
    let range = (history.bars().open_time[0], history.bars().close_time(n - 1));
    let at = Instant::now();
    let almanac = cosmos::Almanac::new(range.0, range.1).expect("the years of an almanac");
    println!("{:34} {:8.1} ms for an almanac of them", "", at.elapsed().as_secs_f64() * 1e3);
    let sky = cosmos::Sky::none().with_almanac(Arc::new(almanac)).with_factors(cosmos::FactorSet::ALL);
    let rate = |name: &str, settings: &RunSettings| {
        let work = || run(&history, settings).expect("the bars fit").state_hash;
        measure(name, n, seconds, Some(bare), work)
    };
    // `engine strategic` measures that one only.
    let named: Vec<String> =
        std::env::args().skip(1).filter(|arg| arg.parse::<f64>().is_err() && !arg.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|known| known == name);
    for name in ["ema_cross", "buy_hold"].into_iter().filter(|name| wanted(name)) {
        rate(name, &settings(name));
    }
    for (name, _) in persona::PERSONAS.iter().filter(|(name, _)| wanted(name)) {
        let persona = RunSettings { sky: sky.clone(), ..settings(name) };
        let twin = persona.twin().expect("a persona has a twin");
        let (twin, felt) = (rate(&format!("{name}: calm twin"), &twin), rate(name, &persona));
        println!("{:34} psychology and sky add {:4.1} %", "", (twin / felt - 1.0) * 100.0);
    }
}
