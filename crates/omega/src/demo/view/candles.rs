//! Half hours as candles, a column each, with the levels of the bot that is looked at.
//!
//! It refuses to smooth: what is drawn is what traded.

use super::palette::Palette;
use super::words;
use crate::demo::stage::{Candle, Held, Stage};
use model::{Instrument, Price};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// Room for a price at the right.
const LABEL_WIDTH: u16 = 14;

/// The picture.
pub struct Candles<'a> {
    /// What is on stage.
    pub stage: &'a Stage,
    /// The position that is looked at.
    pub held: Option<Held>,
    /// Colours.
    pub palette: Palette,
}

/// Prices to rows.
struct Scale {
    top: f64,
    per_row: f64,
    rows: u16,
}

impl Scale {
    fn of<'a>(candles: impl Iterator<Item = &'a Candle> + Clone, rows: u16) -> Scale {
        let top = candles.clone().map(|candle| candle.high.0).max().unwrap_or(1) as f64;
        let bottom = candles.map(|candle| candle.low.0).min().unwrap_or(0) as f64;
        Scale { top, per_row: (top - bottom).max(1.0) / f64::from(rows.max(1)), rows }
    }

    /// The row of a price; `None` where it lies outside.
    fn row(&self, price: Price) -> Option<u16> {
        let bottom = self.top - self.per_row * f64::from(self.rows);
        (bottom..=self.top).contains(&(price.0 as f64)).then(|| self.nearest(price))
    }

    /// The row of a price, the first or the last where it lies outside.
    fn nearest(&self, price: Price) -> u16 {
        (((self.top - price.0 as f64) / self.per_row) as u16).min(self.rows - 1)
    }
}

impl Widget for Candles<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        if area.height < 2 || area.width <= LABEL_WIDTH {
            return;
        }
        let columns = area.width - LABEL_WIDTH;
        let candles = self.stage.candles();
        let skipped = candles.len().saturating_sub(usize::from(columns));
        let scale = Scale::of(candles.iter().skip(skipped), area.height);
        self.levels(area, &scale, buffer);
        for (column, candle) in candles.iter().skip(skipped).enumerate() {
            self.candle(area, column as u16, candle, &scale, buffer);
        }
        self.labels(area, &scale, buffer);
    }
}

impl Candles<'_> {
    fn candle(&self, area: Rect, column: u16, candle: &Candle, scale: &Scale, buffer: &mut Buffer) {
        let rises = candle.close >= candle.open;
        let style = self.palette.change(if rises { 1.0 } else { -1.0 });
        // Rising and falling bodies differ in their shade too, for those without colour.
        let body = if rises { "█" } else { "▒" };
        let (high, low) = (scale.nearest(candle.high), scale.nearest(candle.low));
        let (top, bottom) =
            (scale.nearest(candle.open.max(candle.close)), scale.nearest(candle.open.min(candle.close)));
        for y in high..=low {
            let symbol = if (top..=bottom).contains(&y) { body } else { "│" };
            buffer.set_string(area.x + column, area.y + y, symbol, style);
        }
    }

    /// Entry, stop and liquidation, where they lie on the picture.
    fn levels(&self, area: Rect, scale: &Scale, buffer: &mut Buffer) {
        let width = usize::from(area.width - LABEL_WIDTH);
        for (price, _, symbol, style) in self.lines() {
            if let Some(row) = scale.row(price) {
                buffer.set_string(area.x, area.y + row, symbol.repeat(width), style);
            }
        }
    }

    fn lines(&self) -> Vec<(Price, String, &'static str, Style)> {
        let Some(held) = &self.held else { return Vec::new() };
        let instrument = self.stage.instrument();
        let quiet = self.palette.quiet();
        let named = |word: &str, price: Price| format!("{word} {}", words::price(instrument, price));
        let side = held.side_word();
        let mut lines = vec![(held.entry, named(side, held.entry), "─", quiet)];
        if let Some(stop) = held.stop {
            lines.push((stop, named("stop", stop), "╌", self.palette.alarm()));
        }
        if let Some(mark) = held.liquidation {
            let price = words::ticks_of(instrument, mark);
            lines.push((price, named("liq.", price), "═", self.palette.alarm()));
        }
        lines
    }

    fn labels(&self, area: Rect, scale: &Scale, buffer: &mut Buffer) {
        let instrument: &Instrument = self.stage.instrument();
        let x = area.x + area.width - LABEL_WIDTH + 1;
        let ends = [scale.top, scale.top - scale.per_row * f64::from(scale.rows)];
        for (y, ticks) in [0, area.height - 1].into_iter().zip(ends) {
            let text = words::price(instrument, Price(ticks as i64));
            buffer.set_string(x, area.y + y, text, self.palette.quiet());
        }
        for (price, text, _, style) in self.lines() {
            if let Some(row) = scale.row(price) {
                buffer.set_stringn(x, area.y + row, text, usize::from(LABEL_WIDTH) - 1, style);
            }
        }
        if let Some(price) = self.stage.price() {
            let row = scale.nearest(price);
            let text = format!("◄ {}", words::price(instrument, price));
            buffer.set_stringn(x - 1, area.y + row, text, usize::from(LABEL_WIDTH), self.palette.strong());
        }
    }
}
