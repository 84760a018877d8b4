//! The roster: who is in the farm. It validates profiles, owns the bots, takes and restores checkpoints.
//!
//! It refuses two bots of one number, a profile whose strategy does not exist, and more bots than its outbox carries.

use crate::bot::{Bot, BotSettings};
use model::snapshot::{Restore, Save, State, Unreadable};
use model::{AccountId, BotId, Concern, Draws, PositionMode, Time, Usd};
use persona::{ControlSettings, Gains, Mind, MindDraws, Profile, Strategy};

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
    /// Which account of the venue it trades on.
    pub account: AccountId,
}

impl Recruit {
    /// Somebody with an account to itself.
    pub const fn alone(bot: BotId, character: Character, capital: Usd, seed: u64) -> Recruit {
        Recruit { bot, character, capital, seed, account: bot.own_account() }
    }
}

/// What a farm must know of an account that is more than one bot's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountPlan {
    /// Which.
    pub id: AccountId,
    /// Net, or long and short beside each other: what the operator set, never switched here.
    pub mode: PositionMode,
    /// Money on it that belongs to no bot yet.
    pub treasury: Usd,
}

impl AccountPlan {
    /// The plan of an account nothing is said about: one bot's own.
    pub const fn own(id: AccountId) -> AccountPlan {
        AccountPlan { id, mode: PositionMode::OneWay, treasury: Usd::ZERO }
    }
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
    /// Bots that could oppose each other on one net position.
    #[error(
        "bots {} and {} share the one-way account {}: when they oppose each other they net to flat and no stop can rest; give it hedge mode, or each bot an account", .0.0, .1.0, .2
    )]
    Opposing(BotId, BotId, AccountId),
    /// A control turns a position around in one order, which hedge mode does not know.
    #[error("bot {} is a control, and a control trades on a one-way account of its own", .0.0)]
    ControlInHedge(BotId),
    /// Money that is less than none.
    #[error("the treasury of account {0} is negative")]
    NegativeTreasury(AccountId),
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

model::value!(Checkpoint { session, at });

/// Everybody.
#[derive(Clone, Debug)]
pub struct Roster {
    bots: Vec<Bot>,
    plans: Vec<AccountPlan>,
    checkpoints: Vec<Checkpoint>,
    /// As many bots for each checkpoint as there are; made room for at the start, so that taking one allocates nothing.
    snapshots: Vec<Bot>,
}

/// Who they are follows from the origin; a bot of a checkpoint is one of them at another time.
impl State for Roster {
    fn save(&self, to: &mut Save) {
        let Roster { bots, plans: _, checkpoints, snapshots } = self;
        assert_eq!(snapshots.len(), bots.len() * checkpoints.len(), "a checkpoint is of every bot");
        bots.iter().for_each(|bot| bot.save(to));
        checkpoints.save(to);
        snapshots.iter().for_each(|bot| bot.save(to));
    }

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        let Roster { bots, plans: _, checkpoints, snapshots } = self;
        bots.iter_mut().try_for_each(|bot| bot.restore(from))?;
        checkpoints.restore(from)?;
        if checkpoints.len() > CHECKPOINTS_MAX {
            return Err(Unreadable("more checkpoints than are kept"));
        }
        snapshots.clear();
        for _ in checkpoints {
            for bot in bots.iter() {
                let mut then = bot.clone();
                then.restore(from)?;
                snapshots.push(then);
            }
        }
        Ok(())
    }
}

fn recruit(place: &Recruit, mode: PositionMode) -> Result<Bot, RosterError> {
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
    let (id, account, capital) = (place.bot, place.account, place.capital);
    Ok(Bot::new(BotSettings { id, account, mode, epoch: 0, strategy, mind, capital }))
}

/// What is planned for an account.
pub(crate) fn plan_of(plans: &[AccountPlan], id: AccountId) -> AccountPlan {
    plans.iter().find(|plan| plan.id == id).copied().unwrap_or(AccountPlan::own(id))
}

/// Nobody's stop is kept from resting by somebody else's position.
fn check_accounts(places: &[Recruit], plans: &[AccountPlan]) -> Result<(), RosterError> {
    if let Some(plan) = plans.iter().find(|plan| plan.treasury.0 < 0) {
        return Err(RosterError::NegativeTreasury(plan.id));
    }
    for (i, place) in places.iter().enumerate() {
        let hedged = plan_of(plans, place.account).mode == PositionMode::Hedge;
        if hedged && matches!(place.character, Character::Control(..)) {
            return Err(RosterError::ControlInHedge(place.bot));
        }
        let other = places[..i].iter().find(|other| other.account == place.account);
        if let (Some(other), false) = (other, hedged) {
            return Err(RosterError::Opposing(other.bot, place.bot, place.account));
        }
    }
    Ok(())
}

impl Roster {
    /// A roster of these on these accounts; an account that is not planned is one bot's own.
    pub fn of(places: &[Recruit], plans: &[AccountPlan]) -> Result<Roster, RosterError> {
        if places.len() > BOTS_MAX {
            return Err(RosterError::Full);
        }
        for (i, place) in places.iter().enumerate() {
            if places[..i].iter().any(|other| other.bot == place.bot) {
                return Err(RosterError::TwiceTheSame(place.bot));
            }
        }
        check_accounts(places, plans)?;
        let mode = |place: &Recruit| plan_of(plans, place.account).mode;
        let bots: Vec<Bot> =
            places.iter().map(|place| recruit(place, mode(place))).collect::<Result<_, _>>()?;
        let snapshots = Vec::with_capacity(CHECKPOINTS_MAX * bots.len());
        Ok(Roster {
            bots,
            plans: plans.to_vec(),
            checkpoints: Vec::with_capacity(CHECKPOINTS_MAX),
            snapshots,
        })
    }

    /// The bots.
    pub fn bots(&self) -> &[Bot] {
        &self.bots
    }

    pub(crate) fn bots_mut(&mut self) -> &mut [Bot] {
        &mut self.bots
    }

    /// What is planned for an account.
    pub(crate) fn plan(&self, id: AccountId) -> AccountPlan {
        plan_of(&self.plans, id)
    }

    /// One of them.
    pub fn bot_mut(&mut self, id: BotId) -> Option<&mut Bot> {
        self.bots.iter_mut().find(|bot| bot.id() == id)
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
        Recruit::alone(BotId(bot), character, Usd(10_000 * Usd::ONE.0), 1)
    }

    fn strategic() -> Profile {
        persona::catalogue::profile("strategic").expect("listed").expect("valid")
    }

    #[test]
    fn refuses_strangers_doubles_and_crowds() {
        let persona = |bot| place(bot, Character::Persona(Box::new(strategic()), Gains::FULL));
        assert_eq!(
            Roster::of(&[persona(1), persona(1)], &[]).err(),
            Some(RosterError::TwiceTheSame(BotId(1)))
        );
        let crowd: Vec<Recruit> = (0..=BOTS_MAX as u16).map(persona).collect();
        assert_eq!(Roster::of(&crowd, &[]).err(), Some(RosterError::Full));
        let mut profile = strategic();
        profile.strategy = "luck".to_owned();
        let stranger = place(0, Character::Twin(Box::new(profile)));
        assert_eq!(
            Roster::of(&[stranger], &[]).err().map(|error| error.to_string()),
            Some(
                "no strategy is called \"luck\"; a profile's `strategy` names one of the listed ones"
                    .to_owned()
            )
        );
    }

    #[test]
    fn those_who_could_oppose_each_other_share_only_a_hedged_account() {
        let shared = AccountId(7);
        let join = |bot, character| Recruit { account: shared, ..place(bot, character) };
        let persona = |bot| join(bot, Character::Twin(Box::new(strategic())));
        let plan = |mode| [AccountPlan { mode, ..AccountPlan::own(shared) }];
        let two = [persona(1), persona(2)];
        let refused = Roster::of(&two, &plan(PositionMode::OneWay)).err();
        assert_eq!(refused, Some(RosterError::Opposing(BotId(1), BotId(2), shared)));
        assert!(Roster::of(&two, &[]).is_err() && Roster::of(&two[..1], &[]).is_ok());
        assert!(Roster::of(&two, &plan(PositionMode::Hedge)).is_ok());
        let control =
            Character::Control("ema_cross", ControlSettings { fast: 3, slow: 7, quantity: model::Qty(1) });
        let refused = Roster::of(&[persona(1), join(2, control)], &plan(PositionMode::Hedge)).err();
        assert_eq!(refused, Some(RosterError::ControlInHedge(BotId(2))));
        let owing = AccountPlan { treasury: Usd(-1), ..AccountPlan::own(shared) };
        assert_eq!(Roster::of(&[], &[owing]).err(), Some(RosterError::NegativeTreasury(shared)));
    }
}
