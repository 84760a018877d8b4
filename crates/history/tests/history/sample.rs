//! Rows that could be a farm's, and some that are as odd as a record can be.

use control::Amount;
use control::record::{AuditRecord, EquityRecord, MoodRecord, Record, SessionRecord, TradeRecord};
use model::Usd;

/// 2026-01-31T23:59:59.999Z: the end of a month, in the middle of a week.
pub const START_MS: i64 = 1_769_903_999_999;

fn amount(micro: i64) -> Amount {
    Amount(Usd(micro))
}

/// A number that looks like none, from a number.
pub fn mixed(n: u64) -> u64 {
    let mixed = (n.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 29)
}

pub fn trade(n: u64) -> TradeRecord {
    let odd = mixed(n);
    let micro = |shift: u32| ((odd >> shift) as i64 & 0xfff_ffff) - 0x7ff_ffff;
    let (gross, fees, funding) = (micro(3), micro(7).abs(), micro(11));
    let exited_at = START_MS + n as i64 * 7_200_000;
    TradeRecord {
        shard: ["main", "btc-1"][n as usize % 2].to_owned(),
        bot: ["newbie", "scalper", "strategic_btc"][n as usize % 3].to_owned(),
        persona: "newbie".to_owned(),
        account: "sub-account-7".to_owned(),
        mode: if odd.is_multiple_of(5) { "live" } else { "paper" }.to_owned(),
        symbol: "BTCUSDT".to_owned(),
        side: if odd.is_multiple_of(2) { "long" } else { "short" }.to_owned(),
        entry_order: format!("b{}-0-{n}", n % 3),
        entered_at: exited_at - 60_000,
        exited_at,
        entry_price: format!("{}.1", 40_000 + n),
        exit_price: format!("{}.25", 40_010 + n),
        quantity: "0.015".to_owned(),
        stop: (!odd.is_multiple_of(3)).then(|| "39000.0".to_owned()),
        leverage: 1 + (n % 20) as u16,
        gross: amount(gross),
        fees: amount(fees),
        funding: amount(funding),
        net: amount(gross - fees + funding),
        equity_at_entry: amount(10_000_000_000 + gross),
        exit_reason: "stop".to_owned(),
        entry_kind: "signal".to_owned(),
        entry_reason: odd
            .is_multiple_of(4)
            .then(|| "it \"crossed\", it's, über 1%\n; DROP TABLE trades".to_owned()),
        mood: "confident".to_owned(),
        mistake: odd.is_multiple_of(7),
    }
}

pub fn session(n: u64) -> SessionRecord {
    // A sum that no decimal of less than 17 digits is.
    let part = (mixed(n) >> 11) as f64 / (1_u64 << 53) as f64;
    let mood = MoodRecord {
        label: "calm".to_owned(),
        confidence: part,
        stress: part / 3.0,
        fatigue: f64::MIN_POSITIVE,
        urge: 1e-300 * part,
        risk_appetite: 0.1 + 0.2,
    };
    SessionRecord {
        shard: "main".to_owned(),
        bot: "newbie".to_owned(),
        mode: "paper".to_owned(),
        session: n as u32,
        at: START_MS + n as i64 * 21_600_000,
        equity: amount(9_999_999_999 + n as i64),
        total_return: -part,
        drawdown: 1.0,
        trades: u32::MAX,
        mood: (!n.is_multiple_of(3)).then_some(mood),
        energy: (!n.is_multiple_of(2)).then_some(1.1),
    }
}

pub fn equity(n: u64) -> EquityRecord {
    EquityRecord {
        shard: "main".to_owned(),
        bot: "newbie".to_owned(),
        mode: "paper".to_owned(),
        at: START_MS + n as i64 * 60_000,
        equity: amount(mixed(n) as i64 >> 8),
        wallet: amount(-(mixed(n) as i64 >> 8)),
    }
}

pub fn audit(n: u64) -> AuditRecord {
    AuditRecord {
        chain: "gateway-1".to_owned(),
        seq: n,
        at: START_MS + n as i64,
        who: "alice".to_owned(),
        link: format!("{{\"seq\":{n},\"hash\":\"{:016x}\"}}", mixed(n)),
    }
}

/// So many rows of each kind, in turn.
pub fn rows(count: u64) -> Vec<Record> {
    let row = |n: u64| {
        [
            Record::Trade(trade(n)),
            Record::Session(session(n)),
            Record::Equity(equity(n)),
            Record::Audit(audit(n)),
        ]
    };
    (1..=count).flat_map(row).collect()
}

pub fn trades(from: u64, to: u64) -> Vec<Record> {
    (from..to).map(|n| Record::Trade(trade(n))).collect()
}
