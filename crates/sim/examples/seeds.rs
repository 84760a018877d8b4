//! `cargo run -p sim --example seeds -- N`: the first N seeds; what broke first is the exit code. For the mutation table.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool at the edge, not the crate")]

use sim::{Settings, run};

fn main() {
    let seeds = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(200);
    for seed in 0..seeds {
        let outcome = run(&Settings { seed, days: 1, weather: None, alone: None });
        if let Some(broken) = outcome.broken {
            println!("seed {seed}: {broken}");
            std::process::exit(i32::from(broken.exit_code()));
        }
    }
    println!("{seeds} seeds are clean");
}
