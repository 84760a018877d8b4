//! What was fetched, as rows, on their way into the catalogue.

use data::catalogue::{Catalogue, Period, Provenance, Series};
use data::{DataError, LoadedBars};
use model::{FundingRate, Time};

/// Rows of one file.
#[derive(Debug)]
pub enum Rows {
    /// Bars, or marks.
    Bars(Box<LoadedBars>),
    /// Funding rates.
    Funding(Vec<FundingRate>),
}

impl Rows {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Rows::Bars(loaded) => loaded.bars.len(),
            Rows::Funding(rates) => rates.len(),
        }
    }

    /// Their instants.
    pub fn times(&self) -> Vec<Time> {
        match self {
            Rows::Bars(loaded) => loaded.bars.open_time.clone(),
            Rows::Funding(rates) => rates.iter().map(|rate| rate.time).collect(),
        }
    }

    /// Keeps them.
    pub fn store(
        &self,
        catalogue: &Catalogue,
        series: &Series,
        period: Period,
        provenance: Provenance,
    ) -> Result<(), DataError> {
        match self {
            Rows::Bars(loaded) => {
                catalogue.store_bars(series, period, &loaded.bars, loaded.tick_decimals, provenance)?
            }
            Rows::Funding(rates) => catalogue.store_funding(series, period, rates, provenance)?,
        };
        Ok(())
    }
}
