//! Drift as a person reads it: what was done beside what the back-tester does, then who, then when.
//!
//! It refuses to show a verdict without the figures it was made from.

use super::Compared;
use crate::figures;
use crate::table::{Align, Cell, Grid, Tone};
use drift::{Budget, Comparison, Gap, Line, Pair, Report, Subject, Tally, Verdict, overall};
use model::Usd;

fn verdict_cell(verdict: Verdict) -> Cell {
    let tone = match verdict {
        Verdict::Within => Tone::Good,
        Verdict::Unknown => Tone::Wary,
        Verdict::Over => Tone::Bad,
    };
    Cell::new(verdict.name(), tone)
}

/// All of it.
pub(super) fn text(compared: &Compared, colour: bool) -> String {
    let Compared { shard, symbol, reports, market, .. } = compared;
    let heading = Tone::Strong.paint(&format!("Drift of {shard} ({symbol})"), colour);
    let Some((first, last)) = reports.first().zip(reports.last()) else {
        return format!("{heading}\n  no session to compare\n");
    };
    let sessions =
        if reports.len() == 1 { "1 session".to_owned() } else { format!("{} sessions", reports.len()) };
    let mut text = format!(
        "{heading}\n  {sessions}, {} to {}\n  against the back-tester, from the state each began with, {market}\n\n",
        first.span.from, last.span.to
    );
    text.push_str(&lines(compared).render(colour));
    if compared.names.len() > 1 {
        text.push('\n');
        text.push_str(&bots(compared).render(colour));
    }
    if reports.len() > 1 {
        text.push('\n');
        text.push_str(&sessions_grid(compared).render(colour));
    }
    text.push_str(&remarks(reports));
    text
}

fn together<'r>(all: impl Iterator<Item = &'r Comparison>) -> Comparison {
    let mut sum = Comparison::default();
    all.for_each(|one| sum.add(one));
    sum
}

/// Worst of a subject, whoever's and whenever.
fn worst(compared: &Compared, subject: Subject) -> Verdict {
    let Compared { reports, budget, .. } = compared;
    let is_in = |verdict| reports.iter().any(|report| report.subjects(budget, verdict).contains(&subject));
    [Verdict::Over, Verdict::Unknown].into_iter().find(|verdict| is_in(*verdict)).unwrap_or(Verdict::Within)
}

fn lines(compared: &Compared) -> Grid {
    let all = together(compared.reports.iter().flat_map(|report| report.bots.values()));
    let mut grid = Grid::new(&[
        ("", Align::Left),
        ("farm", Align::Right),
        ("back-test", Align::Right),
        ("difference", Align::Right),
        ("budget", Align::Left),
        ("", Align::Left),
    ]);
    for subject in Subject::ALL {
        let [farm, again, difference] = figures_of(&all, subject);
        grid.row(vec![
            Cell::new(subject.name(), Tone::Strong),
            Cell::plain(farm),
            Cell::plain(again),
            Cell::plain(difference),
            Cell::new(allowed(subject, &compared.budget), Tone::Quiet),
            verdict_cell(worst(compared, subject)),
        ]);
    }
    grid
}

fn figures_of(all: &Comparison, subject: Subject) -> [String; 3] {
    match subject {
        Subject::Signals => counted(&all.signals),
        Subject::Trades => counted(&all.trades),
        Subject::FillGap => {
            let [farm, again, _] = counted(&all.fills);
            [
                format!("{farm} fills"),
                format!("{again} fills"),
                all.gap().map_or_else(|| "none in both".to_owned(), spread),
            ]
        }
        Subject::Fees => amounts(&all.fees),
        Subject::Funding if all.fundings_unknown > 0 => {
            let [farm, again, _] = amounts(&all.funding);
            [farm, again, format!("{} not known", all.fundings_unknown)]
        }
        Subject::Funding => amounts(&all.funding),
        Subject::Result => amounts(&all.result),
    }
}

fn counted(tally: &Tally) -> [String; 3] {
    [
        figures::count(tally.matched + tally.extra),
        figures::count(tally.matched + tally.missing),
        format!("{} missing, {} extra", tally.missing, tally.extra),
    ]
}

fn amounts(pair: &Pair) -> [String; 3] {
    [figures::money(pair.lived), figures::money(pair.again), signed(pair.difference())]
}

/// To the cent; a difference below one is not shown as none.
fn signed(usd: Usd) -> String {
    match usd.0 {
        0 => "0.00".to_owned(),
        -4_999..=4_999 => format!("{}{usd}", if usd.0 > 0 { "+" } else { "" }),
        5_000.. => format!("+{}", figures::money(usd)),
        _ => figures::money(usd),
    }
}

fn bp(milli: i64) -> String {
    if milli == 0 { "0.00".to_owned() } else { format!("{:+.2}", milli as f64 / 1_000.0) }
}

fn spread(gap: Gap) -> String {
    let Gap { mean_milli_bps, p95_milli_bps, worst_milli_bps } = gap;
    format!("mean {} p95 {} worst {} bp", bp(mean_milli_bps), bp(p95_milli_bps), bp(worst_milli_bps))
}

fn allowed(subject: Subject, budget: &Budget) -> String {
    let share = |bps: u32| format!("{} %", figures::decimal(i64::from(bps), 2));
    match subject {
        Subject::Signals => format!("{} of all", share(budget.signals_max_bps)),
        Subject::Trades => format!("{} of all", share(budget.trades_max_bps)),
        Subject::FillGap => {
            let Budget { fill_gap_mean_max_bps: mean, fill_gap_p95_max_bps: p95, .. } = budget;
            format!("{mean} {p95} {} bp", budget.fill_gap_worst_max_bps)
        }
        Subject::Fees => format!("{} of them", share(budget.fees_max_bps)),
        Subject::Funding => format!("{} of it", share(budget.funding_max_bps)),
        Subject::Result => format!("{} of equity", share(budget.result_max_bps)),
    }
}

fn same(tally: &Tally) -> String {
    format!("{} of {}", tally.matched, tally.all())
}

fn row(head: Vec<Cell>, one: &Comparison, verdict: Verdict) -> Vec<Cell> {
    let gap = one.gap().map_or_else(|| "-".to_owned(), |gap| bp(gap.mean_milli_bps));
    let figures = [same(&one.signals), same(&one.trades), gap, signed(one.result.difference())];
    head.into_iter().chain(figures.map(Cell::plain)).chain([verdict_cell(verdict)]).collect()
}

const FIGURES: [(&str, Align); 5] = [
    ("same signals", Align::Right),
    ("same trades", Align::Right),
    ("gap bp", Align::Right),
    ("result", Align::Right),
    ("", Align::Left),
];

fn bots(compared: &Compared) -> Grid {
    let Compared { reports, budget, names, .. } = compared;
    let heads: Vec<_> = [("bot", Align::Left)].into_iter().chain(FIGURES).collect();
    let mut grid = Grid::new(&heads);
    for (bot, name) in names {
        let each = || reports.iter().filter_map(|report| report.bots.get(bot));
        let lines: Vec<Line> = each().flat_map(|one| one.lines(budget)).collect();
        let head = vec![Cell::new(name, Tone::Strong)];
        grid.row(row(head, &together(each()), overall(&lines)));
    }
    grid
}

fn sessions_grid(compared: &Compared) -> Grid {
    let Compared { reports, budget, .. } = compared;
    let heads: Vec<_> =
        [("session", Align::Right), ("from", Align::Left)].into_iter().chain(FIGURES).collect();
    let mut grid = Grid::new(&heads);
    for report in reports {
        let head = vec![
            Cell::new(report.span.number.to_string(), Tone::Strong),
            Cell::plain(report.span.from.to_string()),
        ];
        grid.row(row(head, &report.together(), report.verdict(budget)));
    }
    grid
}

fn remarks(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        let number = report.span.number;
        if let Some(broken) = report.broken {
            text.push_str(&format!(
                "\n  session {number} is not comparable from {} on: {}\n",
                broken.at,
                broken.why.words()
            ));
        }
        if report.risen > 1 {
            text.push_str(&format!("\n  session {number}: the farm rose anew {} times\n", report.risen));
        }
        if !report.span.is_over {
            text.push_str(&format!("\n  session {number} is not over: compared up to {}\n", report.span.to));
        }
    }
    text
}
