//! Frames: equal to naive resampling over gaps and odd starts, independent of how the bars are sliced, and blind to
//! what has not happened yet.

use market::{Frame, FrameBar, FrameSet, Indicator, Market, MarketError, Wants};
use model::{Bar, BarColumns, Interval, Price, Rng, StateHash, Time};
use std::collections::BTreeMap;

const START: i64 = 1_640_995_200_000;

/// A random walk of minutes from 00:07 on, with holes of a minute up to two days and, now and then, a whole dead slot.
fn walk(seed: u64, count: usize, holes: u64) -> BarColumns {
    let mut rng = Rng::new(seed);
    let mut columns = BarColumns::new(Interval::MINUTE);
    let (mut minute, mut close) = (7_i64, 400_000_i64);
    for _ in 0..count {
        if holes > 0 && rng.below(holes) == 0 {
            let longest = [3, 30, 300, 3_000][rng.below(4) as usize];
            minute += 1 + rng.below(longest) as i64;
        }
        let open = close;
        close += rng.below(201) as i64 - 100;
        columns.push(Bar {
            open_time: Time(START + minute * 60_000),
            open: Price(open),
            high: Price(open.max(close) + rng.below(50) as i64),
            low: Price(open.min(close) - rng.below(50) as i64),
            close: Price(close),
            // Quarters add up without rounding, so the naive sum may use another order.
            volume: rng.below(4_000) as f64 / 4.0,
        });
        minute += 1;
    }
    columns
}

/// Everything that closed, in order: the frames, when they were reported, and the bars.
fn closings(columns: &BarColumns, frames: FrameSet, stride: usize) -> (Vec<(Frame, Time, FrameBar)>, u64) {
    let all = columns.as_bars();
    let mut market = Market::new(columns.interval, Wants::all(frames)).expect("minutes make every frame");
    let mut seen = Vec::new();
    let mut hash = StateHash::default();
    let mut at = 0;
    while at < all.len() {
        let lent = all.slice(at, all.len().min(at + stride));
        let (taken, closed) = market.absorb(lent);
        assert!(taken > 0 || !closed.is_empty(), "each call gets somewhere");
        assert!(taken == lent.len() || !closed.is_empty(), "it stops early only for something that closed");
        at += taken;
        for frame in closed.iter() {
            let view = market.frame(frame);
            assert_eq!(view.frame, frame);
            if at < all.len() {
                let end = view.last.open_time + frame.interval();
                assert!(
                    all.open_time[at] >= end,
                    "nothing of the next slot is taken before a slot is closed"
                );
            }
            seen.push((frame, market.now(), view.last));
            market.hash(&mut hash);
        }
        if at > 0 {
            assert_eq!((market.now(), market.last_close()), (all.close_time(at - 1), all.close[at - 1]));
        }
        assert_eq!(market.bars(), at as u64);
    }
    market.hash(&mut hash);
    (seen, hash.finish())
}

fn naive(columns: &BarColumns, frame: Frame) -> Vec<FrameBar> {
    let all = columns.as_bars();
    let mut slots: BTreeMap<Time, Vec<Bar>> = BTreeMap::new();
    for i in 0..all.len() {
        slots.entry(all.open_time[i].floor(frame.interval())).or_default().push(all.get(i));
    }
    let bar = |(&open_time, bars): (&Time, &Vec<Bar>)| FrameBar {
        open_time,
        open: bars[0].open.0 as f64,
        high: bars.iter().map(|bar| bar.high.0).max().expect("a slot has a bar") as f64,
        low: bars.iter().map(|bar| bar.low.0).min().expect("a slot has a bar") as f64,
        close: bars[bars.len() - 1].close.0 as f64,
        volume: bars.iter().map(|bar| bar.volume).sum(),
    };
    slots.iter().map(bar).collect()
}

#[test]
fn frames_equal_naive_resampling() {
    let some = [Frame::M15, Frame::H1, Frame::H4, Frame::D1].into_iter().collect();
    for (seed, holes) in [(1, 0), (2, 500), (3, 40), (4, 2)] {
        let columns = walk(seed, 9_000, holes);
        for frames in [FrameSet::ALL, some, FrameSet::EMPTY.with(Frame::M5).with(Frame::D1)] {
            let (seen, _) = closings(&columns, frames, 777);
            for frame in frames.iter() {
                let mut wanted = naive(&columns, frame);
                let got: Vec<FrameBar> = seen.iter().filter(|s| s.0 == frame).map(|s| s.2).collect();
                let end = *columns.open_time.last().expect("bars") + columns.interval;
                let unfinished = wanted.last().is_some_and(|bar| bar.open_time + frame.interval() > end);
                wanted.truncate(wanted.len() - usize::from(unfinished));
                assert_eq!(got, wanted, "seed {seed}, {frame}");
            }
        }
    }
}

#[test]
fn strides_agree_bit_for_bit() {
    for holes in [0, 30, 700] {
        let columns = walk(5, 12_000, holes);
        let some = FrameSet::ALL.iter().filter(|&frame| frame > Frame::M5).collect();
        for frames in [FrameSet::ALL, some, FrameSet::EMPTY.with(Frame::H1), FrameSet::EMPTY] {
            let whole = closings(&columns, frames, usize::MAX / 2);
            for stride in [1, 7, 256] {
                assert_eq!(closings(&columns, frames, stride), whole, "stride {stride}, holes {holes}");
            }
        }
    }
}

#[test]
fn a_gap_closes_before_the_next_slot_is_taken() {
    let mut columns = walk(6, 20, 0);
    let late = Time(START + 65 * 60_000);
    columns.push(Bar { open_time: late, volume: 1.0, ..columns.as_bars().get(19) });
    let frames = FrameSet::EMPTY.with(Frame::M15).with(Frame::H1);
    let mut market = Market::new(Interval::MINUTE, Wants::all(frames)).expect("minutes make both");
    let all = columns.as_bars();
    assert_eq!(market.absorb(all), (8, FrameSet::EMPTY.with(Frame::M15)));
    assert_eq!(market.absorb(all.slice(8, 20)), (12, FrameSet::EMPTY));
    assert_eq!(market.absorb(all.slice(20, 21)), (0, frames), "both have ended before 01:05");
    assert_eq!(market.now(), Time(START + 27 * 60_000));
    assert_eq!(market.frame(Frame::H1).bars, 1);
    assert_eq!(market.absorb(all.slice(20, 21)), (1, FrameSet::EMPTY));
    assert_eq!(market.absorb(all.slice(21, 21)), (0, FrameSet::EMPTY));
    assert_eq!(market.now(), late + Interval::MINUTE);
}

#[test]
fn a_changed_future_changes_nothing_before_it() {
    let columns = walk(8, 8_000, 200);
    let mut changed = columns.clone();
    let from = 5_003;
    let mut rng = Rng::new(99);
    for i in from..changed.len() {
        let price = Price(300_000 + rng.below(200_000) as i64);
        (changed.open[i], changed.high[i], changed.low[i], changed.close[i]) = (price, price, price, price);
    }
    let [mut a, mut b] =
        [(); 2].map(|()| Market::new(Interval::MINUTE, Wants::all(FrameSet::ALL)).expect("minutes"));
    let hash = |market: &Market| {
        let mut hash = StateHash::default();
        market.hash(&mut hash);
        hash.finish()
    };
    let mut at = 0;
    let mut differed = false;
    while at < columns.len() {
        let step = a.absorb(columns.as_bars().slice(at, columns.len()));
        assert_eq!(
            step,
            b.absorb(changed.as_bars().slice(at, changed.len())),
            "times alone decide the steps"
        );
        at += step.0;
        assert!(at > from || hash(&a) == hash(&b), "bar {at} knew what came after it");
        differed |= hash(&a) != hash(&b);
    }
    assert!(differed, "the change was seen once it had happened");
}

#[test]
fn a_pivot_is_known_only_after_its_turn() {
    let columns = walk(9, 40_000, 0);
    let frames = FrameSet::EMPTY.with(Frame::M5);
    let mut market = Market::new(Interval::MINUTE, Wants::all(frames)).expect("minutes make 5m");
    let all = columns.as_bars();
    let (mut at, mut confirmed) = (0, 0);
    let mut history: Vec<FrameBar> = Vec::new();
    while at < all.len() {
        let (taken, _) = market.absorb(all.slice(at, all.len()));
        at += taken;
        let view = market.frame(Frame::M5);
        history.push(view.last);
        if view.swings().confirmed() == confirmed {
            continue;
        }
        confirmed += 1;
        let pivot = view.swings().last().expect("one was confirmed");
        assert_eq!(pivot.confirmed_at, market.now(), "it is reported at the close that confirms it");
        let atr = view.atr_14().value().expect("no pivot without a range");
        assert!((pivot.price - view.last.close).abs() >= 3.0 * atr, "the market has come back by then");
        let is_extreme = |bar: &FrameBar| bar.high == pivot.price || bar.low == pivot.price;
        let at_pivot = history.iter().find(|bar| bar.open_time == pivot.time).expect("it lies in the past");
        assert!(is_extreme(at_pivot) || at_pivot.close == pivot.price);
    }
    assert!(confirmed > 100, "{confirmed} pivots");
}

#[test]
fn averages_do_not_drift_over_a_long_run() {
    let columns = walk(10, 400_000, 0);
    let all = columns.as_bars();
    let mut market =
        Market::new(Interval::MINUTE, Wants::all(FrameSet::EMPTY.with(Frame::M1))).expect("minutes make 1m");
    for i in 0..all.len() {
        market.absorb(all.slice(i, i + 1));
    }
    let last: Vec<f64> = all.close[all.len() - 20..].iter().map(|close| close.0 as f64).collect();
    let mean = last.iter().sum::<f64>() / 20.0;
    let deviation = (last.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 20.0).sqrt();
    let view = market.frame(Frame::M1);
    assert!((view.sma_20().value().expect("warm") - mean).abs() <= 1e-12 * mean.abs());
    assert!((view.bollinger_20().deviation().expect("warm") - deviation).abs() <= 1e-12 * deviation);
}

#[test]
fn refuses_what_does_not_fit() {
    let frames = FrameSet::EMPTY.with(Frame::M5).with(Frame::H1);
    for base in [1, 5] {
        assert!(Market::new(Interval::minutes(base), Wants::all(frames)).is_ok());
    }
    let base = Interval::minutes(2);
    let error = Market::new(base, Wants::all(frames)).expect_err("2m bars make no 5m frame");
    assert_eq!(error, MarketError::BaseDoesNotDivide { base, frame: Frame::M5 });
    assert!(error.to_string().contains("2m") && error.to_string().contains("5m"), "{error}");
    assert!(Market::new(Interval(0), Wants::all(FrameSet::EMPTY)).is_err());
}

#[test]
#[should_panic(expected = "bars arrive in order")]
fn an_older_bar_is_a_broken_invariant() {
    let columns = walk(11, 30, 0);
    let mut market =
        Market::new(Interval::MINUTE, Wants::all(FrameSet::EMPTY)).expect("no frame, no conflict");
    market.absorb(columns.as_bars());
    market.absorb(columns.as_bars().slice(3, 4));
}

#[test]
#[should_panic(expected = "told to keep it")]
fn a_frame_that_is_not_kept_is_a_broken_invariant() {
    let market =
        Market::new(Interval::MINUTE, Wants::all(FrameSet::EMPTY.with(Frame::H1))).expect("minutes make 1h");
    market.frame(Frame::H4);
}

#[test]
#[should_panic(expected = "told to keep it: 1h Ema50")]
fn an_indicator_that_is_not_kept_is_a_broken_invariant() {
    let wants = Wants::NONE.with(Frame::H1, &[Indicator::Ema20]);
    let market = Market::new(Interval::MINUTE, wants).expect("minutes make 1h");
    assert_eq!(market.frame(Frame::H1).ema_20().value(), None);
    market.frame(Frame::H1).ema_50();
}
