//! A WebSocket line: frames in, frames out, looked after every few milliseconds.
//!
//! What the exchange says is polled, because it says things of its own accord. Refuses frames longer than the
//! exchange's, and to wait long for who does not take what is said to him: both end the line, and are counted.

use crate::connection::{WRITE_MAX, is_nothing_yet};
use crate::server::Shared;
use mock_bitget::{FRAME_BYTES_MAX, Generation, Said, SessionId};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

/// How long a line listens before it looks for something to say.
const LISTEN: Duration = Duration::from_millis(2);
/// Frames that may be on their way when pushes come late; the others wait in the exchange, which counts them.
const LATE_MAX: usize = 1_000;

/// The generation whose sockets a path has.
pub(crate) fn generation_of(path: &str) -> Option<Generation> {
    match path {
        "/v2/ws/public" | "/v2/ws/private" => Some(Generation::V2),
        "/v3/ws/public" | "/v3/ws/private" => Some(Generation::V3),
        _ => None,
    }
}

/// Serves a line until one side has had enough of it.
pub(crate) fn serve(
    shared: &Shared,
    stream: TcpStream,
    early: Vec<u8>,
    session: SessionId,
    key: &str,
) -> io::Result<()> {
    let ended = open(stream, early, key).map_err(Error::Io).and_then(|socket| {
        let mut line = Line { shared, socket, session, late: VecDeque::new() };
        line.talk()
    });
    shared.act(|exchange| exchange.hung_up(session))?;
    match ended {
        Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => Ok(()),
        Err(Error::Io(error)) => {
            if is_nothing_yet(&error) {
                shared.count("slow reader closed", 0);
            }
            Err(error)
        }
        Err(error) => {
            let name = if matches!(error, Error::Capacity(_)) { "frame too long" } else { "broken frame" };
            shared.count(name, 0);
            Err(io::Error::other(error))
        }
    }
}

fn open(mut stream: TcpStream, early: Vec<u8>, key: &str) -> io::Result<WebSocket<TcpStream>> {
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.set_read_timeout(Some(LISTEN))?;
    stream.set_write_timeout(Some(WRITE_MAX))?;
    let most = Some(4 * FRAME_BYTES_MAX);
    let config = WebSocketConfig::default().max_message_size(most).max_frame_size(most);
    Ok(WebSocket::from_partially_read(stream, early, Role::Server, Some(config)))
}

struct Line<'a> {
    shared: &'a Shared,
    socket: WebSocket<TcpStream>,
    session: SessionId,
    /// What was said and is on its way, with the instant at which it is to arrive.
    late: VecDeque<(Instant, Said)>,
}

/// Whether a line goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    On,
    Over,
}

impl Line<'_> {
    fn talk(&mut self) -> Result<(), Error> {
        let (shared, session) = (self.shared, self.session);
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    shared.act(|exchange| exchange.hear(shared.now(), session, text.as_str()))?;
                }
                Ok(Message::Close(_)) => return Ok(()),
                Ok(_) => {}
                Err(Error::Io(error)) if is_nothing_yet(&error) => {}
                Err(error) => return Err(error),
            }
            if self.say()? == Goes::Over || shared.is_over() {
                return Ok(());
            }
        }
    }

    /// Says what is due.
    fn say(&mut self) -> Result<Goes, Error> {
        if self.late.len() < LATE_MAX {
            let (said, late) = self.shared.said(self.session)?;
            // Nothing overtakes what was said before it.
            let due = (Instant::now() + late).max(self.late.back().map_or_else(Instant::now, |last| last.0));
            self.late.extend(said.into_iter().map(|one| (due, one)));
        }
        let now = Instant::now();
        let mut any = false;
        while let Some((_, one)) = self.late.pop_front_if(|(due, _)| *due <= now) {
            any = true;
            match one {
                Said::Text(text) => self.socket.write(Message::text(text))?,
                Said::Close => {
                    // Whether the other side hears of it does not matter any more.
                    let _told = self.socket.close(None).and_then(|()| self.socket.flush());
                    return Ok(Goes::Over);
                }
            }
        }
        if any {
            self.socket.flush()?;
        }
        Ok(Goes::On)
    }
}
