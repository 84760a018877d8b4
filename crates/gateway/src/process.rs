//! What the operating system says of this process: processor time, memory, open files.
//!
//! It refuses to guess where the system does not say: other than on Linux nothing is told.

use std::fs;

/// What one clock tick is in `/proc`: a hundredth of a second on every Linux that we run on.
const TICKS_PER_S: f64 = 100.0;
/// A page of memory in `/proc/self/statm` where the kernel says nothing else.
const KIB: u64 = 1_024;

/// What is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Process {
    pub(crate) cpu_s: Option<f64>,
    pub(crate) resident_bytes: Option<u64>,
    pub(crate) open_files: Option<u64>,
    pub(crate) threads: Option<u64>,
}

impl Process {
    pub(crate) fn look() -> Process {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = |name: &str| {
            let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
            rest.split_whitespace().next()?.parse::<u64>().ok()
        };
        Process {
            cpu_s: fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu_s),
            resident_bytes: line("VmRSS:").map(|kib| kib * KIB),
            open_files: fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as u64),
            threads: line("Threads:"),
        }
    }
}

/// User and system time out of `/proc/self/stat`. The name stands in brackets and may have spaces.
fn cpu_s(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let (user, system) = (ticks()?, ticks()?);
    Some((user + system) as f64 / TICKS_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_a_name_with_spaces() {
        let stat = "1 (a) b) S 0 1 1 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 5 1 1";
        assert_eq!(cpu_s(stat), Some(3.0));
        assert_eq!(cpu_s("nonsense"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_and_files() {
        let process = Process::look();
        assert!(process.resident_bytes > Some(1 << 20) && process.open_files > Some(2), "{process:?}");
    }
}
