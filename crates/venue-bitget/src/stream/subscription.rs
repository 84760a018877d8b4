//! What is subscribed to, how it is said in either generation, and what may be expected of it.
//!
//! An acknowledgement proves nothing: a wrong product is acknowledged and then silent for ever. So each topic has a
//! time for its first rows and a longest silence. Refuses to wait for first rows where the exchange sends none (orders
//! and fills speak only when something happens).

use crate::request::reads::granularity;
use crate::wire::{Arg, Generation, Topic};
use model::{Interval, Step};

const PRODUCT_V2: &str = "USDT-FUTURES";
const PRODUCT_V3: &str = "usdt-futures";
const UNIFIED: &str = "UTA";

/// One thing to hear about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// What.
    pub topic: Topic,
    /// Of which symbol; `None` where it is about the account.
    pub symbol: Option<String>,
    /// How long the candles are.
    pub candle: Option<Interval>,
    /// Steps of a book's prices and sizes.
    pub steps: Option<(Step, Step)>,
}

impl Subscription {
    /// Something about the account.
    pub fn of_account(topic: Topic) -> Subscription {
        assert!(is_private(topic), "{topic:?} is about a symbol");
        Subscription { topic, symbol: None, candle: None, steps: None }
    }

    /// Something about a symbol.
    pub fn of_symbol(topic: Topic, symbol: &str) -> Subscription {
        assert!(!is_private(topic), "{topic:?} is about the account");
        assert!(!matches!(topic, Topic::Candles | Topic::Books), "{topic:?} needs more to be said");
        Subscription { topic, symbol: Some(symbol.to_owned()), candle: None, steps: None }
    }

    /// Candles of a symbol.
    pub fn candles(symbol: &str, length: Interval) -> Subscription {
        assert!(granularity(length).is_some(), "a candle's length is one Bitget has");
        let symbol = Some(symbol.to_owned());
        Subscription { topic: Topic::Candles, symbol, candle: Some(length), steps: None }
    }

    /// The whole book of a symbol, kept and proven.
    pub fn book(symbol: &str, tick: Step, lot: Step) -> Subscription {
        let symbol = Some(symbol.to_owned());
        Subscription { topic: Topic::Books, symbol, candle: None, steps: Some((tick, lot)) }
    }

    /// Whether it needs a login.
    pub fn is_private(&self) -> bool {
        is_private(self.topic)
    }

    /// The subject as it is subscribed to.
    pub fn arg(&self, generation: Generation) -> String {
        let name = self.name(generation);
        let (product, key, of) = match generation {
            Generation::V2 => (PRODUCT_V2, "channel", "instId"),
            Generation::V3 if self.is_private() => (UNIFIED, "topic", "symbol"),
            Generation::V3 => (PRODUCT_V3, "topic", "symbol"),
        };
        let mut json = format!(r#"{{"instType":"{product}","{key}":"{name}""#);
        match (&self.symbol, generation) {
            (Some(symbol), _) => {
                let symbol = serde_json::to_string(symbol).expect("a text is always JSON");
                json.push_str(&format!(r#","{of}":{symbol}"#));
            }
            (None, Generation::V2) if self.topic == Topic::Account => json.push_str(r#","coin":"default""#),
            (None, Generation::V2) => json.push_str(r#","instId":"default""#),
            (None, Generation::V3) => {}
        }
        if let (Generation::V3, Some(interval)) = (generation, self.interval()) {
            json.push_str(&format!(r#","interval":"{interval}""#));
        }
        json.push('}');
        json
    }

    /// Whether an acknowledgement, an error or rows are about this.
    pub fn is_subject(&self, arg: &Arg<'_>, generation: Generation) -> bool {
        let symbol_fits = self.symbol.as_ref().is_none_or(|symbol| arg.symbol.as_str() == symbol);
        let candle_fits = generation == Generation::V2
            || self.interval().is_none_or(|interval| arg.interval.as_str() == interval);
        symbol_fits && candle_fits && arg.name() == self.name(generation)
    }

    /// Whether the exchange says what there is when it is subscribed to.
    pub fn has_first_rows(&self) -> bool {
        use Topic::*;
        matches!(self.topic, Ticker | Candles | Trades | Books | BestBooks | Account | Equity | Positions)
    }

    /// The longest silence that is no fault; `None` where silence says nothing.
    pub fn quiet_max(&self, generation: Generation) -> Option<Interval> {
        let seconds = match self.topic {
            Topic::Ticker => 10,
            Topic::Books | Topic::BestBooks => 30,
            // At most one a second, but only while somebody trades.
            Topic::Candles => 120,
            // V3 repeats both every five seconds.
            Topic::Account | Topic::Positions if generation == Generation::V3 => 20,
            _ => return None,
        };
        Some(Interval(seconds * 1_000))
    }

    fn interval(&self) -> Option<&'static str> {
        self.candle.and_then(granularity)
    }

    fn name(&self, generation: Generation) -> String {
        let v2 = generation == Generation::V2;
        let name = match self.topic {
            Topic::Ticker => "ticker",
            Topic::Candles if v2 => {
                return format!("candle{}", self.interval().expect("candles have a length"));
            }
            Topic::Candles => "kline",
            Topic::Trades => {
                if v2 {
                    "trade"
                } else {
                    "publicTrade"
                }
            }
            Topic::Books => "books",
            Topic::BestBooks => "books5",
            Topic::Account => "account",
            Topic::Equity => "equity",
            Topic::Positions => {
                if v2 {
                    "positions"
                } else {
                    "position"
                }
            }
            Topic::ClosedPositions => "positions-history",
            Topic::Orders => {
                if v2 {
                    "orders"
                } else {
                    "order"
                }
            }
            Topic::Plans => {
                if v2 {
                    "orders-algo"
                } else {
                    "strategy-order"
                }
            }
            Topic::Fills => "fill",
            Topic::FastFills => "fast-fill",
            Topic::Deleveraging => {
                if v2 {
                    "adl-noti"
                } else {
                    "adl-notification"
                }
            }
        };
        name.to_owned()
    }
}

const fn is_private(topic: Topic) -> bool {
    !matches!(topic, Topic::Ticker | Topic::Candles | Topic::Trades | Topic::Books | Topic::BestBooks)
}

/// A frame that begins or ends subscriptions.
pub fn frame(operation: &str, args: &[String]) -> String {
    format!(r#"{{"op":"{operation}","args":[{}]}}"#, args.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Generation::{V2, V3};

    #[test]
    fn subjects_in_both_generations() {
        let day = Subscription::candles("BTCUSDT", Interval::DAY);
        let orders = Subscription::of_account(Topic::Orders);
        let account = Subscription::of_account(Topic::Account);
        let book = Subscription::book("牛来USDT", Step::decimal(1), Step::decimal(3));
        for (subscription, generation, arg) in [
            (&day, V2, r#"{"instType":"USDT-FUTURES","channel":"candle1Dutc","instId":"BTCUSDT"}"#),
            (
                &day,
                V3,
                r#"{"instType":"usdt-futures","topic":"kline","symbol":"BTCUSDT","interval":"1Dutc"}"#,
            ),
            (&orders, V2, r#"{"instType":"USDT-FUTURES","channel":"orders","instId":"default"}"#),
            (&orders, V3, r#"{"instType":"UTA","topic":"order"}"#),
            (&account, V2, r#"{"instType":"USDT-FUTURES","channel":"account","coin":"default"}"#),
            (&account, V3, r#"{"instType":"UTA","topic":"account"}"#),
            (&book, V2, r#"{"instType":"USDT-FUTURES","channel":"books","instId":"牛来USDT"}"#),
            (&book, V3, r#"{"instType":"usdt-futures","topic":"books","symbol":"牛来USDT"}"#),
        ] {
            assert_eq!(subscription.arg(generation), arg);
            let read: Arg<'_> = serde_json::from_str(arg).unwrap();
            assert!(subscription.is_subject(&read, generation), "{arg}");
            assert_eq!(Topic::of(read.name()), Some(subscription.topic));
            for other in [&day, &orders, &account, &book].into_iter().filter(|other| *other != subscription) {
                assert!(!other.is_subject(&read, generation), "{arg} is not of {:?}", other.topic);
            }
        }
        let (other, hour) = (day.arg(V2).replace("BTC", "ETH"), day.arg(V3).replace("1Dutc", "1H"));
        let other: Arg<'_> = serde_json::from_str(&other).unwrap();
        assert!(!day.is_subject(&other, V2));
        let hour: Arg<'_> = serde_json::from_str(&hour).unwrap();
        assert!(!day.is_subject(&hour, V3));
        assert_eq!(
            frame("subscribe", &[orders.arg(V3)]),
            r#"{"op":"subscribe","args":[{"instType":"UTA","topic":"order"}]}"#
        );
    }
}
