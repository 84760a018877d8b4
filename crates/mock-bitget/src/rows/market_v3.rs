//! Public rows of V3: instruments, tickers, tiers, trades.
//!
//! Refuses to share a name with V2 where the exchange does not.

use super::market_v2::{band, base_coin, change, hours, qty_maxima};
use super::ms;
use crate::exchange::Exchange;
use crate::tape::Trade;
use crate::text;
use model::{Instrument, Price, Usd};
use serde_json::{Value, json};

pub(crate) fn instrument(i: &Instrument) -> Value {
    let (limit_max, market_max) = qty_maxima(i);
    json!({
        "symbol": i.symbol,
        "category": "USDT-FUTURES",
        "baseCoin": base_coin(i),
        "quoteCoin": "USDT",
        "isRwa": "NO",
        "buyLimitPriceRatio": band(),
        "sellLimitPriceRatio": band(),
        "feeRateUpRatio": "0.005",
        "makerFeeRate": text::rate(i.fees.maker),
        "takerFeeRate": text::rate(i.fees.taker),
        "openCostUpRatio": "0.01",
        "minOrderQty": text::qty(i, i.qty_min),
        "maxOrderQty": limit_max,
        "pricePrecision": i.tick.decimals.to_string(),
        "quantityPrecision": i.lot.decimals.to_string(),
        "quotePrecision": "",
        "priceMultiplier": text::step(i.tick),
        "quantityMultiplier": text::step(i.lot),
        "type": "perpetual",
        "minOrderAmount": text::usd(i.notional_min),
        "maxSymbolOrderNum": "",
        "maxProductOrderNum": "400",
        "maxPositionNum": "200",
        "status": "online",
        "offTime": "-1",
        "limitOpenTime": "-1",
        "deliveryTime": "",
        "deliveryStartTime": "",
        "deliveryPeriod": "",
        "launchTime": "0",
        "fundInterval": hours(i.funding_interval),
        "minLeverage": "1",
        "maxLeverage": i.leverage_max.to_string(),
        "maintainTime": "",
        "symbolType": "crypto",
        "maxMarketOrderQty": market_max,
    })
}

pub(crate) fn tiers(i: &Instrument) -> Value {
    let mut from = Usd::ZERO;
    let rows = i.tiers.iter().enumerate().map(|(index, tier)| {
        let row = json!({
            "tier": (index + 1).to_string(),
            "minTierValue": text::usd(from),
            "maxTierValue": text::usd(tier.notional_max),
            "leverage": tier.leverage_max.to_string(),
            "mmr": text::rate(tier.maintenance),
        });
        from = tier.notional_max;
        row
    });
    rows.collect()
}

pub(crate) fn trade(i: &Instrument, trade: &Trade) -> Value {
    json!({
        "execId": trade.id.to_string(),
        "execLinkId": trade.id.to_string(),
        "price": text::price(i, trade.price),
        "size": text::qty(i, trade.qty),
        "side": super::side_word(trade.side),
        "ts": ms(trade.at),
        "isRPI": "no",
    })
}

impl Exchange {
    pub(crate) fn ticker_v3(&self, symbol: usize) -> Value {
        let listing = &self.listings[symbol];
        let (i, tape) = (listing.instrument(), &listing.tape);
        let (day, last, price) = (tape.day(), tape.last(), |price: Price| text::price(i, price));
        let best = |side: Option<(&Price, &model::Qty)>| {
            side.map_or_else(|| "0".to_owned(), |(_, qty)| text::qty(i, *qty))
        };
        json!({
            "category": "USDT-FUTURES",
            "symbol": i.symbol,
            "ts": ms(self.clock()),
            "lastPrice": price(last),
            "openPrice24h": price(day.open),
            "highPrice24h": price(day.high),
            "lowPrice24h": price(day.low),
            "ask1Price": price(tape.ask()),
            "bid1Price": price(tape.bid()),
            "bid1Size": best(tape.book().bids.last_key_value()),
            "ask1Size": best(tape.book().asks.first_key_value()),
            "price24hPcnt": change(day.open, last),
            "volume24h": text::volume(day.volume),
            "turnover24h": text::volume(day.turnover),
            "indexPrice": price(last),
            "markPrice": text::mark(tape.mark()),
            "fundingRate": text::rate(tape.funding_rate()),
            "openInterest": self.open_interest(symbol),
            "deliveryStartTime": "",
            "deliveryTime": "",
            "deliveryStatus": "",
        })
    }
}
