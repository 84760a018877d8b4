//! By how much a factor's series is moved to make placebos: whole steps around the circle of the run, so that the series
//! keeps its shape and only its timing is lost.
//!
//! It refuses the shift by nothing, a shift drawn twice, and steps finer than the factor's own resolution: a shift that
//! the factor cannot tell from another is not a second placebo.

use std::collections::BTreeSet;

use model::{Interval, Rng};

/// `count` distinct multiples of `resolution` between 0 and `span`, both excluded, drawn uniformly without replacement
/// (Floyd 1987, "A sample of brilliance"), in ascending order; all of them where there are no more than `count`.
///
/// There are at most floor(span / resolution) - 1: where the span is no multiple of the resolution, the longest one would
/// come back to within less than a step of the true timing.
pub fn shifts(span: Interval, resolution: Interval, count: usize, rng: &mut Rng) -> Vec<Interval> {
    assert!(resolution.0 > 0, "a resolution is longer than nothing");
    let steps = (span.0 / resolution.0 - 1).max(0) as u64;
    if steps <= count as u64 {
        return (1..=steps as i64).map(|step| Interval(step * resolution.0)).collect();
    }
    let mut drawn = BTreeSet::new();
    for last in steps - count as u64 + 1..=steps {
        let step = 1 + rng.below(last);
        if !drawn.insert(step) {
            drawn.insert(last);
        }
    }
    assert_eq!(drawn.len(), count, "no shift is drawn twice");
    drawn.into_iter().map(|step| Interval(step as i64 * resolution.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_where_they_are_few() {
        let days = |n: i64| Interval(n * Interval::DAY.0);
        let mut rng = Rng::new(1);
        assert_eq!(shifts(days(4), Interval::DAY, 10, &mut rng), [days(1), days(2), days(3)]);
        assert_eq!(shifts(days(4), Interval::DAY, 3, &mut rng), [days(1), days(2), days(3)]);
        // Ten days and a half: a shift by ten would be one by half a day, backwards.
        assert_eq!(shifts(Interval(days(10).0 + days(1).0 / 2), Interval::DAY, 99, &mut rng).len(), 9);
        assert_eq!(shifts(days(1), Interval::DAY, 5, &mut rng), []);
        assert_eq!(shifts(Interval(0), Interval::DAY, 5, &mut rng), []);
        assert_eq!(shifts(days(9), Interval::DAY, 0, &mut rng), []);
    }

    #[test]
    fn distinct_sorted_inside_the_span_and_uniform() {
        let mut rng = Rng::new(2);
        let mut hits = [0_u32; 49];
        for _ in 0..4_000 {
            let drawn = shifts(Interval::minutes(50), Interval::MINUTE, 7, &mut rng);
            assert_eq!(drawn.len(), 7);
            assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
            for shift in drawn {
                assert_eq!(shift.0 % Interval::MINUTE.0, 0);
                hits[(shift.0 / Interval::MINUTE.0 - 1) as usize] += 1;
            }
        }
        // Each of 49 is expected 571 times, with a deviation of 22.
        assert!(hits.iter().all(|&n| (480..=665).contains(&n)), "{hits:?}");
    }
}
