//! A section's table of keys: the one place where a key is named. Reading, documentation, example, summary and what a
//! reload may change all come from it.
//!
//! It refuses a default that is not written as a user would write it: defaults are read by the kind of their key.

use crate::kinds::{Kind, Says};
use crate::reader::{At, Reader};

/// Whether a farm that runs can take a new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// It is taken while the farm runs, when a SIGHUP says that the file is another.
    Live,
    /// The processes that read it are to be restarted.
    Restart,
}

/// What stands where nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// This value, as TOML.
    Default(&'static str),
    /// Nothing; this value, as TOML, is an example.
    Unset(&'static str),
    /// It must be written; this value, as TOML, is an example.
    Required(&'static str),
}

/// One key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Its name in its section.
    pub name: &'static str,
    /// What it does.
    pub about: String,
    /// What it takes.
    pub says: Says,
    /// What stands where nothing is written.
    pub absent: Absent,
    /// Whether a running farm takes it.
    pub reload: Reload,
    /// Variables of the environment that override it, besides the one by rule.
    pub variables: &'static [&'static str],
}

impl Key {
    /// Its unit, which is the end of its name.
    pub fn unit(&self) -> Option<&'static str> {
        const UNITS: &[(&str, &str)] = &[
            ("_usdt", "USDT"),
            ("_bps", "1/100 of a per cent"),
            ("_s", "seconds"),
            ("_minutes", "minutes"),
            ("_kib", "KiB"),
            ("_mib", "MiB"),
            ("_bars", "bars"),
        ];
        UNITS.iter().find(|(ending, _)| self.name.ends_with(ending)).map(|(_, unit)| *unit)
    }
}

/// How often a section stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// `[name]`, once or not at all.
    Once,
    /// `[[name]]`, as often as there are things.
    Many,
}

/// What a section is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Where it stands: `market.generator`.
    pub path: String,
    /// What it is about.
    pub about: String,
    /// How often it stands there.
    pub times: Times,
    /// Its keys.
    pub keys: Vec<Key>,
    /// The sections in it.
    pub tables: Vec<Spec>,
}

impl Spec {
    /// How it stands in a file.
    pub fn header(&self) -> String {
        match self.times {
            Times::Once => format!("[{}]", self.path),
            Times::Many => format!("[[{}]]", self.path),
        }
    }
}

/// The variable that overrides a key by rule: `OMEGA_`, section and key.
pub fn variable_of(path: &str) -> String {
    format!("{VARIABLE_PREFIX}{}", path.to_ascii_uppercase().replace('.', "_"))
}

/// What every variable of ours begins with.
pub const VARIABLE_PREFIX: &str = "OMEGA_";

/// A value that is known, for summaries and comparisons.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where it stands: `bot[0].name`.
    pub path: String,
    /// Its value as TOML, `None` where nothing is set.
    pub value: Option<String>,
    /// Whether it is what stands where nothing is written.
    pub is_default: bool,
    /// Whether a running farm takes another one.
    pub reload: Reload,
}

/// A section as a type.
pub trait Section: Sized {
    /// What it is made of, standing there.
    fn spec(path: &str, about: &str, times: Times) -> Spec;
    /// Reads it; `None` where a key without a default is missing or broken. What is wrong is noted by the reader.
    fn read(reader: &mut Reader<'_>, at: &At<'_, '_>) -> Option<Self>;
    /// Lists its values.
    fn list(&self, path: &str, entries: &mut Vec<Entry>);
}

/// A kind whose values are of that type: so the type of a key tells its kind which numbers or words it takes.
pub(crate) const fn kind_of<T, K: Kind<Value = T>>(kind: K) -> K {
    kind
}

/// The same for a key that may be unset.
pub(crate) const fn kind_of_some<O: Optional, K: Kind<Value = O::Some>>(kind: K) -> K {
    kind
}

/// A type that can be nothing.
pub(crate) trait Optional {
    /// What it is else.
    type Some;
}

impl<T> Optional for Option<T> {
    type Some = T;
}

/// Where a key stands.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The table of a section's keys, and the type that holds their values.
///
/// A key is one entry: documentation, name, type, kind, `default`, `unset` or `required` with TOML, `live` or `restart`,
/// and the variables that users of other programs know.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $(
                $(#[doc = $says:literal])+
                $key:ident: $type:ty = $kind:expr, $absent:ident $text:literal, $reload:ident $(, env $variables:expr)?;
            )*
        }
        $(tables {
            $($(#[doc = $inner_about:literal])+ $inner:ident: $inner_type:ty;)*
        })?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[doc = $says])+ pub $key: $type,)*
            $($($(#[doc = $inner_about])+ pub $inner: $inner_type,)*)?
        }

        impl $crate::section::Section for $name {
            fn spec(path: &str, about: &str, times: $crate::section::Times) -> $crate::section::Spec {
                $crate::section::Spec {
                    path: path.to_owned(),
                    about: about.trim().to_owned(),
                    times,
                    keys: vec![$($crate::section::Key {
                        name: stringify!($key),
                        about: concat!($($says),+).trim().to_owned(),
                        says: $crate::kinds::Kind::says(&$crate::section::section!(@kind $absent $type, $kind)),
                        absent: $crate::section::section!(@absent $absent $text),
                        reload: $crate::section::section!(@reload $reload),
                        variables: $crate::section::section!(@variables $($variables)?),
                    },)*],
                    tables: vec![$($(<$inner_type as $crate::section::Section>::spec(
                        &$crate::section::join(path, stringify!($inner)),
                        concat!($($inner_about),+),
                        $crate::section::Times::Once,
                    ),)*)?],
                }
            }

            fn read(
                reader: &mut $crate::reader::Reader<'_>,
                at: &$crate::reader::At<'_, '_>,
            ) -> Option<Self> {
                $(let $key = $crate::section::section!(
                    @read $absent, reader, at, stringify!($key),
                    &$crate::section::section!(@kind $absent $type, $kind), $text,
                    $crate::section::section!(@variables $($variables)?)
                );)*
                $($(let $inner = reader.table::<$inner_type>(at, stringify!($inner));)*)?
                reader.finish(
                    at,
                    &[$(stringify!($key)),*],
                    &[$($(stringify!($inner)),*)?],
                );
                Some($name { $($key: $key?,)* $($($inner: $inner?,)*)? })
            }

            fn list(&self, path: &str, entries: &mut Vec<$crate::section::Entry>) {
                $($crate::section::section!(
                    @list $absent, entries, $crate::section::join(path, stringify!($key)), &self.$key,
                    &$crate::section::section!(@kind $absent $type, $kind), $text,
                    $crate::section::section!(@reload $reload)
                );)*
                $($($crate::section::Section::list(
                    &self.$inner, &$crate::section::join(path, stringify!($inner)), entries,
                );)*)?
            }
        }
    };
    (@kind unset $type:ty, $kind:expr) => { $crate::section::kind_of_some::<$type, _>($kind) };
    (@kind $absent:ident $type:ty, $kind:expr) => { $crate::section::kind_of::<$type, _>($kind) };
    (@absent default $text:literal) => { $crate::section::Absent::Default($text) };
    (@absent unset $text:literal) => { $crate::section::Absent::Unset($text) };
    (@absent required $text:literal) => { $crate::section::Absent::Required($text) };
    (@reload live) => { $crate::section::Reload::Live };
    (@reload restart) => { $crate::section::Reload::Restart };
    (@variables) => { &[] };
    (@variables $variables:expr) => { &$variables };
    (@read default, $reader:ident, $at:ident, $key:expr, $kind:expr, $text:literal, $variables:expr) => {
        Some($reader.with_default($at, $key, $kind, $text, $variables))
    };
    (@read unset, $reader:ident, $at:ident, $key:expr, $kind:expr, $text:literal, $variables:expr) => {
        Some($reader.optional($at, $key, $kind, $variables))
    };
    (@read required, $reader:ident, $at:ident, $key:expr, $kind:expr, $text:literal, $variables:expr) => {
        $reader.required($at, $key, $kind, $text)
    };
    (@list unset, $entries:ident, $path:expr, $value:expr, $kind:expr, $text:literal, $reload:expr) => {
        $entries.push($crate::section::Entry {
            path: $path,
            value: $value.as_ref().map(|value| $crate::kinds::Kind::write($kind, value)),
            is_default: $value.is_none(),
            reload: $reload,
        })
    };
    (@list $absent:ident, $entries:ident, $path:expr, $value:expr, $kind:expr, $text:literal, $reload:expr) => {
        $entries.push($crate::section::Entry {
            path: $path,
            value: Some($crate::kinds::Kind::write($kind, $value)),
            is_default: stringify!($absent) == "default"
                && $crate::reader::default_of($kind, $text) == *$value,
            reload: $reload,
        })
    };
}
pub(crate) use section;
