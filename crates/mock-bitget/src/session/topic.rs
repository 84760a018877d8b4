//! What can be subscribed to, in the words of either generation.
//!
//! Refuses what the exchange refuses: a channel or symbol it does not know, and a depth it has not.

use crate::candles::Granularity;
use crate::setup::Generation;
use model::Time;
use serde_json::Value;

/// What a subscription is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    Ticker,
    Candles(Granularity),
    Trades,
    /// The whole book and its changes.
    Books,
    /// So many levels, whole each time.
    Best(usize),
    Account,
    Equity,
    Positions,
    Ended,
    Orders,
    Plans,
    Fills,
    FastFills,
    Deleveraging,
}

/// Why it cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsubscribable {
    Unknown,
    Parameter,
}

impl Unsubscribable {
    pub(super) const fn code(self) -> u32 {
        match self {
            Unsubscribable::Unknown => 30_001,
            Unsubscribable::Parameter => 30_016,
        }
    }
}

/// A subscription.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) topic: Topic,
    /// Of private ones: which symbol's, or everything.
    pub(super) symbol: Option<usize>,
    served: bool,
    arg: Value,
    /// When it was last pushed, for what is pushed only so often.
    pub(super) pushed: Time,
    /// The last public trade that was told.
    pub(super) told: u64,
}

impl Subscription {
    /// Reads what a client wants to hear.
    pub(super) fn of(
        generation: Generation,
        arg: &Value,
        symbols: &[String],
    ) -> Result<Subscription, Unsubscribable> {
        let field = |key: &str| arg.get(key).and_then(Value::as_str).unwrap_or("");
        let v2 = generation == Generation::V2;
        let topic =
            if v2 { topic_v2(field("channel"))? } else { topic_v3(field("topic"), field("interval"))? };
        let (product, wanted) = match (v2, is_private(topic)) {
            (true, _) => ("USDT-FUTURES", field("instId")),
            (false, true) => ("UTA", field("symbol")),
            (false, false) => {
                ("usdt-futures", if field("symbol").is_empty() { field("instId") } else { field("symbol") })
            }
        };
        let symbol = symbols.iter().position(|symbol| symbol == wanted);
        if symbol.is_none() && !(is_private(topic) && matches!(wanted, "" | "default")) {
            return Err(Unsubscribable::Unknown);
        }
        let served = field("instType") == product;
        Ok(Subscription { topic, symbol, served, arg: arg.clone(), pushed: Time(i64::MIN), told: 0 })
    }

    pub(super) fn arg(&self) -> &Value {
        &self.arg
    }

    pub(super) fn is_private(&self) -> bool {
        is_private(self.topic)
    }

    pub(super) fn is_served(&self) -> bool {
        self.served
    }

    pub(super) fn is_whole_book(&self) -> bool {
        self.topic == Topic::Books
    }

    /// Whether something of a symbol concerns it.
    pub(super) fn hears(&self, topic: Topic, symbol: usize) -> bool {
        self.topic == topic && self.symbol.is_none_or(|own| own == symbol)
    }
}

fn is_private(topic: Topic) -> bool {
    use Topic::{Best, Books, Candles, Ticker, Trades};
    !matches!(topic, Ticker | Candles(_) | Trades | Books | Best(_))
}

fn topic_v2(channel: &str) -> Result<Topic, Unsubscribable> {
    Ok(match channel {
        "ticker" => Topic::Ticker,
        "trade" => Topic::Trades,
        "books" => Topic::Books,
        "books1" => Topic::Best(1),
        "books5" => Topic::Best(5),
        "books15" => Topic::Best(15),
        "account" => Topic::Account,
        "equity" => Topic::Equity,
        "positions" => Topic::Positions,
        "positions-history" => Topic::Ended,
        "orders" => Topic::Orders,
        "orders-algo" => Topic::Plans,
        "fill" => Topic::Fills,
        "adl-noti" => Topic::Deleveraging,
        _ if channel.starts_with("books") => return Err(Unsubscribable::Parameter),
        _ => {
            let length = channel.strip_prefix("candle").and_then(Granularity::of);
            Topic::Candles(length.ok_or(Unsubscribable::Unknown)?)
        }
    })
}

fn topic_v3(topic: &str, interval: &str) -> Result<Topic, Unsubscribable> {
    Ok(match topic {
        "ticker" => Topic::Ticker,
        "kline" => Topic::Candles(Granularity::of(interval).ok_or(Unsubscribable::Parameter)?),
        "publicTrade" => Topic::Trades,
        "books" => Topic::Books,
        "books1" => Topic::Best(1),
        "books5" => Topic::Best(5),
        "books50" => Topic::Best(50),
        "account" => Topic::Account,
        "position" => Topic::Positions,
        "order" => Topic::Orders,
        "strategy-order" => Topic::Plans,
        "fill" => Topic::Fills,
        "fast-fill" => Topic::FastFills,
        "adl-notification" => Topic::Deleveraging,
        _ => return Err(Unsubscribable::Unknown),
    })
}
