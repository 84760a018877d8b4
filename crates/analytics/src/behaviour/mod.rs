//! How a bot behaved, whatever it earned: the disposition effect, chasing, fear of missing out, fatigue. One metric a file,
//! from plain observations; adding one takes a file here and its line (with its `mod`) in the list below.
//!
//! It refuses to look inside a mind: a metric sees what was done and the label that stood over it. It refuses to call a
//! handful of trades a habit: each metric says how few are too few.

use model::Time;

use crate::Undefined;
use crate::metrics::Unit;

mod disposition_effect;
mod fatigue_slope;
mod fomo_share;
mod holding_time_asymmetry;
mod loss_chasing;
mod mistake_share;
mod over_trading;
mod panic_share;
mod pgr;
mod plr;
mod revenge_share;

pub use disposition_effect::OCCASIONS_MIN;
pub use fatigue_slope::{FATIGUE_TRADES_MIN, Slope, slope_of_r_multiple_on_fatigue};
pub use holding_time_asymmetry::HELD_TRADES_MIN;
pub use loss_chasing::{CHASE_WINDOW, CHASING_TRADES_MIN};
pub use over_trading::HASTE_WINDOW;

/// Every behavioural metric, in the order in which reports print them.
// tidy: list-of src/behaviour/
pub const BEHAVIOURS: &[Behaviour] = &[
    disposition_effect::BEHAVIOUR,
    pgr::BEHAVIOUR,
    plr::BEHAVIOUR,
    holding_time_asymmetry::BEHAVIOUR,
    loss_chasing::BEHAVIOUR,
    revenge_share::BEHAVIOUR,
    fomo_share::BEHAVIOUR,
    panic_share::BEHAVIOUR,
    over_trading::BEHAVIOUR,
    mistake_share::BEHAVIOUR,
    fatigue_slope::BEHAVIOUR,
];

/// The labels of a mood, and `none` for a bot without one (the page on personas, State).
pub const STATES: &[&str] = &[
    "calm",
    "neutral",
    "confident",
    "greedy",
    "euphoric",
    "fomo",
    "anxious",
    "fearful",
    "panic",
    "revenge",
    "exhausted",
    "none",
];

/// What was seen of one bot.
#[derive(Clone, Copy, Debug)]
pub struct Observations<'a> {
    /// What it could have closed, and what it closed.
    pub occasions: Occasions,
    /// Its closed trades in the order of entry, one position at a time.
    pub trades: &'a [LivedTrade],
}

/// Decisions while in a position, one each 15 minutes: an occasion to leave is one at which the bot could have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occasions {
    /// Occasions with the position in gain.
    pub in_gain: u64,
    /// Occasions with the position in loss.
    pub in_loss: u64,
    /// Occasions in gain at which the bot left at its own discretion; at most `in_gain`.
    pub exits_in_gain: u64,
    /// Occasions in loss at which the bot left at its own discretion; at most `in_loss`.
    pub exits_in_loss: u64,
    /// Exits that the resting stop made; no decision, so counted apart and part of no share.
    pub stop_exits: u64,
}

/// Why a trade was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// The strategy saw its signal.
    Signal,
    /// A move was running away without a signal.
    Fomo,
    /// A loss was to be won back.
    Revenge,
}

/// Why a trade was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitKind {
    /// The last rung of the take-profit ladder.
    Target,
    /// The resting stop.
    Stop,
    /// The strategy's own exit.
    Signal,
    /// An impulse of the mood.
    Impulse,
    /// At market, in panic.
    Panic,
    /// Anything else: the end of the run, a liquidation.
    Other,
}

/// One closed trade as it was lived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LivedTrade {
    /// When the position was opened.
    pub entered_at: Time,
    /// When its last lot was closed; not before it was opened.
    pub exited_at: Time,
    /// Net profit, USDT.
    pub net: f64,
    /// Net profit over what was at risk at the stop.
    pub r_multiple: f64,
    /// What was at risk at the stop, as a fraction of equity at entry.
    pub risk_fraction: f64,
    /// Label of the mood at entry, one of [`STATES`].
    pub state: &'static str,
    /// Why it was entered.
    pub entry_kind: EntryKind,
    /// Why it was left.
    pub exit_kind: ExitKind,
    /// Fatigue at entry, 0 to 1.
    pub fatigue: f64,
    /// Whether the entry was a mistake of the kind the profile allows.
    pub mistake: bool,
}

/// What a metric looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The counted occasions.
    Occasions,
    /// The closed trades.
    Trades,
}

/// One behavioural metric.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    /// Name in the JSON output.
    pub key: &'static str,
    /// Name in tables.
    pub title: &'static str,
    /// How a person reads the value.
    pub unit: Unit,
    /// What it looks at; without trades in hand a count of occasions still has it, and the other way round.
    pub source: Source,
    /// The formula; callers use [`Behaviour::evaluate`].
    pub compute: fn(&Observations<'_>) -> Result<f64, Undefined>,
}

impl Behaviour {
    /// The value, or why there is none; never a number that is not finite.
    pub fn evaluate(&self, seen: &Observations<'_>) -> Result<f64, Undefined> {
        seen.assert_lived();
        let finite = |trade: &LivedTrade| {
            [trade.net, trade.r_multiple, trade.risk_fraction, trade.fatigue].iter().all(|x| x.is_finite())
        };
        if self.source == Source::Trades && !seen.trades.iter().all(finite) {
            return Err(Undefined::NotFinite);
        }
        let value = (self.compute)(seen)?;
        if value.is_finite() { Ok(value) } else { Err(Undefined::BeyondRange) }
    }

    /// The outcome as text for a table.
    pub fn format(&self, outcome: Result<f64, Undefined>) -> String {
        outcome.map_or_else(|reason| reason.to_string(), |value| self.unit.format(value))
    }
}

impl Observations<'_> {
    /// One bot, one position at a time, in order: anything else is two bots' trades mixed, and every window between one
    /// trade and the next would be wrong.
    fn assert_lived(&self) {
        let Occasions { in_gain, in_loss, exits_in_gain, exits_in_loss, .. } = self.occasions;
        assert!(exits_in_gain <= in_gain && exits_in_loss <= in_loss, "an exit takes an occasion");
        for trade in self.trades {
            assert!(trade.entered_at <= trade.exited_at, "a trade ends after it began");
            assert!(STATES.contains(&trade.state), "`{}` is no label of a mood", trade.state);
        }
        for pair in self.trades.windows(2) {
            assert!(
                pair[0].exited_at <= pair[1].entered_at,
                "one bot holds one position at a time, in order"
            );
        }
    }
}

/// Every behavioural metric under its key, in the order of [`BEHAVIOURS`].
pub fn observe(seen: &Observations<'_>) -> Vec<(&'static str, Result<f64, Undefined>)> {
    BEHAVIOURS.iter().map(|behaviour| (behaviour.key, behaviour.evaluate(seen))).collect()
}

/// How many of all trades are so, as a fraction; a description, so a single trade has one.
fn share(trades: &[LivedTrade], is_so: impl Fn(&LivedTrade) -> bool) -> Result<f64, Undefined> {
    if trades.is_empty() {
        return Err(Undefined::NoTrade);
    }
    Ok(trades.iter().filter(|trade| is_so(trade)).count() as f64 / trades.len() as f64)
}

/// Says how few are too few.
fn require(what: &'static str, have: usize, needed: usize) -> Result<(), Undefined> {
    if have < needed { Err(Undefined::TooFew { what, have, needed }) } else { Ok(()) }
}
