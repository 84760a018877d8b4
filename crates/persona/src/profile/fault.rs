//! Where a profile is wrong: problems of values to lines and columns of the text they came from.
//!
//! It refuses to guess a place by looking for words: it asks the reader of TOML where each value stands.

use super::validation::Problem;
use std::fmt;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Character of the line, from 1.
    pub column: usize,
    /// Which value, as `risk.leverage` or `targets[1].share`, places from 0; `None` where the text is no profile at all.
    pub key: Option<String>,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        match &self.key {
            Some(key) => write!(f, "{key} {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

/// Why a profile is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", .faults[0], and_more(.faults.len() - 1))]
pub struct ProfileError {
    /// At least one, by line and column.
    faults: Vec<Fault>,
}

fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    }
}

impl ProfileError {
    /// All that is wrong, by line and column; never empty.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    pub(super) fn of_syntax(text: &str, error: &toml::de::Error) -> ProfileError {
        let (line, column) = place(text, error.span().map_or(0, |span| span.start));
        let problem = error.message().replace('\n', " ");
        ProfileError { faults: vec![Fault { line, column, key: None, problem }] }
    }

    pub(super) fn of_values(text: &str, problems: Vec<Problem>) -> ProfileError {
        assert!(!problems.is_empty(), "an error has a reason");
        let document = DeTable::parse(text).expect("a profile was read from this text");
        let fault = |Problem { key, problem }: Problem| {
            let (line, column) = place(text, byte_of(&document, &key));
            Fault { line, column, key: Some(subscripted(&key)), problem }
        };
        let mut faults: Vec<Fault> = problems.into_iter().map(fault).collect();
        faults.sort_by_key(|fault| (fault.line, fault.column));
        ProfileError { faults }
    }
}

/// `targets.1.share` as `targets[1].share`.
fn subscripted(key: &str) -> String {
    let word = |(i, word): (usize, &str)| match word.parse::<usize>() {
        Ok(at) => format!("[{at}]"),
        Err(_) if i == 0 => word.to_owned(),
        Err(_) => format!(".{word}"),
    };
    key.split('.').enumerate().map(word).collect()
}

/// Where a value stands, or the innermost table around a value that is not written.
fn byte_of(document: &Spanned<DeTable<'_>>, key: &str) -> usize {
    let mut words = key.split('.');
    let first = words.next().expect("a split has a first part");
    let Some(mut value) = document.get_ref().get(first) else { return 0 };
    for word in words {
        let inner = match value.get_ref() {
            DeValue::Table(table) => table.get(word),
            DeValue::Array(array) => word.parse::<usize>().ok().and_then(|at| array.get(at)),
            _ => None,
        };
        let Some(inner) = inner else { break };
        value = inner;
    }
    value.span().start
}

/// Line and column of a byte, both from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[begin..].chars().count() + 1)
}
