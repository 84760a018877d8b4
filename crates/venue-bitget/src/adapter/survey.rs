//! Readings of an account: what rests, what ended, what filled, what was paid, and whether two looks agree.
//!
//! Sockets lose words and nothing is replayed, so what was said is found out by reading: first what is there, then what
//! happened, oldest first. What an account holds is told only when it is the same before and after reading what
//! happened: then every report that explains it has been told. How far back is read moves on only with such an answer.
//! Refuses to answer from a list that did not come whole, and to call a fill nobody's without having asked.

mod claims;
mod kept;

pub(crate) use kept::Surveys;

use super::line::Line;
use super::post::{Errand, Family, List, Purpose};
use super::record::Seen;
use super::shared::Shared;
use crate::meaning::{
    Execution, OrderState, PlanState, Settled, Source, Unread, execution, held, order_state, plan_state,
    positions, seized, settled, wallet,
};
use crate::request::Handle;
use crate::request::reads::{PAGE_ROWS, Read};
use crate::response::Reply;
use crate::wire::account::{Assets, Balance, Bill};
use crate::wire::trading::{Fill, Order, Plan, Position};
use crate::wire::{Failure, Generation, Page, Rows, answer};
use kept::{Ears, Past, Question, Reach};
use model::{FromVenue, Holding, Interval, OrderId, Qty, Time, Usd};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A reading covers what happened so long before the one before it began: lists lag.
const OVERLAP: Interval = Interval(60_000);
/// The first one covers this much: a farm may have heard of something later than of what it never heard of.
const FIRST_OVERLAP: Interval = Interval::HOUR;
/// Between a reason for a reading and the reading: several reasons are one.
/// An account whose socket is not back after so long is read without it.
const DEAF_MAX: Interval = Interval(5_000);
const SOON: Interval = Interval(500);
const LATER_MAX: Interval = Interval(30_000);
/// What cannot be explained for so long, and by so many readings that went far back, is shown as it is: the farm judges.
const EXPLAINED_WITHIN: Interval = Interval(30_000);
const FRUITLESS_MIN: u8 = 2;
/// However much is not explained, what is older than this is not asked for again.
const UNEXPLAINED_MAX: Interval = Interval::DAY;
/// A page that did not come is asked for again after this, so many times.
const PAGE_AGAIN: Interval = Interval(1_000);
const PAGE_TRIES: u8 = 5;
/// Pages of one list: 5 000 rows between two readings is more than a farm's orders.
const PAGES_MAX: u8 = 50;
/// Orders looked up at a time.
const LOOKUPS_MAX: usize = 10;

/// Which of a reading's rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// What is there.
    There,
    /// What happened.
    Happened,
    /// Whose the orders are that fills name and nobody here knows.
    Whose,
    /// What is there now.
    Still,
}

/// A list that is being read.
#[derive(Clone, Debug, Default)]
struct Reading {
    after: String,
    pages: u8,
    tries: u8,
}

/// What is there, as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct There {
    positions: [Qty; 2],
    wallet: Option<Usd>,
    orders: Vec<OrderState>,
    plans: Vec<PlanState>,
}

/// A reading under way.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    number: u32,
    round: Round,
    reach: Reach,
    /// On this machine's clock, and on the exchange's.
    began_at: Time,
    began: Time,
    round_at: Time,
    lists: BTreeMap<List, Reading>,
    there: There,
    ended: (Vec<OrderState>, Vec<PlanState>),
    executions: Vec<Execution>,
    funding: Vec<Settled>,
    seizures: Vec<Settled>,
    /// Orders that are looked up in this round, and all that were.
    unnamed: Vec<String>,
    looked_up: BTreeSet<String>,
    /// Reports that were told when what happened was known.
    last: u64,
    holding: Option<Time>,
    before: There,
}

impl Line {
    /// A reading, soon.
    pub(crate) fn read_soon(&mut self, now: Time) {
        let at = now + SOON;
        self.surveys.begin_at = Some(self.surveys.begin_at.map_or(at, |begin| begin.min(at)));
    }

    /// Something happened that is not told: it is read for, less often the longer it lasts, and farther back.
    pub(crate) fn puzzle(&mut self, now: Time) {
        self.surveys.puzzled(self.record.puzzles(), now);
        if let Some(since) = self.surveys.puzzled_at {
            self.read_later(now, since);
        }
    }

    /// A reading about what is open since then.
    fn read_later(&mut self, now: Time, since: Time) {
        let wait = Interval(((now - since).0 / 2).clamp(SOON.0, LATER_MAX.0));
        self.surveys.begin_at.get_or_insert(now + wait);
    }

    /// Whether readings may still find out what is not told.
    fn is_puzzled(&self, now: Time) -> bool {
        let Surveys { puzzled_at, fruitless, .. } = self.surveys;
        let may_find = |since| now - since < EXPLAINED_WITHIN || fruitless < FRUITLESS_MIN;
        !self.record.puzzles().is_empty() && puzzled_at.is_none_or(may_find)
    }

    /// The desk asks what it has missed.
    pub(crate) fn ask_history(&mut self, shared: &Shared, after: u64, asked_at: Time) {
        let question = Question { after, asked_at, came_at: shared.now };
        match self.surveys.question {
            None => self.surveys.question = Some(question),
            Some(_) => self.surveys.newer = Some(question),
        }
        self.surveys.begin_at = Some(Time(i64::MIN));
    }

    /// The desk asks what is there.
    pub(crate) fn ask_holding(&mut self, shared: &Shared, asked_at: Time) {
        self.surveys.holding = Some(Question { after: 0, asked_at, came_at: shared.now });
        self.surveys.begin_at = Some(Time(i64::MIN));
    }

    pub(crate) fn next_reading(&self) -> Option<Time> {
        let Surveys { current, begin_at, ears, deaf_at, .. } = &self.surveys;
        if current.is_some() || !self.is_ready() {
            return None;
        }
        // An account that will hear in a moment is read then; one that stays deaf is read all the same.
        let least =
            if *ears == Ears::Deaf { Time(deaf_at.0.saturating_add(DEAF_MAX.0)) } else { Time(i64::MIN) };
        begin_at.map(|at| at.max(least))
    }

    /// Begins a reading that is due.
    pub(crate) fn survey(&mut self, shared: &mut Shared) {
        if self.next_reading().is_none_or(|at| at > shared.now) {
            return;
        }
        self.surveys.begin_at = None;
        self.surveys.question = self.surveys.newer.take().or(self.surveys.question);
        self.surveys.number += 1;
        let mut survey = Survey {
            number: self.surveys.number,
            round: Round::There,
            reach: self.surveys.reach(shared.now),
            began_at: shared.now,
            began: shared.exchange_now(),
            round_at: shared.now,
            lists: BTreeMap::new(),
            there: There::default(),
            ended: (Vec::new(), Vec::new()),
            executions: Vec::new(),
            funding: Vec::new(),
            seizures: Vec::new(),
            unnamed: Vec::new(),
            looked_up: BTreeSet::new(),
            last: 0,
            holding: self.surveys.holding.take().map(|question| question.asked_at),
            before: There::default(),
        };
        self.ask_round(shared, &mut survey);
        self.surveys.current = Some(survey);
    }

    fn ask_round(&mut self, shared: &mut Shared, survey: &mut Survey) {
        let families = if self.generation() == Generation::V2 { &Family::ALL[..] } else { &Family::ALL[..1] };
        let mut lists = Vec::new();
        match survey.round {
            Round::There | Round::Still => {
                if survey.holding.is_some() {
                    lists.extend([List::Positions, List::Balances]);
                }
                lists.push(List::OpenOrders);
                lists.extend(families.iter().map(|family| List::OpenPlans(*family)));
            }
            Round::Happened => {
                self.surveys.bills_since = self.record.unsettled_since();
                lists.extend([List::EndedOrders, List::Fills, List::Bills]);
                lists.extend(families.iter().map(|family| List::EndedPlans(*family)));
            }
            Round::Whose => lists.extend((0..survey.unnamed.len()).map(List::Named)),
        }
        if survey.round != Round::Whose {
            survey.round_at = shared.now;
        }
        for list in lists {
            survey.lists.insert(list, Reading::default());
            self.ask_page(shared, survey, list, "", shared.now);
        }
    }

    fn ask_page(&self, shared: &mut Shared, survey: &Survey, list: List, after: &str, not_before: Time) {
        let overlap = if survey.reach == Reach::Far { FIRST_OVERLAP } else { OVERLAP };
        let since = Time(self.surveys.since.0.saturating_sub(overlap.0).max(0));
        let read = match list {
            List::Positions => Read::Positions,
            List::Balances => Read::Balances,
            List::OpenOrders => Read::OpenOrders { after },
            List::OpenPlans(family) => Read::OpenPlans { family: family.plans(), after },
            List::EndedOrders => Read::EndedOrders { since, after },
            List::EndedPlans(family) => Read::EndedPlans { family: family.plans(), since, after },
            List::Fills => Read::Fills { since, after },
            List::Named(at) => {
                let handle = Handle::Exchange(&survey.unnamed[at]);
                Read::Order { symbol: &shared.symbol, handle }
            }
            // A takeover that was heard of late may be older than what this reading is about.
            List::Bills => match self.surveys.bills_since {
                Some(first) => Read::Bills { since: since.min(first), after },
                None => Read::FundingBills { since, after },
            },
        };
        let http = read.request(self.generation(), &shared.prefix);
        let purpose = Purpose::Of(self.account, Errand::Page(survey.number, list));
        shared.post.want(purpose, http, self.user, not_before);
    }

    /// A page came, or did not.
    pub(crate) fn page(&mut self, shared: &mut Shared, number: u32, list: List, reply: Reply<'_>) {
        let Some(mut survey) = self.surveys.current.take_if(|survey| survey.number == number) else { return };
        let read = match reply {
            Some((status, body)) => self.take_page(shared, &mut survey, list, status, body),
            None => Err(Failure::NoEnvelope { status: 0, excerpt: "no answer".to_owned() }),
        };
        let Some(reading) = survey.lists.get_mut(&list) else { return self.surveys.current = Some(survey) };
        match read {
            Err(failure) => {
                reading.tries += 1;
                if let Some(delay) = pause_of(&failure) {
                    shared.delay(delay);
                }
                if reading.tries >= PAGE_TRIES {
                    shared.odd(format!("a reading of the account was given up: {failure}"));
                    self.surveys.begin_at = Some(shared.now + PAGE_AGAIN);
                    return;
                }
                let after = reading.after.clone();
                self.ask_page(shared, &survey, list, &after, shared.now + PAGE_AGAIN);
            }
            Ok(Some(after)) if reading.pages + 1 < PAGES_MAX => {
                (reading.pages, reading.after) = (reading.pages + 1, after.clone());
                self.ask_page(shared, &survey, list, &after, shared.now);
            }
            Ok(next) => {
                if next.is_some() {
                    shared.odd(format!("{list:?} has more than {PAGES_MAX} pages: older ones were not read"));
                }
                survey.lists.remove(&list);
            }
        }
        if survey.lists.is_empty() {
            self.round_done(shared, survey);
        } else {
            self.surveys.current = Some(survey);
        }
    }

    /// Keeps the rows of a page; the cursor of the next one, if there is more.
    fn take_page(
        &mut self,
        shared: &mut Shared,
        survey: &mut Survey,
        list: List,
        status: u16,
        body: &str,
    ) -> Result<Option<String>, Failure> {
        let reading = self.reading(shared);
        let mut unread = Vec::new();
        let next = match list {
            List::Positions => {
                let rows =
                    rows::<Position<'_>, _>(status, body, &mut unread, |row| held(&reading, row).map(Some))?;
                survey.there.positions = positions(&rows.0);
                rows.1
            }
            List::Balances => {
                survey.there.wallet = match reading.generation {
                    Generation::V2 => {
                        let coins: Rows<Balance<'_>> = answer(status, body)?;
                        usdt(&coins.0, |row| wallet(&reading, row))
                    }
                    Generation::V3 => {
                        let assets: Assets<'_> = answer(status, body)?;
                        usdt(&assets.coins.0, |row| wallet(&reading, row))
                    }
                };
                None
            }
            List::OpenOrders | List::EndedOrders => {
                let (orders, next) = rows::<Order<'_>, _>(status, body, &mut unread, |row| {
                    order_state(&reading, row).map(Some)
                })?;
                let kept =
                    if list == List::OpenOrders { &mut survey.there.orders } else { &mut survey.ended.0 };
                kept.extend(orders);
                next
            }
            List::OpenPlans(_) | List::EndedPlans(_) => {
                let (plans, next) = rows::<Plan<'_>, _>(status, body, &mut unread, |row| {
                    plan_state(&reading, row).map(Some)
                })?;
                let is_open = matches!(list, List::OpenPlans(_));
                if is_open { &mut survey.there.plans } else { &mut survey.ended.1 }.extend(plans);
                next
            }
            List::Fills => {
                let (fills, next) = rows::<Fill<'_>, _>(status, body, &mut unread, |row| {
                    execution(&reading, row, Source::Listing).map(Some)
                })?;
                survey.executions.extend(fills);
                next
            }
            List::Named(_) => {
                survey.ended.0.extend(self.named(status, body, &reading, &mut unread)?);
                None
            }
            List::Bills => {
                let (both, next) = rows::<Bill<'_>, _>(status, body, &mut unread, |row| {
                    Ok(Some((settled(row)?, seized(row)?)))
                })?;
                let (funding, seizures): (Vec<_>, Vec<_>) = both.into_iter().unzip();
                let ours = |one: &Settled| one.symbol.is_empty() || one.symbol == shared.symbol;
                survey.funding.extend(funding.into_iter().flatten().filter(ours));
                survey.seizures.extend(seizures.into_iter().flatten().filter(ours));
                next
            }
        };
        unread.into_iter().for_each(|words| shared.odd(words));
        Ok(next)
    }

    fn round_done(&mut self, shared: &mut Shared, mut survey: Survey) {
        match survey.round {
            Round::There => {
                survey.round = Round::Happened;
                survey.before = std::mem::take(&mut survey.there);
                self.see_there(shared, &survey.before, survey.round_at);
                self.ask_round(shared, &mut survey);
                self.surveys.current = Some(survey);
            }
            Round::Happened | Round::Whose => {
                survey.unnamed = self.unnamed(&survey);
                if survey.unnamed.is_empty() {
                    return self.happened(shared, survey);
                }
                survey.round = Round::Whose;
                survey.looked_up.extend(survey.unnamed.iter().cloned());
                self.ask_round(shared, &mut survey);
                self.surveys.current = Some(survey);
            }
            Round::Still => {
                self.see_there(shared, &survey.there, survey.round_at);
                self.attend(shared);
                if let Some(asked_at) = survey.holding {
                    self.tell_holding(shared, &survey, asked_at);
                }
            }
        }
    }

    fn see_there(&mut self, shared: &Shared, there: &There, asked_at: Time) {
        let seen = Seen::Listed { asked_at };
        there.orders.iter().for_each(|state| self.record.saw_order(seen, state));
        let now = shared.exchange_now();
        there.plans.iter().for_each(|state| self.record.saw_plan(seen, now, state));
    }

    /// Everything that happened is known: it is told in its order.
    fn happened(&mut self, shared: &mut Shared, mut survey: Survey) {
        let (seen, now) = (Seen::Listed { asked_at: survey.round_at }, shared.exchange_now());
        self.record.recognise(&survey.executions, &survey.ended.0);
        survey.ended.0.iter().for_each(|state| self.record.saw_order(seen, state));
        survey.ended.1.iter().for_each(|state| self.record.saw_plan(seen, now, state));
        self.record.executed(&survey.executions);
        survey.funding.sort_by_key(|settled| settled.at);
        survey.funding.iter().for_each(|settled| self.record.funded(settled));
        // One that this very reading has found waits for its bill, however late it is: no bill of it was asked for.
        if self.surveys.bills_since.is_some() {
            self.record.seized(survey.began, std::mem::take(&mut survey.seizures));
        }
        self.record.read();
        self.read_for_triggers(survey.began_at);
        let rests = self.ours(&survey.before);
        let wanted = self.record.missing(survey.began, now, &rests);
        self.look_for(shared, &wanted);
        let is_first = std::mem::replace(&mut self.surveys.past, Past::Read) != Past::Read;
        let oldest = Time(survey.began.0.saturating_sub(UNEXPLAINED_MAX.0));
        self.surveys.since = self.surveys.since.max(oldest);
        if survey.reach == Reach::Far {
            self.surveys.fruitless = self.surveys.fruitless.saturating_add(1);
        }
        let relinked = self.surveys.ears == Ears::Open;
        if relinked || is_first {
            self.record.adopt_stops(&survey.before.plans);
            self.see_there(shared, &survey.before, survey.round_at);
            if relinked {
                self.surveys.ears = Ears::Caught;
                std::mem::take(&mut self.early).into_iter().for_each(|early| self.take_in(shared, early));
            }
            let missing = self.record.rungs_missing();
            self.record.due.extend(missing);
        }
        self.look_up(shared);
        self.attend(shared);
        if relinked {
            shared.push(super::doing::Doing::Tell(FromVenue::Linked));
        }
        self.tell_history(shared, &survey);
        if survey.holding.is_some() {
            survey.last = self.record.last();
            survey.round = Round::Still;
            self.ask_round(shared, &mut survey);
            self.surveys.current = Some(survey);
        }
    }

    /// Which of our orders rest.
    fn ours(&self, there: &There) -> Vec<OrderId> {
        let register = &self.record.register;
        let orders = there.orders.iter().map(|state| state.order_id.as_str());
        let plans = there.plans.iter().map(|state| state.order_id.as_str());
        orders.chain(plans).filter_map(|id| register.whose(id)).collect()
    }

    /// Answers what was asked before the reading began, once nothing that was said before that is in doubt.
    fn tell_history(&mut self, shared: &mut Shared, survey: &Survey) {
        let Some(question) = self.surveys.question else { return };
        // A cancel or an amendment may be said twice; a new order must not be taken for one that was never heard of.
        let in_doubt = |came_at: Time| {
            self.flights.iter().any(|flight| flight.is_new_order() && flight.said_at <= came_at)
        };
        if question.came_at > survey.began_at {
            // The reading that follows it answers.
            self.surveys.begin_at = Some(Time(i64::MIN));
        } else if in_doubt(question.came_at) || self.is_puzzled(shared.now) {
            self.read_soon(shared.now);
        } else {
            self.surveys.question = self.surveys.newer.take();
            if self.surveys.question.is_some() {
                self.surveys.begin_at = Some(Time(i64::MIN));
            }
            let Question { after, asked_at, .. } = question;
            let (account, at) = (self.account, survey.began);
            let (reports, last) = (self.record.history(after), self.record.last());
            shared.push(super::doing::Doing::Tell(FromVenue::History {
                account,
                asked_at,
                at,
                reports,
                last,
            }));
        }
    }

    fn tell_holding(&mut self, shared: &mut Shared, survey: &Survey, asked_at: Time) {
        let (before, after) = (&survey.before, &survey.there);
        let is_still = before == after && self.record.last() == survey.last && self.flights.is_empty();
        let Some(wallet) = after.wallet.filter(|_| is_still && !self.is_puzzled(shared.now)) else { return };
        if !self.is_explained(shared, survey, asked_at) {
            return;
        }
        self.surveys.since = self.surveys.since.max(survey.began);
        let orders = after.orders.iter().map(|state| match self.record.register.whose(&state.order_id) {
            Some(id) => Some(id),
            None => match state.origin {
                crate::order_id::Origin::Ours(sent) => Some(sent.order),
                crate::order_id::Origin::Foreign(_) => None,
            },
        });
        let plans = after.plans.iter().map(|state| self.record.register.whose(&state.order_id));
        let orders: Vec<Option<OrderId>> = orders.chain(plans).collect();
        let holding = Holding { last: self.record.last(), wallet, positions: after.positions, orders };
        let account = self.account;
        shared.push(super::doing::Doing::Tell(FromVenue::Holding { account, asked_at, holding }));
    }
}

/// The rows of a page that can be read, and the cursor of the next.
fn rows<'a, R, T>(
    status: u16,
    body: &'a str,
    unread: &mut Vec<String>,
    read: impl Fn(&R) -> Result<Option<T>, Unread>,
) -> Result<(Vec<T>, Option<String>), Failure>
where
    R: Deserialize<'a>,
{
    let page: Page<'a, R> = answer(status, body)?;
    let mut kept = Vec::with_capacity(page.rows.len());
    for row in &page.rows {
        match read(row) {
            Ok(one) => kept.extend(one),
            Err(Unread::OtherSymbol(_)) => {}
            Err(error) => unread.push(error.to_string()),
        }
    }
    let more = page.rows.len() >= PAGE_ROWS && !page.next.is_empty();
    Ok((kept, more.then(|| page.next.to_string())))
}

/// An account without a row in USDT has none.
fn usdt(rows: &[Balance<'_>], read: impl Fn(&Balance<'_>) -> Result<Usd, Unread>) -> Option<Usd> {
    rows.iter().find(|row| row.coin.is("USDT")).map_or(Some(Usd::ZERO), |row| read(row).ok())
}

fn pause_of(failure: &Failure) -> Option<crate::response::Delay> {
    use crate::errors::{Meaning, classify};
    match classify(failure) {
        Meaning::Throttled => Some(crate::response::Delay::Budget),
        Meaning::Clock => Some(crate::response::Delay::Clock),
        _ => None,
    }
}
