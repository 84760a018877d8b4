//! What a gateway is told before it opens: where it listens, how long it waits, how much it takes.
//!
//! It refuses to speak plain HTTP beyond this machine unless somebody says that the encryption stands in front of it.

use access::Rules;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Port of a gateway that is told none.
pub const PORT: u16 = 8_080;
/// The longest head of a request, in bytes.
pub const HEAD_BYTES_MAX: usize = 16 << 10;
/// The most headers of a request.
pub const HEADERS_MAX: usize = 64;

/// A certificate and its key, as files of PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain.
    pub certificates: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// What of HTTP goes beyond this machine without our own encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Nothing.
    OnThisMachine,
    /// Everything: something in front of it encrypts.
    BehindProxy,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The farm's name: of the audit's chain, and what authenticators call it.
    pub farm: String,
    /// Where the files of access and audit are.
    pub data_dir: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its own encryption.
    pub tls: Option<TlsFiles>,
    /// What goes without it.
    pub plain: Plain,
    /// Shards that are expected to be heard of; `/ready` names those that are not.
    pub shards: Vec<String>,
    /// What the operator says about access.
    pub rules: Rules,
    /// Whether `/metrics` answers.
    pub metrics: bool,
    /// The longest body of a request.
    pub body_bytes_max: usize,
    /// The most connections at once; one address may have half of them.
    pub connections_max: usize,
    /// How long the head of a request may take to come.
    pub head_timeout: Duration,
    /// How long a request may take to arrive and to be answered.
    pub request_timeout: Duration,
    /// How long an answer waits for the shards to acknowledge a command.
    pub acknowledge_within: Duration,
    /// How often a stream of events says that it is alive.
    pub heartbeat_each: Duration,
}

impl Settings {
    /// As they are where nothing is said.
    pub fn new(farm: &str, data_dir: PathBuf) -> Settings {
        Settings {
            farm: farm.to_owned(),
            data_dir,
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT),
            tls: None,
            plain: Plain::OnThisMachine,
            shards: Vec::new(),
            rules: Rules::default(),
            metrics: true,
            body_bytes_max: 64 << 10,
            connections_max: 256,
            head_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
            acknowledge_within: Duration::from_secs(2),
            heartbeat_each: Duration::from_secs(15),
        }
    }

    /// Whether it may listen where it is to listen without encryption of its own.
    pub(crate) fn is_exposed(&self) -> bool {
        self.tls.is_none() && self.plain == Plain::OnThisMachine && !self.listen.ip().is_loopback()
    }
}
