//! A command on its way to a farm that runs, and its answer as tables: what `omega ctl` does.
//!
//! It refuses to give a command twice: what is repeated carries the same key.

use crate::commands::ctl::Arguments;
use crate::console::Console;
use crate::error::Failure;
use crate::line::{Line, key_of, refused};
use crate::prompt;
use crate::table::{Align, Cell, Grid, Tone};
use control::catalogue::{self, Act, Answer, Colour, Known};
use model::Time;
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};

/// How it ends where no shard has answered yet, and where something waits for a confirmation.
const EXIT_SENT: u8 = 3;
const EXIT_WAITS: u8 = 4;

/// Gives the command.
pub fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let complained = |complaint: catalogue::Complaint| {
        Failure::usage(complaint.to_string(), "`omega ctl help` lists all commands")
    };
    let command = catalogue::find(&arguments.command).map_err(complained)?;
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    let given = catalogue::named(&command.spec, &words).map_err(complained)?;
    let parsed = catalogue::parse(&command.spec, &given).map_err(complained)?;
    if command.spec.name == "help" {
        return help(command, &parsed, arguments, console);
    }
    let line = arguments.there.open()?;
    let path = format!("/api/v1/commands/{}", command.spec.name);
    let (status, body) = line.post(&path, &key_of(&path), &json!(given))?;
    if status == 202 && body["state"] == "waits" {
        return confirm(&line, &body, arguments, console);
    }
    told(status, &body, arguments.json, console)
}

/// The list of commands is needed most by who has no farm yet, so none is asked.
fn help(
    command: &catalogue::Command,
    parsed: &catalogue::Arguments,
    arguments: &Arguments,
    console: &Console,
) -> Result<(), Failure> {
    let known = Known { views: &[], now: Time(0) };
    let act = command
        .call(parsed, &known)
        .map_err(|complaint| Failure::usage(complaint.to_string(), "`omega ctl help` lists all commands"))?;
    let Act::Answer(answer) = act else { unreachable!("the catalogue answers for itself") };
    if arguments.json {
        return console.print(&format!("{:#}\n", json!({ "state": "answered", "answer": answer })));
    }
    console.print(&rendered(&answer, console))
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
    let is_confirmed = arguments.yes || (sits_here && ask("Do it? Type yes")? == "yes");
    if !is_confirmed {
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
    if as_json {
        console.print(&format!("{body:#}\n"))?;
    }
    if !(200..300).contains(&status) {
        return Err(refused(body));
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
