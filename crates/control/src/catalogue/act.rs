//! What a command comes to: an answer, rows to be read first, something for shards to do, or something of the gateway's own.
//!
//! It refuses to do anything: whoever let the command in does, once it is confirmed where that is needed.

use super::answer::Answer;
use crate::message::Tier;
use crate::period::Period;
use crate::record::{Kind, Record};
use model::{Instruction, Time, Usd};

/// What a command comes to.
#[derive(Debug)]
pub enum Act {
    /// It is answered.
    Answer(Answer),
    /// It is answered from the history.
    Read(Read),
    /// Shards have something to do.
    Errands(Errands),
    /// The gateway has.
    Gateway(Own),
}

/// Rows that are read from the history before there is an answer.
pub struct Read {
    /// Which.
    pub question: Question,
    /// Makes the answer from them.
    pub then: Box<dyn FnOnce(Rows) -> Answer + Send>,
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Read").field("question", &self.question).finish_non_exhaustive()
    }
}

/// What is asked of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// The newest rows of a kind, newest first.
    Newest {
        /// Of which kind.
        kind: Kind,
        /// Of which bot; of all if nothing is said.
        of: Option<BotName>,
        /// So many at most.
        rows_max: u32,
    },
    /// Round trips summed by bot, mode and period.
    Sums {
        /// Of which bot; of all if nothing is said.
        of: Option<BotName>,
        /// Over what.
        period: Period,
        /// From this instant on.
        from: Time,
    },
}

/// A bot as the history knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BotName {
    /// In which shard.
    pub shard: String,
    /// Its name.
    pub bot: String,
}

/// What the history answers.
#[derive(Clone, Debug)]
pub enum Rows {
    /// To the newest.
    Records(Vec<Record>),
    /// To sums; where they are read from a history, in the order of time.
    Sums(Vec<Sum>),
}

/// Results of a bot in a period. Money is in micro-USDT, with more room than any one amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// When the period began.
    pub from: Time,
    /// Whose.
    pub of: BotName,
    /// `paper`, `demo` or `live`.
    pub mode: String,
    /// Round trips that ended in it.
    pub trades: u64,
    /// Those that left more than nothing.
    pub won: u64,
    /// Before fees and funding.
    pub gross: i128,
    /// Paid is positive.
    pub fees: i128,
    /// Received is positive.
    pub funding: i128,
    /// What is left.
    pub net: i128,
}

/// What shards have to do, and what that would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errands {
    /// The exact effect: what is held, what it would cost at the last price, what is taken back.
    pub preview: Answer,
    /// For each shard, by its name.
    pub errands: Vec<(String, Instruction)>,
    /// Whom it concerns.
    pub reach: Reach,
    /// How much it moves or affects, where that limits who may; unknown is more than any limit.
    pub size: Option<Usd>,
}

/// More than anybody's limit: what cannot be told is not allowed by its size.
pub const UNKNOWN_SIZE: Usd = Usd(i64::MAX);

/// Whom a command concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// These bots, by name.
    Bots(Vec<String>),
    /// Everybody.
    Farm,
}

/// What the gateway answers itself: it knows who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Own {
    /// Who somebody is, and what he may.
    WhoAmI,
    /// Enrols an authenticator: without a code the secret is shown, with one of it it counts.
    Mfa {
        /// Of the new authenticator.
        code: Option<Code>,
        /// Of the one there is.
        old: Option<Code>,
    },
    /// Confirms what waits.
    Confirm {
        /// Its number.
        pending: u64,
        /// Where one is needed.
        code: Option<Code>,
    },
    /// What was said lately, newest first.
    Said {
        /// At least so loud.
        tier: Tier,
        /// Of which bot; of all if nothing is said.
        of: Option<BotName>,
        /// So many at most.
        rows_max: u32,
    },
    /// How bus, store and the rest of what the gateway needs are, beside this about the shards.
    Health(Answer),
    /// How a bot's finished sessions differ from what the back-tester makes of the same market.
    Drift {
        /// Of which bot; of all if nothing is said.
        of: Option<BotName>,
    },
}

/// A code. It is shown by nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(pub String);

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(..)")
    }
}
