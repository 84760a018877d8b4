//! How a Redis is set up, for whoever looks before a farm needs it: its version, what it does without memory, whether it keeps a
//! log, its clock, how far away it is, and which of our commands its user may not give.
//!
//! It refuses to change anything there, and to judge: what must be is told in `docs/bus.md`.

use super::line::{Line, duration};
use super::settings::Settings;
use crate::error::Failed;
use model::{Interval, Time};
use redis::{Connection, RedisError, Script, cmd};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Of so many round trips the shortest counts.
const ROUND_TRIPS: usize = 5;

/// How it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `7.0.15`.
    pub version: String,
    /// What it does when its memory is full.
    pub policy: Option<String>,
    /// Whether it keeps a log of what it was told (AOF).
    pub keeps_log: Option<bool>,
    /// Commands of ours that its user may not give; nothing where it is too old to say.
    pub refused: Option<Vec<String>>,
    /// The shortest round trip.
    pub round_trip: Duration,
    /// How far its clock is ahead of this machine's.
    pub ahead: Interval,
}

impl Condition {
    /// Looks; nothing there is changed.
    pub fn of(settings: &Settings) -> Result<Condition, Failed> {
        let mut line = Line::new(settings.clone());
        let until = Instant::now() + duration(settings.answer_within);
        line.run(until, look)
    }

    /// Whether it is at least this version.
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let mut parts = self.version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (major, minor)
    }
}

fn look(connection: &mut Connection, settings: &Settings) -> Result<Condition, RedisError> {
    let (mut round_trip, mut ahead) = (Duration::MAX, Interval(0));
    for _ in 0..ROUND_TRIPS {
        let (begun, before) = (Instant::now(), wall());
        let (seconds, micros): (i64, i64) = cmd("TIME").query(connection)?;
        let took = begun.elapsed();
        if took < round_trip {
            round_trip = took;
            let half = i64::try_from(took.as_millis() / 2).unwrap_or(0);
            ahead = Time(seconds * 1_000 + micros / 1_000) - (before + Interval(half));
        }
    }
    let about: String = cmd("INFO").query(connection)?;
    let told = |name: &str| {
        let line = about.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(|value| value.trim().to_owned())
    };
    let key = settings.key("doctor", "probe");
    let refused: Vec<String> = Script::new(include_str!("allowed.lua")).key(key).invoke(connection)?;
    Ok(Condition {
        version: told("redis_version").unwrap_or_default(),
        policy: told("maxmemory_policy"),
        keeps_log: told("aof_enabled").map(|text| text == "1"),
        refused: (refused != ["?"]).then_some(refused),
        round_trip,
        ahead,
    })
}

fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let condition = |version: &str| Condition {
            version: version.to_owned(),
            policy: None,
            keeps_log: None,
            refused: None,
            round_trip: Duration::ZERO,
            ahead: Interval(0),
        };
        for (version, is) in
            [("6.2.0", true), ("7.0.15", true), ("10.0", true), ("6.0.16", false), ("", false)]
        {
            assert_eq!(condition(version).is_at_least(6, 2), is, "{version}");
        }
    }
}
