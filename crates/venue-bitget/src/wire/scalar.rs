//! The one scalar of every payload: text, whatever JSON it was written as.
//!
//! Bitget writes the same field as a text on one endpoint and as a number on the next, `null` and `""` for the same
//! nothing. A number's literal is kept as it stands, so nothing ever passes through a float. Refuses lists and objects.

use crate::number::Field;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A scalar as text; empty for `null` and for a missing key. Borrowed from the frame unless it has escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Text<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text as a number to be read, under Bitget's name of it.
    pub fn field(&self, name: &'static str) -> Field<'_> {
        Field { name, text: &self.0 }
    }

    /// Whether it is this word, in whatever case: `YES`, `yes` and `Buy` all occur.
    pub fn is(&self, word: &str) -> bool {
        self.0.eq_ignore_ascii_case(word)
    }

    /// A copy that outlives the frame.
    pub fn into_owned(self) -> Text<'static> {
        Text(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Text<'a> {
        Text(Cow::Borrowed(text))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'a>, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        match raw.as_bytes().first() {
            Some(b'"') if !raw.contains('\\') => Ok(Text(Cow::Borrowed(&raw[1..raw.len() - 1]))),
            Some(b'"') => {
                serde_json::from_str(raw).map(|text| Text(Cow::Owned(text))).map_err(de::Error::custom)
            }
            Some(b'n') => Ok(Text::default()),
            Some(b'[' | b'{') | None => Err(de::Error::custom("a list or an object where one value belongs")),
            Some(_) => Ok(Text(Cow::Borrowed(raw))),
        }
    }
}

/// A key of an object, borrowed where it can be.
pub(crate) struct Key<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<'a>, D::Error> {
        struct KeyVisitor<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for KeyVisitor<'a> {
            type Value = Key<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor(PhantomData))
    }
}

/// A list that may also be missing, `null` or an empty text.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T>(pub Vec<T>);

impl<T> Default for Rows<T> {
    fn default() -> Rows<T> {
        Rows(Vec::new())
    }
}

impl<T> std::ops::Deref for Rows<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rows<T>, D::Error> {
        let page = Page::<T>::deserialize(deserializer)?;
        Ok(Rows(page.rows))
    }
}

/// One page of a listing, in any of the shapes there are: a bare list, a list under a name beside a cursor, `null`, or
/// an empty text.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<'a, T> {
    /// The rows, in the order of the exchange (newest first, mostly).
    pub rows: Vec<T>,
    /// Where the next page starts: `endId` of V2, `cursor` of V3; empty at the end.
    pub next: Text<'a>,
}

impl<T> Default for Page<'_, T> {
    fn default() -> Self {
        Page { rows: Vec::new(), next: Text::default() }
    }
}

/// The names under which a listing carries its rows.
const LIST_KEYS: &[&str] =
    &["list", "entrustedList", "fillList", "bills", "resultList", "openInterestList", "orderIdList"];

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Page<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Page<'a, T>, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        match raw.as_bytes().first() {
            Some(b'[') => read(raw).map(|rows| Page { rows, next: Text::default() }),
            Some(b'{') => serde_json::Deserializer::from_str(raw)
                .deserialize_map(PageVisitor(PhantomData))
                .map_err(de::Error::custom),
            _ if raw == "null" || raw == "\"\"" => Ok(Page::default()),
            _ => Err(de::Error::custom("one value where a list belongs")),
        }
    }
}

fn read<'de, T: Deserialize<'de>, E: de::Error>(raw: &'de str) -> Result<T, E> {
    serde_json::from_str(raw).map_err(de::Error::custom)
}

struct PageVisitor<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for PageVisitor<'a, T> {
    type Value = Page<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of rows")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Page<'a, T>, M::Error> {
        let mut page = Page::default();
        let mut found = false;
        while let Some(Key(key)) = map.next_key()? {
            match key.as_ref() {
                "endId" | "cursor" => page.next = map.next_value()?,
                name if LIST_KEYS.contains(&name) => {
                    let rows: Option<Vec<T>> = map.next_value()?;
                    page.rows = rows.unwrap_or_default();
                    found = true;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if found { Ok(page) } else { Err(de::Error::custom("an object without a list where a page belongs")) }
    }
}

/// Price and size of a book level: two texts, or two JSON numbers on the REST depth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Level<'a> {
    /// Price.
    pub price: Text<'a>,
    /// Absolute size; zero takes the level away.
    pub size: Text<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Level<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Level<'a>, D::Error> {
        struct LevelVisitor<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for LevelVisitor<'a> {
            type Value = Level<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[price, size]")
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Level<'a>, S::Error> {
                let missing = || de::Error::custom("a level needs price and size");
                let price = seq.next_element()?.ok_or_else(missing)?;
                let size = seq.next_element()?.ok_or_else(missing)?;
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Level { price, size })
            }
        }
        deserializer.deserialize_seq(LevelVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_is_text_whatever_it_was_written_as() {
        for (json, text) in [
            (r#""37355.50""#, "37355.50"),
            ("26348.0", "26348.0"),
            ("1.0E-5", "1.0E-5"),
            ("427583480559", "427583480559"),
            ("null", ""),
            (r#""""#, ""),
            ("true", "true"),
            (r#""a\"b""#, "a\"b"),
            (r#""\u725b\u6765USDT""#, "牛来USDT"),
        ] {
            assert_eq!(serde_json::from_str::<Text<'_>>(json).unwrap().as_str(), text, "{json}");
        }
        for json in ["[]", "{}", "", "\"", "[1]"] {
            assert!(serde_json::from_str::<Text<'_>>(json).is_err(), "{json}");
        }
        let borrowed: Text<'_> = serde_json::from_str(r#""plain""#).unwrap();
        assert!(matches!(borrowed.0, Cow::Borrowed(_)), "the hot path copies nothing");
    }

    #[test]
    fn a_page_in_every_shape() {
        let read = |json| {
            serde_json::from_str::<Page<'_, Text<'_>>>(json).map(|p| (p.rows.len(), p.next.0.into_owned()))
        };
        assert_eq!(read(r#"["a","b"]"#).unwrap(), (2, String::new()));
        assert_eq!(read(r#"{"entrustedList":null,"endId":null}"#).unwrap(), (0, String::new()));
        assert_eq!(read(r#"{"new":{"x":[1]},"list":["a"],"cursor":"12"}"#).unwrap(), (1, "12".to_owned()));
        assert_eq!(read("null").unwrap(), (0, String::new()));
        assert_eq!(read(r#""""#).unwrap(), (0, String::new()));
        for json in ["{}", "3", r#""success""#, r#"{"list":3}"#, r#"[{}]"#] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_level_needs_both_its_values() {
        assert!(serde_json::from_str::<Level<'_>>(r#"["1"]"#).is_err());
        assert!(serde_json::from_str::<Level<'_>>(r#"[["1"],"2"]"#).is_err());
        let level: Level<'_> = serde_json::from_str(r#"[26347.5, 0.250, "later"]"#).unwrap();
        assert_eq!((level.price.as_str(), level.size.as_str()), ("26347.5", "0.250"));
    }
}
