//! Normal numbers and what is made of them: shocks that fade.
//!
//! It refuses tables: a normal number is a count of coin tosses with its steps smoothed away, exact in integers until the
//! last multiplication. Its tails end at eight standard deviations and its kurtosis is 3 % of a unit short; heavier tails are made
//! on purpose, elsewhere.

use model::{Rng, math};

/// Standard deviation of 64 coin tosses (16) and a uniform step (1/12): `sqrt(16 + 1/12)`.
const TOSSES_DEVIATION: f64 = 4.010_403_137_177_34;

/// A standard normal number.
#[inline]
pub(crate) fn normal(rng: &mut Rng) -> f64 {
    let heads = rng.next_u64().count_ones();
    (f64::from(heads) - 32.5 + rng.unit()) * (1.0 / TOSSES_DEVIATION)
}

/// A number that fades to zero and is pushed about: an autoregression of order one, started in its stationary state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fading {
    keep: f64,
    push: f64,
    /// Where it stands.
    pub value: f64,
}

impl Fading {
    /// A number with this standard deviation, whose memory falls to 1/e in so many steps.
    pub(crate) fn new(deviation: f64, memory_steps: f64, rng: &mut Rng) -> Fading {
        assert!(deviation >= 0.0 && memory_steps > 0.0, "a fading number has a deviation and a memory");
        let keep = math::exp(-1.0 / memory_steps);
        let push = deviation * (1.0 - keep * keep).sqrt();
        Fading { keep, push, value: deviation * normal(rng) }
    }

    /// The next step.
    #[inline]
    pub(crate) fn step(&mut self, rng: &mut Rng) -> f64 {
        self.value = self.keep * self.value + self.push * normal(rng);
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tosses_are_normal() {
        let mut rng = Rng::new(3);
        let n = 400_000;
        let (mut sum, mut squares, mut fourths, mut beyond) = (0.0, 0.0, 0.0, [0.0; 3]);
        for _ in 0..n {
            let z = normal(&mut rng);
            sum += z;
            squares += z * z;
            fourths += z * z * z * z;
            for (count, bound) in beyond.iter_mut().zip([1.0, 2.0, 3.0]) {
                *count += f64::from(u8::from(z.abs() > bound));
            }
        }
        let n = f64::from(n);
        assert!((sum / n).abs() < 0.005 && (squares / n - 1.0).abs() < 0.01, "{sum} {squares}");
        assert!((fourths / n - 2.97).abs() < 0.06, "{}", fourths / n);
        for (count, share) in beyond.iter().zip([0.3173, 0.0455, 0.0027]) {
            assert!((count / n / share - 1.0).abs() < 0.08, "{count} {share}");
        }
    }

    #[test]
    fn a_fading_number_has_its_deviation_and_its_memory() {
        let mut rng = Rng::new(2);
        let mut fading = Fading::new(0.5, 20.0, &mut rng);
        let (n, mut squares, mut products, mut before) = (400_000, 0.0, 0.0, fading.value);
        for _ in 0..n {
            let now = fading.step(&mut rng);
            squares += now * now;
            products += now * before;
            before = now;
        }
        assert!((squares / f64::from(n) / 0.25 - 1.0).abs() < 0.05, "{squares}");
        assert!((products / squares - math::exp(-0.05)).abs() < 0.005, "{products}");
    }
}
