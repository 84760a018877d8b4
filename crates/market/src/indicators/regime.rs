//! Kind of market, with hysteresis. Two readings decide: the average directional index, and the average true range over
//! what it usually is. Each state is entered at a stricter threshold than it is left at. Refuses to guess: while an
//! input is unknown it speaks for none of the states that need it.

/// Kind of market; the earlier state in this list wins where two apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Regime {
    /// Ranges far above usual: entered at a ratio of 1.5, left below 1.25.
    Volatile,
    /// A direction holds: entered at an index of 25, left below 20.
    Trending,
    /// Ranges far below usual: entered at a ratio of 0.67, left above 0.8.
    Quiet,
    /// None of the others, or not known yet.
    #[default]
    Ranging,
}

model::value!(enum Regime { 0 => Volatile, 1 => Trending, 2 => Quiet, 3 => Ranging });

impl Regime {
    /// The state after a reading of the directional index and of the range ratio.
    #[inline]
    #[must_use]
    pub fn next(self, adx: Option<f64>, range_ratio: Option<f64>) -> Regime {
        let volatile = if self == Regime::Volatile { 1.25 } else { 1.5 };
        let trending = if self == Regime::Trending { 20.0 } else { 25.0 };
        let quiet = if self == Regime::Quiet { 0.8 } else { 0.67 };
        if range_ratio.is_some_and(|ratio| ratio >= volatile) {
            Regime::Volatile
        } else if adx.is_some_and(|adx| adx >= trending) {
            Regime::Trending
        } else if range_ratio.is_some_and(|ratio| ratio <= quiet) {
            Regime::Quiet
        } else {
            Regime::Ranging
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Regime::{Quiet, Ranging, Trending, Volatile};

    fn walk(readings: &[(f64, f64)]) -> Vec<Regime> {
        let mut regime = Regime::default();
        let step = |&(adx, ratio): &(f64, f64)| {
            regime = regime.next(Some(adx), Some(ratio));
            regime
        };
        readings.iter().map(step).collect()
    }

    #[test]
    fn every_state_is_entered_and_left() {
        let trending = walk(&[(24.0, 1.0), (25.0, 1.0), (20.0, 1.0), (19.0, 1.0)]);
        assert_eq!(trending, [Ranging, Trending, Trending, Ranging]);
        let volatile = walk(&[(30.0, 1.5), (30.0, 1.25), (22.0, 1.2), (30.0, 1.4)]);
        assert_eq!(volatile, [Volatile, Volatile, Ranging, Trending]);
        assert_eq!(walk(&[(10.0, 0.67), (10.0, 0.8), (10.0, 0.81)]), [Quiet, Quiet, Ranging]);
        assert_eq!(Volatile.next(None, None), Ranging);
    }

    #[test]
    fn trembling_around_a_threshold_does_not_flap() {
        for (adx, ratio) in [(25.0, 1.0), (20.0, 1.0), (10.0, 1.5), (10.0, 1.25), (10.0, 0.67), (10.0, 0.8)] {
            let tremble = |i: usize| (adx + [1.0, -1.0][i % 2], ratio + [0.02, -0.02][i % 2]);
            let seen = walk(&(0..100).map(tremble).collect::<Vec<_>>());
            let changes = seen.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(changes <= 1, "{changes} changes around {adx}, {ratio}");
        }
    }
}
