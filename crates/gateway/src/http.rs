//! A request as a handler sees it, and an answer as bytes.
//!
//! It refuses a body that is no JSON object, a path or query that is not what it says, and to let an answer be kept by a cache.

use crate::refused::Refused;
use crate::repeats::KEY_BYTES_MAX;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Where a code of an authenticator is given beside a change of who there is.
pub const CODE_HEADER: &str = "x-omega-code";
/// The longest token or code that is looked at.
const SECRET_BYTES_MAX: usize = 256;

/// What was asked.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// What stands in the braces of the route's path, in order.
    pub(crate) parts: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// What a repetition is known by.
    pub(crate) key: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) last_event: Option<u64>,
}

impl Asked {
    /// The one part of a path that has one.
    pub(crate) fn part(&self) -> &str {
        self.parts.first().map_or("", String::as_str)
    }

    /// A number in the path.
    pub(crate) fn number(&self, what: &str) -> Result<u64, Refused> {
        let text = self.part();
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| plain).ok_or_else(|| Refused::not_here(what, text))
    }

    /// A number of the query.
    pub(crate) fn query_number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, Refused> {
        let Some(text) = self.query.get(name) else { return Ok(None) };
        let wrong = || {
            Refused::bad_request(format!("`{name}` is no number that fits"), "give a whole number in range")
        };
        text.parse().map(Some).map_err(|_| wrong())
    }

    /// Refuses what nobody asked for: a name that was misspelt would be no limit at all.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), Refused> {
        match self.query.keys().find(|name| !names.contains(&name.as_str())) {
            None => Ok(()),
            Some(_) => {
                let takes = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                let mend = format!("this path takes {takes} in its query");
                Err(Refused::bad_request("the query has a name that is not known", mend))
            }
        }
    }

    /// The body as one of ours; an empty one is an empty object.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        let wrong = |error: serde_json::Error| {
            let mend = "look at the document at /openapi.json for what it takes";
            Refused::bad_request(format!("the body is not what it should be ({})", place_of(&error)), mend)
        };
        serde_json::from_slice(body).map_err(wrong)
    }

    /// The body as arguments: an object of texts, numbers and truths.
    pub(crate) fn arguments(&self) -> Result<BTreeMap<String, String>, Refused> {
        let map: Map<String, Value> = self.json()?;
        let text = |(name, value): (String, Value)| match value {
            Value::String(text) => Ok(Some((name, text))),
            Value::Number(number) => Ok(Some((name, number.to_string()))),
            Value::Bool(truth) => Ok(Some((name, truth.to_string()))),
            Value::Null => Ok(None),
            Value::Array(_) | Value::Object(_) => Err(Refused::bad_request(
                "an argument is a list or an object",
                "give each as text or a number",
            )),
        };
        map.into_iter().map(text).filter_map(Result::transpose).collect()
    }
}

/// What serde says may quote what it read, which may be a secret.
fn place_of(error: &serde_json::Error) -> String {
    let what = if error.is_data() { "something missing, unknown or of another type" } else { "no JSON" };
    format!("{what} at line {}, column {}", error.line(), error.column())
}

/// The text of a header, if it is one and not too long.
fn header<'h>(headers: &'h HeaderMap, name: &str, bytes_max: usize) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().filter(|text| text.len() <= bytes_max)
}

/// The token of `Authorization: Bearer …`. Something else there is a token that is wrong.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<String> {
    let given = headers.get("authorization")?;
    let text = given.to_str().ok().filter(|text| text.len() <= SECRET_BYTES_MAX);
    let token = text.and_then(|text| text.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    Some(token.map_or_else(|| "?".to_owned(), |(_, token)| token.trim().to_owned()))
}

/// What of the headers a handler needs.
pub(crate) fn take_headers(asked: &mut Asked, headers: &HeaderMap) -> Result<(), Refused> {
    for name in ["idempotency-key", "x-request-id"] {
        if !headers.contains_key(name) || asked.key.is_some() {
            continue;
        }
        let key = header(headers, name, KEY_BYTES_MAX).filter(|key| !key.is_empty());
        let mend = format!("give at most {KEY_BYTES_MAX} plain characters");
        asked.key = Some(
            key.ok_or_else(|| Refused::bad_request(format!("`{name}` cannot be used"), mend))?.to_owned(),
        );
    }
    asked.code = header(headers, CODE_HEADER, SECRET_BYTES_MAX).map(str::to_owned);
    asked.last_event = header(headers, "last-event-id", 32).and_then(|text| text.parse().ok());
    Ok(())
}

/// `%C3%A4` is `ä`; nothing where it is no text.
pub(crate) fn decoded(text: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let pair = [rest.next()?, rest.next()?];
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let value = digit(pair[0])? * 16 + digit(pair[1])?;
                bytes.push(u8::try_from(value).ok()?);
            }
            b'+' if plus_is_space => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

/// A query by its names.
pub(crate) fn query_of(text: &str) -> Result<BTreeMap<String, String>, Refused> {
    let mut query = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = decoded(name, true).zip(decoded(value, true)).ok_or_else(|| {
            Refused::bad_request("the query is no text", "encode it as UTF-8 with percent signs")
        })?;
        if query.insert(name, value).is_some() {
            return Err(Refused::bad_request("the query says something twice", "say each name once"));
        }
    }
    Ok(query)
}

/// An answer of this kind.
pub(crate) fn response(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status is one of HTTP's");
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(kind));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// An answer as JSON.
pub(crate) fn json_response(status: u16, body: &Value) -> Response<Full<Bytes>> {
    response(status, "application/json", body.to_string())
}

/// A no.
pub(crate) fn refusal(refused: &Refused) -> Response<Full<Bytes>> {
    let mut response = json_response(refused.status, &refused.body());
    if refused.status == 401 {
        response.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_or_refused() {
        assert_eq!(decoded("b%C3%A4r", false).as_deref(), Some("bär"));
        assert_eq!(decoded("a+b", false).as_deref(), Some("a+b"));
        for wrong in ["%", "%4", "%zz", "%ff", "%00", "%0a"] {
            assert_eq!(decoded(wrong, false), None, "{wrong}");
        }
        assert_eq!(query_of("a=1&b=x+y").expect("a query")["b"], "x y");
        assert!(query_of("a=1&a=2").is_err() && query_of("a=%ff").is_err());
    }

    #[test]
    fn anything_but_a_bearer_is_a_wrong_token() {
        let mut headers = HeaderMap::new();
        assert_eq!(token_of(&headers), None);
        for (given, token) in
            [("Bearer abc", "abc"), ("bearer  abc", "abc"), ("Basic abc", "?"), ("abc", "?")]
        {
            headers.insert("authorization", HeaderValue::from_static(given));
            assert_eq!(token_of(&headers).as_deref(), Some(token), "{given}");
        }
    }
}
