//! Counting rejections: how many false ones a level allows, and what a count says of the rate behind it.
//!
//! It refuses a rate of nothing, and normal approximations: tails are summed, in logarithms where terms would vanish.

use model::math;

use crate::Undefined;

/// Trials beyond which a sum over them takes too long to be asked for.
pub const TRIALS_MAX: u64 = 10_000_000;

/// The smallest c with P(X > c) at most `tail` for X ~ Binomial(`trials`, `rate`): a test of that level that rejects more
/// often than c times on pure noise is too eager. 1 000 trials at 5 % give 67 for a tail of 1 %.
pub fn rejections_upper_bound(trials: u64, rate: f64, tail: f64) -> u64 {
    assert!(tail > 0.0 && tail < 1.0, "a tail lies inside (0, 1)");
    let mut above = 0.0;
    let mut count = trials;
    // From the far end, where the terms are small, so that none is lost to a large sum.
    let mut terms = Terms::at(trials, rate, trials);
    while count > 0 {
        above += terms.probability();
        if above > tail {
            return count;
        }
        terms.step_down();
        count -= 1;
    }
    0
}

/// The 95 % interval of Clopper and Pearson (1934) for the rate behind `hits` in `trials`: it covers at least that often.
pub fn rate_interval(hits: u64, trials: u64) -> Result<(f64, f64), Undefined> {
    assert!(hits <= trials, "no more hits than trials");
    if trials == 0 {
        return Err(Undefined::TooFew { what: "trials", have: 0, needed: 1 });
    }
    let low = if hits == 0 { 0.0 } else { root(|rate| at_least(trials, rate, hits) > 0.025) };
    let high = if hits == trials { 1.0 } else { root(|rate| at_most(trials, rate, hits) <= 0.025) };
    Ok((low, high))
}

/// The rate from which `beyond` holds, by bisection.
fn root(beyond: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if beyond(middle) { high = middle } else { low = middle }
    }
    0.5 * (low + high)
}

/// P(X >= count).
fn at_least(trials: u64, rate: f64, count: u64) -> f64 {
    // Hits and misses change places.
    at_most(trials, 1.0 - rate, trials - count)
}

/// P(X <= count).
fn at_most(trials: u64, rate: f64, count: u64) -> f64 {
    let mut terms = Terms::at(trials, rate, count);
    let mut total = terms.probability();
    for _ in 0..count {
        terms.step_down();
        total += terms.probability();
    }
    total.min(1.0)
}

/// ln P(X = count), moving down one count at a time.
struct Terms {
    trials: u64,
    count: u64,
    log_odds: f64,
    log_probability: f64,
}

impl Terms {
    fn at(trials: u64, rate: f64, count: u64) -> Terms {
        assert!(rate > 0.0 && rate < 1.0, "a rate lies inside (0, 1)");
        assert!(trials <= TRIALS_MAX, "at most {TRIALS_MAX} trials");
        let (log_rate, log_rest) = (math::ln(rate), math::ln(1.0 - rate));
        let fewer = count.min(trials - count);
        let log_ways: f64 = (1..=fewer).map(|i| math::ln((trials - fewer + i) as f64 / i as f64)).sum();
        let log_probability = log_ways + count as f64 * log_rate + (trials - count) as f64 * log_rest;
        Terms { trials, count, log_odds: log_rate - log_rest, log_probability }
    }

    fn probability(&self) -> f64 {
        math::exp(self.log_probability)
    }

    fn step_down(&mut self) {
        let ratio = self.count as f64 / (self.trials - self.count + 1) as f64;
        self.log_probability += math::ln(ratio) - self.log_odds;
        self.count -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn false_finds_that_a_level_allows() {
        // scipy 1.17.1: [int(binom.isf(0.01, n, 0.05)) for n in ...], checked with binom.sf on either side.
        for (trials, bound) in
            [(1, 1), (20, 4), (100, 11), (200, 18), (500, 37), (1_000, 67), (20_000, 1_072)]
        {
            assert_eq!(rejections_upper_bound(trials, 0.05, 0.01), bound, "{trials} trials");
        }
        assert_eq!(rejections_upper_bound(0, 0.05, 0.01), 0);
        assert_eq!(rejections_upper_bound(3, 1e-9, 0.01), 0);
    }

    #[test]
    fn the_interval_of_a_rate() {
        // scipy 1.17.1: binomtest(hits, trials).proportion_ci(0.95, "exact").
        for (hits, trials, low, high) in [
            (0, 10, 0.0, 0.308_497),
            (10, 10, 0.691_503, 1.0),
            (50, 1_000, 0.037_335_5, 0.065_390_5),
            (1, 2, 0.012_579_1, 0.987_421),
        ] {
            let (found_low, found_high) = rate_interval(hits, trials).expect("trials");
            assert!((found_low - low).abs() < 1e-6 && (found_high - high).abs() < 1e-6, "{hits} of {trials}");
        }
        assert!(rate_interval(0, 0).is_err());
    }

    #[test]
    fn probabilities_add_up_where_single_terms_vanish() {
        // 0.95^50000 is far below the smallest float.
        assert!((at_most(50_000, 0.05, 50_000) - 1.0).abs() < 1e-8);
        let (below, from) = (at_most(50_000, 0.05, 2_480), at_least(50_000, 0.05, 2_481));
        assert!((below + from - 1.0).abs() < 1e-8, "{below} {from}");
    }
}
