//! What a terminal of any size shows of a farm, whoever tells it: the show, or a farm that runs. Everything that matters
//! at 80x24, more beside it where there is room.
//!
//! It refuses to know where its figures come from, and to change anything: it draws what is in the picture.

mod candles;
mod charts;
mod curtain;
mod curve;
mod detail;
mod diary;
mod palette;
mod roster;
mod words;

pub use curtain::{FRAME, Performance, perform, stop_on_signals};
pub use curve::Curve;
pub use diary::{Diary, Kind, Line as Said};
#[cfg(feature = "gateway")]
pub use roster::OF_FARM;
pub use roster::{Column, OF_SHOW};
pub use words::{bar, percent, whole};

use crate::table::wrap_within;
use palette::Palette;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Wrap};

/// From this size on there is room for a second column below.
pub const WIDE: (u16, u16) = (110, 34);
/// Below this size nothing useful fits.
pub const SMALLEST: (u16, u16) = (60, 16);

/// How much words weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// As usual.
    Plain,
    /// Less.
    Quiet,
    /// More.
    Strong,
    /// They must be seen.
    Alarm,
}

/// Highest, lowest and so on of a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candle {
    /// First price.
    pub open: f64,
    /// Highest.
    pub high: f64,
    /// Lowest.
    pub low: f64,
    /// Last.
    pub close: f64,
}

/// Where the venue takes a position over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Liquidation {
    /// At this mark.
    At(f64),
    /// At none.
    Never,
    /// Nobody says.
    Untold,
}

/// A position as a person looks at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// `long` or `short`.
    pub side: &'static str,
    /// How much, unsigned.
    pub coins: f64,
    /// Average entry.
    pub entry: f64,
    /// Where the protective stop rests.
    pub stop: Option<f64>,
    /// Where the venue would take it over.
    pub liquidation: Liquidation,
    /// At the last price, in USDT.
    pub unrealised: Option<f64>,
}

/// A bot's place in the picture. What is not known is absent.
#[derive(Clone, Debug)]
pub struct Seat<'a> {
    /// Its name.
    pub name: &'a str,
    /// Who it is.
    pub persona: &'a str,
    /// What it is doing.
    pub status: String,
    /// How much that weighs.
    pub urgency: Weight,
    /// In the battle, from 1.
    pub place: Option<usize>,
    /// Money it began with.
    pub capital: f64,
    /// Money and what it holds, at the last price.
    pub equity: Option<f64>,
    /// What it has won or lost by what it holds no more.
    pub realised: Option<f64>,
    /// Its deepest fall so far, a fraction of the peak.
    pub deepest: Option<f64>,
    /// Round trips.
    pub trades: u32,
    /// What it holds.
    pub held: Option<Held>,
    /// From where its levels are away.
    pub mark: Option<f64>,
    /// What it feels, in one word.
    pub feels: Option<String>,
    /// After how many trades.
    pub experience: Option<u32>,
    /// How much, by name, each from 0 to 1.
    pub mood: Vec<(&'static str, f64)>,
    /// 0 to 1.1.
    pub energy: Option<f64>,
    /// Orders at the venue, or on their way.
    pub orders: Option<usize>,
    /// The longest that a position stood without a stop.
    pub naked_ms_max: Option<i64>,
    /// Why it wanted in.
    pub reason: Option<String>,
    /// What must be known of it before anything else.
    pub warned: Vec<(Weight, String)>,
    /// What else is told of it.
    pub told: Vec<String>,
    /// Equity over the capital, in per cent of gain, over time.
    pub curve: &'a Curve,
}

impl Seat<'_> {
    /// Equity over the capital, as a fraction of gain.
    pub fn gained(&self) -> Option<f64> {
        self.equity.filter(|_| self.capital > 0.0).map(|equity| equity / self.capital - 1.0)
    }
}

/// What is traded.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// What it is, and how long its candles are.
    pub title: String,
    /// Oldest first.
    pub candles: Vec<Candle>,
    /// The last price.
    pub price: Option<f64>,
}

/// The bar at the top: parts at its left and at its right, each with its rank. The larger goes sooner.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// At its left.
    pub left: Vec<(u8, String)>,
    /// At its right.
    pub right: Vec<(u8, String)>,
}

/// A key: how it is shown, what it does in a word, and what it means.
pub type Key = (&'static str, &'static str, &'static str);

/// Something that lies over the picture.
#[derive(Clone, Debug)]
pub enum Over {
    /// The keys, explained.
    Help,
    /// Something is shown, and perhaps asked.
    Asks {
        /// What it is about.
        title: String,
        /// What is shown.
        text: Vec<String>,
        /// What can be answered.
        answers: String,
    },
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    /// The bar at the top.
    pub header: Header,
    /// Of the whole farm, below it: a line each, the most important first. Nothing takes no line.
    pub farm: Vec<(Weight, String)>,
    /// What is shown of each bot.
    pub columns: &'static [Column],
    /// The bots; a bot's place here is its colour.
    pub seats: Vec<Seat<'a>>,
    /// In which order they stand.
    pub order: Vec<usize>,
    /// Who is looked at.
    pub focus: Option<usize>,
    /// The market.
    pub market: Market,
    /// Where the equity's line begins and ends.
    pub ends: [String; 2],
    /// What was said.
    pub diary: &'a Diary,
    /// The line at the bottom.
    pub foot: Vec<(Weight, String)>,
    /// The keys; the last one is the way out.
    pub keys: &'static [Key],
    /// What the help says beside them, the most useful first.
    pub prose: &'static [&'static str],
    /// What lies over it.
    pub over: Option<Over>,
    /// Whether colour is wanted.
    pub colour: bool,
}

/// Draws one frame.
pub fn draw(frame: &mut Frame<'_>, picture: &Picture<'_>) {
    let (area, palette) = (frame.area(), Palette { colour: picture.colour });
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let ((width, height), (out, ..)) = (SMALLEST, picture.keys.last().expect("there is a way out"));
        let text = format!("Make the window {width}x{height} or larger; {out} is the way out.");
        return frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
    }
    let wide = area.width >= WIDE.0 && area.height >= WIDE.1;
    let state = state_of(&picture.farm, usize::from(area.width), palette);
    let told = state.len() as u16;
    let lower_rows = area.height / 3;
    let rows = roster::height(picture.order.len()).min((area.height - 2 - lower_rows).saturating_sub(told));
    let pictures = Constraint::Fill(if wide { 5 } else { 1 });
    let [top, below_top, table, charts, below, bottom] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(told),
        Constraint::Length(rows),
        pictures,
        if wide { Constraint::Fill(4) } else { Constraint::Length(lower_rows) },
        Constraint::Length(1),
    ])
    .areas(area);
    header(frame, &picture.header, palette, top);
    frame.render_widget(Paragraph::new(state), below_top);
    roster::draw(picture, palette, table, frame.buffer_mut());
    pictures_of(frame, picture, palette, charts);
    lower(frame, picture, palette, below, wide);
    footer(frame, picture.keys, palette, bottom);
    match &picture.over {
        None => {}
        Some(Over::Help) => help(frame, picture, palette, area),
        Some(Over::Asks { title, text, answers }) => asks(frame, (title, text, answers), palette, area),
    }
}

/// How the farm is, in as many lines as there is room for.
fn state_of(farm: &[(Weight, String)], width: usize, palette: Palette) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (weight, text) in farm {
        let style = palette.weight(*weight);
        let told = wrap_within(text, " ", width);
        lines.extend(told.lines().map(|line| Line::styled(line.to_owned(), style)));
    }
    if lines.len() > STATE_LINES_MAX {
        lines.truncate(STATE_LINES_MAX - 1);
        lines.push(Line::styled(" and more: `omega ctl health` says all of it", palette.alarm()));
    }
    lines
}

fn spans(parts: &[(Weight, String)], palette: Palette) -> Line<'static> {
    parts.iter().map(|(weight, text)| Span::styled(text.clone(), palette.weight(*weight))).collect()
}

/// What a narrow terminal has no room for is left out whole, the least important part first.
fn header(frame: &mut Frame<'_>, Header { left, right }: &Header, palette: Palette, area: Rect) {
    let (mut left, mut right) = (left.clone(), right.clone());
    let text = |parts: &[(u8, String)]| {
        let shown = parts.iter().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty());
        shown.collect::<Vec<_>>().join("  ")
    };
    let gap = loop {
        let taken = text(&left).chars().count() + text(&right).chars().count() + 2;
        let least = left.iter().chain(&right).map(|(rank, _)| *rank).max().unwrap_or(0);
        match usize::from(area.width).checked_sub(taken) {
            Some(gap) if gap > 0 || least == 0 => break gap,
            None if least == 0 => break 0,
            _ => {
                [&mut left, &mut right].into_iter().for_each(|parts| parts.retain(|(rank, _)| *rank < least))
            }
        }
    };
    let line = format!(" {}{}{} ", text(&left), " ".repeat(gap), text(&right));
    frame.render_widget(Paragraph::new(line).style(palette.bar()), area);
}

fn titled(title: &str, palette: Palette) -> Block<'static> {
    Block::new()
        .borders(ratatui::widgets::Borders::TOP)
        .border_style(palette.quiet())
        .title(Span::styled(format!(" {title} "), palette.strong()))
}

fn pictures_of(frame: &mut Frame<'_>, picture: &Picture<'_>, palette: Palette, area: Rect) {
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(1).areas(area);
    let seat = picture.focus.map(|seat| &picture.seats[seat]);
    let market = titled(&picture.market.title, palette);
    let inside = market.inner(left);
    frame.render_widget(market, left);
    let held = seat.and_then(|seat| seat.held.as_ref());
    frame.render_widget(candles::Candles { market: &picture.market, held, palette }, inside);
    let equity = titled(&format!("equity of {}", seat.map_or("everybody", |seat| seat.name)), palette);
    let inside = equity.inner(right);
    frame.render_widget(equity, right);
    charts::equity(frame, picture, palette, inside);
}

fn lower(frame: &mut Frame<'_>, picture: &Picture<'_>, palette: Palette, area: Rect, wide: bool) {
    let foot_rows = u16::from(!picture.foot.is_empty());
    let [main, foot] = Layout::vertical([Constraint::Fill(1), Constraint::Length(foot_rows)]).areas(area);
    frame.render_widget(Paragraph::new(spans(&picture.foot, palette)), foot);
    let (left, right) = if wide || picture.focus.is_some() {
        let share = if wide { Constraint::Length(46) } else { Constraint::Length(38) };
        let [left, right] = Layout::horizontal([Constraint::Fill(1), share]).spacing(1).areas(main);
        (left, Some(right))
    } else {
        (main, None)
    };
    said(frame, picture, palette, left);
    if let (Some(right), Some(number)) = (right, picture.focus.or_else(|| picture.order.first().copied())) {
        let is_ranked = picture.seats[number].place == Some(1);
        let title = match (picture.focus, is_ranked) {
            (Some(_), _) => "in focus",
            (None, true) => "the leader",
            (None, false) => "the first",
        };
        let lines = detail::lines(&picture.seats[number], number, palette);
        let text = Paragraph::new(lines).wrap(Wrap { trim: true }).block(titled(title, palette));
        frame.render_widget(text, right);
    }
}

fn said(frame: &mut Frame<'_>, picture: &Picture<'_>, palette: Palette, area: Rect) {
    let block = titled("decisions, newest first", palette);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let shown = picture
        .diary
        .newest()
        .filter(|line| line.who.is_none() || picture.focus.is_none_or(|focus| line.who == Some(focus)));
    let widest = picture.seats.iter().map(|seat| seat.name.chars().count()).max().unwrap_or(0).clamp(10, 16);
    let lines: Vec<Line<'_>> =
        shown.take(usize::from(inside.height)).map(|line| told(picture, line, widest, palette)).collect();
    frame.render_widget(Paragraph::new(lines), inside);
}

fn told(picture: &Picture<'_>, line: &Said, width: usize, palette: Palette) -> Line<'static> {
    let at = line.at.to_string();
    let who = match line.who {
        Some(seat) => Span::styled(format!("{:<width$} ", picture.seats[seat].name), palette.seat(seat)),
        None => Span::styled(format!("{:<width$} ", "* * *"), palette.quiet()),
    };
    Line::from(vec![
        Span::styled(format!("{} ", &at[8..16].replace('T', " ")), palette.quiet()),
        who,
        Span::styled(line.text.clone(), palette.line(line.kind)),
    ])
}

/// As many keys as fit, the way out always among them.
fn footer(frame: &mut Frame<'_>, keys: &[Key], palette: Palette, area: Rect) {
    let (last, first) = keys.split_last().expect("there are keys");
    let show = |&(keys, word, _): &Key| format!(" {keys} {word} ");
    let mut room = usize::from(area.width).saturating_sub(show(last).chars().count());
    let fits = |text: &String| {
        let taken = text.chars().count();
        let fits = taken <= room;
        room -= if fits { taken } else { 0 };
        fits
    };
    let shown: String = first.iter().map(show).filter(fits).collect();
    frame.render_widget(Paragraph::new(format!("{shown}{}", show(last))).style(palette.bar()), area);
}

/// The keys, and beside them as much prose as there is room for.
fn help(frame: &mut Frame<'_>, picture: &Picture<'_>, palette: Palette, area: Rect) {
    let (columns, rows) = (usize::from(OVER_WIDTH_MAX.min(area.width)) - 2, usize::from(area.height) - 2);
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (keys, _, meaning) in picture.keys {
        let indent = " ".repeat(KEYS_WIDTH);
        for (i, text) in wrap_within(meaning, &indent, columns).lines().enumerate() {
            let keys = if i == 0 { *keys } else { "" };
            let keys = Span::styled(format!("{keys:>8}  "), palette.strong());
            lines.push(Line::from(vec![keys, Span::raw(text.trim_start().to_owned())]));
        }
    }
    for (i, text) in picture.prose.iter().enumerate() {
        let told = wrap_within(text, "", columns);
        let above = usize::from(i == 0);
        if lines.len() + above + told.lines().count() > rows {
            break;
        }
        lines.extend((0..above).map(|_| Line::raw("")));
        lines.extend(told.lines().map(|text| Line::styled(text.to_owned(), palette.quiet())));
    }
    over(frame, "keys", lines, palette, area);
}

/// What is shown before something is done; the answers are always seen.
fn asks(
    frame: &mut Frame<'_>,
    (title, text, answers): (&str, &[String], &str),
    palette: Palette,
    area: Rect,
) {
    let (columns, rows) = (usize::from(OVER_WIDTH_MAX.min(area.width)) - 2, usize::from(area.height) - 2);
    let told = text.iter().flat_map(|line| {
        let wrapped = wrap_within(line, "  ", columns);
        wrapped.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let mut lines: Vec<Line<'_>> = told.map(Line::raw).collect();
    let answers = wrap_within(answers, "", columns);
    let below = answers.lines().count() + 1;
    if lines.len() + below > rows {
        lines.truncate(rows.saturating_sub(below + 1));
        lines.push(Line::styled("  …", palette.quiet()));
    }
    lines.push(Line::raw(""));
    lines.extend(answers.lines().map(|text| Line::styled(text.to_owned(), palette.strong())));
    over(frame, title, lines, palette, area);
}

fn over(frame: &mut Frame<'_>, title: &str, lines: Vec<Line<'_>>, palette: Palette, area: Rect) {
    let width = OVER_WIDTH_MAX.min(area.width);
    let height = (lines.len() as u16 + 2).min(area.height);
    let place =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    frame.render_widget(Clear, place);
    let block = Block::bordered().title(Span::styled(format!(" {title} "), palette.strong()));
    frame.render_widget(Paragraph::new(lines).block(block), place);
}

/// Lines that tell how the farm is.
const STATE_LINES_MAX: usize = 4;
/// The widest that something lies over a picture.
const OVER_WIDTH_MAX: u16 = 92;
/// Columns of the keys in the help, with what is between them and their meaning.
const KEYS_WIDTH: usize = 10;
