//! The psychology of everybody over time as a file: one row a session's end.
//!
//! It refuses to fill in what nobody felt: controls and calm twins have no row.

use super::Run;

const COLUMNS: [&str; 14] = [
    "persona",
    "session",
    "time",
    "equity",
    "total_return",
    "max_drawdown",
    "trades",
    "emotional_state",
    "confidence",
    "stress",
    "fatigue",
    "urge",
    "risk_appetite",
    "energy",
];

/// Six decimals; nobody has lost -0.000000.
fn fraction(value: f64) -> String {
    let text = format!("{value:.6}");
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|digit| matches!(digit, b'0' | b'.')) => digits.to_owned(),
        _ => text,
    }
}

/// The file's text.
pub fn text(runs: &[Run]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = "a vector takes every byte";
    writer.write_record(COLUMNS).expect(written);
    for run in runs {
        for summary in &run.result.sessions {
            let (Some((label, mood)), Some(energy)) = (summary.mood, summary.energy) else { continue };
            let mut row = vec![
                run.result.persona.clone(),
                summary.session.number.to_string(),
                summary.at.to_string(),
                summary.equity.to_string(),
                fraction(summary.total_return),
                fraction(-summary.drawdown),
                summary.trades.to_string(),
                label.name().to_owned(),
            ];
            row.extend(mood.variables().map(|(_, value)| format!("{value:.4}")));
            row.push(format!("{energy:.4}"));
            writer.write_record(row).expect(written);
        }
    }
    writer.into_inner().expect(written)
}

#[cfg(test)]
mod tests {
    use super::fraction;

    #[test]
    fn nothing_lost_has_no_sign() {
        let texts = [-0.0, -0.000_000_4, -0.000_001, 0.5].map(fraction);
        assert_eq!(texts, ["0.000000", "0.000000", "-0.000001", "0.500000"]);
    }
}
