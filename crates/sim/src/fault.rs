//! The ways to break things, and how often each happened.

/// One way to break things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A message never arrives.
    Lost,
    /// A message arrives twice.
    Repeated,
    /// A message arrives much later than those behind it.
    Delayed,
    /// Nothing passes a link for a while.
    Partition,
    /// What is said over a link for a while arrives when that is over.
    Clogged,
    /// A node dies, at once, and starts again.
    Crash,
    /// A crash in the middle of a write: the last frame is on the disk in part.
    TornTail,
    /// A crash that loses what was written and not yet kept.
    UnsyncedLost,
    /// The clocks of a machine run fast or slow.
    Drift,
    /// The clock on the wall is set, ahead or back.
    WallStep,
    /// A machine stands still; what it should have heard it hears late.
    Paused,
    /// The venue answers nothing for a while and does nothing it is told.
    Maintenance,
    /// The venue throttles: a request is not even looked at, nor are those right behind it.
    Throttled,
    /// The venue refuses every placement for a while.
    RejectStorm,
    /// The venue carries out a request that came after its time.
    GhostAcceptance,
    /// Orders fill in parts, as there is volume for them.
    PartialFills,
    /// Takers pay more than the price.
    Slippage,
    /// The venue takes a position over.
    Seizure,
    /// The venue closes a part of a position against somebody's liquidation.
    Deleveraging,
    /// The price jumps between two seconds.
    BookGap,
    /// Funding is many times what it was to be, to either side.
    FundingSpike,
}

/// How many there are.
pub(crate) const FAULTS: usize = 21;

impl Fault {
    /// All of them.
    pub const ALL: [Fault; FAULTS] = [
        Fault::Lost,
        Fault::Repeated,
        Fault::Delayed,
        Fault::Partition,
        Fault::Clogged,
        Fault::Crash,
        Fault::TornTail,
        Fault::UnsyncedLost,
        Fault::Drift,
        Fault::WallStep,
        Fault::Paused,
        Fault::Maintenance,
        Fault::Throttled,
        Fault::RejectStorm,
        Fault::GhostAcceptance,
        Fault::PartialFills,
        Fault::Slippage,
        Fault::Seizure,
        Fault::Deleveraging,
        Fault::BookGap,
        Fault::FundingSpike,
    ];

    /// The word in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Lost => "lost",
            Fault::Repeated => "repeated",
            Fault::Delayed => "delayed",
            Fault::Partition => "partition",
            Fault::Clogged => "clogged",
            Fault::Crash => "crash",
            Fault::TornTail => "torn_tail",
            Fault::UnsyncedLost => "unsynced_lost",
            Fault::Drift => "drift",
            Fault::WallStep => "wall_step",
            Fault::Paused => "paused",
            Fault::Maintenance => "maintenance",
            Fault::Throttled => "throttled",
            Fault::RejectStorm => "reject_storm",
            Fault::GhostAcceptance => "ghost_acceptance",
            Fault::PartialFills => "partial_fills",
            Fault::Slippage => "slippage",
            Fault::Seizure => "seizure",
            Fault::Deleveraging => "deleveraging",
            Fault::BookGap => "book_gap",
            Fault::FundingSpike => "funding_spike",
        }
    }

    /// Whether it is there from the first to the last instant, or not at all.
    pub(crate) const fn is_standing(self) -> bool {
        matches!(self, Fault::Drift | Fault::PartialFills | Fault::Slippage)
    }
}

/// How often each fault happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([u64; FAULTS]);

impl Tally {
    /// One more.
    pub(crate) fn count(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }

    /// How often.
    pub fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize]
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Tally) -> Tally {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
        self
    }
}
