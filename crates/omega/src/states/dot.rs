//! The machine as Graphviz text, for documents: `dot -Tsvg`.
//!
//! It refuses to depend on anything but the profile and the rules: the same machine is the same text.

use super::{DIRECTIONS, Fading, Machine, Way, ended_text, hours_text, term_text};
use persona::Label;

/// The graph: branches from the state at rest, nearest states first; dashed lines lead back.
pub fn dot(machine: &Machine<'_>) -> String {
    let name = &machine.profile.name;
    let mut text =
        format!("digraph {name} {{\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    text.push_str("  edge [fontname=\"sans-serif\", fontsize=10];\n");
    for label in machine.labels() {
        text.push_str(&node(machine, label));
    }
    for direction in DIRECTIONS {
        let mut from = machine.rest;
        for way in machine.towards(direction) {
            text.push_str(&edges(machine, from, way));
            if way.shut.is_none() {
                from = way.rule.label;
            }
        }
    }
    text.push_str("}\n");
    text
}

fn node(machine: &Machine<'_>, label: Label) -> String {
    let effect = machine.effect(label);
    let percent = |fraction: f64| format!("{:+.0} %", fraction * 100.0);
    let does = match label.enters() {
        true => format!("threshold {}, size {}", percent(effect.threshold), percent(effect.size)),
        false => "no entry".to_owned(),
    };
    let style = if label == machine.rest {
        ", peripheries=2"
    } else if machine.is_open(label) {
        ""
    } else {
        ", style=dashed"
    };
    format!("  {0} [label=\"{0}\\n{does}\"{style}];\n", label.name())
}

/// The way there, and the way back to rest.
fn edges(machine: &Machine<'_>, from: Label, way: &Way) -> String {
    let to = way.rule.label;
    if to == machine.rest {
        return String::new();
    }
    let joined = |word: &str, texts: Vec<String>| texts.join(&format!("\\n{word} "));
    let begins = joined("and", way.rule.terms.iter().map(|term| term_text(*term)).collect());
    let style = if way.shut.is_some() { ", style=dotted" } else { "" };
    let there = format!("  {} -> {} [label=\"{begins}\"{style}];\n", from.name(), to.name());
    let Fading::Hours(hours) = way.fading else { return there };
    if way.shut.is_some() {
        return there;
    }
    let moving = way.rule.terms.iter().filter(|term| term.feature() != persona::label::Feature::Discipline);
    let ends = joined("or", moving.map(|term| ended_text(*term)).collect());
    let back = machine.rest.name();
    let fades = hours_text(hours);
    there + &format!("  {} -> {back} [label=\"{ends}\\nfades in {fades}\", style=dashed];\n", to.name())
}
