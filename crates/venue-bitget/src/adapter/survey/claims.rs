//! What fills and lists leave open: whose an order is that only the exchange has named, and what became of one of ours.
//!
//! A fill of a classic account names the exchange's id of its order only. A reading is not whole before each such order was
//! looked up. Refuses to take silence, or an exchange that cannot answer now, for an order that is nobody's.

use super::kept::{Off, Question, Reach};
use super::{EXPLAINED_WITHIN, FRUITLESS_MIN, LOOKUPS_MAX, Survey, There, pause_of};
use crate::adapter::line::Line;
use crate::adapter::post::{Errand, Purpose};
use crate::adapter::record::Seen;
use crate::adapter::shared::Shared;
use crate::errors::{Meaning, classify};
use crate::http::HttpRequest;
use crate::meaning::{OrderState, Reading, Unread, order_state};
use crate::order_id::Sent;
use crate::request::Handle;
use crate::request::reads::Read;
use crate::response::Reply;
use crate::wire::trading::Order;
use crate::wire::{Failure, answer};
use model::{OrderId, Qty, RejectReason, Time};
use std::collections::BTreeSet;

impl Line {
    /// Orders that fills name, and that neither a list nor an earlier round has told of.
    pub(super) fn unnamed(&self, survey: &Survey) -> Vec<String> {
        let lists = [&survey.ended.0, &survey.before.orders];
        let told: BTreeSet<&str> =
            lists.iter().flat_map(|list| list.iter().map(|state| state.order_id.as_str())).collect();
        let unnamed: BTreeSet<&str> = self
            .record
            .unnamed(&survey.executions)
            .filter(|order| !told.contains(order) && !survey.looked_up.contains(*order))
            .collect();
        unnamed.into_iter().take(LOOKUPS_MAX).map(str::to_owned).collect()
    }

    /// What the exchange says of such an order; nothing where it does not know it either.
    pub(super) fn named(
        &self,
        status: u16,
        body: &str,
        reading: &Reading<'_>,
        unread: &mut Vec<String>,
    ) -> Result<Option<OrderState>, Failure> {
        match answer::<Option<Order<'_>>>(status, body) {
            Ok(None) => Ok(None),
            Ok(Some(row)) => Ok(order_state(reading, &row).map_err(|bad| unread.push(bad.to_string())).ok()),
            Err(failure) if is_unknown(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Fills that wait for an order: what is it?
    pub(super) fn look_up(&mut self, shared: &mut Shared) {
        let open: Vec<String> =
            self.record.unclaimed().into_iter().take(LOOKUPS_MAX).map(str::to_owned).collect();
        for id in open {
            let read = Read::Order { symbol: &shared.symbol, handle: Handle::Exchange(&id) };
            self.ask_whose(shared, &id, read.request(self.generation(), &shared.prefix));
        }
    }

    fn ask_whose(&mut self, shared: &mut Shared, name: &str, http: HttpRequest) {
        if self.asking.iter().all(|asking| asking != name) {
            let purpose = Purpose::Of(self.account, Errand::Whose(name.to_owned()));
            if shared.post.want(purpose, http, self.user, shared.now) {
                self.asking.push(name.to_owned());
            }
        }
    }

    /// Orders of the book that should rest and do not: what became of them?
    pub(super) fn look_for(&mut self, shared: &mut Shared, ids: &[OrderId]) {
        for id in ids.iter().take(LOOKUPS_MAX) {
            let first = Handle::Client(Sent { order: *id, revision: 0 });
            let handle = self.record.register.resting(*id).map_or(first, |resting| resting.handle);
            let read = Read::Order { symbol: &shared.symbol, handle };
            let http = read.request(self.generation(), &shared.prefix);
            self.ask_whose(shared, &shared.prefix.client_id(*id), http);
        }
    }

    /// Whose an order is. What cannot be answered now is asked again by the next reading: what waits for it still does.
    pub(crate) fn whose(&mut self, shared: &mut Shared, asked_at: Time, id: &str, reply: Reply<'_>) {
        self.asking.retain(|asking| asking != id);
        let Some((status, body)) = reply else { return };
        let row = match answer::<Order<'_>>(status, body) {
            Ok(row) => row,
            Err(failure) => return pause_of(&failure).into_iter().for_each(|delay| shared.delay(delay)),
        };
        match order_state(&self.reading(shared), &row) {
            Ok(state) => {
                self.record.saw_order(Seen::Listed { asked_at }, &state);
                self.record.claim();
                self.attend(shared);
            }
            Err(Unread::OtherSymbol(_)) => {}
            Err(bad) => shared.odd(bad.to_string()),
        }
    }

    /// Whether what is held is what was told, or cannot be: fills that are not listed yet may explain it, or fills older than
    /// what was read. So it is read again, far back, before lots are shown that nobody here knows.
    pub(super) fn is_explained(&mut self, shared: &Shared, survey: &Survey, asked_at: Time) -> bool {
        let There { positions, .. } = survey.there;
        let held = self.record.held();
        let lots = [positions[0] - held[0], positions[1] - held[1]];
        let now = shared.now;
        if lots == [Qty::ZERO; 2] || self.surveys.foreign == Some(lots) || self.knows_nothing() {
            self.surveys.off = None;
            self.surveys.foreign = Some(lots);
            return true;
        }
        let off = self.surveys.off.get_or_insert(Off { since: now, read: 0 });
        off.read += u8::from(survey.reach == Reach::Far);
        if off.read >= FRUITLESS_MIN && now - off.since >= EXPLAINED_WITHIN {
            self.surveys.off = None;
            self.surveys.foreign = Some(lots);
            return true;
        }
        let since = off.since;
        self.surveys.holding.get_or_insert(Question { after: 0, asked_at, came_at: now });
        self.read_later(now, since);
        false
    }

    /// Nothing was ever asked for, nothing is known: what is there is somebody else's.
    fn knows_nothing(&self) -> bool {
        self.surveys.foreign.is_none() && self.record.is_blank()
    }
}

/// Whether the exchange says that it does not know an order.
fn is_unknown(failure: &Failure) -> bool {
    matches!(classify(failure), Meaning::Refused(RejectReason::UnknownOrder))
}
