//! The commands people may give, whichever way they come in: a command line, HTTP, chat.
//!
//! A command says what it is (`Spec`), reads its arguments, and says what it comes to (`Act`): an answer at once, or what
//! shards have to do, with the exact effect shown before. It refuses to do anything itself, to know a transport, and to
//! show what is old as if it were now.

mod act;
mod answer;
mod arguments;
mod commands;
mod complaint;
mod effect;
mod figures;
mod known;
mod spec;
mod waiting;

pub use act::{Act, BotName, Code, Errands, Own, Question, Reach, Read, Rows, Sum, UNKNOWN_SIZE};
pub use answer::{Answer, Colour, Table};
pub use arguments::{Arguments, Named, Value, named, parse};
pub use commands::COMMANDS;
pub use complaint::Complaint;
pub use known::{Known, STALE_AFTER, suggestions};
pub use spec::{
    AMOUNT_MAX, Argument, CHOICES_MAX, Kind, MODES, NAME_CHARS_MAX, Need, ROWS_MAX, Rule, SUMMARY_CHARS_MAX,
    Spec, TEXT_CHARS_MAX,
};

use model::nearest::nearest;

/// A command.
#[derive(Debug)]
pub struct Command {
    /// What it is.
    pub spec: Spec,
    /// What it comes to.
    call: fn(&Arguments, &Known<'_>) -> Result<Act, Complaint>,
}

impl Command {
    /// What it comes to, of arguments that `parse` made for it.
    pub fn call(&self, arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
        (self.call)(arguments, known)
    }
}

/// The command of this name.
pub fn find(name: &str) -> Result<&'static Command, Complaint> {
    let found = COMMANDS.iter().find(|command| command.spec.name == name);
    found.copied().ok_or_else(|| {
        let names = COMMANDS.iter().map(|command| command.spec.name);
        Complaint::NoCommand { given: name.to_owned(), nearest: nearest(name, names).map(str::to_owned) }
    })
}
