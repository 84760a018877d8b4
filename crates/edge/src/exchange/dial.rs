//! From a place to a connected stream: name, addresses one after the other, connection.
//!
//! Refuses to wait for an address longer than the limit, and to be in the way of anything else meanwhile.

use super::limits::Limits;
use super::resolver::{Lookup, Resolver};
use super::stream::Stream;
use super::urls::Place;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use rustls::ClientConfig;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// What everybody dials with.
pub(super) struct Dialler {
    pub(super) registry: Registry,
    pub(super) resolver: Resolver,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) limits: Limits,
}

/// A connection that is being made.
pub(super) enum Dial {
    Resolving,
    Connecting { tcp: TcpStream, rest: VecDeque<SocketAddr>, until: Instant },
}

/// What an attempt has come to.
pub(super) enum Dialled {
    NotYet(Dial),
    Connected(Stream),
}

impl Dial {
    /// When it wants to be looked at, whatever the socket says.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Dial::Resolving => None,
            Dial::Connecting { until, .. } => Some(*until),
        }
    }
}

impl Dialler {
    /// Goes on with a connection to a place, whose events come under a token.
    pub(super) fn go_on(&mut self, dial: Dial, place: &Place, token: Token) -> Result<Dialled, String> {
        match dial {
            Dial::Resolving => match self.resolver.addresses(place) {
                Lookup::NotYet => Ok(Dialled::NotYet(Dial::Resolving)),
                Lookup::Failed(words) => Err(words),
                Lookup::Here(addresses) => self.connect(addresses.into(), token, place, String::new()),
            },
            Dial::Connecting { tcp, rest, until } => {
                let refused = match tcp.take_error() {
                    Ok(Some(error)) | Err(error) => error,
                    Ok(None) => match tcp.peer_addr() {
                        Ok(_) => return Stream::over(tcp, place, &self.tls).map(Dialled::Connected),
                        Err(error) if error.kind() != io::ErrorKind::NotConnected => error,
                        Err(_) if Instant::now() < until => {
                            return Ok(Dialled::NotYet(Dial::Connecting { tcp, rest, until }));
                        }
                        Err(_) => io::Error::from(io::ErrorKind::TimedOut),
                    },
                };
                drop(tcp);
                self.connect(rest, token, place, refused.to_string())
            }
        }
    }

    fn connect(
        &mut self,
        mut rest: VecDeque<SocketAddr>,
        token: Token,
        place: &Place,
        mut refused: String,
    ) -> Result<Dialled, String> {
        while let Some(address) = rest.pop_front() {
            let begun = TcpStream::connect(address).and_then(|mut tcp| {
                self.registry.register(&mut tcp, token, Interest::READABLE | Interest::WRITABLE)?;
                Ok(tcp)
            });
            match begun {
                Ok(tcp) => {
                    let until = Instant::now() + self.limits.connect;
                    return Ok(Dialled::NotYet(Dial::Connecting { tcp, rest, until }));
                }
                Err(error) => refused = error.to_string(),
            }
        }
        Err(format!("{place} does not take connections: {refused}"))
    }
}
