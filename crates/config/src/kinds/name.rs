//! Names: of a farm, a bot, a persona, an instrument, a scenario. They refuse what would not fit everywhere a name is
//! shown: file names, order ids, chat.

use super::word::unknown;
use super::{Kind, Says, Scalar, Shape, Wrong, quoted, text_of};
use persona::catalogue::{CONTROLS, PERSONAS};
use std::fmt;
use synthetic::Scenario;

/// A short name that can also be a file's or a variable's: a to z, 0 to 9, `_` and `-`.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    /// The longest.
    pub chars_max: usize,
}

impl Kind for Label {
    type Value = String;

    fn says(&self) -> Says {
        Says::new(Shape::Text, format!("1 to {} of a to z, 0 to 9, _ and -, a letter first", self.chars_max))
    }

    fn read(&self, value: &Scalar<'_>) -> Result<String, Wrong> {
        let text = text_of(value, || self.says())?;
        let fits = (1..=self.chars_max).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
        let wrong = || {
            Wrong::new(
                format!("is {}, which is no name here", value.shown()),
                format!("write {}", self.says().takes),
            )
        };
        fits.then(|| text.to_owned()).ok_or_else(wrong)
    }

    fn write(&self, value: &String) -> String {
        quoted(value)
    }
}

/// One line of free text.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The longest.
    pub chars_max: usize,
}

impl Kind for Line {
    type Value = String;

    fn says(&self) -> Says {
        Says::new(Shape::Text, format!("one line of 1 to {} characters", self.chars_max))
    }

    fn read(&self, value: &Scalar<'_>) -> Result<String, Wrong> {
        let text = text_of(value, || self.says())?;
        let fits = (1..=self.chars_max).contains(&text.chars().count()) && !text.contains(char::is_control);
        let wrong = || Wrong::new(format!("is {}", value.shown()), format!("write {}", self.says().takes));
        fits.then(|| text.to_owned()).ok_or_else(wrong)
    }

    fn write(&self, value: &String) -> String {
        quoted(value)
    }
}

/// What the ids of a farm's orders begin with.
#[derive(Clone, Copy, Debug)]
pub struct OrderPrefix;

/// As many as fit into a client order id beside bot, epoch and decision.
const PREFIX_CHARS_MAX: usize = 4;

impl Kind for OrderPrefix {
    type Value = String;

    fn says(&self) -> Says {
        Says::new(Shape::Text, format!("1 to {PREFIX_CHARS_MAX} letters or digits"))
    }

    fn read(&self, value: &Scalar<'_>) -> Result<String, Wrong> {
        let text = text_of(value, || self.says())?;
        let fits = (1..=PREFIX_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let wrong = || {
            Wrong::new(
                format!("is {}, which no order id can begin with", value.shown()),
                format!("write {}", self.says().takes),
            )
        };
        fits.then(|| text.to_owned()).ok_or_else(wrong)
    }

    fn write(&self, value: &String) -> String {
        quoted(value)
    }
}

/// A perpetual that is settled in USDT.
#[derive(Clone, Copy, Debug)]
pub struct Symbol;

const SYMBOL_CHARS_MAX: usize = 24;

impl Kind for Symbol {
    type Value = String;

    fn says(&self) -> Says {
        Says::new(Shape::Text, "a USDT perpetual as the exchange calls it, such as \"BTCUSDT\"")
    }

    fn read(&self, value: &Scalar<'_>) -> Result<String, Wrong> {
        let text = text_of(value, || self.says())?;
        let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if plain
            && text.len() <= SYMBOL_CHARS_MAX
            && text.strip_suffix("USDT").is_some_and(|coin| !coin.is_empty())
        {
            return Ok(text.to_owned());
        }
        let letters: String =
            text.chars().filter(char::is_ascii_alphanumeric).take(SYMBOL_CHARS_MAX).collect();
        let letters = letters.to_ascii_uppercase();
        let mend = match letters.strip_suffix("USDTUSDT").or(letters.strip_suffix("USDT")) {
            Some(coin) if !coin.is_empty() => format!("write \"{coin}USDT\""),
            _ => format!("write {}", self.says().takes),
        };
        Err(Wrong::new(format!("is {}, which is no USDT perpetual", value.shown()), mend))
    }

    fn write(&self, value: &String) -> String {
        quoted(value)
    }
}

/// Who trades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonaName {
    /// A persona of the catalogue.
    BuiltIn(String),
    /// A control, without psychology.
    Control(String),
    /// The path of a profile.
    File(String),
}

impl fmt::Display for PersonaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (PersonaName::BuiltIn(name) | PersonaName::Control(name) | PersonaName::File(name)) = self;
        f.write_str(name)
    }
}

/// A persona, a control, or a profile's file.
#[derive(Clone, Copy, Debug)]
pub struct PersonaKind;

impl Kind for PersonaKind {
    type Value = PersonaName;

    fn says(&self) -> Says {
        let known: Vec<&str> = PERSONAS.iter().chain(CONTROLS).map(|(name, _)| *name).collect();
        Says::new(Shape::Text, format!("{}, or the path of a profile that ends in .toml", known.join(", ")))
    }

    fn read(&self, value: &Scalar<'_>) -> Result<PersonaName, Wrong> {
        let text = text_of(value, || self.says())?;
        let known = |list: &[(&'static str, &'static str)]| list.iter().any(|(name, _)| *name == text);
        if known(PERSONAS) {
            Ok(PersonaName::BuiltIn(text.to_owned()))
        } else if known(CONTROLS) {
            Ok(PersonaName::Control(text.to_owned()))
        } else if text.ends_with(".toml") && !text.contains('\0') {
            Ok(PersonaName::File(text.to_owned()))
        } else {
            let names = PERSONAS.iter().chain(CONTROLS).map(|(name, _)| *name);
            let mend = format!("{}; or the path of a profile that ends in .toml", unknown(text, names));
            Err(Wrong::new(format!("is {}, which nobody is called", value.shown()), mend))
        }
    }

    fn write(&self, value: &PersonaName) -> String {
        quoted(&value.to_string())
    }
}

/// What is laid into a made market.
#[derive(Clone, Copy, Debug)]
pub struct LaidScenario;

impl Kind for LaidScenario {
    type Value = Scenario;

    fn says(&self) -> Says {
        let names = Scenario::ALL.map(Scenario::name);
        let choices = names.iter().map(|name| ((*name).to_owned(), String::new())).collect();
        Says { choices, ..Says::new(Shape::Text, super::word::either(names)) }
    }

    fn read(&self, value: &Scalar<'_>) -> Result<Scenario, Wrong> {
        let text = text_of(value, || self.says())?;
        let names = Scenario::ALL.iter().map(|scenario| scenario.name());
        Scenario::parse(text).ok_or_else(|| {
            Wrong::new(format!("is {}, which is no scenario", value.shown()), unknown(text, names))
        })
    }

    fn write(&self, value: &Scenario) -> String {
        quoted(value.name())
    }
}
