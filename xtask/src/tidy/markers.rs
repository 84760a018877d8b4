//! Nothing is left for later in the tree: no reminder comments, no stubs, no test that is switched off.
//!
//! Refuses the markers in every text file; what is left for later is an issue.

use proc_macro2::{Delimiter, TokenTree};

use super::{Findings, Rule};
use crate::tree::{SourceFile, Tree};

/// The rule.
pub const RULE: Rule = Rule { name: "markers", why: "no reminders, stubs or switched-off tests", check };

/// Spelt in halves, so that this file passes its own rule.
const REMINDERS: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
const STUBS: &[&str] = &["todo", "unimplemented"];

fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.files().iter().filter(|file| is_prose_or_code(file)) {
        for (index, line) in file.text.lines().enumerate() {
            for reminder in REMINDERS.iter().filter(|reminder| has_word(line, reminder)) {
                let wrong = format!("a reminder: {reminder}");
                findings.report(
                    &file.path,
                    index + 1,
                    wrong,
                    "do it now, or open an issue and drop the comment",
                );
            }
        }
        file.each_level(&mut |level| check_level(file, level, findings));
    }
}

fn check_level(file: &SourceFile, level: &[TokenTree], findings: &mut Findings) {
    for pair in level.windows(2) {
        match pair {
            [TokenTree::Ident(name), TokenTree::Punct(bang)]
                if bang.as_char() == '!' && STUBS.contains(&name.to_string().as_str()) =>
            {
                let line = name.span().start().line;
                findings.report(
                    &file.path,
                    line,
                    format!("a stub: {name}!"),
                    "write it, or refuse with a reason",
                );
            }
            [TokenTree::Punct(hash), TokenTree::Group(attribute)]
                if hash.as_char() == '#' && attribute.delimiter() == Delimiter::Bracket =>
            {
                let first = attribute.stream().into_iter().next().map(|token| token.to_string());
                if first.as_deref() == Some("ignore") {
                    let line = hash.span().start().line;
                    let remedy = "mend it or delete it; what needs a missing file prints SKIPPED and passes";
                    findings.report(&file.path, line, "a switched-off test", remedy);
                }
            }
            _ => {}
        }
    }
}

/// Generated and fixture files may hold any letters.
fn is_prose_or_code(file: &SourceFile) -> bool {
    const ENDINGS: &[&str] = &["rs", "toml", "md", "py", "sh", "yml", "yaml", "html", "css", "js", "ts"];
    let ending = file.name().rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS.contains(&ending) || matches!(file.name(), "Makefile" | "Dockerfile") || file.path == ".ci/run"
}

fn has_word(line: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(joins) && !line[at + word.len()..].starts_with(joins))
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::{REMINDERS, RULE};

    #[test]
    fn ordinary_text_passes() {
        let text = "//! A todo list in prose; ignore; MASTODON\nfn todo() { let ignore = [ignored]; }\n";
        assert_eq!(found(RULE, &[("a.rs", text), ("data.json", REMINDERS[2])]), Vec::<String>::new());
    }

    #[test]
    fn reminders_stubs_and_switched_off_tests_are_refused() {
        let text = format!(
            "//! a\n// {}: later\nfn f() {{ {}!() }}\n#[{} = \"slow\"]\nfn g() {{}}\n",
            REMINDERS[0], "todo", "ignore"
        );
        let findings = found(RULE, &[("a.rs", &text), ("B.md", REMINDERS[1])]);
        assert_eq!(
            findings,
            [
                format!("B.md:1: a reminder: {} -> do it now, or open an issue and drop the comment", REMINDERS[1]),
                format!("a.rs:2: a reminder: {} -> do it now, or open an issue and drop the comment", REMINDERS[0]),
                "a.rs:3: a stub: todo! -> write it, or refuse with a reason".to_owned(),
                "a.rs:4: a switched-off test -> mend it or delete it; what needs a missing file prints SKIPPED and \
                 passes"
                    .to_owned(),
            ]
        );
    }
}
