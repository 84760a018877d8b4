//! How fast the view takes in bars, beside a plain sum over one column of the same bars in the same run.
//! `cargo bench -p market`; it prints and judges nothing.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints"
)]

use market::{EmaFromFirst, Frame, FrameSet, Indicator, Market, Wants};
use model::{Bar, BarColumns, Interval, Price, Rng, Time};
use std::hint::black_box;
use std::time::Instant;

const BARS: usize = 1_000_000;
const ROUNDS: usize = 9;

/// What a persona of minutes reads.
const SCALPING: Wants = Wants::NONE
    .with(Frame::M1, &[Indicator::Ema20, Indicator::Atr14, Indicator::VwapSession, Indicator::VolumeRatio20]);

/// What `strategic` reads.
const FOLLOWING: Wants = Wants::NONE
    .with(
        Frame::H1,
        &[
            Indicator::Ema20,
            Indicator::Ema50,
            Indicator::Atr14,
            Indicator::Donchian20,
            Indicator::VolumeRatio20,
        ],
    )
    .with(Frame::H4, &[Indicator::Trend, Indicator::Adx14]);

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

/// The best of several rounds, in nanoseconds a bar; `bare` is what the sum over the closes took.
fn report(name: &str, bare: Option<f64>, mut round: impl FnMut()) -> f64 {
    let mut best_s = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round();
        best_s = best_s.min(start.elapsed().as_secs_f64());
    }
    let bar_ns = best_s * 1e9 / BARS as f64;
    let ratio = bare.map_or_else(String::new, |bare| format!("  {:>7.1} sums", bar_ns / bare));
    println!("{name:<34} {:>9.1} M bars/s  {bar_ns:>7.2} ns/bar{ratio}", 1e3 / bar_ns);
    bar_ns
}

fn absorb_all(columns: &BarColumns, wants: Wants, stride: usize) {
    let all = black_box(columns).as_bars();
    let mut market = Market::new(Interval::MINUTE, wants).expect("minutes make every frame");
    let mut at = 0;
    while at < BARS {
        let lent = all.slice(at, BARS.min(at + stride));
        let mut taken = 0;
        while taken < lent.len() {
            taken += market.absorb_from(&lent, taken).0;
        }
        at += taken;
    }
    black_box(&market);
}

fn main() {
    let columns = walk();
    let bare = report("plain sum of the closes", None, || {
        let sum: i64 = black_box(&columns).close.iter().map(|close| close.0).sum();
        black_box(sum);
    });
    report("plain sums of all five columns", Some(bare), || {
        let bars = black_box(&columns);
        let prices = [&bars.open, &bars.high, &bars.low, &bars.close];
        let sums = prices.map(|column| column.iter().map(|price| price.0).sum::<i64>());
        // As integers: floats would be summed one by one.
        black_box((sums, bars.volume.iter().fold(0_u64, |sum, volume| sum ^ volume.to_bits())));
    });
    report("two EMAs from the first close", Some(bare), || {
        let (mut fast, mut slow) = (EmaFromFirst::new(20), EmaFromFirst::new(50));
        for close in &black_box(&columns).close {
            fast.update(close.0 as f64);
            slow.update(close.0 as f64);
        }
        black_box((fast, slow));
    });
    let four = Wants::all([Frame::M15, Frame::H1, Frame::H4, Frame::D1].into_iter().collect());
    for (name, wants, stride) in [
        ("no frames, 256 at a time", Wants::NONE, 256),
        ("1d alone", Wants::all(FrameSet::EMPTY.with(Frame::D1)), BARS),
        ("1m without indicators", Wants::NONE.with(Frame::M1, &[]), BARS),
        ("5m without indicators", Wants::NONE.with(Frame::M5, &[]), BARS),
        ("1m with four, 256 at a time", SCALPING, 256),
        ("1m with four", SCALPING, BARS),
        ("1m with four, 1h and 4h", SCALPING.union(FOLLOWING), BARS),
        ("1h and 4h as strategic reads them", FOLLOWING, BARS),
        ("1h and 4h, everything", Wants::all(FOLLOWING.frames()), BARS),
        ("15m 1h 4h 1d, everything", four, BARS),
        ("the same, one at a time", four, 1),
        ("every frame, everything", Wants::all(FrameSet::ALL), BARS),
    ] {
        report(name, Some(bare), || absorb_all(&columns, wants, stride));
    }
}
