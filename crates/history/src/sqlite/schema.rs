//! The file's tables, version by version.
//!
//! It refuses a file of somebody else, and one that a later omega wrote. A step is whole or did not happen, and says so in
//! `user_version`; steps that were once taken by anybody are never changed again.

use super::bad;
use crate::bad::BadStore;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// `OMGH`: by this the `file` tool and we know what it is.
const APPLICATION_ID: u32 = 0x4f4d_4748;

/// What is done for each version, the first one from nothing.
const STEPS: [&str; crate::VERSION as usize] =
    [include_str!("../../schema/1.sql"), include_str!("../../schema/2.sql")];

/// Of which version the file is; nothing for an empty one.
pub(super) fn version(connection: &Connection, file: &Path) -> Result<Option<u32>, BadStore> {
    let ask =
        |sql| connection.query_row(sql, [], |row| row.get::<_, u32>(0)).map_err(|error| bad(file, error));
    let (tables, id) = (ask("SELECT count(*) FROM sqlite_schema")?, ask("PRAGMA application_id")?);
    if (tables, id) == (0, 0) {
        return Ok(None);
    }
    let version = ask("PRAGMA user_version")?;
    match version {
        _ if id != APPLICATION_ID || version == 0 => Err(BadStore::NotOurs(file.display().to_string())),
        found if found > crate::VERSION => Err(BadStore::Newer { found, known: crate::VERSION }),
        found => Ok(Some(found)),
    }
}

/// Takes the steps that are missing. Two that begin at once take them one after the other, and the second has none left.
pub(super) fn bring_up(connection: &mut Connection, file: &Path) -> Result<(), BadStore> {
    let failed = |error| bad(file, error);
    loop {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let taken = version(&transaction, file)?.unwrap_or(0);
        let Some(step) = STEPS.get(taken as usize) else { return Ok(()) };
        transaction.execute_batch(step).map_err(failed)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        transaction.pragma_update(None, "user_version", taken + 1).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Type;
    use crate::columns::columns;
    use control::record::Kind;
    use std::collections::BTreeSet;

    #[test]
    fn the_tables_have_the_columns_of_the_list() {
        let mut connection = Connection::open_in_memory().expect("a database in memory");
        bring_up(&mut connection, Path::new("memory")).expect("it takes the steps");
        for kind in Kind::ALL {
            let mut ask =
                connection.prepare("SELECT name, type FROM pragma_table_info(?1)").expect("a statement");
            let rows = ask.query_map([kind.name()], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
            let found: BTreeSet<(String, String)> = rows.map(|row| row.expect("a row")).collect();
            let listed = columns(kind).iter().map(|column| {
                let is = match column.is {
                    Type::Text => "TEXT",
                    Type::Real => "REAL",
                    Type::Whole | Type::Money | Type::Time | Type::Truth => "INTEGER",
                };
                (column.stored.to_owned(), is.to_owned())
            });
            let own =
                [("key", "TEXT"), ("sealed", "BLOB")].map(|(name, is)| (name.to_owned(), is.to_owned()));
            assert_eq!(found, listed.chain(own).collect(), "{kind:?}");
        }
    }
}
