//! `omega history export`: rows to a file, by the page, exactly.
//!
//! It refuses to leave half a file, and to hold more than a page of rows at once.

use super::{open, query};
use crate::commands::history::ExportArguments;
use crate::console::Console;
use crate::error::Failure;
use crate::figures;
use crate::json::Json;
use control::Record;
use data::{Field, Holds, TableFormat, Value, whole_or_not, write_table};
use history::{BadStore, Cell, Column, Kind, Order, Query, ROWS_MAX, Sqlite, Store, Type, cells, columns};
use std::io::{self, Write};
use std::path::Path;

/// Decimals of a micro-USDT.
const DECIMALS: u8 = 6;

/// Pages of a history, in the order of time.
struct Pages {
    store: Sqlite,
    query: Query,
    is_over: bool,
}

impl Pages {
    fn next(&mut self) -> Result<Option<Vec<Record>>, BadStore> {
        if self.is_over {
            return Ok(None);
        }
        let page = self.store.read(&self.query)?;
        self.is_over = page.next.is_none();
        self.query.after = page.next;
        Ok(Some(page.records))
    }
}

pub(super) fn execute(arguments: &ExportArguments, console: &Console) -> Result<(), Failure> {
    let query =
        Query { order: Order::OldestFirst, rows_max: ROWS_MAX, ..query(&arguments.chosen, &arguments.kind) };
    let kind = query.kind;
    let pages = Pages { store: open(&arguments.chosen)?, query, is_over: false };
    let rows = match arguments.format.as_str() {
        "csv" => table(&arguments.out, TableFormat::Csv, kind, pages)?,
        "parquet" => table(&arguments.out, TableFormat::Parquet, kind, pages)?,
        _ => json(&arguments.out, pages)?,
    };
    if arguments.json {
        let file = ("file", Json::text(arguments.out.display()));
        return console.print(&Json::object([file, ("rows", Json::tally(rows))]).document());
    }
    console.print(&format!("{} {}: {}\n", figures::count(rows), arguments.kind, arguments.out.display()))
}

fn table(out: &Path, format: TableFormat, kind: Kind, mut pages: Pages) -> Result<u64, Failure> {
    let fields: Vec<Field> = columns(kind).iter().map(field).collect();
    let row = |record: &Record| cells(record).into_iter().map(value).collect();
    write_table(out, format, &fields, || -> Result<_, Failure> {
        Ok(pages.next()?.map(|records| records.iter().map(row).collect()))
    })
}

fn field(column: &Column) -> Field {
    let holds = match column.is {
        Type::Text => Holds::Text,
        Type::Whole => Holds::Whole,
        Type::Money => Holds::Decimal(DECIMALS),
        Type::Time => Holds::Time,
        Type::Real => Holds::Real,
        Type::Truth => Holds::Truth,
    };
    Field { name: column.name, holds, optional: column.optional }
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Nothing => Value::Nothing,
        Cell::Text(text) => Value::Text(text),
        Cell::Whole(number) => Value::Whole(number),
        Cell::Real(real) => Value::Real(real),
        Cell::Truth(truth) => Value::Truth(truth),
    }
}

/// One list, a record a line, as records travel between processes: money is text.
fn json(out: &Path, mut pages: Pages) -> Result<u64, Failure> {
    let (mut rows, mut failed) = (0, None);
    let written = whole_or_not(out, |out| {
        out.write_all(b"[")?;
        while let Some(records) = pages.next().map_err(|error| {
            failed = Some(error);
            io::Error::other("its rows could not be read")
        })? {
            for record in records {
                out.write_all(if rows == 0 { b"\n" } else { b",\n" })?;
                serde_json::to_writer(&mut *out, &record)?;
                rows += 1;
            }
        }
        out.write_all(b"\n]\n")
    });
    match (failed, written) {
        (Some(error), _) => Err(error.into()),
        (None, written) => Ok(written.map(|()| rows)?),
    }
}
