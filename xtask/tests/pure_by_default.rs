//! A new crate is pure by default: proved by running clippy on one that is not.
//!
//! The probe lies below a copy of the root `clippy.toml`, as a crate of the workspace does; then it gets the file of an
//! effectful crate, and the same lines pass. Needs no network: the probe has no dependency.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One breach of purity a line, each with a name for the report.
const BREACHES: &[(&str, &str)] = &[
    ("clock", "drop(std::time::Instant::now())"),
    ("calendar", "drop(std::time::SystemTime::now().elapsed())"),
    ("file", "drop(std::fs::read(\"a\"))"),
    ("path", "drop(std::path::Path::new(\"a\").exists())"),
    ("standard input", "drop(std::io::stdin().lines())"),
    ("standard output", "drop(std::io::stdout())"),
    ("socket", "drop(std::net::TcpStream::connect(\"127.0.0.1:1\"))"),
    ("process", "drop(std::process::Command::new(\"a\"))"),
    ("exit", "std::process::exit(1)"),
    ("thread", "drop(std::thread::spawn(|| ()).join())"),
    ("scoped thread", "std::thread::scope(|_| ())"),
    ("sleep", "std::thread::sleep(std::time::Duration::ZERO)"),
    ("environment", "drop(std::env::var(\"A\"))"),
    ("arguments", "drop(std::env::args())"),
    ("random map", "drop(std::collections::HashMap::<u8, u8>::new())"),
    ("random set", "drop(std::collections::HashSet::<u8>::new())"),
    ("exp", "let _ = f64::exp(2.0)"),
    ("ln", "let _ = 2.0_f64.ln()"),
    ("powf", "let _ = 2.0_f64.powf(0.5)"),
    ("powi", "let _ = 2.0_f64.powi(3)"),
    ("sin", "let _ = 2.0_f32.sin()"),
    ("tanh", "let _ = f64::tanh(2.0)"),
];

/// What a pure crate may do, and clippy must not refuse.
const HARMLESS: &str = "let _ = 2.0_f64.sqrt().abs().floor().round().max(1.0)";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies one level below the root")
}

/// A crate in `<directory>/probe`, below a copy of the root's clippy.toml.
fn probe(name: &str) -> PathBuf {
    let outer = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let probe = outer.join("probe");
    fs::create_dir_all(probe.join("src")).expect("the target directory can be written");
    fs::copy(root().join("clippy.toml"), outer.join("clippy.toml")).expect("the root has a clippy.toml");
    let manifest = "[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
                    [lints.clippy]\ndisallowed_methods = \"deny\"\ndisallowed_types = \"deny\"\n";
    fs::write(probe.join("Cargo.toml"), manifest).expect("the target directory can be written");
    let mut source = format!("pub fn harmless() {{ {HARMLESS}; }}\n");
    for (index, (_, breach)) in BREACHES.iter().enumerate() {
        source.push_str(&format!("pub fn breach_{index}() {{ {breach}; }}\n"));
    }
    fs::write(probe.join("src/lib.rs"), source).expect("the target directory can be written");
    probe
}

/// The lines of the probe's source that clippy calls disallowed.
fn refused_lines(probe: &Path) -> Vec<usize> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["clippy", "--offline", "--quiet", "--message-format", "short"])
        .current_dir(probe)
        .env("CARGO_TARGET_DIR", probe.join("target"))
        .env_remove("CLIPPY_CONF_DIR")
        .output()
        .expect("cargo can be started");
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!talk.contains("no such command"), "clippy is missing: rustup component add clippy\n{talk}");
    assert!(!talk.contains("clippy.toml:"), "clippy does not like the configuration:\n{talk}");
    let mut lines: Vec<usize> = talk
        .lines()
        .filter(|line| line.contains("use of a disallowed"))
        .filter_map(|line| line.strip_prefix("src/lib.rs:")?.split(':').next()?.parse().ok())
        .collect();
    lines.dedup();
    assert_eq!(output.status.success(), lines.is_empty(), "clippy failed for some other reason:\n{talk}");
    lines
}

#[test]
fn a_crate_without_its_own_file_may_not_touch_the_world() {
    let refused = refused_lines(&probe("pure"));
    for (index, (name, breach)) in BREACHES.iter().enumerate() {
        assert!(refused.contains(&(index + 2)), "clippy lets a pure crate use {name}: {breach}");
    }
    assert!(!refused.contains(&1), "clippy refuses what is harmless: {HARMLESS}");
}

#[test]
fn a_crate_with_its_own_file_may() {
    for owner in ["xtask", "crates/omega"] {
        let probe = probe(&format!("world-{}", owner.replace('/', "-")));
        fs::copy(root().join(owner).join("clippy.toml"), probe.join("clippy.toml")).expect("it is effectful");
        assert_eq!(refused_lines(&probe), Vec::<usize>::new(), "{owner}/clippy.toml still bans something");
    }
}
