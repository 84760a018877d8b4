//! The statistics by which a market is judged, each with its exact definition, and the figures of real Bitcoin beside it.
//!
//! One function a statistic, over bars prepared once. It refuses a number where there is none: what is undefined says why.

pub mod clock;
mod moments;
pub mod returns;
mod sample;
pub mod volatility;
pub mod volume;

pub use sample::Sample;

/// Why a statistic has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undefined(pub &'static str);

/// Where a statistic of a made market has to lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    /// From the least real figure less a quarter of it to the largest and a quarter.
    Real,
    /// These, where a quarter of the real figure would say nothing.
    Own(f64, f64),
    /// Anywhere: a few minutes decide it.
    Free,
}

/// One statistic.
#[derive(Clone, Copy, Debug)]
pub struct Statistic {
    /// What programs call it.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Binance 2022-2023 and BitMEX 2018-2021, as published with the shared files; not everything was measured in both.
    pub real: [Option<f64>; 2],
    /// Where it has to lie.
    pub bounds: Bounds,
    /// Its definition.
    pub of: fn(&Sample) -> Result<f64, Undefined>,
}

impl Statistic {
    /// Least and largest value that a made market may have; nothing where it is free.
    pub fn range(&self) -> Option<(f64, f64)> {
        match self.bounds {
            Bounds::Free => None,
            Bounds::Own(low, high) => Some((low, high)),
            Bounds::Real => {
                let figures = || self.real.iter().flatten().copied();
                let low = figures().fold(f64::INFINITY, f64::min);
                let high = figures().fold(f64::NEG_INFINITY, f64::max);
                Some((low - WIDENED * low.abs(), high + WIDENED * high.abs()))
            }
        }
    }
}

/// By how much of itself a real figure may be missed.
const WIDENED: f64 = 0.25;
/// Tail indices: cubic, give or take.
const HILL: Bounds = Bounds::Own(2.3, 3.5);
/// What is zero but for chance.
const NEARLY_ZERO: Bounds = Bounds::Own(-0.02, 0.02);
/// The day's shape.
const ALIKE: Bounds = Bounds::Own(0.9, 1.0);

type Definition = fn(&Sample) -> Result<f64, Undefined>;

const fn real(name: &'static str, label: &'static str, figures: (f64, f64), of: Definition) -> Statistic {
    bounded(name, label, figures, Bounds::Real, of)
}

const fn bounded(
    name: &'static str,
    label: &'static str,
    figures: (f64, f64),
    bounds: Bounds,
    of: Definition,
) -> Statistic {
    Statistic { name, label, real: [Some(figures.0), Some(figures.1)], bounds, of }
}

/// A statistic that was measured of Binance 2022-2023 alone, or of none.
const fn lone(
    name: &'static str,
    label: &'static str,
    figure: Option<f64>,
    bounds: Bounds,
    of: Definition,
) -> Statistic {
    Statistic { name, label, real: [figure, None], bounds, of }
}

/// All of them, in the order of tables.
pub const ALL: &[Statistic] = &[
    real("volatility_1m", "annual volatility, 1 m", (0.568, 0.890), returns::volatility_1m),
    real("volatility_1d", "annual volatility, 1 d", (0.553, 0.833), returns::volatility_1d),
    bounded("kurtosis_1m", "excess kurtosis, 1 m", (132.0, 493.0), Bounds::Free, returns::kurtosis_1m),
    bounded("kurtosis_1h", "excess kurtosis, 1 h", (16.0, 60.0), Bounds::Free, returns::kurtosis_1h),
    bounded("kurtosis_1d", "excess kurtosis, 1 d", (5.0, 29.0), Bounds::Free, returns::kurtosis_1d),
    bounded("hill_1m_percent", "Hill, 1 m, top 1 %", (2.78, 2.73), HILL, returns::hill_1m_percent),
    bounded("hill_1m_permille", "Hill, 1 m, top 0.1 %", (2.94, 2.98), HILL, returns::hill_1m_permille),
    bounded("hill_1h_percent", "Hill, 1 h, top 1 %", (3.23, 3.05), HILL, returns::hill_1h_percent),
    real("share_beyond_5", "share beyond 5 sd, %", (0.40, 0.48), returns::share_beyond_5),
    real("share_beyond_10", "share beyond 10 sd, %", (0.056, 0.068), returns::share_beyond_10),
    bounded(
        "autocorrelation_1m",
        "returns, 1 m, lag 1",
        (0.005, 0.003),
        NEARLY_ZERO,
        returns::autocorrelation_1m,
    ),
    real("autocorrelation_5m", "returns, 5 m, lag 1", (-0.037, -0.021), returns::autocorrelation_5m),
    real("absolute_1", "abs. return, lag 1 min", (0.41, 0.46), volatility::absolute_1),
    real("absolute_10", "abs. return, lag 10 min", (0.28, 0.32), volatility::absolute_10),
    real("absolute_60", "abs. return, lag 1 h", (0.22, 0.26), volatility::absolute_60),
    real("absolute_240", "abs. return, lag 4 h", (0.165, 0.22), volatility::absolute_240),
    real("absolute_1440", "abs. return, lag 1 d", (0.153, 0.19), volatility::absolute_1440),
    real("absolute_10080", "abs. return, lag 7 d", (0.104, 0.12), volatility::absolute_10080),
    real("volume_with_absolute_1m", "abs. return, volume, 1 m", (0.64, 0.55), volume::with_absolute_1m),
    real("volume_with_realised_1h", "volatility, volume, 1 h", (0.80, 0.66), volume::with_realised_1h),
    real("log_volume_deviation", "log volume, sd", (1.09, 1.55), volume::log_deviation),
    real("log_volume_1", "log volume, lag 1 min", (0.78, 0.62), volume::log_1),
    real("log_volume_60", "log volume, lag 1 h", (0.46, 0.34), volume::log_60),
    real("log_volume_1440", "log volume, lag 1 d", (0.29, 0.26), volume::log_1440),
    real("variance_ratio_60", "variance ratio, 1 h", (0.93, 0.91), returns::variance_ratio_60),
    real("variance_ratio_240", "variance ratio, 4 h", (0.87, 0.85), returns::variance_ratio_240),
    real("daily_deviation", "daily log vol., sd", (0.52, 0.61), volatility::daily_deviation),
    real("daily_1", "daily log vol., lag 1 d", (0.67, 0.77), volatility::daily_1),
    real("daily_7", "daily log vol., lag 7 d", (0.59, 0.58), volatility::daily_7),
    real("daily_30", "daily log vol., lag 30 d", (0.23, 0.27), volatility::daily_30),
    real("range", "mean log(high/low) / sd", (1.05, 0.74), volatility::range),
    lone("takers_deviation", "taker imbalance, sd", Some(0.35), Bounds::Real, volume::takers_deviation),
    lone("takers_1", "imbalance, lag 1 min", Some(0.16), Bounds::Real, volume::takers_1),
    lone(
        "takers_with_return",
        "imbalance, same return",
        Some(0.47),
        Bounds::Real,
        volume::takers_with_return,
    ),
    lone("takers_with_next", "imbalance, next return", Some(-0.001), NEARLY_ZERO, volume::takers_with_next),
    lone("hours_of_absolute", "hours, abs. return", None, ALIKE, clock::hours_of_absolute),
    lone("hours_of_volume", "hours, volume", None, ALIKE, clock::hours_of_volume),
    real("weekend", "weekend, abs. return", (0.72, 0.75), clock::weekend),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_the_real_figures_and_names_are_unique() {
        for (i, statistic) in ALL.iter().enumerate() {
            assert!(ALL[..i].iter().all(|other| other.name != statistic.name), "{}", statistic.name);
            let Some((low, high)) = statistic.range() else { continue };
            assert!(low < high, "{}", statistic.name);
            for figure in statistic.real.into_iter().flatten() {
                assert!((low..=high).contains(&figure), "{}", statistic.name);
            }
        }
        let five = ALL.iter().find(|statistic| statistic.name == "autocorrelation_5m").expect("it is listed");
        let (low, high) = five.range().expect("it is bounded");
        assert!((low + 0.046_25).abs() < 1e-12 && (high + 0.015_75).abs() < 1e-12, "{low} {high}");
    }
}
