//! Private rows of V2 over REST.
//!
//! `side` is the position's in hedge mode; what was paid is negative; an order says `status` in a list and `state` in
//! detail. Refuses to be tidy where the exchange is not.

use super::{
    force_word, margin_word, ms, position_mode_word, reason_word, side_word, single_word, touched,
    trade_word, type_word,
};
use crate::exchange::Exchange;
use crate::records::{
    Bill, BillKind, Cause, Ended, Fill, Hold, Holding, Kind, LegKind, Order, Plan, PlanKind, PlanStatus,
    Status, TriggerBy,
};
use crate::text;
use model::{MarginMode, PositionMode, PositionSide, Price, Side, Usd};
use serde_json::{Value, json};

/// Whether something is said of a side of the book or of the account: `status` or `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    InAList,
    InDetail,
}

pub(crate) const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Live => "live",
        Status::PartlyFilled => "partially_filled",
        Status::Filled => "filled",
        Status::Cancelled(_) => "canceled",
    }
}

/// `side` as V2 says it in orders and in fills over REST.
pub(crate) fn listed_side(mode: PositionMode, side: Side, position_side: PositionSide) -> &'static str {
    match (mode, position_side) {
        (PositionMode::Hedge, PositionSide::Long) => "buy",
        (PositionMode::Hedge, PositionSide::Short) => "sell",
        _ => side_word(side),
    }
}

pub(crate) fn position_word(side: PositionSide) -> &'static str {
    match side {
        PositionSide::Net => "net",
        PositionSide::Long => "long",
        PositionSide::Short => "short",
    }
}

pub(crate) fn trade_side(
    mode: PositionMode,
    cause: Cause,
    side: Side,
    position_side: PositionSide,
    closes: bool,
) -> &'static str {
    match mode {
        PositionMode::OneWay => single_word(cause, side),
        PositionMode::Hedge => trade_word(cause, touched(side, position_side, closes), closes),
    }
}

/// Whether an order closes what it touches; in one-way mode only a reduce-only one says so.
pub(crate) fn order_closes(order: &Order) -> bool {
    order.reduce_only
}

pub(crate) fn leverage(mode: u16) -> String {
    mode.to_string()
}

impl Exchange {
    pub(crate) fn price_text(&self, symbol: usize, price: Price) -> String {
        text::price(self.listings[symbol].instrument(), price)
    }

    pub(crate) fn some_price(&self, symbol: usize, price: Option<Price>) -> String {
        price.map_or_else(String::new, |price| self.price_text(symbol, price))
    }

    pub(crate) fn name(&self, symbol: usize) -> &str {
        &self.listings[symbol].instrument().symbol
    }

    pub(crate) fn order_v2(&self, order: &Order, told: Told) -> Value {
        let i = self.listings[order.symbol].instrument();
        let limit = match order.kind {
            Kind::Market => String::new(),
            Kind::Limit { price, .. } => text::price(i, price),
        };
        let filled = order.filled.0 > 0;
        let average =
            if filled { text::mark(text::average(i, order.cost, order.filled)) } else { String::new() };
        let closes = order_closes(order);
        let mut row = json!({
            "symbol": i.symbol,
            "size": text::qty(i, order.qty),
            "orderId": order.id.to_string(),
            "clientOid": order.client,
            "baseVolume": text::qty(i, order.filled),
            "fee": if filled { text::usd(-order.fee) } else { String::new() },
            "price": limit,
            "priceAvg": average,
            "side": listed_side(order.position_mode, order.side, order.position_side),
            "force": force_word(order.kind),
            "totalProfits": text::usd(order.profit),
            "posSide": position_word(order.position_side),
            "marginCoin": "USDT",
            "quoteVolume": text::usd(i.usd(order.cost)),
            "leverage": leverage(order.leverage),
            "marginMode": margin_word(order.margin),
            "reduceOnly": if order.reduce_only { "YES" } else { "NO" },
            "enterPointSource": if order.cause == Cause::Order { "API" } else { "SYS" },
            "tradeSide": trade_side(order.position_mode, order.cause, order.side, order.position_side, closes),
            "posMode": position_mode_word(order.position_mode),
            "orderType": type_word(order.kind),
            "orderSource": order.source,
            "cancelReason": reason_word(order.status),
            "presetStopSurplusPrice": self.some_price(order.symbol, order.preset.target),
            "presetStopLossPrice": self.some_price(order.symbol, order.preset.stop),
            "cTime": ms(order.created),
            "uTime": ms(order.updated),
        });
        let key = if told == Told::InAList { "status" } else { "state" };
        row[key] = status_word(order.status).into();
        if filled {
            // A text that holds JSON, on these endpoints; its fees are numbers.
            let fee = super::market_v2::number(&text::usd(-order.fee));
            let fees = json!({
                "newFees": { "c": 0, "d": 0, "deduction": false, "r": fee, "t": fee, "totalDeductionFee": 0 },
                "USDT": { "deduction": false, "feeCoinCode": "USDT", "totalDeductionFee": 0, "totalFee": fee },
            });
            row["feeDetail"] = fees.to_string().into();
        }
        row
    }

    pub(crate) fn fill_v2(&self, fill: &Fill) -> Value {
        let i = self.listings[fill.symbol].instrument();
        json!({
            "tradeId": fill.id.to_string(),
            "symbol": i.symbol,
            "marginCoin": "USDT",
            "orderId": fill.order.to_string(),
            "price": text::price(i, fill.price),
            "baseVolume": text::qty(i, fill.qty),
            "feeDetail": [self.fee_v2(fill.fee)],
            "side": listed_side(fill.position_mode, fill.side, fill.position_side),
            "quoteVolume": text::usd(i.notional(fill.qty, fill.price)),
            "profit": text::usd(fill.profit),
            "enterPointSource": if fill.cause == Cause::Order { "api" } else { "sys" },
            "tradeSide": trade_side(fill.position_mode, fill.cause, fill.side, fill.position_side, fill.closes),
            "posMode": position_mode_word(fill.position_mode),
            "tradeScope": if fill.liquidity == model::Liquidity::Maker { "maker" } else { "taker" },
            "cTime": ms(fill.at),
        })
    }

    pub(crate) fn fee_v2(&self, paid: Usd) -> Value {
        json!({ "deduction": "no", "feeCoin": "USDT", "totalDeductionFee": "0", "totalFee": text::usd(-paid) })
    }

    pub(crate) fn plan_v2(&self, plan: &Plan) -> Value {
        let i = self.listings[plan.symbol].instrument();
        let leg = plan.legs.first().expect("a trigger order has a level");
        let limit = self.some_price(plan.symbol, leg.limit);
        let by = match plan.by {
            TriggerBy::LastPrice => "fill_price",
            TriggerBy::MarkPrice => "mark_price",
        };
        let closes = plan.reduce_only;
        let trigger = text::price(i, leg.trigger);
        let is = |kind| leg.kind == kind && plan.is_exit();
        let given = |yes: bool, text: &str| if yes { Value::from(text) } else { Value::Null };
        let child = plan.child.and_then(|id| self.users.iter().find_map(|user| user.orders.get(&id)));
        let mut row = json!({
            "planType": plan_word(plan.kind),
            "symbol": i.symbol,
            "size": plan.qty.map_or_else(|| "0".to_owned(), |qty| text::qty(i, qty)),
            "orderId": plan.id.to_string(),
            "clientOid": plan.client,
            "price": limit,
            "executePrice": limit,
            "callbackRatio": ratio(plan.kind),
            "triggerPrice": trigger,
            "triggerType": by,
            "planStatus": plan_status(plan.status),
            "side": listed_side(plan.position_mode, plan.side, plan.position_side),
            "posSide": position_word(plan.position_side),
            "marginCoin": "USDT",
            "marginMode": margin_word(plan.margin),
            "enterPointSource": "API",
            "tradeSide": trade_side(plan.position_mode, Cause::Order, plan.side, plan.position_side, closes),
            "posMode": position_mode_word(plan.position_mode),
            "orderType": if leg.limit.is_some() { "limit" } else { "market" },
            "orderSource": "normal",
            "reduceOnly": if plan.reduce_only { "yes" } else { "no" },
            "stopSurplusTriggerPrice": given(is(LegKind::Target), &trigger),
            "stopSurplusExecutePrice": Value::Null,
            "stopSurplusTriggerType": given(is(LegKind::Target), by),
            "stopLossTriggerPrice": given(is(LegKind::Stop), &trigger),
            "stopLossExecutePrice": Value::Null,
            "stopLossTriggerType": given(is(LegKind::Stop), by),
            "presetStopSurplusPrice": self.some_price(plan.symbol, plan.preset.target),
            "presetStopLossPrice": self.some_price(plan.symbol, plan.preset.stop),
            "cTime": ms(plan.created),
            "uTime": ms(plan.updated),
        });
        if !plan.is_exit() {
            let price =
                |price: Option<Price>| price.map_or(Value::Null, |p| self.price_text(plan.symbol, p).into());
            row["stopSurplusTriggerPrice"] = price(plan.preset.target);
            row["stopLossTriggerPrice"] = price(plan.preset.stop);
        }
        if !plan.is_open() {
            row["executeOrderId"] = plan.child.map_or_else(String::new, |id| id.to_string()).into();
            let (cost, filled) = child.map_or((0, model::Qty::ZERO), |order| (order.cost, order.filled));
            row["priceAvg"] = text::mark(text::average(i, cost, filled)).into();
            row["baseVolume"] = text::qty(i, filled).into();
        }
        row
    }

    pub(crate) fn position_v2(&self, user: usize, symbol: usize, side: PositionSide) -> Value {
        let facts = self.position_facts(user, symbol, side);
        let Facts { holding, .. } = &facts;
        json!({
            "symbol": self.name(symbol),
            "marginCoin": "USDT",
            "holdSide": Hold::of(holding.position.qty).word(),
            "openDelegateSize": facts.opening,
            "marginSize": text::usd(facts.margin),
            "available": facts.available,
            "locked": facts.locked,
            "total": facts.total,
            "leverage": leverage(facts.leverage),
            "achievedProfits": text::usd(holding.profit),
            "openPriceAvg": facts.entry,
            "marginMode": margin_word(facts.margin_mode),
            "posMode": position_mode_word(facts.position_mode),
            "unrealizedPL": text::usd(facts.unrealised),
            "liquidationPrice": facts.liquidation,
            "keepMarginRate": facts.maintenance_rate,
            "markPrice": facts.mark,
            "marginRatio": facts.margin_ratio,
            "breakEvenPrice": facts.break_even,
            "totalFee": if holding.funding.0 == 0 { String::new() } else { text::usd(holding.funding) },
            "deductedFee": text::usd(holding.open_fee + holding.close_fee),
            "grant": "",
            "assetMode": "single",
            "autoMargin": "off",
            "takeProfit": facts.target,
            "stopLoss": facts.stop,
            "takeProfitId": facts.target_id,
            "stopLossId": facts.stop_id,
            "cTime": ms(holding.opened),
            "uTime": ms(holding.updated),
        })
    }

    pub(crate) fn ended_v2(&self, ended: &Ended) -> Value {
        let i = self.listings[ended.symbol].instrument();
        let Holding { profit, funding, open_fee, close_fee, .. } = ended.holding;
        let average = |cost, lots| text::mark(text::average(i, cost, lots));
        json!({
            "positionId": ended.holding.id.to_string(),
            "marginCoin": "USDT",
            "symbol": i.symbol,
            "holdSide": ended.hold.word(),
            "openAvgPrice": average(ended.holding.cost_opened, ended.holding.lots_opened),
            "closeAvgPrice": average(ended.holding.cost_closed, ended.holding.lots_closed),
            "marginMode": margin_word(ended.margin),
            "openTotalPos": text::qty(i, ended.holding.lots_opened),
            "closeTotalPos": text::qty(i, ended.holding.lots_closed),
            "pnl": text::usd(profit),
            "netProfit": text::usd(profit + funding - open_fee - close_fee),
            "totalFunding": text::usd(funding),
            "openFee": text::usd(-open_fee),
            "closeFee": text::usd(-close_fee),
            "posMode": position_mode_word(ended.position_mode),
            "ctime": ms(ended.holding.opened),
            "utime": ms(ended.holding.updated),
        })
    }

    pub(crate) fn bill_v2(&self, bill: &Bill) -> Value {
        json!({
            "billId": bill.id.to_string(),
            "symbol": bill.symbol.map_or("", |symbol| self.name(symbol)),
            "amount": text::usd(bill.amount),
            "fee": text::usd(-bill.fee),
            "feeByCoupon": "",
            "businessType": business(bill.kind),
            "coin": "USDT",
            "balance": text::usd(bill.balance),
            "cTime": ms(bill.at),
        })
    }

    pub(crate) fn account_v2(&self, user: usize) -> Value {
        let (wallet, equity, free) = (self.wallet(user), self.equity(user), self.free(user));
        let free = free.max(Usd::ZERO);
        let unrealised = equity - wallet;
        let isolated = self.users[user].modes.iter().any(|mode| mode.margin == MarginMode::Isolated);
        let of = |yes: bool, amount: Usd| text::usd(if yes { amount } else { Usd::ZERO });
        let initial = self.initial(user);
        json!({
            "marginCoin": "USDT",
            "locked": text::usd(self.frozen(user)),
            "available": text::usd(wallet),
            "crossedMaxAvailable": text::usd(free),
            "isolatedMaxAvailable": text::usd(free),
            "maxTransferOut": text::usd(free),
            "accountEquity": text::usd(equity),
            "usdtEquity": text::usd(equity),
            "btcEquity": "0",
            "crossedRiskRate": text::ratio(self.maintenance(user), equity),
            "unrealizedPL": text::usd(unrealised),
            "coupon": "0",
            "unionTotalMargin": Value::Null,
            "unionAvailable": Value::Null,
            "unionMm": Value::Null,
            "assetList": Value::Null,
            "isolatedMargin": of(isolated, initial),
            "crossedMargin": of(!isolated, initial),
            "crossedUnrealizedPL": of(!isolated, unrealised),
            "isolatedUnrealizedPL": of(isolated, unrealised),
            "assetMode": "single",
            "grant": "",
        })
    }
}

/// What is told of a position in every dialect.
pub(crate) struct Facts {
    pub(crate) holding: Holding,
    pub(crate) total: String,
    pub(crate) available: String,
    pub(crate) locked: String,
    /// In orders that would open more.
    pub(crate) opening: String,
    pub(crate) entry: String,
    pub(crate) mark: String,
    pub(crate) margin: Usd,
    pub(crate) unrealised: Usd,
    pub(crate) liquidation: String,
    pub(crate) maintenance_rate: String,
    pub(crate) margin_ratio: String,
    pub(crate) break_even: String,
    pub(crate) leverage: u16,
    pub(crate) margin_mode: MarginMode,
    pub(crate) position_mode: PositionMode,
    pub(crate) stop: String,
    pub(crate) stop_id: String,
    pub(crate) target: String,
    pub(crate) target_id: String,
}

impl Exchange {
    pub(crate) fn position_facts(&self, user: usize, symbol: usize, side: PositionSide) -> Facts {
        let (listing, owner) = (&self.listings[symbol], &self.users[user]);
        let (i, mode) = (listing.instrument(), owner.modes[symbol]);
        let holding = owner.holdings[symbol][crate::user::line(side)];
        let account = listing.venue.account(owner.account);
        assert!(*account.position(side) == holding.position, "the ledger follows the engine");
        let (held, mark) = (holding.position.qty, self.mark(symbol));
        let of_side =
            |order: &&Order| order.symbol == symbol && order.is_open() && order.position_side == side;
        let resting = |reduces: bool| {
            let orders = owner.orders.values().filter(of_side).filter(|order| order.reduce_only == reduces);
            model::Qty(orders.map(|order| order.left().0).sum())
        };
        let locked = resting(true).min(held.abs());
        let notional = i.usd(holding.position.cost);
        let margin = venue::margin::initial_margin(notional, mode.leverage);
        let unrealised = i.notional_at_mark(held, mark) - notional;
        let levels = account.liquidation_levels(side);
        let level = if held.0 > 0 { levels.below } else { levels.above };
        let entry = text::average(i, holding.position.cost, held);
        let exit = |kind| {
            let fits = |plan: &&Plan| {
                plan.is_open() && plan.symbol == symbol && plan.position_side == side && plan.qty.is_none()
            };
            let plan = owner.plans.values().filter(fits).find(|plan| plan.leg(kind).is_some());
            let leg = plan.and_then(|plan| plan.leg(kind));
            let id = plan.map_or_else(String::new, |plan| plan.id.to_string());
            (self.some_price(symbol, leg.map(|leg| leg.trigger)), id)
        };
        let ((stop, stop_id), (target, target_id)) = (exit(LegKind::Stop), exit(LegKind::Target));
        Facts {
            total: text::qty(i, held.abs()),
            available: text::qty(i, held.abs() - locked),
            locked: text::qty(i, locked),
            opening: text::qty(i, resting(false)),
            break_even: text::mark(break_even(entry, i.fees.taker, held.0 > 0)),
            entry: text::mark(entry),
            mark: text::mark(mark),
            margin,
            unrealised,
            liquidation: level.map_or_else(String::new, text::mark),
            maintenance_rate: text::rate(i.tier(notional.abs()).maintenance),
            margin_ratio: text::ratio(account.maintenance_margin(mark), account.equity(mark)),
            leverage: mode.leverage,
            margin_mode: mode.margin,
            position_mode: mode.position,
            stop,
            stop_id,
            target,
            target_id,
            holding,
        }
    }
}

/// Where fees of both ways are earned back.
fn break_even(entry: model::Mark, taker: model::Rate, is_long: bool) -> model::Mark {
    let one = i128::from(model::Rate::ONE.0);
    let (more, less) = (one + i128::from(taker.0), one - i128::from(taker.0));
    let (up, down) = if is_long { (more, less) } else { (less, more) };
    let exact = model::div_round_half_away(i128::from(entry.0) * up, down);
    model::Mark(i64::try_from(exact).expect("a fee is a small part of a price"))
}

pub(crate) const fn plan_word(kind: PlanKind) -> &'static str {
    match kind {
        PlanKind::Normal => "normal_plan",
        PlanKind::Track { .. } => "track_plan",
        PlanKind::Loss => "loss_plan",
        PlanKind::Profit => "profit_plan",
        PlanKind::PositionLoss | PlanKind::Exits => "pos_loss",
        PlanKind::PositionProfit => "pos_profit",
        PlanKind::Moving { .. } => "moving_plan",
    }
}

pub(crate) fn ratio(kind: PlanKind) -> String {
    match kind {
        PlanKind::Track { ratio } | PlanKind::Moving { ratio } => {
            model::Decimal { mantissa: ratio, decimals: 2 }.to_string()
        }
        _ => String::new(),
    }
}

pub(crate) const fn plan_status(status: PlanStatus) -> &'static str {
    match status {
        PlanStatus::Live => "live",
        PlanStatus::Executed => "executed",
        PlanStatus::Cancelled => "cancelled",
    }
}

fn business(kind: BillKind) -> &'static str {
    match kind {
        BillKind::Funding => "contract_settle_fee",
        BillKind::Settlement => "burst_settle",
        BillKind::In => "trans_from_exchange",
        BillKind::Out => "trans_to_exchange",
        BillKind::Trade { side, position_side, closes, cause } => {
            match (cause, position_side, touched(side, position_side, closes), closes) {
                (Cause::Liquidation, _, Hold::Long, _) => "burst_close_long",
                (Cause::Liquidation, _, Hold::Short, _) => "burst_close_short",
                (Cause::Deleveraging, _, Hold::Long, _) => "adl_close_long",
                (Cause::Deleveraging, _, Hold::Short, _) => "adl_close_short",
                (_, PositionSide::Net, ..) => side_word(side),
                (_, _, Hold::Long, false) => "open_long",
                (_, _, Hold::Short, false) => "open_short",
                (_, _, Hold::Long, true) => "close_long",
                (_, _, Hold::Short, true) => "close_short",
            }
        }
    }
}
