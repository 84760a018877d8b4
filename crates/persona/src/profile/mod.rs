//! A profile: who a persona is, as data. Read from TOML text (never from a file: that is the edge's work) and
//! validated as a whole: everything that is out of range is told at once, with the line where it stands.

mod fault;
mod validation;

pub use fault::{Fault, ProfileError};
pub use validation::{NAME_MAX, STOP_BEFORE_LIQUIDATION_BPS, name_problem};

use crate::mood::Mood;
use serde::{Deserialize, Serialize};

/// Everything that makes a persona except its strategy's code.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Unique name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// One sentence.
    pub about: String,
    /// One sentence: what its strategy claims to be paid for. Here, and nowhere else.
    pub edge: String,
    /// One sentence: where that does not hold.
    pub fails: String,
    /// Which strategy it thinks with.
    pub strategy: String,
    /// The band of risk; nothing in this crate moves it.
    pub risk: RiskBand,
    /// Take-profit ladder.
    pub targets: Vec<TargetShare>,
    /// Character.
    pub traits: Traits,
    /// Where the mood returns to.
    pub base: Mood,
    /// How much each influence is felt.
    pub susceptibility: Susceptibility,
}

/// The band of risk.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RiskBand {
    /// Where in the band a calm and a keen mood fall, 0..1.
    pub tolerance: [f64; 2],
    /// Of equity, at the stop.
    pub risk_per_trade_bps: [u32; 2],
    /// Normal leverage.
    pub leverage: u16,
    /// Never above.
    pub leverage_max: u16,
    /// Margin of a position (un-levered quantity x price), of equity.
    pub margin_max_bps: u32,
    /// Stop distance, of price.
    pub stop_bps: [u32; 2],
    /// Whether the place inside `tolerance` is redrawn at each session's start instead of resting.
    #[serde(default)]
    pub redrawn_each_session: bool,
}

/// A rung of the ladder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TargetShare {
    /// Share of the original size.
    pub share: f64,
    /// Distance in multiples of the risk.
    pub at_r: f64,
}

model::value!(TargetShare { share, at_r });

/// Character.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Traits {
    /// Halves what moods do to decisions, at most.
    pub discipline: f64,
    /// Willingness to wait.
    pub patience: f64,
    /// How easily a missed move hurts.
    pub fomo: f64,
    /// Chance of a mistake per entry, before experience.
    pub mistake_chance: f64,
    /// Trades after which that chance has halved; 0: never.
    #[serde(default)]
    pub mistake_halving_trades: u32,
    /// It never falls below this.
    #[serde(default)]
    pub mistake_floor: f64,
    /// Added to it at full fatigue.
    #[serde(default)]
    pub mistake_fatigue: f64,
    /// Chance that a stop about to be hit is moved away, once in a trade; never beyond the cap of risk.
    #[serde(default)]
    pub moves_stops: f64,
    /// How hard market shocks hit.
    pub shock_impact: f64,
    /// Time constant of the mood.
    pub relaxation_hours: f64,
}

/// How much each outside influence is felt.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Susceptibility {
    /// Moon phase.
    pub lunar: f64,
    /// Schumann resonance.
    pub schumann: f64,
    /// Season and time of day.
    pub seasonal: f64,
    /// Global sentiment.
    pub sentiment: f64,
    /// Mercury retrograde.
    pub mercury: f64,
}

impl Traits {
    /// What discipline leaves of a feeling: at most half of it goes.
    pub fn dampening(&self) -> f64 {
        1.0 - self.discipline / 2.0
    }
}

/// Highest risk per trade that any profile may ask for.
pub const RISK_PER_TRADE_MAX_BPS: u32 = 200;

impl Profile {
    /// Reads and validates a profile. A mistake of syntax, a missing or an unknown key or a wrong type hides the rest;
    /// values out of range are told all together, by line.
    pub fn parse(text: &str) -> Result<Profile, ProfileError> {
        let profile: Profile = toml::from_str(text).map_err(|error| ProfileError::of_syntax(text, &error))?;
        let problems = validation::problems(&profile);
        if problems.is_empty() { Ok(profile) } else { Err(ProfileError::of_values(text, problems)) }
    }

    /// The profile as text that [`Profile::parse`] reads back to the last bit.
    pub fn to_text(&self) -> String {
        toml::to_string(self).expect("a profile is made of numbers and texts")
    }
}

#[cfg(test)]
mod tests;
