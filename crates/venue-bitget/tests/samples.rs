//! Every real payload we have must parse, as the row it is, with its values readable.
//!
//! The samples are other people's recordings and stay outside the repository: where they are missing the tests say so
//! on standard error and count as skipped. Nothing is skipped silently inside: an endpoint that is not modelled stands
//! in `ENVELOPE_ONLY` by name.
#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used)]

use model::{Instrument, PositionMode, Rng, Step};
use serde_json::value::RawValue;
use std::path::{Path, PathBuf};
use venue_bitget::meaning::{Reading, Source, execution, held, order_state};
use venue_bitget::number::{Exact, NoneIs};
use venue_bitget::order_id::Prefix;
use venue_bitget::wire::account::{Assets, Balance, Bill, KeyInfo, SettingChanged, Settings};
use venue_bitget::wire::market::{
    Candle, Contract, Depth, FeeRate, Funding, OpenInterest, ServerTime, SymbolPrice, Ticker, Tier, Trade,
};
use venue_bitget::wire::trading::{
    Batch, ClosedPosition, Deleveraging, Fill, Order, Placed, PlacedExit, Plan, Position, Triggered,
};
use venue_bitget::wire::{Failure, Frame, Generation, Page, Pushed, Text, answer, opened};

fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/bitget-samples");
    if root.join("index.json").exists() {
        return Some(root);
    }
    eprintln!("SKIPPED: {} is not there (real payloads of Bitget)", root.display());
    None
}

/// Endpoints the farm never calls: their envelope must be readable, their rows are nobody's.
const ENVELOPE_ONLY: &[&str] = &[
    "POST /api/v3/account/cancel-withdrawal",
    "GET /api/v3/account/convert-records",
    "GET /api/v3/account/deduct-info",
    "GET /api/v3/account/delta-info",
    "GET /api/v3/account/deposit-address",
    "GET /api/v3/account/deposit-records",
    "GET /api/v3/market/discount-rate",
    "GET /api/v3/market/index-components",
    "GET /api/v3/market/margin-loans",
    "GET /api/v3/account/max-open-available",
    "GET /api/v3/account/max-transferable",
    "GET /api/v3/account/open-interest-limit",
    "GET /api/v3/market/oi-limit",
    "GET /api/v3/account/payment-coins",
    "GET /api/v3/market/proof-of-reserves",
    "GET /api/v3/account/repayable-coins",
    "GET /api/v3/account/switch-status",
    "GET /api/v3/account/transferable-coins",
    "GET /api/v3/account/withdraw-address",
    "GET /api/v3/account/withdrawal-records",
    "POST /api/v3/account/repay",
    "POST /api/v3/account/transfer",
    "POST /api/v3/account/withdrawal",
];

fn number(text: &Text<'_>) -> bool {
    Exact::parse(text.as_str()).is_ok()
}

fn number_or_none(text: &Text<'_>) -> bool {
    text.field("").unless(NoneIs::Zero).is_none() || number(text)
}

fn page<'a, T: serde::Deserialize<'a>>(body: &'a str, fine: impl Fn(&T) -> bool) -> Result<usize, String> {
    let page: Page<'_, T> = answer(200, body).map_err(|failure| failure.to_string())?;
    match page.rows.iter().all(fine) {
        true => Ok(page.rows.len()),
        false => Err("a row without its values".to_owned()),
    }
}

fn one<'a, T: serde::Deserialize<'a>>(body: &'a str, fine: impl Fn(&T) -> bool) -> Result<usize, String> {
    let row: T = answer(200, body).map_err(|failure| failure.to_string())?;
    if fine(&row) { Ok(1) } else { Err("the row is without its values".to_owned()) }
}

fn word(body: &str) -> Result<usize, String> {
    one::<Text<'_>>(body, |_| true)
}

fn is_ticker(row: &Ticker<'_>) -> bool {
    !row.symbol.is_empty()
        && [&row.last, &row.ask, &row.bid, &row.index, &row.funding_rate].map(number) == [true; 5]
}

fn is_balance(row: &Balance<'_>) -> bool {
    !row.coin.is_empty() && number(&row.available) && number(&row.equity) && number_or_none(&row.unrealised)
}

fn is_order(row: &Order<'_>) -> bool {
    let named = [&row.symbol, &row.order_id, &row.client_id, &row.status, &row.side, &row.order_type];
    named.iter().all(|text| !text.is_empty())
        && number(&row.size)
        && number(row.filled())
        && [&row.average_price, &row.price, &row.stop, &row.profit].iter().all(|text| number_or_none(text))
        && row.fees.0.iter().all(|fee| Exact::parse(&fee.amount).is_ok())
}

fn is_plan(row: &Plan<'_>) -> bool {
    let named = [&row.symbol, &row.order_id, &row.status, &row.position_side];
    named.iter().all(|text| !text.is_empty()) && number(&row.trigger_price) && number(&row.size)
}

fn is_fill(row: &Fill<'_>) -> bool {
    let named = [&row.symbol, &row.order_id, &row.trade_id, &row.side, &row.trade_scope];
    named.iter().all(|text| !text.is_empty())
        && number(&row.price)
        && number(&row.size)
        && number(&row.at)
        && row.fees.0.iter().all(|fee| !fee.coin.is_empty() && Exact::parse(&fee.amount).is_ok())
}

fn is_position(row: &Position<'_>) -> bool {
    !row.symbol.is_empty()
        && (row.side.is("long") || row.side.is("short"))
        && [&row.total, &row.entry_price, &row.leverage, &row.unrealised].map(number) == [true; 4]
        && number_or_none(&row.liquidation_price)
}

fn is_closed(row: &ClosedPosition<'_>) -> bool {
    !row.symbol.is_empty()
        && [&row.entry_price, &row.exit_price, &row.profit, &row.funding, &row.open_fee, &row.opened_at]
            .map(number)
            == [true; 6]
}

fn is_contract(row: &Contract<'_>) -> bool {
    let steps = [&row.price_decimals, &row.size_step, &row.size_min, &row.notional_min, &row.leverage_max];
    !row.symbol.is_empty() && !row.status.is_empty() && steps.map(number) == [true; 5]
}

fn is_funding(row: &Funding<'_>) -> bool {
    !row.symbol.is_empty() && (number(&row.rate) || number(&row.next_at))
}

fn is_trade(row: &Trade<'_>) -> bool {
    !row.id.is_empty() && [&row.price, &row.size, &row.at].map(number) == [true; 3]
}

fn is_candle(row: &Candle<'_>) -> bool {
    [&row.open_time, &row.open, &row.high, &row.low, &row.close, &row.base_volume, &row.quote_volume]
        .map(number)
        == [true; 7]
}

fn is_depth(row: &Depth<'_>) -> bool {
    row.asks.iter().chain(row.bids.iter()).all(|level| number(&level.price) && number(&level.size))
        && row.asks.len() + row.bids.len() > 0
}

fn is_placed(row: &Placed<'_>) -> bool {
    !row.order_id.is_empty()
}

/// Reads a reply as what it is.
fn read_public(path: &str, body: &str) -> Option<Result<usize, String>> {
    Some(match path {
        "time" => one(body, |row: &ServerTime<'_>| number(&row.at)),
        "contracts" | "instruments" => page(body, is_contract),
        "ticker" | "tickers" => page(body, is_ticker),
        "candles" | "history-candles" | "history-index-candles" => page(body, is_candle),
        "merge-depth" | "orderbook" => one(body, is_depth),
        "fills" | "fills-history" => page(body, is_trade),
        "current-fund-rate" | "funding-time" | "history-fund-rate" => page(body, is_funding),
        "open-interest" => page(body, |row: &OpenInterest<'_>| !row.symbol.is_empty() && number(&row.size)),
        "query-position-lever" | "position-tier" => page(body, |row: &Tier<'_>| {
            [&row.level, &row.notional_from, &row.notional_to, &row.leverage_max, &row.maintenance]
                .map(number)
                == [true; 5]
        }),
        "symbol-price" => page(body, |row: &SymbolPrice<'_>| !row.symbol.is_empty() && number(&row.mark)),
        "vip-fee-rate" => page(body, |row: &FeeRate<'_>| number(&row.maker) && number(&row.taker)),
        _ => return None,
    })
}

fn read_private(path: &str, body: &str) -> Option<Result<usize, String>> {
    Some(match path {
        "mix/account/account" => one(body, is_balance),
        "mix/account/accounts" => page(body, is_balance),
        "account/assets" => {
            one(body, |row: &Assets<'_>| number(&row.equity) && row.coins.iter().all(is_balance))
        }
        "account/funding-assets" => {
            page(body, |row: &Balance<'_>| !row.coin.is_empty() && number(&row.available))
        }
        "account/settings" => one(body, |row: &Settings<'_>| {
            !row.position_mode.is_empty()
                && row.symbols.iter().all(|s| !s.symbol.is_empty() && number(&s.leverage))
        }),
        "account/info" => one(body, |row: &KeyInfo<'_>| row.permissions.len() > 1 && !row.user.is_empty()),
        "account/fee-rate" => one(body, |row: &FeeRate<'_>| number(&row.maker) && number(&row.taker)),
        "mix/account/bill" => page(body, |row: &Bill<'_>| number(&row.amount) && number(&row.at)),
        "mix/account/set-leverage" | "mix/account/set-margin-mode" => {
            one(body, |row: &SettingChanged<'_>| number(&row.long_leverage) && !row.margin_mode.is_empty())
        }
        "mix/account/set-position-mode" => {
            one(body, |row: &SettingChanged<'_>| !row.position_mode.is_empty())
        }
        "mix/account/set-margin"
        | "trade/cancel-strategy-order"
        | "account/adjust-account-mode"
        | "account/deposit-account"
        | "account/set-hold-mode"
        | "account/switch-deduct" => word(body),
        "mix/order/detail" | "trade/order-info" => one(body, is_order),
        "mix/order/orders-pending"
        | "mix/order/orders-history"
        | "trade/unfilled-orders"
        | "trade/history-orders" => page(body, is_order),
        "mix/order/orders-plan-pending"
        | "mix/order/orders-plan-history"
        | "trade/unfilled-strategy-orders"
        | "trade/history-strategy-orders" => page(body, is_plan),
        "mix/order/fills" | "mix/order/fill-history" | "trade/fills" => page(body, is_fill),
        "mix/order/plan-sub-order" => {
            page(body, |row: &Triggered<'_>| !row.order_id.is_empty() && number(&row.price))
        }
        "mix/position/single-position" | "position/current-position" => page(body, is_position),
        "mix/position/history-position" | "position/history-position" => page(body, is_closed),
        "mix/position/adlRank" | "position/adlRank" => page(body, |row: &Deleveraging<'_>| number(&row.rank)),
        "mix/order/place-order"
        | "mix/order/cancel-order"
        | "mix/order/modify-order"
        | "mix/order/modify-tpsl-order"
        | "mix/order/modify-plan-order"
        | "trade/cancel-order" => one(body, is_placed),
        "mix/order/batch-place-order"
        | "mix/order/cancel-all-orders"
        | "mix/order/cancel-plan-order"
        | "mix/order/close-positions"
        | "trade/cancel-symbol-order" => one(body, |batch: &Batch<'_>| {
            batch.done.iter().chain(&batch.failed).all(is_placed)
                && batch.done.len() + batch.failed.len() > 0
                && batch.failed.iter().all(|row| !row.code.is_empty() || !row.message.is_empty())
        }),
        "mix/order/place-pos-tpsl" => page(body, |row: &PlacedExit<'_>| !row.order_id.is_empty()),
        _ => return None,
    })
}

/// The messages of hummingbot's tests go by the name of a function: the endpoint they stand for.
fn endpoint_of(name: &str) -> &str {
    match name {
        "all_symbols_request_mock_response"
        | "all_usd_symbols_request_mock_response"
        | "all_usdc_symbols_request_mock_response" => "GET /api/v2/mix/market/contracts",
        "balance_request_mock_response_for_base_and_quote"
        | "balance_request_mock_response_only_base"
        | "configure_balance_response" => "GET /api/v2/mix/account/accounts",
        "configure_erroneous_trading_rules_response" => "GET /api/v2/mix/market/contracts",
        "empty_funding_payment_mock_response" | "funding_payment_mock_response" => {
            "GET /api/v2/mix/account/bill"
        }
        "get_candles_rest_data_mock" => "GET /api/v2/mix/market/candles",
        "latest_prices_request_mock_response" => "GET /api/v2/mix/market/ticker",
        "network_status_request_successful_mock_response" => "GET /api/v2/public/time",
        "order_cancelation_request_successful_mock_response" => "POST /api/v2/mix/order/cancel-order",
        "order_creation_request_successful_mock_response" => "POST /api/v2/mix/order/place-order",
        "order_status_request_completely_filled_mock_response" => "GET /api/v2/mix/order/detail",
        "set_position_mode_request_mock_response" => "POST /api/v2/mix/account/set-margin-mode",
        _ => name,
    }
}

fn read_reply(endpoint: &str, body: &str) -> Result<usize, String> {
    if ENVELOPE_ONLY.contains(&endpoint) {
        let envelope = opened(200, body).map_err(|failure| failure.to_string())?;
        return if envelope.is_success() { Ok(0) } else { Err("no success".to_owned()) };
    }
    let path = endpoint.split_once(" /api/").map_or(endpoint, |(_, path)| path);
    let path = &path[3.min(path.len())..];
    let public =
        path.strip_prefix("mix/market/").or(path.strip_prefix("market/")).or(path.strip_prefix("public/"));
    let read = match public {
        Some(path) => read_public(path, body),
        None => read_private(path, body),
    };
    read.unwrap_or_else(|| Err(format!("nobody reads {endpoint}")))
}

fn read_frame(text: &str) -> Result<usize, String> {
    match Frame::read(text).map_err(|error| error.to_string())? {
        Frame::Unknown { event } => Err(format!("an event that is not known: {event}")),
        Frame::Push(push) => match push.read().map_err(|error| error.to_string())? {
            Pushed::Unknown => Err(format!("a channel that is not known: {}", push.arg.name())),
            pushed => check_pushed(pushed),
        },
        _ => Ok(0),
    }
}

fn all<T>(rows: &[T], fine: impl Fn(&T) -> bool) -> Result<usize, String> {
    if rows.iter().all(fine) { Ok(rows.len()) } else { Err("a pushed row without its values".to_owned()) }
}

fn check_pushed(pushed: Pushed<'_>) -> Result<usize, String> {
    match pushed {
        // A ticker on the V3 socket names its symbol in the subject only.
        Pushed::Ticker(rows) => all(&rows, |row| number(&row.last) && number(&row.ask) && number(&row.bid)),
        Pushed::Candles(rows) => all(&rows, is_candle),
        Pushed::Trades(rows) => all(&rows, is_trade),
        Pushed::Books(rows) | Pushed::BestBooks(rows) => all(&rows, is_depth),
        Pushed::Balances(rows) => all(&rows, is_balance),
        Pushed::Assets(rows) => all(&rows, |row| number(&row.equity) && row.coins.iter().all(is_balance)),
        Pushed::Equity(rows) => all(&rows, |row| number(&row.usdt_equity)),
        Pushed::Positions(rows) => all(&rows, is_position),
        Pushed::ClosedPositions(rows) => all(&rows, is_closed),
        Pushed::Orders(rows) => all(&rows, is_order),
        Pushed::Plans(rows) => all(&rows, is_plan),
        Pushed::Fills(rows) | Pushed::FastFills(rows) => all(&rows, is_fill),
        Pushed::Deleveraging(rows) => all(&rows, |row| !row.symbol.is_empty() && number(&row.amount)),
        Pushed::Unknown => Err("unknown".to_owned()),
    }
}

#[derive(serde::Deserialize)]
struct Line<'a> {
    dir: Option<String>,
    #[serde(borrow)]
    msg: Option<&'a RawValue>,
}

/// Lines of a session, each a frame or a frame with its direction; what the client said is not for us to read.
fn read_session(text: &str) -> Result<usize, String> {
    let mut rows = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let parsed: Line<'_> = serde_json::from_str(line).map_err(|error| error.to_string())?;
        match (parsed.dir.as_deref(), parsed.msg) {
            (Some("client"), _) => {}
            (_, Some(frame)) => rows += read_frame(frame.get())?,
            (_, None) => rows += read_frame(line)?,
        }
    }
    Ok(rows)
}

fn read_fragment(endpoint: &str, text: &str) -> Result<usize, String> {
    let wrapped = format!(r#"{{"code":"00000","data":[{text}]}}"#);
    let path = endpoint.split("/market/").nth(1).unwrap_or(endpoint);
    let path = path.split(['(', ' ']).next().unwrap_or(path);
    read_public(path, &wrapped).unwrap_or_else(|| Err(format!("nobody reads {endpoint}")))
}

#[derive(serde::Deserialize)]
struct Entry {
    file: String,
    kind: String,
    generation: String,
    endpoint: String,
}

#[test]
fn every_sample_parses() {
    let Some(root) = samples() else { return };
    let index = std::fs::read_to_string(root.join("index.json")).unwrap();
    let entries: Vec<Entry> = serde_json::from_str(&index).unwrap();
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for entry in &entries {
        let text = std::fs::read_to_string(root.join(&entry.file)).unwrap();
        let read = match entry.kind.as_str() {
            "rest-error" => match answer::<Text<'_>>(400, &text) {
                Err(Failure::Code { code, .. }) if code == "40034" => Ok(0),
                other => Err(format!("{other:?}")),
            },
            // A message of a test against broken contracts: it parses, and is refused where its steps are read.
            "rest-response" if entry.endpoint == "trading_rules_request_erroneous_mock_response" => {
                match read_public("contracts", &text) {
                    Some(Err(_)) => Ok(0),
                    other => Err(format!("a contract without steps passed: {other:?}")),
                }
            }
            "rest-response" => read_reply(endpoint_of(&entry.endpoint), &text),
            "rest-fragment" => read_fragment(&entry.endpoint, &text),
            _ if entry.file.ends_with(".jsonl") => read_session(&text),
            _ => read_frame(&text),
        };
        match read {
            Ok(more) => rows += more,
            Err(why) => wrong.push(format!("{}: {why}", entry.file)),
        }
    }
    assert!(wrong.is_empty(), "{} of {} samples:\n{}", wrong.len(), entries.len(), wrong.join("\n"));
    assert!(entries.len() >= 183, "the index shrank to {}", entries.len());
    assert!(rows >= 150, "only {rows} rows were read out of {} samples", entries.len());
}

/// Reads every private row the samples have as what it means, on an account of the mode the row itself names.
fn meanings(entry: &Entry, text: &str) -> Vec<Result<(), String>> {
    let generation = if entry.generation == "v3" { Generation::V3 } else { Generation::V2 };
    let instrument = |symbol: &Text<'_>| Instrument {
        symbol: symbol.to_string(),
        tick: Step::decimal(8),
        lot: Step::decimal(8),
        ..Instrument::btcusdt()
    };
    let mode = |word: &Text<'_>, side: &Text<'_>| {
        let hedge = word.is("hedge_mode") || (word.is_empty() && !side.is_empty() && !side.is("net"));
        if hedge { PositionMode::Hedge } else { PositionMode::OneWay }
    };
    let prefix = Prefix::new("obf").unwrap();
    let order = |row: &Order<'_>| {
        let position = mode(&row.position_mode, &row.position_side);
        let reading = Reading { generation, position, instrument: &instrument(&row.symbol), prefix };
        order_state(&reading, row).map(|_| ()).map_err(|why| why.to_string())
    };
    let fill = |row: &Fill<'_>, source| {
        let position = mode(&row.position_mode, &row.position_side);
        let reading = Reading { generation, position, instrument: &instrument(&row.symbol), prefix };
        execution(&reading, row, source).map(|_| ()).map_err(|why| why.to_string())
    };
    let position = |row: &Position<'_>| {
        let position = mode(&row.position_mode, &row.side);
        let reading = Reading { generation, position, instrument: &instrument(&row.symbol), prefix };
        held(&reading, row).map(|_| ()).map_err(|why| why.to_string())
    };
    if entry.kind == "rest-response" {
        let path = endpoint_of(&entry.endpoint);
        let orders: Page<'_, Order<'_>> = match path.rsplit('/').next() {
            Some("orders-pending" | "orders-history" | "unfilled-orders" | "history-orders") => {
                answer(200, text).unwrap()
            }
            Some("detail" | "order-info") => {
                Page { rows: vec![answer(200, text).unwrap()], ..Page::default() }
            }
            Some("fills" | "fill-history") if !path.contains("market") => {
                let page: Page<'_, Fill<'_>> = answer(200, text).unwrap();
                return page.rows.iter().map(|row| fill(row, Source::Listing)).collect();
            }
            Some("single-position" | "current-position") => {
                let page: Page<'_, Position<'_>> = answer(200, text).unwrap();
                return page.rows.iter().map(position).collect();
            }
            _ => return Vec::new(),
        };
        return orders.rows.iter().map(order).collect();
    }
    let Ok(Frame::Push(push)) = Frame::read(text) else { return Vec::new() };
    match push.read().unwrap() {
        Pushed::Orders(rows) => rows.iter().map(order).collect(),
        Pushed::Fills(rows) | Pushed::FastFills(rows) => {
            rows.iter().map(|row| fill(row, Source::FillChannel)).collect()
        }
        Pushed::Positions(rows) => rows.iter().map(position).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_private_row_of_the_samples_has_a_meaning() {
    let Some(root) = samples() else { return };
    let index = std::fs::read_to_string(root.join("index.json")).unwrap();
    let entries: Vec<Entry> = serde_json::from_str(&index).unwrap();
    let (mut read, mut wrong) = (0, Vec::new());
    for entry in entries.iter().filter(|entry| !entry.file.ends_with(".jsonl")) {
        let text = std::fs::read_to_string(root.join(&entry.file)).unwrap();
        for meaning in meanings(entry, &text) {
            match meaning {
                Ok(()) => read += 1,
                Err(why) => wrong.push(format!("{}: {why}", entry.file)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read >= 20, "only {read} rows");
}

/// Bytes of the samples changed by chance: whatever comes of it, nothing panics and nothing unread is believed.
#[test]
fn no_changed_sample_panics() {
    let Some(root) = samples() else { return };
    let index = std::fs::read_to_string(root.join("index.json")).unwrap();
    let entries: Vec<Entry> = serde_json::from_str(&index).unwrap();
    let mut rng = Rng::new(2_026);
    let mut read = 0;
    for entry in &entries {
        let bytes = std::fs::read(root.join(&entry.file)).unwrap();
        for _ in 0..if bytes.is_empty() { 0 } else { 100 } {
            let mut changed = bytes.clone();
            for _ in 0..=rng.below(3) {
                let at = usize::try_from(rng.below(bytes.len() as u64)).unwrap();
                changed[at] = b"\"{}[]:,0e-9n\\\x00 \xff"[usize::try_from(rng.below(16)).unwrap()];
            }
            let Ok(text) = String::from_utf8(changed) else { continue };
            let _ = read_reply(endpoint_of(&entry.endpoint), &text);
            read += usize::from(read_frame(&text).is_ok());
        }
    }
    assert!(
        read > 100,
        "only {read} changed frames could still be read: the change is too rough to test anything"
    );
}

#[test]
fn no_sample_cut_anywhere_panics() {
    let Some(root) = samples() else { return };
    let index = std::fs::read_to_string(root.join("index.json")).unwrap();
    let entries: Vec<Entry> = serde_json::from_str(&index).unwrap();
    let mut cut = 0;
    for entry in &entries {
        let text = std::fs::read_to_string(root.join(&entry.file)).unwrap();
        for end in (0..text.len()).step_by(7).filter(|end| text.is_char_boundary(*end)) {
            let part = &text[..end];
            let _ = read_reply(endpoint_of(&entry.endpoint), part);
            let _ = read_frame(part);
            cut += 1;
        }
    }
    assert!(cut > 1_000, "only {cut} cuts");
}
