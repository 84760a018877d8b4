//! The list of metrics against the directory: a file that is not listed would be a metric nobody prints.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "comparing a list with a directory takes reading the directory"
)]

use analytics::METRICS;
use std::collections::BTreeSet;

#[test]
fn every_file_is_listed_once_under_its_own_name() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics");
    let files: BTreeSet<String> = std::fs::read_dir(directory)
        .expect("the directory of metrics")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("plain names"))
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|stem| stem != "mod")
        .collect();
    let listed: BTreeSet<String> = METRICS.iter().map(|metric| metric.key.to_owned()).collect();
    assert_eq!(listed.len(), METRICS.len(), "a key is listed once");
    assert_eq!(listed, files);
}

#[test]
fn titles_are_distinct() {
    let titles: BTreeSet<&str> = METRICS.iter().map(|metric| metric.title).collect();
    assert_eq!(titles.len(), METRICS.len());
}
