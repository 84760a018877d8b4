//! The machine for programs: every state with its conditions, what keeps it and what it does.
//!
//! It refuses to round: figures are those that run.

use super::{Fading, Machine, Sight, Way};
use crate::json::Json;
use persona::Label;
use persona::label::{HYSTERESIS, Term};

/// The machine as a document.
pub fn machine_json(machine: &Machine<'_>) -> Json {
    let states = machine.labels().into_iter().map(|label| state_json(machine, label)).collect();
    Json::object([
        ("resting_state", Json::text(machine.rest.name())),
        ("hysteresis", Json::Number(HYSTERESIS)),
        ("effect_scale", Json::Number(machine.profile.traits.dampening())),
        ("states", Json::List(states)),
    ])
}

fn state_json(machine: &Machine<'_>, label: Label) -> Json {
    let effect = machine.effect(label);
    let effects = Json::object([
        ("threshold", Json::Number(effect.threshold)),
        ("size", Json::Number(effect.size)),
        ("stop", Json::Number(effect.stop)),
        ("target", Json::Number(effect.target)),
        ("exit", Json::Number(effect.exit)),
    ]);
    let ways = machine.ways.iter().filter(|way| way.rule.label == label).map(way_json).collect();
    Json::object([
        ("state", Json::text(label.name())),
        ("reachable", Json::Truth(machine.is_open(label))),
        ("ways", Json::List(ways)),
        ("effect", effects),
        ("enters", Json::Truth(label.enters())),
        ("clarity", Json::Number(label.clarity())),
        ("also", Json::optional(label.temptation(), Json::text)),
    ])
}

fn way_json(way: &Way) -> Json {
    let fades = match way.fading {
        Fading::Hours(hours) => Json::Number(hours),
        Fading::Never => Json::Null,
    };
    Json::object([
        ("reachable", Json::Truth(way.shut.is_none())),
        ("all_of", Json::List(way.terms.iter().map(sight_json).collect())),
        ("fades_hours", fades),
    ])
}

fn sight_json(sight: &Sight) -> Json {
    let bound = if matches!(sight.term, Term::AtLeast(..)) { "at_least" } else { "at_most" };
    Json::object([
        ("feature", Json::text(sight.term.feature().name().replace(' ', "_"))),
        ("bound", Json::text(bound)),
        ("reached_at", Json::Number(sight.term.level())),
        ("kept_to", Json::Number(sight.term.kept().level())),
        ("base", Json::Number(sight.base)),
        ("distance", Json::Number(sight.distance())),
    ])
}
