//! `omega personas show`: one profile, and the machine of its emotional states.
//!
//! It refuses to be wider than 80 columns: it is made to be looked at.

use super::{control_json, profile_json, range_percent, targets};
use crate::canvas::{CANVAS_WIDTH, Canvas};
use crate::console::Console;
use crate::error::Failure;
use crate::lineup;
use crate::states::{self, Machine};
use crate::table::{Tone, wrap_within};
use clap::Args;
use persona::{CONTROLS, Profile};
use std::path::Path;

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega personas show newbie
  omega personas show newbie --dot")]
pub(super) struct Arguments {
    /// Its name, or a file of a profile ending in .toml
    name: String,
    /// Print one JSON document instead of tables
    #[arg(long, conflicts_with = "dot")]
    json: bool,
    /// Print the emotional states as Graphviz text instead
    #[arg(long)]
    dot: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let name = arguments.name.as_str();
    if let Some((control, about)) = CONTROLS.iter().find(|(control, _)| *control == name) {
        if arguments.dot {
            return Err(lineup::no_persona("--dot", name));
        }
        if arguments.json {
            return console.print(&control_json(control, about).document());
        }
        let text = format!("{control}: {about}. A control has no profile.");
        return console.print(&wrap_within(&text, "  ", CANVAS_WIDTH));
    }
    let profile = match lineup::profile(name) {
        Some(profile) => profile,
        None if name.ends_with(".toml") => lineup::read_profile(Path::new(name))?,
        None => return Err(lineup::unknown("personas show", name)),
    };
    if arguments.dot {
        return console.print(&states::dot(&Machine::of(&profile)));
    }
    if arguments.json {
        return console.print(&profile_json(&profile).document());
    }
    console.print(&page(&profile, console.has_colour()))
}

fn page(profile: &Profile, colour: bool) -> String {
    let machine = Machine::of(profile);
    let head = |text: &str| Tone::Strong.paint(text, colour);
    let prose = |text: &str| wrap_within(text, "  ", CANVAS_WIDTH);
    let scale = profile.traits.dampening() * 100.0;
    [
        format!("{}\n", head(&format!("{} ({})", profile.title, profile.name))),
        prose(&profile.about),
        format!("\n{}\n", head("The edge it claims")),
        prose(&profile.edge),
        format!("\n{}\n", head("Where it fails")),
        prose(&profile.fails),
        format!("\n{}", figures(profile).render(colour)),
        format!("\n{}\n\n", head("Where a kick leads")),
        states::diagram(&machine, colour),
        format!("\n{}\n", head("How a state begins and ends")),
        prose(
            "The first that holds, from the top, is the state. It fades when nothing else happens and it was only just \
             reached.",
        ),
        format!("\n{}", states::ways(&machine, colour)),
        format!("\n{}\n", head("What a state does to a decision")),
        prose(&format!("Of the full effect, its discipline leaves {scale:.0} %.")),
        format!("\n{}", states::effects(&machine, colour)),
    ]
    .concat()
}

/// Columns of the left and the right half.
const HALVES: [usize; 2] = [2, 42];
/// Columns from a label to its figure.
const LABEL: usize = 18;

/// Character to the left, what it feels of the sky and its risk to the right.
fn figures(profile: &Profile) -> Canvas {
    let mut canvas = Canvas::default();
    let (traits, felt, risk) = (&profile.traits, &profile.susceptibility, &profile.risk);
    let [left, right] = HALVES;
    block(
        &mut canvas,
        (left, 0),
        "Character",
        &[
            ("discipline", gauge(traits.discipline)),
            ("patience", gauge(traits.patience)),
            ("fomo", gauge(traits.fomo)),
            ("shock impact", traits.shock_impact.to_string()),
            ("relaxes in", format!("{} h", traits.relaxation_hours)),
        ],
    );
    block(
        &mut canvas,
        (right, 0),
        "What it feels of the sky",
        &[
            ("lunar", gauge(felt.lunar)),
            ("schumann", gauge(felt.schumann)),
            ("seasonal", gauge(felt.seasonal)),
            ("sentiment", gauge(felt.sentiment)),
            ("mercury", gauge(felt.mercury)),
        ],
    );
    let row = canvas.height() + 1;
    block(
        &mut canvas,
        (left, row),
        "Mood at rest",
        &profile.base.variables().map(|(name, x)| (name, gauge(x))),
    );
    let [calm, keen] = risk.tolerance;
    block(
        &mut canvas,
        (right, row),
        "Band of risk",
        &[
            ("a trade", range_percent(risk.risk_per_trade_bps)),
            ("tolerance", format!("{calm} to {keen}")),
            ("leverage", format!("{}, at most {}", risk.leverage, risk.leverage_max)),
            ("margin", format!("at most {} %", f64::from(risk.margin_max_bps) / 100.0)),
            ("stop", range_percent(risk.stop_bps)),
        ],
    );
    let row = canvas.height() + 1;
    canvas.put(left, row, "Habits", Tone::Strong);
    for (i, (key, value)) in habits(profile).into_iter().enumerate() {
        canvas.put(left, row + 1 + i, key, Tone::Plain);
        canvas.put(left + LABEL + 6, row + 1 + i, &clipped(&value, left + LABEL + 6), Tone::Plain);
    }
    canvas
}

fn block(canvas: &mut Canvas, (column, row): (usize, usize), head: &str, lines: &[(&str, String)]) {
    canvas.put(column, row, head, Tone::Strong);
    for (i, (label, value)) in lines.iter().enumerate() {
        canvas.put(column, row + 1 + i, &label.replace('_', " "), Tone::Plain);
        canvas.put(column + LABEL, row + 1 + i, &clipped(value, column + LABEL), Tone::Plain);
    }
}

/// What of a text fits behind a column: a profile of somebody's own may hold long figures.
fn clipped(text: &str, column: usize) -> String {
    let room = CANVAS_WIDTH - column;
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room - 1).chain(['…']).collect()
}

/// A value of 0..1 as ten blocks and its figure.
fn gauge(value: f64) -> String {
    let full = ((value * 10.0).round() as usize).min(10);
    format!("{}{} {value:.2}", "█".repeat(full), "░".repeat(10 - full))
}

/// What it does beside its method, by the keys of the file.
fn habits(profile: &Profile) -> Vec<(&'static str, String)> {
    let traits = &profile.traits;
    let percent = |x: f64| format!("{} %", (x * 1_000.0).round() / 10.0);
    let none = || "no".to_owned();
    vec![
        ("targets", format!("{} (% @ R)", targets(profile))),
        ("mistake_chance", format!("{} of entries", percent(traits.mistake_chance))),
        (
            "mistake_halving_trades",
            match traits.mistake_halving_trades {
                0 => "never learns".to_owned(),
                trades => format!("halves every {trades} trades"),
            },
        ),
        ("mistake_floor", format!("never below {}", percent(traits.mistake_floor))),
        ("mistake_fatigue", format!("up to {} more when tired", percent(traits.mistake_fatigue))),
        (
            "moves_stops",
            match traits.moves_stops {
                0.0 => none(),
                chance => {
                    format!("in {} of trades near their stop, within the cap", percent(chance))
                }
            },
        ),
        (
            "redrawn_each_session",
            match profile.risk.redrawn_each_session {
                true => "draws anew where in its band it stands".to_owned(),
                false => none(),
            },
        ),
    ]
}
