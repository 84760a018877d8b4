//! What the psyche owes its specification, event by event. It refuses a persona by name where everybody is meant.

use super::*;
use crate::decision::{Occasion, Watched};
use crate::modifier::Modifier;
use crate::signal::{EntryKind, EntryStyle, Reason, Signal};
use model::{BotId, Concern, Rng, Side};

fn psyche(name: &str, gains: Gains) -> Psyche {
    let profile = crate::catalogue::profile(name).expect("listed").expect("valid");
    Psyche::new(&profile, gains, Draws::stream(1, BotId(0), Concern::Psyche))
}

fn everybody() -> impl Iterator<Item = (&'static str, Psyche)> {
    crate::PERSONAS.iter().map(|(name, _)| (*name, psyche(name, Gains::FULL)))
}

fn result(r: f64) -> Outcome {
    Outcome { r_multiple: r, drawdown: 0.05, held: Interval::HOUR }
}

const SIGNAL: Signal =
    Signal { side: Side::Buy, strength: 0.6, style: EntryStyle::Take, reason: Reason::Opened };

#[test]
fn one_five_percent_loss_is_felt_and_survived() {
    let mut psyche = psyche("strategic", Gains::FULL);
    let before = (psyche.label(), *psyche.mood());
    // Five percent of equity when one percent was at risk.
    psyche.process_trade_result(Time(0), &result(-5.0));
    assert_ne!(psyche.label(), before.0);
    assert!(psyche.mood().confidence > 0.3, "{:?}", psyche.mood());
    assert!(psyche.mood().stress > before.1.stress);
}

#[test]
fn five_losses_frighten_everyone_and_time_heals() {
    for (name, mut psyche) in everybody() {
        let rest = psyche.label();
        for i in 0..5 {
            psyche.process_trade_result(Time(i * Interval::HOUR.0), &result(-1.0));
        }
        assert_eq!(psyche.label(), Label::Fearful, "{name}: {:?}", psyche.mood());
        psyche.relax(Time(21 * Interval::DAY.0));
        assert_eq!(psyche.label(), rest, "{name} recovers");
        for ((variable, now), (_, base)) in psyche.mood.variables().into_iter().zip(psyche.base.variables()) {
            assert!((now - base).abs() < 1e-6, "{name} {variable}");
        }
    }
}

#[test]
fn any_shock_shakes_the_newbie_more_than_the_strategist() {
    for shock in Shock::ALL {
        let stress = |name| {
            let mut psyche = psyche(name, Gains::FULL);
            psyche.take(Time(0), Blow::Shock(shock));
            (psyche.mood().stress, psyche.mood().stress - psyche.base.stress)
        };
        let (strategic, newbie) = (stress("strategic"), stress("newbie"));
        assert!(strategic.0 < newbie.0 && strategic.1 < newbie.1, "{shock:?}: {strategic:?} {newbie:?}");
        assert!(strategic.1 > 0.0);
    }
}

#[test]
fn losses_weigh_about_twice_and_nothing_leaves_its_range() {
    assert!((prospect_value(-1.0) / prospect_value(1.0) + 2.25).abs() < 1e-12);
    for (_, mut psyche) in everybody() {
        let mut rng = Rng::new(7);
        for i in 0..4_000_i64 {
            let now = Time(i * 600_000 * (1 + i % 7));
            let distance = rng.unit() * 0.1;
            match rng.below(8) {
                0 => psyche.take(now, Blow::MissedMove),
                1 => psyche.take(now, Blow::AdverseSpike),
                2 => psyche.take(now, Blow::NearLiquidation { distance }),
                3 => psyche.take(now, Blow::Shock(Shock::ALL[rng.below(4) as usize])),
                4 => psyche.rest(now),
                _ => psyche.process_trade_result(now, &result(rng.unit() * 40.0 - 20.0)),
            }
            for (name, value) in psyche.mood().variables() {
                assert!((0.0..=1.0).contains(&value), "{name} = {value}");
            }
            assert!((0.0..=1.1).contains(&psyche.energy(rng.unit())));
        }
    }
}

#[test]
fn every_state_is_reached_and_left_by_some_persona() {
    let mut reached = std::collections::BTreeSet::new();
    let mut left = std::collections::BTreeSet::new();
    for (_, mut psyche) in everybody() {
        let mut rng = Rng::new(3);
        let (mut now, mut before) = (Time(0), psyche.label());
        let mut luck = 0.0;
        for i in 0..20_000 {
            // Luck comes in streaks.
            if i % 8 == 0 {
                luck = rng.unit() * 3.0 - 1.5;
            }
            now = now + Interval((rng.unit() * rng.unit() * 8.0 * Interval::HOUR.0 as f64) as i64);
            match rng.below(6) {
                0 => psyche.take(now, Blow::MissedMove),
                1 => psyche.take(now, Blow::AdverseSpike),
                _ => psyche.process_trade_result(now, &result(luck + rng.unit() - 0.5)),
            }
            let label = psyche.label();
            reached.insert(label);
            if label != before {
                left.insert(before);
            }
            before = label;
        }
    }
    let missing: Vec<_> =
        Label::ALL.into_iter().filter(|l| !reached.contains(l) || !left.contains(l)).collect();
    assert!(missing.is_empty(), "never reached or never left: {missing:?}");
}

#[test]
fn trading_without_a_break_exhausts_and_rest_restores() {
    let mut psyche = psyche("scalper", Gains::FULL);
    let short = Outcome { r_multiple: 0.1, drawdown: 0.0, held: Interval::minutes(5) };
    for i in 0..12 {
        psyche.process_trade_result(Time(i * 10 * 60_000), &short);
    }
    assert_eq!(psyche.label(), Label::Exhausted, "{:?}", psyche.mood());
    assert!(psyche.colour(Time(7_200_000), SIGNAL, EntryKind::Signal, 0.5, &Modifier::NONE).is_none());
    let tired = psyche.mood().fatigue;
    psyche.rest(Time(7_200_000));
    assert!(psyche.mood().fatigue < 0.6 * tired);
}

#[test]
fn looking_ten_thousand_times_changes_nothing() {
    for (name, mut psyche) in everybody() {
        psyche.process_trade_result(Time(0), &result(-2.0));
        let now = Time(3_600_000);
        psyche.relax(now);
        let word = |psyche: &Psyche| {
            let mut hash = StateHash::default();
            psyche.hash(&mut hash);
            hash.finish()
        };
        let before = (word(&psyche), psyche.colour(now, SIGNAL, EntryKind::Signal, 0.5, &MOONSTRUCK));
        for _ in 0..10_000 {
            let again = psyche.colour(now, SIGNAL, EntryKind::Signal, 0.5, &MOONSTRUCK);
            assert_eq!(again, before.1, "{name}");
            let _ = psyche.leave(now, &Occasion { r: 1.0, spiked: true }, &MOONSTRUCK, || MOONSTRUCK);
        }
        assert_eq!(word(&psyche), before.0, "{name}");
    }
}

const MOONSTRUCK: Modifier =
    Modifier { size: 1.2, threshold: 0.8, exit: 1.1, intensity: 1.3, mistake: 0.05, alignment: 1.0 };

#[test]
fn with_gains_at_zero_nothing_is_felt_in_any_state() {
    for (name, _) in crate::PERSONAS {
        let mut numb = psyche(name, Gains::ZERO);
        let mut rng = Rng::new(11);
        for i in 0..2_000 {
            let now = Time(i * 900_000);
            numb.process_trade_result(now, &result(rng.unit() * 6.0 - 3.0));
            if rng.below(3) == 0 {
                numb.take(now, Blow::MissedMove);
            }
            let watched = Watched { move_atr: 5.0, last_side: Some(Side::Buy) };
            assert_eq!(numb.tempt(now, &watched), None);
            assert_eq!(
                numb.leave(now, &Occasion { r: 2.0, spiked: true }, &Modifier::NONE, || Modifier::NONE),
                None
            );
            assert!(!numb.moves_stop(now, 0.99));
            let rest = rng.unit();
            let signal = Signal { strength: rng.unit(), ..SIGNAL };
            let calm = (signal.strength >= 0.5).then(|| crate::Impulse::calm(signal, rest));
            assert_eq!(numb.colour(now, signal, EntryKind::Signal, rest, &Modifier::NONE), calm, "{name}");
        }
    }
}

#[test]
fn experience_halves_the_newbies_mistakes_down_to_its_floor() {
    let mut newbie = psyche("newbie", Gains::FULL);
    let chance = |psyche: &Psyche| psyche.mistake_chance(&Modifier::NONE);
    assert!((chance(&newbie) - 0.15).abs() < 1e-9);
    for _ in 0..50 {
        newbie.process_trade_result(Time(0), &result(0.0));
    }
    assert!((chance(&newbie) - 0.075).abs() < 1e-9, "{}", chance(&newbie));
    for _ in 0..500 {
        newbie.process_trade_result(Time(0), &result(0.0));
    }
    assert!((chance(&newbie) - 0.03).abs() < 1e-9);
    let retrograde = Modifier { mistake: 0.045, ..Modifier::NONE };
    assert!((newbie.mistake_chance(&retrograde) - 0.075).abs() < 1e-9);
}

/// The sky is asked only where it could decide: that must never change what is decided.
#[test]
fn asking_the_sky_late_is_asking_it_at_once() {
    let susceptible = crate::catalogue::profile("cosmic").expect("listed").expect("built in").susceptibility;
    let mut rng = model::Rng::new(5);
    let (mut left, mut unasked) = (0, 0);
    for round in 0..40_000_u64 {
        let name = crate::PERSONAS[rng.below(crate::PERSONAS.len() as u64) as usize].0;
        let profile = crate::catalogue::profile(name).expect("listed").expect("built in");
        let gains = Gains { emotion: 2.0 * rng.unit(), cosmic: 3.0 * rng.unit() };
        let mut psyche = Psyche::new(&profile, gains, Draws::stream(round, BotId(1), Concern::Psyche));
        let mut share = || rng.unit();
        psyche.mood = Mood {
            confidence: share(),
            stress: share(),
            fatigue: share(),
            urge: share(),
            risk_appetite: share(),
        };
        psyche.relabel();
        let influences = cosmos::Influences {
            moon: cosmos::banding::MOON_EFFECT_MAX * (2.0 * share() - 1.0),
            mercury: share().round(),
            kp: 0.1 * share(),
            schumann: 0.6 * share() - 0.3,
            present: cosmos::FactorSet::ALL,
            ..cosmos::Influences::NONE
        };
        let modifier = Modifier::of(&influences, &susceptible, gains.cosmic);
        let most = Modifier::most(&susceptible, gains.cosmic);
        let occasion = Occasion { r: 6.0 * share() - 3.0, spiked: share() < 0.3 };
        let now = Time(1_000_000 + i64::try_from(round).expect("few rounds") * 900_000);
        let (mut late, mut asked) = (psyche, false);
        let lazily = late.leave(now, &occasion, &most, || {
            asked = true;
            modifier
        });
        // A bound that nothing reaches rules nothing out.
        let endless = Modifier { exit: f64::INFINITY, intensity: f64::INFINITY, ..Modifier::NONE };
        assert_eq!(lazily, psyche.leave(now, &occasion, &endless, || modifier), "round {round}, {name}");
        left += u32::from(lazily.is_some());
        unasked += u32::from(!asked);
    }
    assert!(left > 200 && unasked > 20_000, "{left} left, {unasked} were not asked");
}
