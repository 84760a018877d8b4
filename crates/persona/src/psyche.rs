//! The psyche of a persona: pure and seeded. Events kick the mood, time heals it, the label colours decisions.
//!
//! It refuses to touch the band of risk: it only says where inside the band a decision falls. Nothing of the sky is
//! written here: a modifier belongs to one decision. What is drawn by chance is keyed by the instant, so that looking
//! twice changes nothing.

use crate::gains::Gains;
use crate::label::{Effect, Label, Seen, Streak};
use crate::mood::Mood;
use crate::profile::{Profile, Traits};
use model::event::Shock;
use model::{Draws, Interval, StateHash, Time, math};

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

/// What happens to a mind beside its own trades.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Blow {
    /// The market left without us.
    MissedMove,
    /// A bar went against what is held by much more than is usual.
    AdverseSpike,
    /// The price of liquidation is this near, as a fraction of the price.
    NearLiquidation {
        /// Distance.
        distance: f64,
    },
    /// News.
    Shock(Shock),
}

/// R multiples beyond these are felt like these: a disaster is a disaster.
const R_FELT: (f64, f64) = (-4.0, 6.0);
/// Kicks per unit of felt value.
const CONFIDENCE_PER_VALUE: f64 = 0.04;
const STRESS_PER_VALUE: f64 = 0.05;
const APPETITE_PER_VALUE: f64 = 0.03;
/// A gain relieves half as much as a loss of the same felt value burdens.
const RELIEF: f64 = 0.5;
/// Kick of one more loss or win in a streak.
const STREAK_KICK: f64 = 0.05;
/// Winning goes to the head faster than losing takes it away.
const WIN_STREAK_CONFIDENCE: f64 = 0.12;
const LOSS_STREAK: u32 = 2;
const WIN_STREAK: u32 = 3;
/// Stress of being at the bottom of a drawdown of all there was.
const DRAWDOWN_STRESS: f64 = 0.5;
/// Fatigue of a trade, and more if there was no break before it.
const FATIGUE_PER_TRADE: f64 = 0.05;
const FATIGUE_WITHOUT_BREAK: f64 = 0.15;
const BREAK: Interval = Interval::minutes(30);
/// Fatigue of a session that was traded through.
const FATIGUE_PER_SESSION: f64 = 0.12;
/// What a session of rest leaves of fatigue.
const RESTED: f64 = 0.5;
/// Kicks of the blows.
const MISSED_URGE: f64 = 0.25;
const SPIKE_STRESS: f64 = 0.12;
const LIQUIDATION_STRESS: f64 = 0.3;
/// A liquidation nearer than this is near.
pub const LIQUIDATION_NEAR: f64 = 0.1;

/// Value of a gain or loss in R (Tversky and Kahneman 1992): losses weigh about twice.
pub fn prospect_value(r: f64) -> f64 {
    if r >= 0.0 { math::pow(r, 0.88) } else { -2.25 * math::pow(-r, 0.88) }
}

/// How hard news hit before a persona's `shock_impact`.
const fn severity(shock: Shock) -> f64 {
    match shock {
        Shock::RateDecision => 0.12,
        Shock::Regulation => 0.18,
        Shock::ExchangeHack => 0.28,
        Shock::BlackSwan => 0.35,
    }
}

/// State of mind.
#[derive(Clone, Copy, Debug)]
pub struct Psyche {
    pub(crate) traits: Traits,
    pub(crate) base: Mood,
    pub(crate) gains: Gains,
    pub(crate) draws: Draws,
    pub(crate) mood: Mood,
    pub(crate) label: Label,
    tau: Interval,
    mood_at: Option<Time>,
    streak: Streak,
    experience: u32,
    last_trade: Option<LastTrade>,
}

model::state!(
    Psyche { mood, label, mood_at, streak, experience, last_trade } origin { traits, base, gains, draws, tau }
    if |psyche| psyche.mood.variables().iter().all(|(_, x)| (0.0..=1.0).contains(x))
);

/// What is remembered of the last trade.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LastTrade {
    pub(crate) ended_at: Time,
    pub(crate) r_multiple: f64,
}

model::value!(LastTrade { ended_at, r_multiple });

impl Psyche {
    /// A psyche at rest.
    pub fn new(profile: &Profile, gains: Gains, draws: Draws) -> Psyche {
        let tau = Interval((profile.traits.relaxation_hours * Interval::HOUR.0 as f64) as i64);
        let mut psyche = Psyche {
            traits: profile.traits,
            base: profile.base,
            gains,
            draws,
            mood: profile.base,
            label: Label::Neutral,
            tau,
            mood_at: None,
            streak: Streak::default(),
            experience: 0,
            last_trade: None,
        };
        psyche.relabel();
        psyche
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

    pub(crate) fn last_trade(&self) -> Option<LastTrade> {
        self.last_trade
    }

    /// Lets time pass.
    pub fn relax(&mut self, now: Time) {
        if let Some(before) = self.mood_at {
            if now == before {
                return;
            }
            // A late report must not make anybody younger.
            let elapsed = Interval((now - before).0.max(0));
            self.mood.relax(&self.base, elapsed, self.tau);
        }
        self.mood_at = Some(self.mood_at.map_or(now, |before| before.max(now)));
        self.relabel();
    }

    fn relabel(&mut self) {
        let seen = Seen { mood: &self.mood, streak: self.streak, discipline: self.traits.discipline };
        self.label = Label::of(&seen, self.label);
    }

    fn settle(&mut self) {
        self.mood.clamp();
        assert!(
            self.mood.variables().iter().all(|(_, x)| (0.0..=1.0).contains(x)),
            "moods stay in 0..1: {:?}",
            self.mood
        );
        self.relabel();
    }

    /// Lives through a finished trade. Zero is neither win nor loss.
    pub fn process_trade_result(&mut self, now: Time, outcome: &Outcome) {
        self.relax(now);
        self.experience += 1;
        let dampening = self.dampening();
        let felt = prospect_value(outcome.r_multiple.clamp(R_FELT.0, R_FELT.1)) * dampening;
        self.mood.confidence += CONFIDENCE_PER_VALUE * felt;
        self.mood.risk_appetite += APPETITE_PER_VALUE * felt;
        self.mood.stress -= STRESS_PER_VALUE * felt * if felt > 0.0 { RELIEF } else { 1.0 };
        let without_break = self.last_trade.is_some_and(|last| now - outcome.held - last.ended_at < BREAK);
        self.mood.fatigue += FATIGUE_PER_TRADE + if without_break { FATIGUE_WITHOUT_BREAK } else { 0.0 };
        if outcome.r_multiple > 0.0 {
            self.streak = Streak { wins: self.streak.wins + 1, losses: 0 };
        } else if outcome.r_multiple < 0.0 {
            self.streak = Streak { losses: self.streak.losses + 1, wins: 0 };
        }
        self.feel_streak(dampening);
        self.mood.stress += outcome.drawdown.clamp(0.0, 1.0) * dampening * DRAWDOWN_STRESS;
        self.last_trade = Some(LastTrade { ended_at: now, r_multiple: outcome.r_multiple });
        self.settle();
    }

    fn feel_streak(&mut self, dampening: f64) {
        if self.streak.losses >= LOSS_STREAK {
            // A tenth loss hurts no more than a fifth.
            let deep = f64::from((self.streak.losses - 1).min(4));
            self.mood.stress += STREAK_KICK * deep * dampening;
            self.mood.confidence -= STREAK_KICK * dampening;
        }
        if self.streak.wins >= WIN_STREAK {
            self.mood.confidence += WIN_STREAK_CONFIDENCE * dampening;
            self.mood.risk_appetite += STREAK_KICK * dampening;
        }
    }

    /// Takes a blow.
    pub fn take(&mut self, now: Time, blow: Blow) {
        self.relax(now);
        let (dampening, impact) = (self.dampening(), self.traits.shock_impact);
        match blow {
            Blow::MissedMove => self.mood.urge += MISSED_URGE * self.traits.fomo,
            Blow::AdverseSpike => {
                self.mood.stress += SPIKE_STRESS * impact * dampening;
                self.mood.confidence -= 0.5 * SPIKE_STRESS * impact * dampening;
            }
            Blow::NearLiquidation { distance } => {
                let nearness = 1.0 - (distance / LIQUIDATION_NEAR).clamp(0.0, 1.0);
                self.mood.stress += LIQUIDATION_STRESS * (0.5 + 0.5 * nearness) * dampening;
            }
            Blow::Shock(shock) => {
                self.mood.stress += severity(shock) * impact;
                self.mood.confidence -= 0.25 * severity(shock) * impact;
                self.mood.urge -= severity(shock) * impact;
            }
        }
        self.settle();
    }

    /// A session ended that was traded through.
    pub fn tire(&mut self, now: Time) {
        self.relax(now);
        self.mood.fatigue += FATIGUE_PER_SESSION;
        self.settle();
    }

    /// A session ended in which nothing was traded: fatigue recovers faster.
    pub fn rest(&mut self, now: Time) {
        self.relax(now);
        self.mood.fatigue = self.base.fatigue + (self.mood.fatigue - self.base.fatigue) * RESTED;
        self.settle();
    }

    /// Discipline halves what is felt, at most.
    pub(crate) fn dampening(&self) -> f64 {
        self.traits.dampening()
    }

    /// What the state does to a decision.
    pub(crate) fn effect(&self) -> Effect {
        self.label.effect_on(self.traits.discipline)
    }

    /// Energy, 0..1.1: half of the share of wins among the last trades, half confidence, times clarity.
    pub fn energy(&self, win_rate: f64) -> f64 {
        (0.5 * win_rate + 0.5 * self.mood.confidence) * self.label.clarity()
    }

    /// Adds the psyche to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        self.mood.hash(hash);
        hash.int(self.mood_at.map_or(-1, |at| at.0));
        hash.word(self.label as u64);
        hash.word(u64::from(self.streak.losses) << 32 | u64::from(self.streak.wins));
        hash.word(u64::from(self.experience));
        hash.word(self.draws.key());
        hash.int(self.last_trade.map_or(-1, |last| last.ended_at.0));
    }
}

#[cfg(test)]
mod tests;
