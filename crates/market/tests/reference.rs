//! Every indicator against TA-Lib, or against the slow and obvious computation where TA-Lib has none.
//!
//! `reference/talib_reference.py` wrote both files read here. A value passes within 1e-9 of itself; a difference of
//! prices within 1e-9 of one tick where it is smaller than one. An empty cell demands `None`, so the warm-ups are checked to the bar.

use market::{EmaFromFirst, Frame, FrameSet, FrameView, IndicatorSet, Level, Market, Pivot, Wants};
use model::{Bar, BarColumns, Interval, Price, Time};
use std::collections::BTreeMap;

const BARS: &str = include_str!("reference/bars.csv");
const EXPECTED: &str = include_str!("reference/expected.csv");
const TOLERANCE: f64 = 1e-9;

fn rows(csv: &str) -> impl Iterator<Item = BTreeMap<&str, &str>> {
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().expect("the file has a header").split(',').collect();
    lines.map(move |line| header.iter().copied().zip(line.split(',')).collect())
}

fn bars(series: &str) -> BarColumns {
    let mut columns = BarColumns::new(Interval::minutes(15));
    for row in rows(BARS).filter(|row| row["series"] == series) {
        let number = |name: &str| row[name].parse::<i64>().expect("an integer");
        columns.push(Bar {
            open_time: Time(number("open_time")),
            open: Price(number("open")),
            high: Price(number("high")),
            low: Price(number("low")),
            close: Price(number("close")),
            volume: number("volume") as f64,
        });
    }
    columns
}

fn numbers(view: &FrameView) -> Vec<(&'static str, Option<f64>)> {
    vec![
        ("ema_20", view.ema_20().value()),
        ("ema_50", view.ema_50().value()),
        ("ema_200", view.ema_200().value()),
        ("sma_20", view.sma_20().value()),
        ("rsi_14", view.rsi_14().value()),
        ("atr_14", view.atr_14().value()),
        ("adx_14", view.adx_14().value()),
        ("plus_di_14", view.adx_14().plus_di()),
        ("minus_di_14", view.adx_14().minus_di()),
        ("macd", view.macd().value()),
        ("macd_signal", view.macd().signal()),
        ("macd_histogram", view.macd().histogram()),
        ("bollinger_upper", view.bollinger_20().upper()),
        ("bollinger_middle", view.bollinger_20().value()),
        ("bollinger_lower", view.bollinger_20().lower()),
        ("donchian_upper", view.donchian_20().upper()),
        ("donchian_middle", view.donchian_20().value()),
        ("donchian_lower", view.donchian_20().lower()),
        ("donchian_previous_upper", view.donchian_20().previous_upper()),
        ("donchian_previous_lower", view.donchian_20().previous_lower()),
        ("vwap_session", view.vwap_session().value()),
        ("vwap_z_score", view.vwap_z_score().value()),
        ("vwap_deviation", view.vwap_z_score().deviation()),
        ("volume_ratio_20", view.volume_ratio_20().value()),
        ("realised_volatility", view.volatility().value()),
        ("realised_volatility_annualised", view.volatility().annualised()),
        ("trend_strength", view.trend_strength()),
        ("range_ratio", view.range_ratio()),
    ]
}

fn structure(view: &FrameView, first: Time) -> Vec<(&'static str, Option<f64>)> {
    let interval = view.frame.interval();
    let bar = |time: Time| ((time - first).0 / interval.0) as f64;
    let pivot: Option<Pivot> = view.swings().last();
    let below: Option<Level> = view.levels().nearest_below(view.last.close);
    let above: Option<Level> = view.levels().nearest_above(view.last.close);
    vec![
        ("pivots", Some(view.swings().confirmed() as f64)),
        ("pivot_bar", pivot.map(|pivot| bar(pivot.time))),
        ("pivot_price", pivot.map(|pivot| pivot.price)),
        ("pivot_confirmed_bar", pivot.map(|pivot| bar(pivot.confirmed_at - interval))),
        ("levels", Some(view.levels().all().len() as f64)),
        ("below", below.map(|level| level.price)),
        ("below_touches", below.map(|level| f64::from(level.touches))),
        ("above", above.map(|level| level.price)),
        ("above_touches", above.map(|level| f64::from(level.touches))),
    ]
}

/// How far off, as a share of the tolerance.
fn off(name: &str, seen: Option<f64>, cell: &str) -> f64 {
    let difference = name.starts_with("macd") || ["trend_strength", "vwap_z_score"].contains(&name);
    let smallest = if difference { 1.0 } else { f64::MIN_POSITIVE };
    match (seen, cell) {
        (None, "") => 0.0,
        (Some(seen), cell) if !cell.is_empty() => {
            let wanted: f64 = cell.parse().expect("a number");
            (seen - wanted).abs() / wanted.abs().max(smallest) / TOLERANCE
        }
        _ => f64::INFINITY,
    }
}

#[test]
fn every_indicator_equals_the_reference() {
    let mut rows_checked = 0;
    let mut worst: BTreeMap<&str, f64> = BTreeMap::new();
    for series in ["walk", "still"] {
        let columns = bars(series);
        let all = columns.as_bars();
        let mut expected = rows(EXPECTED).filter(|row| row["series"] == series).peekable();
        let mut market = Market::new(columns.interval, Wants::all(FrameSet::EMPTY.with(Frame::M15)))
            .expect("15m makes 15m");
        let mut from_first = EmaFromFirst::new(20);
        for i in 0..all.len() {
            let (taken, closed) = market.absorb(all.slice(i, all.len()));
            assert!(taken == 1 && closed.contains(Frame::M15), "each bar of 15m closes one");
            from_first.update(all.close[i].0 as f64);
            let Some(row) = expected.next_if(|row| row["bar"] == i.to_string()) else { continue };
            let view = market.frame(Frame::M15);
            let mut seen = numbers(view);
            seen.extend(structure(view, all.open_time[0]));
            seen.push(("ema_from_first_20", from_first.value()));
            for &(name, value) in &seen {
                let off = off(name, value, row[name]);
                assert!(off <= 1.0, "{series} bar {i}: {name} is {value:?}, expected {:?}", row[name]);
                let entry = worst.entry(name).or_default();
                *entry = entry.max(off);
            }
            assert_eq!(format!("{:?}", view.trend()), row["trend"], "{series} bar {i}");
            assert_eq!(format!("{:?}", view.regime()), row["regime"], "{series} bar {i}");
            let kind = view.swings().last().map_or(String::new(), |pivot| format!("{:?}", pivot.kind));
            assert_eq!(kind, row["pivot_kind"], "{series} bar {i}");
            assert_eq!(seen.len() + 5, row.len(), "every column of the reference is compared");
            rows_checked += 1;
        }
        assert!(expected.next().is_none(), "every row of the reference is compared");
    }
    assert!(rows_checked > 700, "{rows_checked} rows");
    println!("worst deviations, as a share of {TOLERANCE}: {worst:?}");
}

#[test]
fn stated_warm_ups_are_those_of_the_reference() {
    let view = FrameView::new(Frame::M15, IndicatorSet::ALL);
    let first_bar = |name: &str| {
        let filled = |row: &BTreeMap<&str, &str>| row["series"] == "walk" && !row[name].is_empty();
        let row = rows(EXPECTED).find(filled).expect("every column has a value somewhere");
        row["bar"].parse::<usize>().expect("an integer")
    };
    for (name, warm_up) in [
        ("ema_20", view.ema_20().warm_up()),
        ("ema_200", view.ema_200().warm_up()),
        ("sma_20", view.sma_20().warm_up()),
        ("rsi_14", view.rsi_14().warm_up()),
        ("atr_14", view.atr_14().warm_up()),
        ("adx_14", view.adx_14().warm_up()),
        ("macd", view.macd().warm_up()),
        ("bollinger_middle", view.bollinger_20().warm_up()),
        ("donchian_middle", view.donchian_20().warm_up()),
        ("vwap_session", view.vwap_session().warm_up()),
        ("vwap_z_score", view.vwap_z_score().warm_up()),
        ("volume_ratio_20", view.volume_ratio_20().warm_up()),
        ("realised_volatility", view.volatility().warm_up()),
        ("ema_from_first_20", EmaFromFirst::new(20).warm_up()),
    ] {
        assert_eq!(warm_up, first_bar(name) + 1, "{name}");
        assert!(warm_up as u64 <= market::view::WARM_UP);
    }
}
