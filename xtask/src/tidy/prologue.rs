//! Every Rust file opens with `//!`, saying why it exists and what it refuses to do.
//!
//! A program cannot judge the sentence; it refuses its absence, and a sentence too short to say anything.

use super::{Findings, Rule};
use crate::tree::Tree;

/// The rule.
pub const RULE: Rule = Rule { name: "prologue", why: "every Rust file opens with `//!`", check };

const LETTERS_MIN: usize = 20;

fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust_files() {
        let opening: String = file.text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        if opening.chars().filter(|c| c.is_alphabetic()).count() < LETTERS_MIN {
            let remedy = "open with `//!`: why this file exists and what it refuses to do";
            findings.report(&file.path, 1, "the file does not say what it is for", remedy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::RULE;

    #[test]
    fn a_file_with_a_reason_passes() {
        let text = "//! Keeps the books. Refuses to round twice.\nfn f() {}\n";
        assert_eq!(found(RULE, &[("a.rs", text), ("b.toml", "x = 1")]), Vec::<String>::new());
    }

    #[test]
    fn a_file_without_a_reason_is_refused() {
        let expected = "the file does not say what it is for -> open with `//!`: why this file exists and what it \
                        refuses to do";
        let files =
            [("a.rs", "fn f() {}\n//! Keeps the books, but too late to be read."), ("b.rs", "//! Books.\n")];
        assert_eq!(found(RULE, &files), [format!("a.rs:1: {expected}"), format!("b.rs:1: {expected}")]);
    }
}
