//! A line over time that never outgrows a screen: where it gets long, every second point goes.
//!
//! It refuses to forget the beginning: the whole life stays on the picture, coarser the longer it lasts.

/// Twice what the widest terminal can show in braille.
const POINTS_MAX: usize = 1_024;

/// The line.
#[derive(Clone, Debug)]
pub struct Curve {
    points: Vec<(f64, f64)>,
    /// Every this many values one is kept.
    stride: u32,
    skipped: u32,
    last: Option<(f64, f64)>,
}

impl Default for Curve {
    fn default() -> Curve {
        Curve { points: Vec::with_capacity(POINTS_MAX), stride: 1, skipped: 0, last: None }
    }
}

impl Curve {
    /// The next value.
    pub fn push(&mut self, x: f64, y: f64) {
        self.last = Some((x, y));
        self.skipped += 1;
        if self.skipped < self.stride {
            return;
        }
        self.skipped = 0;
        if self.points.len() == POINTS_MAX {
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride *= 2;
        }
        self.points.push((x, y));
    }

    /// What is kept.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// The newest value, kept or not.
    pub fn last(&self) -> Option<(f64, f64)> {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_life_gets_coarser_and_keeps_its_beginning_and_its_end() {
        let mut curve = Curve::default();
        for i in 0..100_000 {
            curve.push(f64::from(i), f64::from(i % 7));
        }
        let points = curve.points();
        assert!((POINTS_MAX / 2..=POINTS_MAX).contains(&points.len()), "{}", points.len());
        assert!(points[0].0 < 1.0 && points[points.len() - 1].0 > 99_000.0);
        assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(curve.last(), Some((99_999.0, f64::from(99_999 % 7))));
    }
}
