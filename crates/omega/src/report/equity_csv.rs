//! The equity curve as a file: the starting capital on day 0, then a row a UTC midnight and one at the end.
//!
//! It refuses to mix personas without a column that tells them apart.

use super::Run;

/// The file's text.
pub fn text(runs: &[Run]) -> Vec<u8> {
    let several = runs.len() > 1;
    let mut text = String::from(if several { "persona,day,time,equity\n" } else { "day,time,equity\n" });
    for run in runs {
        for (day, sample) in run.result.samples.iter().enumerate() {
            if several {
                text.push_str(&run.result.persona);
                text.push(',');
            }
            text.push_str(&format!("{day},{},{}\n", sample.time, sample.equity));
        }
    }
    text.into_bytes()
}
