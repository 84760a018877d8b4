//! Order endpoints of V2: place, modify, cancel, close, list.
//!
//! `side` is the position in hedge mode, a batch fails row by row, a modified order is another one. Refuses what does not
//! fit the mode of the account.

use super::pages::{Page, end_id};
use super::{Call, Endpoint, change, hold_side, margin_mode, read};
use crate::exchange::Exchange;
use crate::http::Params;
use crate::orders::{BATCH_V2_MAX, Change, Placed, check_client, price_of, qty_of};
use crate::records::{Fill, Kind, Order, Preset};
use crate::refusal::Refusal;
use crate::reports::NewOrder;
use crate::rows::v2::{Told, status_word};
use crate::setup::Generation::V2;
use model::{PositionMode, PositionSide, RejectReason, Side, TimeInForce};
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change(V2, "/api/v2/mix/order/place-order", 10, place_order),
    change(V2, "/api/v2/mix/order/batch-place-order", 5, batch_place_order),
    change(V2, "/api/v2/mix/order/modify-order", 10, modify_order),
    change(V2, "/api/v2/mix/order/cancel-order", 10, cancel_order),
    change(V2, "/api/v2/mix/order/batch-cancel-orders", 10, batch_cancel_orders),
    change(V2, "/api/v2/mix/order/cancel-all-orders", 10, cancel_all_orders),
    change(V2, "/api/v2/mix/order/close-positions", 1, close_positions),
    change(V2, "/api/v2/mix/order/click-backhand", 10, click_backhand),
    read(V2, "/api/v2/mix/order/detail", 10, detail),
    read(V2, "/api/v2/mix/order/orders-pending", 10, orders_pending),
    read(V2, "/api/v2/mix/order/orders-history", 10, orders_history),
    read(V2, "/api/v2/mix/order/fills", 10, fills),
    read(V2, "/api/v2/mix/order/fill-history", 10, fill_history),
];

/// What `side` and its companions mean in an account's mode: real side, position, whether it closes.
pub(super) fn direction(
    exchange: &Exchange,
    user: usize,
    symbol: usize,
    params: &Params,
) -> Result<(Side, PositionSide, bool), Refusal> {
    let word = params.need("side")?;
    let side = if word.eq_ignore_ascii_case("buy") {
        Side::Buy
    } else if word.eq_ignore_ascii_case("sell") {
        Side::Sell
    } else {
        return Err(Refusal::parameter("side"));
    };
    if exchange.users[user].modes[symbol].position == PositionMode::OneWay {
        let reduces = params.text("reduceOnly").is_some_and(|word| word.eq_ignore_ascii_case("yes"));
        return Ok((side, PositionSide::Net, reduces));
    }
    let wrong_mode = || Refusal::of(V2, RejectReason::WrongPositionSide);
    let closes = match params.text("tradeSide").map(str::to_ascii_lowercase).as_deref() {
        Some("open") => false,
        Some("close") => true,
        Some(_) => return Err(Refusal::parameter("tradeSide")),
        None => return Err(wrong_mode()),
    };
    // The side is the position's, whatever is done to it.
    let position_side = if side == Side::Buy { PositionSide::Long } else { PositionSide::Short };
    Ok((if closes { side.opposite() } else { side }, position_side, closes))
}

pub(super) fn kind(exchange: &Exchange, symbol: usize, params: &Params) -> Result<Kind, Refusal> {
    let i = exchange.listings[symbol].instrument();
    match params.need("orderType")? {
        "market" => Ok(Kind::Market),
        "limit" => {
            let force = params.text("force").unwrap_or("gtc").to_ascii_lowercase();
            let tif = match force.as_str() {
                "gtc" | "normal" => TimeInForce::GoodTillCancelled,
                "ioc" => TimeInForce::ImmediateOrCancel,
                "fok" => TimeInForce::FillOrKill,
                "post_only" => TimeInForce::PostOnly,
                _ => return Err(Refusal::parameter("force")),
            };
            Ok(Kind::Limit { price: price_of(V2, i, params.need("price")?)?, tif })
        }
        _ => Err(Refusal::parameter("orderType")),
    }
}

/// A margin mode that is not the symbol's is refused: it cannot be switched by an order.
pub(super) fn check_margin(
    exchange: &Exchange,
    user: usize,
    symbol: usize,
    params: &Params,
) -> Result<(), Refusal> {
    if margin_mode(params.need("marginMode")?)? == exchange.users[user].modes[symbol].margin {
        Ok(())
    } else {
        Err(Refusal::new(
            "45117",
            "Currently the margin mode of the symbol is another and cannot be adjusted",
        ))
    }
}

fn new_order(exchange: &Exchange, user: usize, params: &Params) -> Result<NewOrder, Refusal> {
    let name = params.need("symbol")?;
    let symbol = exchange.symbol_of(name).ok_or_else(|| Refusal::unknown_symbol(name))?;
    check_margin(exchange, user, symbol, params)?;
    let (side, position_side, reduce_only) = direction(exchange, user, symbol, params)?;
    let i = exchange.listings[symbol].instrument();
    let price = |key| params.text(key).map(|text| price_of(V2, i, text)).transpose();
    if params.text("presetStopLossExecutePrice").or(params.text("presetStopSurplusExecutePrice")).is_some() {
        return Err(Refusal::new("40020", "this exchange has no limit orders behind a preset"));
    }
    Ok(NewOrder {
        symbol,
        client: params.text("clientOid").unwrap_or("").to_owned(),
        side,
        position_side,
        reduce_only,
        kind: kind(exchange, symbol, params)?,
        qty: qty_of(V2, i, params.need("size")?)?,
        preset: Preset { stop: price("presetStopLossPrice")?, target: price("presetStopSurplusPrice")? },
    })
}

/// An order is called by the client's name for it, or by the one it was given.
pub(super) fn placed(exchange: &Exchange, user: usize, placed: Placed) -> Value {
    let client = exchange.users[user].orders.get(&placed.id).map_or("", |order| order.client.as_str());
    let id = if placed.replaced { Value::Null } else { placed.id.to_string().into() };
    json!({ "clientOid": client, "orderId": id })
}

fn place_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let new = new_order(exchange, call.user, &call.params)?;
    let done = exchange.place(call.user, new)?;
    Ok(placed(exchange, call.user, done))
}

/// Both lists of a batch.
pub(super) fn lists(done: Vec<Value>, failed: Vec<Value>) -> Value {
    json!({ "successList": done, "failureList": failed })
}

pub(super) fn failure(order_id: &str, client: &str, refusal: &Refusal) -> Value {
    json!({ "orderId": order_id, "clientOid": client, "errorMsg": refusal.message, "errorCode": refusal.code })
}

fn batch_place_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let rows = call.params.list("orderList")?.unwrap_or_default();
    if rows.is_empty() || rows.len() > BATCH_V2_MAX {
        return Err(Refusal::parameter("orderList"));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for row in &rows {
        let row = row.over(&call.params);
        let new = new_order(exchange, call.user, &row);
        match new.and_then(|new| exchange.place(call.user, new)) {
            Ok(one) => done.push(placed(exchange, call.user, one)),
            Err(refusal) => failed.push(failure("", row.text("clientOid").unwrap_or(""), &refusal)),
        }
    }
    Ok(lists(done, failed))
}

fn modify_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let (user, params) = (call.user, &call.params);
    let symbol = call.symbol(exchange)?;
    let client =
        params.text("newClientOid").ok_or_else(|| Refusal::new("22003", "newClientOid cannot be empty"))?;
    let id = exchange.users[user].id_of(params.text("orderId"), params.text("clientOid"));
    let order = exchange.open_order(user, id)?.clone();
    let i = exchange.listings[symbol].instrument();
    let preset = |key, old| match params.text(key) {
        None => Ok(old),
        // A zero takes it away.
        Some("0") => Ok(None),
        Some(text) => price_of(V2, i, text).map(Some),
    };
    let wanted = Preset {
        stop: preset("newPresetStopLossPrice", order.preset.stop)?,
        target: preset("newPresetStopSurplusPrice", order.preset.target)?,
    };
    let price = params.text("newPrice").map(|text| price_of(V2, i, text)).transpose()?;
    let qty = params.text("newSize").map(|text| qty_of(V2, i, text)).transpose()?;
    if price.is_some() != qty.is_some() {
        return Err(Refusal::new("40017", "Parameter verification failed: newSize and newPrice go together"));
    }
    let change = Change { price, qty, preset: Some(wanted) };
    if price.is_none() {
        if wanted == order.preset {
            return Err(Refusal::new("40923", "Order size and price have not changed"));
        }
        check_client(V2, client)?;
        exchange.amend(user, order.id, change)?;
        return Ok(json!({ "orderId": order.id.to_string(), "clientOid": order.client }));
    }
    // A new order takes its place, under an id the reply does not know.
    exchange.replace(user, order.id, client, change)?;
    Ok(json!({ "orderId": Value::Null, "clientOid": client }))
}

fn cancel_one(exchange: &mut Exchange, user: usize, params: &Params) -> Result<Value, Refusal> {
    let id = exchange.users[user].id_of(params.text("orderId"), params.text("clientOid"));
    let (id, client) = exchange.open_order(user, id).map(|order| (order.id, order.client.clone()))?;
    exchange.cancel(user, id)?;
    Ok(json!({ "orderId": id.to_string(), "clientOid": client }))
}

fn cancel_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    call.symbol(exchange)?;
    cancel_one(exchange, call.user, &call.params)
}

/// All open orders, of one symbol or of all.
fn cancel_every(exchange: &mut Exchange, user: usize, symbol: Option<usize>) -> (Vec<Value>, Vec<Value>) {
    let open = exchange.users[user].orders.values().filter(|order| order.is_open());
    let wanted: Vec<(u64, String)> = open
        .filter(|order| symbol.is_none_or(|symbol| symbol == order.symbol))
        .map(|order| (order.id, order.client.clone()))
        .collect();
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (id, client) in wanted {
        match exchange.cancel(user, id) {
            Ok(()) => done.push(json!({ "orderId": id.to_string(), "clientOid": client })),
            Err(refusal) => failed.push(failure(&id.to_string(), &client, &refusal)),
        }
    }
    (done, failed)
}

fn batch_cancel_orders(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let (user, wanted) = (call.user, call.params.list("orderIdList")?);
    let Some(rows) = wanted.filter(|rows| !rows.is_empty()) else {
        let symbol = call.some_symbol(exchange)?;
        let (done, failed) = cancel_every(exchange, user, symbol);
        return Ok(lists(done, failed));
    };
    call.symbol(exchange)?;
    if rows.len() > BATCH_V2_MAX {
        return Err(Refusal::parameter("orderIdList"));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for row in &rows {
        match cancel_one(exchange, user, row) {
            Ok(value) => done.push(value),
            Err(refusal) => {
                let (id, client) = (row.text("orderId").unwrap_or(""), row.text("clientOid").unwrap_or(""));
                failed.push(failure(id, client, &refusal));
            }
        }
    }
    Ok(lists(done, failed))
}

fn cancel_all_orders(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let (done, failed) = cancel_every(exchange, call.user, None);
    if done.is_empty() && failed.is_empty() {
        return Err(Refusal::new("22001", "No order to cancel"));
    }
    Ok(lists(done, failed))
}

fn close_positions(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let wanted = call.some_symbol(exchange)?;
    let mode = exchange.users[call.user].modes[0].position;
    let side = hold_side(mode, call.params.text("holdSide"))?;
    let open = exchange.open_positions(call.user).into_iter().filter(|(symbol, held)| {
        wanted.is_none_or(|wanted| wanted == *symbol) && side.is_none_or(|side| side == *held)
    });
    let open: Vec<(usize, PositionSide)> = open.collect();
    if open.is_empty() {
        return Err(Refusal::of(V2, RejectReason::NothingToReduce));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (symbol, side) in open {
        match exchange.close_position(call.user, symbol, side) {
            Ok(id) => done.push(json!({
                "orderId": id.to_string(), "clientOid": id.to_string(), "symbol": exchange.name(symbol),
            })),
            Err(refusal) => failed.push(failure("", "", &refusal)),
        }
    }
    Ok(lists(done, failed))
}

/// Turns a position round; in hedge mode `side` says which, as it does everywhere there.
fn click_backhand(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let mode = exchange.users[call.user].modes[symbol].position;
    let side = hold_side(mode, Some(call.params.need("side")?))?.ok_or_else(|| Refusal::parameter("side"))?;
    let client = call.params.text("clientOid").unwrap_or("");
    let done = exchange.reverse(call.user, symbol, side, client)?;
    Ok(placed(exchange, call.user, done))
}

fn detail(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    call.symbol(exchange)?;
    let owner = &exchange.users[call.user];
    let id = owner.id_of(call.params.text("orderId"), call.params.text("clientOid"));
    let order = id.and_then(|id| owner.orders.get(&id));
    let order = order.ok_or_else(|| Refusal::new("40109", "The data of the order cannot be found"))?;
    Ok(exchange.order_v2(order, Told::InDetail))
}

/// A page of orders, open or ended; `null` where it is empty.
fn listed(exchange: &Exchange, call: &Call, open: bool) -> Result<Value, Refusal> {
    let page = Page::of(&call.params, "idLessThan")?;
    if !call.is_traded_product("productType")? {
        return Ok(json!({ "entrustedList": Value::Null, "endId": Value::Null }));
    }
    let (symbol, owner) = (call.some_symbol(exchange)?, &exchange.users[call.user]);
    let (id, client) = (call.params.text("orderId"), call.params.text("clientOid"));
    let wanted = id.or(client).map(|_| owner.id_of(id, client));
    let status = call.params.text("status");
    let orders = owner.orders.values().rev().filter(|order: &&Order| {
        order.is_open() == open
            && symbol.is_none_or(|symbol| symbol == order.symbol)
            && wanted.is_none_or(|wanted| wanted == Some(order.id))
            && status.is_none_or(|status| status == status_word(order.status))
    });
    let (rows, last) = page.cut(orders, |order| (order.id, order.created));
    let rows: Vec<Value> = rows.into_iter().map(|order| exchange.order_v2(order, Told::InAList)).collect();
    let list = if rows.is_empty() { Value::Null } else { rows.into() };
    Ok(json!({ "entrustedList": list, "endId": end_id(last) }))
}

fn orders_pending(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    listed(exchange, call, true)
}

fn orders_history(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    listed(exchange, call, false)
}

fn fills(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let page = Page::of(&call.params, "idLessThan")?;
    call.need_product("productType")?;
    let symbol = call.some_symbol(exchange)?;
    let order = call.params.text("orderId");
    let fills = exchange.users[call.user].fills.iter().rev().filter(|fill: &&Fill| {
        symbol.is_none_or(|symbol| symbol == fill.symbol)
            && order.is_none_or(|order| order.parse() == Ok(fill.order))
    });
    let (rows, last) = page.cut(fills, |fill| (fill.id, fill.at));
    let rows: Vec<Value> = rows.into_iter().map(|fill| exchange.fill_v2(fill)).collect();
    Ok(json!({ "fillList": rows, "endId": end_id(last) }))
}

/// A demo account has none.
fn fill_history(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    if exchange.users[call.user].setup.environment == crate::setup::Environment::Demo {
        return Ok(json!({ "fillList": [], "endId": Value::Null }));
    }
    fills(exchange, call)
}
