//! The show on a terminal of any size: everything at 80x24, more beside it where there is room.
//!
//! It refuses to change anything: it draws what is on stage and what the user looks at.

mod candles;
mod charts;
mod detail;
mod palette;
mod roster;
mod words;

use super::controls::{KEYS, SPEEDS};
use super::diary::Line as Said;
use super::stage::Stage;
use crate::table::wrap_within;
use cosmos::ephemeris::{mercury, moon};
use model::{Interval, time::SESSION};
use palette::Palette;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Wrap};

/// From this size on there is room for a second column below.
const WIDE: (u16, u16) = (110, 34);
/// Below this size nothing useful fits.
const SMALLEST: (u16, u16) = (60, 16);

/// What the user looks at and how.
#[derive(Clone, Copy, Debug)]
pub struct Looks {
    /// The seat that is looked at.
    pub focus: Option<usize>,
    /// Index of the speed.
    pub speed: usize,
    /// Standing still.
    pub paused: bool,
    /// The keys are explained.
    pub help: bool,
    /// Colour is wanted.
    pub colour: bool,
    /// Seed of the market.
    pub seed: u64,
    /// The last day of the show.
    pub days: u32,
}

/// Draws one frame.
pub fn draw(frame: &mut Frame<'_>, stage: &Stage, looks: &Looks) {
    let (area, palette) = (frame.area(), Palette { colour: looks.colour });
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let (width, height) = SMALLEST;
        let text = format!("Make the window {width}x{height} or larger; q ends the show.");
        return frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
    }
    let wide = area.width >= WIDE.0 && area.height >= WIDE.1;
    let rows = roster::height(stage.seats().len());
    let pictures = Constraint::Fill(if wide { 5 } else { 1 });
    let [top, table, charts, below, bottom] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(rows),
        pictures,
        if wide { Constraint::Fill(4) } else { Constraint::Length(area.height / 3) },
        Constraint::Length(1),
    ])
    .areas(area);
    header(frame, stage, looks, palette, top);
    roster::draw(stage, looks.focus, palette, table, frame.buffer_mut());
    pictures_of(frame, stage, looks, palette, charts);
    lower(frame, stage, looks, palette, below, wide);
    footer(frame, palette, bottom);
    if looks.help {
        help(frame, palette, area);
    }
}

/// Left and right of the bar at the top. What a narrow terminal has no room for is left out whole, the least important
/// part first.
fn header(frame: &mut Frame<'_>, stage: &Stage, looks: &Looks, palette: Palette, area: Rect) {
    let now = stage.now().to_string();
    let pace = match looks.paused {
        true => "PAUSED".to_owned(),
        false => format!("{} min/s", words::whole(f64::from(SPEEDS[looks.speed]))),
    };
    let (day, session) = session(stage, looks.days);
    // Each with its rank: the larger goes sooner.
    let mut left =
        vec![(3, "OMEGA".to_owned()), (5, format!("made market, seed {}, not history", looks.seed))];
    left.extend(price(stage));
    let mut right = vec![(0, format!("{} {}", &now[..10], &now[11..16])), (1, day), (4, session), (2, pace)];
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

/// Which day it is, and which session of it with how much of that is over.
fn session(stage: &Stage, days: u32) -> (String, String) {
    let Some(session) = stage.session() else { return (String::new(), String::new()) };
    let done = (stage.now() - session.start).0 as f64 / SESSION.0 as f64;
    let day = format!("day {}/{days}", session.day());
    (day, format!("session {}/4 {}", session.of_day(), words::bar(done, 4)))
}

/// What is traded, its last price and the day's change, each with its rank in the header.
fn price(stage: &Stage) -> Vec<(u8, String)> {
    let Some(price) = stage.price() else { return Vec::new() };
    let mut parts =
        vec![(6, stage.instrument().symbol.clone()), (0, words::price(stage.instrument(), price))];
    let ago = (Interval::DAY.0 / super::stage::CANDLE.0) as usize;
    if let Some(before) = stage.candles().iter().rev().nth(ago) {
        let change = words::percent(price.0 as f64 / before.close.0 as f64 - 1.0);
        parts.push((7, format!("{change} in a day")));
    }
    parts
}

fn titled(title: &str, palette: Palette) -> Block<'static> {
    Block::new()
        .borders(ratatui::widgets::Borders::TOP)
        .border_style(palette.quiet())
        .title(Span::styled(format!(" {title} "), palette.strong()))
}

fn pictures_of(frame: &mut Frame<'_>, stage: &Stage, looks: &Looks, palette: Palette, area: Rect) {
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(1).areas(area);
    let name = looks.focus.map(|seat| stage.seats()[seat].name.as_str());
    let market = titled("price, half hours", palette);
    let inside = market.inner(left);
    frame.render_widget(market, left);
    let held = looks.focus.and_then(|seat| stage.held(seat));
    frame.render_widget(candles::Candles { stage, held, palette }, inside);
    let equity = titled(&format!("equity of {}", name.unwrap_or("everybody")), palette);
    let inside = equity.inner(right);
    frame.render_widget(equity, right);
    charts::equity(frame, stage, looks.focus, palette, inside);
}

fn lower(frame: &mut Frame<'_>, stage: &Stage, looks: &Looks, palette: Palette, area: Rect, wide: bool) {
    let sky_rows = 1;
    let [main, sky] = Layout::vertical([Constraint::Fill(1), Constraint::Length(sky_rows)]).areas(area);
    frame.render_widget(Paragraph::new(sky_line(stage, palette)), sky);
    let (left, right) = if wide || looks.focus.is_some() {
        let share = if wide { Constraint::Length(46) } else { Constraint::Length(38) };
        let [left, right] = Layout::horizontal([Constraint::Fill(1), share]).spacing(1).areas(main);
        (left, Some(right))
    } else {
        (main, None)
    };
    said(frame, stage, looks, palette, left);
    if let Some(right) = right {
        let seat = looks.focus.unwrap_or_else(|| stage.ranking()[0].0);
        let title = if looks.focus.is_some() { "in focus" } else { "the leader" };
        let block = titled(title, palette);
        let text = Paragraph::new(detail::lines(stage, seat, palette)).wrap(Wrap { trim: true }).block(block);
        frame.render_widget(text, right);
    }
}

fn said(frame: &mut Frame<'_>, stage: &Stage, looks: &Looks, palette: Palette, area: Rect) {
    let block = titled("decisions, newest first", palette);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let shown = stage
        .diary()
        .newest()
        .filter(|line| line.who.is_none() || looks.focus.is_none_or(|focus| line.who == Some(focus)));
    let lines: Vec<Line<'_>> =
        shown.take(usize::from(inside.height)).map(|line| told(stage, line, palette)).collect();
    frame.render_widget(Paragraph::new(lines), inside);
}

fn told(stage: &Stage, line: &Said, palette: Palette) -> Line<'static> {
    let at = line.at.to_string();
    let who = match line.who {
        Some(seat) => Span::styled(format!("{:<10} ", stage.seats()[seat].name), palette.seat(seat)),
        None => Span::styled(format!("{:<10} ", "* * *"), palette.quiet()),
    };
    Line::from(vec![
        Span::styled(format!("{} ", &at[8..16].replace('T', " ")), palette.quiet()),
        who,
        Span::styled(line.text.clone(), palette.line(line.kind)),
    ])
}

fn sky_line(stage: &Stage, palette: Palette) -> Line<'static> {
    let now = stage.now();
    if !cosmos::ephemeris::covers(now) {
        return Line::styled("sky: outside the ephemeris", palette.quiet());
    }
    let phase = moon::Phase::of_elongation(moon::elongation_deg(now)).name();
    let lit = moon::illuminated_fraction(now) * 100.0;
    let mercury = mercury::motion(now).name();
    let next = stage.session().map_or_else(String::new, |session| {
        format!("  next session in {}", crate::figures::duration((session.end() - now).0 as f64 / 1_000.0))
    });
    Line::from(vec![
        Span::styled("sky ", palette.quiet()),
        Span::raw(format!("{phase}, {lit:.0} % lit; Mercury {mercury}")),
        Span::styled(next, palette.quiet()),
    ])
}

/// As many keys as fit, the way out always among them.
fn footer(frame: &mut Frame<'_>, palette: Palette, area: Rect) {
    let (last, first) = KEYS.split_last().expect("there are keys");
    let show = |&(keys, word, _): &(&str, &str, &str)| format!(" {keys} {word} ");
    let mut room = usize::from(area.width).saturating_sub(show(last).len());
    let fits = |text: &String| {
        let fits = text.len() <= room;
        room -= if fits { text.len() } else { 0 };
        fits
    };
    let shown: String = first.iter().map(show).filter(fits).collect();
    frame.render_widget(Paragraph::new(format!("{shown}{}", show(last))).style(palette.bar()), area);
}

/// The keys, and beside them as much prose as there is room for.
fn help(frame: &mut Frame<'_>, palette: Palette, area: Rect) {
    let width = 92.min(area.width);
    let (columns, rows) = (usize::from(width) - 2, usize::from(area.height) - 2);
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (keys, _, meaning) in KEYS {
        let indent = " ".repeat(KEYS_WIDTH);
        for (i, text) in wrap_within(meaning, &indent, columns).lines().enumerate() {
            let keys = if i == 0 { *keys } else { "" };
            let keys = Span::styled(format!("{keys:>8}  "), palette.strong());
            lines.push(Line::from(vec![keys, Span::raw(text.trim_start().to_owned())]));
        }
    }
    for (i, text) in PROSE.iter().enumerate() {
        let told = wrap_within(text, "", columns);
        let above = usize::from(i == 0);
        if lines.len() + above + told.lines().count() > rows {
            break;
        }
        lines.extend((0..above).map(|_| Line::raw("")));
        lines.extend(told.lines().map(|text| Line::styled(text.to_owned(), palette.quiet())));
    }
    let height = (lines.len() as u16 + 2).min(area.height);
    let place =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    frame.render_widget(Clear, place);
    let block = Block::bordered().title(Span::styled(" keys ", palette.strong()));
    frame.render_widget(Paragraph::new(lines).block(block), place);
}

/// Columns of the keys in the help, with what is between them and their meaning.
const KEYS_WIDTH: usize = 10;
/// What the help says beside the keys, the most useful first.
const PROSE: [&str; 3] = [
    "Six personas trade one made market, each on its own account of paper money.",
    "'stop' and 'liq.' say how far the mark is from the resting stop and from liquidation.",
    "'trust' is confidence. Ranked by return over the deepest fall, from ten trades on.",
];

#[cfg(test)]
mod tests;
