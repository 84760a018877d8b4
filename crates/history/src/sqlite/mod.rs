//! The history in a file of this machine: SQLite, which anybody can look into with the `sqlite3` tool.
//!
//! A write-ahead log with `synchronous = FULL`: every batch is flushed to the disk before `keep` returns. One writes at a time,
//! any number read beside it and see whole batches. It refuses to share a file between machines: SQLite's locks do not cross a
//! network's file system.

mod schema;

use crate::bad::BadStore;
use crate::cell::{Cell, Column, Type};
use crate::columns::columns;
use crate::query::{Order, Page, Query};
use crate::row::{Stored, pack, unpack};
use crate::seal::{CHECK, Seal, agree};
use crate::store::{Kept, Store};
use control::record::{Kind, Record};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// So long another writer is waited for.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// A history in a file.
pub struct Sqlite {
    connection: Connection,
    file: PathBuf,
    seal: Option<Box<dyn Seal>>,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("file", &self.file).field("sealed", &self.seal.is_some()).finish()
    }
}

impl Sqlite {
    /// Opens the file for keeping, makes it if there is none, and brings an older one up to this version.
    pub fn open(file: &Path, seal: Option<Box<dyn Seal>>) -> Result<Sqlite, BadStore> {
        private(file).map_err(|error| BadStore::Away(format!("{}: {error}", file.display())))?;
        let mut connection = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let failed = |error| bad(file, error);
        let wal = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        if wal.map_err(failed)? != "wal" {
            return Err(BadStore::Away(format!(
                "{} is on a disk that takes no write-ahead log",
                file.display()
            )));
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        schema::bring_up(&mut connection, file)?;
        let store = Sqlite { connection, file: file.into(), seal };
        store.agree_on_the_seal()?;
        Ok(store)
    }

    /// Opens the file for looking only: nothing is written, no older one is brought up, and a writer is not in the way.
    pub fn look(file: &Path, seal: Option<Box<dyn Seal>>) -> Result<Sqlite, BadStore> {
        if !file.is_file() {
            return Err(BadStore::NotOurs(file.display().to_string()));
        }
        let connection = connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        match schema::version(&connection, file)? {
            Some(crate::VERSION) => Ok(Sqlite { connection, file: file.into(), seal }),
            Some(found) => Err(BadStore::Older { found, known: crate::VERSION }),
            None => Err(BadStore::NotOurs(file.display().to_string())),
        }
    }

    /// Brings a file up to this version, sealed or not: of which version it was, and is.
    pub fn migrate(file: &Path) -> Result<(u32, u32), BadStore> {
        if !file.is_file() {
            return Err(BadStore::NotOurs(file.display().to_string()));
        }
        let mut connection = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let Some(found) = schema::version(&connection, file)? else {
            return Err(BadStore::NotOurs(file.display().to_string()));
        };
        connection.pragma_update(None, "synchronous", "FULL").map_err(|error| bad(file, error))?;
        schema::bring_up(&mut connection, file)?;
        Ok((found, crate::VERSION))
    }

    /// How it is kept: the mode of its log, and how far a commit is flushed (2 is `FULL`).
    pub fn durability(&self) -> Result<(String, i64), BadStore> {
        let ask = |sql| self.connection.query_row(sql, [], |row| row.get::<_, Value>(0));
        let answers = ask("PRAGMA journal_mode").and_then(|mode| Ok((mode, ask("PRAGMA synchronous")?)));
        match answers.map_err(|error| bad(&self.file, error))? {
            (Value::Text(mode), Value::Integer(synchronous)) => Ok((mode, synchronous)),
            other => Err(BadStore::Damaged(format!("{other:?}"))),
        }
    }

    /// Of two that come with a first key at once, one is first.
    fn agree_on_the_seal(&self) -> Result<(), BadStore> {
        let failed = |error| bad(&self.file, error);
        let seal = self.seal.as_deref();
        let first = || {
            let read =
                self.connection.query_row("SELECT sealed FROM seal", [], |row| row.get::<_, Vec<u8>>(0));
            read.optional().map_err(failed)
        };
        let mut found = first()?;
        if let (None, Some(seal)) = (&found, seal) {
            let put = "INSERT INTO seal (only, sealed) VALUES (1, ?1) ON CONFLICT DO NOTHING";
            self.connection.execute(put, [seal.seal(CHECK, CHECK)]).map_err(failed)?;
            found = first()?;
        }
        agree(found.as_deref(), seal, || self.file.display().to_string())
    }
}

/// Makes the file, if there is none, readable by its owner only; its log takes over these rights.
fn private(file: &Path) -> std::io::Result<()> {
    let mut how = std::fs::OpenOptions::new();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    match how.open(file) {
        Ok(made) => {
            made.sync_all()?;
            let folder =
                file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            std::fs::File::open(folder)?.sync_all()
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn connect(file: &Path, flags: OpenFlags) -> Result<Connection, BadStore> {
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = connection.map_err(|error| bad(file, error))?;
    connection.busy_timeout(BUSY_WAIT).map_err(|error| bad(file, error))?;
    Ok(connection)
}

fn bad(file: &Path, error: rusqlite::Error) -> BadStore {
    let said = format!("{}: {error}", file.display());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => BadStore::NotOurs(file.display().to_string()),
        Some(ErrorCode::DatabaseCorrupt) => BadStore::Damaged(said),
        _ => BadStore::Away(said),
    }
}

impl rusqlite::ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Cell::Nothing => ToSqlOutput::Borrowed(ValueRef::Null),
            Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Cell::Whole(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Cell::Real(real) => ToSqlOutput::Owned(Value::Real(*real)),
            Cell::Truth(truth) => ToSqlOutput::Owned(Value::Integer(i64::from(*truth))),
        })
    }
}

/// What stands in a column, or nothing that fits it: `unpack` then says which row that is.
fn cell(value: ValueRef<'_>, column: &Column) -> Cell {
    match (value, column.is) {
        (ValueRef::Integer(0 | 1), Type::Truth) => Cell::Truth(value == ValueRef::Integer(1)),
        (ValueRef::Integer(number), _) => Cell::Whole(number),
        (ValueRef::Real(real), _) => Cell::Real(real),
        (ValueRef::Text(text), _) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        (ValueRef::Null | ValueRef::Blob(_), _) => Cell::Nothing,
    }
}

fn stored(row: &rusqlite::Row<'_>, kind: Kind) -> rusqlite::Result<Stored> {
    let columns = columns(kind);
    let cells = columns.iter().enumerate().map(|(at, column)| Ok(cell(row.get_ref(at + 2)?, column)));
    Ok(Stored { key: row.get(0)?, sealed: row.get(1)?, cells: cells.collect::<rusqlite::Result<_>>()? })
}

fn when(kind: Kind) -> &'static str {
    columns(kind).iter().find(|column| column.is_when()).expect("each kind has a time to go by").stored
}

/// `key, sealed` and the columns in their order.
fn names(kind: Kind) -> String {
    let names: Vec<&str> =
        ["key", "sealed"].into_iter().chain(columns(kind).iter().map(|c| c.stored)).collect();
    names.join(", ")
}

fn insertion(kind: Kind) -> String {
    let places: Vec<String> = (1..=columns(kind).len() + 2).map(|place| format!("?{place}")).collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (key) DO NOTHING",
        kind.name(),
        names(kind),
        places.join(", ")
    )
}

/// Puts a row in; whether it is new.
fn put(insert: &mut rusqlite::Statement<'_>, row: &Stored) -> rusqlite::Result<bool> {
    let head: [&dyn rusqlite::ToSql; 2] = [&row.key, &row.sealed];
    let cells = row.cells.iter().map(|cell| cell as &dyn rusqlite::ToSql);
    insert.execute(rusqlite::params_from_iter(head.into_iter().chain(cells))).map(|rows| rows == 1)
}

fn of_key(connection: &Connection, kind: Kind, key: &str) -> rusqlite::Result<Stored> {
    let sql = format!("SELECT {} FROM {} WHERE key = ?1", names(kind), kind.name());
    connection.query_row(&sql, [key], |row| stored(row, kind))
}

/// The statement of a page, and what belongs into its places.
fn selection(query: &Query) -> (String, Vec<Value>) {
    let (kind, when) = (query.kind, when(query.kind));
    let mut conditions: Vec<String> = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut place = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    for (name, value) in query.said() {
        conditions.push(format!("{name} = {}", place(value.to_owned().into())));
    }
    if let Some(from) = query.from {
        conditions.push(format!("{when} >= {}", place(from.0.into())));
    }
    if let Some(to) = query.to {
        conditions.push(format!("{when} < {}", place(to.0.into())));
    }
    let (beyond, order) = match query.order {
        Order::NewestFirst => ("<", "DESC"),
        Order::OldestFirst => (">", "ASC"),
    };
    if let Some(after) = &query.after {
        let (at, key) = (place(after.at.0.into()), place(after.key.clone().into()));
        conditions.push(format!("({when}, key) {beyond} ({at}, {key})"));
    }
    let rows_max = place(Value::Integer(query.rows_max as i64 + 1));
    let filter =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let sql = format!(
        "SELECT {} FROM {} {filter} ORDER BY {when} {order}, key {order} LIMIT {rows_max}",
        names(kind),
        kind.name()
    );
    (sql, values)
}

impl Store for Sqlite {
    fn keep(&mut self, records: &[Record]) -> Result<Kept, BadStore> {
        let seal = self.seal.as_deref();
        let packed: Vec<Stored> =
            records.iter().map(|record| pack(record, seal)).collect::<Result<_, _>>()?;
        let failed = |error| bad(&self.file, error);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut kept = Kept::default();
        for kind in Kind::ALL {
            let rows = records.iter().zip(&packed).filter(|(record, _)| record.kind() == kind);
            let mut rows = rows.peekable();
            if rows.peek().is_none() {
                continue;
            }
            let mut insert = transaction.prepare(&insertion(kind)).map_err(failed)?;
            for (record, packed) in rows {
                if put(&mut insert, packed).map_err(failed)? {
                    kept.added += 1;
                    continue;
                }
                let there = of_key(&transaction, kind, &packed.key).map_err(failed)?;
                kept.repeated += 1;
                kept.contradicted += usize::from(unpack(kind, there, seal)? != *record);
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(kept)
    }

    fn read(&mut self, query: &Query) -> Result<Page, BadStore> {
        query.check()?;
        let failed = |error| bad(&self.file, error);
        let (sql, values) = selection(query);
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(failed)?;
        let mut records = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let stored = stored(row, query.kind).map_err(failed)?;
            records.push(unpack(query.kind, stored, self.seal.as_deref())?);
        }
        Ok(Page::of(records, query.rows_max))
    }
}
