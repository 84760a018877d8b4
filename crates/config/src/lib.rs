//! One typed `omega.toml`: from a text and the environment to settings, all that is wrong told at once.
//!
//! It refuses to guess: what it does not know is an error that names what was meant. It opens no file, reads no variable
//! itself and never holds a secret, only the reference that says where one is.

mod changes;
mod checks;
mod fault;
pub mod kinds;
mod plan;
mod reader;
mod reference;
mod schema;
mod section;
mod sections;
mod summary;

pub use changes::{Change, Changes};
pub use fault::{BadConfig, Place};
pub use model::nearest::nearest;
pub use plan::{Keys, Plan, PlannedAccount, PlannedBot, Shard};
pub use reader::Environment;
pub use reference::{BadReference, NAME_CHARS_MAX, Reference, is_name};
pub use schema::{example, json_schema, markdown, schema};
pub use section::{Absent, Entry, Key, Reload, Spec, Times, variable_of};
pub use sections::*;

use fault::Showing;
use kinds::Wrong;
use reader::{At, Reader};
use toml::de::DeTable;

/// A longer text is no configuration.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// The variables of an account that no file names.
pub const ACCOUNT_VARIABLES: [&str; 3] =
    ["EXCHANGE_API_KEY", "EXCHANGE_API_SECRET", "EXCHANGE_API_PASSPHRASE"];

/// The one account of those variables.
pub const ACCOUNT_OF_VARIABLES: &str = "main";

impl Config {
    /// Reads a text, overridden by variables. An empty text is a farm of the six personas on paper.
    ///
    /// # Errors
    /// Everything that is wrong, by line.
    pub fn read(text: &str, environment: &Environment) -> Result<Config, Vec<BadConfig>> {
        if text.len() > TEXT_BYTES_MAX {
            let problem = format!("the text is longer than {} KiB", TEXT_BYTES_MAX >> 10);
            let mend = "give a configuration; `omega config example` shows one".to_owned();
            return Err(vec![BadConfig { place: Place::Missing, key: None, problem, mend }]);
        }
        let specs = sections::specs();
        let mut reader = Reader::new(text, environment, &specs);
        let (document, errors) = DeTable::parse_recoverable(text);
        let is_toml = errors.is_empty();
        for error in &errors {
            note_syntax(&mut reader, error);
        }
        let root = At { path: "", table: Some(document.get_ref()), span: 0..0, times: Times::Once };
        let mut config = Config::read_sections(&mut reader, &root);
        reader.check_variables();
        if is_toml {
            config.adopt_account_of_variables(&reader);
            checks::check(&config, &mut reader);
        }
        let faults = reader.into_faults();
        if faults.is_empty() { Ok(config) } else { Err(first_of_each_line(faults, &errors, text)) }
    }

    /// The account of the variables that users of other programs set, where money is asked for and no file names one.
    fn adopt_account_of_variables(&mut self, reader: &Reader<'_>) {
        let is_set = |name: &&str| reader.variable(name).is_some();
        if self.farm.mode == Mode::Paper || !self.account.is_empty() || !ACCOUNT_VARIABLES.iter().any(is_set)
        {
            return;
        }
        let [key, secret, passphrase] = ACCOUNT_VARIABLES
            .map(|name| reader.variable(name).map(|_| Reference::Environment(name.to_owned())));
        self.account.push(Account {
            name: ACCOUNT_OF_VARIABLES.to_owned(),
            number: None,
            key,
            secret,
            passphrase,
            position_mode: Positions::Hedge,
            margin_mode: Margin::Isolated,
            leverage: DEFAULT_LEVERAGE,
        });
    }
}

/// What an account's leverage is where none is written; a test compares it with the table.
const DEFAULT_LEVERAGE: u16 = 10;

fn note_syntax(reader: &mut Reader<'_>, error: &toml::de::Error) {
    let message = error.message().replace(['\n', '\r'], " ");
    let span = error.span().unwrap_or(0..0);
    let mend = syntax_mend(&message);
    reader.fault_at(&span, None, Wrong::new(format!("this is no TOML: {message}"), mend));
}

fn syntax_mend(message: &str) -> &'static str {
    let about = |word: &str| message.contains(word);
    if about("duplicate key") {
        "it is written twice: keep one of the two"
    } else if about("must be quoted") {
        "put the text in quotes: mode = \"paper\""
    } else if about("unquoted key") {
        "write key = value: TOML has an equals sign where YAML has a colon, and sections are in brackets"
    } else if about("invalid basic string") || about("invalid literal string") || about("quote") {
        "close the text with the quote that opened it, on the same line"
    } else if about("array") || about("`]`") {
        "close the brackets; entries are separated by commas"
    } else if about("table") || about("header") {
        "a section is its name in brackets, alone on its line: [farm], [[bot]]"
    } else if about("`=`") || about("key") {
        "write key = value, one on a line; sections are in brackets, comments begin with #"
    } else {
        "text stands in quotes, numbers and true or false without; one key = value on a line"
    }
}

/// Where a line is no TOML, what else seems wrong with it follows from that.
fn first_of_each_line(faults: Vec<BadConfig>, errors: &[toml::de::Error], text: &str) -> Vec<BadConfig> {
    let lines_of = |error: &toml::de::Error| match fault::place(
        text,
        &error.span().unwrap_or(0..0),
        Showing::KeysOnly,
    ) {
        // A list that is not closed on its line is found out on the next.
        Place::Text { line, .. } if error.message().contains("array") => [line - 1, line],
        Place::Text { line, .. } => [line, line],
        _ => [0, 0],
    };
    let broken: Vec<usize> = errors.iter().flat_map(lines_of).collect();
    let mut told = Vec::new();
    let mut kept = Vec::new();
    for fault in faults {
        let Place::Text { line, .. } = fault.place else {
            kept.push(fault);
            continue;
        };
        if broken.contains(&line) && told.contains(&line) {
            continue;
        }
        if broken.contains(&line) && fault.key.is_some() {
            continue;
        }
        told.push(line);
        kept.push(fault);
    }
    kept
}
