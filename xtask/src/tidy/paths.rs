//! The documents at the root name only paths that exist.
//!
//! What stands in backticks outside code blocks and looks like a path is one: it has a slash, or a file's ending; a link's target too.
//! A `*` stands for any part of a name. Refuses a missing document as well as a missing path.

use super::{Findings, Rule};
use crate::tree::Tree;

/// The rule.
pub const RULE: Rule = Rule { name: "paths", why: "the documents name only paths that exist", check };

const REQUIRED: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];
const ENDINGS: &[&str] = &["rs", "toml", "md", "py", "sh", "yml", "yaml", "lock"];
/// Made by the build, so not in the tree.
const MADE: &[&str] = &["target", ".venv", ".cache"];

fn check(tree: &Tree, findings: &mut Findings) {
    for document in REQUIRED {
        let Some(file) = tree.file(document) else {
            findings.report(document, 1, "is missing", "write it: it is one of the three ways in");
            continue;
        };
        for (line, named) in paths_in(&file.text) {
            if !exists(tree, named) {
                let remedy = "name it from the root of the repository, or drop it";
                findings.report(document, line, format!("`{named}` does not exist"), remedy);
            }
        }
    }
}

/// The paths that a document names, with their lines.
fn paths_in(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut inside_code_block = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside_code_block = !inside_code_block;
        } else if !inside_code_block {
            let quoted = line.split('`').skip(1).step_by(2).filter(|span| looks_like_path(span));
            let linked = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
            let linked = linked.filter(|target| !target.is_empty() && !target.contains("://"));
            found.extend(quoted.chain(linked).map(|path| (index + 1, path.trim_start_matches("./"))));
        }
    }
    found
}

fn looks_like_path(span: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-./*".contains(c);
    let outside = span.starts_with(['/', '-']) || span.starts_with("../");
    let ending = span.rsplit_once('.').map_or("", |(_, ending)| ending);
    !outside && span.chars().all(allowed) && (span.contains('/') || ENDINGS.contains(&ending))
}

fn exists(tree: &Tree, named: &str) -> bool {
    let named = named.trim_end_matches('/');
    if MADE.contains(&named.split('/').next().unwrap_or(named)) || tree.exists(named) {
        return true;
    }
    let candidates = || tree.files().iter().map(|file| file.path.as_str()).chain(tree.directories());
    if named.contains('*') {
        return candidates().any(|path| matches(named, path));
    }
    // A bare file name may lie anywhere: `mod.rs` in prose means any of them.
    !named.contains('/') && tree.files().iter().any(|file| file.name() == named)
}

/// Whether the pattern's parts equal the path's, a `*` standing for anything inside a part.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern.iter().zip(&path).all(|(pattern, part)| match pattern.split_once('*') {
            Some((start, end)) => {
                part.len() >= start.len() + end.len() && part.starts_with(start) && part.ends_with(end)
            }
            None => pattern == part,
        })
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::RULE;

    /// What the rule says about a README over a small tree.
    fn over_readme(text: &str) -> Vec<String> {
        let files = [
            ("ARCHITECTURE.md", ""),
            ("CONTRIBUTING.md", ""),
            ("README.md", text),
            ("crates/model/src/time.rs", "//! t"),
        ];
        found(RULE, &files)
    }

    #[test]
    fn existing_paths_and_other_code_pass() {
        let text = "`crates/model` `crates/*/src/t*.rs` `time.rs` `target/x` `a::b` `--all` `../shared/x` `cargo a/b c` \n\
                    [m](crates/model/#x) [w](https://a.b/c)\n```\n`no/where`\n```\n";
        assert_eq!(over_readme(text), Vec::<String>::new());
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        assert_eq!(
            over_readme("x\nsee `crates/modal` and `rhyme.rs`, [l](docs/a.md), `crates/*/tests`"),
            ["crates/*/tests", "crates/modal", "docs/a.md", "rhyme.rs"].map(|path| format!(
                "README.md:2: `{path}` does not exist -> name it from the root of the repository, or drop it"
            ))
        );
    }

    #[test]
    fn a_missing_document_is_refused() {
        assert_eq!(found(RULE, &[("README.md", ""), ("CONTRIBUTING.md", "")]).len(), 1);
    }
}
