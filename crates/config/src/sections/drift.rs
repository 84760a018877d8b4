//! How far a live session may be from the same session in the back-tester. It refuses to switch the comparison off: a
//! budget is made wide instead, where everybody can see it.

use crate::kinds::whole;
use crate::section::section;

section! {
    /// How far a session may be from the same session in the back-tester.
    pub struct Drift {
        /// Decisions that only one of the two took, of all decisions.
        signals_max_bps: u32 = whole(0, 10_000), default "200", live;
        /// Round trips that only one of them made, of all round trips.
        trades_max_bps: u32 = whole(0, 10_000), default "500", live;
        /// The mean gap between a fill and the same fill of the back-test, better or worse.
        fill_gap_mean_max_bps: u32 = whole(0, 10_000), default "2", live;
        /// The gap that one fill in twenty exceeds.
        fill_gap_p95_max_bps: u32 = whole(0, 10_000), default "5", live;
        /// The largest gap of any fill.
        fill_gap_worst_max_bps: u32 = whole(0, 10_000), default "25", live;
        /// Difference of the fees, of those of the back-test.
        fees_max_bps: u32 = whole(0, 10_000), default "200", live;
        /// Difference of the funding, of that of the back-test.
        funding_max_bps: u32 = whole(0, 10_000), default "200", live;
        /// Difference of the session's result, of the equity it began with.
        result_max_bps: u32 = whole(0, 10_000), default "10", live;
    }
}
