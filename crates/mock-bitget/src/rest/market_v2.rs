//! Public endpoints of V2: contracts, prices, candles, book, trades, funding.
//!
//! Open to everybody. Refuses symbols and lengths that are not there.

use super::{Call, Endpoint, public};
use crate::candles::{Granularity, Window};
use crate::exchange::Exchange;
use crate::refusal::Refusal;
use crate::rows::{market_v2 as rows, ms};
use crate::text;
use model::{Interval, Mark, Price};
use serde_json::{Value, json};

const ROOT_LIMIT: u16 = 20;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    public("/api/v2/public/time", ROOT_LIMIT, time),
    public("/api/v2/mix/market/contracts", ROOT_LIMIT, contracts),
    public("/api/v2/mix/market/ticker", ROOT_LIMIT, ticker),
    public("/api/v2/mix/market/tickers", ROOT_LIMIT, tickers),
    public("/api/v2/mix/market/merge-depth", ROOT_LIMIT, merge_depth),
    public("/api/v2/mix/market/fills", ROOT_LIMIT, fills),
    public("/api/v2/mix/market/fills-history", 10, fills_history),
    public("/api/v2/mix/market/candles", ROOT_LIMIT, candles),
    public("/api/v2/mix/market/history-candles", ROOT_LIMIT, history_candles),
    public("/api/v2/mix/market/history-mark-candles", ROOT_LIMIT, history_mark_candles),
    public("/api/v2/mix/market/history-index-candles", ROOT_LIMIT, history_index_candles),
    public("/api/v2/mix/market/open-interest", ROOT_LIMIT, open_interest),
    public("/api/v2/mix/market/funding-time", ROOT_LIMIT, funding_time),
    public("/api/v2/mix/market/current-fund-rate", ROOT_LIMIT, current_fund_rate),
    public("/api/v2/mix/market/history-fund-rate", ROOT_LIMIT, history_fund_rate),
    public("/api/v2/mix/market/symbol-price", ROOT_LIMIT, symbol_price),
    public("/api/v2/mix/market/query-position-lever", 10, query_position_lever),
    public("/api/v2/mix/market/oi-limit", 10, oi_limit),
    public("/api/v2/mix/market/vip-fee-rate", 10, vip_fee_rate),
    // Clients ask for all markets there might be; here these have nothing in them.
    public("/api/v2/spot/public/symbols", ROOT_LIMIT, nothing),
    public("/api/v2/spot/public/coins", 3, nothing),
    public("/api/v2/spot/market/tickers", ROOT_LIMIT, nothing),
    public("/api/v2/margin/currencies", 10, nothing),
];

fn time(exchange: &mut Exchange, _: &Call) -> Result<Value, Refusal> {
    Ok(json!({ "serverTime": ms(exchange.clock()) }))
}

fn contracts(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    if !call.is_traded_product("productType")? {
        return Ok(json!([]));
    }
    let wanted = call.some_symbol(exchange)?;
    let listings = exchange.listings.iter().enumerate();
    let rows = listings.filter(|(index, _)| wanted.is_none_or(|wanted| wanted == *index));
    Ok(rows.map(|(_, listing)| rows::contract(listing.instrument())).collect())
}

fn ticker(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    Ok(json!([exchange.ticker_v2(symbol)]))
}

fn tickers(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    if !call.is_traded_product("productType")? {
        return Ok(json!([]));
    }
    Ok((0..exchange.listings.len()).map(|symbol| exchange.ticker_v2(symbol)).collect())
}

fn merge_depth(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let levels = match call.params.text("limit") {
        None | Some("max") => 100,
        Some("1") => 1,
        Some("5") => 5,
        Some("15") => 15,
        Some("50") => 50,
        Some("100") => 100,
        Some(_) => return Err(Refusal::parameter("limit")),
    };
    let precision = call.params.text("precision").unwrap_or("scale0");
    let listing = &exchange.listings[symbol];
    let (i, book) = (listing.instrument(), listing.tape.book());
    let (asks, bids) = rows::levels(i, book, levels, |text| rows::number(&text));
    Ok(json!({
        "asks": asks,
        "bids": bids,
        "ts": ms(exchange.clock()),
        "scale": text::step(i.tick),
        "precision": precision,
        "isMaxPrecision": "NO",
    }))
}

fn fills(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let rows_max = call.params.number("limit")?.unwrap_or(100).clamp(1, 100);
    trades(exchange, call, rows_max, false)
}

fn fills_history(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let rows_max = call.params.number("limit")?.unwrap_or(500).clamp(1, 1_000);
    trades(exchange, call, rows_max, true)
}

/// Sides with a capital in the history, without one elsewhere.
fn trades(exchange: &Exchange, call: &Call, rows_max: i64, capital: bool) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let listing = &exchange.listings[symbol];
    let (from, to) = (call.params.instant("startTime")?, call.params.instant("endTime")?);
    let before: Option<u64> = call.params.text("idLessThan").and_then(|id| id.parse().ok());
    let fits = |trade: &&crate::tape::Trade| {
        from.is_none_or(|from| trade.at >= from)
            && to.is_none_or(|to| trade.at <= to)
            && before.is_none_or(|before| trade.id < before)
    };
    let most = usize::try_from(rows_max).expect("clamped to a few");
    let rows = listing.tape.trades.iter().rev().filter(fits).take(most).map(|trade| {
        let mut row = rows::trade(listing.instrument(), trade);
        if capital {
            row["side"] = if trade.side == model::Side::Buy { "Buy" } else { "Sell" }.into();
        }
        row
    });
    Ok(rows.collect())
}

/// What is asked of candles in either generation.
pub(super) struct Asked {
    pub(super) symbol: usize,
    pub(super) length: Granularity,
    pub(super) window: Window,
}

/// The longest time one request covers.
const SPAN_MAX: Interval = Interval(90 * Interval::DAY.0);

pub(super) fn asked(exchange: &Exchange, call: &Call, name: &str, rows_max: i64) -> Result<Asked, Refusal> {
    let symbol = call.symbol(exchange)?;
    let length = Granularity::of(call.params.need(name)?).ok_or_else(|| Refusal::parameter(name))?;
    let rows = call.params.number("limit")?.unwrap_or(100.min(rows_max));
    if !(1..=rows_max).contains(&rows) {
        return Err(Refusal::parameter("limit"));
    }
    let from = call.params.instant("startTime")?;
    let to = call.params.instant("endTime")?;
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Refusal::new("40017", "Parameter verification failed: startTime is after endTime"));
    }
    let rows_max = usize::try_from(rows).expect("checked above");
    Ok(Asked { symbol, length, window: Window { from, to, rows_max } })
}

fn candles(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let mut asked = asked(exchange, call, "granularity", 1_000)?;
    // It reaches back so far only, however much there is.
    let oldest = exchange.now - asked.length.look_back();
    asked.window.from = asked.window.from.map(|from| from.max(oldest));
    let shift = match call.params.text("kLineType") {
        Some("MARK") => exchange.listings[asked.symbol].tape.basis(),
        _ => Mark::ZERO,
    };
    Ok(candle_rows(exchange, &asked, shift, false))
}

fn history_candles(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let asked = history(exchange, call)?;
    Ok(candle_rows(exchange, &asked, Mark::ZERO, true))
}

fn history(exchange: &Exchange, call: &Call) -> Result<Asked, Refusal> {
    call.need_product("productType")?;
    let mut asked = asked(exchange, call, "granularity", 200)?;
    // Anchored on its end, and no longer than this.
    let to = asked.window.to.unwrap_or(exchange.now);
    asked.window.from = Some(asked.window.from.map_or(to - SPAN_MAX, |from| from.max(to - SPAN_MAX)));
    asked.window.to = Some(to);
    Ok(asked)
}

fn history_mark_candles(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let asked = history(exchange, call)?;
    let basis = exchange.listings[asked.symbol].tape.basis();
    Ok(without_volume(candle_rows(exchange, &asked, basis, true)))
}

fn history_index_candles(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let asked = history(exchange, call)?;
    Ok(without_volume(candle_rows(exchange, &asked, Mark::ZERO, true)))
}

fn without_volume(mut rows: Value) -> Value {
    for row in rows.as_array_mut().into_iter().flatten() {
        (row[5], row[6]) = ("0".into(), "0".into());
    }
    rows
}

/// Rows of candles, moved by the present basis where the mark is meant.
pub(super) fn candle_rows(exchange: &Exchange, asked: &Asked, basis: Mark, closed: bool) -> Value {
    let listing = &exchange.listings[asked.symbol];
    let i = listing.instrument();
    let ticks = Price(basis.0 / i.mark_per_tick());
    let mut candles = asked.length.candles(&listing.tape, asked.window);
    if closed {
        candles.retain(|candle| asked.length.end(candle.open_time) <= listing.tape.now());
    }
    for candle in &mut candles {
        for price in [&mut candle.open, &mut candle.high, &mut candle.low, &mut candle.close] {
            *price += ticks;
        }
    }
    candles.iter().map(|candle| rows::candle(i, candle)).collect()
}

fn open_interest(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let symbol = call.symbol(exchange)?;
    let row = json!({ "symbol": exchange.name(symbol), "size": exchange.open_interest(symbol) });
    Ok(json!({ "openInterestList": [row], "ts": ms(exchange.clock()) }))
}

fn funding_time(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let listing = &exchange.listings[call.symbol(exchange)?];
    let i = listing.instrument();
    let (next, period) = (ms(listing.tape.funding_next()), rows::hours(i.funding_interval));
    Ok(json!([{ "symbol": i.symbol, "nextFundingTime": next, "ratePeriod": period }]))
}

pub(super) fn fund_rate(exchange: &Exchange, symbol: usize) -> Value {
    let listing = &exchange.listings[symbol];
    let i = listing.instrument();
    json!({
        "symbol": i.symbol,
        "fundingRate": text::rate(listing.tape.funding_rate()),
        "fundingRateInterval": rows::hours(i.funding_interval),
        "nextUpdate": ms(listing.tape.funding_next()),
        "minFundingRate": "-0.003",
        "maxFundingRate": "0.003",
    })
}

fn current_fund_rate(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    if !call.is_traded_product("productType")? {
        return Ok(json!([]));
    }
    let wanted = call.some_symbol(exchange)?;
    let symbols = (0..exchange.listings.len()).filter(|index| wanted.is_none_or(|wanted| wanted == *index));
    Ok(symbols.map(|symbol| fund_rate(exchange, symbol)).collect())
}

fn history_fund_rate(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let listing = &exchange.listings[call.symbol(exchange)?];
    let size = call.params.number("pageSize")?.unwrap_or(20).clamp(1, 100);
    let page = call.params.number("pageNo")?.unwrap_or(1).clamp(1, 10_000);
    let [skip, take] = [(page - 1) * size, size].map(|n| usize::try_from(n).expect("clamped to a few"));
    let name = &listing.instrument().symbol;
    let rows = listing.tape.funding.iter().rev().skip(skip).take(take).map(
        |(at, rate)| json!({ "symbol": name, "fundingRate": text::rate(*rate), "fundingTime": ms(*at) }),
    );
    Ok(rows.collect())
}

fn symbol_price(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    let listing = &exchange.listings[call.symbol(exchange)?];
    let (i, last) = (listing.instrument(), listing.tape.last());
    Ok(json!([{
        "symbol": i.symbol,
        "price": text::price(i, last),
        "indexPrice": text::price(i, last),
        "markPrice": text::mark(listing.tape.mark()),
        "ts": ms(exchange.clock()),
    }]))
}

fn query_position_lever(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("productType")?;
    Ok(rows::tiers(exchange.listings[call.symbol(exchange)?].instrument()))
}

/// What one user, and all of an owner's, may hold: the largest tier.
pub(super) fn oi_limit(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let product = if call.params.text("category").is_some() { "category" } else { "productType" };
    if !call.is_traded_product(product)? {
        return Ok(json!([]));
    }
    let wanted = call.some_symbol(exchange)?;
    let listings = exchange.listings.iter().enumerate();
    let rows = listings.filter(|(symbol, _)| wanted.is_none_or(|wanted| wanted == *symbol));
    let rows = rows.map(|(_, listing)| {
        let i = listing.instrument();
        let most = text::usd(i.tiers.last().expect("an instrument has a tier").notional_max);
        json!({ "symbol": i.symbol, "notionalValue": most, "totalNotionalValue": most })
    });
    Ok(rows.collect())
}

fn nothing(_: &mut Exchange, _: &Call) -> Result<Value, Refusal> {
    Ok(json!([]))
}

fn vip_fee_rate(exchange: &mut Exchange, _: &Call) -> Result<Value, Refusal> {
    let fees = exchange.listings[0].instrument().fees;
    Ok(json!([{
        "level": "0",
        "dealAmount": "0",
        "assetAmount": "0",
        "takerFeeRate": text::rate(fees.taker),
        "makerFeeRate": text::rate(fees.maker),
        "btcWithdrawAmount": "300",
        "usdtWithdrawAmount": "5000000",
    }]))
}
