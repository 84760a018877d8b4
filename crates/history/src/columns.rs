//! The columns of each kind of row, stated once: what the stores have, what the files show, and how a record becomes cells
//! and comes back.
//!
//! It refuses to compile when a record has a field that is in no column.

use crate::cell::{Cell, Column, Field};
use control::record::{AuditRecord, EquityRecord, Kind, MoodRecord, Record, SessionRecord, TradeRecord};

/// Lists the fields of a record in the order of its columns.
macro_rules! columns {
    ($list:ident, $record:ident { $($field:ident: $type:ty => $stored:literal,)* }) => {
        const $list: &[Column] = &[$(Column {
            name: stringify!($field),
            stored: $stored,
            is: <$type as Field>::IS,
            optional: <$type as Field>::OPTIONAL,
        },)*];

        impl Row for $record {
            fn cells(&self) -> Vec<Cell> {
                let $record { $($field,)* } = self;
                vec![$(<$type as Field>::cell($field),)*]
            }

            fn from_cells(cells: Vec<Cell>) -> Result<$record, &'static str> {
                let mut cells = cells.into_iter();
                let mut next = || cells.next().unwrap_or(Cell::Nothing);
                Ok($record { $($field: <$type as Field>::take(next()).ok_or($stored)?,)* })
            }
        }
    };
}

/// A record as cells.
trait Row: Sized {
    fn cells(&self) -> Vec<Cell>;
    /// Back again; else the column that does not fit.
    fn from_cells(cells: Vec<Cell>) -> Result<Self, &'static str>;
}

columns!(TRADES, TradeRecord {
    exited_at: i64 => "exited_at",
    shard: String => "shard",
    bot: String => "bot",
    mode: String => "mode",
    persona: String => "persona",
    account: String => "account",
    symbol: String => "symbol",
    side: String => "side",
    entry_order: String => "entry_order",
    entered_at: i64 => "entered_at",
    entry_price: String => "entry_price",
    exit_price: String => "exit_price",
    quantity: String => "quantity",
    stop: Option<String> => "stop",
    leverage: u16 => "leverage",
    gross: control::Amount => "gross_micro_usdt",
    fees: control::Amount => "fees_micro_usdt",
    funding: control::Amount => "funding_micro_usdt",
    net: control::Amount => "net_micro_usdt",
    equity_at_entry: control::Amount => "equity_at_entry_micro_usdt",
    exit_reason: String => "exit_reason",
    entry_kind: String => "entry_kind",
    entry_reason: Option<String> => "entry_reason",
    mood: String => "mood",
    mistake: bool => "mistake",
});

columns!(SESSIONS, SessionRow {
    at: i64 => "at",
    shard: String => "shard",
    bot: String => "bot",
    mode: String => "mode",
    session: u32 => "session",
    equity: control::Amount => "equity_micro_usdt",
    total_return: f64 => "total_return",
    drawdown: f64 => "drawdown",
    trades: u32 => "trades",
    mood: Option<String> => "mood",
    confidence: Option<f64> => "confidence",
    stress: Option<f64> => "stress",
    fatigue: Option<f64> => "fatigue",
    urge: Option<f64> => "urge",
    risk_appetite: Option<f64> => "risk_appetite",
    energy: Option<f64> => "energy",
});

columns!(EQUITY, EquityRecord {
    at: i64 => "at",
    shard: String => "shard",
    bot: String => "bot",
    mode: String => "mode",
    equity: control::Amount => "equity_micro_usdt",
    wallet: control::Amount => "wallet_micro_usdt",
});

columns!(AUDIT, AuditRecord {
    at: i64 => "at",
    chain: String => "chain",
    seq: u64 => "seq",
    who: String => "who",
    link: String => "link",
});

/// A session with its mood laid flat.
struct SessionRow {
    at: i64,
    shard: String,
    bot: String,
    mode: String,
    session: u32,
    equity: control::Amount,
    total_return: f64,
    drawdown: f64,
    trades: u32,
    mood: Option<String>,
    confidence: Option<f64>,
    stress: Option<f64>,
    fatigue: Option<f64>,
    urge: Option<f64>,
    risk_appetite: Option<f64>,
    energy: Option<f64>,
}

fn flat(record: &SessionRecord) -> SessionRow {
    let SessionRecord { shard, bot, mode, session, at, equity, total_return, drawdown, trades, mood, energy } =
        record.clone();
    let feels = |of: fn(&MoodRecord) -> f64| mood.as_ref().map(of);
    SessionRow {
        at,
        shard,
        bot,
        mode,
        session,
        equity,
        total_return,
        drawdown,
        trades,
        confidence: feels(|mood| mood.confidence),
        stress: feels(|mood| mood.stress),
        fatigue: feels(|mood| mood.fatigue),
        urge: feels(|mood| mood.urge),
        risk_appetite: feels(|mood| mood.risk_appetite),
        mood: mood.map(|mood| mood.label),
        energy,
    }
}

fn whole(row: SessionRow) -> Result<SessionRecord, &'static str> {
    let SessionRow { at, shard, bot, mode, session, equity, total_return, drawdown, trades, energy, .. } =
        row;
    let mood = match row.mood {
        None => None,
        Some(label) => Some(MoodRecord {
            label,
            confidence: row.confidence.ok_or("confidence")?,
            stress: row.stress.ok_or("stress")?,
            fatigue: row.fatigue.ok_or("fatigue")?,
            urge: row.urge.ok_or("urge")?,
            risk_appetite: row.risk_appetite.ok_or("risk_appetite")?,
        }),
    };
    Ok(SessionRecord { shard, bot, mode, session, at, equity, total_return, drawdown, trades, mood, energy })
}

/// The columns of a kind, in their order.
pub fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Trades => TRADES,
        Kind::Sessions => SESSIONS,
        Kind::Equity => EQUITY,
        Kind::Audit => AUDIT,
    }
}

/// A record's cells, one a column of its kind.
pub fn cells(record: &Record) -> Vec<Cell> {
    match record {
        Record::Trade(trade) => trade.cells(),
        Record::Session(session) => flat(session).cells(),
        Record::Equity(equity) => equity.cells(),
        Record::Audit(audit) => audit.cells(),
    }
}

/// The record of these cells; else the column that does not fit.
pub fn record(kind: Kind, cells: Vec<Cell>) -> Result<Record, &'static str> {
    Ok(match kind {
        Kind::Trades => Record::Trade(TradeRecord::from_cells(cells)?),
        Kind::Sessions => Record::Session(whole(SessionRow::from_cells(cells)?)?),
        Kind::Equity => Record::Equity(EquityRecord::from_cells(cells)?),
        Kind::Audit => Record::Audit(AuditRecord::from_cells(cells)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Type;

    #[test]
    fn money_says_its_unit_in_a_store_and_each_kind_has_one_time_to_go_by() {
        for kind in Kind::ALL {
            let columns = columns(kind);
            assert_eq!(columns.iter().filter(|column| column.is_when()).count(), 1, "{kind:?}");
            for column in columns {
                let unit = column.stored.strip_suffix("_micro_usdt");
                assert_eq!(unit, (column.is == Type::Money).then_some(column.name), "{kind:?} {column:?}");
                assert_eq!(unit.unwrap_or(column.stored), column.name, "{kind:?}");
                assert!(!(column.stays_readable() && column.is == Type::Money), "{kind:?} {column:?}");
            }
        }
    }
}
