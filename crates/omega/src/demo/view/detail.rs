//! One bot in full: why it holds what it holds, what it feels, what it claims.

use super::palette::Palette;
use super::words;
use crate::demo::stage::Stage;
use crate::lineup;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Its lines, most important first.
pub fn lines(stage: &Stage, seat: usize, palette: Palette) -> Vec<Line<'static>> {
    let (bot, place) = (stage.bot(seat), &stage.seats()[seat]);
    let mut lines = vec![Line::from(vec![
        Span::styled(place.name.clone(), palette.seat(seat).patch(palette.strong())),
        Span::raw(format!("  {}, {} trades", bot.status().name(), bot.ledger().trades())),
    ])];
    lines.push(holding(stage, seat));
    if let (Some(reason), Some(_)) = (&place.reason, stage.held(seat)) {
        lines.push(Line::from(format!("because {reason}")));
    }
    if let Some(psyche) = bot.psyche() {
        let mood = psyche.mood();
        lines.push(Line::from(vec![
            Span::styled("feels ", palette.quiet()),
            Span::styled(psyche.label().name(), palette.strong()),
            Span::styled(format!(", after {} trades", psyche.experience()), palette.quiet()),
        ]));
        for (name, value) in mood.variables() {
            lines.push(gauge(name, value, palette));
        }
    }
    let refused: u64 = bot.refusals().map(|(_, count)| count).sum();
    if refused > 0 {
        lines.push(Line::styled(format!("risk said no {refused} times"), palette.quiet()));
    }
    if let Some(profile) = lineup::profile(&place.name) {
        lines.push(Line::styled(format!("claims: {}", profile.edge), palette.quiet()));
    }
    lines
}

fn gauge(name: &'static str, value: f64, palette: Palette) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!("{:<14}", name.replace('_', " ")), palette.quiet()),
        Span::raw(words::bar(value, 12)),
        Span::styled(format!(" {value:.2}"), palette.quiet()),
    ])
}

fn holding(stage: &Stage, seat: usize) -> Line<'static> {
    let Some(held) = stage.held(seat) else { return Line::styled("holds nothing", Style::new()) };
    let instrument = stage.instrument();
    let coins = held.lots as f64 * instrument.lot.as_f64();
    let side = held.side_word();
    let stop =
        held.stop.map_or("no stop".to_owned(), |stop| format!("stop {}", words::price(instrument, stop)));
    let liquidation = held.liquidation.map_or("cannot be liquidated".to_owned(), |mark| {
        format!("liquidated at {}", words::price(instrument, words::ticks_of(instrument, mark)))
    });
    let entry = words::price(instrument, held.entry);
    Line::from(format!(
        "{side} {coins:.3} from {entry}, {stop}, {liquidation}, {} USDT",
        words::gain(held.unrealised)
    ))
}
