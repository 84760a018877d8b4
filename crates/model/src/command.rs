//! What an operator can tell a farm. Whether it may be done is the farm's to say.

use crate::{AccountId, BotId, Interval, OrderId, Time, Usd};

/// Which command: it acts once, however often it is delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub u64);

/// What somebody may do, as the door that let the command in has found; each may what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Look.
    Viewer,
    /// Steer bots.
    Operator,
    /// Move money and lift a halt.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 3] = [Role::Viewer, Role::Operator, Role::Admin];
}

/// Whom an instruction concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One bot.
    Bot(BotId),
    /// Everybody.
    Farm,
}

/// Which part of its persona's band of risk a bot uses. None leaves the band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RiskLevel {
    /// The calmer half.
    Low,
    /// All of it.
    #[default]
    Medium,
    /// The keener half.
    High,
}

crate::value!(enum RiskLevel { 0 => Low, 1 => Medium, 2 => High });

impl RiskLevel {
    /// All of them.
    pub const ALL: [RiskLevel; 3] = [RiskLevel::Low, RiskLevel::Medium, RiskLevel::High];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            RiskLevel::Low => "low",
            RiskLevel::Medium => "medium",
            RiskLevel::High => "high",
        }
    }

    /// The one of this name.
    pub fn named(word: &str) -> Option<RiskLevel> {
        RiskLevel::ALL.into_iter().find(|level| level.name() == word)
    }

    /// The part of a persona's tolerance (`risk.tolerance` of its profile) that is used.
    pub fn within(self, [calm, keen]: [f64; 2]) -> [f64; 2] {
        let middle = calm + (keen - calm) / 2.0;
        match self {
            RiskLevel::Low => [calm, middle],
            RiskLevel::Medium => [calm, keen],
            RiskLevel::High => [middle, keen],
        }
    }
}

/// Whose money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purse {
    /// A bot's.
    Bot(BotId),
    /// What no bot has of an account.
    Treasury(AccountId),
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instruction {
    /// Manage what is held, open nothing.
    Pause(Scope),
    /// Trade again.
    Resume(Scope),
    /// Only leave what is held.
    ReduceOnly(Scope),
    /// Leave what is held now.
    Close(Scope),
    /// The kill switch: leave everything, open nothing, until it is lifted.
    Panic,
    /// Lift the kill switch, once the book is known to be flat.
    Rearm,
    /// Make a significant trade that waits for approval.
    Approve(OrderId),
    /// Do not make it.
    Decline(OrderId),
    /// Move money inside an account's books; nothing leaves the venue.
    Transfer {
        /// From whom.
        from: Purse,
        /// To whom.
        to: Purse,
        /// How much.
        amount: Usd,
    },
    /// Take what an account has more or less than its books explain into, or out of, its treasury.
    Reconcile(AccountId),
    /// Take opening orders back; what is held, and its stops, stay.
    Cancel(Scope),
    /// Use this part of the persona's band from the next entry on.
    SetRisk(BotId, RiskLevel),
}

impl Instruction {
    /// Who may give it.
    pub const fn role(&self) -> Role {
        match self {
            Instruction::Rearm | Instruction::Transfer { .. } | Instruction::Reconcile(_) => Role::Admin,
            _ => Role::Operator,
        }
    }

    /// How long after it was given it may still be done. What only makes things safer may whenever it arrives.
    pub const fn validity(&self) -> Option<Interval> {
        match self {
            Instruction::Pause(_)
            | Instruction::ReduceOnly(_)
            | Instruction::Panic
            | Instruction::Cancel(_)
            | Instruction::Decline(_) => None,
            _ => Some(COMMAND_VALIDITY),
        }
    }
}

/// How long a command that could do harm may be on its way.
pub const COMMAND_VALIDITY: Interval = Interval(60_000);

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Command {
    /// Which.
    pub id: CommandId,
    /// What its giver may do.
    pub role: Role,
    /// When it was given.
    pub given_at: Time,
    /// What is to be done.
    pub instruction: Instruction,
}
