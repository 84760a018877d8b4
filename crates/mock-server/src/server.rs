//! The server: accepts, and lets time pass.
//!
//! One exchange behind one lock; a connection is a thread, of which there are at most so many. Refuses to outlive the
//! value that stands for it.

use crate::addresses::Addresses;
use crate::clock::Clock;
use crate::connection;
use crate::state::{BadState, State};
use mock_bitget::{Exchange, Generation, Request, Response, Said, SessionId};
use model::Time;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

/// Connections at once.
const CONNECTIONS_MAX: usize = 512;
/// Paths of the mock's own, which are not counted against limits.
const ADMIN: &str = "/mock/";
/// The longest the clock is not looked at: something may have been asked meanwhile.
const LOOK_EACH: Duration = Duration::from_millis(50);

/// The exchange, and where what it has to remember is written.
struct Kept {
    exchange: Exchange,
    addresses: Addresses,
    state: Option<State>,
    failed: Option<BadState>,
}

impl Kept {
    fn write(&mut self) -> Result<(), BadState> {
        let Some(state) = &mut self.state else { return Ok(()) };
        state.append(&self.exchange.take_journal())
    }
}

/// What all threads share.
pub(crate) struct Shared {
    kept: Mutex<Kept>,
    clock: Clock,
    over: AtomicBool,
    connections: AtomicUsize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("a thread that panics takes the exchange with it")
    }

    /// Does something with the exchange, between everybody else. What a restart would have to repeat is written down
    /// before this returns; if that cannot be, nobody is told of what was done, and it is over.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut Exchange) -> T) -> io::Result<T> {
        self.act_for(|exchange, _| act(exchange))
    }

    /// The same, for an address.
    fn act_for<T>(&self, act: impl FnOnce(&mut Exchange, &mut Addresses) -> T) -> io::Result<T> {
        let mut kept = self.lock();
        let Kept { exchange, addresses, .. } = &mut *kept;
        let done = act(exchange, addresses);
        match kept.write() {
            Ok(()) => Ok(done),
            Err(bad) => {
                let told = io::Error::other(bad.to_string());
                kept.failed.get_or_insert(bad);
                self.over.store(true, Ordering::Relaxed);
                Err(told)
            }
        }
    }

    /// An address asks something: the answer, and how late it is to come.
    pub(crate) fn ask(&self, from: IpAddr, request: &Request) -> io::Result<(Response, Duration)> {
        let now = self.now();
        self.act_for(|exchange, addresses| {
            let counted = exchange.is_limited() && !request.path.starts_with(ADMIN);
            let response = if counted && !addresses.may_ask(from, now) {
                exchange.too_many()
            } else {
                exchange.rest(now, request)
            };
            (response, self.clock.really(exchange.latency()))
        })
    }

    /// An address opens a line of a generation, if it may.
    pub(crate) fn connect(&self, from: IpAddr, generation: Generation) -> io::Result<Option<SessionId>> {
        let now = self.now();
        self.act_for(|exchange, addresses| {
            if exchange.is_limited() && !(addresses.may_ask(from, now) && addresses.may_connect(from, now)) {
                exchange.count("address refused", 429);
                return None;
            }
            let session = exchange.connect(now, generation);
            if session.is_none() {
                exchange.count("line refused", 429);
            }
            session
        })
    }

    /// What a line is to carry out, and how late.
    pub(crate) fn said(&self, session: SessionId) -> io::Result<(Vec<Said>, Duration)> {
        self.act(|exchange| (exchange.said(session), self.clock.really(exchange.latency())))
    }

    /// Counts something that went wrong.
    pub(crate) fn count(&self, name: &'static str, code: u32) {
        self.lock().exchange.count(name, code);
    }

    /// What was written may not be on the disk: nobody is to believe it is.
    fn give_up(&self, source: io::Error) {
        let mut kept = self.lock();
        let bad = kept.state.as_ref().map(|state| state.bad(source));
        kept.failed = kept.failed.take().or(bad);
        self.over.store(true, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// A mock exchange that listens.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    threads: Vec<JoinHandle<()>>,
}

/// Where what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    /// REST.
    pub rest: String,
    /// Public and private sockets of V2.
    pub v2: [String; 2],
    /// Public and private sockets of V3.
    pub v3: [String; 2],
}

impl Server {
    /// Listens at an address; port 0 is any free one.
    pub fn start(address: SocketAddr, exchange: Exchange, clock: Clock) -> io::Result<Server> {
        Server::start_kept(address, exchange, clock, None)
    }

    /// The same; what the exchange has to remember is written into a state.
    pub fn start_kept(
        address: SocketAddr,
        mut exchange: Exchange,
        clock: Clock,
        state: Option<State>,
    ) -> io::Result<Server> {
        if state.is_some() {
            exchange.keep_journal();
        }
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            kept: Mutex::new(Kept { exchange, addresses: Addresses::default(), state, failed: None }),
            clock,
            over: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
        });
        let (ticking, accepting) = (Arc::clone(&shared), Arc::clone(&shared));
        let threads = vec![
            std::thread::spawn(move || let_time_pass(&ticking)),
            std::thread::spawn(move || accept(&accepting, &listener)),
        ];
        Ok(Server { shared, address, threads })
    }

    /// Where what is.
    pub fn urls(&self) -> Urls {
        let address = self.address;
        let sockets =
            |version: &str| ["public", "private"].map(|kind| format!("ws://{address}/{version}/ws/{kind}"));
        Urls { rest: format!("http://{address}"), v2: sockets("v2"), v3: sockets("v3") }
    }

    /// Does something with the exchange, between everybody else.
    pub fn with<T>(&self, act: impl FnOnce(&mut Exchange) -> T) -> T {
        act(&mut self.shared.lock().exchange)
    }

    /// Waits until it is over, which it is when the process is, or when the state cannot be kept any more.
    pub fn join(mut self) -> Result<(), BadState> {
        let threads = std::mem::take(&mut self.threads);
        // The one that looks at the clock ends first; the other waits for a connection, which it gets at the end.
        threads.into_iter().take(1).for_each(|thread| {
            // A thread that panicked has said why.
            let _ended = thread.join();
        });
        self.shared.lock().failed.take().map_or(Ok(()), Err)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // Somebody waits for a connection: here is one.
        let _woken = TcpStream::connect_timeout(&self.address, Duration::from_millis(200));
        for thread in std::mem::take(&mut self.threads) {
            let _ended = thread.join();
        }
    }
}

fn let_time_pass(shared: &Shared) {
    while !shared.is_over() {
        let next = shared.act(|exchange| {
            exchange.pass(shared.now());
            exchange.next_wake()
        });
        let Ok(next) = next else { return };
        let due = shared.lock().state.as_mut().and_then(State::due);
        if let Some(Err(source)) = due.map(|file| file.and_then(|file| file.sync_data())) {
            return shared.give_up(source);
        }
        let wait = next.map_or(LOOK_EACH, |at| shared.clock.until(at).min(LOOK_EACH));
        std::thread::sleep(wait.max(Duration::from_millis(1)));
    }
}

fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    for stream in listener.incoming() {
        if shared.is_over() {
            return;
        }
        let Ok(stream) = stream else { continue };
        if shared.connections.load(Ordering::Relaxed) >= CONNECTIONS_MAX {
            shared.count("connection refused", 0);
            continue;
        }
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let serving = Arc::clone(shared);
        let thread = std::thread::Builder::new().spawn(move || {
            // A connection that breaks is its client's affair.
            let _ended = connection::serve(&serving, stream);
            serving.connections.fetch_sub(1, Ordering::Relaxed);
        });
        if thread.is_err() {
            shared.connections.fetch_sub(1, Ordering::Relaxed);
            shared.count("connection refused", 0);
        }
    }
}
