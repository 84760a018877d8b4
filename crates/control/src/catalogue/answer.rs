//! What a command is answered: words and figures, laid out by whoever shows it.
//!
//! It refuses floats for money and to know where it is shown: every cell is text already, exact or rounded where it says so.

use serde::{Deserialize, Serialize};

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What it is about.
    pub title: String,
    /// Names and values.
    pub fields: Vec<(String, String)>,
    /// Rows.
    pub tables: Vec<Table>,
    /// What should be known about it.
    pub notes: Vec<String>,
    /// How it looks.
    pub colour: Colour,
}

/// How an answer looks; the later ones are told before the earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// Neither.
    #[default]
    Neutral,
    /// As it should be.
    Good,
    /// Should be looked at.
    Warning,
    /// Something is wrong.
    Bad,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What its rows are.
    pub title: String,
    /// Heads of its columns.
    pub columns: Vec<String>,
    /// As many cells as there are columns.
    pub rows: Vec<Vec<String>>,
}

impl Answer {
    /// An answer without anything yet.
    pub fn new(title: impl Into<String>) -> Answer {
        Answer { title: title.into(), ..Answer::default() }
    }

    /// Adds a name and its value.
    pub fn field(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Answer {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Adds a table, unless it has no rows.
    pub fn table(&mut self, table: Table) -> &mut Answer {
        if !table.rows.is_empty() {
            self.tables.push(table);
        }
        self
    }

    /// Adds a note.
    pub fn note(&mut self, note: impl Into<String>) -> &mut Answer {
        self.notes.push(note.into());
        self
    }

    /// It looks at least like this.
    pub fn look(&mut self, colour: Colour) -> &mut Answer {
        self.colour = self.colour.max(colour);
        self
    }

    /// Everything in it, one line a thing: for logs, and for what waits for a confirmation.
    pub fn plain(&self) -> String {
        let mut lines = vec![self.title.clone()];
        lines.extend(self.fields.iter().map(|(name, value)| format!("{name}: {value}")));
        for table in &self.tables {
            lines.push(format!("{} ({})", table.title, table.columns.join(" | ")));
            lines.extend(table.rows.iter().map(|row| row.join(" | ")));
        }
        lines.extend(self.notes.iter().cloned());
        lines.join("\n")
    }
}

impl Table {
    /// A table without rows.
    pub fn new(title: impl Into<String>, columns: &[&str]) -> Table {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        Table { title: title.into(), columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) -> &mut Table {
        assert_eq!(N, self.columns.len(), "a row has a cell for each column: {}", self.title);
        self.rows.push(cells.to_vec());
        self
    }
}
