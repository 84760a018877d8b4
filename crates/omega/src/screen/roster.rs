//! Everybody, a row each: money, position with its stop, mood.
//!
//! It refuses to be cut in the middle of a figure: where the terminal is narrow, whole columns go; where it is low, rows
//! do, never that of the bot in focus, and it says how many.

use super::palette::Palette;
use super::{Held, Liquidation, Picture, Seat, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// One column: its head, its width, whether figures stand at its right edge, and from which width on it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    head: &'static str,
    width: u16,
    right: bool,
    shown_from: u16,
    cell: fn(&Row<'_>) -> (String, Style),
}

/// What a row is made from.
struct Row<'a> {
    seat: &'a Seat<'a>,
    number: usize,
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

impl Column {
    /// The same, from another width on.
    const fn from(self, shown_from: u16) -> Column {
        Column { shown_from, ..self }
    }

    /// The same, as wide as this.
    const fn wide(self, width: u16) -> Column {
        Column { width, ..self }
    }
}

const PLACE: Column = column("#", 2, true, 0, |row| {
    (row.seat.place.map_or_else(|| "-".to_owned(), |place| place.to_string()), row.palette.quiet())
});
const WHO: Column =
    column("who", 10, false, 0, |row| (row.seat.name.to_owned(), row.palette.seat(row.number)));
const PERSONA: Column =
    column("persona", 10, false, 0, |row| (row.seat.persona.to_owned(), row.palette.quiet()));
const STATUS: Column =
    column("status", 10, false, 0, |row| (row.seat.status.clone(), row.palette.weight(row.seat.urgency)));
const EQUITY: Column = column("equity", 7, true, 0, |row| figure(row.seat.equity.map(words::whole)));
const RETURN: Column = column("return", 7, true, 0, |row| match row.seat.gained() {
    Some(gained) => (words::percent(gained), row.palette.change(gained)),
    None => ("-".to_owned(), row.palette.quiet()),
});
const REALISED: Column = column("realised", 8, true, 0, |row| match row.seat.realised {
    Some(realised) => (words::gain(realised), row.palette.change(realised)),
    None => ("-".to_owned(), row.palette.quiet()),
});
const DEEPEST: Column = column("deepest", 7, true, 0, |row| {
    figure(Some(words::percent(row.seat.deepest.map_or(0.0, |fell| -fell))))
});
const TRADES: Column = column("trades", 6, true, 0, |row| figure(Some(row.seat.trades.to_string())));
const ORDERS: Column =
    column("orders", 6, true, 0, |row| figure(row.seat.orders.map(|count| count.to_string())));
const NAKED: Column = column("naked", 7, true, 0, |row| match row.seat.naked_ms_max {
    None => (String::new(), Style::new()),
    Some(0) => ("never".to_owned(), row.palette.quiet()),
    Some(ms) => (seconds(ms), row.palette.alarm()),
});
const POSITION: Column = column("position", 12, false, 0, |row| match &row.seat.held {
    None => ("flat".to_owned(), row.palette.quiet()),
    Some(Held { side, coins, .. }) => (format!("{side:<5} {coins:.3}"), Style::new()),
});
const ENTRY: Column = column("entry", 8, true, 0, |row| {
    let entry = row.seat.held.as_ref().map(|held| words::whole(held.entry));
    (entry.unwrap_or_default(), Style::new())
});
const OPEN: Column = column("open", 7, true, 0, |row| {
    let open = row.seat.held.as_ref().and_then(|held| held.unrealised);
    (open.map(words::gain).unwrap_or_default(), row.palette.change(open.unwrap_or_default()))
});
const STOP: Column = column("stop", 6, true, 0, |row| match row.seat.held.as_ref().map(|held| held.stop) {
    None => (String::new(), Style::new()),
    Some(None) => ("none".to_owned(), row.palette.alarm()),
    Some(Some(stop)) => (row.distance(stop), Style::new()),
});
const LIQUIDATION: Column =
    column("liq.", 6, true, 0, |row| match row.seat.held.as_ref().map(|held| held.liquidation) {
        None | Some(Liquidation::Untold) => (String::new(), Style::new()),
        Some(Liquidation::Never) => ("never".to_owned(), row.palette.quiet()),
        Some(Liquidation::At(price)) => (row.distance(price), row.palette.quiet()),
    });
const FEELS: Column = column("feels", 9, false, 0, |row| match &row.seat.feels {
    None => ("-".to_owned(), row.palette.quiet()),
    Some(label) => (label.clone(), row.palette.strong()),
});
const TRUST: Column = column("trust", 5, false, 0, |row| row.gauge("confidence"));
const STRESS: Column = column("stress", 6, false, 0, |row| row.gauge("stress"));
const ENERGY: Column = column("energy", 6, true, 0, |row| {
    (row.seat.energy.map_or_else(|| "-".to_owned(), |energy| format!("{energy:.2}")), Style::new())
});

/// Of the show, left to right.
pub const OF_SHOW: &[Column] = &[
    PLACE,
    WHO,
    EQUITY,
    RETURN,
    DEEPEST.from(100),
    TRADES.from(100),
    POSITION,
    ENTRY.from(112),
    OPEN,
    STOP,
    LIQUIDATION.from(64),
    FEELS.from(74),
    TRUST.from(80),
    STRESS.from(124),
    ENERGY.from(132),
];

/// Of a farm that runs, left to right.
pub const OF_FARM: &[Column] = &[
    WHO.wide(14),
    PERSONA.from(138),
    STATUS,
    EQUITY.from(70),
    RETURN.from(127),
    REALISED.from(70),
    POSITION,
    ENTRY.from(118),
    OPEN,
    STOP,
    FEELS.from(80),
    ENERGY.from(87),
    ORDERS.from(94),
    NAKED.from(102),
    TRADES.from(109),
    TRUST.from(144),
    STRESS.from(151),
];

fn figure(text: Option<String>) -> (String, Style) {
    (text.unwrap_or_else(|| "-".to_owned()), Style::new())
}

/// A length of time in no more letters than its column has.
fn seconds(ms: i64) -> String {
    match ms / 1_000 {
        ..10 => format!("{:.1} s", ms as f64 / 1_000.0),
        s @ 10..600 => format!("{s} s"),
        s @ 600..36_000 => format!("{} min", s / 60),
        s => format!("{} h", (s / 3_600).min(9_999)),
    }
}

impl Row<'_> {
    /// How far the mark is from there, as a share of the mark; what no market reaches is just far.
    fn distance(&self, from: f64) -> String {
        match self.seat.mark {
            Some(mark) if mark > 0.0 => away(from / mark - 1.0),
            _ => "-".to_owned(),
        }
    }

    fn gauge(&self, name: &str) -> (String, Style) {
        let value = self.seat.mood.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        (value.map_or_else(String::new, |value| words::bar(value, 5)), Style::new())
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
    u16::try_from(seats + 1).unwrap_or(u16::MAX)
}

/// Draws it.
pub fn draw(picture: &Picture<'_>, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let shown: Vec<&Column> =
        picture.columns.iter().filter(|column| column.shown_from <= area.width).collect();
    let mut x = area.x;
    for column in &shown {
        put(buffer, area, (x, area.y), column, column.head, palette.quiet());
        x += column.width + 1;
    }
    let room = usize::from(area.height.saturating_sub(1));
    let (first, count) = window(picture, room);
    for (line, number) in picture.order.iter().copied().skip(first).take(count).enumerate() {
        let y = area.y + 1 + line as u16;
        let row = Row { seat: &picture.seats[number], number, palette };
        let mut x = area.x;
        for column in &shown {
            let (text, style) = (column.cell)(&row);
            put(buffer, area, (x, y), column, &text, style);
            x += column.width + 1;
        }
        if picture.focus == Some(number) {
            buffer.set_style(Rect { y, height: 1, ..area }, palette.focus());
        }
    }
    let left_out = picture.order.len() - count;
    if left_out > 0 && room > 0 {
        let text = format!("… {left_out} more: arrows");
        buffer.set_stringn(area.x, area.bottom() - 1, text, usize::from(area.width), palette.quiet());
    }
}

/// Which rows there is room for, the one in focus among them; the last line says what is left out.
fn window(picture: &Picture<'_>, room: usize) -> (usize, usize) {
    let seats = picture.order.len();
    if seats <= room {
        return (0, seats);
    }
    let count = room.saturating_sub(1);
    let place = picture.order.iter().position(|number| Some(*number) == picture.focus).unwrap_or(0);
    (place.saturating_sub(count.saturating_sub(1)).min(seats - count), count)
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
        for columns in [OF_SHOW, OF_FARM] {
            for width in 60..=200 {
                let shown = columns.iter().filter(|column| column.shown_from <= width);
                let taken: u16 = shown.map(|column| column.width + 1).sum();
                assert!(taken <= width + 1, "{taken} columns of {width}");
            }
        }
    }

    #[test]
    fn a_distance_and_a_time_fit_their_columns() {
        let width = usize::from(STOP.width.min(LIQUIDATION.width));
        for fraction in [-0.999, -0.05, 0.0, 0.123, 0.9999, 9.98, 10.5, 1e6] {
            assert!(away(fraction).len() <= width, "{} is too long", away(fraction));
        }
        for ms in [1, 9_999, 10_000, 599_999, 600_000, 35_999_999, 36_000_000, i64::MAX] {
            assert!(seconds(ms).len() <= usize::from(NAKED.width), "{} is too long", seconds(ms));
        }
    }
}
