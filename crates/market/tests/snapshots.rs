//! A view that is read over a fresh one is the view that never stopped: every indicator of every frame, bit by bit.

#![allow(missing_docs, reason = "tests say what they hold")]

use market::{Frame, FrameSet, Market, Wants};
use model::snapshot::{Restore, Save, State};
use model::{Bar, BarColumns, Interval, Price, Rng, StateHash, Time};

/// Minutes with holes, still stretches and prices that return, so that every indicator has something to say.
fn walk(seed: u64, count: usize) -> BarColumns {
    let mut rng = Rng::new(seed);
    let mut columns = BarColumns::new(Interval::MINUTE);
    let (mut minute, mut close) = (7_i64, 400_000_i64);
    for i in 0..count {
        if rng.below(300) == 0 {
            minute += 1 + rng.below(200) as i64;
        }
        let reach = if i % 900 < 200 { 900 } else { 90 };
        let open = close;
        close += rng.below(2 * reach + 1) as i64 - reach as i64 + (400_000 - close) / 400;
        let (high, low) = (Price(open.max(close) + 20), Price(open.min(close) - 20));
        let open_time = Time(1_640_995_200_000 + minute * 60_000);
        columns.push(Bar {
            open_time,
            open: Price(open),
            high,
            low,
            close: Price(close),
            volume: rng.unit() * 9.0,
        });
        minute += 1;
    }
    columns
}

fn hash(market: &Market) -> u64 {
    let mut hash = StateHash::default();
    market.hash(&mut hash);
    hash.finish()
}

fn feed(market: &mut Market, columns: &BarColumns, from: usize, to: usize) {
    let bars = columns.as_bars().slice(from, to);
    let mut at = 0;
    while at < bars.len() {
        at += market.absorb_from(&bars, at).0;
    }
}

#[test]
fn a_view_risen_anywhere_goes_on_as_if_it_had_not_stopped() {
    let columns = walk(3, 60_000);
    let mut rng = Rng::new(8);
    for frames in [FrameSet::ALL, FrameSet::EMPTY.with(Frame::M5).with(Frame::D1), FrameSet::EMPTY] {
        let fresh = Market::new(Interval::MINUTE, Wants::all(frames)).expect("minutes make every frame");
        let (mut lived, mut at) = (fresh.clone(), 0);
        while at < columns.len() {
            let next = (at + 1 + rng.below(2_500) as usize).min(columns.len());
            feed(&mut lived, &columns, at, next);
            at = next;
            let mut to = Save::default();
            lived.save(&mut to);
            let bytes = to.into_bytes();
            let mut from = Restore::new(&bytes, &[]);
            let mut risen = fresh.clone();
            risen.restore(&mut from).expect("just written");
            assert_eq!(from.end(), Ok(()));
            assert!(format!("{risen:?}") == format!("{lived:?}"), "after {at} bars");
            assert_eq!(hash(&risen), hash(&lived));
            // From here on the risen one lives.
            lived = risen;
        }
        let mut whole = fresh.clone();
        feed(&mut whole, &columns, 0, columns.len());
        assert_eq!(hash(&whole), hash(&lived), "many lives are the one");
        for frame in frames.iter() {
            let view = lived.frame(frame);
            let known = view.rsi_14().value().is_some() && view.macd().value().is_some();
            assert!(known == (frame != Frame::D1 || view.bars > 40), "{frame}: {} bars", view.bars);
        }
    }
}

/// Whatever number is changed: it is refused, or a view that can be fed.
#[test]
fn a_changed_view_is_refused_or_is_one() {
    let columns = walk(4, 9_000);
    let fresh = Market::new(Interval::MINUTE, Wants::all(FrameSet::ALL)).expect("minutes make every frame");
    let mut lived = fresh.clone();
    feed(&mut lived, &columns, 0, 8_000);
    let mut to = Save::default();
    lived.save(&mut to);
    let bytes = to.into_bytes();
    let (mut rng, mut refused) = (Rng::new(5), 0);
    for _ in 0..3_000 {
        let mut changed = bytes.clone();
        changed[rng.below(bytes.len() as u64) as usize] ^= 1 << rng.below(8);
        let mut risen = fresh.clone();
        let mut from = Restore::new(&changed, &[]);
        refused += usize::from(risen.restore(&mut from).is_err() || from.end().is_err());
    }
    assert!(refused > 300, "{refused} of 3 000 were refused");
}
