//! What a plan says otherwise than the journal of the farm that it is for.
//!
//! A farm that rises is made from what it was made from when it began. Its rules may change while it lives and are taken from
//! the plan; everything else that decides how it trades is the same in both, or the start is refused with what to do about it:
//! nothing that somebody wrote into a file is silently left aside. It refuses to look at what is only said of a persona, and at
//! what the exchange says of its contract: that may change any day, and is the venue's to hold orders against.

use super::Origin;
use crate::roster::{Character, Recruit};
use cosmos::{Factor, Sky};
use model::{AccountId, BotId, Instrument, Interval, Time, Usd};
use persona::Profile;

/// Something that was decided when the farm began, and is another in the plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Otherwise {
    /// Other bots.
    #[error("its journal is of other bots ({0}): name its own bots, or begin a new journal elsewhere")]
    Bots(String),
    /// Bars of another length.
    #[error(
        "it was fed with bars of {} s since it began, and is now to be fed with bars of {} s: put market.interval back, or begin a new journal elsewhere", .kept.0 / 1_000, .planned.0 / 1_000
    )]
    Interval {
        /// In the journal.
        kept: Interval,
        /// In the plan.
        planned: Interval,
    },
    /// Another seed.
    #[error(
        "bot {} has its luck from seed {kept} since it began, and is now to have it from {planned}: put farm.seed back, or begin a new journal elsewhere", .bot.0
    )]
    Seed {
        /// Whose.
        bot: BotId,
        /// In the journal.
        kept: u64,
        /// In the plan.
        planned: u64,
    },
    /// Another capital.
    #[error(
        "bot {} began with {kept} USDT, and the file now says {planned}: put its capital_usdt back, and move money with `omega ctl allocate` and `deallocate`; or begin a new journal elsewhere", .bot.0
    )]
    Capital {
        /// Whose.
        bot: BotId,
        /// In the journal.
        kept: Usd,
        /// In the plan.
        planned: Usd,
    },
    /// Another part of the band.
    #[error(
        "bot {} was given its part of the band when it began: put farm.risk_tolerance back (within that part `omega ctl set_risk` moves it), or begin a new journal elsewhere", .0.0
    )]
    Tolerance(BotId),
    /// Another profile of the same name.
    #[error(
        "the profile of {name} is not the one that bot {} began with: put the old one back (its file, or the program it came with), or begin a new journal elsewhere", .bot.0
    )]
    Profile {
        /// Whose.
        bot: BotId,
        /// The persona.
        name: String,
    },
    /// Other gains, or a calm twin where a persona was.
    #[error(
        "bot {} is to feel more or less than when it began: put its calm, emotion_gain and cosmic_gain back, or begin a new journal elsewhere", .0.0
    )]
    Feeling(BotId),
    /// Another control of the same name.
    #[error("{name} is set otherwise than when bot {} began: begin a new journal elsewhere", .bot.0)]
    Control {
        /// Whose.
        bot: BotId,
        /// The control.
        name: String,
    },
    /// An account is set otherwise.
    #[error(
        "account {0} was in another position mode when the farm began: put its position_mode back, there and at the exchange, or begin a new journal elsewhere"
    )]
    Mode(AccountId),
    /// Money that is nobody's.
    #[error(
        "account {account} began with {kept} USDT beside its bots' money, and is now to have {planned}: put it back, or begin a new journal elsewhere"
    )]
    Treasury {
        /// Which.
        account: AccountId,
        /// In the journal.
        kept: Usd,
        /// In the plan.
        planned: Usd,
    },
    /// Another sky.
    #[error(
        "it began under another sky ({0}): put factors, place and readings back, or begin a new journal elsewhere"
    )]
    Sky(&'static str),
}

impl Origin {
    /// Refuses a plan that says otherwise. A bot without a capital of its own takes what it began with.
    pub fn check_plan(&self, planned: &Origin) -> Result<(), Otherwise> {
        if self.bots() != planned.bots() {
            return Err(Otherwise::Bots(self.bots()));
        }
        if self.interval != planned.interval {
            return Err(Otherwise::Interval { kept: self.interval, planned: planned.interval });
        }
        self.recruits.iter().zip(&planned.recruits).try_for_each(|(kept, planned)| recruit(kept, planned))?;
        for account in &planned.accounts {
            // What nothing was said of is one bot's own.
            let kept = self.accounts.iter().find(|kept| kept.id == account.id);
            let kept = kept.copied().unwrap_or(crate::roster::AccountPlan::own(account.id));
            if kept.mode != account.mode {
                return Err(Otherwise::Mode(account.id));
            }
            if kept.treasury != account.treasury {
                let (account, planned) = (account.id, account.treasury);
                return Err(Otherwise::Treasury { account, kept: kept.treasury, planned });
            }
        }
        sky(&self.sky, &planned.sky)
    }

    /// What is told otherwise of the contract than when the farm began, beside what would refuse it: the venue holds orders
    /// against what it says now, the farm sizes them by what it knew.
    pub fn aged(&self, told: &Instrument) -> Vec<&'static str> {
        let kept = &self.instrument;
        [
            ("fees", kept.fees != told.fees),
            ("smallest order", (kept.qty_min, kept.notional_min) != (told.qty_min, told.notional_min)),
            ("margin tiers", kept.tiers != told.tiers || kept.leverage_max != told.leverage_max),
            ("interval of funding", kept.funding_interval != told.funding_interval),
        ]
        .into_iter()
        .filter_map(|(what, differs)| differs.then_some(what))
        .collect()
    }

    /// Until when it knows where the Moon stands, where that is felt.
    pub fn almanac_ends(&self) -> Option<Time> {
        self.sky.almanac().map(|almanac| almanac.range().1)
    }
}

fn recruit(kept: &Recruit, planned: &Recruit) -> Result<(), Otherwise> {
    let bot = kept.bot;
    if kept.seed != planned.seed {
        return Err(Otherwise::Seed { bot, kept: kept.seed, planned: planned.seed });
    }
    if planned.capital != Usd::ZERO && kept.capital != planned.capital {
        return Err(Otherwise::Capital { bot, kept: kept.capital, planned: planned.capital });
    }
    match (&kept.character, &planned.character) {
        (Character::Persona(old, felt), Character::Persona(new, feels)) => {
            profile(bot, old, new)?;
            if felt == feels { Ok(()) } else { Err(Otherwise::Feeling(bot)) }
        }
        (Character::Twin(old), Character::Twin(new)) => profile(bot, old, new),
        (Character::Control(name, old), Character::Control(_, new)) => {
            if old == new {
                Ok(())
            } else {
                Err(Otherwise::Control { bot, name: (*name).to_owned() })
            }
        }
        _ => Err(Otherwise::Feeling(bot)),
    }
}

/// As they are written down: what is said of a persona in sentences does not decide.
fn profile(bot: BotId, kept: &Profile, planned: &Profile) -> Result<(), Otherwise> {
    let said = Profile {
        title: kept.title.clone(),
        about: kept.about.clone(),
        edge: kept.edge.clone(),
        fails: kept.fails.clone(),
        ..planned.clone()
    };
    let text = kept.to_text();
    if said.to_text() == text {
        return Ok(());
    }
    let mut same_band = said;
    same_band.risk.tolerance = kept.risk.tolerance;
    if same_band.to_text() == text {
        return Err(Otherwise::Tolerance(bot));
    }
    Err(Otherwise::Profile { bot, name: kept.name.clone() })
}

/// The same sky for as long as both reach: an almanac begins with its farm, and readings come while it lives.
fn sky(kept: &Sky, planned: &Sky) -> Result<(), Otherwise> {
    if kept.factors() != planned.factors() {
        return Err(Otherwise::Sky("other factors are felt"));
    }
    if kept.coordinates() != planned.coordinates() {
        return Err(Otherwise::Sky("another place on Earth"));
    }
    if kept.almanac().is_some() != planned.almanac().is_some() {
        return Err(Otherwise::Sky("with an almanac or without"));
    }
    let terms = |sky: &Sky, factor| sky.series(factor).map(|series| series.terms().clone());
    match Factor::ALL.into_iter().find(|factor| terms(kept, *factor) != terms(planned, *factor)) {
        Some(factor) => Err(Otherwise::Sky(factor.name())),
        None => Ok(()),
    }
}
