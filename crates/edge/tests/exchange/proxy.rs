//! A bad wire: TCP through it is delayed, cut, swallowed, throttled or corrupted, as a test says and when it says so.
//!
//! What it does, it does to what the server says; a half-open wire swallows both ways. Refuses to do anything by chance.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What the wire does, from when it is set on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing bad.
    None,
    /// Each piece comes so much later.
    Delay(Duration),
    /// After so many more bytes of the server's both sides are closed.
    CutAfter(usize),
    /// Nothing comes through any more, and nobody is told.
    HalfOpen,
    /// So many bytes at a time, and a pause.
    Throttle(usize, Duration),
    /// One bit of the byte that comes after so many others.
    CorruptAt(usize),
}

/// A wire to a server.
pub struct Proxy {
    pub address: SocketAddr,
    fault: Arc<Mutex<Fault>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// One direction of one connection.
struct Way {
    from: TcpStream,
    to: TcpStream,
    of_server: bool,
    fault: Arc<Mutex<Fault>>,
    over: Arc<AtomicBool>,
}

impl Proxy {
    pub fn start(server: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (fault, over) = (Arc::new(Mutex::new(Fault::None)), Arc::new(AtomicBool::new(false)));
        let (shared, ended) = (Arc::clone(&fault), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            let mut ways = Vec::new();
            for client in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let client = client.unwrap();
                let Ok(server) = TcpStream::connect(server) else { continue };
                for (from, to, of_server) in [(&client, &server, false), (&server, &client, true)] {
                    from.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
                    from.set_nodelay(true).unwrap();
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let (fault, over) = (Arc::clone(&shared), Arc::clone(&ended));
                    let way = Way { from, to, of_server, fault, over };
                    ways.push(std::thread::spawn(move || way.pump()));
                }
            }
            ways.into_iter().for_each(|way| way.join().unwrap());
        });
        Proxy { address, fault, over, thread: Some(thread) }
    }

    pub fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _woken = TcpStream::connect(self.address);
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking(), "the wire panicked");
    }
}

impl Way {
    fn pump(mut self) {
        let mut chunk = [0; 4_096];
        while !self.over.load(Ordering::Relaxed) {
            let read = match self.from.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
                Err(_) => break,
            };
            if self.pass(&mut chunk[..read]).is_none() {
                break;
            }
        }
        for stream in [&self.from, &self.to] {
            let _closed = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Lets a piece through, or what of it comes through; nothing if that was the end.
    fn pass(&mut self, bytes: &mut [u8]) -> Option<()> {
        let fault = *self.fault.lock().unwrap();
        match fault {
            Fault::HalfOpen => Some(()),
            _ if !self.of_server => self.to.write_all(bytes).ok(),
            Fault::None => self.to.write_all(bytes).ok(),
            Fault::Delay(by) => {
                std::thread::sleep(by);
                self.to.write_all(bytes).ok()
            }
            Fault::CutAfter(left) if left < bytes.len() => {
                let _part = self.to.write_all(&bytes[..left]);
                None
            }
            Fault::CutAfter(left) => {
                self.left(Fault::CutAfter(left - bytes.len()));
                self.to.write_all(bytes).ok()
            }
            Fault::Throttle(some, pause) => {
                for part in bytes.chunks(some) {
                    self.to.write_all(part).ok()?;
                    std::thread::sleep(pause);
                }
                Some(())
            }
            Fault::CorruptAt(left) if left < bytes.len() => {
                bytes[left] ^= 4;
                self.left(Fault::None);
                self.to.write_all(bytes).ok()
            }
            Fault::CorruptAt(left) => {
                self.left(Fault::CorruptAt(left - bytes.len()));
                self.to.write_all(bytes).ok()
            }
        }
    }

    fn left(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }
}
