//! A significant trade that waits for somebody's approval, and what becomes of it.
//!
//! It refuses to make an old trade: approved, it is asked for anew at the price and under the limits of that instant,
//! and after its time it is forgotten.

use super::Bot;
use super::deciding::Wanted;
use crate::action::{Action, Actions, Notice};
use model::{Instrument, OrderId, Price, Time};
use persona::Impulse;
use risk::{Clearance, Crowd, Refusal};

/// The trade.
#[derive(Clone, Debug)]
pub(super) struct Proposal {
    pub(super) id: OrderId,
    pub(super) wanted: Wanted,
    pub(super) expires: Time,
}

model::value!(Proposal { id, wanted, expires });

impl Bot {
    /// The order that waits for approval, if one does, and until when.
    pub fn proposal(&self) -> Option<(OrderId, Time)> {
        self.proposal.as_ref().map(|open| (open.id, open.expires))
    }

    /// What it wants there.
    pub fn proposed(&self) -> Option<&Impulse> {
        self.proposal.as_ref().map(|open| open.wanted.impulse())
    }

    /// Lets a trade wait.
    pub(super) fn propose(&mut self, id: OrderId, wanted: Wanted, expires: Time, out: &mut Actions) {
        self.proposal = Some(Proposal { id, wanted, expires });
        out.push(Action::Notify(self.id, Notice::AwaitsApproval(id, expires)));
    }

    /// Somebody approved it; whether it is made.
    pub(crate) fn approve(
        &mut self,
        now: Time,
        instrument: &Instrument,
        price: (Price, Time),
        crowd: &mut Crowd,
        out: &mut Actions,
    ) -> bool {
        let Some(Proposal { id, wanted, .. }) = self.proposal.take() else { return false };
        self.price = Some(price);
        self.request(instrument, now, id, wanted, Clearance::Full, crowd, out);
        self.orders.get(id).is_some()
    }

    /// Somebody said no.
    pub(crate) fn decline(&mut self, out: &mut Actions) {
        if self.proposal.take().is_some() {
            self.refuse(Refusal::Declined, out);
        }
    }

    /// Nobody said anything in time.
    pub(crate) fn on_unapproved(&mut self, now: Time, out: &mut Actions) {
        if self.proposal.as_ref().is_some_and(|open| open.expires <= now) {
            self.proposal = None;
            self.refuse(Refusal::ApprovalExpired, out);
        }
    }

    /// It may not open any more: what waited is forgotten.
    pub(super) fn withdraw(&mut self, out: &mut Actions) {
        if self.proposal.take().is_some() {
            self.refuse(Refusal::NotTrading, out);
        }
    }
}
