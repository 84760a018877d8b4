//! Requests as they come off a wire and replies as they go onto it, without the wire.
//!
//! Parameters come as a query or as a JSON body; both become the same table of texts, in which a number is its digits
//! (one client sends trigger prices as JSON numbers) and an empty text is a parameter that was not given. Refuses to
//! understand any of them.

use crate::refusal::Refusal;
use model::Time;
use serde_json::{Map, Value};

/// HTTP method; Bitget uses two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes.
    Post,
}

impl Method {
    /// As it is signed.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// From `/api` on, without the query.
    pub path: String,
    /// As it is on the wire, percent-encoded, without the question mark.
    pub query: String,
    /// Names in whatever case they came.
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: String,
}

/// The status of a reply that is none: the connection ends instead.
pub const NO_ANSWER: u16 = 0;

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Besides what the shell adds.
    pub headers: Vec<(&'static str, String)>,
    /// JSON, except where an edge in front of the exchange speaks.
    pub body: String,
}

impl Request {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|header| header.0.eq_ignore_ascii_case(name));
        found.map(|header| header.1.as_str())
    }

    /// The query as it is signed: decoded, in the order it came.
    pub(crate) fn decoded_query(&self) -> String {
        percent_decode(&self.query)
    }

    pub(crate) fn params(&self) -> Result<Params, Refusal> {
        match self.method {
            Method::Get => Ok(Params::of_query(&self.query)),
            Method::Post => Params::of_body(&self.body),
        }
    }
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| bytes[at] == b'%') {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// After this nothing is asked for: some three thousand years on. Room is left for sums.
const TIME_MAX: Time = Time(100_000_000_000_000);

/// The parameters of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    fields: Map<String, Value>,
    list: Vec<Params>,
}

impl Params {
    fn of_query(query: &str) -> Params {
        let mut fields = Map::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            fields.insert(percent_decode(key), Value::String(percent_decode(value)));
        }
        Params { fields, list: Vec::new() }
    }

    pub(crate) fn of_body(body: &str) -> Result<Params, Refusal> {
        if body.is_empty() {
            return Ok(Params::default());
        }
        match serde_json::from_str(body) {
            Ok(value) => Params::of_value(value),
            Err(error) => Err(Refusal::new("40020", format!("the body is no JSON: {error}"))),
        }
    }

    pub(crate) fn of_value(value: Value) -> Result<Params, Refusal> {
        match value {
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(key, value)| (key, as_text(value))).collect();
                Ok(Params { fields, list: Vec::new() })
            }
            Value::Array(rows) => {
                let list = rows.into_iter().map(Params::of_value).collect::<Result<_, _>>()?;
                Ok(Params { fields: Map::new(), list })
            }
            _ => Err(Refusal::new("40020", "the body is neither an object nor a list")),
        }
    }

    /// A parameter that was given.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    /// A parameter that must be given.
    pub(crate) fn need(&self, key: &str) -> Result<&str, Refusal> {
        self.text(key).ok_or_else(|| Refusal::new("40019", format!("Parameter {key} cannot be empty")))
    }

    /// A whole number, if it was given.
    pub(crate) fn number(&self, key: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(key) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refusal::new("40020", format!("Parameter {key} error")))
    }

    /// An instant, if it was given; one before all markets or after them is their beginning or end.
    pub(crate) fn instant(&self, key: &str) -> Result<Option<Time>, Refusal> {
        Ok(self.number(key)?.map(|ms| Time(ms.clamp(0, TIME_MAX.0))))
    }

    /// The objects of a body that is a bare list.
    pub(crate) fn rows(&self) -> &[Params] {
        &self.list
    }

    /// A list of objects under a key; `None` if it was not given.
    pub(crate) fn list(&self, key: &str) -> Result<Option<Vec<Params>>, Refusal> {
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value @ Value::Array(_)) => Ok(Some(Params::of_value(value.clone())?.list)),
            Some(_) => Err(Refusal::new("40020", format!("Parameter {key} error"))),
        }
    }

    /// A list of texts under a key; none if it was not given.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<String>, Refusal> {
        let wrong = || Refusal::new("40020", format!("Parameter {key} error"));
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(rows)) => {
                rows.iter().map(|row| row.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
            }
            // Some clients send one word, or several with commas between them.
            Some(Value::String(text)) => Ok(text.split(',').map(str::to_owned).collect()),
            Some(_) => Err(wrong()),
        }
    }

    /// These, with what another table says where these are silent.
    pub(crate) fn over(&self, other: &Params) -> Params {
        let mut fields = other.fields.clone();
        fields.extend(self.fields.clone());
        Params { fields, list: Vec::new() }
    }
}

fn as_text(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(yes) => Value::String(yes.to_string()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_and_bodies_are_texts() {
        let query = Params::of_query("symbol=%E7%89%9B%E6%9D%A5USDT&limit=5&empty=&odd=%zz");
        assert_eq!((query.text("symbol"), query.text("empty")), (Some("牛来USDT"), None));
        assert_eq!((query.number("limit").ok(), query.text("odd")), (Some(Some(5)), Some("%zz")));
        let body = Params::of_body(r#"{"triggerPrice":27000.5,"list":[{"a":1}],"b":true}"#).unwrap();
        assert_eq!((body.text("triggerPrice"), body.text("b")), (Some("27000.5"), Some("true")));
        assert_eq!(body.list("list").unwrap().unwrap()[0].text("a"), Some("1"));
        assert_eq!(Params::of_body("[{\"a\":\"1\"},{}]").unwrap().rows().len(), 2);
        for bad in ["{", "3", "[1]"] {
            assert!(Params::of_body(bad).is_err(), "{bad}");
        }
    }
}
