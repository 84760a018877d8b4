//! A server that answers what a test says: HTTP and WebSocket on one port, a thread a connection.
//!
//! Refuses to be correct: what it says is the test's affair.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tungstenite::WebSocket;

/// What is said to a request.
pub enum Reply {
    /// These bytes, and the connection goes on.
    Bytes(Vec<u8>),
    /// These bytes, and it is closed.
    Last(Vec<u8>),
    /// Nothing, for ever.
    Silence,
}

type Http = dyn Fn(&str, &str) -> Reply + Send + Sync;
type Ws = dyn Fn(WebSocket<TcpStream>) + Send + Sync;

/// A server.
pub struct Server {
    pub address: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// An ordinary answer.
pub fn ok(body: &str) -> Reply {
    Reply::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

impl Server {
    /// Answers requests by target and body, and hands lines to another.
    pub fn start(
        http: impl Fn(&str, &str) -> Reply + Send + Sync + 'static,
        ws: impl Fn(WebSocket<TcpStream>) + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        let (http, ws): (Arc<Http>, Arc<Ws>) = (Arc::new(http), Arc::new(ws));
        let thread = std::thread::spawn(move || {
            let mut served = Vec::new();
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let (http, ws, ended) = (Arc::clone(&http), Arc::clone(&ws), Arc::clone(&ended));
                let stream = stream.unwrap();
                served.push(std::thread::spawn(move || serve(stream, &*http, &*ws, &ended)));
            }
            served.into_iter().for_each(|one| one.join().unwrap());
        });
        Server { address, over, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _woken = TcpStream::connect(self.address);
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
    }
}

fn serve(mut stream: TcpStream, http: &Http, ws: &Ws, over: &AtomicBool) {
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut bytes = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let mut chunk = [0; 16_384];
        let peeked = stream.peek(&mut chunk).unwrap_or(0);
        let text = String::from_utf8_lossy(&chunk[..peeked]).to_lowercase();
        if text.contains("upgrade: websocket") && text.contains("\r\n\r\n") {
            stream.set_read_timeout(None).unwrap();
            let Ok(socket) = tungstenite::accept(stream) else { return };
            return ws(socket);
        }
        match stream.read(&mut chunk) {
            Ok(0) => return,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            Err(_) => continue,
        }
        while let Some((target, body, length)) = request(&bytes) {
            bytes.drain(..length);
            match http(&target, &body) {
                Reply::Bytes(reply) => {
                    if stream.write_all(&reply).is_err() {
                        return;
                    }
                }
                Reply::Last(reply) => {
                    let _written = stream.write_all(&reply);
                    return;
                }
                Reply::Silence => {}
            }
        }
    }
}

/// A whole request at the start of these bytes: its target, its body and its length.
fn request(bytes: &[u8]) -> Option<(String, String, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let end = head + length.unwrap_or(0);
    let body = String::from_utf8_lossy(bytes.get(head..end)?).into_owned();
    let target = text.split(' ').nth(1).unwrap_or_default().to_owned();
    Some((target, body, end))
}
