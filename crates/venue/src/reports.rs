//! The queue of what the venue said, oldest first. Bounded: a queue nobody polls is a bug, and aborts.

use model::{AccountId, Report, Time};
use std::collections::VecDeque;

/// Most reports that may wait per account.
const REPORTS_PER_ACCOUNT_MAX: usize = 2_048;

/// Reports waiting to be delivered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports {
    queue: VecDeque<(Time, AccountId, Report)>,
    waiting_max: usize,
}

impl Reports {
    /// Makes room for one more account, so that nothing is allocated later.
    pub(crate) fn reserve_account(&mut self) {
        self.waiting_max += REPORTS_PER_ACCOUNT_MAX;
        self.queue.reserve(self.waiting_max - self.queue.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn push(&mut self, at: Time, account: AccountId, report: Report) {
        assert!(self.queue.len() < self.waiting_max, "reports are polled before the queue is full");
        self.queue.push_back((at, account, report));
    }

    pub(crate) fn pop(&mut self) -> Option<(Time, AccountId, Report)> {
        self.queue.pop_front()
    }

    /// Puts what several accounts said from `first` on into the order of time, each account's own order kept.
    pub(crate) fn merge_from(&mut self, first: usize) {
        let said = &mut self.queue.make_contiguous()[first..];
        for i in 1..said.len() {
            let mut at = i;
            while at > 0 && said[at - 1].0 > said[at].0 {
                said.swap(at - 1, at);
                at -= 1;
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Time, AccountId, Report)> {
        self.queue.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BotId, Leg, OrderId};

    #[test]
    fn merging_is_stable() {
        let mut reports = Reports::default();
        reports.reserve_account();
        let say =
            |decision| Report::Accepted { id: OrderId { bot: BotId(1), epoch: 0, decision, leg: Leg::Own } };
        for (at, decision) in [(9, 0), (1, 1), (3, 2), (1, 3), (2, 4), (3, 5)] {
            reports.push(Time(at), AccountId(1), say(decision));
        }
        reports.merge_from(1);
        let times: Vec<_> = reports.iter().map(|(at, _, report)| (at.0, *report)).collect();
        let want = [(9, 0), (1, 1), (1, 3), (2, 4), (3, 2), (3, 5)];
        assert_eq!(times, want.map(|(at, decision)| (at, say(decision))));
    }
}
