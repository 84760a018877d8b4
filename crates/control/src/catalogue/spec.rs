//! What a command is to those who may give it: its name, its arguments, its role, and what has to be confirmed.
//!
//! It refuses to know a transport: a command line, an HTTP body and a slash command are made from the same words. They
//! fit the narrowest of them, which is chat.

use crate::period::Period;
use cosmos::Factor;
use model::command::RiskLevel;
use model::{Role, Usd};

/// The longest name of a command or an argument.
pub const NAME_CHARS_MAX: usize = 32;
/// The longest summary.
pub const SUMMARY_CHARS_MAX: usize = 100;
/// The most arguments of a command, and the most words to choose from.
pub const CHOICES_MAX: usize = 25;
/// Rows that are asked for at most.
pub const ROWS_MAX: u32 = 100;

/// A command.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// As it is typed.
    pub name: &'static str,
    /// What it does, in half a sentence.
    pub summary: &'static str,
    /// Those that are required come first.
    pub arguments: &'static [Argument],
    /// Who may.
    pub role: Role,
    /// What happens before it is done.
    pub rule: Rule,
    /// One as somebody would give it, arguments in their order.
    pub example: &'static str,
}

/// What happens before a command is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Nothing: it only looks.
    Look,
    /// Nothing: it only makes things safer.
    Act,
    /// Its exact effect is shown, and the same person confirms it.
    Confirm,
    /// The same, with a code of an authenticator.
    Code,
}

impl Rule {
    /// All of them.
    pub const ALL: [Rule; 4] = [Rule::Look, Rule::Act, Rule::Confirm, Rule::Code];

    /// The word in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Rule::Look => "look",
            Rule::Act => "act",
            Rule::Confirm => "confirm",
            Rule::Code => "code",
        }
    }
}

/// An argument.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// As it is typed.
    pub name: &'static str,
    /// What it says, in half a sentence.
    pub summary: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Whether it can be left out.
    pub need: Need,
}

/// Whether an argument can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// No.
    Required,
    /// Yes.
    Optional,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bot's name, or `shard/bot` where two shards have one of the name.
    Bot,
    /// The same, or `all`.
    BotOrAll,
    /// An account's name.
    Account,
    /// A shard's name.
    Shard,
    /// The name of a persona or a control.
    Persona,
    /// An order as the farm names it: `b3-0-12`, or `shard/b3-0-12`.
    Order,
    /// USDT, more than nothing, at most six decimals.
    Amount,
    /// Which part of its persona's band a bot uses.
    Level,
    /// A whole number from 1.
    Count {
        /// The largest.
        max: u32,
    },
    /// A day, a week or a month.
    Period,
    /// A round trip, by the order that began it.
    Trade,
    /// An outside influence.
    Factor,
    /// How loud something was said.
    Tier,
    /// A command's name.
    Command,
    /// `paper`, `demo` or `live`.
    Mode,
    /// The number of something that waits for its confirmation.
    Pending,
    /// Six digits of an authenticator, or a recovery code. Never shown again, never recorded.
    Code,
    /// Words.
    Text {
        /// So many letters at most.
        chars_max: usize,
    },
}

/// The most that one command may move: far more than any account has, and far from overflowing.
pub const AMOUNT_MAX: Usd = Usd(1_000_000_000 * Usd::ONE.0);
/// The longest text that is taken for an argument.
pub const TEXT_CHARS_MAX: usize = 200;

impl Kind {
    /// The words there are to choose from, where it is a closed list.
    pub fn choices(self) -> Vec<&'static str> {
        match self {
            Kind::Level => RiskLevel::ALL.map(RiskLevel::name).to_vec(),
            Kind::Period => Period::ALL.map(Period::name).to_vec(),
            Kind::Factor => Factor::ALL.map(Factor::name).to_vec(),
            Kind::Tier => crate::message::Tier::ALL.map(crate::message::Tier::name).to_vec(),
            Kind::Mode => MODES.to_vec(),
            _ => Vec::new(),
        }
    }

    /// What it has to be, for people.
    pub fn wants(self) -> String {
        match self {
            Kind::Bot => "a bot's name".to_owned(),
            Kind::BotOrAll => "a bot's name, or all".to_owned(),
            Kind::Account => "an account's name".to_owned(),
            Kind::Shard => "a shard's name".to_owned(),
            Kind::Persona => "the name of a persona or a control".to_owned(),
            Kind::Order => "an order as the farm names it, like b3-0-12".to_owned(),
            Kind::Trade => "the order that began a round trip, like b3-0-12".to_owned(),
            Kind::Amount => {
                "an amount of USDT above 0 with at most six decimals, like 250 or 12.5".to_owned()
            }
            Kind::Count { max } => format!("a whole number from 1 to {max}"),
            Kind::Command => "a command's name".to_owned(),
            Kind::Pending => "the number that the preview showed".to_owned(),
            Kind::Code => "six digits of your authenticator, or a recovery code".to_owned(),
            Kind::Text { chars_max } => format!("at most {chars_max} letters"),
            Kind::Level | Kind::Period | Kind::Factor | Kind::Tier | Kind::Mode => {
                format!("one of {}", self.choices().join(", "))
            }
        }
    }
}

/// What a farm can trade with.
pub const MODES: [&str; 3] = ["paper", "demo", "live"];

/// An argument that has to be given.
pub const fn required(name: &'static str, kind: Kind, summary: &'static str) -> Argument {
    Argument { name, summary, kind, need: Need::Required }
}

/// An argument that can be left out.
pub const fn optional(name: &'static str, kind: Kind, summary: &'static str) -> Argument {
    Argument { name, summary, kind, need: Need::Optional }
}

/// The bot that a command is about.
pub const BOT: Argument = required("bot", Kind::Bot, "Which bot");
/// The bot that a command is about, or everybody.
pub const BOT_OR_ALL: Argument = required("bot", Kind::BotOrAll, "Which bot, or all");
/// The bot that a list is about; of everybody without one.
pub const ONE_BOT: Argument = optional("bot", Kind::BotOrAll, "Of which bot; of everybody without it");
