//! `omega replay`: a session lived again from its journal, and why a decision was taken.
//!
//! It refuses to explain what it cannot repeat: the state hashes of the journal are checked on the way.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::figures;
use crate::journal_files;
use crate::json::Json;
use crate::story::{Decisions, Story};
use crate::table::{Align, Cell, Grid, Tone};
use clap::Args;
use config::Reference;
use farm::journal::{Ending, Input, LeftAside, Replayed, Snapshots, replay_with};
use model::{Event, OrderId, Price, Time};
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "replay",
    about: "Live a recorded session again, exactly, and explain its decisions",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega replay journal.omega\n  omega replay journal.omega --decisions\n  omega replay journal.omega --why b3-0-1\n  omega replay omega-data --key env:JOURNAL_KEY  # needs a directory with an encrypted journal"
)]
struct Arguments {
    /// The journal: its first file, beside which its later segments are, or the directory it lies in
    file: PathBuf,
    /// Where the key of an encrypted one is: env:NAME, file:/path or secret:NAME
    #[arg(long, value_name = "REFERENCE", value_parser = reference)]
    key: Option<Reference>,
    /// Explain this decision: an order id as `--decisions` lists them
    #[arg(long, value_name = "ORDER_ID", value_parser = order_id)]
    why: Option<OrderId>,
    /// List every decision to enter
    #[arg(long, conflicts_with = "why")]
    decisions: bool,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
}

fn order_id(text: &str) -> Result<OrderId, String> {
    text.parse().map_err(|_| "an order id looks like b3-0-12: bot, epoch, decision".to_owned())
}

fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text).map_err(|_| "write where it is: env:NAME, file:/path or secret:NAME".to_owned())
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let shelf = journal_files::open(&arguments.file, arguments.key.as_ref())?;
    let mut span = Span::default();
    let mut decisions = Decisions::default();
    let mut story = arguments.why.map(Story::of);
    let replayed = replay_with(&*shelf, |heard| {
        span.hear(&heard.input);
        if arguments.decisions {
            decisions.hear(heard);
        }
        if let Some(story) = &mut story {
            story.hear(heard);
        }
    })
    .map_err(|error| {
        Failure::input(
            format!("{}: {error}", arguments.file.display()),
            "give a journal, such as the journal.omega of `omega demo --dir DIR`",
        )
    })?;
    warn(&replayed, console);
    if let Some(story) = story {
        let Some(told) = story.told(&replayed.origin) else { return Err(unknown(&replayed, arguments)) };
        return console.print(&if arguments.json {
            told.json().document()
        } else {
            told.text(console.has_colour())
        });
    }
    if arguments.decisions {
        return console.print(&if arguments.json {
            decisions.json(&replayed.origin).document()
        } else {
            decisions.text(&replayed.origin, console.has_colour())
        });
    }
    let summary = Summary { replayed: &replayed, span: &span };
    console.print(&if arguments.json {
        summary.json().document()
    } else {
        summary.text(console.has_colour())
    })
}

/// What does not keep a journal from being replayed, and should be known.
fn warn(replayed: &Replayed, console: &Console) {
    if let Ending::Torn { bytes } = replayed.ending {
        console.warn(&format!("the last input was never whole: {bytes} bytes at the end were left out"));
    }
    let Snapshots { left_aside, first_left_aside: Some(LeftAside { number, why }), .. } = &replayed.snapshots
    else {
        return;
    };
    console.warn(&format!(
        "{} of no use to a start, which goes by the inputs instead; of the first, frame {number}: {why}",
        match left_aside {
            1 => "a snapshot is".to_owned(),
            many => format!("{many} snapshots are"),
        }
    ));
}

fn unknown(replayed: &Replayed, arguments: &Arguments) -> Failure {
    let id = arguments.why.expect("asked why");
    let bots: Vec<String> = replayed
        .origin
        .recruits
        .iter()
        .map(|recruit| format!("b{} is {}", recruit.bot.0, recruit.character.name()))
        .collect();
    Failure::usage(
        format!("--why {id}: nobody took that decision in this session"),
        format!("`omega replay {} --decisions` lists them; {}", arguments.file.display(), bots.join(", ")),
    )
}

/// From when to when, and how much of what.
#[derive(Debug, Default)]
struct Span {
    from: Option<Time>,
    to: Option<Time>,
    bars: u64,
    events: u64,
    price: Option<Price>,
}

impl Span {
    fn hear(&mut self, input: &Input<'_>) {
        let now = match input {
            Input::Event(now, event) => {
                self.events += 1;
                if let Event::Tick(price) = event {
                    self.price = Some(*price);
                }
                *now
            }
            Input::Rules(now, _) => {
                self.events += 1;
                *now
            }
            Input::Bars(bars, taken) => {
                self.bars += *taken as u64;
                let Some(last) = taken.checked_sub(1) else { return };
                self.price = Some(bars.close[last]);
                bars.close_time(last)
            }
        };
        self.from.get_or_insert(now);
        self.to = Some(now);
    }
}

/// What became of the snapshots, in a line.
fn told(snapshots: &Snapshots) -> String {
    let Snapshots { agreed, left_aside, .. } = *snapshots;
    let agreed = figures::count(agreed as i64);
    match left_aside {
        0 if snapshots.agreed == 0 => "none: a start lives through everything again".to_owned(),
        0 => format!("{agreed} written down, each the farm that got there"),
        _ => format!("{agreed} are the farm that got there, {} are not", figures::count(left_aside as i64)),
    }
}

struct Summary<'a> {
    replayed: &'a Replayed,
    span: &'a Span,
}

impl Summary<'_> {
    fn text(&self, colour: bool) -> String {
        let Replayed { farm, origin, inputs, states, snapshots, .. } = self.replayed;
        let time =
            |time: Option<Time>| time.map_or_else(|| "n/a (no input)".to_owned(), |time| time.to_string());
        let mut text = format!(
            "{}\n  session   {} to {}\n  inputs    {}: {} bars, {} events\n  states    {} written down, all reached again\n  snapshots {}\n  state     {:016x}\n\n",
            Tone::Strong.paint(&format!("Replay of {}", origin.instrument.symbol), colour),
            time(self.span.from),
            time(self.span.to),
            figures::count(*inputs as i64),
            figures::count(self.span.bars as i64),
            figures::count(self.span.events as i64),
            figures::count(*states as i64),
            told(snapshots),
            farm.state_hash(),
        );
        let mut grid = Grid::new(&[
            ("bot", Align::Left),
            ("who", Align::Left),
            ("equity", Align::Right),
            ("closed trades", Align::Right),
            ("fills", Align::Right),
            ("feels", Align::Left),
            ("status", Align::Left),
        ]);
        for (bot, recruit) in farm.bots().iter().zip(&origin.recruits) {
            let equity = bot.ledger().equity(&origin.instrument, self.price());
            grid.row(vec![
                Cell::plain(format!("b{}", bot.id().0)),
                Cell::new(recruit.character.name(), Tone::Strong),
                Cell::plain(figures::money(equity)),
                Cell::plain(figures::count(i64::from(bot.ledger().trades()))),
                Cell::plain(figures::count(bot.ledger().fills() as i64)),
                Cell::plain(bot.psyche().map_or("-", |psyche| psyche.label().name())),
                Cell::plain(bot.status().name()),
            ]);
        }
        text.push_str(&grid.render(colour));
        text
    }

    /// The last one known; before the market opens nobody holds anything to value.
    fn price(&self) -> Price {
        self.span.price.unwrap_or(Price::ZERO)
    }

    fn json(&self) -> Json {
        let Replayed { farm, origin, inputs, states, snapshots, ending, .. } = self.replayed;
        let bots = farm.bots().iter().zip(&origin.recruits).map(|(bot, recruit)| {
            Json::object([
                ("bot", Json::Whole(i64::from(bot.id().0))),
                ("persona", Json::text(recruit.character.name())),
                ("equity", Json::money(bot.ledger().equity(&origin.instrument, self.price()))),
                ("trades", Json::Whole(i64::from(bot.ledger().trades()))),
                ("status", Json::text(bot.status().name())),
            ])
        });
        Json::object([
            ("symbol", Json::text(&origin.instrument.symbol)),
            ("from", Json::optional(self.span.from, Json::text)),
            ("to", Json::optional(self.span.to, Json::text)),
            ("inputs", Json::tally(*inputs)),
            ("bars", Json::tally(self.span.bars)),
            ("events", Json::tally(self.span.events)),
            ("states_checked", Json::tally(*states)),
            ("snapshots_agreed", Json::tally(snapshots.agreed)),
            ("snapshots_left_aside", Json::tally(snapshots.left_aside)),
            ("torn_bytes", Json::tally(if let Ending::Torn { bytes } = ending { *bytes } else { 0 })),
            ("state_hash", Json::text(format!("{:016x}", farm.state_hash()))),
            ("bots", Json::List(bots.collect())),
        ])
    }
}
