//! A row on its way into a store and back: checked, and sealed where there is a key.
//!
//! It refuses what not every store would give back bit by bit.

use crate::bad::{BadRecord, BadStore};
use crate::cell::{Cell, Type};
use crate::columns::{cells, columns, record};
use crate::seal::{Seal, bound};
use control::record::{Kind, Record};

/// The longest row, in bytes of text.
pub const RECORD_BYTES_MAX: usize = 64 << 10;

/// 9999-12-31T23:59:59.999Z.
const TIME_MS_MAX: i64 = 253_402_300_799_999;

/// Of what is inside a seal: a record's JSON, as of `VERSION` 2.
const LAYOUT: u8 = 2;

/// A row as a store holds it.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) key: String,
    pub(crate) cells: Vec<Cell>,
    pub(crate) sealed: Option<Vec<u8>>,
}

/// Whether a record can be kept.
pub fn check(record: &Record) -> Result<(), BadRecord> {
    checked(&record.key(), record.kind(), &cells(record))
}

fn checked(key: &str, kind: Kind, cells: &[Cell]) -> Result<(), BadRecord> {
    let mut bytes = key.len();
    for (column, cell) in columns(kind).iter().zip(cells) {
        let out_of_range =
            |value: String| BadRecord::OutOfRange { key: key.to_owned(), column: column.name, value };
        match cell {
            Cell::Text(text) if text.contains('\0') => {
                return Err(BadRecord::Nul { key: key.to_owned(), column: column.name });
            }
            Cell::Text(text) => bytes += text.len(),
            Cell::Real(real) if !real.is_finite() => return Err(out_of_range(real.to_string())),
            Cell::Whole(number) if column.is == Type::Time && !(0..=TIME_MS_MAX).contains(number) => {
                return Err(out_of_range(number.to_string()));
            }
            // The one whole number without a positive twin, and what a count beyond 63 bits was turned into.
            Cell::Whole(i64::MIN) => return Err(out_of_range("beyond 64 bits".to_owned())),
            _ => {}
        }
    }
    if bytes > RECORD_BYTES_MAX { Err(BadRecord::TooLong { key: key.to_owned(), bytes }) } else { Ok(()) }
}

/// A record as it is put into a store.
pub(crate) fn pack(record: &Record, seal: Option<&dyn Seal>) -> Result<Stored, BadStore> {
    let (key, kind, mut cells) = (record.key(), record.kind(), cells(record));
    checked(&key, kind, &cells)?;
    let Some(seal) = seal else { return Ok(Stored { key, cells, sealed: None }) };
    let mut plain = vec![LAYOUT];
    serde_json::to_writer(&mut plain, record)
        .expect("a record is text, numbers and nothing that JSON refuses");
    let sealed = seal.seal(&bound(kind, &key, &cells), &plain);
    for (column, cell) in columns(kind).iter().zip(&mut cells) {
        if !column.stays_readable() {
            *cell = Cell::Nothing;
        }
    }
    Ok(Stored { key, cells, sealed: Some(sealed) })
}

/// The record of what came out of a store.
pub(crate) fn unpack(kind: Kind, stored: Stored, seal: Option<&dyn Seal>) -> Result<Record, BadStore> {
    let Stored { key, cells, sealed } = stored;
    let unreadable = |key: String, why: String| BadStore::Unreadable { key, why };
    let found = match sealed {
        None => match record(kind, cells) {
            Ok(found) => found,
            Err(column) => return Err(unreadable(key, format!("{column} does not fit"))),
        },
        Some(sealed) => {
            let Some(seal) = seal else { return Err(BadStore::KeyMissing(key)) };
            let Some(plain) = seal.open(&bound(kind, &key, &cells), &sealed) else {
                return Err(BadStore::WrongKey(key));
            };
            match plain.split_first() {
                Some((&LAYOUT, json)) => match serde_json::from_slice(json) {
                    Ok(found) => found,
                    // What serde says may quote what was sealed.
                    Err(_) => return Err(unreadable(key, "what was sealed is no record".to_owned())),
                },
                _ => return Err(unreadable(key, "it was sealed by another version".to_owned())),
            }
        }
    };
    if found.kind() == kind && found.key() == key {
        Ok(found)
    } else {
        Err(unreadable(key, "it is another row".to_owned()))
    }
}
