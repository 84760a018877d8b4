//! A part of a history is what the same bars would be if they had been loaded alone.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test that fails should stop and say so")]

use backtest::noise::random_market;
use backtest::{History, RunSettings, run};
use farm::Character;
use model::event::Shock;
use model::{BarColumns, FundingRate, Instrument, Interval, Mark, MarkColumns, Rate, Time, Usd};
use persona::Gains;
use venue::Models;

const DAY: usize = 1_440;

fn settings(name: &str) -> RunSettings {
    let profile = persona::catalogue::profile(name).unwrap().unwrap();
    RunSettings {
        bot: model::BotId(0),
        character: Character::Persona(Box::new(profile), Gains::FULL),
        capital: Usd(10_000 * Usd::ONE.0),
        seed: 3,
        models: Models {
            slippage: Rate::bps(1),
            latency: Interval(250),
            participation: Some(Rate::bps(1_000)),
        },
        stride: farm::STRIDE_MAX,
        sky: cosmos::Sky::none(),
    }
}

fn cut(bars: &BarColumns, from: usize, to: usize) -> BarColumns {
    let mut columns = BarColumns::new(bars.interval);
    (from..to).for_each(|i| columns.push(bars.as_bars().get(i)));
    columns
}

/// Marks that wander a little about the price.
fn marks(instrument: &Instrument, bars: &BarColumns, every: usize) -> MarkColumns {
    let mut marks =
        MarkColumns { interval: Interval(bars.interval.0 * every as i64), ..MarkColumns::default() };
    for i in (0..bars.len()).step_by(every) {
        let off = Mark((i as i64 * 7_919 % 1_000 - 400) * instrument.mark_per_tick() / 10);
        marks.open_time.push(bars.open_time[i]);
        marks.open.push(instrument.mark_of(bars.open[i]) + off);
        marks.high.push(instrument.mark_of(bars.high[i]) + off);
        marks.low.push(instrument.mark_of(bars.low[i]) + off);
        marks.close.push(instrument.mark_of(bars.close[i]) + off);
    }
    marks
}

#[test]
fn a_part_is_what_was_loaded_alone() {
    let (instrument, bars) = (Instrument::btcusdt(), random_market(60 * DAY, 11));
    let start = bars.open_time[0];
    let funding: Vec<FundingRate> = (0..180)
        .map(|i| FundingRate {
            time: start + Interval(i * 8 * Interval::HOUR.0),
            rate: Rate((i % 7 - 3) * 50_000_000),
        })
        .collect();
    let shocks: Vec<(Time, Shock)> =
        (0..6).map(|i| (start + Interval(i * 9 * Interval::DAY.0 + 5), Shock::ALL[0])).collect();
    for every in [1, 60] {
        let marks = marks(&instrument, &bars, every);
        let of = |bars: BarColumns| {
            History::new(instrument.clone(), bars, &funding, Some(&marks)).with_shocks(&shocks)
        };
        let whole = of(bars.clone());
        for name in ["newbie", "scalper", "cosmic"] {
            let mut hashes = Vec::new();
            for (from, to) in [(0, 60 * DAY), (0, 20 * DAY), (20 * DAY, 41 * DAY), (40 * DAY, 60 * DAY)] {
                let alone = run(&of(cut(&bars, from, to)), &settings(name)).unwrap();
                let part = run(&whole.part(from, to), &settings(name)).unwrap();
                assert_eq!(part.state_hash, alone.state_hash, "{name}, marks every {every}, {from}..{to}");
                assert_eq!((part.net, part.samples), (alone.net, alone.samples));
                assert!(!part.trades.is_empty(), "{name} trades in {from}..{to}");
                hashes.push(part.state_hash);
            }
            hashes.sort_unstable();
            hashes.dedup();
            assert_eq!(hashes.len(), 4, "parts are not each other");
        }
    }
}

#[test]
#[should_panic(expected = "a part has a bar and lies inside")]
fn no_part_is_empty() {
    History::new(Instrument::btcusdt(), random_market(10, 1), &[], None).part(5, 5);
}
