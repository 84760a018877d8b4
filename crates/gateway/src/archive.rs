//! The history, as far as the gateway needs it: a port that whoever starts the farm puts a store behind.
//!
//! It refuses to know a database.

use control::catalogue::{Question, Rows};
use control::record::{Kind, Record};
use model::Time;

/// The most rows of a page.
pub const PAGE_ROWS_MAX: u32 = 1_000;

/// Some rows of a kind, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Of which kind.
    pub kind: Kind,
    /// Of which shard.
    pub shard: Option<String>,
    /// Of which bot.
    pub bot: Option<String>,
    /// `paper`, `demo` or `live`.
    pub mode: Option<String>,
    /// From this instant on.
    pub from: Option<Time>,
    /// Before this one.
    pub to: Option<Time>,
    /// What an earlier page ended with.
    pub after: Option<String>,
    /// So many at most.
    pub rows_max: u32,
}

/// Some rows, and what asks for the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// Rows.
    pub records: Vec<Record>,
    /// Nothing when these are the last.
    pub next: Option<String>,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRows {
    /// What was asked cannot be: in words, with the mend.
    #[error("{0}")]
    Asked(String),
    /// It does not answer: in words, with the mend.
    #[error("{0}")]
    Away(String),
}

/// A history.
pub trait Archive: Send {
    /// Answers a command's question.
    fn ask(&mut self, question: &Question) -> Result<Rows, NoRows>;

    /// Gives a page.
    fn page(&mut self, wanted: &Wanted) -> Result<Given, NoRows>;

    /// What keeps it from answering, if anything does.
    fn ails(&mut self) -> Option<String>;
}
