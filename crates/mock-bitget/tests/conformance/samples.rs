//! The mock's payloads beside those that people have recorded: the same keys, of the same JSON types.
//!
//! The samples stay outside the repository: where they are missing the tests say so and count as skipped. A key the mock
//! leaves out, or an endpoint it has not, stands in a list below by name, with why.
#![allow(clippy::disallowed_methods, clippy::print_stderr)]

use crate::table::{Kind, PRICE, SYMBOL, Table, credentials, family, setup};
use mock_bitget::{Capture, Exchange, Fault, Method, Permission, Request, Said, Setup};
use model::{Instrument, Interval, PositionMode, Qty, Step, Time};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use venue_bitget::wire::Generation;

fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/bitget-samples");
    if root.join("index.json").exists() {
        return Some(root);
    }
    eprintln!("SKIPPED: {} is not there (real payloads of Bitget)", root.display());
    None
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Endpoints nobody trades futures with: the mock answers 40404.
const NOT_SERVED: &[&str] = &[
    "POST /api/v2/mix/account/set-margin",
    "POST /api/v3/account/cancel-withdrawal",
    "GET /api/v3/account/convert-records",
    "GET /api/v3/account/delta-info",
    "GET /api/v3/account/deposit-address",
    "GET /api/v3/account/deposit-records",
    "GET /api/v3/market/discount-rate",
    "GET /api/v3/market/index-components",
    "GET /api/v3/market/margin-loans",
    "GET /api/v3/account/payment-coins",
    "GET /api/v3/market/proof-of-reserves",
    "GET /api/v3/account/repayable-coins",
    "GET /api/v3/account/withdraw-address",
    "GET /api/v3/account/withdrawal-records",
    "POST /api/v3/account/repay",
    "POST /api/v3/account/adjust-account-mode",
    "POST /api/v3/account/deposit-account",
    "POST /api/v3/account/withdrawal",
];

/// Where the mock writes another type than a sample, and the reference says why.
const OTHER_TYPE: &[&str] = &[
    // Section 5: JSON integers; the sample is a documentation example.
    "GET /api/v2/mix/account/account/data/crossedMarginLeverage",
    "GET /api/v2/mix/account/account/data/isolatedLongLever",
    "GET /api/v2/mix/account/account/data/isolatedShortLever",
    // Section 0: a JSON integer; the sample is another project's invention.
    "v2 positions (hummingbot/ws/position_event_for_full_fill_websocket_update.json)/data/leverage",
];

/// Keys the reference does not have.
const LEFT_OUT: &[&str] = &[
    // `assetsMode` there; the sample is another project's invention.
    "v2 account (hummingbot/ws/balance_event_websocket_update.json)/data/assetMode",
];

/// Lists that stay empty because nothing fails there; rows of failures are compared elsewhere.
const NO_ROWS: &[&str] = &[
    "POST /api/v2/mix/order/cancel-all-orders/data/failureList",
    "POST /api/v2/mix/order/close-positions/data/failureList",
];

/// What a value is, as far as a reader must know.
fn differences(at: &str, sample: &Value, mock: &Value, found: &mut Vec<String>) {
    match (sample, mock) {
        (Value::Object(sample), Value::Object(mock)) => {
            for (key, value) in sample {
                let at = format!("{at}/{key}");
                match mock.get(key) {
                    None if LEFT_OUT.contains(&at.as_str()) => {}
                    None => found.push(format!("{at} is not there")),
                    Some(_) if OTHER_TYPE.contains(&at.as_str()) => {}
                    Some(other) => differences(&at, value, other, found),
                }
            }
        }
        (Value::Array(sample), Value::Array(mock)) => {
            if let (Some(sample), Some(mock)) = (sample.first(), mock.first()) {
                differences(at, sample, mock, found);
            } else if !sample.is_empty() && !NO_ROWS.contains(&at) {
                found.push(format!("{at} has no rows to compare"));
            }
        }
        // Absent values occur as null everywhere.
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_)) => {}
        (sample, mock) => found.push(format!("{at} is {mock}, the sample has {sample}")),
    }
}

/// An account on which everything has happened, and a plain client of it.
struct Client {
    table: Table,
    ids: u32,
}

impl Client {
    fn new(generation: Generation) -> Client {
        let kind = Kind { generation, position: PositionMode::Hedge };
        let mut setup = setup(kind);
        setup.accounts[0].keys[0].permissions.push(Permission::Transfer);
        let mut client = Client { table: Table::of(kind, setup), ids: 0 };
        client.table.exchange.set_limited(false);
        client.table.stretch(PRICE, Some(model::Rate(100_000_000)));
        // A minute, for whoever wants a closed candle.
        (0..61).for_each(|_| client.table.trade(PRICE));
        client
    }

    fn v2(&self) -> bool {
        self.table.kind.generation == Generation::V2
    }

    fn call(&mut self, method: Method, path: &str, params: &Value) -> (u16, Value) {
        let pair = |(key, value): (&String, &Value)| {
            let text = value.as_str().unwrap_or_else(|| panic!("{path}: {params}"));
            format!("{key}={text}")
        };
        let (query, body) = match method {
            Method::Get => {
                let pairs: Vec<String> = params.as_object().unwrap().iter().map(pair).collect();
                (pairs.join("&"), String::new())
            }
            Method::Post => (String::new(), params.to_string()),
        };
        let now = self.table.now;
        let mark = if query.is_empty() { "" } else { "?" };
        let sign = credentials().sign(&format!("{}{}{path}{mark}{query}{body}", now.0, method.name()));
        let headers = [
            ("access-key", "key".to_owned()),
            ("access-sign", sign),
            ("access-timestamp", now.0.to_string()),
            ("access-passphrase", "pass".to_owned()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let request = Request { method, path: path.to_owned(), query, headers, body };
        let response = self.table.exchange.rest(now, &request);
        (response.status, serde_json::from_str(&response.body).unwrap())
    }

    fn tell(&mut self, path: &str, params: &Value) -> Value {
        let (status, value) = self.call(Method::Post, path, params);
        assert_eq!(status, 200, "{path} {params}: {value}");
        value
    }

    fn name(&mut self) -> String {
        self.ids += 1;
        format!("id-{}", self.ids)
    }

    /// An order, its fields on top of what every order needs.
    fn order(&mut self, fields: &Value) -> Value {
        let client = self.name();
        let mut order = if self.v2() {
            json!({ "productType": "USDT-FUTURES", "symbol": SYMBOL, "marginMode": "crossed", "marginCoin": "USDT",
                    "size": "0.02", "side": "buy", "tradeSide": "open", "orderType": "market", "clientOid": client })
        } else {
            json!({ "category": "USDT-FUTURES", "symbol": SYMBOL, "qty": "0.02", "side": "buy", "posSide": "long",
                    "orderType": "market", "clientOid": client })
        };
        for (key, value) in fields.as_object().unwrap() {
            order[key] = value.clone();
        }
        let path = if self.v2() { "/api/v2/mix/order/place-order" } else { "/api/v3/trade/place-order" };
        self.tell(path, &order)["data"].clone()
    }

    /// A trigger far from the market.
    fn trigger(&mut self) -> Value {
        let client = self.name();
        let (path, order) = if self.v2() {
            (
                "/api/v2/mix/order/place-plan-order",
                json!({ "planType": "normal_plan", "productType": "USDT-FUTURES", "symbol": SYMBOL, "marginMode": "crossed",
                     "marginCoin": "USDT", "size": "0.01", "side": "buy", "tradeSide": "open", "orderType": "limit",
                     "price": "65100", "triggerPrice": "65000", "triggerType": "fill_price", "clientOid": client }),
            )
        } else {
            (
                "/api/v3/trade/place-strategy-order",
                json!({ "category": "USDT-FUTURES", "symbol": SYMBOL, "type": "trigger", "qty": "0.01", "side": "buy",
                     "posSide": "long", "triggerBy": "market", "triggerPrice": "65000", "triggerOrderType": "limit",
                     "triggerOrderPrice": "65100", "clientOid": client }),
            )
        };
        self.tell(path, &order)["data"].clone()
    }

    fn live(&mut self) -> Value {
        let price = json!({ "orderType": "limit", "price": "59000" });
        self.order(&price)
    }

    /// A position with both exits, one that was closed, a stop that went off, an order and a trigger that rest.
    fn live_through(&mut self) -> Value {
        let exits = if self.v2() {
            json!({ "presetStopLossPrice": "59500", "presetStopSurplusPrice": "70000" })
        } else {
            json!({ "stopLoss": "59500", "takeProfit": "70000" })
        };
        let first = self.order(&exits);
        self.table.trade(PRICE - 6_000);
        self.table.trade(PRICE);
        self.order(&exits);
        let live = self.live();
        let trigger = self.trigger();
        assert!(live["orderId"].is_string() && trigger["orderId"].is_string());
        json!({ "filled": first["orderId"] })
    }
}

/// What an endpoint is asked with.
fn asked(client: &mut Client, endpoint: &str, file: &str, ids: &Value) -> Value {
    let mut params = json!({ "productType": "USDT-FUTURES", "category": "USDT-FUTURES", "symbol": SYMBOL, "marginCoin": "USDT" });
    let path = endpoint.split(' ').next_back().unwrap();
    let more = match path {
        "/api/v2/mix/market/history-index-candles" => json!({ "granularity": "1m", "limit": "10" }),
        "/api/v3/market/history-candles" => json!({ "interval": "1m", "limit": "10" }),
        "/api/v2/mix/order/orders-plan-pending" if file.contains('2') => json!({ "planType": "profit_loss" }),
        "/api/v2/mix/order/orders-plan-pending" => json!({ "planType": "normal_plan" }),
        "/api/v2/mix/order/orders-plan-history" => json!({ "planType": "profit_loss" }),
        "/api/v2/mix/order/plan-sub-order" => {
            json!({ "planType": "profit_loss", "planOrderId": executed(client) })
        }
        "/api/v2/mix/order/detail" | "/api/v3/trade/order-info" => json!({ "orderId": ids["filled"] }),
        "/api/v2/mix/order/cancel-order" | "/api/v3/trade/cancel-order" => {
            json!({ "orderId": client.live()["orderId"] })
        }
        "/api/v3/trade/cancel-strategy-order" => json!({ "orderId": client.trigger()["orderId"] }),
        "/api/v2/mix/order/cancel-plan-order" => {
            json!({ "orderIdList": [{ "orderId": client.trigger()["orderId"] }, { "orderId": "1", "clientOid": "x" }] })
        }
        "/api/v2/mix/order/modify-order" => {
            json!({ "orderId": client.live()["orderId"], "newClientOid": client.name(), "newSize": "0.01", "newPrice": "58000" })
        }
        "/api/v2/mix/order/modify-plan-order" => {
            json!({ "orderId": client.trigger()["orderId"], "newTriggerPrice": "66000" })
        }
        "/api/v2/mix/order/modify-tpsl-order" => {
            let plans = json!({ "productType": "USDT-FUTURES", "planType": "profit_loss" });
            let listed = client.call(Method::Get, "/api/v2/mix/order/orders-plan-pending", &plans).1;
            let stop = listed["data"]["entrustedList"]
                .as_array()
                .unwrap()
                .iter()
                .find(|row| row["planType"] == "pos_loss")
                .cloned();
            json!({ "orderId": stop.unwrap()["orderId"], "triggerPrice": "59400", "size": "" })
        }
        "/api/v2/mix/order/place-pos-tpsl" => json!({
            "holdSide": "long", "stopSurplusTriggerPrice": "71000", "stopSurplusClientOid": client.name(),
            "stopLossTriggerPrice": "58000", "stopLossClientOid": client.name(),
        }),
        "/api/v2/mix/order/place-order" => json!({
            "marginMode": "crossed", "size": "0.01", "side": "buy", "tradeSide": "open", "orderType": "market",
        }),
        "/api/v2/mix/order/batch-place-order" => json!({
            "marginMode": "crossed",
            "orderList": [{ "size": "0.01", "side": "buy", "tradeSide": "open", "orderType": "market" }],
        }),
        "/api/v2/mix/account/set-leverage" => json!({ "leverage": "9" }),
        "/api/v2/mix/account/set-margin-mode" => json!({ "marginMode": "crossed" }),
        "/api/v2/mix/account/set-position-mode" => json!({ "posMode": "hedge_mode" }),
        "/api/v3/account/set-hold-mode" => json!({ "holdMode": "hedge_mode" }),
        "/api/v3/account/max-open-available" => json!({ "orderType": "market", "side": "buy" }),
        "/api/v3/account/transfer" => {
            json!({ "fromType": "uta", "toType": "spot", "amount": "1", "coin": "USDT" })
        }
        "/api/v3/account/transferable-coins" => json!({ "fromType": "uta", "toType": "spot" }),
        "/api/v3/account/max-transferable" => json!({ "coin": "USDT" }),
        "/api/v3/account/switch-deduct" => json!({ "deduct": "off" }),
        "/api/v2/mix/account/bill" => json!({ "businessType": "contract_settle_fee" }),
        _ => json!({}),
    };
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    params
}

fn executed(client: &mut Client) -> Value {
    let plans = json!({ "productType": "USDT-FUTURES", "planType": "profit_loss", "planStatus": "executed" });
    let listed = client.call(Method::Get, "/api/v2/mix/order/orders-plan-history", &plans).1;
    listed["data"]["entrustedList"][0]["orderId"].clone()
}

#[test]
fn case_60_every_reply_with_a_sample_has_its_keys_and_types() {
    let Some(root) = samples() else { return };
    let (mut compared, mut found) = (0, Vec::new());
    for entry in read(&root.join("index.json")).as_array().unwrap() {
        let [endpoint, file, generation] =
            ["endpoint", "file", "generation"].map(|key| entry[key].as_str().unwrap());
        let Some((method, path)) = endpoint.split_once(' ').filter(|_| entry["kind"] == "rest-response")
        else {
            continue;
        };
        // The index calls this one a GET, the reference a POST.
        let posts = method == "POST" || path.ends_with("max-open-available");
        let method = if posts { Method::Post } else { Method::Get };
        let mut client = Client::new(if generation == "v2" { Generation::V2 } else { Generation::V3 });
        if NOT_SERVED.contains(&endpoint) {
            assert_eq!(client.call(method, path, &json!({})).0, 404, "{endpoint} is served: compare it");
            continue;
        }
        let ids = client.live_through();
        let params = asked(&mut client, endpoint, file, &ids);
        if path.contains("/account/bill") {
            client.table.stretch(PRICE, Some(model::Rate(100_000_000)));
        }
        let (status, value) = client.call(method, path, &params);
        assert_eq!(status, 200, "{endpoint} {params}: {value}");
        let sample = read(&root.join(file));
        differences(endpoint, &sample, &value, &mut found);
        compared += 1;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(compared > 60, "{compared}");
}

/// Everything a line of the exchange says while an account lives through a day.
fn pushed(generation: Generation) -> Vec<Value> {
    let mut client = Client::new(generation);
    let session = client.table.exchange.connect(client.table.now, family(generation)).unwrap();
    let login = credentials().login_frame(client.table.now);
    client.table.exchange.hear(client.table.now, session, &login);
    let args = if client.v2() {
        let private =
            ["orders", "orders-algo", "fill", "positions", "positions-history", "equity", "adl-noti"];
        let public = ["ticker", "trade", "books", "books5", "candle12H", "candle1m"];
        let mut args = vec![json!({ "instType": "USDT-FUTURES", "channel": "account", "coin": "default" })];
        args.extend(
            private.map(
                |channel| json!({ "instType": "USDT-FUTURES", "channel": channel, "instId": "default" }),
            ),
        );
        args.extend(
            public.map(|channel| json!({ "instType": "USDT-FUTURES", "channel": channel, "instId": SYMBOL })),
        );
        args
    } else {
        let private =
            ["account", "position", "order", "fill", "fast-fill", "strategy-order", "adl-notification"];
        let public = ["ticker", "publicTrade", "books", "books1"];
        let mut args =
            vec![json!({ "instType": "usdt-futures", "topic": "kline", "symbol": SYMBOL, "interval": "1D" })];
        args.extend(private.map(|topic| json!({ "instType": "UTA", "topic": topic })));
        args.extend(
            public.map(|topic| json!({ "instType": "usdt-futures", "topic": topic, "symbol": SYMBOL })),
        );
        args
    };
    let frame = json!({ "op": "subscribe", "args": args }).to_string();
    client.table.exchange.hear(client.table.now, session, &frame);
    client.live_through();
    let (uid, symbol) = ("1000000001".to_owned(), SYMBOL.to_owned());
    client.table.fault(Fault::Deleverage { uid, symbol, lots: Qty(3) });
    client.table.exchange.pass(Time(client.table.now.0 + Interval::SECOND.0));
    let said = client.table.exchange.said(session);
    let texts = said.into_iter().map(|said| match said {
        Said::Text(text) => serde_json::from_str(&text).unwrap(),
        Said::Close => panic!("the line was closed"),
    });
    texts.collect()
}

#[test]
fn case_61_every_push_with_a_sample_has_its_keys_and_types() {
    let Some(root) = samples() else { return };
    let said = [Generation::V2, Generation::V3].map(pushed);
    let (mut compared, mut found) = (0, Vec::new());
    for entry in read(&root.join("index.json")).as_array().unwrap() {
        let [channel, file, generation] =
            ["endpoint", "file", "generation"].map(|key| entry[key].as_str().unwrap());
        let is_push = entry["kind"] == "ws-push" || (entry["kind"] == "ws" && file.contains("update"));
        if !is_push {
            continue;
        }
        let said = &said[usize::from(generation == "v3")];
        let key = if generation == "v3" { "topic" } else { "channel" };
        let sample = read(&root.join(file));
        let of = |frame: &&Value| {
            frame["arg"][key] == channel && frame["data"].get(0).is_some_and(|row| !row.is_null())
        };
        let of_object = |frame: &&Value| frame["arg"][key] == channel && frame["data"].is_object();
        let fills = |frame: &&Value| frame["data"][0].get("fillPrice").is_some();
        let wants_fill = sample["data"][0].get("fillPrice").is_some();
        let mut frames = said.iter().filter(|frame| of(frame) || of_object(frame));
        let frame = frames.find(|frame| !wants_fill || fills(frame));
        let frame = frame.unwrap_or_else(|| panic!("nothing was pushed on {channel} of {generation}"));
        let mut sample = sample;
        // How a client names its subject is echoed; the depth of V3 comes in two spellings.
        sample.as_object_mut().unwrap().remove("arg");
        if let Some(row) = sample["data"].get_mut(0).and_then(Value::as_object_mut) {
            row.remove("maxdepth");
        }
        differences(&format!("{generation} {channel} ({file})"), &sample, frame, &mut found);
        compared += 1;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(compared > 25, "{compared}");
}

#[test]
fn case_62_a_recorded_book_is_a_market() {
    let Some(root) = samples() else { return };
    let text =
        std::fs::read_to_string(root.join("nemanull/ws/v2/books_MAVUSDT_snapshot_updates.jsonl")).unwrap();
    let instrument = Instrument {
        symbol: "MAVUSDT".to_owned(),
        tick: Step::decimal(5),
        lot: Step::decimal(0),
        ..Instrument::btcusdt()
    };
    let capture = Capture::read(&text, &instrument).unwrap();
    let mut exchange = Exchange::captured(instrument, Setup::default(), capture, 7).unwrap();
    let start = exchange.now();
    let line = exchange.connect(start, mock_bitget::Generation::V2).unwrap();
    let arg = r#"{"instType":"USDT-FUTURES","channel":"books","instId":"MAVUSDT"}"#;
    exchange.hear(start, line, &format!(r#"{{"op":"subscribe","args":[{arg}]}}"#));
    exchange.pass(start + Interval::MINUTE);
    let said = exchange.said(line);
    let pushed: Vec<Value> = said
        .iter()
        .filter_map(|said| match said {
            Said::Text(text) => serde_json::from_str(text).ok(),
            Said::Close => None,
        })
        .filter(|push: &Value| push["action"] == "update")
        .collect();
    assert!(pushed.len() >= 2, "{said:?}");
    assert!(pushed[0]["data"][0]["asks"].to_string().contains("0.01039"), "the book is the captured one");
    for pair in pushed.windows(2) {
        assert_eq!(pair[0]["data"][0]["seq"], pair[1]["data"][0]["pseq"]);
    }
}
