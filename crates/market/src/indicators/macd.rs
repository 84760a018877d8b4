//! Moving-average convergence/divergence as TA-Lib's `TA_MACD`: the fast average is seeded so that it starts with the
//! slow one, the signal with the plain average of the first lines. Warm-up: `slow + signal - 1` values, for all three
//! outputs together. Refuses to answer with a line whose signal is not there yet.

use super::Ema;
use model::StateHash;

/// Moving-average convergence/divergence.
#[derive(Clone, Debug)]
pub struct Macd {
    fast: Ema,
    slow: Ema,
    signal: Ema,
    /// Values the fast average still lets pass.
    wait: u32,
    line: f64,
}

model::state!(Macd { fast, slow, signal, wait, line });

impl Macd {
    /// Of the three periods; `fast` is shorter than `slow`.
    pub fn new(fast: usize, slow: usize, signal: usize) -> Macd {
        assert!(fast < slow, "the fast average is faster than the slow one");
        let wait = (slow - fast) as u32;
        Macd { fast: Ema::new(fast), slow: Ema::new(slow), signal: Ema::new(signal), wait, line: 0.0 }
    }

    /// Takes in a close.
    #[inline]
    pub fn update(&mut self, close: f64) {
        self.slow.update(close);
        if self.wait > 0 {
            self.wait -= 1;
            return;
        }
        self.fast.update(close);
        if let (Some(fast), Some(slow)) = (self.fast.value(), self.slow.value()) {
            self.line = fast - slow;
            self.signal.update(self.line);
        }
    }

    /// The line: fast minus slow average.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        self.signal.value().map(|_| self.line)
    }

    /// The average of the line.
    #[inline]
    pub fn signal(&self) -> Option<f64> {
        self.signal.value()
    }

    /// Line minus signal.
    #[inline]
    pub fn histogram(&self) -> Option<f64> {
        self.signal.value().map(|signal| self.line - signal)
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        self.slow.warm_up() + self.signal.warm_up() - 1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        for ema in [&self.fast, &self.slow, &self.signal] {
            ema.hash(hash);
        }
        hash.word(u64::from(self.wait));
        hash.float(self.line);
    }
}
