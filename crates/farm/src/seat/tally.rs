//! What left a seat and what came back, counted for whoever watches it.
//!
//! It refuses to be part of any decision, and to grow where nobody looks.

use model::{FromVenue, Interval, Report, Request, Time, ToVenue};

/// Waits that are remembered until somebody looks.
const WAITS_MAX: usize = 256;

/// Counted since somebody looked last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders that were said to the venue, repetitions included.
    pub orders: u64,
    /// Orders that it refused.
    pub rejections: u64,
    /// From a bar's close to the first order that followed from it, by the venue's clock. Where more came than are remembered
    /// the first are here.
    pub signal_to_order: Vec<Interval>,
    /// When the bar closed that was seen since something was said last: what is said then follows from it.
    closed: Option<Time>,
}

impl Tally {
    pub(super) fn hear(&mut self, said: &FromVenue) {
        if let FromVenue::Report { report: Report::Rejected { .. }, .. } = said {
            self.rejections += 1;
        }
    }

    pub(super) fn see(&mut self, closed: Time) {
        self.closed = Some(closed);
    }

    /// This is said now.
    pub(super) fn say(&mut self, now: Time, said: &[ToVenue]) {
        let is_order = |said: &&ToVenue| matches!(said, ToVenue::Request { request: Request::Place(_), .. });
        let orders = said.iter().filter(is_order).count();
        self.orders += orders as u64;
        if let Some(closed) = self.closed.take()
            && orders > 0
            && self.signal_to_order.len() < WAITS_MAX
        {
            self.signal_to_order.push(now - closed);
        }
    }

    /// What was counted; counting begins anew.
    pub(super) fn take(&mut self) -> Tally {
        std::mem::take(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        AccountId, BotId, Leg, OrderId, OrderKind, OrderRequest, PositionSide, Qty, RejectReason, Side,
    };

    fn id() -> OrderId {
        OrderId { bot: BotId(1), epoch: 0, decision: 1, leg: Leg::Own }
    }

    #[test]
    fn what_is_refused_is_counted_until_somebody_looks() {
        let mut tally = Tally::default();
        let report = Report::Rejected { id: id(), reason: RejectReason::DuplicateId };
        let said = FromVenue::Report { account: AccountId(1), number: 1, at: Time(5), report };
        tally.hear(&said);
        tally.hear(&FromVenue::Linked);
        assert_eq!(tally.take().rejections, 1);
        assert_eq!(tally.take(), Tally::default());
    }

    #[test]
    fn only_what_is_said_right_behind_a_bar_follows_from_it() {
        let mut tally = Tally::default();
        let cancel = ToVenue::Request {
            account: AccountId(1),
            request: Request::Cancel(id()),
            valid_until: Time(i64::MAX),
        };
        let place = ToVenue::Request {
            account: AccountId(1),
            request: Request::Place(OrderRequest {
                id: id(),
                side: Side::Buy,
                position_side: PositionSide::Net,
                qty: Qty(1),
                kind: OrderKind::Market,
                reduce_only: false,
                bracket: None,
                one_cancels_other: None,
            }),
            valid_until: Time(i64::MAX),
        };
        tally.see(Time(1_000));
        tally.say(Time(1_200), &[cancel, place.clone()]);
        tally.say(Time(9_000), std::slice::from_ref(&place));
        tally.see(Time(61_000));
        tally.say(Time(61_001), &[]);
        tally.say(Time(70_000), &[place]);
        let seen = tally.take();
        assert_eq!((seen.orders, seen.signal_to_order), (3, vec![Interval(200)]));
    }
}
