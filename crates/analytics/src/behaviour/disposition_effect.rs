//! The disposition effect: PGR - PLR, how much more readily gains are taken than losses (Shefrin and Statman 1985; Odean 1998,
//! "Are investors reluctant to realize their losses?"). Positive: winners are sold early and losers kept. It refuses fewer
//! than [`OCCASIONS_MIN`] occasions on either side, for one exit would then move it by more than a twentieth.

use super::{Behaviour, Observations, Source, pgr, plr, require};
use crate::Undefined;
use crate::metrics::Unit;

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "disposition_effect",
    title: "Disposition effect (PGR - PLR)",
    unit: Unit::Fraction,
    source: Source::Occasions,
    compute,
};

/// Occasions it takes on each side.
pub const OCCASIONS_MIN: u64 = 20;

fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    Ok(pgr::compute(seen)? - plr::compute(seen)?)
}

/// Exits over occasions, where there are enough.
pub(super) fn proportion(exits: u64, occasions: u64, what: &'static str) -> Result<f64, Undefined> {
    require(what, occasions as usize, OCCASIONS_MIN as usize)?;
    Ok(exits as f64 / occasions as f64)
}
