//! The registry's rule: one holder a shard, and an epoch for each time somebody came to hold it.
//!
//! It is a function of its clock and one request, small enough to be one script of a store that runs scripts one after the
//! other. It refuses to revive what has run out, to give one epoch to two questions, and to let an epoch come back.

use super::{Clocks, LeaseAnswer, LeaseRequest, NodeId, ShardId, TIME_TO_LIVE};
use model::Time;
use std::collections::BTreeMap;

/// All leases: at most one record for each of the 65,536 shards there can be.
///
/// Epochs begin at 1 (0 is what is decided under no lease) and end at 65,535: a shard that used them all up is refused to
/// everybody for ever, and needs a new number with a new journal.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    records: BTreeMap<ShardId, Record>,
    /// The latest its clock has shown: one that is set back stands still here, which only makes leases longer.
    now: Time,
}

/// Of one shard; it outlives every lease, for the epoch's sake.
#[derive(Clone, Copy, Debug)]
struct Record {
    /// The last one given out.
    epoch: u16,
    /// Who got it, and for which question: a repetition of it is not a new one, however late it comes.
    node: NodeId,
    asked_at: Clocks,
    /// When it runs out; none once it was released.
    until: Option<Time>,
}

impl Record {
    fn is_held(&self, now: Time) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

impl Registry {
    /// Hears one request at this hour of the registry's own clock. A release is not answered.
    pub fn hear(&mut self, now: Time, request: &LeaseRequest) -> Option<LeaseAnswer> {
        self.now = self.now.max(now);
        match *request {
            LeaseRequest::Acquire { shard, node, asked_at } => {
                let granted = self.acquire(shard, node, asked_at);
                Some(LeaseAnswer { shard, node, asked_at, granted })
            }
            LeaseRequest::Renew { shard, node, epoch, asked_at } => {
                let granted = self.renew(shard, node, epoch);
                Some(LeaseAnswer { shard, node, asked_at, granted })
            }
            LeaseRequest::Release { shard, node, epoch } => {
                if let Some(record) = self.holding(shard, node, epoch) {
                    record.until = None;
                }
                None
            }
        }
    }

    /// Who holds a shard at this hour of the registry's clock, and under which epoch.
    pub fn holder(&self, now: Time, shard: ShardId) -> Option<(NodeId, u16)> {
        let record = self.records.get(&shard)?;
        record.is_held(self.now.max(now)).then_some((record.node, record.epoch))
    }

    fn acquire(&mut self, shard: ShardId, node: NodeId, asked_at: Clocks) -> Option<u16> {
        let last = self.records.get(&shard);
        if let Some(last) = last {
            let is_repeated = (last.node, last.asked_at) == (node, asked_at);
            if last.is_held(self.now) || is_repeated {
                // The time is not prolonged: the node counts from the first time it asked.
                return (last.is_held(self.now) && is_repeated).then_some(last.epoch);
            }
        }
        let epoch = last.map_or(0, |last| last.epoch).checked_add(1)?;
        let until = Some(self.now + TIME_TO_LIVE);
        self.records.insert(shard, Record { epoch, node, asked_at, until });
        Some(epoch)
    }

    fn renew(&mut self, shard: ShardId, node: NodeId, epoch: u16) -> Option<u16> {
        let until = self.now + TIME_TO_LIVE;
        self.holding(shard, node, epoch)?.until = Some(until);
        Some(epoch)
    }

    fn holding(&mut self, shard: ShardId, node: NodeId, epoch: u16) -> Option<&mut Record> {
        let now = self.now;
        let record = self.records.get_mut(&shard)?;
        ((record.node, record.epoch) == (node, epoch) && record.is_held(now)).then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARD: ShardId = ShardId(3);

    fn stamp(mono: i64) -> Clocks {
        Clocks { mono: Time(mono), wall: Time(mono) }
    }

    /// One line of a table: the registry's clock, who says what, and what is granted.
    type Line = (i64, u32, Say, Option<u16>);

    enum Say {
        Acquire(i64),
        Renew(u16),
        Release(u16),
    }
    use Say::{Acquire, Release, Renew};

    fn check(registry: &mut Registry, lines: &[Line]) {
        for (i, &(now, node, ref say, granted)) in lines.iter().enumerate() {
            let (shard, node) = (SHARD, NodeId(node));
            let request = match *say {
                Acquire(at) => LeaseRequest::Acquire { shard, node, asked_at: stamp(at) },
                Renew(epoch) => LeaseRequest::Renew { shard, node, epoch, asked_at: stamp(now) },
                Release(epoch) => LeaseRequest::Release { shard, node, epoch },
            };
            let answer = registry.hear(Time(now), &request);
            let is_answered = !matches!(say, Release(_));
            assert_eq!(answer.is_some(), is_answered, "line {i}: only a release is not answered");
            assert_eq!(answer.and_then(|answer| answer.granted), granted, "line {i}: {request:?}");
        }
    }

    #[test]
    fn one_holds_until_it_runs_out_and_epochs_grow() {
        let lines = [
            (0, 1, Acquire(7), Some(1)),
            (1, 2, Acquire(8), None),
            (10_000, 1, Renew(1), Some(1)),
            (10_000, 2, Renew(1), None),
            (24_999, 2, Acquire(9), None),
            (25_000, 1, Renew(1), None),
            (25_000, 2, Acquire(10), Some(2)),
            (25_001, 1, Renew(1), None),
            (25_002, 1, Acquire(11), None),
            (40_000, 1, Acquire(12), Some(3)),
        ];
        check(&mut Registry::default(), &lines);
    }

    #[test]
    fn what_ran_out_is_not_revived_though_nobody_took_it() {
        let lines =
            [(0, 1, Acquire(7), Some(1)), (15_000, 1, Renew(1), None), (15_000, 1, Acquire(8), Some(2))];
        check(&mut Registry::default(), &lines);
    }

    #[test]
    fn a_repeated_question_has_the_same_answer_and_no_second_epoch() {
        let lines = [
            (0, 1, Acquire(7), Some(1)),
            (9_000, 1, Acquire(7), Some(1)),
            // Not prolonged by the repetition, and useless afterwards, though the shard is free.
            (15_000, 1, Acquire(7), None),
            (15_000, 2, Acquire(7), Some(2)),
        ];
        check(&mut Registry::default(), &lines);
    }

    #[test]
    fn another_life_of_the_same_node_waits_like_a_stranger() {
        let lines =
            [(0, 1, Acquire(7), Some(1)), (100, 1, Acquire(8), None), (15_000, 1, Acquire(9), Some(2))];
        check(&mut Registry::default(), &lines);
    }

    #[test]
    fn only_the_holder_of_that_epoch_releases() {
        let lines = [
            (0, 1, Acquire(7), Some(1)),
            (1, 2, Release(1), None),
            (1, 1, Release(2), None),
            (1, 2, Acquire(8), None),
            (2, 1, Release(1), None),
            // A renewal that was overtaken by the release, and the release's own copy.
            (3, 1, Renew(1), None),
            (3, 2, Acquire(9), Some(2)),
            (4, 1, Release(1), None),
            (5, 3, Acquire(10), None),
            // And the old question, long after.
            (6, 2, Release(2), None),
            (7, 2, Acquire(9), None),
        ];
        check(&mut Registry::default(), &lines);
    }

    #[test]
    fn a_clock_that_is_set_back_only_makes_leases_longer() {
        let lines = [
            (100_000, 1, Acquire(7), Some(1)),
            (50_000, 2, Acquire(8), None),
            (50_000, 1, Renew(1), Some(1)),
            (114_999, 2, Acquire(9), None),
            (115_000, 2, Acquire(10), Some(2)),
        ];
        check(&mut Registry::default(), &lines);
    }

    #[test]
    fn a_shard_whose_epochs_are_used_up_is_refused_for_ever() {
        let mut registry = Registry::default();
        for n in 1..=i64::from(u16::MAX) {
            let epoch = u16::try_from(n).expect("in range");
            check(&mut registry, &[(0, 1, Acquire(n), Some(epoch)), (0, 1, Release(epoch), None)]);
        }
        let lines = [(0, 1, Acquire(70_000), None), (i64::MAX / 2, 2, Acquire(70_001), None)];
        check(&mut registry, &lines);
        assert_eq!(registry.holder(Time(0), SHARD), None);
    }

    #[test]
    fn shards_do_not_know_each_other() {
        let mut registry = Registry::default();
        for shard in [ShardId(0), ShardId(1)] {
            let request =
                LeaseRequest::Acquire { shard, node: NodeId(u32::from(shard.0)), asked_at: stamp(1) };
            assert_eq!(registry.hear(Time(0), &request).and_then(|answer| answer.granted), Some(1));
        }
        assert_eq!(registry.holder(Time(0), ShardId(1)), Some((NodeId(1), 1)));
    }
}
