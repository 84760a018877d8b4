//! The reference pages are what the program would write now, and every example on them works.

use crate::{Sandbox, omega};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Made market for the examples: long enough for every one of them.
const DAYS: &str = "30";

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/commands")
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_pages_are_those_of_this_program() {
    let sandbox = Sandbox::new();
    let said = omega(&[&"docs", &"--dir", &sandbox.0]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    let again = "run `cargo run -p omega -- docs --dir docs/commands` in the root, and commit what changed";
    assert_eq!(
        names(&committed()),
        sandbox.names(),
        "a page too many is removed by hand; for one too few {again}"
    );
    for name in sandbox.names() {
        let [fresh, kept] =
            [sandbox.path(&name), committed().join(&name)].map(|file| std::fs::read_to_string(file).unwrap());
        assert!(fresh == kept, "docs/commands/{name} is stale: {again}");
    }
}

/// The sections of a page: a heading and what stands below it.
fn sections(text: &str) -> Vec<(String, &str)> {
    let parts = text.split("\n#").skip(1);
    parts
        .map(|part| part.split_once('\n').unwrap())
        .map(|(head, rest)| (head.trim_matches(['#', ' ']).to_owned(), rest))
        .collect()
}

fn examples(section: &str) -> Vec<&str> {
    let block = section.split_once("\nExamples:\n\n```\n").and_then(|(_, rest)| rest.split_once("\n```"));
    block.map(|(block, _)| block.lines().collect()).unwrap_or_default()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "it is waited for in optimised code")]
fn every_command_has_examples_and_they_work() {
    let sandbox = Sandbox::new();
    assert_eq!(omega(&[&"demo", &"--days", &DAYS, &"--dir", &sandbox.0, &"--json"]).code, 0);
    // A page's examples may use what those of an earlier page wrote.
    for name in names(&committed()).into_iter().filter(|name| name != "README.md") {
        let text = std::fs::read_to_string(committed().join(&name)).unwrap();
        for (command, section) in sections(&text) {
            let examples = examples(section);
            let only_leads = section.contains(&format!("```\n{command} <COMMAND>\n```"));
            assert!(
                only_leads || !examples.is_empty(),
                "{command} has no example: give its arguments an `after_help`"
            );
            for example in examples {
                assert!(example.starts_with(&command), "{name}: \"{example}\" is no example of {command}");
                // An example of what this machine may not have says so, and is only read.
                let (words, needs) = example.split_once("  # needs ").unwrap_or((example, ""));
                if needs.is_empty() {
                    works(&sandbox, words);
                }
            }
        }
    }
}

fn works(sandbox: &Sandbox, example: &str) {
    let mut words = example.split_whitespace();
    assert_eq!(words.next(), Some("omega"), "{example}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
    let output = command.args(words).current_dir(&sandbox.0).output().unwrap();
    assert!(
        output.status.success() && !output.stdout.is_empty(),
        "`{example}` does not work:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
