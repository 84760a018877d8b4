//! What can be asked of a history, page by page.
//!
//! It refuses a page without an end: rows are asked for by the thousand, and the next page by what the last one ended with.

use crate::bad::BadQuery;
use control::record::{Kind, Record};
use model::Time;
use std::fmt;

/// The longest page.
pub const ROWS_MAX: usize = 10_000;
/// The page that is given when nothing is said.
const ROWS_DEFAULT: usize = 100;

/// Which end comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What happened last.
    #[default]
    NewestFirst,
    /// What happened first.
    OldestFirst,
}

/// Which rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Of which kind.
    pub kind: Kind,
    /// Of which shard; of all if nothing is said.
    pub shard: Option<String>,
    /// Of which bot.
    pub bot: Option<String>,
    /// `paper`, `demo` or `live`.
    pub mode: Option<String>,
    /// From this instant on.
    pub from: Option<Time>,
    /// Before this one.
    pub to: Option<Time>,
    /// Which end comes first; rows of one instant by their keys.
    pub order: Order,
    /// What an earlier page ended with.
    pub after: Option<Cursor>,
    /// So many at most.
    pub rows_max: usize,
}

impl Query {
    /// Everything of a kind, newest first.
    pub const fn of(kind: Kind) -> Query {
        Query {
            kind,
            shard: None,
            bot: None,
            mode: None,
            from: None,
            to: None,
            order: Order::NewestFirst,
            after: None,
            rows_max: ROWS_DEFAULT,
        }
    }

    pub(crate) fn check(&self) -> Result<(), BadQuery> {
        if !(1..=ROWS_MAX).contains(&self.rows_max) {
            return Err(BadQuery::Rows(self.rows_max));
        }
        if self.kind == Kind::Audit {
            let said = [("shard", &self.shard), ("bot", &self.bot), ("mode", &self.mode)];
            if let Some((name, _)) = said.into_iter().find(|(_, value)| value.is_some()) {
                return Err(BadQuery::NotOfTheAudit(name));
            }
        }
        Ok(())
    }

    /// What is said, by column.
    pub(crate) fn said(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let said = [("shard", &self.shard), ("bot", &self.bot), ("mode", &self.mode)];
        said.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) at: Time,
    pub(crate) key: String,
}

/// No cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no place in a history: give back what the last page ended with, as it was")]
pub struct NoCursor(pub String);

impl Cursor {
    /// Behind this record.
    pub fn behind(record: &Record) -> Cursor {
        Cursor { at: record.at(), key: record.key() }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.at.0, self.key)
    }
}

impl std::str::FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Cursor, NoCursor> {
        let parts = text.split_once(':').and_then(|(at, key)| Some((at.parse().ok()?, key)));
        let (at, key) = parts.ok_or_else(|| NoCursor(text.to_owned()))?;
        Ok(Cursor { at: Time(at), key: key.to_owned() })
    }
}

/// Some rows, and where the next ones begin.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// In the order that was asked for.
    pub records: Vec<Record>,
    /// Nothing when these are the last.
    pub next: Option<Cursor>,
}

impl Page {
    /// Of one row more than were asked for, if there are that many.
    pub(crate) fn of(mut records: Vec<Record>, rows_max: usize) -> Page {
        let more = records.len() > rows_max;
        records.truncate(rows_max);
        let next = records.last().filter(|_| more).map(Cursor::behind);
        Page { records, next }
    }
}
