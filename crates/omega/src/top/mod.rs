//! A farm that runs, on the terminal: what `omega top` does.
//!
//! It refuses to be the farm: it shows what the gateway tells, and what it gives is a command of the catalogue like any
//! other, shown first and confirmed.

mod farm;
mod feed;
mod keys;
mod lines;
mod order;
mod picture;

use crate::commands::top::Arguments;
use crate::console::Console;
use crate::error::Failure;
use crate::line::Line;
use crate::screen::{self, Kind, Over, Performance, SMALLEST, stop_on_signals};
use control::ShardView;
use farm::{Farm, Way};
use feed::{Feed, Heard, first_look};
use keys::{Asked, asked};
use model::Time;
use order::{Desk, Order};
use picture::{Looks, picture};
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::KeyEvent;
use ratatui::{Frame, Terminal};
use std::io::IsTerminal;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a picture has where there is no terminal to ask.
const USUAL: (u16, u16) = (100, 30);
/// Rows and columns of the largest picture that is printed.
const PRINTED_MAX: (u16, u16) = (400, 300);

/// Watches.
pub fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let line = arguments.there.glance()?;
    let mut farm = Farm::new();
    let known = first_look(&line, &mut farm, now())?;
    if arguments.json {
        return console.print(&format!("{known:#}\n"));
    }
    let is_watched = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if arguments.once || !is_watched {
        return console.print(&printed(&farm, console));
    }
    let stopped = stop_on_signals()?;
    let feed = Feed::begin(&line);
    let looks = Looks { focus: None, over: None, colour: console.has_colour() };
    let mut watch = Watch { farm, feed, line, looks, desk: Desk::default(), ended: false };
    screen::perform(&mut watch, &stopped)
}

/// This machine's clock.
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// One frame as text.
fn printed(farm: &Farm, console: &Console) -> String {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u16>().ok());
    let usual = console.size().unwrap_or(USUAL);
    let width = asked("COLUMNS").unwrap_or(usual.0).clamp(SMALLEST.0, PRINTED_MAX.0);
    // Everybody is on it: there is nobody to press an arrow.
    let height = asked("LINES").unwrap_or(usual.1).max(rows_of(farm)).clamp(SMALLEST.1, PRINTED_MAX.1);
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("memory is a terminal");
    let looks = Looks { focus: None, over: None, colour: false };
    let shown = picture(farm, &looks, now());
    terminal.draw(|frame| screen::draw(frame, &shown)).expect("memory takes every frame");
    let buffer = terminal.backend().buffer();
    let row = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..height).map(|y| row(y).trim_end().to_owned() + "\n").collect()
}

/// Rows of a picture on which everybody has one.
fn rows_of(farm: &Farm) -> u16 {
    let rows = (farm.seats().len() + 8) * 3 / 2;
    u16::try_from(rows).unwrap_or(PRINTED_MAX.1)
}

/// Who watches, and what he sees.
struct Watch {
    farm: Farm,
    feed: Feed,
    line: Line,
    looks: Looks,
    desk: Desk,
    ended: bool,
}

impl Performance for Watch {
    fn draw(&self, frame: &mut Frame<'_>) {
        let looks =
            Looks { over: self.desk.over().or_else(|| self.looks.over.clone()), ..self.looks.clone() };
        screen::draw(frame, &picture(&self.farm, &looks, now()));
    }

    fn press(&mut self, key: &KeyEvent) {
        if !self.desk.is_idle() {
            // The way out is the usual one whatever is asked; what waits runs out.
            self.ended = asked(key) == Some(Asked::Quit) && matches!(self.desk, Desk::Given(..));
            return self.desk.press(key, &self.line);
        }
        let Some(asked) = asked(key) else { return };
        let seats = self.farm.seats().len();
        let focus = self.looks.focus;
        match asked {
            Asked::FocusNext => {
                self.looks.focus = Some(focus.map_or(0, |seat| seat + 1)).filter(|seat| *seat < seats);
            }
            Asked::FocusBack => {
                self.looks.focus = focus.map_or(Some(seats), Some).and_then(|seat| seat.checked_sub(1));
            }
            Asked::Focus(seat) => self.looks.focus = Some(seat).filter(|seat| *seat < seats),
            Asked::FocusNone if self.looks.over.is_some() => self.looks.over = None,
            Asked::FocusNone => self.looks.focus = None,
            Asked::Help => {
                self.looks.over = if self.looks.over.is_none() { Some(Over::Help) } else { None };
            }
            Asked::Command(name) => self.order(name),
            Asked::Quit => self.ended = true,
        }
    }

    fn advance(&mut self) {
        let at = now();
        for heard in self.feed.heard().collect::<Vec<_>>() {
            match heard {
                Heard::Event(event) => {
                    self.farm.way = Way::Stream;
                    self.farm.hear(&event, at);
                }
                Heard::Views(answer) => {
                    self.farm.way = Way::Asking;
                    self.farm.hear_views(&answer, at);
                }
                Heard::Ready(answer) => self.farm.hear_ready(&answer),
                Heard::Away => {
                    if !matches!(self.farm.way, Way::Away(_)) {
                        self.farm.way = Way::Away(at);
                    }
                }
            }
            self.farm.sample();
        }
        if let Some(done) = self.desk.advance() {
            self.farm.say(at, Kind::News, done);
        }
    }

    fn is_over(&self) -> bool {
        self.ended
    }
}

impl Watch {
    /// A command for whoever is looked at.
    fn order(&mut self, name: &'static str) {
        let whom = self.looks.focus.map(|focus| {
            let seat = &self.farm.seats()[focus];
            let is_ambiguous = self.farm.is_ambiguous(&seat.bot);
            if is_ambiguous { format!("{}/{}", seat.shard, seat.bot) } else { seat.bot.clone() }
        });
        let views: Vec<ShardView> =
            self.farm.shards().filter_map(|(_, shard)| shard.view.clone().ok()).collect();
        self.looks.over = None;
        self.desk = Desk::begin(Order::new(name, whom), &views, now(), &self.line);
    }
}
