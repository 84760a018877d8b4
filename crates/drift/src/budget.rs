//! How much drift is none to speak of.
//!
//! It refuses a budget in USDT: what is little for one farm is much for another, so money is a share of what it is about.

/// A budget; shares are in 1/100 of a per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Decisions that only one of the two lives took, of all.
    pub signals_max_bps: u32,
    /// Round trips that only one of them made, of all.
    pub trades_max_bps: u32,
    /// The mean gap of fills, on either side.
    pub fill_gap_mean_max_bps: u32,
    /// The gap that one fill in twenty exceeds.
    pub fill_gap_p95_max_bps: u32,
    /// The largest gap.
    pub fill_gap_worst_max_bps: u32,
    /// Fees, of those of the back-test.
    pub fees_max_bps: u32,
    /// Funding, of that of the back-test.
    pub funding_max_bps: u32,
    /// The session's result, of the equity it began with.
    pub result_max_bps: u32,
}

impl Default for Budget {
    /// As `[drift]` has them where nothing is written; why is told in `docs/drift.md`.
    fn default() -> Budget {
        Budget {
            signals_max_bps: 200,
            trades_max_bps: 500,
            fill_gap_mean_max_bps: 2,
            fill_gap_p95_max_bps: 5,
            fill_gap_worst_max_bps: 25,
            fees_max_bps: 200,
            funding_max_bps: 200,
            result_max_bps: 10,
        }
    }
}

impl From<&config::Drift> for Budget {
    fn from(drift: &config::Drift) -> Budget {
        Budget {
            signals_max_bps: drift.signals_max_bps,
            trades_max_bps: drift.trades_max_bps,
            fill_gap_mean_max_bps: drift.fill_gap_mean_max_bps,
            fill_gap_p95_max_bps: drift.fill_gap_p95_max_bps,
            fill_gap_worst_max_bps: drift.fill_gap_worst_max_bps,
            fees_max_bps: drift.fees_max_bps,
            funding_max_bps: drift.funding_max_bps,
            result_max_bps: drift.result_max_bps,
        }
    }
}
