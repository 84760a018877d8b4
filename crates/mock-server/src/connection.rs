//! A connection: requests one after the other, or a handshake and from then on a line.
//!
//! Refuses a client that sends its request in crumbs, and one that does not take its answers, by ending the connection;
//! both are counted.

use crate::http::{self, Incoming, KeepAlive, Reader};
use crate::line;
use crate::server::Shared;
use mock_bitget::{NO_ANSWER, Response};
use std::io;
use std::net::TcpStream;
use std::time::Duration;

/// How long a client may take to take its answer.
pub(crate) const WRITE_MAX: Duration = Duration::from_secs(5);

/// Serves a connection to its end.
pub(crate) fn serve(shared: &Shared, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(WRITE_MAX))?;
    let from = stream.peer_addr()?.ip();
    let mut writer = stream.try_clone()?;
    let mut reader = Reader::new(stream);
    loop {
        match reader.next()? {
            Incoming::Request(request, keep_alive) => {
                let (response, late) = shared.ask(from, &request)?;
                if !late.is_zero() {
                    std::thread::sleep(late);
                }
                if response.status == NO_ANSWER {
                    return Ok(());
                }
                answer(shared, &mut writer, &response, keep_alive)?;
                if keep_alive == KeepAlive::No || shared.is_over() {
                    return Ok(());
                }
            }
            Incoming::Upgrade { path, key } => {
                let Some(generation) = line::generation_of(&path) else {
                    return refuse(shared, &mut writer, 404);
                };
                let Some(session) = shared.connect(from, generation)? else {
                    return refuse(shared, &mut writer, 429);
                };
                let (stream, early) = reader.into_parts();
                return line::serve(shared, stream, early, session, &key);
            }
            Incoming::Bad(status) => return refuse(shared, &mut writer, status),
            Incoming::Torn => {
                shared.count("torn request", 0);
                return Ok(());
            }
            Incoming::End => return Ok(()),
        }
    }
}

fn refuse(shared: &Shared, stream: &mut TcpStream, status: u16) -> io::Result<()> {
    shared.count("bad request", u32::from(status));
    let response = Response { status, headers: Vec::new(), body: String::new() };
    answer(shared, stream, &response, KeepAlive::No)
}

fn answer(
    shared: &Shared,
    stream: &mut TcpStream,
    response: &Response,
    keep_alive: KeepAlive,
) -> io::Result<()> {
    let written = http::answer(stream, response, keep_alive);
    if written.as_ref().is_err_and(is_nothing_yet) {
        shared.count("slow reader closed", 0);
    }
    written
}

/// Whether the other side was only too slow.
pub(crate) fn is_nothing_yet(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
