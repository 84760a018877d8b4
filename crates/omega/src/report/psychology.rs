//! What emotion cost and how everybody behaved, as tables.
//!
//! It refuses to call a cost real whose interval holds zero.

use super::{Run, TwinComparison};
use crate::figures;
use crate::table::{Cell, Comparison, Paper, Tone};
use analytics::BEHAVIOURS;
use backtest::Cause;
use model::Usd;

/// The sections; empty where nobody feels anything.
pub fn sections(runs: &[Run], paper: Paper) -> String {
    let felt: Vec<&Run> = runs.iter().filter(|run| !run.behaviour.time_in_state.is_empty()).collect();
    if felt.is_empty() {
        return String::new();
    }
    let strong = |text: &str| Tone::Strong.paint(text, paper.colour);
    let mut text = String::new();
    let twins: Vec<(&Run, &TwinComparison)> =
        felt.iter().filter_map(|run| Some((*run, run.twin.as_ref()?))).collect();
    if !twins.is_empty() {
        text.push_str(&format!(
            "\n{}\n",
            strong("What emotion cost (USDT; the calm twin's net less the persona's)")
        ));
        text.push_str(&costs(&twins).render(paper));
        text.push_str(&paper.wrap(COST_NOTE, "  "));
    }
    text.push_str(&format!("\n{}\n", strong("How they behaved")));
    text.push_str(&behaviours(&felt).render(paper));
    text.push_str(&format!("\n{}\n", strong("Time in each state")));
    text.push_str(&states(&felt).render(paper));
    text
}

const COST_NOTE: &str = "A twin has the persona's method, luck and limits, and feels nothing. Each difference is booked \
    under what the persona did or felt; knock-on is what sizes owe to earlier differences. The interval is a paired block \
    bootstrap of the days; where it holds zero the cost may be luck.";

fn costs(twins: &[(&Run, &TwinComparison)]) -> Comparison {
    let mut table = Comparison::new(twins.iter().map(|(run, _)| run.result.persona.clone()).collect());
    let mut row = |label: &str, cell: &dyn Fn(&Run, &TwinComparison) -> Cell| {
        table.row(label, twins.iter().map(|(run, twin)| cell(run, twin)).collect());
    };
    row("net", &|run, _| Cell::signed(figures::money(run.result.net), run.result.net.0));
    row("net of the calm twin", &|_, twin| Cell::signed(figures::money(twin.result.net), twin.result.net.0));
    // A cost is bad news, so its sign is turned for the tone.
    let cost = |usd: Usd| Cell::signed(figures::money(usd), -usd.0);
    row("cost of emotion", &|_, twin| cost(twin.cost.total));
    row("  95 % from", &|_, twin| bound(twin, |interval| interval.sum.low));
    row("  95 % to", &|_, twin| bound(twin, |interval| interval.sum.high));
    row("  is it luck?", &|_, twin| verdict(twin));
    for cause in Cause::ALL {
        if twins.iter().any(|(_, twin)| twin.cost.of_cause(cause).0 != 0) {
            row(&format!("  {}", title(cause)), &|_, twin| cost(twin.cost.of_cause(cause)));
        }
    }
    table
}

fn title(cause: Cause) -> &'static str {
    match cause {
        Cause::KnockOn => "knock-on",
        Cause::Fomo => "FOMO",
        Cause::Sky => "the sky",
        other => other.name(),
    }
}

type Interval = analytics::significance::bootstrap::Bootstrap;

fn bound(twin: &TwinComparison, of: impl Fn(&Interval) -> f64) -> Cell {
    match &twin.interval {
        Ok(interval) => Cell::plain(figures::money(Usd((of(interval) * 1e6).round() as i64))),
        Err(reason) => Cell::new(reason.to_string(), Tone::Quiet),
    }
}

fn verdict(twin: &TwinComparison) -> Cell {
    match &twin.interval {
        Ok(interval) if interval.sum.low > 0.0 => Cell::new("no: it costs", Tone::Bad),
        Ok(interval) if interval.sum.high < 0.0 => Cell::new("no: it pays", Tone::Good),
        Ok(_) => Cell::plain("may be"),
        Err(_) => Cell::new("n/a", Tone::Quiet),
    }
}

fn behaviours(felt: &[&Run]) -> Comparison {
    let mut table = Comparison::new(felt.iter().map(|run| run.result.persona.clone()).collect());
    for (i, metric) in BEHAVIOURS.iter().enumerate() {
        let cell = |run: &&Run| match run.behaviour.figures[i].1 {
            Ok(value) => Cell::plain(metric.unit.format(value)),
            Err(reason) => Cell::new(reason.to_string(), Tone::Quiet),
        };
        table.row(metric.title, felt.iter().map(cell).collect());
    }
    table
}

fn states(felt: &[&Run]) -> Comparison {
    let mut table = Comparison::new(felt.iter().map(|run| run.result.persona.clone()).collect());
    for label in persona::Label::ALL {
        let share = |run: &&Run| {
            let found = run.behaviour.time_in_state.iter().find(|(name, _)| *name == label.name());
            found.map_or(Cell::new("-", Tone::Quiet), |(_, share)| Cell::plain(figures::percent(*share)))
        };
        table.row(label.name(), felt.iter().map(share).collect());
    }
    table
}
