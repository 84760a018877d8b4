//! The traps of the reference, each by its number of section 0 or its code: the mock must set them all.

use crate::table::{KINDS, Kind, PRICE, START, SYMBOL, Table, credentials, setup};
use mock_bitget::{Exchange, Matching, Method, Request, Setup, Stretch};
use model::{Bar, Instrument, Interval, Mark, PositionMode, Price, Side, Time, Usd};
use serde_json::{Value, json};
use venue::MarkBar;
use venue_bitget::wire::Generation;

const ONE_WAY: Kind = Kind { generation: Generation::V2, position: PositionMode::OneWay };
const HEDGE: Kind = Kind { generation: Generation::V2, position: PositionMode::Hedge };

/// A client without an adapter: what it says is what is sent.
struct Raw {
    exchange: Exchange,
    now: Time,
    key: &'static str,
}

impl Raw {
    fn on(table: Table) -> Raw {
        let mut raw = Raw { exchange: table.exchange, now: table.now, key: "key" };
        raw.exchange.set_limited(false);
        raw
    }

    fn ask(
        &mut self,
        method: Method,
        path: &str,
        params: &Value,
        change: impl FnOnce(&mut Request),
    ) -> (u16, Value) {
        let pairs = params.as_object().unwrap().iter();
        let pairs: Vec<String> = match method {
            Method::Get => pairs.map(|(key, value)| format!("{key}={}", value.as_str().unwrap())).collect(),
            Method::Post => Vec::new(),
        };
        let body = if method == Method::Post { params.to_string() } else { String::new() };
        let query = pairs.join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        let at = self.now.0;
        let sign = credentials().sign(&format!("{at}{}{path}{mark}{query}{body}", method.name()));
        let headers = [
            ("ACCESS-KEY", self.key.to_owned()),
            ("ACCESS-SIGN", sign),
            ("ACCESS-TIMESTAMP", at.to_string()),
            ("ACCESS-PASSPHRASE", "pass".to_owned()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let mut request = Request { method, path: path.to_owned(), query, headers, body };
        change(&mut request);
        let response = self.exchange.rest(self.now, &request);
        (response.status, serde_json::from_str(&response.body).unwrap())
    }

    fn get(&mut self, path: &str, params: &Value) -> Value {
        let (status, value) = self.ask(Method::Get, path, params, |_| {});
        assert_eq!(status, 200, "{path}: {value}");
        value["data"].clone()
    }

    fn post(&mut self, path: &str, params: &Value) -> Value {
        let (status, value) = self.ask(Method::Post, path, params, |_| {});
        assert_eq!(status, 200, "{path}: {value}");
        value["data"].clone()
    }

    /// The code of a refusal.
    fn code(&mut self, path: &str, params: &Value) -> String {
        let (status, value) = self.ask(Method::Post, path, params, |_| {});
        assert_eq!(status, 400, "{path}: {value}");
        assert!(value["data"].is_null());
        value["code"].as_str().unwrap().to_owned()
    }

    fn place(&mut self, more: &Value) -> Value {
        self.post(PLACE, &order(more))
    }
}

const PLACE: &str = "/api/v2/mix/order/place-order";
const PRODUCT: &str = "USDT-FUTURES";

fn with(mut base: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

fn order(more: &Value) -> Value {
    let base = json!({ "productType": PRODUCT, "symbol": SYMBOL, "marginMode": "crossed", "marginCoin": "USDT",
                       "size": "0.02", "side": "buy", "orderType": "market" });
    with(base, more)
}

fn about(more: &Value) -> Value {
    with(json!({ "productType": PRODUCT, "symbol": SYMBOL, "marginCoin": "USDT" }), more)
}

#[test]
fn case_70_a_request_is_checked_in_the_order_of_the_exchange() {
    let path = "/api/v2/mix/account/accounts";
    let params = json!({ "productType": PRODUCT });
    let mut raw = Raw::on(Table::new(ONE_WAY));
    let set = |name: &'static str, value: &'static str| {
        move |request: &mut Request| {
            let header = request.headers.iter_mut().find(|header| header.0 == name).unwrap();
            header.1 = value.to_owned();
        }
    };
    for (name, value, code) in [
        ("ACCESS-KEY", "", "40001"),
        ("ACCESS-SIGN", "", "40002"),
        ("ACCESS-TIMESTAMP", "", "40003"),
        ("ACCESS-PASSPHRASE", "", "40011"),
        ("ACCESS-KEY", "nobody", "40006"),
        ("ACCESS-TIMESTAMP", "noon", "40005"),
        ("ACCESS-TIMESTAMP", "1760000000", "40008"),
        ("ACCESS-SIGN", "c2lnbmVk", "40009"),
        ("ACCESS-PASSPHRASE", "word", "40012"),
    ] {
        let (status, value_told) = raw.ask(Method::Get, path, &params, set(name, value));
        assert_eq!((status, value_told["code"].as_str()), (400, Some(code)), "{name}={value}");
    }
    let demo = |request: &mut Request| request.headers.push(("PAPTRADING".to_owned(), "1".to_owned()));
    assert_eq!(raw.ask(Method::Get, path, &params, demo).1["code"], "40099");
    let tampered = |request: &mut Request| request.query.push_str("&x=1");
    assert_eq!(raw.ask(Method::Get, path, &params, tampered).1["code"], "40009");
    let (status, told) = raw.ask(Method::Get, "/api/v2/mix/account/nothing", &params, |_| {});
    assert_eq!((status, told["code"].as_str()), (404, Some("40404")));
    let unknown = json!({ "productType": PRODUCT, "symbol": "NOPEUSDT" });
    let (status, told) = raw.ask(Method::Get, "/api/v2/mix/market/ticker", &unknown, |_| {});
    assert_eq!((status, told["code"].as_str()), (400, Some("40034")));
}

#[test]
fn case_71_orders_have_the_shape_of_the_accounts_mode() {
    let mut raw = Raw::on(Table::new(HEDGE));
    assert_eq!(raw.code(PLACE, &order(&json!({}))), "40774", "a hedge order says what it does");
    raw.place(&json!({ "side": "buy", "tradeSide": "Open" }));
    raw.place(&json!({ "side": "sell", "tradeSide": "open" }));
    // Closing the long is a buy.
    raw.place(&json!({ "side": "buy", "tradeSide": "close", "size": "0.005" }));
    let held = raw.get("/api/v2/mix/position/single-position", &about(&json!({})));
    assert_eq!((held[0]["holdSide"].as_str(), held[0]["total"].as_str()), (Some("long"), Some("0.015")));
    assert_eq!((held[1]["holdSide"].as_str(), held[1]["total"].as_str()), (Some("short"), Some("0.02")));
    let fills = raw.get("/api/v2/mix/order/fills", &json!({ "productType": PRODUCT }));
    let last = &fills["fillList"][0];
    assert_eq!((last["side"].as_str(), last["tradeSide"].as_str()), (Some("buy"), Some("close")));
    assert_eq!(last["feeDetail"][0]["totalFee"], "-0.18", "what was paid is negative");
}

#[test]
fn case_72_modes_change_only_while_nothing_depends_on_them() {
    let margin = "/api/v2/mix/account/set-margin-mode";
    let mode = "/api/v2/mix/account/set-position-mode";
    let leverage = "/api/v2/mix/account/set-leverage";
    let mut raw = Raw::on(Table::new(ONE_WAY));
    raw.place(&json!({ "orderType": "limit", "price": "59000" }));
    assert_eq!(raw.code(margin, &about(&json!({ "marginMode": "isolated" }))), "45117");
    assert_eq!(raw.code(mode, &json!({ "productType": PRODUCT, "posMode": "hedge_mode" })), "40920");
    assert_eq!(raw.code(PLACE, &order(&json!({ "marginMode": "isolated" }))), "45117");
    let told = raw.post(leverage, &about(&json!({ "leverage": "20" })));
    assert_eq!(told["crossMarginLeverage"], "20");
    assert_eq!(raw.code(leverage, &about(&json!({ "leverage": "126" }))), "40797");
    let gone = raw.post("/api/v2/mix/order/cancel-all-orders", &json!({ "productType": PRODUCT }));
    assert_eq!(gone["successList"].as_array().map(Vec::len), Some(1));
    assert_eq!(raw.code("/api/v2/mix/order/cancel-all-orders", &json!({ "productType": PRODUCT })), "22001");
    raw.post(margin, &about(&json!({ "marginMode": "isolated" })));
    raw.post(mode, &json!({ "productType": PRODUCT, "posMode": "hedge_mode" }));
    let account = raw.get("/api/v2/mix/account/account", &about(&json!({})));
    assert_eq!(
        (account["posMode"].as_str(), account["marginMode"].as_str()),
        (Some("hedge_mode"), Some("isolated"))
    );
    assert_eq!(account["isolatedLongLever"], 20, "a JSON integer");
    assert_eq!(account["available"], "10000", "nothing is lost in a change");
}

#[test]
fn case_73_empty_lists_are_null_and_a_flat_account_has_no_rows() {
    let mut raw = Raw::on(Table::new(ONE_WAY));
    let product = json!({ "productType": PRODUCT });
    let pending = raw.get("/api/v2/mix/order/orders-pending", &product);
    assert_eq!(pending, json!({ "entrustedList": null, "endId": null }));
    assert_eq!(raw.get("/api/v2/mix/position/all-position", &product), json!([]));
    // A client asks for products that are no more.
    let old = json!({ "productType": "SUSDT-FUTURES" });
    assert_eq!(raw.get("/api/v2/mix/market/contracts", &old), json!([]));
    assert_eq!(raw.get("/api/v2/mix/account/accounts", &old), json!([]));
}

#[test]
fn case_74_a_new_reduction_takes_the_place_of_older_ones_and_has_no_id() {
    let mut raw = Raw::on(Table::new(ONE_WAY));
    raw.place(&json!({}));
    let reduce =
        |price: &str| json!({ "side": "sell", "reduceOnly": "YES", "orderType": "limit", "price": price });
    let first = raw.place(&reduce("61000"));
    assert!(first["orderId"].is_string());
    let second = raw.place(&with(reduce("62000"), &json!({ "clientOid": "second" })));
    assert_eq!(second, json!({ "orderId": null, "clientOid": "second" }));
    let pending = raw.get("/api/v2/mix/order/orders-pending", &json!({ "productType": PRODUCT }));
    let open = pending["entrustedList"].as_array().unwrap();
    assert_eq!((open.len(), open[0]["clientOid"].as_str()), (1, Some("second")));
    // A modification answers without the new order's id too.
    let change =
        json!({ "clientOid": "second", "newClientOid": "third", "newSize": "0.01", "newPrice": "62000" });
    assert_eq!(raw.post("/api/v2/mix/order/modify-order", &about(&change))["orderId"], Value::Null);
    let same =
        json!({ "clientOid": "third", "newClientOid": "fourth", "newSize": "0.01", "newPrice": "62000" });
    assert_eq!(raw.code("/api/v2/mix/order/modify-order", &about(&same)), "40923");
    let nameless = json!({ "clientOid": "third", "newSize": "0.01", "newPrice": "62001" });
    assert_eq!(raw.code("/api/v2/mix/order/modify-order", &about(&nameless)), "22003");
}

#[test]
fn case_75_numbers_are_checked_by_step_and_band() {
    let mut raw = Raw::on(Table::new(ONE_WAY));
    for (more, code) in [
        (json!({ "size": "0.0205" }), "22038"),
        (json!({ "size": "0" }), "43006"),
        (json!({ "size": "x" }), "40020"),
        (json!({ "orderType": "limit", "price": "59000.05" }), "45115"),
        (json!({ "orderType": "limit", "price": "-1" }), "40020"),
        (json!({ "orderType": "limit" }), "40019"),
        (json!({ "orderType": "limit", "price": "99000" }), "40815"),
        (json!({ "orderType": "limit", "price": "20000", "side": "sell" }), "40816"),
        (json!({ "orderType": "limit", "price": "3000", "size": "0.001" }), "45110"),
        (json!({ "clientOid": "spaces are bad" }), "40304"),
        (json!({ "size": "900000000000" }), "40921"),
        (json!({ "size": "1200.001" }), "40921"),
        (json!({ "size": "221" }), "40921"),
        (json!({ "orderType": "limit", "price": "100000000.1", "side": "sell" }), "40020"),
        (json!({ "productType": "COIN-FUTURES" }), "40020"),
        (json!({ "side": "hold" }), "40020"),
    ] {
        assert_eq!(raw.code(PLACE, &order(&more)), code, "{more}");
    }
    // The largest of both is only too much money.
    let most = json!({ "orderType": "limit", "price": "100000000", "side": "sell", "size": "1200" });
    assert_eq!(raw.code(PLACE, &order(&most)), "40921");
    let account = raw.get("/api/v2/mix/account/accounts", &json!({ "productType": PRODUCT }));
    assert_eq!(account[0]["available"], "10000");
    // Nor does it break anything where the engine is asked later.
    raw.exchange.set_matching(Matching::WithNextStretch);
    raw.place(&most);
    assert!(raw.exchange.is_balanced());
}

#[test]
fn case_76_bad_input_is_refused_and_nothing_breaks() {
    let mut raw = Raw::on(Table::new(ONE_WAY));
    let good =
        order(&json!({ "orderType": "limit", "price": "59000", "presetStopLossPrice": "58000" })).to_string();
    let frame = credentials().login_frame(raw.now);
    let (mut refused, at) = (0, raw.now.0);
    for cut in 0..good.len() {
        for body in [good[..cut].to_owned(), good.replace(&good[cut..(cut + 3).min(good.len())], "[9]")] {
            let signed = |request: &mut Request| {
                let prehash = format!("{at}POST{PLACE}{body}");
                request.headers[1].1 = credentials().sign(&prehash);
                request.body.clone_from(&body);
            };
            let (status, _) = raw.ask(Method::Post, PLACE, &json!({}), signed);
            refused += usize::from(status == 400);
        }
        let session = raw.exchange.connect(raw.now, mock_bitget::Generation::V2).unwrap();
        raw.exchange.hear(raw.now, session, &frame[..cut.min(frame.len() - 1)]);
        let said = raw.exchange.said(session);
        assert!(matches!(&said[..], [mock_bitget::Said::Text(text)] if text.contains("30002")), "{said:?}");
        raw.exchange.hung_up(session);
    }
    assert!(refused > good.len(), "{refused}");
    assert!(raw.exchange.is_balanced());
    let huge = json!({ "orderType": "limit", "price": "9".repeat(400), "size": "9".repeat(30) });
    assert_eq!(raw.code(PLACE, &order(&huge)), "40020");
}

#[test]
fn case_77_one_wallet_is_behind_all_symbols() {
    let instruments = vec![mock_bitget::btcusdt(), mock_bitget::ethusdt()];
    let exchange = Exchange::new(instruments, setup(ONE_WAY), START);
    let mut raw = Raw { exchange, now: START, key: "key" };
    raw.exchange.set_limited(false);
    let feed = |raw: &mut Raw, prices: [i64; 2]| {
        for (symbol, price) in ["BTCUSDT", "ETHUSDT"].into_iter().zip(prices) {
            let price = Price(price);
            let bar =
                Bar { open_time: raw.now, open: price, high: price, low: price, close: price, volume: 5.0 };
            let instrument = if symbol == "BTCUSDT" { Instrument::btcusdt() } else { mock_bitget::ethusdt() };
            let mark = MarkBar::from_basis(instrument.mark_per_tick(), &bar, Mark::ZERO);
            raw.exchange.advance(symbol, &Stretch { bar, interval: Interval::SECOND, mark, funding: None });
        }
        raw.now = raw.now + Interval::SECOND;
    };
    feed(&mut raw, [PRICE, 300_000]);
    // Each takes 6 000 of the 10 000 as margin; both together do not fit.
    raw.place(&json!({ "size": "1" }));
    assert_eq!(raw.code(PLACE, &order(&json!({ "symbol": "ETHUSDT", "size": "20" }))), "40762");
    raw.place(&json!({ "symbol": "ETHUSDT", "size": "10", "side": "sell" }));
    let account = raw.get("/api/v2/mix/account/accounts", &json!({ "productType": PRODUCT }));
    // Six basis points of 60 000 and of 30 000.
    assert_eq!(account[0]["available"], "9946");
    assert_eq!(account[0]["crossedMaxAvailable"], "946");
    feed(&mut raw, [PRICE - 5_000, 297_000]);
    let account = raw.get("/api/v2/mix/account/accounts", &json!({ "productType": PRODUCT }));
    // 500 lost on the one, 300 won on the other.
    assert_eq!(account[0]["accountEquity"], "9746");
    let closed = raw.post("/api/v2/mix/order/close-positions", &json!({ "productType": PRODUCT }));
    assert_eq!(closed["successList"].as_array().map(Vec::len), Some(2));
    // And six basis points of 59 500 and of 29 700.
    assert_eq!(raw.exchange.wallet_of("1000000001"), Some(Usd(9_692_480_000)));
    assert!(raw.exchange.is_balanced());
}

#[test]
fn case_78_money_moves_between_accounts_of_one_owner_only() {
    let file = r#"
        [[account]]
        uid = "1"
        balance_usdt = "1000"
        [[account.key]]
        key = "key"
        secret = "secret"
        passphrase = "pass"
        permissions = ["read", "transfer"]
        [[account]]
        uid = "2"
        parent = "1"
        balance_usdt = "0"
        [[account.key]]
        key = "sub"
        secret = "secret"
        passphrase = "pass"
        [[account]]
        uid = "3"
        balance_usdt = "5"
        [[account.key]]
        key = "other"
        secret = "secret"
        passphrase = "pass"
    "#;
    let exchange = Exchange::new(vec![mock_bitget::btcusdt()], Setup::from_toml(file).unwrap(), START);
    let mut raw = Raw { exchange, now: START, key: "key" };
    let path = "/api/v2/spot/wallet/subaccount-transfer";
    let sub = |to: &str, amount: &str| {
        json!({ "fromType": "usdt_futures", "toType": "usdt_futures", "amount": amount, "coin": "USDT",
                "fromUserId": "1", "toUserId": to })
    };
    raw.post(path, &sub("2", "250.5"));
    assert_eq!(raw.exchange.wallet_of("1"), Some(Usd(749_500_000)));
    assert_eq!(raw.exchange.wallet_of("2"), Some(Usd(250_500_000)));
    assert_eq!(raw.ask(Method::Post, path, &sub("3", "1"), |_| {}).0, 403);
    assert_eq!(raw.code(path, &sub("2", "750")), "43012");
    assert_eq!(raw.ask(Method::Post, PLACE, &order(&json!({})), |_| {}).0, 403, "this key may not trade");
    raw.key = "sub";
    assert_eq!(raw.ask(Method::Post, path, &sub("1", "1"), |_| {}).0, 403, "and that one may not transfer");
}

#[test]
fn case_79_a_lock_step_run_fills_with_the_next_stretch() {
    for kind in KINDS {
        let mut table = Table::new(kind);
        table.exchange.set_matching(Matching::WithNextStretch);
        table.connect();
        let entry = table.entry_with_stop(20, PRICE - 5_000, &[]);
        table.place(&entry);
        assert!(table.positions().is_empty(), "{kind:?}: taken, not filled");
        table.trade(PRICE + 50);
        assert_eq!(table.positions()[0].qty, model::Qty(20), "{kind:?}");
        assert_eq!(table.open_plans().len(), 1, "{kind:?}");
        let out = table.close_long(20, model::OrderKind::Market);
        table.place(&out);
        let more = table.order(Side::Buy, 3_000, model::OrderKind::Market);
        table.place(&more);
        table.trade(PRICE);
        assert!(table.positions().is_empty(), "{kind:?}");
        let told = table.orders.last().unwrap();
        assert!(
            matches!(told.status, venue_bitget::meaning::Status::Ended(_)),
            "{kind:?}: what the engine refuses later ends as cancelled: {told:?}"
        );
    }
}

#[test]
fn case_80_presets_bring_both_exits_along() {
    let mut raw = Raw::on(Table::new(ONE_WAY));
    raw.place(&json!({ "presetStopLossPrice": "59000", "presetStopSurplusPrice": "61000" }));
    let plans = raw.get(
        "/api/v2/mix/order/orders-plan-pending",
        &json!({ "productType": PRODUCT, "planType": "profit_loss" }),
    );
    let mut kinds: Vec<&str> = plans["entrustedList"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["planType"].as_str())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["pos_loss", "pos_profit"]);
    let held = raw.get("/api/v2/mix/position/all-position", &json!({ "productType": PRODUCT }));
    assert_eq!(
        (held[0]["stopLoss"].as_str(), held[0]["takeProfit"].as_str()),
        (Some("59000"), Some("61000"))
    );
    let mut table = Table::new(Kind { generation: Generation::V3, ..ONE_WAY });
    table.exchange.set_limited(false);
    let mut raw = Raw::on(table);
    let order = json!({ "category": PRODUCT, "symbol": SYMBOL, "qty": "0.02", "side": "buy", "orderType": "market",
                        "stopLoss": "59000", "takeProfit": "61000" });
    raw.post("/api/v3/trade/place-order", &order);
    let plans = raw.get("/api/v3/trade/unfilled-strategy-orders", &json!({ "category": PRODUCT }));
    let [both] = &plans.as_array().unwrap()[..] else { panic!("one order holds both: {plans}") };
    assert_eq!((both["stopLoss"].as_str(), both["takeProfit"].as_str()), (Some("59000"), Some("61000")));
}
