//! Everything the farm reads of Bitget over REST, as requests.
//!
//! Candles come from V2's history on every account, because public data is served to all and only V2 names days that
//! begin at midnight UTC. Refuses to page by itself: who reads a page asks for the next.

use super::{Handle, MARGIN_COIN, PRODUCT};
use crate::http::{Endpoint, HttpRequest};
use crate::order_id::Prefix;
use crate::wire::Generation;
use model::{Interval, Time};

/// Rows of a page.
pub const PAGE_ROWS: usize = 100;
/// Candles of one reply.
pub const CANDLES_MAX: i64 = 200;
/// The longest time one request for candles may cover.
const CANDLE_SPAN_MAX: Interval = Interval(90 * Interval::DAY.0);

/// The trigger orders of one family: V2 lists them apart, and none of them among the plain ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanFamily {
    /// Free triggers.
    Normal,
    /// Trailing ones.
    Trailing,
    /// Stops and targets of positions.
    Exits,
}

impl PlanFamily {
    /// All of them: a reconciliation that leaves one out takes a stop for missing.
    pub const ALL: [PlanFamily; 3] = [PlanFamily::Normal, PlanFamily::Trailing, PlanFamily::Exits];

    const fn word(self) -> &'static str {
        match self {
            PlanFamily::Normal => "normal_plan",
            PlanFamily::Trailing => "track_plan",
            PlanFamily::Exits => "profit_loss",
        }
    }
}

/// Something to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read<'a> {
    /// The exchange's clock.
    ServerTime,
    /// The contract list.
    Contracts,
    /// The margin tiers of a symbol.
    Tiers(&'a str),
    /// One ticker.
    Ticker(&'a str),
    /// The current funding rate.
    FundingRate(&'a str),
    /// What was settled of a symbol, newest first, at most `PAGE_ROWS`.
    Settlements(&'a str),
    /// Closed candles from an instant on, at most `CANDLES_MAX`.
    Candles {
        /// Of what.
        symbol: &'a str,
        /// How long each is; one of those `granularity` knows.
        length: Interval,
        /// The first one's opening.
        from: Time,
    },
    /// The settings of a V3 account; asked of every account, since the answer tells the generations apart.
    Settings,
    /// Balance, modes and leverage of a V2 account on a symbol.
    Account(&'a str),
    /// All balances.
    Balances,
    /// Whose key it is and what it may do.
    KeyInfo,
    /// The account's own fees on a symbol.
    FeeRate(&'a str),
    /// Open orders of the book; `after` is the cursor of the page before.
    OpenOrders {
        /// Empty for the first page.
        after: &'a str,
    },
    /// Open trigger orders; V3 has one list for all families.
    OpenPlans {
        /// Which.
        family: PlanFamily,
        /// Empty for the first page.
        after: &'a str,
    },
    /// Orders of the book that ended, from an instant on.
    EndedOrders {
        /// Since when.
        since: Time,
        /// Empty for the first page.
        after: &'a str,
    },
    /// Trigger orders that ended, from an instant on: what they became has an id of its own, told here alone.
    EndedPlans {
        /// Which; V3 has one list for all families.
        family: PlanFamily,
        /// Since when.
        since: Time,
        /// Empty for the first page.
        after: &'a str,
    },
    /// All open positions.
    Positions,
    /// Fills from an instant on.
    Fills {
        /// Since when.
        since: Time,
        /// Empty for the first page.
        after: &'a str,
    },
    /// What became of an order.
    Order {
        /// Of what.
        symbol: &'a str,
        /// Which.
        handle: Handle<'a>,
    },
    /// What became of a trigger order that still rests: the endpoint of plain orders does not know it. V3 lists all.
    Plan {
        /// Of which family.
        family: PlanFamily,
        /// Which.
        handle: Handle<'a>,
    },
    /// All movements of money from an instant on: what a takeover came to stands nowhere else.
    Bills {
        /// Since when.
        since: Time,
        /// Empty for the first page.
        after: &'a str,
    },
    /// Funding settlements from an instant on.
    FundingBills {
        /// Since when.
        since: Time,
        /// Empty for the first page.
        after: &'a str,
    },
}

/// Bitget's name of a candle's length, with days that begin at midnight UTC; `None` for a length it does not have.
pub fn granularity(length: Interval) -> Option<&'static str> {
    const MINUTE: i64 = Interval::MINUTE.0;
    const HOUR: i64 = Interval::HOUR.0;
    const NAMES: [(i64, &str); 11] = [
        (MINUTE, "1m"),
        (3 * MINUTE, "3m"),
        (5 * MINUTE, "5m"),
        (15 * MINUTE, "15m"),
        (30 * MINUTE, "30m"),
        (HOUR, "1H"),
        (4 * HOUR, "4H"),
        (6 * HOUR, "6Hutc"),
        (12 * HOUR, "12Hutc"),
        (24 * HOUR, "1Dutc"),
        (72 * HOUR, "3Dutc"),
    ];
    NAMES.iter().find(|(ms, _)| *ms == length.0).map(|(_, name)| *name)
}

fn owned(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    // An empty value is no parameter: the first page has no cursor.
    pairs.iter().filter(|pair| !pair.1.is_empty()).map(|pair| (pair.0, pair.1.to_owned())).collect()
}

impl Read<'_> {
    /// The request, for an account of this generation.
    pub fn request(&self, generation: Generation, prefix: &Prefix) -> HttpRequest {
        self.public(generation).or_else(|| self.listing(generation)).unwrap_or_else(|| match generation {
            Generation::V2 => self.private_v2(prefix),
            Generation::V3 => self.private_v3(prefix),
        })
    }

    fn public(&self, generation: Generation) -> Option<HttpRequest> {
        let product = match generation {
            Generation::V2 => "productType",
            Generation::V3 => "category",
        };
        let path = |v2, v3| if generation == Generation::V2 { v2 } else { v3 };
        let of =
            |path, symbol| Some(Endpoint::public(path).ask(owned(&[(product, PRODUCT), ("symbol", symbol)])));
        match *self {
            Read::ServerTime => {
                Some(Endpoint::public(path("/api/v2/public/time", "/api/v3/public/time")).ask(Vec::new()))
            }
            Read::Contracts => of(path("/api/v2/mix/market/contracts", "/api/v3/market/instruments"), ""),
            Read::Tiers(symbol) => {
                of(path("/api/v2/mix/market/query-position-lever", "/api/v3/market/position-tier"), symbol)
            }
            Read::Ticker(symbol) => of(path("/api/v2/mix/market/ticker", "/api/v3/market/tickers"), symbol),
            Read::FundingRate(symbol) => {
                of(path("/api/v2/mix/market/current-fund-rate", "/api/v3/market/current-fund-rate"), symbol)
            }
            Read::Settlements(symbol) => Some(settlements(symbol)),
            Read::Candles { symbol, length, from } => Some(candles(symbol, length, from)),
            _ => None,
        }
    }

    /// What is listed in pages.
    fn listing(&self, generation: Generation) -> Option<HttpRequest> {
        let limit = PAGE_ROWS.to_string();
        let page = |path, rate, more: &[(&'static str, &str)]| {
            let (product, after) = match generation {
                Generation::V2 => ("productType", "idLessThan"),
                Generation::V3 => ("category", "cursor"),
            };
            let mut pairs = vec![(product, PRODUCT), ("limit", limit.as_str())];
            // Only the name of the cursor differs.
            pairs.extend(more.iter().map(|pair| if pair.0 == "after" { (after, pair.1) } else { *pair }));
            Some(Endpoint::private(path, rate).ask(owned(&pairs)))
        };
        let v2 = generation == Generation::V2;
        match *self {
            Read::OpenOrders { after } if v2 => {
                page("/api/v2/mix/order/orders-pending", 10, &[("after", after)])
            }
            Read::OpenOrders { after } => page("/api/v3/trade/unfilled-orders", 20, &[("after", after)]),
            Read::OpenPlans { family, after } if v2 => page(
                "/api/v2/mix/order/orders-plan-pending",
                10,
                &[("planType", family.word()), ("after", after)],
            ),
            Read::EndedOrders { since, after } => {
                let since = since.0.to_string();
                let more = [("startTime", since.as_str()), ("after", after)];
                let path =
                    if v2 { "/api/v2/mix/order/orders-history" } else { "/api/v3/trade/history-orders" };
                page(path, if v2 { 10 } else { 20 }, &more)
            }
            Read::EndedPlans { family, since, after } => {
                let since = since.0.to_string();
                let more = [("startTime", since.as_str()), ("after", after), ("planType", family.word())];
                if v2 {
                    page("/api/v2/mix/order/orders-plan-history", 10, &more)
                } else {
                    page("/api/v3/trade/history-strategy-orders", 20, &more[..2])
                }
            }
            Read::Fills { since, after } => {
                let since = since.0.to_string();
                let more = [("startTime", since.as_str()), ("after", after)];
                if v2 {
                    page("/api/v2/mix/order/fills", 10, &more)
                } else {
                    page("/api/v3/trade/fills", 20, &more)
                }
            }
            Read::Bills { since, after } | Read::FundingBills { since, after } => {
                let since = since.0.to_string();
                let more = [("startTime", since.as_str()), ("after", after)];
                if matches!(self, Read::Bills { .. }) && v2 {
                    page("/api/v2/mix/account/bill", 10, &more)
                } else if v2 {
                    let kind = [("businessType", "contract_settle_fee"), more[0], more[1]];
                    page("/api/v2/mix/account/bill", 10, &kind)
                } else {
                    page("/api/v3/account/financial-records", 20, &more)
                }
            }
            _ => None,
        }
    }

    fn private_v2(&self, prefix: &Prefix) -> HttpRequest {
        let product = ("productType", PRODUCT);
        let ask =
            |path, rate, pairs: &[(&'static str, &str)]| Endpoint::private(path, rate).ask(owned(pairs));
        match *self {
            Read::Settings => ask("/api/v3/account/settings", 20, &[]),
            Read::Account(symbol) => ask(
                "/api/v2/mix/account/account",
                10,
                &[product, ("symbol", symbol), ("marginCoin", MARGIN_COIN)],
            ),
            Read::Balances => ask("/api/v2/mix/account/accounts", 10, &[product]),
            Read::KeyInfo => ask("/api/v2/spot/account/info", 1, &[]),
            Read::FeeRate(symbol) => {
                ask("/api/v2/common/trade-rate", 10, &[("symbol", symbol), ("businessType", "mix")])
            }
            Read::Positions => {
                ask("/api/v2/mix/position/all-position", 5, &[product, ("marginCoin", MARGIN_COIN)])
            }
            Read::Order { symbol, handle } => {
                let (key, id) = named(prefix, handle);
                ask("/api/v2/mix/order/detail", 10, &[product, ("symbol", symbol), (key, &id)])
            }
            Read::Plan { family, handle } => {
                let (key, id) = named(prefix, handle);
                ask(
                    "/api/v2/mix/order/orders-plan-pending",
                    10,
                    &[product, ("planType", family.word()), (key, &id)],
                )
            }
            _ => unreachable!("public and listed reads are made before"),
        }
    }

    fn private_v3(&self, prefix: &Prefix) -> HttpRequest {
        let ask =
            |path, rate, pairs: &[(&'static str, &str)]| Endpoint::private(path, rate).ask(owned(pairs));
        let category = ("category", PRODUCT);
        match *self {
            // A V3 account has its modes in its settings.
            Read::Settings | Read::Account(_) => ask("/api/v3/account/settings", 20, &[]),
            Read::Balances => ask("/api/v3/account/assets", 20, &[]),
            Read::KeyInfo => ask("/api/v3/account/info", 1, &[]),
            Read::FeeRate(symbol) => ask("/api/v3/account/fee-rate", 3, &[category, ("symbol", symbol)]),
            Read::Positions => ask("/api/v3/position/current-position", 20, &[category]),
            Read::OpenPlans { .. } | Read::Plan { .. } => {
                ask("/api/v3/trade/unfilled-strategy-orders", 20, &[category])
            }
            Read::Order { handle, .. } => {
                let (key, id) = named(prefix, handle);
                ask("/api/v3/trade/order-info", 20, &[(key, &id)])
            }
            _ => unreachable!("public and listed reads are made before"),
        }
    }
}

fn named(prefix: &Prefix, handle: Handle<'_>) -> (&'static str, String) {
    match handle {
        Handle::Exchange(id) => ("orderId", id.to_owned()),
        Handle::Client(sent) => ("clientOid", prefix.client_id_of(sent)),
    }
}

/// The window that yields at most `CANDLES_MAX` if both of its ends are counted: one more, and the first is the one that is left
/// out, since replies are anchored on the end.
/// V2's on every account, like candles: public data is served to all.
fn settlements(symbol: &str) -> HttpRequest {
    Endpoint::public("/api/v2/mix/market/history-fund-rate").ask(owned(&[
        ("productType", PRODUCT),
        ("symbol", symbol),
        ("pageSize", &PAGE_ROWS.to_string()),
    ]))
}

fn candles(symbol: &str, length: Interval, from: Time) -> HttpRequest {
    let name = granularity(length).expect("a candle's length is one Bitget has");
    let until = from + Interval((length.0 * (CANDLES_MAX - 1)).min(CANDLE_SPAN_MAX.0));
    let (from, until, limit) = (from.0.to_string(), until.0.to_string(), CANDLES_MAX.to_string());
    Endpoint::public("/api/v2/mix/market/history-candles").ask(owned(&[
        ("productType", PRODUCT),
        ("symbol", symbol),
        ("granularity", name),
        ("startTime", &from),
        ("endTime", &until),
        ("limit", &limit),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order_id::Sent;
    use model::{BotId, Leg, OrderId};

    fn target(read: Read<'_>, generation: Generation) -> String {
        read.request(generation, &Prefix::new("obf").unwrap()).target()
    }

    #[test]
    fn both_generations_read_the_same_things() {
        let order = OrderId { bot: BotId(3), epoch: 0, decision: 12, leg: Leg::Own };
        let sent = Handle::Client(Sent { order, revision: 0 });
        let detail = Read::Order { symbol: "BTCUSDT", handle: sent };
        let plans = Read::OpenPlans { family: PlanFamily::Exits, after: "" };
        let fills = Read::Fills { since: Time(1_700), after: "99" };
        for (read, v2, v3) in [
            (Read::ServerTime, "/api/v2/public/time", "/api/v3/public/time"),
            (
                Read::Tiers("BTCUSDT"),
                "/api/v2/mix/market/query-position-lever?productType=USDT-FUTURES&symbol=BTCUSDT",
                "/api/v3/market/position-tier?category=USDT-FUTURES&symbol=BTCUSDT",
            ),
            (Read::Settings, "/api/v3/account/settings", "/api/v3/account/settings"),
            (
                Read::Account("BTCUSDT"),
                "/api/v2/mix/account/account?marginCoin=USDT&productType=USDT-FUTURES&symbol=BTCUSDT",
                "/api/v3/account/settings",
            ),
            (
                detail,
                "/api/v2/mix/order/detail?clientOid=obf-3-0-c-e&productType=USDT-FUTURES&symbol=BTCUSDT",
                "/api/v3/trade/order-info?clientOid=obf-3-0-c-e",
            ),
            (
                Read::Plan { family: PlanFamily::Normal, handle: sent },
                "/api/v2/mix/order/orders-plan-pending?clientOid=obf-3-0-c-e&planType=normal_plan&productType=USDT-FUTURES",
                "/api/v3/trade/unfilled-strategy-orders?category=USDT-FUTURES",
            ),
            (
                plans,
                "/api/v2/mix/order/orders-plan-pending?limit=100&planType=profit_loss&productType=USDT-FUTURES",
                "/api/v3/trade/unfilled-strategy-orders?category=USDT-FUTURES",
            ),
            (
                fills,
                "/api/v2/mix/order/fills?idLessThan=99&limit=100&productType=USDT-FUTURES&startTime=1700",
                "/api/v3/trade/fills?category=USDT-FUTURES&cursor=99&limit=100&startTime=1700",
            ),
            (
                Read::EndedPlans { family: PlanFamily::Normal, since: Time(5), after: "9" },
                "/api/v2/mix/order/orders-plan-history?idLessThan=9&limit=100&planType=normal_plan&productType=USDT-FUTURES&startTime=5",
                "/api/v3/trade/history-strategy-orders?category=USDT-FUTURES&cursor=9&limit=100&startTime=5",
            ),
            (
                Read::Positions,
                "/api/v2/mix/position/all-position?marginCoin=USDT&productType=USDT-FUTURES",
                "/api/v3/position/current-position?category=USDT-FUTURES",
            ),
        ] {
            assert_eq!(target(read, Generation::V2), v2);
            assert_eq!(target(read, Generation::V3), v3);
        }
    }

    #[test]
    fn every_read_is_a_request_in_both_generations() {
        let handle = Handle::Exchange("1");
        let reads = [
            Read::ServerTime,
            Read::Contracts,
            Read::Tiers("A"),
            Read::Ticker("A"),
            Read::FundingRate("A"),
            Read::Candles { symbol: "A", length: Interval::HOUR, from: Time(0) },
            Read::Settings,
            Read::Account("A"),
            Read::Balances,
            Read::KeyInfo,
            Read::FeeRate("A"),
            Read::OpenOrders { after: "" },
            Read::OpenPlans { family: PlanFamily::Normal, after: "" },
            Read::EndedOrders { since: Time(0), after: "" },
            Read::EndedPlans { family: PlanFamily::Exits, since: Time(0), after: "" },
            Read::Positions,
            Read::Fills { since: Time(0), after: "" },
            Read::Order { symbol: "A", handle },
            Read::Plan { family: PlanFamily::Exits, handle },
            Read::FundingBills { since: Time(0), after: "" },
        ];
        for read in reads {
            for generation in [Generation::V2, Generation::V3] {
                let request = read.request(generation, &Prefix::new("obf").unwrap());
                assert!(request.body.is_empty() && request.query.is_sorted(), "{read:?}");
            }
        }
    }

    #[test]
    fn a_window_of_candles_never_asks_for_too_much() {
        let of = |length| target(Read::Candles { symbol: "B", length, from: Time(0) }, Generation::V3);
        let days = 90 * Interval::DAY.0;
        assert!(of(Interval::MINUTE).contains("endTime=11940000&granularity=1m&limit=200"));
        assert!(
            of(Interval::DAY).contains(&format!("endTime={days}&granularity=1Dutc")),
            "the span has a bound"
        );
        assert_eq!(granularity(Interval(2 * Interval::HOUR.0)), None, "undocumented");
    }
}
