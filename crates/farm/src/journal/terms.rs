//! The terms a farm trades under as bytes, and back: its accounts and its rules.

use super::JournalError;
use super::wire::{Reader, Writer};
use crate::roster::AccountPlan;
use model::{AccountId, Interval, PositionMode, Time, Usd};
use risk::{ApprovalRule, CoolDown, Rules, Vigilance};

pub(super) fn write_accounts(w: &mut Writer, accounts: &[AccountPlan]) {
    w.length(accounts.len());
    for AccountPlan { id, mode, treasury } in accounts {
        w.u16(id.0);
        w.byte(u8::from(*mode == PositionMode::Hedge));
        w.i64(treasury.0);
    }
}

pub(super) fn read_accounts(r: &mut Reader<'_>) -> Result<Vec<AccountPlan>, JournalError> {
    let plan = |r: &mut Reader<'_>| {
        let id = AccountId(r.u16()?);
        let mode = match r.byte()? {
            0 => PositionMode::OneWay,
            1 => PositionMode::Hedge,
            _ => return Err(JournalError::Content("a position mode that is not known")),
        };
        Ok(AccountPlan { id, mode, treasury: Usd(r.i64()?) })
    };
    (0..r.length()?).map(|_| plan(r)).collect()
}

pub(super) fn write_rules(w: &mut Writer, rules: &Rules) {
    let Rules {
        daily_loss_max_bps,
        drawdown_max_bps,
        exposure_max_bps,
        entries_per_minute_max,
        approval,
        cool_down,
        vigilance,
        unexplained_max,
    } = rules;
    for limit in [daily_loss_max_bps, drawdown_max_bps, exposure_max_bps, entries_per_minute_max] {
        w.optional(*limit, Writer::u32);
    }
    w.optional(*approval, |w, ApprovalRule { risk_bps, expiry }| {
        w.u32(risk_bps);
        w.i64(expiry.0);
    });
    w.optional(*cool_down, |w, CoolDown { stops, within, lasts }| {
        w.u32(stops);
        w.ints([within.0, lasts.0]);
    });
    w.optional(*vigilance, |w, rule| {
        let Vigilance { orders_over_p99, fill_from_mark_bps, rejections_per_minute } = rule;
        for limit in [orders_over_p99, fill_from_mark_bps, rejections_per_minute] {
            w.u32(limit);
        }
    });
    w.i64(unexplained_max.0);
}

pub(super) fn read_rules(r: &mut Reader<'_>) -> Result<Rules, JournalError> {
    Ok(Rules {
        daily_loss_max_bps: r.optional(Reader::u32)?,
        drawdown_max_bps: r.optional(Reader::u32)?,
        exposure_max_bps: r.optional(Reader::u32)?,
        entries_per_minute_max: r.optional(Reader::u32)?,
        approval: r.optional(|r| Ok(ApprovalRule { risk_bps: r.u32()?, expiry: Interval(r.i64()?) }))?,
        cool_down: r.optional(|r| {
            Ok(CoolDown { stops: r.u32()?, within: Interval(r.i64()?), lasts: Interval(r.i64()?) })
        })?,
        vigilance: r.optional(|r| {
            Ok(Vigilance {
                orders_over_p99: r.u32()?,
                fill_from_mark_bps: r.u32()?,
                rejections_per_minute: r.u32()?,
            })
        })?,
        unexplained_max: Usd(r.i64()?),
    })
}

/// Writes that other rules hold from an instant on.
pub(super) fn write_change(w: &mut Writer, now: Time, rules: &Rules) {
    w.i64(now.0);
    write_rules(w, rules);
}

/// Reads it; rules that no farm was put under are none.
pub(super) fn read_change(r: &mut Reader<'_>) -> Result<(Time, Rules), JournalError> {
    let (now, rules) = (Time(r.i64()?), read_rules(r)?);
    match rules.check_bounds() {
        Ok(()) => Ok((now, rules)),
        Err(_) => Err(JournalError::Content("rules that no farm was put under")),
    }
}
