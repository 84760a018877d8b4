//! Who trades in a run, and on which accounts.

use crate::fault::Fault;
use crate::front::{Front, House};
use crate::settings::{Counter, Settings, Topology};
use crate::strike::{Fates, Key, Target};
use crate::wired::Bitget;
use farm::journal::Origin;
use farm::{Character, Recruit};
use model::order::AccountMode;
use model::{BotId, Instrument, Interval, MarginMode, PositionMode, Qty, Rate, Rng, Usd};
use persona::{ControlSettings, Gains};
use risk::{ApprovalRule, CoolDown, Rules};
use venue::{AccountSettings, Models, Venue};

/// What most start with, and the least and the most of those who have little.
pub(crate) const CAPITAL: Usd = Usd(10_000 * Usd::ONE.0);
const LITTLE_USDT: [u64; 2] = [60, 1_000];
/// What a taker pays at most above the price.
const SLIPPAGE_MAX_BPS: u64 = 20;
/// The share of a second's volume that one account may be, at least and at most.
const SHARE_BPS: [u64; 2] = [20, 2_000];

/// Three personas, whose positions must be protected, and two controls, who trade all the time.
pub(crate) fn recruits(seed: u64, bots: u8) -> Vec<Recruit> {
    let mut rng = Rng::new(seed ^ 0xCA57_0F4C_7025_0001);
    let mut names: Vec<&str> = persona::catalogue::PERSONAS.iter().map(|(name, _)| *name).collect();
    let mut persona = || {
        let name = names.remove(usize::try_from(rng.below(names.len() as u64)).expect("few names"));
        let profile = persona::catalogue::profile(name).expect("listed").expect("built in");
        Character::Persona(Box::new(profile), Gains::FULL)
    };
    let control = |fast, slow, quantity| {
        Character::Control("ema_cross", ControlSettings { fast, slow, quantity: Qty(quantity) })
    };
    let characters = [persona(), persona(), persona(), control(3, 7, 20), control(5, 12, 35)];
    let recruit = |(i, character)| {
        let little = LITTLE_USDT[0] + rng.below(LITTLE_USDT[1] - LITTLE_USDT[0]);
        let little = Usd(i64::try_from(little).expect("little") * Usd::ONE.0);
        let capital = if rng.below(4) == 0 { little } else { CAPITAL };
        Recruit::alone(BotId(i), character, capital, seed)
    };
    (0..).zip(characters).map(recruit).take(usize::from(bots)).collect()
}

/// What the farms may do: half of the seeds know no limits, the others strict ones.
pub(crate) fn rules(seed: u64) -> Rules {
    let mut rng = Rng::new(seed ^ 0xCA57_0F4C_7025_0002);
    if rng.below(2) == 0 {
        return Rules::NONE;
    }
    let mut up_to =
        |least: u32, most: u32| least + u32::try_from(rng.below(u64::from(most - least))).expect("small");
    let hours = |hours: u32| Interval::minutes(60 * i64::from(hours));
    let rests = CoolDown { stops: up_to(1, 4), within: hours(up_to(1, 6)), lasts: hours(1) };
    let asks = ApprovalRule { risk_bps: up_to(1, 200), expiry: Interval::minutes(10) };
    Rules {
        daily_loss_max_bps: Some(up_to(20, 500)),
        drawdown_max_bps: Some(up_to(50, 2_000)),
        exposure_max_bps: Some(up_to(200, 20_000)),
        entries_per_minute_max: Some(up_to(1, 20)),
        approval: (up_to(0, 2) == 0).then_some(asks),
        cool_down: Some(rests),
        ..Rules::TRADING
    }
}

/// The farm of each shard: bots are dealt out in turn.
pub(crate) fn shards(recruits: &[Recruit], topology: Topology, rules: Rules) -> Vec<Origin> {
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
        rules,
    };
    (0..topology.shards).map(origin).collect()
}

/// How far the venue of this run is from an ideal one.
pub(crate) fn models(fates: &mut Fates<'_>) -> Models {
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

/// The counter of a venue with an account for everybody who has one alone.
pub(crate) fn front(settings: &Settings, recruits: &[Recruit], models: Models) -> Front {
    let mut front = Front::new(match settings.counter {
        Counter::Direct => House::Direct(Box::new(Venue::new(Instrument::btcusdt()))),
        Counter::Bitget(dialect) => House::Bitget(Box::new(Bitget::new(settings.seed, dialect))),
    });
    for recruit in recruits.iter().filter(|recruit| recruit.account == recruit.bot.own_account()) {
        let leverage = leverage(&recruit.character);
        let position = front.bitget().map_or(PositionMode::OneWay, |bitget| {
            bitget.dialect(recruit.account).position_for(&recruit.character)
        });
        let mode = AccountMode { position, margin: MarginMode::Cross, leverage };
        front.open(AccountSettings { id: recruit.account, mode, balance: recruit.capital, models });
    }
    front
}

/// The highest that somebody may use.
pub(crate) fn leverage(character: &Character) -> u16 {
    match character {
        Character::Persona(profile, _) | Character::Twin(profile) => profile.risk.leverage_max,
        Character::Control(..) => 10,
    }
}
