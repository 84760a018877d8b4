//! The sections of `omega.toml`, a file each. A new one is its file, its `mod` line and its line in `sections!`.
//!
//! A section refuses to know another: what must fit between them is in `checks`.

// tidy: list-of .
mod access;
mod account;
mod bot;
mod bus;
mod discord;
mod drift;
mod farm;
mod gateway;
mod history;
mod journal;
mod market;
mod notify;
mod risk;
mod secrets;
mod telemetry;

pub use self::risk::Risk;
pub use access::{Access, AccessRole};
pub use account::{Account, Margin, Positions};
pub use bot::Bot;
pub use bus::{Bus, BusKind, Sentinel};
pub use discord::Discord;
pub use drift::Drift;
pub use farm::{Farm, Mode, RiskTolerance, Shards, Stop};
pub use gateway::Gateway;
pub use history::{History, HistoryKind};
pub use journal::{Fsync, Journal};
pub use market::{Bitget, Feed, Generator, Market, ReplayFile};
pub use notify::{Event, Level, Notify};
pub use secrets::SecretsFile;
pub use telemetry::{LogFormat, LogLevel, Telemetry};

use crate::reader::{At, Reader};
use crate::section::{Entry, Section, Spec, Times};

/// The most entries of a `[[section]]`.
pub const ENTRIES_MAX: usize = 1_024;

/// The whole file.
macro_rules! sections {
    ($($(#[doc = $about:literal])+ $times:ident $name:ident: $type:ty,)+) => {
        /// Everything that is configured.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Config {
            $($(#[doc = $about])+ pub $name: sections!(@type $times $type),)+
        }

        /// What every section is made of, in the order of the documents.
        pub fn specs() -> Vec<Spec> {
            vec![$(<$type as Section>::spec(stringify!($name), concat!($($about),+), sections!(@times $times)),)+]
        }

        impl Config {
            pub(crate) fn read_sections(reader: &mut Reader<'_>, root: &At<'_, '_>) -> Config {
                $(let $name = sections!(@read $times $type, reader, root, stringify!($name));)+
                reader.finish(root, &[], &[$(stringify!($name)),+]);
                Config { $($name,)+ }
            }

            /// Every value, in the order of the documents.
            pub fn entries(&self) -> Vec<Entry> {
                let mut entries = Vec::new();
                $(sections!(@list $times self.$name, stringify!($name), entries);)+
                entries
            }
        }
    };
    (@type once $type:ty) => { $type };
    (@type many $type:ty) => { Vec<$type> };
    (@times once) => { Times::Once };
    (@times many) => { Times::Many };
    (@read once $type:ty, $reader:ident, $root:ident, $name:expr) => {
        $reader.table::<$type>($root, $name).expect("a section that stands once asks for no key")
    };
    (@read many $type:ty, $reader:ident, $root:ident, $name:expr) => {
        $reader.tables::<$type>($root, $name, ENTRIES_MAX)
    };
    (@list once $self:ident.$name:ident, $path:expr, $entries:ident) => { $self.$name.list($path, &mut $entries) };
    (@list many $self:ident.$name:ident, $path:expr, $entries:ident) => {
        for (index, one) in $self.$name.iter().enumerate() {
            one.list(&format!("{}[{index}]", $path), &mut $entries);
        }
    };
}

sections! {
    /// The farm as a whole.
    once farm: Farm,
    /// What is traded, and where its prices come from.
    once market: Market,
    /// An account at the exchange. None: on paper every bot has one of its own; in demo and live trading the variables EXCHANGE_API_KEY, EXCHANGE_API_SECRET and EXCHANGE_API_PASSPHRASE are the account `main`.
    many account: Account,
    /// A bot. None: the six personas, one bot each.
    many bot: Bot,
    /// What the whole farm may do: limits that no mood moves.
    once risk: Risk,
    /// How processes talk to each other.
    once bus: Bus,
    /// Where trades, equity, sessions and the audit are kept for questions.
    once history: History,
    /// The record from which a farm rises after any crash.
    once journal: Journal,
    /// HTTP: the API, health and metrics.
    once gateway: Gateway,
    /// Who may do what, and how sure that must be.
    once access: Access,
    /// Logs and metrics.
    once telemetry: Telemetry,
    /// What is told, and how often.
    once notify: Notify,
    /// How far a finished session may be from the same session in the back-tester before somebody is told.
    once drift: Drift,
    /// The bot in chat: read and checked now, used by the role `discord`.
    once discord: Discord,
    /// The encrypted file of secrets.
    once secrets: SecretsFile,
}
