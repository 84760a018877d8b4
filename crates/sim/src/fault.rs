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
    /// An operator tells a farm something.
    Instructed,
    /// A command is said again, minutes after it was answered.
    Duplicated,
    /// A command is on its way for minutes.
    HeldBack,
    /// Commands that contradict each other cross on their way.
    Contradicted,
    /// Somebody gives a command who may not.
    Unauthorised,
    /// Hundreds of commands within a minute.
    Flooded,
    /// A stop at rest is not there any more, and nobody says so.
    Vanished,
    /// Somebody places an order by hand on an account of ours.
    HandOrder,
    /// Somebody trades by hand on an account of ours.
    HandTrade,
    /// Somebody pays money in or out by hand.
    HandMoney,
    /// A stranger asks the venue for what cannot be.
    Nonsense,
    /// A measurement never comes.
    ReadingMissing,
    /// A measurement is none: out of range, not a number, of the future.
    ReadingAbsurd,
    /// A measurement comes hours late.
    ReadingLate,
    /// A measurement comes twice, the second time another.
    ReadingTwice,
    /// What was done is answered as if nobody knew.
    Unacknowledged,
    /// The venue closes all sockets.
    Disconnected,
    /// An operator changes the rules of a farm.
    Ruled,
    /// Nobody may speak for any shard for hours: who grants the right is away, or the only machine there is.
    Unattended,
}

/// How many there are.
pub(crate) const FAULTS: usize = 40;
/// Those that were there first: what is drawn for them does not depend on the others.
pub(crate) const FIRST_FAULTS: usize = 21;
/// Those that came last, each in a stream of its own for the same reason.
pub(crate) const LAST_FAULTS: usize = 2;

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
        Fault::Instructed,
        Fault::Duplicated,
        Fault::HeldBack,
        Fault::Contradicted,
        Fault::Unauthorised,
        Fault::Flooded,
        Fault::Vanished,
        Fault::HandOrder,
        Fault::HandTrade,
        Fault::HandMoney,
        Fault::Nonsense,
        Fault::ReadingMissing,
        Fault::ReadingAbsurd,
        Fault::ReadingLate,
        Fault::ReadingTwice,
        Fault::Unacknowledged,
        Fault::Disconnected,
        Fault::Ruled,
        Fault::Unattended,
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
            Fault::Instructed => "instructed",
            Fault::Duplicated => "duplicated",
            Fault::HeldBack => "held_back",
            Fault::Contradicted => "contradicted",
            Fault::Unauthorised => "unauthorised",
            Fault::Flooded => "flooded",
            Fault::Vanished => "vanished",
            Fault::HandOrder => "hand_order",
            Fault::HandTrade => "hand_trade",
            Fault::HandMoney => "hand_money",
            Fault::Nonsense => "nonsense",
            Fault::ReadingMissing => "reading_missing",
            Fault::ReadingAbsurd => "reading_absurd",
            Fault::ReadingLate => "reading_late",
            Fault::ReadingTwice => "reading_twice",
            Fault::Unacknowledged => "unacknowledged",
            Fault::Disconnected => "disconnected",
            Fault::Ruled => "ruled",
            Fault::Unattended => "unattended",
        }
    }

    /// Whether it needs bytes between farm and venue.
    pub const fn is_of_bytes(self) -> bool {
        matches!(self, Fault::Unacknowledged | Fault::Disconnected)
    }

    /// Whether it is there from the first to the last instant, or not at all.
    pub(crate) const fn is_standing(self) -> bool {
        matches!(self, Fault::Drift | Fault::PartialFills | Fault::Slippage)
    }
}

/// How often each fault happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally([u64; FAULTS]);

impl Default for Tally {
    fn default() -> Tally {
        Tally([0; FAULTS])
    }
}

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
