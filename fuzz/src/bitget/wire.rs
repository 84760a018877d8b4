//! What the adapter reads, piece by piece: replies as every row there is, frames on one line, numbers and order ids.
//!
//! Refuses rows out of nothing, errors longer than what they are about, and a number or id that reads back as another.

use model::{Instrument, Interval, OrderKind, PositionMode, Request, Step, ToVenue};
use serde::Deserialize;
use venue_bitget::account::{Standing, Wanted, generation_of};
use venue_bitget::errors::classify;
use venue_bitget::instrument::Listing;
use venue_bitget::meaning::{Reading, Source, execution, held, order_state, plan_state, settled, wallet};
use venue_bitget::number::{Exact, NoneIs};
use venue_bitget::order_id::{Origin, Prefix};
use venue_bitget::register::Register;
use venue_bitget::response::{outcome, outcomes};
use venue_bitget::stream::{Connection, Output, Subscription};
use venue_bitget::wire::account::{Assets, Balance, Bill, KeyInfo, SettingChanged, Settings};
use venue_bitget::wire::market::{
    Candle, Contract, Depth, FeeRate, Funding, OpenInterest, ServerTime, SymbolPrice, Ticker, Tier, Trade,
};
use venue_bitget::wire::trading::{
    Batch, ClosedPosition, Deleveraging, Fill, Order, Placed, PlacedExit, Plan, Position, Triggered,
};
use venue_bitget::wire::{Generation, Page, Rows, Text, Topic, answer};

use super::talk::{START, SYMBOL, credentials, in_pieces, saying, talks};

const LINES_MAX: usize = 400;
const SEED_BYTES_MAX: usize = 8 * 1_024;
/// What a line may come to in print, besides what it was told.
const PRINT_BYTES_MAX: usize = 100_000;

/// Bodies of replies, a seed each.
pub fn replies() -> Vec<Vec<u8>> {
    let replies = talks().iter().flat_map(|talk| talk.replies.iter());
    let mut seeds: Vec<Vec<u8>> = replies.map(|body| body.clone().into_bytes()).collect();
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

/// Frames, of both generations.
pub fn frames() -> Vec<Vec<u8>> {
    talks().iter().flat_map(|talk| in_pieces(&talk.frames, SEED_BYTES_MAX)).collect()
}

/// Numbers and ids, a line each.
pub fn words() -> Vec<Vec<u8>> {
    let words = "0\n-1\n0.1\n60000.5\n1e3\n+5\n.5\n5.\n00012.3400\n9223372036854775807\n0.000000000001\nobf-3-1-c-e\n\
                 obf-3-1-c-s\nobf-3-1-c-t\nobf-1kw-1-zz-e12\n1760000040000\n-0\n";
    vec![words.as_bytes().to_vec()]
}

fn page<'a, T: Deserialize<'a>>(body: &'a str, status: u16) -> Vec<T> {
    match answer::<Page<'a, T>>(status, body) {
        Ok(page) => {
            assert!(page.rows.len() <= body.len(), "rows out of nothing");
            page.rows
        }
        Err(failure) => {
            let (message, _) = (failure.to_string(), classify(&failure));
            assert!(message.len() <= 2_000 + 4 * body.len(), "{} bytes of words", message.len());
            vec![]
        }
    }
}

/// A reply as every row there is, and what the rows mean.
pub fn bitget_reply(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let body = text.as_ref();
    let instrument = Instrument::btcusdt();
    let prefix = Prefix::new("obf").expect("three letters are a prefix");
    for (generation, position) in [
        (Generation::V2, PositionMode::OneWay),
        (Generation::V2, PositionMode::Hedge),
        (Generation::V3, PositionMode::OneWay),
        (Generation::V3, PositionMode::Hedge),
    ] {
        let reading = Reading { generation, position, instrument: &instrument, prefix };
        trading(&reading, body);
        for row in page::<Balance<'_>>(body, 200) {
            let _ = (wallet(&reading, &row), Standing::of_classic(&row));
        }
    }
    market(body);
    account(body);
    let _ = page::<Text<'_>>(body, 400);
    let _ = answer::<Text<'_>>(200, body);
    settle(prefix, body);
}

fn trading(reading: &Reading<'_>, body: &str) {
    let mut register = Register::new();
    for row in page::<Order<'_>>(body, 200) {
        if let Ok(state) = order_state(reading, &row) {
            let _ = (state.remaining(), state.report());
            register.saw_order(&state);
        }
    }
    for row in page::<Plan<'_>>(body, 200) {
        if let Ok(state) = plan_state(reading, &row) {
            register.saw_plan(&state);
        }
    }
    for row in page::<Fill<'_>>(body, 200) {
        for source in [Source::Listing, Source::FillChannel] {
            if let Ok(execution) = execution(reading, &row, source) {
                let _ = (execution.change(), execution.deleveraged());
            }
        }
    }
    for row in page::<Position<'_>>(body, 200) {
        let _ = held(reading, &row);
    }
    for row in page::<Bill<'_>>(body, 200) {
        let _ = settled(&row);
    }
}

fn market(body: &str) {
    let tiers = page::<Tier<'_>>(body, 200);
    for row in page::<Contract<'_>>(body, 200) {
        let _ = Listing::of(&row, &tiers).map(|listing| listing.instrument.tick);
    }
    let depths: Vec<Depth<'_>> = page(body, 200);
    let levels = depths.iter().map(|depth| depth.asks.len() + depth.bids.len()).sum::<usize>();
    assert!(levels <= body.len(), "levels out of nothing");
    let _ = (page::<Candle<'_>>(body, 200), page::<Ticker<'_>>(body, 200), page::<Trade<'_>>(body, 200));
    let _ = (page::<Funding<'_>>(body, 200), page::<FeeRate<'_>>(body, 200));
    let _ = (page::<OpenInterest<'_>>(body, 200), page::<SymbolPrice<'_>>(body, 200));
    let _ = answer::<ServerTime<'_>>(200, body);
}

fn account(body: &str) {
    let _ = generation_of(&answer::<Settings<'_>>(200, body));
    let wanted = Wanted {
        mode: model::AccountMode {
            position: PositionMode::OneWay,
            margin: model::MarginMode::Cross,
            leverage: 10,
        },
        known_harmless: vec![],
        bound_to_addresses: true,
    };
    if let Ok(settings) = answer::<Settings<'_>>(200, body)
        && let Ok(standing) = Standing::of_unified(&settings, SYMBOL)
        && let Ok(key) = answer::<KeyInfo<'_>>(200, body)
    {
        let _ = standing.with_key(&key).clearance(&wanted);
    }
    let _ = (answer::<Assets<'_>>(200, body), answer::<Rows<Balance<'_>>>(200, body));
    let _ = (page::<SettingChanged<'_>>(body, 200), page::<ClosedPosition<'_>>(body, 200));
    let _ = (page::<Deleveraging<'_>>(body, 200), page::<PlacedExit<'_>>(body, 200));
    let _ = (page::<Placed<'_>>(body, 200), page::<Triggered<'_>>(body, 200), answer::<Batch<'_>>(200, body));
}

/// What a reply settles of each request a desk can make.
fn settle(prefix: Prefix, body: &str) {
    let mut orders = vec![];
    for number in 0..10 {
        let ToVenue::Request { request, .. } = saying(number, PositionMode::OneWay, START) else { continue };
        for status in [200, 400, 429, 502] {
            let _ = outcome(&request, Some((status, body)));
        }
        if let Request::Place(order) = request {
            orders.push(order);
        }
    }
    assert_eq!(outcomes(&prefix, &orders, Some((200, body))).len(), orders.len(), "one outcome each");
    assert!(orders.iter().any(|order| order.kind == OrderKind::Market));
}

/// Frames on public and private lines of both generations; the market stands still, so time is the lines'.
pub fn bitget_frame(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let i = Instrument::btcusdt();
    for generation in [Generation::V2, Generation::V3] {
        let public = vec![
            Subscription::of_symbol(Topic::Ticker, SYMBOL),
            Subscription::of_symbol(Topic::Trades, SYMBOL),
            Subscription::candles(SYMBOL, Interval::MINUTE),
            Subscription::book(SYMBOL, i.tick, i.lot),
        ];
        listen(&mut Connection::new(generation, None, public, 7), &text);
        let topics = [Topic::Orders, Topic::Plans, Topic::Fills, Topic::Account, Topic::Positions];
        let private = topics.map(Subscription::of_account).to_vec();
        listen(&mut Connection::new(generation, Some(credentials(0)), private, 7), &text);
    }
}

fn listen(line: &mut Connection, text: &str) {
    let mut now = START;
    let begin = |line: &mut Connection, now| {
        let mut out = Vec::new();
        line.wake(now, &mut out);
        line.opened(now, &mut out);
        line.on_frame(now, r#"{"event":"login","code":0}"#, &mut out);
    };
    begin(line, now);
    for (number, frame) in text.lines().take(LINES_MAX).enumerate() {
        let mut out = Vec::new();
        line.on_frame(now, frame, &mut out);
        assert!(out.len() <= 64 + frame.len(), "{} outputs for {} bytes", out.len(), frame.len());
        for one in &out {
            if let Output::Rows { rows, .. } = one {
                assert!(format!("{rows:?}").len() <= 4_000 * (1 + frame.len()), "rows out of nothing");
            }
        }
        drop(out);
        now = now + Interval(100 + 400 * (number as i64 % 3));
        let mut out = Vec::new();
        line.wake(now, &mut out);
        if out.iter().any(|one| matches!(one, Output::Open | Output::Close(_))) {
            drop(out);
            now = now + Interval(90_000);
            begin(line, now);
        }
    }
    let books = (0..line.subscriptions().count()).filter_map(|at| line.book(at));
    let levels: usize = books.map(|book| book.bids().count() + book.asks().count()).sum();
    assert!(levels <= text.len(), "{levels} levels out of {} bytes", text.len());
    let print = format!("{line:?}").len();
    assert!(print <= PRINT_BYTES_MAX + 64 * text.len(), "it keeps {print} bytes");
}

/// Numbers and order ids, a line each.
pub fn bitget_word(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let prefix = Prefix::new("obf").expect("three letters are a prefix");
    for word in text.lines().take(LINES_MAX) {
        if let Origin::Ours(sent) = prefix.origin(word) {
            assert_eq!(prefix.client_id_of(sent), word, "an id reads back as another");
        }
        let written = Text::from(word);
        let field = || written.field("word");
        let _ =
            (field().usd(), field().usd_rounded(), field().rate(), field().mark(), field().mark_rounded());
        let _ = (field().integer(), field().small(), field().sequence(), field().time(), field().hours());
        let _ = (field().unless(NoneIs::Zero).is_some(), field().optional().is_some());
        for step in [Step::decimal(0), Step::decimal(1), Step::decimal(8), Step { mantissa: 5, decimals: 3 }]
        {
            let Ok(exact) = Exact::parse(word) else { continue };
            let _ = (field().price(step), field().qty(step), field().price_rounded(step));
            let _ = (exact.nearest_step(step), exact.rounded(step.decimals));
            if let Ok(steps) = exact.in_steps(step)
                && steps.checked_mul(step.mantissa).is_some()
            {
                let again =
                    Exact::parse(&step.format(steps).to_string()).and_then(|exact| exact.in_steps(step));
                assert_eq!(again, Ok(steps), "{word} at {step:?} reads back as another");
            }
        }
    }
}
