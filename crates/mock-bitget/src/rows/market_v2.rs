//! Public rows of V2: contracts, tickers, tiers, candles, trades, levels.
//!
//! Refuses numbers where the exchange has texts, and texts where it has numbers.

use super::ms;
use crate::candles::Candle;
use crate::exchange::Exchange;
use crate::orders::{BAND_PERCENT, LIMIT_QTY_MAX, MARKET_QTY_MAX};
use crate::tape::{Depth, Levels, Trade};
use crate::text;
use model::{Decimal, Instrument, Interval, Price, Usd};
use serde_json::{Number, Value, json};

pub(crate) fn base_coin(i: &Instrument) -> &str {
    i.symbol.strip_suffix("USDT").unwrap_or(&i.symbol)
}

pub(crate) fn band() -> String {
    Decimal { mantissa: BAND_PERCENT, decimals: 2 }.to_string()
}

pub(crate) fn qty_maxima(i: &Instrument) -> (String, String) {
    (text::qty(i, LIMIT_QTY_MAX), text::qty(i, MARKET_QTY_MAX))
}

pub(crate) fn hours(interval: Interval) -> String {
    (interval.0 / Interval::HOUR.0).to_string()
}

/// A relative change as text.
pub(crate) fn change(from: Price, to: Price) -> String {
    text::ratio(Usd(to.0 - from.0), Usd(from.0))
}

pub(crate) fn contract(i: &Instrument) -> Value {
    let (limit_max, market_max) = qty_maxima(i);
    json!({
        "symbol": i.symbol,
        "baseCoin": base_coin(i),
        "quoteCoin": "USDT",
        "buyLimitPriceRatio": band(),
        "sellLimitPriceRatio": band(),
        "feeRateUpRatio": "0.005",
        "makerFeeRate": text::rate(i.fees.maker),
        "takerFeeRate": text::rate(i.fees.taker),
        "openCostUpRatio": "0.01",
        "supportMarginCoins": ["USDT"],
        "minTradeNum": text::qty(i, i.qty_min),
        "priceEndStep": i.tick.mantissa.to_string(),
        "volumePlace": i.lot.decimals.to_string(),
        "pricePlace": i.tick.decimals.to_string(),
        "sizeMultiplier": text::step(i.lot),
        "symbolType": "perpetual",
        "minTradeUSDT": text::usd(i.notional_min),
        "maxSymbolOrderNum": "200",
        "maxProductOrderNum": "400",
        "maxPositionNum": "150",
        "symbolStatus": "normal",
        "offTime": "-1",
        "limitOpenTime": "-1",
        "deliveryTime": "",
        "deliveryStartTime": "",
        "deliveryPeriod": "",
        "launchTime": "",
        "fundInterval": hours(i.funding_interval),
        "minLever": "1",
        "maxLever": i.leverage_max.to_string(),
        "posLimit": "0.05",
        "maintainTime": "",
        "maxMarketOrderQty": market_max,
        "maxOrderQty": limit_max,
        "isRwa": "NO",
        "openTime": "",
    })
}

pub(crate) fn tiers(i: &Instrument) -> Value {
    let mut from = Usd::ZERO;
    let rows = i.tiers.iter().enumerate().map(|(index, tier)| {
        let row = json!({
            "symbol": i.symbol,
            "level": (index + 1).to_string(),
            "startUnit": text::usd(from),
            "endUnit": text::usd(tier.notional_max),
            "leverage": tier.leverage_max.to_string(),
            "keepMarginRate": text::rate(tier.maintenance),
        });
        from = tier.notional_max;
        row
    });
    rows.collect()
}

/// A number that is written as it is printed; JSON numbers of the merged book.
pub(crate) fn number(text: &str) -> Value {
    let parsed: Option<f64> = text.parse().ok();
    parsed.and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}

pub(crate) fn candle(i: &Instrument, candle: &Candle<Price>) -> Vec<String> {
    let mut row = vec![ms(candle.open_time)];
    row.extend([candle.open, candle.high, candle.low, candle.close].map(|price| text::price(i, price)));
    row.extend([text::volume(candle.volume), text::volume(candle.turnover)]);
    row
}

pub(crate) fn trade(i: &Instrument, trade: &Trade) -> Value {
    json!({
        "tradeId": trade.id.to_string(),
        "price": text::price(i, trade.price),
        "size": text::qty(i, trade.qty),
        "side": super::side_word(trade.side),
        "ts": ms(trade.at),
        "symbol": i.symbol,
    })
}

/// The best levels first.
pub(crate) fn levels<T>(
    i: &Instrument,
    depth: &Depth,
    most: usize,
    write: impl Fn(String) -> T,
) -> (Vec<[T; 2]>, Vec<[T; 2]>) {
    let level = |(price, qty): (&Price, &model::Qty)| {
        // A book keeps its zeros: prices at the step, a size of nothing as it is.
        [write(i.format_price(*price).to_string()), write(text::qty(i, *qty))]
    };
    let asks: &Levels = &depth.asks;
    let bids = depth.bids.iter().rev().take(most).map(level).collect();
    (asks.iter().take(most).map(level).collect(), bids)
}

impl Exchange {
    pub(crate) fn ticker_v2(&self, symbol: usize) -> Value {
        let listing = &self.listings[symbol];
        let (i, tape) = (listing.instrument(), &listing.tape);
        let (day, last, price) = (tape.day(), tape.last(), |price| text::price(i, price));
        let best = |side: Option<(&Price, &model::Qty)>| {
            side.map_or_else(|| "0".to_owned(), |(_, qty)| text::qty(i, *qty))
        };
        json!({
            "symbol": i.symbol,
            "lastPr": price(last),
            "askPr": price(tape.ask()),
            "bidPr": price(tape.bid()),
            "bidSz": best(tape.book().bids.last_key_value()),
            "askSz": best(tape.book().asks.first_key_value()),
            "high24h": price(day.high),
            "low24h": price(day.low),
            "ts": ms(self.clock()),
            "change24h": change(day.open, last),
            "baseVolume": text::volume(day.volume),
            "quoteVolume": text::volume(day.turnover),
            "usdtVolume": text::volume(day.turnover),
            "openUtc": price(tape.day_open()),
            "changeUtc24h": change(tape.day_open(), last),
            "indexPrice": price(last),
            "fundingRate": text::rate(tape.funding_rate()),
            "holdingAmount": self.open_interest(symbol),
            "open24h": price(day.open),
            "markPrice": text::mark(tape.mark()),
            "deliveryStartTime": Value::Null,
            "deliveryTime": Value::Null,
            "deliveryStatus": "",
        })
    }

    /// What everybody holds, and a crowd that is always there.
    pub(crate) fn open_interest(&self, symbol: usize) -> String {
        let held = self.users.iter().flat_map(|user| user.holdings[symbol].iter());
        let lots: i64 = held.map(|holding| holding.position.qty.0.abs()).sum();
        text::qty(self.listings[symbol].instrument(), model::Qty(30_000_000 + lots))
    }
}
