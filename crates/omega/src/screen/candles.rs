//! A market as candles, a column each, with the levels of the bot that is looked at.
//!
//! It refuses to smooth: what is drawn is what traded.

use super::palette::Palette;
use super::{Candle, Held, Liquidation, Market, words};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// Room for a price at the right.
const LABEL_WIDTH: u16 = 14;

/// The picture.
pub struct Candles<'a> {
    /// The market.
    pub market: &'a Market,
    /// The position that is looked at.
    pub held: Option<&'a Held>,
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
        let top = candles.clone().map(|candle| candle.high).fold(f64::MIN, f64::max);
        let bottom = candles.map(|candle| candle.low).fold(f64::MAX, f64::min);
        // A market that has not moved is drawn all the same.
        let range = (top - bottom).max(top.abs() * 1e-6).max(f64::MIN_POSITIVE);
        Scale { top, per_row: range / f64::from(rows.max(1)), rows }
    }

    /// The row of a price; `None` where it lies outside.
    fn row(&self, price: f64) -> Option<u16> {
        let bottom = self.top - self.per_row * f64::from(self.rows);
        (bottom..=self.top).contains(&price).then(|| self.nearest(price))
    }

    /// The row of a price, the first or the last where it lies outside.
    fn nearest(&self, price: f64) -> u16 {
        (((self.top - price) / self.per_row) as u16).min(self.rows - 1)
    }
}

impl Widget for Candles<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        if area.height < 2 || area.width <= LABEL_WIDTH {
            return;
        }
        let columns = area.width - LABEL_WIDTH;
        let candles = &self.market.candles;
        if candles.is_empty() {
            let text = "nothing was traded yet";
            buffer.set_stringn(area.x, area.y, text, usize::from(area.width), self.palette.quiet());
            return;
        }
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

    fn lines(&self) -> Vec<(f64, String, &'static str, Style)> {
        let Some(held) = self.held else { return Vec::new() };
        let quiet = self.palette.quiet();
        let named = |word: &str, price: f64| format!("{word} {}", words::whole(price));
        let mut lines = vec![(held.entry, named(held.side, held.entry), "─", quiet)];
        if let Some(stop) = held.stop {
            lines.push((stop, named("stop", stop), "╌", self.palette.alarm()));
        }
        if let Liquidation::At(price) = held.liquidation {
            lines.push((price, named("liq.", price), "═", self.palette.alarm()));
        }
        lines
    }

    fn labels(&self, area: Rect, scale: &Scale, buffer: &mut Buffer) {
        let x = area.x + area.width - LABEL_WIDTH + 1;
        let ends = [scale.top, scale.top - scale.per_row * f64::from(scale.rows)];
        for (y, price) in [0, area.height - 1].into_iter().zip(ends) {
            let text = words::whole(price);
            buffer.set_string(x, area.y + y, text, self.palette.quiet());
        }
        for (price, text, _, style) in self.lines() {
            if let Some(row) = scale.row(price) {
                buffer.set_stringn(x, area.y + row, text, usize::from(LABEL_WIDTH) - 1, style);
            }
        }
        if let Some(price) = self.market.price {
            let row = scale.nearest(price);
            let text = format!("◄ {}", words::whole(price));
            buffer.set_stringn(x - 1, area.y + row, text, usize::from(LABEL_WIDTH), self.palette.strong());
        }
    }
}
