//! `omega personas`: who there is, and what their profiles say.
//!
//! It refuses to praise anybody: a profile is printed as it is.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::lineup;
use crate::table::{Align, Cell, Grid, Tone, wrap};
use clap::{Args, Subcommand};
use persona::{CONTROLS, PERSONAS, Profile};

pub(super) const COMMAND: Command = Command {
    name: "personas",
    about: "List the personas and controls, or show one's profile",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Show the profile of one
    Show {
        /// Its name
        name: String,
        /// Print one JSON document instead of a table
        #[arg(long)]
        json: bool,
    },
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    match &arguments.verb {
        Some(Verb::Show { name, json }) => show(name, *json, console),
        None if arguments.json => console.print(&list_json().document()),
        None => console.print(&list(console.has_colour())),
    }
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
    text.push_str("\n  `omega personas show NAME` shows a whole profile.\n");
    text
}

fn range_percent(bps: [u32; 2]) -> String {
    let percent = |bps: u32| crate::figures::decimal(i64::from(bps), 2);
    match bps[0] {
        0 => format!("up to {} %", percent(bps[1])),
        from => format!("{} to {} %", percent(from), percent(bps[1])),
    }
}

fn targets(profile: &Profile) -> String {
    let rung = |share: f64, at_r: f64| format!("{:.0}@{at_r}", share * 100.0);
    profile.targets.iter().map(|target| rung(target.share, target.at_r)).collect::<Vec<_>>().join(", ")
}

/// Every figure of a profile: group, name, value.
fn figures(profile: &Profile) -> Vec<(&'static str, &'static str, f64)> {
    let (risk, traits, felt) = (&profile.risk, &profile.traits, &profile.susceptibility);
    let mut figures = vec![
        ("risk", "tolerance_min", risk.tolerance[0]),
        ("risk", "tolerance_max", risk.tolerance[1]),
        ("risk", "risk_per_trade_bps_min", f64::from(risk.risk_per_trade_bps[0])),
        ("risk", "risk_per_trade_bps_max", f64::from(risk.risk_per_trade_bps[1])),
        ("risk", "leverage", f64::from(risk.leverage)),
        ("risk", "leverage_max", f64::from(risk.leverage_max)),
        ("risk", "margin_max_bps", f64::from(risk.margin_max_bps)),
        ("risk", "stop_bps_min", f64::from(risk.stop_bps[0])),
        ("risk", "stop_bps_max", f64::from(risk.stop_bps[1])),
        ("traits", "discipline", traits.discipline),
        ("traits", "patience", traits.patience),
        ("traits", "fomo", traits.fomo),
        ("traits", "mistake_chance", traits.mistake_chance),
        ("traits", "shock_impact", traits.shock_impact),
        ("traits", "relaxation_hours", traits.relaxation_hours),
    ];
    figures.extend(profile.base.variables().map(|(name, value)| ("base", name, value)));
    figures.extend([
        ("susceptibility", "lunar", felt.lunar),
        ("susceptibility", "schumann", felt.schumann),
        ("susceptibility", "seasonal", felt.seasonal),
        ("susceptibility", "sentiment", felt.sentiment),
        ("susceptibility", "mercury", felt.mercury),
    ]);
    figures
}

fn show(name: &str, json: bool, console: &Console) -> Result<(), Failure> {
    if let Some((control, about)) = CONTROLS.iter().find(|(control, _)| *control == name) {
        if json {
            return console.print(&control_json(control, about).document());
        }
        return console.print(&wrap(&format!("{control}: {about}. A control has no profile."), "  "));
    }
    let profile = lineup::profile(name).ok_or_else(|| lineup::unknown("personas show", name))?;
    if json {
        return console.print(&profile_json(&profile).document());
    }
    let colour = console.has_colour();
    let mut text = format!("{}\n", Tone::Strong.paint(&format!("{} ({name})", profile.title), colour));
    text.push_str(&wrap(&profile.about, "  "));
    text.push_str(&format!("\n  takes profit: {}\n\n", targets(&profile)));
    let mut grid = Grid::new(&[("group", Align::Left), ("figure", Align::Left), ("value", Align::Right)]);
    let mut group_before = "";
    for (group, figure, value) in figures(&profile) {
        let shown = if group == group_before { "" } else { group };
        group_before = group;
        grid.row(vec![Cell::plain(shown), Cell::plain(figure), Cell::plain(format!("{value}"))]);
    }
    text.push_str(&grid.render(colour));
    console.print(&text)
}

fn profile_json(profile: &Profile) -> Json {
    let mut pairs = vec![
        ("name".to_owned(), Json::text(&profile.name)),
        ("kind".to_owned(), Json::text("persona")),
        ("title".to_owned(), Json::text(&profile.title)),
        ("about".to_owned(), Json::text(&profile.about)),
        ("strategy".to_owned(), Json::text(&profile.strategy)),
    ];
    let rung =
        |share: f64, at_r: f64| Json::object([("share", Json::Number(share)), ("at_r", Json::Number(at_r))]);
    let ladder = profile.targets.iter().map(|target| rung(target.share, target.at_r)).collect();
    pairs.push(("targets".to_owned(), Json::List(ladder)));
    for group in ["risk", "traits", "base", "susceptibility"] {
        let of_group = figures(profile).into_iter().filter(|(known, ..)| *known == group);
        let values = of_group.map(|(_, name, value)| (name.to_owned(), Json::Number(value))).collect();
        pairs.push((group.to_owned(), Json::Object(values)));
    }
    Json::Object(pairs)
}

fn control_json(name: &str, about: &str) -> Json {
    Json::object([("name", Json::text(name)), ("kind", Json::text("control")), ("about", Json::text(about))])
}

fn list_json() -> Json {
    let personas = profiles().map(|profile| profile_json(&profile)).collect();
    let controls = CONTROLS.iter().map(|(name, about)| control_json(name, about)).collect();
    Json::object([("personas", Json::List(personas)), ("controls", Json::List(controls))])
}
