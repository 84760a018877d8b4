//! What an adapter says of accounts and market, in words and with the weight it has.
//!
//! It refuses to show what was made for programs, and to make noise of what is as it should be.

use edge::trader::Said;
use farm::{Notice, Word};
use model::{AccountId, Time};
use runtime::host::Witness;
use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};
use venue_bitget::adapter::Alert;
use venue_bitget::stream::Doubt;

/// Tells the log.
pub(super) struct Logged {
    /// What accounts are called.
    pub(super) accounts: BTreeMap<AccountId, String>,
    /// Who is told of each session that has ended: of which shard, and when.
    pub(super) ended: Mutex<Sender<(String, Time)>>,
}

impl Logged {
    fn name(&self, account: AccountId) -> String {
        self.accounts.get(&account).cloned().unwrap_or_else(|| format!("number {}", account.0))
    }
}

impl Witness for Logged {
    fn said(&self, shard: &str, said: &Said) {
        if let Said::Word(at, Word::Of(_, Notice::Session(_))) = said {
            let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody may look any more.
            let _is_heard = ended.send((shard.to_owned(), *at));
        }
        let Said::Alert(alert) = said else { return };
        match alert {
            Alert::Ready(account, _) => {
                tracing::info!(shard, "account {} may be traded", self.name(*account));
            }
            Alert::Barred(account, _, obstacles) => {
                let why: Vec<String> = obstacles.iter().map(ToString::to_string).collect();
                let name = self.name(*account);
                tracing::error!(shard, "account {name} may not be traded: {}", why.join("; "));
            }
            Alert::LockedOut(account, fatal) => {
                let name = self.name(*account);
                tracing::error!(shard, "the exchange does not let account {name} in: {}", fatal.remedy());
            }
            Alert::Doubted(None, doubt) => {
                tracing::warn!(shard, "the market is not believed: {}", words(*doubt));
            }
            Alert::Doubted(Some(account), doubt) => {
                tracing::warn!(shard, "account {} is not heard: {}", self.name(*account), words(*doubt));
            }
            Alert::Unlisted(why) => tracing::error!(shard, "the contract cannot be traded: {why}"),
            Alert::Odd(what) => tracing::warn!(shard, "{what}"),
        }
    }
}

const fn words(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::NotAcknowledged => "a subscription was not acknowledged in time; it is asked for again",
        Doubt::AcknowledgedButSilent => {
            "a subscription was acknowledged and says nothing; it is opened again"
        }
        Doubt::Quiet => "nothing was said for too long; the line is opened again",
        Doubt::Late => "what comes is old; nothing is opened until it is not",
        Doubt::Broken => "the order book cannot be proven; it is asked for again",
        Doubt::Disconnected => "the line is down; it is opened again",
    }
}
