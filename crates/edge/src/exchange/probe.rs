//! Whether a socket of an exchange can be opened at all: connection, encryption and the WebSocket's handshake, and closed again.
//!
//! Refuses to subscribe to anything, and to wait longer than it is told.

use super::stream::Trust;
use super::urls::{Place, Transport};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// Opens a WebSocket and closes it: how long that took, or why it cannot be.
pub fn open_socket(place: &Place, path: &str, within: Duration) -> Result<Duration, String> {
    let begun = Instant::now();
    let left = || within.saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
    let addresses = (place.bare_host(), place.port).to_socket_addrs();
    let addresses = addresses.map_err(|error| format!("{} is not known: {error}", place.host))?;
    let mut refused = format!("{} has no address", place.host);
    for address in addresses {
        let connected = TcpStream::connect_timeout(&address, left()).and_then(|tcp| {
            tcp.set_read_timeout(Some(left()))?;
            tcp.set_write_timeout(Some(left()))?;
            Ok(tcp)
        });
        match connected {
            Ok(tcp) => return greet(place, path, tcp).map(|()| begun.elapsed()),
            Err(error) => refused = format!("{place} takes no connection: {error}"),
        }
    }
    Err(refused)
}

fn greet(place: &Place, path: &str, tcp: TcpStream) -> Result<(), String> {
    match place.transport {
        Transport::Plain => shake_hands("ws", place, path, tcp),
        Transport::Tls => {
            let unfit = |error: &dyn std::fmt::Display| format!("{}: {error}", place.host);
            let config = Trust::Public.config().map_err(|error| unfit(&error))?;
            let name = ServerName::try_from(place.bare_host().to_owned()).map_err(|error| unfit(&error))?;
            let client = ClientConnection::new(config, name).map_err(|error| unfit(&error))?;
            shake_hands("wss", place, path, StreamOwned::new(client, tcp))
        }
    }
}

fn shake_hands(scheme: &str, place: &Place, path: &str, stream: impl Read + Write) -> Result<(), String> {
    let url = format!("{scheme}://{}{path}", place.authority());
    let (mut socket, _) =
        tungstenite::client(url, stream).map_err(|error| format!("{place} opens no socket: {error}"))?;
    // It was open: whether it hears that it is closed does not matter.
    let _closed = socket.close(None).and_then(|()| socket.flush());
    Ok(())
}
