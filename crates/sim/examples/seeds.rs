//! `cargo run -p sim --example seeds -- N [FROM]`: N seeds; what broke first is the exit code. For the mutation table.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool at the edge, not the crate")]

use sim::{Settings, run};

fn main() {
    let mut words = std::env::args().skip(1).map_while(|word| word.parse().ok());
    let (seeds, from) = (words.next().unwrap_or(200), words.next().unwrap_or(0));
    for seed in from..from + seeds {
        let outcome = run(&Settings::of(seed));
        if let Some(broken) = outcome.broken {
            println!("seed {seed}: {broken}");
            std::process::exit(i32::from(broken.exit_code()));
        }
    }
    println!("{seeds} seeds are clean");
}
