//! The same over TLS, with a root of our own; and with none that fits.

use crate::double::{Double, Hand, double, limits, next, until};
use edge::exchange::{Clock, Link, Trust, Urls};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

// An authority and a certificate of it for 127.0.0.1 and localhost, until 2126; made by make.sh beside them.
const ROOT: &[u8] = include_bytes!("../tls/root.der");
const LEAF: &[u8] = include_bytes!("../tls/leaf.der");
const KEY: &[u8] = include_bytes!("../tls/leaf.key.der");

type Secure = StreamOwned<ServerConnection, TcpStream>;

/// Serves three connections: a first byte that asks for a line is told by its path.
fn server() -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(LEAF)],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KEY)),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let secure = StreamOwned::new(connection, stream.unwrap());
            std::thread::spawn(move || serve(secure));
        }
    });
    address
}

fn serve(mut stream: Secure) {
    // Both kinds begin with a head in one record.
    let mut head = vec![0; 4_096];
    let Ok(read) = stream.read(&mut head) else { return };
    head.truncate(read);
    if head.starts_with(b"GET /v2/ws") {
        let replayed = Replayed { head, at: 0, stream };
        let mut socket = tungstenite::accept(replayed).unwrap();
        while let Ok(message) = socket.read() {
            if message.is_text() && socket.send(message).is_err() {
                return;
            }
        }
        return;
    }
    let long = "z".repeat(90_000);
    let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{long}", long.len());
    while !head.is_empty() {
        stream.write_all(reply.as_bytes()).unwrap();
        head.resize(4_096, 0);
        let Ok(read) = stream.read(&mut head) else { return };
        head.truncate(read);
    }
}

struct Replayed {
    head: Vec<u8>,
    at: usize,
    stream: Secure,
}

impl Read for Replayed {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.head.len() {
            return self.stream.read(into);
        }
        let read = (&self.head[self.at..]).read(into)?;
        self.at += read;
        Ok(read)
    }
}

impl Write for Replayed {
    fn write(&mut self, from: &[u8]) -> std::io::Result<usize> {
        self.stream.write(from)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.stream.flush()
    }
}

fn linked(host: &str, trust: &Trust) -> (Hand, Link<Double>) {
    let (hand, double) = double(None);
    let urls = Urls::one(&format!("https://{host}:{}", server().port())).unwrap();
    let link = Link::start_with(double, urls, Clock::machine(), trust, limits()).unwrap();
    (hand, link)
}

#[test]
fn requests_and_lines_over_tls() {
    for host in ["127.0.0.1", "localhost"] {
        let (hand, mut link) = linked(host, &Trust::Only(vec![CertificateDer::from(ROOT)]));
        for number in 0..3 {
            hand.get(number, "/");
            let said = next(&mut link);
            assert_eq!((said.len(), &said[..11]), (90_012, format!("call {number}: 200").as_str()));
        }
        hand.open(1);
        assert_eq!(next(&mut link), "opened 1");
        for text in ["hello".to_owned(), "w".repeat(80_000)] {
            hand.say(1, &text);
            assert_eq!(next(&mut link), format!("frame 1: {text}"));
        }
        hand.wants(venue_bitget::adapter::Doing::Close(
            venue_bitget::adapter::LineId(1),
            venue_bitget::stream::Reason::NoPong,
        ));
        assert!(link.counters().connections <= 3);
        assert_eq!(link.stop().unanswered, 0);
    }
}

#[test]
fn nobody_is_believed_without_a_root() {
    let (hand, mut link) = linked("127.0.0.1", &Trust::Public);
    hand.get(1, "/");
    let said = until(&mut link, "call 1: ");
    assert_eq!(said.last().unwrap(), "call 1: nothing");
    assert!(said[0].contains("certificate"), "{said:?}");
    hand.open(1);
    let said = until(&mut link, "closed 1");
    assert!(said.iter().any(|text| text.contains("certificate")), "{said:?}");
}

#[test]
fn plain_speech_to_a_tls_port_ends() {
    let (hand, double) = double(None);
    let urls = Urls::one(&format!("http://{}", server())).unwrap();
    let mut link = Link::start_with(double, urls, Clock::machine(), &Trust::Public, limits()).unwrap();
    hand.get(1, "/");
    assert_eq!(until(&mut link, "call 1: ").last().unwrap(), "call 1: nothing");
}
