//! `omega personas new`: a profile to begin with, with the comments of the one it was copied from.
//!
//! It refuses to write over anything, and a name that somebody has.

use crate::console::Console;
use crate::error::Failure;
use crate::lineup;
use crate::whole_file;
use clap::Args;
use persona::profile::{NAME_MAX, name_problem};
use persona::{PERSONAS, Profile};
use std::io;
use std::path::PathBuf;

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega personas new patient --from aggressive")]
pub(super) struct Arguments {
    /// Its name: a to z, 0 to 9 and _
    name: String,
    /// The persona to copy
    #[arg(long, value_name = "NAME", default_value = "strategic")]
    from: String,
    /// Where to write it; NAME.toml here, if nothing is said
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let Arguments { name, from, file } = arguments;
    check_name(name)?;
    let known = PERSONAS.iter().find(|(known, _)| known == from);
    let (_, toml) = known.ok_or_else(|| lineup::no_persona("--from", from))?;
    let file = file.clone().unwrap_or_else(|| format!("{name}.toml").into());
    if file.extension().is_none_or(|ending| ending != "toml") {
        return Err(Failure::usage(
            format!("--file {} does not end in .toml", file.display()),
            format!("give it that ending, such as {name}.toml: --persona tells files from names by it"),
        ));
    }
    let text = copy(name, from, toml);
    whole_file::create_new(&file, text.as_bytes()).map_err(|failure| match failure {
        Failure::Write { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => Failure::input(
            format!("{} exists already and is left as it is", file.display()),
            "choose another name, or another place with --file",
        ),
        other => other,
    })?;
    let shown = file.display();
    console.print(&format!(
        "wrote {shown}, a copy of {from}: change what you like, then\n\
         \x20 omega personas check {shown}\n\
         \x20 omega personas show {shown}\n\
         \x20 omega backtest --persona {shown} --bars FILE\n"
    ))
}

fn check_name(name: &str) -> Result<(), Failure> {
    if let Some(problem) = name_problem(name) {
        let hint = format!("give at most {NAME_MAX} of a to z, 0 to 9 and _, such as my_strategist");
        return Err(Failure::usage(format!("the name \"{name}\" {problem}"), hint));
    }
    if name == lineup::ALL || lineup::names().contains(&name) {
        return Err(Failure::usage(
            format!("the name \"{name}\" is taken"),
            format!("give another, such as my_{name}; `omega personas` lists those that are taken"),
        ));
    }
    Ok(())
}

/// A persona's profile under another name, with its comments, and above it how to use it.
fn copy(name: &str, from: &str, toml: &str) -> String {
    let renamed = toml.replacen(&format!("name = \"{from}\""), &format!("name = \"{name}\""), 1);
    let text = format!(
        "# {name}: a persona of your own, begun as a copy of {from}.\n\
         #\n\
         #   omega personas check {name}.toml     says whether it is right, and where it is wrong\n\
         #   omega personas show {name}.toml      draws its emotional states\n\
         #   omega backtest --persona {name}.toml --bars FILE\n\
         #\n\
         # `strategy` names how it thinks; everything else below is character and may be changed.\n\
         #\n\
         {renamed}"
    );
    let profile = Profile::parse(&text).expect("a copy of a valid profile is valid");
    assert_eq!(profile.name, name, "a built-in profile writes its name in one way");
    text
}
