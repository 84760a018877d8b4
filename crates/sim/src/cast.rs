//! Who trades in a run, and on which accounts.

use crate::fault::Fault;
use crate::settings::Topology;
use crate::strike::{Fates, Key, Target};
use farm::journal::Origin;
use farm::{Character, Recruit};
use model::order::AccountMode;
use model::{BotId, Instrument, Interval, MarginMode, PositionMode, Qty, Rate, Usd};
use persona::{ControlSettings, Gains};
use venue::{AccountSettings, Models, Venue};

/// What everybody starts with.
pub(crate) const CAPITAL: Usd = Usd(10_000 * Usd::ONE.0);
/// What a taker pays at most above the price.
const SLIPPAGE_MAX_BPS: u64 = 20;
/// The share of a second's volume that one account may be, at least and at most.
const SHARE_BPS: [u64; 2] = [20, 2_000];

/// Personas whose positions must be protected, and controls that trade all the time.
pub(crate) fn recruits(seed: u64, bots: u8) -> Vec<Recruit> {
    let persona = |name| {
        let profile = persona::catalogue::profile(name).expect("listed").expect("built in");
        Character::Persona(Box::new(profile), Gains::FULL)
    };
    let control = |fast, slow, quantity| {
        Character::Control("ema_cross", ControlSettings { fast, slow, quantity: Qty(quantity) })
    };
    let characters =
        [persona("newbie"), persona("scalper"), persona("aggressive"), control(3, 7, 20), control(5, 12, 35)];
    let recruit = |(i, character)| Recruit::alone(BotId(i), character, CAPITAL, seed);
    (0..).zip(characters).map(recruit).take(usize::from(bots)).collect()
}

/// The farm of each shard: bots are dealt out in turn.
pub(crate) fn shards(recruits: &[Recruit], topology: Topology) -> Vec<Origin> {
    let origin = |shard: u8| Origin {
        instrument: Instrument::btcusdt(),
        interval: Interval::MINUTE,
        sky: cosmos::Sky::none(),
        recruits: recruits
            .iter()
            .filter(|recruit| recruit.bot.0 % u16::from(topology.shards) == u16::from(shard))
            .cloned()
            .collect(),
        accounts: Vec::new(),
        rules: risk::Rules::NONE,
    };
    (0..topology.shards).map(origin).collect()
}

/// How far the venue of this run is from an ideal one.
fn models(fates: &mut Fates<'_>) -> Models {
    let key = Key::Minute(Target::Venue, 0);
    let mut bps = |fault, least: u64, most: u64| {
        let mut rng = fates.strike(crate::market::START, fault, key)?;
        Some(Rate::bps(i64::try_from(least + rng.below(most - least)).expect("small")))
    };
    Models {
        slippage: bps(Fault::Slippage, 1, SLIPPAGE_MAX_BPS).unwrap_or(Rate::ZERO),
        participation: bps(Fault::PartialFills, SHARE_BPS[0], SHARE_BPS[1]),
        ..Models::NONE
    }
}

/// The venue with an account for everybody.
pub(crate) fn venue(recruits: &[Recruit], fates: &mut Fates<'_>) -> Venue {
    let models = models(fates);
    let mut venue = Venue::new(Instrument::btcusdt());
    for recruit in recruits {
        let leverage = match &recruit.character {
            Character::Persona(profile, _) | Character::Twin(profile) => profile.risk.leverage_max,
            Character::Control(..) => 10,
        };
        let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage };
        venue.open_account(AccountSettings { id: recruit.account, mode, balance: recruit.capital, models });
    }
    venue
}
