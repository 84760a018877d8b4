//! A WebSocket line: frames in, frames out, looked after every few milliseconds.
//!
//! What the exchange says is polled, because it says things of its own accord. Refuses frames longer than the
//! exchange's, by closing.

use crate::server::Shared;
use mock_bitget::{FRAME_BYTES_MAX, Generation, Said, SessionId};
use std::io::{self, Write};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

/// How long a line listens before it looks for something to say.
const LISTEN: Duration = Duration::from_millis(2);
/// How long a reader may take to take what is said.
const WRITE_MAX: Duration = Duration::from_secs(5);

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
    mut stream: TcpStream,
    early: Vec<u8>,
    generation: Generation,
    key: &str,
) -> io::Result<()> {
    let Some(session) = shared.act(|exchange| exchange.connect(shared.now(), generation))? else {
        return stream.write_all(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n");
    };
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.set_read_timeout(Some(LISTEN))?;
    stream.set_write_timeout(Some(WRITE_MAX))?;
    let config = WebSocketConfig::default().max_message_size(Some(4 * FRAME_BYTES_MAX));
    let mut socket = WebSocket::from_partially_read(stream, early, Role::Server, Some(config));
    let ended = talk(shared, &mut socket, session);
    shared.act(|exchange| exchange.hung_up(session))?;
    match ended {
        Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => Ok(()),
        Err(Error::Io(error)) => Err(error),
        Err(error) => Err(io::Error::other(error)),
    }
}

fn talk(shared: &Shared, socket: &mut WebSocket<TcpStream>, session: SessionId) -> Result<(), Error> {
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => {
                shared.act(|exchange| exchange.hear(shared.now(), session, text.as_str()))?;
            }
            Ok(Message::Close(_)) => return Ok(()),
            Ok(_) => {}
            Err(Error::Io(error)) if is_nothing_yet(&error) => {}
            Err(error) => return Err(error),
        }
        let said = shared.act(|exchange| exchange.said(session))?;
        let any = !said.is_empty();
        for one in said {
            match one {
                Said::Text(text) => socket.write(Message::text(text))?,
                Said::Close => {
                    // Whether the other side hears of it does not matter any more.
                    let _told = socket.close(None).and_then(|()| socket.flush());
                    return Ok(());
                }
            }
        }
        if any {
            socket.flush()?;
        }
        if shared.is_over() {
            return Ok(());
        }
    }
}

fn is_nothing_yet(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
