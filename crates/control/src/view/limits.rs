//! What may be done and what of it is used, of the whole shard and of each bot; and what keeps a bot from opening.
//!
//! It refuses to judge: the gate does, at the price of its instant. It shows what the gate would look at.

use super::{Names, shown};
use crate::amount::Amount;
use farm::{Allowance, Bot, Farm};
use model::{Interval, Price, Time, Usd, div_round_half_away};
use risk::TradingState;
use serde::{Deserialize, Serialize};

/// A limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitView {
    /// Which.
    pub limit: String,
    /// What of it is used.
    pub used: String,
    /// What is allowed.
    pub most: String,
    /// Used over allowed, in thousandths; more than 1000 is more than is allowed.
    pub used_permille: u32,
}

/// Something that keeps a bot, or everybody, from opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockView {
    /// Which: `cool_down`, `daily_loss`, `drawdown`, `paused` ...
    pub lock: String,
    /// Until when, by the farm's clock; nothing where it waits for somebody.
    pub until: Option<i64>,
    /// In words.
    pub why: String,
    /// What ends it.
    pub ends: String,
}

/// What a persona risks, and may.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskView {
    /// Which part of its band it uses: `low`, `medium`, `high`.
    pub level: String,
    /// The whole band.
    pub band: [f64; 2],
    /// That part: 0 risks the least of the band, 1 the most.
    pub tolerance: [f64; 2],
    /// Risk of a trade at its stop, in basis points of equity, from least to most.
    pub risk_per_trade_bps: [u32; 2],
    /// Leverage asked for, and the most.
    pub leverage: [u16; 2],
    /// Margin of a position, in basis points of equity.
    pub margin_max_bps: u32,
    /// Distance of a stop, in basis points of the price.
    pub stop_bps: [u32; 2],
}

impl RiskView {
    pub(super) fn of(allowance: &Allowance, bot: &Bot) -> RiskView {
        let band = allowance.limits.band;
        RiskView {
            level: allowance.level.name().to_owned(),
            band: bot.profile().map_or(band.tolerance, |profile| profile.risk.tolerance).map(shown),
            tolerance: band.tolerance.map(shown),
            risk_per_trade_bps: band.risk_per_trade_bps,
            leverage: [band.leverage, band.leverage_max],
            margin_max_bps: band.margin_max_bps,
            stop_bps: band.stop_bps,
        }
    }
}

fn permille(used: i64, most: i64) -> u32 {
    let parts = div_round_half_away(i128::from(used.max(0)) * 1_000, i128::from(most.max(1)));
    u32::try_from(parts).unwrap_or(u32::MAX)
}

/// How far `equity` is below `from`, in basis points.
fn fallen_bps(from: Usd, equity: Usd) -> i64 {
    let bps = i128::from((from - equity).0.max(0)) * 10_000 / i128::from(from.0.max(1));
    i64::try_from(bps).unwrap_or(i64::MAX)
}

fn percent(bps: i64) -> String {
    format!("{}.{:02} %", bps / 100, bps % 100)
}

fn fall(limit: &str, from: Usd, equity: Usd, most_bps: u32) -> LimitView {
    let (used, most) = (fallen_bps(from, equity), i64::from(most_bps));
    let used_permille = permille(used, most);
    LimitView { limit: limit.to_owned(), used: percent(used), most: percent(most), used_permille }
}

fn counted(limit: &str, used: u32, most: u32) -> LimitView {
    let used_permille = permille(i64::from(used), i64::from(most));
    LimitView { limit: limit.to_owned(), used: used.to_string(), most: most.to_string(), used_permille }
}

/// Of the whole shard; what is not limited is left out.
pub(super) fn of_farm(farm: &Farm, now: Time) -> Vec<LimitView> {
    let (rules, crowd) = (farm.rules(), farm.together(now));
    let mut limits = money_of_farm(farm, now);
    if let Some(most) = rules.entries_per_minute_max {
        limits.push(counted("entries within a minute", crowd.entries_last_minute, most));
    }
    limits
}

/// Those of them that are of money.
pub(crate) fn money_of_farm(farm: &Farm, now: Time) -> Vec<LimitView> {
    let (rules, crowd) = (farm.rules(), farm.together(now));
    let mut limits = Vec::new();
    if let Some(most) = rules.daily_loss_today(&crowd) {
        limits.push(fall("loss of the day", crowd.equity_at_midnight, crowd.equity, most));
    }
    if let Some(most) = rules.drawdown_max_bps {
        limits.push(fall("drawdown", crowd.equity_peak, crowd.equity, most));
    }
    if let Some(most) = rules.exposure_max_bps {
        let allowed = i128::from(crowd.equity.0.max(0)) * i128::from(most) / 10_000;
        let allowed = Usd(i64::try_from(allowed).unwrap_or(i64::MAX));
        limits.push(LimitView {
            limit: "positions and opening orders together".to_owned(),
            used: Amount(crowd.notional).to_string(),
            most: Amount(allowed).to_string(),
            used_permille: permille(crowd.notional.0, allowed.0),
        });
    }
    limits
}

/// Of a bot; a control has none.
pub(super) fn of_bot(bot: &Bot, farm: &Farm, now: Time) -> Vec<LimitView> {
    let mut limits = money_of_bot(bot, farm, now);
    if let (Some(allowance), Some(_)) = (bot.allowance(now), farm.price()) {
        let most = allowance.limits.entries_per_hour_max;
        limits.push(counted("entries within an hour", allowance.entries_last_hour, most));
    }
    limits
}

/// Those of them that are of money.
pub(crate) fn money_of_bot(bot: &Bot, farm: &Farm, now: Time) -> Vec<LimitView> {
    let (Some(allowance), Some((price, _))) = (bot.allowance(now), farm.price()) else { return Vec::new() };
    let equity = bot.ledger().equity(farm.instrument(), price);
    let limits = &allowance.limits;
    let midnight = allowance.equity_at_midnight.unwrap_or(equity);
    vec![
        fall("loss of the day", midnight, equity, limits.daily_loss_max_bps),
        fall("drawdown", allowance.equity_peak, equity, limits.drawdown_max_bps),
    ]
}

fn lock(lock: &str, until: Option<Time>, why: impl Into<String>, ends: &str) -> LockView {
    LockView { lock: lock.to_owned(), until: until.map(|at| at.0), why: why.into(), ends: ends.to_owned() }
}

fn midnight_after(now: Time) -> Time {
    now.floor(Interval::DAY) + Interval::DAY
}

/// What keeps everybody from opening.
pub(super) fn locks_of_farm(farm: &Farm, now: Time) -> Vec<LockView> {
    let (rules, crowd) = (farm.rules(), farm.together(now));
    let mut locks = Vec::new();
    if let Some((at, flat)) = farm.halted() {
        let ends = if flat.is_some() { "`rearm`" } else { "`rearm`, once everything is known to be flat" };
        locks.push(lock("kill_switch", None, format!("the kill switch is thrown since {at}"), ends));
    }
    if crowd.locked || rules.locks(&crowd) {
        locks.push(lock("drawdown", None, "the whole farm's drawdown has reached its limit", "`unlock all`"));
    }
    if rules.daily_loss_reached(&crowd).is_some() {
        let until = Some(midnight_after(now));
        locks.push(lock(
            "daily_loss",
            until,
            "the whole farm's loss of the day has reached its limit",
            "midnight UTC",
        ));
    }
    locks
}

/// What keeps a bot from opening, besides what keeps everybody.
pub(super) fn locks_of_bot(bot: &Bot, farm: &Farm, names: &Names, now: Time) -> Vec<LockView> {
    let mut locks = Vec::new();
    if let Some(at) = bot.ruined_at() {
        let why = format!("its capital carries no order any more since {at}");
        locks.push(lock("ruined", None, why, "`allocate`, then `resume`"));
    }
    let [own, _] = bot.told();
    match own {
        TradingState::Active => {}
        TradingState::Paused => locks.push(lock("paused", None, "it was told to open nothing", "`resume`")),
        TradingState::ReduceOnly | TradingState::Halted => {
            locks.push(lock("reduce_only", None, "it may only leave what it holds", "`resume`"));
        }
    }
    if farm.unexplained(bot.account()).is_some() {
        let why = format!("account {} holds what its books do not explain", names.account(bot.account()));
        locks.push(lock("unexplained", None, why, "`reconcile`, then `resume`"));
    }
    if let (Some(allowance), Some((price, _))) = (bot.allowance(now), farm.price()) {
        of_allowance(bot, &allowance, farm, price, now, &mut locks);
    }
    locks
}

fn of_allowance(
    bot: &Bot,
    allowance: &Allowance,
    farm: &Farm,
    price: Price,
    now: Time,
    locks: &mut Vec<LockView>,
) {
    let (limits, equity) = (&allowance.limits, bot.ledger().equity(farm.instrument(), price));
    if let Some(until) = allowance.rests_until {
        locks.push(lock(
            "cool_down",
            Some(until),
            "it was stopped out too often lately",
            "time, or `unlock`",
        ));
    }
    let midnight = allowance.equity_at_midnight.unwrap_or(equity);
    if fallen_bps(midnight, equity) >= i64::from(limits.daily_loss_max_bps) {
        let until = Some(midnight_after(now));
        locks.push(lock("daily_loss", until, "its loss of the day has reached its limit", "midnight UTC"));
    }
    if fallen_bps(allowance.equity_peak, equity) >= i64::from(limits.drawdown_max_bps) {
        locks.push(lock("drawdown", None, "its drawdown has reached its limit", "`unlock`"));
    }
    if allowance.entries_last_hour >= limits.entries_per_hour_max {
        locks.push(lock("entries", None, "it has made as many entries as an hour may have", "time"));
    }
}
