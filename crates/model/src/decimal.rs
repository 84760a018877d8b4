//! Decimal text to scaled integers and back, without a float in between.
//!
//! Prices, quantities and rates arrive as text ("46210.57", "4.037e-05"); a value that needs more decimals than
//! its unit has is an error here, never a rounding.

use std::fmt;

/// `mantissa x 10^-decimals`, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// Digits without the point.
    pub mantissa: i64,
    /// Digits after the point.
    pub decimals: u8,
}

/// Why a text is not a decimal of the wanted unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not a number, or not a finite one.
    NotANumber,
    /// More digits than 64 bits hold.
    TooLarge,
    /// Needs more decimals than the unit has.
    TooFine,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DecimalError::NotANumber => "not a number",
            DecimalError::TooLarge => "too large",
            DecimalError::TooFine => "has more decimals than its unit",
        })
    }
}
impl std::error::Error for DecimalError {}

const POWERS_MAX: u32 = 18;

impl Decimal {
    /// Reads plain or scientific notation; trailing zeros after the point are dropped.
    pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
        let (number, exponent) = match text.find(['e', 'E']) {
            Some(at) => {
                let exponent: i32 = text[at + 1..].parse().map_err(|_| DecimalError::NotANumber)?;
                (&text[..at], exponent)
            }
            None => (text, 0),
        };
        let (negative, digits) = match number.as_bytes().first() {
            Some(b'-') => (true, &number[1..]),
            Some(b'+') => (false, &number[1..]),
            _ => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(DecimalError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        let mut mantissa: i64 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(DecimalError::NotANumber);
            }
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|m| m.checked_add(i64::from(byte - b'0')))
                .ok_or(DecimalError::TooLarge)?;
        }
        let decimals = i32::try_from(fraction.len()).map_err(|_| DecimalError::TooFine)?;
        let mantissa = if negative { -mantissa } else { mantissa };
        Decimal::shift(mantissa, decimals.saturating_sub(exponent))
    }

    /// `mantissa x 10^-decimals` with trailing zeros dropped and negative `decimals` multiplied out.
    fn shift(mut mantissa: i64, mut decimals: i32) -> Result<Decimal, DecimalError> {
        if mantissa == 0 {
            return Ok(Decimal { mantissa: 0, decimals: 0 });
        }
        while decimals < 0 {
            mantissa = mantissa.checked_mul(10).ok_or(DecimalError::TooLarge)?;
            decimals += 1;
        }
        while decimals > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            decimals -= 1;
        }
        let decimals = u8::try_from(decimals).map_err(|_| DecimalError::TooFine)?;
        Ok(Decimal { mantissa, decimals })
    }

    /// The value in units of `10^-decimals`.
    pub fn scaled(self, decimals: u8) -> Result<i64, DecimalError> {
        if self.decimals > decimals {
            return Err(DecimalError::TooFine);
        }
        let up = u32::from(decimals - self.decimals);
        if up > POWERS_MAX {
            return if self.mantissa == 0 { Ok(0) } else { Err(DecimalError::TooLarge) };
        }
        self.mantissa.checked_mul(10_i64.pow(up)).ok_or(DecimalError::TooLarge)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_scaled(f, i128::from(self.mantissa), self.decimals)
    }
}

/// Writes a whole number of `10^-decimals` as a decimal.
pub fn write_scaled(f: &mut fmt::Formatter<'_>, mantissa: i128, decimals: u8) -> fmt::Result {
    let sign = if mantissa < 0 { "-" } else { "" };
    let digits = mantissa.unsigned_abs();
    if decimals == 0 {
        return write!(f, "{sign}{digits}");
    }
    let width = usize::from(decimals) + 1;
    let text = format!("{digits:0width$}");
    let point = text.len() - usize::from(decimals);
    write!(f, "{sign}{}.{}", &text[..point], &text[point..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_exchanges_write() {
        for (text, mantissa, decimals) in [
            ("46210.57", 4_621_057, 2),
            ("4.037e-05", 4_037, 8),
            ("1e3", 1_000, 0),
            ("-0.0100", -1, 2),
            ("0.0000", 0, 0),
            (".5", 5, 1),
            ("7.", 7, 0),
        ] {
            assert_eq!(Decimal::parse(text), Ok(Decimal { mantissa, decimals }), "{text}");
        }
        for text in ["", "-", ".", "1.2.3", "nan", "inf", "1e", "0x1", "1 "] {
            assert_eq!(Decimal::parse(text), Err(DecimalError::NotANumber), "{text}");
        }
        assert_eq!(Decimal::parse("99999999999999999999"), Err(DecimalError::TooLarge));
        assert_eq!(Decimal::parse("1.23").and_then(|d| d.scaled(1)), Err(DecimalError::TooFine));
    }

    #[test]
    fn prints_what_it_read() {
        for text in ["46210.57", "-0.01", "0.00004037", "1000", "0"] {
            assert_eq!(Decimal::parse(text).map(|d| d.to_string()), Ok(text.to_owned()));
        }
    }
}
