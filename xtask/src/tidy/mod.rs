//! The house rules: one file each, one line in each of the two lists below.
//!
//! A rule is a function from the tree to findings; it reads nothing else and changes nothing. A rule refuses to
//! report without saying what to do.

use std::fmt;

use crate::tree::Tree;

// tidy: list-of xtask/src/tidy/
mod directions;
mod layout;
mod lists;
mod markers;
mod names;
mod paths;
mod prologue;
mod purity;
mod sizes;
mod unsafety;
mod weight;

/// Every rule.
// tidy: list-of xtask/src/tidy/
pub const RULES: &[Rule] = &[
    directions::RULE,
    layout::RULE,
    lists::RULE,
    markers::RULE,
    names::RULE,
    paths::RULE,
    prologue::RULE,
    purity::RULE,
    sizes::RULE,
    unsafety::RULE,
    weight::RULE,
];

/// One house rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The name of its file.
    pub name: &'static str,
    /// The rule in a line.
    pub why: &'static str,
    /// Looks for breaches.
    pub check: fn(&Tree, &mut Findings),
}

/// A breach: where, what is wrong, what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    line: usize,
    wrong: String,
    remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} -> {}", self.path, self.line, self.wrong, self.remedy)
    }
}

/// What the rules found.
#[derive(Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Reports a breach. Lines count from 1.
    pub fn report(&mut self, path: &str, line: usize, wrong: impl Into<String>, remedy: impl Into<String>) {
        let finding = Finding { path: path.to_owned(), line, wrong: wrong.into(), remedy: remedy.into() };
        assert!(line > 0, "lines count from 1: {finding}");
        self.0.push(finding);
    }
}

/// Every breach of every rule, by place.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Findings::default();
    for rule in RULES {
        (rule.check)(tree, &mut findings);
    }
    findings.0.sort();
    findings.0
}

/// What one rule says about a made tree, a string for each breach: for the rules' own tests.
#[cfg(test)]
fn found(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
    let mut findings = Findings::default();
    (rule.check)(&Tree::of(files), &mut findings);
    findings.0.sort();
    findings.0.iter().map(Finding::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_named_after_its_file_and_the_lists_are_watched() {
        let tree = Tree::of_workspace().expect("the workspace can be read");
        for rule in RULES {
            assert!(tree.exists(&format!("xtask/src/tidy/{}.rs", rule.name)), "{} has no file", rule.name);
        }
        let own = &tree.file("xtask/src/tidy/mod.rs").expect("this very file").text;
        assert_eq!(own.matches("\n// tidy: list-of xtask/src/tidy/\n").count(), 2);
    }
}
