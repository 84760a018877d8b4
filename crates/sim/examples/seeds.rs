//! `cargo run -p sim --example seeds -- N [FROM] [all|trace]`: N seeds; what broke first is the exit code. `all` goes on behind it
//! and says how often each fault struck, `trace` tells every step.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool at the edge, not the crate")]

use sim::{Fault, Settings, Tally, run, run_traced};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, usual| words.get(at).and_then(|word| word.parse::<u64>().ok()).unwrap_or(usual);
    let (seeds, from, says) = (number(0, 200), number(1, 0), |word: &str| words.iter().any(|said| said == word));
    let (mut code, mut faults) = (0, Tally::default());
    for seed in from..from + seeds {
        let settings = Settings::of(seed);
        let outcome = if says("trace") {
            run_traced(&settings, &mut |line| println!("{line}"))
        } else {
            run(&settings)
        };
        faults = faults.plus(&outcome.faults);
        if let Some(broken) = outcome.broken {
            println!("seed {seed}: {broken}");
            code = if code == 0 { i32::from(broken.exit_code()) } else { code };
            if !says("all") {
                break;
            }
        }
    }
    if says("all") {
        Fault::ALL.iter().for_each(|fault| println!("{:<20}{:>10}", fault.name(), faults.of(*fault)));
    }
    if code == 0 {
        println!("{seeds} seeds are clean");
    }
    std::process::exit(code);
}
