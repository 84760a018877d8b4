//! `omega cosmos test`: does a factor matter to a persona? With and without it on identical data, and placebos.
//!
//! It refuses to change a hypothesis that was registered: one flag that says otherwise, and nothing is run.

use crate::console::Console;
use crate::downloaded::{CatalogueFlags, Downloaded, Wanted};
use crate::error::Failure;
use crate::experiments::{found, registration, run_all};
use crate::finished::Finished;
use crate::json::Json;
use crate::market_files::{LoadedMarket, MarketFiles};
use crate::sky_flags::{SkyFlags, factor};
use crate::table::Tone;
use crate::{figures, fingerprint, lineup, parse};
use analytics::significance::{Adjusted, Factor as Statistics, Sidedness, romano_wolf};
use backtest::experiment::STATISTIC;
use backtest::{Design, Experiment, Finding, Question, RunSettings};
use clap::Args;
use cosmos::Factor;
use data::catalogue::Origin;
use farm::Character;
use model::{BotId, Instrument, Interval, Qty, Rate, Rng, Time, Usd};
use persona::{ControlSettings, Gains};
use std::path::PathBuf;
use venue::Models;

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega cosmos test --bars bars.csv --factor moon,mercury --placebos 19")]
pub(super) struct Arguments {
    /// Bars: CSV, Parquet, Feather or a zipped kline archive [default: what `omega data download` fetched]
    #[arg(long, value_name = "FILE")]
    bars: Option<PathBuf>,
    /// Whose downloaded history, where there is more than one and no --bars
    #[arg(long, value_name = "NAME", value_parser = parse::origin)]
    source: Option<Origin>,
    #[command(flatten)]
    catalogue: CatalogueFlags,
    /// Funding rates
    #[arg(long, value_name = "FILE")]
    funding: Option<PathBuf>,
    /// First UTC day, included
    #[arg(long, value_name = "DAY", value_parser = parse::day)]
    from: Option<Time>,
    /// Last UTC day, included
    #[arg(long, value_name = "DAY", value_parser = parse::day)]
    to: Option<Time>,
    /// Factors in question
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required = true)]
    factor: Vec<String>,
    /// Whose results are looked at
    #[arg(long, value_name = "NAME", default_value = "cosmic")]
    persona: String,
    /// USDT it starts with
    #[arg(long, value_name = "USDT", default_value = "10000", value_parser = parse::capital)]
    capital: Usd,
    /// Placebos of each factor
    #[arg(long, value_name = "N", default_value_t = 99, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    placebos: u32,
    /// Level of the test
    #[arg(long, default_value_t = 0.05, value_parser = parse::level)]
    alpha: f64,
    /// The effect that would matter, in per cent of capital
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = parse::effect)]
    effect: f64,
    /// Seed of all randomness
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the hypotheses here and stop: what is asked, before anything is known
    #[arg(long, value_name = "FILE", conflicts_with = "registered")]
    register: Option<PathBuf>,
    /// Test the hypotheses of this file and no others
    #[arg(long, value_name = "FILE")]
    registered: Option<PathBuf>,
    /// Keep finished runs here and go on from them
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    #[command(flatten)]
    readings: SkyFlags,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let factors = factors(arguments)?;
    let character = character(arguments)?;
    let console = if arguments.json { console.quiet() } else { *console };
    let market = market_files(arguments)?.load(&console)?;
    let experiments = experiments(arguments, &factors, character, &market)?;
    let market_hash = fingerprint::of_market(&market.history);
    let hypotheses = hypotheses(arguments, &experiments, &market, &market_hash);
    if let Some(file) = &arguments.register {
        let hash = registration::write(file, &hypotheses)?;
        return console.print(&format!(
            "registered {} hypotheses in {}\nsha256 {hash}\n",
            factors.len(),
            file.display()
        ));
    }
    let registered =
        arguments.registered.as_ref().map(|file| registration::check(file, &hypotheses)).transpose()?;
    let question = Question {
        sidedness: Sidedness::TwoSided,
        alpha: arguments.alpha,
        effect_of_interest: Some(arguments.effect),
    };
    let finished = Finished::open(arguments.resume.as_deref())?;
    let runs = 1 + experiments.iter().map(Experiment::arms).sum::<usize>();
    let progress = console.progress(runs);
    progress.begin(format!("{} runs, {} known", figures::count(runs as i64), finished.len()));
    let findings = run_all(&market.history, &market_hash, &experiments, &question, &finished, &progress)?;
    drop(progress);
    let adjusted = adjust(&findings, arguments.seed);
    let judged: Vec<_> = findings.iter().zip(adjusted).collect();
    let shown = Shown { arguments, market: &market, registered };
    if arguments.json {
        return console.print(&shown.json(found::json(&judged, arguments.alpha)).document());
    }
    console.print(
        &shown.text(&found::table(&judged, arguments.alpha, console.has_colour()), console.has_colour()),
    )
}

fn adjust(findings: &[Finding], seed: u64) -> Vec<Result<Adjusted, analytics::Undefined>> {
    let family: Vec<Statistics<'_>> = findings
        .iter()
        .map(|finding| Statistics { observed: finding.observed, placebos: &finding.placebos })
        .collect();
    romano_wolf(&family, Sidedness::TwoSided, &mut Rng::new(seed))
}

fn factors(arguments: &Arguments) -> Result<Vec<Factor>, Failure> {
    let mut factors = Vec::new();
    for name in arguments.factor.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let factor = factor("--factor", name)?;
        if factor.is_read()
            && !arguments.readings.reading.iter().any(|text| text.starts_with(&format!("{name}=")))
        {
            return Err(Failure::usage(
                format!("--factor {name}: there is no reading of it"),
                format!("name its file with --reading {name}=FILE"),
            ));
        }
        if !factors.contains(&factor) {
            factors.push(factor);
        }
    }
    if factors.is_empty() {
        return Err(Failure::usage("--factor names nothing", "give names such as moon,mercury"));
    }
    Ok(factors)
}

fn character(arguments: &Arguments) -> Result<Character, Failure> {
    let dials = lineup::Dials {
        controls: ControlSettings { fast: 20, slow: 50, quantity: Qty(100) },
        gains: Gains::FULL,
    };
    let mut called = lineup::called(std::slice::from_ref(&arguments.persona), &dials)?;
    match (called.pop(), called.is_empty()) {
        (Some(character @ Character::Persona(..)), true) => Ok(character),
        _ => Err(Failure::usage(
            format!("--persona {}: one persona is tested", arguments.persona),
            "name one that feels a sky, such as cosmic",
        )),
    }
}

fn market_files(arguments: &Arguments) -> Result<MarketFiles, Failure> {
    let instrument = Instrument::btcusdt();
    let (from, to) = (arguments.from, arguments.to.map(|day| day + Interval::DAY));
    let found = match &arguments.bars {
        Some(bars) => Downloaded { bars: bars.clone(), funding: None, mark: None },
        None => Wanted { symbol: &instrument.symbol, source: arguments.source, from, to }
            .find(&arguments.catalogue.open()?)?,
    };
    let (bars, funding) = (found.bars, arguments.funding.clone().or(found.funding));
    Ok(MarketFiles { instrument, bars, path: None, funding, mark: None, from, to })
}

fn experiments(
    arguments: &Arguments,
    factors: &[Factor],
    character: Character,
    market: &LoadedMarket,
) -> Result<Vec<Experiment>, Failure> {
    let bars = market.history.bars();
    let window = (bars.open_time[0], bars.close_time(bars.len() - 1));
    let settings = RunSettings {
        bot: BotId(0),
        character,
        capital: arguments.capital,
        seed: arguments.seed,
        models: Models {
            slippage: Rate::bps(1),
            latency: Interval(250),
            participation: Some(Rate::bps(1_000)),
        },
        stride: farm::STRIDE_MAX,
        sky: arguments.readings.sky(window.0, window.1)?,
    };
    let design = |&factor: &Factor| Design {
        factor,
        window,
        placebos: arguments.placebos as usize,
        seed: arguments.seed,
    };
    let make = |factor| {
        Experiment::new(&settings, design(factor)).map_err(|error| {
            Failure::input(error.to_string(), "give readings that cover the bars, or more bars")
        })
    };
    factors.iter().map(make).collect()
}

fn hypotheses(
    arguments: &Arguments,
    experiments: &[Experiment],
    market: &LoadedMarket,
    market_hash: &str,
) -> Vec<registration::Asked> {
    let bars = market.history.bars();
    let name =
        market.source.path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    experiments
        .iter()
        .map(|experiment| registration::Asked {
            factor: experiment.factor().name().to_owned(),
            persona: arguments.persona.clone(),
            bars_file: name.clone(),
            first: bars.open_time[0],
            last: bars.open_time[bars.len() - 1],
            bars: bars.len() as u64,
            // Market, persona, sky and readings: all that the runs read.
            data_hash: fingerprint::of_run(market_hash, &experiment.arm(0)),
            placebos: experiment.shifts().len() as u64,
            alpha: arguments.alpha,
            seed: arguments.seed,
            effect: arguments.effect,
        })
        .collect()
}

/// The document around the findings.
struct Shown<'a> {
    arguments: &'a Arguments,
    market: &'a LoadedMarket,
    registered: Option<registration::Registered>,
}

impl Shown<'_> {
    fn text(&self, table: &str, colour: bool) -> String {
        let bars = self.market.history.bars();
        let title = format!("Does the sky matter to {}?", self.arguments.persona);
        let mut text = format!("{}\n", Tone::Strong.paint(&title, colour));
        let (first, last) = (bars.open_time[0], bars.open_time[bars.len() - 1]);
        text.push_str(&format!(
            "  {} of {}, {first} to {last}, seed {}\n",
            figures::count(bars.len() as i64),
            bars.interval,
            self.arguments.seed
        ));
        text.push_str(&match &self.registered {
            Some(registered) => {
                format!("  registered {}, sha256 {}\n\n", registered.at, registered.hash)
            }
            None => "  not registered beforehand: read it as a look, not as a test\n\n".to_owned(),
        });
        text.push_str(table);
        text
    }

    fn json(&self, findings: Json) -> Json {
        let bars = self.market.history.bars();
        let registered = self.registered.as_ref();
        Json::object([
            ("persona", Json::text(&self.arguments.persona)),
            ("statistic", Json::text(STATISTIC)),
            ("bars", Json::count(bars.len())),
            ("first", Json::text(bars.open_time[0])),
            ("last", Json::text(bars.open_time[bars.len() - 1])),
            ("seed", Json::Exact(self.arguments.seed.to_string())),
            ("alpha", Json::Number(self.arguments.alpha)),
            ("effect_of_interest_percent", Json::Number(self.arguments.effect)),
            ("registered_at", Json::optional(registered, |registered| Json::text(&registered.at))),
            ("registered_sha256", Json::optional(registered, |registered| Json::text(&registered.hash))),
            ("factors", findings),
        ])
    }
}
