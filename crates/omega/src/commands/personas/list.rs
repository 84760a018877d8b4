//! `omega personas`: everybody, a line each.
//!
//! It refuses to rank them: that is what a back-test is for.

use super::{control_json, profile_json, range_percent, targets};
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::lineup;
use crate::table::{Align, Cell, Grid, Tone, wrap};
use persona::{CONTROLS, PERSONAS, Profile};

pub(super) fn execute(json: bool, console: &Console) -> Result<(), Failure> {
    if json { console.print(&list_json().document()) } else { console.print(&list(console.has_colour())) }
}

fn profiles() -> impl Iterator<Item = Profile> {
    PERSONAS.iter().map(|(name, _)| lineup::profile(name).expect("a listed name has a profile"))
}

fn list(colour: bool) -> String {
    let mut text = format!("{}\n", Tone::Strong.paint("Personas", colour));
    let columns = ["risk a trade", "leverage", "stop", "targets (% @ R)"];
    let mut heads = vec![("name", Align::Left)];
    heads.extend(columns.map(|column| (column, Align::Left)));
    let mut grid = Grid::new(&heads);
    for profile in profiles() {
        let risk = &profile.risk;
        grid.row(vec![
            Cell::new(&profile.name, Tone::Strong),
            Cell::plain(range_percent(risk.risk_per_trade_bps)),
            Cell::plain(format!("{}, at most {}", risk.leverage, risk.leverage_max)),
            Cell::plain(range_percent(risk.stop_bps)),
            Cell::plain(targets(&profile)),
        ]);
    }
    text.push_str(&grid.render(colour));
    text.push('\n');
    for profile in profiles() {
        text.push_str(&wrap(&format!("{} ({}): {}", profile.title, profile.name, profile.about), "  "));
    }
    text.push_str(&format!("\n{}\n", Tone::Strong.paint("Controls", colour)));
    for (name, about) in CONTROLS {
        text.push_str(&wrap(&format!("{name}: {about}."), "  "));
    }
    text.push_str("\n  `omega personas show NAME` shows a whole profile and its emotional states,\n");
    text.push_str("  `omega personas new NAME --from strategic` writes one of your own.\n");
    text
}

fn list_json() -> Json {
    let personas = profiles().map(|profile| profile_json(&profile)).collect();
    let controls = CONTROLS.iter().map(|(name, about)| control_json(name, about)).collect();
    Json::object([("personas", Json::List(personas)), ("controls", Json::List(controls))])
}
