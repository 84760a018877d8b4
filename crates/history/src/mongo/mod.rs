//! The history on a server that many processes share: MongoDB, a collection a kind, `_id` is what a row is known by.
//!
//! A batch is a transaction, read from a snapshot and written to the journal of a majority: so a server must be (a node of) a
//! replica set. Money is a 64-bit integer, and sums are never left to the server, whose `$sum` turns into a double where it
//! overflows. It refuses to show an address, which may hold a password.

mod schema;

use crate::bad::BadStore;
use crate::cell::{Cell, Type};
use crate::columns::columns;
use crate::query::{Order, Page, Query};
use crate::row::{Stored, pack, unpack};
use crate::seal::{CHECK, Seal, agree};
use crate::store::{Kept, Store};
use control::record::{Kind, Record};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};
use mongodb::error::{Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{Acknowledgment, ClientOptions, ReadConcern, WriteConcern};
use mongodb::sync::{Client, ClientSession, Collection, Database};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// So long a server is looked for, and a connection waited for, where the address says nothing else.
const ANSWER_WAIT: Duration = Duration::from_secs(5);
/// So often a batch is tried that another writer was in the way of.
const ATTEMPTS_MAX: u32 = 10;
/// After the first time it is tried again so soon, and each time after so much later.
const ATTEMPT_WAIT: Duration = Duration::from_millis(5);
/// What the server says of an `_id` that is there.
const DUPLICATE_KEY: i32 = 11_000;
/// What it says where it is no replica set.
const ILLEGAL_OPERATION: i32 = 20;

/// Where the history is.
#[derive(Clone)]
pub struct Server {
    /// `mongodb://user:password@host:27017/?replicaSet=rs0`.
    pub address: String,
    /// The name of a database that is the history's alone.
    pub database: String,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("database", &self.database).finish_non_exhaustive()
    }
}

/// A history on a server.
pub struct Mongo {
    client: Client,
    database: Database,
    seal: Option<Box<dyn Seal>>,
}

impl std::fmt::Debug for Mongo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mongo").field("database", &self.database.name()).finish_non_exhaustive()
    }
}

impl Mongo {
    /// Connects for keeping, makes the collections if there are none, and brings older ones up to this version.
    pub fn open(server: &Server, seal: Option<Box<dyn Seal>>) -> Result<Mongo, BadStore> {
        let store = Mongo::connect(server, seal)?;
        schema::bring_up(&store.database)?;
        store.agree_on_the_seal()?;
        Ok(store)
    }

    /// Connects for looking only.
    pub fn look(server: &Server, seal: Option<Box<dyn Seal>>) -> Result<Mongo, BadStore> {
        let store = Mongo::connect(server, seal)?;
        match schema::version(&store.database)? {
            Some(crate::VERSION) => Ok(store),
            Some(found) => Err(BadStore::Older { found, known: crate::VERSION }),
            None => Err(BadStore::NotOurs(format!("the database {}", server.database))),
        }
    }

    fn connect(server: &Server, seal: Option<Box<dyn Seal>>) -> Result<Mongo, BadStore> {
        let mut options = ClientOptions::parse(&server.address).run().map_err(|_| BadStore::NoAddress)?;
        options.app_name = Some("omega".to_owned());
        options.server_selection_timeout.get_or_insert(ANSWER_WAIT);
        options.connect_timeout.get_or_insert(ANSWER_WAIT);
        options.read_concern = Some(ReadConcern::majority());
        options.write_concern = Some(on_disk());
        let client = Client::with_options(options).map_err(|_| BadStore::NoAddress)?;
        let database = client.database(&server.database);
        Ok(Mongo { client, database, seal })
    }

    fn rows(&self, kind: Kind) -> Collection<Document> {
        self.database.collection(kind.name())
    }

    /// Of two that come with a first key at once, one is first.
    fn agree_on_the_seal(&self) -> Result<(), BadStore> {
        let seal = self.seal.as_deref();
        let mut found = schema::seal_check(&self.database)?;
        if let (None, Some(seal)) = (&found, seal) {
            schema::put_seal_check(&self.database, seal.seal(CHECK, CHECK))?;
            found = schema::seal_check(&self.database)?;
        }
        agree(found.as_deref(), seal, || format!("the database {}", self.database.name()))
    }

    fn attempt(&self, records: &[Record], packed: &[Stored]) -> Result<Kept, Failed> {
        let mut session = self.client.start_session().run()?;
        session.start_transaction().read_concern(ReadConcern::snapshot()).write_concern(on_disk()).run()?;
        let mut kept = Kept::default();
        for kind in Kind::ALL {
            let rows: Vec<(&Record, &Stored)> =
                records.iter().zip(packed).filter(|(record, _)| record.kind() == kind).collect();
            if !rows.is_empty() {
                self.attempt_kind(&mut session, kind, &rows, &mut kept)?;
            }
        }
        for _ in 0..ATTEMPTS_MAX {
            match session.commit_transaction().run() {
                Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {}
                done => return done.map(|()| kept).map_err(Failed::from),
            }
        }
        Err(Failed::Store(BadStore::Away("the server does not say whether it has kept a batch".to_owned())))
    }

    /// What is there already stays; the rest is put in.
    fn attempt_kind(
        &self,
        session: &mut ClientSession,
        kind: Kind,
        rows: &[(&Record, &Stored)],
        kept: &mut Kept,
    ) -> Result<(), Failed> {
        let collection = self.rows(kind);
        let keys: BTreeSet<&str> = rows.iter().map(|(_, stored)| stored.key.as_str()).collect();
        let keys: Vec<Bson> = keys.into_iter().map(Bson::from).collect();
        let mut there: BTreeMap<String, Record> = BTreeMap::new();
        let mut found = collection.find(doc! { "_id": { "$in": keys } }).session(&mut *session).run()?;
        for document in found.iter(session) {
            let record =
                unpack(kind, stored(kind, &document?), self.seal.as_deref()).map_err(Failed::Store)?;
            there.insert(record.key(), record);
        }
        let mut fresh = Vec::new();
        for (record, stored) in rows {
            match there.get(&stored.key) {
                Some(first) => {
                    kept.repeated += 1;
                    kept.contradicted += usize::from(first != *record);
                }
                None => {
                    kept.added += 1;
                    fresh.push(document(kind, stored));
                    there.insert(stored.key.clone(), (*record).clone());
                }
            }
        }
        if !fresh.is_empty() {
            collection.insert_many(fresh).session(session).run()?;
        }
        Ok(())
    }
}

/// Why an attempt did not succeed.
enum Failed {
    /// Another writer was in the way: the same again may do.
    InTheWay(String),
    /// Anything else.
    Store(BadStore),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        if error.contains_label(TRANSIENT_TRANSACTION_ERROR) || code(&error) == Some(DUPLICATE_KEY) {
            return Failed::InTheWay(error.kind.to_string());
        }
        Failed::Store(bad(&error))
    }
}

fn on_disk() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build()
}

fn code(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => Some(command.code),
        ErrorKind::InsertMany(failed) => {
            failed.write_errors.as_ref().and_then(|errors| errors.first()).map(|error| error.code)
        }
        _ => None,
    }
}

fn bad(error: &Error) -> BadStore {
    // The kind only: what surrounds it may hold a row.
    let said = error.kind.to_string();
    match code(error) {
        Some(ILLEGAL_OPERATION) => BadStore::NoTransactions(said),
        _ => BadStore::Away(said),
    }
}

fn document(kind: Kind, stored: &Stored) -> Document {
    let mut document = doc! { "_id": &stored.key };
    for (column, cell) in columns(kind).iter().zip(&stored.cells) {
        let value = match cell {
            Cell::Nothing => continue,
            Cell::Text(text) => Bson::String(text.clone()),
            Cell::Whole(number) => Bson::Int64(*number),
            Cell::Real(real) => Bson::Double(*real),
            Cell::Truth(truth) => Bson::Boolean(*truth),
        };
        document.insert(column.stored, value);
    }
    if let Some(sealed) = &stored.sealed {
        document.insert("sealed", Binary { subtype: BinarySubtype::Generic, bytes: sealed.clone() });
    }
    document
}

/// A document's cells; what does not fit its column is nothing, and `unpack` then says which row that is.
fn stored(kind: Kind, document: &Document) -> Stored {
    let cell = |column: &crate::cell::Column| match (document.get(column.stored), column.is) {
        (Some(Bson::String(text)), Type::Text) => Cell::Text(text.clone()),
        (Some(Bson::Int64(number)), Type::Whole | Type::Money | Type::Time) => Cell::Whole(*number),
        (Some(Bson::Double(real)), Type::Real) => Cell::Real(*real),
        (Some(Bson::Boolean(truth)), Type::Truth) => Cell::Truth(*truth),
        _ => Cell::Nothing,
    };
    let sealed = match document.get("sealed") {
        Some(Bson::Binary(binary)) => Some(binary.bytes.clone()),
        _ => None,
    };
    let key = document.get_str("_id").unwrap_or_default().to_owned();
    Stored { key, cells: columns(kind).iter().map(cell).collect(), sealed }
}

/// What a query means to the server.
fn filter(query: &Query, when: &str) -> Document {
    let mut filter = Document::new();
    for (name, value) in query.said() {
        filter.insert(name, doc! { "$eq": value });
    }
    let mut range = Document::new();
    if let Some(from) = query.from {
        range.insert("$gte", from.0);
    }
    if let Some(to) = query.to {
        range.insert("$lt", to.0);
    }
    if !range.is_empty() {
        filter.insert(when, range);
    }
    if let Some(after) = &query.after {
        let beyond = if query.order == Order::NewestFirst { "$lt" } else { "$gt" };
        let later = doc! { when: { beyond: after.at.0 } };
        let same = doc! { when: after.at.0, "_id": { beyond: &after.key } };
        filter.insert("$or", vec![later, same]);
    }
    filter
}

impl Store for Mongo {
    fn keep(&mut self, records: &[Record]) -> Result<Kept, BadStore> {
        let seal = self.seal.as_deref();
        let packed: Vec<Stored> =
            records.iter().map(|record| pack(record, seal)).collect::<Result<_, _>>()?;
        if packed.is_empty() {
            return Ok(Kept::default());
        }
        let mut why = String::new();
        for attempt in 0..ATTEMPTS_MAX {
            std::thread::sleep(ATTEMPT_WAIT * attempt);
            match self.attempt(records, &packed) {
                Ok(kept) => return Ok(kept),
                Err(Failed::InTheWay(said)) => why = said,
                Err(Failed::Store(error)) => return Err(error),
            }
        }
        Err(BadStore::Away(why))
    }

    fn read(&mut self, query: &Query) -> Result<Page, BadStore> {
        query.check()?;
        let when = columns(query.kind).iter().find(|column| column.is_when());
        let when = when.expect("each kind has a time to go by").stored;
        let way = if query.order == Order::NewestFirst { -1 } else { 1 };
        let found = self
            .rows(query.kind)
            .find(filter(query, when))
            .sort(doc! { when: way, "_id": way })
            .limit(query.rows_max as i64 + 1)
            .run()
            .map_err(|error| bad(&error))?;
        let mut records = Vec::new();
        for document in found {
            let document = document.map_err(|error| bad(&error))?;
            records.push(unpack(query.kind, stored(query.kind, &document), self.seal.as_deref())?);
        }
        Ok(Page::of(records, query.rows_max))
    }
}
