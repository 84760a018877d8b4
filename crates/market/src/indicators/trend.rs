//! Direction of a market, with hysteresis: it is entered at a larger strength than it is left at, so that a strength
//! that trembles around one threshold changes nothing. Strength is the distance of the fast above the slow average in
//! average true ranges. Refuses to guess: without a strength it is flat.

/// Direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Trend {
    /// Neither, or not known yet.
    #[default]
    Flat,
    /// Entered at a strength of +0.5, left below +0.1.
    Up,
    /// Entered at a strength of -0.5, left above -0.1.
    Down,
}

model::value!(enum Trend { 0 => Flat, 1 => Up, 2 => Down });

/// Strength at which a trend begins.
const ENTER: f64 = 0.5;
/// Strength below which it ends.
const LEAVE: f64 = 0.1;

impl Trend {
    /// The direction after a reading of strength.
    #[inline]
    #[must_use]
    pub fn next(self, strength: Option<f64>) -> Trend {
        let Some(strength) = strength else { return Trend::Flat };
        let up = if self == Trend::Up { LEAVE } else { ENTER };
        let down = if self == Trend::Down { LEAVE } else { ENTER };
        if strength >= up {
            Trend::Up
        } else if strength <= -down {
            Trend::Down
        } else {
            Trend::Flat
        }
    }

    /// +1 up, -1 down, 0 flat.
    pub const fn sign(self) -> i64 {
        match self {
            Trend::Up => 1,
            Trend::Flat => 0,
            Trend::Down => -1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(strengths: &[f64]) -> Vec<Trend> {
        let mut trend = Trend::Flat;
        let step = |&strength: &f64| {
            trend = trend.next(Some(strength));
            trend
        };
        strengths.iter().map(step).collect()
    }

    #[test]
    fn a_trend_is_entered_high_and_left_low() {
        use Trend::{Down, Flat, Up};
        assert_eq!(walk(&[0.49, 0.5, 0.2, 0.1, 0.09, 0.3, 0.5]), [Flat, Up, Up, Up, Flat, Flat, Up]);
        assert_eq!(walk(&[0.6, -0.2, -0.5, -0.1, 0.0]), [Up, Flat, Down, Down, Flat]);
        assert_eq!(Up.next(None), Flat);
    }

    #[test]
    fn trembling_around_a_threshold_does_not_flap() {
        for threshold in [ENTER, LEAVE, -ENTER, -LEAVE] {
            let trembling: Vec<f64> = (0..100).map(|i| threshold + [0.05, -0.05][i % 2]).collect();
            let seen = walk(&trembling);
            let changes = seen.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(changes <= 1, "{changes} changes around {threshold}");
        }
    }
}
