//! Public endpoints of V3: the same market in other words.
//!
//! Open to everybody. Refuses symbols and lengths that are not there.

use super::market_v2::{asked, candle_rows, fund_rate, oi_limit};
use super::{Call, Endpoint, public};
use crate::exchange::Exchange;
use crate::refusal::Refusal;
use crate::rows::{market_v2, market_v3 as rows, ms};
use crate::text;
use model::Mark;
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    public("/api/v3/public/time", 20, time),
    public("/api/v3/market/instruments", 20, instruments),
    public("/api/v3/market/tickers", 20, tickers),
    public("/api/v3/market/orderbook", 20, orderbook),
    public("/api/v3/market/fills", 20, fills),
    public("/api/v3/market/candles", 20, candles),
    public("/api/v3/market/history-candles", 20, history_candles),
    public("/api/v3/market/current-fund-rate", 20, current_fund_rate),
    public("/api/v3/market/history-fund-rate", 20, history_fund_rate),
    public("/api/v3/market/open-interest", 20, open_interest),
    public("/api/v3/market/position-tier", 20, position_tier),
    public("/api/v3/market/oi-limit", 20, oi_limit),
];

fn time(exchange: &mut Exchange, _: &Call) -> Result<Value, Refusal> {
    Ok(json!({ "serverTime": ms(exchange.clock()) }))
}

fn wanted(exchange: &Exchange, call: &Call) -> Result<Vec<usize>, Refusal> {
    if !call.is_traded_product("category")? {
        return Ok(Vec::new());
    }
    Ok(call.some_symbol(exchange)?.map_or_else(|| (0..exchange.listings.len()).collect(), |one| vec![one]))
}

fn instruments(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let wanted = wanted(exchange, call)?;
    Ok(wanted.into_iter().map(|symbol| rows::instrument(exchange.listings[symbol].instrument())).collect())
}

fn tickers(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    Ok(wanted(exchange, call)?.into_iter().map(|symbol| exchange.ticker_v3(symbol)).collect())
}

fn orderbook(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let symbol = call.symbol(exchange)?;
    let levels = call.params.number("limit")?.unwrap_or(5).clamp(1, 200);
    let levels = usize::try_from(levels).expect("clamped to a few");
    let listing = &exchange.listings[symbol];
    let (asks, bids) =
        market_v2::levels(listing.instrument(), listing.tape.book(), levels, |text| market_v2::number(&text));
    Ok(json!({ "a": asks, "b": bids, "ts": ms(exchange.clock()) }))
}

fn fills(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let listing = &exchange.listings[call.symbol(exchange)?];
    let most = call.params.number("limit")?.unwrap_or(100).clamp(1, 100);
    let most = usize::try_from(most).expect("clamped to a few");
    Ok(listing
        .tape
        .trades
        .iter()
        .rev()
        .take(most)
        .map(|trade| rows::trade(listing.instrument(), trade))
        .collect())
}

fn candles(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let asked = asked(exchange, call, "interval", 1_000)?;
    let basis = match call.params.text("type") {
        Some("mark") => exchange.listings[asked.symbol].tape.basis(),
        _ => Mark::ZERO,
    };
    Ok(candle_rows(exchange, &asked, basis, false))
}

fn history_candles(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let mut asked = asked(exchange, call, "interval", 100)?;
    asked.window.to = Some(asked.window.to.unwrap_or(exchange.now));
    Ok(candle_rows(exchange, &asked, Mark::ZERO, true))
}

fn current_fund_rate(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let symbol = call.symbol(exchange)?;
    Ok(json!([fund_rate(exchange, symbol)]))
}

fn history_fund_rate(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    let listing = &exchange.listings[call.symbol(exchange)?];
    let size = call.params.number("limit")?.unwrap_or(100).clamp(1, 200);
    let page = call.params.number("cursor")?.unwrap_or(1).clamp(1, 100);
    let [skip, take] = [(page - 1) * size, size].map(|n| usize::try_from(n).expect("clamped to a few"));
    let name = &listing.instrument().symbol;
    let rows = listing.tape.funding.iter().rev().skip(skip).take(take).map(|(at, rate)| {
        json!({ "symbol": name, "fundingRate": text::rate(*rate), "fundingRateTimestamp": ms(*at) })
    });
    Ok(json!({ "resultList": rows.collect::<Vec<Value>>() }))
}

fn open_interest(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let rows: Vec<Value> = wanted(exchange, call)?
        .into_iter()
        .map(|symbol| json!({ "symbol": exchange.name(symbol), "openInterest": exchange.open_interest(symbol) }))
        .collect();
    Ok(json!({ "list": rows, "ts": ms(exchange.clock()) }))
}

fn position_tier(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    call.need_product("category")?;
    Ok(rows::tiers(exchange.listings[call.symbol(exchange)?].instrument()))
}
