//! What the bots of a shard may feel of the sky and of what was measured outside, with where each reading comes from.
//!
//! It refuses to leave a factor out: what is absent is listed with the reason, and has no effect.

use cosmos::{Observation, Provenance};
use farm::Farm;
use model::Time;
use serde::{Deserialize, Serialize};

/// An outside influence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfluenceView {
    /// `moon`.
    pub factor: String,
    /// What is known of it.
    pub seen: Option<ReadingView>,
    /// Why nothing is.
    pub absent: Option<String>,
}

/// What is known of an influence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingView {
    /// In its unit.
    pub value: f64,
    /// What it counts.
    pub unit: String,
    /// Who measured, or how it was worked out.
    pub source: String,
    /// Since when it is known; nothing for what is worked out.
    pub known_at: Option<i64>,
    /// The name of its band.
    pub band: String,
    /// What it would do, before anybody's weights; inside the cap of risk whatever it says.
    pub effect: f64,
}

impl InfluenceView {
    /// All of them at an instant.
    pub(super) fn all(farm: &Farm, now: Time) -> Vec<InfluenceView> {
        farm.sky().provenance(now).into_iter().map(InfluenceView::of).collect()
    }

    fn of(provenance: Provenance) -> InfluenceView {
        let factor = provenance.factor.name().to_owned();
        match provenance.state {
            Ok(Observation { value, unit, source, available_at, age: _, band, effect }) => {
                let (known_at, band) = (available_at.map(|at| at.0), band.to_owned());
                let seen = Some(ReadingView { value, unit, source, known_at, band, effect });
                InfluenceView { factor, seen, absent: None }
            }
            Err(absence) => InfluenceView { factor, seen: None, absent: Some(absence.to_string()) },
        }
    }
}
