//! What happens on the sky and when: phases of the Moon and stations of Mercury in one list.
//!
//! It refuses events finer than a second: the theory is good to some ten of them.

use super::{mercury, moon};
use model::Time;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Elongation 0.
    NewMoon,
    /// Elongation 90 deg.
    FirstQuarter,
    /// Elongation 180 deg.
    FullMoon,
    /// Elongation 270 deg.
    LastQuarter,
    /// Mercury turns westward.
    MercuryStationRetrograde,
    /// Mercury turns eastward again.
    MercuryStationDirect,
}

impl EventKind {
    /// The word in files.
    pub const fn name(self) -> &'static str {
        match self {
            EventKind::NewMoon => "new_moon",
            EventKind::FirstQuarter => "first_quarter",
            EventKind::FullMoon => "full_moon",
            EventKind::LastQuarter => "last_quarter",
            EventKind::MercuryStationRetrograde => "mercury_station_retrograde",
            EventKind::MercuryStationDirect => "mercury_station_direct",
        }
    }

    /// As one says it.
    pub const fn title(self) -> &'static str {
        match self {
            EventKind::NewMoon => "new moon",
            EventKind::FirstQuarter => "first quarter",
            EventKind::FullMoon => "full moon",
            EventKind::LastQuarter => "last quarter",
            EventKind::MercuryStationRetrograde => "Mercury turns retrograde",
            EventKind::MercuryStationDirect => "Mercury turns direct",
        }
    }
}

/// Something that happens on the sky, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    /// When.
    pub time: Time,
    /// What.
    pub kind: EventKind,
}

/// Everything that happens in `[from, to]`, ascending.
pub fn calendar(from: Time, to: Time) -> Vec<Event> {
    let within = |event: &Event| event.time <= to;
    let mut events: Vec<Event> = moon::principal_phases(from).take_while(within).collect();
    events.extend(mercury::stations(from).take_while(within));
    events.sort();
    events
}
