//! The table of crates: what each is, and whom it may depend on. The rules about crates read it from here.
//!
//! Refuses to guess: a crate that is not in the table is an error, so a new crate states its place first.

/// Whether a crate may touch the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effects {
    /// No clock, IO, thread, environment or random device.
    Pure,
    /// Touches the world, and carries its own `clippy.toml` to say so.
    World,
}

/// One crate of the workspace.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Package name, and the name of its directory under `crates/`.
    pub name: &'static str,
    /// Whether it may touch the world.
    pub effects: Effects,
    /// The members it may depend on: inward only.
    pub may_use: &'static [&'static str],
}

const fn pure(name: &'static str, may_use: &'static [&'static str]) -> Member {
    Member { name, effects: Effects::Pure, may_use }
}

const fn world(name: &'static str, may_use: &'static [&'static str]) -> Member {
    Member { name, effects: Effects::World, may_use }
}

/// Every crate, inner ones first: a crate may only use crates above it.
pub const MEMBERS: &[Member] = &[
    pure("model", &[]),
    pure("cosmos", &["model"]),
    pure("market", &["model"]),
    pure("analytics", &["model"]),
    pure("execution", &["model"]),
    pure("access", &["model"]),
    pure("venue", &["model"]),
    pure("synthetic", &["model"]),
    pure("venue-bitget", &["model"]),
    pure("mock-bitget", &["model", "venue", "synthetic"]),
    world("data", &["model", "cosmos"]),
    world("mock-server", &["model", "mock-bitget"]),
    world("rig", &[]),
    pure("persona", &["model", "cosmos", "market"]),
    pure("risk", &["model", "execution", "persona"]),
    pure("farm", &["model", "cosmos", "market", "execution", "persona", "risk"]),
    pure("control", &["model", "cosmos", "market", "execution", "persona", "risk", "farm"]),
    world("bus", &["model", "farm", "control", "rig"]),
    world("history", &["model", "control"]),
    world("gateway", &["model", "farm", "control", "access", "bus"]),
    pure("config", &["model", "persona", "risk", "synthetic"]),
    pure("drift", &["model", "execution", "risk", "farm", "venue", "control", "config"]),
    world("secrets", &["config"]),
    world(
        "edge",
        &["model", "cosmos", "persona", "farm", "risk", "venue", "venue-bitget", "control", "secrets"],
    ),
    world(
        "runtime",
        &[
            "model",
            "cosmos",
            "persona",
            "risk",
            "execution",
            "farm",
            "venue",
            "venue-bitget",
            "mock-bitget",
            "control",
            "history",
            "bus",
            "edge",
            "config",
            "secrets",
            "rig",
        ],
    ),
    pure(
        "backtest",
        &["model", "cosmos", "market", "execution", "persona", "risk", "farm", "venue", "analytics"],
    ),
    pure(
        "sim",
        &[
            "model",
            "cosmos",
            "market",
            "execution",
            "persona",
            "risk",
            "farm",
            "control",
            "venue",
            "synthetic",
            "venue-bitget",
            "mock-bitget",
        ],
    ),
    world(
        BINARY,
        &[
            "model",
            "cosmos",
            "market",
            "analytics",
            "execution",
            "venue",
            "synthetic",
            "mock-bitget",
            "mock-server",
            "venue-bitget",
            "data",
            "persona",
            "risk",
            "farm",
            "config",
            "drift",
            "secrets",
            "edge",
            "backtest",
            "sim",
            "access",
            "bus",
            "runtime",
            "control",
            "gateway",
            "history",
            "rig",
        ],
    ),
];

/// The binary: nothing may depend on it, not even in tests.
pub const BINARY: &str = "omega";

/// What a pure crate may use from outside. A new name here is a decision: it must itself be pure.
/// The hashes, encodings and JSON are for `venue-bitget` and `mock-bitget`, which sign and check requests and write and
/// read payloads without a socket, and for `access`, which hashes tokens and compares them in constant time.
pub const PURE_DEPENDENCIES: &[&str] = &[
    "base64",
    "crc32fast",
    "hmac",
    "libm",
    "rsa",
    "serde",
    "serde_json",
    "sha1",
    "sha2",
    "subtle",
    "thiserror",
    "toml",
    "zeroize",
];

/// What a pure crate's tests and benches may use besides.
pub const PURE_DEV_DEPENDENCIES: &[&str] = &["proptest", "trybuild", "vsop87"];

/// The member of that name.
pub fn member(name: &str) -> Option<&'static Member> {
    MEMBERS.iter().find(|member| member.name == name)
}

/// The member whose directory holds this path, if any.
pub fn member_of_path(path: &str) -> Option<&'static Member> {
    member(path.strip_prefix("crates/")?.split('/').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_points_inward_only() {
        for (index, outer) in MEMBERS.iter().enumerate() {
            for name in outer.may_use {
                let inner = MEMBERS.iter().position(|m| m.name == *name);
                assert!(inner.is_some_and(|inner| inner < index), "{} may not use {name}", outer.name);
            }
        }
    }

    #[test]
    fn a_pure_crate_uses_pure_crates_only() {
        for outer in MEMBERS.iter().filter(|m| m.effects == Effects::Pure) {
            for name in outer.may_use {
                let inner = member(name).expect("the table names its own members");
                assert_eq!(inner.effects, Effects::Pure, "{} is pure, {name} is not", outer.name);
            }
        }
    }
}
