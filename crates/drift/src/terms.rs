//! What a journal does not say of the venue it was heard from, and the second life must know.
//!
//! It refuses to invent costs: where nothing is said the venue takes away nothing but its fees.

use config::{Config, PlannedAccount};
use farm::Character;
use farm::journal::Origin;
use model::{AccountId, AccountMode, MarginMode, PositionMode};
use std::collections::BTreeMap;
use venue::{Ladder, Models};

/// As `omega run` sets an account where nothing is said.
const SET: (MarginMode, u16) = (MarginMode::Isolated, 10);
/// What controls trade with in a back-test.
const CONTROL_LEVERAGE: u16 = 20;

/// Of the venue.
#[derive(Clone, Debug)]
pub struct Terms {
    /// What it takes away from every fill.
    pub models: Models,
    /// When ladders rest.
    pub ladder: Ladder,
    /// How accounts are set: their margin and leverage. Their position mode is in the journal.
    pub accounts: BTreeMap<AccountId, (MarginMode, u16)>,
}

impl Terms {
    /// What is most likely of a journal whose configuration is not known: a back-test's farm names no accounts.
    pub fn likely(origin: &Origin) -> Terms {
        let is_back_test = origin.accounts.is_empty();
        let ladder = if is_back_test { Ladder::AtOnce } else { Ladder::Afterwards };
        let leverage = |character: &Character| match character {
            Character::Persona(profile, _) | Character::Twin(profile) => profile.risk.leverage_max,
            Character::Control(..) => CONTROL_LEVERAGE.min(origin.instrument.leverage_max),
        };
        let mut accounts = BTreeMap::new();
        for recruit in &origin.recruits {
            let cross = (MarginMode::Cross, leverage(&recruit.character));
            accounts.insert(recruit.account, if is_back_test { cross } else { SET });
        }
        Terms { models: Models::NONE, ladder, accounts }
    }

    /// Of a shard of a configuration, as it trades there; nothing where it has no shard of this name.
    pub fn configured(config: &Config, shard: &str) -> Option<Terms> {
        let shard = config.plan().shards.into_iter().find(|planned| planned.name == shard)?;
        let set = |account: &PlannedAccount| (account.number, (account.margin_mode, account.leverage));
        let accounts = shard.accounts.iter().map(set).collect();
        Some(Terms { models: Models::NONE, ladder: Ladder::Afterwards, accounts })
    }

    /// How an account is set.
    pub(crate) fn mode(&self, origin: &Origin, account: AccountId) -> AccountMode {
        let plan = origin.accounts.iter().find(|plan| plan.id == account);
        let (margin, leverage) = self.accounts.get(&account).copied().unwrap_or(SET);
        AccountMode { position: plan.map_or(PositionMode::OneWay, |plan| plan.mode), margin, leverage }
    }
}
