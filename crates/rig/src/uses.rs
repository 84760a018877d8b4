//! What a program takes of its machine, as Linux counts it.
//!
//! It refuses to guess: a system that does not say ends the test.

use std::process::Command;
use std::time::Duration;

/// Memory, handles, time of a core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// In memory.
    pub memory_kib: u64,
    /// Files and sockets that are open.
    pub handles: u64,
    /// Time on a core, its own and the system's for it.
    pub core: Duration,
}

impl Uses {
    /// Of the program with this number, which is alive.
    ///
    /// # Panics
    /// The system does not say.
    pub fn of(process: u32) -> Uses {
        let read = |what: &str| {
            std::fs::read_to_string(format!("/proc/{process}/{what}"))
                .expect("it is alive, and Linux says it")
        };
        let status = read("status");
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux says it");
        let memory_kib = memory.split_whitespace().next().and_then(|word| word.parse().ok());
        let handles = std::fs::read_dir(format!("/proc/{process}/fd")).expect("it is ours").count() as u64;
        // The name is in brackets, and may hold anything; behind it the eleventh and the twelfth number count ticks.
        let stat = read("stat");
        let (_, numbers) = stat.rsplit_once(')').expect("a name in brackets");
        let ticks = numbers.split_whitespace().skip(11).take(2).map(|word| word.parse::<u32>());
        let ticks: u32 = ticks.map(|ticks| ticks.expect("a count of ticks")).sum();
        Uses {
            memory_kib: memory_kib.expect("a number of KiB"),
            handles,
            core: Duration::from_secs(1) * ticks / ticks_a_second(),
        }
    }
}

fn ticks_a_second() -> u32 {
    let said = Command::new("getconf").arg("CLK_TCK").output().expect("getconf is part of the system");
    String::from_utf8_lossy(&said.stdout).trim().parse().expect("a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_time_and_memory() {
        let before = Uses::of(std::process::id());
        let mut bytes = vec![0_u8; 32 << 20];
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_millis(300) {
            bytes.iter_mut().step_by(4_096).for_each(|byte| *byte = byte.wrapping_add(1));
        }
        let after = Uses::of(std::process::id());
        assert!(after.memory_kib >= before.memory_kib + (30 << 10), "{before:?}, then {after:?}");
        assert!(after.core > before.core && after.handles > 0, "{before:?}, then {after:?}");
    }
}
