//! `omega history list`: the last rows, for a person or a program.
//!
//! It refuses to round what it shows of money.

use super::{open, plain, query};
use crate::commands::history::ListArguments;
use crate::console::Console;
use crate::error::Failure;
use crate::figures;
use crate::table::{Align, Cell, Grid};
use control::Record;
use control::record::{AuditRecord, EquityRecord, SessionRecord, TradeRecord};
use history::{Cursor, Kind, Query, Store};
use model::Time;

/// So much of an audit's link is shown in a table.
const LINK_CHARS_MAX: usize = 48;

pub(super) fn execute(arguments: &ListArguments, console: &Console) -> Result<(), Failure> {
    let after: Option<Cursor> = match &arguments.after {
        None => None,
        Some(place) => Some(place.parse().map_err(|error: history::NoCursor| {
            Failure::usage(error.to_string(), "give --after the `next` of an earlier page")
        })?),
    };
    let query =
        Query { after, rows_max: usize::from(arguments.count), ..query(&arguments.chosen, &arguments.kind) };
    let page = open(&arguments.chosen)?.read(&query)?;
    let next = page.next.map(|next| next.to_string());
    if arguments.json {
        let document = serde_json::json!({ "rows": page.records, "next": next });
        return console.print(&format!("{document}\n"));
    }
    if page.records.is_empty() {
        console.say(&format!("no {} of that kind are in {}", arguments.kind, arguments.chosen.db.display()));
        return Ok(());
    }
    console.print(&table(query.kind, &page.records).render(console.has_colour()))?;
    if let Some(next) = next {
        console.say(&format!("hint: the next ones: --after '{next}'"));
    }
    Ok(())
}

fn table(kind: Kind, records: &[Record]) -> Grid {
    use Align::{Left, Right};
    let columns: &[(&str, Align)] = match kind {
        Kind::Trades => &[
            ("ended", Left),
            ("bot", Left),
            ("mode", Left),
            ("side", Left),
            ("quantity", Right),
            ("entry", Right),
            ("exit", Right),
            ("net USDT", Right),
            ("why", Left),
        ],
        Kind::Sessions => &[
            ("ended", Left),
            ("bot", Left),
            ("mode", Left),
            ("session", Right),
            ("equity USDT", Right),
            ("return", Right),
            ("drawdown", Right),
            ("trades", Right),
            ("mood", Left),
        ],
        Kind::Equity => {
            &[("at", Left), ("bot", Left), ("mode", Left), ("equity USDT", Right), ("wallet USDT", Right)]
        }
        Kind::Audit => &[("at", Left), ("chain", Left), ("link", Right), ("who", Left), ("what", Left)],
    };
    let mut grid = Grid::new(columns);
    for record in records {
        grid.row(match record {
            Record::Trade(trade) => of_trade(trade),
            Record::Session(session) => of_session(session),
            Record::Equity(equity) => of_equity(equity),
            Record::Audit(audit) => of_audit(audit),
        });
    }
    grid
}

fn words(text: &str) -> Cell {
    Cell::plain(plain(text))
}

fn instant(ms: i64) -> Cell {
    Cell::plain(Time(ms).to_string())
}

fn of_trade(trade: &TradeRecord) -> Vec<Cell> {
    vec![
        instant(trade.exited_at),
        words(&trade.bot),
        words(&trade.mode),
        words(&trade.side),
        words(&trade.quantity),
        words(&trade.entry_price),
        words(&trade.exit_price),
        Cell::signed(trade.net.to_string(), trade.net.0.0),
        words(&trade.exit_reason),
    ]
}

fn of_session(session: &SessionRecord) -> Vec<Cell> {
    vec![
        instant(session.at),
        words(&session.bot),
        words(&session.mode),
        Cell::plain(figures::count(session.session)),
        Cell::plain(session.equity.to_string()),
        Cell::plain(figures::percent(session.total_return)),
        Cell::plain(figures::percent(session.drawdown)),
        Cell::plain(figures::count(session.trades)),
        words(session.mood.as_ref().map_or("", |mood| &mood.label)),
    ]
}

fn of_equity(equity: &EquityRecord) -> Vec<Cell> {
    vec![
        instant(equity.at),
        words(&equity.bot),
        words(&equity.mode),
        Cell::plain(equity.equity.to_string()),
        Cell::plain(equity.wallet.to_string()),
    ]
}

fn of_audit(audit: &AuditRecord) -> Vec<Cell> {
    let is_cut = audit.link.chars().count() > LINK_CHARS_MAX;
    let shown: String = audit.link.chars().take(LINK_CHARS_MAX).collect();
    vec![
        instant(audit.at),
        words(&audit.chain),
        Cell::plain(audit.seq.to_string()),
        words(&audit.who),
        words(&if is_cut { shown + "…" } else { shown }),
    ]
}
