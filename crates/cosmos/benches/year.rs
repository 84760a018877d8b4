//! What the sky costs: an almanac of a year and a reading for each of its hours, and the parts apart.
//! `cargo bench -p cosmos`; it prints and judges nothing.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints"
)]

use cosmos::ephemeris::{mercury, moon};
use cosmos::{Almanac, Factor, FactorSet, Series, Sky, Terms};
use model::{Interval, Time};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const ROUNDS: usize = 9;
const HOURS: i64 = 8_760;
const FROM: Time = Time(1_640_995_200_000);
const TO: Time = Time(FROM.0 + HOURS * Interval::HOUR.0);

/// The best of several rounds, in milliseconds and for each of so many parts.
fn report(name: &str, parts: i64, mut round: impl FnMut()) {
    let mut best_s = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round();
        best_s = best_s.min(start.elapsed().as_secs_f64());
    }
    println!("{name:<44} {:>9.3} ms  {:>9.1} ns each", best_s * 1e3, best_s * 1e9 / parts as f64);
}

fn hours() -> impl Iterator<Item = Time> {
    (0..HOURS).map(|hour| Time(FROM.0 + hour * Interval::HOUR.0))
}

fn sum(sky: &Sky) -> f64 {
    hours().map(|now| black_box(sky).at(now)).map(|felt| felt.moon + felt.mercury + felt.kp).sum()
}

fn almanac() -> Arc<Almanac> {
    Arc::new(Almanac::new(black_box(FROM), TO).expect("a year of this century"))
}

fn kp() -> Arc<Series> {
    let terms = Terms {
        source: "made".to_owned(),
        unit: "Kp".to_owned(),
        interval: Interval(3 * Interval::HOUR.0),
        lag: Interval::HOUR,
        stale_after: Interval::DAY,
    };
    let rows = hours().step_by(3).enumerate().map(|(i, at)| (at, (i % 10) as f64)).collect();
    Arc::new(Series::new(Factor::Kp, terms, rows).expect("a well-formed series"))
}

fn main() {
    report("an almanac of a year and 8,760 readings", HOURS, || {
        black_box(sum(&Sky::none().with_almanac(almanac()).with_factors(FactorSet::ALL)));
    });
    report("an almanac of a year", 1, || {
        black_box(almanac());
    });
    let sky = Sky::none().with_almanac(almanac()).with_factors(FactorSet::ALL);
    report("8,760 readings, four factors", HOURS, || {
        black_box(sum(&sky));
    });
    let sky = sky.with_series(kp());
    report("8,760 readings, five factors", HOURS, || {
        black_box(sum(&sky));
    });
    report("8,760 elongations, unabridged", HOURS, || {
        black_box(hours().map(|at| moon::elongation_unwrapped_deg(black_box(at))).sum::<f64>());
    });
    report("365 longitudes of Mercury", 365, || {
        black_box(hours().step_by(24).map(|at| mercury::longitude_deg(black_box(at))).sum::<f64>());
    });
    report("the phases of a year", 49, || {
        black_box(moon::principal_phases(FROM).take_while(|event| event.time < TO).count());
    });
}
