//! The table of `docs/operating.md` is the catalogue's. `OMEGA_DOCUMENTS=write` writes it anew.

#![allow(clippy::disallowed_methods, reason = "a test reads the document that it holds")]

use control::catalogue::{COMMANDS, Need};
use control::message::Named;
use std::path::Path;

const BEGIN: &str = "<!-- commands: made from the catalogue -->\n";
const END: &str = "<!-- end of commands -->\n";

fn table() -> String {
    let mut table = "| command | what it does | role | rule |\n|---|---|---|---|\n".to_owned();
    for command in COMMANDS {
        let spec = &command.spec;
        let arguments = spec.arguments.iter().map(|one| match one.need {
            Need::Required => format!(" {}", one.name),
            Need::Optional => format!(" [{}]", one.name),
        });
        let usage = arguments.fold(spec.name.to_owned(), |line, next| line + &next);
        table += &format!("| `{usage}` | {} | {} | {} |\n", spec.summary, spec.role.word(), spec.rule.name());
    }
    table
}

#[test]
fn the_document_lists_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating.md");
    let kept = std::fs::read_to_string(&path).expect("docs/operating.md");
    let (head, rest) = kept.split_once(BEGIN).expect("the table has a beginning");
    let (_, tail) = rest.split_once(END).expect("the table has an end");
    let is_written = std::env::var("OMEGA_DOCUMENTS").is_ok_and(|value| value == "write");
    let made = format!("{head}{BEGIN}{}{END}{tail}", table());
    if is_written {
        std::fs::write(&path, &made).expect("docs/operating.md can be written");
    }
    assert!(
        is_written || kept == made,
        "docs/operating.md is not the catalogue: OMEGA_DOCUMENTS=write cargo nextest run -p control"
    );
}
