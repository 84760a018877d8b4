//! Frames of the WebSocket, as they come in: keep-alive, events, and pushed rows.
//!
//! Refuses a frame longer than any the exchange sends, before it is parsed, and a push without a subject. What it does
//! not know (events, channels) it hands on as unknown, never as an error.

use crate::wire::Generation;
use crate::wire::account::{Assets, Balance, Equity};
use crate::wire::envelope::Payload;
use crate::wire::market::{Candle, Depth, Ticker, Trade};
use crate::wire::row::row;
use crate::wire::scalar::{Rows, Text};
use crate::wire::trading::{ClosedPosition, Deleveraging, Fill, Order, Plan, Position};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The longest frame that is read: a full book is under 100 kB.
pub const FRAME_BYTES_MAX: usize = 4_000_000;

row! {
    /// The subject of a subscription: `channel` and `instId` of V2, `topic` and `symbol` of V3.
    Arg {
        inst_type: Text<'a> = "instType",
        channel: Text<'a> = "channel",
        topic: Text<'a> = "topic",
        symbol: Text<'a> = "symbol" | "instId",
        coin: Text<'a> = "coin",
        interval: Text<'a> = "interval",
    }
}

row! {
    /// Everything a frame can carry.
    FrameRow {
        event: Text<'a> = "event",
        code: Text<'a> = "code",
        message: Text<'a> = "msg",
        operation: Text<'a> = "op",
        action: Text<'a> = "action",
        arg: Payload<'a> = "arg",
        rows: Payload<'a> = "data",
        at: Text<'a> = "ts",
    }
}

/// Why a frame cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Too long.
    #[error("a frame of {bytes} bytes: count it, and connect again if they go on")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not JSON, or of the wrong shape.
    #[error("a frame that cannot be read ({why}): count it, and subscribe again if the stream goes stale")]
    Malformed {
        /// What is wrong.
        why: String,
    },
}

fn malformed(error: impl std::fmt::Display) -> WireError {
    WireError::Malformed { why: error.to_string() }
}

/// A frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame<'a> {
    /// Our `ping` was answered.
    Pong,
    /// The exchange asks whether we are there.
    Ping,
    /// The answer to a login; code 0 is success.
    Login {
        /// `0`, or why not.
        code: Text<'a>,
        /// Its words.
        message: Text<'a>,
    },
    /// A subscription was taken (which does not mean that anything will come).
    Subscribed(Arg<'a>),
    /// A subscription was ended.
    Unsubscribed(Arg<'a>),
    /// A complaint; without a subject where the exchange does not say about what.
    Error {
        /// About what.
        arg: Option<Arg<'a>>,
        /// 30001 ...
        code: Text<'a>,
        /// Its words.
        message: Text<'a>,
    },
    /// Rows of a channel.
    Push(Push<'a>),
    /// An event that is not known.
    Unknown {
        /// Its name.
        event: Text<'a>,
    },
}

/// Whether rows replace what was known of a subject or add to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Everything there is.
    Snapshot,
    /// What changed.
    Update,
}

/// Rows of a channel, not yet read.
#[derive(Clone, Debug, PartialEq)]
pub struct Push<'a> {
    /// Of what.
    pub arg: Arg<'a>,
    /// All or a change.
    pub action: Action,
    /// When the exchange sent it.
    pub at: Text<'a>,
    /// The rows.
    pub rows: Payload<'a>,
}

impl<'a> Frame<'a> {
    /// Reads a frame.
    pub fn read(text: &'a str) -> Result<Frame<'a>, WireError> {
        if text.len() > FRAME_BYTES_MAX {
            return Err(WireError::TooLong { bytes: text.len() });
        }
        match text.trim() {
            "pong" => return Ok(Frame::Pong),
            "ping" => return Ok(Frame::Ping),
            _ => {}
        }
        let row: FrameRow<'a> = serde_json::from_str(text).map_err(malformed)?;
        let arg = match row.arg.0.map(RawValue::get) {
            // A trade over the socket answers with a list here, which is no subject.
            Some(json) if json.starts_with('{') => Some(serde_json::from_str(json).map_err(malformed)?),
            _ => None,
        };
        let event = row.event.as_str();
        match (event, arg) {
            ("", Some(arg)) if row.rows.0.is_some() => {
                let action = if row.action.is("update") { Action::Update } else { Action::Snapshot };
                Ok(Frame::Push(Push { arg, action, at: row.at, rows: row.rows }))
            }
            ("", _) => Err(WireError::Malformed { why: "neither an event nor rows of a channel".to_owned() }),
            ("login", _) => Ok(Frame::Login { code: row.code, message: row.message }),
            ("subscribe", Some(arg)) => Ok(Frame::Subscribed(arg)),
            ("unsubscribe", Some(arg)) => Ok(Frame::Unsubscribed(arg)),
            ("error", arg) => Ok(Frame::Error { arg, code: row.code, message: row.message }),
            _ => Ok(Frame::Unknown { event: row.event }),
        }
    }
}

/// A channel by what it carries, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Best prices, mark, index, funding.
    Ticker,
    /// Candles.
    Candles,
    /// Public trades.
    Trades,
    /// The whole book, by changes.
    Books,
    /// The best levels, each time anew.
    BestBooks,
    /// Balances.
    Account,
    /// Equity (V2).
    Equity,
    /// Open positions.
    Positions,
    /// Closed positions (V2).
    ClosedPositions,
    /// Orders.
    Orders,
    /// Trigger orders.
    Plans,
    /// Fills.
    Fills,
    /// Fills without fees, sooner (V3).
    FastFills,
    /// Auto-deleveraging.
    Deleveraging,
}

impl Topic {
    /// The topic of a channel's name; `None` for one that is not known.
    pub fn of(name: &str) -> Option<Topic> {
        Some(match name {
            "ticker" => Topic::Ticker,
            "kline" => Topic::Candles,
            _ if name.starts_with("candle") => Topic::Candles,
            "trade" | "publicTrade" => Topic::Trades,
            "books" => Topic::Books,
            "books1" | "books5" | "books15" | "books50" => Topic::BestBooks,
            "account" => Topic::Account,
            "equity" => Topic::Equity,
            "positions" | "position" => Topic::Positions,
            "positions-history" => Topic::ClosedPositions,
            "orders" | "order" => Topic::Orders,
            "orders-algo" | "strategy-order" => Topic::Plans,
            "fill" => Topic::Fills,
            "fast-fill" => Topic::FastFills,
            "adl-noti" | "adl-notification" => Topic::Deleveraging,
            _ => return None,
        })
    }
}

impl Arg<'_> {
    /// The channel's name.
    pub fn name(&self) -> &str {
        if self.topic.is_empty() { self.channel.as_str() } else { self.topic.as_str() }
    }

    /// Which family of endpoints it belongs to.
    pub fn generation(&self) -> Generation {
        if self.topic.is_empty() { Generation::V2 } else { Generation::V3 }
    }
}

/// Rows of a channel, read.
#[derive(Clone, Debug, PartialEq)]
pub enum Pushed<'a> {
    /// Best prices, mark, index, funding.
    Ticker(Vec<Ticker<'a>>),
    /// Candles; the last one may be open.
    Candles(Vec<Candle<'a>>),
    /// Public trades, newest first.
    Trades(Vec<Trade<'a>>),
    /// The book, or changes of it.
    Books(Vec<Depth<'a>>),
    /// The best levels.
    BestBooks(Vec<Depth<'a>>),
    /// Balances of a V2 account.
    Balances(Vec<Balance<'a>>),
    /// All of a V3 account.
    Assets(Vec<Assets<'a>>),
    /// Equity of a V2 account.
    Equity(Vec<Equity<'a>>),
    /// Positions: of V2 all open ones each time, so a missing one is closed.
    Positions(Vec<Position<'a>>),
    /// Positions that were closed.
    ClosedPositions(Vec<ClosedPosition<'a>>),
    /// Orders, with a fill where there was one.
    Orders(Vec<Order<'a>>),
    /// Trigger orders.
    Plans(Vec<Plan<'a>>),
    /// Fills.
    Fills(Vec<Fill<'a>>),
    /// Fills without their fees.
    FastFills(Vec<Fill<'a>>),
    /// Auto-deleveraging that happened.
    Deleveraging(Vec<Deleveraging<'a>>),
    /// A channel that is not known.
    Unknown,
}

/// A list of rows, or the one row that V3's `fast-fill` sends without a list around it.
fn rows<'a, T: Deserialize<'a>>(payload: Payload<'a>) -> Result<Vec<T>, WireError> {
    let json = payload.0.map_or("null", RawValue::get);
    if json.starts_with('{') {
        return serde_json::from_str(json).map(|row| vec![row]).map_err(malformed);
    }
    serde_json::from_str::<Rows<T>>(json).map(|rows| rows.0).map_err(malformed)
}

impl<'a> Push<'a> {
    /// The rows, read.
    pub fn read(&self) -> Result<Pushed<'a>, WireError> {
        let payload = self.rows;
        let Some(topic) = Topic::of(self.arg.name()) else { return Ok(Pushed::Unknown) };
        Ok(match topic {
            Topic::Ticker => Pushed::Ticker(rows(payload)?),
            Topic::Candles => Pushed::Candles(rows(payload)?),
            Topic::Trades => Pushed::Trades(rows(payload)?),
            Topic::Books => Pushed::Books(rows(payload)?),
            Topic::BestBooks => Pushed::BestBooks(rows(payload)?),
            Topic::Account if self.arg.generation() == Generation::V3 => Pushed::Assets(rows(payload)?),
            Topic::Account => Pushed::Balances(rows(payload)?),
            Topic::Equity => Pushed::Equity(rows(payload)?),
            Topic::Positions => Pushed::Positions(rows(payload)?),
            Topic::ClosedPositions => Pushed::ClosedPositions(rows(payload)?),
            Topic::Orders => Pushed::Orders(rows(payload)?),
            Topic::Plans => Pushed::Plans(rows(payload)?),
            Topic::Fills => Pushed::Fills(rows(payload)?),
            Topic::FastFills => Pushed::FastFills(rows(payload)?),
            Topic::Deleveraging => Pushed::Deleveraging(rows(payload)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_apart() {
        assert_eq!(Frame::read("pong"), Ok(Frame::Pong));
        let login = Frame::read(r#"{"event":"login","code":0}"#).unwrap();
        assert!(matches!(login, Frame::Login { code, .. } if code.as_str() == "0"));
        let error =
            r#"{"event":"error","code":"30001","msg":"{\"topic\":\"books\"} doesn't exist","connId":"0a"}"#;
        let Frame::Error { arg: None, code, .. } = Frame::read(error).unwrap() else { panic!("no error") };
        assert_eq!(code.as_str(), "30001");
        let trade = r#"{"event":"trade","arg":[{"id":"1"}],"code":0}"#;
        assert!(matches!(Frame::read(trade), Ok(Frame::Unknown { .. })));
        let unknown = r#"{"arg":{"channel":"tea-leaves"},"data":[{"a":1}]}"#;
        let Frame::Push(push) = Frame::read(unknown).unwrap() else { panic!("no push") };
        assert_eq!(push.read(), Ok(Pushed::Unknown));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_not_a_panic() {
        let deep = format!(r#"{{"arg":{{"channel":"books"}},"data":{}"#, "[".repeat(100_000));
        let long = " ".repeat(FRAME_BYTES_MAX + 1);
        for text in
            ["", "{", "[]", "null", "3", r#"{"data":[]}"#, r#"{"arg":{}}"#, "{\"event\":{}}", &deep, &long]
        {
            assert!(Frame::read(text).is_err(), "{}", &text[..text.len().min(60)]);
        }
        let wrong = r#"{"arg":{"channel":"books","instId":"BTCUSDT"},"data":[{"asks":"x"}]}"#;
        let Frame::Push(push) = Frame::read(wrong).unwrap() else { panic!("no push") };
        assert!(push.read().is_err());
    }
}
