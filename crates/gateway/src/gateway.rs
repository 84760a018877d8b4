//! A gateway that runs: opened, asked where it listens, and left.
//!
//! It refuses to open half: files, encryption and address are there, or it says which is not.

use crate::archive::Archive;
use crate::book::{BookFile, Seal};
use crate::clock::Clock;
use crate::door::{Door, Given};
use crate::errands::Errands;
use crate::error::BadGateway;
use crate::people::Offline;
use crate::settings::Settings;
use crate::{pump, server, tls};
use access::Head;
use control::telemetry::Telemetry;
use control::{Bus, Reader, Subscription, Topic};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use tokio::sync::watch;

/// Threads of the sockets, and of what waits for locks, disks and databases.
const SOCKET_THREADS: usize = 2;
const WAITING_THREADS: usize = 16;
/// What its name is on the bus.
const GROUP: &str = "gateway";

/// What the world gives it.
pub struct Parts {
    /// The end of the bus that hears what [`reads`] says.
    pub hears: Box<dyn Bus + Send>,
    /// The end of the bus that speaks; it reads nothing.
    pub says: Box<dyn Bus + Send>,
    /// The history, if there is one.
    pub archive: Option<Box<dyn Archive>>,
    /// What seals the file of identities, if there is a key.
    pub seal: Option<Box<dyn Seal>>,
    /// What this process measures.
    pub telemetry: Arc<Telemetry>,
    /// What says how late it is.
    pub clock: Clock,
}

/// What its end of the bus reads. `member` is this process's life: answers that one life had in hand are for the next.
pub fn reads(member: &str) -> Vec<Subscription> {
    let everyone = |topic| Subscription { topic, reader: Reader::Everyone };
    let answers = Reader::Group { name: GROUP.to_owned(), member: member.to_owned() };
    vec![
        everyone(Topic::views()),
        everyone(Topic::events()),
        Subscription { topic: Topic::answers(), reader: answers },
    ]
}

/// One that runs. Dropped, it leaves.
#[derive(Debug)]
pub struct Gateway {
    door: Arc<Door>,
    address: SocketAddr,
    leaving: Arc<AtomicBool>,
    left: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

impl Gateway {
    /// Opens it. Where nobody is there yet and it listens on this machine only, whoever has the machine is its administrator,
    /// with a token in a file that only he reads.
    pub fn open(settings: Settings, parts: Parts) -> Result<Gateway, BadGateway> {
        if settings.is_exposed() {
            return Err(BadGateway::Exposed(settings.listen));
        }
        let encryption = settings.tls.as_ref().map(tls::acceptor).transpose()?;
        let listen = |source| BadGateway::Listen { address: settings.listen, source };
        let listener = std::net::TcpListener::bind(settings.listen).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let Parts { hears, says, archive, seal, telemetry, clock } = parts;
        let mut book = BookFile::own(&settings.data_dir, seal)?;
        if address.ip().is_loopback() {
            let mut offline = Offline::of(book, &settings, clock.clone())?;
            offline.make_local_admin(&settings.data_dir)?;
            book = offline.into_book();
        }
        let given = Given { clock, errands: Errands::new(says), telemetry, archive, book };
        let door = Arc::new(Door::open(settings, given)?);
        let mut gateway = Gateway {
            door,
            address,
            leaving: Arc::new(AtomicBool::new(false)),
            left: watch::Sender::new(false),
            threads: Vec::new(),
        };
        gateway.spawn("gateway-bus", {
            let (door, leaving) = (Arc::clone(&gateway.door), Arc::clone(&gateway.leaving));
            move || pump::run(&door, hears, &leaving)
        })?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(SOCKET_THREADS)
            .max_blocking_threads(WAITING_THREADS)
            .thread_name("gateway-http")
            .enable_io()
            .enable_time()
            .build()
            .map_err(BadGateway::Thread)?;
        gateway.spawn("gateway-door", {
            let (door, left) = (Arc::clone(&gateway.door), gateway.left.subscribe());
            move || {
                runtime.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener);
                    let listener = listener.expect("a socket that listens already is taken by any runtime");
                    server::serve(door, listener, encryption, left).await;
                });
                runtime.shutdown_background();
            }
        })?;
        Ok(gateway)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), BadGateway> {
        let thread =
            std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(BadGateway::Thread)?;
        self.threads.push(thread);
        Ok(())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its audit stands: to be kept elsewhere too.
    pub fn audit_head(&self) -> Head {
        self.door.rights().audit.head()
    }

    /// Other rules of access from now on.
    pub fn set_rules(&self, rules: access::Rules) {
        self.door.rights().access.set_rules(rules);
    }

    /// Leaves: takes no more connections, lets what is under way end, keeps what is to be kept.
    pub fn leave(mut self) {
        self.begin_to_leave();
    }

    fn begin_to_leave(&mut self) {
        self.leaving.store(true, Ordering::Release);
        self.left.send_replace(true);
        for thread in self.threads.drain(..) {
            // One that broke has said so already.
            let _is_over = thread.join();
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.begin_to_leave();
    }
}
