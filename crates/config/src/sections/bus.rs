//! How processes talk to each other. A password is named, never written, and no URL holds one.

use crate::kinds::{FilePath, Host, HostPort, Label, Line, ListOf, Port, Secret, Url, whole, word, words};
use crate::reference::Reference;
use crate::section::section;

words! {
    /// How processes talk to each other.
    pub enum BusKind {
        /// Redis where a host, a URL or a sentinel is given, else local.
        Auto = "auto",
        /// A queue inside the one process.
        Local = "local",
        /// Redis streams: a process per role or bot.
        Redis = "redis",
    }
}

section! {
    /// How processes talk to each other.
    pub struct Bus {
        /// How.
        kind: BusKind = word(), default "\"auto\"", restart;
        /// Redis' address as a URL, rediss:// with TLS; goes before host and port.
        url: Option<String> = Url { schemes: &["redis://", "rediss://"], example: "redis://127.0.0.1:6379" }, unset "\"redis://127.0.0.1:6379\"", restart, env ["REDIS_URL"];
        /// Redis' host.
        host: Option<String> = Host, unset "\"127.0.0.1\"", restart, env ["REDIS_HOST"];
        /// Redis' port.
        port: u16 = Port, default "6379", restart, env ["REDIS_PORT"];
        /// The ACL user; unset: the default user.
        user: Option<String> = Line { chars_max: 64 }, unset "\"omega\"", restart, env ["REDIS_USER"];
        /// Where the password is.
        password: Option<Reference> = Secret, unset "\"env:REDIS_PASSWORD\"", restart, env ["REDIS_PASSWORD"];
        /// Certificates that Redis' TLS is checked against; unset: the public ones. Needs a rediss:// URL.
        tls_ca_file: Option<String> = FilePath, unset "\"/etc/redis/ca.pem\"", restart;
        /// What every stream and key begins with: two farms on one Redis need two.
        prefix: String = Label { chars_max: 32 }, default "\"omega\"", restart;
        /// Entries a stream holds at most. Heartbeats and measurements then make room; what somebody has still to do is never dropped, and whoever says more hears that it is full.
        stream_max: u32 = whole(1_000, 10_000_000), default "100000", restart;
    }
    tables {
        /// Redis Sentinel: who says which Redis is the master. Used where hosts are given.
        sentinel: Sentinel;
    }
}

section! {
    /// Redis Sentinel.
    pub struct Sentinel {
        /// The master's name at the sentinels.
        master: String = Line { chars_max: 64 }, default "\"mymaster\"", restart;
        /// The sentinels.
        hosts: Vec<String> = ListOf { kind: HostPort, most: 16 }, default "[]", restart;
    }
}

impl Bus {
    /// How, with `auto` decided.
    pub fn kind(&self) -> BusKind {
        let redis = self.url.is_some() || self.host.is_some() || !self.sentinel.hosts.is_empty();
        match self.kind {
            BusKind::Auto if redis => BusKind::Redis,
            BusKind::Auto => BusKind::Local,
            kind => kind,
        }
    }

    /// Redis' address, where no sentinel is asked.
    pub fn address(&self) -> String {
        let host = self.host.as_deref().unwrap_or("127.0.0.1");
        self.url.clone().unwrap_or_else(|| format!("redis://{host}:{}", self.port))
    }
}
