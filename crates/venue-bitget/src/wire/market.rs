//! Public market payloads: contracts, tickers, candles, depth, trades, funding, tiers.
//!
//! Refuses to interpret: steps, units and "none" belong to whoever reads a row.

use crate::wire::row::row;
use crate::wire::scalar::{Key, Level, Rows, Text};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

row! {
    /// The exchange's clock.
    ServerTime { at: Text<'a> = "serverTime" }
}

row! {
    /// A contract (V2) or instrument (V3).
    Contract {
        symbol: Text<'a> = "symbol",
        category: Text<'a> = "category",
        base_coin: Text<'a> = "baseCoin",
        quote_coin: Text<'a> = "quoteCoin",
        status: Text<'a> = "symbolStatus" | "status",
        symbol_type: Text<'a> = "symbolType",
        contract_type: Text<'a> = "type",
        price_decimals: Text<'a> = "pricePlace" | "pricePrecision",
        price_end_step: Text<'a> = "priceEndStep",
        price_step: Text<'a> = "priceMultiplier",
        size_decimals: Text<'a> = "volumePlace" | "quantityPrecision",
        size_step: Text<'a> = "sizeMultiplier" | "quantityMultiplier",
        size_min: Text<'a> = "minTradeNum" | "minOrderQty",
        notional_min: Text<'a> = "minTradeUSDT" | "minOrderAmount",
        size_max: Text<'a> = "maxOrderQty",
        market_size_max: Text<'a> = "maxMarketOrderQty",
        maker_fee: Text<'a> = "makerFeeRate",
        taker_fee: Text<'a> = "takerFeeRate",
        buy_price_ratio: Text<'a> = "buyLimitPriceRatio",
        sell_price_ratio: Text<'a> = "sellLimitPriceRatio",
        leverage_min: Text<'a> = "minLever" | "minLeverage",
        leverage_max: Text<'a> = "maxLever" | "maxLeverage",
        funding_hours: Text<'a> = "fundInterval",
        symbol_orders_max: Text<'a> = "maxSymbolOrderNum",
        product_orders_max: Text<'a> = "maxProductOrderNum",
        off_at: Text<'a> = "offTime",
        limit_open_at: Text<'a> = "limitOpenTime",
        is_rwa: Text<'a> = "isRwa",
    }
}

row! {
    /// A ticker.
    Ticker {
        symbol: Text<'a> = "symbol" | "instId",
        last: Text<'a> = "lastPr" | "lastPrice",
        ask: Text<'a> = "askPr" | "ask1Price",
        bid: Text<'a> = "bidPr" | "bid1Price",
        ask_size: Text<'a> = "askSz" | "ask1Size",
        bid_size: Text<'a> = "bidSz" | "bid1Size",
        mark: Text<'a> = "markPrice",
        index: Text<'a> = "indexPrice",
        funding_rate: Text<'a> = "fundingRate",
        funding_at: Text<'a> = "nextFundingTime",
        open_interest: Text<'a> = "holdingAmount" | "openInterest",
        at: Text<'a> = "ts",
    }
}

row! {
    /// Last, index and mark price of a symbol.
    SymbolPrice {
        symbol: Text<'a> = "symbol",
        last: Text<'a> = "price",
        index: Text<'a> = "indexPrice",
        mark: Text<'a> = "markPrice",
        at: Text<'a> = "ts",
    }
}

row! {
    /// A book, or what changed of it.
    Depth {
        asks: Rows<Level<'a>> = "asks" | "a",
        bids: Rows<Level<'a>> = "bids" | "b",
        at: Text<'a> = "ts",
        sequence: Text<'a> = "seq",
        previous_sequence: Text<'a> = "pseq",
        checksum: Text<'a> = "checksum",
    }
}

row! {
    /// A public trade.
    Trade {
        id: Text<'a> = "tradeId" | "execId" | "i",
        symbol: Text<'a> = "symbol",
        price: Text<'a> = "price" | "p",
        size: Text<'a> = "size" | "v",
        side: Text<'a> = "side" | "S",
        at: Text<'a> = "ts" | "T",
    }
}

row! {
    /// A funding rate: the current one, a settled one, or only the next instant.
    Funding {
        symbol: Text<'a> = "symbol",
        rate: Text<'a> = "fundingRate",
        interval_hours: Text<'a> = "fundingRateInterval" | "ratePeriod",
        next_at: Text<'a> = "nextUpdate" | "nextFundingTime",
        settled_at: Text<'a> = "fundingTime" | "fundingRateTimestamp",
        rate_min: Text<'a> = "minFundingRate",
        rate_max: Text<'a> = "maxFundingRate",
    }
}

row! {
    /// A step of the maintenance-margin schedule; bounds are notional in USDT.
    Tier {
        symbol: Text<'a> = "symbol",
        level: Text<'a> = "level" | "tier",
        notional_from: Text<'a> = "startUnit" | "minTierValue",
        notional_to: Text<'a> = "endUnit" | "maxTierValue",
        leverage_max: Text<'a> = "leverage",
        maintenance: Text<'a> = "keepMarginRate" | "mmr",
    }
}

row! {
    /// Fee rates: of the account, or of a VIP level.
    FeeRate {
        level: Text<'a> = "level",
        maker: Text<'a> = "makerFeeRate",
        taker: Text<'a> = "takerFeeRate",
    }
}

row! {
    /// Open interest in the base coin.
    OpenInterest {
        symbol: Text<'a> = "symbol",
        size: Text<'a> = "size" | "openInterest",
    }
}

/// A candle: a list on REST and the V2 socket, an object on the V3 socket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candle<'a> {
    /// When it opens.
    pub open_time: Text<'a>,
    /// First price.
    pub open: Text<'a>,
    /// Highest price.
    pub high: Text<'a>,
    /// Lowest price.
    pub low: Text<'a>,
    /// Last price.
    pub close: Text<'a>,
    /// Volume in the base coin.
    pub base_volume: Text<'a>,
    /// Volume in USDT.
    pub quote_volume: Text<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Candle<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Candle<'a>, D::Error> {
        deserializer.deserialize_any(CandleVisitor(PhantomData))
    }
}

struct CandleVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for CandleVisitor<'a> {
    type Value = Candle<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a candle")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Candle<'a>, S::Error> {
        let mut next = || seq.next_element()?.ok_or_else(|| de::Error::custom("a candle has seven values"));
        let candle = Candle {
            open_time: next()?,
            open: next()?,
            high: next()?,
            low: next()?,
            close: next()?,
            base_volume: next()?,
            quote_volume: next()?,
        };
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(candle)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Candle<'a>, M::Error> {
        let mut candle = Candle::default();
        while let Some(Key(key)) = map.next_key()? {
            match key.as_ref() {
                "start" => candle.open_time = map.next_value()?,
                "open" => candle.open = map.next_value()?,
                "high" => candle.high = map.next_value()?,
                "low" => candle.low = map.next_value()?,
                "close" => candle.close = map.next_value()?,
                "volume" => candle.base_volume = map.next_value()?,
                "turnover" => candle.quote_volume = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(candle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_generations_fill_the_same_row() {
        let v2 =
            r#"{"instId":"BTCUSDT","lastPr":"27000.5","symbol":"BTCUSDT","ts":"1","symbolType":1,"x":{}}"#;
        let v3 = r#"{"symbol":"BTCUSDT","lastPrice":"27000.5","ts":1,"bid1Price":null}"#;
        let (v2, v3): (Ticker<'_>, Ticker<'_>) =
            (serde_json::from_str(v2).unwrap(), serde_json::from_str(v3).unwrap());
        assert_eq!(v2, v3);
    }

    #[test]
    fn a_candle_cut_short_is_refused() {
        assert!(serde_json::from_str::<Candle<'_>>(r#"["1","2","3","4","5","6"]"#).is_err());
        let later = r#"["1","2","3","4","5","6","7","8","9"]"#;
        assert_eq!(serde_json::from_str::<Candle<'_>>(later).unwrap().quote_volume.as_str(), "7");
        assert!(serde_json::from_str::<Candle<'_>>(r#""1""#).is_err());
    }
}
