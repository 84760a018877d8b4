//! A line to the gateway of a farm that runs: where it is, the token one comes with, requests and the stream of events.
//!
//! It refuses to show the token, and to give anything twice: what is repeated carries the same key.

use crate::commands::ctl::There;
use crate::configured;
use crate::error::Failure;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The longest that a whole exchange may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest that somebody who watches waits for one.
const GLANCE: Duration = Duration::from_secs(4);
/// A stream says every quarter of a minute that it is alive.
const STREAM_READ: Duration = Duration::from_secs(20);
/// The longest answer, and the longest event.
const BODY_BYTES_MAX: u64 = 16 << 20;
/// The longest token.
const TOKEN_BYTES_MAX: usize = 256;

/// A gateway and the right to speak with it.
#[derive(Clone)]
pub struct Line {
    agent: ureq::Agent,
    streams: ureq::Agent,
    url: String,
    token: String,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({}, a token)", self.url)
    }
}

/// Something that happened, as the stream tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number.
    pub id: u64,
    /// `snapshot`, `view`, `notice`, `errand`; nothing where the stream only says that it is alive.
    pub name: String,
    /// What it says.
    pub data: Value,
}

impl There {
    /// Finds the farm; for somebody who watches, with less patience.
    pub fn open(&self) -> Result<Line, Failure> {
        self.line(TIMEOUT)
    }

    /// The same for somebody who watches, with less patience.
    pub fn glance(&self) -> Result<Line, Failure> {
        self.line(GLANCE)
    }

    fn line(&self, patience: Duration) -> Result<Line, Failure> {
        let config = match (&self.url, &self.token_file) {
            (Some(_), Some(_)) => None,
            _ => Some(self.configuration()?),
        };
        let of_file = || config.as_ref().expect("it was read where one of both is not given");
        let url = self.url.clone().unwrap_or_else(|| url_of(of_file()));
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme) && url.len() > scheme.len()) {
            let mend = "write http://HOST:PORT, or https://HOST where it is encrypted";
            return Err(Failure::usage(format!("--url {url} is no address of a farm"), mend));
        }
        let local = || PathBuf::from(&of_file().farm.data_dir).join(gateway::LOCAL_TOKEN_FILE);
        let token = token_in(&self.token_file.clone().unwrap_or_else(local))?;
        let agent = |builder: ureq::config::ConfigBuilder<ureq::typestate::AgentScope>| {
            builder.http_status_as_error(false).max_redirects(0).build().new_agent()
        };
        let streams = ureq::Agent::config_builder()
            .timeout_connect(Some(GLANCE))
            .timeout_recv_response(Some(GLANCE))
            .timeout_per_read(Some(STREAM_READ));
        Ok(Line {
            agent: agent(ureq::Agent::config_builder().timeout_global(Some(patience))),
            streams: agent(streams),
            url: url.trim_end_matches('/').to_owned(),
            token,
        })
    }

    fn configuration(&self) -> Result<config::Config, Failure> {
        let written = configured::written(self.config.as_deref())?;
        configured::read(&written, &configured::environment()).map_err(|faults| {
            Failure::input(
                format!("{} does not say where the farm is: {}", written.file.display(), faults[0]),
                "`omega config check` lists all that is wrong; or give --url and --token-file",
            )
        })
    }
}

/// Where a farm of this configuration is asked from this machine.
pub fn url_of(config: &config::Config) -> String {
    let scheme = if config.gateway.tls_cert_file.is_some() { "https" } else { "http" };
    config.gateway.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", config.gateway.listen))
}

fn token_in(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::input(
            format!("cannot read a token from {}: {error}", file.display()),
            "start the farm with `omega run`, or give --token-file with a token of `omega token issue`",
        )
    })?;
    let token = text.trim().to_owned();
    if token.is_empty() || token.len() > TOKEN_BYTES_MAX || !token.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(Failure::input(format!("{} has no token", file.display()), "put one in it, on one line"));
    }
    Ok(token)
}

impl Line {
    /// Looks at something.
    pub fn get(&self, path: &str) -> Result<(u16, Value), Failure> {
        let url = format!("{}{path}", self.url);
        self.answered(|| {
            let request = self.agent.get(&url).header("authorization", format!("Bearer {}", self.token));
            request.call()
        })
    }

    /// Gives something; the key makes a repetition harmless.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Result<(u16, Value), Failure> {
        let url = format!("{}{path}", self.url);
        let ask = || {
            let request = self.agent.post(&url).header("authorization", format!("Bearer {}", self.token));
            let request = request.header("content-type", "application/json").header("idempotency-key", key);
            request.send(body.to_string())
        };
        self.answered(|| ask().or_else(|_| ask()))
    }

    /// Takes something back.
    pub fn delete(&self, path: &str) -> Result<(u16, Value), Failure> {
        let url = format!("{}{path}", self.url);
        self.answered(|| {
            let request = self.agent.delete(&url).header("authorization", format!("Bearer {}", self.token));
            request.call()
        })
    }

    fn answered(
        &self,
        ask: impl Fn() -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<(u16, Value), Failure> {
        let mut answer = ask().map_err(|error| self.away(&error))?;
        let text = answer.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_string();
        let text = text.map_err(|error| self.away(&error))?;
        let body = serde_json::from_str(&text).map_err(|_| self.no_gateway())?;
        Ok((answer.status().as_u16(), body))
    }

    fn away(&self, error: &dyn fmt::Display) -> Failure {
        Failure::input(
            format!("the farm does not answer at {}: {error}", self.url),
            "start it with `omega run`, or look at --url",
        )
    }

    fn no_gateway(&self) -> Failure {
        Failure::input(format!("{} is no gateway of a farm", self.url), "look at --url")
    }

    /// Hears events from behind this one, or from how everything is, until the stream ends or `hear` has heard enough.
    pub fn events(&self, last: Option<u64>, hear: &mut dyn FnMut(Event) -> bool) -> Result<(), Failure> {
        let request = self.streams.get(format!("{}/api/v1/events", self.url));
        let mut request = request.header("authorization", format!("Bearer {}", self.token));
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let answer = request.call().map_err(|error| self.away(&error))?;
        if answer.status().as_u16() != 200 {
            let mut answer = answer;
            let text = answer.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_string();
            let text = text.map_err(|error| self.away(&error))?;
            return Err(refused(&serde_json::from_str(&text).map_err(|_| self.no_gateway())?));
        }
        let body = BufReader::new(answer.into_body().into_reader());
        read_events(body, hear).map_err(|error| self.away(&error))
    }
}

/// A no of a gateway, as it says it.
pub fn refused(body: &Value) -> Failure {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Failure::input(text("reason"), text("mend"))
}

/// Reads a stream of events.
fn read_events(mut from: impl BufRead, hear: &mut dyn FnMut(Event) -> bool) -> std::io::Result<()> {
    let mut event = Event { id: 0, name: String::new(), data: Value::Null };
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = std::io::Read::take(&mut from, BODY_BYTES_MAX).read_until(b'\n', &mut line)?;
        if read == 0 || line.last() != Some(&b'\n') {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        if let Some(id) = text.strip_prefix("id: ") {
            event.id = id.parse().unwrap_or(event.id);
        } else if let Some(name) = text.strip_prefix("event: ") {
            name.clone_into(&mut event.name);
        } else if let Some(data) = text.strip_prefix("data: ") {
            event.data = serde_json::from_str(data).unwrap_or(Value::Null);
        } else if text.is_empty() {
            let id = event.id;
            let heard = std::mem::replace(&mut event, Event { id, name: String::new(), data: Value::Null });
            if !hear(heard) {
                return Ok(());
            }
        }
    }
}

/// Nobody draws the same one: the instant to the nanosecond, the process, the command.
pub fn key_of(what: &str) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let text = format!("{} {} {what}", since.as_nanos(), std::process::id());
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_as_they_are_written() {
        let text = "id: 7\nevent: view\ndata: {\"shard\":\"main\"}\n\n: alive\n\nid: 9\n\nid: 10\nevent: cut";
        let mut heard = Vec::new();
        read_events(text.as_bytes(), &mut |event| {
            heard.push((event.id, event.name, event.data["shard"].as_str().map(str::to_owned)));
            true
        })
        .expect("bytes are read");
        let view = (7, "view".to_owned(), Some("main".to_owned()));
        assert_eq!(heard, [view, (7, String::new(), None), (9, String::new(), None)]);
        let mut count = 0;
        read_events(text.as_bytes(), &mut |_| {
            count += 1;
            false
        })
        .expect("bytes are read");
        assert_eq!(count, 1, "who has heard enough is told no more");
    }
}
