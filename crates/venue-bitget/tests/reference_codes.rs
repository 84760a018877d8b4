//! Every code of the reference's table (section 13) is in ours, on the side of the fence the reference puts it.
//!
//! Skipped, loudly, where the reference is not there.
#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used)]

use std::path::Path;
use venue_bitget::errors::{Fatal, Meaning, meaning_of};

fn codes(cell: &str) -> Vec<String> {
    // `40829–40837`, `40009(sign)`, `WS 30005`: numbers and ranges among words.
    let mut found = Vec::new();
    for word in cell.split([' ', ';', ',', '(', ')']) {
        let ends: Vec<u32> = word.split(['–', '…']).filter_map(|end| end.parse().ok()).collect();
        match ends[..] {
            [one] if word.len() >= 5 => found.push(one.to_string()),
            [from, to] => found.extend((from..=to).map(|code| code.to_string())),
            _ => {}
        }
    }
    found
}

fn fits(reaction: &str, meaning: Meaning) -> bool {
    match reaction {
        "fatal: credentials" => meaning == Meaning::Fatal(Fatal::Credentials),
        "fatal: permission / IP / region / KYC" => meaning == Meaning::Fatal(Fatal::Permission),
        "clock" => meaning == Meaning::Clock,
        "back off" | "cancel throttled" => meaning == Meaning::Throttled,
        "unknown outcome → query by clientOid" => meaning == Meaning::OutcomeUnknown,
        "duplicate clientOid" => meaning == Meaning::Duplicate,
        // One of its codes is also a sign of a deployment, where nothing is certain.
        "bad request (our bug)" => matches!(meaning, Meaning::Refused(_) | Meaning::OutcomeUnknown),
        "temporary venue state" => meaning == Meaning::Unavailable,
        _ => !matches!(meaning, Meaning::OutcomeUnknown | Meaning::Clock | Meaning::Duplicate),
    }
}

#[test]
fn every_code_of_the_reference_is_in_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/bitget.md");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {} is not there (Bitget's codes)", path.display());
        return;
    };
    let section = text.split("## 13.").nth(1).and_then(|rest| rest.split("## 14.").next()).unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for row in section.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (reaction, cell) = (cells[1], cells[2]);
        for code in codes(cell) {
            seen += 1;
            match meaning_of(&code) {
                Some(meaning) if fits(reaction, meaning) => {}
                other => wrong.push(format!("{code} ({reaction}): {other:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 230, "only {seen} codes were found in the reference");
}
