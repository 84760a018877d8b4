//! Share of trades entered for fear of missing out: without a signal after a move, or in that mood.
//! It refuses to say whether they lost.

use super::{Behaviour, EntryKind, Observations, Source, share};
use crate::Undefined;
use crate::metrics::Unit;

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "fomo_share",
    title: "Entered for fear of missing out",
    unit: Unit::Fraction,
    source: Source::Trades,
    compute,
};

fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    share(seen.trades, |trade| trade.entry_kind == EntryKind::Fomo || trade.state == "fomo")
}
