//! Temporary.
use crate::scene::*;
use std::time::{Duration, Instant};
#[test]
fn explore() {
    let seeds: Vec<u64> = std::env::var("SEEDS").unwrap().split(',').map(|t| t.parse().unwrap()).collect();
    std::thread::scope(|scope| {
        for seed in seeds {
            scope.spawn(move || {
                let server = in_real_time_seed(HERE, seed);
                let begun = Instant::now();
                let farm = Farm::busy_alone(&server);
                let process = farm.run("whole", &[]);
                process.until_said("(6 of 6)", 2 * SOON);
                eprintln!("seed {seed} up at {:?}", begun.elapsed());
                let mut last = [(0, 0); 6];
                while begun.elapsed() < Duration::from_secs(200) {
                    for i in 0..6 {
                        let now = (crate::evidence::ordered(&server, PERSONAS[i]), books(&server, 6)[i].1);
                        if now != last[i] {
                            eprintln!("seed {seed} +{:?} {} {now:?}", begun.elapsed(), PERSONAS[i]);
                            last[i] = now;
                        }
                    }
                    std::thread::sleep(Duration::from_millis(500));
                }
                if std::env::var("WHY").is_ok() {
                    for p in ["scalper", "fibonacci"] {
                        let out = farm.command("whole").args(["ctl", "why", p]).output().unwrap();
                        eprintln!("{}", String::from_utf8_lossy(&out.stdout));
                    }
                    eprintln!("{}", process.said());
                }
            });
        }
    });
}
