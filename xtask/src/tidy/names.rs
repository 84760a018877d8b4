//! Names say what a thing is: no type that ends in a word for "does things", no module for "the rest".
//!
//! Refuses `Manager`, `Helper`, `Util` and `Data` types, and modules such as `utils` or `common`.

use proc_macro2::TokenTree;

use super::{Findings, Rule};
use crate::tree::{SourceFile, Tree};

/// The rule.
pub const RULE: Rule =
    Rule { name: "names", why: "no Manager/Helper/Util/Data types, no utils/common modules", check };

const TYPE_KEYWORDS: &[&str] = &["struct", "enum", "trait", "type", "union"];
const TYPE_ENDINGS: &[&str] =
    &["Manager", "Managers", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Data"];
const MODULES: &[&str] =
    &["util", "utils", "utilities", "common", "core", "types", "helper", "helpers", "misc", "manager"];

fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust_files() {
        if MODULES.contains(&file.stem()) {
            findings.report(
                &file.path,
                1,
                format!("a module named `{}`", file.stem()),
                "name it after what it is about",
            );
        }
        file.each_level(&mut |level| check_level(file, level, findings));
    }
    for directory in tree.directories() {
        let name = directory.rsplit('/').next().unwrap_or(directory);
        if MODULES.contains(&name) {
            findings.report(
                directory,
                1,
                format!("a directory named `{name}`"),
                "name it after what it is about",
            );
        }
    }
}

fn check_level(file: &SourceFile, level: &[TokenTree], findings: &mut Findings) {
    for pair in level.windows(2) {
        let [TokenTree::Ident(keyword), TokenTree::Ident(name)] = pair else { continue };
        let (keyword, text, line) = (keyword.to_string(), name.to_string(), name.span().start().line);
        // What a stranger's trait calls a type of its own is not ours to name: `hyper::body::Body::Data`.
        let is_a_traits = keyword == "type" && text == "Data";
        if TYPE_KEYWORDS.contains(&keyword.as_str())
            && !is_a_traits
            && TYPE_ENDINGS.iter().any(|ending| text.ends_with(ending))
        {
            let wrong = format!("a type named `{text}`");
            findings.report(
                &file.path,
                line,
                wrong,
                "name it after what it is in the field, not after doing things",
            );
        }
        if keyword == "mod" && MODULES.contains(&text.as_str()) {
            findings.report(
                &file.path,
                line,
                format!("a module named `{text}`"),
                "name it after what it is about",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::RULE;

    #[test]
    fn names_of_the_field_pass() {
        let text = "//! a\npub struct Roster;\npub enum DataError {}\npub mod market_data;\nuse x::HelperUse as Y;\n";
        assert_eq!(found(RULE, &[("crates/model/src/roster.rs", text)]), Vec::<String>::new());
    }

    #[test]
    fn doing_words_and_rest_modules_are_refused() {
        let text = "//! a\nmod inner {\n    pub struct TradingManager<T>(T);\n    type BarData = u8;\n}\nmod utils;\n";
        assert_eq!(
            found(RULE, &[("crates/farm/src/common/a.rs", text), ("crates/farm/src/types.rs", "//! t")]),
            [
                "crates/farm/src/common:1: a directory named `common` -> name it after what it is about",
                "crates/farm/src/common/a.rs:3: a type named `TradingManager` -> name it after what it is in the \
                 field, not after doing things",
                "crates/farm/src/common/a.rs:4: a type named `BarData` -> name it after what it is in the field, not \
                 after doing things",
                "crates/farm/src/common/a.rs:6: a module named `utils` -> name it after what it is about",
                "crates/farm/src/types.rs:1: a module named `types` -> name it after what it is about",
            ]
        );
    }
}
