//! A run that fails is made small: what is left is few faults, and they are enough.

use sim::{Fault, Sabotage, Settings, run, shrink};

/// The first seed that fails without a safeguard, and what it comes down to.
fn first(sabotage: Sabotage) -> (Settings, sim::Shrunk) {
    let broken = |seed| Settings { sabotage: Some(sabotage), ..Settings::of(seed) };
    let settings = (0..40).map(broken).find(|settings| run(settings).broken.is_some()).expect("it is missed");
    let shrunk = shrink(&settings, 600).expect("it fails");
    (settings, shrunk)
}

#[test]
#[cfg_attr(debug_assertions, ignore = "six hundred runs are seconds in optimised code, minutes in debug")]
fn a_disk_that_forgets_comes_down_to_a_crash() {
    let (settings, shrunk) = first(Sabotage::DiskForgets);
    assert!(shrunk.strikes.len() <= 6, "{:?}", shrunk.strikes);
    assert!(shrunk.strikes.iter().any(|strike| strike.kind == Fault::Crash), "{:?}", shrunk.strikes);
    assert!(shrunk.strikes.is_sorted(), "in order of time");
    let again = run(&shrunk.settings);
    assert_eq!((again.seed, again.broken.as_ref()), (settings.seed, Some(&shrunk.broken)));
    let whole = Settings { sabotage: None, ..shrunk.settings };
    assert_eq!(run(&whole).broken, None, "with a disk that keeps its word the same faults do no harm");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "hundreds of runs are seconds in optimised code, minutes in debug")]
fn a_lease_that_is_ignored_comes_down_to_few_faults() {
    let (_, shrunk) = first(Sabotage::LeaseIsIgnored);
    assert!(shrunk.strikes.len() <= 6, "{:?}", shrunk.strikes);
}

#[test]
fn what_is_clean_is_not_made_small() {
    assert!(shrink(&Settings::of(3), 10).is_none());
}
