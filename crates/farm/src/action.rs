//! What the core asks of the world: a caller-owned outbox of fixed size, so that nothing allocates on the way.

use crate::accounts::Difference;
use crate::battle::LeadChange;
use crate::bot::Unusual;
use crate::obedience::Reply;
use crate::session::Session;
use crate::summary::SessionSummary;
use execution::Trade;
use model::{AccountId, BotId, CommandId, OrderId, RejectReason, Time, event::Shock};
use persona::{Label, Reason};
use risk::{Approved, Refusal};

/// Something a person may want to know. The core logs nothing; it says this.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Notice {
    /// An entry was decided.
    Entering {
        /// Its order.
        id: OrderId,
        /// Why.
        reason: Reason,
        /// In which state of mind; `None` for a control.
        mood: Option<Label>,
    },
    /// A round trip is finished.
    Closed(Trade),
    /// The gate said no.
    Refused(Refusal),
    /// The venue said no.
    Rejected(OrderId, RejectReason),
    /// The emotional state changed.
    Felt(Time, Label),
    /// A session ended.
    Session(SessionSummary),
    /// The capital no longer carries the smallest order; the bot has stopped.
    Ruined(Time),
    /// A request went unanswered.
    Unanswered,
    /// A significant trade waits for approval until then.
    AwaitsApproval(OrderId, Time),
    /// Something unusual: it opens nothing more until somebody resumes it. Critical.
    Unusual(Time, Unusual),
}

/// What concerns the whole farm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum News {
    /// A restorable snapshot of every bot was taken at a Fibonacci session's end.
    Checkpoint(Session),
    /// Somebody else leads the battle.
    Lead(LeadChange),
    /// Everybody was shaken.
    Shock(Time, Shock),
    /// The kill switch was thrown.
    Halted(Time),
    /// Nothing is held and nothing rests any more, as every account says.
    Flat(Time),
    /// The kill switch was lifted.
    Rearmed(Time),
    /// An account holds something that its books do not explain; or everything is explained again. Critical.
    Unexplained(AccountId, Option<Difference>),
    /// An order that nobody knew was taken back.
    Orphan(AccountId, OrderId),
    /// An order that should rest is not there.
    Vanished(AccountId, OrderId),
    /// Something was said to be a reading of a factor and is none.
    NoReading(Time, u8),
    /// The whole farm's drawdown has reached its limit: nobody opens until the farm is resumed.
    Locked(Time),
    /// Other rules hold from now on.
    Ruled(Time),
}

/// Something said, and of whom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Word {
    /// Of a bot.
    Of(BotId, Notice),
    /// Of the whole farm.
    All(News),
}

/// Everything the core can ask of the world. Orders leave only as `Approved`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Send a request to an account.
    Submit(AccountId, Approved),
    /// Ask what an account holds, now.
    Verify(AccountId),
    /// Answer a command.
    Reply(CommandId, Reply),
    /// Tell somebody about a bot.
    Notify(BotId, Notice),
    /// Tell somebody about the farm.
    Announce(News),
}

/// The most actions of one step: what all bots together may say and ask at one instant.
pub const ACTIONS_MAX: usize = crate::roster::BOTS_MAX * ACTIONS_OF_A_BOT_MAX;
/// The most of one bot at one instant: changes of mood, an exit with what it takes back, and a session's end among them.
const ACTIONS_OF_A_BOT_MAX: usize = 32;

/// The outbox.
#[derive(Debug)]
pub struct Actions {
    items: Vec<Action>,
}

impl Default for Actions {
    fn default() -> Self {
        Actions { items: Vec::with_capacity(ACTIONS_MAX) }
    }
}

impl Actions {
    /// Adds an action.
    pub fn push(&mut self, action: Action) {
        assert!(self.items.len() < ACTIONS_MAX, "a step has at most {ACTIONS_MAX} actions");
        self.items.push(action);
    }

    /// What is in it.
    #[inline]
    pub fn as_slice(&self) -> &[Action] {
        &self.items
    }

    /// Whether nothing was asked.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Empties it, keeping its memory.
    #[inline]
    pub fn clear(&mut self) {
        self.items.clear();
    }
}
