//! Who may speak to the venue for a shard: one node at a time, whatever the network and the clocks do.
//!
//! A registry hands out leases with epochs that only grow; a node holds one while it can still count on it. It refuses to
//! trust an answer's age, a clock alone, or a node that has been frozen: not knowing means not holding.
//!
//! # Why two nodes never speak at once
//!
//! A grant is made after it was asked for, so a node that counts from when it **asked** counts from too early. It is
//! assumed, and nothing more:
//!
//! 1. between two looks of a node at its clocks ([`LOOK_EACH`] apart while it runs) at least one of the two clocks counts at
//!    least 99 % of what passed ([`DRIFT_PERCENT`]); the wall may else step either way, the monotonic
//!    clock may else stop, but it never goes back and never runs ahead;
//! 2. the registry's clock drifts no more than that, may be set back at will, and jumps ahead by at most [`MARGIN`] within
//!    one time to live; the registry forgets nothing it has granted (one that lost its memory must keep its epochs and stay
//!    silent for [`TIME_TO_LIVE`] before it grants again);
//! 3. the venue carries out nothing that is older than [`REQUEST_VALIDITY`], by a clock that drifts no more than that.
//!
//! Then what a node said last is over, in true time, before the registry lets anybody else in:
//!
//! ```text
//! HOLD / 0.99  <=  (TIME_TO_LIVE - MARGIN) / 1.01          HOLD = TIME_TO_LIVE * 99 / 101 - MARGIN
//! ```
//!
//! because a node begins nothing [`REQUEST_VALIDITY`] before [`HOLD`] is over. A release shortens the registry's side to
//! nothing, so it is only said [`MARGIN`] after the last thing that was begun can have been carried out:
//! `REQUEST_VALIDITY / 0.99 <= (REQUEST_VALIDITY + MARGIN) / 1.01`. That one is counted by the monotonic clock alone, which may
//! stop but never runs ahead: to fall silent a node believes the clock that says more, to let others in the one that cannot
//! say too much.
//!
//! A holder that loses two renewals in a row does not even fall silent: `RENEW_EACH + 2 * ASK_AGAIN < HOLD - REQUEST_VALIDITY`.

mod holder;
mod registry;

pub use holder::Lease;
pub use registry::Registry;

use model::order::REQUEST_VALIDITY;
use model::{Interval, Time};

/// How long the registry keeps a lease that is not renewed, by its own clock.
pub const TIME_TO_LIVE: Interval = Interval(15_000);

/// How much faster or slower than true time any clock may run.
pub const DRIFT_PERCENT: i64 = 1;

/// What is taken off beside the drift: the registry's clock may jump ahead by this much within one time to live.
pub const MARGIN: Interval = Interval(2_000);

/// How long, by a node's own clocks and from when it asked, something it said may still be carried out.
pub const HOLD: Interval =
    Interval(TIME_TO_LIVE.0 * (100 - DRIFT_PERCENT) / (100 + DRIFT_PERCENT) - MARGIN.0);

/// How long, by a node's own clocks and from when it asked, it may begin to say something.
pub const BEGIN: Interval = Interval(HOLD.0 - REQUEST_VALIDITY.0);

/// A holder asks again this long after it asked for what it holds.
pub const RENEW_EACH: Interval = Interval(TIME_TO_LIVE.0 / 3);

/// No two questions of a node are closer than this; an unanswered one is asked again after it.
pub const ASK_AGAIN: Interval = Interval(1_000);

/// A node that was refused waits this long and up to [`COMPETE_SPREAD`] more before it competes again.
pub const COMPETE_EACH: Interval = Interval(2_000);

/// A node that heard nothing for as long as it counts on stands back for this long instead, so that those who compete go
/// first: it may be one that is heard but does not hear, and would take the shard again and again.
pub const STAND_BACK: Interval = Interval(6_000);

/// Over which the nodes that compete are spread, by their number and the attempt.
pub const COMPETE_SPREAD: Interval = Interval(1_000);

/// A node looks at its clocks at least this often: a step of one clock cannot hide a later stop of the other.
pub const LOOK_EACH: Interval = Interval(1_000);

/// Questions of a node whose answer would still be worth something.
pub const ASKS_MAX: usize = (HOLD.0 / ASK_AGAIN.0) as usize + 2;

/// A farm with its journal: what is leased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub u16);

/// One life of a process; two that run at once never share a number. A process that starts anew under its old number is
/// treated as a stranger, and waits until the lease of its former life has run out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// Both clocks of a machine at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clocks {
    /// Never goes back, but may not count while the machine sleeps.
    pub mono: Time,
    /// Counts while the machine sleeps, but may be set to anything.
    pub wall: Time,
}

impl Clocks {
    /// What passed since an earlier reading: the larger of what either clock says, and never less than nothing.
    pub fn since(self, earlier: Clocks) -> Interval {
        let mono = self.mono.0.saturating_sub(earlier.mono.0);
        let wall = self.wall.0.saturating_sub(earlier.wall.0);
        Interval(mono.max(wall).max(0))
    }
}

/// What a node says to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseRequest {
    /// Wants to hold the shard.
    Acquire {
        /// Which shard.
        shard: ShardId,
        /// Who asks.
        node: NodeId,
        /// When it first asked: a repetition is the same question.
        asked_at: Clocks,
    },
    /// Wants to hold it longer.
    Renew {
        /// Which shard.
        shard: ShardId,
        /// Who asks.
        node: NodeId,
        /// The epoch it holds.
        epoch: u16,
        /// When it asked.
        asked_at: Clocks,
    },
    /// Holds it no longer. It is not answered, and may be lost.
    Release {
        /// Which shard.
        shard: ShardId,
        /// Who held it.
        node: NodeId,
        /// The epoch it held.
        epoch: u16,
    },
}

/// What the registry says to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseAnswer {
    /// Which shard.
    pub shard: ShardId,
    /// Who asked.
    pub node: NodeId,
    /// The question's own stamp: the node counts from it.
    pub asked_at: Clocks,
    /// The epoch it holds; none if it does not.
    pub granted: Option<u16>,
}

/// What changed for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseNews {
    /// It holds the shard under this epoch, and under no earlier one.
    Gained(u16),
    /// It holds it no longer; that epoch never comes back.
    Lost,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inequalities of the module's documentation, multiplied out.
    #[test]
    fn the_constants_are_safe() {
        let (slow, fast) = (100 - DRIFT_PERCENT, 100 + DRIFT_PERCENT);
        let competed = COMPETE_EACH.0 + COMPETE_SPREAD.0;
        let asked = i64::try_from(ASKS_MAX).expect("a few") * ASK_AGAIN.0;
        let cases = [
            (HOLD.0 * fast, (TIME_TO_LIVE.0 - MARGIN.0) * slow, "over before the registry lets others in"),
            (BEGIN.0 + REQUEST_VALIDITY.0, HOLD.0, "what is begun last is carried out in time"),
            (REQUEST_VALIDITY.0 * fast, (REQUEST_VALIDITY.0 + MARGIN.0) * slow, "over before it is released"),
            (RENEW_EACH.0 + 2 * ASK_AGAIN.0, BEGIN.0 - 500, "two lost renewals do not silence a holder"),
            (
                (TIME_TO_LIVE.0 + competed + 500) * 100,
                20_000 * slow,
                "a silent death is followed within 20 s",
            ),
            (
                (MARGIN.0 + competed) * fast,
                STAND_BACK.0 * slow,
                "who stands back lets those who compete go first",
            ),
            (LOOK_EACH.0, MARGIN.0, "what is not seen between two looks is less than the margin"),
            (HOLD.0 + ASK_AGAIN.0, asked, "questions that are worth something are all remembered"),
        ];
        for (less, more, why) in cases {
            assert!(less <= more, "{why}: {less} <= {more}");
        }
    }

    #[test]
    fn the_larger_of_two_clocks_says_what_passed() {
        let at = |mono, wall| Clocks { mono: Time(mono), wall: Time(wall) };
        let cases = [
            (at(10, 100), at(15, 105), 5, "both count"),
            (at(10, 100), at(10, 900), 800, "the machine slept, or the wall was set ahead"),
            (at(10, 100), at(15, 20), 5, "the wall was set back"),
            (at(10, 100), at(10, 100), 0, "nothing passed"),
            (at(10, 100), at(9, 99), 0, "never less than nothing"),
            (at(0, i64::MIN), at(1, i64::MAX), i64::MAX, "absurd walls do not overflow"),
        ];
        for (earlier, later, passed, why) in cases {
            assert_eq!(later.since(earlier), Interval(passed), "{why}");
        }
    }
}
