//! `omega cosmos calendar`: what happens on the sky between two days.

use super::now::check_covered;
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::parse;
use crate::table::{Align, Cell, Grid};
use clap::Args;
use cosmos::Event;
use cosmos::ephemeris::calendar::calendar;
use model::{Interval, Time};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega cosmos calendar --from 2026-01-01 --to 2026-03-31")]
pub(super) struct Arguments {
    /// First UTC day, included
    #[arg(long, value_name = "DAY", value_parser = parse::day)]
    from: Time,
    /// Last UTC day, included
    #[arg(long, value_name = "DAY", value_parser = parse::day)]
    to: Time,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let (from, to) = (arguments.from, arguments.to);
    check_covered(from)?;
    check_covered(to)?;
    if from > to {
        let day = |time: Time| time.to_string()[..10].to_owned();
        return Err(Failure::usage(
            format!("--from {} lies after --to {}", day(from), day(to)),
            "give a first day that is not after the last; both are included",
        ));
    }
    let events = calendar(from, to + Interval::DAY - Interval(1));
    if arguments.json {
        let event = |event: &Event| {
            Json::object([("kind", Json::text(event.kind.name())), ("time", Json::text(event.time))])
        };
        return console.print(&Json::List(events.iter().map(event).collect()).document());
    }
    let mut grid = Grid::new(&[("UTC", Align::Left), ("weekday", Align::Left), ("event", Align::Left)]);
    for event in &events {
        grid.row(vec![
            Cell::plain(event.time.to_string()),
            Cell::plain(weekday(event.time)),
            Cell::plain(event.kind.title()),
        ]);
    }
    let table = if events.is_empty() {
        "  Nothing happens then.\n".to_owned()
    } else {
        grid.render(console.has_colour())
    };
    console.print(&table)
}

/// 1970-01-01 was a Thursday.
fn weekday(time: Time) -> &'static str {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    DAYS[time.day().rem_euclid(7) as usize]
}
