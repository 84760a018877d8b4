//! Endpoints of V3's strategy orders: triggers, and stop and target of a position in one.

use super::orders_v3::direction;
use super::pages::{Page, end_id};
use super::plans_v2::exit_of;
use super::{Call, Endpoint, change, read};
use crate::exchange::Exchange;
use crate::http::Params;
use crate::orders::{price_of, qty_of};
use crate::plans::NewPlan;
use crate::records::{LegKind, PlanKind, Preset, TriggerBy};
use crate::refusal::Refusal;
use crate::setup::Generation::V3;
use model::{OrderKind, PositionMode};
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change(V3, "/api/v3/trade/place-strategy-order", 10, place),
    change(V3, "/api/v3/trade/modify-strategy-order", 10, modify),
    change(V3, "/api/v3/trade/cancel-strategy-order", 10, cancel),
    read(V3, "/api/v3/trade/unfilled-strategy-orders", 20, unfilled),
    read(V3, "/api/v3/trade/history-strategy-orders", 20, history),
];

fn place(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let symbol = call.symbol(exchange)?;
    let new = match call.params.text("type").unwrap_or("tpsl") {
        "tpsl" => exits(exchange, call, symbol)?,
        "trigger" => trigger(exchange, call, symbol)?,
        _ => return Err(Refusal::parameter("type")),
    };
    let id = exchange.place_plan(call.user, new)?;
    let client = exchange.users[call.user].plans.get(&id).map_or("", |plan| plan.client.as_str());
    Ok(json!({ "orderId": id.to_string(), "clientOid": client }))
}

fn trigger_by(params: &Params, keys: &[&str]) -> TriggerBy {
    let by_mark = keys.iter().any(|key| params.text(key) == Some("mark"));
    if by_mark { TriggerBy::MarkPrice } else { TriggerBy::LastPrice }
}

fn exits(exchange: &Exchange, call: &Call, symbol: usize) -> Result<NewPlan, Refusal> {
    let (user, params) = (call.user, &call.params);
    let i = exchange.listings[symbol].instrument();
    let mode = exchange.users[user].modes[symbol].position;
    // One-way: of the position there is.
    let held = exchange.users[user].holdings[symbol][0].position.qty;
    let word = match (mode, params.text("posSide")) {
        (PositionMode::OneWay, _) if held.0 < 0 => "short",
        (PositionMode::OneWay, _) => "long",
        (PositionMode::Hedge, Some(word)) => word,
        (PositionMode::Hedge, None) => {
            return Err(Refusal::new("25236", "posSide cannot be empty in hedge mode"));
        }
    };
    let (position_side, side) = exit_of(exchange, user, symbol, word)?;
    let price = |key| params.text(key).map(|text| price_of(V3, i, text)).transpose();
    let mut legs = Vec::new();
    if let Some(stop) = price("stopLoss")? {
        let limit = price("slLimitPrice")?;
        let engine = limit.map_or(OrderKind::StopMarket { trigger: stop }, |price| OrderKind::StopLimit {
            trigger: stop,
            price,
        });
        legs.push((LegKind::Stop, engine, stop, limit));
    }
    if let Some(target) = price("takeProfit")? {
        if price("tpLimitPrice")?.is_some() {
            return Err(Refusal::new("25200", "this exchange has no limit orders behind a target"));
        }
        legs.push((LegKind::Target, OrderKind::TakeProfit { trigger: target }, target, None));
    }
    if legs.is_empty() {
        return Err(Refusal::new("40019", "Parameter takeProfit cannot be empty"));
    }
    let partial = params.text("tpslMode") == Some("partial");
    Ok(NewPlan {
        symbol,
        client: params.text("clientOid").unwrap_or("").to_owned(),
        kind: PlanKind::Exits,
        side,
        position_side,
        reduce_only: true,
        qty: if partial { Some(qty_of(V3, i, params.need("qty")?)?) } else { None },
        legs,
        by: trigger_by(params, &["slTriggerBy", "tpTriggerBy"]),
        preset: Preset::default(),
    })
}

fn trigger(exchange: &Exchange, call: &Call, symbol: usize) -> Result<NewPlan, Refusal> {
    let params = &call.params;
    let (side, position_side, reduce_only) = direction(exchange, call.user, symbol, params)?;
    let i = exchange.listings[symbol].instrument();
    let at = price_of(V3, i, params.need("triggerPrice")?)?;
    let limit = match params.text("triggerOrderType") {
        Some("limit") => Some(price_of(V3, i, params.need("triggerOrderPrice")?)?),
        _ => None,
    };
    Ok(NewPlan {
        symbol,
        client: params.text("clientOid").unwrap_or("").to_owned(),
        kind: PlanKind::Normal,
        side,
        position_side,
        reduce_only,
        qty: Some(qty_of(V3, i, params.need("qty")?)?),
        legs: vec![exchange.free_leg(symbol, side, at, limit)?],
        by: trigger_by(params, &["triggerBy"]),
        preset: Preset::default(),
    })
}

fn modify(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let (user, params) = (call.user, &call.params);
    let id = exchange.users[user].id_of(params.text("orderId"), params.text("clientOid"));
    let plan = exchange.open_plan(user, id)?.clone();
    let i = exchange.listings[plan.symbol].instrument();
    let price = |key| params.text(key).map(|text| price_of(V3, i, text)).transpose();
    let levels = [
        (LegKind::Free, price("triggerPrice")?),
        (LegKind::Stop, price("stopLoss")?),
        (LegKind::Target, price("takeProfit")?),
    ];
    for (kind, level) in levels {
        if let Some(level) = level
            && plan.leg(kind).is_some_and(|leg| leg.trigger != level)
        {
            exchange.move_trigger(user, plan.id, Some(kind), level)?;
        }
    }
    Ok(json!({ "orderId": plan.id.to_string(), "clientOid": plan.client }))
}

/// The one reply without data.
fn cancel(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let params = &call.params;
    let id = exchange.users[call.user].id_of(params.text("orderId"), params.text("clientOid"));
    let id = exchange.open_plan(call.user, id)?.id;
    exchange.cancel_plan(call.user, id)?;
    Ok(Value::Null)
}

fn unfilled(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let symbol = call.some_symbol(exchange)?;
    let open = exchange.users[call.user].plans.values().rev().filter(|plan| plan.is_open());
    let rows = open.filter(|plan| symbol.is_none_or(|symbol| symbol == plan.symbol));
    Ok(rows.map(|plan| exchange.plan_v3(plan)).collect())
}

fn history(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let page = Page::of(&call.params, "cursor")?;
    call.need_product("category")?;
    let symbol = call.some_symbol(exchange)?;
    let ended = exchange.users[call.user]
        .plans
        .values()
        .rev()
        .filter(|plan| !plan.is_open() && symbol.is_none_or(|symbol| symbol == plan.symbol));
    let (rows, last) = page.cut(ended, |plan| (plan.id, plan.created));
    let rows: Vec<Value> = rows.into_iter().map(|plan| exchange.plan_v3(plan)).collect();
    Ok(json!({ "list": rows, "cursor": end_id(last) }))
}
