//! A ring of the last `period` values. Its sums are computed from the values it holds, never kept running: windows
//! are short, and a running sum drifts over a million bars.

use model::StateHash;

/// The longest window.
pub const PERIOD_MAX: usize = 1_024;

/// The last values of a stream, at most `period` of them.
#[derive(Clone, Debug)]
pub struct Window {
    values: Box<[f64]>,
    next: usize,
    len: usize,
}

model::state!(Window { values, next, len } if |window| {
    window.next < window.values.len() && window.len <= window.values.len()
});

/// Independent lanes of a reduction: the order of additions is fixed by this number, hence so are the bits.
const LANES: usize = 4;

impl Window {
    /// An empty window; `period` is in `1..=PERIOD_MAX`.
    pub fn new(period: usize) -> Window {
        assert!((1..=PERIOD_MAX).contains(&period), "a window holds between 1 and {PERIOD_MAX} values");
        Window { values: vec![0.0; period].into_boxed_slice(), next: 0, len: 0 }
    }

    /// Takes in a value; the oldest one leaves a full window.
    #[inline]
    pub fn push(&mut self, value: f64) {
        self.values[self.next] = value;
        self.next += 1;
        if self.next == self.values.len() {
            self.next = 0;
        }
        self.len = (self.len + 1).min(self.values.len());
    }

    /// Forgets every value.
    pub fn clear(&mut self) {
        self.next = 0;
        self.len = 0;
    }

    /// How many values it holds when full.
    #[inline]
    pub fn period(&self) -> usize {
        self.values.len()
    }

    /// Whether it holds `period` values.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.len == self.values.len()
    }

    /// Sum of the values held.
    #[inline]
    pub fn sum(&self) -> f64 {
        reduce(&self.values[..self.len], 0.0, |sum, value| sum + value, |a, b| a + b)
    }

    /// Mean of the values held; the window is not empty.
    #[inline]
    pub fn mean(&self) -> f64 {
        assert!(self.len > 0, "only a window that holds something has a mean");
        self.sum() / self.count()
    }

    /// Mean of the values held and sum of their squared distances from it, in one pass. Distances are taken from the
    /// newest value, which is never more than the square root of the period times the deviation away from the mean:
    /// so nothing cancels as it does in `E[x^2] - E[x]^2`, and equal values have a spread of exactly zero.
    #[inline]
    pub fn mean_and_squares(&self) -> (f64, f64) {
        assert!(self.len > 0, "only a window that holds something has a mean");
        let newest = self.values[if self.next == 0 { self.values.len() - 1 } else { self.next - 1 }];
        let mut sums = [0.0; LANES];
        let mut squares = [0.0; LANES];
        let (blocks, rest) = self.values[..self.len].as_chunks::<LANES>();
        for block in blocks {
            for lane in 0..LANES {
                let distance = block[lane] - newest;
                sums[lane] += distance;
                squares[lane] += distance * distance;
            }
        }
        for (lane, &value) in rest.iter().enumerate() {
            let distance = value - newest;
            sums[lane] += distance;
            squares[lane] += distance * distance;
        }
        let sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        let square = (squares[0] + squares[1]) + (squares[2] + squares[3]);
        let mean = sum / self.count();
        let around_mean = square - sum * mean;
        (newest + mean, if around_mean > 0.0 { around_mean } else { 0.0 })
    }

    /// Number of values held, as a divisor.
    #[inline]
    fn count(&self) -> f64 {
        f64::from(self.len as u32)
    }

    /// Largest value held; minus infinity if there is none.
    #[inline]
    pub fn max(&self) -> f64 {
        let larger = |a: f64, b: f64| if b > a { b } else { a };
        reduce(&self.values[..self.len], f64::NEG_INFINITY, larger, larger)
    }

    /// Smallest value held; infinity if there is none.
    #[inline]
    pub fn min(&self) -> f64 {
        let smaller = |a: f64, b: f64| if b < a { b } else { a };
        reduce(&self.values[..self.len], f64::INFINITY, smaller, smaller)
    }

    /// Adds the values to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(self.next as u64);
        hash.word(self.len as u64);
        for &value in &self.values {
            hash.float(value);
        }
    }
}

#[inline]
fn reduce(values: &[f64], start: f64, step: impl Fn(f64, f64) -> f64, join: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [start; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (lane, &value) in lanes.iter_mut().zip(block) {
            *lane = step(*lane, value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane = step(*lane, value);
    }
    join(join(lanes[0], lanes[1]), join(lanes[2], lanes[3]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_value_leaves() {
        let mut window = Window::new(7);
        for i in 0..40_i32 {
            window.push(f64::from(i));
            let first = (i - 6).max(0);
            let held: Vec<f64> = (first..=i).map(f64::from).collect();
            assert_eq!(window.sum(), held.iter().sum::<f64>());
            assert_eq!((window.min(), window.max()), (f64::from(first), f64::from(i)));
            assert_eq!(window.is_full(), i >= 6);
        }
        assert_eq!(window.mean_and_squares(), (36.0, 28.0));
    }

    #[test]
    fn one_pass_loses_no_digits_far_from_zero() {
        let mut window = Window::new(20);
        for i in 0..100_u32 {
            window.push(1e12 + f64::from(i * 7 % 11) / 8.0);
            let held: Vec<f64> = window.values[..window.len].iter().map(|value| value - 1e12).collect();
            let mean = held.iter().sum::<f64>() / held.len() as f64;
            let squares: f64 = held.iter().map(|value| (value - mean) * (value - mean)).sum();
            let (got_mean, got_squares) = window.mean_and_squares();
            assert!((got_mean - 1e12 - mean).abs() < 2e-4, "{got_mean}");
            assert!((got_squares - squares).abs() <= 1e-12 * squares, "{got_squares} {squares}");
        }
        (0..20).for_each(|_| window.push(0.1));
        assert_eq!(window.mean_and_squares(), (0.1, 0.0));
    }
}
