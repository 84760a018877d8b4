//! A line between a client and a server that can be cut, and frozen.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The line.
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    sockets: Mutex<Vec<TcpStream>>,
    /// Whoever comes is sent away.
    is_cut: AtomicBool,
    /// Nothing passes, and nobody is told.
    is_frozen: AtomicBool,
    is_over: AtomicBool,
}

impl Proxy {
    pub fn to(server_port: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if of_thread.is_over.load(Ordering::SeqCst) {
                    return;
                }
                if of_thread.is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)) else { continue };
                join(&of_thread, &client, &server);
                join(&of_thread, &server, &client);
                let mut sockets = of_thread.sockets.lock().expect("nobody panics with it");
                sockets.extend([client, server]);
            }
        });
        Proxy { port, shared }
    }

    /// Every connection breaks, and none is made for so long.
    pub fn cut(&self, how_long: Duration) {
        self.shared.is_cut.store(true, Ordering::SeqCst);
        for socket in self.shared.sockets.lock().expect("nobody panics with it").drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
        thread::sleep(how_long);
        self.shared.is_cut.store(false, Ordering::SeqCst);
    }

    /// Nothing passes from now on, or everything does again.
    pub fn freeze(&self, is_frozen: bool) {
        self.shared.is_frozen.store(is_frozen, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        self.shared.is_frozen.store(false, Ordering::SeqCst);
        for socket in self.shared.sockets.lock().expect("nobody panics with it").drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// What one end says goes to the other.
fn join(shared: &Arc<Shared>, from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
    let _ = (from.set_nodelay(true), to.set_nodelay(true));
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        let mut bytes = vec![0; 64 << 10];
        loop {
            let count = match from.read(&mut bytes) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            while shared.is_frozen.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(5));
            }
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}
