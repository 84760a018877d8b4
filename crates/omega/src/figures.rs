//! Figures as a person reads them: grouped digits, cents, per cent. For eyes only: files and JSON hold exact ones.

use model::{Decimal, Rate, Usd};

/// `1234567` as `1,234,567`.
pub fn count(n: impl TryInto<i128>) -> String {
    let n: i128 = n.try_into().ok().expect("a count fits 128 bits");
    let digits = n.unsigned_abs().to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if n < 0 { format!("-{text}") } else { text }
}

/// Cents, rounded half away from zero: `-1,234.50`.
pub fn money(usd: Usd) -> String {
    let cents = model::div_round_half_away(i128::from(usd.0), 10_000);
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", count(cents.unsigned_abs() / 100), cents.unsigned_abs() % 100)
}

/// A fraction in per cent: `-12.34 %`.
pub fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    // Nobody has lost -0.00 %.
    let percent = if percent.abs() < 0.005 { 0.0 } else { percent };
    format!("{percent:.2} %")
}

/// `mantissa x 10^-decimals` without trailing zeros, exactly.
pub fn decimal(mut mantissa: i64, mut decimals: u8) -> String {
    while decimals > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        decimals -= 1;
    }
    Decimal { mantissa, decimals }.to_string()
}

/// A rate as a fraction, exactly: `0.0006`.
pub fn rate(rate: Rate) -> String {
    decimal(rate.0, Rate::DECIMALS)
}

/// A rate in basis points, exactly: `6`.
pub fn basis_points(rate: Rate) -> String {
    decimal(rate.0, Rate::DECIMALS - 4)
}

/// A rate in per cent, exactly: `0.06 %`.
pub fn rate_percent(rate: Rate) -> String {
    format!("{} %", decimal(rate.0, Rate::DECIMALS - 2))
}

/// A length of time in its largest fitting unit: `2.5 h`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7_200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3_600.0),
        s => format!("{:.1} d", s / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well_and_stay_true() {
        assert_eq!(count(1_051_200), "1,051,200");
        assert_eq!(count(-999), "-999");
        assert_eq!(count(0), "0");
        assert_eq!(money(Usd(-1_234_505_000)), "-1,234.51");
        assert_eq!(money(Usd(-4_999)), "0.00");
        assert_eq!(money(Usd(i64::MIN)), "-9,223,372,036,854.78");
        assert_eq!(
            (percent(-0.000_01), percent(-0.0), percent(-0.000_1)),
            ("0.00 %".into(), "0.00 %".into(), "-0.01 %".into())
        );
        assert_eq!(rate(Rate(600_000_000)), "0.0006");
        assert_eq!(basis_points(Rate(150_000_000)), "1.5");
        assert_eq!(rate_percent(Rate::bps(6)), "0.06 %");
        assert_eq!(rate_percent(Rate::ZERO), "0 %");
        assert_eq!(duration(9_000.0), "2.5 h");
    }
}
