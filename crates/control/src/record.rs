//! What is kept of a farm: rows of its history, each with a key of its own, so that keeping one twice changes nothing.
//!
//! Refuses to be the books: those are the journal's, and these rows can be made from it again.

use crate::amount::Amount;
use execution::Trade;
use farm::SessionSummary;
use model::{Instrument, Side, Time};
use serde::{Deserialize, Serialize};

/// Of which kind a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Round trips.
    Trades,
    /// Bots at their sessions' ends.
    Sessions,
    /// Equity.
    Equity,
    /// Who did what.
    Audit,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Trades, Kind::Sessions, Kind::Equity, Kind::Audit];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Trades => "trades",
            Kind::Sessions => "sessions",
            Kind::Equity => "equity",
            Kind::Audit => "audit",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A name as a part of a key: without the slash that parts the parts, so that no two rows share a key.
fn part(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F")
}

/// A row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case", deny_unknown_fields)]
#[allow(
    clippy::large_enum_variant,
    reason = "most rows are trades, and a message holds a row in a box already"
)]
pub enum Record {
    /// A round trip that is over.
    Trade(TradeRecord),
    /// A bot at a session's end.
    Session(SessionRecord),
    /// A bot's equity at an instant.
    Equity(EquityRecord),
    /// Something somebody did, or tried; its fields are the audit's own.
    Audit(AuditRecord),
}

impl Record {
    /// When it happened.
    pub fn at(&self) -> Time {
        Time(match self {
            Record::Trade(trade) => trade.exited_at,
            Record::Session(session) => session.at,
            Record::Equity(equity) => equity.at,
            Record::Audit(audit) => audit.at,
        })
    }

    /// Of which kind it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Record::Trade(_) => Kind::Trades,
            Record::Session(_) => Kind::Sessions,
            Record::Equity(_) => Kind::Equity,
            Record::Audit(_) => Kind::Audit,
        }
    }

    /// By what it is known: another of the same key is the same row.
    pub fn key(&self) -> String {
        match self {
            Record::Trade(TradeRecord { shard, bot, entry_order, .. }) => {
                format!("trade/{}/{}/{}", part(shard), part(bot), part(entry_order))
            }
            Record::Session(SessionRecord { shard, bot, session, .. }) => {
                format!("session/{}/{}/{session}", part(shard), part(bot))
            }
            Record::Equity(EquityRecord { shard, bot, at, .. }) => {
                format!("equity/{}/{}/{at}", part(shard), part(bot))
            }
            Record::Audit(AuditRecord { chain, seq, .. }) => format!("audit/{}/{seq}", part(chain)),
        }
    }
}

/// A round trip. Times are milliseconds since 1970, UTC; prices and quantities the instrument's own decimals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradeRecord {
    /// Whose journal it is in.
    pub shard: String,
    /// Who traded.
    pub bot: String,
    /// Who it is: a persona's or a control's name.
    pub persona: String,
    /// On which account.
    pub account: String,
    /// `paper`, `demo` or `live`.
    pub mode: String,
    /// What.
    pub symbol: String,
    /// `long` or `short`.
    pub side: String,
    /// The order that began it, as this farm names it.
    pub entry_order: String,
    /// First fill.
    pub entered_at: i64,
    /// Last fill.
    pub exited_at: i64,
    /// Average entry, exact where eight decimals can hold it.
    pub entry_price: String,
    /// Average exit, exact where eight decimals can hold it.
    pub exit_price: String,
    /// All that was opened.
    pub quantity: String,
    /// The first protective stop; a control has none.
    pub stop: Option<String>,
    /// Leverage asked for.
    pub leverage: u16,
    /// Before fees and funding.
    pub gross: Amount,
    /// Paid is positive.
    pub fees: Amount,
    /// Received is positive.
    pub funding: Amount,
    /// What is left.
    pub net: Amount,
    /// Equity at the decision; nothing where no risk was taken by it.
    pub equity_at_entry: Amount,
    /// Why it was left.
    pub exit_reason: String,
    /// Where the entry came from.
    pub entry_kind: String,
    /// Why, in a sentence, where it was heard.
    pub entry_reason: Option<String>,
    /// In which state of mind.
    pub mood: String,
    /// Whether the hand slipped.
    pub mistake: bool,
}

/// A bot at a session's end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRecord {
    /// Whose journal it is in.
    pub shard: String,
    /// Who.
    pub bot: String,
    /// `paper`, `demo` or `live`: money that is none is never added to money that is.
    pub mode: String,
    /// Its number since the farm's start, from 1.
    pub session: u32,
    /// When it ended.
    pub at: i64,
    /// Equity then.
    pub equity: Amount,
    /// Since the start, a fraction of the capital.
    pub total_return: f64,
    /// The deepest fall of equity so far, a fraction of the peak.
    pub drawdown: f64,
    /// Round trips so far.
    pub trades: u32,
    /// What it felt; nothing for controls and calm twins.
    pub mood: Option<MoodRecord>,
    /// 0 to 1.1; nothing for controls.
    pub energy: Option<f64>,
}

/// A state of mind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoodRecord {
    /// In one word.
    pub label: String,
    /// Trust in one's own judgement.
    pub confidence: f64,
    /// Pressure felt.
    pub stress: f64,
    /// Tiredness.
    pub fatigue: f64,
    /// Fear of missing out.
    pub urge: f64,
    /// Wish for risk, inside the band.
    pub risk_appetite: f64,
}

/// A bot's equity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EquityRecord {
    /// Whose journal it is in.
    pub shard: String,
    /// Who.
    pub bot: String,
    /// `paper`, `demo` or `live`: money that is none is never added to money that is.
    pub mode: String,
    /// When.
    pub at: i64,
    /// Money and what it holds at the last price.
    pub equity: Amount,
    /// Money alone.
    pub wallet: Amount,
}

/// A link of the audit's chain, as the audit wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRecord {
    /// Which chain: one a gateway that ever was.
    pub chain: String,
    /// Its place in it.
    pub seq: u64,
    /// When.
    pub at: i64,
    /// Who.
    pub who: String,
    /// The link itself: canonical text, hash included.
    pub link: String,
}

/// Of what a row is: names that a farm itself does not know.
#[derive(Clone, Copy, Debug)]
pub struct Whose<'a> {
    /// Of the shard.
    pub shard: &'a str,
    /// Of the bot.
    pub bot: &'a str,
    /// Of the persona or control.
    pub persona: &'a str,
    /// Of the account.
    pub account: &'a str,
    /// `paper`, `demo` or `live`.
    pub mode: &'a str,
}

impl TradeRecord {
    /// The row of a trade.
    pub fn of(
        whose: Whose<'_>,
        trade: &Trade,
        entry_reason: Option<String>,
        instrument: &Instrument,
    ) -> TradeRecord {
        let position = &trade.position;
        TradeRecord {
            shard: whose.shard.to_owned(),
            bot: whose.bot.to_owned(),
            persona: whose.persona.to_owned(),
            account: whose.account.to_owned(),
            mode: whose.mode.to_owned(),
            symbol: instrument.symbol.clone(),
            side: if position.side == Side::Buy { "long" } else { "short" }.to_owned(),
            entry_order: position.entry.id.to_string(),
            entered_at: position.entered_at.0,
            exited_at: trade.exited_at.0,
            entry_price: instrument.format_average(position.entry_cost, position.opened.0).to_string(),
            exit_price: instrument.format_average(position.exit_cost, position.closed.0).to_string(),
            quantity: instrument.format_qty(position.opened).to_string(),
            stop: position.entry.stop.map(|stop| instrument.format_price(stop).to_string()),
            leverage: position.entry.leverage,
            gross: Amount(position.gross),
            fees: Amount(position.fees),
            funding: Amount(position.funding),
            net: Amount(trade.net()),
            equity_at_entry: Amount(position.entry.equity),
            exit_reason: trade.reason.name().to_owned(),
            entry_kind: position.entry.kind.to_owned(),
            entry_reason,
            mood: position.entry.mood.to_owned(),
            mistake: position.entry.mistake,
        }
    }
}

impl SessionRecord {
    /// The row of a session.
    pub fn of(whose: Whose<'_>, summary: &SessionSummary) -> SessionRecord {
        SessionRecord {
            shard: whose.shard.to_owned(),
            bot: whose.bot.to_owned(),
            mode: whose.mode.to_owned(),
            session: summary.session.number,
            at: summary.at.0,
            equity: Amount(summary.equity),
            total_return: summary.total_return,
            drawdown: summary.drawdown,
            trades: summary.trades,
            mood: summary.mood.map(|(label, mood)| MoodRecord::of(label, &mood)),
            energy: summary.energy,
        }
    }
}

impl MoodRecord {
    /// A mood and its word.
    pub fn of(label: persona::Label, mood: &persona::Mood) -> MoodRecord {
        let persona::Mood { confidence, stress, fatigue, urge, risk_appetite } = *mood;
        MoodRecord { label: label.name().to_owned(), confidence, stress, fatigue, urge, risk_appetite }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equity(shard: &str, bot: &str) -> Record {
        let amount = Amount::default();
        Record::Equity(EquityRecord {
            shard: shard.to_owned(),
            bot: bot.to_owned(),
            mode: "paper".to_owned(),
            at: 7,
            equity: amount,
            wallet: amount,
        })
    }

    #[test]
    fn a_slash_in_a_name_makes_no_two_rows_one() {
        assert_eq!(equity("main", "newbie").key(), "equity/main/newbie/7");
        let keys = [equity("a/b", "c"), equity("a", "b/c"), equity("a%2Fb", "c")].map(|row| row.key());
        assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[1] != keys[2], "{keys:?}");
    }

    #[test]
    fn a_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::from_name("trade"), None);
        assert_eq!(equity("main", "newbie").kind(), Kind::Equity);
    }
}
