//! Crates depend inward only, as the table in `workspace.rs` says.
//!
//! Refuses an unknown crate, and anything that leans on the binary.

use toml::Table;

use super::{Findings, Rule};
use crate::tree::{SourceFile, Tree};
use crate::workspace::{self, BINARY};

/// The rule.
pub const RULE: Rule =
    Rule { name: "directions", why: "crates depend inward only (table: xtask/src/workspace.rs)", check };

fn check(tree: &Tree, findings: &mut Findings) {
    for (crate_name, file) in manifests(tree) {
        let Ok(manifest) = file.text.parse::<Table>() else {
            findings.report(
                &file.path,
                1,
                "is not valid TOML",
                "run `cargo metadata` and mend what it names",
            );
            continue;
        };
        let Some(member) = workspace::member(crate_name) else { continue };
        for dependency in dependencies(&manifest) {
            let line = line_of(&file.text, &dependency.name);
            let inner = workspace::member(&dependency.name);
            if dependency.name == BINARY || dependency.name == "xtask" {
                let wrong = format!("`{crate_name}` depends on `{}`", dependency.name);
                findings.report(&file.path, line, wrong, "move what is shared into an inner crate");
            } else if inner.is_some()
                && dependency.section != Section::Dev
                && !member.may_use.contains(&dependency.name.as_str())
            {
                let wrong = format!("`{crate_name}` may not depend on `{}`", dependency.name);
                let remedy = "turn the dependency around, or argue for a line in xtask/src/workspace.rs";
                findings.report(&file.path, line, wrong, remedy);
            }
        }
    }
}

/// Each `crates/<name>/Cargo.toml`, with the directory's name.
pub(super) fn manifests(tree: &Tree) -> impl Iterator<Item = (&str, &SourceFile)> {
    tree.files().iter().filter_map(|file| {
        let directory = file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
        (!directory.contains('/')).then_some((directory, file))
    })
}

/// Which table of a manifest names a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// `[dependencies]`
    Normal,
    /// `[build-dependencies]`
    Build,
    /// `[dev-dependencies]`
    Dev,
}

/// A dependency that a manifest names.
pub(super) struct Dependency {
    /// The package's name, whatever the crate calls it.
    pub(super) name: String,
    /// Where it stands.
    pub(super) section: Section,
}

/// All dependencies of a manifest, those of single targets too.
pub(super) fn dependencies(manifest: &Table) -> Vec<Dependency> {
    let mut found = dependencies_of_table(manifest);
    if let Some(targets) = manifest.get("target").and_then(|value| value.as_table()) {
        for target in targets.values().filter_map(|value| value.as_table()) {
            found.extend(dependencies_of_table(target));
        }
    }
    found
}

fn dependencies_of_table(table: &Table) -> Vec<Dependency> {
    let sections = [
        ("dependencies", Section::Normal),
        ("build-dependencies", Section::Build),
        ("dev-dependencies", Section::Dev),
    ];
    let mut found = Vec::new();
    for (key, section) in sections {
        for (name, value) in table.get(key).and_then(|value| value.as_table()).into_iter().flatten() {
            let package = value.get("package").and_then(|package| package.as_str()).unwrap_or(name);
            found.push(Dependency { name: package.to_owned(), section });
        }
    }
    found
}

/// The line of the manifest that names a dependency; the first line when it is spelt some other way.
pub(super) fn line_of(text: &str, name: &str) -> usize {
    let names = |line: &str| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
            || line.contains(&format!("package = \"{name}\""))
            || line.ends_with(&format!("dependencies.{name}]"))
    };
    text.lines().position(|line| names(line.trim())).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::RULE;

    #[test]
    fn inward_is_fine_and_dev_dependencies_are_freer() {
        let manifest = "[dependencies]\nmodel.workspace = true\n[dev-dependencies]\nvenue.workspace = true\n";
        assert_eq!(found(RULE, &[("crates/market/Cargo.toml", manifest)]), Vec::<String>::new());
    }

    #[test]
    fn outward_is_refused_under_any_spelling() {
        let plain = "[dependencies]\nlibm = \"1\"\nfarm.workspace = true\n";
        assert_eq!(
            found(RULE, &[("crates/model/Cargo.toml", plain)]),
            [
                "crates/model/Cargo.toml:3: `model` may not depend on `farm` -> turn the dependency around, or argue \
              for a line in xtask/src/workspace.rs"
            ]
        );
        let hidden = "[target.'cfg(unix)'.dependencies]\nf = { package = \"farm\", path = \"../farm\" }\n";
        assert_eq!(found(RULE, &[("crates/model/Cargo.toml", hidden)]).len(), 1);
        let build = "[build-dependencies.farm]\npath = \"../farm\"\n";
        assert_eq!(found(RULE, &[("crates/model/Cargo.toml", build)]).len(), 1);
    }

    #[test]
    fn nothing_leans_on_the_binary() {
        let manifest = "[dev-dependencies]\nomega = { path = \"../omega\" }\n";
        assert_eq!(
            found(RULE, &[("crates/farm/Cargo.toml", manifest)]),
            [
                "crates/farm/Cargo.toml:2: `farm` depends on `omega` -> move what is shared into an inner crate"
            ]
        );
    }

    #[test]
    fn a_broken_manifest_is_named() {
        assert_eq!(found(RULE, &[("crates/farm/Cargo.toml", "[dependencies\n")]).len(), 1);
    }
}
