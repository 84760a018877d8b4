//! The trades as a file: one row a round trip, so that each figure of the report is a sum over its column.
//!
//! It refuses floats: money and prices are exact, and an average that no eight decimals can hold is rounded once.

use super::Run;
use execution::Trade;
use model::{Instrument, Side};

const COLUMNS: [&str; 19] = [
    "persona",
    "side",
    "entry_time",
    "entry_price",
    "exit_time",
    "exit_price",
    "quantity",
    "stop",
    "fees",
    "funding",
    "gross_pnl",
    "pnl",
    "reason",
    "emotional_state",
    "entry_reason",
    "leverage",
    "entry_kind",
    "mistake",
    "fatigue",
];

/// The file's text.
pub fn text(runs: &[Run], instrument: &Instrument) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = "a vector takes every byte";
    writer.write_record(COLUMNS).expect(written);
    for run in runs {
        for closed in &run.result.trades {
            let reason = closed.entry_reason.map(|reason| reason.describe(instrument)).unwrap_or_default();
            writer.write_record(row(&run.result.persona, &closed.trade, reason, instrument)).expect(written);
        }
    }
    writer.into_inner().expect(written)
}

fn row(persona: &str, trade: &Trade, entry_reason: String, instrument: &Instrument) -> [String; 19] {
    let position = &trade.position;
    [
        persona.to_owned(),
        match position.side {
            Side::Buy => "long".to_owned(),
            Side::Sell => "short".to_owned(),
        },
        position.entered_at.to_string(),
        instrument.format_average(position.entry_cost, position.opened.0).to_string(),
        trade.exited_at.to_string(),
        instrument.format_average(position.exit_cost, position.closed.0).to_string(),
        instrument.format_qty(position.opened).to_string(),
        position.entry.stop.map(|stop| instrument.format_price(stop).to_string()).unwrap_or_default(),
        position.fees.to_string(),
        position.funding.to_string(),
        position.gross.to_string(),
        trade.net().to_string(),
        trade.reason.name().to_owned(),
        position.entry.mood.to_owned(),
        entry_reason,
        position.entry.leverage.to_string(),
        position.entry.kind.to_owned(),
        position.entry.mistake.to_string(),
        format!("{:.3}", f64::from(position.entry.fatigue_permille) / 1_000.0),
    ]
}
