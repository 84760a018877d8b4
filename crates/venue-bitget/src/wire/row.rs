//! How a row of a payload is declared: a field and the keys it goes by, of both API generations and of REST and
//! WebSocket alike.
//!
//! Unknown keys are ignored and missing ones are empty, so a field that Bitget adds or drops breaks nothing until it
//! is read. It refuses a value of the wrong shape.

/// Declares a row: `name: Kind = "key" | "key of the other generation"`.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty = $key:literal $(| $other:literal)*),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name<'a> {
            $(#[doc = concat!("`", $key, "`" $(, ", `", $other, "`")*, ".")] pub $field: $kind,)*
        }

        impl<'de: 'a, 'a> serde::Deserialize<'de> for $name<'a> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct RowVisitor<'a>(std::marker::PhantomData<&'a ()>);
                impl<'de: 'a, 'a> serde::de::Visitor<'de> for RowVisitor<'a> {
                    type Value = $name<'a>;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("an object: ", stringify!($name)))
                    }
                    fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<$name<'a>, M::Error> {
                        let mut row = $name::default();
                        while let Some($crate::wire::scalar::Key(key)) = map.next_key()? {
                            match key.as_ref() {
                                $($key $(| $other)* => row.$field = map.next_value()?,)*
                                _ => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(row)
                    }
                }
                deserializer.deserialize_map(RowVisitor(std::marker::PhantomData))
            }
        }
    };
}

pub(crate) use row;
