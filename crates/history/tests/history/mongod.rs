//! The contract on a real server, which these tests start and end themselves (`scripts/mongod.sh` has it), and what only a
//! server can do: die, come back, and be no replica set.

use crate::Folder;
use crate::contract::{CASES, all, everything};
use crate::place::Place;
use crate::sample::{rows, trades};
use crate::sealing::Cipher;
use control::record::Kind;
use history::writer::{Pace, Writer};
use history::{BadStore, Mongo, Order, Query, Server, Store};
use mongodb::bson::{Bson, Document, doc};
use mongodb::sync::{Client, Database};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);

/// A server's process; killed when it is dropped.
struct Mongod {
    process: Child,
    port: u16,
    folder: Folder,
    binary: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    Replica,
    Alone,
}

impl Mongod {
    /// Starts one; nothing, loudly, where there is none.
    fn start(test: &str, set: Set) -> Option<Mongod> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/mongod/mongod");
        let binary = std::env::var_os("OMEGA_MONGOD").map_or(own, PathBuf::from);
        if !binary.is_file() {
            println!("SKIPPED {test}: there is no {}; scripts/mongod.sh has it", binary.display());
            return None;
        }
        let folder = Folder::new();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Mongod::spawn(&binary, &folder, port, set);
        let mongod = Mongod { process, port, folder, binary };
        if set == Set::Replica {
            let admin = mongod.client().database("admin");
            let member = doc! { "_id": 0, "host": format!("127.0.0.1:{port}") };
            admin
                .run_command(doc! { "replSetInitiate": { "_id": "rs0", "members": [member] } })
                .run()
                .unwrap();
        }
        mongod.wait();
        Some(mongod)
    }

    fn spawn(binary: &Path, folder: &Folder, port: u16, set: Set) -> Child {
        let mut command = Command::new(binary);
        command.args([
            "--bind_ip",
            "127.0.0.1",
            "--nounixsocket",
            "--wiredTigerCacheSizeGB",
            "0.25",
            "--oplogSize",
            "64",
        ]);
        command.arg("--port").arg(port.to_string()).arg("--dbpath").arg(&folder.0);
        if set == Set::Replica {
            command.args(["--replSet", "rs0"]);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn client(&self) -> Client {
        let address = format!(
            "mongodb://127.0.0.1:{}/?directConnection=true&serverSelectionTimeoutMS=60000",
            self.port
        );
        Client::with_uri_str(address).unwrap()
    }

    /// Until it takes writes.
    fn wait(&self) {
        let end = Instant::now() + SOON;
        let admin = self.client().database("admin");
        while !admin.run_command(doc! { "hello": 1 }).run().unwrap().get_bool("isWritablePrimary").unwrap() {
            assert!(Instant::now() < end, "it does not become the primary");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn restart(&mut self) {
        self.process = Mongod::spawn(&self.binary, &self.folder, self.port, Set::Replica);
        self.wait();
    }

    fn server(&self, database: &str) -> Server {
        let address =
            format!("mongodb://127.0.0.1:{}/?directConnection=true&serverSelectionTimeoutMS=2000", self.port);
        Server { address, database: database.to_owned() }
    }
}

impl Drop for Mongod {
    fn drop(&mut self) {
        let _killed = self.process.kill();
        let _gone = self.process.wait();
    }
}

/// A database of a server.
struct Room {
    server: Server,
    database: Database,
}

impl Room {
    fn of(mongod: &Mongod, name: &str) -> Room {
        Room { server: mongod.server(name), database: mongod.client().database(name) }
    }

    fn rows(&self, kind: Kind) -> mongodb::sync::Collection<Document> {
        self.database.collection(kind.name())
    }
}

impl Place for Room {
    fn open(&self, key: Option<u8>) -> Result<Box<dyn Store>, BadStore> {
        Mongo::open(&self.server, key.map(Cipher::boxed)).map(|store| Box::new(store) as Box<dyn Store>)
    }

    fn look(&self, key: Option<u8>) -> Result<Box<dyn Store>, BadStore> {
        Mongo::look(&self.server, key.map(Cipher::boxed)).map(|store| Box::new(store) as Box<dyn Store>)
    }

    fn refuse(&self, bot: &str) {
        let validator = doc! { "bot": { "$ne": bot } };
        self.database.run_command(doc! { "collMod": "trades", "validator": validator }).run().unwrap();
    }

    fn set_version(&self, version: u32) {
        let about = self.database.collection::<Document>("about");
        let version = doc! { "$set": { "version": i64::from(version) } };
        assert_eq!(about.update_one(doc! { "_id": "version" }, version).run().unwrap().matched_count, 1);
    }

    fn exchange_seals(&self, kind: Kind, keys: [&str; 2]) {
        let sealed = keys.map(|key| {
            let document = self.rows(kind).find_one(doc! { "_id": key }).run().unwrap().unwrap();
            document.get("sealed").unwrap().clone()
        });
        for (key, sealed) in keys.into_iter().zip(sealed.into_iter().rev()) {
            self.rows(kind)
                .update_one(doc! { "_id": key }, doc! { "$set": { "sealed": sealed } })
                .run()
                .unwrap();
        }
    }

    fn raw(&self) -> String {
        let mut raw = String::new();
        for name in self.database.list_collection_names().run().unwrap() {
            for document in self.database.collection::<Document>(&name).find(doc! {}).run().unwrap() {
                for (field, value) in document.unwrap() {
                    match value {
                        Bson::Binary(binary) => raw += &String::from_utf8_lossy(&binary.bytes),
                        other => raw += &format!("{field} {other}\n"),
                    }
                }
            }
        }
        raw
    }
}

#[test]
fn a_server_keeps_the_contract() {
    let Some(mongod) = Mongod::start("a_server_keeps_the_contract", Set::Replica) else { return };
    for (number, says, case) in CASES {
        println!("case {number}: {says}");
        case(&Room::of(&mongod, &format!("case{number}")));
    }
}

#[test]
fn a_database_of_version_1_is_brought_up() {
    let Some(mongod) = Mongod::start("a_database_of_version_1_is_brought_up", Set::Replica) else { return };
    let room = Room::of(&mongod, "old");
    let mut store = room.open(None).unwrap();
    store.keep(&rows(9)).unwrap();
    // Back to what version 1 knew.
    for kind in [Kind::Sessions, Kind::Equity] {
        room.rows(kind).update_many(doc! {}, doc! { "$unset": { "mode": "" } }).run().unwrap();
    }
    room.rows(Kind::Trades).update_many(doc! {}, doc! { "$set": { "mode": "demo" } }).run().unwrap();
    let elsewhere = doc! { "$set": { "shard": "idle" } };
    room.rows(Kind::Equity).update_many(doc! {}, elsewhere).run().unwrap();
    room.set_version(1);
    assert!(matches!(room.look(None), Err(BadStore::Older { found: 1, known: 2 })));
    let mut store = room.open(None).unwrap();
    let with = |kind, mode: &str| Query { mode: Some(mode.to_owned()), ..Query::of(kind) };
    assert_eq!(all(&mut *store, with(Kind::Sessions, "demo")).len(), 9);
    let modes = room.rows(Kind::Equity).distinct("mode", doc! {}).run().unwrap();
    assert_eq!(modes, [Bson::from("unknown")]);
    let songs = Room::of(&mongod, "songs");
    songs.database.create_collection("songs").run().unwrap();
    let refused = [songs.open(None), songs.look(None)].map(|opened| opened.err().unwrap());
    assert!(refused.iter().all(|refused| matches!(refused, BadStore::NotOurs(_))), "{refused:?}");
}

#[test]
fn a_server_that_is_killed_loses_nothing_and_is_waited_for() {
    let name = "a_server_that_is_killed_loses_nothing_and_is_waited_for";
    let Some(mut mongod) = Mongod::start(name, Set::Replica) else { return };
    let server = mongod.server("farm");
    let open = move || Mongo::open(&server, None).map(|store| Box::new(store) as Box<dyn Store>);
    let pace = Pace { batch_rows_max: 8, batch_wait: Duration::from_millis(1), ..Pace::default() };
    let writer = Writer::start(Box::new(open), pace);
    for life in 0..3 {
        let tickets: Vec<_> = trades(life * 400, (life + 1) * 400)
            .into_iter()
            .map(|record| writer.offer(record).unwrap())
            .collect();
        assert!(writer.wait_kept(tickets[40], SOON), "{:?}", writer.standing());
        // In the middle of a batch, most likely.
        mongod.kill();
        let said = writer.kept();
        mongod.restart();
        let found = all(
            &mut Mongo::look(&mongod.server("farm"), None).unwrap(),
            Query { rows_max: 10_000, ..Query::of(Kind::Trades) },
        );
        assert!(
            found.len() as u64 >= said.0,
            "life {life}: {} rows are there, {} were acknowledged",
            found.len(),
            said.0
        );
    }
    let standing = writer.close(SOON).unwrap();
    assert_eq!((standing.kept.0, standing.waiting), (1_200, 0));
    let found = all(
        &mut Mongo::look(&mongod.server("farm"), None).unwrap(),
        Query { rows_max: 10_000, order: Order::OldestFirst, ..Query::of(Kind::Trades) },
    );
    assert_eq!(found, trades(0, 1_200));
    println!("kept beside three deaths: {:?}", standing.rows);
}

#[test]
fn a_server_that_is_no_replica_set_is_refused_with_the_mend() {
    let name = "a_server_that_is_no_replica_set_is_refused_with_the_mend";
    let Some(mongod) = Mongod::start(name, Set::Alone) else { return };
    let refused = Mongo::open(&mongod.server("farm"), None).and_then(|mut store| store.keep(&rows(1)));
    assert!(matches!(refused, Err(BadStore::NoTransactions(_))), "{refused:?}");
    assert!(refused.unwrap_err().to_string().contains("--replSet"));
}

#[test]
fn an_address_is_never_repeated() {
    let server = |address: &str| Server { address: address.to_owned(), database: "farm".to_owned() };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = format!(
        "mongodb://omega:hunter2@127.0.0.1:{port}/?serverSelectionTimeoutMS=300&directConnection=true"
    );
    for address in ["mongodb://omega:hunter2@", "postgres://omega:hunter2@127.0.0.1/", "hunter2", &nobody] {
        assert!(!format!("{:?}", server(address)).contains("hunter2"));
        let refused = Mongo::open(&server(address), None).unwrap_err();
        let away = matches!(refused, BadStore::Away(_));
        assert_eq!(away, address == nobody, "{refused:?}");
        assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused:?}");
    }
}

#[test]
fn everything_of_two_stores_is_the_same() {
    let Some(mongod) = Mongod::start("everything_of_two_stores_is_the_same", Set::Replica) else { return };
    let mut there = Room::of(&mongod, "farm").open(Some(3)).unwrap();
    let folder = Folder::new();
    let mut here = history::Sqlite::open(&folder.0.join("history.db"), None).unwrap();
    there.keep(&rows(50)).unwrap();
    here.keep(&rows(50)).unwrap();
    assert_eq!(everything(&mut *there), everything(&mut here));
}
