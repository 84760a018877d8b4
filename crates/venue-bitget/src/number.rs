//! Text to ticks, lots, micro-USDT, rates and marks, exactly; and what an exchange writes when it means "none".
//!
//! No float ever: a value that is not a whole number of its steps is an error that names field and value. Where the
//! exchange really is finer than the farm's unit (fees have eight decimals, money here six) the one rounding has its
//! own name, `..._rounded`. It refuses to guess what a zero means: the caller says which numbers are "none".

use model::{Interval, Mark, Price, Qty, Rate, Step, Time, Usd};
use std::fmt;

/// Digits of a number, and places after its point, that are read at all.
const DIGITS_MAX: usize = 36;
/// What of a bad value is repeated in a message.
const VALUE_CHARS_MAX: usize = 48;
const USD_DECIMALS: u8 = 6;

/// `mantissa x 10^-decimals` exactly as written: trailing zeros count, because a checksum is taken over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exact {
    /// Digits without the point.
    pub mantissa: i128,
    /// Digits after the point.
    pub decimals: u8,
}

/// What is wrong with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing there, where there must be something.
    #[error("is missing: the reply is of another endpoint or API generation than was asked")]
    Missing,
    /// Not a decimal number.
    #[error("is not a decimal number: report the payload, and leave the value out")]
    NotANumber,
    /// More than the unit's 64 bits hold, or more digits than any price has.
    #[error("is too large for its unit: report the payload, and do not trade on it")]
    TooLarge,
    /// Not a whole number of steps.
    #[error("is no whole number of its steps: load the contract list again, the step may have changed")]
    NotAMultiple,
    /// Negative where only a size can be.
    #[error("is negative: report the payload, and do not trade on it")]
    Negative,
}

/// A number that cannot be used: which, what it was, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is \"{value}\", which {fault}")]
pub struct BadNumber {
    /// Bitget's name of it.
    pub field: &'static str,
    /// What was there, cut to a length that fits a log line.
    pub value: String,
    /// Why not.
    pub fault: Fault,
}

/// The numbers by which a field says "none", besides an empty text, `null` and a missing key, which always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoneIs {
    /// `0`, `0.0` ...
    Zero,
    /// `-1`.
    MinusOne,
    /// Anything that is not above zero.
    NotPositive,
}

impl Exact {
    /// Reads plain or scientific notation.
    pub fn parse(text: &str) -> Result<Exact, Fault> {
        let (number, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| Fault::NotANumber)?),
            None => (text, 0),
        };
        let (negative, digits) = match number.as_bytes().first() {
            Some(b'-') => (true, &number[1..]),
            Some(b'+') => (false, &number[1..]),
            _ => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(Fault::NotANumber);
        }
        if whole.len() + fraction.len() > DIGITS_MAX {
            let junk = digits.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'.');
            return Err(if junk { Fault::NotANumber } else { Fault::TooLarge });
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(Fault::NotANumber);
            }
            mantissa = mantissa * 10 + i128::from(byte - b'0');
        }
        let decimals = i32::try_from(fraction.len()).expect("at most DIGITS_MAX") - exponent.clamp(-99, 99);
        let mantissa = if negative { -mantissa } else { mantissa };
        if decimals < 0 {
            if mantissa == 0 {
                return Ok(Exact { mantissa, decimals: 0 });
            }
            let up = power_of_ten(decimals.unsigned_abs()).ok_or(Fault::TooLarge)?;
            let mantissa = mantissa.checked_mul(up).ok_or(Fault::TooLarge)?;
            return Ok(Exact { mantissa, decimals: 0 });
        }
        let decimals = u8::try_from(decimals).map_err(|_| Fault::TooLarge)?;
        Ok(Exact { mantissa, decimals })
    }

    /// How many whole steps it is.
    pub fn in_steps(self, step: Step) -> Result<i64, Fault> {
        assert!(step.mantissa > 0, "a step is positive");
        let (numerator, denominator) = self.over(i128::from(step.mantissa), step.decimals)?;
        if numerator % denominator != 0 {
            return Err(Fault::NotAMultiple);
        }
        i64::try_from(numerator / denominator).map_err(|_| Fault::TooLarge)
    }

    /// The nearest whole number of steps, ties away from zero.
    pub fn nearest_step(self, step: Step) -> Result<i64, Fault> {
        assert!(step.mantissa > 0, "a step is positive");
        let (numerator, denominator) = self.over(i128::from(step.mantissa), step.decimals)?;
        divide(numerator, denominator)
    }

    /// The nearest whole number of `10^-decimals`, ties away from zero: for values the exchange keeps finer than we do.
    pub fn rounded(self, decimals: u8) -> Result<i64, Fault> {
        let (numerator, denominator) = self.over(1, decimals)?;
        divide(numerator, denominator)
    }

    /// This divided by `mantissa x 10^-decimals`, as a fraction of integers.
    fn over(self, mantissa: i128, decimals: u8) -> Result<(i128, i128), Fault> {
        if self.mantissa == 0 {
            return Ok((0, 1));
        }
        let by = |value: i128, up: u8| {
            power_of_ten(u32::from(up)).and_then(|up| value.checked_mul(up)).ok_or(Fault::TooLarge)
        };
        if decimals >= self.decimals {
            Ok((by(self.mantissa, decimals - self.decimals)?, mantissa))
        } else {
            Ok((self.mantissa, by(mantissa, self.decimals - decimals)?))
        }
    }
}

fn divide(numerator: i128, denominator: i128) -> Result<i64, Fault> {
    // The rounding adds half a denominator.
    if numerator.unsigned_abs() > (i128::MAX as u128) / 4 || denominator > i128::MAX / 4 {
        return Err(Fault::TooLarge);
    }
    i64::try_from(model::div_round_half_away(numerator, denominator)).map_err(|_| Fault::TooLarge)
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        model::decimal::write_scaled(f, self.mantissa, self.decimals)
    }
}

/// A scalar of a payload under its name, about to be read as a number with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Bitget's name of it.
    pub name: &'static str,
    /// What is there; empty for `null` and a missing key.
    pub text: &'a str,
}

impl<'a> Field<'a> {
    /// `None` for nothing at all: an empty text, `null`, a missing key.
    pub fn optional(self) -> Option<Field<'a>> {
        (!self.text.is_empty()).then_some(self)
    }

    /// `None` for nothing at all, and for the numbers that mean nothing here.
    pub fn unless(self, none: NoneIs) -> Option<Field<'a>> {
        let field = self.optional()?;
        // What is no number is no "none" either: it is kept, and is an error where it is read.
        let Ok(value) = Exact::parse(field.text) else { return Some(field) };
        let one = power_of_ten(u32::from(value.decimals));
        let is_none = match none {
            NoneIs::Zero => value.mantissa == 0,
            NoneIs::MinusOne => one == Some(-value.mantissa),
            NoneIs::NotPositive => value.mantissa <= 0,
        };
        (!is_none).then_some(field)
    }

    /// The number as written.
    pub fn exact(self) -> Result<Exact, BadNumber> {
        if self.text.is_empty() {
            return Err(self.bad(Fault::Missing));
        }
        Exact::parse(self.text).map_err(|fault| self.bad(fault))
    }

    /// A price in ticks; never negative.
    pub fn price(self, tick: Step) -> Result<Price, BadNumber> {
        self.steps(tick).and_then(|ticks| self.unsigned(ticks)).map(Price)
    }

    /// A price that may lie between ticks, rounded once: a takeover has the price the margin allowed.
    pub fn price_rounded(self, tick: Step) -> Result<Price, BadNumber> {
        let ticks = self.exact()?.nearest_step(tick).map_err(|fault| self.bad(fault))?;
        self.unsigned(ticks).map(Price)
    }

    /// A quantity in lots; never negative, because Bitget writes direction apart from size.
    pub fn qty(self, lot: Step) -> Result<Qty, BadNumber> {
        self.steps(lot).and_then(|lots| self.unsigned(lots)).map(Qty)
    }

    /// Money that must be a whole number of micro-USDT.
    pub fn usd(self) -> Result<Usd, BadNumber> {
        self.steps(Step::decimal(USD_DECIMALS)).map(Usd)
    }

    /// Money rounded once to micro-USDT, ties away from zero: fees and balances come with eight and more decimals.
    pub fn usd_rounded(self) -> Result<Usd, BadNumber> {
        self.exact()?.rounded(USD_DECIMALS).map(Usd).map_err(|fault| self.bad(fault))
    }

    /// A rate.
    pub fn rate(self) -> Result<Rate, BadNumber> {
        self.steps(Step::decimal(Rate::DECIMALS)).map(Rate)
    }

    /// A mark or average price.
    pub fn mark(self) -> Result<Mark, BadNumber> {
        self.steps(Step::decimal(Mark::DECIMALS)).and_then(|units| self.unsigned(units)).map(Mark)
    }

    /// A price the exchange works out by dividing (an average, a liquidation level), rounded once.
    pub fn mark_rounded(self) -> Result<Mark, BadNumber> {
        let units = self.exact()?.rounded(Mark::DECIMALS).map_err(|fault| self.bad(fault))?;
        self.unsigned(units).map(Mark)
    }

    /// A whole number.
    pub fn integer(self) -> Result<i64, BadNumber> {
        self.steps(Step::decimal(0))
    }

    /// A small whole number, such as a leverage.
    pub fn small(self) -> Result<u16, BadNumber> {
        let value = self.integer().and_then(|value| self.unsigned(value))?;
        u16::try_from(value).map_err(|_| self.bad(Fault::TooLarge))
    }

    /// A sequence number: these exceed 2^53.
    pub fn sequence(self) -> Result<u64, BadNumber> {
        let value = self.exact()?;
        if value.decimals != 0 {
            return Err(self.bad(Fault::NotAMultiple));
        }
        u64::try_from(value.mantissa)
            .map_err(|_| self.bad(if value.mantissa < 0 { Fault::Negative } else { Fault::TooLarge }))
    }

    /// An instant in milliseconds.
    pub fn time(self) -> Result<Time, BadNumber> {
        self.integer().and_then(|ms| self.unsigned(ms)).map(Time)
    }

    /// A length of time in whole hours.
    pub fn hours(self) -> Result<Interval, BadNumber> {
        self.small().map(|hours| Interval(i64::from(hours) * Interval::HOUR.0))
    }

    /// This field with what is wrong with it.
    pub fn bad(self, fault: Fault) -> BadNumber {
        BadNumber { field: self.name, value: self.text.chars().take(VALUE_CHARS_MAX).collect(), fault }
    }

    fn steps(self, step: Step) -> Result<i64, BadNumber> {
        self.exact()?.in_steps(step).map_err(|fault| self.bad(fault))
    }

    fn unsigned(self, value: i64) -> Result<i64, BadNumber> {
        if value < 0 { Err(self.bad(Fault::Negative)) } else { Ok(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENTH: Step = Step { mantissa: 1, decimals: 1 };
    const FIVE_HUNDREDTHS: Step = Step { mantissa: 5, decimals: 2 };

    fn field(text: &str) -> Field<'_> {
        Field { name: "price", text }
    }

    #[test]
    fn prices_are_read_exactly_or_named() {
        assert_eq!(field("37355.5").price(TENTH), Ok(Price(373_555)));
        assert_eq!(field("27000.50").price(TENTH), Ok(Price(270_005)));
        assert_eq!(field("0.15").price(FIVE_HUNDREDTHS), Ok(Price(3)));
        assert_eq!(field("1.0E-5").price(Step::decimal(5)), Ok(Price(1)));
        let bad = field("0.17").price(FIVE_HUNDREDTHS).unwrap_err();
        assert_eq!(bad.fault, Fault::NotAMultiple);
        assert!(
            bad.to_string().starts_with("`price` is \"0.17\", which is no whole number of its steps"),
            "{bad}"
        );
        assert_eq!(field("-1").price(TENTH).unwrap_err().fault, Fault::Negative);
        assert_eq!(field("").price(TENTH).unwrap_err().fault, Fault::Missing);
    }

    #[test]
    fn what_is_no_number_is_refused_without_a_panic() {
        for text in ["-", ".", "1.2.3", "nan", "inf", "1e", "0x1", "1 ", "111,1", "е", "1e99999999999", "٣"]
        {
            assert_eq!(Exact::parse(text), Err(Fault::NotANumber), "{text}");
        }
        let long = "9".repeat(5_000);
        for text in ["1e60", "9e-300", "123456789012345678901234567890123456789", long.as_str()] {
            assert!(
                matches!(field(text).usd(), Err(BadNumber { fault, .. }) if fault == Fault::TooLarge),
                "{text}"
            );
        }
        assert!(field(&long).usd().unwrap_err().value.len() <= VALUE_CHARS_MAX);
        assert_eq!(field("0e-80").usd(), Ok(Usd(0)));
        assert_eq!(field("0e80").usd(), Ok(Usd(0)));
    }

    #[test]
    fn money_and_rates_by_hand() {
        assert_eq!(field("-0.004992").usd(), Ok(Usd(-4_992)));
        assert_eq!(field("-0.02236326").usd().unwrap_err().fault, Fault::NotAMultiple);
        assert_eq!(field("-0.02236326").usd_rounded(), Ok(Usd(-22_363)));
        assert_eq!(field("0.0000005").usd_rounded(), Ok(Usd(1)));
        assert_eq!(field("10582.902657719473").usd_rounded(), Ok(Usd(10_582_902_658)));
        assert_eq!(field("0.000071").rate(), Ok(Rate(71_000_000)));
        assert_eq!(field("77202.1").mark(), Ok(Mark(772_021_000_000_000)));
        assert_eq!(field("90247.5410266912815894").mark().unwrap_err().fault, Fault::NotAMultiple);
        assert_eq!(field("90247.5410266912815894").mark_rounded(), Ok(Mark(902_475_410_266_913)));
        assert_eq!(field("24144.12").price_rounded(TENTH), Ok(Price(241_441)));
        assert_eq!(field("0.175").price_rounded(FIVE_HUNDREDTHS), Ok(Price(4)));
        assert_eq!(field("1304314508780744705").sequence(), Ok(1_304_314_508_780_744_705));
        assert_eq!(field("18446744073709551615").sequence(), Ok(u64::MAX));
        assert_eq!(field("70000").small().unwrap_err().fault, Fault::TooLarge);
        assert_eq!(field("8").hours(), Ok(Interval(8 * Interval::HOUR.0)));
    }

    #[test]
    fn every_spelling_of_none() {
        for (text, zero, minus_one, not_positive) in [
            ("", true, true, true),
            ("0", true, false, true),
            ("0.000", true, false, true),
            ("-1", false, true, true),
            ("-1.0", false, true, true),
            ("-1.5", false, false, true),
            ("1", false, false, false),
            ("junk", false, false, false),
        ] {
            assert_eq!(field(text).unless(NoneIs::Zero).is_none(), zero, "{text}");
            assert_eq!(field(text).unless(NoneIs::MinusOne).is_none(), minus_one, "{text}");
            assert_eq!(field(text).unless(NoneIs::NotPositive).is_none(), not_positive, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_price_at_the_step_comes_back(units in 0_i64..1_000_000_000_000, mantissa in 1_i64..100, decimals in 0_u8..9) {
            let step = Step { mantissa, decimals };
            let text = step.format(units).to_string();
            prop_assert_eq!(field(&text).price(step), Ok(Price(units)));
        }

        #[test]
        fn what_is_written_is_printed_again(mantissa in any::<i64>(), decimals in 0_u8..20) {
            let written = Exact { mantissa: i128::from(mantissa), decimals };
            prop_assert_eq!(Exact::parse(&written.to_string()), Ok(written));
        }

        #[test]
        fn exactly_between_two_steps_is_no_step(units in 0_i64..1_000_000_000, decimals in 0_u8..9) {
            let text = Exact { mantissa: i128::from(units) * 10 + 5, decimals: decimals + 1 }.to_string();
            prop_assert_eq!(field(&text).price(Step::decimal(decimals)).unwrap_err().fault, Fault::NotAMultiple);
        }

        #[test]
        fn rounding_is_off_by_at_most_half(mantissa in any::<i64>(), decimals in 0_u8..16) {
            let value = Exact { mantissa: i128::from(mantissa), decimals };
            if let Ok(micros) = value.rounded(6) {
                let scale = |digits: u8| 10_i128.pow(u32::from(digits));
                let off = i128::from(micros) * scale(decimals) - value.mantissa * scale(6);
                prop_assert!(2 * off.abs() <= scale(decimals));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let read = field(&text);
            let _ = (read.usd_rounded(), read.price(TENTH), read.mark_rounded(), read.sequence());
            let _ = read.unless(NoneIs::MinusOne);
        }
    }
}
