//! What a command asks of its giver, and what it must be confirmed with; the farm's own rules about both.
//!
//! A command's reach is said, never left out: nothing, some bots, or the farm. Refuses to take "no bot named" for
//! "any bot will do".

use model::command::Role;
use model::{Interval, Usd};
use serde::{Deserialize, Serialize};

/// A role's name, as people and files write it.
pub const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::Admin => "admin",
    }
}

/// The role of that name.
pub fn role_named(word: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role_word(*role) == word)
}

/// Whom a command concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach<'a> {
    /// Nobody's bot: one's own tokens, the list of commands.
    Nothing,
    /// Each of these bots: a transfer names both. An empty list is a mistake and refused.
    Bots(&'a [&'a str]),
    /// Everybody's.
    Farm,
}

/// What a command asks of its giver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need<'a> {
    /// At least this role.
    pub role: Role,
    /// Whom it concerns.
    pub reach: Reach<'a>,
    /// The money it moves or affects, if it does. Where that cannot be told, `Need::UNKNOWN_SIZE`.
    pub size: Option<Usd>,
}

impl Need<'_> {
    /// More than anybody's limit: unknown means no.
    pub const UNKNOWN_SIZE: Usd = Usd(i64::MAX);
}

/// What a dangerous command must be confirmed with. Each asks for more than those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// A second look by the same person.
    Confirm,
    /// A code of the same person's authenticator.
    Totp,
    /// Another person with the same rights, with a code of his own.
    SecondPerson,
}

/// What the operator's configuration says about access. It is handed in at start and not kept in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How many wrong tokens or codes lock out.
    pub attempts_max: u32,
    /// Within how long.
    pub attempts_window: Interval,
    /// For how long.
    pub lock_out: Interval,
    /// How long a preview waits for its confirmation.
    pub confirm_expiry: Interval,
    /// Commands that need this role or more need a code; none if never.
    pub totp_from: Option<Role>,
    /// Commands that move or affect more need a second person; none if never.
    pub second_person_above: Option<Usd>,
    /// How long somebody must have had what he has (his role, limits, token, authenticator) before he counts as a second
    /// person: else one administrator could make himself one.
    pub second_person_after: Interval,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            attempts_max: 5,
            attempts_window: Interval::minutes(15),
            lock_out: Interval::minutes(15),
            confirm_expiry: Interval::minutes(2),
            totp_from: Some(Role::Admin),
            second_person_above: None,
            second_person_after: Interval::DAY,
        }
    }
}

impl Rules {
    /// What a dangerous command must be confirmed with.
    pub fn needs(&self, need: &Need) -> Needs {
        let size = need.size.map_or(0, |size| size.0.unsigned_abs());
        if self.second_person_above.is_some_and(|limit| size > limit.0.max(0).unsigned_abs()) {
            Needs::SecondPerson
        } else if self.totp_from.is_some_and(|role| need.role >= role) {
            Needs::Totp
        } else {
            Needs::Confirm
        }
    }
}
