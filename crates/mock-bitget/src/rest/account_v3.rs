//! Account and position endpoints of V3.

use super::pages::{Page, end_id};
use super::{Call, Endpoint, change, hold_side, leverage, margin_mode, position_mode, read};
use crate::exchange::Exchange;
use crate::orders::{LIMIT_QTY_MAX, openable};
use crate::records::Hold;
use crate::refusal::Refusal;
use crate::rows::{margin_word, position_mode_word};
use crate::setup::{Generation::V3, Permission};
use crate::text;
use model::Usd;
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read(V3, "/api/v3/account/settings", 20, settings),
    read(V3, "/api/v3/account/info", 1, info),
    read(V3, "/api/v3/account/assets", 20, assets),
    read(V3, "/api/v3/account/funding-assets", 20, funding_assets),
    change(V3, "/api/v3/account/set-leverage", 10, set_leverage),
    change(V3, "/api/v3/account/set-hold-mode", 10, set_hold_mode),
    read(V3, "/api/v3/account/fee-rate", 3, fee_rate),
    read(V3, "/api/v3/account/financial-records", 20, financial_records),
    change(V3, "/api/v3/account/max-open-available", 5, max_open_available),
    read(V3, "/api/v3/account/open-interest-limit", 20, open_interest_limit),
    read(V3, "/api/v3/account/switch-status", 5, switch_status),
    read(V3, "/api/v3/position/current-position", 20, current_position),
    read(V3, "/api/v3/position/history-position", 20, history_position),
    read(V3, "/api/v3/position/adlRank", 1, adl_rank),
];

fn settings(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let user = &exchange.users[call.user];
    let symbols = user.modes.iter().enumerate().map(|(symbol, mode)| {
        json!({
            "category": "USDT-FUTURES",
            "symbol": exchange.name(symbol),
            "marginMode": margin_word(mode.margin),
            "leverage": mode.leverage.to_string(),
        })
    });
    Ok(json!({
        "uid": user.setup.uid,
        "accountMode": "unified",
        "assetMode": "multi_assets",
        "accountLevel": "advanced",
        "holdMode": position_mode_word(user.modes[0].position),
        "stpMode": "none",
        "symbolConfigList": symbols.collect::<Vec<Value>>(),
        "coinConfigList": [{ "coin": "USDT", "leverage": "1" }],
    }))
}

fn info(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let setup = &exchange.users[call.user].setup;
    let key = &setup.keys[call.key];
    let words = key.permissions.iter().map(|permission| match permission {
        Permission::Read => "uta_mgt",
        Permission::Trade => "uta_trade",
        Permission::Transfer => "transfer",
        Permission::Withdraw => "withdraw",
    });
    let writes = key.permissions.contains(&Permission::Trade);
    Ok(json!({
        "userId": setup.uid,
        "inviterId": "",
        "parentId": setup.parent.as_deref().unwrap_or(""),
        "channelCode": "",
        "channel": "",
        "ips": key.ips,
        "permType": if writes { "read-and-write" } else { "read_only" },
        "permissions": words.collect::<Vec<&str>>(),
        "regisTime": "1704067200000",
    }))
}

fn assets(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    Ok(exchange.assets_v3(call.user))
}

fn funding_assets(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let spot = text::usd(exchange.users[call.user].spot);
    Ok(json!([{ "coin": "USDT", "available": spot, "frozen": "0", "balance": spot }]))
}

fn set_leverage(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let symbol = call.symbol(exchange)?;
    if let Some(word) = call.params.text("marginMode") {
        exchange.set_margin_mode(call.user, symbol, margin_mode(word)?)?;
    }
    exchange.set_leverage(call.user, symbol, leverage(call.params.need("leverage")?)?)?;
    Ok("success".into())
}

fn set_hold_mode(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    exchange.set_position_mode(call.user, position_mode(call.params.need("holdMode")?)?)?;
    Ok("success".into())
}

fn fee_rate(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let fees = exchange.listings[call.symbol(exchange)?].instrument().fees;
    Ok(json!({ "makerFeeRate": text::rate(fees.maker), "takerFeeRate": text::rate(fees.taker) }))
}

fn financial_records(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let page = Page::of(&call.params, "cursor")?;
    let kind = call.params.text("type");
    let bills = exchange.users[call.user]
        .bills
        .iter()
        .rev()
        .filter(|bill| kind.is_none_or(|kind| exchange.bill_v3(bill)["type"].as_str() == Some(kind)));
    let (rows, last) = page.cut(bills, |bill| (bill.id, bill.at));
    let rows: Vec<Value> = rows.into_iter().map(|bill| exchange.bill_v3(bill)).collect();
    Ok(json!({ "list": rows, "cursor": end_id(last) }))
}

fn max_open_available(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let symbol = call.symbol(exchange)?;
    let (free, leverage) =
        (exchange.free(call.user).max(Usd::ZERO), exchange.users[call.user].modes[symbol].leverage);
    let listing = &exchange.listings[symbol];
    let i = listing.instrument();
    let most = text::qty(i, openable(i, free, listing.tape.last(), leverage));
    Ok(json!({
        "available": text::usd(free),
        "maxOpen": most,
        "buyOpenCost": "",
        "sellOpenCost": "",
        "maxBuyOpen": most,
        "maxSellOpen": most,
        "maxBuyAvailable": "",
        "maxSellAvailable": "",
    }))
}

/// The same for everybody: the largest order.
fn open_interest_limit(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let symbol = call.symbol(exchange)?;
    let most = text::qty(exchange.listings[symbol].instrument(), LIMIT_QTY_MAX);
    Ok(json!({
        "symbol": exchange.name(symbol), "singleUserLimit": most, "masterSubLimit": most, "marketMakerLimit": "0",
    }))
}

/// Nobody goes back to the classic account here.
fn switch_status(_: &mut Exchange, _: &Call) -> Result<Value, Refusal> {
    Ok(json!({ "status": "fail", "reason": "upgrade_disabled" }))
}

fn current_position(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    if !call.is_traded_product("category")? {
        return Ok(json!({ "list": Value::Null }));
    }
    let wanted = call.some_symbol(exchange)?;
    let mode = exchange.users[call.user].modes[0].position;
    let side = hold_side(mode, call.params.text("posSide"))?;
    let open = exchange.open_positions(call.user).into_iter().filter(|(symbol, held)| {
        wanted.is_none_or(|wanted| wanted == *symbol) && side.is_none_or(|side| side == *held)
    });
    let rows: Vec<Value> = open.map(|(symbol, side)| exchange.position_v3(call.user, symbol, side)).collect();
    Ok(json!({ "list": if rows.is_empty() { Value::Null } else { rows.into() } }))
}

fn history_position(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let page = Page::of(&call.params, "cursor")?;
    let wanted = call.some_symbol(exchange)?;
    let ended = exchange.users[call.user].ended.iter().rev();
    let ended = ended.filter(|ended| wanted.is_none_or(|wanted| wanted == ended.symbol));
    let (rows, last) = page.cut(ended, |ended| (ended.holding.id, ended.holding.updated));
    let rows: Vec<Value> = rows.into_iter().map(|ended| exchange.ended_v3(ended)).collect();
    Ok(json!({ "list": rows, "cursor": end_id(last) }))
}

fn adl_rank(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let open = exchange.open_positions(call.user).into_iter();
    let rows = open.map(|(symbol, side)| {
        let holding = exchange.users[call.user].holdings[symbol][crate::user::line(side)];
        let word = Hold::of(holding.position.qty).word();
        json!({ "symbol": exchange.name(symbol), "marginCoin": "USDT", "adlRank": "0.0009", "holdSide": word })
    });
    Ok(rows.collect())
}
