//! Runs every house rule over the real tree, so that `cargo test` keeps them without a second command.

use std::time::{Duration, Instant};

use xtask::tidy;
use xtask::tree::Tree;

#[test]
fn the_tree_keeps_the_house_rules() {
    let started = Instant::now();
    let tree = Tree::of_workspace().expect("the workspace can be read");
    assert!(tree.rust_files().count() > 20, "the walk lost the sources");
    let findings = tidy::check(&tree);
    let took = started.elapsed();
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", lines.len(), lines.join("\n"));
    // Stated as 2 s; the margin is for a machine that is building beside it.
    assert!(took < Duration::from_secs(10), "tidy took {took:?}");
}
