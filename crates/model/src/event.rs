//! Everything that can wake the core beside bars. Closed: a new kind of event is a deliberate change everywhere.

use crate::{BotId, Price, Report};

/// Why a deadline was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wake {
    /// A request of this bot was not answered in time.
    Unanswered(BotId),
}

/// One input of the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The last traded price at this instant, known outside a bar: the market's opening, or a ticker.
    Tick(Price),
    /// A venue spoke to one bot's account.
    Report(BotId, Report),
    /// A deadline passed.
    Wake(Wake),
}
