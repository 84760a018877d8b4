//! HTTP/1.1, as much of it as a client of an exchange speaks: a head, a body of a stated length, keep-alive.
//!
//! Refuses heads and bodies that are too long or too long on their way, and bodies without a length, by ending the
//! connection with a status.

use crate::connection::is_nothing_yet;
use mock_bitget::{Method, Request, Response};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The longest head.
const HEAD_BYTES_MAX: usize = 16_384;
/// The longest body.
const BODY_BYTES_MAX: usize = 1_048_576;
/// Headers of a request.
const HEADERS_MAX: usize = 64;
/// A connection that says nothing for so long is closed.
const SILENCE_MAX: Duration = Duration::from_secs(120);
/// How long a request may take from its first byte to its last.
const REQUEST_MAX: Duration = Duration::from_secs(5);

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A request, and whether the connection goes on after it.
    Request(Request, KeepAlive),
    /// A handshake of a WebSocket: its path and key.
    Upgrade { path: String, key: String },
    /// Something that cannot be answered but by this status.
    Bad(u16),
    /// The end, in the middle of a request.
    Torn,
    /// The end.
    End,
}

/// Whether a connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeepAlive {
    Yes,
    No,
}

/// A connection and what was read of it too early.
pub(crate) struct Reader {
    stream: TcpStream,
    bytes: Vec<u8>,
    /// When the request that is coming in has to be there.
    due: Option<Instant>,
    /// How long the stream waits for more, as it was last told.
    waits: Duration,
}

/// What reading more came to.
enum Filled {
    Some,
    End,
    /// It took too long.
    Late,
}

struct Head {
    length: usize,
    method: Option<Method>,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    keep_alive: KeepAlive,
}

impl Reader {
    pub(crate) fn new(stream: TcpStream) -> Reader {
        Reader { stream, bytes: Vec::new(), due: None, waits: Duration::ZERO }
    }

    /// The stream, and what a client said before it was answered (a WebSocket's must not have).
    pub(crate) fn into_parts(self) -> (TcpStream, Vec<u8>) {
        (self.stream, self.bytes)
    }

    fn fill(&mut self) -> io::Result<Filled> {
        let wait = match self.due {
            Some(due) => due.saturating_duration_since(Instant::now()),
            None => SILENCE_MAX,
        };
        if wait.is_zero() {
            return Ok(Filled::Late);
        }
        if wait != self.waits {
            self.stream.set_read_timeout(Some(wait))?;
            self.waits = wait;
        }
        let mut chunk = [0; 8_192];
        let read = match self.stream.read(&mut chunk) {
            Ok(read) => read,
            Err(error) if is_nothing_yet(&error) => {
                return Ok(if self.due.is_some() { Filled::Late } else { Filled::End });
            }
            Err(error) => return Err(error),
        };
        self.bytes.extend_from_slice(&chunk[..read]);
        self.due.get_or_insert_with(|| Instant::now() + REQUEST_MAX);
        Ok(if read > 0 { Filled::Some } else { Filled::End })
    }

    /// What reading more means for a request that is not whole yet; `None` is that there is more.
    fn more(&mut self) -> io::Result<Option<Incoming>> {
        Ok(match self.fill()? {
            Filled::Some => None,
            Filled::Late => Some(Incoming::Bad(408)),
            Filled::End if self.bytes.is_empty() => Some(Incoming::End),
            Filled::End => Some(Incoming::Torn),
        })
    }

    /// The next request.
    pub(crate) fn next(&mut self) -> io::Result<Incoming> {
        self.due = (!self.bytes.is_empty()).then(|| Instant::now() + REQUEST_MAX);
        let head = loop {
            match parse(&self.bytes) {
                Ok(Some(head)) => break head,
                Ok(None) if self.bytes.len() > HEAD_BYTES_MAX => return Ok(Incoming::Bad(431)),
                Ok(None) => {
                    if let Some(ended) = self.more()? {
                        return Ok(ended);
                    }
                }
                Err(httparse::Error::TooManyHeaders) => return Ok(Incoming::Bad(431)),
                Err(_) => return Ok(Incoming::Bad(400)),
            }
        };
        let find = |name: &str| head.headers.iter().find(|header| header.0.eq_ignore_ascii_case(name));
        let wants_upgrade = find("upgrade").is_some_and(|header| header.1.eq_ignore_ascii_case("websocket"));
        if let (true, Some(key)) = (wants_upgrade, find("sec-websocket-key")) {
            let (path, key) = (head.path.clone(), key.1.clone());
            self.bytes.drain(..head.length);
            return Ok(Incoming::Upgrade { path, key });
        }
        if find("transfer-encoding").is_some() {
            return Ok(Incoming::Bad(411));
        }
        let length = find("content-length").map_or(Ok(0), |header| header.1.trim().parse::<usize>());
        let Ok(length) = length else { return Ok(Incoming::Bad(400)) };
        if length > BODY_BYTES_MAX {
            return Ok(Incoming::Bad(413));
        }
        while self.bytes.len() < head.length + length {
            if let Some(ended) = self.more()? {
                return Ok(ended);
            }
        }
        let body = String::from_utf8_lossy(&self.bytes[head.length..head.length + length]).into_owned();
        self.bytes.drain(..head.length + length);
        let Some(method) = head.method else { return Ok(Incoming::Bad(405)) };
        let Head { path, query, headers, keep_alive, .. } = head;
        Ok(Incoming::Request(Request { method, path, query, headers, body }, keep_alive))
    }
}

fn parse(bytes: &[u8]) -> Result<Option<Head>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = request.parse(bytes)? else { return Ok(None) };
    let target = request.path.unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    let closes = headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("connection") && value.to_ascii_lowercase().contains("close")
    });
    let keep_alive = if closes || request.version == Some(0) { KeepAlive::No } else { KeepAlive::Yes };
    let method = match request.method {
        Some("GET") => Some(Method::Get),
        Some("POST") => Some(Method::Post),
        _ => None,
    };
    Ok(Some(Head { length, method, path: path.to_owned(), query: query.to_owned(), headers, keep_alive }))
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Unknown",
    }
}

/// Writes a reply.
pub(crate) fn answer(stream: &mut TcpStream, response: &Response, keep_alive: KeepAlive) -> io::Result<()> {
    let Response { status, headers, body } = response;
    let mut text = format!("HTTP/1.1 {status} {}\r\n", reason(*status));
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let kind = if body.starts_with('<') { "text/html" } else { "application/json;charset=UTF-8" };
    let connection = if keep_alive == KeepAlive::Yes { "keep-alive" } else { "close" };
    text.push_str(&format!(
        "Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: {connection}\r\n\r\n{body}",
        body.len()
    ));
    stream.write_all(text.as_bytes())
}
