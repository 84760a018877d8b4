//! What can be written for a key. A kind reads a value, writes it back, and says what it takes: so a key's reading, its
//! documentation and its example cannot differ.
//!
//! A kind refuses with a reason and a mend, and looks at nothing but the value.

mod address;
mod list;
mod name;
mod number;
mod secret;
mod time;
mod word;

pub use address::{FilePath, Host, HostPort, Listen, Url};
pub use list::ListOf;
pub use name::{Label, LaidScenario, Line, OrderPrefix, PersonaKind, PersonaName, Symbol};
pub use number::{Limit, Money, Port, Real, Snowflake, Truth, Whole, whole};
pub use secret::Secret;
pub use time::{BarLength, Instant};
pub(crate) use word::words;
pub use word::{Choice, Word, word};

use std::borrow::Cow;

/// A value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// In quotes, or from the environment.
    Text(Cow<'a, str>),
    /// Digits, and their value where 64 bits hold it.
    Whole(String, Option<i64>),
    /// A decimal, as its text: money must not go through a float.
    Decimal(Cow<'a, str>),
    /// true or false.
    Truth(bool),
    /// A date, or a date and a time.
    Instant(String),
    /// In brackets.
    List(Vec<Scalar<'a>>),
    /// A table.
    Table,
}

/// Values longer than this are not repeated in full.
const SHOWN_CHARS_MAX: usize = 40;

impl Scalar<'_> {
    /// The value as a message names it.
    pub fn shown(&self) -> String {
        match self {
            Scalar::Text(text) => format!("\"{}\"", cut(text)),
            Scalar::Whole(text, _) | Scalar::Instant(text) => cut(text),
            Scalar::Decimal(text) => cut(text),
            Scalar::Truth(truth) => truth.to_string(),
            Scalar::List(_) => "a list".to_owned(),
            Scalar::Table => "a table".to_owned(),
        }
    }

    /// What it is, without its value.
    pub fn sort(&self) -> &'static str {
        match self {
            Scalar::Text(_) => "text",
            Scalar::Whole(..) => "a whole number",
            Scalar::Decimal(_) => "a decimal number",
            Scalar::Truth(_) => "true or false",
            Scalar::Instant(_) => "a date",
            Scalar::List(_) => "a list",
            Scalar::Table => "a table",
        }
    }
}

fn cut(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).map(clean).collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// Why a value is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What is the matter, to be read after the key: "is 500; it lies in 1 to 125".
    pub problem: String,
    /// What to write instead.
    pub mend: String,
}

impl Wrong {
    /// A reason and a mend.
    pub fn new(problem: impl Into<String>, mend: impl Into<String>) -> Wrong {
        Wrong { problem: problem.into(), mend: mend.into() }
    }

    /// The value is of another sort.
    pub fn sort(value: &Scalar<'_>, says: &Says) -> Wrong {
        let (found, wanted) = (value.sort(), says.shape.name());
        let mend = match (value, says.shape) {
            (Scalar::Text(text), Shape::Whole | Shape::Decimal | Shape::Truth) if says.accepts_bare(text) => {
                format!("take the quotes away: {}", cut(text))
            }
            (Scalar::Whole(..) | Scalar::Decimal(_) | Scalar::Truth(_), Shape::Text) => {
                format!("put it in quotes: \"{}\" ({})", value.shown(), says.takes)
            }
            (_, Shape::List) if found != "a list" => format!("put it in brackets: [ {} ]", value.shown()),
            (_, Shape::Whole | Shape::Decimal) => format!("write {wanted}: {}", says.takes),
            _ => format!("write {}", says.takes),
        };
        Wrong::new(format!("is {found}, where {wanted} belongs"), mend)
    }
}

/// The sort of value a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text in quotes.
    Text,
    /// A whole number.
    Whole,
    /// A decimal number.
    Decimal,
    /// true or false.
    Truth,
    /// A list of texts.
    List,
    /// A whole number, or `"off"`.
    WholeOrOff,
}

impl Shape {
    /// As a message and a document name it.
    pub const fn name(self) -> &'static str {
        match self {
            Shape::Text => "text",
            Shape::Whole => "a whole number",
            Shape::Decimal => "a number",
            Shape::Truth => "true or false",
            Shape::List => "a list",
            Shape::WholeOrOff => "a whole number or \"off\"",
        }
    }
}

/// What a kind takes, for documents and messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Says {
    /// Sort of value.
    pub shape: Shape,
    /// What it takes, in words: "1 to 125".
    pub takes: String,
    /// The words it takes, each with what it means; empty where any will do.
    pub choices: Vec<(String, String)>,
    /// Bounds of a number.
    pub bounds: Option<(f64, f64)>,
    /// Whether it is a reference to a secret.
    pub is_secret: bool,
}

impl Says {
    /// A sort and its words.
    pub fn new(shape: Shape, takes: impl Into<String>) -> Says {
        Says { shape, takes: takes.into(), choices: Vec::new(), bounds: None, is_secret: false }
    }

    fn accepts_bare(&self, text: &str) -> bool {
        match self.shape {
            Shape::Whole | Shape::WholeOrOff => text.parse::<i64>().is_ok(),
            Shape::Decimal => text.parse::<f64>().is_ok_and(f64::is_finite),
            Shape::Truth => matches!(text, "true" | "false"),
            Shape::Text | Shape::List => false,
        }
    }

    /// The text of a variable as the value it stands for.
    pub fn scalar_of_text<'a>(&self, text: &'a str) -> Scalar<'a> {
        let plain = || Scalar::Text(Cow::Borrowed(text));
        match self.shape {
            Shape::Text => plain(),
            Shape::Whole | Shape::WholeOrOff => {
                text.parse().map_or_else(|_| plain(), |value| Scalar::Whole(text.to_owned(), Some(value)))
            }
            Shape::Decimal if self.accepts_bare(text) => Scalar::Decimal(Cow::Borrowed(text)),
            Shape::Decimal => plain(),
            Shape::Truth => match text {
                "true" | "1" | "yes" | "on" => Scalar::Truth(true),
                "false" | "0" | "no" | "off" => Scalar::Truth(false),
                _ => plain(),
            },
            Shape::List => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Scalar::List(parts.map(|part| Scalar::Text(Cow::Borrowed(part))).collect())
            }
        }
    }
}

/// What can be written for a key.
pub trait Kind {
    /// What it becomes.
    type Value;
    /// What it takes.
    fn says(&self) -> Says;
    /// Reads a value.
    fn read(&self, value: &Scalar<'_>) -> Result<Self::Value, Wrong>;
    /// Writes a value, as TOML that [`Kind::read`] takes.
    fn write(&self, value: &Self::Value) -> String;

    /// Reads a variable that users of other programs know, which may be in the shape of those programs.
    fn read_variable(&self, _name: &str, text: &str) -> Result<Self::Value, Wrong> {
        self.read(&self.says().scalar_of_text(text))
    }
}

/// A text as TOML writes it.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A text in quotes, or the reason why there is none.
pub(crate) fn text_of<'v>(value: &'v Scalar<'_>, says: impl FnOnce() -> Says) -> Result<&'v str, Wrong> {
    match value {
        Scalar::Text(text) => Ok(text),
        _ => Err(Wrong::sort(value, &says())),
    }
}
