//! Pinned runs, each with the bug that it caught: what they found once must stay found.

use sim::{Settings, Topology, run};

/// Seeds as they are, for a day: with the safeguard gone each of them fails (`scripts/mutations.py`).
const CAUGHT: [(u64, &str); 15] = [
    (
        4_034,
        "a venue answered before it had done what it took in, and an order was given up that it then carried out",
    ),
    (
        15,
        "after the kill switch a book was called flat while an order that somebody had placed by hand rested in it",
    ),
    (
        27,
        "a seizure closed lots that somebody had opened by hand, and a bot that held nothing got a position it could never leave",
    ),
    (99, "what the venue had no position for was asked to be closed every second, for hours"),
    (
        165,
        "the venue deleveraged more lots of a shared account than its bots knew of, and their sums no longer were its own",
    ),
    (0, "funding was settled on a position while its report was lost, and the ledger never made up for it"),
    (2, "a request whose answer was lost was never asked about, and its bot waited for ever"),
    (8, "an order that had expired on the wire was not told as rejected, and its bot believed it on its way"),
    (
        42,
        "a process died with a request on its lips, and its next life no longer knew that it may have been sent",
    ),
    (64, "the last report of an account was lost, and nothing behind it told"),
    (128, "requests left before their decision was safe on the disk, and a crash made the farm forget them"),
    (23, "a node that had been frozen wrote on in a journal that another had taken over"),
    (
        110,
        "a venue carried out a post-only entry eighteen seconds after it was asked, when the farm had given it up: an orphan",
    ),
    (26, "a delayed request was carried out after its time, and the entry rested though no bot knew it"),
    (
        2_801,
        "the check counted its grace after a hand's trade while the venue was closed and nobody could act",
    ),
];

/// Runs that end while an entry rests at its own price: its stop and targets wait with it.
const RESTING: [(u64, u32); 3] = [(12, 200), (12, 1_085), (17, 545)];

#[test]
fn what_was_caught_once_stays_caught() {
    // A day takes seconds in debug; optimised code runs them all.
    let pinned = if cfg!(debug_assertions) { &CAUGHT[..3] } else { &CAUGHT[..] };
    for (seed, bug) in pinned.iter().copied() {
        assert_eq!(run(&Settings::of(seed)).broken, None, "seed {seed}: {bug}");
    }
}

/// The checks took legs that wait for their entry for orders that should rest at the venue, and called a sound run broken.
#[test]
fn legs_that_wait_are_not_missed_at_the_venue() {
    for (seed, minutes) in RESTING {
        let settings = Settings { minutes, ..Settings::kind(seed, Topology::laptop(1, 5)) };
        assert_eq!(run(&settings).broken, None, "seed {seed}, {minutes} minutes");
    }
}
