//! The contract on a file, and what only a file can suffer.

use crate::Folder;
use crate::contract::{CASES, all, everything};
use crate::place::Place;
use crate::sample::{rows, trades};
use crate::sealing::Cipher;
use control::record::{Kind, Record};
use history::{BadStore, Order, Query, Sqlite, Store};
use proptest::prelude::*;
use rusqlite::Connection;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

struct File(Folder);

impl File {
    fn new() -> File {
        File(Folder::new())
    }

    fn path(&self) -> PathBuf {
        self.0.0.join("history.db")
    }

    fn tool(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

impl Place for File {
    fn open(&self, key: Option<u8>) -> Result<Box<dyn Store>, BadStore> {
        Sqlite::open(&self.path(), key.map(Cipher::boxed)).map(|store| Box::new(store) as Box<dyn Store>)
    }

    fn look(&self, key: Option<u8>) -> Result<Box<dyn Store>, BadStore> {
        Sqlite::look(&self.path(), key.map(Cipher::boxed)).map(|store| Box::new(store) as Box<dyn Store>)
    }

    fn refuse(&self, bot: &str) {
        let trigger = format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON trades WHEN new.bot = '{bot}' BEGIN SELECT RAISE(ABORT, 'refused'); END"
        );
        self.tool().execute_batch(&trigger).unwrap();
    }

    fn set_version(&self, version: u32) {
        self.tool().pragma_update(None, "user_version", version).unwrap();
    }

    fn exchange_seals(&self, kind: Kind, keys: [&str; 2]) {
        let (tool, table) = (self.tool(), kind.name());
        let read = format!("SELECT sealed FROM {table} WHERE key = ?1");
        let sealed = keys.map(|key| tool.query_row(&read, [key], |row| row.get::<_, Vec<u8>>(0)).unwrap());
        let write = format!("UPDATE {table} SET sealed = ?1 WHERE key = ?2");
        for (key, sealed) in keys.into_iter().zip(sealed.iter().rev()) {
            assert_eq!(tool.execute(&write, (sealed, key)).unwrap(), 1);
        }
    }

    fn raw(&self) -> String {
        self.tool().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        String::from_utf8_lossy(&std::fs::read(self.path()).unwrap()).into_owned()
    }
}

#[test]
fn a_file_keeps_the_contract() {
    for (number, says, case) in CASES {
        println!("case {number}: {says}");
        case(&File::new());
    }
}

#[test]
fn every_commit_is_flushed() {
    let file = File::new();
    let store = Sqlite::open(&file.path(), None).unwrap();
    assert_eq!(store.durability().unwrap(), ("wal".to_owned(), 2));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "a history is its owner's business");
    }
}

/// Counts what a child asks of the disk; `strace` is what can see that.
#[test]
fn a_batch_is_flushed_before_it_is_acknowledged() {
    let (file, trace) = (File::new(), Folder::new());
    let trace = trace.0.join("trace");
    let traced = Command::new("strace")
        .args(["-f", "-e", "trace=fsync,fdatasync,write", "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--nocapture"])
        .envs([(CHILDS_FILE, file.path().as_os_str()), (CHILDS_BATCHES, "5".as_ref())])
        .output();
    let Ok(output) = traced else {
        println!("SKIPPED a_batch_is_flushed_before_it_is_acknowledged: strace is not installed");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("ptrace") {
        println!(
            "SKIPPED a_batch_is_flushed_before_it_is_acknowledged: this machine lets nobody trace: {said}"
        );
        return;
    }
    assert!(output.status.success(), "{said}");
    let text = std::fs::read_to_string(&trace).unwrap();
    let (mut flushes, mut acknowledged) = (0, 0);
    for line in text.lines() {
        if line.contains("sync(") {
            flushes += 1;
        } else if line.contains("write(1, \"kept ") {
            assert!(flushes > 0, "a batch was acknowledged that was not flushed:\n{text}");
            (flushes, acknowledged) = (0, acknowledged + 1);
        }
    }
    assert_eq!(acknowledged, 5, "{text}");
}

const CHILD: &str = "sqlite::child_that_is_killed";
const CHILDS_FILE: &str = "OMEGA_TEST_HISTORY";
const CHILDS_BATCHES: &str = "OMEGA_TEST_BATCHES";
const BATCH: u64 = 20;

/// What the tests around it start as a process of its own: keeps batch after batch and says which it has kept. By itself it
/// checks that what it says first is so.
#[test]
fn child_that_is_killed() {
    let given = std::env::var_os(CHILDS_FILE).map(PathBuf::from);
    // Who is killed cleans up nothing, so a child makes no place of its own.
    let alone = given.is_none().then(File::new);
    let batches: u64 = std::env::var(CHILDS_BATCHES).map_or(1, |batches| batches.parse().unwrap());
    let path = given.or_else(|| alone.as_ref().map(File::path)).expect("a place is given, or made");
    let mut store = Sqlite::open(&path, None).unwrap();
    let begin = all(&mut store, Query { rows_max: 10_000, ..Query::of(Kind::Trades) }).len() as u64 / BATCH;
    for batch in begin..begin + batches {
        store.keep(&trades(batch * BATCH, (batch + 1) * BATCH)).unwrap();
        let mut out = std::io::stdout().lock();
        out.write_all(format!("kept {batch}\n").as_bytes()).unwrap();
        out.flush().unwrap();
    }
    let found =
        all(&mut store, Query { rows_max: 10_000, order: Order::OldestFirst, ..Query::of(Kind::Trades) });
    assert_eq!(found, trades(0, (begin + batches) * BATCH));
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let file = File::new();
    let mut acknowledged = 0;
    for life in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD, "--nocapture"])
            .envs([(CHILDS_FILE, file.path().as_os_str()), (CHILDS_BATCHES, "1000000".as_ref())])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Each life is killed somewhere else: after some batches, and some microseconds into the next.
        let heard =
            |line: std::io::Result<String>| line.unwrap().strip_prefix("kept ").map(|n| n.parse().unwrap());
        let seen: Vec<u64> = lines.by_ref().filter_map(heard).take(1 + life * 5 % 17).collect();
        std::thread::sleep(std::time::Duration::from_micros(137 * life as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said while it was being killed counts too.
        let last = lines.filter_map(heard).last().or(seen.last().copied()).unwrap();
        assert!(last >= acknowledged, "life {life} began again at {last}, not at {acknowledged}");
        acknowledged = last + 1;
        let mut store = Sqlite::look(&file.path(), None).unwrap();
        let found =
            all(&mut store, Query { rows_max: 10_000, order: Order::OldestFirst, ..Query::of(Kind::Trades) });
        assert!(
            found.len() as u64 >= acknowledged * BATCH,
            "life {life}: {} rows of {acknowledged} batches",
            found.len()
        );
        assert_eq!(found.len() as u64 % BATCH, 0, "life {life}: a batch is whole");
        assert_eq!(found, trades(0, found.len() as u64), "life {life}");
        // A batch that was kept but not told belongs to the next life's beginning.
        acknowledged = found.len() as u64 / BATCH;
    }
}

#[test]
fn a_file_of_version_1_is_brought_up_step_by_step() {
    let file = File::new();
    let dump = include_str!("../version-1.sql");
    file.tool().execute_batch(dump).unwrap();
    let refused = Sqlite::look(&file.path(), None).err().unwrap();
    assert!(matches!(refused, BadStore::Older { found: 1, known: 2 }), "{refused:?}");
    let mut store = Sqlite::open(&file.path(), None).unwrap();
    let trades = all(&mut store, Query { order: Order::OldestFirst, ..Query::of(Kind::Trades) });
    assert_eq!(trades, crate::sample::trades(1, 4), "what it held is what it held");
    let modes = |kind, store: &mut Sqlite| -> Vec<String> {
        let found = all(store, Query { order: Order::OldestFirst, ..Query::of(kind) });
        found
            .into_iter()
            .map(|record| match record {
                Record::Session(row) => format!("{} {}", row.shard, row.mode),
                Record::Equity(row) => format!("{} {} {}", row.shard, row.mode, row.equity),
                other => panic!("{other:?}"),
            })
            .collect()
    };
    assert_eq!(modes(Kind::Sessions, &mut store), ["main paper", "idle unknown"]);
    assert_eq!(modes(Kind::Equity, &mut store), ["main paper 10000.000001"]);
    let before = everything(&mut store);
    store.keep(&rows(30)).unwrap();
    drop(store);
    let mut again = Sqlite::open(&file.path(), None).unwrap();
    assert!(everything(&mut again).len() > before.len());
    // From now on it may be sealed as well.
    drop(again);
    Sqlite::open(&file.path(), Some(Cipher::boxed(1))).unwrap().keep(&rows(40)).unwrap();
}

#[test]
fn what_is_no_history_is_left_as_it_is() {
    let file = File::new();
    let refused = |what: &str| {
        let before = std::fs::read(file.path()).unwrap();
        let opened = [Sqlite::open(&file.path(), None), Sqlite::look(&file.path(), None)];
        for refused in opened.map(|opened| opened.err().unwrap()) {
            assert!(matches!(refused, BadStore::NotOurs(_)), "{what}: {refused:?}");
        }
        assert_eq!(std::fs::read(file.path()).unwrap(), before, "{what}");
    };
    assert!(matches!(Sqlite::look(&file.path(), None), Err(BadStore::NotOurs(_))), "there is none");
    std::fs::write(file.path(), "time,price\n".repeat(1_000)).unwrap();
    refused("a text");
    std::fs::remove_file(file.path()).unwrap();
    let _ = std::fs::remove_file(file.0.0.join("history.db-wal"));
    file.tool()
        .execute_batch(
            "PRAGMA journal_mode = WAL; CREATE TABLE songs (name TEXT); PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .unwrap();
    refused("somebody's songs");
    let nowhere = Sqlite::open(Path::new("/nonexistent/history.db"), None);
    assert!(matches!(nowhere, Err(BadStore::Away(_))), "{nowhere:?}");
}

#[test]
fn the_sqlite3_tool_reads_it() {
    let file = File::new();
    Sqlite::open(&file.path(), None).unwrap().keep(&rows(30)).unwrap();
    let sql = "SELECT count(*), sum(net_micro_usdt), min(typeof(net_micro_usdt)) FROM trades";
    let asked = Command::new("sqlite3").arg(file.path()).arg(sql).output();
    let Ok(output) = asked else {
        println!("SKIPPED the_sqlite3_tool_reads_it: sqlite3 is not installed");
        return;
    };
    let net = |record: &Record| if let Record::Trade(trade) = record { trade.net.0.0 } else { 0 };
    let sum: i64 = rows(30).iter().map(net).sum();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("30|{sum}|integer\n"), "{output:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is kept in whatever pieces, order and number of times, with and without a key: the same rows come out.
    #[test]
    fn any_sequence_of_keeps_with_repeats_gives_the_same(
        picks in prop::collection::vec((prop::collection::vec(0_usize..48, 0..20), any::<bool>()), 1..12),
    ) {
        let (messy, tidy) = (File::new(), File::new());
        let pool = rows(12);
        let mut is_sealed = false;
        for (pick, seals) in &picks {
            // Once there is a key there is one.
            is_sealed |= seals;
            let batch: Vec<Record> = pick.iter().map(|&at| pool[at].clone()).collect();
            messy.open(is_sealed.then_some(1)).unwrap().keep(&batch).unwrap();
        }
        let wanted: std::collections::BTreeSet<usize> = picks.iter().flat_map(|(pick, _)| pick.iter().copied()).collect();
        let once: Vec<Record> = wanted.iter().map(|&at| pool[at].clone()).collect();
        tidy.open(None).unwrap().keep(&once).unwrap();
        prop_assert_eq!(
            everything(&mut *messy.look(Some(1)).unwrap()),
            everything(&mut *tidy.look(None).unwrap())
        );
    }
}
