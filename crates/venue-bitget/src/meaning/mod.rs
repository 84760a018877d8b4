//! What Bitget's private rows mean in the farm's words: signs, sides, fees, endings.
//!
//! The same word means different things by generation, position mode and even channel; all of that is settled here, once.
//! Refuses a row whose direction or numbers it cannot be sure of: an unread row is an error to be counted, never a guess
//! that is booked.

pub mod directions;
pub mod holdings;
pub mod orders;
pub mod plans;

pub use directions::{Forced, Source, Way};
pub use holdings::{Held, Settled, held, positions, seized, settled, wallet};
pub use orders::{Ending, Execution, OrderState, Status, execution, order_state};
pub use plans::{PlanKind, PlanState, PlanStatus, plan_state, uncovered};

use crate::number::BadNumber;
use crate::order_id::Prefix;
use crate::wire::Generation;
use model::{Instrument, PositionMode};

/// What a reading depends on besides the row.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Whose signs and words.
    pub generation: Generation,
    /// What the account is set to.
    pub position: PositionMode,
    /// Steps and symbol.
    pub instrument: &'a Instrument,
    /// What our ids begin with.
    pub prefix: Prefix,
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A number in it.
    #[error("{0}")]
    Number(#[from] BadNumber),
    /// It is of another symbol than the instrument.
    #[error("the row is about {0}: read it with that symbol's instrument")]
    OtherSymbol(String),
    /// Its words do not say which way it went.
    #[error(
        "side `{side}`, tradeSide `{trade_side}`, posSide `{position_side}` name no direction: report the payload"
    )]
    NoDirection {
        /// As written.
        side: String,
        /// As written.
        trade_side: String,
        /// As written.
        position_side: String,
    },
    /// Money in another coin than the account is kept in.
    #[error("the row is about {0}: an account is kept in USDT")]
    OtherCoin(String),
    /// It carries no id.
    #[error("the row has no id to tell it from a repeated one: report the payload")]
    NoId,
}

impl Reading<'_> {
    pub(crate) fn check_symbol(&self, symbol: &crate::wire::Text<'_>) -> Result<(), Unread> {
        if symbol.is(&self.instrument.symbol) { Ok(()) } else { Err(Unread::OtherSymbol(symbol.to_string())) }
    }
}
