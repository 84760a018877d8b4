//! Proportion of gains realised: discretionary exits in gain over occasions in gain (Odean 1998, at the decisions of one bot
//! that holds one position at a time). It refuses stops: they are nobody's decision.

use super::disposition_effect::proportion;
use super::{Behaviour, Observations, Source};
use crate::Undefined;
use crate::metrics::Unit;

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "pgr",
    title: "Proportion of gains realised",
    unit: Unit::Fraction,
    source: Source::Occasions,
    compute,
};

pub(super) fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    proportion(seen.occasions.exits_in_gain, seen.occasions.in_gain, "occasions in gain")
}
