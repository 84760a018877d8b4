//! What `omega drift` does: finds journals, what the configuration says of them, and the market they were lived in.
//!
//! It only reads, so it may be asked while the farm runs. It refuses to tell a market again that is not the journal's.

mod shown;
pub mod told;
mod written;

use crate::commands::drift::Arguments;
use crate::configured;
use crate::console::Console;
use crate::error::Failure;
use crate::journal_files;
use config::{Config, Reference, Shard};
use drift::{BadDrift, Budget, Market, Report, Terms, Verdict, Wanted};
use farm::journal::{self, Origin};
use model::{BotId, Time};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Something is over its budget; nothing is, and something is not known.
const EXIT_OVER: u8 = 3;
const EXIT_UNKNOWN: u8 = 4;

/// A journal, and what came of comparing its sessions.
struct Compared {
    /// The shard's name.
    shard: String,
    symbol: String,
    /// Of the bots that are shown.
    names: BTreeMap<BotId, String>,
    /// In which market, in words.
    market: &'static str,
    budget: Budget,
    reports: Vec<Report>,
}

impl Compared {
    fn verdict(&self) -> Verdict {
        let each = self.reports.iter().map(|report| report.verdict(&self.budget));
        each.max().unwrap_or(Verdict::Unknown)
    }
}

/// Runs the command.
pub fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let written = configured::written(arguments.config.as_deref())?;
    let config = configured::read(&written, &configured::environment()).map_err(|faults| {
        Failure::input(
            format!("{}: {}", written.file.display(), faults[0]),
            "`omega config check` lists all that is wrong",
        )
    })?;
    let place = arguments.journal.clone().unwrap_or_else(|| PathBuf::from(&config.farm.data_dir));
    let mut all = Vec::new();
    for journal in journal_files::within(&place)? {
        all.push(compare(&journal, &config, arguments)?);
    }
    if let Some(mode) = &arguments.told_in {
        return told::tell(&all, mode, console);
    }
    if all.iter().all(|compared| compared.reports.is_empty()) {
        return Err(Failure::input(
            format!("{}: no session is there to compare", place.display()),
            "let the farm run longer, or leave --from and --to away",
        ));
    }
    console.print(&if arguments.json {
        written::document(&all).document()
    } else {
        all.iter().map(|one| shown::text(one, console.has_colour())).collect::<Vec<_>>().join("\n")
    })?;
    judge(&all)
}

fn judge(all: &[Compared]) -> Result<(), Failure> {
    let verdict = all.iter().map(Compared::verdict).max().unwrap_or(Verdict::Unknown);
    let (problem, hint, code) = match verdict {
        Verdict::Within => return Ok(()),
        Verdict::Over => (
            "the farm did not do what its back-test does",
            "the tables say which line, bot and session; what is allowed is [drift] in omega.toml",
            EXIT_OVER,
        ),
        Verdict::Unknown => (
            "not everything could be compared",
            "the tables say what is unknown; docs/drift.md says what makes it known",
            EXIT_UNKNOWN,
        ),
    };
    Err(Failure::Broken { problem: problem.to_owned(), hint: hint.to_owned(), code })
}

fn compare(path: &Path, config: &Config, arguments: &Arguments) -> Result<Compared, Failure> {
    let key = arguments.key.as_ref().or(of_config(path, config));
    let shelf = journal_files::open(path, key)?;
    let wrong = |error: BadDrift| {
        let hint = match &error {
            BadDrift::OtherMarket(_) => "name the configuration with --config, or add --by-bars",
            BadDrift::Journal(_) => "look at it with `omega replay`",
        };
        Failure::input(format!("{}: {error}", path.display()), hint)
    };
    let origin = journal::origin(&*shelf).map_err(|error| wrong(error.into()))?;
    let shard = shard_of(path, config, &origin);
    let terms = shard.as_ref().and_then(|shard| Terms::configured(config, &shard.name));
    let terms = terms.unwrap_or_else(|| Terms::likely(&origin));
    let names = names(&origin, shard.as_ref());
    let chosen = chosen(&names, arguments.bot.as_deref())?;
    let (mut market, words) = market(config, shard.is_some() && !arguments.by_bars, &origin);
    let until = drift::last_bar(&*shelf).map_err(wrong)?;
    let wanted = Wanted { since: arguments.from.unwrap_or(Time(i64::MIN)), until };
    let mut reports = drift::sessions(&*shelf, wanted, &terms, &mut market).map_err(wrong)?;
    reports.retain(|report| arguments.to.is_none_or(|to| report.span.from < to));
    for report in &mut reports {
        report.bots.retain(|bot, _| chosen.contains_key(bot));
    }
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Ok(Compared {
        shard: shard.map_or(name, |shard| shard.name),
        symbol: origin.instrument.symbol,
        names: chosen,
        market: words,
        budget: Budget::from(&config.drift),
        reports,
    })
}

/// The key that the configuration names, where the journal lies where the configuration has it.
fn of_config<'c>(path: &Path, config: &'c Config) -> Option<&'c Reference> {
    let is_its_own = path.parent() == Some(Path::new(&config.farm.data_dir));
    config.journal.encryption_key.as_ref().filter(|_| is_its_own)
}

/// The shard of the configuration that this is the journal of: it is called so, and has the same bots.
fn shard_of(path: &Path, config: &Config, origin: &Origin) -> Option<Shard> {
    let name = path.file_stem()?.to_string_lossy().into_owned();
    let shard = config.plan().shards.into_iter().find(|shard| shard.name == name)?;
    let planned = shard.bots.iter().map(|bot| bot.number);
    let kept = origin.recruits.iter().map(|recruit| recruit.bot);
    planned.eq(kept).then_some(shard)
}

fn names(origin: &Origin, shard: Option<&Shard>) -> BTreeMap<BotId, String> {
    let planned = |bot: BotId| {
        shard.and_then(|shard| Some(shard.bots.iter().find(|one| one.number == bot)?.name.clone()))
    };
    let name = |recruit: &farm::Recruit| {
        let by_persona = || format!("{} (b{})", recruit.character.name(), recruit.bot.0);
        (recruit.bot, planned(recruit.bot).unwrap_or_else(by_persona))
    };
    origin.recruits.iter().map(name).collect()
}

fn chosen(all: &BTreeMap<BotId, String>, wanted: Option<&str>) -> Result<BTreeMap<BotId, String>, Failure> {
    let Some(wanted) = wanted else { return Ok(all.clone()) };
    let is_it = |bot: &BotId, name: &str| {
        name == wanted || format!("b{}", bot.0) == wanted || name.split(' ').next() == Some(wanted)
    };
    let found: BTreeMap<_, _> =
        all.iter().filter(|(bot, name)| is_it(bot, name)).map(|(bot, name)| (*bot, name.clone())).collect();
    if found.is_empty() {
        let known = all.values().cloned().collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(
            format!("--bot {wanted}: no bot is called so"),
            format!("there are {known}"),
        ));
    }
    Ok(found)
}

/// The market itself, where it can be told again: the made one of a farm on paper. Else the journal's own bars.
#[cfg(feature = "run")]
fn market(config: &Config, is_configured: bool, origin: &Origin) -> (Market<'static>, &'static str) {
    let is_made = config.farm.mode == config::Mode::Paper && config.market.feed == config::Feed::Generator;
    let Some(made) = mock_bitget::instrument(&origin.instrument.symbol).filter(|_| is_configured && is_made)
    else {
        return by_bars();
    };
    let mut market =
        mock_bitget::MadeMarket::begin(&made, config.market.generator.seed, runtime::wiring::MADE_FROM);
    let ticks = std::iter::from_fn(move || {
        let mock_bitget::Stretch { bar, interval, mark, funding } = market.tick();
        Some(drift::Stretch { bar, interval, mark, funding })
    });
    (Market::told(ticks), "in the made market, tick by tick")
}

/// A build that runs no farm has no farm's market.
#[cfg(not(feature = "run"))]
fn market(_: &Config, _: bool, _: &Origin) -> (Market<'static>, &'static str) {
    by_bars()
}

fn by_bars() -> (Market<'static>, &'static str) {
    (Market::Bars, "by the journal's own bars")
}
