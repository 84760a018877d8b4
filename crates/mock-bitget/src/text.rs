//! Amounts as the exchange writes them: decimal text without trailing zeros, never an exponent.
//!
//! Everything is exact but an average price, which has ten decimals. Refuses floats, except for volumes, which are the
//! market's and not anybody's money.

use model::{Decimal, DecimalError, Instrument, Mark, Price, Qty, Rate, Step, Usd, div_round_half_away};

fn trimmed(text: String) -> String {
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn fixed(mantissa: i64, decimals: u8) -> String {
    let text = trimmed(Decimal { mantissa, decimals }.to_string());
    if text == "-0" { "0".to_owned() } else { text }
}

pub(crate) fn usd(amount: Usd) -> String {
    fixed(amount.0, 6)
}

pub(crate) fn mark(mark: Mark) -> String {
    fixed(mark.0, Mark::DECIMALS)
}

pub(crate) fn rate(rate: Rate) -> String {
    fixed(rate.0, Rate::DECIMALS)
}

pub(crate) fn price(instrument: &Instrument, price: Price) -> String {
    trimmed(instrument.format_price(price).to_string())
}

pub(crate) fn qty(instrument: &Instrument, qty: Qty) -> String {
    trimmed(instrument.format_qty(qty).to_string())
}

pub(crate) fn step(step: Step) -> String {
    fixed(step.mantissa, step.decimals)
}

/// A volume of the market.
pub(crate) fn volume(volume: f64) -> String {
    trimmed(format!("{volume:.6}"))
}

/// `cost / lots` as a price: what was paid on average.
pub(crate) fn average(instrument: &Instrument, cost: i128, lots: Qty) -> Mark {
    if lots.0 == 0 {
        return Mark::ZERO;
    }
    let exact = cost.abs() * i128::from(instrument.mark_per_tick());
    let mark = div_round_half_away(exact, i128::from(lots.0.abs()));
    Mark(i64::try_from(mark).expect("an average of prices is a price"))
}

/// A fraction of two amounts with six decimals.
pub(crate) fn ratio(of: Usd, to: Usd) -> String {
    if to.0 == 0 {
        return "0".to_owned();
    }
    let sign = i128::from(to.0.signum());
    let exact = div_round_half_away(i128::from(of.0) * sign * 1_000_000, i128::from(to.0.abs()));
    fixed(i64::try_from(exact).unwrap_or(i64::MAX), 6)
}

/// Why a text is no whole number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotSteps {
    /// Not a number at all.
    NotANumber,
    /// It lies between two steps.
    OffGrid,
}

/// Text to whole steps, exactly.
pub(crate) fn steps(text: &str, step: Step) -> Result<i64, NotSteps> {
    let units = match Decimal::parse(text).and_then(|decimal| decimal.scaled(step.decimals)) {
        Ok(units) => units,
        Err(DecimalError::TooFine) => return Err(NotSteps::OffGrid),
        Err(_) => return Err(NotSteps::NotANumber),
    };
    if units % step.mantissa == 0 { Ok(units / step.mantissa) } else { Err(NotSteps::OffGrid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_exact_and_bare() {
        let i = Instrument::btcusdt();
        assert_eq!(
            (usd(Usd(-36_000)), usd(Usd(0)), usd(Usd(7_000_000))),
            ("-0.036".into(), "0".into(), "7".into())
        );
        assert_eq!((price(&i, Price(270_005)), qty(&i, Qty(10))), ("27000.5".into(), "0.01".into()));
        assert_eq!(mark(average(&i, 270_005 + 270_006, Qty(2))), "27000.55");
        assert_eq!((ratio(Usd(1), Usd(3)), ratio(Usd(1), Usd(-2))), ("0.333333".into(), "-0.5".into()));
        assert_eq!(steps("27000.50", i.tick), Ok(270_005));
        assert_eq!(steps("27000.55", i.tick), Err(NotSteps::OffGrid));
        assert_eq!(steps("x", i.tick), Err(NotSteps::NotANumber));
        assert_eq!(steps("1.5", Step { mantissa: 5, decimals: 1 }), Ok(3));
        assert_eq!(steps("1.6", Step { mantissa: 5, decimals: 1 }), Err(NotSteps::OffGrid));
    }
}
