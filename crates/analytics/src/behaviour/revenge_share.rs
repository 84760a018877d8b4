//! Share of trades entered to win back a loss: by that impulse, or in that mood.
//! It refuses to infer revenge from the clock: that is `loss_chasing`.

use super::{Behaviour, EntryKind, Observations, Source, share};
use crate::Undefined;
use crate::metrics::Unit;

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "revenge_share",
    title: "Entered for revenge",
    unit: Unit::Fraction,
    source: Source::Trades,
    compute,
};

fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    share(seen.trades, |trade| trade.entry_kind == EntryKind::Revenge || trade.state == "revenge")
}
