//! The near side: the adapter of one seat, which is born with it out of what its farm and its journal know, and dies with it.
//!
//! Refuses to remember anything that the journal does not: the next seat has no other memory.

use super::bitget::KEY;
use super::{SYMBOL, prefix};
use execution::OrderStatus;
use farm::journal::{Input, Origin, replay_with};
use farm::{Farm, Seat};
use model::event::Audit;
use model::{AccountId, AccountMode, Event, Fill, Interval, Qty, Report, Time};
use std::collections::BTreeMap;
use venue_bitget::account::Wanted;
use venue_bitget::adapter::{
    Account, Adapter, CallId, Known, KnownOrder, LineId, Settings, Standing, TIMEOUT,
};
use venue_bitget::request::TriggerBy;
use venue_bitget::sign::{Credentials, Environment, Secret};

/// An answer about an account is some time on its way: what was told before it was asked for is heard.
const ASKED_BEFORE: Interval = Interval(120_000);

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
    /// An adapter for the accounts of a seat that rises from this journal.
    pub(crate) fn new<K: farm::journal::Keeper>(
        origin: &Origin,
        seat: &Seat<K>,
        journal: &[u8],
        mono: Time,
        mode: impl Fn(AccountId) -> AccountMode,
        seed: u64,
    ) -> Near {
        let heard = heard(journal);
        let mut accounts: Vec<AccountId> = origin.recruits.iter().map(|recruit| recruit.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let account = |id: AccountId| {
            let secret = |text: &str| Secret::new(text.to_owned());
            let credentials =
                Credentials::hmac(format!("{KEY}{}", id.0), secret("secret"), secret("pass")).expect("a good key");
            let wanted = Wanted { mode: mode(id), known_harmless: Vec::new(), bound_to_addresses: false };
            let told = seat.desk().heard(id);
            let known = known(id, seat.farm(), heard.get(&id).cloned().unwrap_or_default(), told);
            Account { credentials, wanted, known }
        };
        let settings = Settings {
            environment: Environment::Live,
            prefix: prefix(),
            symbol: SYMBOL.to_owned(),
            trigger_by: TriggerBy::LastPrice,
            market: None,
            accounts: accounts.into_iter().map(account).collect(),
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

/// What a journal says that was heard of an account.
#[derive(Clone, Debug, Default)]
struct Heard {
    fills: Vec<(Time, Fill)>,
    forced: Vec<(Time, Report)>,
    funded: Option<(Time, usize)>,
    /// The last answer about the account that was shown: everything before is heard.
    audited_at: Option<Time>,
}

fn heard(journal: &[u8]) -> BTreeMap<AccountId, Heard> {
    let mut accounts: BTreeMap<AccountId, Heard> = BTreeMap::new();
    // A journal that cannot be read is somebody else's finding.
    let _ = replay_with(journal, |one| match one.input {
        Input::Event(at, Event::Report(account, Report::Filled(fill))) => {
            accounts.entry(account).or_default().fills.push((at, fill));
        }
        Input::Event(
            at,
            Event::Report(account, report @ (Report::Liquidated { .. } | Report::Deleveraged { .. })),
        ) => accounts.entry(account).or_default().forced.push((at, report)),
        Input::Event(at, Event::Report(account, Report::Funding { .. })) => {
            let funded = &mut accounts.entry(account).or_default().funded;
            let count = funded.filter(|(of, _)| *of == at).map_or(0, |(_, count)| count);
            *funded = Some((at, count + 1));
        }
        Input::Event(at, Event::Audit(account, Audit::End)) => {
            accounts.entry(account).or_default().audited_at = Some(at);
        }
        _ => {}
    });
    accounts
}

fn known(account: AccountId, farm: &Farm, heard: Heard, told: u64) -> Known {
    let since = heard.audited_at.map_or(crate::market::START, |at| at - ASKED_BEFORE);
    let working = farm.bots().iter().filter(|bot| bot.account() == account).flat_map(|bot| bot.orders().iter());
    let orders: Vec<KnownOrder> = working
        .map(|order| KnownOrder {
            id: order.id,
            side: order.side,
            qty: order.qty,
            price: order.price,
            reduce_only: order.reduce_only,
            standing: match order.status {
                OrderStatus::Attached => Standing::Attached,
                OrderStatus::Submitted => Standing::Sent,
                _ => Standing::Taken,
            },
            filled: heard
                .fills
                .iter()
                .filter(|(_, fill)| fill.id == order.id)
                .fold(Qty::ZERO, |sum, (_, fill)| sum + fill.qty.abs()),
        })
        .collect();
    let is_late = |at: Time, fill: &Fill| {
        at >= since - ASKED_BEFORE || orders.iter().any(|order| order.id == fill.id)
    };
    let fills = heard.fills.iter().filter(|(at, fill)| is_late(*at, fill)).map(|(_, fill)| *fill).collect();
    let forced = heard.forced.iter().filter(|(at, _)| *at >= since - ASKED_BEFORE);
    let forced = forced.map(|(_, report)| *report).collect();
    let funded = heard.funded.unwrap_or((Time(i64::MIN), 0));
    Known { account, heard: told, since, funded, orders, fills, forced }
}
