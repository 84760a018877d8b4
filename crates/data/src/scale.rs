//! Doubles and decimals to whole ticks, exactly: the number of decimals is found, never assumed.
//!
//! It refuses to round. A double counts as a decimal of `k` digits only if that decimal, read back, is the same
//! double bit for bit.

use crate::column::{Misfit, Why};
use crate::limits::TICKS_MAX;
use model::Decimal;

/// Whole steps of `10^-decimals`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticks {
    /// One for each row.
    pub values: Vec<i64>,
    /// Digits after the point of one step.
    pub decimals: u8,
}

impl Ticks {
    /// The value at `index` as a complaint.
    pub(crate) fn misfit(&self, index: usize, why: Why) -> Misfit {
        let value = Decimal { mantissa: self.values[index], decimals: self.decimals };
        Misfit { index, value: value.to_string(), why }
    }

    /// Makes the steps finer.
    pub(crate) fn raise(&mut self, decimals: u8) -> Result<(), Misfit> {
        assert!(decimals >= self.decimals, "raising makes steps finer");
        if decimals == self.decimals {
            return Ok(());
        }
        let factor = 10_i64.checked_pow(u32::from(decimals - self.decimals));
        for index in 0..self.values.len() {
            match factor.and_then(|factor| self.values[index].checked_mul(factor)) {
                Some(value) => self.values[index] = value,
                None if self.values[index] == 0 => {}
                None => return Err(self.misfit(index, Why::TooBig(decimals))),
            }
        }
        self.decimals = decimals;
        Ok(())
    }

    /// Makes the steps coarser, down to `max` decimals, where every value ends in zeros.
    pub(crate) fn drop_zeros(&mut self, max: u8) -> Result<(), Misfit> {
        let factor = 10_i64.checked_pow(u32::from(self.decimals - max));
        for index in 0..self.values.len() {
            let value = self.values[index];
            match factor.filter(|factor| value % factor == 0) {
                Some(factor) => self.values[index] = value / factor,
                None if value == 0 => {}
                None => return Err(self.misfit(index, Why::TooFine(max))),
            }
        }
        self.decimals = max;
        Ok(())
    }

    /// Adds an exact decimal, making all steps finer where it needs that.
    pub(crate) fn push(&mut self, decimal: Decimal, max: u8) -> Result<(), Misfit> {
        let index = self.values.len();
        let misfit = |why| Misfit { index, value: decimal.to_string(), why };
        if decimal.decimals > max {
            return Err(misfit(Why::TooFine(max)));
        }
        if decimal.decimals > self.decimals {
            self.raise(decimal.decimals)?;
        }
        let value = decimal.scaled(self.decimals).map_err(|_| misfit(Why::TooBig(self.decimals)))?;
        self.values.push(value);
        Ok(())
    }

    /// The fewest decimals that every value can be written with.
    pub(crate) fn decimals_needed(&self) -> u8 {
        let mut zeros = self.decimals.min(18);
        let mut factor = 10_i64.pow(u32::from(zeros));
        for &value in &self.values {
            while zeros > 0 && value % factor != 0 {
                zeros -= 1;
                factor /= 10;
            }
            if zeros == 0 {
                break;
            }
        }
        self.decimals - zeros
    }
}

/// Rows converted between two looks at whether they fitted.
const STRIDE: usize = 1_024;

/// 1.5 x 2^52: added to a double below 2^51 in size, it leaves the nearest whole number in the low bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// Doubles to ticks in one pass: on the first misfit the steps become ten times finer and what is done is scaled up.
pub(crate) fn floats(values: &[f64], start: u8, max: u8) -> Result<Ticks, Misfit> {
    let mut ticks = Ticks { values: Vec::with_capacity(values.len()), decimals: start };
    for stride in values.chunks(STRIDE) {
        let done = ticks.values.len();
        while !convert(stride, ticks.decimals, &mut ticks.values) {
            ticks.values.truncate(done);
            let index = misfitting(stride, ticks.decimals);
            let value = stride[index];
            let misfit = |why| Misfit { index: done + index, value: value.to_string(), why };
            if !value.is_finite() {
                return Err(misfit(Why::NotANumber));
            }
            if value.abs() * power(ticks.decimals) >= TICKS_MAX as f64 {
                return Err(misfit(Why::TooBig(ticks.decimals)));
            }
            if ticks.decimals >= max {
                return Err(misfit(Why::TooFine(max)));
            }
            ticks.raise(ticks.decimals + 1)?;
            if let Some(index) = ticks.values.iter().position(|value| value.abs() >= TICKS_MAX) {
                return Err(ticks.misfit(index, Why::TooBig(ticks.decimals)));
            }
        }
    }
    Ok(ticks)
}

fn power(decimals: u8) -> f64 {
    10_f64.powi(i32::from(decimals))
}

/// The whole number of steps nearest to `value`, and whether it is exactly `value`.
#[inline(always)]
fn step(value: f64, one: f64) -> (i64, bool) {
    let scaled = value * one;
    let shifted = scaled + WHOLE;
    let whole = shifted - WHOLE;
    let fits = (whole / one == value) & (scaled.abs() < TICKS_MAX as f64);
    ((shifted.to_bits() as i64).wrapping_sub(WHOLE.to_bits() as i64), fits)
}

fn convert(values: &[f64], decimals: u8, out: &mut Vec<i64>) -> bool {
    let one = power(decimals);
    let mut all = true;
    out.extend(values.iter().map(|&value| {
        let (ticks, fits) = step(value, one);
        all &= fits;
        ticks
    }));
    all
}

fn misfitting(values: &[f64], decimals: u8) -> usize {
    let one = power(decimals);
    values.iter().position(|&value| !step(value, one).1).expect("one of these did not fit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_decimals_that_are_exact() {
        for (values, start, decimals, ticks) in [
            (&[46210.57, 46246.6, 3.0][..], 0, 2, vec![4_621_057, 4_624_660, 300]),
            (&[46210.5], 2, 2, vec![4_621_050]),
            (&[3.0, 0.1], 0, 1, vec![30, 1]),
            (&[-0.0001, -0.0], 0, 4, vec![-1, 0]),
            (&[0.0000000001], 0, 10, vec![1]),
            (&[46216.33098118], 0, 8, vec![4_621_633_098_118]),
        ] {
            assert_eq!(
                floats(values, start, 10),
                Ok(Ticks { values: ticks, decimals }).clone(),
                "{values:?}"
            );
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for (values, index, why) in [
            (&[1.0, f64::NAN][..], 1, Why::NotANumber),
            (&[f64::INFINITY], 0, Why::NotANumber),
            (&[1.5, 1.0, 1.0 / 3.0], 2, Why::TooFine(10)),
            (&[0.1 + 0.2], 0, Why::TooFine(10)),
            (&[1e300], 0, Why::TooBig(0)),
            (&[1e15, 0.001], 0, Why::TooBig(1)),
        ] {
            let misfit = floats(values, 0, 10).unwrap_err();
            assert_eq!((misfit.index, misfit.why), (index, why), "{values:?}");
        }
    }

    #[test]
    fn every_tick_survives_a_double() {
        let mut rng = model::Rng::new(7);
        for decimals in 0..=10_u8 {
            let ticks: Vec<i64> = (0..5_000).map(|_| rng.below(1 << 50) as i64).collect();
            let doubles: Vec<f64> = ticks.iter().map(|&t| t as f64 / power(decimals)).collect();
            let mut found = floats(&doubles, 0, 10).unwrap();
            assert!(found.decimals <= decimals);
            found.raise(decimals).unwrap();
            assert_eq!(found.values, ticks);
        }
    }

    #[test]
    fn trailing_zeros_are_not_needed() {
        let ticks = |values: &[i64]| Ticks { values: values.to_vec(), decimals: 3 };
        assert_eq!(ticks(&[1_000, 20]).decimals_needed(), 2);
        assert_eq!(ticks(&[5_000, 0]).decimals_needed(), 0);
        assert_eq!(ticks(&[1]).decimals_needed(), 3);
        assert_eq!(ticks(&[1_000, 1_001]).drop_zeros(2).unwrap_err().why, Why::TooFine(2));
    }
}
