//! A server on 127.0.0.1 with the layout of the exchanges' archives and interfaces, and their faults.
//!
//! Every file is made when it is asked for, out of one made market. It refuses to reach beyond this machine.

#![allow(dead_code, reason = "each test uses its part")]

mod market;
mod paths;

use md5::{Digest, Md5};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What goes wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection breaks off in the middle of the body.
    Drop,
    /// What an object store says of something that is not there.
    Denied,
    /// The body is whole and wrong.
    Corrupt,
    /// The body comes in small pieces.
    Slow,
    /// Too many requests: wait a second.
    TooMany,
    /// The server itself fails.
    Internal,
    /// A page of the interface says that there is nothing.
    Nothing,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The path and the query.
    pub path: String,
    /// From which byte on.
    pub range: Option<usize>,
    /// The status that was answered.
    pub status: u16,
}

/// What a test can change while the server runs.
#[derive(Default)]
pub struct State {
    /// The next faults of requests whose path ends in a text; of those marked so the first stays.
    faults: Mutex<Vec<(String, VecDeque<Fault>, bool)>>,
    hits: Mutex<Vec<Hit>>,
    /// One in so many requests meets a fault by chance; zero is never.
    pub chance: AtomicU64,
    /// How long an answer takes, in milliseconds.
    pub delay_ms: AtomicU64,
    /// Whether files go on where a request says.
    pub serves_ranges: AtomicBool,
    /// Whether files carry their MD5 as a tag.
    pub tags: AtomicBool,
    /// Whether the bounds of a page are part of it.
    pub inclusive: AtomicBool,
}

/// The server.
pub struct Venues {
    pub state: Arc<State>,
    pub url: String,
}

impl Venues {
    pub fn start() -> Venues {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        // It ends with the test process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // A client that was killed is no failure of the server.
                thread::spawn(move || drop(answer(&stream, &state)));
            }
        });
        Venues { state, url }
    }

    /// The next requests of a path that ends in this meet these faults, in this order.
    pub fn fail(&self, path: &str, faults: &[Fault]) {
        let faults = faults.iter().copied().collect();
        self.state.faults.lock().unwrap().push((path.to_owned(), faults, false));
    }

    /// Every request of such a path meets this fault.
    pub fn always(&self, path: &str, fault: Fault) {
        self.state.faults.lock().unwrap().push((path.to_owned(), VecDeque::from([fault]), true));
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.state.faults.lock().unwrap().clear();
        self.state.chance.store(0, Ordering::Relaxed);
    }

    /// The requests so far.
    pub fn hits(&self) -> Vec<Hit> {
        self.state.hits.lock().unwrap().clone()
    }
}

fn answer(stream: &TcpStream, state: &State) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let Some(path) = first.split(' ').nth(1).map(str::to_owned) else { return Ok(()) };
    let (mut range, mut if_range) = (None, None);
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "range" => {
                range =
                    value.strip_prefix("bytes=").and_then(|value| value.trim_end_matches('-').parse().ok())
            }
            "if-range" => if_range = Some(value.to_owned()),
            _ => {}
        }
    }
    thread::sleep(Duration::from_millis(state.delay_ms.load(Ordering::Relaxed)));
    let fault = fault(state, &path);
    let hit = |status| state.hits.lock().unwrap().push(Hit { path: path.clone(), range, status });
    let refuse = |status: u16, headers: &str, body: &str| {
        hit(status);
        send(stream, status, headers, body.as_bytes())
    };
    match fault {
        Some(Fault::Denied) => return refuse(403, "", "<Error><Code>AccessDenied</Code></Error>"),
        Some(Fault::TooMany) => return refuse(429, "Retry-After: 1\r\n", ""),
        Some(Fault::Nothing) => {
            hit(200);
            return send(stream, 200, "", br#"{"code":"00000","msg":"success","requestTime":1,"data":[]}"#);
        }
        Some(Fault::Internal) => return refuse(503, "", "sorry"),
        _ => {}
    }
    let Some(mut body) = paths::body(&path, state.inclusive.load(Ordering::Relaxed)) else {
        return refuse(403, "", "<Error><Code>AccessDenied</Code></Error>");
    };
    let tag = format!("\"{}\"", hex(&Md5::digest(&body)));
    if fault == Some(Fault::Corrupt) {
        let middle = body.len() / 2;
        body[middle..].iter_mut().for_each(|byte| *byte ^= 0x55);
    }
    let is_tagged = state.tags.load(Ordering::Relaxed) && !path.contains('?');
    let mut headers = if is_tagged { format!("ETag: {tag}\r\n") } else { String::new() };
    let same = if_range.is_none_or(|wanted| wanted == tag);
    let start =
        range.filter(|start| same && state.serves_ranges.load(Ordering::Relaxed) && *start < body.len());
    let status = if start.is_some() { 206 } else { 200 };
    if let Some(start) = start {
        headers.push_str(&format!("Content-Range: bytes {start}-{}/{}\r\n", body.len() - 1, body.len()));
        body.drain(..start);
    }
    hit(status);
    match fault {
        Some(Fault::Drop) => send_part(stream, status, &headers, &body, body.len() / 2),
        Some(Fault::Slow) => {
            send_part(stream, status, &headers, &body, 0)?;
            let piece = body.len() / 5 + 1;
            body.chunks(piece).try_for_each(|piece| {
                thread::sleep(Duration::from_millis(10));
                (&mut &*stream).write_all(piece)
            })
        }
        _ => send(stream, status, &headers, &body),
    }
}

/// What happens to this request.
fn fault(state: &State, path: &str) -> Option<Fault> {
    let mut faults = state.faults.lock().unwrap();
    // A file's path ends in what was named, so that its checksum is another; a page's query comes behind.
    let file = path.split('?').next().unwrap();
    for (text, queue, stays) in faults.iter_mut().filter(|(text, ..)| file.ends_with(text.as_str())) {
        assert!(!text.is_empty(), "a fault is of some path");
        let next = if *stays { queue.front().copied() } else { queue.pop_front() };
        if next.is_some() {
            return next;
        }
    }
    let chance = state.chance.load(Ordering::Relaxed);
    let count = state.hits.lock().unwrap().len() as u64;
    let mixed = (count + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    let by_chance = [Fault::Drop, Fault::Internal, Fault::Corrupt, Fault::Slow, Fault::Drop];
    (chance > 0 && mixed.is_multiple_of(chance)).then(|| by_chance[(mixed / chance % 5) as usize])
}

fn send(stream: &TcpStream, status: u16, headers: &str, body: &[u8]) -> std::io::Result<()> {
    send_part(stream, status, headers, body, body.len())
}

/// Announces all of the body and sends the first bytes of it.
fn send_part(
    mut stream: &TcpStream,
    status: u16,
    headers: &str,
    body: &[u8],
    count: usize,
) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body[..count])
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
