//! Values of flags from text, exactly: decimals become integers of their unit without a float in between.
//!
//! It refuses what is out of range here, so that the core never meets it, and says what would be in range.

use data::catalogue::{INTERVALS, Kind, Origin};
use model::event::Shock;
use model::{Decimal, DecimalError, Instrument, Interval, Price, Qty, Rate, Step, Time, Usd};
use std::fmt;
use synthetic::{Laid, PRICE_START, Scenario};

/// A value that is not possible, and what would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    problem: String,
    /// What to do next.
    pub hint: String,
}

impl Refused {
    fn new(problem: impl Into<String>, hint: impl Into<String>) -> Refused {
        Refused { problem: problem.into(), hint: hint.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}
impl std::error::Error for Refused {}

/// Largest capital: a billion USDT, so that no sum of money leaves 64 bits.
const CAPITAL_MAX: Usd = Usd(1_000_000_000 * Usd::ONE.0);
/// Largest fee, and largest rebate, in basis points.
const FEE_MAX_BPS: i64 = 100;
/// Largest funding rate either way, in basis points.
const FUNDING_MAX_BPS: i64 = 1_000;
/// Worst slippage, in basis points.
const SLIPPAGE_MAX_BPS: i64 = 500;
/// Largest gain of what is felt.
const GAIN_MAX: f64 = 3.0;
/// Longest latency.
const LATENCY_MS_MAX: u64 = 60_000;
/// Longest average.
pub const PERIOD_MAX: u32 = 100_000;
/// Largest quantity in whole coins.
const COINS_MAX: i64 = 1_000_000;

fn decimal(text: &str, decimals: u8, hint: &str) -> Result<i64, Refused> {
    let read = Decimal::parse(text).and_then(|decimal| decimal.scaled(decimals));
    read.map_err(|error| match error {
        DecimalError::TooFine => Refused::new(format!("it has more than {decimals} decimals"), hint),
        DecimalError::NotANumber | DecimalError::TooLarge => Refused::new(format!("it is {error}"), hint),
    })
}

/// A starting capital in USDT.
pub fn capital(text: &str) -> Result<Usd, Refused> {
    let hint = "give an amount of USDT above zero and at most 1000000000, such as 10000";
    let capital = Usd(decimal(text, 6, hint)?);
    match capital {
        _ if capital <= Usd::ZERO => Err(Refused::new("a capital is above zero", hint)),
        _ if capital > CAPITAL_MAX => Err(Refused::new("it is above a billion USDT", hint)),
        _ => Ok(capital),
    }
}

/// A taker fee as a fraction of notional.
pub fn fee_taker(text: &str) -> Result<Rate, Refused> {
    fee(text, 0)
}

/// A maker fee as a fraction of notional; below zero it is a rebate.
pub fn fee_maker(text: &str) -> Result<Rate, Refused> {
    fee(text, -FEE_MAX_BPS)
}

fn fee(text: &str, min_bps: i64) -> Result<Rate, Refused> {
    let hint = "give a fraction of notional: 0.06 % is 0.0006; at most 0.01";
    let rate = Rate(decimal(text, Rate::DECIMALS, hint)?);
    if (Rate::bps(min_bps)..=Rate::bps(FEE_MAX_BPS)).contains(&rate) {
        return Ok(rate);
    }
    let min = crate::figures::rate(Rate::bps(min_bps));
    Err(Refused::new(format!("a fee lies between {min} and 0.01"), hint))
}

/// A funding rate as a fraction: a long pays a positive one.
pub fn funding_rate(text: &str) -> Result<Rate, Refused> {
    let hint = "give a fraction of notional: 0.01 % is 0.0001; at most 0.1 either way";
    let rate = Rate(decimal(text, Rate::DECIMALS, hint)?);
    if rate.abs() <= Rate::bps(FUNDING_MAX_BPS) {
        return Ok(rate);
    }
    Err(Refused::new("a funding rate lies between -0.1 and 0.1", hint))
}

/// A slippage in basis points of the price.
pub fn slippage(text: &str) -> Result<Rate, Refused> {
    let hint = "give basis points of the price, such as 1.5; 0 is none";
    let rate = Rate(decimal(text, Rate::DECIMALS - 4, hint)?);
    if (Rate::ZERO..=Rate::bps(SLIPPAGE_MAX_BPS)).contains(&rate) {
        return Ok(rate);
    }
    Err(Refused::new(format!("a slippage lies between 0 and {SLIPPAGE_MAX_BPS} bp"), hint))
}

/// A latency in milliseconds.
pub fn latency(text: &str) -> Result<Interval, Refused> {
    let hint = "give whole milliseconds, such as 250; 0 is none";
    let ms: u64 = text.parse().map_err(|_| Refused::new("it is not a whole number from 0 on", hint))?;
    if ms > LATENCY_MS_MAX {
        return Err(Refused::new(format!("a latency is at most {LATENCY_MS_MAX} ms"), hint));
    }
    Ok(Interval(i64::try_from(ms).expect("it was just bounded")))
}

/// A gain of what is felt.
pub fn gain(text: &str) -> Result<f64, Refused> {
    let hint = "give 0 for none, 1 for the persona as it is, at most 3";
    let gain: f64 = text.parse().map_err(|_| Refused::new("it is not a number", hint))?;
    if !(0.0..=GAIN_MAX).contains(&gain) {
        return Err(Refused::new(format!("a gain lies in 0..{GAIN_MAX}"), hint));
    }
    Ok(gain)
}

/// A share, 0 and 1 included.
pub fn share(text: &str) -> Result<f64, Refused> {
    let hint = "give a number from 0 to 1";
    let share: f64 = text.parse().map_err(|_| Refused::new("it is not a number", hint))?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(Refused::new("it lies outside 0..1", hint)) }
}

/// Level of a test.
pub fn level(text: &str) -> Result<f64, Refused> {
    let hint = "give a level such as 0.05";
    let level: f64 = text.parse().map_err(|_| Refused::new("it is not a number", hint))?;
    if level > 0.0 && level < 0.5 { Ok(level) } else { Err(Refused::new("a level lies inside 0..0.5", hint)) }
}

/// An effect in per cent of capital.
pub fn effect(text: &str) -> Result<f64, Refused> {
    let hint = "give per cent of capital, such as 5";
    let effect: f64 = text.parse().map_err(|_| Refused::new("it is not a number", hint))?;
    if effect > 0.0 && effect <= 10_000.0 {
        Ok(effect)
    } else {
        Err(Refused::new("it lies outside 0..10000", hint))
    }
}

/// Length of a life in a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// So many days.
    Days(u32),
    /// The whole market.
    All,
}

/// Days, with or without a `d`, or all.
pub fn period(text: &str) -> Result<Period, Refused> {
    let hint = "give whole days from 1 on, such as 90, or all";
    if text == "all" {
        return Ok(Period::All);
    }
    let days: u32 = text.trim_end_matches('d').parse().map_err(|_| Refused::new("it is no length", hint))?;
    if days == 0 { Err(Refused::new("a life has a length", hint)) } else { Ok(Period::Days(days)) }
}

/// An instant in UTC: a day, or a day and a time of it.
pub fn instant(text: &str) -> Result<Time, Refused> {
    let hint = "give a UTC instant such as 2022-05-12 or 2022-05-12T13:30Z";
    let wrong = || Refused::new("there is no such instant", hint);
    let Some((date, clock)) = text.split_once(['T', ' ']) else { return day(text) };
    let date = day(date)?;
    let mut parts = clock.trim_end_matches('Z').split(':');
    let mut next = |below: i64| -> Result<i64, Refused> {
        let part = parts.next().ok_or_else(wrong)?;
        let value: i64 = part.parse().map_err(|_| wrong())?;
        if part.len() == 2 && (0..below).contains(&value) { Ok(value) } else { Err(wrong()) }
    };
    let (hour, minute) = (next(24)?, next(60)?);
    let second = next(60).unwrap_or(0);
    if clock.trim_end_matches('Z').split(':').count() > 3 {
        return Err(wrong());
    }
    Ok(date + Interval((hour * 3_600 + minute * 60 + second) * 1_000))
}

/// News at an instant: `KIND@TIME`.
pub fn shock(text: &str) -> Result<(Time, Shock), Refused> {
    let kinds = Shock::ALL.map(Shock::name).join(", ");
    let hint = format!("give KIND@TIME such as black_swan@2022-05-12T13:30Z; kinds are {kinds}");
    let (kind, at) = text.split_once('@').ok_or_else(|| Refused::new("it has no @", hint.clone()))?;
    let kind = Shock::from_name(kind)
        .ok_or_else(|| Refused::new(format!("no news is called \"{kind}\""), hint.clone()))?;
    Ok((instant(at)?, kind))
}

/// A scenario and its place: `NAME@TIME`, or `NAME@TIME+LENGTH`.
pub fn scenario(text: &str) -> Result<Laid, Refused> {
    let names = Scenario::ALL.map(Scenario::name).join(", ");
    let hint =
        format!("give NAME@TIME or NAME@TIME+LENGTH such as crash@2024-01-03T14:00Z+6h; names are {names}");
    let (name, place) = text.split_once('@').ok_or_else(|| Refused::new("it has no @", hint.clone()))?;
    let scenario = Scenario::parse(name)
        .ok_or_else(|| Refused::new(format!("no scenario is called \"{name}\""), hint.clone()))?;
    let (at, length) = place.split_once('+').map_or((place, None), |(at, length)| (at, Some(length)));
    let lasts = length.map(interval).transpose()?;
    if lasts.is_some_and(|lasts| lasts < Interval::MINUTE) {
        return Err(Refused::new("a scenario lasts a minute and more", hint));
    }
    Ok(Laid { scenario, at: instant(at)?, lasts })
}

/// A price that a made market may start at, in USDT.
pub fn market_price(text: &str) -> Result<f64, Refused> {
    let (least, most) = PRICE_START;
    let hint = format!("give USDT such as 60000, from {least} to {most}: it needs room to fall and to rise");
    let ticks = decimal(text, 1, &hint)?;
    let price = ticks as f64 / 10.0;
    if (least..=most).contains(&price) {
        return Ok(price);
    }
    Err(Refused::new("no made market starts at such a price", hint))
}

/// The largest share of a bar's volume that one account's fills may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Participation {
    /// Any volume.
    Unlimited,
    /// This share.
    AtMost(Rate),
}

impl Participation {
    /// As the venue wants it.
    pub fn share(self) -> Option<Rate> {
        match self {
            Participation::Unlimited => None,
            Participation::AtMost(share) => Some(share),
        }
    }
}

/// A participation: a fraction of a bar's volume, or `off`.
pub fn participation(text: &str) -> Result<Participation, Refused> {
    let hint = "give a fraction of a bar's volume above 0 and at most 1, such as 0.1; or off";
    if text == "off" {
        return Ok(Participation::Unlimited);
    }
    let share = Rate(decimal(text, Rate::DECIMALS, hint)?);
    if share > Rate::ZERO && share <= Rate::ONE {
        return Ok(Participation::AtMost(share));
    }
    Err(Refused::new("a participation lies above 0 and is at most 1", hint))
}

/// A UTC day: its midnight.
pub fn day(text: &str) -> Result<Time, Refused> {
    let hint = "give a UTC day as YYYY-MM-DD, such as 2022-01-31";
    let wrong = || Refused::new("there is no such day", hint);
    let mut parts = text.split('-');
    let mut next = |digits: usize| -> Result<i64, Refused> {
        let part = parts.next().filter(|part| part.len() == digits).ok_or_else(wrong)?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        part.parse().map_err(|_| wrong())
    };
    let (year, month, day) = (next(4)?, next(2)?, next(2)?);
    if parts.next().is_some() {
        return Err(wrong());
    }
    Time::from_date(year, month, day).ok_or_else(wrong)
}

/// A source of history.
pub fn origin(text: &str) -> Result<Origin, Refused> {
    let names = Origin::ALL.map(Origin::name).join(" and ");
    Origin::from_name(text)
        .ok_or_else(|| Refused::new("there is no such source", format!("there are {names}")))
}

/// A kind of history.
pub fn kind(text: &str) -> Result<Kind, Refused> {
    let names = Kind::ALL.map(Kind::name).join(", ");
    Kind::from_name(text).ok_or_else(|| Refused::new("there is no such kind", format!("there are {names}")))
}

/// The length of bars that the catalogue keeps.
pub fn kept_interval(text: &str) -> Result<Interval, Refused> {
    let names = INTERVALS.map(|interval| interval.to_string()).join(", ");
    let length = interval(text)?;
    let wrong = || Refused::new("bars of that length are not kept", format!("give one of {names}"));
    INTERVALS.contains(&length).then_some(length).ok_or_else(wrong)
}

/// The length of a bar: `5m`, `4h`, `1d`, `30s`.
pub fn interval(text: &str) -> Result<Interval, Refused> {
    let hint = "give a number and a unit, such as 5m, 15m, 1h, 4h or 1d";
    let wrong = || Refused::new("it is not the length of a bar", hint);
    let at = text.len() - text.chars().next_back().map_or(0, char::len_utf8);
    let unit = match &text[at..] {
        "s" => Interval::SECOND,
        "m" => Interval::MINUTE,
        "h" => Interval::HOUR,
        "d" => Interval::DAY,
        _ => return Err(wrong()),
    };
    let count: i64 = text[..at].parse().map_err(|_| wrong())?;
    let ms = count.checked_mul(unit.0).filter(|ms| *ms > 0).ok_or_else(wrong)?;
    Ok(Interval(ms))
}

/// A quantity in the base coin, as lots of the instrument.
pub fn quantity(text: &str, instrument: &Instrument) -> Result<Qty, Refused> {
    let lot = instrument.format_qty(Qty(1));
    let hint = format!("give a multiple of the lot of {lot}, such as 0.1");
    let quantity = Qty(steps(text, instrument.lot, "lots", &hint)?);
    if quantity < instrument.qty_min {
        let min = instrument.format_qty(instrument.qty_min);
        return Err(Refused::new(format!("an order is at least {min}"), hint));
    }
    if quantity.0 as f64 * instrument.lot.as_f64() > COINS_MAX as f64 {
        return Err(Refused::new("it is more than a million coins", hint));
    }
    Ok(quantity)
}

/// A traded price, as ticks of the instrument.
pub fn price(text: &str, instrument: &Instrument) -> Result<Price, Refused> {
    let hint = format!("give a multiple of the tick of {}, such as 40000", instrument.format_price(Price(1)));
    let price = Price(steps(text, instrument.tick, "ticks", &hint)?);
    if price <= Price::ZERO { Err(Refused::new("a price is above zero", hint)) } else { Ok(price) }
}

/// A whole number of steps; where it is not one, the hint names the steps on either side.
fn steps(text: &str, step: Step, called: &str, hint: &str) -> Result<i64, Refused> {
    let read = Decimal::parse(text).map_err(|error| Refused::new(format!("it is {error}"), hint))?;
    let size = step.format(1);
    let not_whole =
        |hint: String| Refused::new(format!("it is not a whole number of {called} of {size}"), hint);
    // What is finer than 128 bits hold lies between zero and the first step.
    let finer = u32::from(read.decimals.saturating_sub(step.decimals));
    let coarser = u32::from(step.decimals.saturating_sub(read.decimals));
    let units = 10_i128.checked_pow(coarser).and_then(|up| i128::from(read.mantissa).checked_mul(up));
    let units = units.ok_or_else(|| Refused::new("it is too large", hint))?;
    let unit = 10_i128.checked_pow(finer).and_then(|up| i128::from(step.mantissa).checked_mul(up));
    let (whole, rest) = unit.map_or((0, 1), |unit| (units.div_euclid(unit), units.rem_euclid(unit)));
    // One step of room, so that the one above can be named as well.
    let whole = i64::try_from(whole).ok().filter(|whole| whole.abs() < i64::MAX / step.mantissa);
    let whole = whole.ok_or_else(|| Refused::new("it is too large", hint))?;
    match (rest, whole) {
        (0, _) => Ok(whole),
        (_, ..0) => Err(not_whole(hint.to_owned())),
        (_, 0) => Err(not_whole(format!("give {size}, the smallest there is, or a multiple of it"))),
        _ => Err(not_whole(format!("the nearest are {} and {}", step.format(whole), step.format(whole + 1)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(capital("10000.000001"), Ok(Usd(10_000_000_001)));
        assert_eq!(fee_taker("0.0006"), Ok(Rate(600_000_000)));
        assert_eq!(fee_maker("-0.00005"), Ok(Rate(-50_000_000)));
        assert_eq!(slippage("1.5"), Ok(Rate(150_000_000)));
        assert_eq!(participation("0.1"), Ok(Participation::AtMost(Rate(100_000_000_000))));
        assert_eq!(participation("off"), Ok(Participation::Unlimited));
        assert_eq!(latency("250"), Ok(Interval(250)));
        assert_eq!(interval("15m"), Ok(Interval::minutes(15)));
        assert_eq!(day("2024-02-29").map(|day| day.to_string()), Ok("2024-02-29T00:00:00Z".to_owned()));
        assert_eq!(quantity("0.1", &Instrument::btcusdt()), Ok(Qty(100)));
        assert_eq!(market_price("60000.5"), Ok(60_000.5));
        let laid = scenario("flash_crash@2024-01-03T14:00Z+30m");
        let (scenario, at) = (Scenario::FlashCrash, instant("2024-01-03T14:00Z").expect("an instant"));
        assert_eq!(laid, Ok(Laid { scenario, at, lasts: Some(Interval::minutes(30)) }));
    }

    #[test]
    fn what_lies_between_two_steps_is_told_them() {
        let instrument = Instrument::btcusdt();
        assert_eq!(price("40000.10", &instrument), Ok(Price(400_001)));
        let hint = |refused: Result<Price, Refused>| refused.expect_err("off the grid").hint;
        assert_eq!(hint(price("40000.17", &instrument)), "the nearest are 40000.1 and 40000.2");
        assert_eq!(hint(price("0.017", &instrument)), "give 0.1, the smallest there is, or a multiple of it");
        for text in ["0", "-1", "-0.01", "1e18", "922337203685477580.7", "nan", ""] {
            assert!(price(text, &instrument).is_err(), "{text}");
        }
        let odd = Instrument { tick: Step { mantissa: 25, decimals: 2 }, ..instrument };
        assert_eq!(hint(price("10.3", &odd)), "the nearest are 10.25 and 10.50");
    }

    #[test]
    fn the_impossible_is_refused_with_a_hint() {
        for text in ["-5", "0", "1e12", "nan", "", "0.0000001", "inf", "ten", "9999999999999999999"] {
            assert!(!capital(text).expect_err(text).hint.is_empty());
        }
        for text in ["2023-02-29", "2023-1-1", "23-01-01", "2023-01-01-01", "2023-13-01", "", "2023-+1-01"] {
            assert!(day(text).is_err(), "{text}");
        }
        for text in ["0m", "-5m", "5", "m", "5w", "", "99999999999999d", "5ä"] {
            assert!(interval(text).is_err(), "{text}");
        }
        for text in ["0", "-0.1", "-0.0001", "0.0001", "1e-60", "1e9", "9e18", "x"] {
            assert!(quantity(text, &Instrument::btcusdt()).is_err(), "{text}");
        }
        assert!(origin("kraken").is_err() && kind("trades").is_err());
        assert!(kept_interval("1d").is_err() && kept_interval("7m").is_err() && kept_interval("4h").is_ok());
        assert!(fee_taker("-0.0001").is_err() && fee_taker("6").is_err() && fee_maker("-0.02").is_err());
        assert!(funding_rate("0.11").is_err() && funding_rate("-0.11").is_err());
        assert!(slippage("-1").is_err() && slippage("501").is_err());
        assert!(latency("-1").is_err() && latency("60001").is_err() && latency("1.5").is_err());
        for text in ["crash", "crush@2024-01-03", "crash@", "crash@2024-01-03+", "crash@2024-01-03+5s"] {
            assert!(!scenario(text).expect_err(text).hint.is_empty());
        }
        assert!(
            market_price("999.9").is_err() && market_price("1e9").is_err() && market_price("0.01").is_err()
        );
        assert!(participation("0").is_err() && participation("1.1").is_err());
    }
}
