//! Where an exchange is: REST, public sockets, private sockets, each wherever somebody wants it.
//!
//! A mock, a recorder or a proxy in between is another address, nothing else. Refuses paths, because requests are signed
//! over theirs, and everything it does not understand, saying what to write instead.

use std::fmt;
use std::str::FromStr;
use venue_bitget::sign::Environment;

/// Whether bytes are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// `http` and `ws`: a machine of ours.
    Plain,
    /// `https` and `wss`.
    Tls,
}

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// How it is spoken to.
    pub transport: Transport,
    /// A name or an address, as it stands in a URL.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// A URL that is none, or none of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Another scheme, or none.
    #[error("`{url}` does not begin with {wanted}: write for example {example}")]
    Scheme {
        /// What was given.
        url: String,
        /// What it could begin with.
        wanted: &'static str,
        /// What to write.
        example: &'static str,
    },
    /// Something after host and port.
    #[error(
        "`{0}` says more than where the exchange is: write the host and, if it is not the usual one, the port"
    )]
    Path(String),
    /// No host, or none that can be.
    #[error("`{0}` names no host: write it after the two slashes, an IPv6 address in brackets")]
    Host(String),
    /// No port.
    #[error("`{0}` has no port that can be: write a number from 1 to 65535 after the colon, or no colon")]
    Port(String),
}

/// The three places of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    /// Requests.
    pub rest: Place,
    /// Sockets of public data.
    pub public: Place,
    /// Sockets of accounts.
    pub private: Place,
}

impl Place {
    /// The place of a REST server: `https://HOST[:PORT]` or `http://HOST[:PORT]`.
    pub fn rest(url: &str) -> Result<Place, BadUrl> {
        const EXAMPLE: (&str, &str) =
            ("https:// or http://", "https://api.bitget.com or http://127.0.0.1:8080");
        Place::of(url, [("https://", Transport::Tls, 443), ("http://", Transport::Plain, 80)], EXAMPLE)
    }

    /// The place of a WebSocket server: `wss://HOST[:PORT]` or `ws://HOST[:PORT]`.
    pub fn socket(url: &str) -> Result<Place, BadUrl> {
        const EXAMPLE: (&str, &str) = ("wss:// or ws://", "wss://ws.bitget.com or ws://127.0.0.1:8080");
        Place::of(url, [("wss://", Transport::Tls, 443), ("ws://", Transport::Plain, 80)], EXAMPLE)
    }

    fn of(
        url: &str,
        schemes: [(&str, Transport, u16); 2],
        (wanted, example): (&'static str, &'static str),
    ) -> Result<Place, BadUrl> {
        let url = url.trim();
        let found = schemes.iter().find_map(|(scheme, transport, port)| {
            // `get` and not an index: what was given may have any characters.
            let start = url.get(..scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then(|| (&url[scheme.len()..], *transport, *port))
        });
        let Some((rest, transport, usual)) = found else {
            return Err(BadUrl::Scheme { url: url.to_owned(), wanted, example });
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '@']) {
            // What stands before an @ is a secret.
            return Err(BadUrl::Path(url.rsplit('@').next().unwrap_or_default().to_owned()));
        }
        let port_from = rest.rfind(']').map_or(0, |bracket| bracket);
        let (host, port) = match rest[port_from..].find(':') {
            None => (rest, usual),
            Some(colon) => {
                let (host, port) = rest.split_at(port_from + colon);
                let port = port[1..].parse().ok().filter(|port| *port != 0);
                (host, port.ok_or_else(|| BadUrl::Port(url.to_owned()))?)
            }
        };
        if !is_host(host) {
            return Err(BadUrl::Host(url.to_owned()));
        }
        Ok(Place { transport, host: host.to_owned(), port })
    }

    /// Host and port as a `Host` header has them.
    pub(super) fn authority(&self) -> String {
        let usual = match self.transport {
            Transport::Plain => 80,
            Transport::Tls => 443,
        };
        if self.port == usual { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// The host without the brackets of an IPv6 address.
    pub(super) fn bare_host(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.strip_suffix(']').is_some_and(|inner| std::net::Ipv6Addr::from_str(inner).is_ok());
    }
    !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// Host and port.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Urls {
    /// Bitget's own: real money and its demo differ in the sockets only.
    pub fn bitget(environment: Environment) -> Urls {
        let sockets = match environment {
            Environment::Live => "wss://ws.bitget.com",
            Environment::Demo => "wss://wspap.bitget.com",
        };
        Urls::parse("https://api.bitget.com", sockets, sockets).expect("these are well-formed")
    }

    /// Bitget's own, or what is set instead: one REST server by itself is all there is, as a mock's.
    pub fn set(environment: Environment, rest: Option<&str>, socket: Option<&str>) -> Result<Urls, BadUrl> {
        let default = Urls::bitget(environment);
        match (rest, socket) {
            (None, None) => Ok(default),
            (Some(rest), None) => Urls::one(rest),
            (None, Some(socket)) => Urls::parse(&default.rest.to_string(), socket, socket),
            (Some(rest), Some(socket)) => Urls::parse(rest, socket, socket),
        }
    }

    /// Three URLs.
    pub fn parse(rest: &str, public: &str, private: &str) -> Result<Urls, BadUrl> {
        Ok(Urls {
            rest: Place::rest(rest)?,
            public: Place::socket(public)?,
            private: Place::socket(private)?,
        })
    }

    /// All at one host and port, as the mock has it: `http://HOST:PORT` or `https://HOST:PORT`.
    pub fn one(rest: &str) -> Result<Urls, BadUrl> {
        let rest = Place::rest(rest)?;
        Ok(Urls { public: rest.clone(), private: rest.clone(), rest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_bitget_is() {
        let live = Urls::bitget(Environment::Live);
        let demo = Urls::bitget(Environment::Demo);
        assert_eq!(live.rest, demo.rest);
        let written = [&live.rest, &live.public, &live.private, &demo.private].map(Place::to_string);
        assert_eq!(
            written,
            ["api.bitget.com:443", "ws.bitget.com:443", "ws.bitget.com:443", "wspap.bitget.com:443"]
        );
        assert!([live.rest, live.public].iter().all(|place| place.transport == Transport::Tls));
    }

    #[test]
    fn places_are_read_exactly() {
        let of = |url| Place::rest(url).map(|place| (place.transport, place.authority(), place.port));
        assert_eq!(of("http://127.0.0.1:8080/"), Ok((Transport::Plain, "127.0.0.1:8080".to_owned(), 8080)));
        assert_eq!(of("HTTPS://h"), Ok((Transport::Tls, "h".to_owned(), 443)));
        assert_eq!(of("http://[::1]:81"), Ok((Transport::Plain, "[::1]:81".to_owned(), 81)));
        assert_eq!(Place::rest("http://[::1]").unwrap().bare_host(), "::1");
        let one = Urls::one("http://127.0.0.1:9").unwrap();
        assert_eq!((one.rest.to_string(), &one.public), ("127.0.0.1:9".to_owned(), &one.private));
    }

    #[test]
    fn whatever_else_says_what_to_write() {
        let words = |url| Place::socket(url).unwrap_err().to_string();
        for (url, says) in [
            ("https://ws.bitget.com", "write for example wss://ws.bitget.com or ws://127.0.0.1:8080"),
            ("ws.bitget.com", "does not begin with wss:// or ws://"),
            ("牛", "does not begin with"),
            ("wss://ws.bitget.com/v2/ws/public", "says more than where the exchange is"),
            ("wss://key:secret@host", "says more than where the exchange is"),
            ("wss://", "names no host"),
            ("wss://a b", "names no host"),
            ("wss://[::g]", "names no host"),
            ("wss://host:", "a number from 1 to 65535"),
            ("wss://host:70000", "a number from 1 to 65535"),
            ("wss://host:0", "a number from 1 to 65535"),
            ("ws://::1:80", "has no port"),
        ] {
            assert!(words(url).contains(says) && !words(url).contains("secret"), "{url}: {}", words(url));
        }
    }
}
