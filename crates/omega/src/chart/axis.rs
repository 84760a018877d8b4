//! Where the ticks of an axis go and what they are called.

/// How figures on an axis are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Fractions, written in per cent.
    Percent,
    /// As they are.
    Plain,
}

/// An axis from its first tick to its last.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Where it begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// Its ticks and their names.
    pub ticks: Vec<(f64, String)>,
}

/// About so many ticks.
const TICKS: f64 = 7.0;

impl Axis {
    /// An axis that holds `low..=high` with round ticks: 1, 2 or 5 times a power of ten apart.
    pub fn over(low: f64, high: f64, scale: Scale) -> Axis {
        assert!(low.is_finite() && high.is_finite() && low <= high, "an axis spans finite figures");
        let factor = if scale == Scale::Percent { 100.0 } else { 1.0 };
        let (low, high) = (low * factor, high * factor);
        // All alike: something around it has to be shown.
        let pad = if high > low { (high - low) * 0.02 } else { low.abs().max(1.0) * 0.1 };
        let (low, high) = (low - pad, high + pad);
        let rough = (high - low) / TICKS;
        let decade = 10.0_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * decade).into_iter().find(|step| *step >= rough);
        let step = step.expect("ten decades are above the rough step");
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
        let name = |n: i64| format!("{:.decimals$}", n as f64 * step);
        Axis {
            low: first as f64 * step / factor,
            high: last as f64 * step / factor,
            ticks: (first..=last).map(|n| (n as f64 * step / factor, name(n))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, name)| name.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_hold_everything() {
        let axis = Axis::over(-0.123, 0.31, Scale::Percent);
        assert_eq!(names(&axis), ["-20", "-10", "0", "10", "20", "30", "40"]);
        assert_eq!((axis.low, axis.high), (-0.2, 0.4));
        let axis = Axis::over(0.0, 1.0, Scale::Plain);
        assert_eq!(names(&axis), ["-0.2", "0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2"]);
        for (low, high) in [(0.0, 0.0), (-1e-9, 1e-9), (5.0, 5.0), (-1e12, 3.0), (0.123_4, 0.123_5)] {
            let axis = Axis::over(low, high, Scale::Plain);
            assert!(axis.low <= low && high <= axis.high && (3..=12).contains(&axis.ticks.len()), "{axis:?}");
            let distinct: std::collections::BTreeSet<&str> = names(&axis).into_iter().collect();
            assert_eq!(distinct.len(), axis.ticks.len(), "{axis:?}");
        }
    }
}
