//! A pure crate stays pure: no outside dependency but the allowed few, no clippy.toml of its own, no build script,
//! and no switching the bans off in its sources.
//!
//! Clippy refuses the calls themselves; this rule refuses the ways around clippy. Tests and benches of a pure crate
//! may read a fixture or a clock, and say so with an `allow` in the file.

use toml::Table;

use super::directions::{Section, dependencies, line_of, manifests};
use super::{Findings, Rule};
use crate::tree::{SourceFile, Tree};
use crate::workspace::{self, Effects, PURE_DEPENDENCIES, PURE_DEV_DEPENDENCIES};

/// The rule.
pub const RULE: Rule =
    Rule { name: "purity", why: "a pure crate has no way around the root clippy.toml", check };

fn check(tree: &Tree, findings: &mut Findings) {
    for (crate_name, manifest) in manifests(tree) {
        let Some(member) = workspace::member(crate_name) else { continue };
        let own_clippy = format!("crates/{crate_name}/clippy.toml");
        match member.effects {
            Effects::World if !tree.exists(&own_clippy) => {
                let wrong = format!("`{crate_name}` touches the world without saying so");
                findings.report(
                    &manifest.path,
                    1,
                    wrong,
                    format!("write {own_clippy} with the reason in a comment"),
                );
            }
            Effects::World => {}
            Effects::Pure => {
                if tree.exists(&own_clippy) {
                    let wrong = format!("`{crate_name}` is pure but lifts the root's bans");
                    findings.report(
                        &own_clippy,
                        1,
                        wrong,
                        "delete it, or mark the crate as `world` in the table",
                    );
                }
                check_dependencies(crate_name, manifest, findings);
            }
        }
    }
    for file in tree.rust_files() {
        if workspace::member_of_path(&file.path).is_some_and(|member| member.effects == Effects::Pure) {
            check_source(file, findings);
        }
    }
}

fn check_dependencies(crate_name: &str, manifest: &SourceFile, findings: &mut Findings) {
    let Ok(table) = manifest.text.parse::<Table>() else { return };
    for dependency in dependencies(&table) {
        let name = dependency.name.as_str();
        let allowed = workspace::member(name).is_some()
            || PURE_DEPENDENCIES.contains(&name)
            || (dependency.section == Section::Dev && PURE_DEV_DEPENDENCIES.contains(&name));
        if !allowed {
            let wrong = format!("the pure crate `{crate_name}` depends on `{name}`");
            let remedy = "do without, or argue for a name in the lists of xtask/src/workspace.rs";
            findings.report(&manifest.path, line_of(&manifest.text, name), wrong, remedy);
        }
    }
}

fn check_source(file: &SourceFile, findings: &mut Findings) {
    if file.path.split('/').count() == 3 && file.name() == "build.rs" {
        findings.report(
            &file.path,
            1,
            "a pure crate has a build script",
            "write the table out, or make it in xtask",
        );
    }
    if file.path.split('/').nth(2) != Some("src") {
        return;
    }
    for (index, line) in file.text.lines().enumerate() {
        if line.contains("clippy::disallowed_") {
            let remedy = "move the effect to an outer crate; a test that needs a file goes to tests/";
            findings.report(&file.path, index + 1, "a pure crate's source switches a ban off", remedy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::RULE;

    #[test]
    fn the_allowed_few_pass_and_benches_may_read_a_clock() {
        let manifest = "[dependencies]\nlibm = \"1\"\nmodel = {}\n[dev-dependencies]\nproptest = \"1\"\n";
        let bench = "#![allow(clippy::disallowed_methods)]\n";
        let files = [("crates/market/Cargo.toml", manifest), ("crates/market/benches/absorb.rs", bench)];
        assert_eq!(found(RULE, &files), Vec::<String>::new());
    }

    #[test]
    fn every_way_around_is_refused() {
        let manifest = "[dependencies]\nrand = \"1\"\n[build-dependencies]\nproptest = \"1\"\n";
        let files = [
            ("crates/market/Cargo.toml", manifest),
            ("crates/market/build.rs", "fn main() {}"),
            ("crates/market/clippy.toml", ""),
            ("crates/market/src/a.rs", "//! a\n#[expect(clippy::disallowed_types)]\nfn a() {}"),
        ];
        let remedy = "do without, or argue for a name in the lists of xtask/src/workspace.rs";
        assert_eq!(
            found(RULE, &files),
            [
                format!("crates/market/Cargo.toml:2: the pure crate `market` depends on `rand` -> {remedy}"),
                format!("crates/market/Cargo.toml:4: the pure crate `market` depends on `proptest` -> {remedy}"),
                "crates/market/build.rs:1: a pure crate has a build script -> write the table out, or make it in \
                 xtask"
                    .to_owned(),
                "crates/market/clippy.toml:1: `market` is pure but lifts the root's bans -> delete it, or mark the \
                 crate as `world` in the table"
                    .to_owned(),
                "crates/market/src/a.rs:2: a pure crate's source switches a ban off -> move the effect to an outer \
                 crate; a test that needs a file goes to tests/"
                    .to_owned(),
            ]
        );
    }

    #[test]
    fn a_crate_that_touches_the_world_says_so() {
        let manifest = ("crates/data/Cargo.toml", "[dependencies]\ncsv = \"1\"\n");
        assert_eq!(
            found(RULE, &[manifest]),
            [
                "crates/data/Cargo.toml:1: `data` touches the world without saying so -> write crates/data/clippy.toml \
              with the reason in a comment"
            ]
        );
        assert_eq!(found(RULE, &[manifest, ("crates/data/clippy.toml", "# why")]), Vec::<String>::new());
    }
}
