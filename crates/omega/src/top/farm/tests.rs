//! What is told to whoever watches is what he knows: views, deltas, silence, and what was before.

use super::*;
use control::Amount;
use control::message::{NoticeKind, Tier};
use control::record::MoodRecord;
use control::view::{AccountView, BotView, DecisionView, LockView, OrderView, PositionView, PriceView};
use model::Usd;
use serde_json::json;

/// 2026-11-26T09:12:33Z.
pub const NOW: Time = Time(1_795_684_353_000);

fn usdt(amount: i64) -> Amount {
    Amount(Usd(amount * Usd::ONE.0))
}

/// A bot that holds something where `lots` is not nothing.
pub fn bot(name: &str, number: u16, coins: &str) -> BotView {
    let is_flat = coins.is_empty();
    BotView {
        bot: name.to_owned(),
        number,
        persona: name.trim_end_matches("_btc").to_owned(),
        account: "main".to_owned(),
        status: "trading".to_owned(),
        capital: usdt(10_000),
        wallet: usdt(10_120),
        equity: Some(usdt(10_095)),
        fees: usdt(3),
        funding: Amount::default(),
        position: (!is_flat).then(|| PositionView {
            side: "long".to_owned(),
            quantity: coins.to_owned(),
            entry_price: "60100.0".to_owned(),
            since: Some(NOW.0 - 60_000),
            unrealised: Some(usdt(-25)),
            stop: Some("59500.0".to_owned()),
            at_stop: Some(usdt(-150)),
            leverage: Some(3),
            notional: Some(usdt(15_000)),
            close_fee: Some(usdt(9)),
        }),
        orders: (!is_flat)
            .then(|| OrderView {
                order: format!("b{number}-0-1"),
                side: "sell".to_owned(),
                quantity: coins.to_owned(),
                price: Some("59500.0".to_owned()),
                reduce_only: true,
                status: "accepted".to_owned(),
            })
            .into_iter()
            .collect(),
        trades: 4,
        fills: 9,
        mood: Some(MoodRecord {
            label: "confident".to_owned(),
            confidence: 0.8,
            stress: 0.2,
            fatigue: 0.1,
            urge: 0.3,
            risk_appetite: 0.6,
        }),
        waits: None,
        refusals: BTreeMap::from([("stale_price".to_owned(), 3)]),
        naked_ms_max: 0,
        energy: Some(0.93),
        risk: None,
        limits: Vec::new(),
        locks: Vec::new(),
        decisions: vec![DecisionView {
            at: NOW.0 - 60_000,
            order: Some(format!("b{number}-0-1")),
            what: "wanted in: price above both averages".to_owned(),
            times: 1,
        }],
    }
}

/// A shard whose price is a second old.
pub fn view(shard: &str, number: u64, bots: Vec<BotView>) -> ShardView {
    ShardView {
        shard: shard.to_owned(),
        node: "test".to_owned(),
        epoch: 1,
        number,
        at: NOW.0,
        mode: "paper".to_owned(),
        symbol: "BTCUSDT".to_owned(),
        bar_ms: 60_000,
        price: Some(PriceView { last: "60000.0".to_owned(), at: NOW.0 - 1_000, age_ms: 1_000 }),
        halted_at: None,
        flat_at: None,
        session: None,
        accounts: vec![AccountView {
            account: "main".to_owned(),
            number: 1,
            treasury: Amount::default(),
            unexplained: None,
        }],
        bots,
        market: Vec::new(),
        sky: Vec::new(),
        limits: Vec::new(),
        locks: Vec::new(),
        battle: Vec::new(),
    }
}

/// The six of the usual farm, two of them holding something.
pub fn six() -> Vec<BotView> {
    let names = persona::PERSONAS.iter().enumerate();
    names
        .map(|(place, (name, _))| {
            bot(&format!("{name}_btc"), place as u16, if place < 2 { "0.250" } else { "" })
        })
        .collect()
}

pub fn told(views: &[ShardView], silent_ms: i64) -> Farm {
    let mut farm = Farm::new();
    farm.hear_views(&answer(views, silent_ms), NOW);
    farm.sample();
    farm
}

pub fn answer(views: &[ShardView], silent_ms: i64) -> Value {
    let one = |view: &ShardView| json!({"view": view, "silent_ms": silent_ms, "stale": silent_ms > 5_000});
    json!({ "shards": views.iter().map(one).collect::<Vec<_>>() })
}

fn event(name: &str, data: Value) -> Event {
    Event { id: 1, name: name.to_owned(), data }
}

#[test]
fn a_delta_changes_what_it_names_and_nothing_else() {
    let mut farm = told(&[view("main", 1, six())], 0);
    let mut changed = bot("strategic_btc", 0, "");
    changed.trades = 99;
    let delta = json!({
        "shard": "main", "number": 2, "at": NOW.0 + 1_000, "bots": [changed], "bots_gone": ["newbie_btc"],
        "price": {"last": "60010.5", "at": NOW.0, "age_ms": 3},
    });
    farm.hear(&event("view", delta), NOW + Interval(1_000));
    let shard = farm.shard("main").expect("it spoke");
    let view = shard.view.as_ref().expect("it is read");
    assert_eq!(view.bots.len(), 5);
    assert_eq!(view.bots.iter().find(|bot| bot.bot == "strategic_btc").map(|bot| bot.trades), Some(99));
    assert_eq!((view.number, view.symbol.as_str()), (2, "BTCUSDT"));
    assert_eq!(farm.seats().len(), 6, "who is gone keeps its row, so that no colour moves");
    assert_eq!(shard.candles().last().map(|candle| candle.close), Some(60_010.5));
}

#[test]
fn silence_is_counted_from_the_last_word_however_often_it_is_told_again() {
    let views = [view("main", 1, six())];
    let mut farm = told(&views, 7_000);
    let silent =
        |farm: &Farm, now| farm.shard("main").and_then(|shard| shard.silent(now)).map(|silent| silent.0);
    assert_eq!(silent(&farm, NOW), Some(7_000));
    let later = NOW + Interval(10_000);
    farm.hear(&event("snapshot", json!({"shards": views})), later);
    assert_eq!(silent(&farm, later), Some(17_000), "told again by a stream that begins, it is no younger");
    let mut farm = told(&views, 0);
    farm.hear_views(&answer(&views, 10_000), later);
    assert_eq!(silent(&farm, later), Some(10_000));
    farm.hear_views(&answer(&[view("main", 2, six())], 0), later);
    assert_eq!(silent(&farm, later), None);
}

#[test]
fn what_is_said_is_a_line_of_who_said_it() {
    let mut farm = told(&[view("main", 1, six())], 0);
    farm.way = Way::Stream;
    let said = |kind, bot: Option<&str>, text: &str| {
        let (key, shard, bot) = (text.to_owned(), "main".to_owned(), bot.map(str::to_owned));
        let notice =
            NoticeSaid { key, shard, bot, at: NOW.0, kind, tier: Tier::Informational, text: text.to_owned() };
        event("notice", serde_json::to_value(notice).expect("text"))
    };
    farm.hear(&said(NoticeKind::TradeExit, Some("newbie_btc"), "left its long by stop: -3.10 USDT"), NOW);
    farm.hear(&said(NoticeKind::RiskAlert, None, "the kill switch was thrown: everybody leaves"), NOW);
    let newest: Vec<(Option<usize>, Kind)> =
        farm.diary.newest().take(2).map(|line| (line.who, line.kind)).collect();
    let newbie = farm.seats().iter().position(|seat| seat.bot == "newbie_btc");
    assert!(newbie.is_some());
    assert_eq!(newest, [(None, Kind::News), (newbie, Kind::Loss)]);
}

#[test]
fn what_was_before_is_remembered_but_nothing_of_the_future_or_of_other_money() {
    let mut farm = Farm::new();
    farm.hear_views(&answer(&[view("main", 1, six())], 0), NOW);
    let row = |minutes: i64, mode: &str, equity: &str| {
        json!({"row": "equity", "shard": "main", "bot": "newbie_btc", "mode": mode,
               "at": NOW.0 - minutes * 60_000, "equity": equity, "wallet": "1"})
    };
    let rows =
        [row(-5, "paper", "1"), row(10, "live", "1"), row(15, "paper", "10100"), row(30, "paper", "9900")];
    farm.hear_rows(&json!({ "rows": rows }));
    farm.sample();
    let seat = farm.seats().iter().find(|seat| seat.bot == "newbie_btc").expect("it was seen");
    let points: Vec<(f64, f64)> =
        seat.curve.points().iter().map(|(x, y)| (x.round(), (y * 100.0).round())).collect();
    assert_eq!(points, [(0.0, -100.0), (15.0, 100.0), (30.0, 95.0)]);
}

#[test]
fn a_shard_of_another_version_says_so() {
    let mut value = serde_json::to_value(view("main", 1, six())).expect("text");
    value["invented"] = json!(1);
    let mut farm = Farm::new();
    farm.hear_views(&json!({"shards": [{"view": value, "silent_ms": 0}]}), NOW);
    let why = farm.shard("main").expect("it spoke").view.as_ref().expect_err("nobody knows this key");
    assert!(why.contains("invented"), "{why}");
}

/// A lock that keeps everybody from opening.
pub fn lock() -> LockView {
    LockView {
        lock: "drawdown".to_owned(),
        until: None,
        why: "the whole farm's drawdown has reached its limit".to_owned(),
        ends: "`unlock all`".to_owned(),
    }
}
