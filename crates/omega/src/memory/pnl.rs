//! `omega history pnl`: results by bot and period, to the micro-USDT.
//!
//! It refuses to add modes: each has a line of its own at the end.

use super::{open, plain, query};
use crate::commands::history::PnlArguments;
use crate::console::Console;
use crate::error::Failure;
use crate::figures;
use crate::json::Json;
use crate::table::{Align, Cell, Grid, Tone};
use history::{Kind, Period, Store, Sum, Total};
use std::collections::BTreeMap;

pub(super) fn execute(arguments: &PnlArguments, console: &Console) -> Result<(), Failure> {
    let period = Period::ALL.into_iter().find(|period| period.name() == arguments.period);
    let period = period.expect("clap knows the periods");
    let query = query(&arguments.chosen, Kind::Trades.name());
    let totals = open(&arguments.chosen)?.totals(&query, period)?;
    if arguments.json {
        let rows = ("periods", Json::List(totals.iter().map(json).collect()));
        return console.print(&Json::object([("period", Json::text(period.name())), rows]).document());
    }
    if totals.is_empty() {
        console.say(&format!("no trade of that kind is in {}", arguments.chosen.db.display()));
        return Ok(());
    }
    console.print(&table(period, &totals).render(console.has_colour()))
}

fn json(total: &Total) -> Json {
    let exact = |Sum(micro): Sum| Json::Exact(Sum(micro).to_string());
    Json::object([
        ("from", Json::text(total.from)),
        ("shard", Json::text(&total.shard)),
        ("bot", Json::text(&total.bot)),
        ("mode", Json::text(&total.mode)),
        ("trades", Json::tally(total.trades)),
        ("won", Json::tally(total.won)),
        ("gross_pnl", exact(total.gross)),
        ("fees", exact(total.fees)),
        ("funding", exact(total.funding)),
        ("net_pnl", exact(total.net)),
    ])
}

/// A line's figures.
#[derive(Default)]
struct Figures {
    counts: [u64; 2],
    sums: [Sum; 4],
}

impl Figures {
    fn add(&mut self, total: &Total) {
        for (count, more) in self.counts.iter_mut().zip([total.trades, total.won]) {
            *count += more;
        }
        for (sum, more) in self.sums.iter_mut().zip([total.gross, total.fees, total.funding, total.net]) {
            sum.0 += more.0;
        }
    }

    fn cells(&self) -> Vec<Cell> {
        let [gross, fees, funding, net] = self.sums;
        let counts = self.counts.map(|count| Cell::plain(figures::count(count)));
        let sums = [gross, fees, funding].map(|sum| Cell::plain(sum.to_string()));
        let sign = i64::try_from(net.0.signum()).expect("a sign is small");
        counts.into_iter().chain(sums).chain([Cell::signed(net.to_string(), sign)]).collect()
    }
}

fn table(period: Period, totals: &[Total]) -> Grid {
    use Align::{Left, Right};
    let mut grid = Grid::new(&[
        (period.name(), Left),
        ("shard", Left),
        ("bot", Left),
        ("mode", Left),
        ("trades", Right),
        ("won", Right),
        ("gross", Right),
        ("fees", Right),
        ("funding", Right),
        ("net USDT", Right),
    ]);
    let mut by_mode: BTreeMap<&str, Figures> = BTreeMap::new();
    for total in totals {
        let mut figures = Figures::default();
        figures.add(total);
        by_mode.entry(&total.mode).or_default().add(total);
        let (year, month, day) = total.from.date();
        let date = match period {
            Period::Day | Period::Week => format!("{year:04}-{month:02}-{day:02}"),
            Period::Month => format!("{year:04}-{month:02}"),
        };
        let head = [date, plain(&total.shard), plain(&total.bot), plain(&total.mode)].map(Cell::plain);
        grid.row(head.into_iter().chain(figures.cells()).collect());
    }
    for (mode, figures) in by_mode {
        let head = ["all", "", "", &plain(mode)].map(|text| Cell::new(text, Tone::Strong));
        grid.row(head.into_iter().chain(figures.cells()).collect());
    }
    grid
}
