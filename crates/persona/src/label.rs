//! The emotional state: a label of the mood, with hysteresis so that it does not flap, and what it does to a decision.

use crate::mood::Mood;

/// An emotional state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// What a label looks at beside the mood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streak {
    /// Losses in a row.
    pub losses: u32,
    /// Wins in a row.
    pub wins: u32,
}

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
}

/// Most severe first: the first one that fits is the state.
const PRIORITY: [Label; 10] = [
    Label::Exhausted,
    Label::Panic,
    Label::Revenge,
    Label::Fearful,
    Label::Fomo,
    Label::Euphoric,
    Label::Greedy,
    Label::Anxious,
    Label::Confident,
    Label::Calm,
];

/// How far a variable must come back before a state is left.
const HYSTERESIS: f64 = 0.1;

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

    /// Whether this state fits; a state that is already there fits for `HYSTERESIS` longer.
    fn fits(self, mood: &Mood, streak: Streak, discipline: f64, current: Label) -> bool {
        let slack = if self == current { HYSTERESIS } else { 0.0 };
        let above = |x: f64, level: f64| x >= level - slack;
        let below = |x: f64, level: f64| x <= level + slack;
        match self {
            Label::Exhausted => above(mood.fatigue, 0.85),
            Label::Panic => above(mood.stress, 0.85) && below(mood.confidence, 0.3),
            Label::Revenge => discipline < 0.5 && (2..=4).contains(&streak.losses) && above(mood.stress, 0.4),
            Label::Fearful => above(mood.stress, 0.6) || (streak.losses >= 5 && above(mood.stress, 0.4)),
            Label::Fomo => above(mood.urge, 0.6),
            Label::Euphoric => above(mood.confidence, 0.9),
            Label::Greedy => above(mood.risk_appetite, 0.75) && above(mood.confidence, 0.7),
            Label::Anxious => above(mood.stress, 0.4),
            Label::Confident => above(mood.confidence, 0.68),
            Label::Calm => below(mood.stress, 0.15) && above(mood.confidence, 0.45),
            Label::Neutral => true,
        }
    }

    /// The state of a mood, given the state before.
    pub fn of(mood: &Mood, streak: Streak, discipline: f64, current: Label) -> Label {
        PRIORITY
            .into_iter()
            .find(|label| label.fits(mood, streak, discipline, current))
            .unwrap_or(Label::Neutral)
    }

    /// What it does to a decision.
    pub const fn effect(self) -> Effect {
        let (threshold, size, stop, target) = match self {
            Label::Calm | Label::Neutral | Label::Exhausted => (0.0, 0.0, 0.0, 0.0),
            Label::Confident => (-0.1, 0.1, 0.0, 0.1),
            Label::Greedy => (-0.2, 0.3, 0.3, 0.3),
            Label::Euphoric => (-0.4, 0.5, 0.5, 0.4),
            Label::Fomo => (-0.4, 0.2, 0.2, 0.0),
            Label::Anxious => (0.2, -0.2, -0.1, -0.1),
            Label::Fearful => (0.3, -0.3, -0.2, -0.2),
            Label::Panic => (0.5, -0.5, -0.4, -0.4),
            Label::Revenge => (-0.3, 0.4, 0.4, -0.2),
        };
        Effect { threshold, size, stop, target }
    }
}
