//! A REST request as a value: what is sent, what is signed, and which part of the budget it draws on.
//!
//! The signature covers the query as it is meant, the wire carries it percent-encoded: three live symbols are Chinese.
//! Keys are sorted, because Bitget signs them sorted. Refuses to send anything: that is the shell's.

use crate::wire::Generation;
use model::Time;
use std::fmt::Write;

/// HTTP method; Bitget uses two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads; the query carries the parameters.
    Get,
    /// Changes; the body does.
    Post,
}

impl Method {
    /// In upper case, as it is signed.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// What a request is for, which decides whether it may use the reserved part of the rate budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Cancels, stops and everything else that makes a position smaller or safer.
    Protect,
    /// Everything else: entries and reading.
    Ordinary,
}

/// Whose quota of an endpoint a request uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quota {
    /// Each address has its own: public endpoints, which are not signed.
    Address,
    /// Each user has its own: private endpoints, which are signed.
    User,
}

/// A request that is ready to be signed and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// GET or POST.
    pub method: Method,
    /// From `/api` on, without the query.
    pub path: &'static str,
    /// Sorted by key, not encoded.
    pub query: Vec<(&'static str, String)>,
    /// The exact bytes of the body; empty for GET.
    pub body: String,
    /// What it is for.
    pub lane: Lane,
    /// Whose quota it uses, and so whether it is signed.
    pub quota: Quota,
    /// How many of its kind a second the exchange takes.
    pub per_second: u16,
    /// Later than this it must not be sent; `None`: whenever.
    pub valid_until: Option<Time>,
}

/// What is known of an endpoint before a request is made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// GET or POST.
    pub method: Method,
    /// From `/api` on.
    pub path: &'static str,
    /// Whose quota.
    pub quota: Quota,
    /// Requests a second.
    pub per_second: u16,
}

impl Endpoint {
    /// A public endpoint: 20 a second for each address.
    pub const fn public(path: &'static str) -> Endpoint {
        Endpoint { method: Method::Get, path, quota: Quota::Address, per_second: 20 }
    }

    /// A private endpoint that reads.
    pub const fn private(path: &'static str, per_second: u16) -> Endpoint {
        Endpoint { method: Method::Get, path, quota: Quota::User, per_second }
    }

    /// A private endpoint that changes something.
    pub const fn change(path: &'static str, per_second: u16) -> Endpoint {
        Endpoint { method: Method::Post, path, quota: Quota::User, per_second }
    }

    /// A reading request.
    pub fn ask(self, mut query: Vec<(&'static str, String)>) -> HttpRequest {
        assert!(self.method == Method::Get, "{} takes a body", self.path);
        query.sort();
        self.request(query, String::new(), Lane::Ordinary)
    }

    /// A changing request.
    pub fn tell(self, body: String, lane: Lane) -> HttpRequest {
        assert!(self.method == Method::Post, "{} takes a query", self.path);
        self.request(Vec::new(), body, lane)
    }

    fn request(self, query: Vec<(&'static str, String)>, body: String, lane: Lane) -> HttpRequest {
        let Endpoint { method, path, quota, per_second } = self;
        HttpRequest { method, path, query, body, lane, quota, per_second, valid_until: None }
    }
}

impl HttpRequest {
    /// The query as it is signed: sorted, raw.
    pub fn raw_query(&self) -> String {
        self.joined(|value, out| out.push_str(value))
    }

    /// Path and query as they go over the wire.
    pub fn target(&self) -> String {
        let query = self.joined(percent_encode);
        if query.is_empty() { self.path.to_owned() } else { format!("{}?{query}", self.path) }
    }

    /// The text a signature is made over.
    pub fn prehash(&self, timestamp_ms: i64) -> String {
        let query = self.raw_query();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{timestamp_ms}{}{}{mark}{query}{}", self.method.name(), self.path, self.body)
    }

    /// Which family of endpoints it is of.
    pub fn generation(&self) -> Generation {
        if self.path.starts_with("/api/v3/") { Generation::V3 } else { Generation::V2 }
    }

    fn joined(&self, write: impl Fn(&str, &mut String)) -> String {
        let mut out = String::new();
        for (key, value) in &self.query {
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(key);
            out.push('=');
            write(value, &mut out);
        }
        out
    }
}

fn percent_encode(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a text takes any write");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_signed_raw_and_sent_encoded() {
        let ticker = Endpoint::public("/api/v2/mix/market/ticker");
        let request =
            ticker.ask(vec![("symbol", "牛来USDT".to_owned()), ("productType", "USDT-FUTURES".to_owned())]);
        assert_eq!(request.raw_query(), "productType=USDT-FUTURES&symbol=牛来USDT");
        assert_eq!(
            request.target(),
            "/api/v2/mix/market/ticker?productType=USDT-FUTURES&symbol=%E7%89%9B%E6%9D%A5USDT"
        );
        assert_eq!(
            request.prehash(17),
            "17GET/api/v2/mix/market/ticker?productType=USDT-FUTURES&symbol=牛来USDT"
        );
        let time = Endpoint::public("/api/v3/public/time").ask(Vec::new());
        assert_eq!(
            (time.prehash(1), time.target()),
            ("1GET/api/v3/public/time".to_owned(), time.path.to_owned())
        );
        assert_eq!((time.generation(), request.generation()), (Generation::V3, Generation::V2));
    }
}
