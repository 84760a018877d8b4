//! Addresses and paths. They refuse a password inside a URL: that is a secret, and is named by a reference.

use super::{Kind, Says, Scalar, Shape, Wrong, quoted, text_of};
use std::net::SocketAddr;

/// A URL with one of some schemes.
#[derive(Clone, Copy, Debug)]
pub struct Url {
    /// Its schemes, each with `://`.
    pub schemes: &'static [&'static str],
    /// One to show.
    pub example: &'static str,
}

const URL_CHARS_MAX: usize = 512;

impl Kind for Url {
    type Value = String;

    fn says(&self) -> Says {
        Says::new(Shape::Text, format!("a URL that begins with {}", self.schemes.join(" or ")))
    }

    fn read(&self, value: &Scalar<'_>) -> Result<String, Wrong> {
        let text = text_of(value, || self.says())?;
        let write = format!("write for example \"{}\"", self.example);
        let rest = self.schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
        if text.contains('@') {
            let mend = "take user and password out of the URL, and name them in keys of their own: user = \"…\", \
                        password = \"env:NAME\"";
            return Err(Wrong::new("holds a user or a password", mend));
        }
        let shown = value.shown();
        let Some(rest) = rest else {
            let schemes = self.schemes.join(" or ");
            return Err(Wrong::new(format!("is {shown}, which does not begin with {schemes}"), write));
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = host_and_port(authority);
        if text.len() > URL_CHARS_MAX
            || text.contains(|c: char| c.is_whitespace() || c.is_control())
            || !is_host(host)
        {
            return Err(Wrong::new(format!("is {shown}, which names no host"), write));
        }
        if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
            return Err(Wrong::new(format!("is {shown}, whose port is none"), "a port is 1 to 65535"));
        }
        Ok(text.to_owned())
    }

    fn write(&self, value: &String) -> String {
        quoted(value)
    }
}

fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    let from = authority.rfind(']').unwrap_or(0);
    match authority[from..].find(':') {
        Some(colon) => (&authority[..from + colon], Some(&authority[from + colon + 1..])),
        None => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.strip_suffix(']').is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
    }
    (1..=253).contains(&host.len())
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// A host, without a port.
#[derive(Clone, Copy, Debug)]
pub struct Host;

impl Kind for Host {
    type Value = String;

    fn says(&self) -> Says {
        Says::new(Shape::Text, "a host name or an address")
    }

    fn read(&self, value: &Scalar<'_>) -> Result<String, Wrong> {
        let text = text_of(value, || self.says())?;
        let wrong = || {
            Wrong::new(
                format!("is {}, which is no host", value.shown()),
                "write a name such as \"redis\", or an address; a port has a key of its own",
            )
        };
        is_host(text).then(|| text.to_owned()).ok_or_else(wrong)
    }

    fn write(&self, value: &String) -> String {
        quoted(value)
    }
}

/// A host with a port.
#[derive(Clone, Copy, Debug)]
pub struct HostPort;

impl Kind for HostPort {
    type Value = String;

    fn says(&self) -> Says {
        Says::new(Shape::Text, "HOST:PORT")
    }

    fn read(&self, value: &Scalar<'_>) -> Result<String, Wrong> {
        let text = text_of(value, || self.says())?;
        let (host, port) = host_and_port(text);
        let fits = is_host(host) && port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        let wrong = || {
            Wrong::new(
                format!("is {}, which is no HOST:PORT", value.shown()),
                "write for example \"sentinel-0:26379\"",
            )
        };
        fits.then(|| text.to_owned()).ok_or_else(wrong)
    }

    fn write(&self, value: &String) -> String {
        quoted(value)
    }
}

/// An address to listen on.
#[derive(Clone, Copy, Debug)]
pub struct Listen;

impl Kind for Listen {
    type Value = SocketAddr;

    fn says(&self) -> Says {
        Says::new(Shape::Text, "ADDRESS:PORT")
    }

    fn read(&self, value: &Scalar<'_>) -> Result<SocketAddr, Wrong> {
        let text = text_of(value, || self.says())?;
        let wrong = || {
            Wrong::new(
                format!("is {}, which nothing can listen on", value.shown()),
                "write \"127.0.0.1:8080\" for this machine only, or \"0.0.0.0:8080\" for every network it is in",
            )
        };
        text.parse().map_err(|_| wrong())
    }

    fn write(&self, value: &SocketAddr) -> String {
        quoted(&value.to_string())
    }
}

/// A file or a directory.
#[derive(Clone, Copy, Debug)]
pub struct FilePath;

const PATH_CHARS_MAX: usize = 1_024;

impl Kind for FilePath {
    type Value = String;

    fn says(&self) -> Says {
        Says::new(Shape::Text, "a path")
    }

    fn read(&self, value: &Scalar<'_>) -> Result<String, Wrong> {
        let text = text_of(value, || self.says())?;
        if let Some(rest) = text.strip_prefix('~') {
            let mend = format!("write the whole path: no shell reads this file; for example /home/you{rest}");
            return Err(Wrong::new(format!("is {}, and ~ stands for nothing here", value.shown()), mend));
        }
        let fits = (1..=PATH_CHARS_MAX).contains(&text.len()) && !text.contains(char::is_control);
        let wrong = || {
            Wrong::new(
                format!("is {}, which is no path", value.shown()),
                "write a path, from the directory omega is started in or from /",
            )
        };
        fits.then(|| text.to_owned()).ok_or_else(wrong)
    }

    fn write(&self, value: &String) -> String {
        quoted(value)
    }
}
