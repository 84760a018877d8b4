//! What an importer owes for any bytes: sound values, or one line that says what is wrong and what to do.
//!
//! Panics on a breach, because that is what a fuzzer sees. Refuses to look at how the importer did it.

use cosmos::Series;
use data::{DataError, LoadedBars};
use model::{FundingRate, Interval, MarkColumns};

/// Frames to which accepted bars are resampled: that must not break either.
const RESAMPLED_TO: &[Interval] = &[Interval::minutes(5), Interval::HOUR];

/// Longest message to be called a line.
const MESSAGE_LETTERS_MAX: usize = 1_000;

/// Judges the bars of a file.
pub fn bars(outcome: Result<LoadedBars, DataError>) {
    let Some(loaded) = accepted(outcome) else { return };
    let bars = loaded.bars.as_bars();
    assert!(!bars.is_empty(), "no bars, but no error");
    assert_eq!(bars.len(), loaded.report.rows, "the report counts other rows");
    let ascending = bars.open_time.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(ascending, "bars out of order were accepted");
    for index in 0..bars.len() {
        let bar = bars.get(index);
        assert!(bar.low.0 > 0, "a price that is not positive was accepted: {bar:?}");
        let holds = bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close);
        assert!(holds, "a bar that does not hold its own prices was accepted: {bar:?}");
        assert!(bar.volume.is_finite() && bar.volume >= 0.0, "an impossible volume was accepted: {bar:?}");
        assert!(bar.volume.to_bits() != (-0.0_f64).to_bits(), "a volume of minus zero was accepted: {bar:?}");
    }
    for interval in RESAMPLED_TO {
        if let Ok(resampled) = data::resample(bars, *interval) {
            assert!(resampled.len() <= bars.len(), "resampling made bars up");
        }
    }
}

/// Judges the funding rates of a file.
pub fn funding(outcome: Result<Vec<FundingRate>, DataError>) {
    let Some(rates) = accepted(outcome) else { return };
    assert!(!rates.is_empty(), "no rates, but no error");
    assert!(rates.windows(2).all(|pair| pair[0].time < pair[1].time), "rates out of order were accepted");
}

/// Judges the mark prices of a file.
pub fn mark(outcome: Result<MarkColumns, DataError>) {
    let Some(marks) = accepted(outcome) else { return };
    let lengths = [marks.open.len(), marks.high.len(), marks.low.len(), marks.close.len()];
    assert_eq!(lengths, [marks.open_time.len(); 4], "columns of different lengths");
    assert!(!marks.open_time.is_empty(), "no marks, but no error");
    assert!(marks.open_time.windows(2).all(|pair| pair[0] < pair[1]), "marks out of order were accepted");
    assert!(marks.low.iter().all(|mark| mark.0 > 0), "a mark that is not positive was accepted");
}

/// Judges the readings of a file.
pub fn readings(outcome: Result<Series, DataError>) {
    let Some(series) = accepted(outcome) else { return };
    let readings = series.readings();
    assert!(!readings.is_empty(), "no readings, but no error");
    let ascending = readings.windows(2).all(|pair| pair[0].available_at < pair[1].available_at);
    assert!(ascending, "readings out of order were accepted");
    for reading in readings {
        assert!(reading.value.is_finite(), "an impossible reading was accepted: {reading:?}");
        assert!(reading.felt.is_none_or(|felt| felt.effect.abs() <= 0.5), "beyond its bounds: {reading:?}");
    }
}

fn accepted<T>(outcome: Result<T, DataError>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(error) => {
            let message = error.to_string();
            let is_line = !message.is_empty() && !message.contains(['\n', '\r']);
            assert!(is_line, "not one line: {message:?}");
            assert!(message.chars().count() <= MESSAGE_LETTERS_MAX, "too long for a line: {message}");
            assert!(!error.hint().is_empty(), "no hint: {message}");
            None
        }
    }
}
