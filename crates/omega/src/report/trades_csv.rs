//! The trades as a file: one row a round trip, so that each figure of the report is a sum over its column.
//!
//! It refuses floats: money and prices are exact, and an average that no eight decimals can hold is rounded once.

use super::Run;
use execution::Trade;
use model::{Decimal, Instrument, Side, div_round_half_away};

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
        average(position.entry_cost, position.opened.0, instrument),
        trade.exited_at.to_string(),
        average(position.exit_cost, position.closed.0, instrument),
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

const DECIMALS_MAX: u8 = 8;

/// The average price of lots that cost so many tick-lots: exact where that is possible, else to eight decimals.
pub fn average(cost: i128, lots: i64, instrument: &Instrument) -> String {
    assert!(lots > 0, "a round trip has opened and closed something");
    let tick = instrument.tick;
    let numerator = cost * i128::from(tick.mantissa);
    let mut decimals = tick.decimals;
    let scaled = |decimals: u8| numerator * 10_i128.pow(u32::from(decimals - tick.decimals));
    while decimals < DECIMALS_MAX && scaled(decimals) % i128::from(lots) != 0 {
        decimals += 1;
    }
    let mantissa = div_round_half_away(scaled(decimals), i128::from(lots));
    let mantissa = i64::try_from(mantissa).expect("an average lies between prices that fit");
    Decimal { mantissa, decimals }.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_exact_where_they_can_be() {
        let instrument = Instrument::btcusdt();
        for (cost, lots, text) in [
            (400_000 * 7, 7, "40000.0"),
            (400_000 + 400_001, 2, "40000.05"),
            (400_000 + 400_000 + 400_001, 3, "40000.03333333"),
            (400_000 + 400_001 + 400_001, 3, "40000.06666667"),
        ] {
            assert_eq!(average(cost, lots, &instrument), text);
        }
        assert_eq!(average(10, 3, &instrument.with_price_decimals(10)), "0.0000000003");
    }
}
