//! One round trip: from flat (or a turn-around) to flat (or the next turn-around).

use model::{OrderId, Price, Qty, Side, Time, Usd};

/// Why a position was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExitReason {
    /// The protective stop fired.
    Stop,
    /// The protective stop fired after it had been moved to the profitable side or trailed.
    TrailingStop,
    /// The last rung of the ladder filled.
    Target,
    /// The strategy's own signal.
    Signal,
    /// A signal the other way: closed and turned around in one fill.
    TurnAround,
    /// The mood, not the method.
    Impulse,
    /// Panic.
    Panic,
    /// The venue took it over.
    Liquidation,
    /// The venue closed it against somebody else's liquidation.
    Deleveraging,
    /// Another bot's order on a shared account had already used it up.
    Crossed,
    /// Somebody told it to.
    Command,
    /// Still open when the data ended; marked at the last close.
    EndOfData,
}

model::value!(enum ExitReason {
    0 => Stop,
    1 => TrailingStop,
    2 => Target,
    3 => Signal,
    4 => TurnAround,
    5 => Impulse,
    6 => Panic,
    7 => Liquidation,
    8 => Deleveraging,
    9 => Crossed,
    10 => Command,
    11 => EndOfData,
});

impl ExitReason {
    /// The word in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            ExitReason::Stop => "stop",
            ExitReason::TrailingStop => "trailing_stop",
            ExitReason::Target => "target",
            ExitReason::Signal => "signal",
            ExitReason::TurnAround => "turn_around",
            ExitReason::Impulse => "impulse",
            ExitReason::Panic => "panic",
            ExitReason::Liquidation => "liquidation",
            ExitReason::Deleveraging => "deleveraging",
            ExitReason::Crossed => "crossed",
            ExitReason::Command => "command",
            ExitReason::EndOfData => "end_of_data",
        }
    }
}

/// What was decided when a position was opened; opaque words travel here so that the ledger needs no knowledge of moods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryContext {
    /// The deciding order.
    pub id: OrderId,
    /// Protective stop placed with it; `None` for the controls.
    pub stop: Option<Price>,
    /// Emotional state at the decision, as its name.
    pub mood: &'static str,
    /// Where the entry came from, as its name: a signal, or a feeling without one.
    pub kind: &'static str,
    /// Whether the hand slipped.
    pub mistake: bool,
    /// Fatigue at the decision, in thousandths.
    pub fatigue_permille: u16,
    /// What the sky made of the size, in thousandths; 1 000 is nothing.
    pub sky_permille: u16,
    /// Equity at the decision.
    pub equity: Usd,
    /// Leverage asked for.
    pub leverage: u16,
}

model::value!(EntryContext {
    id,
    stop,
    mood,
    kind,
    mistake,
    fatigue_permille,
    sky_permille,
    equity,
    leverage,
});

impl EntryContext {
    /// The mood of somebody who has none.
    pub const NO_MOOD: &'static str = "none";

    /// An entry of somebody who feels nothing and protects nothing.
    pub const fn plain(id: OrderId) -> EntryContext {
        EntryContext {
            id,
            stop: None,
            mood: EntryContext::NO_MOOD,
            kind: "signal",
            mistake: false,
            fatigue_permille: 0,
            sky_permille: 1_000,
            equity: Usd::ZERO,
            leverage: 1,
        }
    }
}

/// A position in the making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTrade {
    /// What was decided.
    pub entry: EntryContext,
    /// Long (`Buy`) or short (`Sell`).
    pub side: Side,
    /// First fill.
    pub entered_at: Time,
    /// Lots opened so far, unsigned.
    pub opened: Qty,
    /// Their cost in tick-lots, unsigned.
    pub entry_cost: i128,
    /// Lots closed so far, unsigned.
    pub closed: Qty,
    /// Their proceeds in tick-lots, unsigned.
    pub exit_cost: i128,
    /// Realised profit so far, before fees and funding.
    pub gross: Usd,
    /// Fees so far; paid is positive.
    pub fees: Usd,
    /// Funding so far; received is positive.
    pub funding: Usd,
}

model::value!(OpenTrade {
    entry,
    side,
    entered_at,
    opened,
    entry_cost,
    closed,
    exit_cost,
    gross,
    fees,
    funding,
});

/// A finished round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The position as it was built up and taken down.
    pub position: OpenTrade,
    /// Last fill, or the last bar's close.
    pub exited_at: Time,
    /// Why.
    pub reason: ExitReason,
}

impl Trade {
    /// Profit after fees and funding.
    pub fn net(&self) -> Usd {
        self.position.gross - self.position.fees + self.position.funding
    }

    /// Average entry price in ticks.
    pub fn entry_ticks(&self) -> f64 {
        self.position.entry_cost as f64 / self.position.opened.0 as f64
    }

    /// Average exit price in ticks.
    pub fn exit_ticks(&self) -> f64 {
        self.position.exit_cost as f64 / self.position.closed.0 as f64
    }
}
