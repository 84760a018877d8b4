//! The venue's counter: numbers what it says to each account, remembers all of it, and refuses what comes too late.

use farm::{FromVenue, Holding, ToVenue};
use model::{AccountId, Interval, PositionSide, Report, Time};
use std::collections::BTreeMap;
use venue::Venue;

/// The most reports of one answer: who has missed more asks again.
const HISTORY_MAX: usize = 100;

/// The counter.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) venue: Venue,
    said: BTreeMap<AccountId, Vec<(Time, Report)>>,
    closed_until: Option<Time>,
    /// Requests that came after their time.
    pub(crate) too_late: u64,
}

impl Front {
    pub(crate) fn new(venue: Venue) -> Front {
        let said = venue.accounts().iter().map(|account| (account.id(), Vec::new())).collect();
        Front { venue, said, closed_until: None, too_late: 0 }
    }

    /// Closes for a while.
    pub(crate) fn close(&mut self, now: Time, lasts: Interval) {
        self.closed_until = Some(now + lasts);
    }

    pub(crate) fn is_closed(&self, now: Time) -> bool {
        self.closed_until.is_some_and(|until| now < until)
    }

    /// Hears a message; answers questions at once.
    pub(crate) fn hear(&mut self, now: Time, message: ToVenue) -> Option<FromVenue> {
        if self.is_closed(now) {
            return None;
        }
        match message {
            ToVenue::Request { account, request, valid_until } => {
                if now > valid_until {
                    self.too_late += 1;
                } else {
                    self.venue.submit(now, account, request);
                }
                None
            }
            ToVenue::AskHistory { account, after, asked_at } => {
                let said = self.said.get(&account)?;
                let from = usize::try_from(after).expect("a number fits").min(said.len());
                let reports = said[from..].iter().zip(after + 1..).take(HISTORY_MAX);
                let reports = reports.map(|(&(at, report), number)| (number, at, report)).collect();
                Some(FromVenue::History { account, asked_at, at: now, reports, last: said.len() as u64 })
            }
            ToVenue::AskHolding { account, asked_at } => {
                let held = self.venue.account(account);
                let holding = Holding {
                    last: self.said[&account].len() as u64,
                    wallet: held.wallet(),
                    positions: [PositionSide::Long, PositionSide::Short].map(|side| held.position(side).qty),
                    orders: held.open_orders().map(|order| Some(order.id)).collect(),
                };
                Some(FromVenue::Holding { account, asked_at, holding })
            }
        }
    }

    /// Everything the venue has said since it was last asked, numbered.
    pub(crate) fn said(&mut self) -> Vec<FromVenue> {
        let mut news = Vec::new();
        while let Some((at, account, report)) = self.venue.poll() {
            let said = self.said.get_mut(&account).expect("every account has a record");
            said.push((at, report));
            news.push(FromVenue::Report { account, number: said.len() as u64, at, report });
        }
        news
    }

    /// How much it has said to an account.
    pub(crate) fn count(&self, account: AccountId) -> u64 {
        self.said[&account].len() as u64
    }

    /// What it has said to an account.
    pub(crate) fn record(&self, account: AccountId) -> &[(Time, Report)] {
        &self.said[&account]
    }
}
