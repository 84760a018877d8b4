//! Who has an account here: from a TOML file, or from `KEY:SECRET:PASSPHRASE:BALANCE_USDT`.
//!
//! A key belongs to one environment, as at Bitget: a demo key opens nothing live. Refuses two keys of one name, unknown
//! words, and an account nobody has a key for; every refusal says what to change.

use crate::rsa_key;
use model::{Decimal, MarginMode, PositionMode, Rate, Usd};
use serde::Deserialize;

/// Which family of endpoints an account answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// Classic.
    V2,
    /// Unified.
    V3,
}

/// Whether a key is for real money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// It is.
    Live,
    /// It is not: requests carry `paptrading: 1`.
    Demo,
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Look.
    Read,
    /// Trade futures.
    Trade,
    /// Move money between accounts of one owner.
    Transfer,
    /// Take money out.
    Withdraw,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySetup {
    /// Its name.
    pub key: String,
    /// What requests are signed with; empty if the key is of the RSA kind.
    #[serde(default)]
    pub secret: String,
    /// What goes along in clear.
    pub passphrase: String,
    /// What it may do; to read and to trade if nothing is said.
    #[serde(default = "read_and_trade")]
    pub permissions: Vec<Permission>,
    /// The addresses it is bound to, as it says of itself; the shell knows who calls.
    #[serde(default = "localhost")]
    pub ips: String,
    /// What signatures are checked with if the key is of the RSA kind: SubjectPublicKeyInfo in PEM.
    #[serde(default)]
    pub public_key: Option<String>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSetup {
    /// Its number at the exchange.
    pub uid: String,
    /// The account it is a sub-account of.
    pub parent: Option<String>,
    /// Classic or unified.
    pub generation: Generation,
    /// Live or demo.
    pub environment: Environment,
    /// One net position a symbol, or two.
    pub position: PositionMode,
    /// Cross or isolated, on every symbol to begin with.
    pub margin: MarginMode,
    /// On every symbol to begin with.
    pub leverage: u16,
    /// What it opens with in USDT.
    pub balance: Usd,
    /// Worsens every price it takes.
    pub slippage: Rate,
    /// At least one.
    pub keys: Vec<KeySetup>,
}

/// Everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// In the order they were named.
    pub accounts: Vec<AccountSetup>,
}

/// Why nobody can be let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSetup {
    /// The text is not what was expected.
    #[error("the accounts cannot be read: {0}")]
    Toml(String),
    /// The short form has other parts.
    #[error("an account is KEY:SECRET:PASSPHRASE:BALANCE_USDT, all four: write `k:s:p:1000`")]
    ShortForm,
    /// A balance that is no amount of USDT.
    #[error(
        "the balance `{0}` is no amount of USDT with at most six decimals and no sign: write `1000` or `1000.5`"
    )]
    Balance(String),
    /// A key opens one account.
    #[error("the key `{0}` is there twice: name each key once")]
    KeyTwice(String),
    /// An account that nobody can use.
    #[error("the account {0} has no key: give it one")]
    NoKey(String),
    /// Half of one kind, half of the other, or neither.
    #[error("the key `{0}` needs either a secret or a public_key: give it one of them")]
    NoSecret(String),
    /// Nothing to check signatures with.
    #[error("the public_key of `{0}` is no RSA key: write the PEM that `openssl pkey -pubout` makes")]
    NoPublicKey(String),
    /// A build without RSA.
    #[error("the key `{0}` is of the RSA kind, which this build cannot check: build it with --features rsa")]
    NoRsa(String),
    /// A sub-account of nobody.
    #[error("the account {uid} is a sub-account of {parent}, which is not there: name it as well")]
    NoParent {
        /// Which.
        uid: String,
        /// Whose.
        parent: String,
    },
    /// A leverage nobody has.
    #[error("the account {0} has a leverage of {1}: choose 1 to 125")]
    Leverage(String, u16),
}

/// Leverage of an account for which nothing is said.
const LEVERAGE_USUAL: u16 = 10;
/// Highest leverage of the symbols there are.
const LEVERAGE_MAX: u16 = 125;

fn read_and_trade() -> Vec<Permission> {
    vec![Permission::Read, Permission::Trade]
}

fn localhost() -> String {
    "127.0.0.1".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    account: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    uid: Option<String>,
    parent: Option<String>,
    generation: Option<Generation>,
    environment: Option<Environment>,
    position_mode: Option<PositionWord>,
    margin_mode: Option<MarginWord>,
    leverage: Option<u16>,
    balance_usdt: String,
    slippage_bps: Option<u16>,
    #[serde(default)]
    key: Vec<KeySetup>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PositionWord {
    OneWay,
    Hedge,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MarginWord {
    Crossed,
    Isolated,
}

impl AccountSetup {
    /// An account with one key, everything else as usual: classic, live, one-way, cross.
    pub fn usual(number: usize, key: KeySetup, balance: Usd) -> AccountSetup {
        AccountSetup {
            uid: (1_000_000_001 + number).to_string(),
            parent: None,
            generation: Generation::V2,
            environment: Environment::Live,
            position: PositionMode::OneWay,
            margin: MarginMode::Cross,
            leverage: LEVERAGE_USUAL,
            balance,
            slippage: Rate::ZERO,
            keys: vec![key],
        }
    }

    /// The short form of the command line.
    pub fn short(number: usize, text: &str) -> Result<AccountSetup, BadSetup> {
        let parts: Vec<&str> = text.split(':').collect();
        let [key, secret, passphrase, balance] = parts[..] else { return Err(BadSetup::ShortForm) };
        if [key, secret, passphrase].iter().any(|part| part.is_empty()) {
            return Err(BadSetup::ShortForm);
        }
        let [key, secret, passphrase] = [key, secret, passphrase].map(str::to_owned);
        let key = KeySetup {
            key,
            secret,
            passphrase,
            permissions: read_and_trade(),
            ips: localhost(),
            public_key: None,
        };
        Ok(AccountSetup::usual(number, key, usd(balance)?))
    }
}

impl KeySetup {
    fn check(&self) -> Result<(), BadSetup> {
        let Some(pem) = &self.public_key else {
            let missing = self.secret.is_empty();
            return if missing { Err(BadSetup::NoSecret(self.key.clone())) } else { Ok(()) };
        };
        if !self.secret.is_empty() {
            return Err(BadSetup::NoSecret(self.key.clone()));
        }
        match rsa_key::is_readable(pem) {
            Some(true) => Ok(()),
            Some(false) => Err(BadSetup::NoPublicKey(self.key.clone())),
            None => Err(BadSetup::NoRsa(self.key.clone())),
        }
    }
}

impl Setup {
    /// From the text of a file.
    pub fn from_toml(text: &str) -> Result<Setup, BadSetup> {
        let file: File = toml::from_str(text).map_err(|error| BadSetup::Toml(error.to_string()))?;
        let mut accounts = Vec::new();
        for (number, row) in file.account.into_iter().enumerate() {
            accounts.push(account(number, row)?);
        }
        Setup { accounts }.checked()
    }

    /// These accounts, if they can live together.
    pub fn checked(self) -> Result<Setup, BadSetup> {
        let mut names: Vec<&str> = Vec::new();
        for account in &self.accounts {
            if account.keys.is_empty() {
                return Err(BadSetup::NoKey(account.uid.clone()));
            }
            if !(1..=LEVERAGE_MAX).contains(&account.leverage) {
                return Err(BadSetup::Leverage(account.uid.clone(), account.leverage));
            }
            for key in &account.keys {
                if names.contains(&key.key.as_str()) {
                    return Err(BadSetup::KeyTwice(key.key.clone()));
                }
                names.push(&key.key);
                key.check()?;
            }
            if let Some(parent) = &account.parent
                && !self.accounts.iter().any(|other| other.uid == *parent)
            {
                let (uid, parent) = (account.uid.clone(), parent.clone());
                return Err(BadSetup::NoParent { uid, parent });
            }
        }
        Ok(self)
    }
}

fn account(number: usize, row: Row) -> Result<AccountSetup, BadSetup> {
    let balance = usd(&row.balance_usdt)?;
    let key = KeySetup {
        key: String::new(),
        secret: String::new(),
        passphrase: String::new(),
        permissions: Vec::new(),
        ips: String::new(),
        public_key: None,
    };
    let usual = AccountSetup::usual(number, key, balance);
    Ok(AccountSetup {
        uid: row.uid.unwrap_or(usual.uid),
        parent: row.parent,
        generation: row.generation.unwrap_or(usual.generation),
        environment: row.environment.unwrap_or(usual.environment),
        position: row.position_mode.map_or(usual.position, |word| match word {
            PositionWord::OneWay => PositionMode::OneWay,
            PositionWord::Hedge => PositionMode::Hedge,
        }),
        margin: row.margin_mode.map_or(usual.margin, |word| match word {
            MarginWord::Crossed => MarginMode::Cross,
            MarginWord::Isolated => MarginMode::Isolated,
        }),
        leverage: row.leverage.unwrap_or(usual.leverage),
        balance,
        slippage: Rate::bps(i64::from(row.slippage_bps.unwrap_or(0))),
        keys: row.key,
    })
}

fn usd(text: &str) -> Result<Usd, BadSetup> {
    let amount = Decimal::parse(text).and_then(|decimal| decimal.scaled(6));
    match amount {
        Ok(micros) if (0..=USD_MAX.0).contains(&micros) => Ok(Usd(micros)),
        _ => Err(BadSetup::Balance(text.to_owned())),
    }
}

/// More than anybody has; leaves room for sums.
const USD_MAX: Usd = Usd(1_000_000_000_000 * Usd::ONE.0);

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [[account]]
        uid = "77"
        generation = "v3"
        position_mode = "hedge"
        margin_mode = "isolated"
        leverage = 20
        balance_usdt = "2500.5"
        slippage_bps = 2
        [[account.key]]
        key = "main"
        secret = "s"
        passphrase = "p"
        permissions = ["read", "trade", "transfer"]
        [[account]]
        parent = "77"
        environment = "demo"
        balance_usdt = "0"
        [[account.key]]
        key = "sub"
        secret = "s"
        passphrase = "p"
    "#;

    #[test]
    fn accounts_by_file_and_by_line() {
        let setup = Setup::from_toml(FILE).unwrap();
        let [main, sub] = &setup.accounts[..] else { panic!("two accounts") };
        assert_eq!(
            (main.generation, main.position, main.leverage),
            (Generation::V3, PositionMode::Hedge, 20)
        );
        assert_eq!((main.balance, main.slippage), (Usd(2_500_500_000), Rate::bps(2)));
        assert_eq!((sub.parent.as_deref(), sub.environment), (Some("77"), Environment::Demo));
        assert_eq!(sub.keys[0].permissions, [Permission::Read, Permission::Trade]);
        let short = AccountSetup::short(0, "k:s:p:1000").unwrap();
        assert_eq!((short.keys[0].key.as_str(), short.balance), ("k", Usd(1_000_000_000)));
    }

    #[test]
    fn what_is_refused_says_what_to_change() {
        for (text, part) in [
            (FILE.replace("\"sub\"", "\"main\""), "the key `main` is there twice"),
            (FILE.replace("parent = \"77\"", "parent = \"78\""), "is a sub-account of 78"),
            (FILE.replace("leverage = 20", "leverage = 126"), "has a leverage of 126"),
            (FILE.replace("2500.5", "-1"), "the balance `-1`"),
            (FILE.replace("2500.5", "0.0000001"), "the balance `0.0000001`"),
            (FILE.replace("hedge", "siesta"), "cannot be read"),
            ("[[account]]\nbalance_usdt = \"1\"".to_owned(), "has no key"),
        ] {
            let refused = Setup::from_toml(&text).unwrap_err().to_string();
            assert!(refused.contains(part), "{refused}");
        }
        for text in ["k:s:p", "k:s:p:1:2", ":s:p:1", ""] {
            assert_eq!(AccountSetup::short(0, text), Err(BadSetup::ShortForm), "{text}");
        }
    }
}
