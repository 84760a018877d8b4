//! The life of one subscription: wanted, sent, acknowledged, live, stale, refused.
//!
//! Silence is measured on our clock, lateness on the exchange's: a feed that keeps talking about a minute ago is as
//! stale as one that says nothing. Refuses to call a subscription live because it was acknowledged.

use model::{Interval, Time};

/// An acknowledgement comes within.
pub const ACKNOWLEDGED_MAX: Interval = Interval(5_000);
/// First rows come within, from the acknowledgement.
pub const FIRST_ROWS_MAX: Interval = Interval(10_000);
/// Rows older than this when they arrive are late.
pub const LATE_MAX: Interval = Interval(5_000);
/// A stream that only brings late rows for so long is begun anew.
pub const LATE_FOR_MAX: Interval = Interval(60_000);
/// After so many attempts in a row that bring no rows, the whole connection is suspected.
pub const ATTEMPTS_MAX: u8 = 3;

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// To be sent.
    Wanted,
    /// Sent, not acknowledged.
    Sent(Time),
    /// Acknowledged; where no first rows are due this is as good as it gets.
    Acknowledged(Time),
    /// Rows came, the last ones then.
    Live(Time),
    /// The exchange will not have it.
    Refused,
}

/// Why a stream is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Not acknowledged in time.
    NotAcknowledged,
    /// Acknowledged, and then nothing.
    AcknowledgedButSilent,
    /// Nothing for too long.
    Quiet,
    /// What comes is old.
    Late,
    /// A book that cannot be proven.
    Broken,
    /// The line is down.
    Disconnected,
}

/// What can be expected of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Whether first rows come by themselves.
    pub first_rows: bool,
    /// The longest silence.
    pub quiet_max: Option<Interval>,
}

/// The state of one subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    expected: Expected,
    stage: Stage,
    attempts: u8,
    /// Whether the world was told that it is fresh.
    fresh: bool,
    /// Since when only late rows came.
    late_since: Option<Time>,
}

impl Watch {
    /// A subscription that is to be sent.
    pub fn new(expected: Expected) -> Watch {
        Watch { expected, stage: Stage::Wanted, attempts: 0, fresh: false, late_since: None }
    }

    /// Where it stands.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether what it says may be acted on.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Whether the exchange has taken it.
    pub fn is_taken(&self) -> bool {
        matches!(self.stage, Stage::Acknowledged(_) | Stage::Live(_))
    }

    /// Whether it was tried too often for the fault to be its own.
    pub fn is_hopeless(&self) -> bool {
        self.attempts >= ATTEMPTS_MAX
    }

    /// It was sent.
    pub fn sent(&mut self, now: Time) {
        self.stage = Stage::Sent(now);
        self.attempts = self.attempts.saturating_add(1);
    }

    /// It was acknowledged; true if that is all there is to wait for.
    pub fn acknowledged(&mut self, now: Time) -> bool {
        // A second acknowledgement, or one that comes after the rows, changes nothing.
        if !matches!(self.stage, Stage::Sent(_)) {
            return false;
        }
        self.stage = Stage::Acknowledged(now);
        let done = !self.expected.first_rows;
        if done {
            self.attempts = 0;
            self.fresh = true;
        }
        done
    }

    /// Rows came; true if it is fresh by them and was not before. `late` rows prove life, but not freshness.
    pub fn rows(&mut self, now: Time, late: bool) -> bool {
        if matches!(self.stage, Stage::Refused) {
            return false;
        }
        self.stage = Stage::Live(now);
        let was = self.fresh;
        self.fresh = !late;
        if late {
            self.late_since.get_or_insert(now);
        } else {
            self.late_since = None;
            self.attempts = 0;
        }
        self.fresh && !was
    }

    /// The exchange will not have it.
    pub fn refused(&mut self) {
        self.stage = Stage::Refused;
        self.fresh = false;
    }

    /// It is to be sent again; true if it was fresh until now.
    pub fn again(&mut self) -> bool {
        self.stage = Stage::Wanted;
        self.late_since = None;
        std::mem::replace(&mut self.fresh, false)
    }

    /// A new line: what was tried on the old one does not count.
    pub fn reconnected(&mut self) {
        if self.stage != Stage::Refused {
            self.stage = Stage::Wanted;
        }
        self.attempts = 0;
    }

    /// When it has to be doubted if nothing comes, and why.
    pub fn deadline(&self) -> Option<(Time, Doubt)> {
        match self.stage {
            Stage::Wanted | Stage::Refused => None,
            Stage::Sent(at) => Some((at + ACKNOWLEDGED_MAX, Doubt::NotAcknowledged)),
            Stage::Acknowledged(at) if self.expected.first_rows => {
                Some((at + FIRST_ROWS_MAX, Doubt::AcknowledgedButSilent))
            }
            Stage::Acknowledged(_) => None,
            Stage::Live(at) => {
                let quiet = self.expected.quiet_max.map(|quiet| (at + quiet, Doubt::Quiet));
                let late = self.late_since.map(|since| (since + LATE_FOR_MAX, Doubt::Late));
                [quiet, late].into_iter().flatten().min_by_key(|due| due.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKER: Expected = Expected { first_rows: true, quiet_max: Some(Interval(10_000)) };
    const ORDERS: Expected = Expected { first_rows: false, quiet_max: None };

    #[test]
    fn an_acknowledgement_is_not_yet_life() {
        let mut ticker = Watch::new(TICKER);
        ticker.sent(Time(0));
        assert_eq!(ticker.deadline(), Some((Time(5_000), Doubt::NotAcknowledged)));
        assert!(!ticker.acknowledged(Time(100)) && !ticker.is_fresh());
        assert_eq!(ticker.deadline(), Some((Time(10_100), Doubt::AcknowledgedButSilent)));
        assert!(ticker.rows(Time(300), false) && !ticker.rows(Time(400), false), "told once");
        assert_eq!(ticker.deadline(), Some((Time(10_400), Doubt::Quiet)));
        assert!(!ticker.acknowledged(Time(500)), "an acknowledgement overtaken by its rows");
        assert_eq!(ticker.stage(), Stage::Live(Time(400)));
    }

    #[test]
    fn orders_speak_when_something_happens() {
        let mut orders = Watch::new(ORDERS);
        orders.sent(Time(0));
        assert!(orders.acknowledged(Time(9)) && orders.is_fresh());
        assert_eq!(orders.deadline(), None);
    }

    #[test]
    fn late_rows_are_no_news() {
        let mut ticker = Watch::new(TICKER);
        ticker.sent(Time(0));
        assert!(!ticker.rows(Time(1), true) && !ticker.is_fresh());
        assert!(ticker.rows(Time(2), false));
        ticker.rows(Time(3), true);
        assert!(!ticker.is_fresh());
        for ms in (5_000..60_003).step_by(5_000) {
            ticker.rows(Time(ms), true);
        }
        assert_eq!(ticker.deadline(), Some((Time(60_003), Doubt::Late)), "it keeps talking, but of the past");
        for _ in 0..2 {
            ticker.again();
            ticker.sent(Time(4));
        }
        assert!(!ticker.is_hopeless());
        ticker.again();
        ticker.sent(Time(5));
        assert!(ticker.is_hopeless());
        ticker.reconnected();
        assert!(!ticker.is_hopeless());
        ticker.refused();
        ticker.reconnected();
        assert_eq!((ticker.stage(), ticker.deadline()), (Stage::Refused, None), "refused is for good");
    }
}
