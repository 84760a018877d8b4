//! The files of a back-test to one history: bars, finer bars for the path, funding and mark prices.
//!
//! It refuses finer bars that do not divide the bars, and prices beyond what a mark price can hold.

use crate::console::Console;
use crate::error::Failure;
use crate::figures;
use backtest::History;
use data::catalogue::{funding_of_folder, load_bars_of_folder, mark_of_folder};
use data::{
    BarOptions, DataError, LoadedBars, Repair, Source, Validation, load_bars, load_funding, load_mark,
};
use model::{BarColumns, FundingRate, Instrument, Mark, MarkColumns, Price, Time};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Which files, and which part of them.
#[derive(Clone, Debug)]
pub struct MarketFiles {
    /// What is traded; its tick is refined to that of the files.
    pub instrument: Instrument,
    /// The bars the bots see: a file, or a directory of the catalogue. So may funding and marks be.
    pub bars: PathBuf,
    /// Finer bars for the path inside a bar.
    pub path: Option<PathBuf>,
    /// Funding rates.
    pub funding: Option<PathBuf>,
    /// Mark prices.
    pub mark: Option<PathBuf>,
    /// First instant.
    pub from: Option<Time>,
    /// First instant no longer wanted.
    pub to: Option<Time>,
}

/// A history and what is to be known about it.
#[derive(Clone, Debug)]
pub struct LoadedMarket {
    /// What is replayed.
    pub history: History,
    /// Where the bars came from.
    pub source: Source,
    /// What is unusual about them.
    pub report: Validation,
    /// Funding instants in the range.
    pub funding: Option<usize>,
    /// Whether mark prices were given.
    pub mark: Option<PathBuf>,
    /// Finer bars.
    pub path: Option<PathBuf>,
    /// Seconds it took.
    pub load_s: f64,
}

/// Highest price that is replayed, in USDT: a mark price has ten decimals, and sums of money stay in 64 bits.
const PRICE_MAX_USDT: i64 = 100_000_000;

impl MarketFiles {
    /// Reads them all.
    pub fn load(self, console: &Console) -> Result<LoadedMarket, Failure> {
        let started = Instant::now();
        let (bars, path) = self.bars_and_path()?;
        let instrument = self.instrument.clone().with_price_decimals(bars.tick_decimals);
        let funding = self.funding.as_deref().map(|place| self.funding_at(place)).transpose()?;
        let mark = self.mark.as_deref().map(|place| self.mark_at(place)).transpose()?;
        for loaded in path.iter().chain([&bars]) {
            within_prices(&instrument, loaded)?;
        }
        if let (Some(file), Some(mark)) = (&self.mark, &mark) {
            within_marks(file, mark)?;
        }
        if self.bars.is_dir() {
            self.warn_of_ends(console, &bars.report);
        }
        let LoadedBars { bars, source, report, .. } = bars;
        let rates = funding.as_deref().unwrap_or_default();
        let mut history = History::new(instrument, bars, rates, mark.as_ref());
        if let Some(path) = path {
            history = history.with_path(path.bars);
        }
        let loaded = LoadedMarket {
            funding: funding.map(|_| history.funding().len()),
            history,
            source,
            report,
            mark: self.mark,
            path: self.path,
            load_s: started.elapsed().as_secs_f64(),
        };
        loaded.warn(console, mark.as_ref());
        Ok(loaded)
    }

    fn funding_at(&self, place: &Path) -> Result<Vec<FundingRate>, DataError> {
        if place.is_dir() { funding_of_folder(place, self.from, self.to) } else { load_funding(place) }
    }

    fn mark_at(&self, place: &Path) -> Result<MarkColumns, DataError> {
        if place.is_dir() { mark_of_folder(place, self.from, self.to) } else { load_mark(place) }
    }

    /// A catalogue may begin later and end sooner than what was asked for; between, gaps are told of anyway.
    fn warn_of_ends(&self, console: &Console, report: &Validation) {
        let end = report.last + report.interval;
        let is_short =
            self.from.is_some_and(|from| report.first > from) || self.to.is_some_and(|to| end < to);
        if is_short {
            console.warn(&format!(
                "{} covers only {} to {end} of what was asked for; `omega data list` says what is there",
                self.bars.display(),
                report.first,
            ));
        }
    }

    fn bars_and_path(&self) -> Result<(LoadedBars, Option<LoadedBars>), Failure> {
        assert_eq!(self.instrument.tick.mantissa, 1, "the tick of a listed instrument is a power of ten");
        let min_decimals = self.instrument.tick.decimals;
        let options = BarOptions { min_decimals, from: self.from, to: self.to, repair: Repair::Strict };
        let mut bars = match self.bars.is_dir() {
            true => load_bars_of_folder(&self.bars, &options)?,
            false => load_bars(&self.bars, &options)?,
        };
        let Some(file) = &self.path else { return Ok((bars, None)) };
        let path = load_bars(file, &BarOptions { min_decimals: bars.tick_decimals, ..options })?;
        let (coarse, fine) = (bars.bars.interval, path.bars.interval);
        if fine >= coarse || coarse.0 % fine.0 != 0 {
            let problem = format!("{} holds {fine} bars, which do not divide {coarse}", file.display());
            return Err(Failure::usage(problem, "give --path a file with shorter bars than --bars"));
        }
        refine(&mut bars, path.tick_decimals)?;
        Ok((bars, Some(path)))
    }
}

/// Makes the ticks as fine as another file's.
pub fn refine(loaded: &mut LoadedBars, decimals: u8) -> Result<(), Failure> {
    assert!(decimals >= loaded.tick_decimals, "refining makes ticks finer");
    let factor = 10_i64.pow(u32::from(decimals - loaded.tick_decimals));
    let BarColumns { open, high, low, close, .. } = &mut loaded.bars;
    for price in open.iter_mut().chain(high).chain(low).chain(close) {
        let ticks = price.0.checked_mul(factor).ok_or_else(|| {
            let problem =
                format!("{} has prices too high for {decimals} decimals", loaded.source.path.display());
            Failure::input(problem, "use files whose prices have the same number of decimals")
        })?;
        *price = Price(ticks);
    }
    loaded.tick_decimals = decimals;
    Ok(())
}

fn within_prices(instrument: &Instrument, loaded: &LoadedBars) -> Result<(), Failure> {
    let highest = *loaded.bars.high.iter().max().expect("a file without bars is an error before this");
    if instrument.price_f64(highest) <= PRICE_MAX_USDT as f64 {
        return Ok(());
    }
    Err(too_high(&loaded.source.path, &instrument.format_price(highest).to_string()))
}

fn within_marks(file: &Path, mark: &MarkColumns) -> Result<(), Failure> {
    let highest = mark.high.iter().max().copied().unwrap_or(Mark::ZERO);
    if highest.0 <= PRICE_MAX_USDT * 10_i64.pow(u32::from(Mark::DECIMALS)) {
        return Ok(());
    }
    Err(too_high(file, &figures::decimal(highest.0, Mark::DECIMALS)))
}

fn too_high(file: &Path, price: &str) -> Failure {
    Failure::input(
        format!("{} has a price of {price}, above {PRICE_MAX_USDT} USDT", file.display()),
        "check the unit of its price columns: prices are in USDT per coin",
    )
}

impl LoadedMarket {
    fn warn(&self, console: &Console, mark: Option<&MarkColumns>) {
        warn_of_gaps(console, &self.source.path, &self.report);
        if self.funding == Some(0) {
            console.warn("no funding instant of the file lies in the range of the bars: funding is zero");
        }
        let bars = self.history.bars();
        let known =
            |mark: &MarkColumns| mark.open_time.iter().any(|at| bars.open_time.binary_search(at).is_ok());
        if mark.is_some_and(|mark| !known(mark)) {
            console.warn("no mark price of the file lies in the range of the bars: marks are traded prices");
        }
        if let Some(path) = &self.path {
            let (walked, all) = (self.history.paths(), bars.len());
            if walked < all {
                let (walked, left) = (figures::count(walked as i128), figures::count((all - walked) as i128));
                console.warn(&format!(
                    "{}: {walked} bars are walked by it; in {left} it has holes or does not add up to the bar, which is walked itself",
                    path.display()
                ));
            }
        }
    }

    /// How much of history this is.
    pub fn days(&self) -> f64 {
        let bars = self.history.bars();
        let span = bars.close_time(bars.len() - 1) - bars.open_time[0];
        span.0 as f64 / model::Interval::DAY.0 as f64
    }
}

/// Says on stderr what is unusual about bars.
pub fn warn_of_gaps(console: &Console, file: &Path, report: &Validation) {
    let file = file.display();
    if let Some(first) = report.gaps.first() {
        console.warn(&format!(
            "{file}: {} gaps, {} bars missing, the first after {} ({}); `omega data info` lists them",
            figures::count(report.gaps.len() as i128),
            figures::count(report.missing_total as i128),
            first.after,
            first.missing_bars,
        ));
    }
    if report.opens_carried > 0 {
        let count = figures::count(report.opens_carried as i128);
        console.warn(&format!(
            "{file}: {count} bars open at the previous close outside their own range, which was widened to it"
        ));
    }
}
