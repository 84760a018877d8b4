//! From words to typed arguments: each is what its kind says, or the complaint says what it has to be.
//!
//! It refuses unknown and repeated names, and knows no farm: whether there is such a bot is asked where the command is.

use super::act::Code;
use super::complaint::Complaint;
use super::spec::{AMOUNT_MAX, Argument, Kind, MODES, Need, Spec, TEXT_CHARS_MAX};
use crate::message::Tier;
use crate::period::Period;
use cosmos::Factor;
use model::command::RiskLevel;
use model::nearest::nearest;
use model::{Decimal, OrderId, Usd};
use std::collections::BTreeMap;

/// What was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Something by its name, perhaps with its shard before it.
    Name(Named),
    /// Everybody.
    All,
    /// An order, perhaps with its shard before it.
    Order(Option<String>, OrderId),
    /// Money.
    Amount(Usd),
    /// Which part of a band.
    Level(RiskLevel),
    /// A number.
    Count(u32),
    /// A period.
    Period(Period),
    /// An outside influence.
    Factor(Factor),
    /// How loud.
    Tier(Tier),
    /// What waits for a confirmation.
    Pending(u64),
    /// A code.
    Code(Code),
    /// A word or words.
    Text(String),
}

/// A name, perhaps with its shard before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// In which shard, where it was said.
    pub shard: Option<String>,
    /// The name.
    pub name: String,
}

/// Typed arguments of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments(BTreeMap<&'static str, Value>);

/// Typed arguments from texts by name.
pub fn parse(spec: &'static Spec, given: &BTreeMap<String, String>) -> Result<Arguments, Complaint> {
    if let Some(unknown) = given.keys().find(|name| !spec.arguments.iter().any(|one| one.name == **name)) {
        return Err(no_argument(spec, unknown));
    }
    let mut arguments = Arguments::default();
    for argument in spec.arguments {
        match given.get(argument.name).map(|text| text.trim()).filter(|text| !text.is_empty()) {
            Some(text) => {
                arguments.0.insert(argument.name, read(argument, text)?);
            }
            None if argument.need == Need::Required => return Err(missing(spec, argument)),
            None => {}
        }
    }
    Ok(arguments)
}

/// Words as they are typed on a line, by the names of what they are: `amount=250` is named, the others come in their order.
pub fn named(spec: &'static Spec, words: &[&str]) -> Result<BTreeMap<String, String>, Complaint> {
    let mut given = BTreeMap::new();
    for word in words {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.trim_start_matches('-'), value),
            None => {
                let next = spec.arguments.iter().find(|argument| !given.contains_key(argument.name));
                (next.ok_or_else(|| no_argument(spec, word))?.name, *word)
            }
        };
        let known = spec.arguments.iter().any(|argument| argument.name == name);
        if !known || given.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(no_argument(spec, name));
        }
    }
    Ok(given)
}

fn no_argument(spec: &'static Spec, given: &str) -> Complaint {
    let names: Vec<&str> = spec.arguments.iter().map(|argument| argument.name).collect();
    let nearest = nearest(given, names.iter().copied()).map(str::to_owned);
    let takes = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Complaint::NoArgument { command: spec.name, given: given.to_owned(), nearest, takes }
}

fn missing(spec: &'static Spec, argument: &Argument) -> Complaint {
    let wants = argument.kind.wants();
    Complaint::Missing { command: spec.name, argument: argument.name, wants, example: spec.example }
}

fn read(argument: &Argument, text: &str) -> Result<Value, Complaint> {
    let kind = argument.kind;
    value(kind, text).ok_or_else(|| {
        // A code that was mistyped is nearly one.
        let given = if kind == Kind::Code { "no code".to_owned() } else { text.to_owned() };
        let nearest = nearest(text, kind.choices()).map(str::to_owned);
        Complaint::NotThat { argument: argument.name.to_owned(), given, nearest, wants: kind.wants() }
    })
}

fn value(kind: Kind, text: &str) -> Option<Value> {
    if text.chars().nth(TEXT_CHARS_MAX).is_some() || text.chars().any(char::is_control) {
        return None;
    }
    match kind {
        Kind::BotOrAll if text == "all" => Some(Value::All),
        Kind::Bot | Kind::BotOrAll => name(text).map(Value::Name),
        Kind::Account | Kind::Shard | Kind::Persona | Kind::Command => {
            name(text).filter(|named| named.shard.is_none()).map(Value::Name)
        }
        Kind::Order | Kind::Trade => {
            let (shard, order) = split(text);
            let shard = shard.map(|shard| is_name(shard).then(|| shard.to_owned()));
            if shard == Some(None) {
                return None;
            }
            Some(Value::Order(shard.flatten(), order.parse().ok()?))
        }
        Kind::Amount => amount(text).map(Value::Amount),
        Kind::Level => RiskLevel::named(text).map(Value::Level),
        Kind::Count { max } => {
            let count = digits(text)?.parse::<u32>().ok()?;
            (1..=max).contains(&count).then_some(Value::Count(count))
        }
        Kind::Period => Period::ALL.into_iter().find(|one| one.name() == text).map(Value::Period),
        Kind::Factor => Factor::ALL.into_iter().find(|one| one.name() == text).map(Value::Factor),
        Kind::Tier => Tier::ALL.into_iter().find(|one| one.name() == text).map(Value::Tier),
        Kind::Mode => MODES.contains(&text).then(|| Value::Text(text.to_owned())),
        Kind::Pending => digits(text)?.parse().ok().map(Value::Pending),
        Kind::Code => is_code(text).then(|| Value::Code(Code(text.to_owned()))),
        Kind::Text { chars_max } => {
            text.chars().nth(chars_max).is_none().then(|| Value::Text(text.to_owned()))
        }
    }
}

/// Digits alone: a sign or a point is no number here.
fn digits(text: &str) -> Option<&str> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}

fn is_code(text: &str) -> bool {
    (6..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"- ".contains(&byte))
}

fn amount(text: &str) -> Option<Usd> {
    let micro = Decimal::parse(text).ok()?.scaled(6).ok()?;
    (1..=AMOUNT_MAX.0).contains(&micro).then_some(Usd(micro))
}

fn split(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((shard, rest)) => (Some(shard), rest),
        None => (None, text),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || "_-.:+@ ".contains(letter))
}

fn name(text: &str) -> Option<Named> {
    let (shard, name) = split(text);
    let good = is_name(name) && shard.is_none_or(is_name);
    good.then(|| Named { shard: shard.map(str::to_owned), name: name.to_owned() })
}

/// Accessors of what a command's own spec promises: whoever asks for another kind has made a mistake in the catalogue, which
/// its tests would find.
impl Arguments {
    /// Whatever was given.
    pub fn get(&self, argument: &str) -> Option<&Value> {
        self.0.get(argument)
    }

    /// All that was given, by name.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Value)> + '_ {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// A name that was given.
    pub fn name(&self, argument: &str) -> Option<&Named> {
        match self.get(argument)? {
            Value::Name(named) => Some(named),
            other => mistaken(argument, other),
        }
    }

    /// A name that was given, where it is not `all`.
    pub fn some_name(&self, argument: &str) -> Option<&Named> {
        match self.get(argument)? {
            Value::All => None,
            _ => self.name(argument),
        }
    }

    /// Words that were given.
    pub fn text(&self, argument: &str) -> Option<&str> {
        match self.get(argument)? {
            Value::Text(text) => Some(text),
            other => mistaken(argument, other),
        }
    }

    /// A number that was given.
    pub fn count(&self, argument: &str) -> Option<u32> {
        match self.get(argument)? {
            Value::Count(count) => Some(*count),
            other => mistaken(argument, other),
        }
    }

    /// Money that was given.
    pub fn amount(&self, argument: &str) -> Option<Usd> {
        match self.get(argument)? {
            Value::Amount(amount) => Some(*amount),
            other => mistaken(argument, other),
        }
    }

    /// An order that was given, and the shard before it.
    pub fn order(&self, argument: &str) -> Option<(Option<&str>, OrderId)> {
        match self.get(argument)? {
            Value::Order(shard, order) => Some((shard.as_deref(), *order)),
            other => mistaken(argument, other),
        }
    }

    /// A code that was given.
    pub fn code(&self, argument: &str) -> Option<Code> {
        match self.get(argument)? {
            Value::Code(code) => Some(code.clone()),
            other => mistaken(argument, other),
        }
    }
}

#[cold]
fn mistaken(argument: &str, value: &Value) -> ! {
    panic!("the catalogue asks for what its spec does not promise: {argument} is {value:?}")
}
