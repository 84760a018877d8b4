//! What was shown, as files that a back-test reads.
//!
//! It refuses to round: what is read back is what was traded, marked and settled.

use crate::error::Failure;
use crate::{figures, whole_file};
use backtest::Tape;
use model::{Mark, MarkColumns, Step};
use std::path::{Path, PathBuf};

/// Where it lies.
#[derive(Clone, Debug)]
pub struct Files {
    /// Bars.
    pub bars: PathBuf,
    /// Funding; none where nothing was settled.
    pub funding: Option<PathBuf>,
    /// Marks.
    pub mark: PathBuf,
}

impl Files {
    /// Writes the tape into a directory that is there.
    pub fn write(tape: &Tape, directory: &Path) -> Result<Files, Failure> {
        let (bars, mark) = (directory.join("bars.csv"), directory.join("mark.csv"));
        data::write_bars(&bars, tape.bars.as_bars(), Step::decimal(1))?;
        whole_file::prepare(&mark, marks(&tape.mark).as_bytes())?.commit()?;
        let funding = (!tape.funding.is_empty()).then(|| directory.join("funding.csv"));
        if let Some(file) = &funding {
            data::write_funding(file, &tape.funding)?;
        }
        Ok(Files { bars, funding, mark })
    }
}

fn marks(columns: &MarkColumns) -> String {
    let mut text = String::with_capacity(64 * columns.open_time.len());
    text.push_str("open_time,open,high,low,close\n");
    let price = |mark: Mark| figures::decimal(mark.0, Mark::DECIMALS);
    for (i, time) in columns.open_time.iter().enumerate() {
        let [open, high, low, close] =
            [columns.open[i], columns.high[i], columns.low[i], columns.close[i]].map(price);
        text.push_str(&format!("{},{open},{high},{low},{close}\n", time.0));
    }
    text
}
