//! What all accounts of an adapter share: the clock, the contract, the budget, the way out.

use super::doing::{Alert, Doing};
use super::post::Post;
use crate::clock::ExchangeClock;
use crate::instrument::Listing;
use crate::order_id::Prefix;
use crate::request::TriggerBy;
use crate::response::Delay;
use crate::sign::Environment;
use model::Time;
use std::collections::VecDeque;

/// What waits to be done; nobody who polls lets it come to this.
const DOINGS_MAX: usize = 100_000;

/// It.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) environment: Environment,
    pub(crate) prefix: Prefix,
    pub(crate) symbol: String,
    pub(crate) trigger_by: TriggerBy,
    pub(crate) clock: ExchangeClock,
    /// When the clock is measured next.
    pub(crate) measure_at: Time,
    /// The venue waits for us: say that we take part.
    pub(crate) lock_step: bool,
    pub(crate) listing: Option<Listing>,
    pub(crate) post: Post,
    /// This machine's clock.
    pub(crate) now: Time,
    pub(crate) out: VecDeque<Doing>,
}

impl Shared {
    /// The exchange's clock.
    pub(crate) fn exchange_now(&self) -> Time {
        self.clock.at(self.now)
    }

    /// When this machine's clock shows what the exchange's shows then.
    pub(crate) fn machine_time(&self, at: Time) -> Time {
        let ahead = self.exchange_now() - self.now;
        Time(at.0.saturating_sub(ahead.0))
    }

    pub(crate) fn push(&mut self, doing: Doing) {
        assert!(self.out.len() < DOINGS_MAX, "whoever drives an adapter does what it wants done");
        self.out.push_back(doing);
    }

    pub(crate) fn alert(&mut self, alert: Alert) {
        self.push(Doing::Alert(alert));
    }

    pub(crate) fn odd(&mut self, words: impl Into<String>) {
        self.alert(Alert::Odd(words.into()));
    }

    /// A venue that waits for us has the only clock there is.
    pub(crate) fn keep_step(&mut self, at: Time) {
        self.now = self.now.max(at);
        self.clock.distrust();
        let heard = self.clock.heard(self.now, self.now, self.now);
        assert!(heard, "nothing is better than no way at all");
    }

    /// The exchange asks for a pause.
    pub(crate) fn delay(&mut self, delay: Delay) {
        match delay {
            Delay::Budget => self.post.breached(self.now),
            Delay::Exchange => {}
            Delay::Clock => self.distrust_clock(),
        }
    }

    /// The exchange says that our time is wrong.
    pub(crate) fn distrust_clock(&mut self) {
        self.clock.distrust();
        self.measure_at = self.now;
    }
}
