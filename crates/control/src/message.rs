//! What travels: one envelope with a version, so that a process of another version says so instead of guessing.

use crate::record::Record;
use crate::view::ShardView;
use farm::Objection;
use model::event::Measured;
use model::{
    AccountId, BotId, Command, CommandId, Instruction, OrderId, Purse, RiskLevel, Role, Scope, Time, Usd,
};
use serde::{Deserialize, Serialize};

/// Of the messages: another one is not read.
pub const VERSION: u16 = 1;

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum Message {
    /// For whoever holds a shard: something is to be done.
    Errand(Errand),
    /// What became of it, from the bot that acted.
    Done(Done),
    /// How a shard is.
    View(Box<ShardView>),
    /// Something to be told.
    Notice(NoticeSaid),
    /// Something to be kept.
    Record(Box<Record>),
    /// Something was measured outside.
    Measured(Reading),
}

/// A command on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errand {
    /// The command's number: it acts once, however often it comes.
    pub id: u64,
    /// For which shard.
    pub shard: String,
    /// What its giver may do.
    pub role: Word<Role>,
    /// When it was given.
    pub given_at: i64,
    /// What is to be done.
    pub instruction: Wanted,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// Which.
    pub id: u64,
    /// By which shard.
    pub shard: String,
    /// When, by its own clock.
    pub at: i64,
    /// Why not; nothing if it was.
    pub objection: Option<Word<Objection>>,
}

/// How loud something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Good to know.
    Informational,
    /// Should be looked at.
    Warning,
    /// Somebody has to do something.
    Critical,
}

impl Tier {
    /// All of them.
    pub const ALL: [Tier; 3] = [Tier::Informational, Tier::Warning, Tier::Critical];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Tier::Informational => "informational",
            Tier::Warning => "warning",
            Tier::Critical => "critical",
        }
    }
}

/// What kind of thing is said: each kind is switched on and off by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A position was opened.
    TradeEntry,
    /// A round trip is over.
    TradeExit,
    /// A limit is near, was reached, or something was refused because of it.
    RiskAlert,
    /// The market has changed its ways.
    MarketShift,
    /// The sky has.
    CosmicEvent,
    /// How everybody did.
    PerformanceSummary,
    /// Something went wrong.
    ErrorAlert,
    /// A position is close to being taken over.
    LiquidationWarning,
    /// A session began or ended, a bot's state changed.
    SessionStatus,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [NoticeKind; 9] = [
        NoticeKind::TradeEntry,
        NoticeKind::TradeExit,
        NoticeKind::RiskAlert,
        NoticeKind::MarketShift,
        NoticeKind::CosmicEvent,
        NoticeKind::PerformanceSummary,
        NoticeKind::ErrorAlert,
        NoticeKind::LiquidationWarning,
        NoticeKind::SessionStatus,
    ];
}

/// Something said to people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeSaid {
    /// By what it is known: it is told once, however often it comes.
    pub key: String,
    /// Of which shard.
    pub shard: String,
    /// Of which bot; of none is of the whole shard.
    pub bot: Option<String>,
    /// When.
    pub at: i64,
    /// Of which kind.
    pub kind: NoticeKind,
    /// How loud.
    pub tier: Tier,
    /// In a sentence.
    pub text: String,
}

/// What the key of a notice of drift has behind its shard.
const DRIFT: &str = "//drift/";

impl NoticeSaid {
    /// By what the comparison of a session with its back-test is known.
    pub fn drift_key(shard: &str, session: i64) -> String {
        format!("{shard}{DRIFT}{session}")
    }

    /// Whether it is the comparison of a session with its back-test.
    pub fn is_of_drift(&self) -> bool {
        self.key.strip_prefix(self.shard.as_str()).is_some_and(|rest| rest.starts_with(DRIFT))
    }
}

/// A measurement on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The factor's place in the list of factors.
    pub factor: u8,
    /// Since when what it stands for lasted.
    pub stamp: i64,
    /// The value's bits, so that nothing is rounded on the way.
    pub bits: u64,
}

/// What is to be done, as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wanted {
    /// Manage what is held, open nothing.
    Pause {
        /// A bot's number; everybody's without one.
        bot: Option<u16>,
    },
    /// Trade again.
    Resume {
        /// A bot's number; everybody's without one.
        bot: Option<u16>,
    },
    /// Only leave what is held.
    ReduceOnly {
        /// A bot's number; everybody's without one.
        bot: Option<u16>,
    },
    /// Leave what is held now.
    Close {
        /// A bot's number; everybody's without one.
        bot: Option<u16>,
    },
    /// The kill switch.
    Panic {},
    /// Lift it.
    Rearm {},
    /// Make a trade that waits for approval.
    Approve {
        /// The order, as this farm names it: `b3-0-12`.
        order: String,
    },
    /// Do not make it.
    Decline {
        /// The order, as this farm names it: `b3-0-12`.
        order: String,
    },
    /// Move money inside an account's books.
    Transfer {
        /// From whom.
        from: Whose,
        /// To whom.
        to: Whose,
        /// In micro-USDT.
        micro_usdt: i64,
    },
    /// Take what is unexplained into the treasury, or out of it.
    Reconcile {
        /// The account's number.
        account: u16,
    },
    /// Take opening orders back.
    Cancel {
        /// A bot's number; everybody's without one.
        bot: Option<u16>,
    },
    /// Use this part of its band.
    SetRisk {
        /// The bot's number.
        bot: u16,
        /// Which part.
        level: Word<RiskLevel>,
    },
}

/// Whose money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// A bot's, by its number.
    Bot(u16),
    /// An account's treasury, by its number.
    Treasury(u16),
}

/// Something that has a name of its own, by that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<T>(pub T);

/// What is known by its name.
pub trait Named: Copy + Sized + 'static {
    /// All of them.
    const NAMED: &'static [Self];
    /// The name of one.
    fn word(self) -> &'static str;
}

impl Named for Role {
    const NAMED: &'static [Role] = &Role::ALL;

    fn word(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Admin => "admin",
        }
    }
}

impl Named for RiskLevel {
    const NAMED: &'static [RiskLevel] = &RiskLevel::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}

impl Named for Objection {
    const NAMED: &'static [Objection] = &Objection::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}

impl<T: Named> Serialize for Word<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.word())
    }
}

impl<'de, T: Named> Deserialize<'de> for Word<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Word<T>, D::Error> {
        let text = String::deserialize(from)?;
        let found = T::NAMED.iter().find(|one| one.word() == text);
        found
            .map(|one| Word(*one))
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no word for it")))
    }
}

/// An order's name that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no order of a farm: one looks like b3-0-12")]
pub struct NoOrder(pub String);

const fn bot_of(scope: Scope) -> Option<u16> {
    match scope {
        Scope::Farm => None,
        Scope::Bot(bot) => Some(bot.0),
    }
}

fn scope_of(bot: Option<u16>) -> Scope {
    bot.map_or(Scope::Farm, |bot| Scope::Bot(BotId(bot)))
}

impl From<Purse> for Whose {
    fn from(purse: Purse) -> Whose {
        match purse {
            Purse::Bot(bot) => Whose::Bot(bot.0),
            Purse::Treasury(account) => Whose::Treasury(account.0),
        }
    }
}

impl From<Whose> for Purse {
    fn from(whose: Whose) -> Purse {
        match whose {
            Whose::Bot(bot) => Purse::Bot(BotId(bot)),
            Whose::Treasury(account) => Purse::Treasury(AccountId(account)),
        }
    }
}

impl From<Instruction> for Wanted {
    fn from(instruction: Instruction) -> Wanted {
        match instruction {
            Instruction::Pause(scope) => Wanted::Pause { bot: bot_of(scope) },
            Instruction::Resume(scope) => Wanted::Resume { bot: bot_of(scope) },
            Instruction::ReduceOnly(scope) => Wanted::ReduceOnly { bot: bot_of(scope) },
            Instruction::Close(scope) => Wanted::Close { bot: bot_of(scope) },
            Instruction::Panic => Wanted::Panic {},
            Instruction::Rearm => Wanted::Rearm {},
            Instruction::Approve(id) => Wanted::Approve { order: id.to_string() },
            Instruction::Decline(id) => Wanted::Decline { order: id.to_string() },
            Instruction::Transfer { from, to, amount } => {
                Wanted::Transfer { from: from.into(), to: to.into(), micro_usdt: amount.0 }
            }
            Instruction::Reconcile(account) => Wanted::Reconcile { account: account.0 },
            Instruction::Cancel(scope) => Wanted::Cancel { bot: bot_of(scope) },
            Instruction::SetRisk(bot, level) => Wanted::SetRisk { bot: bot.0, level: Word(level) },
        }
    }
}

impl TryFrom<&Wanted> for Instruction {
    type Error = NoOrder;

    fn try_from(wanted: &Wanted) -> Result<Instruction, NoOrder> {
        let order = |text: &str| text.parse::<OrderId>().map_err(|_| NoOrder(text.to_owned()));
        Ok(match wanted {
            Wanted::Pause { bot } => Instruction::Pause(scope_of(*bot)),
            Wanted::Resume { bot } => Instruction::Resume(scope_of(*bot)),
            Wanted::ReduceOnly { bot } => Instruction::ReduceOnly(scope_of(*bot)),
            Wanted::Close { bot } => Instruction::Close(scope_of(*bot)),
            Wanted::Panic {} => Instruction::Panic,
            Wanted::Rearm {} => Instruction::Rearm,
            Wanted::Approve { order: text } => Instruction::Approve(order(text)?),
            Wanted::Decline { order: text } => Instruction::Decline(order(text)?),
            Wanted::Transfer { from, to, micro_usdt } => {
                Instruction::Transfer { from: (*from).into(), to: (*to).into(), amount: Usd(*micro_usdt) }
            }
            Wanted::Reconcile { account } => Instruction::Reconcile(AccountId(*account)),
            Wanted::Cancel { bot } => Instruction::Cancel(scope_of(*bot)),
            Wanted::SetRisk { bot, level } => Instruction::SetRisk(BotId(*bot), level.0),
        })
    }
}

impl Errand {
    /// A command for a shard.
    pub fn of(shard: &str, command: &Command) -> Errand {
        Errand {
            id: command.id.0,
            shard: shard.to_owned(),
            role: Word(command.role),
            given_at: command.given_at.0,
            instruction: command.instruction.into(),
        }
    }

    /// The command in it.
    pub fn command(&self) -> Result<Command, NoOrder> {
        Ok(Command {
            id: CommandId(self.id),
            role: self.role.0,
            given_at: Time(self.given_at),
            instruction: Instruction::try_from(&self.instruction)?,
        })
    }
}

impl From<&Reading> for Measured {
    fn from(reading: &Reading) -> Measured {
        Measured { factor: reading.factor, stamp: Time(reading.stamp), bits: reading.bits }
    }
}

/// What cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A process of another version.
    #[error(
        "a message of version {0}, this program speaks {VERSION}: let all processes run the same version"
    )]
    Version(u16),
    /// No message at all.
    #[error("no message of a farm ({0})")]
    Shape(#[from] serde_json::Error),
}

#[derive(Serialize, Deserialize)]
struct Envelope<M> {
    v: u16,
    #[serde(flatten)]
    message: M,
}

#[derive(Deserialize)]
struct OnlyVersion {
    v: u16,
}

impl Message {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let envelope = Envelope { v: VERSION, message: self };
        serde_json::to_vec(&envelope).expect("a message has no map with keys that are no text")
    }

    /// From bytes.
    pub fn decode(bytes: &[u8]) -> Result<Message, Unreadable> {
        let OnlyVersion { v } = serde_json::from_slice(bytes)?;
        if v != VERSION {
            return Err(Unreadable::Version(v));
        }
        Ok(serde_json::from_slice::<Envelope<Message>>(bytes)?.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errand(instruction: Instruction) -> Errand {
        let command = Command { id: CommandId(u64::MAX), role: Role::Admin, given_at: Time(1), instruction };
        let errand = Errand::of("main", &command);
        let bytes = Message::Errand(errand.clone()).encode();
        let Ok(Message::Errand(again)) = Message::decode(&bytes) else {
            panic!("{}", String::from_utf8_lossy(&bytes))
        };
        assert_eq!(again, errand);
        assert_eq!(again.command(), Ok(command));
        again
    }

    #[test]
    fn every_instruction_arrives_as_it_was_given() {
        let order = "b3-7-12".parse().expect("an order");
        let (bot, all) = (Scope::Bot(BotId(3)), Scope::Farm);
        let (from, to) = (Purse::Treasury(AccountId(2)), Purse::Bot(BotId(1)));
        for instruction in [
            Instruction::Pause(bot),
            Instruction::Resume(all),
            Instruction::ReduceOnly(bot),
            Instruction::Close(all),
            Instruction::Panic,
            Instruction::Rearm,
            Instruction::Approve(order),
            Instruction::Decline(order),
            Instruction::Transfer { from, to, amount: Usd(i64::MAX) },
            Instruction::Reconcile(AccountId(9)),
            Instruction::Cancel(all),
            Instruction::SetRisk(BotId(3), RiskLevel::High),
        ] {
            errand(instruction);
        }
    }

    #[test]
    fn what_is_no_message_of_ours_is_said_to_be_none() {
        let bytes = Message::Done(Done { id: 1, shard: "a".to_owned(), at: 2, objection: None }).encode();
        let text = String::from_utf8(bytes).expect("text");
        assert!(Message::decode(text.as_bytes()).is_ok(), "{text}");
        let newer = text.replace("\"v\":1", "\"v\":2");
        assert!(matches!(Message::decode(newer.as_bytes()), Err(Unreadable::Version(2))), "{newer}");
        for wrong in ["", "{}", "{\"v\":1}", "{\"v\":1,\"message\":\"dance\"}", "[1]"] {
            assert!(matches!(Message::decode(wrong.as_bytes()), Err(Unreadable::Shape(_))), "{wrong}");
        }
        let mut lost = errand(Instruction::Panic);
        lost.instruction = Wanted::Approve { order: "b1".to_owned() };
        assert!(lost.command().is_err());
    }
}
