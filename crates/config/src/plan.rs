//! What is to run: every bot with its number, account, shard and money, nothing left open.
//!
//! It refuses to be made of settings that were not checked: it asserts what `checks` refuses.

use crate::kinds::PersonaName;
use crate::reference::Reference;
use crate::sections::{Account, Bot, Config, Margin, Mode, Positions, Shards};
use model::{AccountId, BotId, MarginMode, PositionMode, Usd};
use persona::catalogue::PERSONAS;
use std::collections::BTreeSet;

/// Where the keys of an account are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The API key.
    pub key: Reference,
    /// The API secret.
    pub secret: Reference,
    /// The API passphrase.
    pub passphrase: Reference,
}

/// An account that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedAccount {
    /// Its number in the journal.
    pub number: AccountId,
    /// Its name.
    pub name: String,
    /// Where its keys are; `None` only on paper.
    pub keys: Option<Keys>,
    /// How positions live together.
    pub position_mode: PositionMode,
    /// What a position can lose.
    pub margin_mode: MarginMode,
    /// As it is set at the exchange.
    pub leverage: u16,
}

/// A bot.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedBot {
    /// Its number in order ids and journal.
    pub number: BotId,
    /// Its name.
    pub name: String,
    /// Who trades.
    pub persona: PersonaName,
    /// Its account.
    pub account: AccountId,
    /// What it begins with.
    pub capital: Usd,
    /// Whether it is the calm twin.
    pub calm: bool,
    /// How much of its psychology is felt.
    pub emotion_gain: f64,
    /// How much of sky and readings is felt.
    pub cosmic_gain: f64,
}

/// A farm with one journal and one lease.
#[derive(Clone, Debug, PartialEq)]
pub struct Shard {
    /// Its name.
    pub name: String,
    /// Its bots, by number.
    pub bots: Vec<PlannedBot>,
    /// The accounts of these, by number.
    pub accounts: Vec<PlannedAccount>,
}

/// What is to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// In the order of the first bot of each.
    pub shards: Vec<Shard>,
}

/// A bot's own account on paper has its number and this, so that it is none of the listed ones.
const OWN_ACCOUNTS_FROM: u16 = 10_000;

/// The shard of a farm that stands together.
const TOGETHER: &str = "main";

impl Config {
    /// The bots as listed, or the six personas.
    pub(crate) fn crew(&self) -> Vec<Bot> {
        if !self.bot.is_empty() {
            return self.bot.clone();
        }
        let bot = |(name, _): &(&str, &str)| Bot {
            name: (*name).to_owned(),
            persona: PersonaName::BuiltIn((*name).to_owned()),
            number: None,
            account: None,
            capital_usdt: None,
            calm: false,
            shard: None,
            emotion_gain: 1.0,
            cosmic_gain: 1.0,
        };
        PERSONAS.iter().map(bot).collect()
    }

    /// The name of a bot's account.
    pub(crate) fn account_of(&self, bot: &Bot) -> String {
        let only = || match self.account.as_slice() {
            [only] if self.farm.mode != Mode::Paper => Some(only.name.clone()),
            _ => None,
        };
        bot.account.clone().or_else(only).unwrap_or_else(|| bot.name.clone())
    }

    /// The shard of a bot.
    pub(crate) fn shard_of(&self, bot: &Bot) -> String {
        let by_rule = || match self.farm.shards {
            Shards::Together => TOGETHER.to_owned(),
            Shards::ByAccount => self.account_of(bot),
        };
        bot.shard.clone().unwrap_or_else(by_rule)
    }

    /// What is to run.
    pub fn plan(&self) -> Plan {
        let crew = self.crew();
        let numbers = numbered(crew.iter().map(|bot| bot.number));
        let account_numbers = numbered(self.account.iter().map(|account| account.number));
        let mut plan = Plan { shards: Vec::new() };
        for (bot, number) in crew.iter().zip(numbers) {
            let name = self.account_of(bot);
            let listed = self.account.iter().zip(&account_numbers).find(|(account, _)| account.name == name);
            let account = match listed {
                Some((account, number)) => planned(account, AccountId(*number)),
                None => own(name, AccountId(OWN_ACCOUNTS_FROM + number)),
            };
            assert!(
                self.farm.mode == Mode::Paper || account.keys.is_some(),
                "checks refuse an account without keys"
            );
            let shard_name = self.shard_of(bot);
            let at = plan.shards.iter().position(|shard| shard.name == shard_name).unwrap_or_else(|| {
                plan.shards.push(Shard { name: shard_name, bots: Vec::new(), accounts: Vec::new() });
                plan.shards.len() - 1
            });
            let shard = &mut plan.shards[at];
            shard.bots.push(self.planned_bot(bot, BotId(number), account.number));
            if shard.accounts.iter().all(|known| known.number != account.number) {
                shard.accounts.push(account);
            }
        }
        for shard in &mut plan.shards {
            shard.bots.sort_by_key(|bot| bot.number);
            shard.accounts.sort_by_key(|account| account.number);
        }
        plan
    }

    fn planned_bot(&self, bot: &Bot, number: BotId, account: AccountId) -> PlannedBot {
        PlannedBot {
            number,
            name: bot.name.clone(),
            persona: bot.persona.clone(),
            account,
            capital: bot.capital_usdt.unwrap_or(self.farm.capital_usdt),
            calm: bot.calm,
            emotion_gain: bot.emotion_gain,
            cosmic_gain: bot.cosmic_gain,
        }
    }
}

/// Every number: those that are written, and the lowest free ones for the rest, in order.
fn numbered(written: impl Iterator<Item = Option<u16>> + Clone) -> Vec<u16> {
    let taken: BTreeSet<u16> = written.clone().flatten().collect();
    let mut free = (1..).filter(|number| !taken.contains(number));
    written
        .map(|number| number.unwrap_or_else(|| free.next().expect("there are more numbers than entries")))
        .collect()
}

fn planned(account: &Account, number: AccountId) -> PlannedAccount {
    let keys = |key: &Reference, secret: &Reference, passphrase: &Reference| Keys {
        key: key.clone(),
        secret: secret.clone(),
        passphrase: passphrase.clone(),
    };
    PlannedAccount {
        number,
        name: account.name.clone(),
        keys: match (&account.key, &account.secret, &account.passphrase) {
            (Some(key), Some(secret), Some(passphrase)) => Some(keys(key, secret, passphrase)),
            _ => None,
        },
        position_mode: match account.position_mode {
            Positions::OneWay => PositionMode::OneWay,
            Positions::Hedge => PositionMode::Hedge,
        },
        margin_mode: match account.margin_mode {
            Margin::Isolated => MarginMode::Isolated,
            Margin::Cross => MarginMode::Cross,
        },
        leverage: account.leverage,
    }
}

/// On paper, an account that nobody listed.
fn own(name: String, number: AccountId) -> PlannedAccount {
    PlannedAccount {
        number,
        name,
        keys: None,
        position_mode: PositionMode::OneWay,
        margin_mode: MarginMode::Isolated,
        leverage: crate::DEFAULT_LEVERAGE,
    }
}
