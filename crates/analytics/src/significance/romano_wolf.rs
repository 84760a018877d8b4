//! Several factors looked at at once: p-values that keep the chance of even one false find at the level.
//!
//! Step-down maxT (Romano and Wolf 2005, Econometrica 73; 2016, Statistics and Probability Letters 113, for p-values). The
//! statistics are studentised, sorted from the most extreme down, and each is held against the maximum over itself and those
//! below it in every row of placebos: p = (1 + #{rows whose maximum is at least as extreme}) / (1 + B), never below the one
//! before. Rows are shared, so factors that move together cost less than Bonferroni's correction.
//!
//! Each factor is studentised by the mean and standard deviation of its placebos *and* its observed statistic: under the null
//! all 1 + B are alike, and leaving the observed one out would make it look further away than its equals (by a fortieth at 20
//! placebos, by nothing at 1 000).
//!
//! A factor with fewer placebos than the others (the Moon's month has few daily shifts) fills its rows with its own in seeded
//! random order, over and over, each used equally often. Its rows then no longer line up with the others', which loses what
//! dependence there was and so errs on the careful side; and repeats must not pass for rarer results, so no adjusted p falls
//! below the factor's own (1 + k) / (1 + its own placebos). It refuses factors with fewer than
//! [`DISTINCT_PLACEBOS_MIN`] placebos or without spread: they get a reason and leave the family, which depends on
//! their placebos alone, not on what was observed.

use model::Rng;

use super::placebo::{DISTINCT_PLACEBOS_MIN, Sidedness};
use crate::{Undefined, statistics};

/// One factor of the family.
#[derive(Clone, Copy, Debug)]
pub struct Factor<'a> {
    /// The statistic at the true timing, in any unit.
    pub observed: f64,
    /// The statistic at each shift; entry b belongs to the same shift for all factors that have as many as the longest.
    pub placebos: &'a [f64],
}

/// A factor's result within the family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjusted {
    /// The studentised statistic, signed.
    pub deviations: f64,
    /// (1 + k) / (1 + its own placebos), as if it were the only factor.
    pub p: f64,
    /// The same, corrected for the whole family: at least `p`.
    pub p_adjusted: f64,
}

/// A factor on the scale all share.
struct Studentised {
    index: usize,
    deviations: f64,
    extremeness: f64,
    p: f64,
    /// One extremeness per row, B of them.
    rows: Vec<f64>,
}

/// Adjusted p-values, one per factor in the given order.
pub fn romano_wolf(
    factors: &[Factor<'_>],
    sidedness: Sidedness,
    rng: &mut Rng,
) -> Vec<Result<Adjusted, Undefined>> {
    let tested: Vec<Result<(), Undefined>> = factors.iter().map(testable).collect();
    let row_count = factors
        .iter()
        .zip(&tested)
        .filter_map(|(factor, test)| test.is_ok().then_some(factor.placebos.len()))
        .max()
        .unwrap_or(0);
    let mut results: Vec<Result<Adjusted, Undefined>> = Vec::with_capacity(factors.len());
    let mut family = Vec::new();
    for (index, (factor, test)) in factors.iter().zip(tested).enumerate() {
        match test.and_then(|()| studentise(index, factor, sidedness)) {
            Ok(mut one) => {
                one.rows = filled(one.rows, row_count, rng);
                results.push(Ok(Adjusted { deviations: one.deviations, p: one.p, p_adjusted: one.p }));
                family.push(one);
            }
            Err(reason) => results.push(Err(reason)),
        }
    }
    // The least extreme first: the maximum over a factor and those below it then grows as it goes.
    family.sort_by(|a, b| a.extremeness.total_cmp(&b.extremeness).then(b.index.cmp(&a.index)));
    let mut maxima = vec![f64::NEG_INFINITY; row_count];
    let mut stepwise = Vec::with_capacity(family.len());
    for one in &family {
        for (maximum, &row) in maxima.iter_mut().zip(&one.rows) {
            *maximum = maximum.max(row);
        }
        let at_least = maxima.iter().filter(|&&maximum| maximum >= one.extremeness).count();
        stepwise.push(((1 + at_least) as f64 / (1 + row_count) as f64).max(one.p));
    }
    let mut floor = 0.0_f64;
    for (one, p) in family.iter().zip(stepwise).rev() {
        floor = floor.max(p);
        let result = results[one.index].as_mut().expect("the family holds those that have a result");
        result.p_adjusted = floor;
    }
    results
}

/// Whether the placebos can carry a test; looks at nothing else but that the observed statistic is a number.
fn testable(factor: &Factor<'_>) -> Result<(), Undefined> {
    if !factor.observed.is_finite() || factor.placebos.iter().any(|x| !x.is_finite()) {
        return Err(Undefined::NotFinite);
    }
    let have = factor.placebos.len();
    if have < DISTINCT_PLACEBOS_MIN {
        return Err(Undefined::TooFew { what: "placebos", have, needed: DISTINCT_PLACEBOS_MIN });
    }
    if factor.placebos.iter().all(|&x| x == factor.placebos[0]) {
        return Err(Undefined::PlacebosDoNotVary);
    }
    Ok(())
}

fn studentise(index: usize, factor: &Factor<'_>, sidedness: Sidedness) -> Result<Studentised, Undefined> {
    let mut all = factor.placebos.to_vec();
    all.push(factor.observed);
    let mean = statistics::mean(&all);
    let deviation = statistics::sample_deviation(&all, mean);
    if !(mean.is_finite() && deviation.is_finite() && deviation > 0.0) {
        return Err(Undefined::BeyondRange);
    }
    let studentised = |statistic: f64| (statistic - mean) / deviation;
    let extreme = |statistic: f64| sidedness.extremeness(studentised(statistic), 0.0);
    let rows: Vec<f64> = factor.placebos.iter().map(|&x| extreme(x)).collect();
    let extremeness = extreme(factor.observed);
    let at_least = rows.iter().filter(|&&row| row >= extremeness).count();
    let p = (1 + at_least) as f64 / (1 + rows.len()) as f64;
    Ok(Studentised { index, deviations: studentised(factor.observed), extremeness, p, rows })
}

/// The rows as they are where there are enough, else in random order over and over.
fn filled(own: Vec<f64>, row_count: usize, rng: &mut Rng) -> Vec<f64> {
    if own.len() == row_count {
        return own;
    }
    let mut rows = Vec::with_capacity(row_count + own.len());
    let mut round = own;
    while rows.len() < row_count {
        // Fisher and Yates, as in Durstenfeld 1964.
        for last in (1..round.len()).rev() {
            round.swap(last, rng.below(last as u64 + 1) as usize);
        }
        rows.extend_from_slice(&round);
    }
    rows.truncate(row_count);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A permutation of 0..n, the same everywhere: multiples of a number without a common divisor.
    fn scrambled(n: u64, step: u64) -> Vec<f64> {
        (0..n).map(|i| (i * step % n) as f64).collect()
    }

    fn adjusted(results: &[Result<Adjusted, Undefined>]) -> Vec<f64> {
        results.iter().map(|result| result.expect("testable").p_adjusted).collect()
    }

    #[test]
    fn by_hand() {
        // Both factors have placebos 0..=19, the second in reverse, and one observed statistic each. One-sided.
        let up: Vec<f64> = (0..20).map(f64::from).collect();
        let down: Vec<f64> = up.iter().rev().copied().collect();
        let family = [
            Factor { observed: 16.5, placebos: &up },
            Factor { observed: 16.5, placebos: &down },
            Factor { observed: 25.0, placebos: &up },
        ];
        let two = romano_wolf(&family[..2], Sidedness::Greater, &mut Rng::new(1));
        // 17, 18, 19 exceed 16.5 in three rows of each factor, six rows in all for their maximum; alone it is three.
        assert_eq!(two[0].expect("testable").p, 4.0 / 21.0);
        assert_eq!(adjusted(&two), [7.0 / 21.0, 7.0 / 21.0]);
        // The third is the most extreme and no row comes near it; it no longer stands in the way of the others.
        let three = romano_wolf(&family, Sidedness::Greater, &mut Rng::new(1));
        assert_eq!(adjusted(&three), [7.0 / 21.0, 7.0 / 21.0, 1.0 / 21.0]);
    }

    #[test]
    fn two_copies_of_one_factor_cost_nothing() {
        let placebos = scrambled(101, 37);
        let one = Factor { observed: 96.0, placebos: &placebos };
        let alone = romano_wolf(&[one], Sidedness::TwoSided, &mut Rng::new(1));
        let twice = romano_wolf(&[one, one], Sidedness::TwoSided, &mut Rng::new(1));
        assert_eq!(alone[0].expect("testable").p, alone[0].expect("testable").p_adjusted);
        assert_eq!(adjusted(&twice), [adjusted(&alone)[0]; 2]);
    }

    #[test]
    fn few_placebos_never_pass_for_many() {
        let (few, many) = (scrambled(25, 7), scrambled(997, 101));
        let family = [Factor { observed: 1e6, placebos: &few }, Factor { observed: 500.0, placebos: &many }];
        let results = romano_wolf(&family, Sidedness::Greater, &mut Rng::new(3));
        assert_eq!(results[0].expect("testable").p_adjusted, 1.0 / 26.0);
        let rows = filled(few.clone(), 60, &mut Rng::new(1));
        let uses = |value: f64| rows.iter().filter(|&&row| row == value).count();
        assert!(few.iter().all(|&value| (2..=3).contains(&uses(value))), "{rows:?}");
    }

    #[test]
    fn a_factor_that_cannot_be_tested_leaves_the_family() {
        let placebos = scrambled(101, 37);
        let good = Factor { observed: 98.0, placebos: &placebos };
        let family = [
            Factor { observed: 1.0, placebos: &placebos[..19] },
            good,
            Factor { observed: 1.0, placebos: &[3.0; 40] },
            Factor { observed: f64::NAN, placebos: &placebos },
        ];
        let results = romano_wolf(&family, Sidedness::TwoSided, &mut Rng::new(1));
        assert_eq!(results[0], Err(Undefined::TooFew { what: "placebos", have: 19, needed: 20 }));
        assert_eq!(results[2], Err(Undefined::PlacebosDoNotVary));
        assert_eq!(results[3], Err(Undefined::NotFinite));
        assert_eq!(results[1], romano_wolf(&[good], Sidedness::TwoSided, &mut Rng::new(1))[0]);
        assert_eq!(romano_wolf(&[], Sidedness::TwoSided, &mut Rng::new(1)), []);
    }
}
