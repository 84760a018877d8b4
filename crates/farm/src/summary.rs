//! What a bot was at the end of a session: the row of every chart over time.

use crate::conduct::Occasions;
use crate::session::Session;
use model::{Time, Usd};
use persona::{Label, Mood};

/// One bot at one session's end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionSummary {
    /// Which session.
    pub session: Session,
    /// When it was taken: the session's end, or the first bar after a gap.
    pub at: Time,
    /// Equity at the last price.
    pub equity: Usd,
    /// Return since the start, as a fraction of the capital.
    pub total_return: f64,
    /// Deepest fall of equity at session ends so far, as a positive fraction of the peak.
    pub drawdown: f64,
    /// Round trips finished so far.
    pub trades: u32,
    /// What it felt; `None` for controls and calm twins.
    pub mood: Option<(Label, Mood)>,
    /// Energy, 0..1.1; `None` for controls.
    pub energy: Option<f64>,
    /// Looks at positions so far.
    pub occasions: Occasions,
}
