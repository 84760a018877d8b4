//! What is kept is chosen: a frame costs and shows what somebody wants, and what else is wanted changes no figure.

use market::{Frame, FrameSet, FrameView, Indicator, Market, Wants};
use model::{Bar, BarColumns, Interval, Price, Rng, Time};

fn walk(count: usize) -> BarColumns {
    let mut rng = Rng::new(12);
    let mut columns = BarColumns::new(Interval::MINUTE);
    let mut close = 400_000_i64;
    for minute in 0..count as i64 {
        let open = close;
        close += rng.below(401) as i64 - 200;
        let (high, low) = (open.max(close) + rng.below(50) as i64, open.min(close) - rng.below(50) as i64);
        let (open, close) = (Price(open), Price(close));
        let open_time = Time(minute * 60_000);
        columns.push(Bar {
            open_time,
            open,
            high: Price(high),
            low: Price(low),
            close,
            volume: rng.unit() * 9.0,
        });
    }
    columns
}

/// All that is known about one indicator.
fn read(view: &FrameView, indicator: Indicator) -> String {
    match indicator {
        Indicator::Ema20 => format!("{:?}", view.ema_20()),
        Indicator::Ema50 => format!("{:?}", view.ema_50()),
        Indicator::Ema200 => format!("{:?}", view.ema_200()),
        Indicator::Sma20 => format!("{:?}", view.sma_20()),
        Indicator::Rsi14 => format!("{:?}", view.rsi_14()),
        Indicator::Atr14 => format!("{:?}", view.atr_14()),
        Indicator::Adx14 => format!("{:?}", view.adx_14()),
        Indicator::Macd => format!("{:?}", view.macd()),
        Indicator::Bollinger20 => format!("{:?}", view.bollinger_20()),
        Indicator::Donchian20 => format!("{:?}", view.donchian_20()),
        Indicator::VwapSession => format!("{:?}", view.vwap_session()),
        Indicator::VwapZScore => format!("{:?}", view.vwap_z_score()),
        Indicator::VolumeRatio20 => format!("{:?}", view.volume_ratio_20()),
        Indicator::Volatility => format!("{:?}", view.volatility()),
        Indicator::AtrUsual => format!("{:?}", view.atr_usual()),
        Indicator::Swings => format!("{:?}", view.swings()),
        Indicator::Levels => format!("{:?}", view.levels()),
        Indicator::Trend => format!("{:?}", view.trend()),
        Indicator::Regime => format!("{:?}", view.regime()),
    }
}

/// What an indicator of a frame said at the frame's closes, now and then.
fn said(columns: &BarColumns, wants: Wants, frame: Frame, indicator: Indicator) -> Vec<String> {
    let all = columns.as_bars();
    let mut market = Market::new(Interval::MINUTE, wants).expect("minutes make every frame");
    let (mut at, mut said) = (0, Vec::new());
    while at < all.len() {
        let (taken, closed) = market.absorb(all.slice(at, all.len()));
        at += taken;
        let view = closed.contains(frame).then(|| market.frame(frame));
        said.extend(view.filter(|view| view.bars % 16 == 1).map(|view| read(view, indicator)));
    }
    said
}

#[test]
fn an_indicator_says_the_same_whatever_else_is_wanted() {
    let columns = walk(12_000);
    for frame in [Frame::M1, Frame::M15] {
        for indicator in Indicator::ALL {
            let alone = said(&columns, Wants::NONE.with(frame, &[indicator]), frame, indicator);
            let among_all = said(&columns, Wants::all(FrameSet::ALL), frame, indicator);
            assert!(alone == among_all, "{frame} {indicator:?}");
            let moved = alone[0] != alone[alone.len() - 1];
            assert!(moved || is_a_word(indicator), "{frame} {indicator:?} never moved");
        }
    }
}

/// A word, not a figure: it may well be the same at both ends.
fn is_a_word(indicator: Indicator) -> bool {
    matches!(indicator, Indicator::Trend | Indicator::Regime)
}

#[test]
fn a_frame_without_indicators_shows_its_bars() {
    let columns = walk(600);
    let wants = Wants::NONE.with(Frame::M1, &[]).with(Frame::H1, &[]);
    let mut bare = Market::new(Interval::MINUTE, wants).expect("minutes");
    let mut full = Market::new(Interval::MINUTE, Wants::all(wants.frames())).expect("minutes");
    let all = columns.as_bars();
    for i in 0..all.len() {
        let step = bare.absorb(all.slice(i, i + 1));
        assert_eq!(step, full.absorb(all.slice(i, i + 1)));
        for frame in wants.frames().iter() {
            assert_eq!(bare.frame(frame).last, full.frame(frame).last);
            assert_eq!(bare.frame(frame).bars, full.frame(frame).bars);
        }
    }
    assert_eq!((bare.frame(Frame::M1).bars, bare.frame(Frame::H1).bars), (600, 10));
}
