//! Behavioural metrics by hand-worked examples, and the properties that hold for any trader.

use analytics::behaviour::{EntryKind, ExitKind, STATES, Slope, Source, slope_of_r_multiple_on_fatigue};
use analytics::{BEHAVIOURS, LivedTrade, Observations, Occasions, Period, Undefined, observe, over_time};
use model::{Interval, Time};
use proptest::prelude::*;

const NOON: Time = Time(1_704_110_400_000);

/// A trade entered and left so many minutes after noon of 2024-01-01, with this net profit; nothing else about it.
fn lived(entered: i64, exited: i64, net: f64) -> LivedTrade {
    LivedTrade {
        entered_at: NOON + Interval::minutes(entered),
        exited_at: NOON + Interval::minutes(exited),
        net,
        r_multiple: net / 10.0,
        risk_fraction: 0.01,
        state: "neutral",
        entry_kind: EntryKind::Signal,
        exit_kind: ExitKind::Signal,
        fatigue: 0.0,
        mistake: false,
    }
}

fn figure(key: &str, occasions: Occasions, trades: &[LivedTrade]) -> Result<f64, Undefined> {
    let all = observe(&Observations { occasions, trades });
    all.iter().find(|(k, _)| *k == key).expect("a behavioural metric").1
}

fn of_trades(key: &str, trades: &[LivedTrade]) -> Result<f64, Undefined> {
    figure(key, Occasions::default(), trades)
}

#[test]
fn every_key_and_title_is_listed_once() {
    let mut keys: Vec<&str> = BEHAVIOURS.iter().map(|behaviour| behaviour.key).collect();
    let mut titles: Vec<&str> = BEHAVIOURS.iter().map(|behaviour| behaviour.title).collect();
    for names in [&mut keys, &mut titles] {
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), BEHAVIOURS.len());
    }
}

#[test]
fn the_disposition_effect_by_hand() {
    // 30 of 200 occasions in gain taken, 5 of 100 in loss; stops do not matter.
    let occasions =
        Occasions { in_gain: 200, in_loss: 100, exits_in_gain: 30, exits_in_loss: 5, stop_exits: 40 };
    assert_eq!(figure("pgr", occasions, &[]), Ok(0.15));
    assert_eq!(figure("plr", occasions, &[]), Ok(0.05));
    assert!((figure("disposition_effect", occasions, &[]).expect("enough") - 0.1).abs() < 1e-15);
    let fewer = Occasions { in_loss: 19, ..occasions };
    let reason = Undefined::TooFew { what: "occasions in loss", have: 19, needed: 20 };
    assert_eq!(figure("disposition_effect", fewer, &[]), Err(reason));
    assert_eq!(figure("pgr", fewer, &[]), Ok(0.15));
    let none = Undefined::TooFew { what: "occasions in gain", have: 0, needed: 20 };
    assert_eq!(figure("disposition_effect", Occasions::default(), &[]), Err(none));
}

#[test]
fn chasing_by_hand() {
    // Each day a loss that ends at minute 10 and, four hours after it began, a win that risked twice as much. The loss
    // itself comes most of a day after anything else.
    let mut trades = Vec::new();
    for day in 0..5 {
        let start = day * 1_440;
        trades.push(lived(start, start + 10, -10.0));
        trades.push(LivedTrade { risk_fraction: 0.02, ..lived(start + 240, start + 260, 10.0) });
    }
    assert_eq!(of_trades("loss_chasing", &trades), Ok(1.0));
    // Four hours to the minute after the exit is still after it; a minute more is not.
    let mut later = trades.clone();
    later[1].entered_at = NOON + Interval::minutes(250);
    assert_eq!(of_trades("loss_chasing", &later), Ok(1.0));
    later[1].entered_at = NOON + Interval::minutes(251);
    let reason = Undefined::TooFew { what: "trades within 4 h after a loss", have: 4, needed: 5 };
    assert_eq!(of_trades("loss_chasing", &later), Err(reason));
    let winners: Vec<LivedTrade> = (0..9).map(|i| lived(i * 10, i * 10 + 5, 1.0)).collect();
    let reason = Undefined::TooFew { what: "trades within 4 h after a loss", have: 0, needed: 5 };
    assert_eq!(of_trades("loss_chasing", &winners), Err(reason));
    let mut riskless = trades;
    riskless.iter_mut().for_each(|trade| trade.risk_fraction = 0.0);
    assert_eq!(of_trades("loss_chasing", &riskless), Err(Undefined::NothingAtRisk));
}

#[test]
fn a_loss_before_a_win_is_still_a_loss_within_the_window() {
    // loss, win, then a third trade 3 h after the loss: it is after a loss though the last trade won.
    let mut trades = Vec::new();
    for day in 0..5 {
        let start = day * 1_440;
        trades.push(lived(start, start + 10, -10.0));
        trades.push(LivedTrade { risk_fraction: 0.03, ..lived(start + 20, start + 30, 10.0) });
        trades.push(LivedTrade { risk_fraction: 0.05, ..lived(start + 190, start + 200, 10.0) });
    }
    let chased = of_trades("loss_chasing", &trades).expect("enough");
    assert!((chased - 3.0).abs() < 1e-12, "mean 0.04 over 0.01: {chased}");
}

#[test]
fn shares_by_hand() {
    let trades = [
        LivedTrade { entry_kind: EntryKind::Fomo, state: "greedy", ..lived(0, 10, 1.0) },
        LivedTrade { state: "fomo", exit_kind: ExitKind::Panic, ..lived(40, 50, -1.0) },
        LivedTrade { entry_kind: EntryKind::Revenge, state: "revenge", ..lived(81, 90, -1.0) },
        LivedTrade { mistake: true, exit_kind: ExitKind::Stop, state: "panic", ..lived(130, 140, -1.0) },
    ];
    assert_eq!(of_trades("fomo_share", &trades), Ok(0.5));
    assert_eq!(of_trades("revenge_share", &trades), Ok(0.25));
    // The trade entered in panic was left at its stop, so it was not left in panic.
    assert_eq!(of_trades("panic_share", &trades), Ok(0.25));
    assert_eq!(of_trades("mistake_share", &trades), Ok(0.25));
    // 30 minutes after the former exit is within, 31 and 40 are not.
    assert_eq!(of_trades("over_trading", &trades), Ok(1.0 / 3.0));
    let reason = Undefined::TooFew { what: "trades", have: 1, needed: 2 };
    assert_eq!(of_trades("over_trading", &trades[..1]), Err(reason));
    for key in ["fomo_share", "revenge_share", "panic_share", "mistake_share"] {
        assert_eq!(of_trades(key, &[]), Err(Undefined::NoTrade), "{key}");
    }
}

#[test]
fn holding_times_by_hand() {
    // Winners are held 10, 20, 30, 40, 1000 minutes, losers 60 each; one trade at zero counts on neither side.
    let mut trades = Vec::new();
    for (i, minutes) in [10, 20, 30, 40, 1_000].into_iter().enumerate() {
        let start = i as i64 * 2_000;
        trades.push(lived(start, start + minutes, 5.0));
        trades.push(lived(start + 1_000, start + 1_060, -5.0));
    }
    trades.push(lived(10_000, 99_000, 0.0));
    assert_eq!(of_trades("holding_time_asymmetry", &trades), Ok(2.0));
    let reason = Undefined::TooFew { what: "losing trades", have: 4, needed: 5 };
    assert_eq!(of_trades("holding_time_asymmetry", &trades[..9]), Err(reason));
    let instant: Vec<LivedTrade> = trades
        .iter()
        .map(
            |trade| {
                if trade.net > 0.0 { LivedTrade { exited_at: trade.entered_at, ..*trade } } else { *trade }
            },
        )
        .collect();
    assert_eq!(of_trades("holding_time_asymmetry", &instant), Err(Undefined::WinnersHeldNoTime));
}

#[test]
fn the_slope_of_fatigue_by_hand() {
    // Fatigue 0, 0.1, ..., 0.9; R = 1 - 2 fatigue, plus 0.1 and -0.1 in pairs that leave the slope: + - - + and so on.
    let signs = [1.0, -1.0, -1.0, 1.0, 0.0, 0.0, 1.0, -1.0, -1.0, 1.0];
    let trades: Vec<LivedTrade> = signs
        .iter()
        .enumerate()
        .map(|(i, sign)| {
            let fatigue = i as f64 / 10.0;
            let at = i as i64 * 100;
            LivedTrade { fatigue, r_multiple: 1.0 - 2.0 * fatigue + 0.1 * sign, ..lived(at, at + 1, 1.0) }
        })
        .collect();
    let Slope { slope, standard_error } = slope_of_r_multiple_on_fatigue(&trades).expect("enough");
    assert!((slope + 2.0).abs() < 1e-12, "{slope}");
    // Eight residuals of 0.1, eight degrees of freedom, sum of squared distances 0.825.
    assert!((standard_error - (0.08_f64 / 8.0 / 0.825).sqrt()).abs() < 1e-12, "{standard_error}");
    assert_eq!(of_trades("fatigue_slope", &trades), Ok(slope));
    let reason = Undefined::TooFew { what: "trades", have: 9, needed: 10 };
    assert_eq!(of_trades("fatigue_slope", &trades[..9]), Err(reason));
    let rested: Vec<LivedTrade> = (0..12).map(|i| lived(i * 10, i * 10 + 5, i as f64)).collect();
    assert_eq!(of_trades("fatigue_slope", &rested), Err(Undefined::FatigueDoesNotVary));
}

#[test]
fn a_figure_that_is_none_is_a_reason_everywhere() {
    let broken = [LivedTrade { r_multiple: f64::NAN, ..lived(0, 1, 1.0) }];
    for behaviour in BEHAVIOURS.iter().filter(|behaviour| behaviour.source == Source::Trades) {
        assert_eq!(of_trades(behaviour.key, &broken), Err(Undefined::NotFinite), "{}", behaviour.key);
    }
}

#[test]
#[should_panic(expected = "one position at a time")]
fn two_bots_trades_are_not_one_bots() {
    let _ = of_trades("fomo_share", &[lived(0, 100, 1.0), lived(50, 60, 1.0)]);
}

#[test]
fn quarters_hold_the_trades_entered_in_them() {
    let at = |year, month, day| Time::from_date(year, month, day).expect("a date");
    let on = |from: Time, until: Time| LivedTrade {
        entered_at: from,
        exited_at: until,
        entry_kind: EntryKind::Fomo,
        ..lived(0, 0, 1.0)
    };
    let mut trades = vec![
        on(at(2023, 11, 1), at(2023, 11, 2)),
        // Decided in the old year, closed in the new.
        on(at(2023, 12, 31), at(2024, 1, 2)),
        on(at(2024, 7, 1), at(2024, 7, 1)),
    ];
    trades[0].entry_kind = EntryKind::Signal;
    let rows = over_time(&trades, Period::Quarter);
    let starts: Vec<Time> = rows.iter().map(|row| row.start).collect();
    assert_eq!(starts, [at(2023, 10, 1), at(2024, 1, 1), at(2024, 4, 1), at(2024, 7, 1)]);
    assert_eq!(rows.iter().map(|row| row.trades).collect::<Vec<_>>(), [2, 0, 0, 1]);
    let fomo =
        |index: usize| rows[index].figures.iter().find(|(key, _)| *key == "fomo_share").expect("listed").1;
    assert_eq!((fomo(0), fomo(1), fomo(3)), (Ok(0.5), Err(Undefined::NoTrade), Ok(1.0)));
    assert!(rows[0].figures.iter().all(|(key, _)| *key != "pgr"), "a count of occasions has no date");
    assert_eq!(over_time(&[], Period::Year), []);
}

prop_compose! {
    fn any_trade()(
        wait in 0_i64..2_000, held in 0_i64..3_000, net in -100_i32..100, risk in 0_u32..200, state in 0..STATES.len(),
        entry in 0_usize..3, exit in 0_usize..6, fatigue in 0_u32..=100, mistake in any::<bool>(),
    ) -> (i64, i64, LivedTrade) {
        use ExitKind::{Impulse, Other, Panic, Signal, Stop, Target};
        (wait, held, LivedTrade {
            risk_fraction: f64::from(risk) / 10_000.0,
            state: STATES[state],
            entry_kind: [EntryKind::Signal, EntryKind::Fomo, EntryKind::Revenge][entry],
            exit_kind: [Target, Stop, Signal, Impulse, Panic, Other][exit],
            fatigue: f64::from(fatigue) / 100.0,
            mistake,
            ..lived(0, 0, f64::from(net))
        })
    }
}

fn any_trades() -> impl Strategy<Value = Vec<LivedTrade>> {
    prop::collection::vec(any_trade(), 0..60).prop_map(|list| {
        let mut now = NOON;
        list.into_iter()
            .map(|(wait, held, trade)| {
                let entered_at = now + Interval::minutes(wait);
                now = entered_at + Interval::minutes(held);
                LivedTrade { entered_at, exited_at: now, ..trade }
            })
            .collect()
    })
}

fn any_occasions() -> impl Strategy<Value = Occasions> {
    let side = || (0_u64..500).prop_flat_map(|n| (Just(n), 0..=n));
    (side(), side(), 0_u64..50).prop_map(
        |((in_gain, exits_in_gain), (in_loss, exits_in_loss), stop_exits)| Occasions {
            in_gain,
            in_loss,
            exits_in_gain,
            exits_in_loss,
            stop_exits,
        },
    )
}

proptest! {
    #[test]
    fn shares_lie_between_none_and_all(trades in any_trades(), occasions in any_occasions()) {
        for (key, value) in observe(&Observations { occasions, trades: &trades }) {
            let Ok(value) = value else { continue };
            let (low, high) = match key {
                "disposition_effect" => (-1.0, 1.0),
                "loss_chasing" => (-1.0, f64::MAX),
                "holding_time_asymmetry" => (0.0, f64::MAX),
                "fatigue_slope" => (f64::MIN, f64::MAX),
                _ => (0.0, 1.0),
            };
            prop_assert!((low..=high).contains(&value), "{key}: {value}");
        }
    }

    #[test]
    fn money_in_another_unit_changes_nothing(trades in any_trades(), occasions in any_occasions(), scale in 0.001_f64..1e6) {
        let scaled: Vec<LivedTrade> =
            trades.iter().map(|trade| LivedTrade { net: trade.net * scale, ..*trade }).collect();
        let before = observe(&Observations { occasions, trades: &trades });
        prop_assert_eq!(before, observe(&Observations { occasions, trades: &scaled }));
    }

    #[test]
    fn another_year_changes_nothing(trades in any_trades(), days in 0_i64..9_000) {
        let by = Interval(days * Interval::DAY.0);
        let moved: Vec<LivedTrade> = trades
            .iter()
            .map(|trade| LivedTrade { entered_at: trade.entered_at + by, exited_at: trade.exited_at + by, ..*trade })
            .collect();
        let occasions = Occasions::default();
        let before = observe(&Observations { occasions, trades: &trades });
        prop_assert_eq!(before, observe(&Observations { occasions, trades: &moved }));
    }

    #[test]
    fn a_single_period_gives_the_figures_of_all(trades in any_trades()) {
        for period in [Period::Month, Period::Quarter, Period::Year] {
            let rows = over_time(&trades, period);
            prop_assert_eq!(rows.iter().map(|row| row.trades).sum::<usize>(), trades.len());
            if let [row] = rows.as_slice() {
                for (key, value) in &row.figures {
                    prop_assert_eq!(*value, of_trades(key, &trades), "{}", key);
                }
            }
        }
    }
}
