//! What every profile must satisfy, whatever else it says.
//!
//! It refuses to stop at the first thing that is wrong, and to mend anything.

use super::{Profile, RISK_PER_TRADE_MAX_BPS};
use crate::strategy::STRATEGIES;
use model::TARGETS_MAX;

/// A value out of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Which: names and, in lists, places from 0, joined by dots.
    pub(super) key: String,
    /// What is wrong with it; follows the key in a sentence.
    pub(super) problem: String,
}

/// Longest name, in characters.
pub const NAME_MAX: usize = 32;
/// Longest sentence, in characters.
const SENTENCE_MAX: usize = 240;
/// Highest leverage that any venue here offers.
const LEVERAGE_MAX: u16 = 125;
/// Furthest stop, of price.
const STOP_MAX_BPS: u32 = 5_000;
/// Furthest target, in multiples of the risk.
const AT_R_MAX: f64 = 1_000.0;
/// A stop lies at most this part of the way to losing the margin, in basis points: four fifths, the buffer with which
/// the gate of risk keeps stops inside the price of liquidation.
pub const STOP_BEFORE_LIQUIDATION_BPS: u32 = 8_000;

/// Why a name is none: it goes into file names, columns and sentences.
pub fn name_problem(name: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() {
        return Some("is empty".to_owned());
    }
    if name.chars().count() > NAME_MAX {
        return Some(format!("has more than {NAME_MAX} characters"));
    }
    let odd = name.chars().find(|&c| !fits(c))?;
    Some(format!("holds {odd:?}; it takes a to z, 0 to 9 and _"))
}

/// Everything that is wrong with the values of a profile, in no order that matters.
pub(super) fn problems(profile: &Profile) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    found.words(profile);
    found.units(profile);
    found.risk(profile);
    found.character(profile);
    found.targets(profile);
    found.0
}

struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, key: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Problem { key: key.into(), problem: problem.into() });
    }

    fn words(&mut self, profile: &Profile) {
        if let Some(problem) = name_problem(&profile.name) {
            self.add("name", problem);
        }
        if !STRATEGIES.contains(&profile.strategy.as_str()) {
            let (asked, known) = (&profile.strategy, STRATEGIES.join(", "));
            self.add("strategy", format!("is {asked:?}, which nothing is called; it is one of {known}"));
        }
        let sentences = [
            ("title", &profile.title),
            ("about", &profile.about),
            ("edge", &profile.edge),
            ("fails", &profile.fails),
        ];
        for (key, text) in sentences {
            if text.trim().is_empty() {
                self.add(key, "is empty; it takes one sentence");
            } else if text.chars().any(char::is_control) {
                self.add(key, "holds a line break or another control character; it takes one line");
            } else if text.chars().count() > SENTENCE_MAX {
                self.add(key, format!("has more than {SENTENCE_MAX} characters; it takes one sentence"));
            }
        }
    }

    /// What lies in 0..1.
    fn units(&mut self, profile: &Profile) {
        let (risk, traits, felt) = (&profile.risk, &profile.traits, &profile.susceptibility);
        let mut units = vec![
            ("risk", "tolerance.0", risk.tolerance[0]),
            ("risk", "tolerance.1", risk.tolerance[1]),
            ("traits", "discipline", traits.discipline),
            ("traits", "patience", traits.patience),
            ("traits", "fomo", traits.fomo),
            ("traits", "mistake_chance", traits.mistake_chance),
            ("traits", "mistake_floor", traits.mistake_floor),
            ("traits", "mistake_fatigue", traits.mistake_fatigue),
            ("traits", "moves_stops", traits.moves_stops),
            ("susceptibility", "lunar", felt.lunar),
            ("susceptibility", "schumann", felt.schumann),
            ("susceptibility", "seasonal", felt.seasonal),
            ("susceptibility", "sentiment", felt.sentiment),
            ("susceptibility", "mercury", felt.mercury),
        ];
        units.extend(profile.base.variables().map(|(name, x)| ("base", name, x)));
        for (group, name, x) in units {
            if !(0.0..=1.0).contains(&x) {
                self.add(format!("{group}.{name}"), format!("is {x}; it must lie in 0..1"));
            }
        }
    }

    fn risk(&mut self, profile: &Profile) {
        let risk = &profile.risk;
        let [calm, keen] = risk.tolerance;
        if calm > keen {
            self.add("risk.tolerance", format!("runs backwards, from {calm} to {keen}"));
        }
        let [least, most] = risk.risk_per_trade_bps;
        if least > most {
            self.add("risk.risk_per_trade_bps", format!("runs backwards, from {least} to {most}"));
        }
        if !(1..=RISK_PER_TRADE_MAX_BPS).contains(&most) {
            let problem = format!("is {most}; no trade risks nothing, or more than 2 % of equity (200)");
            self.add("risk.risk_per_trade_bps.1", problem);
        }
        if !(1..=LEVERAGE_MAX).contains(&risk.leverage_max) {
            let problem = format!("is {}; it must lie in 1..={LEVERAGE_MAX}", risk.leverage_max);
            self.add("risk.leverage_max", problem);
        }
        if risk.leverage == 0 {
            self.add("risk.leverage", "is 0; 1 is none at all");
        } else if risk.leverage > risk.leverage_max {
            let problem = format!("is {}, above leverage_max, {}", risk.leverage, risk.leverage_max);
            self.add("risk.leverage", problem);
        }
        if !(1..=10_000).contains(&risk.margin_max_bps) {
            let problem = format!("is {}; it must lie in 1..=10000", risk.margin_max_bps);
            self.add("risk.margin_max_bps", problem);
        }
        self.stops(profile);
    }

    fn stops(&mut self, profile: &Profile) {
        let risk = &profile.risk;
        let [nearest, furthest] = risk.stop_bps;
        if nearest == 0 {
            self.add("risk.stop_bps.0", "is 0; a stop lies away from the entry");
        }
        if nearest > furthest {
            self.add("risk.stop_bps", format!("runs backwards, from {nearest} to {furthest}"));
        }
        if furthest > STOP_MAX_BPS {
            self.add("risk.stop_bps.1", format!("is {furthest}; half of the price (5000) is the furthest"));
        }
        let inside = STOP_BEFORE_LIQUIDATION_BPS / u32::from(risk.leverage.max(1));
        if furthest > inside {
            let problem = format!(
                "is {furthest}, too near to liquidation: at leverage {} the furthest stop is {inside}, four fifths of \
                 the way to losing the margin",
                risk.leverage
            );
            self.add("risk.stop_bps.1", problem);
        }
    }

    fn character(&mut self, profile: &Profile) {
        let traits = &profile.traits;
        let learns = traits.mistake_halving_trades > 0;
        if learns && traits.mistake_floor > traits.mistake_chance {
            let (floor, chance) = (traits.mistake_floor, traits.mistake_chance);
            let problem = format!("is {floor}, above mistake_chance, {chance}, which halves down to it");
            self.add("traits.mistake_floor", problem);
        }
        if !(traits.relaxation_hours > 0.0 && traits.relaxation_hours <= 720.0) {
            let problem = format!("is {}; it must lie above 0 and up to 720", traits.relaxation_hours);
            self.add("traits.relaxation_hours", problem);
        }
        if !(0.0..=2.0).contains(&traits.shock_impact) {
            self.add("traits.shock_impact", format!("is {}; it must lie in 0..2", traits.shock_impact));
        }
    }

    fn targets(&mut self, profile: &Profile) {
        let targets = &profile.targets;
        if targets.is_empty() {
            self.add("targets", format!("has no rung; it takes 1 to {TARGETS_MAX}"));
            return;
        }
        if targets.len() > TARGETS_MAX {
            let problem = format!("is one rung too many; a ladder has at most {TARGETS_MAX}");
            self.add(format!("targets.{TARGETS_MAX}"), problem);
        }
        for (i, target) in targets.iter().enumerate() {
            if target.share.is_nan() || target.share <= 0.0 {
                self.add(format!("targets.{i}.share"), format!("is {}; a share is positive", target.share));
            }
            if target.at_r.is_nan() || target.at_r <= 0.0 {
                self.add(format!("targets.{i}.at_r"), format!("is {}; a target is positive", target.at_r));
            }
            let below = i.checked_sub(1).map_or(0.0, |before| targets[before].at_r);
            if target.at_r > 0.0 && target.at_r <= below {
                let problem = format!("is {}, not above the rung before, {below}", target.at_r);
                self.add(format!("targets.{i}.at_r"), problem);
            }
            if target.at_r > AT_R_MAX {
                let problem = format!("is {}; nothing goes further than {AT_R_MAX}", target.at_r);
                self.add(format!("targets.{i}.at_r"), problem);
            }
        }
        let sum: f64 = targets.iter().map(|target| target.share).sum();
        // A sum that is no number has been told of its share.
        if (sum - 1.0).abs() > 1e-9 {
            let sum = (sum * 1e9).round() / 1e9;
            self.add("targets.0.share", format!("and those after it sum to {sum}; shares sum to 1"));
        }
    }
}
