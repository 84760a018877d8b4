//! Properties that hold for every run, and the reasons that runs without a meaning are given.

use analytics::{Inputs, METRICS, Undefined, Unit, evaluate, max_drawdown};
use proptest::prelude::*;

type Figures = Vec<(&'static str, Result<f64, Undefined>)>;

fn figures(equity: &[f64], profits: &[f64]) -> Figures {
    evaluate(&Inputs { equity, profits })
}

fn figure(all: &Figures, key: &str) -> Result<f64, Undefined> {
    all.iter().find(|(k, _)| *k == key).expect("a metric").1
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-7 * a.abs().max(b.abs()).max(1.0)
}

/// Equity in whole USDT: scaling keeps its order, so no day moves to the other side of a peak.
fn curves() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((1_i32..1_000_000).prop_map(f64::from), 1..80)
}

fn profits() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-1_000_i32..1_000).prop_map(f64::from), 0..60)
}

/// Anything a caller could pass, the absurd included.
fn anything() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => any::<f64>(),
        2 => (-5_i32..5).prop_map(f64::from),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::MAX),
        1 => Just(f64::MIN_POSITIVE),
        3 => 0.5_f64..2.0,
    ];
    prop::collection::vec(value, 0..12)
}

proptest! {
    #[test]
    fn scaling_equity_leaves_every_equity_metric_unchanged(curve in curves(), scale in 0.001_f64..1000.0) {
        let scaled: Vec<f64> = curve.iter().map(|e| e * scale).collect();
        for ((key, before), (_, after)) in figures(&curve, &[]).into_iter().zip(figures(&scaled, &[])) {
            match (before, after) {
                (Ok(before), Ok(after)) => prop_assert!(close(before, after), "{key}: {before} {after}"),
                (before, after) => prop_assert_eq!(before, after, "{}", key),
            }
        }
    }

    #[test]
    fn scaling_profits_scales_money_and_leaves_ratios(list in profits(), power in -6_i32..7) {
        let scale = if power < 0 { 1.0 / f64::from(1 << -power) } else { f64::from(1 << power) };
        let scaled: Vec<f64> = list.iter().map(|p| p * scale).collect();
        let (before, after) = (figures(&[1.0], &list), figures(&[1.0], &scaled));
        for metric in METRICS {
            let factor = if metric.unit == Unit::Money { scale } else { 1.0 };
            let before = figure(&before, metric.key).map(|value| value * factor);
            prop_assert_eq!(before, figure(&after, metric.key), "{}", metric.key);
        }
    }

    #[test]
    fn only_finite_numbers_come_out(equity in anything(), list in anything()) {
        for (key, value) in figures(&equity, &list) {
            prop_assert!(value.map_or(true, f64::is_finite), "{key}: {value:?}");
        }
    }

    #[test]
    fn the_order_of_trades_does_not_matter(list in profits().prop_shuffle(), by in 0_usize..60) {
        let mut turned = list.clone();
        turned.rotate_left(by % list.len().max(1));
        turned.reverse();
        let (before, after) = (figures(&[1.0], &list), figures(&[1.0], &turned));
        for key in ["trades", "win_rate", "profit_factor", "expectancy", "win_loss_ratio", "kelly"] {
            // Whole USDT add up exactly in any order.
            prop_assert_eq!(figure(&before, key), figure(&after, key), "{}", key);
        }
    }

    #[test]
    fn bounds(curve in curves(), list in profits()) {
        let all = figures(&curve, &list);
        let within = |key: &str, low: f64, high: f64| {
            figure(&all, key).map_or(true, |value| (low..=high).contains(&value))
        };
        prop_assert!(within("win_rate", 0.0, 1.0));
        prop_assert!(within("psr0", 0.0, 1.0));
        prop_assert!(within("max_drawdown", -1.0, 0.0));
        prop_assert!(within("longest_underwater_days", 0.0, curve.len() as f64 - 1.0));
        prop_assert!(within("ulcer_index", 0.0, f64::MAX));
        if let (Ok(tail), Ok(bound)) = (figure(&all, "cvar95_hist"), figure(&all, "var95_hist")) {
            prop_assert!(tail <= bound + 1e-12, "the mean of the tail is not above its bound");
        }
    }

    #[test]
    fn the_deepest_fall_is_the_deepest_over_all_pairs(curve in curves()) {
        let mut worst = 0.0_f64;
        for (i, &peak) in curve.iter().enumerate() {
            for &later in &curve[i..] {
                worst = worst.min(later / peak - 1.0);
            }
        }
        prop_assert!(close(max_drawdown(&curve).expect("positive equity"), worst));
    }
}

#[test]
fn a_constant_curve_is_undefined_where_it_has_no_meaning() {
    let all = figures(&[10_000.0; 30], &[]);
    for key in
        ["total_return", "cagr", "volatility_ann", "max_drawdown", "ulcer_index", "longest_underwater_days"]
    {
        assert_eq!(figure(&all, key), Ok(0.0), "{key} of a flat curve is zero and means it");
    }
    for (key, reason) in [
        ("sharpe", Undefined::ReturnsDoNotVary),
        ("sortino", Undefined::NoLosingDay),
        ("calmar", Undefined::NoDrawdown),
        ("omega0", Undefined::NoLosingDay),
        ("skew", Undefined::ReturnsDoNotVary),
        ("kurtosis_excess", Undefined::ReturnsDoNotVary),
        ("psr0", Undefined::ReturnsDoNotVary),
        ("tail_ratio", Undefined::NoTail),
        ("win_rate", Undefined::NoTrade),
        ("profit_factor", Undefined::NoTrade),
        ("sqn", Undefined::NoTrade),
        ("kelly", Undefined::NoTrade),
    ] {
        assert_eq!(figure(&all, key), Err(reason), "{key}");
    }
    assert_eq!(figure(&all, "trades"), Ok(0.0));
}

#[test]
fn short_and_broken_runs_are_given_their_reason() {
    let one_day = figures(&[100.0, 101.0], &[1.0]);
    assert_eq!(figure(&one_day, "sharpe"), Err(Undefined::TooFewDays { have: 1, needed: 2 }));
    assert_eq!(figure(&one_day, "psr0"), Err(Undefined::TooFewDays { have: 1, needed: 4 }));
    assert_eq!(figure(&one_day, "profit_factor"), Err(Undefined::NoLosingTrade));

    let ruined = figures(&[100.0, 40.0, 0.0, 0.0], &[-60.0, -40.0]);
    assert_eq!(figure(&ruined, "total_return"), Ok(-1.0));
    assert_eq!(figure(&ruined, "max_drawdown"), Ok(-1.0));
    assert_eq!(figure(&ruined, "sharpe"), Err(Undefined::Ruined));
    assert_eq!(figure(&ruined, "win_loss_ratio"), Err(Undefined::NoWinningTrade));
    assert_eq!(figure(&ruined, "profit_factor"), Ok(0.0));

    for (equity, reason) in [
        (&[][..], Undefined::NoEquity),
        (&[0.0, 5.0][..], Undefined::NoCapital),
        (&[5.0, f64::INFINITY][..], Undefined::NotFinite),
    ] {
        let all = figures(equity, &[]);
        for key in ["total_return", "cagr", "sharpe", "max_drawdown", "var95_hist", "ulcer_index"] {
            assert_eq!(figure(&all, key), Err(reason), "{key}");
        }
    }
    assert_eq!(figure(&figures(&[1.0], &[f64::NAN]), "trades"), Err(Undefined::NotFinite));
}

#[test]
fn a_tail_too_wide_for_a_number_has_no_value_at_risk() {
    let all = figures(&[1e-308, 1.0, -1e308], &[]);
    for key in ["var95_hist", "cvar95_hist", "tail_ratio"] {
        assert_eq!(figure(&all, key), Err(Undefined::BeyondRange), "{key}");
    }
}
