//! Integers with units: prices in ticks, quantities in lots, money in micro-USDT.
//!
//! Sums and differences are checked in every profile: money never wraps, it aborts. Products are taken in 128 bits
//! and narrowed by a checked conversion.

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Nothing.
            pub const ZERO: $name = $name(0);
            /// The size without the sign.
            pub const fn abs(self) -> $name {
                $name(self.0.abs())
            }
        }
        impl std::ops::Add for $name {
            type Output = $name;
            #[inline]
            fn add(self, other: $name) -> $name {
                $name(self.0.checked_add(other.0).expect("a sum of amounts fits 64 bits"))
            }
        }
        impl std::ops::Sub for $name {
            type Output = $name;
            #[inline]
            fn sub(self, other: $name) -> $name {
                $name(self.0.checked_sub(other.0).expect("a difference of amounts fits 64 bits"))
            }
        }
        impl std::ops::Neg for $name {
            type Output = $name;
            #[inline]
            fn neg(self) -> $name {
                $name(-self.0)
            }
        }
        impl std::ops::AddAssign for $name {
            #[inline]
            fn add_assign(&mut self, other: $name) {
                *self = *self + other;
            }
        }
        impl std::ops::SubAssign for $name {
            #[inline]
            fn sub_assign(&mut self, other: $name) {
                *self = *self - other;
            }
        }
    };
}

quantity!(
    /// A traded price in ticks of its instrument.
    Price
);
quantity!(
    /// A quantity in lots of its instrument; signed where it is a position (long +, short -).
    Qty
);
quantity!(
    /// Money in micro-USDT (1e-6 USDT).
    Usd
);
quantity!(
    /// A dimensionless rate in units of 1e-12: fee 0.0006 is `Rate(600_000_000)`.
    Rate
);
quantity!(
    /// A mark or index price in units of 1e-10 USDT: venues publish marks finer than their own tick.
    Mark
);

impl Usd {
    /// One USDT.
    pub const ONE: Usd = Usd(1_000_000);
    /// For display and statistics only.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Rate {
    /// Units per 1.
    pub const ONE: Rate = Rate(1_000_000_000_000);
    /// Decimal places of a rate.
    pub const DECIMALS: u8 = 12;
    /// One basis point.
    pub const BASIS_POINT: Rate = Rate(100_000_000);
    /// `bps` basis points.
    pub const fn bps(bps: i64) -> Rate {
        Rate(bps * Rate::BASIS_POINT.0)
    }
    /// For display and statistics only.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e12
    }
}

impl Mark {
    /// Decimal places of a mark price.
    pub const DECIMALS: u8 = 10;
}

/// Exact USDT with six decimals, as in every file the farm writes.
impl std::fmt::Display for Usd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

/// `numerator / denominator` rounded to the nearest integer, ties away from zero: the rounding of every posting.
#[inline]
pub const fn div_round_half_away(numerator: i128, denominator: i128) -> i128 {
    assert!(denominator > 0, "a denominator is positive");
    if denominator == 1 {
        return numerator;
    }
    // A division of 128 bits is a call of a hundred instructions; most amounts fit the machine's own.
    if let (Some(n), Some(d)) = (word(numerator), word(denominator)) {
        let rest = n % d;
        let away = if rest.unsigned_abs() >= (d as u64).div_ceil(2) { n.signum() } else { 0 };
        return (n / d + away) as i128;
    }
    let half = denominator / 2;
    if numerator >= 0 { (numerator + half) / denominator } else { (numerator - half) / denominator }
}

#[inline]
const fn word(x: i128) -> Option<i64> {
    if x as i64 as i128 == x { Some(x as i64) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_round_away_from_zero() {
        for (n, d, want) in [
            (5, 10, 1),
            (-5, 10, -1),
            (4, 10, 0),
            (-4, 10, 0),
            (15, 10, 2),
            (-15, 10, -2),
            (1, 3, 0),
            (2, 3, 1),
            (-2, 3, -1),
        ] {
            assert_eq!(div_round_half_away(n, d), want, "{n}/{d}");
        }
    }

    #[test]
    fn short_and_long_division_agree() {
        let mut rng = crate::Rng::new(8);
        for _ in 0..20_000 {
            let d = i128::from(rng.next_u64() >> (1 + rng.below(62))) + 1;
            let n = i128::from((rng.next_u64() >> rng.below(60)) as i64 >> 2);
            for n in [n, n / d * d + d / 2, n / d * d - d / 2, n / d * d + (d + 1) / 2] {
                let by_definition = (2 * n.abs() + d) / (2 * d) * n.signum();
                assert_eq!(div_round_half_away(n, d), by_definition, "{n}/{d}");
                assert_eq!(div_round_half_away(n << 64, d << 64), by_definition, "{n}/{d}, wide");
            }
        }
    }

    #[test]
    fn usdt_prints_six_decimals() {
        assert_eq!(Usd(-1).to_string(), "-0.000001");
        assert_eq!(Usd(12_345_678).to_string(), "12.345678");
    }
}
