//! One hedge account of three bots that count their decisions alike: what the venue says adds up to what it holds.
//!
//! The listener holds every run against a fold of its reports, and each decision's legs against its own fills.

use crate::random::{BOT, Exits, Listener, run_naive, shared_plan};
use crate::{check_account, covered, sides};
use model::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;
use venue::{Role, Venue};

const BOTS: u16 = 3;

fn held(venue: &Venue, side: PositionSide) -> i64 {
    venue.account(BOT.own_account()).position(side).qty.0.abs()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_shared_account_is_the_fold_of_its_reports(plan in shared_plan(Exits::Bare, BOTS)) {
        run_naive(&plan, |venue, _| check_account(venue));
    }

    #[test]
    fn with_a_bracket_on_every_entry_of_every_bot_no_lot_is_bare(plan in shared_plan(Exits::Bracket, BOTS)) {
        run_naive(&plan, |venue, _| {
            check_account(venue);
            for side in sides(PositionMode::Hedge) {
                assert!(covered(venue, *side).unwrap_or(0) >= held(venue, *side), "every lot has its stop");
            }
        });
    }
}

/// What only a shared account shows, counted.
#[derive(Default)]
struct Sights {
    /// Bars after which the stops of a line covered more than it held: somebody closed and left legs behind.
    left_behind: usize,
    /// Bars after which stops of several bots rested on one line.
    side_by_side: usize,
    /// Exits that were clipped to the line: filled to the end for less than was resting.
    clipped: usize,
    /// Rejections of ids as repeats.
    repeats: usize,
}

impl Sights {
    fn look(&mut self, venue: &Venue) {
        for side in sides(PositionMode::Hedge) {
            self.left_behind += usize::from(covered(venue, *side).unwrap_or(0) > held(venue, *side));
            let stops = venue.account(BOT.own_account()).open_orders();
            let stops = stops.filter(|order| order.role == Role::BracketStop && order.position_side == *side);
            let bots: BTreeSet<BotId> = stops.map(|order| order.id.bot).collect();
            self.side_by_side += usize::from(bots.len() > 1);
        }
    }

    fn hear(&mut self, listener: &Listener) {
        let repeat =
            |report: &Report| matches!(report, Report::Rejected { reason: RejectReason::DuplicateId, .. });
        self.repeats += listener.heard.iter().filter(|(_, report)| repeat(report)).count();
        self.clipped += listener.clipped;
    }
}

/// The generator must bring the bots together, or the properties prove nothing.
#[test]
fn the_bots_of_the_random_runs_get_in_each_others_way() {
    let mut runner = TestRunner::deterministic();
    let strategy = shared_plan(Exits::Bare, BOTS);
    let mut sights = Sights::default();
    for _ in 0..400 {
        let plan = strategy.new_tree(&mut runner).expect("a plan").current();
        let (_, listener) = run_naive(&plan, |venue, _| sights.look(venue));
        sights.hear(&listener);
    }
    assert!(sights.left_behind > 100, "{} bars with legs left behind", sights.left_behind);
    assert!(sights.side_by_side > 100, "{} bars with stops side by side", sights.side_by_side);
    assert!(sights.clipped > 20, "{} exits clipped", sights.clipped);
    assert_eq!(sights.repeats, 0, "bots that count alike are no repeats of each other");
}
