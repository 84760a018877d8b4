//! Endpoints of V2's trigger orders: free ones, and stops and targets of positions.

use super::orders_v2::{check_margin, direction, failure, lists};
use super::pages::{Page, end_id};
use super::{Call, Endpoint, change, hold_side, read};
use crate::exchange::Exchange;
use crate::http::Params;
use crate::orders::{BATCH_V2_MAX, price_of, qty_of};
use crate::plans::NewPlan;
use crate::records::{LegKind, Plan, PlanKind, Preset, TriggerBy};
use crate::refusal::Refusal;
use crate::setup::Generation::V2;
use model::{Decimal, OrderKind, PositionMode, PositionSide, Price, RejectReason, Side};
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change(V2, "/api/v2/mix/order/place-plan-order", 10, place_plan_order),
    change(V2, "/api/v2/mix/order/place-tpsl-order", 10, place_tpsl_order),
    change(V2, "/api/v2/mix/order/place-pos-tpsl", 10, place_pos_tpsl),
    change(V2, "/api/v2/mix/order/modify-tpsl-order", 10, modify_tpsl_order),
    change(V2, "/api/v2/mix/order/modify-plan-order", 10, modify_plan_order),
    change(V2, "/api/v2/mix/order/cancel-plan-order", 10, cancel_plan_order),
    read(V2, "/api/v2/mix/order/orders-plan-pending", 10, orders_plan_pending),
    read(V2, "/api/v2/mix/order/orders-plan-history", 10, orders_plan_history),
    read(V2, "/api/v2/mix/order/plan-sub-order", 10, plan_sub_order),
];

fn trigger_by(params: &Params) -> Result<TriggerBy, Refusal> {
    match params.text("triggerType") {
        None | Some("fill_price") => Ok(TriggerBy::LastPrice),
        Some("mark_price") => Ok(TriggerBy::MarkPrice),
        Some(_) => Err(Refusal::parameter("triggerType")),
    }
}

/// A ratio in percent, in hundredths of one, and the ticks it is of a price.
fn trail(params: &Params, key: &str, price: Price) -> Result<(i64, Price), Refusal> {
    let ratio = Decimal::parse(params.need(key)?).and_then(|decimal| decimal.scaled(2));
    let ratio =
        ratio.ok().filter(|ratio| (1..=1_000).contains(ratio)).ok_or_else(|| Refusal::parameter(key))?;
    Ok((ratio, Price((price.0 * ratio / 10_000).max(1))))
}

fn place_plan_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let (user, params) = (call.user, &call.params);
    let symbol = call.symbol(exchange)?;
    check_margin(exchange, user, symbol, params)?;
    let (side, position_side, reduce_only) = direction(exchange, user, symbol, params)?;
    let i = exchange.listings[symbol].instrument();
    let trigger = price_of(V2, i, params.need("triggerPrice")?)?;
    let price = |key| params.text(key).map(|text| price_of(V2, i, text)).transpose();
    let (kind, leg) = match params.need("planType")? {
        "normal_plan" => {
            let limit = if params.text("orderType") == Some("limit") { price("price")? } else { None };
            (PlanKind::Normal, exchange.free_leg(symbol, side, trigger, limit)?)
        }
        "track_plan" => {
            let (ratio, distance) = trail(params, "callbackRatio", trigger)?;
            let engine = OrderKind::TrailingStop { activation: Some(trigger), distance };
            (PlanKind::Track { ratio }, (LegKind::Free, engine, trigger, None))
        }
        _ => return Err(Refusal::parameter("planType")),
    };
    let new = NewPlan {
        symbol,
        client: params.text("clientOid").unwrap_or("").to_owned(),
        kind,
        side,
        position_side,
        reduce_only,
        qty: Some(qty_of(V2, i, params.need("size")?)?),
        legs: vec![leg],
        by: trigger_by(params)?,
        preset: Preset { stop: price("stopLossTriggerPrice")?, target: price("stopSurplusTriggerPrice")? },
    };
    let id = exchange.place_plan(user, new)?;
    Ok(named(exchange, user, id))
}

fn named(exchange: &Exchange, user: usize, id: u64) -> Value {
    let client = exchange.users[user].plans.get(&id).map_or("", |plan| plan.client.as_str());
    json!({ "orderId": id.to_string(), "clientOid": client })
}

/// The position a `holdSide` means, and the side that closes it.
pub(super) fn exit_of(
    exchange: &Exchange,
    user: usize,
    symbol: usize,
    word: &str,
) -> Result<(PositionSide, Side), Refusal> {
    let mode = exchange.users[user].modes[symbol].position;
    let position_side = hold_side(mode, Some(word))?.ok_or_else(|| Refusal::parameter("holdSide"))?;
    let is_long = match (mode, position_side) {
        (PositionMode::OneWay, _) => matches!(word, "long" | "buy"),
        (_, side) => side == PositionSide::Long,
    };
    Ok((position_side, if is_long { Side::Sell } else { Side::Buy }))
}

fn tpsl(
    exchange: &Exchange,
    user: usize,
    symbol: usize,
    params: &Params,
    kind: PlanKind,
    trigger: Price,
) -> Result<NewPlan, Refusal> {
    let (position_side, side) = exit_of(exchange, user, symbol, params.need("holdSide")?)?;
    let i = exchange.listings[symbol].instrument();
    let limit = match params.text("executePrice") {
        None | Some("0") => None,
        Some(text) => Some(price_of(V2, i, text)?),
    };
    let (leg, engine) = match (kind, limit) {
        (PlanKind::Loss | PlanKind::PositionLoss, None) => (LegKind::Stop, OrderKind::StopMarket { trigger }),
        (PlanKind::Loss | PlanKind::PositionLoss, Some(price)) => {
            (LegKind::Stop, OrderKind::StopLimit { trigger, price })
        }
        (PlanKind::Moving { ratio }, _) => {
            let distance = Price((trigger.0 * ratio / 10_000).max(1));
            (LegKind::Stop, OrderKind::TrailingStop { activation: Some(trigger), distance })
        }
        (_, None) => (LegKind::Target, OrderKind::TakeProfit { trigger }),
        (_, Some(_)) => {
            return Err(Refusal::new("40020", "this exchange has no limit orders behind a target"));
        }
    };
    let whole = matches!(kind, PlanKind::PositionLoss | PlanKind::PositionProfit);
    let qty = if whole { None } else { Some(qty_of(V2, i, params.need("size")?)?) };
    Ok(NewPlan {
        symbol,
        client: params.text("clientOid").unwrap_or("").to_owned(),
        kind,
        side,
        position_side,
        reduce_only: true,
        qty,
        legs: vec![(leg, engine, trigger, limit)],
        by: trigger_by(params)?,
        preset: Preset::default(),
    })
}

fn place_tpsl_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let i = exchange.listings[symbol].instrument();
    let trigger = price_of(V2, i, call.params.need("triggerPrice")?)?;
    let kind = match call.params.need("planType")? {
        "profit_plan" => PlanKind::Profit,
        "loss_plan" => PlanKind::Loss,
        "pos_profit" => PlanKind::PositionProfit,
        "pos_loss" => PlanKind::PositionLoss,
        "moving_plan" => PlanKind::Moving { ratio: trail(&call.params, "rangeRate", trigger)?.0 },
        _ => return Err(Refusal::parameter("planType")),
    };
    let new = tpsl(exchange, call.user, symbol, &call.params, kind, trigger)?;
    let id = exchange.place_plan(call.user, new)?;
    Ok(named(exchange, call.user, id))
}

fn place_pos_tpsl(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let mut rows = Vec::new();
    for (kind, price, client) in [
        (PlanKind::PositionProfit, "stopSurplusTriggerPrice", "stopSurplusClientOid"),
        (PlanKind::PositionLoss, "stopLossTriggerPrice", "stopLossClientOid"),
    ] {
        let Some(text) = call.params.text(price) else { continue };
        let trigger = price_of(V2, exchange.listings[symbol].instrument(), text)?;
        let mut new = tpsl(exchange, call.user, symbol, &call.params, kind, trigger)?;
        new.client = call.params.text(client).unwrap_or("").to_owned();
        let name = new.client.clone();
        let id = exchange.place_plan(call.user, new)?;
        let of = |yes| if yes { name.as_str() } else { "" };
        let is_target = kind == PlanKind::PositionProfit;
        rows.push(json!({
            "orderId": id.to_string(),
            "stopSurplusClientOid": of(is_target),
            "stopLossClientOid": of(!is_target),
        }));
    }
    Ok(rows.into())
}

fn plan_id(exchange: &Exchange, user: usize, params: &Params) -> Option<u64> {
    exchange.users[user].id_of(params.text("orderId"), params.text("clientOid"))
}

/// Moves a trigger; another size or limit is another order under the same name.
fn modify(exchange: &mut Exchange, call: &Call, trigger: &str, size: &str) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let plan = exchange.open_plan(call.user, plan_id(exchange, call.user, &call.params))?.clone();
    let i = exchange.listings[plan.symbol].instrument();
    if let Some(text) = call.params.text(size)
        && Some(qty_of(V2, i, text)?) != plan.qty
    {
        return Err(Refusal::new(
            "40922",
            "this exchange keeps the size of a trigger order: cancel it, and place another",
        ));
    }
    let trigger = price_of(V2, i, call.params.need(trigger)?)?;
    exchange.move_trigger(call.user, plan.id, None, trigger)?;
    Ok(named(exchange, call.user, plan.id))
}

fn modify_tpsl_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    modify(exchange, call, "triggerPrice", "size")
}

fn modify_plan_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    modify(exchange, call, "newTriggerPrice", "newSize")
}

/// Whether a trigger order is of a family or of a kind, as `planType` names them.
fn is_of(plan: &Plan, word: &str) -> bool {
    match word {
        "profit_loss" => plan.is_exit(),
        word => crate::rows::v2::plan_word(plan.kind) == word,
    }
}

fn cancel_plan_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let user = call.user;
    let family = call.params.text("planType").unwrap_or("normal_plan").to_owned();
    let symbol = call.some_symbol(exchange)?;
    let rows = call.params.list("orderIdList")?.unwrap_or_default();
    if rows.len() > BATCH_V2_MAX {
        return Err(Refusal::parameter("orderIdList"));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    let mut wanted = Vec::new();
    for row in &rows {
        let found = exchange.open_plan(user, plan_id(exchange, user, row));
        match found.map(|plan| (plan.id, plan.client.clone(), is_of(plan, &family))) {
            Ok((id, client, true)) => wanted.push((id, client)),
            // Of another family: not there.
            Ok((id, client, false)) => {
                failed.push(failure(&id.to_string(), &client, &Refusal::not_found(V2)))
            }
            Err(refusal) => {
                let (id, client) = (row.text("orderId").unwrap_or(""), row.text("clientOid").unwrap_or(""));
                failed.push(failure(id, client, &refusal));
            }
        }
    }
    if rows.is_empty() {
        let open = exchange.users[user].plans.values().filter(|plan| plan.is_open() && is_of(plan, &family));
        let fits = open.filter(|plan| symbol.is_none_or(|symbol| symbol == plan.symbol));
        wanted.extend(fits.map(|plan| (plan.id, plan.client.clone())));
    }
    for (id, client) in wanted {
        match exchange.cancel_plan(user, id) {
            Ok(()) => done.push(json!({ "orderId": id.to_string(), "clientOid": client })),
            Err(refusal) => failed.push(failure(&id.to_string(), &client, &refusal)),
        }
    }
    Ok(lists(done, failed))
}

fn listed(exchange: &Exchange, call: &Call, open: bool) -> Result<Value, Refusal> {
    let page = Page::of(&call.params, "idLessThan")?;
    call.need_product("productType")?;
    let family = call.params.need("planType")?;
    let (symbol, owner) = (call.some_symbol(exchange)?, &exchange.users[call.user]);
    let (id, client) = (call.params.text("orderId"), call.params.text("clientOid"));
    let wanted = id.or(client).map(|_| owner.id_of(id, client));
    let status = call.params.text("planStatus");
    let plans = owner.plans.values().rev().filter(|plan: &&Plan| {
        plan.is_open() == open
            && is_of(plan, family)
            && symbol.is_none_or(|symbol| symbol == plan.symbol)
            && wanted.is_none_or(|wanted| wanted == Some(plan.id))
            && status.is_none_or(|status| status == crate::rows::v2::plan_status(plan.status))
    });
    let (rows, last) = page.cut(plans, |plan| (plan.id, plan.created));
    let rows: Vec<Value> = rows.into_iter().map(|plan| exchange.plan_v2(plan)).collect();
    let list = if rows.is_empty() { Value::Null } else { rows.into() };
    Ok(json!({ "entrustedList": list, "endId": end_id(last) }))
}

fn orders_plan_pending(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    listed(exchange, call, true)
}

fn orders_plan_history(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    listed(exchange, call, false)
}

fn plan_sub_order(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let owner = &exchange.users[call.user];
    let plan = call.params.need("planOrderId")?.parse().ok().and_then(|id: u64| owner.plans.get(&id));
    let plan = plan.ok_or_else(|| Refusal::of(V2, RejectReason::UnknownOrder))?;
    let child = plan.child.and_then(|id| owner.orders.get(&id));
    let rows = child.into_iter().map(|order| {
        let row = exchange.order_v2(order, crate::rows::v2::Told::InAList);
        json!({ "orderId": row["orderId"], "price": row["price"], "type": row["orderType"], "status": "success" })
    });
    Ok(rows.collect())
}
