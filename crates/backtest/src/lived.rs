//! A run as a student of behaviour sees it: trades as they were lived, occasions as they were counted.

use crate::replay::ClosedTrade;
use crate::run::RunResult;
use analytics::behaviour::{EntryKind, ExitKind, LivedTrade, Occasions};
use execution::ExitReason;
use model::{Instrument, Usd};

/// What lay between an entry and its first stop.
pub fn at_risk(closed: &ClosedTrade, instrument: &Instrument) -> Option<Usd> {
    let position = &closed.trade.position;
    let stop = position.entry.stop?;
    let at_stop = i128::from(position.opened.0) * i128::from(stop.0);
    Some(instrument.usd((position.entry_cost - at_stop).abs()))
}

fn entry_kind(name: &str) -> EntryKind {
    match name {
        _ if name == persona::EntryKind::Fomo.name() => EntryKind::Fomo,
        _ if name == persona::EntryKind::Revenge.name() => EntryKind::Revenge,
        _ => EntryKind::Signal,
    }
}

fn exit_kind(reason: ExitReason) -> ExitKind {
    match reason {
        ExitReason::Stop | ExitReason::TrailingStop => ExitKind::Stop,
        ExitReason::Target => ExitKind::Target,
        ExitReason::Signal | ExitReason::TurnAround => ExitKind::Signal,
        ExitReason::Impulse => ExitKind::Impulse,
        ExitReason::Panic => ExitKind::Panic,
        ExitReason::Liquidation
        | ExitReason::Deleveraging
        | ExitReason::Crossed
        | ExitReason::Command
        | ExitReason::EndOfData => ExitKind::Other,
    }
}

fn lived(closed: &ClosedTrade, instrument: &Instrument) -> LivedTrade {
    let (trade, entry) = (&closed.trade, &closed.trade.position.entry);
    let net = trade.net().as_f64();
    // Without a stop nothing was measured to be at risk.
    let risk = at_risk(closed, instrument).map_or(0.0, Usd::as_f64);
    LivedTrade {
        entered_at: trade.position.entered_at,
        exited_at: trade.exited_at,
        net,
        r_multiple: if risk > 0.0 { net / risk } else { 0.0 },
        risk_fraction: if entry.equity.0 > 0 { risk / entry.equity.as_f64() } else { 0.0 },
        state: entry.mood,
        entry_kind: entry_kind(entry.kind),
        exit_kind: exit_kind(trade.reason),
        fatigue: f64::from(entry.fatigue_permille) / 1_000.0,
        mistake: entry.mistake,
    }
}

impl RunResult {
    /// Its trades as they were lived.
    pub fn lived_trades(&self, instrument: &Instrument) -> Vec<LivedTrade> {
        self.trades.iter().map(|closed| lived(closed, instrument)).collect()
    }

    /// Its occasions to leave.
    pub fn lived_occasions(&self) -> Occasions {
        let farm::Occasions { in_gain, in_loss, exits_in_gain, exits_in_loss, stop_exits } = self.occasions;
        Occasions { in_gain, in_loss, exits_in_gain, exits_in_loss, stop_exits }
    }
}
