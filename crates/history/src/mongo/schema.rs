//! The server's collections, version by version.
//!
//! It refuses a database that a later omega wrote. A step may be taken twice without harm, because a server takes none whole;
//! that it was taken is written last.

use super::bad;
use crate::bad::BadStore;
use crate::columns::columns;
use control::record::Kind;
use mongodb::IndexModel;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};
use mongodb::error::Error;
use mongodb::sync::{Collection, Database};

/// Where version and seal stand.
const ABOUT: &str = "about";

fn about(database: &Database) -> Collection<Document> {
    database.collection(ABOUT)
}

/// Of which version the database is; nothing for an empty one, or one whose making was cut short.
pub(super) fn version(database: &Database) -> Result<Option<u32>, BadStore> {
    let found = about(database).find_one(doc! { "_id": "version" }).run().map_err(|error| bad(&error))?;
    let Some(document) = found else {
        let names = database.list_collection_names().run().map_err(|error| bad(&error))?;
        let is_ours = |name: &String| name == ABOUT || Kind::from_name(name).is_some();
        return match names.iter().all(is_ours) {
            true => Ok(None),
            false => Err(BadStore::NotOurs(format!("the database {}", database.name()))),
        };
    };
    let number = match document.get("version") {
        Some(Bson::Int32(number)) => u32::try_from(*number).ok(),
        Some(Bson::Int64(number)) => u32::try_from(*number).ok(),
        _ => None,
    };
    match number {
        None | Some(0) => Err(BadStore::NotOurs(format!("the database {}", database.name()))),
        Some(found) if found > crate::VERSION => Err(BadStore::Newer { found, known: crate::VERSION }),
        found => Ok(found),
    }
}

/// Takes the steps that are missing.
pub(super) fn bring_up(database: &Database) -> Result<(), BadStore> {
    let step = match version(database)? {
        Some(crate::VERSION) => return Ok(()),
        Some(1) => to_version_2(database),
        _ => make(database),
    };
    step.and_then(|()| say(database)).map_err(|error| bad(&error))
}

fn say(database: &Database) -> Result<(), Error> {
    let version = doc! { "$set": { "version": i64::from(crate::VERSION) } };
    about(database).update_one(doc! { "_id": "version" }, version).upsert(true).run().map(drop)
}

/// An index makes its collection, outside of any transaction.
fn make(database: &Database) -> Result<(), Error> {
    for kind in Kind::ALL {
        let when =
            columns(kind).iter().find(|column| column.is_when()).expect("each kind has a time to go by");
        let mut indexes = vec![doc! { when.stored: 1, "_id": 1 }];
        if kind != Kind::Audit {
            indexes.push(doc! { "bot": 1, when.stored: 1, "_id": 1 });
        }
        for keys in indexes {
            let index = IndexModel::builder().keys(keys).build();
            database.collection::<Document>(kind.name()).create_index(index).run()?;
        }
    }
    Ok(())
}

/// Sessions and equity know their mode: that of their shard's trades where these agree, else it is not known.
fn to_version_2(database: &Database) -> Result<(), Error> {
    let trades = database.collection::<Document>(Kind::Trades.name());
    for kind in [Kind::Sessions, Kind::Equity] {
        let rows = database.collection::<Document>(kind.name());
        for shard in rows.distinct("shard", doc! { "mode": { "$exists": false } }).run()? {
            let modes = trades.distinct("mode", doc! { "shard": { "$eq": &shard } }).run()?;
            let mode = match &modes[..] {
                [Bson::String(mode)] => mode.as_str(),
                _ => "unknown",
            };
            let without = doc! { "shard": { "$eq": &shard }, "mode": { "$exists": false } };
            rows.update_many(without, doc! { "$set": { "mode": mode } }).run()?;
        }
    }
    Ok(())
}

/// What was sealed once, if anything ever was.
pub(super) fn seal_check(database: &Database) -> Result<Option<Vec<u8>>, BadStore> {
    let found = about(database).find_one(doc! { "_id": "seal" }).run().map_err(|error| bad(&error))?;
    match found.as_ref().map(|document| document.get("sealed")) {
        None => Ok(None),
        Some(Some(Bson::Binary(binary))) => Ok(Some(binary.bytes.clone())),
        Some(_) => Err(BadStore::Damaged(format!("{ABOUT} of the database {}", database.name()))),
    }
}

pub(super) fn put_seal_check(database: &Database, sealed: Vec<u8>) -> Result<(), BadStore> {
    let sealed = Binary { subtype: BinarySubtype::Generic, bytes: sealed };
    let first = doc! { "$setOnInsert": { "sealed": sealed } };
    let put = about(database).update_one(doc! { "_id": "seal" }, first).upsert(true).run();
    put.map(drop).map_err(|error| bad(&error))
}
