//! This machine's clock, and how far it is from those of others.
//!
//! It refuses to set a clock: it says how far it is off, and who keeps it right.

use super::Finding;
use model::{Interval, Time};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// 2025-01-01, in seconds since 1970: this program is younger.
const CLOCK_S_MIN: u64 = 1_735_689_600;
/// Leases and orders bear more; a machine whose clock is kept is off by less.
const OFF_MAX: Interval = Interval(500);
/// Bitget refuses what is signed half a minute off, and a command that is older than that comes too late.
const OFF_BROKEN: Interval = Interval(10_000);
const MEND: &str =
    "keep the clock by NTP: `timedatectl set-ntp true`, or install chrony; in a container the host's counts";

/// Whether somebody keeps it, as far as files say: systemd-timesyncd, chrony, ntpd.
const KEPT: [&str; 4] =
    ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/chronyd.pid", "/run/ntpd.pid"];

pub(super) fn own() -> Finding {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let now = Time(i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX / 2));
    if seconds < CLOCK_S_MIN {
        return Finding::broken("clock", format!("{now}, before this program was written"), MEND);
    }
    let kept = KEPT.iter().any(|file| Path::new(file).exists());
    let who = if kept { "kept by NTP" } else { "nobody seen here who keeps it by NTP" };
    Finding::ok("clock", format!("{now}; {who}"))
}

/// The same beside another's: how far that one is ahead, and how sure that is.
#[cfg(feature = "run")]
pub(super) fn beside(whose: &str, ahead: Interval, round_trip_ms: i64) -> Finding {
    let (what, off) = (format!("clock of {whose}"), ahead.0.abs());
    let way = if ahead.0 < 0 { "behind" } else { "ahead of" };
    let found = format!("{off} ms {way} this machine's, give or take {} ms", round_trip_ms / 2 + 1);
    // What the way there took is not the clock's fault.
    match off - round_trip_ms / 2 {
        off if off > OFF_BROKEN.0 => Finding::broken(&what, found, MEND),
        off if off > OFF_MAX.0 => Finding::warning(&what, found, MEND),
        _ => Finding::ok(&what, found),
    }
}

#[cfg(all(test, feature = "run"))]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_clock_is_judged_by_what_is_certain() {
        for (ahead, round_trip, verdict) in [
            (0, 10, Verdict::Ok),
            (-499, 0, Verdict::Ok),
            (-700, 10, Verdict::Warning),
            (700, 600, Verdict::Ok),
            (60_000, 600, Verdict::Broken),
        ] {
            assert_eq!(
                beside("somebody", Interval(ahead), round_trip).verdict,
                verdict,
                "{ahead} {round_trip}"
            );
        }
    }
}
