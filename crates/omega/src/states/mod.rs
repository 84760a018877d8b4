//! The machine of emotional states as one persona has it: the rules that run, seen from where its mood rests.
//!
//! It refuses to know a threshold, a slack or an effect of its own: all of them are read from `persona::label`, so
//! that what is drawn is what runs.

mod diagram;
mod dot;
mod json;
mod tables;

pub use diagram::diagram;
pub use dot::dot;
pub use json::machine_json;
pub use tables::{effects, ways};

use model::math;
use persona::label::{Effect, Feature, RULES, Rule, Seen, Streak, Term};
use persona::{Label, Profile};

/// A persona's machine.
#[derive(Clone, Debug)]
pub struct Machine<'a> {
    /// Whose.
    pub profile: &'a Profile,
    /// The state of the base mood, without a streak.
    pub rest: Label,
    /// The ways into states, most severe first.
    pub ways: Vec<Way>,
}

/// One way into a state: a rule, seen by a persona.
#[derive(Clone, Debug)]
pub struct Way {
    /// The rule that runs.
    pub rule: &'static Rule,
    /// Its terms, seen from the base.
    pub terms: Vec<Sight>,
    /// The term of character that this persona never meets.
    pub shut: Option<Term>,
    /// What ends it, if nothing else happens.
    pub fading: Fading,
}

/// A term, seen from the base.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// The term.
    pub term: Term,
    /// Its feature at rest.
    pub base: f64,
}

/// How a state ends that was only just reached, if nothing else happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fading {
    /// The mood comes back far enough after so many hours.
    Hours(f64),
    /// The base mood itself keeps it.
    Never,
}

/// A variable and the way it goes, away from the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction {
    /// The variable.
    pub feature: Feature,
    /// An arrow.
    pub arrow: char,
}

/// In the order in which they are drawn. Appetite is none of them: it only says how confidence shows.
pub const DIRECTIONS: [Direction; 6] = [
    Direction { feature: Feature::Stress, arrow: '↑' },
    Direction { feature: Feature::Confidence, arrow: '↑' },
    Direction { feature: Feature::Losses, arrow: '↑' },
    Direction { feature: Feature::Urge, arrow: '↑' },
    Direction { feature: Feature::Fatigue, arrow: '↑' },
    Direction { feature: Feature::Stress, arrow: '↓' },
];

impl Direction {
    /// The way a term asks for.
    fn of(term: Term) -> Direction {
        let arrow = if matches!(term, Term::AtLeast(..)) { '↑' } else { '↓' };
        Direction { feature: term.feature(), arrow }
    }
}

impl Sight {
    /// Whether it holds at rest.
    pub fn is_met(&self) -> bool {
        self.term.holds(self.base)
    }

    /// How far the feature must go from the base, signed; 0 where it holds at rest.
    pub fn distance(&self) -> f64 {
        if self.is_met() { 0.0 } else { self.term.level() - self.base }
    }

    /// Hours until the mood is back where the term no longer keeps its state, having just reached it; `None` where the
    /// base keeps it or it is no matter of mood.
    fn hours_kept(&self, time_constant_hours: f64) -> Option<f64> {
        let kept = self.term.kept();
        if !self.term.feature().has_slack() || kept.holds(self.base) {
            return None;
        }
        let (far, near) = (self.term.level() - self.base, kept.level() - self.base);
        Some(time_constant_hours * math::ln(far / near))
    }
}

impl Way {
    /// The direction it lies in and the term that says how far.
    pub fn direction(&self) -> (Direction, &Sight) {
        let known = |sight: &&Sight| DIRECTIONS.contains(&Direction::of(sight.term));
        let sight =
            self.terms.iter().find(known).expect("a rule has a term in one of the directions: tested");
        (Direction::of(sight.term), sight)
    }
}

impl<'a> Machine<'a> {
    /// The machine of a profile.
    pub fn of(profile: &'a Profile) -> Machine<'a> {
        let discipline = profile.traits.discipline;
        let seen = Seen { mood: &profile.base, streak: Streak::default(), discipline };
        let way = |rule: &'static Rule| {
            let sight = |&term: &Term| Sight { term, base: seen.value(term.feature()) };
            let terms: Vec<Sight> = rule.terms.iter().map(sight).collect();
            let of_character = |sight: &&Sight| sight.term.feature() == Feature::Discipline;
            let shut =
                terms.iter().filter(of_character).find(|sight| !sight.is_met()).map(|sight| sight.term);
            let hours = terms.iter().filter_map(|sight| sight.hours_kept(profile.traits.relaxation_hours));
            let fading = hours.min_by(f64::total_cmp).map_or(Fading::Never, Fading::Hours);
            Way { rule, terms, shut, fading }
        };
        let ways = RULES.iter().map(way).collect();
        Machine { profile, rest: Label::of(&seen, Label::Neutral), ways }
    }

    /// Every state, most severe first, each once; neutral is where no rule holds.
    pub fn labels(&self) -> Vec<Label> {
        let mut labels: Vec<Label> = Vec::new();
        for way in &self.ways {
            if !labels.contains(&way.rule.label) {
                labels.push(way.rule.label);
            }
        }
        labels.push(Label::Neutral);
        labels
    }

    /// Whether character lets this persona into a state at all.
    pub fn is_open(&self, label: Label) -> bool {
        label == Label::Neutral || self.ways.iter().any(|way| way.rule.label == label && way.shut.is_none())
    }

    /// What a state does to a decision of this persona, as fractions, when nothing of the sky is felt.
    pub fn effect(&self, label: Label) -> Effect {
        let (effect, scale) =
            (label.effect_on(self.profile.traits.discipline), self.profile.traits.dampening());
        Effect {
            threshold: effect.threshold * scale,
            size: effect.size * scale,
            stop: effect.stop * scale,
            target: effect.target * scale,
            exit: effect.exit * scale,
        }
    }

    /// The ways of a direction, nearest first.
    pub fn towards(&self, direction: Direction) -> Vec<&Way> {
        let mut ways: Vec<&Way> = self.ways.iter().filter(|way| way.direction().0 == direction).collect();
        let level = |way: &&Way| way.direction().1.term.level();
        ways.sort_by(|a, b| level(a).total_cmp(&level(b)));
        if direction.arrow == '↓' {
            ways.reverse();
        }
        ways
    }
}

/// A value of a feature: a count is whole, a mood has two decimals.
pub fn value_text(feature: Feature, value: f64) -> String {
    if feature == Feature::Losses { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// `stress ≥ 0.60`.
pub fn term_text(term: Term) -> String {
    let sign = if matches!(term, Term::AtLeast(..)) { '≥' } else { '≤' };
    format!("{} {sign} {}", term.feature().name(), value_text(term.feature(), term.level()))
}

/// `stress < 0.50`: that a term no longer keeps its state.
pub fn ended_text(term: Term) -> String {
    let kept = term.kept();
    let sign = if matches!(kept, Term::AtLeast(..)) { '<' } else { '>' };
    format!("{} {sign} {}", kept.feature().name(), value_text(kept.feature(), kept.level()))
}

/// Hours as a person says them.
pub fn hours_text(hours: f64) -> String {
    if hours < 1.0 {
        format!("{:.0} min", hours * 60.0)
    } else if hours < 48.0 {
        format!("{hours:.1} h")
    } else {
        format!("{:.1} days", hours / 24.0)
    }
}

#[cfg(test)]
mod tests;
