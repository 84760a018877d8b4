//! The roster: who is in the farm. It validates profiles, owns the bots, takes and restores checkpoints, pauses and
//! resumes.
//!
//! It refuses two bots of one number, a profile whose strategy does not exist, and more bots than its outbox carries.

use crate::bot::{Bot, BotSettings};
use model::{BotId, Concern, Draws, Time, Usd};
use persona::{ControlSettings, Gains, Mind, MindDraws, Profile, Strategy};
use risk::TradingState;

/// The most bots of one farm.
pub const BOTS_MAX: usize = 32;
/// The most checkpoints kept: Fibonacci sessions of some thousand years.
pub const CHECKPOINTS_MAX: usize = 32;

/// Who a bot is.
#[derive(Clone, Debug)]
pub enum Character {
    /// A persona that feels.
    Persona(Box<Profile>, Gains),
    /// The calm twin of a persona: its method, its luck and its band, and no feeling.
    Twin(Box<Profile>),
    /// A control, by name.
    Control(&'static str, ControlSettings),
}

impl Character {
    /// Its name; a twin has its persona's.
    pub fn name(&self) -> &str {
        match self {
            Character::Persona(profile, _) | Character::Twin(profile) => &profile.name,
            Character::Control(name, _) => name,
        }
    }
}

/// A place on the roster.
#[derive(Clone, Debug)]
pub struct Recruit {
    /// Its number and sub-account.
    pub bot: BotId,
    /// Who it is.
    pub character: Character,
    /// Money it starts with.
    pub capital: Usd,
    /// Seed of the farm; every stream is split from it by bot and concern.
    pub seed: u64,
}

/// Why somebody cannot join.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// The profile names a strategy that does not exist.
    #[error("no strategy is called {0:?}; a profile's `strategy` names one of the listed ones")]
    UnknownStrategy(String),
    /// Two bots of one number.
    #[error("two bots have the number {}; give each its own", .0.0)]
    TwiceTheSame(BotId),
    /// Too many.
    #[error("a farm has at most {BOTS_MAX} bots; start a second farm")]
    Full,
}

/// When a restorable snapshot of every bot was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The Fibonacci session at whose end it was taken.
    pub session: u32,
    /// When.
    pub at: Time,
}

/// Everybody.
#[derive(Clone, Debug)]
pub struct Roster {
    bots: Vec<Bot>,
    checkpoints: Vec<Checkpoint>,
    /// As many bots for each checkpoint as there are; made room for at the start, so that taking one allocates nothing.
    snapshots: Vec<Bot>,
}

fn recruit(place: &Recruit) -> Result<Bot, RosterError> {
    let draws = |concern| Draws::stream(place.seed, place.bot, concern);
    let streams = MindDraws { psyche: draws(Concern::Psyche), method: draws(Concern::Strategy) };
    let strategy_of = |profile: &Profile| {
        Strategy::of_profile(&profile.strategy, streams.method)
            .ok_or_else(|| RosterError::UnknownStrategy(profile.strategy.clone()))
    };
    let (strategy, mind) = match &place.character {
        Character::Persona(profile, gains) => {
            (strategy_of(profile)?, Some(Mind::felt(Profile::clone(profile), *gains, streams)))
        }
        Character::Twin(profile) => {
            (strategy_of(profile)?, Some(Mind::calm(Profile::clone(profile), streams)))
        }
        Character::Control(name, settings) => {
            let strategy = Strategy::of_control(name, *settings)
                .ok_or_else(|| RosterError::UnknownStrategy((*name).to_owned()))?;
            (strategy, None)
        }
    };
    Ok(Bot::new(BotSettings { id: place.bot, epoch: 0, strategy, mind, capital: place.capital }))
}

impl Roster {
    /// A roster of these.
    pub fn of(places: &[Recruit]) -> Result<Roster, RosterError> {
        if places.len() > BOTS_MAX {
            return Err(RosterError::Full);
        }
        for (i, place) in places.iter().enumerate() {
            if places[..i].iter().any(|other| other.bot == place.bot) {
                return Err(RosterError::TwiceTheSame(place.bot));
            }
        }
        let bots: Vec<Bot> = places.iter().map(recruit).collect::<Result<_, _>>()?;
        let snapshots = Vec::with_capacity(CHECKPOINTS_MAX * bots.len());
        Ok(Roster { bots, checkpoints: Vec::with_capacity(CHECKPOINTS_MAX), snapshots })
    }

    /// The bots.
    pub fn bots(&self) -> &[Bot] {
        &self.bots
    }

    pub(crate) fn bots_mut(&mut self) -> &mut [Bot] {
        &mut self.bots
    }

    /// One of them.
    pub fn bot_mut(&mut self, id: BotId) -> Option<&mut Bot> {
        self.bots.iter_mut().find(|bot| bot.id() == id)
    }

    /// Makes a bot wait: it manages what it holds and opens nothing.
    pub fn pause(&mut self, id: BotId) -> Option<()> {
        self.bot_mut(id).map(|bot| bot.set_state(TradingState::Paused))
    }

    /// Lets a bot trade again.
    pub fn resume(&mut self, id: BotId) -> Option<()> {
        self.bot_mut(id).map(|bot| bot.set_state(TradingState::Active))
    }

    /// Takes a snapshot of every bot; the oldest goes when there is no room.
    pub(crate) fn take_checkpoint(&mut self, session: u32, at: Time) {
        if self.checkpoints.len() == CHECKPOINTS_MAX {
            self.checkpoints.remove(0);
            self.snapshots.drain(..self.bots.len());
        }
        self.checkpoints.push(Checkpoint { session, at });
        self.snapshots.extend(self.bots.iter().cloned());
    }

    /// The snapshots taken so far, oldest first.
    pub fn checkpoints(&self) -> &[Checkpoint] {
        &self.checkpoints
    }

    /// A bot as it was at the checkpoint of a session.
    pub fn snapshot(&self, session: u32, id: BotId) -> Option<&Bot> {
        let at = self.checkpoints.iter().position(|checkpoint| checkpoint.session == session)?;
        let bots = self.bots.len();
        self.snapshots[at * bots..(at + 1) * bots].iter().find(|bot| bot.id() == id)
    }

    /// Puts one bot back to where it was, exactly.
    pub fn restore(&mut self, then: &Bot) -> Option<()> {
        self.bot_mut(then.id()).map(|bot| bot.clone_from(then))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(bot: u16, character: Character) -> Recruit {
        Recruit { bot: BotId(bot), character, capital: Usd(10_000 * Usd::ONE.0), seed: 1 }
    }

    fn strategic() -> Profile {
        persona::catalogue::profile("strategic").expect("listed").expect("valid")
    }

    #[test]
    fn refuses_strangers_doubles_and_crowds() {
        let persona = |bot| place(bot, Character::Persona(Box::new(strategic()), Gains::FULL));
        assert_eq!(Roster::of(&[persona(1), persona(1)]).err(), Some(RosterError::TwiceTheSame(BotId(1))));
        let crowd: Vec<Recruit> = (0..=BOTS_MAX as u16).map(persona).collect();
        assert_eq!(Roster::of(&crowd).err(), Some(RosterError::Full));
        let mut profile = strategic();
        profile.strategy = "luck".to_owned();
        let stranger = place(0, Character::Twin(Box::new(profile)));
        assert_eq!(
            Roster::of(&[stranger]).err().map(|error| error.to_string()),
            Some(
                "no strategy is called \"luck\"; a profile's `strategy` names one of the listed ones"
                    .to_owned()
            )
        );
    }

    #[test]
    fn pausing_and_resuming_is_seen_in_the_status() {
        let mut roster = Roster::of(&[place(3, Character::Twin(Box::new(strategic())))]).expect("one bot");
        assert_eq!(roster.bots()[0].status().name(), "scheduled");
        assert!(roster.pause(BotId(3)).is_some() && roster.pause(BotId(4)).is_none());
        assert_eq!(roster.bots()[0].status().name(), "paused");
        assert!(roster.resume(BotId(3)).is_some());
        assert_eq!(roster.bots()[0].status().name(), "scheduled");
    }
}
