//! A bot: who it is, on which account, and its number.
//!
//! The number is in every order id and every line of the journal, so it must never come to mean another bot. Where none is
//! written, bots take the free numbers in the order of the file: then add new bots at the end, or write the numbers down.

use crate::kinds::{Label, Money, PersonaKind, PersonaName, Real, Truth, whole};
use crate::section::section;
use model::Usd;

section! {
    /// A bot.
    pub struct Bot {
        /// What commands, lists and metrics call it.
        name: String = Label { chars_max: 32 }, required "\"strategic_btc\"", restart;
        /// Who trades: a persona of the catalogue, a control, or the path of a profile.
        persona: PersonaName = PersonaKind, required "\"strategic\"", restart;
        /// Its number in order ids and in the journal, unique and for good; unset: the lowest free one in the order of the file.
        number: Option<u16> = whole(1, 9_999), unset "1", restart;
        /// Its account; unset: on paper one of its own, elsewhere the only one there is.
        account: Option<String> = Label { chars_max: 32 }, unset "\"main\"", restart;
        /// What it begins with; unset: farm.capital_usdt.
        capital_usdt: Option<Usd> = Money { min: Usd(10_000_000), max: Usd(1_000_000_000_000_000) }, unset "10000", restart;
        /// Whether it is its persona's calm twin: the same strategy, no psychology.
        calm: bool = Truth, default "false", restart;
        /// The journal and lease it belongs to; unset: as farm.shards says. Bots of one account belong to one shard.
        shard: Option<String> = Label { chars_max: 32 }, unset "\"main\"", restart;
        /// How much of its psychology is felt: 1 is the persona, 0 nothing.
        emotion_gain: f64 = Real { min: 0.0, max: 1.0 }, default "1.0", restart;
        /// How much of sky and readings is felt: 1 is the persona, 0 nothing.
        cosmic_gain: f64 = Real { min: 0.0, max: 1.0 }, default "1.0", restart;
    }
}
