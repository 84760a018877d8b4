//! What a farm that runs is told of its sessions by the process that looked at them.
//!
//! The farm does not look itself: a fault of whoever looks must end nobody who trades. It refuses sessions that are not over.

use super::Compared;
use crate::console::Console;
use crate::error::Failure;
use control::Message;
use control::view::Names;
use drift::{Numbers, Report};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A session that is over.
#[cfg(feature = "run")]
#[derive(Debug, PartialEq)]
pub struct Told {
    /// Its end, in milliseconds.
    pub to: i64,
    /// For people.
    pub notice: Message,
    /// For whoever measures.
    pub numbers: Numbers,
}

/// Prints a line for each session that is over.
pub(super) fn tell(all: &[Compared], mode: &str, console: &Console) -> Result<(), Failure> {
    for compared in all {
        let names = Names {
            shard: compared.shard.clone(),
            mode: mode.to_owned(),
            node: String::new(),
            bots: BTreeMap::new(),
            accounts: BTreeMap::new(),
            capital: BTreeMap::new(),
        };
        for report in compared.reports.iter().filter(|report| report.span.is_over) {
            console.print(&format!("{}\n", line(report, &names, compared)))?;
        }
    }
    Ok(())
}

fn line(report: &Report, names: &Names, compared: &Compared) -> Value {
    let notice = Message::Notice(drift::notice(report, names, &compared.budget)).encode();
    let numbers = Numbers::of(report, &compared.budget);
    json!({
        "to": report.span.to.0,
        "notice": String::from_utf8(notice).expect("a message is JSON"),
        "lines_over": numbers.lines_over,
        "lines_unknown": numbers.lines_unknown,
        "signal_mismatches": numbers.signal_mismatches,
        "fill_gap_milli_bps": numbers.fill_gap_milli_bps,
        "result_gap_micro_usdt": numbers.result_gap_micro_usdt,
    })
}

/// Reads a line; nothing if it is none.
#[cfg(feature = "run")]
pub fn read(line: &str) -> Option<Told> {
    let line: Value = serde_json::from_str(line).ok()?;
    let count = |name: &str| line[name].as_u64();
    Some(Told {
        to: line["to"].as_i64()?,
        notice: Message::decode(line["notice"].as_str()?.as_bytes()).ok()?,
        numbers: Numbers {
            lines_over: count("lines_over")?,
            lines_unknown: count("lines_unknown")?,
            signal_mismatches: count("signal_mismatches")?,
            fill_gap_milli_bps: line["fill_gap_milli_bps"].as_i64(),
            result_gap_micro_usdt: line["result_gap_micro_usdt"].as_i64(),
        },
    })
}
