//! The documents that show commands are run: every `console` block, in order, and what it shows must be printed.
//!
//! A line `...` stands for any lines, a `…` within a line for any text. With OMEGA_DOCUMENTS=write the figures shown are
//! brought up to date instead, line by line by what a line is about; which lines are shown stays a person's choice.

use crate::Sandbox;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A command of a document, and the numbers of the lines it shows.
struct Shown {
    command: String,
    lines: Vec<usize>,
}

#[test]
fn the_tutorial_says_what_happens() {
    check("tutorial.md");
}

#[test]
fn writing_a_persona_is_what_it_says() {
    check("write-your-own-persona.md");
}

/// The demo's own journal: a farm that runs is as fast as its machine, and would show other sessions each time.
#[test]
fn the_page_on_drift_is_what_it_says() {
    check("drift.md");
}

#[test]
fn the_change_that_adds_a_method_applies() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/write-your-own-persona.md")).unwrap();
    let (_, diff) = page.split_once("\n```diff\n").expect("the page shows the change");
    let (diff, _) = diff.split_once("\n```").expect("a block ends");
    let sandbox = Sandbox::new();
    let change = sandbox.write("change.diff", format!("{diff}\n"));
    // Away from any repository, so that only the files count; those that it changes are copied there.
    for file in diff.lines().filter_map(|line| line.strip_prefix("--- a/")) {
        let place = sandbox.path(file);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(root.join(file), place).unwrap();
    }
    let git = Command::new("git").arg("apply").arg(&change).current_dir(&sandbox.0).output();
    let Ok(output) = git else {
        println!("SKIPPED the_change_that_adds_a_method_applies: git is not installed");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "make the change by hand, and the block from `git diff -U1`: {said}");
    let changed = std::fs::read_to_string(sandbox.path("crates/persona/src/strategy/mod.rs")).unwrap();
    assert!(changed.contains("\npub mod reverter;\n"), "git applied nothing");
}

fn check(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let commands = commands(&lines);
    assert!(!commands.is_empty(), "{name} shows no command");
    let write = std::env::var("OMEGA_DOCUMENTS").is_ok_and(|value| value == "write");
    let sandbox = Sandbox::new();
    // A command that is shown again is shown for more of what it printed.
    let mut known: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for shown in &commands {
        let printed = known.entry(&shown.command).or_insert_with(|| run(&sandbox, &shown.command));
        if write {
            refresh(&mut lines, &shown.lines, printed);
        }
        let kept: Vec<&str> = shown.lines.iter().map(|&at| lines[at].as_str()).collect();
        if let Some(missing) = first_missing(&kept, printed) {
            panic!(
                "docs/{name}: `{}` does not print (there)\n{missing}\nbut\n{}\nOMEGA_DOCUMENTS=write cargo test -p omega \
                 --test cli tutorial:: brings figures up to date; read the prose round them again",
                shown.command,
                printed.join("\n")
            );
        }
    }
    if write {
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    }
}

fn commands(lines: &[String]) -> Vec<Shown> {
    let mut commands: Vec<Shown> = Vec::new();
    let mut inside = false;
    for (at, line) in lines.iter().enumerate() {
        match (inside, line.strip_prefix("$ ")) {
            (false, _) => inside = line == "```console",
            (true, _) if line == "```" => inside = false,
            (true, Some(command)) => commands.push(Shown { command: command.to_owned(), lines: Vec::new() }),
            (true, None) => commands.last_mut().expect("a block begins with a command").lines.push(at),
        }
    }
    commands
}

/// Runs a line as a reader would, with this omega in the path. `make demo` is what it runs once everything is built.
fn run(sandbox: &Sandbox, command: &str) -> Vec<String> {
    let command = if command == "make demo" { "omega demo" } else { command };
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_omega"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", command]).env("PATH", path).current_dir(&sandbox.0).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert!(output.status.success(), "`{command}`: {}", text(&output.stderr));
    text(&output.stdout).lines().map(str::to_owned).collect()
}

/// Columns are as wide as what stands in them, which may follow the date: the words count, and that they are apart.
fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_like(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (words(shown), words(printed));
    match shown.split_once('…') {
        None => shown == printed,
        Some((before, after)) => {
            printed.strip_prefix(before).is_some_and(|rest| rest.ends_with(after.trim_start_matches('…')))
        }
    }
}

/// The first shown line that is not printed where it should be.
fn first_missing<'a>(shown: &[&'a str], printed: &[String]) -> Option<&'a str> {
    let (mut next, mut anywhere) = (0, false);
    for line in shown {
        if *line == "..." {
            anywhere = true;
            continue;
        }
        let reach = if anywhere { printed.len() } else { (next + 1).min(printed.len()) };
        let found = printed[next.min(reach)..reach].iter().position(|printed| is_like(line, printed));
        match found {
            Some(at) => next += at + 1,
            None => return Some(line),
        }
        anywhere = false;
    }
    (!anywhere && next < printed.len()).then_some("the end")
}

/// What a line is about: its text up to the figures.
fn subject(line: &str) -> &str {
    let trimmed = line.trim_start();
    let indent = line.len() - trimmed.len();
    let end = trimmed.find("  ").unwrap_or(trimmed.len());
    &line[..indent + end]
}

fn refresh(lines: &mut [String], shown: &[usize], printed: &[String]) {
    let mut next = 0;
    for &at in shown {
        if lines[at] == "..." {
            continue;
        }
        let like = |candidate: &String| {
            is_like(&lines[at], candidate)
                || (!lines[at].contains('…') && subject(&lines[at]) == subject(candidate))
        };
        if let Some(found) = printed[next..].iter().position(like) {
            next += found + 1;
            if !lines[at].contains('…') {
                lines[at].clone_from(&printed[next - 1]);
            }
        }
    }
}

#[test]
fn what_is_shown_must_be_printed_there() {
    let printed: Vec<String> = ["a", "b 1", "c", "d"].map(str::to_owned).to_vec();
    let missing = |shown: &[&'static str]| first_missing(shown, &printed);
    assert_eq!(missing(&["a", "b …", "...", "d"]), None);
    assert_eq!(missing(&["...", "c", "..."]), None);
    assert_eq!(missing(&["a", "c", "..."]), Some("c"));
    assert_eq!(missing(&["...", "c", "b 1", "..."]), Some("b 1"));
    assert_eq!(missing(&["a", "b 1"]), Some("the end"));
    assert_eq!(missing(&["...", "e"]), Some("e"));
    let mut lines = vec!["b 1".to_owned(), "  net    1".to_owned(), "...".to_owned()];
    refresh(&mut lines, &[0, 1, 2], &["x".to_owned(), "b 1".to_owned(), "  net   22".to_owned()]);
    assert_eq!(lines, ["b 1", "  net   22", "..."]);
}
