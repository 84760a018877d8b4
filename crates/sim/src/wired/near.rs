//! The near side: the adapter of one seat, which is born with it out of what its farm and its journal know, and dies with it.
//!
//! Refuses to remember anything that the journal does not: the next seat has no other memory.

use super::bitget::KEY;
use super::{SYMBOL, prefix};
use farm::Seat;
use farm::journal::Keeper;
use model::{AccountId, AccountMode, Known, Time};
use std::collections::BTreeMap;
use venue_bitget::account::Wanted;
use venue_bitget::adapter::{Account, Adapter, CallId, LineId, Settings, TIMEOUT};
use venue_bitget::request::TriggerBy;
use venue_bitget::sign::{Credentials, Environment, Secret};

/// The near side of a seat.
#[derive(Debug)]
pub(crate) struct Near {
    pub(crate) adapter: Adapter,
    /// Which sockets are open, or being opened.
    pub(crate) sockets: BTreeMap<LineId, u32>,
    pub(crate) dialled: u32,
    /// Calls without an answer, and when there is none any more, by the monotonic clock.
    calls: BTreeMap<CallId, Time>,
}

impl Near {
    /// An adapter for the accounts of a seat.
    pub(crate) fn new<K: Keeper>(
        seat: &Seat<K>,
        mono: Time,
        mode: impl Fn(AccountId) -> AccountMode,
        seed: u64,
    ) -> Near {
        let account = |known: &Known| {
            let secret = |text: &str| Secret::new(text.to_owned());
            let key = format!("{KEY}{}", known.account.0);
            let credentials =
                Credentials::hmac(key, secret("secret"), secret("pass")).expect("a key with all its parts");
            let wanted =
                Wanted { mode: mode(known.account), known_harmless: Vec::new(), bound_to_addresses: false };
            Account { credentials, wanted, known: known.clone() }
        };
        let settings = Settings {
            environment: Environment::Live,
            prefix: prefix(),
            symbol: SYMBOL.to_owned(),
            trigger_by: TriggerBy::LastPrice,
            market: None,
            accounts: seat.known().iter().map(account).collect(),
            seed,
            lock_step: false,
        };
        let (sockets, calls) = (BTreeMap::new(), BTreeMap::new());
        Near { adapter: Adapter::new(settings, mono), sockets, dialled: 0, calls }
    }

    /// A call leaves.
    pub(crate) fn called(&mut self, call: CallId, mono: Time) {
        self.calls.insert(call, mono + TIMEOUT);
    }

    /// Its answer is there.
    pub(crate) fn answered(&mut self, call: CallId) {
        self.calls.remove(&call);
    }

    /// Does what the clock wants done.
    pub(crate) fn wake(&mut self, mono: Time) {
        let late: Vec<CallId> =
            self.calls.iter().filter(|(_, until)| **until <= mono).map(|(call, _)| *call).collect();
        for call in late {
            self.calls.remove(&call);
            self.adapter.answered(mono, call, None, None);
        }
        if self.adapter.next_wake().is_some_and(|at| at <= mono) {
            self.adapter.wake(mono);
        }
    }
}
