//! How a Redis is reached, as plain data: whoever reads a configuration fills it. It refuses to show a password.

use crate::error::Failed;
use control::bus::WAITING_MAX;
use model::Interval;
use redis::{ConnectionAddr, IntoConnectionInfo};
use std::fmt;

/// Where a Redis is, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its name or address; with sentinels they know it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Which of its databases.
    pub db: u8,
    /// Who speaks.
    pub login: Login,
    /// Encrypted, and by whose word.
    pub tls: Option<Tls>,
    /// Who knows which server is the master.
    pub sentinel: Option<Sentinel>,
    /// What all keys begin with, so that several farms share a server.
    pub prefix: String,
    /// How many messages a topic keeps.
    pub waiting_max: usize,
    /// So many replicas have a message before it counts as sent.
    pub copies_min: u8,
    /// What a member of a group held so long without asking for the next one goes to another: longer than any message takes.
    pub give_up_after: Interval,
    /// A server that does not answer so long is away; a send is tried again for as long.
    pub answer_within: Interval,
}

/// Who speaks to a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// A user of its access list; none is the one without a name.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Password>,
}

/// A password. It is shown by nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

/// How a connection is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The certificate of one's own authority, in PEM; without it the public ones count.
    pub authority_pem: Option<Vec<u8>>,
}

/// Who knows the master.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentinel {
    /// Where they are: host and port.
    pub nodes: Vec<(String, u16)>,
    /// What they call the master.
    pub master: String,
    /// Who speaks to them.
    pub login: Login,
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            host: "127.0.0.1".to_owned(),
            port: 6379,
            db: 0,
            login: Login::default(),
            tls: None,
            sentinel: None,
            prefix: "omega".to_owned(),
            waiting_max: WAITING_MAX,
            copies_min: 0,
            give_up_after: Interval(30_000),
            answer_within: Interval(2_000),
        }
    }
}

impl Settings {
    /// The same at this address, which may name a database, a user and a password, and says whether all is encrypted.
    pub fn at_url(self, url: &str) -> Result<Settings, Failed> {
        let bad = |error: redis::RedisError| Failed::NoAddress(error.category().to_owned());
        let info = url.into_connection_info().map_err(bad)?;
        let (host, port, is_encrypted) = match info.addr().clone() {
            ConnectionAddr::Tcp(host, port) => (host, port, false),
            ConnectionAddr::TcpTls { host, port, insecure: false, .. } => (host, port, true),
            _ => return Err(Failed::NoAddress("neither redis:// nor a checked rediss://".to_owned())),
        };
        let who = info.redis_settings();
        let db =
            u8::try_from(who.db()).map_err(|_| Failed::NoAddress("a database from 0 to 255".to_owned()))?;
        let login = Login {
            user: who.username().map(str::to_owned).or(self.login.user),
            password: who.password().map(|text| Password(text.to_owned())).or(self.login.password),
        };
        let tls = is_encrypted.then(|| self.tls.unwrap_or_default());
        Ok(Settings { host, port, db, login, tls, ..self })
    }

    /// The key of a thing.
    pub(crate) fn key(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{name}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let password = Some(Password("hunter2".to_owned()));
        let login = Login { user: Some("bot".to_owned()), password };
        let sentinel = Sentinel { nodes: Vec::new(), master: "omega".to_owned(), login: login.clone() };
        let settings = Settings { login, sentinel: Some(sentinel), ..Settings::default() };
        let shown = format!("{settings:?}");
        assert!(!shown.contains("hunter2") && shown.contains("Password(..)"), "{shown}");
    }

    #[test]
    fn an_address_says_it_all_and_a_bad_one_is_not_shown() {
        let authority = Some(Tls { authority_pem: Some(b"pem".to_vec()) });
        let known = Settings { tls: authority.clone(), ..Settings::default() };
        let settings = known.clone().at_url("rediss://bot:hunter2@cache.example:7000/3").expect("an address");
        let login = Login { user: Some("bot".to_owned()), password: Some(Password("hunter2".to_owned())) };
        let host = "cache.example".to_owned();
        assert_eq!(
            settings,
            Settings { host, port: 7000, db: 3, login, tls: authority, ..Settings::default() }
        );
        let plain = known.at_url("redis://127.0.0.1").expect("an address");
        assert_eq!(plain, Settings::default(), "what is not encrypted needs no authority");
        for bad in [
            "hunter2",
            "http://hunter2",
            "redis://:hunter2@host:port",
            "redis://:hunter2@host/999",
            "rediss://:hunter2@host/#insecure",
        ] {
            let failed = Settings::default().at_url(bad).expect_err(bad);
            assert!(
                matches!(failed, Failed::NoAddress(_)) && !failed.to_string().contains("hunter2"),
                "{failed}"
            );
        }
    }
}
