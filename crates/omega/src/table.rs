//! Tables for people: aligned by hand, at most 100 columns wide where the figures allow it.
//!
//! Colour is a second voice only: it refuses to say anything that the text does not say as well.

/// The width that tables are kept within.
pub const WIDTH_MAX: usize = 100;
const BETWEEN: usize = 3;

/// The least width that tables are kept within: on a narrower terminal figures would stand alone.
const WIDTH_MIN: usize = 60;

/// What is written on: whether it shows colour, and how many columns it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Whether colour is shown.
    pub colour: bool,
    /// Columns.
    pub width: usize,
}

impl Paper {
    /// A terminal of so many columns; without one, as wide as tables ever are.
    pub fn new(colour: bool, columns: Option<u16>) -> Paper {
        // A terminal that does not know its size says that it has none.
        let columns = columns.filter(|columns| *columns > 0).map(usize::from);
        Paper { colour, width: columns.unwrap_or(WIDTH_MAX).clamp(WIDTH_MIN, WIDTH_MAX) }
    }

    /// Prose on it, indented.
    pub fn wrap(self, text: &str, indent: &str) -> String {
        wrap_within(text, indent, self.width)
    }
}

/// How a cell sounds on a terminal with colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As everything else.
    Plain,
    /// A heading.
    Strong,
    /// Better than nothing.
    Good,
    /// Neither good nor bad yet.
    Wary,
    /// A loss, or a bound that was missed.
    Bad,
    /// Beside the point.
    Quiet,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Strong => "\x1b[1m",
            Tone::Good => "\x1b[32m",
            Tone::Wary => "\x1b[33m",
            Tone::Bad => "\x1b[31m",
            Tone::Quiet => "\x1b[2m",
        }
    }

    /// The text in this tone.
    pub fn paint(self, text: &str, colour: bool) -> String {
        if !colour || self == Tone::Plain || text.is_empty() {
            return text.to_owned();
        }
        format!("{}{text}\x1b[0m", self.code())
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell in a tone.
    pub fn new(text: impl Into<String>, tone: Tone) -> Cell {
        Cell { text: text.into(), tone }
    }

    /// A plain cell.
    pub fn plain(text: impl Into<String>) -> Cell {
        Cell::new(text, Tone::Plain)
    }

    /// A figure that is good above zero and bad below.
    pub fn signed(text: impl Into<String>, value: i64) -> Cell {
        let tone = match value.signum() {
            1 => Tone::Good,
            -1 => Tone::Bad,
            _ => Tone::Plain,
        };
        Cell::new(text, tone)
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }

    /// The reason of a figure that does not exist, no longer in the cell: where one column is too wide already, reasons
    /// stand below the table.
    fn move_reason(&mut self) -> Option<String> {
        let reason = self.text.strip_prefix("n/a (")?.strip_suffix(')')?.to_owned();
        self.text = "n/a".to_owned();
        Some(reason)
    }
}

/// To which side a column's cells go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// Rows and columns with a heading.
#[derive(Clone, Debug)]
pub struct Grid {
    align: Vec<Align>,
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    /// A table with these headings.
    pub fn new(columns: &[(&str, Align)]) -> Grid {
        let heading = columns.iter().map(|(head, _)| Cell::new(*head, Tone::Strong)).collect();
        Grid { align: columns.iter().map(|(_, align)| *align).collect(), rows: vec![heading] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Cell>) {
        assert_eq!(cells.len(), self.align.len(), "a row has a cell for each column");
        self.rows.push(cells);
    }

    /// The table as text, a line a row.
    pub fn render(&self, colour: bool) -> String {
        let width_of = |column: usize| self.rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.align.len()).map(width_of).collect();
        let whole = widths.iter().sum::<usize>() + BETWEEN * widths.len().saturating_sub(1);
        let mut text = String::new();
        for (i, row) in self.rows.iter().enumerate() {
            let mut line = String::from("  ");
            for (column, cell) in row.iter().enumerate() {
                let gap = if column == 0 { 0 } else { BETWEEN };
                let pad = widths[column] - cell.width();
                let (before, after) = match self.align[column] {
                    Align::Left => (gap, pad),
                    Align::Right => (gap + pad, 0),
                };
                line.push_str(&" ".repeat(before));
                line.push_str(&cell.tone.paint(&cell.text, colour));
                line.push_str(&" ".repeat(after));
            }
            text.push_str(line.trim_end());
            text.push('\n');
            if i == 0 {
                text.push_str(&format!("  {}\n", "-".repeat(whole)));
            }
        }
        text
    }
}

/// Figures of several runs side by side: a row a figure, a column a run; wide ones are broken into several tables.
#[derive(Clone, Debug)]
pub struct Comparison {
    heads: Vec<String>,
    rows: Vec<(String, Vec<Cell>)>,
}

impl Comparison {
    /// A comparison of these.
    pub fn new(heads: Vec<String>) -> Comparison {
        Comparison { heads, rows: Vec::new() }
    }

    /// Adds a figure.
    pub fn row(&mut self, label: impl Into<String>, cells: Vec<Cell>) {
        assert_eq!(cells.len(), self.heads.len(), "a figure has a cell for each run");
        self.rows.push((label.into(), cells));
    }

    /// The tables as text.
    pub fn render(&self, paper: Paper) -> String {
        let mut text = String::new();
        let mut from = 0;
        while from < self.heads.len() {
            let to = self.fitting(from, paper.width);
            let mut columns = vec![("", Align::Left)];
            columns.extend(self.heads[from..to].iter().map(|head| (head.as_str(), Align::Right)));
            let mut grid = Grid::new(&columns);
            let too_wide = self.label_width() + self.column_width(from) > paper.width;
            let mut reasons = String::new();
            for (label, cells) in &self.rows {
                let mut row = vec![Cell::plain(label)];
                row.extend_from_slice(&cells[from..to]);
                if too_wide && let Some(reason) = row[1].move_reason() {
                    reasons.push_str(&paper.wrap(&format!("{}: {reason}", label.trim()), "  "));
                }
                grid.row(row);
            }
            if from > 0 {
                text.push('\n');
            }
            text.push_str(&grid.render(paper.colour));
            text.push_str(&reasons);
            from = to;
        }
        text
    }

    /// The first column that no longer fits beside those from `from` on; at least one is taken.
    fn fitting(&self, from: usize, width_max: usize) -> usize {
        let mut whole = self.label_width() + self.column_width(from);
        let mut to = from + 1;
        while to < self.heads.len() && whole + self.column_width(to) <= width_max {
            whole += self.column_width(to);
            to += 1;
        }
        to
    }

    fn label_width(&self) -> usize {
        2 + self.rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0)
    }

    fn column_width(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|(_, cells)| cells[column].width());
        cells.max().unwrap_or(0).max(self.heads[column].chars().count()) + BETWEEN
    }
}

/// Breaks prose into indented lines within the width of tables.
pub fn wrap(text: &str, indent: &str) -> String {
    wrap_within(text, indent, WIDTH_MAX)
}

/// Breaks prose into indented lines within a width.
pub fn wrap_within(text: &str, indent: &str, width_max: usize) -> String {
    let mut lines = String::new();
    let mut line = String::from(indent);
    for word in text.split_whitespace() {
        if line.len() > indent.len() && line.chars().count() + 1 + word.chars().count() > width_max {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = String::from(indent);
        }
        if line.len() > indent.len() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_colour_adds_no_width() {
        let mut grid = Grid::new(&[("name", Align::Left), ("net", Align::Right)]);
        grid.row(vec![Cell::plain("a"), Cell::signed("-1.00", -1)]);
        assert_eq!(grid.render(false), "  name     net\n  ------------\n  a      -1.00\n");
        assert_eq!(
            grid.render(true).replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[31m", ""),
            grid.render(false)
        );
    }

    #[test]
    fn where_one_column_is_too_wide_reasons_stand_below() {
        let mut comparison = Comparison::new(vec!["newbie".to_owned()]);
        comparison.row(
            "  a figure with a long name, longer than most",
            vec![Cell::plain("n/a (6 trades, needs 10)")],
        );
        let text = comparison.render(Paper::new(false, Some(60)));
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
        assert!(
            text.ends_with("\n  a figure with a long name, longer than most: 6 trades,\n  needs 10\n"),
            "{text}"
        );
        assert!(comparison.render(Paper::new(false, None)).contains("n/a (6 trades, needs 10)"));
    }

    #[test]
    fn wide_comparisons_are_broken() {
        let heads: Vec<String> = (0..9).map(|i| format!("persona number {i}")).collect();
        let mut comparison = Comparison::new(heads.clone());
        comparison.row("figure", vec![Cell::plain("n/a (no trade)"); 9]);
        for (columns, width) in
            [(None, 100), (Some(0), 100), (Some(200), 100), (Some(80), 80), (Some(20), 60)]
        {
            let paper = Paper::new(false, columns);
            assert_eq!(paper.width, width);
            let text = comparison.render(paper);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
            assert!(heads.iter().all(|head| text.matches(head).count() == 1), "{text}");
            assert!(paper.wrap(&"word ".repeat(60), "    ").lines().all(|line| line.len() <= width));
        }
        assert!(wrap(&"word ".repeat(60), "    ").lines().all(|line| line.len() <= WIDTH_MAX));
    }
}
