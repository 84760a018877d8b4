//! The server: accepts, and lets time pass.
//!
//! One exchange behind one lock; a connection is a thread, of which there are at most so many. Refuses to outlive the
//! value that stands for it.

use crate::clock::Clock;
use crate::http::{self, Incoming, KeepAlive, Reader};
use crate::line;
use crate::state::{BadState, State};
use mock_bitget::{Exchange, Response};
use model::Time;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

/// Connections at once.
const CONNECTIONS_MAX: usize = 512;
/// A keep-alive connection that says nothing for so long is closed.
const SILENCE_MAX: Duration = Duration::from_secs(120);
/// The longest the clock is not looked at: something may have been asked meanwhile.
const LOOK_EACH: Duration = Duration::from_millis(50);

/// The exchange, and where what it has to remember is written.
struct Kept {
    exchange: Exchange,
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
        let mut kept = self.lock();
        let done = act(&mut kept.exchange);
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
            kept: Mutex::new(Kept { exchange, state, failed: None }),
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
            continue;
        }
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // A connection that breaks is its client's affair.
            let _ended = serve(&shared, stream);
            shared.connections.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

fn serve(shared: &Shared, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    let mut writer = stream.try_clone()?;
    let mut reader = Reader::new(stream);
    loop {
        match reader.next()? {
            Incoming::Request(request, keep_alive) => {
                let response = shared.act(|exchange| exchange.rest(shared.now(), &request))?;
                http::answer(&mut writer, &response, keep_alive)?;
                if keep_alive == KeepAlive::No || shared.is_over() {
                    return Ok(());
                }
            }
            Incoming::Upgrade { path, key } => {
                let Some(generation) = line::generation_of(&path) else { return refuse(&mut writer, 404) };
                let (stream, early) = reader.into_parts();
                return line::serve(shared, stream, early, generation, &key);
            }
            Incoming::End(Some(status)) => return refuse(&mut writer, status),
            Incoming::End(None) => return Ok(()),
        }
    }
}

fn refuse(stream: &mut TcpStream, status: u16) -> io::Result<()> {
    let response = Response { status, headers: Vec::new(), body: String::new() };
    http::answer(stream, &response, KeepAlive::No)
}
