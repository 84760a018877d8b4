//! Sub-accounts over sockets: made, given a key and money, traded on by themselves, frozen.

use crate::client::{Client, Line, PLACE, address, listen, market_order};
use mock_bitget::{Exchange, Setup};
use mock_server::{Clock, Server};
use serde_json::{Value, json};

fn server(generation: &str) -> Server {
    let file = format!(
        "[[account]]\nuid = \"1\"\ngeneration = \"{generation}\"\nbalance_usdt = \"1000\"\n[[account.key]]\nkey = \"main\"\nsecret = \"s\"\npassphrase = \"p\"\npermissions = [\"read\", \"trade\", \"transfer\"]\n[[account]]\nuid = \"9\"\ngeneration = \"{generation}\"\nbalance_usdt = \"5\"\n[[account.key]]\nkey = \"stranger\"\nsecret = \"s\"\npassphrase = \"p\"\npermissions = [\"read\", \"transfer\"]\n"
    );
    let clock = Clock::new(1.0).unwrap();
    let setup = Setup::from_toml(&file).unwrap();
    let mut exchange = Exchange::generated(vec![mock_bitget::btcusdt()], setup, clock.now(), 7);
    exchange.set_limited(false);
    listen(exchange, clock)
}

/// A client of a key that was just made.
fn with_key(server: &Server, key: &Value, secret: &Value) -> Client {
    Client::with_secret(&address(server), key.as_str().unwrap(), secret.as_str().unwrap())
}

const TRANSFER: &str = "/api/v2/spot/wallet/subaccount-transfer";

#[test]
fn a_classic_account_has_classic_sub_accounts() {
    let server = server("v2");
    let mut main = Client::new(&address(&server), "main");
    let made = main.post(
        "/api/v2/user/create-virtual-subaccount",
        &json!({ "subAccountList": ["alpha", "beta", "no good"] }),
    );
    assert_eq!(made["failureList"], json!([{ "subaAccountName": "no good" }]));
    let uid = made["successList"][0]["subAccountUid"].clone();
    let key = main.post(
        "/api/v2/user/create-virtual-subaccount-apikey",
        &json!({
            "subAccountUid": uid, "passphrase": "p", "label": "alpha", "permList": ["contract_trade", "read"],
        }),
    );
    let mut sub = with_key(&server, &key["subAccountApiKey"], &key["secretKey"]);
    let order = market_order("buy", "0.01", "a").to_string();
    assert_eq!(sub.send("POST", PLACE, &order).1["code"], "40762", "it has no money yet");
    let moved = main.post(
        TRANSFER,
        &json!({
            "fromType": "usdt_futures", "toType": "usdt_futures", "amount": "400", "coin": "USDT",
            "fromUserId": "1", "toUserId": uid, "clientOid": "t1",
        }),
    );
    assert_eq!(sub.send("POST", PLACE, &order).1["code"], "00000");
    let held = "/api/v2/mix/position/all-position?productType=USDT-FUTURES";
    assert_eq!((sub.get(held).as_array().unwrap().len(), main.get(held).as_array().unwrap().len()), (1, 0));
    let assets = main.get("/api/v2/mix/account/sub-account-assets?productType=USDT-FUTURES");
    assert_eq!((assets[0]["userId"].clone(), assets.as_array().unwrap().len()), (uid.clone(), 2));
    let records = main.get("/api/v2/spot/account/transferRecords?coin=USDT&fromType=usdt_futures");
    assert_eq!((&records[0]["transferId"], &records[0]["size"]), (&moved["transferId"], &json!("400")));
    let listed = main.get("/api/v2/user/virtual-subaccount-list");
    assert_eq!(listed["subAccountList"].as_array().unwrap().len(), 2);
    let keys = main
        .get(&format!("/api/v2/user/virtual-subaccount-apikey-list?subAccountUid={}", uid.as_str().unwrap()));
    assert!(keys[0]["secretKey"].is_null() && keys[0]["subAccountApiKey"] == key["subAccountApiKey"]);
    main.post(
        "/api/v2/user/modify-virtual-subaccount",
        &json!({ "subAccountUid": uid, "permList": ["read"], "status": "freeze" }),
    );
    assert_eq!(sub.send("GET", held, "").1["code"], "40026");
    let mut line = Line::new(&server.urls().v2[1]);
    line.send(&sub.login_frame());
    assert!(line.hear().contains("30005") && line.ends());
    let both = main.post(
        "/api/v2/user/batch-create-virtual-subaccount-and-apikey",
        &json!([
            { "subAccountName": "gamma", "passphrase": "p", "permList": ["contract_trade"] },
        ]),
    );
    let mut gamma = with_key(&server, &both[0]["subAccountApiKey"], &both[0]["secretKey"]);
    assert_eq!(gamma.get(held), json!([]));
}

#[test]
fn only_the_owner_makes_and_moves() {
    let server = server("v2");
    let mut main = Client::new(&address(&server), "main");
    let both = main.post(
        "/api/v2/user/batch-create-virtual-subaccount-and-apikey",
        &json!([
            { "subAccountName": "alpha", "passphrase": "p", "permList": ["transfer"] },
        ]),
    );
    let uid = &both[0]["subAccountUid"];
    let mut sub = with_key(&server, &both[0]["subAccountApiKey"], &both[0]["secretKey"]);
    let make = json!({ "subAccountList": ["beta"] }).to_string();
    assert_eq!(sub.send("POST", "/api/v2/user/create-virtual-subaccount", &make).0, 403);
    let mut stranger = Client::new(&address(&server), "stranger");
    let key = json!({ "subAccountUid": uid, "passphrase": "p" }).to_string();
    assert_eq!(stranger.send("POST", "/api/v2/user/create-virtual-subaccount-apikey", &key).0, 403);
    let steal = json!({
        "fromType": "usdt_futures", "toType": "usdt_futures", "amount": "1", "coin": "USDT",
        "fromUserId": "1", "toUserId": "9",
    });
    assert_eq!(stranger.send("POST", TRANSFER, &steal.to_string()).0, 403);
    assert_eq!(main.send("POST", "/api/v2/user/create-virtual-subaccount", "{}").0, 400);
    for _ in 0..9 {
        main.post(
            "/api/v2/user/create-virtual-subaccount-apikey",
            &json!({ "subAccountUid": uid, "passphrase": "p" }),
        );
    }
    let (_, told) = main.send("POST", "/api/v2/user/create-virtual-subaccount-apikey", &key);
    assert!(told["msg"].as_str().unwrap().contains("at most 10 keys"), "{told}");
}

#[test]
fn a_unified_account_has_unified_ones() {
    let server = server("v3");
    let mut main = Client::new(&address(&server), "main");
    let made = main.post("/api/v3/user/create-sub", &json!({ "username": "alpha" }));
    let uid = made["subUid"].clone();
    let key = main.post("/api/v3/user/create-sub-api", &json!({
        "subUid": uid, "note": "n", "type": "read_write", "passphrase": "p", "permissions": ["uta_mgt", "uta_trade", "transfer"],
    }));
    let mut sub = with_key(&server, &key["apiKey"], &key["secret"]);
    let give = json!({
        "fromType": "uta", "toType": "uta", "amount": "300", "coin": "USDT", "fromUserId": "1", "toUserId": uid,
    });
    main.post("/api/v3/account/sub-transfer", &give);
    let order = json!({
        "category": "USDT-FUTURES", "symbol": "BTCUSDT", "qty": "0.01", "side": "buy", "orderType": "market",
    });
    sub.post("/api/v3/trade/place-order", &order);
    let held = "/api/v3/position/current-position?category=USDT-FUTURES";
    assert!(sub.get(held)["list"].is_array() && main.get(held)["list"].is_null());
    sub.post(
        "/api/v3/account/sub-master-transfer",
        &json!({ "fromType": "uta", "toType": "uta", "amount": "50", "coin": "USDT" }),
    );
    let records = main.get("/api/v3/account/sub-transfer-record");
    assert_eq!(records["items"].as_array().unwrap().len(), 2);
    assert_eq!(main.get("/api/v3/account/max-transferable?coin=USDT")["maxTransfer"], "750");
    let assets = main.get("/api/v3/account/sub-unified-assets");
    assert_eq!(assets[0]["subUid"], uid);
    main.post("/api/v3/user/freeze-sub", &json!({ "subUid": uid, "operation": "freeze" }));
    assert_eq!(sub.send("GET", held, "").1["code"], "40026");
    assert_eq!(main.get("/api/v3/user/sub-list")["list"][0]["status"], "freeze");
    main.post("/api/v3/user/freeze-sub", &json!({ "subUid": uid, "operation": "unfreeze" }));
    main.post("/api/v3/user/update-sub-api", &json!({ "apiKey": key["apiKey"], "permissions": ["uta_mgt"] }));
    assert_eq!(
        sub.send("POST", "/api/v3/trade/place-order", &order.to_string()).0,
        403,
        "it may only look now"
    );
    main.post("/api/v3/user/delete-sub-api", &json!({ "apiKey": key["apiKey"] }));
    assert_eq!(sub.send("GET", held, "").1["code"], "40006");
    let keys = main.get(&format!("/api/v3/user/sub-api-list?subUid={}", uid.as_str().unwrap()));
    assert_eq!(keys["items"], json!([]));
}

#[test]
fn what_a_strangers_bot_asks_besides_is_answered() {
    let server = server("v2");
    let mut main = Client::new(&address(&server), "main");
    main.post(PLACE, &market_order("buy", "0.01", "a"));
    for (target, field) in [
        (
            "/api/v2/mix/account/open-count?symbol=BTCUSDT&productType=USDT-FUTURES&marginCoin=USDT&openAmount=100&openPrice=50000&leverage=10",
            "size",
        ),
        (
            "/api/v2/mix/account/max-open?symbol=BTCUSDT&productType=USDT-FUTURES&marginCoin=USDT&posSide=long&orderType=market",
            "maxOpen",
        ),
    ] {
        let told = main.get(target);
        let size: f64 = told[field].as_str().unwrap().parse().unwrap();
        assert!(size > 0.0 && size < 10.0, "{target}: {told}");
    }
    let size = main.get("/api/v2/mix/account/open-count?symbol=BTCUSDT&productType=USDT-FUTURES&marginCoin=USDT&openAmount=100&openPrice=50000&leverage=10");
    assert_eq!(size["size"], "0.02", "100 at tenfold leverage and 50 000");
    let modes = main.get("/api/v2/mix/account/isolated-symbols?productType=USDT-FUTURES");
    assert_eq!(modes[0]["marginMode"], "crossed");
    for empty in [
        "/api/v2/spot/public/symbols",
        "/api/v2/spot/public/coins",
        "/api/v2/spot/market/tickers",
        "/api/v2/margin/currencies",
    ] {
        assert_eq!(main.get(empty), json!([]), "{empty}");
    }
    let limits = main.get("/api/v2/mix/market/oi-limit?productType=USDT-FUTURES&symbol=BTCUSDT");
    assert_eq!(limits, main.get("/api/v3/market/oi-limit?category=USDT-FUTURES&symbol=BTCUSDT"));
    assert_eq!(limits[0]["symbol"], "BTCUSDT");
    main.post("/api/v2/mix/order/click-backhand", &json!({
        "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT", "side": "buy", "clientOid": "turn",
    }));
    let held = main.get("/api/v2/mix/position/all-position?productType=USDT-FUTURES");
    assert_eq!((&held[0]["holdSide"], &held[0]["total"]), (&json!("short"), &json!("0.01")));
    assert_eq!(
        main.get("/api/v2/spot/wallet/transfer-coin-info?fromType=spot&toType=usdt_futures"),
        json!(["USDT"])
    );
    assert_eq!(main.get("/api/v2/spot/account/assets")[0]["available"], "0");
}
