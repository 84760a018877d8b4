//! Rows of the V2 sockets, which are not those of its REST endpoints.
//!
//! The fill channel says the real side, the orders channel the position's; leverage of a position is a JSON integer, that
//! of an order a text. Refuses to make them alike.

use super::v2::{listed_side, position_word, status_word, trade_side};
use super::{force_word, margin_word, ms, position_mode_word, reason_word, side_word, trade_word, type_word};
use crate::exchange::Exchange;
use crate::records::{Cause, Ended, Fill, Hold, Holding, Kind, Order, Plan, PlanKind};
use crate::text;
use model::{Liquidity, PositionSide, Usd};
use serde_json::{Value, json};

impl Exchange {
    pub(crate) fn pushed_ticker_v2(&self, symbol: usize) -> Value {
        let mut row = self.ticker_v2(symbol);
        row["instId"] = self.name(symbol).into();
        row["nextFundingTime"] = ms(self.listings[symbol].tape.funding_next()).into();
        row["symbolType"] = 1.into();
        row["deliveryPrice"] = "0".into();
        row
    }

    pub(crate) fn pushed_order_v2(&self, order: &Order, fill: Option<&Fill>) -> Value {
        let i = self.listings[order.symbol].instrument();
        let limit = match order.kind {
            Kind::Market => "0".to_owned(),
            Kind::Limit { price, .. } => text::price(i, price),
        };
        let reference = match order.kind {
            Kind::Limit { price, .. } => price,
            Kind::Market => self.listings[order.symbol].tape.last(),
        };
        let mode = order.position_mode;
        let closes = fill.map_or(order.reduce_only, |fill| fill.closes);
        let mut row = json!({
            "instId": i.symbol,
            "orderId": order.id.to_string(),
            "clientOid": order.client,
            "price": limit,
            "size": text::qty(i, order.qty),
            "posMode": position_mode_word(mode),
            "tradeSide": trade_side(mode, order.cause, order.side, order.position_side, closes),
            "notionalUsd": text::usd(i.notional(order.qty, reference)),
            "orderType": type_word(order.kind),
            "force": force_word(order.kind),
            "side": listed_side(mode, order.side, order.position_side),
            "posSide": position_word(order.position_side),
            "marginMode": margin_word(order.margin),
            "marginCoin": "USDT",
            "accBaseVolume": text::qty(i, order.filled),
            "status": status_word(order.status),
            "leverage": order.leverage.to_string(),
            "feeDetail": [{ "feeCoin": "USDT", "fee": text::usd(-order.fee) }],
            "enterPointSource": if order.cause == Cause::Order { "API" } else { "SYS" },
            "orderSource": order.source,
            "reduceOnly": if order.reduce_only { "yes" } else { "no" },
            "stpMode": "none",
            "cancelReason": reason_word(order.status),
            "presetStopSurplusPrice": self.some_price(order.symbol, order.preset.target),
            "presetStopLossPrice": self.some_price(order.symbol, order.preset.stop),
            "totalProfits": text::usd(order.profit),
            "cTime": ms(order.created),
            "uTime": ms(order.updated),
        });
        if let Some(fill) = fill {
            row["fillPrice"] = text::price(i, fill.price).into();
            row["tradeId"] = fill.id.to_string().into();
            row["baseVolume"] = text::qty(i, fill.qty).into();
            row["fillTime"] = ms(fill.at).into();
            row["fillFee"] = text::usd(-fill.fee).into();
            row["fillFeeCoin"] = "USDT".into();
            row["tradeScope"] = if fill.liquidity == Liquidity::Maker { "M" } else { "T" }.into();
            row["fillNotionalUsd"] = text::usd(i.notional(fill.qty, fill.price)).into();
            row["priceAvg"] = text::mark(text::average(i, order.cost, order.filled)).into();
            row["pnl"] = text::usd(fill.profit).into();
        }
        row
    }

    pub(crate) fn pushed_fill_v2(&self, fill: &Fill) -> Value {
        let i = self.listings[fill.symbol].instrument();
        let hold = super::touched(fill.side, fill.position_side, fill.closes);
        let mut fee = self.fee_v2(fill.fee);
        fee["deduction"] = "no".into();
        json!({
            "orderId": fill.order.to_string(),
            "clientOid": fill.client,
            "tradeId": fill.id.to_string(),
            "symbol": i.symbol,
            "side": side_word(fill.side),
            "orderType": type_word(fill.kind),
            "posMode": position_mode_word(fill.position_mode),
            "price": text::price(i, fill.price),
            "baseVolume": text::qty(i, fill.qty),
            "quoteVolume": text::usd(i.notional(fill.qty, fill.price)),
            "profit": text::usd(fill.profit),
            "tradeSide": trade_word(fill.cause, hold, fill.closes),
            "tradeScope": if fill.liquidity == Liquidity::Maker { "maker" } else { "taker" },
            "feeDetail": [fee],
            "cTime": ms(fill.at),
            "uTime": ms(fill.at),
        })
    }

    pub(crate) fn pushed_plan_v2(&self, plan: &Plan) -> Value {
        let mut row = self.plan_v2(plan);
        let kind = match plan.kind {
            PlanKind::Normal => "pl",
            PlanKind::Track { .. } => "track",
            PlanKind::Loss => "sl",
            PlanKind::Profit => "tp",
            PlanKind::PositionLoss | PlanKind::Exits => "psl",
            PlanKind::PositionProfit => "ptp",
            PlanKind::Moving { .. } => "mtpsl",
        };
        let fields = row.as_object_mut().expect("a row is an object");
        for gone in
            ["symbol", "planStatus", "callbackRatio", "orderSource", "baseVolume", "priceAvg", "marginMode"]
        {
            fields.remove(gone);
        }
        row["instId"] = self.name(plan.symbol).into();
        row["planType"] = kind.into();
        row["status"] = super::v2::plan_status(plan.status).into();
        row["triggerTime"] = ms(plan.updated).into();
        row["actualSize"] = "0".into();
        row
    }

    pub(crate) fn pushed_position_v2(&self, user: usize, symbol: usize, side: PositionSide) -> Value {
        let facts = self.position_facts(user, symbol, side);
        let Holding { open_fee, close_fee, funding, profit, opened, updated, .. } = facts.holding;
        json!({
            "posId": facts.holding.id.to_string(),
            "instId": self.name(symbol),
            "marginCoin": "USDT",
            "marginSize": text::usd(facts.margin),
            "marginMode": margin_word(facts.margin_mode),
            "holdSide": Hold::of(facts.holding.position.qty).word(),
            "posMode": position_mode_word(facts.position_mode),
            "total": facts.total,
            "available": facts.available,
            "frozen": facts.locked,
            "openPriceAvg": facts.entry,
            "leverage": facts.leverage,
            "achievedProfits": text::usd(profit),
            "unrealizedPL": text::usd(facts.unrealised),
            "unrealizedPLR": text::ratio(facts.unrealised, facts.margin),
            "liquidationPrice": facts.liquidation,
            "keepMarginRate": facts.maintenance_rate,
            "marginRate": facts.margin_ratio,
            "breakEvenPrice": facts.break_even,
            "totalFee": text::usd(funding),
            "deductedFee": text::usd(open_fee + close_fee),
            "markPrice": facts.mark,
            "autoMargin": "off",
            "assetMode": "single",
            "cTime": ms(opened),
            "uTime": ms(updated),
        })
    }

    pub(crate) fn pushed_ended_v2(&self, ended: &Ended) -> Value {
        let i = self.listings[ended.symbol].instrument();
        let Holding { profit, funding, open_fee, close_fee, .. } = ended.holding;
        let average = |cost, lots| text::mark(text::average(i, cost, lots));
        json!({
            "posId": ended.holding.id.to_string(),
            "instId": i.symbol,
            "marginCoin": "USDT",
            "marginMode": margin_word(ended.margin),
            "holdSide": ended.hold.word(),
            "posMode": position_mode_word(ended.position_mode),
            "openPriceAvg": average(ended.holding.cost_opened, ended.holding.lots_opened),
            "closePriceAvg": average(ended.holding.cost_closed, ended.holding.lots_closed),
            "openSize": text::qty(i, ended.holding.lots_opened),
            "closeSize": text::qty(i, ended.holding.lots_closed),
            "achievedProfits": text::usd(profit),
            "settleFee": text::usd(funding),
            "openFee": text::usd(-open_fee),
            "closeFee": text::usd(-close_fee),
            "cTime": ms(ended.holding.opened),
            "uTime": ms(ended.holding.updated),
        })
    }

    pub(crate) fn pushed_account_v2(&self, user: usize) -> Value {
        let (wallet, equity) = (self.wallet(user), self.equity(user));
        let free = text::usd(self.free(user).max(Usd::ZERO));
        json!({
            "marginCoin": "USDT",
            "frozen": text::usd(self.frozen(user)),
            "available": text::usd(wallet),
            "maxOpenPosAvailable": free,
            "maxTransferOut": free,
            "equity": text::usd(equity),
            "usdtEquity": text::usd(equity),
            "crossedRiskRate": text::ratio(self.maintenance(user), equity),
            "unrealizedPL": text::usd(equity - wallet),
            "unionTotalMargin": "0",
            "unionAvailable": "0",
            "unionMm": "0",
            "assetsMode": "single",
        })
    }

    pub(crate) fn pushed_equity_v2(&self, user: usize) -> Value {
        let (wallet, equity) = (self.wallet(user), self.equity(user));
        json!({
            "btcEquity": "0",
            "usdtEquity": text::usd(equity),
            "unrealizedPL": text::usd(equity - wallet),
            "unionTotalMargin": "0",
            "unionAvailable": "0",
            "unionMm": "0",
        })
    }

    pub(crate) fn pushed_adl(&self, fill: &Fill) -> Value {
        let i = self.listings[fill.symbol].instrument();
        json!({
            "symbol": i.symbol,
            "side": side_word(fill.side),
            "status": "triggered",
            "price": text::price(i, fill.price),
            "amount": text::qty(i, fill.qty),
            "ts": ms(fill.at),
        })
    }
}
