//! Calls: what waits for the budget, what is under way, and what an answer is for.
//!
//! What protects goes before what opens. Refuses to send a request after its time, and to wait for an answer for ever.

use crate::budget::{Budget, UserId};
use crate::http::{HttpRequest, Lane, Method, Quota};
use crate::sign::{Credentials, Environment, plain_headers};
use crate::{clock::ExchangeClock, request::reads::PlanFamily};
use model::{AccountId, Interval, Time};
use std::collections::BTreeMap;

use super::doing::{CallId, Doing, Signed};

/// A call without an answer for so long has none: whoever sends it says so.
pub const TIMEOUT: Interval = Interval(10_000);
/// Nobody said so.
const FORGOTTEN: Interval = Interval(15_000);
/// Calls that wait; what is beyond is not taken.
const WAITING_MAX: usize = 1_024;

/// What a call is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The exchange's clock.
    Clock,
    Contracts,
    Tiers,
    Candles,
    Settlements,
    /// About an account.
    Of(AccountId, Errand),
}

/// What a call about an account is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Which generation it is of.
    Settings,
    /// Its modes and leverage.
    Standing,
    Key,
    /// A request, by the number of its flight.
    Do(u64),
    /// What became of it.
    Look(u64),
    /// Whose an order is, of which only the exchange's id is known.
    Whose(String),
    /// A page of a reading of the account.
    Page(u32, List),
}

/// A list that is read page by page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum List {
    Positions,
    Balances,
    OpenOrders,
    OpenPlans(Family),
    EndedOrders,
    EndedPlans(Family),
    Fills,
    Bills,
    /// One order that a fill names and nobody here knows, by its place among those of a round.
    Named(usize),
}

/// `PlanFamily`, in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    Normal,
    Trailing,
    Exits,
}

impl Family {
    pub(crate) const ALL: [Family; 3] = [Family::Normal, Family::Trailing, Family::Exits];

    pub(crate) const fn plans(self) -> PlanFamily {
        match self {
            Family::Normal => PlanFamily::Normal,
            Family::Trailing => PlanFamily::Trailing,
            Family::Exits => PlanFamily::Exits,
        }
    }
}

/// A call that was made, or is to be.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) purpose: Purpose,
    pub(crate) request: HttpRequest,
    pub(crate) sent_at: Time,
    user: UserId,
    not_before: Time,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Post {
    next: u64,
    waiting: Vec<Call>,
    under_way: BTreeMap<CallId, Call>,
    /// None with a venue that waits for us: its second lasts as long as we want.
    budget: Option<Budget>,
    /// When the budget lets something through again.
    held_until: Option<Time>,
}

/// With what calls are signed, and when.
pub(crate) struct Pen<'a> {
    pub(crate) clock: &'a ExchangeClock,
    pub(crate) environment: Environment,
    pub(crate) credentials: &'a dyn Fn(UserId) -> Option<&'a Credentials>,
}

impl Post {
    pub(crate) fn new(lock_step: bool) -> Post {
        Post { budget: (!lock_step).then(Budget::new), ..Post::default() }
    }

    /// Wants a call made, now or not before some instant.
    pub(crate) fn want(
        &mut self,
        purpose: Purpose,
        request: HttpRequest,
        user: UserId,
        not_before: Time,
    ) -> bool {
        if self.waiting.len() >= WAITING_MAX {
            return false;
        }
        let at = match request.lane {
            Lane::Protect => self.waiting.iter().position(|call| call.request.lane != Lane::Protect),
            Lane::Ordinary => None,
        };
        let call = Call { purpose, request, sent_at: Time(0), user, not_before };
        self.waiting.insert(at.unwrap_or(self.waiting.len()), call);
        true
    }

    /// Sends what may be sent; returns what has come too late to be.
    pub(crate) fn send(&mut self, now: Time, pen: &Pen<'_>, out: &mut impl FnMut(Doing)) -> Vec<Purpose> {
        let (mut late, mut at) = (Vec::new(), 0);
        self.held_until = None;
        while at < self.waiting.len() {
            let call = &self.waiting[at];
            if call.request.valid_until.is_some_and(|until| pen.clock.at(now) > until) {
                late.push(self.waiting.remove(at).purpose);
                continue;
            }
            if call.not_before > now {
                self.hold(call.not_before);
                at += 1;
                continue;
            }
            if !self.may_go_beside(call.request.method) {
                at += 1;
                continue;
            }
            let taken =
                self.budget.as_mut().map_or(Ok(()), |budget| budget.take(now, &call.request, call.user));
            match taken {
                Err(wait) => {
                    self.hold(wait.until);
                    at += 1;
                }
                Ok(()) => {
                    let mut call = self.waiting.remove(at);
                    call.sent_at = now;
                    self.next += 1;
                    let id = CallId(self.next);
                    out(Doing::Call(id, sign(&call, now, pen)));
                    self.under_way.insert(id, call);
                }
            }
        }
        late
    }

    /// A venue that waits for us is asked many things at once, but told one at a time: so it hears the same each time.
    fn may_go_beside(&self, method: Method) -> bool {
        let is_read = |method: Method| method == Method::Get;
        self.budget.is_some()
            || self.under_way.is_empty()
            || (is_read(method) && self.under_way.values().all(|call| is_read(call.request.method)))
    }

    fn hold(&mut self, until: Time) {
        self.held_until = Some(self.held_until.map_or(until, |held| held.min(until)));
    }

    /// Takes the call an answer is for; none for one that was given up.
    pub(crate) fn answered(&mut self, now: Time, id: CallId, remaining: Option<u32>) -> Option<Call> {
        let call = self.under_way.remove(&id)?;
        if let (Some(remaining), Some(budget)) = (remaining, &mut self.budget) {
            budget.heard_remaining(now, &call.request, call.user, remaining);
        }
        Some(call)
    }

    /// A call whose answer never came.
    pub(crate) fn forgotten(&mut self, now: Time) -> Option<Call> {
        let id =
            self.under_way.iter().find(|(_, call)| now - call.sent_at >= FORGOTTEN).map(|(id, _)| *id)?;
        self.under_way.remove(&id)
    }

    /// The exchange says that it is asked too much.
    pub(crate) fn breached(&mut self, now: Time) {
        if let Some(budget) = &mut self.budget {
            budget.breached(now);
        }
    }

    /// Whether a socket may be opened now; else when.
    pub(crate) fn may_open(&mut self, now: Time) -> Result<(), Time> {
        let Some(budget) = &mut self.budget else { return Ok(()) };
        budget.take_handshake(now).map_err(|wait| wait.until)
    }

    /// Forgets what waits for an account.
    pub(crate) fn forget(&mut self, account: AccountId) {
        self.waiting.retain(|call| !matches!(call.purpose, Purpose::Of(of, _) if of == account));
    }

    /// How many calls wait for their answers.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// How many calls were made.
    pub(crate) fn made(&self) -> u64 {
        self.next
    }

    /// Whether nothing is under way, and what waits, waits for another time.
    pub(crate) fn is_idle(&self, now: Time) -> bool {
        self.under_way.is_empty() && self.waiting.iter().all(|call| call.not_before > now)
    }

    /// When something can be sent, or has to be given up.
    pub(crate) fn next_wake(&self) -> Option<Time> {
        let forgotten = self.under_way.values().map(|call| call.sent_at + FORGOTTEN).min();
        let held = if self.waiting.is_empty() { None } else { self.held_until };
        [held, forgotten].into_iter().flatten().min()
    }
}

/// The exchange takes what was signed at most so long ago.
const SIGNATURE_VALIDITY: Interval = Interval(30_000);

/// Signs a call. One with a latest instant is signed so far back that the exchange itself refuses it afterwards, however
/// long it was on its way: nothing else bounds what a slow wire carries out.
fn sign(call: &Call, now: Time, pen: &Pen<'_>) -> Signed {
    let request = &call.request;
    let at = pen.clock.at(now);
    let at = request.valid_until.map_or(at, |until| at.min(until - SIGNATURE_VALIDITY));
    let credentials = if request.quota == Quota::User { (pen.credentials)(call.user) } else { None };
    let headers = match credentials {
        Some(credentials) => credentials.headers(request, at, pen.environment),
        None => plain_headers(request, pen.environment),
    };
    Signed { method: request.method, target: request.target(), headers, body: request.body.clone() }
}
