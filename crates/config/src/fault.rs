//! What is wrong in a configuration, shown so that it can be mended: place, line, caret, reason, mend.
//!
//! It refuses to show a line that could hold a secret: what stands behind such a key is three asterisks.

use crate::reference::Reference;
use model::nearest::edits;
use std::fmt::{self, Write};
use std::ops::Range;

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the text.
    Text {
        /// From 1.
        line: usize,
        /// Character of the line, from 1.
        column: usize,
        /// Characters that are meant; at least 1.
        width: usize,
        /// The line, without secrets.
        shown: String,
    },
    /// In a variable of the environment.
    Variable(String),
    /// Nowhere: something is missing.
    Missing,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{problem}; {mend}", .place, .key.as_ref().map(|key| format!("{key} ")).unwrap_or_default())]
pub struct BadConfig {
    /// Where.
    pub place: Place,
    /// Which key, as `bot[1].name`, places from 0.
    pub key: Option<String>,
    /// What is wrong with it.
    pub problem: String,
    /// What to write instead.
    pub mend: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Text { line, column, .. } => write!(f, "line {line}, column {column}: "),
            Place::Variable(name) => write!(f, "environment variable {name}: "),
            Place::Missing => Ok(()),
        }
    }
}

impl BadConfig {
    /// As a terminal shows it: several lines, the file called `file`.
    pub fn shown(&self, file: &str) -> String {
        let mut text = String::from("error: ");
        if let Some(key) = &self.key {
            // A place in a list is told right behind its key.
            let between = if self.problem.starts_with('[') { "" } else { " " };
            text.push_str(key);
            text.push_str(between);
        }
        text.push_str(&self.problem);
        text.push('\n');
        match &self.place {
            Place::Text { line, column, width, shown } => {
                let number = line.to_string();
                let margin = " ".repeat(number.len());
                let caret = format!("{}{}", " ".repeat(column - 1), "^".repeat(*width));
                let (shown, caret) = window(shown, &caret, *column);
                let _never_fails = write!(
                    text,
                    "{margin}--> {file}:{line}:{column}\n{margin} |\n{number} | {shown}\n{margin} | {caret}\n{margin} "
                );
            }
            Place::Variable(name) => {
                let _never_fails = write!(text, " --> environment variable {name}\n  ");
            }
            Place::Missing => {
                let _never_fails = write!(text, " --> {file}\n  ");
            }
        }
        let _never_fails = writeln!(text, "= mend: {}", self.mend);
        text
    }
}

const WINDOW_CHARS: usize = 100;

/// The part of a long line around the caret.
fn window(line: &str, caret: &str, column: usize) -> (String, String) {
    let from = column.saturating_sub(WINDOW_CHARS / 2).saturating_sub(1);
    let from = if line.chars().count() <= WINDOW_CHARS { 0 } else { from };
    let cut =
        |text: &str| text.chars().skip(from).take(WINDOW_CHARS).collect::<String>().trim_end().to_owned();
    (cut(line), cut(caret))
}

/// Whether the values of a line may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Showing {
    /// As it is, but for what looks like a secret.
    Careful,
    /// No value at all.
    KeysOnly,
}

/// Where some bytes of a text stand.
pub(crate) fn place(text: &str, span: &Range<usize>, showing: Showing) -> Place {
    let start = floor_char(text, span.start);
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let line = text[line_start..line_end].trim_end_matches('\r');
    let column = text[line_start..start].chars().count() + 1;
    let end = floor_char(text, span.end).clamp(start, line_end);
    let width = text[start..end].chars().count().max(1);
    let (shown, hidden_from) = masked(line, &text[..line_start], showing);
    let shown: String = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let (column, width) = match hidden_from {
        Some(hidden) if column > hidden => (hidden + 1, MASK.len()),
        Some(hidden) => (column, width.min(hidden + MASK.len() + 1 - column)),
        None => (column, width),
    };
    Place::Text { line: before.matches('\n').count() + 1, column, width, shown }
}

fn floor_char(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

const MASK: &str = "***";

/// The line without what could be a secret, and how many characters of it are left before that.
fn masked(line: &str, before: &str, showing: Showing) -> (String, Option<usize>) {
    let hide = |from: usize| {
        let kept = &line[..from];
        (format!("{kept}{MASK}"), Some(kept.chars().count()))
    };
    if showing == Showing::KeysOnly
        && let Some(equals) = line.find('=')
    {
        return hide(value_start(line, equals));
    }
    if let Some(from) = secret_start(line) {
        return hide(from);
    }
    // A value that goes on over several lines belongs to the last key above.
    let is_continued =
        !line.contains('=') && !line.trim_start().starts_with(['[', '#']) && !line.trim().is_empty();
    let key_line = before.lines().rev().find(|line| line.contains('=') || line.trim_start().starts_with('['));
    if is_continued && key_line.is_some_and(|line| secret_start(line).is_some()) {
        return hide(line.len() - line.trim_start().len());
    }
    (line.to_owned(), None)
}

fn value_start(line: &str, equals: usize) -> usize {
    let value = &line[equals + 1..];
    equals + 1 + (value.len() - value.trim_start().len())
}

/// The byte at which something begins that could be a secret.
fn secret_start(line: &str) -> Option<usize> {
    let first: &str = line.trim_start().split(|c: char| c.is_whitespace() || c == ':' || c == '=').next()?;
    let first_end = line.len() - line.trim_start().len() + first.len();
    let follows = line[first_end..].trim_start();
    if is_secret_like(first.trim_matches(['"', '\''])) && !follows.is_empty() && !follows.starts_with('=') {
        let gap = line[first_end..].find(|c: char| !c.is_whitespace() && c != ':')?;
        return Some(first_end + gap);
    }
    let equals = line.match_indices('=').map(|(at, _)| at);
    let secret =
        equals.filter(|at| is_secret_like(word_before(&line[..*at]))).map(|at| value_start(line, at));
    let assigned = secret.filter(|from| !is_reference(&line[*from..])).min();
    let in_url = line.find("://").filter(|at| line[*at..].contains('@'));
    assigned.into_iter().chain(in_url).min()
}

fn word_before(text: &str) -> &str {
    let text = text.trim_end().trim_end_matches(['"', '\'']);
    let from = text.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
    from.map_or(text, |at| text[at..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric()))
}

fn is_reference(value: &str) -> bool {
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return false };
    value[1..].split_once(quote).is_some_and(|(inner, _)| Reference::parse(inner).is_ok())
}

/// Whether a key could be meant to hold a secret, misspelt or not.
fn is_secret_like(word: &str) -> bool {
    let word = word.to_lowercase();
    // A file of a key is a path, and a persona's keyed luck is none of ours.
    if word.is_empty() || word.ends_with("_file") {
        return false;
    }
    ["key", "secret", "pass", "token", "pwd", "credential"].iter().any(|part| word.contains(part))
        || ["secret", "passphrase", "password", "token"].iter().any(|known| edits(&word, known) <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(text: &str, find: &str) -> (String, usize) {
        let at = text.find(find).unwrap();
        match place(text, &(at..at + find.len()), Showing::Careful) {
            Place::Text { shown, column, .. } => (shown, column),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_could_be_a_secret_is_not_shown() {
        for text in [
            "secret = \"hunter2\"",
            "sercet = \"hunter2\" # comment",
            "secret: hunter2",
            "secret \"hunter2\"",
            "\"passphrase\" = 'hunter2",
            "account = [{ name = \"a\", key = \"hunter2\" }]",
            "account.key = hunter2",
            "secret = \"\"\"\nhunter2\n\"\"\"",
            "token = [\n  \"hunter2\",\n]",
            "url = \"redis://user:hunter2@host\"",
            "password=hunter2",
        ] {
            let (shown, column) = line_of(text, "hunter2");
            assert!(!shown.contains("hunter2") && shown.ends_with("***"), "{text}: {shown}");
            assert!(column <= shown.chars().count() + 1, "{text}: {column}");
        }
    }

    #[test]
    fn what_is_none_is_shown() {
        for text in [
            "secret = \"env:A\" # x",
            "name = \"env\"",
            "key_file = \"tls.pem\"",
            "[account]",
            "leverage = 3",
        ] {
            assert_eq!(line_of(text, text).0, text);
        }
    }
}
