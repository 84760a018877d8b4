//! A function fits a screen, a file is about one thing.
//!
//! Counts a function from its `fn` to its closing brace, comments included, wherever it stands: in tests and in
//! macro calls too. Refuses to count what it cannot read: a Rust file that does not lex is a finding.

use proc_macro2::{Delimiter, TokenTree};

use super::{Findings, Rule};
use crate::tree::{SourceFile, Tree};

/// The rule.
pub const RULE: Rule =
    Rule { name: "sizes", why: "a function has at most 70 lines, a file at most 600", check };

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 600;

fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.files().iter().filter(|file| is_source(file)) {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            let wrong = format!("the file has {lines} lines, at most {FILE_LINES_MAX}");
            findings.report(&file.path, FILE_LINES_MAX + 1, wrong, "split it by what its parts are about");
        }
        if file.is_rust() && file.tokens().is_none() {
            findings.report(
                &file.path,
                1,
                "does not parse as Rust",
                "run `cargo check` and mend what it names",
            );
        }
        file.each_level(&mut |level| check_level(file, level, findings));
    }
}

fn is_source(file: &SourceFile) -> bool {
    [".rs", ".py", ".sh", ".js", ".ts"].iter().any(|ending| file.path.ends_with(ending))
}

fn check_level(file: &SourceFile, level: &[TokenTree], findings: &mut Findings) {
    for (index, pair) in level.windows(2).enumerate() {
        let [TokenTree::Ident(keyword), TokenTree::Ident(name)] = pair else { continue };
        if keyword != "fn" {
            continue;
        }
        let Some(last_line) = last_line_of_body(&level[index + 2..]) else { continue };
        let first_line = keyword.span().start().line;
        let lines = last_line - first_line + 1;
        if lines > FUNCTION_LINES_MAX {
            let wrong = format!("`{name}` has {lines} lines, at most {FUNCTION_LINES_MAX}");
            findings.report(&file.path, first_line, wrong, "split it into steps with names");
        }
    }
}

/// The line of the brace that closes the body; nothing for a declaration without one.
fn last_line_of_body(tokens: &[TokenTree]) -> Option<usize> {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                return Some(group.span_close().end().line);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::RULE;

    fn function(lines: usize) -> String {
        format!(
            "//! a\nimpl A {{\n    fn f() -> [u8; 2]\n    {{{}}}\n}}\ntrait B {{ fn g(); fn h(x: fn(u8)); }}\n",
            "\n".repeat(lines - 2)
        )
    }

    #[test]
    fn a_screen_is_enough() {
        assert_eq!(found(RULE, &[("a.rs", &function(70))]), Vec::<String>::new());
        assert_eq!(found(RULE, &[("a.rs", &"// line\n".repeat(600))]), Vec::<String>::new());
    }

    #[test]
    fn longer_is_refused() {
        assert_eq!(
            found(RULE, &[("a.rs", &function(71))]),
            ["a.rs:3: `f` has 71 lines, at most 70 -> split it into steps with names"]
        );
        assert_eq!(
            found(RULE, &[("a.py", &"#\n".repeat(601))]),
            ["a.py:601: the file has 601 lines, at most 600 -> split it by what its parts are about"]
        );
    }

    #[test]
    fn braces_in_text_do_not_count() {
        let text = format!("//! a\nfn f() {{ let a = \"}}\"; let b = '}}'; /* }} */{}}}\n", "\n".repeat(70));
        assert_eq!(found(RULE, &[("a.rs", &text)]).len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert_eq!(found(RULE, &[("a.rs", "fn f( {")]).len(), 1);
    }
}
