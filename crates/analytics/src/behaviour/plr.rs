//! Proportion of losses realised: discretionary exits in loss over occasions in loss (Odean 1998, at the decisions of one bot
//! that holds one position at a time). It refuses stops: they are nobody's decision.

use super::disposition_effect::proportion;
use super::{Behaviour, Observations, Source};
use crate::Undefined;
use crate::metrics::Unit;

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "plr",
    title: "Proportion of losses realised",
    unit: Unit::Fraction,
    source: Source::Occasions,
    compute,
};

pub(super) fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    proportion(seen.occasions.exits_in_loss, seen.occasions.in_loss, "occasions in loss")
}
