//! Everybody in the order of the battle: money, position with its stop and liquidation, mood.
//!
//! It refuses to be cut in the middle of a figure: where the terminal is narrow, whole columns go.

use super::palette::Palette;
use super::words;
use crate::demo::stage::{Held, Stage};
use model::Mark;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// One column: its head, its width, whether figures stand at its right edge, and from which width on it is shown.
struct Column {
    head: &'static str,
    width: u16,
    right: bool,
    shown_from: u16,
    cell: fn(&Row<'_>) -> (String, Style),
}

/// What a row is made from.
struct Row<'a> {
    stage: &'a Stage,
    seat: usize,
    place: Option<usize>,
    held: Option<Held>,
    palette: Palette,
}

const fn column(
    head: &'static str,
    width: u16,
    right: bool,
    shown_from: u16,
    cell: fn(&Row<'_>) -> (String, Style),
) -> Column {
    Column { head, width, right, shown_from, cell }
}

/// Left to right.
const COLUMNS: &[Column] = &[
    column("#", 2, true, 0, |row| {
        (row.place.map_or_else(|| "-".to_owned(), |place| (place + 1).to_string()), row.palette.quiet())
    }),
    column("who", 10, false, 0, |row| (row.stage.seats()[row.seat].name.clone(), row.palette.seat(row.seat))),
    column("equity", 7, true, 0, |row| (words::money(row.stage.equity(row.seat)), Style::new())),
    column("return", 7, true, 0, |row| {
        let gained = row.stage.equity(row.seat).as_f64() / row.stage.capital(row.seat).as_f64() - 1.0;
        (words::percent(gained), row.palette.change(gained))
    }),
    column("deepest", 7, true, 100, |row| {
        let fell = row.stage.seats()[row.seat].session.map_or(0.0, |session| -session.drawdown);
        (words::percent(fell), Style::new())
    }),
    column("trades", 6, true, 100, |row| {
        (row.stage.bot(row.seat).ledger().trades().to_string(), Style::new())
    }),
    column("position", 12, false, 0, |row| match &row.held {
        None => ("flat".to_owned(), row.palette.quiet()),
        Some(held) => {
            let coins = held.lots as f64 * row.stage.instrument().lot.as_f64();
            let side = held.side_word();
            (format!("{side:<5} {coins:.3}"), Style::new())
        }
    }),
    column("entry", 8, true, 112, |row| {
        let entry = row.held.as_ref().map(|held| words::price(row.stage.instrument(), held.entry));
        (entry.unwrap_or_default(), Style::new())
    }),
    column("open", 7, true, 0, |row| match &row.held {
        None => (String::new(), Style::new()),
        Some(held) => (words::gain(held.unrealised), row.palette.change(held.unrealised.as_f64())),
    }),
    column("stop", 6, true, 0, |row| {
        let stop = row.held.as_ref().map(|held| held.stop.map(|stop| row.stage.instrument().mark_of(stop)));
        match stop {
            None => (String::new(), Style::new()),
            Some(None) => ("none".to_owned(), row.palette.alarm()),
            Some(Some(stop)) => (row.distance(stop), Style::new()),
        }
    }),
    column("liq.", 6, true, 64, |row| match &row.held {
        None => (String::new(), Style::new()),
        Some(held) => (
            held.liquidation.map_or_else(|| "never".to_owned(), |mark| row.distance(mark)),
            row.palette.quiet(),
        ),
    }),
    column("feels", 9, false, 74, |row| match row.stage.bot(row.seat).psyche() {
        None => ("-".to_owned(), row.palette.quiet()),
        Some(psyche) => (psyche.label().name().to_owned(), row.palette.strong()),
    }),
    column("trust", 5, false, 80, |row| {
        let trust = row.stage.bot(row.seat).psyche().map(|psyche| words::bar(psyche.mood().confidence, 5));
        (trust.unwrap_or_default(), Style::new())
    }),
    column("stress", 6, false, 124, |row| {
        let stress = row.stage.bot(row.seat).psyche().map(|psyche| words::bar(psyche.mood().stress, 5));
        (stress.unwrap_or_default(), Style::new())
    }),
    column("energy", 6, true, 132, |row| {
        let energy = row.stage.seats()[row.seat].session.and_then(|session| session.energy);
        (energy.map_or_else(|| "-".to_owned(), |energy| format!("{energy:.2}")), Style::new())
    }),
];

impl Row<'_> {
    /// How far the mark is from there, as a share of the mark; what no market reaches is just far.
    fn distance(&self, from: Mark) -> String {
        match self.stage.mark() {
            Some(mark) if mark.0 > 0 => away(from.0 as f64 / mark.0 as f64 - 1.0),
            _ => "-".to_owned(),
        }
    }
}

/// A distance in no more letters than its column has.
fn away(fraction: f64) -> String {
    match fraction.abs() {
        ..0.999 => words::percent(fraction),
        ..9.99 => format!("{:+.0}%", fraction * 100.0),
        _ => "far".to_owned(),
    }
}

/// Rows that are needed for so many seats.
pub fn height(seats: usize) -> u16 {
    seats as u16 + 1
}

/// Draws it.
pub fn draw(stage: &Stage, focus: Option<usize>, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let shown: Vec<&Column> = COLUMNS.iter().filter(|column| column.shown_from <= area.width).collect();
    let mut x = area.x;
    for column in &shown {
        put(buffer, area, (x, area.y), column, column.head, palette.quiet());
        x += column.width + 1;
    }
    let ranked = |standing: &farm::Standing| standing.score().is_some();
    for (place, (seat, standing)) in stage.ranking().into_iter().enumerate() {
        let y = area.y + 1 + place as u16;
        if y >= area.bottom() {
            return;
        }
        let place = standing.filter(ranked).map(|_| place);
        let row = Row { stage, seat, place, held: stage.held(seat), palette };
        let mut x = area.x;
        for column in &shown {
            let (text, style) = (column.cell)(&row);
            put(buffer, area, (x, y), column, &text, style);
            x += column.width + 1;
        }
        if focus == Some(seat) {
            buffer.set_style(Rect { y, height: 1, ..area }, palette.focus());
        }
    }
}

fn put(buffer: &mut Buffer, area: Rect, (x, y): (u16, u16), column: &Column, text: &str, style: Style) {
    let width = usize::from(column.width);
    let text = if column.right { format!("{text:>width$}") } else { format!("{text:<width$}") };
    let room = usize::from(area.right().saturating_sub(x)).min(width);
    buffer.set_stringn(x, y, text, room, style);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_fits() {
        for width in 60..=200 {
            let shown = COLUMNS.iter().filter(|column| column.shown_from <= width);
            let taken: u16 = shown.map(|column| column.width + 1).sum();
            assert!(taken <= width + 1, "{taken} columns of {width}");
        }
    }

    #[test]
    fn a_distance_fits_its_column() {
        let width = COLUMNS
            .iter()
            .filter(|column| ["stop", "liq."].contains(&column.head))
            .map(|column| column.width);
        let width = usize::from(width.min().expect("both are there"));
        for fraction in [-0.999, -0.05, 0.0, 0.123, 0.9999, 9.98, 10.5, 1e6] {
            assert!(away(fraction).len() <= width, "{} is too long", away(fraction));
        }
    }
}
