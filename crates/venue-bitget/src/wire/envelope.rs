//! The envelope around every REST reply, and the three ways a reply fails.
//!
//! HTTP 200 does not mean success: only `code` 00000 does. Refuses to call anything a success that has no envelope.

use crate::wire::row::row;
use crate::wire::scalar::Text;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The one code of success.
pub const SUCCESS: &str = "00000";

/// What of a body that is no JSON is kept for the log.
const EXCERPT_CHARS_MAX: usize = 200;

/// The payload of a reply, unread; nothing for `null` and a missing key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Payload<'a>(pub Option<&'a RawValue>);

impl PartialEq for Payload<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.map(RawValue::get) == other.0.map(RawValue::get)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Payload<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Payload<'a>, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(|raw| Payload(Some(raw)))
    }
}

row! {
    /// The envelope.
    Envelope {
        code: Text<'a> = "code",
        message: Text<'a> = "msg" | "message",
        request_time: Text<'a> = "requestTime",
        payload: Payload<'a> = "data",
    }
}

/// Why there is no payload to read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The exchange answered with a code other than success; `crate::errors` knows what it means.
    #[error("Bitget answered {code} ({message}), HTTP {status}")]
    Code {
        /// HTTP status.
        status: u16,
        /// The code, as text: unknown ones are kept.
        code: String,
        /// Its words.
        message: String,
    },
    /// Not the exchange but something before it: an edge, a proxy, a load balancer.
    #[error("HTTP {status} without Bitget's envelope: {excerpt}")]
    NoEnvelope {
        /// HTTP status.
        status: u16,
        /// The beginning of what came.
        excerpt: String,
    },
    /// Success, but the payload is not what was asked for.
    #[error("cannot read a successful reply ({why}): report the payload, and ask the exchange again")]
    Malformed {
        /// What is wrong.
        why: String,
    },
}

impl Envelope<'_> {
    /// Whether the exchange did what was asked.
    pub fn is_success(&self) -> bool {
        self.code.as_str() == SUCCESS
    }
}

/// The envelope of a reply.
pub fn opened(status: u16, body: &str) -> Result<Envelope<'_>, Failure> {
    match serde_json::from_str::<Envelope<'_>>(body) {
        Ok(envelope) if !envelope.code.is_empty() => Ok(envelope),
        _ => Err(Failure::NoEnvelope { status, excerpt: body.chars().take(EXCERPT_CHARS_MAX).collect() }),
    }
}

/// The payload of a successful reply.
pub fn answer<'a, T: Deserialize<'a>>(status: u16, body: &'a str) -> Result<T, Failure> {
    let envelope = opened(status, body)?;
    if !envelope.is_success() {
        return Err(Failure::Code {
            status,
            code: envelope.code.to_string(),
            message: envelope.message.to_string(),
        });
    }
    let raw = envelope.payload.0.map_or("null", RawValue::get);
    serde_json::from_str(raw).map_err(|error| Failure::Malformed { why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Page;

    #[test]
    fn only_the_code_says_success() {
        let ok = r#"{"code":"00000","msg":"success","requestTime":"0","data":[]}"#;
        assert_eq!(answer::<Page<'_, Text<'_>>>(200, ok).unwrap().rows.len(), 0);
        // Success in a body beats the status of whatever stands before the exchange.
        assert!(answer::<Page<'_, Text<'_>>>(502, ok).is_ok());
        let refused = r#"{"code":"40762","msg":"The order size","requestTime":1,"data":null}"#;
        let Err(Failure::Code { status: 400, code, .. }) = answer::<Text<'_>>(400, refused) else { panic!() };
        assert_eq!(code, "40762");
        let number = r#"{"code":40034,"msg":"x","data":null,"new":{"a":[1]}}"#;
        let Err(Failure::Code { code, .. }) = answer::<Text<'_>>(200, number) else { panic!() };
        assert_eq!(code, "40034");
    }

    #[test]
    fn what_is_no_envelope_is_never_a_success() {
        let page = format!("<html>{}</html>", "牛".repeat(500));
        for body in ["", "{", "[]", "null", "{}", r#"{"code":""}"#, r#"{"code":[0]}"#, "\u{0}", page.as_str()]
        {
            let Err(Failure::NoEnvelope { status: 200, excerpt }) = answer::<Text<'_>>(200, body) else {
                panic!("{body} was taken for a reply")
            };
            assert!(excerpt.chars().count() <= EXCERPT_CHARS_MAX);
        }
        let wrong = r#"{"code":"00000","data":{"a":1}}"#;
        assert!(matches!(answer::<Text<'_>>(200, wrong), Err(Failure::Malformed { .. })));
    }
}
