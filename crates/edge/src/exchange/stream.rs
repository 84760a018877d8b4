//! A connected stream, encrypted or not, that never blocks and counts its bytes.
//!
//! One TLS stack, rustls over ring, and the roots of Mozilla's programme or those that were given. Refuses to speak to a
//! server whose certificate it cannot follow to a root.

use super::urls::{Place, Transport};
use mio::net::TcpStream;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, Read, Write};
use std::sync::Arc;

/// Whose certificates are believed.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Those of public authorities.
    #[default]
    Public,
    /// Those that lead to one of these, and nobody else's.
    Only(Vec<CertificateDer<'static>>),
}

impl Trust {
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        let mut roots = RootCertStore::empty();
        match self {
            Trust::Public => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Trust::Only(given) => {
                for root in given {
                    roots.add(root.clone())?;
                }
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

/// A TCP stream with its counts.
pub(super) struct Metered {
    tcp: TcpStream,
    received: u64,
    sent: u64,
}

/// Bytes to and from the other side.
pub(super) enum Stream {
    Plain(Metered),
    Tls(Box<StreamOwned<ClientConnection, Metered>>),
}

impl Stream {
    pub(super) fn over(tcp: TcpStream, place: &Place, tls: &Arc<ClientConfig>) -> Result<Stream, String> {
        // An order is small and must not wait for a second one.
        tcp.set_nodelay(true).map_err(|error| error.to_string())?;
        let metered = Metered { tcp, received: 0, sent: 0 };
        match place.transport {
            Transport::Plain => Ok(Stream::Plain(metered)),
            Transport::Tls => {
                let name = ServerName::try_from(place.bare_host().to_owned())
                    .map_err(|error| format!("{}: {error}", place.host))?;
                let client =
                    ClientConnection::new(Arc::clone(tls), name).map_err(|error| error.to_string())?;
                Ok(Stream::Tls(Box::new(StreamOwned::new(client, metered))))
            }
        }
    }

    fn metered(&mut self) -> &mut Metered {
        match self {
            Stream::Plain(metered) => metered,
            Stream::Tls(stream) => &mut stream.sock,
        }
    }

    /// Bytes received and sent since this was last asked.
    pub(super) fn take_counts(&mut self) -> (u64, u64) {
        let metered = self.metered();
        (std::mem::take(&mut metered.received), std::mem::take(&mut metered.sent))
    }

    /// Says that nothing more comes; whether it is heard does not matter any more.
    pub(super) fn farewell(&mut self) {
        if let Stream::Tls(stream) = self {
            stream.conn.send_close_notify();
            let _said = stream.flush();
        }
    }
}

/// Whether an error only says that there is nothing to be done now.
pub(super) fn is_nothing_yet(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

impl Read for Metered {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = uninterrupted(|| self.tcp.read(into))?;
        self.received += read as u64;
        Ok(read)
    }
}

impl Write for Metered {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let written = uninterrupted(|| self.tcp.write(from))?;
        self.sent += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn uninterrupted(mut act: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match act() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(stream) => stream.read(into),
            Stream::Tls(stream) => stream.read(into),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(stream) => stream.write(from),
            Stream::Tls(stream) => stream.write(from),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(stream) => stream.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}
