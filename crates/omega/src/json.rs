//! A JSON document, written in the order it was made.
//!
//! It refuses numbers that JSON has not (NaN, infinities), and money through a float: exact decimals are written as
//! their digits.

use model::Usd;
use std::fmt;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// Nothing is known.
    Null,
    /// Yes or no.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// A finite number, in the fewest digits that read back the same.
    Number(f64),
    /// The digits of an exact decimal.
    Exact(String),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Json>),
    /// Keys and values in order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Money, to the micro-USDT.
    pub fn money(usd: Usd) -> Json {
        Json::Exact(usd.to_string())
    }

    /// A count.
    pub fn count(count: usize) -> Json {
        Json::Whole(i64::try_from(count).expect("a count of things in memory fits"))
    }

    /// A count that the core keeps: never so large that 64 signed bits would not hold it.
    pub fn tally(tally: u64) -> Json {
        Json::Whole(i64::try_from(tally).expect("nobody counts that far"))
    }

    /// Text.
    pub fn text(text: impl fmt::Display) -> Json {
        Json::Text(text.to_string())
    }

    /// The value, or null.
    pub fn optional<T>(value: Option<T>, json: impl FnOnce(T) -> Json) -> Json {
        value.map_or(Json::Null, json)
    }

    /// An object of fixed keys.
    pub fn object<const N: usize>(pairs: [(&str, Json); N]) -> Json {
        Json::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// The document as a line.
    pub fn document(&self) -> String {
        format!("{self}\n")
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Truth(truth) => write!(f, "{truth}"),
            Json::Whole(whole) => write!(f, "{whole}"),
            Json::Number(number) => {
                assert!(number.is_finite(), "JSON has no {number}");
                write!(f, "{number:?}")
            }
            Json::Exact(digits) => f.write_str(digits),
            Json::Text(text) => write_text(f, text),
            Json::List(values) => {
                f.write_str("[")?;
                for (i, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if i == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Json::Object(pairs) => {
                f.write_str("{")?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { "," })?;
                    write_text(f, key)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_writes_is_json() {
        let document = Json::object([
            ("quote\"\\\n\u{1}", Json::text("ä")),
            ("money", Json::money(Usd(-1))),
            ("tiny", Json::Number(1e-300)),
            ("list", Json::List(vec![Json::Null, Json::Truth(true), Json::Whole(-3)])),
        ]);
        let read: serde_json::Value = serde_json::from_str(&document.document()).expect("JSON");
        assert_eq!(read["quote\"\\\n\u{1}"], "ä");
        assert_eq!(read["tiny"], 1e-300);
        assert_eq!(read["list"][2], -3);
        assert!(document.to_string().contains("\"money\":-0.000001"), "{document}");
    }

    #[test]
    #[should_panic(expected = "JSON has no NaN")]
    fn not_a_number_is_refused() {
        Json::Number(f64::NAN).document();
    }
}
