//! The emotional state: a label of the mood, with hysteresis so that it does not flap, and what it does to a decision.
//!
//! The rules are data, so that the diagram a person is shown is the machine that runs. It refuses to be a memory: a
//! label is worked out from the mood, the streak and the label before it, and writes to none of them.

use crate::mood::Mood;

/// An emotional state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// Unhurried.
    Calm,
    /// Nothing in particular.
    Neutral,
    /// Trusts itself.
    Confident,
    /// Wants more.
    Greedy,
    /// Cannot lose.
    Euphoric,
    /// Must not miss it.
    Fomo,
    /// Uneasy.
    Anxious,
    /// Expects to lose.
    Fearful,
    /// Wants out.
    Panic,
    /// Wants it back.
    Revenge,
    /// Too tired to trade.
    Exhausted,
}

model::value!(enum Label {
    0 => Calm,
    1 => Neutral,
    2 => Confident,
    3 => Greedy,
    4 => Euphoric,
    5 => Fomo,
    6 => Anxious,
    7 => Fearful,
    8 => Panic,
    9 => Revenge,
    10 => Exhausted,
});

/// Results in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streak {
    /// Losses in a row.
    pub losses: u32,
    /// Wins in a row.
    pub wins: u32,
}

model::value!(Streak { losses, wins });

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Of the mood.
    Confidence,
    /// Of the mood.
    Stress,
    /// Of the mood.
    Fatigue,
    /// Of the mood.
    Urge,
    /// Of the mood.
    RiskAppetite,
    /// Losses in a row.
    Losses,
    /// The persona's discipline.
    Discipline,
}

impl Feature {
    /// The word in diagrams.
    pub const fn name(self) -> &'static str {
        match self {
            Feature::Confidence => "confidence",
            Feature::Stress => "stress",
            Feature::Fatigue => "fatigue",
            Feature::Urge => "urge",
            Feature::RiskAppetite => "risk appetite",
            Feature::Losses => "losses in a row",
            Feature::Discipline => "discipline",
        }
    }

    /// Moods have slack before a state is left; counts and character have none.
    pub const fn has_slack(self) -> bool {
        !matches!(self, Feature::Losses | Feature::Discipline)
    }
}

/// One condition of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Term {
    /// The feature is this or more.
    AtLeast(Feature, f64),
    /// The feature is this or less.
    AtMost(Feature, f64),
}

impl Term {
    /// What it looks at.
    pub const fn feature(self) -> Feature {
        match self {
            AtLeast(feature, _) | AtMost(feature, _) => feature,
        }
    }

    /// Where it begins to hold.
    pub const fn level(self) -> f64 {
        match self {
            AtLeast(_, level) | AtMost(_, level) => level,
        }
    }

    /// What must still hold for the state to be kept once it is reached: the same, with the slack of its feature.
    pub const fn kept(self) -> Term {
        let slack = if self.feature().has_slack() { HYSTERESIS } else { 0.0 };
        match self {
            AtLeast(feature, level) => AtLeast(feature, level - slack),
            AtMost(feature, level) => AtMost(feature, level + slack),
        }
    }

    /// Whether it holds for a value of its feature.
    #[inline]
    pub fn holds(self, value: f64) -> bool {
        match self {
            AtLeast(_, level) => value >= level,
            AtMost(_, level) => value <= level,
        }
    }
}

/// A state and all that must hold for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// The state.
    pub label: Label,
    /// All of these.
    pub terms: &'static [Term],
}

/// How far a variable must come back before a state is left.
pub const HYSTERESIS: f64 = 0.1;

use Feature::{Confidence, Discipline, Fatigue, Losses, RiskAppetite, Stress, Urge};
use Term::{AtLeast, AtMost};

const fn rule(label: Label, terms: &'static [Term]) -> Rule {
    Rule { label, terms }
}

/// Most severe first: the first that holds is the state; where none holds it is neutral.
pub const RULES: &[Rule] = &[
    rule(Label::Exhausted, &[AtLeast(Fatigue, 0.85)]),
    // Five in a row paralyse: nobody panics or takes revenge any more.
    rule(Label::Fearful, &[AtLeast(Losses, 5.0), AtLeast(Stress, 0.4)]),
    rule(Label::Panic, &[AtLeast(Stress, 0.85), AtMost(Confidence, 0.3)]),
    rule(
        Label::Revenge,
        &[AtMost(Discipline, 0.45), AtLeast(Losses, 2.0), AtMost(Losses, 4.0), AtLeast(Stress, 0.4)],
    ),
    rule(Label::Fearful, &[AtLeast(Stress, 0.6)]),
    rule(Label::Fomo, &[AtLeast(Urge, 0.6)]),
    rule(Label::Euphoric, &[AtLeast(Confidence, 0.9)]),
    rule(Label::Greedy, &[AtLeast(RiskAppetite, 0.72), AtLeast(Confidence, 0.7)]),
    rule(Label::Anxious, &[AtLeast(Stress, 0.4)]),
    rule(Label::Confident, &[AtLeast(Confidence, 0.68)]),
    rule(Label::Calm, &[AtMost(Stress, 0.15), AtLeast(Confidence, 0.45)]),
];

/// What a label does to a decision, before it is scaled by discipline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// On the entry threshold.
    pub threshold: f64,
    /// On the size.
    pub size: f64,
    /// On the stop distance.
    pub stop: f64,
    /// On the target distance.
    pub target: f64,
    /// On the impulse to leave.
    pub exit: f64,
}

/// From this discipline on greed is noticed.
const SELF_CORRECTING: f64 = 0.75;

/// What a label looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen<'a> {
    /// Mood.
    pub mood: &'a Mood,
    /// Results in a row.
    pub streak: Streak,
    /// Character.
    pub discipline: f64,
}

impl Seen<'_> {
    /// What a rule reads.
    pub fn value(&self, feature: Feature) -> f64 {
        match feature {
            Confidence => self.mood.confidence,
            Stress => self.mood.stress,
            Fatigue => self.mood.fatigue,
            Urge => self.mood.urge,
            RiskAppetite => self.mood.risk_appetite,
            Losses => f64::from(self.streak.losses),
            Discipline => self.discipline,
        }
    }

    fn fits(&self, rule: &Rule, current: Label) -> bool {
        let keeps = rule.label == current;
        rule.terms.iter().all(|term| {
            let term = if keeps { term.kept() } else { *term };
            term.holds(self.value(term.feature()))
        })
    }
}

impl Label {
    /// All of them.
    pub const ALL: [Label; 11] = [
        Label::Calm,
        Label::Neutral,
        Label::Confident,
        Label::Greedy,
        Label::Euphoric,
        Label::Fomo,
        Label::Anxious,
        Label::Fearful,
        Label::Panic,
        Label::Revenge,
        Label::Exhausted,
    ];

    /// The word in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Label::Calm => "calm",
            Label::Neutral => "neutral",
            Label::Confident => "confident",
            Label::Greedy => "greedy",
            Label::Euphoric => "euphoric",
            Label::Fomo => "fomo",
            Label::Anxious => "anxious",
            Label::Fearful => "fearful",
            Label::Panic => "panic",
            Label::Revenge => "revenge",
            Label::Exhausted => "exhausted",
        }
    }

    /// The state of a mood, given the state before.
    pub fn of(seen: &Seen<'_>, current: Label) -> Label {
        RULES.iter().find(|rule| seen.fits(rule, current)).map_or(Label::Neutral, |rule| rule.label)
    }

    /// What it does to a decision.
    pub const fn effect(self) -> Effect {
        let (threshold, size, stop, target, exit) = match self {
            Label::Calm => (0.0, 0.0, 0.0, 0.0, -0.1),
            Label::Neutral => (0.0, 0.0, 0.0, 0.0, 0.0),
            Label::Confident => (-0.1, 0.1, 0.0, 0.1, 0.0),
            Label::Greedy => (-0.2, 0.3, 0.3, 0.3, -0.2),
            Label::Euphoric => (-0.4, 0.5, 0.5, 0.4, -0.4),
            Label::Fomo => (-0.4, 0.2, 0.2, 0.0, -0.1),
            Label::Anxious => (0.2, -0.2, -0.1, -0.1, 0.2),
            Label::Fearful => (0.3, -0.3, -0.2, -0.2, 0.3),
            Label::Panic => (0.5, -0.5, -0.4, -0.4, 0.5),
            Label::Revenge => (-0.3, 0.4, 0.4, -0.2, 0.0),
            Label::Exhausted => (0.0, 0.0, 0.0, 0.0, 0.2),
        };
        Effect { threshold, size, stop, target, exit }
    }

    /// What it does to a decision of somebody this disciplined, before it is scaled: the disciplined notice their
    /// greed and correct it.
    pub fn effect_on(self, discipline: f64) -> Effect {
        let effect = self.effect();
        if self == Label::Greedy && discipline >= SELF_CORRECTING {
            return Effect { size: -0.2, ..effect };
        }
        effect
    }

    /// Whether it opens positions at all.
    pub const fn enters(self) -> bool {
        !matches!(self, Label::Exhausted)
    }

    /// What it tempts to, beside what it does to every decision; how often is in `decision`.
    pub const fn temptation(self) -> Option<&'static str> {
        match self {
            Label::Fomo => Some("chases a move it has no signal for"),
            Label::Revenge => Some("re-enters soon after a loss, against it"),
            Label::Panic => Some("may close at market on an adverse spike"),
            _ => None,
        }
    }

    /// How clear the head is: what energy is multiplied by.
    pub const fn clarity(self) -> f64 {
        match self {
            Label::Calm | Label::Neutral => 1.0,
            Label::Confident => 1.1,
            Label::Anxious => 0.9,
            Label::Fearful => 0.8,
            Label::Greedy | Label::Euphoric | Label::Fomo => 0.7,
            Label::Panic | Label::Revenge => 0.6,
            Label::Exhausted => 0.5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Mood = Mood { confidence: 0.5, stress: 0.2, fatigue: 0.0, urge: 0.1, risk_appetite: 0.5 };

    fn of(mood: Mood, losses: u32, discipline: f64, current: Label) -> Label {
        Label::of(&Seen { mood: &mood, streak: Streak { losses, wins: 0 }, discipline }, current)
    }

    #[test]
    fn every_label_has_a_mood_and_every_rule_can_hold() {
        let cases = [
            (REST, 0, Label::Neutral),
            (Mood { stress: 0.1, ..REST }, 0, Label::Calm),
            (Mood { confidence: 0.7, ..REST }, 0, Label::Confident),
            (Mood { confidence: 0.75, risk_appetite: 0.8, ..REST }, 0, Label::Greedy),
            (Mood { confidence: 0.95, ..REST }, 0, Label::Euphoric),
            (Mood { urge: 0.7, ..REST }, 0, Label::Fomo),
            (Mood { stress: 0.45, ..REST }, 0, Label::Anxious),
            (Mood { stress: 0.7, ..REST }, 0, Label::Fearful),
            (Mood { stress: 0.5, ..REST }, 5, Label::Fearful),
            (Mood { stress: 0.9, confidence: 0.2, ..REST }, 0, Label::Panic),
            (Mood { stress: 0.9, confidence: 0.2, ..REST }, 6, Label::Fearful),
            (Mood { stress: 0.5, ..REST }, 3, Label::Revenge),
            (Mood { fatigue: 0.9, ..REST }, 9, Label::Exhausted),
        ];
        for (mood, losses, want) in cases {
            assert_eq!(of(mood, losses, 0.3, Label::Neutral), want, "{mood:?}");
        }
        for label in Label::ALL {
            assert!(cases.iter().any(|case| case.2 == label), "{label:?} is reached");
        }
        // The disciplined take no revenge.
        assert_eq!(of(Mood { stress: 0.5, ..REST }, 3, 0.8, Label::Neutral), Label::Anxious);
    }

    #[test]
    fn a_state_is_left_later_than_it_is_reached() {
        let near = Mood { stress: 0.55, ..REST };
        assert_eq!(of(near, 0, 0.8, Label::Neutral), Label::Anxious);
        assert_eq!(of(near, 0, 0.8, Label::Fearful), Label::Fearful);
        assert_eq!(of(Mood { stress: 0.45, ..REST }, 0, 0.8, Label::Fearful), Label::Anxious);
        // Counts have no slack.
        assert_eq!(of(Mood { stress: 0.5, ..REST }, 1, 0.2, Label::Revenge), Label::Anxious);
    }

    #[test]
    fn a_term_that_is_kept_is_the_one_that_is_shown() {
        for rule in RULES {
            for term in rule.terms {
                let (reached, kept) = (term.level(), term.kept().level());
                assert!(term.holds(reached) && term.kept().holds(kept), "{term:?}");
                let slack = if term.feature().has_slack() { HYSTERESIS } else { 0.0 };
                assert!(((reached - kept).abs() - slack).abs() < 1e-12, "{term:?}");
                assert!(term.kept().holds(reached), "what is reached is kept: {term:?}");
            }
        }
    }

    #[test]
    fn greed_is_corrected_by_the_disciplined_alone() {
        for label in Label::ALL {
            assert_eq!(label.effect_on(0.74), label.effect());
            let corrected = label.effect_on(0.75) != label.effect();
            assert_eq!(corrected, label == Label::Greedy, "{label:?}");
            assert_eq!(label.enters(), label != Label::Exhausted);
        }
        assert!(Label::Greedy.effect_on(0.75).size < 0.0);
    }
}
