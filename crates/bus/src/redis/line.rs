//! One connection to Redis that comes back: it finds the master, waits longer after each failure and by chance, and says why it
//! is away. It refuses to wait longer than it is told, and to run anything twice by itself: who asks, asks again.

use super::settings::{Login, Settings};
use crate::error::Failed;
use model::Rng;
use redis::{Client, Connection, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisError};
use redis::{RedisConnectionInfo, TlsCertificates, cmd};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// The first wait after a failure, and the longest.
const BACKOFF_MIN: Duration = Duration::from_millis(20);
const BACKOFF_MAX: Duration = Duration::from_millis(1_000);

/// A connection, there or not.
pub(crate) struct Line {
    settings: Settings,
    up: Option<Connection>,
    failures: u32,
    not_before: Option<Instant>,
    last: Option<Failed>,
    rng: Rng,
}

/// Milliseconds of ours as a duration of the system's.
pub(crate) fn duration(interval: model::Interval) -> Duration {
    Duration::from_millis(u64::try_from(interval.0).unwrap_or(0))
}

/// Sixty-four bits that no other process has: the seed of the system's own maps.
pub(crate) fn entropy() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

impl Line {
    pub(crate) fn new(settings: Settings) -> Line {
        let rng = Rng::new(entropy());
        Line { settings, up: None, failures: 0, not_before: None, last: None, rng }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Runs something on a connection; if there is none, one is made, until then at the latest. Once is tried whenever it is due.
    pub(crate) fn run<T>(
        &mut self,
        until: Instant,
        what: impl FnOnce(&mut Connection, &Settings) -> Result<T, RedisError>,
    ) -> Result<T, Failed> {
        self.connect(until)?;
        let connection = self.up.as_mut().expect("it is connected");
        what(connection, &self.settings).map_err(|error| self.failed(&error))
    }

    /// The same again and again until then, as long as only the way is bad.
    pub(crate) fn persist<T>(
        &mut self,
        until: Instant,
        mut what: impl FnMut(&mut Connection, &Settings) -> Result<T, RedisError>,
    ) -> Result<T, Failed> {
        loop {
            match self.run(until, &mut what) {
                Err(failed) if failed.is_passing() && Instant::now() < until => {}
                done => return done,
            }
        }
    }

    /// Whether there is a connection, as far as is known.
    pub(crate) fn is_up(&self) -> bool {
        self.up.is_some()
    }

    /// Makes a connection if there is none, until then at the latest.
    pub(crate) fn connect(&mut self, until: Instant) -> Result<(), Failed> {
        while self.up.is_none() {
            let now = Instant::now();
            if let Some(due) = self.not_before.filter(|due| now < *due) {
                if due >= until {
                    std::thread::sleep(until.saturating_duration_since(now));
                    return Err(self.last.clone().expect("who waits has failed"));
                }
                std::thread::sleep(due - now);
            }
            match dial(&self.settings) {
                Ok(connection) => {
                    self.up = Some(connection);
                    self.not_before = None;
                }
                Err(failed) => {
                    self.back_off(failed);
                }
            }
        }
        Ok(())
    }

    /// Longer after each failure, and by chance between half and all of it, so that not all come back at once.
    fn back_off(&mut self, failed: Failed) {
        let whole = BACKOFF_MIN.saturating_mul(1 << self.failures.min(10)).min(BACKOFF_MAX);
        self.failures += 1;
        self.not_before = Some(Instant::now() + whole.mul_f64(0.5 + 0.5 * self.rng.unit()));
        self.last = Some(failed);
    }

    /// What an error means, and whether the connection is still good.
    fn failed(&mut self, error: &RedisError) -> Failed {
        let at = format!("{}:{}", self.settings.host, self.settings.port);
        let failed = meaning(at, error);
        if failed.is_passing() {
            self.up = None;
            self.back_off(failed.clone());
        } else {
            self.failures = 0;
        }
        failed
    }

    /// Something went well.
    pub(crate) fn is_well(&mut self) {
        self.failures = 0;
    }
}

fn meaning(at: String, error: &RedisError) -> Failed {
    let why = error.to_string();
    match error.code() {
        Some("OOM") => return Failed::NoMemory(why),
        Some("WRONGPASS" | "NOAUTH" | "NOPERM") => return Failed::NotLetIn { at, why },
        // A server that is not (or no longer) the one to write to, or not ready: another connection may find the right one.
        Some("LOADING" | "READONLY" | "MASTERDOWN" | "NOREPLICAS" | "UNBLOCKED" | "BUSY") => {
            return Failed::NotReached { at, why };
        }
        _ => {}
    }
    match error.kind() {
        ErrorKind::AuthenticationFailed => Failed::NotLetIn { at, why },
        _ if why.contains("certificate") || why.contains("CorruptMessage") => {
            Failed::NotEncrypted { at, why }
        }
        ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::UnexpectedReturnType => Failed::Refused(why),
        _ => Failed::NotReached { at, why },
    }
}

/// A connection to the server, or to the master the sentinels name.
fn dial(settings: &Settings) -> Result<Connection, Failed> {
    let Some(sentinel) = &settings.sentinel else {
        return dial_one(settings, &settings.host, settings.port, i64::from(settings.db), &settings.login);
    };
    let mut last = "there is no sentinel in the list".to_owned();
    for (host, port) in &sentinel.nodes {
        let found = dial_one(settings, host, *port, 0, &sentinel.login).and_then(|mut asked| {
            let mut question = cmd("SENTINEL");
            question.arg("GET-MASTER-ADDR-BY-NAME").arg(&sentinel.master);
            let answer: Option<(String, u16)> =
                question.query(&mut asked).map_err(|error| meaning(format!("{host}:{port}"), &error))?;
            let (host, port) =
                answer.ok_or_else(|| Failed::Refused("that it knows no such master".to_owned()))?;
            let mut master = dial_one(settings, &host, port, i64::from(settings.db), &settings.login)?;
            // A sentinel may still name who was the master until now.
            let role: Vec<redis::Value> =
                cmd("ROLE").query(&mut master).map_err(|error| meaning(format!("{host}:{port}"), &error))?;
            match role.first() {
                Some(redis::Value::BulkString(role)) if role == b"master" => Ok(master),
                _ => Err(Failed::Refused(format!("that {host}:{port} is the master, and it is not"))),
            }
        });
        match found {
            Ok(master) => return Ok(master),
            Err(failed) => last = failed.to_string(),
        }
    }
    Err(Failed::NoMaster { asked: sentinel.nodes.len(), master: sentinel.master.clone(), why: last })
}

fn dial_one(
    settings: &Settings,
    host: &str,
    port: u16,
    db: i64,
    login: &Login,
) -> Result<Connection, Failed> {
    let at = format!("{host}:{port}");
    open(settings, host, port, db, login).map_err(|error| meaning(at, &error))
}

fn open(
    settings: &Settings,
    host: &str,
    port: u16,
    db: i64,
    login: &Login,
) -> Result<Connection, RedisError> {
    let mut who = RedisConnectionInfo::default().set_db(db).set_skip_set_lib_name();
    if let Some(user) = &login.user {
        who = who.set_username(user);
    }
    if let Some(password) = &login.password {
        who = who.set_password(&password.0);
    }
    let host = host.to_owned();
    let within = duration(settings.answer_within);
    let client = match &settings.tls {
        None => Client::open(info(ConnectionAddr::Tcp(host, port), who)?)?,
        Some(tls) => {
            // Fails only where somebody chose before, who then has chosen.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let address = ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None };
            let certificates = TlsCertificates { client_tls: None, root_cert: tls.authority_pem.clone() };
            Client::build_with_tls(info(address, who)?, certificates)?
        }
    };
    let connection = client.get_connection_with_timeout(within)?;
    connection.set_read_timeout(Some(within))?;
    connection.set_write_timeout(Some(within))?;
    Ok(connection)
}

fn info(address: ConnectionAddr, who: RedisConnectionInfo) -> Result<ConnectionInfo, RedisError> {
    Ok(address.into_connection_info()?.set_redis_settings(who))
}
