//! `omega data import`: files of bars in any format to one clean file, read back and compared before it is reported.
//!
//! It refuses files that overlap (unless told to repair), and to drop a row that is not an exact repeat of another.

use super::{lines_text, report_json, report_lines};
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::market_files::{refine, warn_of_gaps};
use crate::parse;
use clap::Args;
use data::{BarOptions, LoadedBars, Repair, load_bars, resample, write_bars};
use model::{Bar, BarColumns, Interval, Step};
use std::path::{Path, PathBuf};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega data import bars.csv --interval 1h --out hours.csv")]
pub(super) struct Arguments {
    /// The files; several are joined in the order of time
    #[arg(required = true, value_name = "IN")]
    files: Vec<PathBuf>,
    /// The file to write: .csv or .parquet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Make longer bars, such as 5m, 1h or 1d
    #[arg(long, value_name = "LENGTH", value_parser = parse::interval)]
    interval: Option<Interval>,
    /// Sort rows and drop exact repeats instead of refusing them
    #[arg(long, visible_alias = "sort")]
    repair: bool,
    /// Print one JSON document instead of lines
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let console = if arguments.json { console.quiet() } else { *console };
    let progress = console.progress(arguments.files.len() + 1);
    let mut parts = Vec::with_capacity(arguments.files.len());
    for file in &arguments.files {
        progress.begin(format!("reading {}", file.display()));
        let repair = if arguments.repair { Repair::Sort } else { Repair::Strict };
        parts.push(load_bars(file, &BarOptions { repair, ..BarOptions::default() })?);
        progress.done();
    }
    progress.begin(format!("writing {}", arguments.out.display()));
    let joined = join(parts, arguments.repair)?;
    let mut bars = joined.bars;
    if let Some(to) = arguments.interval {
        bars = resample(bars.as_bars(), to)?;
    }
    if bars.len() < 2 {
        let problem = format!("{}: fewer than two bars would be left", arguments.out.display());
        return Err(Failure::input(problem, "give more files, or a shorter --interval"));
    }
    write_bars(&arguments.out, bars.as_bars(), Step::decimal(joined.decimals))?;
    let written = read_back(&arguments.out, &bars, joined.decimals)?;
    drop(progress);
    warn_of_gaps(&console, &arguments.out, &written.report);
    let mut report = written.report.clone();
    (report.rows_moved, report.duplicates_dropped) = (joined.rows_moved, joined.duplicates_dropped);
    report.opens_carried = joined.opens_carried;
    if arguments.json {
        let mut pairs = vec![("file".to_owned(), Json::text(arguments.out.display()))];
        pairs.extend(report_json(&report));
        pairs.push(("data_hash".to_owned(), Json::Text(format!("{:016x}", written.source.data_hash))));
        return console.print(&Json::Object(pairs).document());
    }
    let mut lines = vec![("wrote", arguments.out.display().to_string())];
    lines.extend(report_lines(&report));
    lines.push(("hash", format!("{:016x}", written.source.data_hash)));
    console.print(&lines_text(&lines))
}

/// What is written is what was meant, or it is said so.
fn read_back(file: &Path, bars: &BarColumns, min_decimals: u8) -> Result<LoadedBars, Failure> {
    let loaded = load_bars(file, &BarOptions { min_decimals, ..BarOptions::default() })?;
    if loaded.bars == *bars {
        return Ok(loaded);
    }
    // Sparse bars show it: an interval that no two neighbours have cannot be read off the file.
    let (meant, read) = (bars.interval, loaded.bars.interval);
    let problem = format!("{} does not read back as written ({meant} bars, read as {read})", file.display());
    Err(Failure::input(problem, "the bars are too sparse for this --interval; choose a longer one"))
}

/// Bars of several files as one.
struct Joined {
    bars: BarColumns,
    decimals: u8,
    rows_moved: usize,
    duplicates_dropped: usize,
    opens_carried: usize,
}

fn join(mut parts: Vec<LoadedBars>, repair: bool) -> Result<Joined, Failure> {
    parts.sort_by_key(|part| part.report.first);
    let decimals = parts.iter().map(|part| part.tick_decimals).max().expect("clap requires a file");
    for part in &mut parts {
        refine(part, decimals)?;
    }
    let interval = parts[0].bars.interval;
    let mut joined = Joined {
        bars: BarColumns::new(interval),
        decimals,
        rows_moved: parts.iter().map(|part| part.report.rows_moved).sum(),
        duplicates_dropped: parts.iter().map(|part| part.report.duplicates_dropped).sum(),
        opens_carried: parts.iter().map(|part| part.report.opens_carried).sum(),
    };
    for (i, part) in parts.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| parts[i].source.path.as_path());
        fits(part, before, &parts[0], interval)?;
        append(&mut joined, part, before, repair)?;
    }
    Ok(joined)
}

/// Same interval, same grid.
fn fits(
    part: &LoadedBars,
    before: Option<&Path>,
    first: &LoadedBars,
    interval: Interval,
) -> Result<(), Failure> {
    let file = part.source.path.display();
    if part.bars.interval != interval {
        let problem =
            format!("{file} holds {} bars, {} {interval}", part.bars.interval, first.source.path.display());
        return Err(Failure::input(
            problem,
            "import each alone with --interval first, then join the results",
        ));
    }
    let apart = part.report.first - first.report.first;
    if before.is_some() && apart.0 % interval.0 != 0 {
        let problem = format!("{file}: its bars do not open on the grid of {}", first.source.path.display());
        return Err(Failure::input(problem, "join files whose bars open at the same seconds"));
    }
    Ok(())
}

/// Adds the bars of a file that begins no earlier than what is there.
fn append(
    joined: &mut Joined,
    part: &LoadedBars,
    before: Option<&Path>,
    repair: bool,
) -> Result<(), Failure> {
    let bars = part.bars.as_bars();
    let last = joined.bars.open_time.last().copied();
    let Some(last) = last.filter(|last| bars.open_time[0] <= *last) else {
        (0..bars.len()).for_each(|i| joined.bars.push(bars.get(i)));
        return Ok(());
    };
    let file = part.source.path.display();
    if !repair {
        let before = before.map(|file| file.display().to_string()).unwrap_or_default();
        let problem = format!("{file} begins at {}, before {before} ends at {last}", bars.open_time[0]);
        return Err(Failure::input(problem, "name files that do not overlap, or import with --repair"));
    }
    let mut merged: Vec<Bar> = Vec::with_capacity(joined.bars.len() + bars.len());
    let there = joined.bars.as_bars();
    merged.extend((0..there.len()).map(|i| there.get(i)));
    merged.extend((0..bars.len()).map(|i| bars.get(i)));
    merged.sort_by_key(|bar| bar.open_time);
    let rows = merged.len();
    merged.dedup();
    if let Some(pair) = merged.windows(2).find(|pair| pair[0].open_time == pair[1].open_time) {
        let problem = format!("{file}: {} is in another file with different values", pair[0].open_time);
        return Err(Failure::input(problem, "decide which of the two is right and remove the other"));
    }
    joined.duplicates_dropped += rows - merged.len();
    joined.bars = BarColumns::new(joined.bars.interval);
    merged.into_iter().for_each(|bar| joined.bars.push(bar));
    Ok(())
}
