//! Who may come in, and whether the record of what was tried is whole: what `omega access`, `token` and `audit` do.
//!
//! It refuses to guess the farm: its name and directory are those of the flags or of the configuration.

use crate::commands::access::{AddArguments, Place, Verb};
use crate::commands::audit::VerifyArguments;
use crate::commands::token;
use crate::configured;
use crate::console::Console;
use crate::error::Failure;
use crate::prompt;
use crate::table::{Align, Cell, Grid};
use access::{Bots, CredentialId, Digest, Head, IdentityId, Issued, Limits, Rules, role_named, role_word};
use config::Reference;
use gateway::{AUDIT_FILE, BadGateway, Offline};
use model::{Decimal, Role, Usd};
use secrets::{Fetcher, Key, Seal, Source};
use serde_json::json;
use std::io::ErrorKind;
use std::path::PathBuf;

/// An error of the gateway says what to do behind its last colon or semicolon.
pub fn failure(error: &BadGateway) -> Failure {
    match error {
        BadGateway::File { verb: "read", file, source } if source.kind() == ErrorKind::NotFound => {
            return Failure::input(
                format!("there is no {}", file.display()),
                "name the file, or the farm's directory with --data or its configuration with --config",
            );
        }
        // An audit begins with the farm's name: that of another breaks at its first entry.
        BadGateway::Audit { file, source } if source.seq == 1 => {
            return Failure::input(
                format!("{}: {}", file.display(), cut(&source.to_string()).0),
                "look at the farm's name first (--farm, or farm.name); if it is that, restore the file from a copy",
            );
        }
        _ => {}
    }
    let said = error.to_string();
    let (problem, hint) = cut(&said);
    Failure::input(problem, if hint.is_empty() { "look at the file and its rights" } else { hint })
}

fn cut(said: &str) -> (&str, &str) {
    let place = said.rfind("; ").or_else(|| said.rfind(": "));
    place.map_or((said, ""), |place| (&said[..place], &said[place + 2..]))
}

/// Whose book it is: name, directory, and where the key to it is, if it is sealed.
struct Found {
    farm: String,
    data: PathBuf,
    key: Option<Reference>,
    secrets: PathBuf,
}

impl Place {
    fn find(&self) -> Result<Found, Failure> {
        if let (Some(farm), Some(data), None) = (&self.farm, &self.data, &self.config) {
            let (farm, data, secrets) = (farm.clone(), data.clone(), PathBuf::new());
            return Ok(Found { farm, data, key: None, secrets });
        }
        let written = configured::written(self.config.as_deref())?;
        let config = configured::read(&written, &configured::environment()).map_err(|faults| {
            Failure::input(
                format!("{} does not say which farm: {}", written.file.display(), faults[0]),
                "`omega config check` lists all that is wrong; or give --farm and --data",
            )
        })?;
        Ok(Found {
            farm: self.farm.clone().unwrap_or(config.farm.name),
            data: self.data.clone().unwrap_or_else(|| PathBuf::from(config.farm.data_dir)),
            key: config.access.encryption_key,
            secrets: PathBuf::from(config.secrets.file),
        })
    }

    /// A book that is there; nothing is made of a directory that was misspelt.
    fn open(&self) -> Result<Offline, Failure> {
        let found = self.find()?;
        if !found.data.join(BOOK).is_file() {
            let data = found.data.display();
            return Err(Failure::input(
                format!("nobody may come in at a farm in {data} yet: there is no {BOOK}"),
                "`omega access init` makes the first administrator, `omega run` one for this machine; or give --data",
            ));
        }
        found.open()
    }
}

impl Found {
    fn open(&self) -> Result<Offline, Failure> {
        // The rules say how one comes in; here nobody does.
        Offline::open(&self.farm, &self.data, Rules::default(), self.seal()?).map_err(|error| failure(&error))
    }

    /// The key is asked for where the configuration says that there is one.
    fn seal(&self) -> Result<Option<Box<dyn gateway::Seal>>, Failure> {
        let Some(reference) = &self.key else { return Ok(None) };
        let environment = configured::environment();
        let ask = |_: Source| prompt::ask("passphrase of the encrypted file").ok().flatten();
        let mut fetcher = Fetcher::new(&environment, &self.secrets, Box::new(ask));
        let key = fetcher.fetch(reference).and_then(|text| Key::parse("access.encryption_key", &text));
        let key = key.map_err(|error| {
            let (problem, hint) = error.told();
            Failure::input(problem, hint)
        })?;
        Ok(Some(Box::new(Sealer(Seal::new(&key)))))
    }
}

/// The file of identities.
const BOOK: &str = "access.json";

/// Seals the book of identities.
struct Sealer(Seal);

impl gateway::Seal for Sealer {
    fn seal(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, String> {
        self.0.seal(associated, plain).map_err(|error| error.to_string())
    }

    fn open(&self, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(associated, sealed).ok()
    }
}

/// `omega access`.
pub fn execute(verb: &Verb, console: &Console) -> Result<(), Failure> {
    let refused = |error| failure(&error);
    match verb {
        Verb::Init(arguments) => {
            let issued = arguments.place.find()?.open()?.init(&arguments.name).map_err(refused)?;
            show_token(&issued, console)
        }
        Verb::List(arguments) => list(&arguments.place.open()?, arguments.json, console),
        Verb::Add(arguments) => {
            let (role, limits) = rights(arguments)?;
            let id = arguments.place.open()?.add(&arguments.name, role, limits).map_err(refused)?;
            console.print(&format!("{} is number {}\n", arguments.name, id.0))
        }
        Verb::Role(arguments) => {
            let role = role_of(&arguments.role);
            arguments.place.open()?.set_role(IdentityId(arguments.identity), role).map_err(refused)?;
            console.print(&format!("number {} is {} now\n", arguments.identity, arguments.role))
        }
        Verb::Remove(arguments) => {
            arguments.place.open()?.remove(IdentityId(arguments.identity)).map_err(refused)?;
            console.print(&format!("number {} is gone, with all tokens\n", arguments.identity))
        }
        Verb::ResetMfa(arguments) => {
            arguments.place.open()?.reset_authenticator(IdentityId(arguments.identity)).map_err(refused)?;
            console.print(&format!("number {} has no authenticator now\n", arguments.identity))
        }
    }
}

/// `omega token`.
pub fn execute_token(verb: &token::Verb, console: &Console) -> Result<(), Failure> {
    let refused = |error| failure(&error);
    match verb {
        token::Verb::Issue(arguments) => {
            let mut people = arguments.place.open()?;
            let issued = people.issue(IdentityId(arguments.identity), &arguments.label, arguments.days);
            show_token(&issued.map_err(refused)?, console)
        }
        token::Verb::Revoke(arguments) => {
            let whose = arguments.place.open()?.revoke(CredentialId(arguments.token)).map_err(refused)?;
            console.print(&format!("token {} of number {} counts no longer\n", arguments.token, whose.0))
        }
    }
}

fn show_token(issued: &Issued, console: &Console) -> Result<(), Failure> {
    console.say(&format!(
        "This is token {}, shown once; `omega ctl --token-file FILE` reads it from a file.",
        issued.id.0
    ));
    console.print(&format!("{}\n", issued.token.reveal()))
}

fn role_of(word: &str) -> Role {
    role_named(word).expect("clap takes these words only")
}

fn rights(arguments: &AddArguments) -> Result<(Role, Limits), Failure> {
    let bots = match &arguments.bot[..] {
        [] => Bots::All,
        bots => Bots::Only(bots.iter().cloned().collect()),
    };
    let amount = |text: &String| {
        let micro = Decimal::parse(text).ok().and_then(|decimal| decimal.scaled(6).ok());
        let problem = format!("--size-max {text} is no amount of USDT");
        micro
            .map(Usd)
            .ok_or_else(|| Failure::usage(problem, "give one with at most six decimals, like 250.5"))
    };
    let size_max = arguments.size_max.as_ref().map(amount).transpose()?;
    Ok((role_of(&arguments.role), Limits { bots, size_max }))
}

fn list(people: &Offline, as_json: bool, console: &Console) -> Result<(), Failure> {
    let identities = people.identities();
    if as_json {
        let shown: Vec<_> = identities.iter().map(gateway::shown).collect();
        return console.print(&format!("{:#}\n", json!({ "identities": shown })));
    }
    let columns =
        [("number", Align::Right), ("name", Align::Left), ("role", Align::Left), ("bots", Align::Left)];
    let columns = [&columns[..], &[("authenticator", Align::Left), ("tokens", Align::Left)]].concat();
    let mut grid = Grid::new(&columns);
    for one in &identities {
        let bots = match &one.limits.bots {
            Bots::All => "all".to_owned(),
            Bots::Only(bots) => bots.iter().cloned().collect::<Vec<_>>().join(" "),
        };
        let tokens: Vec<String> = one
            .credentials
            .iter()
            .map(|token| format!("{} {}", token.id.0, token.label).trim().to_owned())
            .collect();
        let authenticator = if one.enrolled { "yes" } else { "no" };
        let texts = [one.id.0.to_string(), one.name.clone(), role_word(one.role).to_owned(), bots];
        let rest = [authenticator.to_owned(), tokens.join(", ")];
        grid.row(texts.into_iter().chain(rest).map(Cell::plain).collect());
    }
    console.print(&grid.render(console.has_colour()))
}

/// `omega audit verify`.
pub fn verify(arguments: &VerifyArguments, console: &Console) -> Result<(), Failure> {
    let kept = arguments.head.as_deref().map(head_of).transpose()?;
    let (farm, file) = match (&arguments.place.farm, &arguments.file) {
        (Some(farm), Some(file)) => (farm.clone(), file.clone()),
        (_, file) => {
            let found = arguments.place.find()?;
            (found.farm, file.clone().unwrap_or_else(|| found.data.join(AUDIT_FILE)))
        }
    };
    let head = gateway::verify_file(&file, &farm, kept).map_err(|error| failure(&error))?;
    if arguments.json {
        return console
            .print(&format!("{:#}\n", json!({ "entries": head.seq, "hash": head.hash.to_string() })));
    }
    console.print(&format!("whole: {} entries; head {}:{}\n", head.seq, head.seq, head.hash))
}

fn head_of(text: &str) -> Result<Head, Failure> {
    let parts = text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, Digest::parse(hash)?)));
    let head = parts.map(|(seq, hash)| Head { seq, hash });
    head.ok_or_else(|| {
        Failure::usage(
            format!("--head {text} is no head"),
            "give number and hash as `omega audit verify` prints them",
        )
    })
}
