//! Private rows of V3 over REST.
//!
//! Sides are real, what was paid is positive in orders and fills and negative in positions. One trigger order holds both
//! exits of a position.

use super::{
    force_word, margin_word, ms, position_mode_word, reason_word, side_word, touched, trade_word, type_word,
};
use crate::exchange::Exchange;
use crate::records::{
    Bill, BillKind, Cause, Ended, Fill, Hold, Holding, Kind, LegKind, Order, Plan, PlanStatus, Status,
    TriggerBy,
};
use crate::text;
use model::{PositionMode, PositionSide, Usd};
use serde_json::{Value, json};

pub(crate) const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Live => "live",
        Status::PartlyFilled => "partially_filled",
        Status::Filled => "filled",
        Status::Cancelled(_) => "cancelled",
    }
}

const fn exec_word(cause: Cause) -> &'static str {
    match cause {
        Cause::Order => "normal",
        Cause::Liquidation => "liquidation",
        Cause::Deleveraging => "reduce",
    }
}

pub(crate) fn position_word(mode: PositionMode, hold: Hold) -> &'static str {
    match mode {
        PositionMode::OneWay => "",
        PositionMode::Hedge => hold.word(),
    }
}

pub(crate) const fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

impl Exchange {
    pub(crate) fn order_v3(&self, order: &Order) -> Value {
        let i = self.listings[order.symbol].instrument();
        let hold = touched(order.side, order.position_side, order.reduce_only);
        let limit = match order.kind {
            Kind::Market => "0".to_owned(),
            Kind::Limit { price, .. } => text::price(i, price),
        };
        let by = |price: Option<_>, word: &'static str| if price.is_some() { word } else { "" };
        let fee = match order.filled.0 {
            0 => json!([{ "feeCoin": Value::Null, "fee": Value::Null }]),
            _ => json!([{ "feeCoin": "USDT", "fee": text::usd(order.fee) }]),
        };
        json!({
            "orderId": order.id.to_string(),
            "clientOid": order.client,
            "category": "USDT-FUTURES",
            "symbol": i.symbol,
            "orderType": type_word(order.kind),
            "side": side_word(order.side),
            "price": limit,
            "qty": text::qty(i, order.qty),
            "amount": "0",
            "cumExecQty": text::qty(i, order.filled),
            "cumExecValue": text::usd(i.usd(order.cost)),
            "avgPrice": text::mark(text::average(i, order.cost, order.filled)),
            "timeInForce": force_word(order.kind),
            "orderStatus": status_word(order.status),
            "posSide": position_word(order.position_mode, hold),
            "holdMode": position_mode_word(order.position_mode),
            "tradeSide": trade_word(order.cause, hold, order.reduce_only),
            "delegateType": order.source,
            "reduceOnly": if order.reduce_only { "YES" } else { "NO" },
            "marginMode": margin_word(order.margin),
            "stpMode": "none",
            "takeProfit": self.some_price(order.symbol, order.preset.target),
            "stopLoss": self.some_price(order.symbol, order.preset.stop),
            "tpTriggerBy": by(order.preset.target, "market"),
            "slTriggerBy": by(order.preset.stop, "market"),
            "tpOrderType": by(order.preset.target, "market"),
            "slOrderType": by(order.preset.stop, "market"),
            "tpLimitPrice": "",
            "slLimitPrice": "",
            "feeDetail": fee,
            "cancelReason": reason_word(order.status),
            "execType": exec_word(order.cause),
            "createdTime": ms(order.created),
            "updatedTime": ms(order.updated),
        })
    }

    pub(crate) fn fill_v3(&self, fill: &Fill) -> Value {
        let i = self.listings[fill.symbol].instrument();
        let hold = touched(fill.side, fill.position_side, fill.closes);
        json!({
            "execId": fill.id.to_string(),
            "execLinkId": fill.id.to_string(),
            "orderId": fill.order.to_string(),
            "clientOid": fill.client,
            "category": "USDT-FUTURES",
            "symbol": i.symbol,
            "orderType": type_word(fill.kind),
            "side": side_word(fill.side),
            "posSide": position_word(fill.position_mode, hold),
            "execPrice": text::price(i, fill.price),
            "execQty": text::qty(i, fill.qty),
            "execValue": text::usd(i.notional(fill.qty, fill.price)),
            "tradeScope": if fill.liquidity == model::Liquidity::Maker { "maker" } else { "taker" },
            "tradeSide": trade_word(fill.cause, hold, fill.closes),
            "feeDetail": [{ "feeCoin": "USDT", "fee": text::usd(fill.fee) }],
            "createdTime": ms(fill.at),
            "updatedTime": ms(fill.at),
            "execPnl": text::usd(fill.profit),
            "isRPI": "no",
        })
    }

    pub(crate) fn plan_v3(&self, plan: &Plan) -> Value {
        let i = self.listings[plan.symbol].instrument();
        let hold = touched(plan.side, plan.position_side, plan.reduce_only);
        let by = match plan.by {
            TriggerBy::LastPrice => "market",
            TriggerBy::MarkPrice => "mark",
        };
        let level = |kind| plan.leg(kind).map(|leg| text::price(i, leg.trigger));
        let (stop, target, free) = (level(LegKind::Stop), level(LegKind::Target), plan.leg(LegKind::Free));
        let word = |given: bool, word: &'static str| if given { word } else { "" };
        let limit = |kind| self.some_price(plan.symbol, plan.leg(kind).and_then(|leg| leg.limit));
        let order_type = |kind| match plan.leg(kind) {
            Some(leg) if leg.limit.is_some() => "limit",
            Some(_) => "market",
            None => "",
        };
        json!({
            "orderId": plan.id.to_string(),
            "clientOid": plan.client,
            "category": "USDT-FUTURES",
            "symbol": i.symbol,
            "qty": plan.qty.map_or_else(String::new, |qty| text::qty(i, qty)),
            "side": side_word(plan.side),
            "posSide": position_word(plan.position_mode, hold),
            "reduceOnly": yes(plan.reduce_only),
            "type": if free.is_some() { "trigger" } else { "tpsl" },
            "status": match plan.status {
                PlanStatus::Live => "pending",
                PlanStatus::Executed => "success",
                PlanStatus::Cancelled => "cancelled",
            },
            "tpTriggerBy": word(target.is_some(), by),
            "slTriggerBy": word(stop.is_some(), by),
            "takeProfit": target.unwrap_or_default(),
            "stopLoss": stop.unwrap_or_default(),
            "tpOrderType": order_type(LegKind::Target),
            "slOrderType": order_type(LegKind::Stop),
            "tpLimitPrice": limit(LegKind::Target),
            "slLimitPrice": limit(LegKind::Stop),
            "triggerBy": word(free.is_some(), by),
            "triggerPrice": self.some_price(plan.symbol, free.map(|leg| leg.trigger)),
            "triggerOrderType": order_type(LegKind::Free),
            "triggerOrderPrice": limit(LegKind::Free),
            "createdTime": ms(plan.created),
            "updatedTime": ms(plan.updated),
        })
    }

    pub(crate) fn position_v3(&self, user: usize, symbol: usize, side: PositionSide) -> Value {
        let facts = self.position_facts(user, symbol, side);
        let Holding { open_fee, close_fee, funding, profit, opened, updated, .. } = facts.holding;
        json!({
            "category": "USDT-FUTURES",
            "symbol": self.name(symbol),
            "marginCoin": "USDT",
            "holdMode": position_mode_word(facts.position_mode),
            "posSide": Hold::of(facts.holding.position.qty).word(),
            "marginMode": margin_word(facts.margin_mode),
            "positionBalance": text::usd(facts.margin),
            "available": facts.available,
            "frozen": facts.locked,
            "total": facts.total,
            "leverage": facts.leverage.to_string(),
            "curRealisedPnl": text::usd(profit),
            "avgPrice": facts.entry,
            "positionStatus": "normal",
            "unrealisedPnl": text::usd(facts.unrealised),
            "liquidationPrice": facts.liquidation,
            "mmr": facts.maintenance_rate,
            "profitRate": text::ratio(facts.unrealised, facts.margin),
            "markPrice": facts.mark,
            "breakEvenPrice": facts.break_even,
            "totalFunding": text::usd(funding),
            "openFeeTotal": text::usd(-open_fee),
            "closeFeeTotal": text::usd(-close_fee),
            "createdTime": ms(opened),
            "updatedTime": ms(updated),
        })
    }

    pub(crate) fn ended_v3(&self, ended: &Ended) -> Value {
        let i = self.listings[ended.symbol].instrument();
        let Holding { profit, funding, open_fee, close_fee, .. } = ended.holding;
        let average = |cost, lots| text::mark(text::average(i, cost, lots));
        json!({
            "positionId": ended.holding.id.to_string(),
            "category": "USDT-FUTURES",
            "symbol": i.symbol,
            "marginCoin": "USDT",
            "holdMode": position_mode_word(ended.position_mode),
            "posSide": ended.hold.word(),
            "marginMode": margin_word(ended.margin),
            "openPriceAvg": average(ended.holding.cost_opened, ended.holding.lots_opened),
            "closePriceAvg": average(ended.holding.cost_closed, ended.holding.lots_closed),
            "openTotalPos": text::qty(i, ended.holding.lots_opened),
            "closeTotalPos": text::qty(i, ended.holding.lots_closed),
            "cumRealisedPnl": text::usd(profit),
            "netProfit": text::usd(profit + funding - open_fee - close_fee),
            "totalFunding": text::usd(funding),
            "openFeeTotal": text::usd(-open_fee),
            "closeFeeTotal": text::usd(-close_fee),
            "createdTime": ms(ended.holding.opened),
            "updatedTime": ms(ended.holding.updated),
        })
    }

    pub(crate) fn bill_v3(&self, bill: &Bill) -> Value {
        let kind = match bill.kind {
            BillKind::Funding if bill.amount.0 < 0 => "CONTRACT_MAIN_SETTLE_FEE_USER_OUT",
            BillKind::Funding => "CONTRACT_MAIN_SETTLE_FEE_USER_IN",
            BillKind::Settlement => "BURST_SETTLE",
            BillKind::In => "TRANSFER_IN",
            BillKind::Out => "TRANSFER_OUT",
            BillKind::Trade { side, position_side, closes, .. } => {
                match (touched(side, position_side, closes), closes) {
                    (Hold::Long, false) => "OPEN_LONG",
                    (Hold::Short, false) => "OPEN_SHORT",
                    (Hold::Long, true) => "CLOSE_LONG",
                    (Hold::Short, true) => "CLOSE_SHORT",
                }
            }
        };
        json!({
            "category": "USDT-FUTURES",
            "id": bill.id.to_string(),
            "symbol": bill.symbol.map_or("", |symbol| self.name(symbol)),
            "coin": "USDT",
            "type": kind,
            "amount": text::usd(bill.amount),
            "fee": text::usd(bill.fee),
            "balance": text::usd(bill.balance),
            "ts": ms(bill.at),
        })
    }

    pub(crate) fn assets_v3(&self, user: usize) -> Value {
        let (wallet, equity) = (self.wallet(user), self.equity(user));
        let unrealised = text::usd(equity - wallet);
        let (maintenance, initial) = (self.maintenance(user), self.initial(user));
        json!({
            "accountEquity": text::usd(equity),
            "usdtEquity": text::usd(equity),
            "btcEquity": "0",
            "unrealisedPnl": unrealised,
            "usdtUnrealisedPnl": unrealised,
            "btcUnrealizedPnl": "0",
            "effEquity": text::usd(equity),
            "mmr": text::usd(maintenance),
            "imr": text::usd(initial),
            "mgnRatio": text::ratio(maintenance, equity),
            "positionMgnRatio": text::ratio(maintenance, equity),
            "assets": [{
                "coin": "USDT",
                "equity": text::usd(equity),
                "usdValue": text::usd(equity),
                "balance": text::usd(wallet),
                "available": text::usd(self.free(user).max(Usd::ZERO)),
                "debt": "0",
                "locked": text::usd(self.frozen(user)),
            }],
        })
    }
}
