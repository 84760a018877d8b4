//! How fast the view takes in bars, beside a plain sum over one column of the same bars in the same run.
//! `cargo bench -p market`; it prints and judges nothing.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints"
)]

use market::{EmaFromFirst, Frame, FrameSet, Market};
use model::{Bar, BarColumns, Interval, Price, Rng, Time};
use std::hint::black_box;
use std::time::Instant;

const BARS: usize = 1_000_000;
const ROUNDS: usize = 9;

fn walk() -> BarColumns {
    let mut rng = Rng::new(7);
    let mut columns = BarColumns::new(Interval::MINUTE);
    let mut close = 400_000_i64;
    for minute in 0..BARS as i64 {
        let open = close;
        close += rng.below(401) as i64 - 200;
        columns.push(Bar {
            open_time: Time(1_640_995_200_000 + minute * 60_000),
            open: Price(open),
            high: Price(open.max(close) + rng.below(100) as i64),
            low: Price(open.min(close) - rng.below(100) as i64),
            close: Price(close),
            volume: rng.unit() * 100.0,
        });
    }
    columns
}

/// The best of several rounds, in million bars per second.
fn report(name: &str, mut round: impl FnMut()) {
    let mut best_s = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round();
        best_s = best_s.min(start.elapsed().as_secs_f64());
    }
    println!(
        "{name:<32} {:>9.1} M bars/s  {:>7.2} ns/bar",
        BARS as f64 / best_s / 1e6,
        best_s * 1e9 / BARS as f64
    );
}

fn absorb_all(columns: &BarColumns, frames: FrameSet, stride: usize) {
    let all = black_box(columns).as_bars();
    let mut market = Market::new(Interval::MINUTE, frames).expect("minutes make every frame");
    let mut at = 0;
    while at < BARS {
        at += market.absorb(all.slice(at, BARS.min(at + stride))).0;
    }
    black_box(&market);
}

fn main() {
    let columns = walk();
    report("plain sum of the closes", || {
        let sum: i64 = black_box(&columns).close.iter().map(|close| close.0).sum();
        black_box(sum);
    });
    report("two EMAs from the first close", || {
        let (mut fast, mut slow) = (EmaFromFirst::new(20), EmaFromFirst::new(50));
        for close in &black_box(&columns).close {
            fast.update(close.0 as f64);
            slow.update(close.0 as f64);
        }
        black_box((fast, slow));
    });
    let four: FrameSet = [Frame::M15, Frame::H1, Frame::H4, Frame::D1].into_iter().collect();
    for (name, frames, stride) in [
        ("no frames, 256 at a time", FrameSet::EMPTY, 256),
        ("1d alone", FrameSet::EMPTY.with(Frame::D1), BARS),
        ("15m 1h 4h 1d", four, BARS),
        ("15m 1h 4h 1d, one at a time", four, 1),
        ("1m 5m 15m 1h 4h 1d", FrameSet::ALL, BARS),
    ] {
        report(name, || absorb_all(&columns, frames, stride));
    }
}
