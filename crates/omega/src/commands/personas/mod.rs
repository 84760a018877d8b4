//! `omega personas`: who there is, what their profiles say, and how to make one's own.
//!
//! It refuses to praise anybody: a profile is shown as it is.

// tidy: list-of .
mod check;
mod list;
mod new;
mod show;

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::states::{Machine, machine_json};
use clap::{Args, Subcommand};
use persona::Profile;

pub(super) const COMMAND: Command = Command {
    name: "personas",
    about: "List the personas and controls, show, write and check profiles",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:\n  omega personas")]
struct Arguments {
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Show the profile of one and its emotional states
    Show(show::Arguments),
    /// Write a profile to begin with: a copy of a persona's
    New(new::Arguments),
    /// Say what is wrong in a profile's file
    Check(check::Arguments),
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    match &arguments.verb {
        Some(Verb::Show(arguments)) => show::execute(arguments, console),
        Some(Verb::New(arguments)) => new::execute(arguments, console),
        Some(Verb::Check(arguments)) => check::execute(arguments, console),
        None => list::execute(arguments.json, console),
    }
}

/// `up to 1.00 %`.
fn range_percent(bps: [u32; 2]) -> String {
    let percent = |bps: u32| crate::figures::decimal(i64::from(bps), 2);
    match bps[0] {
        0 => format!("up to {} %", percent(bps[1])),
        from => format!("{} to {} %", percent(from), percent(bps[1])),
    }
}

/// The ladder: shares in per cent, each at its multiple of the risk.
fn targets(profile: &Profile) -> String {
    let rung = |share: f64, at_r: f64| format!("{:.0}@{at_r}", share * 100.0);
    profile.targets.iter().map(|target| rung(target.share, target.at_r)).collect::<Vec<_>>().join(", ")
}

/// Every figure of a profile: group, name as in its file, value.
fn figures(profile: &Profile) -> Vec<(&'static str, &'static str, Json)> {
    let (risk, traits, felt) = (&profile.risk, &profile.traits, &profile.susceptibility);
    let whole = |value: u32| Json::Number(f64::from(value));
    let mut figures = vec![
        ("risk", "tolerance_min", Json::Number(risk.tolerance[0])),
        ("risk", "tolerance_max", Json::Number(risk.tolerance[1])),
        ("risk", "risk_per_trade_bps_min", whole(risk.risk_per_trade_bps[0])),
        ("risk", "risk_per_trade_bps_max", whole(risk.risk_per_trade_bps[1])),
        ("risk", "leverage", whole(risk.leverage.into())),
        ("risk", "leverage_max", whole(risk.leverage_max.into())),
        ("risk", "margin_max_bps", whole(risk.margin_max_bps)),
        ("risk", "stop_bps_min", whole(risk.stop_bps[0])),
        ("risk", "stop_bps_max", whole(risk.stop_bps[1])),
        ("risk", "redrawn_each_session", Json::Truth(risk.redrawn_each_session)),
        ("traits", "discipline", Json::Number(traits.discipline)),
        ("traits", "patience", Json::Number(traits.patience)),
        ("traits", "fomo", Json::Number(traits.fomo)),
        ("traits", "mistake_chance", Json::Number(traits.mistake_chance)),
        ("traits", "mistake_halving_trades", whole(traits.mistake_halving_trades)),
        ("traits", "mistake_floor", Json::Number(traits.mistake_floor)),
        ("traits", "mistake_fatigue", Json::Number(traits.mistake_fatigue)),
        ("traits", "moves_stops", Json::Number(traits.moves_stops)),
        ("traits", "shock_impact", Json::Number(traits.shock_impact)),
        ("traits", "relaxation_hours", Json::Number(traits.relaxation_hours)),
    ];
    figures.extend(profile.base.variables().map(|(name, value)| ("base", name, Json::Number(value))));
    figures.extend([
        ("susceptibility", "lunar", Json::Number(felt.lunar)),
        ("susceptibility", "schumann", Json::Number(felt.schumann)),
        ("susceptibility", "seasonal", Json::Number(felt.seasonal)),
        ("susceptibility", "sentiment", Json::Number(felt.sentiment)),
        ("susceptibility", "mercury", Json::Number(felt.mercury)),
    ]);
    figures
}

fn profile_json(profile: &Profile) -> Json {
    let mut pairs = vec![
        ("name".to_owned(), Json::text(&profile.name)),
        ("kind".to_owned(), Json::text("persona")),
        ("title".to_owned(), Json::text(&profile.title)),
        ("about".to_owned(), Json::text(&profile.about)),
        ("edge".to_owned(), Json::text(&profile.edge)),
        ("fails".to_owned(), Json::text(&profile.fails)),
        ("strategy".to_owned(), Json::text(&profile.strategy)),
    ];
    let rung =
        |share: f64, at_r: f64| Json::object([("share", Json::Number(share)), ("at_r", Json::Number(at_r))]);
    let ladder = profile.targets.iter().map(|target| rung(target.share, target.at_r)).collect();
    pairs.push(("targets".to_owned(), Json::List(ladder)));
    for group in ["risk", "traits", "base", "susceptibility"] {
        let of_group = figures(profile).into_iter().filter(|(known, ..)| *known == group);
        let values = of_group.map(|(_, name, value)| (name.to_owned(), value)).collect();
        pairs.push((group.to_owned(), Json::Object(values)));
    }
    pairs.push(("emotional_states".to_owned(), machine_json(&Machine::of(profile))));
    Json::Object(pairs)
}

fn control_json(name: &str, about: &str) -> Json {
    Json::object([("name", Json::text(name)), ("kind", Json::text("control")), ("about", Json::text(about))])
}
