//! What a bar costs a persona that reads every minute and has nothing to say: the view alone, the farm, and all of it
//! through `farm::drive` and `Replay`, beside a plain sum over the closes in the same run.
//!
//! `cargo bench -p backtest`; it prints and judges nothing.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints"
)]

use backtest::noise::random_market;
use backtest::{History, Persona, RunSettings, prepare};
use farm::{Actions, Bot, BotSettings, Farm, STRIDE_MAX, drive};
use market::{Frame, Indicator, Market, Wants};
use model::{BotId, Concern, Draws, Instrument, Interval, Rng, Usd};
use persona::{Gains, Profile, Psyche, Strategy};
use std::hint::black_box;
use std::time::Instant;
use venue::Models;

const BARS: usize = 500_000;
const ROUNDS: usize = 9;
const SEED: u64 = 1;

/// What a persona of minutes reads.
const MINUTES: Wants = Wants::NONE
    .with(Frame::M1, &[Indicator::Ema20, Indicator::Atr14, Indicator::VwapSession, Indicator::VolumeRatio20]);

/// The best of several rounds, in nanoseconds a bar; what `prepare` does is not counted.
fn report<T>(name: &str, bare: Option<f64>, mut prepare: impl FnMut() -> T, round: impl Fn(&mut T)) -> f64 {
    let mut best_s = f64::INFINITY;
    for _ in 0..ROUNDS {
        let mut prepared = prepare();
        let start = Instant::now();
        round(&mut prepared);
        best_s = best_s.min(start.elapsed().as_secs_f64());
        black_box(&prepared);
    }
    let bar_ns = best_s * 1e9 / BARS as f64;
    let ratio = bare.map_or_else(String::new, |bare| format!("  {:>7.1} sums", bar_ns / bare));
    println!("{name:<44} {bar_ns:>7.2} ns/bar{ratio}");
    bar_ns
}

fn settings(profile: Profile) -> RunSettings {
    RunSettings {
        bot: BotId(0),
        persona: Persona::Profile(Box::new(profile)),
        capital: Usd(1_000_000 * Usd::ONE.0),
        seed: SEED,
        models: Models::NONE,
        stride: STRIDE_MAX,
    }
}

/// A farm of `strategic`, which speaks a few times a week, reading `more` besides.
fn farm(profile: &Profile, more: Wants) -> Farm {
    let id = BotId(0);
    let draws = Draws::stream(SEED, id, Concern::Strategy);
    let strategy = Strategy::of_profile(&profile.strategy, draws).expect("a listed strategy");
    let psyche = Psyche::new(profile, Gains::default(), Rng::stream(SEED, id, Concern::Psyche));
    let persona = Some((profile.clone(), psyche));
    let capital = Usd(1_000_000 * Usd::ONE.0);
    let bot = Bot::new(BotSettings { id, epoch: 0, strategy, persona, capital }).also_reading(more);
    Farm::new(Instrument::btcusdt(), Interval::MINUTE, vec![bot]).expect("minutes make every frame")
}

fn main() {
    let profile = persona::catalogue::profile("strategic").expect("listed").expect("valid");
    let history = History::new(Instrument::btcusdt(), random_market(BARS, 7), &[], None);
    let settings = settings(profile.clone());
    let bars = history.bars();
    let sum = |sum: &mut i64| *sum = black_box(bars.close).iter().map(|close| close.0).sum();
    let bare = Some(report("plain sum of the closes", None, || 0, sum));
    for (name, more) in [("strategic", Wants::NONE), ("strategic reading 1m with four", MINUTES)] {
        let wants = farm(&profile, more).bots()[0].wants();
        let view = || Market::new(Interval::MINUTE, wants).expect("minutes make every frame");
        report(&format!("{name}: the view"), bare, view, |market| {
            let mut at = 0;
            while at < BARS {
                at += market.absorb_from(&bars, at).0;
            }
        });
        report(
            &format!("{name}: the farm"),
            bare,
            || farm(&profile, more),
            |farm| {
                let (mut at, mut out) = (0, Actions::default());
                while at < BARS {
                    at += farm.on_bars(bars.slice(at, BARS.min(at + STRIDE_MAX)), &mut out);
                    out.clear();
                }
            },
        );
        let all = || {
            let (_, replay) = prepare(&history, std::slice::from_ref(&settings)).expect("the bars fit");
            (farm(&profile, more), replay)
        };
        report(&format!("{name}: all of it"), bare, all, |(farm, replay)| drive(farm, replay));
        let (mut farm, mut replay) = all();
        drive(&mut farm, &mut replay);
        println!("    {} round trips", replay.records()[0].trades.len());
    }
}
