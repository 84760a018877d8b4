//! Everything that can wake the core beside bars. Closed: a new kind of event is a deliberate change everywhere.

use crate::command::Command;
use crate::{AccountId, BotId, OrderId, Price, Qty, Report, Time, Usd};

/// Why a deadline was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wake {
    /// A request of this bot was not answered in time.
    Unanswered(BotId),
    /// This bot has to leave its position and has not yet.
    Leave(BotId),
    /// Nobody approved what this bot asked for.
    Unapproved(BotId),
}

/// News that shakes everybody, whatever they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shock {
    /// A central bank decided.
    RateDecision,
    /// An exchange lost its customers' coins.
    ExchangeHack,
    /// A regulator acted.
    Regulation,
    /// What nobody expected: the farm itself calls an extreme bar one.
    BlackSwan,
}

impl Shock {
    /// All of them.
    pub const ALL: [Shock; 4] =
        [Shock::RateDecision, Shock::ExchangeHack, Shock::Regulation, Shock::BlackSwan];

    /// The word in files and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Shock::RateDecision => "rate_decision",
            Shock::ExchangeHack => "exchange_hack",
            Shock::Regulation => "regulation",
            Shock::BlackSwan => "black_swan",
        }
    }

    /// The shock of a word.
    pub fn from_name(name: &str) -> Option<Shock> {
        Shock::ALL.into_iter().find(|shock| shock.name() == name)
    }
}

/// What an account holds, piece by piece: a beginning, its orders, an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audit {
    /// Money and positions; everything said before is in them, and nothing after.
    Begin {
        /// Realised money.
        wallet: Usd,
        /// Signed positions: the net one, or the long and the short one.
        positions: [Qty; 2],
    },
    /// An order of a farm's that rests.
    Order(OrderId),
    /// An order that rests and that no farm placed.
    Foreign,
    /// All of it was said.
    End,
}

/// A measurement from outside: what it is of is a place in the list of factors, its value the bits of a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Measured {
    /// Which factor.
    pub factor: u8,
    /// Since when what it stands for lasted.
    pub stamp: Time,
    /// The value's bits.
    pub bits: u64,
}

/// One input of the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The last traded price at this instant, known outside a bar: the market's opening, or a ticker.
    Tick(Price),
    /// A venue spoke to an account.
    Report(AccountId, Report),
    /// Somebody told the farm something.
    Command(Command),
    /// The venue said something of this account that no venue says.
    Unsayable(AccountId),
    /// An input about this account, or about everything, broke the farm twice and was left out.
    Quarantined(Option<AccountId>),
    /// What an account holds.
    Audit(AccountId, Audit),
    /// Somebody measured something outside.
    Measured(Measured),
    /// News.
    Shock(Shock),
    /// A deadline passed.
    Wake(Wake),
    /// From here on everything is decided under the lease of this epoch.
    Tenure(u16),
}
