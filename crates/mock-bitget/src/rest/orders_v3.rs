//! Order endpoints of V3: place, modify, cancel, close, list.
//!
//! Sides are real, a batch is a bare list, a modified order keeps its id. Refuses what does not fit the mode of the account.

use super::pages::{Page, end_id};
use super::{Call, Endpoint, change, hold_side, margin_mode, read};
use crate::exchange::Exchange;
use crate::http::Params;
use crate::orders::{BATCH_V3_MAX, Change, Placed, price_of, qty_of};
use crate::records::{Kind, Preset};
use crate::refusal::Refusal;
use crate::reports::NewOrder;
use crate::setup::Generation::V3;
use model::{PositionMode, PositionSide, RejectReason, Side, TimeInForce};
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change(V3, "/api/v3/trade/place-order", 10, place_order),
    change(V3, "/api/v3/trade/place-batch", 5, place_batch),
    change(V3, "/api/v3/trade/modify-order", 10, modify_order),
    change(V3, "/api/v3/trade/batch-modify-order", 10, batch_modify_order),
    change(V3, "/api/v3/trade/cancel-order", 10, cancel_order),
    change(V3, "/api/v3/trade/cancel-batch", 5, cancel_batch),
    change(V3, "/api/v3/trade/cancel-symbol-order", 5, cancel_symbol_order),
    change(V3, "/api/v3/trade/close-positions", 5, close_positions),
    read(V3, "/api/v3/trade/order-info", 20, order_info),
    read(V3, "/api/v3/trade/unfilled-orders", 20, unfilled_orders),
    read(V3, "/api/v3/trade/history-orders", 20, history_orders),
    read(V3, "/api/v3/trade/fills", 20, fills),
];

/// Real side, position, and whether it closes.
pub(super) fn direction(
    exchange: &Exchange,
    user: usize,
    symbol: usize,
    params: &Params,
) -> Result<(Side, PositionSide, bool), Refusal> {
    let side = match params.need("side")? {
        "buy" => Side::Buy,
        "sell" => Side::Sell,
        _ => return Err(Refusal::parameter("side")),
    };
    let wrong_mode = || Refusal::of(V3, RejectReason::WrongPositionSide);
    match (exchange.users[user].modes[symbol].position, params.text("posSide")) {
        (PositionMode::OneWay, None) => {
            let reduces = params.text("reduceOnly").is_some_and(|word| word.eq_ignore_ascii_case("yes"));
            Ok((side, PositionSide::Net, reduces))
        }
        (PositionMode::Hedge, Some("long")) => Ok((side, PositionSide::Long, side == Side::Sell)),
        (PositionMode::Hedge, Some("short")) => Ok((side, PositionSide::Short, side == Side::Buy)),
        _ => Err(wrong_mode()),
    }
}

fn new_order(exchange: &Exchange, user: usize, params: &Params) -> Result<NewOrder, Refusal> {
    let name = params.need("symbol")?;
    let symbol = exchange.symbol_of(name).ok_or_else(|| Refusal::unknown_symbol(name))?;
    if let Some(word) = params.text("marginMode")
        && margin_mode(word)? != exchange.users[user].modes[symbol].margin
    {
        return Err(Refusal::new("25237", "the margin mode of the symbol is another"));
    }
    let (side, position_side, reduce_only) = direction(exchange, user, symbol, params)?;
    let i = exchange.listings[symbol].instrument();
    let kind = match params.need("orderType")? {
        "market" => Kind::Market,
        "limit" => {
            let tif = match params.text("timeInForce").unwrap_or("gtc") {
                "gtc" => TimeInForce::GoodTillCancelled,
                "ioc" => TimeInForce::ImmediateOrCancel,
                "fok" => TimeInForce::FillOrKill,
                "post_only" => TimeInForce::PostOnly,
                _ => return Err(Refusal::parameter("timeInForce")),
            };
            Kind::Limit { price: price_of(V3, i, params.need("price")?)?, tif }
        }
        _ => return Err(Refusal::parameter("orderType")),
    };
    let price = |key| params.text(key).map(|text| price_of(V3, i, text)).transpose();
    if params.text("tpLimitPrice").or(params.text("slLimitPrice")).is_some() {
        return Err(Refusal::new("25200", "this exchange has no limit orders behind a preset"));
    }
    Ok(NewOrder {
        symbol,
        client: params.text("clientOid").unwrap_or("").to_owned(),
        side,
        position_side,
        reduce_only,
        kind,
        qty: qty_of(V3, i, params.need("qty")?)?,
        preset: Preset { stop: price("stopLoss")?, target: price("takeProfit")? },
    })
}

fn placed(exchange: &Exchange, user: usize, placed: Placed) -> Value {
    let client = exchange.users[user].orders.get(&placed.id).map_or("", |order| order.client.as_str());
    json!({ "orderId": placed.id.to_string(), "clientOid": client })
}

fn failed(order_id: &str, client: &str, refusal: &Refusal) -> Value {
    json!({ "orderId": order_id, "clientOid": client, "code": refusal.code, "msg": refusal.message })
}

fn place_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let new = new_order(exchange, call.user, &call.params)?;
    let done = exchange.place(call.user, new)?;
    Ok(placed(exchange, call.user, done))
}

/// Rows of a batch, each of which succeeds or fails by itself.
fn batch(
    exchange: &mut Exchange,
    call: &Call,
    act: impl Fn(&mut Exchange, usize, &Params) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let rows = call.params.rows();
    if rows.is_empty() || rows.len() > BATCH_V3_MAX {
        return Err(Refusal::new("25200", "a batch has 1 to 20 orders"));
    }
    let done = rows.iter().map(|row| match act(exchange, call.user, row) {
        Ok(mut value) => {
            (value["code"], value["msg"]) = ("00000".into(), "success".into());
            value
        }
        Err(refusal) => {
            failed(row.text("orderId").unwrap_or(""), row.text("clientOid").unwrap_or(""), &refusal)
        }
    });
    Ok(done.collect())
}

fn place_batch(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    batch(exchange, call, |exchange, user, row| {
        let new = new_order(exchange, user, row)?;
        let done = exchange.place(user, new)?;
        Ok(placed(exchange, user, done))
    })
}

fn modify(exchange: &mut Exchange, user: usize, params: &Params) -> Result<Value, Refusal> {
    let id = exchange.users[user].id_of(params.text("orderId"), params.text("clientOid"));
    let order = exchange.open_order(user, id)?.clone();
    let Kind::Limit { price: old, .. } = order.kind else {
        return Err(Refusal::new("25568", "Only limit orders can be modified"));
    };
    let i = exchange.listings[order.symbol].instrument();
    let price = params.text("price").map(|text| price_of(V3, i, text)).transpose()?;
    let qty = params.text("qty").map(|text| qty_of(V3, i, text)).transpose()?;
    if price.is_none_or(|price| price == old) && qty.is_none_or(|qty| qty == order.qty) {
        return Err(Refusal::new("25571", "The order has not changed"));
    }
    let done = exchange.amend(user, order.id, Change { price, qty, preset: None });
    if done.is_err()
        && params.text("autoCancel") == Some("yes")
        && exchange.open_order(user, Some(order.id)).is_ok()
    {
        exchange.cancel(user, order.id)?;
    }
    done?;
    Ok(json!({ "orderId": order.id.to_string(), "clientOid": order.client }))
}

fn modify_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    modify(exchange, call.user, &call.params)
}

fn batch_modify_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    batch(exchange, call, modify)
}

fn cancel_one(exchange: &mut Exchange, user: usize, params: &Params) -> Result<Value, Refusal> {
    let id = exchange.users[user].id_of(params.text("orderId"), params.text("clientOid"));
    let (id, client) = exchange.open_order(user, id).map(|order| (order.id, order.client.clone()))?;
    exchange.cancel(user, id)?;
    Ok(json!({ "orderId": id.to_string(), "clientOid": client }))
}

fn cancel_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    cancel_one(exchange, call.user, &call.params)
}

fn cancel_batch(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    batch(exchange, call, cancel_one)
}

fn cancel_symbol_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let symbol = call.some_symbol(exchange)?;
    let open = exchange.users[call.user].orders.values().filter(|order| order.is_open());
    let wanted: Vec<(u64, String)> = open
        .filter(|order| symbol.is_none_or(|symbol| symbol == order.symbol))
        .map(|order| (order.id, order.client.clone()))
        .collect();
    let rows = wanted.into_iter().map(|(id, client)| match exchange.cancel(call.user, id) {
        Ok(()) => {
            json!({ "orderId": id.to_string(), "clientOid": client, "code": "00000", "msg": "success" })
        }
        Err(refusal) => failed(&id.to_string(), &client, &refusal),
    });
    let rows: Vec<Value> = rows.collect();
    Ok(json!({ "list": rows }))
}

fn close_positions(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let wanted = call.some_symbol(exchange)?;
    let mode = exchange.users[call.user].modes[0].position;
    let side = hold_side(mode, call.params.text("posSide"))?;
    let open = exchange.open_positions(call.user).into_iter().filter(|(symbol, held)| {
        wanted.is_none_or(|wanted| wanted == *symbol) && side.is_none_or(|side| side == *held)
    });
    let open: Vec<(usize, PositionSide)> = open.collect();
    if open.is_empty() {
        return Err(Refusal::of(V3, RejectReason::NothingToReduce));
    }
    let rows = open.into_iter().map(|(symbol, side)| match exchange.close_position(call.user, symbol, side) {
        Ok(id) => json!({ "orderId": id.to_string(), "clientOid": id.to_string(), "code": "00000", "msg": "success" }),
        Err(refusal) => failed("", "", &refusal),
    });
    let rows: Vec<Value> = rows.collect();
    Ok(json!({ "list": rows }))
}

fn order_info(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let owner = &exchange.users[call.user];
    let id = owner.id_of(call.params.text("orderId"), call.params.text("clientOid"));
    let order = id.and_then(|id| owner.orders.get(&id)).ok_or_else(|| Refusal::not_found(V3))?;
    Ok(exchange.order_v3(order))
}

fn listed(exchange: &Exchange, call: &Call, open: bool) -> Result<Value, Refusal> {
    let page = Page::of(&call.params, "cursor")?;
    let (symbol, owner) = (call.some_symbol(exchange)?, &exchange.users[call.user]);
    let orders = owner
        .orders
        .values()
        .rev()
        .filter(|order| order.is_open() == open && symbol.is_none_or(|symbol| symbol == order.symbol));
    let (rows, last) = page.cut(orders, |order| (order.id, order.created));
    let rows: Vec<Value> = rows.into_iter().map(|order| exchange.order_v3(order)).collect();
    Ok(json!({ "list": rows, "cursor": end_id(last) }))
}

fn unfilled_orders(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    listed(exchange, call, true)
}

fn history_orders(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    listed(exchange, call, false)
}

fn fills(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let page = Page::of(&call.params, "cursor")?;
    let symbol = call.some_symbol(exchange)?;
    let order = call.params.text("orderId");
    let fills = exchange.users[call.user].fills.iter().rev().filter(|fill| {
        symbol.is_none_or(|symbol| symbol == fill.symbol)
            && order.is_none_or(|order| order.parse() == Ok(fill.order))
    });
    let (rows, last) = page.cut(fills, |fill| (fill.id, fill.at));
    let rows: Vec<Value> = rows.into_iter().map(|fill| exchange.fill_v3(fill)).collect();
    Ok(json!({ "list": rows, "cursor": end_id(last) }))
}
