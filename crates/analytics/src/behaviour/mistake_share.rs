//! Share of trades whose entry was a mistake: late, at a worse price, of the wrong size.
//! It refuses to call a loss a mistake.

use super::{Behaviour, Observations, Source, share};
use crate::Undefined;
use crate::metrics::Unit;

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "mistake_share",
    title: "Entered by mistake",
    unit: Unit::Fraction,
    source: Source::Trades,
    compute,
};

fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    share(seen.trades, |trade| trade.mistake)
}
