//! No unsafe code, but for one thing: an allocator that counts, in a test or a bench.
//!
//! Refuses the keyword everywhere else, whatever the lints of a crate allow.

use proc_macro2::{Delimiter, TokenTree};

use super::{Findings, Rule};
use crate::tree::{SourceFile, Tree};

/// The rule.
pub const RULE: Rule =
    Rule { name: "unsafety", why: "no `unsafe` but in a test's counting allocator", check };

fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust_files() {
        let Some(tokens) = file.tokens() else { continue };
        let may_count =
            ["tests", "benches"].iter().any(|place| file.directory().split('/').any(|part| part == *place));
        descend(file, &tokens.clone().into_iter().collect::<Vec<_>>(), may_count, findings);
    }
}

fn descend(file: &SourceFile, level: &[TokenTree], may_count: bool, findings: &mut Findings) {
    let mut index = 0;
    while index < level.len() {
        match &level[index] {
            TokenTree::Ident(ident) if ident == "unsafe" => match allocator_end(&level[index..]) {
                Some(length) if may_count => index += length,
                _ => {
                    let remedy =
                        "write it safely; only `unsafe impl GlobalAlloc` in tests/ or benches/ may stay";
                    findings.report(&file.path, ident.span().start().line, "unsafe code", remedy);
                }
            },
            TokenTree::Group(group) => {
                descend(file, &group.stream().into_iter().collect::<Vec<_>>(), may_count, findings);
            }
            _ => {}
        }
        index += 1;
    }
}

/// How many tokens lie before the body of `unsafe impl ... GlobalAlloc for X { .. }`, if it is one.
fn allocator_end(tokens: &[TokenTree]) -> Option<usize> {
    let is_body =
        |token: &TokenTree| matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
    let body = tokens.iter().position(is_body)?;
    let header: Vec<String> = tokens[..body].iter().map(TokenTree::to_string).collect();
    (header.get(1).is_some_and(|word| word == "impl") && header.iter().any(|word| word == "GlobalAlloc"))
        .then_some(body)
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::RULE;

    const ALLOCATOR: &str =
        "//! a\nunsafe impl std::alloc::GlobalAlloc for C {\n unsafe fn alloc() { unsafe { f() } }\n}\n";

    #[test]
    fn a_counting_allocator_in_a_test_passes() {
        assert_eq!(found(RULE, &[("crates/farm/tests/allocations.rs", ALLOCATOR)]), Vec::<String>::new());
        assert_eq!(found(RULE, &[("a.rs", "//! unsafe\nconst A: &str = \"unsafe\";")]), Vec::<String>::new());
    }

    #[test]
    fn any_other_is_refused() {
        assert_eq!(found(RULE, &[("crates/farm/src/allocations.rs", ALLOCATOR)]).len(), 3);
        assert_eq!(
            found(RULE, &[("crates/farm/tests/a.rs", "//! a\nfn f() {\n    unsafe { g() }\n}\nunsafe impl Send for A {}")]),
            [3, 5].map(|line| format!(
                "crates/farm/tests/a.rs:{line}: unsafe code -> write it safely; only `unsafe impl GlobalAlloc` in \
                 tests/ or benches/ may stay"
            ))
        );
    }
}
