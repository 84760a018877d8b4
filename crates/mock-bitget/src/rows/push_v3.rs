//! Rows of the V3 sockets: shorter names, categories in lower case, and a position that says when it has ended.

use super::v3::yes;
use super::{margin_word, ms, position_mode_word, side_word, touched};
use crate::candles::Candle;
use crate::exchange::Exchange;
use crate::records::{Ended, Fill, Hold, Holding, LegKind, Order, Plan};
use crate::tape::Trade;
use crate::text;
use model::{Instrument, PositionSide, Price, Usd};
use serde_json::{Value, json};

pub(crate) fn candle(i: &Instrument, candle: &Candle<Price>) -> Value {
    let price = |price| text::price(i, price);
    json!({
        "start": ms(candle.open_time),
        "open": price(candle.open),
        "high": price(candle.high),
        "low": price(candle.low),
        "close": price(candle.close),
        "volume": text::volume(candle.volume),
        "turnover": text::volume(candle.turnover),
    })
}

pub(crate) fn trade(i: &Instrument, trade: &Trade) -> Value {
    json!({
        "i": trade.id.to_string(),
        "L": trade.id.to_string(),
        "p": text::price(i, trade.price),
        "v": text::qty(i, trade.qty),
        "S": side_word(trade.side),
        "T": ms(trade.at),
        "isRPI": "no",
    })
}

impl Exchange {
    pub(crate) fn pushed_order_v3(&self, order: &Order) -> Value {
        let mut row = self.order_v3(order);
        let hold = touched(order.side, order.position_side, order.reduce_only);
        let fields = row.as_object_mut().expect("a row is an object");
        fields.remove("posSide");
        row["holdSide"] = hold.word().into();
        row["category"] = "usdt-futures".into();
        row["marginCoin"] = "USDT".into();
        row["reduceOnly"] = yes(order.reduce_only).into();
        row["leverage"] = order.leverage.to_string().into();
        row["totalProfit"] = text::usd(order.profit).into();
        row
    }

    pub(crate) fn pushed_fill_v3(&self, fill: &Fill) -> Value {
        let mut row = self.fill_v3(fill);
        let hold = touched(fill.side, fill.position_side, fill.closes);
        let fields = row.as_object_mut().expect("a row is an object");
        for gone in ["posSide", "createdTime"] {
            fields.remove(gone);
        }
        row["category"] = "usdt-futures".into();
        row["holdSide"] = hold.word().into();
        row["execTime"] = ms(fill.at).into();
        row
    }

    pub(crate) fn pushed_fast_fill_v3(&self, fill: &Fill) -> Value {
        let mut row = self.pushed_fill_v3(fill);
        let fields = row.as_object_mut().expect("a row is an object");
        for gone in ["orderType", "execPnl", "feeDetail", "tradeSide", "execLinkId", "execValue", "isRPI"] {
            fields.remove(gone);
        }
        row
    }

    pub(crate) fn pushed_plan_v3(&self, plan: &Plan) -> Value {
        let mut row = self.plan_v3(plan);
        row["category"] = "usdt-futures".into();
        let kind = match plan.legs.first().map(|leg| leg.kind) {
            Some(LegKind::Target) => "takeProfit",
            Some(LegKind::Stop) => "stopLoss",
            _ => "",
        };
        row["triggerType"] = kind.into();
        row
    }

    pub(crate) fn pushed_position_v3(&self, user: usize, symbol: usize, side: PositionSide) -> Value {
        let facts = self.position_facts(user, symbol, side);
        let Holding { open_fee, close_fee, funding, profit, opened, updated, .. } = facts.holding;
        json!({
            "symbol": self.name(symbol),
            "leverage": facts.leverage.to_string(),
            "openFeeTotal": text::usd(-open_fee),
            "closeFeeTotal": text::usd(-close_fee),
            "mmr": facts.maintenance_rate,
            "breakEvenPrice": facts.break_even,
            "available": facts.available,
            "frozen": facts.locked,
            "liqPrice": facts.liquidation,
            "marginMode": margin_word(facts.margin_mode),
            "unrealisedPnl": text::usd(facts.unrealised),
            "markPrice": facts.mark,
            "avgPrice": facts.entry,
            "totalFundingFee": text::usd(funding),
            "marginCoin": "USDT",
            "profitRate": text::ratio(facts.unrealised, facts.margin),
            "marginSize": text::usd(facts.margin),
            "curRealisedPnl": text::usd(profit),
            "size": facts.total,
            "positionStatus": "normal",
            "posSide": Hold::of(facts.holding.position.qty).word(),
            "holdMode": position_mode_word(facts.position_mode),
            "createdTime": ms(opened),
            "updatedTime": ms(updated),
        })
    }

    pub(crate) fn pushed_ended_v3(&self, ended: &Ended, leverage: u16) -> Value {
        json!({
            "symbol": self.name(ended.symbol),
            "leverage": leverage.to_string(),
            "openFeeTotal": text::usd(-ended.holding.open_fee),
            "closeFeeTotal": text::usd(-ended.holding.close_fee),
            "mmr": "",
            "breakEvenPrice": "",
            "available": "0",
            "frozen": "0",
            "liqPrice": "",
            "marginMode": margin_word(ended.margin),
            "unrealisedPnl": "0",
            "markPrice": text::mark(self.mark(ended.symbol)),
            "avgPrice": "0",
            "totalFundingFee": text::usd(ended.holding.funding),
            "marginCoin": "USDT",
            "profitRate": "",
            "marginSize": "0",
            "curRealisedPnl": text::usd(ended.holding.profit),
            "size": "0",
            "positionStatus": "ended",
            "posSide": ended.hold.word(),
            "holdMode": position_mode_word(ended.position_mode),
            "createdTime": ms(ended.holding.opened),
            "updatedTime": ms(ended.holding.updated),
        })
    }

    pub(crate) fn pushed_account_v3(&self, user: usize) -> Value {
        let (wallet, equity) = (self.wallet(user), self.equity(user));
        let (maintenance, initial) = (self.maintenance(user), self.initial(user));
        json!({
            "unrealisedPnL": text::usd(equity - wallet),
            "totalEquity": text::usd(equity),
            "positionMgnRatio": text::ratio(maintenance, equity),
            "mmr": text::usd(maintenance),
            "effEquity": text::usd(equity),
            "imr": text::usd(initial),
            "mgnRatio": text::ratio(maintenance, equity),
            "coin": [{
                "debts": "0",
                "balance": text::usd(wallet),
                "available": text::usd(self.free(user).max(Usd::ZERO)),
                "borrow": "0",
                "locked": text::usd(self.frozen(user)),
                "equity": text::usd(equity),
                "coin": "USDT",
                "usdValue": text::usd(equity),
            }],
        })
    }
}
