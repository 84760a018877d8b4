//! What a farm was made from: enough to make it again, to the last bit, and nothing that changes while it lives.

use super::wire::{Reader, Writer};
use super::{JournalError, terms};
use crate::flock::Farm;
use crate::roster::{AccountPlan, Character, Recruit, Roster};
use cosmos::{Almanac, Coordinates, Factor, FactorSet, Series, Sky, Terms};
use model::instrument::{FeeSchedule, MarginTier};
use model::{AccountId, BotId, Instrument, Interval, Qty, Rate, Step, Time, Usd};
use persona::{CONTROLS, ControlSettings, Gains, Profile};
use risk::Rules;
use std::sync::Arc;

/// What a farm is made from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// What is traded.
    pub instrument: Instrument,
    /// Length of its bars.
    pub interval: Interval,
    /// What is outside.
    pub sky: Sky,
    /// Who trades.
    pub recruits: Vec<Recruit>,
    /// The accounts that are more than one bot's own.
    pub accounts: Vec<AccountPlan>,
    /// What the whole farm may do.
    pub rules: Rules,
}

impl Origin {
    /// The farm, before its first input.
    pub fn farm(&self) -> Result<Farm, JournalError> {
        let roster = Roster::of(&self.recruits, &self.accounts)
            .map_err(|error| JournalError::Origin(error.to_string()))?;
        self.rules.check_bounds().map_err(|error| JournalError::Origin(error.to_string()))?;
        let farm = Farm::new(self.instrument.clone(), self.interval, roster, self.sky.clone())
            .map_err(|error| JournalError::Origin(error.to_string()))?;
        Ok(farm.with_rules(self.rules))
    }

    /// Who trades, in words: `b0=newbie@a0, …`. Two farms of the same words are the same bots.
    pub fn bots(&self) -> String {
        let name = |one: &Recruit| format!("b{}={}@{}", one.bot.0, one.character.name(), one.account);
        self.recruits.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    /// Whether what is traded is counted in the same steps as there.
    pub fn trades(&self, there: &Instrument) -> bool {
        let kept = &self.instrument;
        (&kept.symbol, kept.tick, kept.lot) == (&there.symbol, there.tick, there.lot)
    }

    pub(super) fn write(&self, w: &mut Writer) {
        assert!(!self.sky.is_shifted(), "a placebo has no journal");
        write_instrument(w, &self.instrument);
        w.i64(self.interval.0);
        write_sky(w, &self.sky);
        w.length(self.recruits.len());
        for recruit in &self.recruits {
            w.u16(recruit.bot.0);
            w.i64(recruit.capital.0);
            w.u64(recruit.seed);
            w.u16(recruit.account.0);
            write_character(w, &recruit.character);
        }
        terms::write_accounts(w, &self.accounts);
        terms::write_rules(w, &self.rules);
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Origin, JournalError> {
        let (instrument, interval, sky) = (read_instrument(r)?, Interval(r.i64()?), read_sky(r)?);
        let recruit = |r: &mut Reader<'_>| {
            let (bot, capital, seed) = (BotId(r.u16()?), Usd(r.i64()?), r.u64()?);
            let account = AccountId(r.u16()?);
            Ok(Recruit { bot, character: read_character(r)?, capital, seed, account })
        };
        let recruits = (0..r.length()?).map(|_| recruit(r)).collect::<Result<_, _>>()?;
        let (accounts, rules) = (terms::read_accounts(r)?, terms::read_rules(r)?);
        Ok(Origin { instrument, interval, sky, recruits, accounts, rules })
    }
}

fn write_step(w: &mut Writer, step: Step) {
    w.i64(step.mantissa);
    w.byte(step.decimals);
}

fn read_step(r: &mut Reader<'_>) -> Result<Step, JournalError> {
    Ok(Step { mantissa: r.i64()?, decimals: r.byte()? })
}

fn write_instrument(w: &mut Writer, instrument: &Instrument) {
    let Instrument { symbol, tick, lot, qty_min, notional_min, fees, tiers, funding_interval, leverage_max } =
        instrument;
    w.text(symbol);
    write_step(w, *tick);
    write_step(w, *lot);
    w.ints([qty_min.0, notional_min.0, fees.maker.0, fees.taker.0, fees.liquidation.0, funding_interval.0]);
    w.u16(*leverage_max);
    w.length(tiers.len());
    for tier in tiers {
        w.ints([tier.notional_max.0, tier.maintenance.0, tier.deduction.0]);
        w.u16(tier.leverage_max);
    }
}

fn read_instrument(r: &mut Reader<'_>) -> Result<Instrument, JournalError> {
    let (symbol, tick, lot) = (r.text()?, read_step(r)?, read_step(r)?);
    let (qty_min, notional_min) = (Qty(r.i64()?), Usd(r.i64()?));
    let fees = FeeSchedule { maker: Rate(r.i64()?), taker: Rate(r.i64()?), liquidation: Rate(r.i64()?) };
    let (funding_interval, leverage_max) = (Interval(r.i64()?), r.u16()?);
    let tier = |r: &mut Reader<'_>| {
        let (notional_max, maintenance, deduction) = (Usd(r.i64()?), Rate(r.i64()?), Usd(r.i64()?));
        Ok(MarginTier { notional_max, maintenance, deduction, leverage_max: r.u16()? })
    };
    let tiers = (0..r.length()?).map(|_| tier(r)).collect::<Result<_, JournalError>>()?;
    Ok(Instrument { symbol, tick, lot, qty_min, notional_min, fees, tiers, funding_interval, leverage_max })
}

fn write_sky(w: &mut Writer, sky: &Sky) {
    w.byte(sky.factors().iter().fold(0, |bits, factor| bits | 1 << factor as u8));
    w.f64(sky.coordinates().latitude_deg());
    w.f64(sky.coordinates().longitude_deg());
    w.optional(sky.almanac().map(Almanac::range), |w, (from, to)| {
        w.i64(from.0);
        w.i64(to.0);
    });
    for factor in Factor::ALL {
        w.optional(sky.series(factor), write_series);
    }
}

fn write_series(w: &mut Writer, series: &Series) {
    let Terms { source, unit, interval, lag, stale_after } = series.terms();
    w.text(source);
    w.text(unit);
    w.ints([interval.0, lag.0, stale_after.0]);
    w.length(series.readings().len());
    for reading in series.readings() {
        // What it was stamped with.
        w.i64((reading.available_at - *lag - *interval).0);
        w.f64(reading.value);
    }
}

fn read_sky(r: &mut Reader<'_>) -> Result<Sky, JournalError> {
    let bits = r.byte()?;
    let on: FactorSet = Factor::ALL.into_iter().filter(|factor| bits & (1 << *factor as u8) != 0).collect();
    let place = Coordinates::new(r.f64()?, r.f64()?)
        .ok_or_else(|| JournalError::Origin("its place is not on Earth".to_owned()))?;
    let mut sky = Sky::none().with_factors(on).with_coordinates(place);
    if let Some((from, to)) = r.optional(|r| Ok((Time(r.i64()?), Time(r.i64()?))))? {
        let almanac = Almanac::new(from, to).map_err(|error| JournalError::Origin(error.to_string()))?;
        sky = sky.with_almanac(Arc::new(almanac));
    }
    for factor in Factor::ALL {
        if let Some(series) = r.optional(|r| read_series(r, factor))? {
            sky = sky.with_series(Arc::new(series));
        }
    }
    Ok(sky)
}

fn read_series(r: &mut Reader<'_>, factor: Factor) -> Result<Series, JournalError> {
    let (source, unit) = (r.text()?, r.text()?);
    let (interval, lag, stale_after) = (Interval(r.i64()?), Interval(r.i64()?), Interval(r.i64()?));
    let row = |r: &mut Reader<'_>| Ok((Time(r.i64()?), r.f64()?));
    let rows = (0..r.length()?).map(|_| row(r)).collect::<Result<_, JournalError>>()?;
    Series::new(factor, Terms { source, unit, interval, lag, stale_after }, rows)
        .map_err(|error| JournalError::Origin(error.to_string()))
}

fn write_character(w: &mut Writer, character: &Character) {
    match character {
        Character::Persona(profile, gains) => {
            w.byte(0);
            w.text(&profile.to_text());
            w.f64(gains.emotion);
            w.f64(gains.cosmic);
        }
        Character::Twin(profile) => {
            w.byte(1);
            w.text(&profile.to_text());
        }
        Character::Control(name, settings) => {
            w.byte(2);
            w.text(name);
            w.u32(settings.fast);
            w.u32(settings.slow);
            w.i64(settings.quantity.0);
        }
    }
}

fn read_character(r: &mut Reader<'_>) -> Result<Character, JournalError> {
    let profile = |r: &mut Reader<'_>| {
        let profile = Profile::parse(&r.text()?).map_err(|error| JournalError::Origin(error.to_string()))?;
        Ok::<_, JournalError>(Box::new(profile))
    };
    match r.byte()? {
        0 => Ok(Character::Persona(profile(r)?, Gains { emotion: r.f64()?, cosmic: r.f64()? })),
        1 => Ok(Character::Twin(profile(r)?)),
        2 => {
            let name = r.text()?;
            let known = CONTROLS.iter().find(|(known, _)| *known == name);
            let (name, _) =
                known.ok_or_else(|| JournalError::Origin(format!("no control is called {name}")))?;
            let (fast, slow, quantity) = (r.u32()?, r.u32()?, Qty(r.i64()?));
            Ok(Character::Control(name, ControlSettings { fast, slow, quantity }))
        }
        _ => Err(JournalError::Content("a character of a kind that is not known")),
    }
}
