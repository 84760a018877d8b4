//! The mind of a persona: who it is, and what it feels, or that it feels nothing.
//!
//! The calm twin is a mind without a psyche: it shares no code with one whose gains are zero, so that comparing the
//! two tests every place where a feeling could leak into a decision.

use crate::decision::{Leaving, Occasion, THRESHOLD, Watched};
use crate::gains::Gains;
use crate::label::Label;
use crate::modifier::Modifier;
use crate::profile::Profile;
use crate::psyche::{Blow, Outcome, Psyche};
use crate::signal::{EntryKind, Impulse, Signal};
use crate::strategy::Outside;
use cosmos::{Factor, Sky};
use std::sync::Arc;

use model::{Draws, StateHash, Time, time::SESSION};

/// Who decides.
#[derive(Clone, Debug)]
pub struct Mind {
    /// Shared, so that a snapshot of a bot copies no text.
    profile: Arc<Profile>,
    /// What it feels; `None` is the calm twin.
    psyche: Option<Psyche>,
    luck: Draws,
}

model::state!(Mind {} origin { profile, luck } optional { psyche });

/// What a redrawn tolerance is drawn for.
const TOLERANCE_DRAW: u64 = 0x70;

/// The streams of chance of one bot that a mind needs.
#[derive(Clone, Copy, Debug)]
pub struct MindDraws {
    /// Of the psyche: mistakes and impulses.
    pub psyche: Draws,
    /// Of the method: what the calm twin draws as well.
    pub method: Draws,
}

impl Mind {
    /// A persona that feels.
    pub fn felt(profile: Profile, gains: Gains, draws: MindDraws) -> Mind {
        let psyche = Psyche::new(&profile, gains, draws.psyche);
        Mind { profile: Arc::new(profile), psyche: Some(psyche), luck: draws.method }
    }

    /// Its calm twin.
    pub fn calm(profile: Profile, draws: MindDraws) -> Mind {
        Mind { profile: Arc::new(profile), psyche: None, luck: draws.method }
    }

    /// Who it is.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What it feels; `None` for the calm twin.
    pub fn psyche(&self) -> Option<&Psyche> {
        self.psyche.as_ref()
    }

    /// The emotional state; the calm twin is neutral.
    pub fn label(&self) -> Label {
        self.psyche().map_or(Label::Neutral, Psyche::label)
    }

    /// Whether anything felt reaches a decision.
    pub fn feels(&self) -> bool {
        self.psyche().is_some_and(|psyche| psyche.gains.emotion > 0.0)
    }

    /// How much of an outside influence it feels; nothing without a psyche.
    pub fn susceptibility_to(&self, factor: Factor) -> f64 {
        let Some(psyche) = self.psyche() else { return 0.0 };
        let felt = &self.profile.susceptibility;
        let weight = match factor {
            Factor::Moon => felt.lunar,
            Factor::Mercury => felt.mercury,
            Factor::Schumann | Factor::Kp => felt.schumann,
            Factor::Sentiment => felt.sentiment,
            Factor::Season | Factor::Circadian => felt.seasonal,
            Factor::Liquidity => 1.0,
        };
        weight * psyche.gains.cosmic
    }

    /// The outside factors, as it feels them.
    pub fn outside<'a>(&self, sky: &'a Sky) -> Outside<'a> {
        let felt = self.profile.susceptibility;
        self.psyche.as_ref().map_or(Outside::NONE, |psyche| Outside::Sky {
            sky,
            felt,
            gain: psyche.gains.cosmic,
        })
    }

    /// The dials of the sky for this decision.
    pub fn modifier(&self, now: Time, sky: &Sky) -> Modifier {
        match &self.psyche {
            Some(psyche) => Modifier::under(sky, now, &self.profile.susceptibility, psyche.gains.cosmic),
            None => Modifier::NONE,
        }
    }

    /// Where in the band of risk a calm decision falls: at rest, or where this session's draw puts it.
    fn rest(&self, now: Time) -> f64 {
        if self.profile.risk.redrawn_each_session {
            self.luck.unit(now.floor(SESSION), TOLERANCE_DRAW)
        } else {
            self.profile.base.risk_appetite
        }
    }

    /// What it makes of a signal.
    pub fn colour(
        &mut self,
        now: Time,
        signal: Signal,
        kind: EntryKind,
        modifier: &Modifier,
    ) -> Option<Impulse> {
        let rest = self.rest(now);
        match &mut self.psyche {
            Some(psyche) => psyche.colour(now, signal, kind, rest, modifier),
            None => (signal.strength >= THRESHOLD).then(|| Impulse::calm(signal, rest)),
        }
    }

    /// An entry without a signal.
    pub fn tempt(&mut self, now: Time, watched: &Watched) -> Option<(Signal, EntryKind)> {
        self.psyche.as_mut()?.tempt(now, watched)
    }

    /// Whether it leaves without its method.
    pub fn leave(&mut self, now: Time, occasion: &Occasion, sky: &Sky) -> Option<Leaving> {
        let felt = &self.profile.susceptibility;
        let psyche = self.psyche.as_mut()?;
        let gain = psyche.gains.cosmic;
        let most = Modifier::most(felt, gain);
        psyche.leave(now, occasion, &most, || Modifier::under(sky, now, felt, gain))
    }

    /// Whether it moves its stop away.
    pub fn moves_stop(&self, since: Time, way: f64) -> bool {
        self.psyche().is_some_and(|psyche| psyche.moves_stop(since, way))
    }

    /// Takes a blow.
    pub fn take(&mut self, now: Time, blow: Blow) {
        if let Some(psyche) = &mut self.psyche {
            psyche.take(now, blow);
        }
    }

    /// Lives through a finished trade.
    pub fn process_trade_result(&mut self, now: Time, outcome: &Outcome) {
        if let Some(psyche) = &mut self.psyche {
            psyche.process_trade_result(now, outcome);
        }
    }

    /// A session ended; `traded` says whether anything was done in it.
    pub fn end_session(&mut self, now: Time, traded: Traded) {
        if let Some(psyche) = &mut self.psyche {
            match traded {
                Traded::Something => psyche.tire(now),
                Traded::Nothing => psyche.rest(now),
            }
        }
    }

    /// Energy, 0..1.1; half the share of wins and half a base confidence for the calm twin.
    pub fn energy(&self, win_rate: f64) -> f64 {
        match &self.psyche {
            Some(psyche) => psyche.energy(win_rate),
            None => 0.5 * win_rate + 0.5 * self.profile.base.confidence,
        }
    }

    /// Adds the mind to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        if let Some(psyche) = &self.psyche {
            psyche.hash(hash);
        }
        hash.word(self.luck.key());
    }
}

/// Whether a session saw a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traded {
    /// At least one fill, or a position held through it.
    Something,
    /// None.
    Nothing,
}
