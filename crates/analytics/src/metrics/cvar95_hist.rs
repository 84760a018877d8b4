//! Mean of the daily returns at or below the historical value at risk. It refuses to leave the boundary day
//! out.

use super::{Metric, Unit};
use crate::{Prepared, Undefined, statistics};

pub(super) const METRIC: Metric =
    Metric { key: "cvar95_hist", title: "Conditional value at risk 95 %", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let bound = run.value_at_risk()?;
    let sorted = &run.returns()?.sorted;
    let tail = sorted.partition_point(|&r| r <= bound);
    assert!(tail > 0, "an interpolated percentile is not below the worst day");
    Ok(statistics::mean(&sorted[..tail]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Inputs;

    #[test]
    fn the_boundary_day_is_part_of_the_tail() {
        // Days of -1/2, -1/4 and 19 flat ones: the 5th percentile of 21 days is exactly the second worst.
        let mut equity = vec![8.0, 4.0, 3.0];
        equity.extend([3.0; 19]);
        let run = Prepared::new(&Inputs { equity: &equity, profits: &[] });
        assert_eq!(run.value_at_risk(), Ok(-0.25));
        assert_eq!(compute(&run), Ok(-0.375));
    }
}
