//! Account and position endpoints of V2.

use super::pages::{Page, end_id};
use super::{Call, Endpoint, anyhow_read, change, leverage, margin_mode, position_mode, read};
use crate::exchange::Exchange;
use crate::orders::{openable, price_of};
use crate::records::BillKind;
use crate::records::Hold;
use crate::refusal::Refusal;
use crate::rows::{margin_word, position_mode_word};
use crate::setup::{Generation::V2, Permission};
use crate::text;
use model::{Decimal, MarginMode, Usd};
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read(V2, "/api/v2/mix/account/accounts", 10, accounts),
    read(V2, "/api/v2/mix/account/account", 10, account),
    change(V2, "/api/v2/mix/account/set-leverage", 5, set_leverage),
    change(V2, "/api/v2/mix/account/set-all-leverage", 5, set_all_leverage),
    change(V2, "/api/v2/mix/account/set-margin-mode", 5, set_margin_mode),
    change(V2, "/api/v2/mix/account/set-position-mode", 5, set_position_mode),
    change(V2, "/api/v2/mix/account/set-asset-mode", 2, set_asset_mode),
    read(V2, "/api/v2/mix/account/open-count", 10, open_count),
    read(V2, "/api/v2/mix/account/max-open", 20, max_open),
    read(V2, "/api/v2/mix/account/isolated-symbols", 10, isolated_symbols),
    read(V2, "/api/v2/mix/account/bill", 10, bill),
    read(V2, "/api/v2/mix/position/all-position", 5, all_position),
    read(V2, "/api/v2/mix/position/single-position", 10, single_position),
    read(V2, "/api/v2/mix/position/history-position", 20, history_position),
    read(V2, "/api/v2/mix/position/adlRank", 5, adl_rank),
    read(V2, "/api/v2/common/trade-rate", 10, trade_rate),
    anyhow_read("/api/v2/spot/account/info", 1, key_info),
];

fn accounts(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    if !call.is_traded_product("productType")? {
        return Ok(json!([]));
    }
    Ok(json!([exchange.account_v2(call.user)]))
}

fn account(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let mode = exchange.users[call.user].modes[symbol];
    let mut row = exchange.account_v2(call.user);
    // JSON integers, on this endpoint alone.
    row["crossedMarginLeverage"] = mode.leverage.into();
    row["isolatedLongLever"] = mode.leverage.into();
    row["isolatedShortLever"] = mode.leverage.into();
    row["marginMode"] = margin_word(mode.margin).into();
    row["posMode"] = position_mode_word(mode.position).into();
    Ok(row)
}

fn setting(exchange: &Exchange, user: usize, symbol: usize) -> Value {
    let mode = exchange.users[user].modes[symbol];
    let leverage = mode.leverage.to_string();
    let mut row = json!({
        "symbol": exchange.name(symbol),
        "marginCoin": "USDT",
        "longLeverage": leverage,
        "shortLeverage": leverage,
        "marginMode": margin_word(mode.margin),
    });
    if mode.margin == MarginMode::Cross {
        row["crossMarginLeverage"] = leverage.into();
    }
    row
}

fn set_leverage(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let params = &call.params;
    let (long, short) = (params.text("longLeverage"), params.text("shortLeverage"));
    if long.is_some() && short.is_some() && long != short {
        return Err(Refusal::new("40020", "this exchange has one leverage for both sides of a symbol"));
    }
    let wanted = params.text("leverage").or(long).or(short);
    let wanted = wanted.ok_or_else(|| Refusal::new("40019", "Parameter leverage cannot be empty"))?;
    exchange.set_leverage(call.user, symbol, leverage(wanted)?)?;
    Ok(setting(exchange, call.user, symbol))
}

fn set_all_leverage(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let wanted = leverage(call.params.need("leverage")?)?;
    for symbol in 0..exchange.listings.len() {
        let most = exchange.listings[symbol].instrument().leverage_max;
        exchange.set_leverage(call.user, symbol, wanted.min(most))?;
    }
    Ok("success".into())
}

fn set_margin_mode(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    exchange.set_margin_mode(call.user, symbol, margin_mode(call.params.need("marginMode")?)?)?;
    let mut row = setting(exchange, call.user, symbol);
    row.as_object_mut().expect("a row is an object").remove("crossMarginLeverage");
    Ok(row)
}

fn set_position_mode(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let mode = position_mode(call.params.need("posMode")?)?;
    exchange.set_position_mode(call.user, mode)?;
    Ok(json!({ "posMode": position_mode_word(mode) }))
}

fn set_asset_mode(_: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    match call.params.need("assetMode")? {
        "single" => Ok("success".into()),
        _ => Err(Refusal::new("40020", "this exchange has accounts in one asset only")),
    }
}

/// What could be opened with an amount of money at a price.
fn open_count(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let own = exchange.users[call.user].modes[symbol].leverage;
    let wanted = call.params.text("leverage").map(leverage).transpose()?.unwrap_or(own);
    let i = exchange.listings[symbol].instrument().clone();
    let price = price_of(V2, &i, call.params.need("openPrice")?)?;
    let amount = Decimal::parse(call.params.need("openAmount")?).and_then(|decimal| decimal.scaled(6));
    let amount = amount.map(Usd).map_err(|_| Refusal::parameter("openAmount"))?;
    Ok(json!({ "size": text::qty(&i, openable(&i, amount, price, wanted)) }))
}

/// What could be opened with all that is free.
fn max_open(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let i = exchange.listings[symbol].instrument().clone();
    let last = exchange.listings[symbol].tape.last();
    let price = call.params.text("openPrice").map(|price| price_of(V2, &i, price)).transpose()?;
    let (free, own) = (exchange.free(call.user), exchange.users[call.user].modes[symbol].leverage);
    Ok(json!({ "maxOpen": text::qty(&i, openable(&i, free, price.unwrap_or(last), own)) }))
}

fn isolated_symbols(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let modes = exchange.users[call.user].modes.iter().enumerate();
    let rows = modes.map(
        |(symbol, mode)| json!({ "symbol": exchange.name(symbol), "marginMode": margin_word(mode.margin) }),
    );
    Ok(rows.collect())
}

fn bill(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let page = Page::of(&call.params, "idLessThan")?;
    let only_funding = call.params.text("onlyFunding") == Some("yes");
    let kind = call.params.text("businessType");
    let bills = exchange.users[call.user].bills.iter().rev().filter(|bill| {
        let word = exchange.bill_v2(bill)["businessType"].as_str().map(str::to_owned);
        kind.is_none_or(|kind| word.as_deref() == Some(kind))
            && (!only_funding || bill.kind == BillKind::Funding)
    });
    let (rows, last) = page.cut(bills, |bill| (bill.id, bill.at));
    let rows: Vec<Value> = rows.into_iter().map(|bill| exchange.bill_v2(bill)).collect();
    Ok(json!({ "bills": rows, "endId": end_id(last) }))
}

fn all_position(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    if !call.is_traded_product("productType")? {
        return Ok(json!([]));
    }
    let open = exchange.open_positions(call.user).into_iter();
    Ok(open.map(|(symbol, side)| exchange.position_v2(call.user, symbol, side)).collect())
}

fn single_position(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let wanted = call.symbol(exchange)?;
    let open = exchange.open_positions(call.user).into_iter().filter(|(symbol, _)| *symbol == wanted);
    Ok(open.map(|(symbol, side)| exchange.position_v2(call.user, symbol, side)).collect())
}

fn history_position(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let page = Page::of(&call.params, "idLessThan")?;
    let wanted = call.some_symbol(exchange)?;
    let ended = exchange.users[call.user].ended.iter().rev();
    let ended = ended.filter(|ended| wanted.is_none_or(|wanted| wanted == ended.symbol));
    let (rows, last) = page.cut(ended, |ended| (ended.holding.id, ended.holding.updated));
    let rows: Vec<Value> = rows.into_iter().map(|ended| exchange.ended_v2(ended)).collect();
    Ok(json!({ "list": rows, "endId": end_id(last) }))
}

fn adl_rank(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let open = exchange.open_positions(call.user).into_iter();
    let rows = open.map(|(symbol, side)| {
        let holding = exchange.users[call.user].holdings[symbol][crate::user::line(side)];
        json!({
            "symbol": exchange.name(symbol),
            "marginCoin": "USDT",
            "holdSide": Hold::of(holding.position.qty).word(),
            "rank": "1",
            "adlRank": "0.0009",
        })
    });
    Ok(rows.collect())
}

fn trade_rate(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let fees = exchange.listings[call.symbol(exchange)?].instrument().fees;
    Ok(json!({ "makerFeeRate": text::rate(fees.maker), "takerFeeRate": text::rate(fees.taker) }))
}

/// The permissions of a key in the old words: market, then `r` or `w`.
fn key_info(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let setup = &exchange.users[call.user].setup;
    let key = &setup.keys[call.key];
    let words = key.permissions.iter().map(|permission| match permission {
        Permission::Read => "coor",
        Permission::Trade => "coow",
        Permission::Transfer => "wtow",
        Permission::Withdraw => "withdraw",
    });
    Ok(json!({
        "userId": setup.uid,
        "inviterId": "",
        "channelCode": "",
        "channel": "",
        "ips": key.ips,
        "authorities": words.collect::<Vec<&str>>(),
        "parentId": setup.parent.as_deref().unwrap_or("0"),
        "traderType": "not_trader",
        "regisTime": "1704067200000",
    }))
}
