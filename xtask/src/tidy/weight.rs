//! No heavy file in git: a clone stays quick, and history cannot forget.
//!
//! Refuses any file over one megabyte that git would take.

use super::{Findings, Rule};
use crate::tree::Tree;

/// The rule.
pub const RULE: Rule = Rule { name: "weight", why: "no file over 1 MB in git", check };

const FILE_BYTES_MAX: u64 = 1_000_000;

fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.files().iter().filter(|file| file.size_bytes > FILE_BYTES_MAX) {
        let wrong = format!("the file has {} bytes, at most {FILE_BYTES_MAX}", file.size_bytes);
        findings.report(
            &file.path,
            1,
            wrong,
            "make it on the spot in a test, or read it from OMEGA_TEST_DATA",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::RULE;

    #[test]
    fn a_megabyte_is_the_limit() {
        let full = "x".repeat(1_000_000);
        assert_eq!(found(RULE, &[("a.csv", &full)]), Vec::<String>::new());
        assert_eq!(
            found(RULE, &[("a.csv", &(full + "x"))]),
            [
                "a.csv:1: the file has 1000001 bytes, at most 1000000 -> make it on the spot in a test, or read it from \
              OMEGA_TEST_DATA"
            ]
        );
    }
}
