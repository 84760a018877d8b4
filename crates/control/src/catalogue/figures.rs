//! Figures as people read them: money to the cent, lengths of time in two units, shares in per cent.
//!
//! It refuses to round money to nothing: an amount below a cent is shown in full.

use crate::Amount;
use model::{Interval, Usd, div_round_half_away};

/// Micro-USDT of a cent.
const CENT: i128 = 10_000;

fn cents(micro: i128) -> String {
    if micro != 0 && micro.abs() < CENT {
        let digits = format!("{:06}", micro.unsigned_abs());
        return format!("0.{}", digits.trim_end_matches('0'));
    }
    let cents = div_round_half_away(micro.abs(), CENT);
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Money: `1234.50 USDT`.
pub(super) fn usdt(amount: impl Into<i128>) -> String {
    let micro = amount.into();
    let sign = if micro < 0 { "-" } else { "" };
    format!("{sign}{} USDT", cents(micro))
}

/// Money with its sign: `+12.50 USDT`.
pub(super) fn signed(amount: impl Into<i128>) -> String {
    let micro = amount.into();
    let sign = if micro < 0 { "-" } else { "+" };
    format!("{sign}{} USDT", cents(micro))
}

/// Money that may not be known.
pub(super) fn known(amount: Option<Amount>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), |Amount(Usd(micro))| usdt(micro))
}

/// What stands for what is not known.
pub(super) const UNKNOWN: &str = "n/a (not known yet)";

/// A part in hundredths: `+1.25 %`.
pub(super) fn percent(fraction: f64) -> String {
    format!("{:+.2} %", fraction * 100.0)
}

/// A part of a whole in hundredths, exactly: `55.0 %`; nothing of nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "n/a (none yet)".to_owned();
    }
    let permille = div_round_half_away(i128::from(part) * 1_000, i128::from(whole));
    format!("{}.{} %", permille / 10, permille % 10)
}

/// One amount over another, to the hundredth: `1.62`; nothing over nothing.
pub(super) fn ratio(above: i128, below: i128, otherwise: &str) -> String {
    if below <= 0 {
        return otherwise.to_owned();
    }
    let hundredths = div_round_half_away(above.saturating_mul(100), below);
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
}

/// Basis points in per cent: `1.5 %`.
pub(super) fn bps(bps: u32) -> String {
    let text = format!("{}.{:02}", bps / 100, bps % 100);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A length of time in its two largest units: `3 h 5 min`.
pub(super) fn length(interval: Interval) -> String {
    let seconds = interval.0.max(0) / 1_000;
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let first = units.iter().position(|(size, _)| seconds >= *size).unwrap_or(3);
    let (size, name) = units[first];
    let (whole, rest) = (seconds / size, seconds % size);
    let next = units.get(first + 1).map(|(size, name)| (rest / size, name)).filter(|(count, _)| *count > 0);
    next.map_or_else(|| format!("{whole} {name}"), |(count, small)| format!("{whole} {name} {count} {small}"))
}

/// A word of a file as people write it.
pub(super) fn plain(word: &str) -> String {
    word.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_to_the_cent_and_never_nothing() {
        let shown = [0_i64, 1, -1, 9_999, 10_000, 1_234_500_000, -1_004_999, i64::MIN].map(usdt);
        assert_eq!(
            shown,
            [
                "0.00 USDT",
                "0.000001 USDT",
                "-0.000001 USDT",
                "0.009999 USDT",
                "0.01 USDT",
                "1234.50 USDT",
                "-1.00 USDT",
                "-9223372036854.78 USDT"
            ]
        );
        assert_eq!([5_000_000_i64, -5_000_000, 0].map(signed), ["+5.00 USDT", "-5.00 USDT", "+0.00 USDT"]);
    }

    #[test]
    fn lengths_shares_and_ratios() {
        let lengths = [0, 999, 61_000, 3_600_000, 90_061_000, -5].map(|ms| length(Interval(ms)));
        assert_eq!(lengths, ["0 s", "0 s", "1 min 1 s", "1 h", "1 d 1 h", "0 s"]);
        assert_eq!([share(1, 3), share(0, 0), share(5, 5)], ["33.3 %", "n/a (none yet)", "100.0 %"]);
        assert_eq!([bps(150), bps(1_000), bps(5), bps(0)], ["1.5 %", "10 %", "0.05 %", "0 %"]);
        assert_eq!([ratio(3, 2, "-"), ratio(-1, 3, "-"), ratio(1, 0, "none")], ["1.50", "-0.33", "none"]);
    }
}
