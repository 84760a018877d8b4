//! Average directional index as TA-Lib's `TA_ADX`, `TA_PLUS_DI` and `TA_MINUS_DI`: Wilder sums seeded with the first
//! `n - 1` movements, the index with the plain average of the first `n` directional indices; a bar without movement
//! leaves the index as it is. Warm-up: `2 n` bars, the directional indicators `n + 1`. Refuses to answer earlier.

use super::NEGLIGIBLE;
use super::atr::true_range;
use model::StateHash;

/// Average directional index with both directional indicators, each 0 to 100.
#[derive(Clone, Debug)]
pub struct Adx {
    period: u32,
    /// Bars seen, counted up to `2 * period`.
    seen: u32,
    high: f64,
    low: f64,
    close: f64,
    plus: f64,
    minus: f64,
    range: f64,
    /// The index; while warming up, its share of the seed.
    value: f64,
}

model::state!(Adx { seen, high, low, close, plus, minus, range, value } origin { period } if |adx| {
    adx.seen <= 2 * adx.period
});

impl Adx {
    /// Of `period` bars, at least two.
    pub fn new(period: usize) -> Adx {
        assert!(
            (2..=crate::PERIOD_MAX).contains(&period),
            "an index is over 2 to {} bars",
            crate::PERIOD_MAX
        );
        let (high, low, close, plus, minus, range, value) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        Adx { period: period as u32, seen: 0, high, low, close, plus, minus, range, value }
    }

    /// Takes in a bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64) {
        let up = high - self.high;
        let down = self.low - low;
        let range = true_range(high, low, self.close);
        self.high = high;
        self.low = low;
        self.close = close;
        if self.seen == 0 {
            self.seen = 1;
            return;
        }
        let keep = if self.seen < self.period { 1.0 } else { 1.0 - 1.0 / f64::from(self.period) };
        self.plus = self.plus * keep + if up > 0.0 && up > down { up } else { 0.0 };
        self.minus = self.minus * keep + if down > 0.0 && down > up { down } else { 0.0 };
        self.range = self.range * keep + range;
        self.average();
    }

    /// Averages the directional index of the bar just taken in.
    #[inline]
    fn average(&mut self) {
        let seeding = self.seen < 2 * self.period;
        let weight = 1.0 / f64::from(self.period);
        let moved = self.plus + self.minus;
        if self.seen >= self.period && self.range >= NEGLIGIBLE && moved >= NEGLIGIBLE * self.range {
            let index = 100.0 * (self.plus - self.minus).abs() / moved;
            self.value += (if seeding { index } else { index - self.value }) * weight;
        }
        self.seen += u32::from(seeding);
    }

    /// The average directional index.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        (self.seen == 2 * self.period).then_some(self.value)
    }

    /// Upward movement as a percentage of the true range.
    #[inline]
    pub fn plus_di(&self) -> Option<f64> {
        self.indicator(self.plus)
    }

    /// Downward movement as a percentage of the true range.
    #[inline]
    pub fn minus_di(&self) -> Option<f64> {
        self.indicator(self.minus)
    }

    #[inline]
    fn indicator(&self, moved: f64) -> Option<f64> {
        let warm = self.seen > self.period;
        warm.then(|| if self.range < NEGLIGIBLE { 0.0 } else { 100.0 * moved / self.range })
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        2 * self.period as usize
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(u64::from(self.seen));
        for value in [self.high, self.low, self.close, self.plus, self.minus, self.range, self.value] {
            hash.float(value);
        }
    }
}
