//! A profile: who a persona is, as data. Read from TOML text (never from a file: that is the edge's work) and
//! validated as a whole, with the line where it is wrong.

use crate::mood::Mood;
use model::TARGETS_MAX;
use serde::Deserialize;

/// Everything that makes a persona except its strategy's code.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Unique name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// One sentence.
    pub about: String,
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
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetShare {
    /// Share of the original size.
    pub share: f64,
    /// Distance in multiples of the risk.
    pub at_r: f64,
}

/// Character.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
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

/// Why a profile is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, a missing or unknown key, a wrong type.
    #[error("line {line}: {message}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// A value out of its range.
    #[error("line {line}: {key} {problem}")]
    Value {
        /// Line, from 1.
        line: usize,
        /// Which key.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

/// Highest risk per trade that any profile may ask for.
pub const RISK_PER_TRADE_MAX_BPS: u32 = 200;

impl Profile {
    /// Reads and validates a profile.
    pub fn parse(text: &str) -> Result<Profile, ProfileError> {
        let profile: Profile = toml::from_str(text).map_err(|error| ProfileError::Syntax {
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            message: error.message().replace('\n', " "),
        })?;
        match profile.problem() {
            None => Ok(profile),
            Some((key, problem)) => Err(ProfileError::Value { line: line_of_key(text, key), key, problem }),
        }
    }

    fn problem(&self) -> Option<(&'static str, String)> {
        let unit =
            |key, x: f64| (!(0.0..=1.0).contains(&x)).then(|| (key, format!("is {x}; it must lie in 0..1")));
        let risk = &self.risk;
        let s = &self.susceptibility;
        let t = &self.traits;
        let units = [
            ("tolerance", risk.tolerance[0]),
            ("tolerance", risk.tolerance[1]),
            ("discipline", t.discipline),
            ("patience", t.patience),
            ("fomo", t.fomo),
            ("mistake_chance", t.mistake_chance),
            ("mistake_floor", t.mistake_floor),
            ("mistake_fatigue", t.mistake_fatigue),
            ("moves_stops", t.moves_stops),
            ("lunar", s.lunar),
            ("schumann", s.schumann),
            ("seasonal", s.seasonal),
            ("sentiment", s.sentiment),
            ("mercury", s.mercury),
        ];
        let moods = self.base.variables();
        if let Some(problem) = units.into_iter().chain(moods).find_map(|(key, x)| unit(key, x)) {
            return Some(problem);
        }
        let rule = |broken: bool, key, problem: &str| broken.then(|| (key, problem.to_owned()));
        rule(self.name.is_empty(), "name", "is empty")
            .or(rule(risk.tolerance[0] > risk.tolerance[1], "tolerance", "runs backwards"))
            .or(rule(
                risk.risk_per_trade_bps[0] > risk.risk_per_trade_bps[1],
                "risk_per_trade_bps",
                "runs backwards",
            ))
            .or(rule(
                risk.risk_per_trade_bps[1] == 0 || risk.risk_per_trade_bps[1] > RISK_PER_TRADE_MAX_BPS,
                "risk_per_trade_bps",
                "must end in 1..=200: no trade risks more than 2 % of equity",
            ))
            .or(rule(
                risk.leverage == 0 || risk.leverage > risk.leverage_max,
                "leverage",
                "must lie in 1..=leverage_max",
            ))
            .or(rule(risk.leverage_max > 125, "leverage_max", "is above 125"))
            .or(rule(
                risk.margin_max_bps == 0 || risk.margin_max_bps > 10_000,
                "margin_max_bps",
                "must lie in 1..=10000",
            ))
            .or(rule(
                risk.stop_bps[0] == 0 || risk.stop_bps[0] > risk.stop_bps[1] || risk.stop_bps[1] > 5_000,
                "stop_bps",
                "must ascend within 1..=5000",
            ))
            .or(rule(
                !(t.relaxation_hours > 0.0 && t.relaxation_hours <= 720.0),
                "relaxation_hours",
                "must lie in 0..720",
            ))
            .or(rule(!(0.0..=2.0).contains(&t.shock_impact), "shock_impact", "must lie in 0..2"))
            .or_else(|| self.target_problem())
    }

    fn target_problem(&self) -> Option<(&'static str, String)> {
        if self.targets.is_empty() || self.targets.len() > TARGETS_MAX {
            return Some(("targets", format!("needs 1..={TARGETS_MAX} rungs")));
        }
        let sum: f64 = self.targets.iter().map(|target| target.share).sum();
        if (sum - 1.0).abs() > 1e-9
            || self.targets.iter().any(|target| target.share.is_nan() || target.share <= 0.0)
        {
            return Some(("share", format!("sums to {sum}; shares are positive and sum to 1")));
        }
        let ascending = self.targets.windows(2).all(|pair| pair[0].at_r < pair[1].at_r);
        if !ascending || self.targets.iter().any(|target| target.at_r.is_nan() || target.at_r <= 0.0) {
            return Some(("at_r", "must be positive and ascend".to_owned()));
        }
        None
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    text.as_bytes()[..byte.min(text.len())].iter().filter(|&&b| b == b'\n').count() + 1
}

fn line_of_key(text: &str, key: &str) -> usize {
    let names = |line: &str| {
        let line = line.trim_start().trim_start_matches('[');
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', ']']))
    };
    text.lines().position(names).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(from: &str, to: &str) -> Result<Profile, ProfileError> {
        let text = crate::catalogue::PERSONAS[0].1;
        assert!(text.contains(from), "{from}");
        Profile::parse(&text.replace(from, to))
    }

    #[test]
    fn errors_point_at_the_line() {
        let cases = [
            ("leverage = 2", "leverage = 9", "line 10: leverage must lie in 1..=leverage_max"),
            ("discipline = 0.8", "discipline = 1.8", "line 26: discipline is 1.8; it must lie in 0..1"),
            ("share = 0.2", "share = 0.3", "line 16: share sums to 1.1; shares are positive and sum to 1"),
            (
                "[0, 100]",
                "[0, 300]",
                "line 9: risk_per_trade_bps must end in 1..=200: no trade risks more than 2 % of equity",
            ),
        ];
        for (from, to, want) in cases {
            assert_eq!(with(from, to).map_err(|error| error.to_string()), Err(want.to_owned()));
        }
        let unknown = with("leverage = 2", "leverage = 2\nluck = 7").map_err(|error| error.to_string());
        assert!(
            unknown.as_ref().is_err_and(|text| text.starts_with("line 11: unknown field `luck`")),
            "{unknown:?}"
        );
    }
}
