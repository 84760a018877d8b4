//! What is measured outside: once an hour, and then missing, absurd, late, or twice.
//!
//! It refuses to say what a farm has to make of it: the farm lives through its journal again at the end, and ends where it was.

use crate::fault::Fault;
use crate::run::World;
use crate::strike::{Key, Target, up_to};
use cosmos::Factor;
use model::event::Measured;
use model::{Interval, Rng, Time};

/// How late a measurement is at most.
const LATE_MAX: Interval = Interval(6 * Interval::HOUR.0);
/// What the value of an hour is drawn for.
const VALUE: u64 = 1 << 41;
const HOUR_MINUTES: u32 = 60;

/// Measurements that are due.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readings {
    due: Vec<(Time, Measured)>,
}

fn measured(stamp: Time, value: f64) -> Measured {
    Measured { factor: Factor::Sentiment as u8, stamp, bits: value.to_bits() }
}

/// Something that is no measurement of an hour.
fn nonsense(rng: &mut Rng, stamp: Time, now: Time) -> Measured {
    match rng.below(6) {
        0 => measured(stamp, f64::NAN),
        1 => measured(stamp, f64::INFINITY),
        2 => measured(stamp, -3.0),
        3 => measured(stamp, 100.5),
        4 => measured(now + Interval(5 * Interval::MINUTE.0), 50.0),
        _ => Measured { factor: 200, ..measured(stamp, 50.0) },
    }
}

impl World<'_> {
    /// What is measured in this minute, and what of it is known when.
    pub(crate) fn measure(&mut self, minute: u32) {
        if self.company.believers == 0 || !minute.is_multiple_of(HOUR_MINUTES) {
            return;
        }
        let (now, key) = (self.now, Key::Minute(Target::Outside, minute));
        let stamp = now - Interval::HOUR;
        let value = self.fates.luck(VALUE, key).below(101) as f64;
        if self.fates.strike(now, Fault::ReadingMissing, key).is_none() {
            let late = self.fates.strike(now, Fault::ReadingLate, key);
            let late = late.map_or(Interval(0), |mut rng| up_to(&mut rng, LATE_MAX));
            self.readings.due.push((now + late, measured(stamp, value)));
        }
        if let Some(mut rng) = self.fates.strike(now, Fault::ReadingTwice, key) {
            let another = rng.below(101) as f64;
            self.readings.due.push((now + up_to(&mut rng, LATE_MAX), measured(stamp, another)));
        }
        if let Some(mut rng) = self.fates.strike(now, Fault::ReadingAbsurd, key) {
            let absurd = nonsense(&mut rng, stamp, now);
            self.readings.due.push((now, absurd));
        }
    }

    /// What has become known is told to everybody who sits for a farm that reads it.
    pub(crate) fn make_known(&mut self) {
        let now = self.now;
        let mut known = Vec::new();
        self.readings.due.retain(|(at, measured)| {
            known.extend((*at <= now).then_some(*measured));
            *at > now
        });
        for measured in known {
            for node in 0..self.nodes.len() {
                self.show(node, measured);
            }
        }
    }

    fn show(&mut self, node: usize, measured: Measured) {
        for shard in 0..self.shards.len() {
            let reads = self.shards[shard].origin.sky.series(Factor::Sentiment).is_some();
            let clocks = self.nodes[node].clocks(self.now);
            if !reads || !self.nodes[node].runs() {
                continue;
            }
            let Some(occupied) = &mut self.nodes[node].places[shard].seat else { continue };
            occupied.seat.measured(clocks, measured);
            self.step(node, shard, self.now);
        }
    }
}
