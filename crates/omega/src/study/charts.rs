//! The charts of a study: one picture a figure, everybody below each other.

use super::Population;
use super::population::Spread;
use crate::chart::{Distribution, Group, Scale};
use analytics::{BEHAVIOURS, Unit};

/// Names of files and what is in them.
pub fn draw(heading: &str, populations: &[Population]) -> Vec<(String, String)> {
    let mut drawn = Vec::new();
    let mut add = |name: &str, title: &str, scale: Scale, of: &dyn Fn(&Population) -> &Spread| {
        let groups: Vec<Group<'_>> = populations
            .iter()
            .filter(|population| !of(population).values.is_empty())
            .map(|population| Group { name: &population.persona, values: &of(population).values })
            .collect();
        if !groups.is_empty() {
            let svg = Distribution { title, subtitle: heading, scale, groups: &groups }.svg();
            drawn.push((format!("{name}.svg"), svg));
        }
    };
    add("returns", "Return of a run, % of the capital", Scale::Percent, &|of| &of.returns);
    add("drawdown", "Deepest fall of a run, %", Scale::Percent, &|of| &of.drawdown);
    add(
        "cost-of-emotion",
        "Cost of emotion, % of the capital (right of zero is lost)",
        Scale::Percent,
        &|of| &of.cost,
    );
    for (i, metric) in BEHAVIOURS.iter().enumerate() {
        let scale = if metric.unit == Unit::Fraction { Scale::Percent } else { Scale::Plain };
        let title =
            if scale == Scale::Percent { format!("{}, %", metric.title) } else { metric.title.to_owned() };
        add(&format!("behaviour-{}", metric.key.replace('_', "-")), &title, scale, &|of| &of.behaviour[i]);
    }
    drawn
}
