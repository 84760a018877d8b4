//! The flags that say which market is replayed and what its venue does: the same words wherever something is run.
//!
//! It refuses a symbol that is not listed and a range that ends before it begins.

use crate::downloaded::{CatalogueFlags, Downloaded, Wanted};
use crate::error::Failure;
use crate::market_files::MarketFiles;
use crate::parse::{self, Participation};
use clap::Args;
use data::catalogue::Origin;
use farm::Character;
use model::{Instrument, Interval, Rate, Time};
use std::path::{Path, PathBuf};
use venue::Models;

/// What the venue does to a persona unless told otherwise; controls trade against an ideal one.
pub const PERSONA_MODELS: Models =
    Models { slippage: Rate::bps(1), latency: Interval(250), participation: Some(Rate::bps(1_000)) };

/// Everything of a market but its bars, which some commands can do without.
#[derive(Args, Clone, Debug)]
pub struct MarketFlags {
    /// Finer bars, walked inside a bar where the path matters
    #[arg(long, value_name = "FILE")]
    pub path: Option<PathBuf>,
    /// Funding rates
    #[arg(long, value_name = "FILE")]
    pub funding: Option<PathBuf>,
    /// Mark prices
    #[arg(long, value_name = "FILE")]
    pub mark: Option<PathBuf>,
    /// What is traded
    #[arg(long, default_value = "BTCUSDT")]
    pub symbol: String,
    /// Whose downloaded history, where there is more than one and no --bars
    #[arg(long, value_name = "NAME", value_parser = parse::origin)]
    pub source: Option<Origin>,
    #[command(flatten)]
    pub catalogue: CatalogueFlags,
    /// First UTC day, included
    #[arg(long, value_name = "DAY", value_parser = parse::day)]
    pub from: Option<Time>,
    /// Last UTC day, included
    #[arg(long, value_name = "DAY", value_parser = parse::day)]
    pub to: Option<Time>,
    /// Taker fee as a fraction [default: the instrument's, 0.0006]
    #[arg(long, value_name = "RATE", value_parser = parse::fee_taker, allow_negative_numbers = true)]
    pub fee_taker: Option<Rate>,
    /// Maker fee as a fraction [default: the instrument's, 0.0002]
    #[arg(long, value_name = "RATE", value_parser = parse::fee_maker, allow_negative_numbers = true)]
    pub fee_maker: Option<Rate>,
}

impl MarketFlags {
    /// The instrument with the fees that were asked for.
    pub fn instrument(&self) -> Result<Instrument, Failure> {
        instrument(&self.symbol, self.fee_taker, self.fee_maker)
    }

    /// The files to read, in the range that was asked for; without `bars` those of the catalogue.
    pub fn files(&self, bars: Option<&Path>, instrument: Instrument) -> Result<MarketFiles, Failure> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from > to
        {
            let day = |time: Time| time.to_string()[..10].to_owned();
            let problem = format!("--from {} lies after --to {}", day(from), day(to));
            return Err(Failure::usage(
                problem,
                "give a first day that is not after the last; both are included",
            ));
        }
        let to = self.to.map(|day| day + Interval::DAY);
        let found = match bars {
            Some(bars) => Downloaded { bars: bars.into(), funding: None, mark: None },
            None => Wanted { symbol: &self.symbol, source: self.source, from: self.from, to }
                .find(&self.catalogue.open()?)?,
        };
        Ok(MarketFiles {
            instrument,
            bars: found.bars,
            path: self.path.clone(),
            funding: self.funding.clone().or(found.funding),
            mark: self.mark.clone().or(found.mark),
            from: self.from,
            to,
        })
    }
}

/// The instrument of that name, with other fees where they were asked for.
pub fn instrument(
    symbol: &str,
    fee_taker: Option<Rate>,
    fee_maker: Option<Rate>,
) -> Result<Instrument, Failure> {
    let known = [Instrument::btcusdt()];
    let names: Vec<&str> = known.iter().map(|instrument| instrument.symbol.as_str()).collect();
    let found = known.iter().find(|instrument| instrument.symbol == symbol);
    let mut instrument = found.cloned().ok_or_else(|| {
        let problem = format!("--symbol: no instrument is called \"{symbol}\"");
        Failure::usage(problem, format!("there is {}", names.join(", ")))
    })?;
    instrument.fees.taker = fee_taker.unwrap_or(instrument.fees.taker);
    instrument.fees.maker = fee_maker.unwrap_or(instrument.fees.maker);
    // A forced close is never the cheaper way out.
    instrument.fees.liquidation = instrument.fees.liquidation.max(instrument.fees.taker);
    Ok(instrument)
}

/// What the venue does.
#[derive(Args, Clone, Debug)]
pub struct VenueFlags {
    /// Slippage of a taker in basis points [default: 1 for personas, 0 for controls]
    #[arg(long, value_name = "BPS", value_parser = parse::slippage, allow_negative_numbers = true)]
    slippage_bps: Option<Rate>,
    /// Latency of an order [default: 250 for personas, 0 for controls]
    #[arg(long, value_name = "MS", value_parser = parse::latency, allow_negative_numbers = true)]
    latency_ms: Option<Interval>,
    /// Largest share of a bar's volume, or off [default: 0.1 for personas, off for controls]
    #[arg(long, value_name = "SHARE", value_parser = parse::participation, allow_negative_numbers = true)]
    participation: Option<Participation>,
}

impl VenueFlags {
    /// Flags that were given hold for everybody.
    pub fn models(&self, persona: &Character) -> Models {
        let stated = match persona {
            Character::Persona(..) | Character::Twin(_) => PERSONA_MODELS,
            Character::Control(..) => Models::NONE,
        };
        Models {
            slippage: self.slippage_bps.unwrap_or(stated.slippage),
            latency: self.latency_ms.unwrap_or(stated.latency),
            participation: self.participation.map_or(stated.participation, Participation::share),
        }
    }
}
