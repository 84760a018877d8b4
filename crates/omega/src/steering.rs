//! A command on its way to a farm that runs, and its answer as tables: what `omega ctl` does.
//!
//! It refuses to give a command twice: what is repeated carries the same key.

use crate::commands::ctl::{Arguments, There};
use crate::configured;
use crate::console::Console;
use crate::error::Failure;
use crate::prompt;
use crate::table::{Align, Cell, Grid, Tone};
use control::catalogue::{self, Answer, Colour};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The longest that a whole exchange may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest answer.
const BODY_BYTES_MAX: u64 = 16 << 20;
/// The longest token.
const TOKEN_BYTES_MAX: usize = 256;
/// How it ends where no shard has answered yet, and where something waits for a confirmation.
const EXIT_SENT: u8 = 3;
const EXIT_WAITS: u8 = 4;

/// A gateway and the right to speak with it.
struct Line {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl There {
    fn open(&self) -> Result<Line, Failure> {
        let config = match (&self.url, &self.token_file) {
            (Some(_), Some(_)) => None,
            _ => {
                let written = configured::written(self.config.as_deref())?;
                let read = configured::read(&written, &configured::environment());
                Some(read.map_err(|faults| {
                    Failure::input(
                        format!("{} does not say where the farm is: {}", written.file.display(), faults[0]),
                        "`omega config check` lists all that is wrong; or give --url and --token-file",
                    )
                })?)
            }
        };
        let of = |config: &config::Config| {
            let scheme = if config.gateway.tls_cert_file.is_some() { "https" } else { "http" };
            let address = format!("{scheme}://{}", config.gateway.listen);
            config.gateway.public_url.clone().unwrap_or(address)
        };
        let url = self.url.clone().or_else(|| config.as_ref().map(of)).expect("one of both is there");
        let local = || {
            config.as_ref().map(|config| PathBuf::from(&config.farm.data_dir).join(gateway::LOCAL_TOKEN_FILE))
        };
        let file = self.token_file.clone().or_else(local).expect("one of both is there");
        let token = std::fs::read_to_string(&file).map_err(|error| {
            Failure::input(
                format!("cannot read a token from {}: {error}", file.display()),
                "start the farm, or give --token-file with a token of `omega token issue`",
            )
        })?;
        let token = token.trim().to_owned();
        if token.is_empty() || token.len() > TOKEN_BYTES_MAX || !token.is_ascii() {
            return Err(Failure::input(
                format!("{} has no token", file.display()),
                "put one in it, on one line",
            ));
        }
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .new_agent();
        Ok(Line { agent, url: url.trim_end_matches('/').to_owned(), token })
    }
}

impl Line {
    fn post(&self, path: &str, key: &str, body: &Value) -> Result<(u16, Value), Failure> {
        let url = format!("{}{path}", self.url);
        let ask = || {
            let request = self.agent.post(&url).header("authorization", format!("Bearer {}", self.token));
            let request = request.header("content-type", "application/json").header("idempotency-key", key);
            let mut answer = request.send(body.to_string())?;
            let text = answer.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_string()?;
            Ok::<_, ureq::Error>((answer.status().as_u16(), text))
        };
        // The key makes a repetition harmless.
        let answered = ask().or_else(|_| ask());
        let (status, text) = answered.map_err(|error| {
            Failure::input(
                format!("the farm does not answer at {}: {error}", self.url),
                "look whether it runs, and at --url",
            )
        })?;
        let body = serde_json::from_str(&text)
            .map_err(|_| Failure::input(format!("{} is no gateway of a farm", self.url), "look at --url"))?;
        Ok((status, body))
    }
}

/// Nobody draws the same one: the instant to the nanosecond, the process, the command.
fn key_of(what: &str) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let text = format!("{} {} {what}", since.as_nanos(), std::process::id());
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Gives the command.
pub fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let complained = |complaint: catalogue::Complaint| {
        Failure::usage(complaint.to_string(), "`omega ctl help` lists all commands")
    };
    let command = catalogue::find(&arguments.command).map_err(complained)?;
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    let given = catalogue::named(&command.spec, &words).map_err(complained)?;
    catalogue::parse(&command.spec, &given).map_err(complained)?;
    let line = arguments.there.open()?;
    let path = format!("/api/v1/commands/{}", command.spec.name);
    let (status, body) = line.post(&path, &key_of(&path), &json!(given))?;
    if status == 202 && body["state"] == "waits" {
        return confirm(&line, &body, arguments, console);
    }
    told(status, &body, arguments.json, console)
}

/// Shows what waits, and confirms it where that is wanted.
fn confirm(line: &Line, waits: &Value, arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let pending = &waits["pending"];
    let id = pending["id"].to_string();
    let needs = pending["needs"].as_str().unwrap_or_default();
    if !arguments.json {
        show(&waits["answer"], console)?;
    }
    let waiting = |why: &str, hint: String| {
        Err(Failure::Broken { problem: format!("it waits as number {id}: {why}"), hint, code: EXIT_WAITS })
    };
    if needs == "second_person" {
        return waiting(
            "another person has to confirm it",
            format!("he gives `omega ctl confirm {id} CODE`"),
        );
    }
    let sits_here = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !arguments.yes && !(sits_here && ask("Do it? Type yes")? == "yes") {
        return waiting("it was not confirmed", format!("`omega ctl confirm {id}` does it, for some time"));
    }
    let mut code = arguments.code.clone();
    if needs == "code" && code.is_none() {
        code = if arguments.yes { None } else { prompt::ask("code")?.map(|code| code.expose().to_owned()) };
        if code.is_none() {
            return waiting("it needs a code", "give --code with --yes".to_owned());
        }
    }
    let path = format!("/api/v1/pending/{id}/confirm");
    let (status, body) = line.post(&path, &key_of(&path), &json!({ "code": code }))?;
    told(status, &body, arguments.json, console)
}

fn ask(what: &str) -> Result<String, Failure> {
    let mut out = io::stderr();
    write!(out, "{what}: ").and_then(|()| out.flush()).map_err(Failure::Output)?;
    let mut typed = String::new();
    io::stdin().read_line(&mut typed).map_err(Failure::Output)?;
    Ok(typed.trim().to_owned())
}

/// What came of it.
fn told(status: u16, body: &Value, as_json: bool, console: &Console) -> Result<(), Failure> {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    if as_json {
        console.print(&format!("{body:#}\n"))?;
    }
    if !(200..300).contains(&status) {
        return Err(Failure::input(text("reason"), text("mend")));
    }
    if !as_json {
        show(&body["answer"], console)?;
        for errand in body["errands"].as_array().map_or(&[][..], Vec::as_slice) {
            let why = errand["why"].as_str().map_or_else(String::new, |why| format!(" ({why})"));
            let words = ["shard", "state"].map(|name| errand[name].as_str().unwrap_or_default());
            console.print(&format!("  {}: {}{why}\n", words[0], words[1]))?;
        }
    }
    if body["state"] == "sent" {
        let problem = "it was sent, and not every shard has answered yet".to_owned();
        let hint = "it acts once; `omega ctl health` says which shard is silent".to_owned();
        return Err(Failure::Broken { problem, hint, code: EXIT_SENT });
    }
    Ok(())
}

/// An answer as people read it.
fn show(answer: &Value, console: &Console) -> Result<(), Failure> {
    let Ok(answer) = serde_json::from_value::<Answer>(answer.clone()) else { return Ok(()) };
    console.print(&rendered(&answer, console))
}

/// What a farm says is shown, and does not act in a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn rendered(answer: &Answer, console: &Console) -> String {
    let (colour, paper) = (console.has_colour(), console.paper());
    let tone = match answer.colour {
        Colour::Neutral => Tone::Strong,
        Colour::Good => Tone::Good,
        Colour::Warning => Tone::Wary,
        Colour::Bad => Tone::Bad,
    };
    let mut text = format!("{}\n", tone.paint(&plain(&answer.title), colour));
    let width = answer.fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in &answer.fields {
        let pad = " ".repeat(width - name.chars().count());
        text.push_str(&format!("  {}{pad}   {}\n", plain(name), plain(value)));
    }
    for table in &answer.tables {
        text.push_str(&format!("\n{}\n", plain(&table.title)));
        let columns: Vec<(&str, Align)> =
            table.columns.iter().map(|column| (column.as_str(), Align::Left)).collect();
        let mut grid = Grid::new(&columns);
        for row in &table.rows {
            grid.row(row.iter().map(|cell| Cell::plain(plain(cell))).collect());
        }
        text.push_str(&grid.render(colour));
    }
    for note in &answer.notes {
        text.push_str(&paper.wrap(&plain(note), "  "));
    }
    text
}
