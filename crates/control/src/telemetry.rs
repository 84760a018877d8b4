//! What a process counts and times while it works, for whoever measures the farm: numbers that any thread may add to.
//!
//! Refuses names without a bound: there is one set a shard, and what differs by order or client is no number of its own. What
//! was not measured is absent, not zero.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Upper bounds of a histogram's buckets, in milliseconds; the last bucket has none.
pub const BOUNDS_MS: [f64; 14] =
    [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 5_000.0];
/// Shards of one process that are counted by name.
pub const SHARDS_MAX: usize = 1_024;

/// Something that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// So many more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Something that is so at the moment, if it is known.
#[derive(Debug)]
pub struct Gauge(AtomicU64);

impl Gauge {
    const UNKNOWN: u64 = u64::MAX;

    /// It is this now.
    pub fn set(&self, value: u64) {
        self.0.store(value.min(Gauge::UNKNOWN - 1), Ordering::Relaxed);
    }

    /// It is not known any more.
    pub fn forget(&self) {
        self.0.store(Gauge::UNKNOWN, Ordering::Relaxed);
    }

    /// What it is, where that is known.
    pub fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|value| *value != Gauge::UNKNOWN)
    }
}

impl Default for Gauge {
    fn default() -> Gauge {
        Gauge(AtomicU64::new(Gauge::UNKNOWN))
    }
}

/// The same on either side of zero.
#[derive(Debug)]
pub struct SignedGauge(AtomicI64);

impl SignedGauge {
    const UNKNOWN: i64 = i64::MIN;

    /// It is this now.
    pub fn set(&self, value: i64) {
        self.0.store(value.max(SignedGauge::UNKNOWN + 1), Ordering::Relaxed);
    }

    /// It is not known any more.
    pub fn forget(&self) {
        self.0.store(SignedGauge::UNKNOWN, Ordering::Relaxed);
    }

    /// What it is, where that is known.
    pub fn get(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|value| *value != SignedGauge::UNKNOWN)
    }
}

impl Default for SignedGauge {
    fn default() -> SignedGauge {
        SignedGauge(AtomicI64::new(SignedGauge::UNKNOWN))
    }
}

/// How long something took, by buckets.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS_MS.len() + 1],
    sum_us: AtomicU64,
}

/// A histogram at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// How many took at most `BOUNDS_MS`, bucket by bucket, each with those before it; the last is all of them.
    pub at_most: [u64; BOUNDS_MS.len() + 1],
    /// All of them together, in milliseconds.
    pub sum_ms: f64,
}

impl Histogram {
    /// Something took so long.
    pub fn took_ms(&self, ms: f64) {
        let ms = if ms.is_finite() { ms.max(0.0) } else { 0.0 };
        let bucket = BOUNDS_MS.iter().position(|bound| ms <= *bound).unwrap_or(BOUNDS_MS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add((ms * 1_000.0) as u64, Ordering::Relaxed);
    }

    /// What is known.
    pub fn get(&self) -> Timed {
        let mut so_far = 0;
        let at_most = std::array::from_fn(|bucket| {
            so_far += self.buckets[bucket].load(Ordering::Relaxed);
            so_far
        });
        Timed { at_most, sum_ms: self.sum_us.load(Ordering::Relaxed) as f64 / 1_000.0 }
    }
}

/// What is measured of a shard by the process that holds it.
#[derive(Debug, Default)]
pub struct ShardTelemetry {
    /// How old the newest thing heard of the market is, in milliseconds.
    pub market_data_age_ms: Gauge,
    /// For how long a position has stood without a stop at the venue, in milliseconds; zero where none does.
    pub naked_position_ms: Gauge,
    /// From a bar's close to the order on the wire.
    pub signal_to_order_ms: Histogram,
    /// Orders sent.
    pub orders: Counter,
    /// Fills heard.
    pub fills: Counter,
    /// Orders that the venue refused.
    pub rejections: Counter,
    /// Bytes written to the journal.
    pub journal_bytes: Counter,
    /// How long the disk took to have them.
    pub journal_fsync_ms: Histogram,
    /// Whether this process may speak for the shard: 1 or 0.
    pub lease_held: Gauge,
    /// Messages that wait for the bus.
    pub outbox_waiting: Gauge,
    /// Times that the sockets of the exchange were opened anew.
    pub reconnects: Counter,
    /// Of the last session that was compared with its back-test: lines over their budget.
    pub drift_lines_over: Gauge,
    /// Of the same: lines of which nobody knows.
    pub drift_lines_unknown: Gauge,
    /// Of the same: decisions that only one of the two lives took.
    pub drift_signal_mismatches: Gauge,
    /// Of the same: how much worse fills were on average, in 1/1000 of a basis point.
    pub drift_fill_gap_milli_bps: SignedGauge,
    /// Of the same: how much more it came to, in micro-USDT.
    pub drift_result_gap_micro_usdt: SignedGauge,
}

/// What a process measures. A clone of the pointer is the same numbers.
#[derive(Debug, Default)]
pub struct Telemetry {
    shards: Mutex<BTreeMap<String, Arc<ShardTelemetry>>>,
    /// Rows that wait to be written to the history.
    pub history_waiting: Gauge,
    /// Attempts to write to the history that failed.
    pub history_failures: Counter,
}

impl Telemetry {
    /// The numbers of a shard; nothing where there are too many shards to name.
    pub fn shard(&self, name: &str) -> Option<Arc<ShardTelemetry>> {
        let mut shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        if !shards.contains_key(name) && shards.len() >= SHARDS_MAX {
            return None;
        }
        Some(Arc::clone(shards.entry(name.to_owned()).or_default()))
    }

    /// Those of all shards that this process holds or held.
    pub fn shards(&self) -> Vec<(String, Arc<ShardTelemetry>)> {
        let shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        shards.iter().map(|(name, shard)| (name.clone(), Arc::clone(shard))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_is_counted_in_every_wider_bucket() {
        let histogram = Histogram::default();
        for ms in [0.05, 0.1, 3.0, 9_999.0, f64::NAN] {
            histogram.took_ms(ms);
        }
        let timed = histogram.get();
        assert_eq!(timed.at_most[0], 3, "0.05, 0.1 and what is no number");
        assert_eq!(timed.at_most[5], 4, "and 3 at most 5");
        assert_eq!(timed.at_most[BOUNDS_MS.len()], 5);
        assert!((timed.sum_ms - 10_002.15).abs() < 0.01, "{}", timed.sum_ms);
    }

    #[test]
    fn what_was_not_measured_is_absent_and_names_have_a_bound() {
        let telemetry = Telemetry::default();
        let shard = telemetry.shard("main").expect("a first");
        assert_eq!(shard.market_data_age_ms.get(), None);
        shard.market_data_age_ms.set(0);
        assert_eq!(telemetry.shards()[0].1.market_data_age_ms.get(), Some(0));
        shard.market_data_age_ms.forget();
        assert_eq!(shard.market_data_age_ms.get(), None);
        assert_eq!(shard.drift_result_gap_micro_usdt.get(), None);
        shard.drift_result_gap_micro_usdt.set(-5);
        assert_eq!(shard.drift_result_gap_micro_usdt.get(), Some(-5));
        shard.drift_result_gap_micro_usdt.set(i64::MIN);
        assert_eq!(shard.drift_result_gap_micro_usdt.get(), Some(i64::MIN + 1), "a loss is never unknown");
        shard.drift_result_gap_micro_usdt.forget();
        assert_eq!(shard.drift_result_gap_micro_usdt.get(), None);
        for number in 0..2 * SHARDS_MAX {
            telemetry.shard(&number.to_string());
        }
        assert_eq!(telemetry.shards().len(), SHARDS_MAX);
        assert!(telemetry.shard("main").is_some() && telemetry.shard("another").is_none());
    }
}
