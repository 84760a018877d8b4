//! The machine in rows: how each state is reached and left, and what it does to decisions.
//!
//! It refuses to be wider than 80 columns.

use super::diagram::tone_of;
use super::{Fading, Machine, Way, ended_text, hours_text, term_text, value_text};
use crate::table::{Align, Cell, Grid, Tone};
use persona::Label;
use persona::label::Term;

/// How each state is reached and left, most severe first; a state may have several ways.
pub fn ways(machine: &Machine<'_>, colour: bool) -> String {
    let heads = [
        ("state", Align::Left),
        ("begins when", Align::Left),
        ("ends when", Align::Left),
        ("fades in", Align::Right),
    ];
    let mut grid = Grid::new(&heads);
    for way in &machine.ways {
        rows_of(&mut grid, machine, way);
    }
    let tone = tone_of(Label::Neutral);
    let neutral = ["neutral", "none of these holds", "", ""];
    grid.row(
        neutral
            .iter()
            .enumerate()
            .map(|(i, word)| Cell::new(*word, if i == 0 { tone } else { Tone::Plain }))
            .collect(),
    );
    grid.render(colour)
}

/// One row a term: the terms of a beginning all hold, of an end any.
fn rows_of(grid: &mut Grid, machine: &Machine<'_>, way: &Way) {
    let tone = if way.shut.is_some() { Tone::Quiet } else { tone_of(way.rule.label) };
    if let Some(term) = way.shut {
        let discipline = value_text(term.feature(), machine.profile.traits.discipline);
        let words =
            [format!("never: {}", term_text(term)), format!("and {} has {discipline}", machine.profile.name)];
        let [first, second] = words.map(|word| Cell::new(word, Tone::Quiet));
        grid.row(vec![Cell::new(way.rule.label.name(), tone), first, second, Cell::plain("")]);
        return;
    }
    // Character neither comes nor goes: it is not among what begins and ends.
    let moving: Vec<Term> = way.rule.terms.iter().copied().filter(|term| !is_character(*term)).collect();
    for (i, term) in moving.iter().enumerate() {
        let first = i == 0;
        let joined = |word: &str, text: String| if first { text } else { format!("{word} {text}") };
        let fading = match way.fading {
            Fading::Hours(hours) => hours_text(hours),
            Fading::Never => "stays".to_owned(),
        };
        grid.row(vec![
            Cell::new(if first { way.rule.label.name() } else { "" }, tone),
            Cell::plain(joined("and", term_text(*term))),
            Cell::plain(joined("or", ended_text(*term))),
            Cell::plain(if first { fading } else { String::new() }),
        ]);
    }
}

fn is_character(term: Term) -> bool {
    term.feature() == persona::label::Feature::Discipline
}

/// What each state does to decisions, most severe first, scaled by discipline.
pub fn effects(machine: &Machine<'_>, colour: bool) -> String {
    let mut heads = vec![("state", Align::Left)];
    heads.extend(["threshold", "size", "stop", "target", "exit"].map(|head| (head, Align::Right)));
    let mut grid = Grid::new(&heads);
    let mut notes = String::new();
    for label in machine.labels() {
        let open = machine.is_open(label);
        let tone = if open { Tone::Plain } else { Tone::Quiet };
        let effect = machine.effect(label);
        let threshold = if label.enters() { percent(effect.threshold) } else { "no entry".to_owned() };
        let mut row = vec![Cell::new(label.name(), if open { tone_of(label) } else { Tone::Quiet })];
        let others = [effect.size, effect.stop, effect.target, effect.exit].map(percent);
        row.extend([threshold].into_iter().chain(others).map(|figure| Cell::new(figure, tone)));
        grid.row(row);
        if let Some(also) = label.temptation().filter(|_| open) {
            notes.push_str(&format!("  In {} it {also}.\n", label.name()));
        }
    }
    grid.render(colour) + &notes
}

/// `+12 %`; a dot for nothing.
fn percent(fraction: f64) -> String {
    let tenths = (fraction * 1_000.0).round();
    if tenths == 0.0 {
        "·".to_owned()
    } else if tenths % 10.0 == 0.0 {
        format!("{:+.0} %", tenths / 10.0)
    } else {
        format!("{:+.1} %", tenths / 10.0)
    }
}
