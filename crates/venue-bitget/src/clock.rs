//! The exchange's clock, as far as it can be known from here.
//!
//! Every signature and every age is taken on that clock. Of several measurements the one with the shortest round trip
//! counts, because half of it is the error. Refuses a measurement that is worse than what it would correct.

use model::{Interval, Time};

/// A round trip longer than this says too little about the clock: signatures are good for 30 s.
pub const ROUND_TRIP_MAX: Interval = Interval(5_000);
/// A measurement is believed for so long, whatever its error; then any newer one is better.
const BELIEVED_FOR: Interval = Interval(10 * Interval::MINUTE.0);

/// How far the exchange's clock is ahead of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExchangeClock {
    best: Option<Measured>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Measured {
    at: Time,
    ahead: Interval,
    round_trip: Interval,
}

impl ExchangeClock {
    /// Takes the exchange's time in; returns whether it counts now.
    pub fn heard(&mut self, sent_at: Time, server: Time, received_at: Time) -> bool {
        let round_trip = received_at - sent_at;
        if round_trip.0 < 0 || round_trip > ROUND_TRIP_MAX {
            return false;
        }
        let middle = Time(sent_at.0 + round_trip.0 / 2);
        let measured = Measured { at: received_at, ahead: server - middle, round_trip };
        let better = self
            .best
            .is_none_or(|best| round_trip <= best.round_trip || received_at - best.at >= BELIEVED_FOR);
        if better {
            self.best = Some(measured);
        }
        better
    }

    /// Forgets what was measured: the exchange said our time is wrong.
    pub fn distrust(&mut self) {
        self.best = None;
    }

    /// Whether it was measured at all.
    pub fn is_known(&self) -> bool {
        self.best.is_some()
    }

    /// The exchange's time at an instant of ours; ours itself before anything was measured.
    pub fn at(&self, now: Time) -> Time {
        now + self.best.map_or(Interval(0), |best| best.ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_round_trip_counts() {
        let mut clock = ExchangeClock::default();
        assert_eq!(clock.at(Time(1_000)), Time(1_000));
        assert!(clock.heard(Time(1_000), Time(61_050), Time(1_100)));
        assert_eq!(clock.at(Time(2_000)), Time(62_000));
        assert!(!clock.heard(Time(3_000), Time(64_000), Time(3_400)), "worse than what is known");
        assert!(clock.heard(Time(5_000), Time(65_030), Time(5_020)));
        assert_eq!(clock.at(Time(0)), Time(60_020));
        let later = 5_020 + BELIEVED_FOR.0;
        assert!(clock.heard(Time(later - 1_000), Time(later), Time(later)), "an old one is replaced");
        assert!(!clock.heard(Time(0), Time(0), Time(5_001)), "too slow to say anything");
        assert!(!clock.heard(Time(10), Time(0), Time(9)), "our own clock was set back meanwhile");
        clock.distrust();
        assert!(!clock.is_known());
    }
}
