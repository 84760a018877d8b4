//! Adding one of anything touches one file and one list: a marked list and its directory name the same things.
//!
//! `// tidy: list-of <directory>/` (or `<directory>/*.<ending>`) stands above a run of `mod` lines, an array, an enum or
//! a macro call; then each file of that directory is named in it and each of its entries names a file. The directory
//! is told from the root, as `src/..` from the crate, or as `.` and `../..` from the file. `mod.rs`, `lib.rs`,
//! `main.rs` and the file with the list itself are not counted. Refuses to guess where a list ends: it reads tokens.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenTree};

use super::{Findings, Rule};
use crate::tree::{SourceFile, Tree};

/// The rule.
pub const RULE: Rule =
    Rule { name: "lists", why: "a marked list and its directory name the same things", check };

const MARKER: &str = "// tidy: list-of ";

/// Directories that must be watched by at least one list, once they exist.
const WATCHED: &[&str] = &[
    "crates/analytics/src/metrics",
    "crates/config/src/sections",
    "crates/market/src/indicators",
    "crates/omega/src/commands",
    "crates/persona/src/strategy",
    "fuzz/libfuzzer/fuzz_targets",
    "personas",
    "xtask/src/tidy",
];

/// One entry of a list: the words it is made of, and where it stands.
struct Entry {
    line: usize,
    words: Vec<String>,
}

/// What a marker points at: the files of a directory with one ending.
struct Target {
    directory: String,
    ending: Option<String>,
}

fn check(tree: &Tree, findings: &mut Findings) {
    let mut watched = BTreeSet::new();
    for file in tree.rust_files() {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(written) = line.trim().strip_prefix(MARKER) {
                let target = resolve(&file.path, written.trim());
                check_list(tree, file, index + 1, &target, findings);
                watched.insert(target.directory);
            }
        }
    }
    for directory in WATCHED {
        if tree.exists(directory) && !watched.contains(*directory) {
            let remedy = format!("put `{MARKER}{directory}/` above its list");
            findings.report(directory, 1, "no list is checked against this directory", remedy);
        }
    }
}

fn check_list(tree: &Tree, file: &SourceFile, line: usize, target: &Target, findings: &mut Findings) {
    let directory = &target.directory;
    let stems = stems(tree, file, target);
    if stems.is_empty() {
        let wrong = format!("no file to list in `{directory}/`");
        findings.report(
            &file.path,
            line,
            wrong,
            "name a directory from the root, or `src/..` from the crate",
        );
        return;
    }
    let Some(entries) = entries_after(file, line) else {
        let remedy = "put it right above a run of `mod` lines, an array, an enum or a macro call";
        findings.report(&file.path, line, "no list follows the marker", remedy);
        return;
    };
    for stem in &stems {
        if !entries.iter().any(|entry| entry.words.contains(stem)) {
            findings.report(&file.path, line, format!("the list does not name `{stem}`"), "add its line");
        }
    }
    for entry in entries.iter().filter(|entry| !entry.words.iter().any(|word| stems.contains(word))) {
        let wrong = format!("`{}` has no file in {directory}/", entry.words.join(" "));
        findings.report(&file.path, entry.line, wrong, "remove the line or add the file");
    }
}

/// The place that a marker in the file at `path` means.
fn resolve(path: &str, written: &str) -> Target {
    let (directory, ending) = match written.rsplit_once('/') {
        Some((directory, pattern)) if pattern.starts_with('*') => (directory, Some(pattern[1..].to_owned())),
        _ => (written, None),
    };
    let own_directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let base = if directory.starts_with('.') {
        own_directory
    } else if directory.starts_with("src/") {
        path.split_once("/src/").map_or("", |(member, _)| member)
    } else {
        ""
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(directory.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    Target { directory: parts.join("/"), ending }
}

/// What lies in the directory, without endings; a sub-directory with a `mod.rs` counts as a file. A marker that names
/// no ending means Rust files where there are any, else TOML.
fn stems(tree: &Tree, list: &SourceFile, target: &Target) -> BTreeSet<String> {
    let within = |path: &'_ str| -> Option<String> {
        Some(path.strip_prefix(&target.directory)?.strip_prefix('/')?.to_owned())
    };
    let inside: Vec<String> = tree.files().iter().filter_map(|file| within(&file.path)).collect();
    let has_rust = inside.iter().any(|rest| rest.ends_with(".rs"));
    let ending = target.ending.as_deref().unwrap_or(if has_rust { ".rs" } else { ".toml" });
    let own = within(&list.path);
    let mut stems = BTreeSet::new();
    for rest in inside.iter().filter(|rest| Some(*rest) != own.as_ref()) {
        match rest.split_once('/') {
            None if matches!(rest.as_str(), "mod.rs" | "lib.rs" | "main.rs") => {}
            None => stems.extend(rest.strip_suffix(ending).map(str::to_owned)),
            Some((module, "mod.rs")) if ending == ".rs" => {
                stems.insert(module.to_owned());
            }
            Some(_) => {}
        }
    }
    stems
}

/// The entries of the list that starts below `line`.
fn entries_after(file: &SourceFile, line: usize) -> Option<Vec<Entry>> {
    let mut found = None;
    file.each_level(&mut |level| {
        let start = level.iter().position(|token| token.span().start().line > line);
        if let (None, Some(start)) = (&found, start)
            && (start == 0 || level[start - 1].span().end().line <= line)
        {
            found = module_run(&level[start..]).or_else(|| bracketed(&level[start..]));
        }
    });
    found.filter(|entries| !entries.is_empty())
}

/// `mod a; pub mod b; ...` up to the first item that is something else.
fn module_run(tokens: &[TokenTree]) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    for item in without_attributes(tokens).split(|token| is_punct(token, ';')) {
        let words: Vec<String> = item.iter().filter_map(ident).collect();
        let is_module = item.iter().all(|token| matches!(token, TokenTree::Ident(_) | TokenTree::Group(_)));
        match words.as_slice() {
            [keyword, name] | [_, keyword, name] if keyword == "mod" && is_module && !has_braces(item) => {
                entries.push(Entry { line: item[0].span().start().line, words: vec![name.clone()] });
            }
            _ => break,
        }
    }
    (!entries.is_empty()).then_some(entries)
}

/// The comma-separated inside of the next array, body or macro call; after the `=` where there is one.
fn bracketed(tokens: &[TokenTree]) -> Option<Vec<Entry>> {
    let tokens = without_attributes(tokens);
    let item_end = tokens.iter().position(|token| is_punct(token, ';')).unwrap_or(tokens.len());
    let start = tokens[..item_end].iter().position(|token| is_punct(token, '=')).map_or(0, |at| at + 1);
    let body = tokens[start..].iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() != Delimiter::Parenthesis => Some(group.stream()),
        _ => None,
    })?;
    let body = without_attributes(&body.into_iter().collect::<Vec<_>>());
    let separator = |token: &TokenTree| is_punct(token, ',') || is_punct(token, ';');
    let entries = body.split(separator).filter(|entry| !entry.is_empty());
    Some(entries.map(|entry| Entry { line: entry[0].span().start().line, words: words(entry) }).collect())
}

/// The identifiers and texts of an entry, also in snake case: `BuyHold` names `buy_hold`.
fn words(entry: &[TokenTree]) -> Vec<String> {
    let mut words = Vec::new();
    for token in entry {
        match token {
            TokenTree::Ident(ident) => words.push(snake_case(&ident.to_string())),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let text = text.trim_matches('"');
                let name = text.rsplit('/').next().unwrap_or(text);
                words.push(name.split('.').next().unwrap_or(name).to_owned());
            }
            TokenTree::Group(group) => {
                words.extend(self::words(&group.stream().into_iter().collect::<Vec<_>>()));
            }
            TokenTree::Punct(_) => {}
        }
    }
    words
}

fn snake_case(name: &str) -> String {
    if !name.contains(|c: char| c.is_ascii_lowercase()) {
        return name.to_owned();
    }
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn without_attributes(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let mut kept: Vec<TokenTree> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match (kept.last(), token) {
            (Some(last), TokenTree::Group(group))
                if is_punct(last, '#') && group.delimiter() == Delimiter::Bracket =>
            {
                kept.pop();
            }
            _ => kept.push(token.clone()),
        }
    }
    kept
}

fn ident(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == punct)
}

fn has_braces(tokens: &[TokenTree]) -> bool {
    let braces =
        |stream: &TokenTree| matches!(stream, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
    tokens.iter().any(braces)
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::{MARKER, RULE, resolve};

    /// What the rule says of a list over a directory with `sharpe.rs`, `buy_hold.rs` and `deep/mod.rs`.
    fn over_metrics(list: &str) -> Vec<String> {
        let text = format!("{MARKER}m/src/all/\n{list}");
        let files = [
            ("m/src/all/sharpe.rs", "//! s"),
            ("m/src/all/buy_hold.rs", "//! b"),
            ("m/src/all/deep/mod.rs", "//! d"),
            ("m/src/all/notes.md", ""),
            ("m/src/all/mod.rs", text.as_str()),
        ];
        found(RULE, &files)
    }

    #[test]
    fn every_form_of_a_complete_list_passes() {
        for list in [
            "mod buy_hold;\n/// Doc, with a, comma;\npub mod deep;\npub(crate) mod sharpe;\n\nuse x::Y;",
            "pub const ALL: &[Metric] = &[buy_hold::M, sharpe::M, deep::M];",
            "pub enum All { #[doc = \"x, y\"] Sharpe(sharpe::Sharpe), BuyHold, Deep { x: u8 } }",
            "listed! { Sharpe => 1, buy_hold => 2, deep => 3 }",
            "static FILES: [(&str, &str); 3] = [(\"sharpe\", \"a\"), (\"x\", include_str!(\"../buy_hold.toml\")), (\"deep\", \"\")];",
        ] {
            assert_eq!(over_metrics(list), Vec::<String>::new(), "{list}");
        }
    }

    #[test]
    fn a_missing_and_a_surplus_entry_are_refused() {
        assert_eq!(
            over_metrics("pub const ALL: &[Metric] = &[\n    buy_hold::M,\n    ghost::M,\n    deep::M,\n];"),
            [
                "m/src/all/mod.rs:1: the list does not name `sharpe` -> add its line",
                "m/src/all/mod.rs:4: `ghost M` has no file in m/src/all/ -> remove the line or add the file",
            ]
        );
        assert_eq!(
            over_metrics("mod buy_hold;\nmod deep;\n#[cfg(test)]\nmod tests {}\nmod sharpe;").len(),
            1
        );
    }

    #[test]
    fn a_marker_without_list_or_directory_is_refused() {
        assert_eq!(over_metrics("fn alone();").len(), 1);
        assert_eq!(over_metrics("").len(), 1);
        let text = format!("{MARKER}nowhere/\nmod a;\n");
        assert_eq!(found(RULE, &[("m/lib.rs", &text)]).len(), 1);
    }

    #[test]
    fn a_list_may_watch_other_endings() {
        let text = format!(
            "{MARKER}personas/*.toml\nconst ALL: [&str; 1] = [include_str!(\"../personas/strategic.toml\")];"
        );
        let files =
            [("personas/strategic.toml", ""), ("personas/README.md", ""), ("m/lib.rs", text.as_str())];
        assert_eq!(found(RULE, &files), Vec::<String>::new());
        let files = [files[0], ("personas/lunar.toml", ""), files[2]];
        assert_eq!(found(RULE, &files), ["m/lib.rs:1: the list does not name `lunar` -> add its line"]);
    }

    #[test]
    fn a_directory_may_be_told_from_the_root_the_crate_or_the_file() {
        for (path, written) in [
            ("crates/a/src/b/list.rs", "crates/a/src/b/"),
            ("crates/a/src/lib.rs", "src/b/"),
            ("crates/a/src/b/mod.rs", "."),
            ("crates/a/src/c/d.rs", "../b/*.rs"),
        ] {
            assert_eq!(resolve(path, written).directory, "crates/a/src/b", "{written}");
        }
    }

    #[test]
    fn a_watched_directory_needs_a_list() {
        let findings = found(RULE, &[("xtask/src/tidy/sizes.rs", "//! s")]);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains("no list is checked against this directory"), "{findings:?}");
    }
}
