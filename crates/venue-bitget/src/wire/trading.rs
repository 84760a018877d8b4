//! Private payloads of trading: acknowledgements, orders, trigger orders, fills, positions.
//!
//! Refuses to interpret: what a side or a fee means depends on generation and position mode, and is told in
//! `crate::meaning`.

use crate::wire::row::row;
use crate::wire::scalar::{Key, Rows, Text};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;

row! {
    /// One order of an acknowledgement; `orderId` is empty where Bitget has not made one yet.
    Placed {
        order_id: Text<'a> = "orderId",
        client_id: Text<'a> = "clientOid",
        code: Text<'a> = "errorCode" | "code",
        message: Text<'a> = "errorMsg" | "msg",
    }
}

/// What became of the orders of a batch call, which answers `00000` whatever fails inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch<'a> {
    /// Done.
    pub done: Vec<Placed<'a>>,
    /// Not done, each with a code or at least words.
    pub failed: Vec<Placed<'a>>,
}

impl<'a> Batch<'a> {
    fn sort(&mut self, rows: impl IntoIterator<Item = Placed<'a>>) {
        for row in rows {
            let fine = row.code.is_empty() || row.code.is("00000") || row.code.is("0");
            if fine { self.done.push(row) } else { self.failed.push(row) }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Batch<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Batch<'a>, D::Error> {
        struct BatchVisitor<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for BatchVisitor<'a> {
            type Value = Batch<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the lists of a batch")
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Batch<'a>, S::Error> {
                let mut batch = Batch::default();
                while let Some(row) = seq.next_element::<Placed<'a>>()? {
                    batch.sort([row]);
                }
                Ok(batch)
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Batch<'a>, M::Error> {
                let mut batch = Batch::default();
                while let Some(Key(key)) = map.next_key()? {
                    match key.as_ref() {
                        "successList" | "list" => batch.sort(map.next_value::<Rows<Placed<'a>>>()?.0),
                        "failureList" => batch.failed.extend(map.next_value::<Rows<Placed<'a>>>()?.0),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(batch)
            }
        }
        deserializer.deserialize_any(BatchVisitor(PhantomData))
    }
}

row! {
    /// What `place-pos-tpsl` answers, one row a leg.
    PlacedExit {
        order_id: Text<'a> = "orderId",
        profit_client_id: Text<'a> = "stopSurplusClientOid",
        stop_client_id: Text<'a> = "stopLossClientOid",
    }
}

row! {
    /// The real order a trigger order became.
    Triggered {
        order_id: Text<'a> = "orderId",
        price: Text<'a> = "price",
        kind: Text<'a> = "type",
        status: Text<'a> = "status",
    }
}

/// A fee of a fill or order. V2 writes what was paid as a negative number, V3 as a positive one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fee {
    /// Coin it was taken in.
    pub coin: String,
    /// As written.
    pub amount: String,
}

/// Fees: a list, or on the V2 order endpoints a text that holds the JSON of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fees(pub Vec<Fee>);

row! {
    /// A fee as written.
    FeeRow {
        coin: Text<'a> = "feeCoin",
        amount: Text<'a> = "totalFee" | "fee",
    }
}

impl<'de> Deserialize<'de> for Fees {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fees, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        let inner = if raw.starts_with('"') { serde_json::from_str::<String>(raw).ok() } else { None };
        let json = inner.as_deref().unwrap_or(raw);
        if json.is_empty() || json == "null" {
            return Ok(Fees::default());
        }
        // The text of the order endpoints is not documented: what cannot be read of it is left out, since the fee of a
        // fill comes with the fill.
        let rows = match serde_json::from_str::<Rows<FeeRow<'_>>>(json) {
            Ok(rows) => rows.0,
            Err(_) if inner.is_some() => Vec::new(),
            Err(error) => return Err(serde::de::Error::custom(error)),
        };
        let stated = |row: FeeRow<'_>| {
            (!row.amount.is_empty())
                .then(|| Fee { coin: row.coin.to_string(), amount: row.amount.to_string() })
        };
        Ok(Fees(rows.into_iter().filter_map(stated).collect()))
    }
}

row! {
    /// An order: of a list (`status`), in detail (`state`), or pushed, where a fill comes along with it.
    Order {
        symbol: Text<'a> = "symbol" | "instId",
        category: Text<'a> = "category",
        order_id: Text<'a> = "orderId",
        client_id: Text<'a> = "clientOid",
        size: Text<'a> = "size" | "qty",
        filled_rest: Text<'a> = "baseVolume",
        filled_total: Text<'a> = "accBaseVolume" | "cumExecQty",
        price: Text<'a> = "price",
        average_price: Text<'a> = "priceAvg" | "avgPrice",
        status: Text<'a> = "status" | "state" | "orderStatus",
        side: Text<'a> = "side",
        position_side: Text<'a> = "posSide" | "holdSide",
        trade_side: Text<'a> = "tradeSide",
        position_mode: Text<'a> = "posMode" | "holdMode",
        order_type: Text<'a> = "orderType",
        force: Text<'a> = "force" | "timeInForce",
        reduce_only: Text<'a> = "reduceOnly",
        margin_mode: Text<'a> = "marginMode",
        leverage: Text<'a> = "leverage",
        source: Text<'a> = "orderSource" | "delegateType",
        exec_type: Text<'a> = "execType",
        cancel_reason: Text<'a> = "cancelReason",
        fee: Text<'a> = "fee",
        fees: Fees = "feeDetail",
        stop: Text<'a> = "presetStopLossPrice" | "stopLoss",
        profit: Text<'a> = "presetStopSurplusPrice" | "takeProfit",
        trade_id: Text<'a> = "tradeId",
        fill_price: Text<'a> = "fillPrice",
        fill_fee: Text<'a> = "fillFee",
        fill_fee_coin: Text<'a> = "fillFeeCoin",
        fill_at: Text<'a> = "fillTime",
        trade_scope: Text<'a> = "tradeScope",
        created_at: Text<'a> = "cTime" | "createdTime",
        updated_at: Text<'a> = "uTime" | "updatedTime",
    }
}

impl<'a> Order<'a> {
    /// All that has filled of it: the socket of V2 has its own name for it, because there `baseVolume` is this fill.
    pub fn filled(&self) -> &Text<'a> {
        if self.filled_total.is_empty() { &self.filled_rest } else { &self.filled_total }
    }
}

row! {
    /// A trigger order: V2 plan and TP/SL orders, V3 strategy orders.
    Plan {
        symbol: Text<'a> = "symbol" | "instId",
        category: Text<'a> = "category",
        order_id: Text<'a> = "orderId",
        client_id: Text<'a> = "clientOid",
        executed_order_id: Text<'a> = "executeOrderId",
        plan_type: Text<'a> = "planType" | "type",
        status: Text<'a> = "planStatus" | "status",
        size: Text<'a> = "size" | "qty",
        side: Text<'a> = "side",
        position_side: Text<'a> = "posSide",
        trade_side: Text<'a> = "tradeSide",
        position_mode: Text<'a> = "posMode",
        margin_mode: Text<'a> = "marginMode",
        reduce_only: Text<'a> = "reduceOnly",
        order_type: Text<'a> = "orderType" | "triggerOrderType",
        trigger_price: Text<'a> = "triggerPrice",
        trigger_by: Text<'a> = "triggerType" | "triggerBy",
        price: Text<'a> = "price" | "triggerOrderPrice",
        execute_price: Text<'a> = "executePrice",
        stop: Text<'a> = "stopLossTriggerPrice" | "stopLoss",
        profit: Text<'a> = "stopSurplusTriggerPrice" | "takeProfit",
        created_at: Text<'a> = "cTime" | "createdTime",
        updated_at: Text<'a> = "uTime" | "updatedTime",
    }
}

row! {
    /// A fill of the account.
    Fill {
        trade_id: Text<'a> = "tradeId" | "execId",
        symbol: Text<'a> = "symbol" | "instId",
        category: Text<'a> = "category",
        order_id: Text<'a> = "orderId",
        client_id: Text<'a> = "clientOid",
        price: Text<'a> = "price" | "execPrice",
        size: Text<'a> = "baseVolume" | "execQty",
        side: Text<'a> = "side",
        position_side: Text<'a> = "posSide" | "holdSide",
        trade_side: Text<'a> = "tradeSide",
        position_mode: Text<'a> = "posMode",
        trade_scope: Text<'a> = "tradeScope",
        profit: Text<'a> = "profit" | "execPnl",
        fees: Fees = "feeDetail",
        at: Text<'a> = "cTime" | "createdTime" | "execTime",
    }
}

row! {
    /// An open position, or its end (`positionStatus` `ended` on the V3 socket).
    Position {
        symbol: Text<'a> = "symbol" | "instId",
        category: Text<'a> = "category",
        coin: Text<'a> = "marginCoin",
        side: Text<'a> = "holdSide" | "posSide",
        total: Text<'a> = "total" | "size",
        available: Text<'a> = "available",
        frozen: Text<'a> = "locked" | "frozen",
        entry_price: Text<'a> = "openPriceAvg" | "avgPrice",
        mark: Text<'a> = "markPrice",
        leverage: Text<'a> = "leverage",
        margin_mode: Text<'a> = "marginMode",
        position_mode: Text<'a> = "posMode" | "holdMode",
        margin: Text<'a> = "marginSize" | "positionBalance",
        unrealised: Text<'a> = "unrealizedPL" | "unrealisedPnl",
        realised: Text<'a> = "achievedProfits" | "curRealisedPnl",
        liquidation_price: Text<'a> = "liquidationPrice" | "liqPrice",
        maintenance: Text<'a> = "keepMarginRate" | "mmr",
        margin_ratio: Text<'a> = "marginRatio" | "marginRate",
        funding: Text<'a> = "totalFee" | "totalFunding" | "totalFundingFee",
        status: Text<'a> = "positionStatus",
        created_at: Text<'a> = "cTime" | "createdTime",
        updated_at: Text<'a> = "uTime" | "updatedTime",
    }
}

row! {
    /// A position that was closed.
    ClosedPosition {
        id: Text<'a> = "positionId" | "posId",
        symbol: Text<'a> = "symbol" | "instId",
        side: Text<'a> = "holdSide" | "posSide",
        margin_mode: Text<'a> = "marginMode",
        entry_price: Text<'a> = "openAvgPrice" | "openPriceAvg",
        exit_price: Text<'a> = "closeAvgPrice" | "closePriceAvg",
        opened: Text<'a> = "openTotalPos" | "openSize",
        closed: Text<'a> = "closeTotalPos" | "closeSize",
        profit: Text<'a> = "pnl" | "cumRealisedPnl" | "achievedProfits",
        net_profit: Text<'a> = "netProfit",
        funding: Text<'a> = "totalFunding" | "settleFee",
        open_fee: Text<'a> = "openFee" | "openFeeTotal",
        close_fee: Text<'a> = "closeFee" | "closeFeeTotal",
        opened_at: Text<'a> = "cTime" | "ctime" | "createdTime",
        closed_at: Text<'a> = "uTime" | "utime" | "updatedTime",
    }
}

row! {
    /// Auto-deleveraging: its rank, or that it happened.
    Deleveraging {
        symbol: Text<'a> = "symbol",
        position_side: Text<'a> = "holdSide",
        side: Text<'a> = "side",
        rank: Text<'a> = "rank" | "adlRank",
        status: Text<'a> = "status",
        price: Text<'a> = "price",
        amount: Text<'a> = "amount",
        at: Text<'a> = "ts",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_hides_its_failures_in_three_shapes() {
        let read = |json| {
            let batch: Batch<'_> = serde_json::from_str(json).unwrap();
            (batch.done.len(), batch.failed.len())
        };
        let lists =
            r#"{"successList":[{"orderId":"1"}],"failureList":[{"orderId":"2","errorMsg":"notExistend"}]}"#;
        assert_eq!(read(lists), (1, 1));
        assert_eq!(read(r#"{"successList":null,"failureList":null}"#), (0, 0));
        assert_eq!(read(r#"{"list":[{"orderId":"1"},{"orderId":"2","code":"25204"}]}"#), (1, 1));
        assert_eq!(read(r#"[{"orderId":"1","code":"00000"},{"clientOid":"2","code":25212}]"#), (1, 1));
    }

    #[test]
    fn fees_as_list_as_text_and_as_nothing() {
        let read = |json: &str| serde_json::from_str::<Fees>(json).map(|fees| fees.0);
        let one = vec![Fee { coin: "USDT".to_owned(), amount: "-0.1".to_owned() }];
        assert_eq!(read(r#"[{"feeCoin":"USDT","totalFee":"-0.1"}]"#).unwrap(), one);
        assert_eq!(read(r#""[{\"feeCoin\":\"USDT\",\"fee\":-0.1}]""#).unwrap(), one);
        for none in ["null", r#""""#, "[]", r#"[{"feeCoin":null,"fee":null}]"#, r#""{\"newFees\":{}}""#] {
            assert_eq!(read(none).unwrap(), Vec::new(), "{none}");
        }
        assert!(read("3").is_err());
    }

    #[test]
    fn the_socket_has_its_own_word_for_the_total() {
        let pushed: Order<'_> =
            serde_json::from_str(r#"{"baseVolume":"0.1","accBaseVolume":"0.5","status":"live"}"#).unwrap();
        assert_eq!(pushed.filled().as_str(), "0.5");
        let listed: Order<'_> = serde_json::from_str(r#"{"baseVolume":"0.3","state":"live"}"#).unwrap();
        assert_eq!((listed.filled().as_str(), listed.status.as_str()), ("0.3", "live"));
    }
}
