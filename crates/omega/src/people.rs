//! Who may come in, and whether the record of what was tried is whole: what `omega access`, `token` and `audit` do.
//!
//! It refuses to guess the farm: its name and directory are those of the flags or of the configuration.

use crate::commands::access::{AddArguments, Place, Verb};
use crate::commands::audit::VerifyArguments;
use crate::commands::token;
use crate::configured;
use crate::console::Console;
use crate::error::Failure;
use crate::table::{Align, Cell, Grid};
use access::{Bots, CredentialId, Digest, Head, IdentityId, Issued, Limits, Rules, role_named, role_word};
use gateway::{AUDIT_FILE, BadGateway, Offline};
use model::{Decimal, Role, Usd};
use serde_json::json;
use std::path::PathBuf;

/// An error of the gateway says what to do behind its last colon or semicolon.
pub fn failure(error: &BadGateway) -> Failure {
    let said = error.to_string();
    let place = said.rfind("; ").or_else(|| said.rfind(": ")).map_or(said.len(), |place| place);
    let hint = said.get(place + 2..).unwrap_or("look at the file and its rights").to_owned();
    Failure::input(said[..place].to_owned(), hint)
}

impl Place {
    /// Name and directory.
    fn find(&self) -> Result<(String, PathBuf), Failure> {
        if let (Some(farm), Some(data)) = (&self.farm, &self.data) {
            return Ok((farm.clone(), data.clone()));
        }
        let written = configured::written(None)?;
        let config = configured::read(&written, &configured::environment()).map_err(|faults| {
            Failure::input(
                format!("{} does not say which farm: {}", written.file.display(), faults[0]),
                "`omega config check` lists all that is wrong; or give --farm and --data",
            )
        })?;
        let farm = self.farm.clone().unwrap_or(config.farm.name);
        Ok((farm, self.data.clone().unwrap_or_else(|| PathBuf::from(config.farm.data_dir))))
    }

    fn open(&self) -> Result<Offline, Failure> {
        let (farm, data) = self.find()?;
        // The rules say how one comes in; here nobody does.
        Offline::open(&farm, &data, Rules::default(), None).map_err(|error| failure(&error))
    }
}

/// `omega access`.
pub fn execute(verb: &Verb, console: &Console) -> Result<(), Failure> {
    let refused = |error| failure(&error);
    match verb {
        Verb::Init(arguments) => {
            let issued = arguments.place.open()?.init(&arguments.name).map_err(refused)?;
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
            let (farm, data) = arguments.place.find()?;
            (farm, file.clone().unwrap_or_else(|| data.join(AUDIT_FILE)))
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
