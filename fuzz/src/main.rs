//! The stable fuzzer: `fuzz [--seconds N] [--seed N] [--target NAME]`, `fuzz --write-corpus DIR`, `fuzz --again FILE --target NAME`.
//!
//! Gives every target its share of the time, writes down the input that broke one, and says how to make it again. It
//! also refuses an input that takes too long or a process that grows too large: both are how a hostile file wins.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use fuzz::mutate::damaged;
use fuzz::targets::{TARGETS, Target};

/// A debug build on a loaded machine; a sound importer needs milliseconds for these few bytes.
const INPUT_TIME_MAX: Duration = Duration::from_secs(5);
/// An input that is still running then will not come back.
const HANG_TIME_MIN: Duration = Duration::from_secs(30);
/// An input this slow may have asked for much memory: worth a look.
const SLOW_TIME_MIN: Duration = Duration::from_millis(20);
const MEMORY_MB_MAX: u64 = 2_048;
const ARTIFACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/artifacts");

const USAGE: &str = "\
usage: fuzz [--seconds N] [--seed N] [--target NAME]   damage seed files and import them
       fuzz --again FILE --target NAME                 import one file again
       fuzz --write-corpus DIR                         write the seed files, a directory a target";

/// What the command line asks for.
struct Request {
    seconds: u64,
    seed: u64,
    targets: Vec<&'static Target>,
    again: Option<PathBuf>,
    corpus: Option<PathBuf>,
}

/// What runs now, for the watchdog: since when, and on which bytes.
type Running = Arc<Mutex<Option<(Instant, &'static str, Vec<u8>)>>>;

fn main() -> ExitCode {
    let request = match parse(std::env::args().skip(1)) {
        Ok(request) => request,
        Err(complaint) => {
            eprintln!("error: {complaint}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    fuzz::targets::quiet_expected_panics();
    if let Some(directory) = &request.corpus {
        write_corpus(directory);
        return ExitCode::SUCCESS;
    }
    if let Some(file) = &request.again {
        let bytes = fs::read(file).expect("the file named by --again can be read");
        (request.targets[0].run)(&bytes);
        println!("{}: survived {}", request.targets[0].name, file.display());
        return ExitCode::SUCCESS;
    }
    let running = watchdog();
    let share = Duration::from_secs(request.seconds) / request.targets.len() as u32;
    for target in &request.targets {
        if let Err(broken) = fuzz_target(target, request.seed, share, &running) {
            eprintln!("{broken}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Request, String> {
    let all = TARGETS.iter().collect();
    let mut request = Request { seconds: 60, seed: 1, targets: all, again: None, corpus: None };
    while let Some(switch) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{switch} needs a value"))?;
        let number =
            || value.parse::<u64>().map_err(|_| format!("{switch} needs a whole number, not {value}"));
        match switch.as_str() {
            "--seconds" => request.seconds = number()?,
            "--seed" => request.seed = number()?,
            "--again" => request.again = Some(value.into()),
            "--write-corpus" => request.corpus = Some(value.into()),
            "--target" => request.targets.retain(|target| target.name == value),
            _ => return Err(format!("unknown switch {switch}")),
        }
        if request.targets.is_empty() {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            return Err(format!("unknown target; there are {}", names.join(", ")));
        }
    }
    if request.again.is_some() && request.targets.len() != 1 {
        return Err("--again needs --target NAME".to_owned());
    }
    Ok(request)
}

fn write_corpus(directory: &Path) {
    for target in TARGETS {
        let corpus = directory.join(target.name);
        fs::create_dir_all(&corpus).expect("the corpus directory can be made");
        for (index, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(corpus.join(format!("seed-{index}")), seed).expect("the corpus can be written");
        }
    }
}

/// Damages and imports until the time is over: first every seed whole, then iteration after iteration.
fn fuzz_target(target: &'static Target, seed: u64, share: Duration, running: &Running) -> Result<(), String> {
    let seeds = (target.seeds)();
    let started = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut iteration = 0_u64;
    while iteration < seeds.len() as u64 || started.elapsed() < share {
        let whole = seeds.get(iteration as usize).cloned();
        let input = whole.unwrap_or_else(|| damaged(&seeds, seed, iteration));
        let begun = Instant::now();
        *running.lock().unwrap_or_else(PoisonError::into_inner) = Some((begun, target.name, input.clone()));
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        *running.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let took = begun.elapsed();
        slowest = slowest.max(took);
        if let Some(how) = fault(outcome.is_err(), took) {
            return Err(broken(target.name, &how, &input));
        }
        iteration += 1;
    }
    let slowest_ms = slowest.as_secs_f64() * 1e3;
    println!("fuzz {:<14} {iteration:>8} inputs, slowest {slowest_ms:.1} ms, seed {seed}", target.name);
    Ok(())
}

/// What was wrong with one import, if anything.
fn fault(panicked: bool, took: Duration) -> Option<String> {
    if panicked {
        return Some("panicked".to_owned());
    }
    if took > SLOW_TIME_MIN && memory_mb_peak() > MEMORY_MB_MAX {
        return Some(format!("took more than {MEMORY_MB_MAX} MB"));
    }
    (took > INPUT_TIME_MAX).then(|| format!("took {took:.1?}"))
}

/// Writes the input down and says how to run it again.
fn broken(target: &str, how: &str, input: &[u8]) -> String {
    let mut hash = model::StateHash::default();
    input.iter().for_each(|byte| hash.word(u64::from(*byte)));
    let file = Path::new(ARTIFACTS).join(format!("{target}-{:016x}", hash.finish()));
    let written = fs::create_dir_all(ARTIFACTS).and_then(|()| fs::write(&file, input));
    let place = match written {
        Ok(()) => file.display().to_string(),
        Err(error) => format!("(could not be written: {error})"),
    };
    format!(
        "error: {target} {how}; the input is {place}\n  hint: cargo run -p fuzz -- --target {target} --again {place}"
    )
}

/// A second thread that ends the process when one input takes too long: a hang cannot report itself.
fn watchdog() -> Running {
    let running = Running::default();
    let watched = Arc::clone(&running);
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(500));
            let now = watched.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((begun, target, input)) = now.as_ref()
                && begun.elapsed() > HANG_TIME_MIN
            {
                eprintln!("{}", broken(target, &format!("still runs after {HANG_TIME_MIN:?}"), input));
                process::exit(1);
            }
        }
    });
    running
}

/// The largest resident size so far; zero where the system does not tell.
fn memory_mb_peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1_024
}
