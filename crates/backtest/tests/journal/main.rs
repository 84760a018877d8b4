//! State is the fold of the journal: whatever was lived is lived again from it, from the start or from any torn end.

mod snapshots;

use backtest::noise::bursty_market;
use backtest::{History, Replay, RunSettings, prepare};
use farm::journal::{Ending, Input, JournalError, Origin, Pen, Recorded, replay, replay_with, survey};
use farm::{Action, Character, Farm, Notice, Recruit, drive};
use model::event::Shock;
use model::{BotId, FundingRate, Instrument, Interval, Qty, Rate, Rng, Usd};
use persona::{ControlSettings, Gains};
use std::sync::Arc;
use venue::Models;

fn sky(history: &History) -> cosmos::Sky {
    let bars = history.bars();
    let almanac = cosmos::Almanac::new(bars.open_time[0], bars.close_time(bars.len() - 1)).expect("covered");
    let terms = cosmos::Terms {
        source: "a test".to_owned(),
        unit: "Kp".to_owned(),
        interval: Interval(3 * Interval::HOUR.0),
        lag: Interval::HOUR,
        stale_after: Interval::DAY,
    };
    let rows = (0..200).map(|i| (bars.open_time[0] + Interval(i * 3 * Interval::HOUR.0), (i % 9) as f64));
    let series = cosmos::Series::new(cosmos::Factor::Kp, terms, rows.collect()).expect("readings of Kp");
    cosmos::Sky::none()
        .with_almanac(Arc::new(almanac))
        .with_series(Arc::new(series))
        .with_factors(cosmos::FactorSet::ALL)
}

fn settings(sky: &cosmos::Sky) -> Vec<RunSettings> {
    let controls = ControlSettings { fast: 20, slow: 50, quantity: Qty(10) };
    let persona = |name| {
        let profile = persona::catalogue::profile(name).expect("listed").expect("built in");
        Character::Persona(Box::new(profile), Gains::FULL)
    };
    let mut characters: Vec<Character> = persona::PERSONAS.iter().map(|(name, _)| persona(name)).collect();
    let twin = persona::catalogue::profile("cosmic").expect("listed").expect("built in");
    characters.extend([Character::Twin(Box::new(twin)), Character::Control("ema_cross", controls)]);
    characters.push(Character::Control("buy_hold", controls));
    let number = |i: usize| BotId(u16::try_from(i).expect("few bots"));
    let settings = characters.into_iter().enumerate().map(|(i, character)| RunSettings {
        bot: number(i),
        character,
        capital: Usd(10_000 * Usd::ONE.0),
        seed: 11,
        models: Models {
            slippage: Rate::bps(1),
            latency: Interval(250),
            participation: Some(Rate::bps(1_000)),
        },
        stride: farm::STRIDE_MAX,
        sky: sky.clone(),
    });
    settings.collect()
}

fn history(bars: usize) -> History {
    let market = bursty_market(bars, 5);
    let start = market.open_time[0];
    let funding: Vec<FundingRate> = (0..bars as i64 / 480)
        .map(|i| FundingRate {
            time: start + Interval(i * 8 * Interval::HOUR.0),
            rate: Rate((i % 7 - 3) * 50_000_000),
        })
        .collect();
    let shock = (start + Interval::minutes(bars as i64 / 2), Shock::ExchangeHack);
    History::new(Instrument::btcusdt(), market, &funding, None).with_shocks(&[shock])
}

fn origin(history: &History, settings: &[RunSettings]) -> Origin {
    let recruit = |settings: &RunSettings| {
        Recruit::alone(settings.bot, settings.character.clone(), settings.capital, settings.seed)
    };
    Origin {
        instrument: history.instrument().clone(),
        interval: history.interval(),
        sky: settings[0].sky.clone(),
        recruits: settings.iter().map(recruit).collect(),
        accounts: Vec::new(),
        rules: risk::Rules::NONE,
    }
}

/// A life and its journal.
fn lived(bars: usize) -> (Farm, Vec<u8>) {
    let history = history(bars);
    let settings = settings(&sky(&history));
    let (mut farm, mut world): (Farm, Replay<'_>) = prepare(&history, &settings).expect("fits");
    let mut pen = Pen::new(Vec::new(), &origin(&history, &settings));
    drive(&mut farm, &mut Recorded { world: &mut world, pen: &mut pen });
    pen.state(farm.state_hash());
    (farm, pen.keeper().clone())
}

#[test]
fn a_life_is_the_fold_of_its_journal() {
    let (farm, journal) = lived(20_000);
    let mut closed = 0;
    let replayed = replay_with(&journal, |heard| {
        let is_closed = |action: &&Action| matches!(action, Action::Notify(_, Notice::Closed(_)));
        closed += heard.actions.iter().filter(is_closed).count();
        if let Input::Bars(bars, taken) = heard.input {
            assert!(taken <= bars.len());
        }
    })
    .expect("whole");
    assert_eq!(replayed.farm.state_hash(), farm.state_hash());
    assert_eq!((replayed.states, replayed.ending), (1, Ending::Whole));
    assert_eq!(replayed.bytes, journal.len() as u64);
    assert!(closed > 50, "{closed} round trips were lived through again");
    for (then, now) in farm.bots().iter().zip(replayed.farm.bots()) {
        assert_eq!(then.ledger().books().wallet(), now.ledger().books().wallet());
        assert_eq!(then.psyche().map(|psyche| *psyche.mood()), now.psyche().map(|psyche| *psyche.mood()));
    }
}

/// Cut anywhere, a journal gives the farm as it was at its last whole input.
#[test]
fn a_torn_journal_is_a_shorter_life() {
    let (_, journal) = lived(3_000);
    let mut states = Vec::new();
    let whole = replay_with(&journal, |heard| states.push(heard.farm.state_hash())).expect("whole");
    let mut rng = Rng::new(3);
    for _ in 0..60 {
        let cut = (journal.len() / 4) + rng.below(journal.len() as u64 * 3 / 4) as usize;
        let torn = replay(&journal[..cut]).expect("a torn tail is no damage");
        assert!(torn.inputs <= whole.inputs && torn.bytes <= cut as u64);
        if let Some(last) = torn.inputs.checked_sub(1) {
            assert_eq!(torn.farm.state_hash(), states[last as usize]);
        }
        let dropped = cut as u64 - torn.bytes;
        let ending = if dropped == 0 { Ending::Whole } else { Ending::Torn { bytes: dropped } };
        assert_eq!(torn.ending, ending);
    }
}

#[test]
fn a_changed_history_is_refused() {
    let (_, journal) = lived(3_000);
    let mut rng = Rng::new(4);
    for _ in 0..60 {
        let mut changed = journal.clone();
        let at = rng.below(journal.len() as u64 - 2_000) as usize;
        changed[at] ^= 1 << rng.below(8);
        let refused = replay(&changed).err();
        assert!(
            matches!(refused, Some(JournalError::Damaged { .. } | JournalError::NoOrigin)),
            "byte {at}: {refused:?}"
        );
    }
}

#[test]
fn another_state_is_told_with_the_input_behind_which_it_parts() {
    let (farm, journal) = lived(3_000);
    let end = survey(&journal).expect("whole");
    let mut pen = Pen::resume(journal, &end);
    pen.state(farm.state_hash() ^ 1);
    let diverged = replay(pen.keeper()).err();
    assert!(matches!(diverged, Some(JournalError::Diverged { .. })), "{diverged:?}");
}
