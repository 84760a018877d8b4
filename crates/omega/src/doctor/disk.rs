//! Where the farm's files are: room, names, what kind of file system, and how long a write takes until it is safe.
//!
//! It refuses to make the directory: where there is none yet, the one it would be made in is looked at.

use super::{Finding, Ground};
use rustix::fs::{statfs, statvfs};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const WHAT: &str = "disk";
/// Less than a gibibyte lasts days, less than a twentieth of that not.
const BYTES_WARN: u64 = 1 << 30;
const BYTES_BROKEN: u64 = 50 << 20;
const NAMES_WARN: u64 = 10_000;
const NAMES_BROKEN: u64 = 100;
/// Every decision waits for the disk once.
const SAFE_WARN: Duration = Duration::from_millis(100);
const SAFE_BROKEN: Duration = Duration::from_secs(2);
/// Of so many writes the middle one counts.
const WRITES: usize = 5;

/// File systems by their magic number: what they are called, and what is wrong with them.
const KINDS: &[(u64, &str, Option<&str>)] = &[
    (0xef53, "ext4", None),
    (0x5846_5342, "xfs", None),
    (0x9123_683e, "btrfs", None),
    (0x2fc1_2fc1, "zfs", None),
    (0xf2f5_2010, "f2fs", None),
    (0x794c_7630, "overlay", Some("a container's own layer goes with the container: mount a volume there")),
    (
        0x0102_1994,
        "tmpfs",
        Some("it is memory, and gone after a restart: name a directory on a disk in farm.data_dir"),
    ),
    (
        0x8584_58f6,
        "ramfs",
        Some("it is memory, and gone after a restart: name a directory on a disk in farm.data_dir"),
    ),
    (
        0x6969,
        "NFS",
        Some(
            "a network may hang or forget what it called safe: name a disk of this machine in farm.data_dir",
        ),
    ),
    (
        0xff53_4d42,
        "CIFS",
        Some(
            "a network may hang or forget what it called safe: name a disk of this machine in farm.data_dir",
        ),
    ),
    (
        0xfe53_4d42,
        "SMB",
        Some(
            "a network may hang or forget what it called safe: name a disk of this machine in farm.data_dir",
        ),
    ),
    (
        0x00c3_6400,
        "Ceph",
        Some(
            "a network may hang or forget what it called safe: name a disk of this machine in farm.data_dir",
        ),
    ),
    (
        0x0102_1997,
        "9p",
        Some("it is a share of another system: name a disk of this machine in farm.data_dir"),
    ),
    (
        0x6573_5546,
        "FUSE",
        Some("nobody knows what it calls safe: name a disk of this machine in farm.data_dir"),
    ),
];

/// The farm's directory, or the nearest one above it that is there.
pub(super) fn nearest(data_dir: &str) -> PathBuf {
    let wanted = std::path::absolute(data_dir).unwrap_or_else(|_| PathBuf::from(data_dir));
    wanted.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

pub(super) fn look(ground: &Ground) -> Vec<Finding> {
    let directory = nearest(&ground.config.farm.data_dir);
    vec![room(&directory), kind(&directory), speed(&directory)]
}

fn room(directory: &Path) -> Finding {
    let about = match statvfs(directory) {
        Ok(about) => about,
        Err(error) => {
            let mend = "name another directory in farm.data_dir";
            return Finding::broken(WHAT, format!("{}: {error}", directory.display()), mend);
        }
    };
    let (bytes, names) = (about.f_bavail.saturating_mul(about.f_frsize), about.f_favail);
    // Some file systems do not count names.
    let counts_names = about.f_files > 0;
    let told_names = if counts_names { format!(", {names} more files") } else { String::new() };
    let found = format!("{} free{told_names} in {}", told(bytes), directory.display());
    let few = |most: u64| counts_names && names < most;
    let mend = "make room: old segments of journals can go to another disk (docs/journal.md), or name another farm.data_dir";
    match () {
        () if bytes < BYTES_BROKEN || few(NAMES_BROKEN) => Finding::broken(WHAT, found, mend),
        () if bytes < BYTES_WARN || few(NAMES_WARN) => Finding::warning(WHAT, found, mend),
        () => Finding::ok(WHAT, found),
    }
}

fn told(bytes: u64) -> String {
    if bytes >= 1 << 30 {
        format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
    } else {
        format!("{} MiB", bytes >> 20)
    }
}

fn kind(directory: &Path) -> Finding {
    const WHAT: &str = "file system";
    let magic = match statfs(directory) {
        Ok(about) => about.f_type as u64 & 0xffff_ffff,
        Err(error) => {
            return Finding::warning(WHAT, error.to_string(), "look at the directory in farm.data_dir");
        }
    };
    match KINDS.iter().find(|(known, ..)| *known == magic) {
        Some((_, name, None)) => Finding::ok(WHAT, *name),
        Some((_, name, Some(mend))) => Finding::warning(WHAT, *name, *mend),
        None => Finding::ok(WHAT, format!("number {magic:#x}")),
    }
}

/// How long until what was written is safe; the file is gone afterwards.
fn speed(directory: &Path) -> Finding {
    const WHAT: &str = "safe writes";
    match time_to_safety(directory) {
        Ok(took) => {
            let found = format!("4 KiB are safe after {:.1} ms", took.as_secs_f64() * 1_000.0);
            let mend = "put farm.data_dir on a faster disk: every decision waits for it once";
            match took {
                took if took > SAFE_BROKEN => Finding::broken(WHAT, found, mend),
                took if took > SAFE_WARN => Finding::warning(WHAT, found, mend),
                _ => Finding::ok(WHAT, found),
            }
        }
        Err(error) => Finding::broken(
            WHAT,
            format!("{} takes no file: {error}", directory.display()),
            "let this user write there, or name another directory in farm.data_dir",
        ),
    }
}

fn time_to_safety(directory: &Path) -> io::Result<Duration> {
    let probe = directory.join(format!(".omega-doctor-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&probe)?;
    let mut write = || {
        let begun = Instant::now();
        file.write_all(&[0; 4_096])?;
        file.sync_data()?;
        Ok(begun.elapsed())
    };
    let took: io::Result<Vec<Duration>> = (0..WRITES).map(|_| write()).collect();
    std::fs::remove_file(&probe)?;
    let mut took = took?;
    took.sort_unstable();
    Ok(took[WRITES / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn where_there_is_no_directory_yet_the_one_above_is_looked_at() {
        let here = std::env::temp_dir();
        assert_eq!(nearest(&here.join("no/such/directory").display().to_string()), here);
        assert!(time_to_safety(&here).expect("it takes a file") < Duration::from_secs(60));
        assert!(!here.join(format!(".omega-doctor-{}", std::process::id())).exists());
        assert_eq!(speed(Path::new("/proc/self")).verdict, Verdict::Broken);
    }

    #[test]
    fn what_is_memory_is_warned_of() {
        assert_eq!(kind(Path::new("/proc")).verdict, Verdict::Ok, "nobody keeps files there");
        if let Ok(about) = statfs("/dev/shm")
            && about.f_type as u64 == 0x0102_1994
        {
            assert_eq!(kind(Path::new("/dev/shm")).verdict, Verdict::Warning);
        }
    }
}
