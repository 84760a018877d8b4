//! Rows kept a second, by the batch, beside bare inserts of the same cells into the same table in the same run.
//!
//! Both write to the same disk with the same log and the same flushes, in turn, so what differs is ours: the keys, the checks,
//! the statements, the seal.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops when it cannot measure"
)]

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use control::Amount;
use control::record::{Record, TradeRecord};
use history::writer::{Pace, Writer};
use history::{Cell, Kind, Order, Period, Query, Seal, Sqlite, Store, cells};
use model::Usd;
use rusqlite::types::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A seal that is a real one; its nonces are counted, for this is no secret.
struct Cipher(XChaCha20Poly1305);

impl Seal for Cipher {
    fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        self.0.encrypt(&XNonce::from([7; 24]), Payload { msg: plain, aad }).unwrap()
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.decrypt(&XNonce::from([7; 24]), Payload { msg: sealed, aad }).ok()
    }
}

fn trade(n: u64) -> Record {
    let amount = |micro: u64| Amount(Usd(micro as i64 - 500_000));
    let text = |text: &str| text.to_owned();
    Record::Trade(TradeRecord {
        shard: text("main"),
        bot: text(["newbie", "scalper", "strategic_btc"][(n % 3) as usize]),
        persona: text("newbie"),
        account: text("main"),
        mode: text("paper"),
        symbol: text("BTCUSDT"),
        side: text("long"),
        entry_order: format!("b3-0-{n}"),
        entered_at: 1_769_900_000_000 + n as i64 * 60_000,
        exited_at: 1_769_900_030_000 + n as i64 * 60_000,
        entry_price: format!("{}.1", 40_000 + n % 1_000),
        exit_price: format!("{}.2", 40_000 + n % 999),
        quantity: text("0.015"),
        stop: Some(text("39000.0")),
        leverage: 5,
        gross: amount(n * 7_919 % 1_000_003),
        fees: amount(600_000),
        funding: amount(500_000),
        net: amount(n * 6_113 % 1_000_003),
        equity_at_entry: amount(10_000_000_000),
        exit_reason: text("take_profit"),
        entry_kind: text("signal"),
        entry_reason: Some(text("the fast average crossed the slow one upwards")),
        mood: text("confident"),
        mistake: false,
    })
}

/// The same cells into the same table, with nothing of ours in between.
struct Bare(rusqlite::Connection);

impl Bare {
    fn open(file: &Path) -> Bare {
        // The table is the store's own, so that both write the same rows and indexes.
        drop(Sqlite::open(file, None).unwrap());
        let connection = rusqlite::Connection::open(file).unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        Bare(connection)
    }

    fn insert(&mut self, rows: &[Vec<Value>]) {
        let places = vec!["?"; rows[0].len()].join(", ");
        let names: Vec<&str> = history::columns(Kind::Trades).iter().map(|column| column.stored).collect();
        let sql = format!("INSERT INTO trades (key, {}) VALUES ({places})", names.join(", "));
        let transaction = self.0.transaction().unwrap();
        let mut insert = transaction.prepare(&sql).unwrap();
        for row in rows {
            insert.execute(rusqlite::params_from_iter(row)).unwrap();
        }
        drop(insert);
        transaction.commit().unwrap();
    }
}

fn values(record: &Record) -> Vec<Value> {
    let value = |cell: Cell| match cell {
        Cell::Nothing => Value::Null,
        Cell::Text(text) => Value::Text(text),
        Cell::Whole(number) => Value::Integer(number),
        Cell::Real(real) => Value::Real(real),
        Cell::Truth(truth) => Value::Integer(i64::from(truth)),
    };
    [Value::Text(record.key())].into_iter().chain(cells(record).into_iter().map(value)).collect()
}

fn rate(rows: usize, took: Duration) -> f64 {
    rows as f64 / took.as_secs_f64()
}

fn timed(act: impl FnOnce()) -> Duration {
    let began = Instant::now();
    act();
    began.elapsed()
}

/// Each batch by one after the other, so that a noisy disk is noisy for all.
fn batches(folder: &Path, batch: usize, rows: usize) {
    let file = |name: &str| folder.join(format!("{name}-{batch}.db"));
    let records: Vec<Record> = (0..rows as u64).map(trade).collect();
    let cells: Vec<Vec<Value>> = records.iter().map(values).collect();
    let cipher = || Box::new(Cipher(XChaCha20Poly1305::new(&[1; 32].into())));
    let mut bare = Bare::open(&file("bare"));
    let mut plain = Sqlite::open(&file("plain"), None).unwrap();
    let mut sealed = Sqlite::open(&file("sealed"), Some(cipher())).unwrap();
    let mut took = [Duration::ZERO; 3];
    for (records, cells) in records.chunks(batch).zip(cells.chunks(batch)) {
        took[0] += timed(|| bare.insert(cells));
        took[1] += timed(|| assert_eq!(plain.keep(records).unwrap().added, records.len()));
        took[2] += timed(|| assert_eq!(sealed.keep(records).unwrap().added, records.len()));
    }
    let [bare, plain, sealed] = took.map(|took| rate(rows, took));
    println!(
        "batches of {batch:>5}: bare {bare:>9.0} rows/s, kept {plain:>9.0} ({:.2}x the time), sealed {sealed:>9.0} ({:.2}x)",
        bare / plain,
        bare / sealed
    );
}

fn reading(folder: &Path, rows: usize) {
    let file = folder.join("plain-1024.db");
    let mut store = Sqlite::look(&file, None).unwrap();
    let took = timed(|| {
        let totals = store.totals(&Query::of(Kind::Trades), Period::Day).unwrap();
        assert_eq!(totals.iter().map(|total| total.trades).sum::<u64>(), rows as u64);
    });
    println!("sums by day over {rows} rows: {:.0} ms", took.as_secs_f64() * 1e3);
    let took = timed(|| {
        let query =
            Query { order: Order::NewestFirst, bot: Some("newbie".to_owned()), ..Query::of(Kind::Trades) };
        assert_eq!(store.read(&query).unwrap().records.len(), 100);
    });
    println!("the last 100 of a bot: {:.2} ms", took.as_secs_f64() * 1e3);
}

fn writing(folder: &Path, rows: usize) {
    let file: PathBuf = folder.join("writer.db");
    let open = move || Sqlite::open(&file, None).map(|store| Box::new(store) as Box<dyn Store>);
    let writer = Writer::start(Box::new(open), Pace::default());
    let records: Vec<Record> = (0..rows as u64).map(trade).collect();
    let took = timed(|| {
        for record in records {
            writer.put(record, Duration::from_secs(60)).unwrap();
        }
        assert_eq!(writer.close(Duration::from_secs(60)).unwrap().rows.added, rows);
    });
    println!("through the writer's thread: {:.0} rows/s", rate(rows, took));
}

fn main() {
    let folder = std::env::temp_dir().join(format!("omega-history-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (batch, rows) in [(1, 500), (32, 8_000), (1_024, 102_400)] {
        batches(&folder, batch, rows);
    }
    reading(&folder, 102_400);
    writing(&folder, 50_000);
    std::fs::remove_dir_all(&folder).unwrap();
}
