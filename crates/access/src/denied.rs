//! Every no: to somebody at the door (`Denied`) and to whoever keeps the book of identities (`Unfit`).
//!
//! Refuses to help a guesser: a token that is unknown, wrong, expired or revoked gets one answer; a code that is wrong,
//! used or too old gets one answer; a confirmation that never was, is another's, is over or is done gets one answer.

use crate::need::role_word;
use model::command::Role;
use model::{Time, Usd};

/// What kind of no; the door turns it into its own (HTTP: 401, 403, 429, 403, 403).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nobody we know.
    Unauthenticated,
    /// Known, and may not.
    Forbidden,
    /// Not now, whoever it is.
    Locked,
    /// May, with a code.
    NeedsTotp,
    /// May, when another person agrees.
    NeedsSecondPerson,
}

impl Class {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Class::Unauthenticated => "unauthenticated",
            Class::Forbidden => "forbidden",
            Class::Locked => "locked",
            Class::NeedsTotp => "needs_totp",
            Class::NeedsSecondPerson => "needs_second_person",
        }
    }
}

/// Why somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No token that counts.
    #[error(
        "this token is not known here: give one that is neither expired nor revoked, or ask an administrator for one"
    )]
    Unknown,
    /// Too many wrong tokens from here.
    #[error("too many wrong tokens came from here: wait until {until}, then try again with the right one")]
    LockedOut {
        /// Until then nothing is looked at.
        until: Time,
    },
    /// A higher role is needed.
    #[error("this needs the role {}: ask somebody who has it", role_word(*.needs))]
    Role {
        /// Which.
        needs: Role,
    },
    /// Not one of his bots.
    #[error("this bot is not among yours: name one of yours, or ask an administrator to add it")]
    Bot,
    /// All bots are concerned, and he has only some.
    #[error("this concerns the whole farm and you have some of its bots: name one of yours")]
    Farm,
    /// More than he may move or affect.
    #[error("this is more than your limit of {} micro-USDT: ask for less, or somebody with a higher limit", .size_max.0)]
    Size {
        /// How much he may.
        size_max: Usd,
    },
    /// A code is needed.
    #[error("this needs a code: confirm it with the six digits of your authenticator, or a recovery code")]
    CodeNeeded,
    /// Not that code.
    #[error(
        "this code is wrong, used or too old: wait for the next one, and see that the phone's clock is right"
    )]
    CodeWrong,
    /// Too many wrong codes.
    #[error("too many wrong codes: wait until {until}; if it was not you, have your tokens revoked")]
    CodeLocked {
        /// Until then no code is looked at.
        until: Time,
    },
    /// There is no authenticator yet.
    #[error("this needs a code and you have no authenticator here: enrol one first")]
    NotEnrolled,
    /// There is no enrolment to finish.
    #[error("no enrolment is under way, or it took too long: begin a new one")]
    NotEnrolling,
    /// The same person, where another is needed.
    #[error("this needs another person with the same rights: ask one to confirm it")]
    SamePerson,
    /// Another person who is too new.
    #[error(
        "your rights or your token are too new to be the second person: you may be from {from} on; ask another"
    )]
    TooNew {
        /// From when on.
        from: Time,
    },
    /// Nothing by that number waits for him.
    #[error("nothing by that number waits for you: it was done, withdrawn or ran out; preview it again")]
    NotPending,
    /// The one who asked may no longer.
    #[error(
        "whoever asked for this may no longer do it, so it is withdrawn: somebody who may must preview it again"
    )]
    AskerLostIt,
    /// Too much waits.
    #[error("too many of your commands wait for confirmation: confirm or withdraw one, or let them run out")]
    TooManyPending,
    /// Too long to keep.
    #[error("this command is too long to wait for a confirmation: split it")]
    TooLong,
    /// A random device that does not work.
    #[error(
        "the random bytes for this were all the same: mend the machine's random device before anything else"
    )]
    NoEntropy,
}

impl Denied {
    /// What kind of no.
    pub const fn class(&self) -> Class {
        match self {
            Denied::Unknown => Class::Unauthenticated,
            Denied::LockedOut { .. } | Denied::CodeLocked { .. } => Class::Locked,
            Denied::CodeNeeded | Denied::CodeWrong | Denied::NotEnrolled => Class::NeedsTotp,
            Denied::SamePerson | Denied::TooNew { .. } => Class::NeedsSecondPerson,
            Denied::Role { .. }
            | Denied::Bot
            | Denied::Farm
            | Denied::Size { .. }
            | Denied::NotEnrolling
            | Denied::NotPending
            | Denied::AskerLostIt
            | Denied::TooManyPending
            | Denied::TooLong
            | Denied::NoEntropy => Class::Forbidden,
        }
    }

    /// Its word: for programs, metrics and the audit. It never changes.
    pub const fn word(&self) -> &'static str {
        match self {
            Denied::Unknown => "unknown",
            Denied::LockedOut { .. } => "locked_out",
            Denied::Role { .. } => "role",
            Denied::Bot => "bot",
            Denied::Farm => "farm",
            Denied::Size { .. } => "size",
            Denied::CodeNeeded => "code_needed",
            Denied::CodeWrong => "code_wrong",
            Denied::CodeLocked { .. } => "code_locked",
            Denied::NotEnrolled => "not_enrolled",
            Denied::NotEnrolling => "not_enrolling",
            Denied::SamePerson => "same_person",
            Denied::TooNew { .. } => "too_new",
            Denied::NotPending => "not_pending",
            Denied::AskerLostIt => "asker_lost_it",
            Denied::TooManyPending => "too_many_pending",
            Denied::TooLong => "too_long",
            Denied::NoEntropy => "no_entropy",
        }
    }
}

/// Why the book of identities is not changed, or not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// No name.
    #[error("a name has 1 to 64 letters, digits, dots, dashes and underscores: choose another")]
    Name,
    /// A label nobody could read.
    #[error("a label has at most 64 characters on one line: shorten it")]
    Label,
    /// Somebody has it.
    #[error(
        "somebody already has that name or that Discord account: choose another, or change the one there is"
    )]
    Taken,
    /// Nobody.
    #[error("there is no such identity: list them and give one of their numbers")]
    NoIdentity,
    /// No such token or link.
    #[error("there is no such token or link: list them and give one of their numbers")]
    NoCredential,
    /// Too many people.
    #[error("there are {max} identities, which is the most: remove one that is not used", max = crate::IDENTITIES_MAX)]
    IdentitiesFull,
    /// Too many tokens.
    #[error("this identity has {max} tokens and links, which is the most: revoke one", max = crate::CREDENTIALS_MAX)]
    CredentialsFull,
    /// Nobody would be left.
    #[error("this is the last administrator: make another one first")]
    LastAdmin,
    /// No limit.
    #[error("a limit is an amount of zero or more and at most {max} bots by name: mend it", max = crate::BOTS_MAX)]
    Limits,
    /// It would never count.
    #[error("a token that has already expired is of no use: give a later instant")]
    Expired,
    /// A random device that does not work.
    #[error(
        "the random bytes for this were all the same: mend the machine's random device before anything else"
    )]
    NoEntropy,
    /// Written by another version.
    #[error(
        "the access file is of layout {found} and this program reads {wanted}: start the program that wrote it, or restore the copy that belongs to this one"
    )]
    Layout {
        /// What it says.
        found: u64,
        /// What is read.
        wanted: u64,
    },
    /// Not what was written.
    #[error("the access file is damaged ({why}): restore it from a copy; nobody is let in by it")]
    Damaged {
        /// Where it went wrong; never a secret.
        why: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_no_has_a_word_of_its_own_and_says_what_to_do() {
        let until = Time(1_795_651_200_000);
        let all = [
            Denied::Unknown,
            Denied::LockedOut { until },
            Denied::Role { needs: Role::Admin },
            Denied::Bot,
            Denied::Farm,
            Denied::Size { size_max: Usd(5) },
            Denied::CodeNeeded,
            Denied::CodeWrong,
            Denied::CodeLocked { until },
            Denied::NotEnrolled,
            Denied::NotEnrolling,
            Denied::SamePerson,
            Denied::TooNew { from: until },
            Denied::NotPending,
            Denied::AskerLostIt,
            Denied::TooManyPending,
            Denied::TooLong,
            Denied::NoEntropy,
        ];
        let words: std::collections::BTreeSet<&str> = all.iter().map(Denied::word).collect();
        assert_eq!(words.len(), all.len());
        for denied in &all {
            let said = denied.to_string();
            assert!(said.contains(": ") || said.contains("; "), "{said}");
        }
        assert_eq!(
            Denied::LockedOut { until }.to_string(),
            "too many wrong tokens came from here: wait until 2026-11-26T00:00:00Z, then try again with the right one"
        );
    }
}
