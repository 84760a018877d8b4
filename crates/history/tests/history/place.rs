//! Where a store keeps what it keeps, as the contract needs it: opened again and again, and tampered with.

use history::{BadStore, Kind, Store};

pub trait Place: Sync {
    /// Opens it for keeping, with the key of this number.
    fn open(&self, key: Option<u8>) -> Result<Box<dyn Store>, BadStore>;
    /// Opens it for looking.
    fn look(&self, key: Option<u8>) -> Result<Box<dyn Store>, BadStore>;
    /// From now on the store itself refuses trades of this bot.
    fn refuse(&self, bot: &str);
    /// Says that it was written by this version.
    fn set_version(&self, version: u32);
    /// Exchanges what is sealed in two rows.
    fn exchange_seals(&self, kind: Kind, keys: [&str; 2]);
    /// Everything it holds, as its own tool shows it.
    fn raw(&self) -> String;
}
