//! A farm that runs: shards in threads, each with its market, its venue, its journal and its ends of the bus.
//!
//! It refuses to decide anything: what is done about a bar or a command is the farm's, who may speak is the lease's, and
//! what was decided is in the journal before anybody hears of it.

mod disk;
pub mod engine;
pub mod feed;
mod heir;
pub mod historian;
pub mod host;
mod measures;
pub mod outbox;
mod retell;
pub mod shard;
pub mod wiring;

pub use engine::{BadEngine, Engine, Trading};
pub use historian::Historian;
pub use host::{BadHost, Host, NoWitness, Wiring, Witness};
pub use outbox::Outbox;
pub use shard::{Ended, Incoming, Leaving, Mailbox, ShardPlan};
pub use wiring::{BadWiring, Wirer};
