//! An account at the exchange. Its keys are named, never written: a file that is shown to somebody holds none.

use crate::kinds::{Label, Secret, whole, word, words};
use crate::reference::Reference;
use crate::section::section;

words! {
    /// How positions of opposite sides live together.
    pub enum Positions {
        /// One net position: for one bot.
        OneWay = "one_way",
        /// Long and short at once: needed where several bots share the account.
        Hedge = "hedge",
    }
}

words! {
    /// What a position can lose.
    pub enum Margin {
        /// Only the margin set aside for it.
        Isolated = "isolated",
        /// The whole account.
        Cross = "cross",
    }
}

section! {
    /// An account at the exchange.
    pub struct Account {
        /// What bots, shards and lists call it.
        name: String = Label { chars_max: 32 }, required "\"main\"", restart;
        /// Its number in the journal, unique and for good; unset: the lowest free one in the order of the file.
        number: Option<u16> = whole(1, 9_999), unset "1", restart;
        /// Where the API key is. Needed in demo and live trading.
        key: Option<Reference> = Secret, unset "\"env:EXCHANGE_API_KEY\"", restart;
        /// Where the API secret is. Needed in demo and live trading.
        secret: Option<Reference> = Secret, unset "\"env:EXCHANGE_API_SECRET\"", restart;
        /// Where the API passphrase is. Needed in demo and live trading.
        passphrase: Option<Reference> = Secret, unset "\"env:EXCHANGE_API_PASSPHRASE\"", restart;
        /// How the account is set at the exchange: it is compared at start, never switched.
        position_mode: Positions = word(), default "\"hedge\"", restart;
        /// How the account is set at the exchange: it is compared at start, never switched.
        margin_mode: Margin = word(), default "\"isolated\"", restart;
        /// Leverage of account and symbol, as set at the exchange: it is compared at start, never switched. A bot's own leverage only bounds its margin.
        leverage: u16 = whole(1, 125), default "10", restart;
    }
}
