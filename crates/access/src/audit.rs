//! The record of what was tried: entries that each carry the hash of the one before.
//!
//! The hash of an entry is the SHA-256 of these bytes in a row; numbers are big-endian, a text is its length in bytes as
//! `u32` and then its UTF-8:
//!
//! ```text
//! "omega audit 1" 0x00 | seq u64 | at i64 | who | from | command | arguments | scope | decision u8 | outcome
//!                      | command_id: 0x00, or 0x01 and u64 | previous_hash, 32 bytes
//! ```
//!
//! The first entry's `previous_hash` is that of the farm's name, so a chain belongs to its farm. A change, a gap, a
//! repetition or a changed order breaks the chain where it stands. Whoever can write the whole record can make a new one; what
//! he cannot make is the old one's head, so heads are to be kept elsewhere too (a log, a metric, a chat), and `verify`
//! takes one. Refuses to keep an argument whose name or look is a secret's, or any text beyond its maximum.

use crate::encoding::Digest;
use crate::stored;
use crate::token::TOKEN_PREFIX;
use model::Time;
use serde::{Deserialize, Serialize};

/// The longest text of an entry, in bytes; what is longer is cut and ends in an ellipsis.
pub const TEXT_BYTES_MAX: usize = 1_024;
/// What stands in place of a secret.
pub const REDACTED: &str = "***";
/// An argument whose name has one of these in it is a secret.
const SECRET_NAMES: &[&str] =
    &["secret", "token", "password", "passphrase", "key", "code", "totp", "otp", "recovery", "credential"];

/// What was decided, or what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may be done, at once.
    Allowed,
    /// It waits for its confirmation.
    Previewed,
    /// It was confirmed and may be done.
    Confirmed,
    /// It was taken back, or a second person said no.
    Withdrawn,
    /// It may not be done; the outcome is the word of the refusal.
    Denied,
    /// What came of an earlier entry's command, of the same `command_id`.
    Reported,
}

impl Decision {
    /// All of them, in the order of their codes.
    pub const ALL: [Decision; 6] = [
        Decision::Allowed,
        Decision::Previewed,
        Decision::Confirmed,
        Decision::Withdrawn,
        Decision::Denied,
        Decision::Reported,
    ];

    const fn code(self) -> u8 {
        match self {
            Decision::Allowed => 1,
            Decision::Previewed => 2,
            Decision::Confirmed => 3,
            Decision::Withdrawn => 4,
            Decision::Denied => 5,
            Decision::Reported => 6,
        }
    }

    /// Its word, as it stands in the record.
    pub const fn word(self) -> &'static str {
        match self {
            Decision::Allowed => "allowed",
            Decision::Previewed => "previewed",
            Decision::Confirmed => "confirmed",
            Decision::Withdrawn => "withdrawn",
            Decision::Denied => "denied",
            Decision::Reported => "reported",
        }
    }
}

/// What is to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Who: `Who` as text, or what is known of a stranger.
    pub who: &'a str,
    /// From where: transport and peer.
    pub from: &'a str,
    /// Which command.
    pub command: &'a str,
    /// Its arguments, by name.
    pub arguments: &'a [(&'a str, &'a str)],
    /// Whom it concerns.
    pub scope: &'a str,
    /// What was decided.
    pub decision: Decision,
    /// The word of a refusal, or what came of it.
    pub outcome: &'a str,
    /// The command's number, if it got one.
    pub command_id: Option<u64>,
}

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its place: the first is 1.
    pub seq: u64,
    /// When.
    #[serde(rename = "at_ms", with = "stored::time")]
    pub at: Time,
    /// Who.
    pub who: String,
    /// From where.
    pub from: String,
    /// Which command.
    pub command: String,
    /// Its arguments, `name=value` with a space between, quoted where needed, secrets blacked out.
    pub arguments: String,
    /// Whom it concerns.
    pub scope: String,
    /// What was decided.
    pub decision: Decision,
    /// The word of a refusal, or what came of it.
    pub outcome: String,
    /// The command's number.
    pub command_id: Option<u64>,
    /// The hash of the entry before.
    pub previous_hash: Digest,
    /// Its own.
    pub hash: Digest,
}

impl Entry {
    /// What its content hashes to, whatever `hash` says.
    pub fn hash_of_content(&self) -> Digest {
        let mut bytes = Vec::with_capacity(512);
        bytes.extend_from_slice(b"omega audit 1\0");
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.at.0.to_be_bytes());
        for text in [&self.who, &self.from, &self.command, &self.arguments, &self.scope] {
            push_text(&mut bytes, text);
        }
        bytes.push(self.decision.code());
        push_text(&mut bytes, &self.outcome);
        match self.command_id {
            None => bytes.push(0),
            Some(id) => {
                bytes.push(1);
                bytes.extend_from_slice(&id.to_be_bytes());
            }
        }
        bytes.extend_from_slice(&self.previous_hash.0);
        Digest::of(&[&bytes])
    }
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    // A text from a stranger's file may be of any length; one that does not fit has no hash of ours.
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// Where a chain stands: its last entry's place and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// How many entries there are.
    pub seq: u64,
    /// The last one's hash.
    pub hash: Digest,
}

impl Head {
    /// Before the first entry of this farm.
    pub fn first(farm: &str) -> Head {
        Head { seq: 0, hash: Digest::of(&[b"omega audit 1 of\0", farm.as_bytes()]) }
    }

    fn take(&self, entry: &Entry) -> Result<Head, Broken> {
        let wanted = self.seq + 1;
        let broken = |why| Err(Broken { seq: wanted, why });
        if entry.seq > wanted {
            return broken(Why::Gap);
        }
        if entry.seq < wanted {
            return broken(Why::Repeated);
        }
        if entry.previous_hash != self.hash {
            return broken(Why::Unchained);
        }
        if entry.hash != entry.hash_of_content() {
            return broken(Why::Altered);
        }
        Ok(Head { seq: entry.seq, hash: entry.hash })
    }
}

/// The end of the record, where entries are added. Whoever cannot write one down goes back to the head before it
/// (`Chain::after`), and does not do what it records.
#[derive(Clone, Debug)]
pub struct Chain {
    head: Head,
}

impl Chain {
    /// Goes on after this head: `Head::first`, or what `verify` said at start.
    pub fn after(head: Head) -> Chain {
        Chain { head }
    }

    /// Where it stands.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The next entry. It is written down before what it allows is done.
    pub fn append(&mut self, at: Time, attempt: &Attempt) -> Entry {
        let arguments: Vec<String> =
            attempt.arguments.iter().map(|(name, value)| argument(name, value)).collect();
        let mut entry = Entry {
            seq: self.head.seq + 1,
            at,
            who: kept(attempt.who),
            from: kept(attempt.from),
            command: kept(attempt.command),
            arguments: kept(&arguments.join(" ")),
            scope: kept(attempt.scope),
            decision: attempt.decision,
            outcome: kept(attempt.outcome),
            command_id: attempt.command_id,
            previous_hash: self.head.hash,
            hash: Digest([0; 32]),
        };
        entry.hash = entry.hash_of_content();
        self.head = self.head.take(&entry).expect("an entry that was just made follows the head");
        entry
    }
}

/// A value that could be taken for the end of itself is quoted, so that no argument is made up inside another.
fn argument(name: &str, value: &str) -> String {
    let value = redacted(name, value);
    if value.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '=')) {
        format!("{name}={value:?}")
    } else {
        format!("{name}={value}")
    }
}

fn redacted<'a>(name: &str, value: &'a str) -> &'a str {
    let name = name.to_ascii_lowercase();
    if SECRET_NAMES.iter().any(|secret| name.contains(secret)) { REDACTED } else { value }
}

/// What is kept of a text: no token of ours, no control character, not too much.
fn kept(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len().min(TEXT_BYTES_MAX));
    while let Some(place) = rest.find(TOKEN_PREFIX) {
        let (before, token) = rest.split_at(place);
        let end = token.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(token.len());
        push_plain(&mut out, before);
        // A name that only begins like a token is none: `omega_btc`.
        let looks_secret = end > TOKEN_PREFIX.len() + 20;
        out.push_str(if looks_secret { REDACTED } else { &token[..end] });
        rest = &token[end..];
    }
    push_plain(&mut out, rest);
    if out.len() > TEXT_BYTES_MAX {
        out.truncate(out.floor_char_boundary(TEXT_BYTES_MAX - '…'.len_utf8()));
        out.push('…');
    }
    out
}

fn push_plain(out: &mut String, text: &str) {
    out.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Entries are missing before it.
    #[error("one or more entries are missing here")]
    Gap,
    /// It stands twice, or behind a later one.
    #[error("an entry is repeated or stands behind a later one")]
    Repeated,
    /// It follows another entry than the one before it.
    #[error("it does not follow the entry before it")]
    Unchained,
    /// Its content is not what was hashed.
    #[error("its content is not what was recorded")]
    Altered,
    /// The record ends before a head that was kept.
    #[error("the record ends before the head that was kept: the newest entries are missing")]
    Truncated,
    /// Another record than the one whose head was kept.
    #[error("the record was written anew: it is whole, and not the one whose head was kept")]
    Rewritten,
}

/// A record that is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the audit is broken at entry {seq}: {why}; restore it from a copy up to there, and find out who can write to it"
)]
pub struct Broken {
    /// Which entry; of a truncated record the first that is missing.
    pub seq: u64,
    /// What is wrong.
    pub why: Why,
}

/// Looks a whole record through, from `after` (`Head::first` for all of it) and against a head that was `kept` elsewhere.
pub fn verify<'a>(
    after: Head,
    entries: impl IntoIterator<Item = &'a Entry>,
    kept: Option<Head>,
) -> Result<Head, Broken> {
    let mut head = after;
    let against = |head: &Head| match kept {
        Some(kept) if kept.seq == head.seq && kept.hash != head.hash => {
            Err(Broken { seq: head.seq, why: Why::Rewritten })
        }
        _ => Ok(()),
    };
    against(&head)?;
    for entry in entries {
        head = head.take(entry)?;
        against(&head)?;
    }
    match kept {
        Some(kept) if kept.seq > head.seq => Err(Broken { seq: head.seq + 1, why: Why::Truncated }),
        _ => Ok(head),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_no_secret_and_a_maximum() {
        let token = "omega_aaaqeaye_auda4cajbif4rmlcrrygqbtgmuk4xd3i73bm2fri";
        assert_eq!(kept(&format!("a {token}, b {token}")), "a ***, b ***");
        assert_eq!(kept("omega_btc\nand\u{1b}[2J omega_"), "omega_btc and [2J omega_");
        let long = kept(&"é".repeat(2_000));
        assert!(long.len() <= TEXT_BYTES_MAX && long.ends_with("é…"), "{}", long.len());
        for (name, value, shown) in
            [("api_key", "x", "***"), ("Code", "123456", "***"), ("amount", "5", "5"), ("bot", "a", "a")]
        {
            assert_eq!(redacted(name, value), shown);
        }
        assert_eq!(argument("note", "a amount=5 \"b\""), r#"note="a amount=5 \"b\"""#);
    }

    #[test]
    fn codes_and_words_of_decisions_are_each_their_own() {
        for (index, decision) in Decision::ALL.iter().enumerate() {
            assert_eq!(usize::from(decision.code()), index + 1);
            let word = serde_json::to_string(decision).expect("a decision is a word");
            assert_eq!(word, format!("\"{}\"", decision.word()));
        }
    }
}
