//! The JSON Schema of a type, from what it asks of a deserialiser: the document of the API cannot say anything else than
//! what the types do.
//!
//! It refuses types that want to see the data before they say what they are (untagged and internally tagged enums).

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value, json};
use std::cell::RefCell;

/// The schema of `T`.
pub(crate) fn schema_of<T: for<'de> Deserialize<'de>>() -> Value {
    let seen = RefCell::new(Value::Null);
    let made = T::deserialize(Tracer { seen: &seen });
    assert!(made.is_ok(), "a type of the API can be made of zeroes: {:?}", made.err());
    seen.into_inner()
}

/// Writes down what it is asked for, and gives the smallest such thing.
struct Tracer<'s> {
    seen: &'s RefCell<Value>,
}

type Failed = de::value::Error;

impl Tracer<'_> {
    fn is(&self, schema: Value) {
        self.seen.replace(schema);
    }

    fn integer(&self, least: Option<i64>) {
        match least {
            Some(least) => self.is(json!({ "type": "integer", "minimum": least })),
            None => self.is(json!({ "type": "integer" })),
        }
    }
}

/// Each integer: what it is called, and what is given.
macro_rules! integers {
    ($($method:ident $visit:ident $least:expr;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
            self.integer($least);
            visitor.$visit(0)
        }
    )* };
}

impl<'de> Deserializer<'de> for Tracer<'_> {
    type Error = Failed;

    integers! {
        deserialize_u8 visit_u8 Some(0);
        deserialize_u16 visit_u16 Some(0);
        deserialize_u32 visit_u32 Some(0);
        deserialize_u64 visit_u64 Some(0);
        deserialize_i8 visit_i8 None;
        deserialize_i16 visit_i16 None;
        deserialize_i32 visit_i32 None;
        deserialize_i64 visit_i64 None;
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Failed> {
        Err(de::Error::custom("it wants to see the data before it says what it is"))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.is(json!({ "type": "boolean" }));
        visitor.visit_bool(false)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.is(json!({ "type": "number" }));
        visitor.visit_f64(0.0)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.is(json!({ "type": "string" }));
        // What is an amount in the end is one.
        visitor.visit_str("0")
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let inner = RefCell::new(Value::Null);
        let made = visitor.visit_some(Tracer { seen: &inner })?;
        self.is(json!({ "anyOf": [inner.into_inner(), { "type": "null" }] }));
        Ok(made)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let items = RefCell::new(Value::Null);
        let made = visitor.visit_seq(Row { seen: vec![&items], place: 0 })?;
        self.is(json!({ "type": "array", "items": items.into_inner() }));
        Ok(made)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Failed> {
        let items: Vec<RefCell<Value>> = (0..length).map(|_| RefCell::new(Value::Null)).collect();
        let made = visitor.visit_seq(Row { seen: items.iter().collect(), place: 0 })?;
        let items: Vec<Value> = items.into_iter().map(RefCell::into_inner).collect();
        self.is(json!({ "type": "array", "prefixItems": items, "minItems": length, "maxItems": length }));
        Ok(made)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let values = RefCell::new(Value::Null);
        let made = visitor.visit_map(Keys { keys: &["0"], place: 0, seen: vec![&values] })?;
        self.is(json!({ "type": "object", "additionalProperties": values.into_inner() }));
        Ok(made)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        let seen: Vec<RefCell<Value>> = fields.iter().map(|_| RefCell::new(Value::Null)).collect();
        let made = visitor.visit_map(Keys { keys: fields, place: 0, seen: seen.iter().collect() })?;
        let properties: Map<String, Value> =
            fields.iter().zip(seen).map(|(name, seen)| ((*name).to_owned(), seen.into_inner())).collect();
        self.is(json!({ "type": "object", "properties": properties, "required": fields }));
        Ok(made)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.is(json!({ "type": "string", "enum": variants }));
        visitor.visit_enum(de::value::StrDeserializer::<Failed>::new(variants[0]))
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple_struct identifier ignored_any
    }
}

/// Elements, each traced.
struct Row<'s> {
    seen: Vec<&'s RefCell<Value>>,
    place: usize,
}

impl<'de> SeqAccess<'de> for Row<'_> {
    type Error = Failed;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Failed> {
        let Some(seen) = self.seen.get(self.place) else { return Ok(None) };
        self.place += 1;
        seed.deserialize(Tracer { seen }).map(Some)
    }
}

/// Keys and their values, each traced.
struct Keys<'s> {
    keys: &'static [&'static str],
    place: usize,
    seen: Vec<&'s RefCell<Value>>,
}

impl<'de> MapAccess<'de> for Keys<'_> {
    type Error = Failed;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Failed> {
        let Some(key) = self.keys.get(self.place) else { return Ok(None) };
        seed.deserialize(StrDeserializer::<Failed>::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failed> {
        let seen = self.seen[self.place];
        self.place += 1;
        seed.deserialize(Tracer { seen })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_says_what_it_is() {
        let schema = schema_of::<control::ShardView>();
        assert_eq!(schema["properties"]["shard"], json!({ "type": "string" }));
        assert_eq!(schema["properties"]["number"], json!({ "type": "integer", "minimum": 0 }));
        let price = &schema["properties"]["price"]["anyOf"];
        assert_eq!(price[0]["properties"]["last"], json!({ "type": "string" }));
        assert_eq!(price[1], json!({ "type": "null" }));
        let bot = &schema["properties"]["bots"]["items"];
        assert_eq!(bot["properties"]["refusals"]["additionalProperties"]["type"], "integer");
        assert!(bot["required"].as_array().expect("a list").contains(&json!("wallet")));
    }

    #[test]
    fn an_answer_has_pairs_and_a_closed_list() {
        let schema = schema_of::<control::catalogue::Answer>();
        assert_eq!(schema["properties"]["fields"]["items"]["maxItems"], 2);
        let colours = schema["properties"]["colour"]["enum"].as_array().expect("a list").len();
        assert_eq!(colours, 4);
    }
}
