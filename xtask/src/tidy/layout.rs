//! Directory = crate name = one line in the table of `workspace.rs`, and every crate takes the workspace's lints.
//!
//! Refuses a crate that the table does not know, and a line in the table without a crate.

use toml::Table;

use super::directions::manifests;
use super::{Findings, Rule};
use crate::tree::Tree;
use crate::workspace::{self, MEMBERS};

/// The rule.
pub const RULE: Rule =
    Rule { name: "layout", why: "directory = crate name = a line in the table of crates", check };

const TABLE: &str = "xtask/src/workspace.rs";

fn check(tree: &Tree, findings: &mut Findings) {
    for (directory, file) in manifests(tree) {
        if workspace::member(directory).is_none() {
            let wrong = format!("the crate `{directory}` is not in the table of crates");
            findings.report(
                &file.path,
                1,
                wrong,
                format!("give it a line in {TABLE}: its effects, whom it may use"),
            );
        }
        let Ok(manifest) = file.text.parse::<Table>() else { continue };
        let name = manifest.get("package").and_then(|p| p.get("name")).and_then(|n| n.as_str()).unwrap_or("");
        if name != directory {
            let wrong = format!("package `{name}` lies in the directory `{directory}`");
            findings.report(&file.path, 1, wrong, "give both the same name");
        }
        let lints = manifest.get("lints").and_then(|l| l.get("workspace")).and_then(|w| w.as_bool());
        if lints != Some(true) {
            findings.report(
                &file.path,
                1,
                "does not take the workspace's lints",
                "add `[lints] workspace = true`",
            );
        }
    }
    for member in MEMBERS {
        let manifest = format!("crates/{}/Cargo.toml", member.name);
        if !tree.exists(&manifest) && tree.exists(TABLE) {
            let wrong = format!("the table names `{}`, but {manifest} is missing", member.name);
            findings.report(TABLE, 1, wrong, "remove the line or add the crate");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::RULE;

    const GOOD: &str = "[package]\nname = \"model\"\n[lints]\nworkspace = true\n";

    #[test]
    fn a_crate_in_its_place_passes() {
        assert_eq!(found(RULE, &[("crates/model/Cargo.toml", GOOD)]), Vec::<String>::new());
    }

    #[test]
    fn an_unknown_crate_a_wrong_name_and_missing_lints_are_refused() {
        let unknown = GOOD.replace("model", "helm");
        assert_eq!(
            found(RULE, &[("crates/helm/Cargo.toml", &unknown)]),
            [
                "crates/helm/Cargo.toml:1: the crate `helm` is not in the table of crates -> give it a line in \
              xtask/src/workspace.rs: its effects, whom it may use"
            ]
        );
        assert_eq!(
            found(RULE, &[("crates/market/Cargo.toml", GOOD)]),
            [
                "crates/market/Cargo.toml:1: package `model` lies in the directory `market` -> give both the same name"
            ]
        );
        assert_eq!(found(RULE, &[("crates/model/Cargo.toml", "[package]\nname = \"model\"\n")]).len(), 1);
    }

    #[test]
    fn a_line_without_a_crate_is_refused() {
        let findings = found(RULE, &[("crates/model/Cargo.toml", GOOD), ("xtask/src/workspace.rs", "")]);
        assert!(
            findings.len() > 5 && findings.iter().all(|finding| !finding.contains("`model`")),
            "{findings:?}"
        );
    }
}
