//! One bot in full: why it holds what it holds, what it feels, and what else is told of it.
//!
//! It refuses to judge: what is an alarm was called one by whoever told it.

use super::palette::Palette;
use super::{Liquidation, Seat, words};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Its lines, most important first.
pub fn lines(seat: &Seat<'_>, number: usize, palette: Palette) -> Vec<Line<'static>> {
    let mut lines = vec![Line::from(vec![
        Span::styled(seat.name.to_owned(), palette.seat(number).patch(palette.strong())),
        Span::raw(format!("  {}, {} trades", seat.status, seat.trades)),
    ])];
    lines
        .extend(seat.warned.iter().map(|(weight, text)| Line::styled(text.clone(), palette.weight(*weight))));
    lines.push(holding(seat));
    if let (Some(reason), Some(_)) = (&seat.reason, &seat.held) {
        lines.push(Line::from(format!("because {reason}")));
    }
    if let Some(feels) = &seat.feels {
        let after = seat.experience.map_or_else(String::new, |trades| format!(", after {trades} trades"));
        lines.push(Line::from(vec![
            Span::styled("feels ", palette.quiet()),
            Span::styled(feels.clone(), palette.strong()),
            Span::styled(after, palette.quiet()),
        ]));
        for (name, value) in &seat.mood {
            lines.push(gauge(name, *value, palette));
        }
    }
    lines.extend(seat.told.iter().map(|text| Line::styled(text.clone(), palette.quiet())));
    lines
}

fn gauge(name: &str, value: f64, palette: Palette) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!("{:<14}", name.replace('_', " ")), palette.quiet()),
        Span::raw(words::bar(value, 12)),
        Span::styled(format!(" {value:.2}"), palette.quiet()),
    ])
}

fn holding(seat: &Seat<'_>) -> Line<'static> {
    let Some(held) = &seat.held else { return Line::styled("holds nothing", Style::new()) };
    let stop = held.stop.map_or("no stop".to_owned(), |stop| format!("stop {}", words::whole(stop)));
    let liquidation = match held.liquidation {
        Liquidation::At(price) => format!(", liquidated at {}", words::whole(price)),
        Liquidation::Never => ", cannot be liquidated".to_owned(),
        Liquidation::Untold => String::new(),
    };
    let open = held.unrealised.map_or_else(String::new, |usd| format!(", {} USDT", words::gain(usd)));
    let (side, entry) = (held.side, words::whole(held.entry));
    Line::from(format!("{side} {:.3} from {entry}, {stop}{liquidation}{open}", held.coins))
}
