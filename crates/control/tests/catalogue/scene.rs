//! A farm as its views tell it: two shards, one of them with two bots on an account, everything there is to be shown.

use control::Amount;
use control::catalogue::{Act, Answer, Complaint, Errands, Known, Own, Read, find, named, parse};
use control::record::MoodRecord;
use control::view::{
    AccountView, BotView, DecisionView, FrameLook, InfluenceView, LevelLook, LimitView, LockView, OrderView,
    PositionView, PriceView, ReadingView, RiskView, SessionView, ShardView, StandingView, WaitsView,
};
use model::{Time, Usd};
use std::collections::BTreeMap;

/// 2026-11-26T09:00:00Z.
pub const NOW: Time = Time(1_795_683_600_000);

pub fn usdt(amount: i64) -> Amount {
    Amount(Usd(amount * Usd::ONE.0))
}

fn text(text: &str) -> String {
    text.to_owned()
}

pub fn bot(name: &str, number: u16) -> BotView {
    BotView {
        bot: text(name),
        number,
        persona: text("strategic"),
        account: text("main"),
        status: text("trading"),
        capital: usdt(10_000),
        wallet: usdt(9_900),
        equity: Some(usdt(10_050)),
        fees: usdt(12),
        funding: usdt(-1),
        position: None,
        orders: Vec::new(),
        trades: 7,
        fills: 15,
        mood: Some(MoodRecord {
            label: text("calm"),
            confidence: 0.5,
            stress: 0.25,
            fatigue: 0.125,
            urge: 0.0,
            risk_appetite: 0.5,
        }),
        waits: None,
        refusals: BTreeMap::from([(text("cool_down"), 3)]),
        naked_ms_max: 120,
        energy: Some(0.75),
        risk: Some(RiskView {
            level: text("medium"),
            band: [0.2, 0.6],
            tolerance: [0.2, 0.6],
            risk_per_trade_bps: [25, 100],
            leverage: [2, 4],
            margin_max_bps: 500,
            stop_bps: [100, 400],
        }),
        limits: vec![LimitView {
            limit: text("drawdown"),
            used: text("45.00 %"),
            most: text("50.00 %"),
            used_permille: 900,
        }],
        locks: Vec::new(),
        decisions: vec![DecisionView {
            at: NOW.0,
            order: Some(text("b1-0-9")),
            what: text("wanted in: it pulled back"),
            times: 1,
        }],
    }
}

pub fn held() -> PositionView {
    PositionView {
        side: text("long"),
        quantity: text("0.025"),
        entry_price: text("40000.0"),
        since: Some(NOW.0 - 60_000),
        unrealised: Some(usdt(150)),
        stop: Some(text("39000.0")),
        at_stop: Some(usdt(-25)),
        leverage: Some(2),
        notional: Some(usdt(1_000)),
        close_fee: Some(Amount(Usd(600_000))),
    }
}

fn opening() -> OrderView {
    OrderView {
        order: text("b2-0-4"),
        side: text("sell"),
        quantity: text("0.010"),
        price: Some(text("41000.0")),
        reduce_only: false,
        status: text("working"),
    }
}

fn frame() -> FrameLook {
    FrameLook {
        frame: text("1h"),
        closed_at: NOW.0,
        close: text("40000.0"),
        trend: Some(text("up")),
        strength: Some(0.8),
        regime: Some(text("trending")),
        range_ratio: Some(1.1),
        volatility: Some(0.45),
        range: Some(text("350.0")),
        rsi: None,
        adx: Some(28.0),
        support: vec![LevelLook { price: text("39500.0"), touches: 3 }],
        resistance: Vec::new(),
        high: Some(text("40500.0")),
        low: None,
    }
}

fn sky() -> Vec<InfluenceView> {
    let reading = ReadingView {
        value: 180.0,
        unit: text("deg from the Sun"),
        source: text("ephemeris"),
        known_at: None,
        band: text("full moon"),
        effect: 0.3,
    };
    vec![
        InfluenceView { factor: text("moon"), seen: Some(reading), absent: None },
        InfluenceView { factor: text("kp"), seen: None, absent: Some(text("no source named")) },
    ]
}

pub fn shard(name: &str, bots: Vec<BotView>) -> ShardView {
    ShardView {
        shard: text(name),
        node: text("n1"),
        epoch: 3,
        number: 17,
        at: NOW.0 - 900,
        mode: text("paper"),
        symbol: text("BTCUSDT"),
        bar_ms: 60_000,
        price: Some(PriceView { last: text("46000.0"), at: NOW.0 - 1_000, age_ms: 1_000 }),
        halted_at: None,
        flat_at: None,
        session: Some(SessionView {
            number: 6,
            day: 2,
            of_day: 2,
            starts: NOW.0,
            ends: NOW.0 + 21_600_000,
            is_checkpoint: false,
        }),
        accounts: vec![AccountView {
            account: text("main"),
            number: 4,
            treasury: usdt(500),
            unexplained: None,
        }],
        battle: bots
            .iter()
            .map(|bot| StandingView {
                bot: bot.bot.clone(),
                total_return: 0.02,
                drawdown: 0.01,
                trades: 12,
                score: Some(2.0),
            })
            .collect(),
        bots,
        market: vec![frame()],
        sky: sky(),
        limits: Vec::new(),
        locks: Vec::new(),
    }
}

/// `main` with a bot that holds and one that waits, and a shard of another account.
pub fn views() -> Vec<ShardView> {
    let mut ann = bot("strategic_btc", 1);
    ann.position = Some(held());
    let mut ben = bot("newbie_btc", 2);
    ben.orders.push(opening());
    ben.waits = Some(WaitsView {
        order: text("b2-0-7"),
        until: NOW.0 + 60_000,
        side: text("short"),
        why: text("chased a move"),
    });
    ben.locks.push(LockView {
        lock: text("cool_down"),
        until: Some(NOW.0 + 600_000),
        why: text("it was stopped out too often lately"),
        ends: text("time, or `unlock`"),
    });
    let mut control = bot("ema_btc", 3);
    (control.persona, control.risk, control.mood) = (text("ema_cross"), None, None);
    let mut other = shard("second", vec![control]);
    other.accounts[0].account = text("other");
    other.bots[0].account = text("other");
    vec![shard("main", vec![ann, ben]), other]
}

pub fn known(views: &[ShardView]) -> Known<'_> {
    Known { views, now: NOW }
}

/// What a line as somebody types it comes to.
pub fn give(line: &str, views: &[ShardView]) -> Result<Act, Complaint> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let command = find(words[0])?;
    let arguments = parse(&command.spec, &named(&command.spec, &words[1..])?)?;
    command.call(&arguments, &known(views))
}

pub fn answer(line: &str, views: &[ShardView]) -> Answer {
    match give(line, views) {
        Ok(Act::Answer(answer) | Act::Gateway(Own::Health(answer))) => answer,
        other => panic!("{line}: {other:?}"),
    }
}

pub fn errands(line: &str, views: &[ShardView]) -> Errands {
    match give(line, views) {
        Ok(Act::Errands(errands)) => errands,
        other => panic!("{line}: {other:?}"),
    }
}

pub fn read(line: &str, views: &[ShardView]) -> Read {
    match give(line, views) {
        Ok(Act::Read(read)) => read,
        other => panic!("{line}: {other:?}"),
    }
}

pub fn complaint(line: &str, views: &[ShardView]) -> String {
    match give(line, views) {
        Err(complaint) => complaint.to_string(),
        Ok(act) => panic!("{line}: {act:?}"),
    }
}
