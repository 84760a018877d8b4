//! What is wrong with a command as somebody gave it, and how to mend it.
//!
//! It refuses to guess what was meant: it names the nearest there is and does nothing.

use model::nearest::nearest;

/// Why a command is not done. Each says what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Complaint {
    /// There is no such command.
    #[error("there is no command {}{}; `help` lists all", shown(.given), meant(.nearest))]
    NoCommand {
        /// What was given.
        given: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// It has no such argument.
    #[error("`{command}` has no argument {}{}; it takes {takes}", shown(.given), meant(.nearest))]
    NoArgument {
        /// Of which command.
        command: &'static str,
        /// What was given.
        given: String,
        /// What may have been meant.
        nearest: Option<String>,
        /// What it takes.
        takes: String,
    },
    /// An argument is missing.
    #[error("`{command}` needs `{argument}`: {wants}; for example `{example}`")]
    Missing {
        /// Of which command.
        command: &'static str,
        /// Which.
        argument: &'static str,
        /// What it has to be.
        wants: String,
        /// One as somebody would give it.
        example: &'static str,
    },
    /// An argument is not what it has to be.
    #[error("`{argument}` is {}{}; give {wants}", shown(.given), meant(.nearest))]
    NotThat {
        /// Which.
        argument: String,
        /// What was given.
        given: String,
        /// What may have been meant.
        nearest: Option<String>,
        /// What it has to be.
        wants: String,
    },
    /// There is nobody and nothing of this name.
    #[error("there is no {what} called {}{}; there {}", shown(.given), meant(.nearest), listed(.known))]
    Nobody {
        /// A bot, an account, a shard.
        what: &'static str,
        /// What was given.
        given: String,
        /// What may have been meant.
        nearest: Option<String>,
        /// All there are.
        known: Vec<String>,
    },
    /// Several have this name.
    #[error("more than one {what} is called {}: say {}", shown(.given), .which.join(" or "))]
    Several {
        /// A bot, an order.
        what: &'static str,
        /// What was given.
        given: String,
        /// How to say which.
        which: Vec<String>,
    },
    /// Nothing was heard of any shard.
    #[error("no shard has been heard of yet: wait some seconds, and see `health` if it stays so")]
    NothingKnown,
    /// It cannot be done as things are.
    #[error("{why}; {mend}")]
    NotNow {
        /// Why.
        why: String,
        /// What to do.
        mend: String,
    },
}

/// The most of a list of names.
const LISTED_MAX: usize = 12;
/// The most of what was given.
const SHOWN_CHARS_MAX: usize = 40;

/// What somebody wrote, cut and without what could act in a terminal or a chat.
pub(super) fn shown(given: &str) -> String {
    let mut cut: String = given.chars().take(SHOWN_CHARS_MAX).filter(|letter| *letter != '`').collect();
    if given.chars().nth(SHOWN_CHARS_MAX).is_some() {
        cut.push('…');
    }
    format!("{cut:?}")
}

fn meant(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |word| format!(", perhaps `{word}`"))
}

fn listed(known: &[String]) -> String {
    match known {
        [] => "is none".to_owned(),
        [one] => format!("is {one}"),
        many if many.len() <= LISTED_MAX => format!("are {}", many.join(", ")),
        many => format!("are {} and {} more", many[..LISTED_MAX].join(", "), many.len() - LISTED_MAX),
    }
}

impl Complaint {
    /// Nothing is called so.
    pub(super) fn nobody(what: &'static str, given: &str, mut known: Vec<String>) -> Complaint {
        known.sort();
        known.dedup();
        let nearest = nearest(given, known.iter().map(String::as_str)).map(str::to_owned);
        Complaint::Nobody { what, given: given.to_owned(), nearest, known }
    }

    /// It cannot be done as things are.
    pub(super) fn not_now(why: impl Into<String>, mend: impl Into<String>) -> Complaint {
        Complaint::NotNow { why: why.into(), mend: mend.into() }
    }
}
