//! How rows are sealed, as far as this crate knows: somebody who seals, and what is bound into a seal.
//!
//! It refuses to know a cipher or a key. What of a row stays readable is `Column::stays_readable`, and all of it is bound into
//! the seal: a payload that is laid under another row, bot, mode or instant does not open there.

use crate::bad::BadStore;
use crate::cell::Cell;
use crate::columns::columns;
use control::record::Kind;

/// Somebody who seals: authenticated encryption with associated data, a fresh nonce each time, all of it in what comes out.
pub trait Seal: Send {
    /// Seals a text together with what it belongs to.
    fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8>;
    /// Opens it; nothing if the key, the text or what it belongs to is another.
    fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;
}

/// What is sealed once in each store, so that a wrong key is known before anything is written with it.
pub(crate) const CHECK: &[u8] = b"omega history";

/// What a row's seal is bound to: its key, its kind, and every cell that stays readable.
pub(crate) fn bound(kind: Kind, key: &str, cells: &[Cell]) -> Vec<u8> {
    let mut bound = b"omega history row 1".to_vec();
    let mut add = |bytes: &[u8]| {
        bound.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        bound.extend_from_slice(bytes);
    };
    add(kind.name().as_bytes());
    add(key.as_bytes());
    for (column, cell) in columns(kind).iter().zip(cells).filter(|(column, _)| column.stays_readable()) {
        add(column.name.as_bytes());
        match cell {
            Cell::Text(text) => add(text.as_bytes()),
            Cell::Whole(number) => add(&number.to_be_bytes()),
            Cell::Nothing | Cell::Real(_) | Cell::Truth(_) => add(b""),
        }
    }
    bound
}

/// Whether this is the key that the store was sealed with, by what was sealed there first. A store that was ever sealed is
/// written with that key or not at all.
pub(crate) fn agree(
    first: Option<&[u8]>,
    seal: Option<&dyn Seal>,
    store: impl FnOnce() -> String,
) -> Result<(), BadStore> {
    match (first, seal) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(BadStore::KeyMissing(store())),
        (Some(first), Some(seal)) => match seal.open(CHECK, first) {
            Some(plain) if plain == CHECK => Ok(()),
            _ => Err(BadStore::WrongKey(store())),
        },
    }
}
