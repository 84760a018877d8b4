//! One WebSocket: dialled, agreed on, listened to, spoken to.
//!
//! The rules of WebSockets are `tungstenite`'s; pings of the server are answered by it. Refuses messages longer than
//! the limit, binary ones, and to hold more than so much that the other side does not take.

use super::dial::{Dial, Dialled, Dialler};
use super::limits::Limits;
use super::stream::{Stream, is_nothing_yet};
use super::urls::{Place, Transport};
use mio::Token;
use std::time::Instant;
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::client::ClientHandshake;
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, Utf8Bytes, WebSocket};

/// What is read at once.
const READ_BYTES: usize = 65_536;

enum Stage {
    Dialling(Dial),
    Shaking(Box<MidHandshake<ClientHandshake<Stream>>>),
    Open(Box<WebSocket<Stream>>),
    Gone,
}

/// What a step came to.
pub(super) enum Heard {
    /// Nothing more for now.
    Nothing,
    /// The line is open.
    Opened,
    /// A text.
    Text(Utf8Bytes),
    /// Something between two programs: go on.
    Aside,
    /// The line is over, in words.
    Ended(String),
}

/// A line.
pub(super) struct Line {
    place: Place,
    path: &'static str,
    stage: Stage,
    until: Instant,
    /// Since when the other side does not take what we say.
    stalled: Option<Instant>,
}

impl Line {
    /// A line that wants to be gone on with.
    pub(super) fn new(place: Place, path: &'static str, limits: &Limits) -> Line {
        let until = Instant::now() + limits.opening;
        Line { place, path, stage: Stage::Dialling(Dial::Resolving), until, stalled: None }
    }

    /// Goes on: at most one thing is heard.
    pub(super) fn step(&mut self, token: Token, dialler: &mut Dialler) -> Heard {
        match self.advance(token, dialler) {
            Ok(heard) => heard,
            Err(words) => {
                self.stage = Stage::Gone;
                Heard::Ended(words)
            }
        }
    }

    fn advance(&mut self, token: Token, dialler: &mut Dialler) -> Result<Heard, String> {
        match std::mem::replace(&mut self.stage, Stage::Gone) {
            Stage::Gone => Ok(Heard::Nothing),
            Stage::Dialling(dial) => match dialler.go_on(dial, &self.place, token)? {
                Dialled::NotYet(dial) => {
                    self.stage = Stage::Dialling(dial);
                    Ok(Heard::Nothing)
                }
                Dialled::Connected(stream) => {
                    let mid = self.handshake(stream, &dialler.limits)?;
                    self.shaken(mid.handshake())
                }
            },
            Stage::Shaking(mid) => self.shaken(mid.handshake()),
            Stage::Open(mut socket) => {
                let heard = self.listen(&mut socket);
                self.stage = Stage::Open(socket);
                heard
            }
        }
    }

    fn handshake(
        &self,
        stream: Stream,
        limits: &Limits,
    ) -> Result<MidHandshake<ClientHandshake<Stream>>, String> {
        let scheme = match self.place.transport {
            Transport::Plain => "ws",
            Transport::Tls => "wss",
        };
        let request = format!("{scheme}://{}{}", self.place.authority(), self.path)
            .into_client_request()
            .map_err(|error| error.to_string())?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(limits.said_bytes_max)
            .max_message_size(Some(limits.frame_bytes_max))
            .max_frame_size(Some(limits.frame_bytes_max));
        ClientHandshake::start(stream, request, Some(config)).map_err(|error| error.to_string())
    }

    fn shaken(
        &mut self,
        handshake: Result<
            <ClientHandshake<Stream> as tungstenite::handshake::HandshakeRole>::FinalResult,
            HandshakeError<ClientHandshake<Stream>>,
        >,
    ) -> Result<Heard, String> {
        match handshake {
            Ok((socket, _)) => {
                self.stage = Stage::Open(Box::new(socket));
                Ok(Heard::Opened)
            }
            Err(HandshakeError::Interrupted(mid)) => {
                self.stage = Stage::Shaking(Box::new(mid));
                Ok(Heard::Nothing)
            }
            Err(HandshakeError::Failure(error)) => Err(format!("{} refused a line: {error}", self.place)),
        }
    }

    fn listen(&mut self, socket: &mut WebSocket<Stream>) -> Result<Heard, String> {
        if self.stalled.is_some() {
            self.flush(socket)?;
        }
        match socket.read() {
            Ok(Message::Text(text)) => Ok(Heard::Text(text)),
            Ok(Message::Binary(_)) => Err("a binary message, which no exchange of ours sends".to_owned()),
            Ok(Message::Close(said)) => {
                let why = said.map_or_else(String::new, |said| format!(": {} {}", said.code, said.reason));
                Err(format!("the exchange closed the line{why}"))
            }
            Ok(_) => Ok(Heard::Aside),
            Err(Error::Io(error)) if is_nothing_yet(&error) => Ok(Heard::Nothing),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Says something.
    pub(super) fn say(&mut self, text: String) -> Result<(), String> {
        let Stage::Open(mut socket) = std::mem::replace(&mut self.stage, Stage::Gone) else {
            return Err("something was to be said on a line that is not open".to_owned());
        };
        let written = match socket.write(Message::text(text)) {
            Ok(()) => self.flush(&mut socket),
            Err(Error::Io(error)) if is_nothing_yet(&error) => {
                self.stalled.get_or_insert_with(Instant::now);
                Ok(())
            }
            Err(Error::WriteBufferFull(_)) => Err("the other side takes less than is said to it".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        if written.is_ok() {
            self.stage = Stage::Open(socket);
        }
        written
    }

    fn flush(&mut self, socket: &mut WebSocket<Stream>) -> Result<(), String> {
        match socket.flush() {
            Ok(()) => self.stalled = None,
            Err(Error::Io(error)) if is_nothing_yet(&error) => {
                self.stalled.get_or_insert_with(Instant::now);
            }
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }

    /// Whether it waits for a connection.
    pub(super) fn is_dialling(&self) -> bool {
        matches!(self.stage, Stage::Dialling(_))
    }

    /// When something is over if nothing happens.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        match &self.stage {
            Stage::Dialling(dial) => [dial.deadline(), Some(self.until)].into_iter().flatten().min(),
            Stage::Shaking(_) => Some(self.until),
            Stage::Open(_) => self.stalled.map(|since| since + limits.stalled),
            Stage::Gone => None,
        }
    }

    /// Why it is over by now, if it is.
    pub(super) fn expired(&self, now: Instant, limits: &Limits) -> Option<String> {
        match &self.stage {
            Stage::Dialling(_) | Stage::Shaking(_) if now >= self.until => {
                Some(format!("{} did not open a line in time", self.place))
            }
            Stage::Open(_) if self.stalled.is_some_and(|since| now >= since + limits.stalled) => {
                Some("the other side takes nothing any more".to_owned())
            }
            _ => None,
        }
    }

    /// Bytes received and sent since this was last asked.
    pub(super) fn take_counts(&mut self) -> (u64, u64) {
        match &mut self.stage {
            Stage::Open(socket) => socket.get_mut().take_counts(),
            Stage::Shaking(mid) => mid.get_mut().get_mut().take_counts(),
            Stage::Dialling(_) | Stage::Gone => (0, 0),
        }
    }

    /// Closes it from our side; whether it is heard does not matter any more.
    pub(super) fn close(mut self) {
        if let Stage::Open(socket) = &mut self.stage {
            let _said = socket.close(None);
            socket.get_mut().farewell();
        }
    }
}
