//! Who may speak for a shard, where several processes ask one Redis: the rule of `farm::lease::Registry` as one script over one
//! hash a shard, by the server's clock.
//!
//! Nothing of it expires, so an epoch only grows. A server that was started again, or has become the master, may have lost
//! what it granted last: it lets who holds a lease keep it, grants nothing new for a time to live, and hears meanwhile from
//! everybody who asks which epoch his journal knows, to begin above it. It refuses to carry a request from one connection to
//! the next: one that is asked late would be granted on what another server once knew.

mod keeper;

pub use keeper::Keeper;

use crate::error::Failed;
use crate::redis::{Line, Settings, is_copied};
use farm::lease::{Clocks, LeaseAnswer, LeaseRequest, NodeId, ShardId, TIME_TO_LIVE};
use model::Time;
use redis::Script;
use std::time::Instant;

/// Whose clock the registry goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The server's own, and its own life.
    Server,
    /// One that is told: where time is played.
    Told {
        /// The hour.
        now: Time,
        /// What tells one life of the server from another.
        server: String,
    },
}

/// The registry, at the end of a connection.
pub struct Registry {
    line: Line,
    script: Script,
    /// Whose clock.
    pub clock: Clock,
}

/// One life of a process, as the registry knows it: beside its number so much chance that no two are ever taken for each
/// other, though their numbers were the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its number.
    pub node: NodeId,
    /// What else it is known by.
    pub nonce: u64,
}

impl Life {
    /// A new one, by chance.
    pub fn begin() -> Life {
        let number = crate::redis::entropy();
        let node = NodeId(u32::try_from(number >> 32).expect("half of it"));
        Life { node, nonce: crate::redis::entropy() }
    }
}

impl Registry {
    /// The registry of this server; nothing is said to it yet.
    pub fn new(settings: Settings) -> Registry {
        let script = Script::new(include_str!("hear.lua"));
        Registry { line: Line::new(settings), script, clock: Clock::Server }
    }

    /// Makes a connection if there is none, until then at the latest.
    pub fn connect(&mut self, until: Instant) -> Result<(), Failed> {
        self.line.connect(until)
    }

    /// Whether there is a connection, as far as is known.
    pub fn is_connected(&self) -> bool {
        self.line.is_up()
    }

    /// Says one request, once, for a life that knows of this epoch; what is answered to it. It is said on the connection there
    /// is, or not at all. Where messages have copies, what is granted has them too before it is believed.
    pub fn hear(
        &mut self,
        life: Life,
        request: &LeaseRequest,
        epoch_known: u16,
    ) -> Result<Option<LeaseAnswer>, Failed> {
        let (said, shard, node, epoch, asked_at) = match *request {
            LeaseRequest::Acquire { shard, node, asked_at } => ("acquire", shard, node, 0, asked_at),
            LeaseRequest::Renew { shard, node, epoch, asked_at } => ("renew", shard, node, epoch, asked_at),
            LeaseRequest::Release { shard, node, epoch } => {
                ("release", shard, node, epoch, Clocks::default())
            }
        };
        let keys = [self.key(shard), self.line.settings().key("lease", "registry")];
        let mut script = self.script.prepare_invoke();
        script.key(&keys[0]).key(&keys[1]).arg(said).arg(node.0).arg(life.nonce);
        script.arg(asked_at.mono.0).arg(asked_at.wall.0).arg(epoch).arg(epoch_known).arg(TIME_TO_LIVE.0);
        if let Clock::Told { now, server } = &self.clock {
            script.arg(now.0).arg(server);
        }
        if !self.line.is_up() {
            let Settings { host, port, .. } = self.line.settings();
            return Err(Failed::NotReached { at: format!("{host}:{port}"), why: "not connected".to_owned() });
        }
        let granted: i64 = self.line.run(Instant::now(), |connection, settings| {
            let granted = script.invoke(connection)?;
            if granted > 0 {
                is_copied(connection, settings)?;
            }
            Ok(granted)
        })?;
        self.line.is_well();
        let answer =
            LeaseAnswer { shard, node, asked_at, granted: u16::try_from(granted).ok().filter(|n| *n > 0) };
        Ok((granted >= 0).then_some(answer))
    }

    fn key(&self, shard: ShardId) -> String {
        self.line.settings().key("lease", &shard.0.to_string())
    }
}
