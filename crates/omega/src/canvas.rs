//! A drawing of characters: text put at columns and rows, with tones, and turned into lines when it is done.
//!
//! It refuses to grow wider than a terminal: what is put beyond the last column is a fault of whoever drew it.

use crate::table::Tone;

/// Columns of the narrowest terminal that a drawing is for.
pub const CANVAS_WIDTH: usize = 80;

/// Characters by row and column, from 0.
#[derive(Clone, Debug, Default)]
pub struct Canvas {
    rows: Vec<Vec<(char, Tone)>>,
}

impl Canvas {
    /// Writes over what is there.
    pub fn put(&mut self, column: usize, row: usize, text: &str, tone: Tone) {
        let end = column + text.chars().count();
        assert!(end <= CANVAS_WIDTH, "{text:?} at column {column} leaves the canvas");
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let line = &mut self.rows[row];
        if line.len() < end {
            line.resize(end, (' ', Tone::Plain));
        }
        for (cell, character) in line[column..end].iter_mut().zip(text.chars()) {
            *cell = (character, tone);
        }
    }

    /// Whether nothing is written in these columns of a row.
    pub fn is_blank(&self, columns: std::ops::Range<usize>, row: usize) -> bool {
        let Some(line) = self.rows.get(row) else { return true };
        line.iter().take(columns.end).skip(columns.start).all(|(character, _)| *character == ' ')
    }

    /// Rows so far.
    pub fn height(&self) -> usize {
        self.rows.len()
    }

    /// The lines, without blanks at their ends.
    pub fn render(&self, colour: bool) -> String {
        let mut text = String::new();
        for line in &self.rows {
            let used = line.iter().rposition(|(character, _)| *character != ' ').map_or(0, |at| at + 1);
            for run in line[..used].chunk_by(|a, b| a.1 == b.1) {
                let words: String = run.iter().map(|(character, _)| character).collect();
                text.push_str(&run[0].1.paint(&words, colour));
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_where_it_was_put() {
        let mut canvas = Canvas::default();
        canvas.put(3, 1, "abc", Tone::Strong);
        canvas.put(4, 1, "B", Tone::Plain);
        assert_eq!(canvas.render(false), "\n   aBc\n");
        assert_eq!(canvas.render(true), "\n   \x1b[1ma\x1b[0mB\x1b[1mc\x1b[0m\n");
        assert!(canvas.is_blank(0..3, 1) && !canvas.is_blank(0..4, 1));
        assert!(canvas.is_blank(0..80, 0) && canvas.is_blank(0..80, 9) && canvas.is_blank(6..80, 1));
        assert_eq!(canvas.height(), 2);
    }

    #[test]
    #[should_panic(expected = "leaves the canvas")]
    fn nothing_is_drawn_beyond_the_edge() {
        Canvas::default().put(79, 0, "ab", Tone::Plain);
    }
}
