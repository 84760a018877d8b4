//! Requests under way: sent, answered, in doubt.
//!
//! An order in doubt is looked for by its id until the answer is certain; a cancel or an amendment in doubt shows in the next
//! reading. Refuses to send one id twice while nobody knows what became of the first.

use super::doing::Alert;
use super::line::Line;
use super::post::{Errand, Purpose};
use super::record::Seen;
use super::shared::Shared;
use crate::errors::Fatal;
use crate::inquiry::{Conclusion, Inquiry, Look};
use crate::meaning::order_state;
use crate::order_id::Sent;
use crate::request::reads::Read;
use crate::request::{Handle, Terms};
use crate::response::{Delay, Outcome, Reply, outcome, subject};
use crate::wire::answer;
use crate::wire::trading::{Batch, Order};
use model::{Interval, OrderKind, OrderRequest, RejectReason, Report, Request, Time};

/// What the exchange could not do now is tried again after this.
const PAUSE: Interval = Interval(1_000);

/// Who wants something done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// The farm: it hears of a refusal.
    Farm,
    /// The adapter, to keep what an entry was promised.
    Bracket,
}

/// One request under way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) number: u64,
    pub(crate) request: Request,
    whose: For,
    /// When the farm said it.
    pub(crate) said_at: Time,
    /// Later than this nobody carries it out.
    until: Time,
    pub(crate) doubt: Option<Inquiry>,
}

impl Flight {
    /// Whether it is an order that the farm waits to hear of.
    pub(crate) fn is_new_order(&self) -> bool {
        matches!(self.request, Request::Place(_)) && self.whose == For::Farm
    }
}

impl Line {
    /// Sends a request, if nothing of the kind is under way.
    pub(crate) fn fly(&mut self, shared: &mut Shared, whose: For, request: Request, until: Time) {
        if self.flights.iter().any(|flight| flight.request == request) {
            return;
        }
        // The exchange would call it a duplicate, and what it says of the first was told: there is nothing to find out.
        if let Request::Place(order) = &request
            && self.record.was_taken(order.id)
        {
            let report = Report::Rejected { id: order.id, reason: RejectReason::DuplicateId };
            return self.record.objected(shared.exchange_now(), report);
        }
        let flight =
            Flight { number: self.next_flight, request, whose, said_at: shared.now, until, doubt: None };
        self.next_flight += 1;
        match &flight.request {
            Request::Place(order) => self.record.sent(order),
            Request::Cancel(id) => self.record.leaving(*id),
            Request::Amend { .. } => {}
        }
        if self.post_flight(shared, &flight, shared.now) {
            self.flights.push(flight);
        }
    }

    /// Hands a flight to the post; one that cannot be said is refused at once.
    fn post_flight(&mut self, shared: &mut Shared, flight: &Flight, not_before: Time) -> bool {
        let id = subject(&flight.request);
        let terms = Terms {
            generation: self.generation(),
            mode: self.wanted.mode,
            prefix: shared.prefix,
            listing: shared.listing.as_ref().expect("an account is ready once the contract is known"),
            trigger_by: shared.trigger_by,
        };
        match terms.send(&flight.request, self.record.register.resting(id).as_ref(), Some(flight.until)) {
            Ok(http) => {
                let purpose = Purpose::Of(self.account, Errand::Do(flight.number));
                shared.post.want(purpose, http, self.user, not_before)
            }
            Err(unsendable) => {
                let report = Report::Rejected { id, reason: unsendable.reason() };
                self.settle(shared, flight, report);
                false
            }
        }
    }

    fn settle(&mut self, shared: &Shared, flight: &Flight, report: Report) {
        let at = shared.exchange_now();
        match (&flight.request, flight.whose) {
            (Request::Place(order), _) => self.record.refused(at, order.id, report),
            (_, For::Farm) => self.record.objected(at, report),
            (_, For::Bracket) => {}
        }
    }

    /// A request came too late to be sent: the farm finds out by asking.
    pub(crate) fn too_late(&mut self, number: u64) {
        if let Some(at) = self.flights.iter().position(|flight| flight.number == number) {
            let flight = self.flights.remove(at);
            self.forget_flight(&flight);
        }
    }

    /// Nothing came of it: the farm finds out by asking, and what an entry was promised is placed again.
    fn forget_flight(&mut self, flight: &Flight) {
        match (&flight.request, flight.whose) {
            (Request::Place(order), For::Farm) => self.record.never_accepted(order.id),
            (Request::Place(order), For::Bracket) => self.record.due.push(*order),
            (Request::Cancel(id), For::Bracket) => self.record.stale.push(*id),
            _ => {}
        }
    }

    /// What came back for a request.
    pub(crate) fn done(&mut self, shared: &mut Shared, number: u64, reply: Reply<'_>) {
        let Some(at) = self.flights.iter().position(|flight| flight.number == number) else { return };
        let mut flight = self.flights.remove(at);
        let told = match failed_inside(&flight.request, reply) {
            true => Outcome::Ask,
            false => outcome(&flight.request, reply),
        };
        match told {
            Outcome::Taken { order_id } => match &flight.request {
                Request::Place(order) => {
                    self.record.taken(shared.exchange_now(), order.id, order_id.as_deref());
                }
                Request::Amend { id, price } => {
                    let at = shared.exchange_now();
                    self.record.moved(at, *id, *price, self.generation());
                }
                Request::Cancel(_) => {}
            },
            Outcome::Settled(report) => self.settle(shared, &flight, report),
            Outcome::Ask => self.doubt(shared, flight),
            // What came too late is refused for its signature: that says nothing about our clock.
            Outcome::Later(Delay::Clock) if shared.exchange_now() >= flight.until => {
                self.forget_flight(&flight);
            }
            Outcome::Later(delay) => {
                shared.delay(delay);
                flight.doubt = None;
                if self.post_flight(shared, &flight, shared.now + PAUSE) {
                    self.flights.push(flight);
                }
            }
            Outcome::Stop { fatal, report } => {
                self.settle(shared, &flight, report);
                self.locked_out(shared, fatal);
            }
        }
    }

    fn doubt(&mut self, shared: &Shared, mut flight: Flight) {
        match flight.request {
            Request::Place(order) if !self.record.is_answered(order.id) => {
                flight.doubt = Some(Inquiry::new(flight.said_at, shared.now));
                self.flights.push(flight);
            }
            // What became of a cancel or an amendment shows in what rests.
            _ => self.read_soon(shared.now),
        }
    }

    /// Looks for what is in doubt, where it is time.
    pub(crate) fn inquire(&mut self, shared: &mut Shared) {
        let answered = |flight: &Flight| match &flight.request {
            Request::Place(order) => self.record.is_answered(order.id),
            _ => false,
        };
        let settled: Vec<u64> = self
            .flights
            .iter()
            .filter(|flight| flight.doubt.is_some() && answered(flight))
            .map(|flight| flight.number)
            .collect();
        self.flights.retain(|flight| !settled.contains(&flight.number));
        let due = |flight: &&Flight| flight.doubt.is_some_and(|doubt| doubt.ask_at() <= shared.now);
        let due: Vec<(u64, Request)> =
            self.flights.iter().filter(due).map(|flight| (flight.number, flight.request)).collect();
        let doubts = self.flights.iter_mut().filter_map(|flight| flight.doubt.as_mut());
        doubts.filter(|doubt| doubt.ask_at() <= shared.now).for_each(|doubt| doubt.put_off(shared.now));
        for (number, request) in due {
            if self.looking.contains(&number) {
                continue;
            }
            let Request::Place(order) = request else { continue };
            if is_trigger(&order) {
                // One that went off is not where it rested: only all lists together say that it is nowhere.
                self.read_soon(shared.now);
                continue;
            }
            let handle = Handle::Client(Sent { order: order.id, revision: 0 });
            let http =
                Read::Order { symbol: &shared.symbol, handle }.request(self.generation(), &shared.prefix);
            if shared.post.want(Purpose::Of(self.account, Errand::Look(number)), http, self.user, shared.now)
            {
                self.looking.push(number);
            }
        }
    }

    /// When something in doubt is looked for next.
    pub(crate) fn next_inquiry(&self) -> Option<Time> {
        let waits = |flight: &&Flight| !self.looking.contains(&flight.number);
        self.flights.iter().filter(waits).filter_map(|flight| Some(flight.doubt?.ask_at())).min()
    }

    /// What a look has found.
    pub(crate) fn looked(&mut self, shared: &mut Shared, asked_at: Time, number: u64, reply: Reply<'_>) {
        self.looking.retain(|looking| *looking != number);
        let Some(at) = self.flights.iter().position(|flight| flight.number == number) else { return };
        let Request::Place(order) = self.flights[at].request else { return };
        let look = self.find(shared, asked_at, &order, reply);
        let Some(doubt) = &mut self.flights[at].doubt else { return };
        match doubt.looked(shared.now, look) {
            Conclusion::AskAgain(_) => {}
            Conclusion::Exists => {
                self.flights.remove(at);
            }
            Conclusion::NeverAccepted => {
                let flight = self.flights.remove(at);
                self.forget_flight(&flight);
            }
        }
    }

    fn find(&mut self, shared: &Shared, asked_at: Time, order: &OrderRequest, reply: Reply<'_>) -> Look {
        let Some((status, body)) = reply else { return Look::Nothing };
        match answer::<Option<Order<'_>>>(status, body) {
            Err(failure) => Look::of(&failure),
            Ok(None) => Look::NotFound,
            Ok(Some(row)) if !row.client_id.is(&shared.prefix.client_id(order.id)) => Look::Nothing,
            Ok(Some(row)) => match order_state(&self.reading(shared), &row) {
                Ok(state) => {
                    self.record.saw_order(Seen::Listed { asked_at }, &state);
                    Look::Found
                }
                Err(_) => Look::Nothing,
            },
        }
    }

    /// Everything was read that began to be asked then: a trigger in doubt that is in no list twice is not there.
    pub(crate) fn read_for_triggers(&mut self, began_at: Time) {
        let mut gone = Vec::new();
        for flight in &mut self.flights {
            let Request::Place(order) = &flight.request else { continue };
            if let Some(doubt) = &mut flight.doubt
                && is_trigger(order)
                && !self.record.is_answered(order.id)
                && doubt.looked(began_at, Look::NotFound) == Conclusion::NeverAccepted
            {
                gone.push(flight.number);
            }
        }
        gone.into_iter().for_each(|number| self.too_late(number));
    }

    /// The exchange does not let us in any more.
    pub(crate) fn locked_out(&mut self, shared: &mut Shared, fatal: Fatal) {
        shared.alert(Alert::LockedOut(self.account, fatal));
        if fatal == Fatal::AccountMode {
            // Somebody changed it while we traded: it has to be read anew, and fit, before anything else is sent.
            self.read_standing_again(shared);
        }
    }
}

fn is_trigger(order: &OrderRequest) -> bool {
    !matches!(order.kind, OrderKind::Market | OrderKind::Limit { .. })
}

/// Cancels of triggers answer with lists, and success whatever fails inside.
fn failed_inside(request: &Request, reply: Reply<'_>) -> bool {
    let (Request::Cancel(_), Some((status, body))) = (request, reply) else { return false };
    answer::<Batch<'_>>(status, body).is_ok_and(|batch| !batch.failed.is_empty())
}
