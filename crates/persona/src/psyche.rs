//! The psyche of a persona: pure and seeded. Events kick the mood, time heals it, the label colours decisions.
//!
//! It refuses to touch the band of risk: it only says where inside the band a decision falls.

use crate::label::{Label, Streak};
use crate::mood::Mood;
use crate::profile::{Profile, Traits};
use crate::signal::{Impulse, Signal};
use model::{Interval, Rng, StateHash, Time, math};

/// How much of the psyche is felt: 1 is the persona, 0 its calm twin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gains {
    /// Multiplies every effect of a label on a decision.
    pub emotion: f64,
}

impl Default for Gains {
    fn default() -> Self {
        Gains { emotion: 1.0 }
    }
}

/// A finished trade, as it is felt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Net profit divided by what was at risk at the stop.
    pub r_multiple: f64,
    /// Equity below its peak, as a fraction of the peak.
    pub drawdown: f64,
    /// How long it was held.
    pub held: Interval,
}

/// Entry threshold of a signal's strength when nothing is felt.
const THRESHOLD: f64 = 0.5;
/// R multiples beyond these are felt like these: a disaster is a disaster.
const R_FELT: (f64, f64) = (-4.0, 6.0);
/// Kicks per unit of felt value.
const CONFIDENCE_PER_VALUE: f64 = 0.04;
const STRESS_PER_VALUE: f64 = 0.05;
const APPETITE_PER_VALUE: f64 = 0.03;
/// Kick of one more loss or win in a streak.
const STREAK_KICK: f64 = 0.05;
const LOSS_STREAK: u32 = 2;
const WIN_STREAK: u32 = 3;
/// Fatigue of one trade.
const FATIGUE_PER_TRADE: f64 = 0.04;

/// Value of a gain or loss in R (Tversky and Kahneman 1992): losses weigh about twice.
pub fn prospect_value(r: f64) -> f64 {
    if r >= 0.0 { math::pow(r, 0.88) } else { -2.25 * math::pow(-r, 0.88) }
}

/// State of mind.
#[derive(Clone, Debug)]
pub struct Psyche {
    traits: Traits,
    base: Mood,
    tau: Interval,
    gains: Gains,
    mood: Mood,
    mood_at: Option<Time>,
    label: Label,
    streak: Streak,
    experience: u32,
    rng: Rng,
}

impl Psyche {
    /// A psyche at rest.
    pub fn new(profile: &Profile, gains: Gains, rng: Rng) -> Psyche {
        let tau = Interval((profile.traits.relaxation_hours * Interval::HOUR.0 as f64) as i64);
        let label = Label::of(&profile.base, Streak::default(), profile.traits.discipline, Label::Neutral);
        Psyche {
            traits: profile.traits,
            base: profile.base,
            tau,
            gains,
            mood: profile.base,
            mood_at: None,
            label,
            streak: Streak::default(),
            experience: 0,
            rng,
        }
    }

    /// The emotional state.
    pub fn label(&self) -> Label {
        self.label
    }

    /// The mood behind it.
    pub fn mood(&self) -> &Mood {
        &self.mood
    }

    /// Trades lived through.
    pub fn experience(&self) -> u32 {
        self.experience
    }

    /// Lets time pass.
    pub fn relax(&mut self, now: Time) {
        if let Some(before) = self.mood_at {
            // A late report must not make anybody younger.
            let elapsed = Interval((now - before).0.max(0));
            self.mood.relax(&self.base, elapsed, self.tau);
        }
        self.mood_at = Some(self.mood_at.map_or(now, |before| before.max(now)));
        self.relabel();
    }

    fn relabel(&mut self) {
        self.label = Label::of(&self.mood, self.streak, self.traits.discipline, self.label);
    }

    /// Lives through a finished trade.
    pub fn process_trade_result(&mut self, now: Time, outcome: &Outcome) {
        self.relax(now);
        self.experience += 1;
        let felt = prospect_value(outcome.r_multiple.clamp(R_FELT.0, R_FELT.1)) * self.dampening();
        self.mood.confidence += CONFIDENCE_PER_VALUE * felt;
        self.mood.risk_appetite += APPETITE_PER_VALUE * felt;
        self.mood.stress -= STRESS_PER_VALUE * felt * if felt > 0.0 { 0.5 } else { 1.0 };
        self.mood.fatigue += FATIGUE_PER_TRADE;
        if outcome.r_multiple > 0.0 {
            self.streak = Streak { wins: self.streak.wins + 1, losses: 0 };
        } else if outcome.r_multiple < 0.0 {
            self.streak = Streak { losses: self.streak.losses + 1, wins: 0 };
        }
        if self.streak.losses >= LOSS_STREAK {
            self.mood.stress += STREAK_KICK * f64::from(self.streak.losses - 1) * self.dampening();
            self.mood.confidence -= STREAK_KICK * self.dampening();
        }
        if self.streak.wins >= WIN_STREAK {
            self.mood.confidence += STREAK_KICK * self.dampening();
            self.mood.risk_appetite += STREAK_KICK * self.dampening();
        }
        self.mood.stress += outcome.drawdown.clamp(0.0, 1.0) * self.dampening() * 0.5;
        self.mood.clamp();
        self.relabel();
    }

    /// Discipline halves what is felt, at most.
    fn dampening(&self) -> f64 {
        1.0 - self.traits.discipline / 2.0
    }

    /// What the mood makes of a signal; `None` if it does not act on it.
    pub fn colour(&mut self, now: Time, signal: Signal) -> Option<Impulse> {
        self.relax(now);
        let felt = self.dampening() * self.gains.emotion;
        if self.label == Label::Exhausted && self.gains.emotion > 0.0 {
            return None;
        }
        let effect = self.label.effect();
        let threshold = THRESHOLD * (1.0 + effect.threshold * felt);
        if signal.strength < threshold {
            return None;
        }
        let rest = self.base.risk_appetite;
        Some(Impulse {
            signal,
            appetite: (rest + (self.mood.risk_appetite - rest) * self.gains.emotion).clamp(0.0, 1.0),
            size: 1.0 + effect.size * felt,
            stop_distance: 1.0 + effect.stop * felt,
            target_distance: 1.0 + effect.target * felt,
        })
    }

    /// Adds the psyche to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        self.mood.hash(hash);
        hash.int(self.mood_at.map_or(-1, |at| at.0));
        hash.word(self.label as u64);
        hash.word(u64::from(self.streak.losses) << 32 | u64::from(self.streak.wins));
        hash.word(u64::from(self.experience));
        hash.word(self.rng.state());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{EntryStyle, Reason};
    use model::Side;

    fn strategic(emotion: f64) -> Psyche {
        let profile = crate::catalogue::profile("strategic").expect("listed").expect("valid");
        Psyche::new(&profile, Gains { emotion }, Rng::new(1))
    }

    fn loss(r: f64) -> Outcome {
        Outcome { r_multiple: r, drawdown: 0.05, held: Interval::HOUR }
    }

    const SIGNAL: Signal =
        Signal { side: Side::Buy, strength: 0.6, style: EntryStyle::Take, reason: Reason::Opened };

    #[test]
    fn one_five_percent_loss_is_felt_and_survived() {
        let mut psyche = strategic(1.0);
        let before = (psyche.label(), *psyche.mood());
        // Five percent of equity when one percent was at risk.
        psyche.process_trade_result(Time(0), &loss(-5.0));
        assert_ne!(psyche.label(), before.0);
        assert!(psyche.mood().confidence > 0.3, "{:?}", psyche.mood());
        assert!(psyche.mood().stress > before.1.stress);
    }

    #[test]
    fn five_losses_frighten_and_a_week_heals() {
        let mut psyche = strategic(1.0);
        for i in 0..5 {
            psyche.process_trade_result(Time(i * Interval::HOUR.0), &loss(-1.0));
        }
        assert_eq!(psyche.label(), Label::Fearful);
        psyche.relax(Time(7 * Interval::DAY.0));
        assert_ne!(psyche.label(), Label::Fearful);
        for ((name, now), (_, base)) in psyche.mood.variables().into_iter().zip(psyche.base.variables()) {
            assert!((now - base).abs() < 1e-9, "{name}");
        }
    }

    #[test]
    fn losses_weigh_about_twice_and_variables_stay_in_range() {
        assert!((prospect_value(-1.0) / prospect_value(1.0) + 2.25).abs() < 1e-12);
        let mut psyche = strategic(1.0);
        let mut rng = Rng::new(7);
        for i in 0..2_000 {
            psyche.process_trade_result(Time(i * 600_000), &loss(rng.unit() * 40.0 - 20.0));
            for (name, value) in psyche.mood().variables() {
                assert!((0.0..=1.0).contains(&value), "{name} = {value}");
            }
        }
    }

    #[test]
    fn the_calm_twin_feels_nothing() {
        let (mut twin, mut fresh) = (strategic(0.0), strategic(0.0));
        for i in 0..6 {
            twin.process_trade_result(Time(i), &loss(-2.0));
        }
        assert_eq!(twin.colour(Time(10), SIGNAL), fresh.colour(Time(10), SIGNAL));
        let mut persona = strategic(1.0);
        for i in 0..6 {
            persona.process_trade_result(Time(i), &loss(-2.0));
        }
        assert_ne!(persona.colour(Time(10), SIGNAL), fresh.colour(Time(10), SIGNAL));
    }
}
