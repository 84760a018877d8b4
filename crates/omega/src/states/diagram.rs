//! The machine drawn: from the state at rest, one branch for each variable that a kick can move, nearest states first.
//!
//! It refuses to be wider than 80 columns, whatever it is drawn of.

use super::{DIRECTIONS, Direction, Machine, Sight, Way, term_text, value_text};
use crate::canvas::{CANVAS_WIDTH, Canvas};
use crate::table::Tone;
use persona::Label;
use persona::label::{Feature, Term};

/// The column of the trunk.
const TRUNK: usize = 15;
/// Width of a box: the longest name and two walls.
const BOX: usize = 11;
/// Columns from one box to the next.
const HOP: usize = 20;
/// Columns of the line before a box.
const LINE: usize = HOP - BOX;
/// The column of the words beside the box at rest.
const BESIDE: usize = TRUNK + BOX / 2 + 3;

/// How a box is drawn.
#[derive(Clone, Copy)]
struct Walls {
    top: [char; 3],
    side: char,
    bottom: [char; 3],
}

const AT_REST: Walls = Walls { top: ['╔', '═', '╗'], side: '║', bottom: ['╚', '═', '╝'] };
const OPEN: Walls = Walls { top: ['┌', '─', '┐'], side: '│', bottom: ['└', '─', '┘'] };
const SHUT: Walls = Walls { top: ['┌', '╌', '┐'], side: '╎', bottom: ['└', '╌', '┘'] };

/// How a state sounds: a clear head, an unclear one, something between.
pub(super) fn tone_of(label: Label) -> Tone {
    let clarity = label.clarity();
    if clarity >= 1.0 {
        Tone::Good
    } else if clarity >= 0.75 {
        Tone::Wary
    } else {
        Tone::Bad
    }
}

/// The drawing, at most 80 columns wide.
pub fn diagram(machine: &Machine<'_>, colour: bool) -> String {
    let mut canvas = Canvas::default();
    draw_rest(&mut canvas, machine);
    let branches: Vec<(Direction, Vec<&Way>)> = DIRECTIONS
        .into_iter()
        .map(|direction| (direction, machine.towards(direction)))
        .filter(|(_, ways)| !ways.is_empty())
        .collect();
    let last = branches.len() - 1;
    for (i, (direction, ways)) in branches.iter().enumerate() {
        let top = canvas.height();
        draw_branch(&mut canvas, machine, (*direction, ways), top);
        // The trunk goes on beside everything of this branch, unless it is the last one.
        let (joint, beside) = if i == last { ("└", top + 1) } else { ("├", canvas.height()) };
        for row in top..beside {
            canvas.put(TRUNK, row, "│", Tone::Plain);
        }
        canvas.put(TRUNK, top + 1, joint, Tone::Plain);
    }
    canvas.render(colour)
}

fn draw_box(canvas: &mut Canvas, column: usize, row: usize, word: &str, walls: Walls, tone: Tone) {
    let inner = BOX - 2;
    let flat = |[left, middle, right]: [char; 3]| {
        [left.to_string(), middle.to_string().repeat(inner), right.to_string()].concat()
    };
    let edge = if tone == Tone::Quiet { Tone::Quiet } else { Tone::Plain };
    canvas.put(column, row, &flat(walls.top), edge);
    canvas.put(column, row + 1, &format!("{0}{1:inner$}{0}", walls.side, ""), edge);
    canvas.put(column + 1, row + 1, &format!("{word:^inner$}"), tone);
    canvas.put(column, row + 2, &flat(walls.bottom), edge);
}

fn draw_rest(canvas: &mut Canvas, machine: &Machine<'_>) {
    let left = TRUNK - BOX / 2;
    draw_box(canvas, left, 0, machine.rest.name(), AT_REST, tone_of(machine.rest));
    canvas.put(TRUNK, 2, "╤", Tone::Plain);
    let base = &machine.profile.base;
    let words = [
        format!(
            "at rest: confidence {:.2}, stress {:.2}, fatigue {:.2},",
            base.confidence, base.stress, base.fatigue
        ),
        format!("urge {:.2}, risk appetite {:.2};", base.urge, base.risk_appetite),
        format!("after {} h, 37 % of a kick is left", machine.profile.traits.relaxation_hours),
    ];
    for (row, words) in words.iter().enumerate() {
        canvas.put(BESIDE, row, words, Tone::Quiet);
    }
    canvas.put(TRUNK, 3, "│", Tone::Plain);
}

fn draw_branch(canvas: &mut Canvas, machine: &Machine<'_>, branch: (Direction, &[&Way]), top: usize) {
    let (direction, ways) = branch;
    let word = if direction.feature == Feature::Losses { "losses" } else { direction.feature.name() };
    canvas.put(2, top + 1, &format!("{word} {}", direction.arrow), Tone::Strong);
    let base = value_text(direction.feature, ways[0].direction().1.base);
    canvas.put(2, top + 2, &format!("from {base}"), Tone::Quiet);
    for (i, way) in ways.iter().enumerate() {
        let left = TRUNK + 1 + i * HOP + LINE;
        let walls = match way.shut {
            Some(_) => SHUT,
            None if way.rule.label == machine.rest => AT_REST,
            None => OPEN,
        };
        let tone = if way.shut.is_some() { Tone::Quiet } else { tone_of(way.rule.label) };
        draw_box(canvas, left, top, way.rule.label.name(), walls, tone);
        let (_, sight) = way.direction();
        let line = format!("─{:─^width$}▸", format!(" {} ", distance_text(sight)), width = LINE - 2);
        canvas.put(left - LINE, top + 1, &line, Tone::Plain);
    }
    // Notes after the boxes: one that is wide may go under a neighbour's.
    for (i, way) in ways.iter().enumerate() {
        let centre = TRUNK + 1 + i * HOP + LINE + BOX / 2;
        for note in notes(way) {
            put_note(canvas, centre, top + 3, &note);
        }
    }
}

fn distance_text(sight: &Sight) -> String {
    match (sight.is_met(), sight.term.feature()) {
        (true, _) => "met".to_owned(),
        (false, Feature::Losses) => format!("{:+.0}", sight.distance()),
        (false, _) => format!("{:+.2}", sight.distance()),
    }
}

/// What stands under a box: where the state begins and ends on its branch, and what else must hold.
fn notes(way: &Way) -> Vec<String> {
    if let Some(term) = way.shut {
        return vec!["never: needs".to_owned(), term_text(term)];
    }
    let (_, sight) = way.direction();
    let feature = sight.term.feature();
    let level = |term: Term| value_text(feature, term.level());
    let mut notes = vec![match feature.has_slack() {
        true => format!("in {}, out {}", level(sight.term), level(sight.term.kept())),
        false => format!("from {} on", level(sight.term)),
    }];
    let others = way.terms.iter().map(|sight| sight.term).filter(|term| *term != sight.term);
    notes.extend(others.map(|term| {
        let sign = if matches!(term, Term::AtLeast(..)) { '≥' } else { '≤' };
        match term.feature() == feature {
            true => format!("& {sign} {}", level(term)),
            false => format!("& {}", term_text(term)),
        }
    }));
    notes
}

/// Centres a note under a box, on the first row that has room for it and a blank to either side.
fn put_note(canvas: &mut Canvas, centre: usize, from: usize, note: &str) {
    let width = note.chars().count();
    let column = (centre - width / 2).min(CANVAS_WIDTH - width);
    let mut row = from;
    while !canvas.is_blank(column - 1..column + width + 1, row) {
        row += 1;
    }
    canvas.put(column, row, note, Tone::Quiet);
}
