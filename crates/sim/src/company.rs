//! Who is there beside bots with an account each: personas that share one, a believer in the sky, an operator, strangers.
//!
//! Drawn from the seed by a stream of its own. It refuses to leave a farm under rules unattended: an alarm would end its day.

use crate::front::Front;
use cosmos::{Factor, FactorSet, Series, Sky, Terms};
use farm::journal::Origin;
use farm::{AccountPlan, Character, Recruit};
use model::order::AccountMode;
use model::{AccountId, BotId, Interval, MarginMode, PositionMode, Rng, Usd};
use persona::Gains;
use risk::{ApprovalRule, CoolDown, Rules, Vigilance};
use std::sync::Arc;
use venue::{AccountSettings, Models};

/// The account that several share, and those of strangers: one-way, hedged, empty.
pub(crate) const SHARED: AccountId = AccountId(100);
pub(crate) const STRANGERS: [AccountId; 3] = [AccountId(200), AccountId(201), AccountId(202)];
/// From here on a bot's number is nobody's of ours.
pub(crate) const NOBODY: u16 = 50_000;
/// Numbers of those who share: every number of shards divides them, so they meet on the first.
const SHARERS: [u16; 4] = [6, 12, 18, 24];
const BELIEVER: u16 = 30;
const TREASURY: Usd = Usd(2_000 * Usd::ONE.0);
/// What one of them starts with.
const CAPITAL: Usd = crate::cast::CAPITAL;

/// Whether somebody steers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attended {
    /// Nobody does, and nobody trades by hand.
    Never,
    /// An operator does.
    ByOperator,
}

/// Whether the venue may break its word on the account that several share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ghosts {
    /// Only on accounts of one bot.
    Apart,
    /// Everywhere.
    Everywhere,
}

/// Who else is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Company {
    /// Personas on one hedged account with a treasury: none, three or four.
    pub sharers: u8,
    /// Personas that read the sky, whose readings come while they live: none or one.
    pub believers: u8,
    /// The rules of every farm, where nothing else is said.
    pub rules: Option<Rules>,
    /// Whether somebody steers.
    pub attended: Attended,
    /// What the venue does to the shared account.
    pub ghosts: Ghosts,
}

impl Company {
    /// Nobody.
    pub const NONE: Company =
        Company { sharers: 0, believers: 0, rules: None, attended: Attended::Never, ghosts: Ghosts::Apart };

    pub(crate) fn draw(seed: u64) -> Company {
        let mut rng = Rng::new(seed ^ 0xC0A1_1A6E_5EED_0001);
        let sharers = [0, 0, 3, 4][usize::try_from(rng.below(4)).expect("four")];
        let believers = u8::try_from(rng.below(2)).expect("one of two");
        let ghosts = if rng.below(16) == 0 { Ghosts::Everywhere } else { Ghosts::Apart };
        match rng.below(4) {
            0 => Company { sharers, believers, ghosts, ..Company::NONE },
            _ => Company {
                sharers,
                believers,
                rules: Some(rules(&mut rng)),
                attended: Attended::ByOperator,
                ghosts,
            },
        }
    }

    /// Those who come beside the cast.
    pub(crate) fn recruits(&self, seed: u64) -> Vec<Recruit> {
        let persona = |name| {
            let profile = persona::catalogue::profile(name).expect("listed").expect("built in");
            Character::Persona(Box::new(profile), Gains::FULL)
        };
        let together = ["strategic", "newbie", "aggressive", "scalper"].into_iter().zip(SHARERS);
        let together = together.take(usize::from(self.sharers)).map(|(name, bot)| Recruit {
            account: SHARED,
            ..Recruit::alone(BotId(bot), persona(name), CAPITAL, seed)
        });
        let believer =
            (0..self.believers).map(|_| Recruit::alone(BotId(BELIEVER), persona("cosmic"), CAPITAL, seed));
        together.chain(believer).collect()
    }

    /// What the farms are made from beside their bots.
    pub(crate) fn furnish(&self, origins: &mut [Origin]) {
        for origin in origins {
            let is_here = |id| origin.recruits.iter().any(|recruit: &Recruit| recruit.account == id);
            if is_here(SHARED) {
                origin.accounts =
                    vec![AccountPlan { id: SHARED, mode: PositionMode::Hedge, treasury: TREASURY }];
            }
            if origin.recruits.iter().any(|recruit| recruit.bot.0 == BELIEVER) {
                origin.sky = sky();
            }
        }
    }

    /// Opens the accounts that are not one bot's own.
    pub(crate) fn open_accounts(&self, recruits: &[Recruit], models: Models, front: &mut Front) {
        let sharers = recruits.iter().filter(|recruit| recruit.account == SHARED);
        let leverage = sharers.clone().map(|recruit| crate::cast::leverage(&recruit.character)).max();
        if let Some(leverage) = leverage {
            let mode = AccountMode { position: PositionMode::Hedge, margin: MarginMode::Cross, leverage };
            let balance = sharers.fold(TREASURY, |sum, recruit| sum + recruit.capital);
            front.open(AccountSettings { id: SHARED, mode, balance, models });
        }
        let position = [PositionMode::OneWay, PositionMode::Hedge, PositionMode::OneWay];
        for ((id, position), thousands) in STRANGERS.into_iter().zip(position).zip([10, 10, 0]) {
            let mode = AccountMode { position, margin: MarginMode::Cross, leverage: 100 };
            let balance = Usd(thousands * 1_000 * Usd::ONE.0);
            front.open(AccountSettings { id, mode, balance, models });
        }
    }
}

/// Each rule is in it or not; those that are, are tight enough to be met within a day.
fn rules(rng: &mut Rng) -> Rules {
    let mut draw = |least: u64, most: u64| {
        let is_in = rng.below(2) == 0;
        let value = u32::try_from(least + rng.below(most - least)).expect("small");
        is_in.then_some(value)
    };
    Rules {
        daily_loss_max_bps: draw(20, 300),
        drawdown_max_bps: draw(30, 400),
        exposure_max_bps: draw(500, 8_000),
        entries_per_minute_max: draw(1, 3),
        approval: draw(0, 1).map(|_| ApprovalRule { risk_bps: 50, expiry: Interval::minutes(2) }),
        cool_down: draw(1, 4).map(|stops| CoolDown {
            stops,
            within: Interval::minutes(240),
            lasts: Interval::minutes(60),
        }),
        vigilance: draw(2, 6).map(|rejections_per_minute| Vigilance {
            orders_over_p99: 3,
            fill_from_mark_bps: 100,
            rejections_per_minute,
        }),
        unexplained_max: Usd::ZERO,
    }
}

/// A sky of which only the mood of the market is read, hourly.
fn sky() -> Sky {
    let terms = Terms {
        source: "simulation".to_owned(),
        unit: "0..100".to_owned(),
        interval: Interval::HOUR,
        lag: Interval(0),
        stale_after: Interval(3 * Interval::HOUR.0),
    };
    let first = crate::market::START - Interval(2 * Interval::HOUR.0);
    let series = Series::new(Factor::Sentiment, terms, vec![(first, 50.0)]).expect("one good reading");
    Sky::none().with_series(Arc::new(series)).with_factors(FactorSet::default().with(Factor::Sentiment))
}
