//! A look at the contract before a farm begins: its steps, fees and tiers, and what time it is there.
//!
//! It refuses to wait for ever, and to guess.

use super::Public;
use edge::exchange::{BadStart, Link, Told};
use model::{Instrument, Time};
use std::time::{Duration, Instant};
use venue_bitget::adapter::{Adapter, Alert};

/// How long it may take.
const LOOK_MAX: Duration = Duration::from_secs(60);

/// What was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The contract.
    pub instrument: Instrument,
    /// The exchange's clock.
    pub now: Time,
}

/// Why nothing was.
#[derive(Debug, thiserror::Error)]
pub enum BadLook {
    /// The sockets.
    #[error(transparent)]
    Link(#[from] BadStart),
    /// Nobody answers, or not what was asked.
    #[error(
        "the exchange did not list {0} within a minute; the last it said: {1}. See that it can be reached from here and that market.symbol is on its list"
    )]
    Silent(String, String),
}

impl Public {
    /// Waits until the contract is listed.
    pub fn look(&self) -> Result<Listed, BadLook> {
        let clock = self.clock;
        let adapter = Adapter::new(self.settings(None), clock.now());
        let mut link = Link::start(adapter, self.urls.clone(), clock)?;
        let (begun, mut last) = (Instant::now(), "nothing".to_owned());
        while begun.elapsed() < LOOK_MAX {
            if let Some(listing) = link.protocol().listing() {
                let instrument = listing.instrument.clone();
                let now = link.now();
                let now = link.protocol().exchange_time(now);
                link.stop();
                return Ok(Listed { instrument, now });
            }
            if let Some(Told::Alert(Alert::Unlisted(words) | Alert::Odd(words))) =
                link.recv_timeout(Duration::from_millis(200))
            {
                last = words;
            }
        }
        Err(BadLook::Silent(self.symbol.clone(), last))
    }
}
