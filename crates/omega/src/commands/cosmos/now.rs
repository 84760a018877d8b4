//! `omega cosmos now` and `omega cosmos at TIME`: the sky and the readings of an instant, with where they come from.
//!
//! It refuses to fill in a reading: what is absent is listed with the reason.

use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::sky_flags::SkyFlags;
use crate::table::{Align, Cell, Grid, Tone};
use crate::{figures, parse};
use clap::Args;
use cosmos::ephemeris::moon::Phase;
use cosmos::ephemeris::{calendar, covers, mercury, moon};
use cosmos::{Event, EventKind, Influences, Provenance, Sky};
use model::{Interval, Time};
use std::time::{SystemTime, UNIX_EPOCH};

/// The flags of `now`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega cosmos now
  omega cosmos now --latitude -33.9 --longitude 151.2 --json")]
pub(super) struct NowArguments {
    #[command(flatten)]
    sky: SkyFlags,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

/// The flags of `at`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega cosmos at 2022-05-12T13:30Z")]
pub(super) struct AtArguments {
    /// UTC instant, such as 2022-05-12 or 2022-05-12T13:30Z
    #[arg(value_parser = parse::instant)]
    time: Time,
    #[command(flatten)]
    now: NowArguments,
}

pub(super) fn now(arguments: &NowArguments, console: &Console) -> Result<(), Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let now = Time(i64::try_from(since).expect("milliseconds since 1970 fit"));
    show(now.floor(Interval::SECOND), arguments, console)
}

pub(super) fn at(arguments: &AtArguments, console: &Console) -> Result<(), Failure> {
    show(arguments.time, &arguments.now, console)
}

/// The ephemeris is good for a century and a half.
pub(super) fn check_covered(time: Time) -> Result<(), Failure> {
    if covers(time) {
        return Ok(());
    }
    let problem = format!("{time} lies outside the ephemeris");
    Err(Failure::usage(problem, "give a time from 1950 to 2100"))
}

fn show(time: Time, arguments: &NowArguments, console: &Console) -> Result<(), Failure> {
    check_covered(time)?;
    let sky = arguments.sky.sky(time, time)?;
    let view = View::of(time, &sky);
    if arguments.json {
        return console.print(&view.json().document());
    }
    console.print(&view.text(console.has_colour()))
}

/// Everything known of an instant.
struct View {
    time: Time,
    elongation_deg: f64,
    illuminated: f64,
    mercury_deg: f64,
    mercury: mercury::Motion,
    next: Vec<Event>,
    factors: Vec<Provenance>,
    influences: Influences,
}

/// How far ahead events are looked for: longer than Mercury goes one way.
const AHEAD: Interval = Interval(120 * Interval::DAY.0);

impl View {
    fn of(time: Time, sky: &Sky) -> View {
        let is_station = |event: &&Event| {
            matches!(event.kind, EventKind::MercuryStationRetrograde | EventKind::MercuryStationDirect)
        };
        let events = calendar::calendar(time, time + AHEAD);
        let mut next: Vec<Event> =
            events.iter().filter(|event| !is_station(event)).take(4).copied().collect();
        next.extend(events.iter().filter(is_station).take(2));
        next.sort();
        View {
            time,
            elongation_deg: moon::elongation_deg(time),
            illuminated: moon::illuminated_fraction(time),
            mercury_deg: mercury::longitude_deg(time),
            mercury: mercury::motion(time),
            next,
            factors: sky.provenance(time),
            influences: sky.at(time),
        }
    }

    fn text(&self, colour: bool) -> String {
        let strong = |text: &str| Tone::Strong.paint(text, colour);
        let phase = Phase::of_elongation(self.elongation_deg).name();
        let mut text = format!("{}\n", strong(&format!("The sky at {}", self.time)));
        let mut line = |label: &str, value: String| text.push_str(&format!("  {label:<9} {value}\n"));
        line(
            "Moon",
            format!(
                "{phase}, {:.1} % lit, {:.1} deg from the Sun",
                self.illuminated * 100.0,
                self.elongation_deg
            ),
        );
        line("Mercury", format!("{} at {:.2} deg apparent longitude", self.mercury.name(), self.mercury_deg));
        text.push_str(&format!("\n{}\n", strong("Next")));
        for event in &self.next {
            let ahead = (event.time - self.time).0 as f64 / Interval::DAY.0 as f64;
            text.push_str(&format!("  {}   in {ahead:4.1} days   {}\n", event.time, event.kind.title()));
        }
        text.push_str(&format!(
            "\n{}\n",
            strong("What each factor would do, before anybody's susceptibility")
        ));
        text.push_str(&self.grid().render(colour));
        text
    }

    fn grid(&self) -> Grid {
        let mut grid = Grid::new(&[
            ("factor", Align::Left),
            ("effect", Align::Right),
            ("on", Align::Left),
            ("band", Align::Left),
            ("reading", Align::Left),
            ("known", Align::Left),
        ]);
        for Provenance { factor, state } in &self.factors {
            let name = Cell::new(factor.name(), Tone::Strong);
            let acts_on = Cell::new(acts_on(*factor), Tone::Quiet);
            match state {
                Ok(seen) => {
                    let age = seen.age.map_or("always".to_owned(), |age| {
                        format!("{} ago", figures::duration(age.0 as f64 / 1_000.0))
                    });
                    grid.row(vec![
                        name,
                        Cell::plain(format!("{:+.3}", seen.effect)),
                        acts_on,
                        Cell::plain(seen.band),
                        Cell::plain(format!("{:.1} {}", seen.value, seen.unit)),
                        Cell::new(format!("{age}, {}", seen.source), Tone::Quiet),
                    ]);
                }
                Err(absence) => grid.row(vec![
                    name,
                    Cell::new("-", Tone::Quiet),
                    acts_on,
                    Cell::new("absent", Tone::Quiet),
                    Cell::new(absence.to_string(), Tone::Quiet),
                    Cell::plain(""),
                ]),
            }
        }
        grid
    }

    fn json(&self) -> Json {
        let event = |event: &Event| {
            Json::object([("kind", Json::text(event.kind.name())), ("time", Json::text(event.time))])
        };
        let factor = |one: &Provenance| match &one.state {
            Ok(seen) => Json::object([
                ("factor", Json::text(one.factor.name())),
                ("effect", Json::Number(seen.effect)),
                ("value", Json::Number(seen.value)),
                ("unit", Json::text(&seen.unit)),
                ("band", Json::text(seen.band)),
                ("source", Json::text(&seen.source)),
                ("available_at", Json::optional(seen.available_at, Json::text)),
                ("age_s", Json::optional(seen.age, |age| Json::Whole(age.0 / 1_000))),
            ]),
            Err(absence) => Json::object([
                ("factor", Json::text(one.factor.name())),
                ("effect", Json::Null),
                ("absent", Json::text(absence)),
            ]),
        };
        Json::object([
            ("time", Json::text(self.time)),
            (
                "moon",
                Json::object([
                    ("phase", Json::text(Phase::of_elongation(self.elongation_deg).name())),
                    ("illuminated", Json::Number(self.illuminated)),
                    ("elongation_deg", Json::Number(self.elongation_deg)),
                ]),
            ),
            (
                "mercury",
                Json::object([
                    ("apparent_longitude_deg", Json::Number(self.mercury_deg)),
                    ("motion", Json::text(self.mercury.name())),
                ]),
            ),
            ("next", Json::List(self.next.iter().map(event).collect())),
            ("factors", Json::List(self.factors.iter().map(factor).collect())),
            ("present", Json::Whole(self.influences.present.iter().count() as i64)),
        ])
    }
}

/// What a factor's effect is on.
const fn acts_on(factor: cosmos::Factor) -> &'static str {
    use cosmos::Factor as F;
    match factor {
        F::Moon => "intensity",
        F::Mercury => "mistakes",
        F::Kp => "stress",
        F::Liquidity => "size",
        F::Schumann | F::Sentiment | F::Season => "risk",
        F::Circadian => "impulse",
    }
}
