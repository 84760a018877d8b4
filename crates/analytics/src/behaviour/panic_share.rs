//! Share of trades that were closed at market in panic.
//! It refuses to count a stop that was hit: leaving where one had planned to is no panic.

use super::{Behaviour, ExitKind, Observations, Source, share};
use crate::Undefined;
use crate::metrics::Unit;

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "panic_share",
    title: "Left in panic",
    unit: Unit::Fraction,
    source: Source::Trades,
    compute,
};

fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    share(seen.trades, |trade| trade.exit_kind == ExitKind::Panic)
}
