//! What every later mode rests on: no look-ahead, no dependence on strides, the same bits everywhere.

use backtest::noise::{bursty_market, random_market, replace_future};
use backtest::{History, Replay, RunSettings, prepare, run};
use farm::{Action, Character, Step, World, drive};
use model::event::Wake;
use model::{BarColumns, FundingRate, Instrument, Interval, Qty, Rate, Rng, Time, Usd};
use persona::{ControlSettings, Gains};
use venue::Models;

const NAMES: [&str; 8] =
    ["strategic", "aggressive", "scalper", "newbie", "fibonacci", "cosmic", "ema_cross", "buy_hold"];

fn settings(name: &'static str, stride: usize) -> RunSettings {
    let rough =
        Models { slippage: Rate::bps(1), latency: Interval(250), participation: Some(Rate(100_000_000_000)) };
    let (persona, models) = match persona::catalogue::profile(name) {
        Some(profile) => (Character::Persona(Box::new(profile.expect("built in")), Gains::FULL), rough),
        None => {
            let controls = ControlSettings { fast: 20, slow: 50, quantity: Qty(100) };
            (Character::Control(name, controls), Models::NONE)
        }
    };
    RunSettings {
        bot: model::BotId(0),
        character: persona,
        capital: Usd(10_000 * Usd::ONE.0),
        seed: 42,
        models,
        stride,
        sky: cosmos::Sky::none(),
    }
}

fn history(bars: BarColumns) -> History {
    let start = bars.open_time[0];
    let funding: Vec<FundingRate> = (0..bars.len() as i64 / 480)
        .map(|i| FundingRate {
            time: start + Interval(i * 8 * Interval::HOUR.0),
            rate: Rate((i % 7 - 3) * 50_000_000),
        })
        .collect();
    History::new(Instrument::btcusdt(), bars, &funding, None)
}

/// A world that remembers every decision and when it was taken.
struct Spy<'a> {
    inner: Replay<'a>,
    decisions: Vec<(Time, String)>,
    /// Largest position held, in lots.
    largest: i64,
}

impl World for Spy<'_> {
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_> {
        self.inner.next(wake)
    }
    fn took(&mut self, bars: usize) {
        self.inner.took(bars);
        let account = self.inner.venue().account(model::BotId(0).own_account());
        self.largest = self.largest.max(account.position(model::PositionSide::Net).qty.abs().0);
    }
    fn perform(&mut self, action: &Action) {
        if let Action::Submit(_, approved) = action {
            self.decisions.push((self.inner.now(), format!("{:?}", approved.request())));
        }
        self.inner.perform(action);
    }
}

fn decisions(history: &History, settings: &RunSettings) -> Vec<(Time, String)> {
    let (mut farm, inner) = prepare(history, std::slice::from_ref(settings)).expect("the bars fit");
    let mut spy = Spy { inner, decisions: Vec::new(), largest: 0 };
    drive(&mut farm, &mut spy);
    spy.decisions
}

#[test]
fn no_decision_knows_the_future() {
    let bars = bursty_market(60_000, 11);
    let whole = history(bars.clone());
    let mut rng = Rng::new(5);
    for name in NAMES {
        let settings = settings(name, 256);
        let known = decisions(&whole, &settings);
        let mut compared = 0;
        for seed in 0..12 {
            let from = 1 + rng.below(bars.len() as u64 - 1) as usize;
            // What is decided up to the close of the last untouched bar.
            let end = bars.open_time[from];
            let tampered = history(replace_future(&bars, from, seed));
            let before =
                |all: &[(Time, String)]| all.iter().filter(|(at, _)| *at <= end).cloned().collect::<Vec<_>>();
            let told = before(&decisions(&tampered, &settings));
            assert_eq!(told, before(&known), "{name} looked past bar {from}");
            compared += told.len();
        }
        assert!(compared > 10, "{name} decided {compared} times: the test must be able to fail");
    }
}

#[test]
fn strides_of_1_7_and_256_bars_agree() {
    let history = history(bursty_market(50_000, 3));
    for name in NAMES {
        let results = [1, 7, 256].map(|stride| run(&history, &settings(name, stride)).expect("the bars fit"));
        for result in &results {
            assert!(result.ledger_balanced, "{name}");
            assert_eq!(result.state_hash, results[0].state_hash, "{name}");
            assert_eq!(result.trades, results[0].trades, "{name}");
            assert_eq!(result.max_drawdown.to_bits(), results[0].max_drawdown.to_bits(), "{name}");
            assert_eq!(result.samples, results[0].samples, "{name}");
        }
        assert!(!results[0].trades.is_empty(), "{name} trades");
    }
}

#[test]
fn farms_of_one_equal_one_farm_of_all() {
    let history = history(bursty_market(50_000, 8));
    let bots: Vec<RunSettings> = (0..NAMES.len() as u16)
        .map(|i| RunSettings { bot: model::BotId(i), ..settings(NAMES[usize::from(i)], 256) })
        .collect();
    let alone: Vec<_> = bots.iter().map(|bot| run(&history, bot).expect("the bars fit")).collect();
    let (mut farm, mut replay) = prepare(&history, &bots).expect("the bars fit");
    drive(&mut farm, &mut replay);
    for (bot, (alone, record)) in farm.bots().iter().zip(alone.iter().zip(replay.records())) {
        let together: Vec<_> = record.trades.iter().map(|closed| closed.trade).collect();
        let closed = together.len();
        assert!(
            closed >= alone.trades.len() - 1 && (closed > 3 || alone.persona == "buy_hold"),
            "{}",
            alone.persona
        );
        assert!(
            alone.trades.iter().map(|closed| closed.trade).take(closed).eq(together),
            "{}",
            alone.persona
        );
        assert_eq!(record.curve.samples(), alone.samples, "{}", alone.persona);
        assert_eq!(record.curve.max_drawdown().to_bits(), alone.max_drawdown.to_bits(), "{}", alone.persona);
        assert_eq!(bot.ledger().books().wallet(), replay.venue().account(bot.id().own_account()).wallet());
    }
}

#[test]
fn a_slow_and_thin_venue_never_makes_a_control_grow() {
    let history = history(random_market(30_000, 6));
    for (latency_ms, participation) in [(60_000, 0.0), (200_000, 0.0), (500, 0.0002), (90_000, 0.0002)] {
        let participation = (participation > 0.0).then_some(Rate((participation * 1e12) as i64));
        let models = Models { slippage: Rate::ZERO, latency: Interval(latency_ms), participation };
        let settings =
            RunSettings { models, capital: Usd(1_000_000 * Usd::ONE.0), ..settings("ema_cross", 256) };
        let (mut farm, inner) = prepare(&history, std::slice::from_ref(&settings)).expect("the bars fit");
        let mut spy = Spy { inner, decisions: Vec::new(), largest: 0 };
        drive(&mut farm, &mut spy);
        assert!(
            (1..=100).contains(&spy.largest),
            "{}: latency {latency_ms} ms, {participation:?}",
            spy.largest
        );
        assert!(spy.inner.records()[0].trades.len() > 50);
    }
}

#[test]
fn a_path_with_holes_hides_nothing() {
    let minutes = random_market(6_000, 12);
    let hours = every(&minutes, 60);
    let settings = settings("ema_cross", 256);
    let coarse = || History::new(Instrument::btcusdt(), hours.clone(), &[], None);
    let plain = run(&coarse(), &settings).expect("the bars fit");
    let mut holes = minutes.clone();
    for hole in (5..6_000 - 60).rev().step_by(60) {
        for column in [&mut holes.open, &mut holes.high, &mut holes.low, &mut holes.close] {
            column.remove(hole);
        }
        holes.open_time.remove(hole);
        holes.volume.remove(hole);
    }
    let holed = coarse().with_path(holes);
    assert!(holed.paths() <= 1, "{}", holed.paths());
    assert_eq!(coarse().with_path(minutes).paths(), 100);
    assert_eq!(run(&holed, &settings).expect("the bars fit").trades, plain.trades);
}

/// Every `n` bars as one.
fn every(bars: &BarColumns, n: usize) -> BarColumns {
    let mut coarse = BarColumns::new(Interval(bars.interval.0 * n as i64));
    for from in (0..bars.len()).step_by(n) {
        let part = bars.as_bars().slice(from, (from + n).min(bars.len()));
        coarse.push(model::Bar {
            open_time: part.open_time[0],
            open: part.open[0],
            high: *part.high.iter().max().expect("a bar"),
            low: *part.low.iter().min().expect("a bar"),
            close: part.close[part.len() - 1],
            volume: part.volume.iter().sum(),
        });
    }
    coarse
}

/// Pinned: the same on every machine, in debug and in release (`make test` runs this test in both).
#[test]
fn the_same_seed_gives_the_same_hash_everywhere() {
    let history = history(bursty_market(100_000, 1));
    let hashes = NAMES.map(|name| {
        let result = run(&history, &settings(name, 256)).expect("the bars fit");
        format!("{name} {:016x} {} {}", result.state_hash, result.trades.len(), result.net)
    });
    assert_eq!(hashes.join("\n"), include_str!("pinned_hashes.txt").trim_end());
}
